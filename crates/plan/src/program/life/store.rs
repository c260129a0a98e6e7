//! SQL of the life of a campaign: changes of state, steps of preparation, and
//! the daily quotas with the day from which each holds. A program and its own
//! quota are reference rows; a branch's own quota belongs to the branch.

use zf_store::statements;

statements! {
    /// Pauses a program that runs.
    PROGRAM_PAUSE: reference = "UPDATE program SET state = 'paused', updated_at = $2 WHERE id = $1 AND state = 'started'";
    /// Lets a paused program run again.
    PROGRAM_RESUME: reference = "UPDATE program SET state = 'started', updated_at = $2 WHERE id = $1 AND state = 'paused'";
    /// Remembers a change of state.
    STATE_CHANGE_ADD: reference = "INSERT INTO program_state_change (program_id, at, state, reason, by_user, by_name) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (program_id, at) DO UPDATE SET state = $3, reason = $4, by_user = $5, by_name = $6";
    /// Changes of state, newest first.
    STATE_CHANGES: reference = "SELECT at, state, reason, by_name FROM program_state_change WHERE program_id = $1 ORDER BY at DESC LIMIT 200";
    /// Ticks a step of the preparation.
    STEP_PUT: reference = "INSERT INTO program_step (program_id, step, done_day, note, by_user, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (program_id, step) DO UPDATE SET done_day = $3, note = $4, by_user = $5, by_name = $6, at = $7";
    /// Takes a tick away.
    STEP_DELETE: reference = "DELETE FROM program_step WHERE program_id = $1 AND step = $2";
    /// Steps that are done.
    STEPS: reference = "SELECT step, done_day, note, by_name, at FROM program_step WHERE program_id = $1 ORDER BY step";
    /// Takes all ticks of a draft away.
    STEPS_DELETE: reference = "DELETE FROM program_step WHERE program_id = $1";
    /// The campaign's daily quota from a day on; what is already there stays.
    QUOTA_FIRST: reference = "INSERT INTO program_quota (program_id, from_day, quota_per_day, by_name, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id, from_day) DO NOTHING";
    /// The campaign's daily quota from a day on.
    QUOTA_PUT: reference = "INSERT INTO program_quota (program_id, from_day, quota_per_day, by_name, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id, from_day) DO UPDATE SET quota_per_day = $3, by_name = $4, at = $5";
    /// The campaign's daily quotas, oldest first.
    QUOTAS: reference = "SELECT from_day, quota_per_day FROM program_quota WHERE program_id = $1 ORDER BY from_day";
    /// A branch's own daily quota from a day on; what is already there stays.
    UNIT_QUOTA_FIRST: unit = "INSERT INTO program_unit_quota (unit_id, program_id, from_day, quota_per_day, by_name, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id, program_id, from_day) DO NOTHING";
    /// A branch's own daily quota from a day on.
    UNIT_QUOTA_PUT: unit = "INSERT INTO program_unit_quota (unit_id, program_id, from_day, quota_per_day, by_name, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id, program_id, from_day) DO UPDATE SET quota_per_day = $4, by_name = $5, at = $6";
    /// A branch's own daily quotas, oldest first.
    UNIT_QUOTAS: unit = "SELECT from_day, quota_per_day FROM program_unit_quota WHERE unit_id = $1 AND program_id = $2 ORDER BY from_day";
    /// The branch's own figure in force.
    UNIT_QUOTA_NOW: unit = "SELECT quota_per_day FROM program_unit WHERE unit_id = $1 AND program_id = $2";
    /// Corrected days of the work calendar.
    CALENDAR_CORRECTIONS: reference = "SELECT day, name, corrected_at FROM calendar_day WHERE day >= $1 AND day <= $2 ORDER BY day";
    /// When the week plans of a program were made: one list of the county, times only.
    WEEK_PLANS_MADE: cross = "SELECT unit_id, week, state, made_at FROM week_plan WHERE program_id = $1 AND week >= $2 ORDER BY week, unit_id LIMIT $3";
    /// Own quotas of all branches of a program, oldest first: one list of the county, figures only.
    UNIT_QUOTAS_ALL: cross = "SELECT unit_id, from_day, quota_per_day FROM program_unit_quota WHERE program_id = $1 ORDER BY unit_id, from_day";
}
