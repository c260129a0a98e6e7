-- What a branch head changes on a week plan by hand: locks, the log of edits
-- with what stood before (for undoing), and who or what keeps a branch at home.

-- A stop, or a whole route, that planning again must not touch.
ALTER TABLE plan_stop ADD COLUMN locked_at {time};
ALTER TABLE plan_route ADD COLUMN locked_at {time};
-- Counts the edits of this draft, so that two people do not overwrite each other.
ALTER TABLE week_plan ADD COLUMN edits {int} NOT NULL DEFAULT 0;
-- Households left out in all; plan_unserved lists only the first.
ALTER TABLE week_plan ADD COLUMN left_out {int} NOT NULL DEFAULT 0;
-- Why a confirmed plan went back to a draft: hand, absence, weather.
ALTER TABLE week_plan ADD COLUMN reopened_why {text};

CREATE TABLE plan_edit (
  unit_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  week_plan_id {uuid} NOT NULL,
  version {int} NOT NULL,
  seq {int} NOT NULL,
  kind {text} NOT NULL,
  edit {text} NOT NULL,
  stood {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  undone_at {time},
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, week_plan_id) REFERENCES week_plan (unit_id, id)
) {opts};
CREATE UNIQUE INDEX plan_edit_by_plan ON plan_edit (unit_id, week_plan_id, version, seq);

-- 请假与停走: one person, everybody of a post, or (with neither) the whole
-- branch, on some days, in one window of the campaign or all day.
CREATE TABLE plan_absence (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL,
  staff_id {uuid},
  post {text},
  first_day {day} NOT NULL,
  last_day {day} NOT NULL,
  window_code {text},
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  removed_at {time},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX plan_absence_days ON plan_absence (unit_id, last_day);
