//! SQL of routines: what units changed, in versions that are only added, and
//! what became of each period.

use zf_store::statements;

statements! {
    /// What units changed, all versions; an installation has a few dozen.
    ROUTINE_SETTINGS: cross = "SELECT unit_id, routine_id, version, enabled, cadence, lead_days, reason, made_at, made_by_name FROM routine_setting ORDER BY unit_id, routine_id, version DESC LIMIT 5000";
    /// A further version; one that came in meanwhile is a conflict of the key.
    ROUTINE_SET: unit = "INSERT INTO routine_setting (unit_id, routine_id, version, enabled, cadence, lead_days, reason, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Periods of a unit that are settled, from a day on.
    ROUTINE_SETTLED: unit = "SELECT routine_id, period FROM routine_run WHERE unit_id = $1 AND day >= $2";
    /// The first settled day of every routine of a unit.
    ROUTINE_FIRST: unit = "SELECT routine_id, MIN(day) FROM routine_run WHERE unit_id = $1 GROUP BY routine_id";
    /// Settles a period, once.
    ROUTINE_SETTLE: unit = "INSERT INTO routine_run (unit_id, routine_id, period, day, state, reason, task_id, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (unit_id, routine_id, period) DO NOTHING";
    /// What became of the periods of some days below a unit, with the tasks.
    ROUTINE_RUNS: cross = "SELECT r.unit_id, r.routine_id, r.period, r.day, r.task_id, r.reason, t.waits, t.due_at, t.ended_at, t.state FROM unit n JOIN routine_run r ON r.unit_id = n.id LEFT JOIN task t ON t.unit_id = r.unit_id AND t.id = r.task_id WHERE n.path >= $1 AND n.path < $2 AND r.day >= $3 AND r.day <= $4 ORDER BY r.day, r.routine_id, n.code LIMIT 20000";
}
