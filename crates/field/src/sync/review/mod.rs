//! 待处理: what came in and somebody must look at, and what was kept aside.
//! A decision is made once, says who and when, and moves what counts: a visit
//! that is rejected leaves the day's count and its target may be planned again;
//! what a visitor said of people changes the register only here.

pub mod http;
pub mod service;

use zf_base::{Day, Timestamp, UnitId, Uuid};

/// Which of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// What waits.
    #[default]
    Open,
    /// What somebody has decided.
    Decided,
}

/// Who decided, when and why; empty while it waits.
pub struct Decided {
    /// When.
    pub at: Option<Timestamp>,
    /// Who.
    pub by_name: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Something to look at.
pub struct Review {
    /// Branch.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Id.
    pub id: Uuid,
    /// `visit`, `trace`, `gift`, `proposal`, `pin`.
    pub kind: String,
    /// What it is about.
    pub entity_id: Uuid,
    /// Codes.
    pub reasons: String,
    /// When it came.
    pub made_at: Timestamp,
    /// Of a visit.
    pub day: Option<Day>,
    /// Of a visit.
    pub outcome: Option<String>,
    /// Who handed a visit in.
    pub made_by_name: Option<String>,
    /// `open`, `accepted`, `rejected`.
    pub state: String,
    /// What was decided.
    pub decided: Decided,
}

/// Something kept aside.
pub struct Aside {
    /// Branch.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Id.
    pub id: Uuid,
    /// Why.
    pub code: String,
    /// When it came.
    pub received_at: Timestamp,
    /// From which phone or desk.
    pub device_name: Option<String>,
    /// Whose that is.
    pub user_name: Option<String>,
    /// `open`, `taken`, `dropped`.
    pub state: String,
    /// What was decided.
    pub decided: Decided,
}
