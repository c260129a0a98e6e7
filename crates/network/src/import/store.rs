//! SQL of imports: the run, its file in sealed pieces, refused cells, and what
//! of which branch is in. `chunk` is the number of the last row of a batch.
//! Refused values are masked before they come here.

use zf_store::statements;

statements! {
    /// Starts an import.
    IMPORT_ADD: reference = "INSERT INTO import_run (id, kind, file_name, unit_id, datum, dry_run, state, message, rows_total, chunks_done, rows_done, rows_bad, rows_new, rows_changed, rows_same, job_id, created_by, created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', '', 0, 0, 0, 0, 0, 0, 0, $7, $8, $9, NULL)";
    /// What was decided about it.
    IMPORT_PLAN_ADD: reference = "INSERT INTO import_plan (import_id, held, channel, encoding, header_row, mapping, file_mac, file_bytes, beat_at, count_before, count_after) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL)";
    /// Lets a new import wait for its preview.
    IMPORT_HOLD: reference = "UPDATE import_run SET state = 'held' WHERE id = $1";
    /// Decides anew.
    IMPORT_PLAN_SET: reference = "UPDATE import_plan SET channel = $2, encoding = $3, header_row = $4, mapping = $5, count_before = NULL, count_after = NULL WHERE import_id = $1";
    /// Starts one that was held or tried, from nothing.
    IMPORT_RELEASE: reference = "UPDATE import_run SET state = 'waiting', message = '', datum = $2, dry_run = $3, rows_total = 0, rows_done = 0, rows_new = 0, rows_changed = 0, rows_same = 0, rows_bad = 0, job_id = NULL, finished_at = NULL WHERE id = $1 AND state IN ('held', 'checked')";
    /// Lets one go on that was stopped or has died without a job.
    IMPORT_RESUME: reference = "UPDATE import_run SET state = 'waiting', message = '', job_id = NULL, finished_at = NULL WHERE id = $1 AND (state IN ('canceled', 'failed') OR (job_id IS NULL AND state IN ('waiting', 'running')))";
    /// Ends one that no job runs.
    IMPORT_CANCEL_HELD: reference = "UPDATE import_run SET state = 'canceled', finished_at = $2 WHERE id = $1 AND (state IN ('held', 'checked') OR (job_id IS NULL AND state IN ('waiting', 'running')))";
    /// A sign of life.
    IMPORT_BEAT: reference = "UPDATE import_plan SET beat_at = $2 WHERE import_id = $1";
    /// Customers before it began; once.
    IMPORT_COUNT_BEFORE: reference = "UPDATE import_plan SET count_before = $2 WHERE import_id = $1 AND count_before IS NULL";
    /// Customers when it had ended.
    IMPORT_COUNT_AFTER: reference = "UPDATE import_plan SET count_after = $2 WHERE import_id = $1";
    /// Imports of the same file that were begun without a job and have not ended.
    IMPORT_OF_FILE: reference = "SELECT i.id FROM import_run i JOIN import_plan p ON p.import_id = i.id WHERE p.file_mac = $1 AND i.kind = $2 AND i.unit_id = $3 AND i.dry_run = $4 AND i.job_id IS NULL AND i.state IN ('waiting', 'running') AND p.beat_at < $5 ORDER BY i.created_at DESC LIMIT 1";
    /// Forgets the verdicts of a try.
    IMPORT_ERRORS_DROP: reference = "DELETE FROM import_error WHERE import_id = $1";
    /// Refused rows, sealed.
    IMPORT_REFUSED_ADD: reference = "INSERT INTO import_refused (import_id, part, sealed) VALUES ($1, $2, $3) ON CONFLICT (import_id, part) DO NOTHING";
    /// Refused rows in the order of the file.
    IMPORT_REFUSED: reference = "SELECT part, sealed FROM import_refused WHERE import_id = $1 AND part > $2 ORDER BY part LIMIT 64";
    /// Forgets refused rows.
    IMPORT_REFUSED_DROP: reference = "DELETE FROM import_refused WHERE import_id = $1";
    /// Forgets files nobody has come back for.
    IMPORT_FILES_EXPIRE: reference = "DELETE FROM import_file WHERE import_id IN (SELECT id FROM import_run WHERE created_at < $1 AND (job_id IS NULL OR state NOT IN ('waiting', 'running')))";
    /// Forgets refused rows nobody has come back for.
    IMPORT_REFUSED_EXPIRE: reference = "DELETE FROM import_refused WHERE import_id IN (SELECT id FROM import_run WHERE created_at < $1)";
    /// Ends what was held and never started.
    IMPORT_HELD_EXPIRE: reference = "UPDATE import_run SET state = 'canceled', finished_at = $2 WHERE created_at < $1 AND state IN ('held', 'checked')";
    /// The columns somebody has assigned to such a file.
    IMPORT_MAPPING: unit = "SELECT mapping FROM import_mapping WHERE unit_id = $1 AND kind = $2 AND fingerprint = $3";
    /// Remembers columns.
    IMPORT_MAPPING_PUT: unit = "INSERT INTO import_mapping (unit_id, kind, fingerprint, mapping, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id, kind, fingerprint) DO UPDATE SET mapping = excluded.mapping, updated_at = excluded.updated_at, updated_by = excluded.updated_by";
    /// One piece of the file.
    IMPORT_FILE_ADD: reference = "INSERT INTO import_file (import_id, part, sealed) VALUES ($1, $2, $3)";
    /// The pieces in order.
    IMPORT_FILE_PARTS: reference = "SELECT part, sealed FROM import_file WHERE import_id = $1 AND part > $2 ORDER BY part LIMIT 16";
    /// The last piece.
    IMPORT_FILE_LAST: reference = "SELECT part, sealed FROM import_file WHERE import_id = $1 ORDER BY part DESC LIMIT 1";
    /// Forgets the file.
    IMPORT_FILE_DROP: reference = "DELETE FROM import_file WHERE import_id = $1";
    /// One import.
    IMPORT_BY_ID: reference = "SELECT i.id, i.kind, i.file_name, i.unit_id, i.datum, i.dry_run, i.state, i.message, i.rows_total, i.rows_done, i.rows_new, i.rows_changed, i.rows_same, i.rows_bad, i.job_id, i.created_by, i.created_at, i.finished_at, p.held, p.channel, p.encoding, p.header_row, p.mapping, p.file_bytes, p.beat_at, p.count_before, p.count_after, (SELECT COUNT(*) FROM import_file f WHERE f.import_id = i.id AND f.part = 0), (SELECT COUNT(*) FROM import_refused r WHERE r.import_id = i.id AND r.part = 0) FROM import_run i LEFT JOIN import_plan p ON p.import_id = i.id WHERE i.id = $1";
    /// Imports of a subtree, newest first.
    IMPORT_LIST: reference = "SELECT i.id, i.kind, i.file_name, i.unit_id, i.datum, i.dry_run, i.state, i.message, i.rows_total, i.rows_done, i.rows_new, i.rows_changed, i.rows_same, i.rows_bad, i.job_id, i.created_by, i.created_at, i.finished_at, p.held, p.channel, p.encoding, p.header_row, p.mapping, p.file_bytes, p.beat_at, p.count_before, p.count_after, (SELECT COUNT(*) FROM import_file f WHERE f.import_id = i.id AND f.part = 0), (SELECT COUNT(*) FROM import_refused r WHERE r.import_id = i.id AND r.part = 0) FROM import_run i JOIN unit u ON u.id = i.unit_id LEFT JOIN import_plan p ON p.import_id = i.id WHERE u.path >= $1 AND u.path < $2 AND (i.created_at, i.id) < ($3, $4) ORDER BY i.created_at DESC, i.id DESC LIMIT $5";
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
    /// Refused cells in the order of the file, without notes ($4).
    IMPORT_ERRORS: reference = "SELECT row_no, column_name, business_key, reason, masked_value FROM import_error WHERE import_id = $1 AND row_no > $2 AND reason NOT LIKE $4 ORDER BY row_no, column_name LIMIT $3";
    /// Notes about rows that are in, in the order of the file.
    IMPORT_NOTES: reference = "SELECT row_no, column_name, business_key, reason, masked_value FROM import_error WHERE import_id = $1 AND reason LIKE $2 ORDER BY row_no, column_name LIMIT $3";
    /// Rows that were refused, without notes ($2).
    IMPORT_ERROR_ROWS: reference = "SELECT row_no, COUNT(*) FROM import_error WHERE import_id = $1 AND reason NOT LIKE $2 GROUP BY row_no";
    /// What a batch did in one branch, written with the batch.
    IMPORT_CHUNK_ADD: unit = "INSERT INTO import_chunk (unit_id, import_id, chunk, rows_new, rows_changed, rows_same) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Batches of an import that are in, over all branches (resuming).
    IMPORT_CHUNKS: cross = "SELECT unit_id, chunk, rows_new, rows_changed, rows_same FROM import_chunk WHERE import_id = $1";
}
