-- Before the start: the visit plans that branches hand in (走访计划报送) and the
-- approval of a version of the campaign. During it: households visited per day
-- as branches type them, and what a sweep of a village group brought.

-- A handed-in plan is never changed; a returned one is handed in again.
CREATE TABLE visit_filing (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  seq {int} NOT NULL,
  state {text} NOT NULL,
  program_version {int} NOT NULL,
  plan {text} NOT NULL,
  filed_at {time} NOT NULL,
  filed_by {uuid} NOT NULL,
  filed_by_name {text} NOT NULL,
  decided_at {time},
  decided_by {uuid},
  decided_by_name {text},
  reason {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, seq)
) {opts};

CREATE TABLE program_approval (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  program_version {int} NOT NULL,
  note {text} NOT NULL,
  filed {int} NOT NULL,
  branches {int} NOT NULL,
  approved_day {day} NOT NULL,
  approved_at {time} NOT NULL,
  approved_by {uuid} NOT NULL,
  approved_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, program_version)
) {opts};

-- The newest count of a day holds; the older ones stay.
CREATE TABLE visit_count (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  day {day} NOT NULL,
  seq {int} NOT NULL,
  households {int} NOT NULL,
  source {text} NOT NULL,
  reason {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, day, seq)
) {opts};

-- One village group in one half-day.
CREATE TABLE sweep_result (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  village_group_id {uuid} NOT NULL,
  day {day} NOT NULL,
  window_code {text} NOT NULL,
  households_met {int} NOT NULL,
  traces {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, program_id, village_group_id, day, window_code),
  FOREIGN KEY (unit_id, village_group_id) REFERENCES village_group (unit_id, id)
) {opts};
