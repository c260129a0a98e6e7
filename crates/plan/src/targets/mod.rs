//! Targets (走访对象): the households of a branch chosen for a program, each with
//! reasons, points and a place. The daily target counts households (CMP-009);
//! the leading member is the one with the most points. Made by a job from
//! customers, village groups and the campaign's parameters; read by the week
//! plans. Names are opened only for the page that is shown, and leave masked.

pub mod groups;
pub mod http;
pub mod jobs;
pub mod rank;
pub mod service;
pub mod standing;
pub mod store;
#[cfg(test)]
mod tests;
pub mod visited;
pub mod words;

use serde::{Deserialize, Serialize};
use zf_base::mask::{Masked, PersonName};
use zf_base::{CustomerId, Day, TargetId, VillageGroupId};

/// A target that may be planned.
pub const OPEN: &str = "open";
/// A target whose household is no longer to be visited.
pub const DROPPED: &str = "dropped";
/// Kind of every target: named households (CMP-007); village groups are swept
/// without a list (ERR-063).
pub const PRECISE: &str = "precise";

/// Why a household is a target; stored as JSON, turned into words when shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// A member is in a must-visit group (CUS-001…011).
    MustVisit {
        /// Code of the group.
        group: String,
    },
    /// A deposit matures (CUS-009, MNT-014).
    Deposit {
        /// When.
        day: Day,
    },
    /// An insurance pays out (CUS-010, MNT-014).
    Insurance {
        /// When.
        day: Day,
    },
    /// Some of the four fields are missing (CUS-016).
    Missing {
        /// How many.
        fields: i64,
    },
}

/// 走访对象 as shown in a list.
#[derive(Clone, Debug)]
pub struct Target {
    /// Id.
    pub id: TargetId,
    /// The leading member.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: Masked<PersonName>,
    /// Village group.
    pub village_group_id: Option<VillageGroupId>,
    /// Points.
    pub priority: i64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// `precise`.
    pub kind: String,
    /// All members have all four fields.
    pub four_fields: bool,
    /// Members known.
    pub members: i64,
    /// `open`, `dropped`, ….
    pub state: String,
    /// Something matures on this day.
    pub due_day: Option<Day>,
    /// The place is not the door.
    pub approximate: bool,
    /// How near the place is to the door.
    pub precision: Option<zf_network::place::Precision>,
}
