//! SQL of daily meetings. Versions are added, never changed; the head of a
//! record only says which is the newest. Counts of visits are read, not kept.

use zf_store::statements;

statements! {
    /// Records of a day of a branch with all versions, newest first.
    DAILY_VERSIONS: unit = "SELECT d.id, d.session, v.seq, v.form_id, v.form_version, v.answers, v.problems, v.counted_households, v.counted_records, v.owed, v.reason, v.made_at, v.made_by_name FROM daily_meeting d JOIN daily_meeting_version v ON v.unit_id = d.unit_id AND v.meeting_id = d.id WHERE d.unit_id = $1 AND d.program_id = $2 AND d.day = $3 ORDER BY d.session DESC, v.seq DESC";
    /// The record of one session.
    DAILY_HEAD: unit = "SELECT id, seq FROM daily_meeting WHERE unit_id = $1 AND program_id = $2 AND day = $3 AND session = $4";
    /// Its first version is to come.
    DAILY_ADD: unit = "INSERT INTO daily_meeting (unit_id, id, program_id, day, session, seq) VALUES ($1, $2, $3, $4, $5, 1)";
    /// A further version, when nobody else has added one meanwhile.
    DAILY_MOVE: unit = "UPDATE daily_meeting SET seq = seq + 1 WHERE unit_id = $1 AND id = $2 AND seq = $3";
    /// A version.
    DAILY_VERSION_ADD: unit = "INSERT INTO daily_meeting_version (unit_id, meeting_id, seq, form_id, form_version, answers, problems, present, households, valid_records, counted_households, counted_records, owed, reason, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    /// What visits of a day say.
    DAILY_VISITS: unit = "SELECT COUNT(*), COUNT(DISTINCT CASE WHEN v.counts THEN COALESCE(v.household_id, v.id) END), CAST(COALESCE(SUM(CASE WHEN v.counts THEN v.valid_records ELSE 0 END), 0) AS BIGINT) FROM visit v WHERE v.unit_id = $1 AND v.program_id = $2 AND v.day = $3 AND v.state <> 'rejected'";
    /// Teams of a day with their stops.
    DAILY_TEAMS: unit = "SELECT r.team_name, COUNT(s.id) FROM plan_route r JOIN week_plan w ON w.unit_id = r.unit_id AND w.id = r.week_plan_id JOIN plan_stop s ON s.unit_id = r.unit_id AND s.route_id = r.id WHERE r.unit_id = $1 AND w.program_id = $2 AND r.day = $3 AND s.struck_at IS NULL GROUP BY r.team_name ORDER BY r.team_name";
    /// What waits for a decision.
    DAILY_REVIEWS: unit = "SELECT COUNT(*) FROM sync_review WHERE unit_id = $1 AND state = 'open'";
    /// The newest versions of many branches and some days, in one statement.
    DAILY_LINES: cross = "SELECT d.unit_id, d.day, d.session, v.seq, v.form_id, v.form_version, v.answers, v.problems, v.counted_households, v.counted_records, v.owed, v.reason, v.made_at, v.made_by_name, v.present, v.households, v.valid_records FROM unit n JOIN daily_meeting d ON d.unit_id = n.id JOIN daily_meeting_version v ON v.unit_id = d.unit_id AND v.meeting_id = d.id AND v.seq = d.seq WHERE n.path >= $1 AND n.path < $2 AND d.program_id = $3 AND d.day >= $4 AND d.day <= $5 ORDER BY d.unit_id, d.day, d.session DESC";
}
