//! What can go wrong in the database, the same on both engines. Callers decide
//! by variant: a conflict is the user's business, `Retry` and `Busy` are worth
//! another try of the whole transaction, the rest is an operator's or a
//! programmer's. Texts name statements, tables and columns and never carry a
//! parameter or a stored value: they end up in logs.

use thiserror::Error;

/// Result of everything in this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An error of the database or of how it was used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// `query_one` found nothing.
    #[error("no such row")]
    NotFound,
    /// A unique or foreign key was violated. `constraint` is `table(column, column)`
    /// for a unique key over columns and `foreign key` for a foreign key, on both engines.
    #[error("conflict with {constraint}")]
    Conflict {
        /// Which key, see above.
        constraint: String,
    },
    /// The database was too busy, or the transaction sat idle too long and was
    /// rolled back. Nothing of it was kept; try again later.
    #[error("the database is busy")]
    Busy,
    /// The disk is full or takes no more: space must be made. After a failed
    /// `commit` it is unknown whether the transaction was kept.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The database cannot be reached or is shut down.
    /// After a failed `commit` it is unknown whether the transaction was kept.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Serialisation failure or deadlock: run the whole transaction again.
    #[error("the transaction has to be run again")]
    Retry,
    /// The program is wrong: bad SQL, wrong parameter type, a `NOT NULL` or `CHECK` violated.
    #[error("statement failed: {0}")]
    Bug(String),
    /// The schema is not what the program expects.
    #[error("migration: {0}")]
    Migration(String),
}

impl StoreError {
    pub(crate) fn bug(text: impl Into<String>) -> Self {
        StoreError::Bug(text.into())
    }
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        StoreError::Unavailable(text.into())
    }
    /// What a failed file operation means: full, or not available.
    pub fn of_file(what: &str, e: &std::io::Error) -> Self {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let text = format!("{what}: {e}");
        match e.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => StoreError::Full(text),
            _ => StoreError::Unavailable(text),
        }
    }
    /// Whether running the whole transaction again may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, StoreError::Busy | StoreError::Retry)
    }
}
