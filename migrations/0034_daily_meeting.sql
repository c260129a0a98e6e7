-- 晨（夕）会记录: one record for each branch, day and session, filled in on a form;
-- a correction is a further version, the former stays. What the system had
-- counted of the last visiting day stands beside what was written. No personal
-- data: texts that carry long numbers are refused.
CREATE TABLE daily_meeting (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  day {day} NOT NULL,
  session {text} NOT NULL,
  -- The newest version.
  seq {int} NOT NULL,
  PRIMARY KEY (unit_id, id),
  UNIQUE (unit_id, program_id, day, session)
) {opts};

CREATE TABLE daily_meeting_version (
  unit_id {uuid} NOT NULL,
  meeting_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  form_id {text} NOT NULL,
  form_version {int} NOT NULL,
  answers {text} NOT NULL,
  -- Answers that are missing or break a rule of the form.
  problems {int} NOT NULL,
  present {int},
  households {int},
  valid_records {int},
  counted_households {int} NOT NULL,
  counted_records {int} NOT NULL,
  owed {int} NOT NULL,
  reason {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, meeting_id, seq),
  FOREIGN KEY (unit_id, meeting_id) REFERENCES daily_meeting (unit_id, id)
) {opts};
