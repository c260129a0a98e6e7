-- Moved away, or nobody is known at the address (ERR-007): the visit says so,
-- the target leaves the pool until the address has been looked into. Who put it
-- back, when and why is in the chain; the day is kept so that an old visit that
-- comes late does not take the target out again.
ALTER TABLE visit ADD COLUMN gone {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE target ADD COLUMN gone_on {day};
ALTER TABLE target ADD COLUMN relisted_on {day};
