//! SQL of programs, their versions and the figures of their branches, and the
//! counts over branches that the feasibility check needs. Reads across units
//! are declared so.

use zf_store::statements;

statements! {
    /// One program with the definition in force.
    PROGRAM_FETCH: reference = "SELECT p.id, p.code, p.name, p.state, p.version, p.unit_id, p.first_day, p.last_day, p.created_at, p.updated_at, v.definition FROM program p JOIN program_version v ON v.program_id = p.id AND v.version = p.version WHERE p.id = $1";
    /// The unit of a program.
    PROGRAM_UNIT: reference = "SELECT u.id, u.code, u.name, u.level, u.parent_id, u.path, u.area_kind, u.market_kind, u.lat, u.lon, u.datum, u.phone, u.active, u.is_demo, u.updated_at FROM program p JOIN unit u ON u.id = p.unit_id WHERE p.id = $1";
    /// The same by code.
    PROGRAM_FETCH_CODE: reference = "SELECT p.id, p.code, p.name, p.state, p.version, p.unit_id, p.first_day, p.last_day, p.created_at, p.updated_at, v.definition FROM program p JOIN program_version v ON v.program_id = p.id AND v.version = p.version WHERE p.code = $1";
    /// Programs, newest first.
    PROGRAM_LIST: reference = "SELECT p.id, p.code, p.name, p.state, p.version, p.unit_id, p.first_day, p.last_day, p.created_at, p.updated_at, v.definition FROM program p JOIN program_version v ON v.program_id = p.id AND v.version = p.version ORDER BY p.first_day DESC, p.code LIMIT $1";
    /// Adds a program as a draft.
    PROGRAM_ADD: reference = "INSERT INTO program (id, code, name, kind, state, version, unit_id, first_day, last_day, started_at, created_at, updated_at) VALUES ($1, $2, $3, $4, 'draft', 1, $5, $6, $7, NULL, $8, $8)";
    /// Adds a version.
    PROGRAM_VERSION_ADD: reference = "INSERT INTO program_version (program_id, version, definition, note, made_by, made_by_name, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Puts the next version in force when nobody else has.
    PROGRAM_CHANGE: reference = "UPDATE program SET version = version + 1, name = $3, first_day = $4, last_day = $5, updated_at = $6 WHERE id = $1 AND version = $2 AND state <> 'closed'";
    /// Starts a program of this version.
    PROGRAM_START: reference = "UPDATE program SET state = 'started', started_at = $3, updated_at = $3 WHERE id = $1 AND version = $2 AND state IN ('draft', 'paused')";
    /// Closes a program.
    PROGRAM_CLOSE: reference = "UPDATE program SET state = 'closed', updated_at = $2 WHERE id = $1 AND state IN ('started', 'paused')";
    /// Versions, newest first.
    PROGRAM_VERSIONS: reference = "SELECT version, made_at, made_by_name, note FROM program_version WHERE program_id = $1 ORDER BY version DESC LIMIT 200";
    /// Takes the versions of a draft away.
    PROGRAM_VERSIONS_DELETE: reference = "DELETE FROM program_version WHERE program_id = $1";
    /// Takes a draft away.
    PROGRAM_DELETE: reference = "DELETE FROM program WHERE id = $1 AND state = 'draft'";
    /// Sets a branch's own figures; what is not given stays.
    PROGRAM_UNIT_PUT: unit = "INSERT INTO program_unit (unit_id, program_id, collection_plan, quota_per_day, updated_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id, program_id) DO UPDATE SET collection_plan = COALESCE($3, program_unit.collection_plan), quota_per_day = COALESCE($4, program_unit.quota_per_day), updated_at = $5";
    /// Takes a branch's own figures away.
    PROGRAM_UNIT_CLEAR: unit = "DELETE FROM program_unit WHERE unit_id = $1 AND program_id = $2";
    /// The branches' own figures.
    PROGRAM_UNITS: cross = "SELECT unit_id, collection_plan, quota_per_day FROM program_unit WHERE program_id = $1";
    /// Targets per branch.
    PROGRAM_TARGETS: cross = "SELECT unit_id, COUNT(*) FROM target WHERE program_id = $1 AND state = 'open' GROUP BY unit_id";
    /// Is there any target, open or not?
    PROGRAM_HAS_TARGET: cross = "SELECT unit_id FROM target WHERE program_id = $1 LIMIT 1";
    /// State of a week's plans.
    PROGRAM_WEEK_STATES: cross = "SELECT unit_id, state FROM week_plan WHERE program_id = $1 AND week = $2";
    /// Active staff per unit and post.
    STAFF_POST_COUNTS: reference = "SELECT unit_id, post, COUNT(*) FROM staff WHERE active = $1 GROUP BY unit_id, post";
    /// Customers and households per unit.
    HOUSEHOLD_COUNTS: cross = "SELECT unit_id, COUNT(*), COUNT(DISTINCT household_id) FROM customer GROUP BY unit_id";
    /// Where the households of a branch are: their own door or their village group.
    HOUSEHOLD_PLACES: unit = "SELECT COALESCE(h.lat, g.lat), COALESCE(h.lon, g.lon) FROM household h LEFT JOIN village_group g ON g.unit_id = h.unit_id AND g.id = h.village_group_id WHERE h.unit_id = $1 AND COALESCE(h.lat, g.lat) IS NOT NULL AND COALESCE(h.lon, g.lon) IS NOT NULL";
}
