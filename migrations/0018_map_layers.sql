-- Base maps that the bank itself loads: boundaries and roads as GeoJSON, tiles
-- as PMTiles. They hang on the unit that loaded them and serve every unit
-- below. No personal data: of a feature only its shape and name are kept.

CREATE TABLE map_layer (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  id {uuid} NOT NULL,
  name {text} NOT NULL,
  kind {text} NOT NULL,
  datum {text} NOT NULL,
  tiles {text},
  review_number {text} NOT NULL,
  source {text} NOT NULL,
  bytes {int} NOT NULL,
  west {real},
  south {real},
  east {real},
  north {real},
  min_zoom {int},
  max_zoom {int},
  added_at {time} NOT NULL,
  added_by {uuid} NOT NULL,
  added_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id, id)
) {opts};

CREATE TABLE map_layer_part (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  layer_id {uuid} NOT NULL,
  seq {int} NOT NULL,
  content {blob} NOT NULL,
  PRIMARY KEY (unit_id, layer_id, seq)
) {opts};
