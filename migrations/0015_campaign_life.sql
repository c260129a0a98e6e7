-- The life of a campaign beside its versions: when it was started, paused and
-- closed and why, which steps of its preparation are done, and from which day a
-- daily quota holds. A quota changed in mid-campaign never reaches back.

CREATE TABLE program_state_change (
  program_id {uuid} NOT NULL REFERENCES program (id),
  at {time} NOT NULL,
  state {text} NOT NULL,
  reason {text} NOT NULL,
  by_user {uuid} NOT NULL,
  by_name {text} NOT NULL,
  PRIMARY KEY (program_id, at)
) {opts};

CREATE TABLE program_step (
  program_id {uuid} NOT NULL REFERENCES program (id),
  step {text} NOT NULL,
  done_day {day} NOT NULL,
  note {text} NOT NULL,
  by_user {uuid} NOT NULL,
  by_name {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (program_id, step)
) {opts};

CREATE TABLE program_quota (
  program_id {uuid} NOT NULL REFERENCES program (id),
  from_day {day} NOT NULL,
  quota_per_day {int} NOT NULL,
  by_name {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (program_id, from_day)
) {opts};

CREATE TABLE program_unit_quota (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  program_id {uuid} NOT NULL REFERENCES program (id),
  from_day {day} NOT NULL,
  quota_per_day {int},
  by_name {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (unit_id, program_id, from_day)
) {opts};
