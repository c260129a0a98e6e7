//! What a plan is made from: one branch as read from the database (by `load`),
//! in the shape the pure modules want. No names of customers, no contact data;
//! names of staff only, because they stand on the plan.

use super::desk::arrange::Arranged;
use super::keep::Kept;
use super::rest::Tried;
use crate::definition::Definition;
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
    /// Tries at which nobody was met.
    pub tried: Tried,
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

/// Who stays at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// One member of staff (position).
    Person(usize),
    /// Nobody goes out: rain, a meeting.
    Everybody,
}

/// Somebody stays at home on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Who.
    pub who: Who,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Only in the window of this id; none = all day.
    pub window: Option<String>,
}

impl Absence {
    /// Does it hold on this day in this window?
    pub fn holds(&self, day: Day, window: &str) -> bool {
        let on = (self.first..=self.last).contains(&day);
        on && self.window.as_deref().is_none_or(|w| w == window)
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
    /// Who stays at home when.
    pub absences: Vec<Absence>,
    /// What stays of an earlier plan of the week.
    pub kept: Kept,
}

impl BranchFacts {
    /// Must a route stay in because nobody goes out then or somebody of it is away?
    pub fn stays_home(&self, definition: &Definition, route: &Arranged) -> bool {
        self.away(definition, route).next().is_some()
    }

    /// Who of a route is away; everybody's day off gives all members.
    pub fn away<'a>(
        &'a self,
        definition: &Definition,
        route: &'a Arranged,
    ) -> impl Iterator<Item = &'a Person> {
        let start = route.key.start;
        let of_start = definition
            .window
            .iter()
            .find(|w| (i64::from(w.start.seconds())..i64::from(w.end.seconds())).contains(&start));
        let window = of_start.map_or(String::new(), |w| w.id.clone());
        let day = route.key.day;
        let off = move |p: &&Person| {
            let holds = |a: &&Absence| a.holds(day, &window);
            self.absences.iter().filter(holds).any(|a| match a.who {
                Who::Everybody => true,
                Who::Person(at) => self.staff[at] == **p,
            })
        };
        route.members.iter().filter(off)
    }
}
