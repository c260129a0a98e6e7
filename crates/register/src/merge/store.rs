//! SQL of merges. Every statement is about one branch.

use zf_store::statements;

statements! {
    /// Asks for a merge.
    MERGE_ADD: unit = "INSERT INTO customer_merge (unit_id, id, pair_id, kept_unit, kept_id, gone_unit, gone_id, fields, state, reason, asked_at, asked_by, asked_by_name, agreed_at, agreed_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// One merge.
    MERGE_BY_ID: unit = "SELECT unit_id, id, pair_id, kept_unit, kept_id, gone_unit, gone_id, fields, state, reason, asked_at, asked_by_name, agreed_by_name, done_at, undone_at, undone_by_name FROM customer_merge WHERE unit_id = $1 AND id = $2";
    /// Merges of a branch, the newest first.
    MERGE_LIST: unit = "SELECT unit_id, id, pair_id, kept_unit, kept_id, gone_unit, gone_id, fields, state, reason, asked_at, asked_by_name, agreed_by_name, done_at, undone_at, undone_by_name FROM customer_merge WHERE unit_id = $1 AND (asked_at < $2 OR (asked_at = $2 AND id < $3)) ORDER BY asked_at DESC, id DESC LIMIT $4";
    /// The bank's number of a record of a merge, wherever it lies by now.
    MERGE_NUMBER: unit = "SELECT customer_no FROM customer WHERE unit_id = $1 AND id = $2 UNION SELECT customer_no FROM customer_past WHERE unit_id = $1 AND id = $2";
    /// Moves a merge on from a state.
    MERGE_STATE: unit = "UPDATE customer_merge SET state = $4 WHERE unit_id = $1 AND id = $2 AND state = $3";
    /// The other branch agrees.
    MERGE_AGREE: unit = "UPDATE customer_merge SET state = 'agreed', agreed_at = $3, agreed_by_name = $4 WHERE unit_id = $1 AND id = $2 AND state = 'proposed'";
    /// It is done.
    MERGE_DONE: unit = "UPDATE customer_merge SET state = 'done', done_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'agreed'";
    /// Somebody takes it back.
    MERGE_UNDO: unit = "UPDATE customer_merge SET state = 'undoing', undone_by_name = $3 WHERE unit_id = $1 AND id = $2 AND state = 'done'";
    /// It is taken back.
    MERGE_UNDONE: unit = "UPDATE customer_merge SET state = 'undone', undone_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'undoing'";
    /// Remembers where a field came from before it was taken; none = as the record.
    MERGE_SOURCE_ADD: unit = "INSERT INTO merge_source (unit_id, merge_id, field, source_id, at) VALUES ($1, $2, $3, $4, $5)";
    /// Where the fields came from before.
    MERGE_SOURCES: unit = "SELECT field, source_id, at FROM merge_source WHERE unit_id = $1 AND merge_id = $2 ORDER BY field";
    /// The merge is taken back.
    MERGE_SOURCES_DROP: unit = "DELETE FROM merge_source WHERE unit_id = $1 AND merge_id = $2";
}
