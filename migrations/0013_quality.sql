-- How complete the records of a branch were at the end of a day (CUS-018).
-- Counts only; written once a night, never changed by later corrections.

CREATE TABLE quality_day (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  day {day} NOT NULL,
  customers {int} NOT NULL,
  four_fields {int} NOT NULL,
  without_phone {int} NOT NULL,
  without_id_number {int} NOT NULL,
  without_address {int} NOT NULL,
  by_bank {int} NOT NULL,
  placed {int} NOT NULL,
  households {int} NOT NULL,
  PRIMARY KEY (unit_id, day)
) {opts};
