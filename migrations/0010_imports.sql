-- What somebody has decided about an import before it runs, the refused rows
-- they get back, and which column of which file is which.

-- One per import. `mapping` is a JSON list of field keys by position, empty
-- where a column is not read; no header of the file stands here, because the
-- first row of a file may be anybody's name.
CREATE TABLE import_plan (
  import_id {uuid} PRIMARY KEY REFERENCES import_run (id),
  held {bool} NOT NULL,
  channel {text} NOT NULL,
  encoding {text},
  header_row {int},
  mapping {text},
  file_mac {blob} NOT NULL,
  file_bytes {int} NOT NULL,
  beat_at {time} NOT NULL,
  count_before {int},
  count_after {int}
) {opts};
CREATE INDEX import_plan_file ON import_plan (file_mac);

-- Refused rows with all their cells, sealed, so that they can be corrected;
-- part 0 holds the headers, any other part is named by its first row.
CREATE TABLE import_refused (
  import_id {uuid} NOT NULL REFERENCES import_run (id),
  part {int} NOT NULL,
  sealed {blob} NOT NULL,
  PRIMARY KEY (import_id, part)
) {opts_rowid};

-- Columns of a kind of file that somebody has assigned once.
CREATE TABLE import_mapping (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  kind {text} NOT NULL,
  fingerprint {blob} NOT NULL,
  mapping {text} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by {uuid} NOT NULL,
  PRIMARY KEY (unit_id, kind, fingerprint)
) {opts};
