//! SQL of imports: the run, its file in sealed pieces, refused cells, and what
//! of which branch is in. `chunk` is the number of the last row of a batch.
//! Refused values are masked before they come here.

use zf_store::statements;

statements! {
    /// Starts an import.
    IMPORT_ADD: reference = "INSERT INTO import_run (id, kind, file_name, unit_id, datum, dry_run, state, message, rows_total, chunks_done, rows_done, rows_bad, rows_new, rows_changed, rows_same, job_id, created_by, created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', 0, 0, 0, 0, 0, 0, 0, $7, $8, $9, NULL)";
    /// One piece of the file.
    IMPORT_FILE_ADD: reference = "INSERT INTO import_file (import_id, part, sealed) VALUES ($1, $2, $3)";
    /// The pieces in order.
    IMPORT_FILE_PARTS: reference = "SELECT part, sealed FROM import_file WHERE import_id = $1 AND part > $2 ORDER BY part LIMIT 16";
    /// Forgets the file.
    IMPORT_FILE_DROP: reference = "DELETE FROM import_file WHERE import_id = $1";
    /// One import.
    IMPORT_BY_ID: reference = "SELECT id, kind, file_name, unit_id, datum, dry_run, state, message, rows_total, rows_done, rows_new, rows_changed, rows_same, rows_bad, job_id, created_by, created_at, finished_at FROM import_run WHERE id = $1";
    /// Imports of a subtree, newest first.
    IMPORT_LIST: reference = "SELECT i.id, i.kind, i.file_name, i.unit_id, i.datum, i.dry_run, i.state, i.message, i.rows_total, i.rows_done, i.rows_new, i.rows_changed, i.rows_same, i.rows_bad, i.job_id, i.created_by, i.created_at, i.finished_at FROM import_run i JOIN unit u ON u.id = i.unit_id WHERE u.path >= $1 AND u.path < $2 AND (i.created_at, i.id) < ($3, $4) ORDER BY i.created_at DESC, i.id DESC LIMIT $5";
    /// Links the job.
    IMPORT_JOB: reference = "UPDATE import_run SET job_id = $2 WHERE id = $1";
    /// How far it is.
    IMPORT_PROGRESS: reference = "UPDATE import_run SET state = $2, rows_total = $3, rows_done = $4, rows_new = $5, rows_changed = $6, rows_same = $7, rows_bad = $8 WHERE id = $1";
    /// Ends it.
    IMPORT_END: reference = "UPDATE import_run SET state = $2, message = $3, finished_at = $4 WHERE id = $1";
    /// Gives one up that has not ended.
    IMPORT_GIVE_UP: reference = "UPDATE import_run SET state = 'failed', message = $2, finished_at = $3 WHERE id = $1 AND state NOT IN ('done', 'failed', 'canceled')";
    /// A refused cell.
    IMPORT_ERROR_ADD: reference = "INSERT INTO import_error (import_id, row_no, column_name, business_key, reason, masked_value) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (import_id, row_no, column_name) DO NOTHING";
    /// Refused cells in the order of the file.
    IMPORT_ERRORS: reference = "SELECT row_no, column_name, business_key, reason, masked_value FROM import_error WHERE import_id = $1 AND row_no > $2 ORDER BY row_no, column_name LIMIT $3";
    /// Rows that were refused.
    IMPORT_ERROR_ROWS: reference = "SELECT row_no, COUNT(*) FROM import_error WHERE import_id = $1 GROUP BY row_no";
    /// What a batch did in one branch, written with the batch.
    IMPORT_CHUNK_ADD: unit = "INSERT INTO import_chunk (unit_id, import_id, chunk, rows_new, rows_changed, rows_same) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Batches of an import that are in, over all branches (resuming).
    IMPORT_CHUNKS: cross = "SELECT unit_id, chunk, rows_new, rows_changed, rows_same FROM import_chunk WHERE import_id = $1";
}
