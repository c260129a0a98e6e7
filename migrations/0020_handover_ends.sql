-- A customer who moves takes nothing along that the bank's own system was given
-- by the branch they leave: the row there ends, with who and when, and the new
-- branch begins its own. An end that is taken back is empty again.

ALTER TABLE core_handover ADD COLUMN ended_at {time};
ALTER TABLE core_handover ADD COLUMN ended_by {uuid};
ALTER TABLE core_handover ADD COLUMN ended_by_name {text};
