-- Phones: enrolled by a code that is used once, given a lease, revoked; what
-- their branch was last shown of everything, so that nothing that changes is
-- missed; photos that come in pieces; what is written down beside visits; and
-- what a phone that cannot be opened any more hands over sealed.

ALTER TABLE device ADD COLUMN lease_until {time};
ALTER TABLE device ADD COLUMN revoked_reason {text};

-- A code is shown once and never kept: what is kept is its keyed hash.
CREATE TABLE device_code (
  mac {blob} PRIMARY KEY,
  home_id {uuid} NOT NULL REFERENCES unit (id),
  user_id {uuid} NOT NULL REFERENCES user_account (id),
  name {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by_name {text} NOT NULL,
  expires_at {time} NOT NULL,
  used_at {time},
  device_id {uuid}
) {opts};
CREATE INDEX device_code_by_time ON device_code (expires_at);

-- Wrong codes of an account within a stretch of time.
CREATE TABLE device_try (
  user_id {uuid} PRIMARY KEY REFERENCES user_account (id),
  since {time} NOT NULL,
  tries {int} NOT NULL
) {opts};

-- To this public key phones seal what must survive them; the private half is
-- sealed by the vault.
CREATE TABLE rescue_key (
  id {uuid} PRIMARY KEY,
  home_id {uuid} NOT NULL REFERENCES unit (id),
  public_key {blob} NOT NULL,
  private_sealed {blob} NOT NULL,
  made_at {time} NOT NULL
) {opts};

-- Opaque to the server until an officer opens it with a reason.
CREATE TABLE rescue_item (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  op_id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  key_id {uuid} NOT NULL,
  sealed {blob} NOT NULL,
  sealed_mac {blob} NOT NULL,
  received_at {time} NOT NULL,
  opened_at {time},
  opened_by_name {text},
  taken_at {time},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX rescue_item_op ON rescue_item (unit_id, op_id, sealed_mac);

-- What the phones of a branch were last told of an entity: a keyed digest of
-- its content and the feed number under which it was told.
CREATE TABLE shown (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  kind {text} NOT NULL,
  entity_id {uuid} NOT NULL,
  digest {blob} NOT NULL,
  rev {int} NOT NULL,
  seq {int} NOT NULL,
  told_at {time} NOT NULL,
  PRIMARY KEY (unit_id, kind, entity_id)
) {opts};
CREATE INDEX shown_by_seq ON shown (unit_id, seq);

-- Cursors below this number are too old: what they missed is no longer kept.
ALTER TABLE feed_head ADD COLUMN kept_after {int} NOT NULL DEFAULT 0;

-- 照片: one row for each photo of a visit; the bytes lie in sealed pieces in
-- the data folder. `received` moves only after the piece is on the disk.
CREATE TABLE photo (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  op_id {uuid} NOT NULL,
  device_id {uuid} NOT NULL,
  sha256 {text} NOT NULL,
  size {int} NOT NULL,
  received {int} NOT NULL,
  mime {text} NOT NULL,
  role {text} NOT NULL,
  state {text} NOT NULL,
  -- The upload whose bytes these are: two visits may have the same photo.
  bytes_of {uuid} NOT NULL,
  made_at {time} NOT NULL,
  expires_at {time} NOT NULL,
  verified_at {time},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX photo_of_visit ON photo (unit_id, visit_id, sha256, role);
CREATE INDEX photo_by_content ON photo (unit_id, sha256, state);
CREATE INDEX photo_unfinished ON photo (unit_id, state, expires_at);

-- 宣传痕迹 of a village group.
CREATE TABLE trace (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  village_group_id {uuid} NOT NULL,
  day {day} NOT NULL,
  place {text} NOT NULL,
  pieces {int} NOT NULL,
  photos {int} NOT NULL,
  payload_sealed {blob} NOT NULL,
  state {text} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  received_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX trace_by_group ON trace (unit_id, village_group_id, day);

-- 宣传品、礼品: the ledger of what was handed out (ERR-055).
CREATE TABLE gift (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  household_id {uuid},
  customer_id {uuid},
  visit_id {uuid},
  day {day} NOT NULL,
  material {text} NOT NULL,
  pieces {int} NOT NULL,
  value_fen {int} NOT NULL,
  state {text} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  received_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX gift_by_customer ON gift (unit_id, program_id, customer_id, material);
CREATE INDEX gift_by_household ON gift (unit_id, program_id, household_id, material);

-- What somebody in the village says of people: it changes the register only
-- when the branch has confirmed it.
CREATE TABLE field_proposal (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  kind {text} NOT NULL,
  entity_id {uuid} NOT NULL,
  base_rev {int},
  payload_sealed {blob} NOT NULL,
  members {int} NOT NULL,
  state {text} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  received_at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX field_proposal_state ON field_proposal (unit_id, state, id);

-- What is to be looked at is a visit, a gift, a trace or a proposal.
ALTER TABLE sync_review ADD COLUMN kind {text} NOT NULL DEFAULT 'visit';
ALTER TABLE sync_quarantine ADD COLUMN decided_by {uuid};
ALTER TABLE sync_quarantine ADD COLUMN decision_reason {text};
CREATE INDEX sync_quarantine_open ON sync_quarantine (unit_id, state, id);
CREATE INDEX visit_by_maker ON visit (unit_id, made_by, day, id);
