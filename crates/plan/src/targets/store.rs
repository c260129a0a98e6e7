//! SQL of targets.

use zf_store::statements;

statements! {
    /// Doors of the customers of a branch; what rules may read of them comes from the groups.
    TARGET_CUSTOMERS: unit = "SELECT id, COALESCE(pin_lat, lat), COALESCE(pin_lon, lon) FROM customer WHERE unit_id = $1";
    /// Places of the households of a branch.
    TARGET_HOMES: unit = "SELECT id, village_group_id, COALESCE(pin_lat, lat), COALESCE(pin_lon, lon) FROM household WHERE unit_id = $1";
    /// What is stored, to be compared with.
    TARGET_STORED: unit = "SELECT id, household_id, customer_id, village_group_id, priority, reasons, due_day, four_fields, members, state, lat, lon, approximate, precision FROM target WHERE unit_id = $1 AND program_id = $2";
    /// Changes what ranking found; id and state stay, a dropped household comes back.
    TARGET_CHANGE: unit = "UPDATE target SET customer_id = $3, village_group_id = $4, priority = $5, reasons = $6, due_day = $7, four_fields = $8, members = $9, state = $10, lat = $11, lon = $12, approximate = $13, precision = $14, updated_at = $15 WHERE unit_id = $1 AND id = $2";
    /// Takes a household out that is no longer to be visited.
    TARGET_DROP: unit = "UPDATE target SET state = 'dropped', updated_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// A page of a branch, best first; whoever refuses is not in it, whatever the state of the target.
    TARGET_LIST: unit = "SELECT t.id, t.customer_id, c.name_sealed, t.village_group_id, t.priority, t.reasons, t.kind, t.four_fields, t.members, t.state, t.due_day, t.approximate, t.precision FROM target t JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state <> 'dropped' AND NOT c.do_not_visit AND t.household_id NOT IN (SELECT d.household_id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit AND NOT d.no_visit_person_only) AND (t.priority < $3 OR (t.priority = $3 AND t.id > $4)) ORDER BY t.priority DESC, t.id LIMIT $5";
    /// Targets of a branch that are not dropped.
    TARGET_COUNT: unit = "SELECT COUNT(*) FROM target WHERE unit_id = $1 AND program_id = $2 AND state <> 'dropped'";
    /// Targets per branch of a program.
    TARGET_COUNTS: cross = "SELECT unit_id, COUNT(*) FROM target WHERE program_id = $1 AND state <> 'dropped' GROUP BY unit_id";
}
