-- 任务与例行工作: somebody must do something by a time, and work that comes again.
-- Kinds, flows and routines are data of the packs; a row keeps their names, so
-- that a task outlives a change of the pack. No personal data: texts that carry
-- long numbers are refused; who acts are colleagues.
CREATE TABLE task (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL,
  title {text} NOT NULL,
  note {text} NOT NULL,
  state {text} NOT NULL,
  -- owner, checker or nobody
  waits {text} NOT NULL,
  -- What opened it: an effect happens once for each source and its id.
  source {text} NOT NULL,
  source_id {text} NOT NULL,
  program_id {uuid} REFERENCES program (id),
  day {day},
  parent_id {uuid},
  -- Whose it is: a person, else whoever has the post at that unit.
  owner_post {text} NOT NULL,
  owner_unit_id {uuid} NOT NULL REFERENCES unit (id),
  owner_user {uuid} REFERENCES user_account (id),
  owner_name {text} NOT NULL,
  checker_post {text},
  checker_unit_id {uuid} REFERENCES unit (id),
  -- Who last handed it in; nobody checks the own work.
  submitted_by {uuid},
  -- Steps of escalation done, and who heard last.
  raised {int} NOT NULL,
  raised_post {text},
  raised_unit_id {uuid} REFERENCES unit (id),
  opened_at {time} NOT NULL,
  opened_by {uuid} NOT NULL,
  opened_by_name {text} NOT NULL,
  -- Time allowed when it was opened: JSON as in packs, and the hour of the last day.
  term {text} NOT NULL,
  until_clock {text} NOT NULL,
  due_at {time} NOT NULL,
  paused_at {time},
  reminded_at {time},
  ended_at {time},
  -- Newest entry of its history; whoever changes it says which one was seen.
  seq {int} NOT NULL,
  PRIMARY KEY (unit_id, id),
  UNIQUE (unit_id, source, source_id),
  FOREIGN KEY (unit_id, parent_id) REFERENCES task (unit_id, id)
) {opts};
CREATE INDEX task_by_due ON task (unit_id, waits, due_at, id);
CREATE INDEX task_of_owner ON task (owner_user, due_at, id) WHERE waits = 'owner';
CREATE INDEX task_of_post ON task (owner_unit_id, owner_post, due_at, id) WHERE waits = 'owner';
CREATE INDEX task_of_checker ON task (checker_unit_id, checker_post, due_at, id) WHERE waits = 'checker';
CREATE INDEX task_raised ON task (raised_unit_id, raised_post, due_at, id) WHERE waits <> 'nobody';
CREATE INDEX task_open ON task (due_at, id) WHERE waits <> 'nobody';
CREATE INDEX task_children ON task (unit_id, parent_id);

-- History of a task: what was done, said, paused, reminded; appended only.
CREATE TABLE task_event (
  unit_id {uuid} NOT NULL,
  task_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  -- A verb of the flow, or comment, pause, resume, remind, escalate.
  what {text} NOT NULL,
  state {text} NOT NULL,
  says {text} NOT NULL,
  -- To whom, for a hand-over or an escalation.
  towards {text} NOT NULL,
  -- Answers on handing in: form, version, JSON.
  form_id {text},
  form_version {int},
  answers {text},
  at {time} NOT NULL,
  by_id {uuid} NOT NULL,
  by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, task_id, seq),
  FOREIGN KEY (unit_id, task_id) REFERENCES task (unit_id, id)
) {opts};

-- What a unit changed of a routine for itself and all below it; the newest
-- version of the nearest unit holds.
CREATE TABLE routine_setting (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  routine_id {text} NOT NULL,
  version {int} NOT NULL,
  enabled {bool} NOT NULL,
  cadence {text} NOT NULL,
  lead_days {int} NOT NULL,
  reason {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, routine_id, version)
) {opts};

-- What became of a period of a routine: a task, or nothing and why.
CREATE TABLE routine_run (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  routine_id {text} NOT NULL,
  period {text} NOT NULL,
  day {day} NOT NULL,
  -- opened or skipped
  state {text} NOT NULL,
  reason {text} NOT NULL,
  task_id {uuid},
  made_at {time} NOT NULL,
  PRIMARY KEY (unit_id, routine_id, period),
  FOREIGN KEY (unit_id, task_id) REFERENCES task (unit_id, id)
) {opts};
CREATE INDEX routine_run_by_day ON routine_run (unit_id, day);
