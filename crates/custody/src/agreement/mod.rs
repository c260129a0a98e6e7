//! What outside parties may see (ERR-032): aggregates of k or more people,
//! under an agreement that one person records and another approves, each time
//! told of. Nothing about single customers ever goes this way.

pub mod http;
pub mod service;
pub mod store;

use zf_base::{Day, Timestamp, UnitId, UserId, Uuid};

/// 数据提供协议.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Covers this unit and everything below it.
    pub unit_id: UnitId,
    /// Id.
    pub id: Uuid,
    /// Who gets the figures.
    pub party: String,
    /// What for.
    pub purpose: String,
    /// Smallest group shown.
    pub k: i64,
    /// Last day.
    pub expires_day: Day,
    /// `proposed`, `approved`, `rejected` or `ended`.
    pub state: String,
    /// When recorded.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: UserId,
    /// Their name then.
    pub made_by_name: String,
    /// When decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by_name: String,
}

/// Figures were given out.
#[derive(Clone, Debug)]
pub struct Share {
    /// What about.
    pub subject: String,
    /// Figures in the table.
    pub cells: i64,
    /// Figures withheld.
    pub withheld: i64,
    /// When.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by_name: String,
}
