//! SQL of the board. Reads across the branches of one campaign's unit in one
//! statement, since a county has hundreds of them; the service keeps only
//! branches that the actor may see. Counts, codes and colleagues' names only.

use zf_store::statements;

statements! {
    /// Visits by branch and day. A household that the bank did not know counts once for each visit.
    BOARD_COUNTS: cross = "SELECT v.unit_id, v.day, COUNT(*), COUNT(DISTINCT CASE WHEN v.counts THEN COALESCE(v.household_id, v.id) END), CAST(COALESCE(SUM(v.members), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN v.counts THEN v.valid_records ELSE 0 END), 0) AS BIGINT), COUNT(CASE WHEN v.via = 'desk' THEN 1 END), COUNT(CASE WHEN v.via = 'phone' THEN 1 END) FROM unit n JOIN visit v ON v.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day >= $4 AND v.day <= $5 AND v.state <> 'rejected' GROUP BY v.unit_id, v.day";
    /// Outcomes by branch and day.
    BOARD_OUTCOMES: cross = "SELECT v.unit_id, v.day, v.outcome, COUNT(*) FROM unit n JOIN visit v ON v.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day >= $4 AND v.day <= $5 AND v.state <> 'rejected' GROUP BY v.unit_id, v.day, v.outcome";
    /// Options chosen by branch and day.
    BOARD_CHOICES: cross = "SELECT v.unit_id, v.day, c.question, c.choice, CAST(SUM(c.times) AS BIGINT) FROM unit n JOIN visit v ON v.unit_id = n.id JOIN visit_choice c ON c.unit_id = v.unit_id AND c.visit_id = v.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day >= $4 AND v.day <= $5 AND v.state <> 'rejected' GROUP BY v.unit_id, v.day, c.question, c.choice";
    /// Forms that those visits were written on.
    BOARD_FORMS: cross = "SELECT DISTINCT v.form_id, v.form_version FROM unit n JOIN visit v ON v.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day >= $4 AND v.day <= $5 AND v.state <> 'rejected' ORDER BY v.form_id, v.form_version DESC";
    /// Visits of a day that were there before a moment.
    BOARD_SAME_DAY: cross = "SELECT v.unit_id, COUNT(*) FROM unit n JOIN visit v ON v.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day = $4 AND v.received_at < $5 AND v.state <> 'rejected' GROUP BY v.unit_id";
    /// Colleagues named in the visits of a day.
    BOARD_PEOPLE: cross = "SELECT v.unit_id, s.name, COUNT(*) FROM unit n JOIN visit v ON v.unit_id = n.id JOIN visit_visitor o ON o.unit_id = v.unit_id AND o.visit_id = v.id JOIN staff s ON s.id = o.staff_id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day = $4 AND v.state <> 'rejected' GROUP BY v.unit_id, s.id, s.name";
    /// Who handed in the visits of a day that name nobody who went.
    BOARD_MAKERS: cross = "SELECT v.unit_id, v.made_by_name, COUNT(*) FROM unit n JOIN visit v ON v.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND v.program_id = $3 AND v.day = $4 AND v.via = 'phone' AND v.state <> 'rejected' AND NOT EXISTS (SELECT 1 FROM visit_visitor o WHERE o.unit_id = v.unit_id AND o.visit_id = v.id) GROUP BY v.unit_id, v.made_by, v.made_by_name";
    /// Phones in use with their last report.
    BOARD_PHONES: cross = "SELECT d.home_id, u.name, d.outbox_count, d.outbox_oldest, d.seen_at FROM unit n JOIN device d ON d.home_id = n.id JOIN user_account u ON u.id = d.user_id WHERE n.path >= $1 AND n.path < $2 AND d.kind = 'phone' AND d.state = 'active'";
    /// Open reviews by branch.
    BOARD_REVIEWS: cross = "SELECT q.unit_id, COUNT(*) FROM unit n JOIN sync_review q ON q.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND q.state = 'open' GROUP BY q.unit_id";
}
