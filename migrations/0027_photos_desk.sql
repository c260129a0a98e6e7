-- Photos that go with their person, and the desk's double entry.

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

-- 双人复录: what somebody else typed of a form of the sample, and where both
-- texts differ; `id` is the visit's own. Names of fields are those of the form.
CREATE TABLE desk_double (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  day {day} NOT NULL,
  -- Revision of the visit that it was compared with.
  rev {int} NOT NULL,
  answers_sealed {blob} NOT NULL,
  compared {int} NOT NULL,
  differing {int} NOT NULL,
  state {text} NOT NULL,
  first_by_name {text} NOT NULL,
  typed_by {uuid} NOT NULL,
  typed_by_name {text} NOT NULL,
  typed_at {time} NOT NULL,
  decided_at {time},
  decided_by {uuid},
  decided_by_name {text},
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, id) REFERENCES visit (unit_id, id)
) {opts};
CREATE INDEX desk_double_by_day ON desk_double (unit_id, program_id, day);

CREATE TABLE desk_double_field (
  unit_id {uuid} NOT NULL,
  visit_id {uuid} NOT NULL,
  field {text} NOT NULL,
  differs {bool} NOT NULL,
  PRIMARY KEY (unit_id, visit_id, field),
  FOREIGN KEY (unit_id, visit_id) REFERENCES visit (unit_id, id)
) {opts};
