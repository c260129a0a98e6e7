//! SQL of the desk: the forms of a day and the visits typed in. Names are
//! opened for the page and leave masked.

use zf_store::statements;

statements! {
    /// Households that stand in the plan of a day, with the number on their form.
    DESK_STOPS: unit = "SELECT s.id, s.target_id, t.household_id, t.customer_id, c.customer_no, c.name_sealed, c.phone_state, c.id_number_state, c.address_sealed IS NOT NULL, r.team_name, r.seq, s.seq, n.number, t.village_group_id FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id LEFT JOIN form_number n ON n.unit_id = s.unit_id AND n.program_id = w.program_id AND n.week = w.week AND n.target_id = t.id WHERE s.unit_id = $1 AND w.program_id = $2 AND r.day = $3 AND s.struck_at IS NULL ORDER BY r.starts, r.seq, s.seq";
    /// Visits of a day with when they reached us.
    DESK_VISITS: unit = "SELECT id, household_id, outcome, counts, state, members, valid_records, rev, received_at, made_by_name FROM visit WHERE unit_id = $1 AND program_id = $2 AND day = $3 AND state <> 'rejected' ORDER BY id";
}
