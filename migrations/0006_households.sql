-- Households and their members: relation to the head, kind of market, and the
-- proposals a branch head confirms. A proposal keeps what it found, so that
-- taking it back restores the rows as they were.

ALTER TABLE household ADD COLUMN head_id {uuid};
ALTER TABLE household ADD COLUMN market_kind {text};
ALTER TABLE customer ADD COLUMN relation {text};

CREATE TABLE household_proposal (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  state {text} NOT NULL,
  score {int} NOT NULL,
  -- Keyed hash of the members: the same people are proposed once.
  people {text} NOT NULL,
  reasons {text} NOT NULL,
  members {int} NOT NULL,
  made_at {time} NOT NULL,
  household_id {uuid},
  was_head_id {uuid},
  was_village_group_id {uuid},
  was_lat {real},
  was_lon {real},
  was_datum {text},
  was_updated_at {time},
  decided_at {time},
  decided_by {uuid},
  decided_by_name {text},
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX household_proposal_people ON household_proposal (unit_id, people);
CREATE INDEX household_proposal_state ON household_proposal (unit_id, state, score DESC, id);

CREATE TABLE household_proposal_member (
  unit_id {uuid} NOT NULL,
  proposal_id {uuid} NOT NULL,
  -- No reference to the customer: a merged, moved or erased one leaves.
  customer_id {uuid} NOT NULL,
  place {int} NOT NULL,
  relation {text} NOT NULL,
  household_id {uuid} NOT NULL,
  left_out {bool} NOT NULL,
  was_relation {text},
  was_alone {bool} NOT NULL,
  PRIMARY KEY (unit_id, proposal_id, customer_id),
  FOREIGN KEY (unit_id, proposal_id) REFERENCES household_proposal (unit_id, id)
) {opts};
CREATE INDEX household_proposal_customer ON household_proposal_member (unit_id, customer_id);
