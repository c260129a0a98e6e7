//! What the machine says in the history of a task. Knows no task; names of
//! kinds and states are words of the packs.

/// It was not done while it could be.
pub const LAPSED: &str = "过期没有办，自动结束";
