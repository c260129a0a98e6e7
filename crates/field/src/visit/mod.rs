//! 走访: one encounter with what came of it. A visit is a fact: it is never
//! refused, only looked at; what it said before an amendment is kept. Comes in
//! through `sync`; goes out masked, in full only through a reveal. Tells the
//! plan room which target was visited.

pub(crate) mod compiled;
pub mod http;
pub mod payload;
pub mod record;
pub mod service;
pub mod store;
pub(crate) mod together;
pub mod whole;

use serde::Serialize;
use zf_base::{
    Day, HouseholdId, ProgramId, StopId, TargetId, Timestamp, UnitId, UserId, VillageGroupId,
    VisitId,
};

/// In force.
pub const ACCEPTED: &str = "accepted";
/// In force; somebody must look at it.
pub const REVIEW: &str = "review";
/// Looked at and found not to have happened; counts nowhere.
pub const REJECTED: &str = "rejected";

/// A visit without what it says about people.
#[derive(Clone, Debug, Serialize)]
pub struct Visit {
    /// Branch.
    pub unit_id: UnitId,
    /// Id, made by the device.
    pub id: VisitId,
    /// Campaign.
    pub program_id: ProgramId,
    /// `first`, `precise`, `follow_up`.
    pub kind: String,
    /// Whom the plan named.
    pub target_id: Option<TargetId>,
    /// Household visited; none for one that nobody knew.
    pub household_id: Option<HouseholdId>,
    /// Village group of a sweep.
    pub village_group_id: Option<VillageGroupId>,
    /// Stop of the plan.
    pub stop_id: Option<StopId>,
    /// Day it counts for.
    pub day: Day,
    /// 见面情况.
    pub outcome: String,
    /// It counts towards the day's households (ERR-007).
    pub counts: bool,
    /// [`ACCEPTED`], [`REVIEW`], [`REJECTED`].
    pub state: String,
    /// `phone`, `desk`.
    pub via: String,
    /// Form.
    pub form_id: String,
    /// Its version.
    pub form_version: i64,
    /// People recorded.
    pub members: i64,
    /// Of them with all that a valid record needs (CUS-016).
    pub valid_records: i64,
    /// Photos announced.
    pub photos: i64,
    /// From 1.
    pub rev: i64,
    /// Best estimate of when it was written down.
    pub estimated_at: Timestamp,
    /// When it reached us.
    pub received_at: Timestamp,
    /// The device's clock was off; a mark only.
    pub clock_suspect: bool,
    /// Who handed it in.
    pub made_by: UserId,
    /// Their name.
    pub made_by_name: String,
}
