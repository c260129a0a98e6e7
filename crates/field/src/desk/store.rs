//! SQL of the desk: the forms of a day and the visits typed in. Names are
//! opened for the page and leave masked.

use zf_store::statements;

statements! {
    /// Households that stand in the plan of a day, with the number on their form.
    DESK_STOPS: unit = "SELECT s.id, s.target_id, t.household_id, t.customer_id, c.customer_no, c.name_sealed, c.phone_state, c.id_number_state, c.address_sealed IS NOT NULL, r.team_name, r.seq, s.seq, n.number, t.village_group_id, r.members FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id LEFT JOIN form_number n ON n.unit_id = s.unit_id AND n.program_id = w.program_id AND n.week = w.week AND n.target_id = t.id WHERE s.unit_id = $1 AND w.program_id = $2 AND r.day = $3 AND s.struck_at IS NULL ORDER BY r.starts, r.seq, s.seq";
    /// Visits of a day with when they reached us, what became of their double entry, and how many scans they have.
    DESK_VISITS: unit = "SELECT v.id, v.household_id, v.outcome, v.counts, v.state, v.members, v.valid_records, v.rev, v.received_at, v.made_by_name, v.made_by, v.via, d.state, (SELECT COUNT(*) FROM photo p WHERE p.unit_id = v.unit_id AND p.visit_id = v.id AND p.role = 'scan' AND p.state IN ('open', 'verified')) FROM visit v LEFT JOIN desk_double d ON d.unit_id = v.unit_id AND d.id = v.id WHERE v.unit_id = $1 AND v.program_id = $2 AND v.day = $3 AND v.state <> 'rejected' ORDER BY v.id";
}
