//! Retention: how long records are kept. A nightly job lists what is due by
//! the rules, in batches of one branch and rule; nothing is erased before a
//! compliance officer agrees. The job that erases looks at every record again
//! and leaves one certificate for the batch.

pub mod http;
pub mod jobs;
pub mod service;
pub mod store;

use zf_base::{Timestamp, UnitId, Uuid};

/// One batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Branch.
    pub unit_id: UnitId,
    /// Id.
    pub id: Uuid,
    /// The rule that found them.
    pub rule: String,
    /// Version of the rules then.
    pub policy_version: i64,
    /// `proposed`, `approved`, `rejected` or `done`.
    pub state: String,
    /// Customers on the list.
    pub customers: i64,
    /// Customers erased.
    pub erased: i64,
    /// When listed.
    pub made_at: Timestamp,
    /// When decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by_name: String,
    /// Why not.
    pub reason: String,
    /// When the job was done with it.
    pub ended_at: Option<Timestamp>,
}
