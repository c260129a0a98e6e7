//! SQL of village groups.

use zf_store::statements;

statements! {
    /// All groups of a branch.
    VILLAGE_GROUP_LIST: unit = "SELECT id, code, township, village, name, lat, lon, datum, mail_route FROM village_group WHERE unit_id = $1 ORDER BY code";
    /// Adds a group or changes it by its code.
    VILLAGE_GROUP_PUT: unit = "INSERT INTO village_group (unit_id, id, code, township, village, name, lat, lon, datum, updated_at, mail_route) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (unit_id, code) DO UPDATE SET township = $4, village = $5, name = $6, lat = COALESCE($7, village_group.lat), lon = COALESCE($8, village_group.lon), datum = COALESCE($9, village_group.datum), updated_at = $10, mail_route = COALESCE($11, village_group.mail_route)";
    /// Puts a group on a mail route, or takes it off.
    VILLAGE_GROUP_ROUTE: unit = "UPDATE village_group SET mail_route = $3, updated_at = $4 WHERE unit_id = $1 AND id = $2";
    /// Customers and households per group.
    VILLAGE_GROUP_COUNTS: unit = "SELECT village_group_id, COUNT(*), COUNT(DISTINCT household_id) FROM customer WHERE unit_id = $1 AND village_group_id IS NOT NULL GROUP BY village_group_id";
}
