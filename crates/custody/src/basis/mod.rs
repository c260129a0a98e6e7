//! Lawful bases (合法来源记录): why the bank may take a list from outside
//! (CAP-010…015, CUS-012, ERR-031). One person proposes, others agree, and
//! only then imports let the channel or tag in. The table is read by the
//! network room; who may agree and how often is decided here.

pub mod http;
pub mod service;
pub mod state;
pub mod store;

use zf_base::{BasisId, Day, Timestamp, UnitId, UserId};

pub use state::State;

/// One lawful basis.
#[derive(Clone, Debug)]
pub struct Basis {
    /// Holds for this unit and all below it.
    pub unit_id: UnitId,
    /// Id.
    pub id: BasisId,
    /// A channel, or `tag:` and a tag.
    pub source: String,
    /// What it is, in a few words without personal data.
    pub title: String,
    /// Code of the article of law.
    pub law: String,
    /// Code of the purpose.
    pub purpose: String,
    /// Last day.
    pub expires_day: Day,
    /// Text of the evidence.
    pub evidence: String,
    /// Where it is; expiry is told by the day.
    pub state: State,
    /// Why it was rejected or withdrawn.
    pub state_reason: String,
    /// Counts changes.
    pub rev: i64,
    /// When proposed.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: UserId,
    /// Their name then.
    pub made_by_name: String,
    /// Last decision.
    pub state_at: Timestamp,
    /// Who took it.
    pub state_by_name: String,
    /// Who has agreed, in order.
    pub votes: Vec<Vote>,
}

/// One person has agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// Who.
    pub user_id: UserId,
    /// Their name then.
    pub user_name: String,
    /// When.
    pub at: Timestamp,
}
