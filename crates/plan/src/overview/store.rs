//! SQL of the overview.

use zf_store::statements;

statements! {
    /// Households with something due between two days that no plan visits.
    DUE_UNPLANNED: unit = "SELECT COUNT(*) FROM target t WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state = 'open' AND t.due_day >= $3 AND t.due_day <= $4 AND NOT EXISTS (SELECT 1 FROM plan_stop s WHERE s.unit_id = t.unit_id AND s.target_id = t.id AND s.struck_at IS NULL)";
}
