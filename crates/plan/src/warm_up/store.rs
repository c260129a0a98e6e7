//! SQL of warming up: open targets and first planned visits by village group, and
//! what was written down. Rules are the callers'.

use zf_store::statements;

statements! {
    /// Households of a campaign that still wait for a visit, by village group.
    WARM_UP_OPEN: unit = "SELECT village_group_id, COUNT(*) FROM target WHERE unit_id = $1 AND program_id = $2 AND state = 'open' AND village_group_id IS NOT NULL GROUP BY village_group_id";
    /// The first day from a day on that visits of a group are planned for.
    WARM_UP_PLANNED: unit = "SELECT t.village_group_id, MIN(r.day) FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE s.unit_id = $1 AND w.program_id = $2 AND r.day >= $3 AND s.struck_at IS NULL AND t.village_group_id IS NOT NULL GROUP BY t.village_group_id";
    /// What was written down, the latest first.
    WARM_UPS: unit = "SELECT id, village_group_id, place, through, day, handed_out, made_at, made_by_name FROM warm_up WHERE unit_id = $1 AND program_id = $2 AND removed_at IS NULL ORDER BY day DESC, made_at DESC, id DESC";
    /// Writes a place down.
    WARM_UP_ADD: unit = "INSERT INTO warm_up (unit_id, id, program_id, village_group_id, place, through, day, handed_out, made_at, made_by, made_by_name, removed_at, removed_by, removed_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, NULL)";
    /// Takes it back.
    WARM_UP_REMOVE: unit = "UPDATE warm_up SET removed_at = $4, removed_by = $5, removed_by_name = $6 WHERE unit_id = $1 AND program_id = $2 AND id = $3 AND removed_at IS NULL";
}
