-- What the bank owes to the people in its base: where the fields of a record
-- came from and under which lawful basis, consent and refusal, requests of the
-- person, erasure, retention, and what outside parties may see. Free texts are
-- sealed by the vault; codes, days and counts are in clear.

-- The default for all fields of a record; NULL = older than this table.
ALTER TABLE customer ADD COLUMN source_id {uuid};
-- Refusal. `do_not_visit` is older: it holds for the whole household unless the
-- person spoke for themselves only.
ALTER TABLE customer ADD COLUMN no_visit_person_only {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE customer ADD COLUMN no_visit_until {day};
ALTER TABLE customer ADD COLUMN do_not_contact {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE customer ADD COLUMN no_contact_until {day};
-- Why a stop was struck out, as a code; NULL = by hand.
ALTER TABLE plan_stop ADD COLUMN struck_reason {text};

-- One row per import and branch, per branch for what is typed in.
CREATE TABLE source (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  channel {text} NOT NULL,
  law {text} NOT NULL,
  purpose {text} NOT NULL,
  expires_day {day},
  basis_id {uuid},
  import_id {uuid},
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};

-- Only for fields that came from elsewhere than the record.
CREATE TABLE field_source (
  unit_id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  field {text} NOT NULL,
  source_id {uuid} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (unit_id, customer_id, field)
) {opts};

-- 合法来源记录: holds for the unit and everything below it. `source` is a
-- channel (`village_office`) or a tag (`tag:B10`).
CREATE TABLE lawful_basis (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  source {text} NOT NULL,
  title {text} NOT NULL,
  law {text} NOT NULL,
  purpose {text} NOT NULL,
  expires_day {day} NOT NULL,
  evidence_sealed {blob} NOT NULL,
  state {text} NOT NULL,
  state_reason {text} NOT NULL,
  rev {int} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  state_at {time} NOT NULL,
  state_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX lawful_basis_source ON lawful_basis (unit_id, source, state, expires_day);

CREATE TABLE lawful_basis_vote (
  unit_id {uuid} NOT NULL,
  basis_id {uuid} NOT NULL,
  user_id {uuid} NOT NULL,
  user_name {text} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (unit_id, basis_id, user_id),
  FOREIGN KEY (unit_id, basis_id) REFERENCES lawful_basis (unit_id, id)
) {opts};

-- Every consent, refusal and withdrawal; the latest of a kind counts. No
-- reference to the customer: what was said is evidence and outlives the row.
CREATE TABLE consent (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  kind {text} NOT NULL,
  state {text} NOT NULL,
  channel {text} NOT NULL,
  person_only {bool} NOT NULL,
  until_day {day},
  reason {text} NOT NULL,
  form_version {text} NOT NULL,
  note_sealed {blob},
  said_day {day} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX consent_by_customer ON consent (unit_id, customer_id, made_at);

-- A request of the person about their own data.
CREATE TABLE privacy_request (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  kind {text} NOT NULL,
  state {text} NOT NULL,
  channel {text} NOT NULL,
  field {text} NOT NULL,
  detail_sealed {blob},
  old_sealed {blob},
  new_sealed {blob},
  asked_day {day} NOT NULL,
  due_day {day} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  reason {text} NOT NULL,
  ended_at {time},
  ended_by {uuid},
  ended_by_name {text} NOT NULL,
  rev {int} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX privacy_request_due ON privacy_request (unit_id, state, due_day, id);
CREATE INDEX privacy_request_by_customer ON privacy_request (unit_id, customer_id, made_at);

-- Proof of an erasure: counts only, nothing about the person.
CREATE TABLE erasure_certificate (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  number {text} NOT NULL,
  request_id {uuid},
  batch_id {uuid},
  customers {int} NOT NULL,
  erased {text} NOT NULL,
  asked_by_name {text} NOT NULL,
  approved_by_name {text} NOT NULL,
  made_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX erasure_certificate_number ON erasure_certificate (unit_id, number);

-- What is due for erasure by the rules of retention; nothing goes unasked.
CREATE TABLE retention_batch (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  rule {text} NOT NULL,
  policy_version {int} NOT NULL,
  state {text} NOT NULL,
  customers {int} NOT NULL,
  erased {int} NOT NULL,
  made_at {time} NOT NULL,
  decided_at {time},
  decided_by {uuid},
  decided_by_name {text} NOT NULL,
  reason {text} NOT NULL,
  ended_at {time},
  PRIMARY KEY (unit_id, id)
) {opts};

CREATE TABLE retention_item (
  unit_id {uuid} NOT NULL,
  batch_id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  since_day {day} NOT NULL,
  outcome {text} NOT NULL,
  PRIMARY KEY (unit_id, batch_id, customer_id),
  FOREIGN KEY (unit_id, batch_id) REFERENCES retention_batch (unit_id, id)
) {opts};
CREATE INDEX retention_item_by_customer ON retention_item (unit_id, customer_id);

-- 数据提供协议: outside parties see aggregates only, and only under one of these.
CREATE TABLE agreement (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  party {text} NOT NULL,
  purpose {text} NOT NULL,
  k {int} NOT NULL,
  expires_day {day} NOT NULL,
  state {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  decided_at {time},
  decided_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};

-- What was given out, when, to whom: how many cells and how many were withheld.
CREATE TABLE agreement_share (
  unit_id {uuid} NOT NULL,
  id {uuid} NOT NULL,
  agreement_id {uuid} NOT NULL,
  subject {text} NOT NULL,
  cells {int} NOT NULL,
  withheld {int} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, agreement_id) REFERENCES agreement (unit_id, id)
) {opts};
