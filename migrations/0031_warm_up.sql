-- 城区预热: where estates and workplaces were asked to tell people before anybody
-- visits. A place is a village group of the branch or a workplace by its name.
-- What is taken back stays with who took it back. No personal data: nobody's name.
CREATE TABLE warm_up (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  program_id {uuid} NOT NULL REFERENCES program (id),
  village_group_id {uuid},
  place {text} NOT NULL,
  through {text} NOT NULL,
  day {day} NOT NULL,
  handed_out {text} NOT NULL,
  made_at {time} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  removed_at {time},
  removed_by {uuid},
  removed_by_name {text},
  PRIMARY KEY (unit_id, id),
  FOREIGN KEY (unit_id, village_group_id) REFERENCES village_group (unit_id, id)
) {opts};
CREATE INDEX warm_up_by_program ON warm_up (unit_id, program_id, day);
