//! SQL of jobs and schedules. A job belongs to the worker named in
//! `claimed_by` while it runs; statements of a run name it, so that a worker
//! whose lease was given away can neither report nor end the job.

use zf_store::statements;

statements! {
    /// Enqueues.
    JOB_ADD: reference = "INSERT INTO job (id, kind, args, dedup_key, state, priority, run_at, attempts, claimed_by, lease_until, last_error, done, total, message, result, cancel_requested, unit_id, created_by, created_at, finished_at) VALUES ($1, $2, $3, $4, 'ready', 0, $5, 0, NULL, NULL, NULL, 0, 0, '', NULL, $6, $7, $8, $9, NULL)";
    /// Claims one ready job. `=`, not `IN`: a plan may run a subquery of `IN` more than once.
    JOB_CLAIM: reference = "UPDATE job SET state = 'running', claimed_by = $1, lease_until = $2, attempts = attempts + 1 WHERE id = (SELECT id FROM job WHERE state = 'ready' AND run_at <= $3 ORDER BY priority, run_at LIMIT 1 {skip_locked}) RETURNING id, kind, args, state, attempts, done, total, message, result, cancel_requested, unit_id, created_by, created_at, finished_at";
    /// Tells how far it is and keeps the lease; answers whether to stop.
    JOB_PROGRESS: reference = "UPDATE job SET done = $2, total = $3, message = $4, lease_until = $5 WHERE id = $1 AND state = 'running' AND claimed_by = $6 RETURNING cancel_requested";
    /// Keeps the lease.
    JOB_LEASE: reference = "UPDATE job SET lease_until = $3 WHERE id = $1 AND state = 'running' AND claimed_by = $2";
    /// Ends a job.
    JOB_END: reference = "UPDATE job SET state = $2, result = $3, message = $4, last_error = $5, finished_at = $6, lease_until = NULL WHERE id = $1 AND state = 'running' AND claimed_by = $7";
    /// Tries again later.
    JOB_RETRY: reference = "UPDATE job SET state = 'ready', run_at = $2, last_error = $3, lease_until = NULL, claimed_by = NULL WHERE id = $1 AND state = 'running' AND claimed_by = $4";
    /// Leases that ran out: the worker died.
    JOB_SWEEP: reference = "UPDATE job SET state = 'ready', lease_until = NULL, claimed_by = NULL WHERE state = 'running' AND lease_until < $1";
    /// Jobs that took their workers with them too often; only one worker gets each of them.
    JOB_SWEEP_DEAD: reference = "UPDATE job SET state = 'failed', message = 'internal', last_error = 'the worker ended without a word', finished_at = $1, lease_until = NULL WHERE state IN ('ready', 'running') AND attempts >= $2 AND (lease_until IS NULL OR lease_until < $1) RETURNING id, kind, args, state, attempts, done, total, message, result, cancel_requested, unit_id, created_by, created_at, finished_at";
    /// At start of the only worker of a file database: whatever was running is not.
    JOB_SWEEP_ALL: reference = "UPDATE job SET state = 'ready', lease_until = NULL, claimed_by = NULL WHERE state = 'running'";
    /// One job.
    JOB_BY_ID: reference = "SELECT id, kind, args, state, attempts, done, total, message, result, cancel_requested, unit_id, created_by, created_at, finished_at FROM job WHERE id = $1";
    /// Jobs that are not ended.
    JOB_OPEN: reference = "SELECT COUNT(*) FROM job WHERE state IN ('ready', 'running')";
    /// Asks for a stop.
    JOB_CANCEL: reference = "UPDATE job SET cancel_requested = $2, run_at = CASE WHEN state = 'ready' THEN $3 ELSE run_at END WHERE id = $1 AND state IN ('ready', 'running')";
    /// Due schedules.
    SCHEDULE_DUE: reference = "SELECT kind, cron, args, next_at FROM schedule WHERE enabled = $1 AND next_at <= $2 ORDER BY next_at";
    /// Moves a schedule on; only one worker wins.
    SCHEDULE_MOVE: reference = "UPDATE schedule SET next_at = $3, updated_at = $4 WHERE kind = $1 AND next_at = $2";
    /// Adds a schedule, keeping one the bank has changed.
    SCHEDULE_ADD: reference = "INSERT INTO schedule (kind, cron, args, next_at, enabled, updated_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind) DO NOTHING";
}
