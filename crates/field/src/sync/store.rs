//! SQL of operations, the feed, and what is kept aside. Operations and feed
//! rows are only ever added.

use zf_store::statements;

statements! {
    /// What was said to an operation when it first came.
    SYNC_OP: unit = "SELECT payload_mac, answer FROM sync_op WHERE unit_id = $1 AND op_id = $2";
    /// Keeps an operation with its answer. A conflict means that another transaction was first.
    SYNC_OP_ADD: unit = "INSERT INTO sync_op (unit_id, op_id, device_id, client_seq, kind, entity_id, payload_mac, answer, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The branch's feed begins.
    FEED_START: unit = "INSERT INTO feed_head (unit_id, seq) VALUES ($1, 0) ON CONFLICT (unit_id) DO NOTHING";
    /// Takes numbers; the row is held until the commit.
    FEED_TAKE: unit = "UPDATE feed_head SET seq = seq + $2 WHERE unit_id = $1 RETURNING seq";
    /// One change.
    FEED_ADD: unit = "INSERT INTO feed (unit_id, seq, kind, entity_id, rev, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Something to look at.
    REVIEW_ADD: unit = "INSERT INTO sync_review (unit_id, id, op_id, visit_id, reasons, state, made_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)";
    /// Keeps aside; the same thing sent again is there already.
    QUARANTINE_ADD: unit = "INSERT INTO sync_quarantine (unit_id, id, op_id, device_id, code, op_sealed, payload_mac, state, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (unit_id, op_id, payload_mac) DO NOTHING";
}
