//! Requests of a person about their own data: to see it, to have it corrected
//! or erased, to object, to take it along. Each has a day by which it must be
//! answered; an erasure needs a second person and leaves a certificate that
//! says what went, by whom, and nothing about the person.

pub mod certificate;
pub mod erase;
pub mod http;
pub mod papers;
pub mod report;
pub mod service;
pub mod state;
pub mod store;

use zf_base::{CustomerId, Day, RequestId, Timestamp, UnitId, UserId};

pub use state::{Kind, State};

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Branch.
    pub unit_id: UnitId,
    /// Id.
    pub id: RequestId,
    /// Whose.
    pub customer_id: CustomerId,
    /// What is asked for.
    pub kind: Kind,
    /// Where it is.
    pub state: State,
    /// How it came, a channel.
    pub channel: String,
    /// The field to correct; empty otherwise.
    pub field: String,
    /// What the person said; opened for people who may see it.
    pub detail: String,
    /// What stood there before the correction.
    pub old_value: String,
    /// What shall stand there.
    pub new_value: String,
    /// When it was asked.
    pub asked_day: Day,
    /// Last day to answer.
    pub due_day: Day,
    /// When it was recorded.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: UserId,
    /// Their name then.
    pub made_by_name: String,
    /// Why it was refused or withdrawn.
    pub reason: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    pub ended_by_name: String,
    /// Counts changes.
    pub rev: i64,
}
