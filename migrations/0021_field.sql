-- The visit itself, and how it comes in: what a phone or the desk sends is an
-- operation that is kept once, whatever is sent again; visits are facts that
-- are never refused; every branch has a gap-free feed of its changes.

CREATE TABLE device (
  id {uuid} PRIMARY KEY,
  home_id {uuid} NOT NULL REFERENCES unit (id),
  user_id {uuid} NOT NULL REFERENCES user_account (id),
  kind {text} NOT NULL,
  name {text} NOT NULL,
  state {text} NOT NULL,
  enrolled_at {time} NOT NULL,
  seen_at {time} NOT NULL,
  outbox_count {int} NOT NULL DEFAULT 0,
  outbox_oldest {time},
  revoked_at {time},
  revoked_by_name {text}
) {opts};
CREATE INDEX device_by_home ON device (home_id, id);

CREATE TABLE visit (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  kind {text} NOT NULL,
  -- No references: what was visited may be merged, moved or planned anew later.
  target_id {uuid},
  household_id {uuid},
  village_group_id {uuid},
  stop_id {uuid},
  day {day} NOT NULL,
  outcome {text} NOT NULL,
  counts {bool} NOT NULL,
  state {text} NOT NULL,
  via {text} NOT NULL,
  form_id {text} NOT NULL,
  form_version {int} NOT NULL,
  payload_sealed {blob} NOT NULL,
  members {int} NOT NULL,
  valid_records {int} NOT NULL,
  photos {int} NOT NULL,
  rev {int} NOT NULL,
  device_id {uuid} NOT NULL,
  device_at {time} NOT NULL,
  estimated_at {time} NOT NULL,
  received_at {time} NOT NULL,
  clock_suspect {bool} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX visit_by_day ON visit (unit_id, program_id, day, id);
CREATE INDEX visit_by_household ON visit (unit_id, household_id, day);

-- One visit may give several records (ERR-059): a row for every person met.
CREATE TABLE visit_member (
  unit_id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  customer_id {uuid},
  agreed {bool} NOT NULL,
  has_name {bool} NOT NULL,
  has_phone {bool} NOT NULL,
  has_address {bool} NOT NULL,
  id_number {text} NOT NULL,
  valid {bool} NOT NULL,
  PRIMARY KEY (unit_id, visit_id, seq),
  FOREIGN KEY (unit_id, visit_id) REFERENCES visit (unit_id, id)
) {opts};

CREATE TABLE visit_visitor (
  unit_id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  staff_id {uuid} NOT NULL,
  PRIMARY KEY (unit_id, visit_id, staff_id),
  FOREIGN KEY (unit_id, visit_id) REFERENCES visit (unit_id, id)
) {opts};

-- What a visit said before it was amended.
CREATE TABLE visit_revision (
  unit_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  rev {int} NOT NULL,
  outcome {text} NOT NULL,
  payload_sealed {blob} NOT NULL,
  reason_sealed {blob},
  replaced_at {time} NOT NULL,
  replaced_by {uuid} NOT NULL,
  replaced_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, visit_id) REFERENCES visit (unit_id, id)
) {opts};
CREATE UNIQUE INDEX visit_revision_rev ON visit_revision (unit_id, visit_id, rev);

-- An operation that came in, with the answer it got: the same one sent again
-- gets the same answer, another one under its name is kept apart.
CREATE TABLE sync_op (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  op_id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  client_seq {int} NOT NULL,
  kind {text} NOT NULL,
  entity_id {uuid} NOT NULL,
  payload_mac {blob} NOT NULL,
  answer {text} NOT NULL,
  received_at {time} NOT NULL,
  PRIMARY KEY (unit_id, op_id)
) {opts};

-- The number of the last change of a branch. Its row is held until the commit,
-- so the order of numbers is the order of commits and none is missing.
CREATE TABLE feed_head (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  seq {int} NOT NULL,
  PRIMARY KEY (unit_id)
) {opts};

CREATE TABLE feed (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  seq {int} NOT NULL,
  kind {text} NOT NULL,
  entity_id {uuid} NOT NULL,
  rev {int} NOT NULL,
  made_at {time} NOT NULL,
  PRIMARY KEY (unit_id, seq)
) {opts};

-- 待处理: facts that are stored and that somebody must look at.
CREATE TABLE sync_review (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  op_id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  reasons {text} NOT NULL,
  state {text} NOT NULL,
  made_at {time} NOT NULL,
  decided_at {time},
  decided_by {uuid},
  decided_by_name {text},
  decision_reason {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX sync_review_open ON sync_review (unit_id, state, id);

-- What could not be understood or is not to be trusted, whole and sealed.
CREATE TABLE sync_quarantine (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  op_id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  code {text} NOT NULL,
  op_sealed {blob} NOT NULL,
  payload_mac {blob} NOT NULL,
  state {text} NOT NULL,
  received_at {time} NOT NULL,
  decided_at {time},
  decided_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX sync_quarantine_op ON sync_quarantine (unit_id, op_id, payload_mac);

-- When a target was visited, and how often nobody was met (ERR-007).
ALTER TABLE target ADD COLUMN visited_on {day};
ALTER TABLE target ADD COLUMN tries {int} NOT NULL DEFAULT 0;
ALTER TABLE target ADD COLUMN last_tried {day};

-- Households and valid records that the visits of a day count; the ledger of
-- what a branch owes reads them before any typed count.
CREATE TABLE visit_tally (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  day {day} NOT NULL,
  households {int} NOT NULL,
  visits {int} NOT NULL,
  valid_records {int} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, program_id, day)
) {opts};

-- The number on a printed collection form: within a branch and week, given
-- once and never to another household, so that it finds the household however
-- the plan changes between printing and typing in.
CREATE TABLE form_number (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  week {text} NOT NULL,
  number {int} NOT NULL,
  target_id {uuid} NOT NULL,
  PRIMARY KEY (unit_id, program_id, week, number)
) {opts};
CREATE UNIQUE INDEX form_number_target ON form_number (unit_id, program_id, week, target_id);
