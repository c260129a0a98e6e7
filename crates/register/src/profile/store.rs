//! SQL of the profile: what the audit chain tells about one row of a branch.
//! It reads events and writes nothing; the rows of households are read through
//! the household slice.

use zf_store::statements;

statements! {
    /// What has happened to one row, newest first, before a moment.
    TIMELINE: unit = "SELECT at, id, actor_name, action, target_id, detail FROM event WHERE unit_id = $1 AND target_id = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5";
}
