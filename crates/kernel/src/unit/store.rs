//! SQL of the organisation tree.

use zf_store::statements;

statements! {
    /// One unit by id.
    UNIT_BY_ID: reference = "SELECT id, code, name, level, parent_id, path, area_kind, market_kind, lat, lon, datum, phone, active, is_demo, updated_at FROM unit WHERE id = $1";
    /// One unit by the bank's code.
    UNIT_BY_CODE: reference = "SELECT id, code, name, level, parent_id, path, area_kind, market_kind, lat, lon, datum, phone, active, is_demo, updated_at FROM unit WHERE code = $1";
    /// A subtree: paths from `$1` up to, not including, `$2`.
    UNIT_SUBTREE: reference = "SELECT id, code, name, level, parent_id, path, area_kind, market_kind, lat, lon, datum, phone, active, is_demo, updated_at FROM unit WHERE path >= $1 AND path < $2 ORDER BY path LIMIT $3";
    /// The root.
    UNIT_ROOT: reference = "SELECT id, code, name, level, parent_id, path, area_kind, market_kind, lat, lon, datum, phone, active, is_demo, updated_at FROM unit WHERE parent_id IS NULL ORDER BY created_at, code LIMIT 1";
    /// Adds a unit.
    UNIT_ADD: reference = "INSERT INTO unit (id, code, name, level, parent_id, path, area_kind, market_kind, lat, lon, datum, phone, active, is_demo, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)";
    /// Changes a unit in place; code, level and parent stay.
    UNIT_CHANGE: reference = "UPDATE unit SET name = $2, area_kind = $3, market_kind = $4, lat = $5, lon = $6, datum = $7, phone = $8, active = $9, updated_at = $10 WHERE id = $1";
}
