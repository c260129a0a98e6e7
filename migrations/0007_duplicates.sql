-- Records that may be one person, what was decided about them, merges with
-- their way back, moves of customers between branches, and the closing of a
-- branch. Nothing personal stands here in clear: ids, codes, counts and names
-- of those who decided.

-- One row per branch that has one of the two records; a pair across branches
-- has one in each, with the same id.
CREATE TABLE duplicate_pair (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  own_id {uuid} NOT NULL,
  other_unit {uuid} NOT NULL REFERENCES unit (id),
  other_id {uuid} NOT NULL,
  score {int} NOT NULL,
  reasons {text} NOT NULL,
  content_mac {blob} NOT NULL,
  state {text} NOT NULL,
  merge_unit {uuid},
  merge_id {uuid},
  found_at {time} NOT NULL,
  decided_at {time},
  decided_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX duplicate_pair_records ON duplicate_pair (unit_id, own_id, other_unit, other_id);
CREATE INDEX duplicate_pair_list ON duplicate_pair (unit_id, state, score DESC, id);

-- The last search of a unit and everything below it.
CREATE TABLE duplicate_scan (
  unit_id {uuid} PRIMARY KEY REFERENCES unit (id),
  job_id {uuid} NOT NULL,
  records {int} NOT NULL,
  pairs {int} NOT NULL,
  asked_at {time} NOT NULL,
  asked_by_name {text} NOT NULL,
  ended_at {time}
) {opts};

-- Two records made one. Kept by the branch that proposed it.
CREATE TABLE customer_merge (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  pair_id {uuid},
  kept_unit {uuid} NOT NULL REFERENCES unit (id),
  kept_id {uuid} NOT NULL,
  gone_unit {uuid} NOT NULL REFERENCES unit (id),
  gone_id {uuid} NOT NULL,
  fields {text} NOT NULL,
  state {text} NOT NULL,
  reason {text} NOT NULL,
  asked_at {time} NOT NULL,
  asked_by {uuid} NOT NULL,
  asked_by_name {text} NOT NULL,
  agreed_at {time},
  agreed_by_name {text},
  done_at {time},
  undone_at {time},
  undone_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX customer_merge_state ON customer_merge (unit_id, state, asked_at);

-- A move of customers to another branch. Kept by the branch they leave.
CREATE TABLE transfer (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  to_unit {uuid} NOT NULL REFERENCES unit (id),
  kind {text} NOT NULL,
  closing_id {uuid},
  reason {text} NOT NULL,
  state {text} NOT NULL,
  customers {int} NOT NULL,
  asked_at {time} NOT NULL,
  asked_by {uuid} NOT NULL,
  asked_by_name {text} NOT NULL,
  ended_at {time},
  undone_at {time},
  undone_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX transfer_list ON transfer (unit_id, asked_at, id);

CREATE TABLE transfer_customer (
  unit_id {uuid} NOT NULL,
  transfer_id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  state {text} NOT NULL,
  arrived_rev {int},
  PRIMARY KEY (unit_id, transfer_id, customer_id),
  FOREIGN KEY (unit_id, transfer_id) REFERENCES transfer (unit_id, id)
) {opts};
CREATE INDEX transfer_customer_state ON transfer_customer (unit_id, transfer_id, state, customer_id);
CREATE INDEX transfer_customer_of ON transfer_customer (unit_id, customer_id);

-- The closing of a branch: where everything goes, and how far it is.
CREATE TABLE unit_closing (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  plan {text} NOT NULL,
  state {text} NOT NULL,
  reason {text} NOT NULL,
  customers {int} NOT NULL,
  staff {int} NOT NULL,
  accounts {int} NOT NULL,
  job_id {uuid},
  asked_at {time} NOT NULL,
  asked_by_name {text} NOT NULL,
  ended_at {time},
  PRIMARY KEY (unit_id, id)
) {opts};
