-- What was chosen at the door, one row for each option of a visit, so that the
-- summary table (信息采集汇总表, DOC-002) counts products used and wanted without
-- opening what visits say. Codes of the form only, never a text that was written.
-- In the rows of a repeat an option counts once for each row. Written with the
-- visit; no version was released before this table, so no visit is without it.
CREATE TABLE visit_choice (
  unit_id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  question {text} NOT NULL,
  choice {text} NOT NULL,
  times {int} NOT NULL,
  PRIMARY KEY (unit_id, visit_id, question, choice),
  FOREIGN KEY (unit_id, visit_id) REFERENCES visit (unit_id, id)
) {opts};
