-- What leaves the house: exports with a purpose, a second person above a limit,
-- a sealed file that is kept for days and counted; and the hand-over of new
-- records to the bank's own customer system, with its receipts.

CREATE TABLE export_run (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL,
  purpose {text} NOT NULL,
  reason {text} NOT NULL,
  full_values {bool} NOT NULL,
  filter {json} NOT NULL,
  state {text} NOT NULL,
  rows_wanted {int} NOT NULL,
  rows_written {int} NOT NULL,
  asked_by {uuid} NOT NULL,
  asked_by_name {text} NOT NULL,
  asked_at {time} NOT NULL,
  decided_by {uuid},
  decided_by_name {text},
  decided_at {time},
  decision {text} NOT NULL,
  file_name {text} NOT NULL,
  file_hash {blob},
  downloads {int} NOT NULL,
  keep_until {day},
  job_id {uuid},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX export_run_newest ON export_run (unit_id, asked_at, id);

CREATE TABLE export_file (
  unit_id {uuid} NOT NULL,
  export_id {uuid} NOT NULL,
  part {int} NOT NULL,
  sealed {blob} NOT NULL,
  PRIMARY KEY (unit_id, export_id, part),
  FOREIGN KEY (unit_id, export_id) REFERENCES export_run (unit_id, id)
) {opts_rowid};

-- Which revision of a record the bank's own system has been given, and what it said.
CREATE TABLE core_handover (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  customer_id {uuid} NOT NULL,
  export_id {uuid} NOT NULL,
  rev {int} NOT NULL,
  state {text} NOT NULL,
  core_no {text},
  message {text} NOT NULL,
  sent_at {time} NOT NULL,
  received_at {time},
  PRIMARY KEY (unit_id, customer_id)
) {opts};
CREATE INDEX core_handover_export ON core_handover (unit_id, export_id);
