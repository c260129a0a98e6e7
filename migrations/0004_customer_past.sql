-- Customers that have left a branch: merged into another record, moved to
-- another branch, or erased at their own wish. The former row stays as sealed
-- text, so that it can be put back as it was; of an erased one nothing stays
-- but the number, so that no import brings the person back.

CREATE TABLE customer_past (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  customer_no {text} NOT NULL,
  fate {text} NOT NULL,
  into_unit {uuid},
  into_id {uuid},
  snapshot_sealed {blob},
  reason {text} NOT NULL,
  at {time} NOT NULL,
  by_id {uuid} NOT NULL,
  by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE UNIQUE INDEX customer_past_no ON customer_past (unit_id, customer_no);

-- A customer as it stood before another record was merged into it.
CREATE TABLE customer_before (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  customer_id {uuid} NOT NULL,
  snapshot_sealed {blob} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};
CREATE INDEX customer_before_of ON customer_before (unit_id, customer_id);

-- A customer that leaves takes its tags along: found by customer, not by tag.
CREATE INDEX customer_tag_of ON customer_tag (unit_id, customer_id);
