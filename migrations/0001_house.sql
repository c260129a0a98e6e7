-- The organisation, who may sign in, what they may do, and the machinery
-- (settings, jobs, schedules, audit chain). Type tokens in braces are replaced
-- per database; see docs/data-model.md for the rules every table follows.
-- Reference tables have no unit_id first; business tables do.

CREATE TABLE unit (
  id {uuid} PRIMARY KEY,
  code {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  level {text} NOT NULL,
  parent_id {uuid} REFERENCES unit (id),
  path {text} NOT NULL UNIQUE,
  area_kind {text},
  market_kind {text},
  lat {real},
  lon {real},
  datum {text},
  phone {text},
  active {bool} NOT NULL,
  is_demo {bool} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {opts};

CREATE TABLE staff (
  id {uuid} PRIMARY KEY,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  staff_no {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  post {text} NOT NULL,
  phone_sealed {blob},
  phone_state {text} NOT NULL,
  active {bool} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {opts};
CREATE INDEX staff_by_unit ON staff (unit_id, staff_no);

CREATE TABLE user_account (
  id {uuid} PRIMARY KEY,
  login {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  staff_id {uuid} REFERENCES staff (id),
  password_hash {text} NOT NULL,
  must_change_password {bool} NOT NULL,
  totp_sealed {blob},
  totp_on {bool} NOT NULL,
  totp_last_step {int} NOT NULL,
  state {text} NOT NULL,
  failed_count {int} NOT NULL,
  locked_until {time},
  is_demo {bool} NOT NULL,
  large_type {bool} NOT NULL,
  last_sign_in_at {time},
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
) {opts};

CREATE TABLE user_grant (
  user_id {uuid} NOT NULL REFERENCES user_account (id),
  role_id {text} NOT NULL,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  granted_by {uuid} NOT NULL,
  granted_at {time} NOT NULL,
  PRIMARY KEY (user_id, role_id, unit_id)
) {opts};

CREATE TABLE session (
  id {uuid} PRIMARY KEY,
  token_hash {blob} NOT NULL UNIQUE,
  user_id {uuid} NOT NULL REFERENCES user_account (id),
  address {text} NOT NULL,
  created_at {time} NOT NULL,
  seen_at {time} NOT NULL,
  expires_at {time} NOT NULL,
  revoked_at {time}
) {opts};
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE sign_in_address (
  address {text} PRIMARY KEY,
  failed_count {int} NOT NULL,
  first_failed_at {time} NOT NULL,
  locked_until {time}
) {opts};

CREATE TABLE calendar_day (
  day {day} PRIMARY KEY,
  is_workday {bool} NOT NULL,
  name {text} NOT NULL,
  corrected_by {uuid} NOT NULL,
  corrected_at {time} NOT NULL
) {opts};

CREATE TABLE setting (
  name {text} PRIMARY KEY,
  value {json} NOT NULL,
  version {int} NOT NULL,
  updated_by {uuid} NOT NULL,
  updated_at {time} NOT NULL
) {opts};

CREATE TABLE job (
  id {uuid} PRIMARY KEY,
  kind {text} NOT NULL,
  args {json} NOT NULL,
  dedup_key {text},
  state {text} NOT NULL,
  priority {int} NOT NULL,
  run_at {time} NOT NULL,
  attempts {int} NOT NULL,
  claimed_by {text},
  lease_until {time},
  last_error {text},
  done {int} NOT NULL,
  total {int} NOT NULL,
  message {text} NOT NULL,
  result {json},
  cancel_requested {bool} NOT NULL,
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  created_by {uuid} NOT NULL,
  created_at {time} NOT NULL,
  finished_at {time}
) {opts};
CREATE UNIQUE INDEX job_dedup ON job (kind, dedup_key) WHERE state IN ('ready', 'running') AND dedup_key IS NOT NULL;
CREATE INDEX job_ready ON job (run_at, priority) WHERE state = 'ready';

CREATE TABLE schedule (
  kind {text} PRIMARY KEY,
  cron {text} NOT NULL,
  args {json} NOT NULL,
  next_at {time} NOT NULL,
  enabled {bool} NOT NULL,
  updated_at {time} NOT NULL
) {opts};

-- The audit chain: append-only, hash-chained per unit and stream. `detail` is
-- text, not JSON, because a database may reorder JSON and break the hash.
CREATE TABLE event (
  unit_id {uuid} NOT NULL,
  stream {int} NOT NULL,
  seq {int} NOT NULL,
  id {uuid} NOT NULL,
  at {time} NOT NULL,
  actor_id {uuid} NOT NULL,
  actor_name {text} NOT NULL,
  action {text} NOT NULL,
  target_kind {text} NOT NULL,
  target_id {text} NOT NULL,
  detail {text} NOT NULL,
  hash {blob} NOT NULL,
  PRIMARY KEY (unit_id, stream, seq)
) {opts};
CREATE INDEX event_by_time ON event (unit_id, at, id);
CREATE INDEX event_by_target ON event (unit_id, target_id, at);

CREATE TABLE event_head (
  unit_id {uuid} NOT NULL,
  stream {int} NOT NULL,
  seq {int} NOT NULL,
  hash {blob} NOT NULL,
  mac {blob} NOT NULL,
  PRIMARY KEY (unit_id, stream)
) {opts};

CREATE TABLE audit_root (
  day {day} PRIMARY KEY,
  root {blob} NOT NULL,
  heads {int} NOT NULL,
  made_at {time} NOT NULL
) {opts};
