//! The unit noun: the organisation tree. 分行 is level `city`, a 网点 is level
//! `branch`; what the levels are called on screen is a preset of names. A unit
//! has a path of ids from the root, so that "everything below" is a prefix.

pub mod service;
pub mod store;

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use zf_base::geo::{Datum, Point};
use zf_base::{Timestamp, UnitId};

/// Level in the tree, head office first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 总行 or 省局.
    Head,
    /// A province below a national head office.
    Province,
    /// 分行 or 市局.
    City,
    /// 支行 or 县局.
    County,
    /// 网点、支局、所.
    Branch,
}

impl Level {
    /// The name used in files and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Head => "head",
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
            Level::Branch => "branch",
        }
    }
}

impl FromStr for Level {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        [
            Level::Head,
            Level::Province,
            Level::City,
            Level::County,
            Level::Branch,
        ]
        .into_iter()
        .find(|l| l.as_str() == s)
        .ok_or(())
    }
}

/// 机构.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Id.
    pub id: UnitId,
    /// The bank's own code, unique.
    pub code: String,
    /// Name.
    pub name: String,
    /// Level.
    pub level: Level,
    /// The unit above; none for the root.
    pub parent_id: Option<UnitId>,
    /// `/id/id/…/` from the root to this unit.
    pub path: String,
    /// Area: `rural`, `urban` or `mixed`.
    pub area_kind: Option<String>,
    /// Market: `rural` or `urban` (CUS-015).
    pub market_kind: Option<String>,
    /// Where it is, WGS-84.
    pub place: Option<Point>,
    /// In which datum the coordinates came.
    pub datum: Option<Datum>,
    /// Public telephone of the unit.
    pub phone: Option<String>,
    /// Closed units stay in history.
    pub active: bool,
    /// Made by the demo.
    pub is_demo: bool,
    /// Last change.
    pub updated_at: Timestamp,
}

/// What is needed to add a unit, or to change one.
#[derive(Clone, Debug)]
pub struct UnitInput {
    /// The bank's own code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Level; must be below the parent's.
    pub level: Level,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// `rural`, `urban` or `mixed`.
    pub area_kind: Option<String>,
    /// `rural` or `urban`.
    pub market_kind: Option<String>,
    /// WGS-84.
    pub place: Option<Point>,
    /// Datum the coordinates came in.
    pub datum: Option<Datum>,
    /// Public telephone.
    pub phone: Option<String>,
    /// Open or closed.
    pub active: bool,
}
