-- Programs (campaigns), their targets, and the weekly visit plans of the
-- branches. A program is county-wide (reference table, versioned definition);
-- targets and plans belong to the branch.

CREATE TABLE program (
  id {uuid} PRIMARY KEY,
  code {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  kind {text} NOT NULL,
  state {text} NOT NULL,
  version {int} NOT NULL,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  first_day {day} NOT NULL,
  last_day {day} NOT NULL,
  started_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {opts};

CREATE TABLE program_version (
  program_id {uuid} NOT NULL REFERENCES program (id),
  version {int} NOT NULL,
  definition {text} NOT NULL,
  note {text} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  made_at {time} NOT NULL,
  PRIMARY KEY (program_id, version)
) {opts};

CREATE TABLE program_unit (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  collection_plan {int},
  quota_per_day {int},
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, program_id)
) {opts};

CREATE TABLE target (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  household_id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  village_group_id {uuid},
  kind {text} NOT NULL,
  priority {int} NOT NULL,
  reasons {text} NOT NULL,
  due_day {day},
  four_fields {bool} NOT NULL,
  members {int} NOT NULL,
  state {text} NOT NULL,
  lat {real},
  lon {real},
  approximate {bool} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id),
  -- No reference to the customer: a merged, moved or erased one leaves, the target stays as history.
  FOREIGN KEY (unit_id, household_id) REFERENCES household (unit_id, id)
) {opts};
CREATE UNIQUE INDEX target_household ON target (unit_id, program_id, household_id);
CREATE INDEX target_priority ON target (unit_id, program_id, priority DESC, id);

CREATE TABLE week_plan (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  week {text} NOT NULL,
  state {text} NOT NULL,
  version {int} NOT NULL,
  planned {int} NOT NULL,
  needed {int} NOT NULL,
  carried {int} NOT NULL,
  shortfall {int} NOT NULL,
  travel_seconds {int} NOT NULL,
  travel_meters {int} NOT NULL,
  teams {int} NOT NULL,
  seed {int} NOT NULL,
  program_version {int} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  confirmed_at {time},
  confirmed_by {uuid},
  confirmed_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX week_plan_week ON week_plan (unit_id, program_id, week);

CREATE TABLE plan_route (
  unit_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  week_plan_id {uuid} NOT NULL,
  day {day} NOT NULL,
  seq {int} NOT NULL,
  team_code {text} NOT NULL,
  team_name {text} NOT NULL,
  kind {text} NOT NULL,
  starts {int} NOT NULL,
  ends {int} NOT NULL,
  members {text} NOT NULL,
  travel_seconds {int} NOT NULL,
  travel_meters {int} NOT NULL,
  back_at {int} NOT NULL,
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, week_plan_id) REFERENCES week_plan (unit_id, id)
) {opts};
CREATE INDEX plan_route_by_plan ON plan_route (unit_id, week_plan_id, day, seq);

CREATE TABLE plan_stop (
  unit_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  week_plan_id {uuid} NOT NULL,
  route_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  target_id {uuid},
  village_group_id {uuid},
  households {int} NOT NULL,
  arrive {int} NOT NULL,
  leave {int} NOT NULL,
  lat {real} NOT NULL,
  lon {real} NOT NULL,
  approximate {bool} NOT NULL,
  struck_at {time},
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, route_id) REFERENCES plan_route (unit_id, id),
  FOREIGN KEY (unit_id, target_id) REFERENCES target (unit_id, id),
  FOREIGN KEY (unit_id, village_group_id) REFERENCES village_group (unit_id, id)
) {opts};
CREATE INDEX plan_stop_by_plan ON plan_stop (unit_id, week_plan_id, route_id, seq);
CREATE INDEX plan_stop_by_target ON plan_stop (unit_id, target_id);

CREATE TABLE plan_unserved (
  unit_id {uuid} NOT NULL,
  week_plan_id {uuid} NOT NULL,
  target_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  reason {text} NOT NULL,
  PRIMARY KEY (unit_id, week_plan_id, target_id),
  FOREIGN KEY (unit_id, week_plan_id) REFERENCES week_plan (unit_id, id),
  FOREIGN KEY (unit_id, target_id) REFERENCES target (unit_id, id)
) {opts};

-- 欠进度: what a branch owes, in households; every entry is signed and dated.
CREATE TABLE shortfall_entry (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  day {day} NOT NULL,
  kind {text} NOT NULL,
  households {int} NOT NULL,
  memo {text} NOT NULL,
  made_at {time} NOT NULL,
  PRIMARY KEY (unit_id, program_id, day, kind)
) {opts};
