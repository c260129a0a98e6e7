-- What goes along with a customer to another branch or into another record.

-- Where the history of a record lies besides its own chain: the branch it came
-- from, or the record that was merged into it. Rows of one branch each; the
-- next step is found there.
CREATE TABLE customer_trail (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  customer_id {uuid} NOT NULL,
  from_unit {uuid} NOT NULL,
  from_id {uuid} NOT NULL,
  at {time} NOT NULL,
  PRIMARY KEY (unit_id, customer_id, from_unit, from_id)
) {opts};

-- Where fields came from before a merge took others, for the way back; no
-- source = as the record.
CREATE TABLE merge_source (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  merge_id {uuid} NOT NULL,
  field {text} NOT NULL,
  source_id {uuid},
  at {time},
  PRIMARY KEY (unit_id, merge_id, field)
) {opts};
