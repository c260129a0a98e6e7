//! Background jobs: rows of a table, enqueued in the caller's transaction,
//! claimed with a lease, run by any worker, idempotent, retried with back-off,
//! dead after eight attempts. Rooms register a handler per kind; the kernel
//! does not know what a job does. Schedules are rows too: any worker turns a
//! due one into a job with a unique key, so no leader is needed.

pub mod house;
pub mod schedule;
pub mod service;
pub mod store;
pub mod task;
pub mod worker;

use serde::Serialize;
use serde_json::Value as Json;
use zf_base::code::ErrorCode;
use zf_base::{JobId, Timestamp, UnitId, UserId};

/// A job as stored.
#[derive(Clone, Debug)]
pub struct Job {
    /// Id.
    pub id: JobId,
    /// What to do, e.g. `import.run`.
    pub kind: String,
    /// Arguments; never personal data.
    pub args: Json,
    /// `ready`, `running`, `done`, `failed` or `canceled`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// Progress.
    pub done: i64,
    /// Of how many; 0 = not known.
    pub total: i64,
    /// One line for people.
    pub message: String,
    /// What came out.
    pub result: Option<Json>,
    /// Somebody wants it stopped.
    pub cancel_requested: bool,
    /// Subtree it works on.
    pub unit_id: UnitId,
    /// Who asked for it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What to do.
    pub kind: &'static str,
    /// Arguments; never personal data.
    pub args: Json,
    /// While a job of this kind and key is ready or running, a second is refused.
    pub dedup_key: Option<String>,
    /// Subtree it works on.
    pub unit_id: UnitId,
}

impl NewJob {
    /// A job of a kind with arguments for a subtree.
    pub fn new(kind: &'static str, unit_id: UnitId, args: impl Serialize) -> NewJob {
        NewJob {
            kind,
            args: serde_json::to_value(args).unwrap_or(Json::Null),
            dedup_key: None,
            unit_id,
        }
    }
    /// Only one at a time with this key.
    #[must_use]
    pub fn once(mut self, key: impl ToString) -> NewJob {
        self.dedup_key = Some(key.to_string());
        self
    }
}

/// The answer of a job that was asked to stop.
pub const CANCELED: ErrorCode = ErrorCode {
    code: "job.canceled",
    status: 409,
};
