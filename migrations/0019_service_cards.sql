-- What stands on the convenience service card of an outlet (网点便民服务卡):
-- address, opening hours and services in the outlet's own words. Public by
-- nature; no personal data.

CREATE TABLE service_card (
  unit_id {uuid} NOT NULL REFERENCES unit (id),
  address {text} NOT NULL,
  hours {text} NOT NULL,
  services {text} NOT NULL,
  updated_at {time} NOT NULL,
  updated_by_name {text} NOT NULL,
  PRIMARY KEY (unit_id)
) {opts};
