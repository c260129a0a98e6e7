//! SQL of households that are not to be found.

use zf_store::statements;

statements! {
    /// A page of a branch, the last day first; whoever refuses visits is not in it.
    GONE_LIST: unit = "SELECT t.id, t.household_id, t.customer_id, c.name_sealed, t.village_group_id, t.gone_on, v.id, v.outcome, v.made_by_name FROM target t JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id LEFT JOIN visit v ON v.unit_id = t.unit_id AND v.id = (SELECT w.id FROM visit w WHERE w.unit_id = t.unit_id AND w.program_id = t.program_id AND w.household_id = t.household_id AND w.gone AND w.day = t.gone_on AND w.state <> 'rejected' ORDER BY w.id DESC LIMIT 1) WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state = 'gone' AND NOT c.do_not_visit AND (t.gone_on < $3 OR (t.gone_on = $3 AND t.id < $4)) ORDER BY t.gone_on DESC, t.id DESC LIMIT $5";
}
