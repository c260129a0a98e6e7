-- Must-visit groups (必访群体): the bank's own versions of the rules over the
-- pack's presets, who is in which group since when, and the tick sheet for what
-- no file knows. Nothing here names a person.

-- Rules of a unit; they hold for every branch below it that has none nearer.
-- At most one draft per group: the version after the newest published one.
CREATE TABLE group_rule (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  code {text} NOT NULL,
  version {int} NOT NULL,
  state {text} NOT NULL,
  when_text {text} NOT NULL,
  priority {int} NOT NULL,
  on_tick_sheet {bool} NOT NULL,
  note {text} NOT NULL,
  rev {int} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  published_at {time},
  published_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, code, version)
) {opts};

-- Households of a group. `version` is that of the rule, 0 = the pack's preset.
CREATE TABLE group_member (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  code {text} NOT NULL,
  household_id {uuid} NOT NULL,
  customers {int} NOT NULL,
  how {text} NOT NULL,
  version {int} NOT NULL,
  since_day {day} NOT NULL,
  PRIMARY KEY (unit_id, code, household_id)
) {opts};
CREATE INDEX group_member_of ON group_member (unit_id, household_id);

-- When the members of a branch were first and last worked out.
CREATE TABLE group_refresh (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  first_day {day} NOT NULL,
  households {int} NOT NULL,
  refreshed_at {time} NOT NULL,
  PRIMARY KEY (unit_id)
) {opts};

-- What the branch says about a household: yes or no, never changed by an import.
CREATE TABLE tick (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  household_id {uuid} NOT NULL,
  tag {text} NOT NULL,
  yes {bool} NOT NULL,
  at {time} NOT NULL,
  by_id {uuid} NOT NULL,
  by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, household_id, tag)
) {opts};

-- Households somebody has gone through, ticked or not.
CREATE TABLE tick_seen (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  household_id {uuid} NOT NULL,
  at {time} NOT NULL,
  by_id {uuid} NOT NULL,
  by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, household_id)
) {opts};

-- Printed sheets with the order of their rows, so that what comes back on paper
-- is entered row by row whatever has changed since.
CREATE TABLE tick_sheet (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  number {text} NOT NULL,
  village_group_id {uuid} NOT NULL,
  households {text} NOT NULL,
  tags {text} NOT NULL,
  names {int} NOT NULL,
  printed_at {time} NOT NULL,
  printed_by {uuid} NOT NULL,
  printed_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, number)
) {opts};

-- Where a tag comes from: `file`, `tick` (of the branch), `both`, or `no` when
-- the branch says that what the file says is wrong; `no` is in no list.
ALTER TABLE customer_tag ADD COLUMN how {text} NOT NULL DEFAULT 'file';
