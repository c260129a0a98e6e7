-- Forms of the county (or of a unit above it): a version is a draft until it is
-- published, and never changes afterwards. Numbers of versions are given once
-- per form over the whole installation, so that a visit that names form and
-- version finds its questions wherever it was written. No personal data:
-- questions, no answers.

CREATE TABLE form_version (
  form_id {text} NOT NULL,
  version {int} NOT NULL,
  home_id {uuid} NOT NULL REFERENCES unit (id),
  state {text} NOT NULL,
  rev {int} NOT NULL,
  definition {text} NOT NULL,
  cloned_from {int},
  note {text} NOT NULL,
  made_by {uuid} NOT NULL,
  made_by_name {text} NOT NULL,
  made_at {time} NOT NULL,
  published_by_name {text},
  published_at {time},
  retired_by_name {text},
  retired_at {time},
  PRIMARY KEY (form_id, version)
) {opts};
