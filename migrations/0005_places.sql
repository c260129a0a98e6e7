-- Where customers are. A pin is the door as somebody stood before it: it is kept
-- beside what the bank's file says and wins over it, so that an import never
-- moves it and taking it back brings the file's coordinates again.

ALTER TABLE customer ADD COLUMN pin_lat {real};
ALTER TABLE customer ADD COLUMN pin_lon {real};
ALTER TABLE customer ADD COLUMN pin_datum {text};
ALTER TABLE customer ADD COLUMN pin_accuracy_m {real};
ALTER TABLE customer ADD COLUMN pinned_at {time};
ALTER TABLE customer ADD COLUMN pinned_by_name {text};

-- The household's door, from the member whose door was pinned last.
ALTER TABLE household ADD COLUMN pin_lat {real};
ALTER TABLE household ADD COLUMN pin_lon {real};
ALTER TABLE household ADD COLUMN pin_customer_id {uuid};

-- How near a target's place is to its door.
ALTER TABLE target ADD COLUMN precision {text};

-- Places of villages and townships from the bank's own file; `village` is empty
-- for a township.
CREATE TABLE place (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  level {text} NOT NULL,
  township {text} NOT NULL,
  village {text} NOT NULL,
  lat {real} NOT NULL,
  lon {real} NOT NULL,
  datum {text} NOT NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (unit_id, level, township, village)
) {opts};
