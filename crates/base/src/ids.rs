//! Typed identifiers: one newtype per noun so that a customer's id cannot be
//! passed where a unit's is wanted. All are UUIDs made by the application
//! (version 7 in production, version 5 in the demo) because sequences do not
//! work on every database we support. Nothing here creates an id: the caller
//! brings the UUID, so this module stays free of clock and randomness.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
pub use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);
        impl $name {
            /// The raw UUID, for binding to a statement.
            pub fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
        impl From<$name> for Uuid { fn from(id: $name) -> Uuid { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> { Uuid::parse_str(s).map(Self) }
        }
    )* };
}

ids! {
    /// 机构: a node of the organisation tree, any level.
    UnitId,
    /// 员工.
    StaffId,
    /// A sign-in account.
    UserId,
    /// A sign-in session.
    SessionId,
    /// 客户.
    CustomerId,
    /// 家庭（户）.
    HouseholdId,
    /// 村组.
    VillageGroupId,
    /// 项目（营销活动／转型方案）.
    ProgramId,
    /// 走访对象.
    TargetId,
    /// 走访计划（周）.
    WeekPlanId,
    /// 线路.
    RouteId,
    /// 计划中的一站.
    StopId,
    /// 小组.
    TeamId,
    /// A background job.
    JobId,
    /// One import of a file.
    ImportId,
    /// 来源: where the fields of a record came from.
    SourceId,
    /// 合法来源记录.
    BasisId,
    /// One consent or refusal of a customer.
    ConsentId,
    /// A request of a customer about the own data.
    RequestId,
    /// One export.
    ExportId,
    /// A proposed household.
    ProposalId,
    /// Two records that may be one person.
    DuplicateId,
    /// Two records made one.
    MergeId,
    /// A move to another branch.
    TransferId,
    /// 走访: one planned encounter and what came of it.
    VisitId,
    /// A phone, or the desk of a branch.
    DeviceId,
    /// One operation of a phone or the desk.
    OpId,
    /// A visit that somebody must look at.
    ReviewId,
    /// One event of the audit chain.
    EventId,
}
