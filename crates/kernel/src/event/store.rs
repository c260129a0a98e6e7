//! SQL of the audit chain. Events are appended and never changed; only `tx`
//! may run the statements that write. Hashes and seals come ready-made from
//! the vault.

use zf_store::statements;

statements! {
    /// Takes `$3` numbers of a stream; the row lock orders the writers.
    EVENT_HEAD_TAKE: unit = "UPDATE event_head SET seq = seq + $3 WHERE unit_id = $1 AND stream = $2 RETURNING seq, hash";
    /// Starts a stream.
    EVENT_HEAD_START: unit = "INSERT INTO event_head (unit_id, stream, seq, hash, mac) VALUES ($1, $2, 0, $3, $4) ON CONFLICT (unit_id, stream) DO NOTHING";
    /// Closes the step: the hash of the last event and its seal.
    EVENT_HEAD_SET: unit = "UPDATE event_head SET hash = $3, mac = $4 WHERE unit_id = $1 AND stream = $2";
    /// Appends one event.
    EVENT_APPEND: unit = "INSERT INTO event (unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    /// A page of a unit's events, newest first.
    EVENT_LIST: unit = "SELECT unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash FROM event WHERE unit_id = $1 AND (at, id) < ($2, $3) AND action LIKE $4 ORDER BY at DESC, id DESC LIMIT $5";
    /// The history of one row.
    EVENT_OF_TARGET: unit = "SELECT unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash FROM event WHERE unit_id = $1 AND target_id = $2 ORDER BY at DESC, id DESC LIMIT $3";
    /// One stream in order, for verification, in pages.
    EVENT_STREAM: unit = "SELECT unit_id, stream, seq, id, at, actor_id, actor_name, action, target_kind, target_id, detail, hash FROM event WHERE unit_id = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    /// All heads, for verification and the daily root.
    EVENT_HEADS: cross = "SELECT unit_id, stream, seq, hash, mac FROM event_head ORDER BY unit_id, stream";
    /// One head.
    EVENT_HEAD: unit = "SELECT unit_id, stream, seq, hash, mac FROM event_head WHERE unit_id = $1 AND stream = $2";
    /// Units and streams that have events at all (a chain whose head was removed shows here).
    EVENT_CHAINS: cross = "SELECT unit_id, stream, COUNT(*) FROM event GROUP BY unit_id, stream ORDER BY unit_id, stream";
    /// Stores the daily root.
    AUDIT_ROOT_SET: reference = "INSERT INTO audit_root (day, root, heads, made_at) VALUES ($1, $2, $3, $4) ON CONFLICT (day) DO NOTHING";
    /// The root of a day.
    AUDIT_ROOT_OF: reference = "SELECT root FROM audit_root WHERE day = $1";
    /// How often somebody did something since a moment in a subtree (reveal quota).
    EVENT_COUNT_BY_ACTOR: cross = "SELECT COUNT(*) FROM unit n JOIN event e ON e.unit_id = n.id WHERE n.path >= $1 AND n.path < $2 AND e.at >= $3 AND e.actor_id = $4 AND e.action = $5";
}
