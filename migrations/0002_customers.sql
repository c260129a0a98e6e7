-- Customers, households and village groups of a branch, and the imports that
-- fill them. Names, phones, ID numbers, addresses and notes are sealed by the
-- vault; what is filtered or sorted on is a column in clear (class C2).

CREATE TABLE village_group (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  code {text} NOT NULL,
  township {text} NOT NULL,
  village {text} NOT NULL,
  name {text} NOT NULL,
  lat {real},
  lon {real},
  datum {text},
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX village_group_code ON village_group (unit_id, code);

CREATE TABLE household (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  household_no {text} NOT NULL,
  village_group_id {uuid},
  lat {real},
  lon {real},
  datum {text},
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, village_group_id) REFERENCES village_group (unit_id, id)
) {opts};
CREATE UNIQUE INDEX household_no ON household (unit_id, household_no);

CREATE TABLE customer (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  customer_no {text} NOT NULL,
  household_id {uuid} NOT NULL,
  village_group_id {uuid},
  name_sealed {blob} NOT NULL,
  phone_sealed {blob},
  phone_bidx {blob},
  phone_state {text} NOT NULL,
  id_number_sealed {blob},
  id_number_bidx {blob},
  id_number_state {text} NOT NULL,
  address_sealed {blob},
  notes_sealed {blob},
  sex {text},
  birth_year {int},
  occupation {text},
  balance_band {text},
  deposit_due_day {day},
  insurance_due_day {day},
  products {text} NOT NULL,
  tags {text} NOT NULL,
  four_fields {bool} NOT NULL,
  do_not_visit {bool} NOT NULL,
  lat {real},
  lon {real},
  datum {text},
  source_channel {text} NOT NULL,
  content_digest {blob} NOT NULL,
  rev {int} NOT NULL,
  created_at {time} NOT NULL,
  created_by {uuid} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by {uuid} NOT NULL,
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, household_id) REFERENCES household (unit_id, id),
  FOREIGN KEY (unit_id, village_group_id) REFERENCES village_group (unit_id, id)
) {opts};
CREATE UNIQUE INDEX customer_no ON customer (unit_id, customer_no);
CREATE INDEX customer_phone ON customer (unit_id, phone_bidx);
CREATE INDEX customer_id_number ON customer (unit_id, id_number_bidx);
CREATE INDEX customer_household ON customer (unit_id, household_id);
CREATE INDEX customer_village_group ON customer (unit_id, village_group_id, customer_no);

CREATE TABLE customer_tag (
  unit_id {uuid} NOT NULL,
  tag {text} NOT NULL,
  customer_id {uuid} NOT NULL,
  PRIMARY KEY (unit_id, tag, customer_id),
  FOREIGN KEY (unit_id, customer_id) REFERENCES customer (unit_id, id)
) {opts};

CREATE TABLE import_run (
  id {uuid} PRIMARY KEY,
  kind {text} NOT NULL,
  file_name {text} NOT NULL,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  datum {text} NOT NULL,
  dry_run {bool} NOT NULL,
  state {text} NOT NULL,
  message {text} NOT NULL,
  rows_total {int} NOT NULL,
  chunks_done {int} NOT NULL,
  rows_done {int} NOT NULL,
  rows_bad {int} NOT NULL,
  rows_new {int} NOT NULL,
  rows_changed {int} NOT NULL,
  rows_same {int} NOT NULL,
  job_id {uuid},
  created_by {uuid} NOT NULL,
  created_at {time} NOT NULL,
  finished_at {time}
) {opts};

-- The uploaded file in sealed pieces until the import has ended.
CREATE TABLE import_file (
  import_id {uuid} NOT NULL REFERENCES import_run (id),
  part {int} NOT NULL,
  sealed {blob} NOT NULL,
  PRIMARY KEY (import_id, part)
) {opts_rowid};

CREATE TABLE import_error (
  import_id {uuid} NOT NULL REFERENCES import_run (id),
  row_no {int} NOT NULL,
  column_name {text} NOT NULL,
  business_key {text} NOT NULL,
  reason {text} NOT NULL,
  masked_value {text} NOT NULL,
  PRIMARY KEY (import_id, row_no, column_name)
) {opts};

-- What one chunk of a file did in one branch, written in the branch's own
-- transaction: a resumed import counts every row once.
CREATE TABLE import_chunk (
  unit_id {uuid} NOT NULL,
  import_id {uuid} NOT NULL,
  chunk {int} NOT NULL,
  rows_new {int} NOT NULL,
  rows_changed {int} NOT NULL,
  rows_same {int} NOT NULL,
  PRIMARY KEY (unit_id, import_id, chunk)
) {opts};
CREATE INDEX import_chunk_by_import ON import_chunk (import_id, chunk);
