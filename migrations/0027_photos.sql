-- Visits whose photos were erased with the person they show: what a phone
-- still has of them is taken and dropped, not kept. No reference: the visit
-- may have been kept aside, or not have come at all.
CREATE TABLE photo_erased (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  visit_id {uuid} NOT NULL,
  erased_at {time} NOT NULL,
  PRIMARY KEY (unit_id, visit_id)
) {opts};
CREATE INDEX photo_by_bytes ON photo (unit_id, bytes_of, state);
