-- Before the start: the mobilisation meeting (全局动员会) with its attendance,
-- and the stock of printed material and goods. Afterwards: the mail route
-- (邮路段道) of a village group, by which what is still missing is collected.

ALTER TABLE village_group ADD COLUMN mail_route {text};

-- A record is corrected by the next one; the former stays.
CREATE TABLE meeting_record (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  step {text} NOT NULL,
  seq {int} NOT NULL,
  held_day {day} NOT NULL,
  place {text} NOT NULL,
  topics {text} NOT NULL,
  reason {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, step, seq)
) {opts};

-- The attendance of one unit; corrected like the record.
CREATE TABLE meeting_sheet (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  step {text} NOT NULL,
  seq {int} NOT NULL,
  reason {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, step, seq)
) {opts};

CREATE TABLE meeting_presence (
  unit_id {uuid} NOT NULL,
  program_id {uuid} NOT NULL,
  step {text} NOT NULL,
  seq {int} NOT NULL,
  staff_id {uuid} NOT NULL,
  state {text} NOT NULL,
  trained {bool} NOT NULL,
  PRIMARY KEY (unit_id, program_id, step, seq, staff_id),
  FOREIGN KEY (unit_id, program_id, step, seq) REFERENCES meeting_sheet (unit_id, program_id, step, seq)
) {opts};

-- Movements of material, in pieces; a movement is corrected by another, never
-- changed. `of_seq` is the movement that is confirmed (of `peer_unit_id`) or
-- corrected (of the same unit, no peer).
CREATE TABLE stock_entry (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  seq {int} NOT NULL,
  item {text} NOT NULL,
  kind {text} NOT NULL,
  pieces {int} NOT NULL,
  unit_fen {int},
  day {day} NOT NULL,
  memo {text} NOT NULL,
  peer_unit_id {uuid},
  of_seq {int},
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, seq)
) {opts};
-- A movement is confirmed once.
CREATE UNIQUE INDEX stock_entry_confirmed ON stock_entry (unit_id, program_id, peer_unit_id, of_seq);
