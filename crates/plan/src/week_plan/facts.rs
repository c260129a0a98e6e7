//! What a plan is made from: one branch as read from the database (by `load`),
//! in the shape the pure modules want. No names of customers, no contact data;
//! names of staff only, because they stand on the plan.

use zf_base::geo::Point;
use zf_base::{Day, TargetId, VillageGroupId};

/// A member of staff who may go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Code of the post.
    pub post: String,
    /// Name; empty for an outside person who is not on the staff list.
    pub name: String,
}

/// A household that may be visited.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The target.
    pub id: TargetId,
    /// Its door, or the nearest place known; none when nothing is.
    pub place: Option<Point>,
    /// The place is not the door.
    pub approximate: bool,
    /// Points for the choice.
    pub points: i64,
    /// A deposit or an insurance matures on this day.
    pub due_day: Option<Day>,
}

/// A village group that may be swept.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The group.
    pub id: VillageGroupId,
    /// Where it is.
    pub place: Option<Point>,
    /// The place is not the group's own.
    pub approximate: bool,
    /// Households known there.
    pub households: i64,
    /// Households that sweeps of other weeks already count.
    pub planned: i64,
    /// Half-days already planned in other weeks.
    pub sweeps: i64,
}

impl Group {
    /// Households that no sweep has counted yet.
    pub fn left(&self) -> i64 {
        (self.households - self.planned).max(0)
    }
}

/// One branch in one week.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchFacts {
    /// Where routes begin and end.
    pub place: Point,
    /// Village groups are swept first (rural and mixed markets, CUS-015).
    pub sweeps: bool,
    /// Households per planned day.
    pub quota_per_day: i64,
    /// Households owed from before this week.
    pub carried: i64,
    /// Active staff in the order of their numbers.
    pub staff: Vec<Person>,
    /// Households, best first.
    pub targets: Vec<Candidate>,
    /// Village groups.
    pub groups: Vec<Group>,
}
