//! Week plans (走访计划): which team visits which households and village groups
//! on which day of a week, in which order (PLN-004). Pure modules make a plan
//! from facts (`days`, `shifts`, `build`, `assign`); the others read the facts,
//! store the plan, and let a branch head strike out, confirm and print it. Every
//! figure of a plan comes from the definition of the program version in force.

pub mod adherence;
pub mod assign;
pub mod build;
pub mod days;
mod demand;
pub mod desk;
pub mod facts;
pub mod http;
pub mod jobs;
pub mod keep;
pub mod load;
pub mod make;
pub mod print;
pub mod program;
pub mod rest;
pub mod service;
mod shifts;
pub mod store;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod told;
pub mod tuning;
pub mod view;
pub mod words;

use crate::targets::Reason;
use zf_base::geo::Point;
use zf_base::mask::{Masked, PersonName};
use zf_base::{
    Day, IsoWeek, RouteId, StopId, TargetId, Timestamp, UnitId, VillageGroupId, WeekPlanId,
};
use zf_network::place::Precision;

/// State of a plan that may still change.
pub const DRAFT: &str = "draft";
/// State of a plan the head has agreed to.
pub const CONFIRMED: &str = "confirmed";

/// Somebody opened the plan again by hand.
pub const HAND: &str = "hand";

/// The plan of one branch and week without its routes.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Branch.
    pub unit_id: UnitId,
    /// Id.
    pub id: WeekPlanId,
    /// Week.
    pub week: IsoWeek,
    /// `draft` or `confirmed`.
    pub state: String,
    /// Counts how often it was made.
    pub version: i64,
    /// Households planned.
    pub planned: i64,
    /// Quota × planned days.
    pub needed: i64,
    /// Households owed from before.
    pub carried: i64,
    /// Households of this week's quota that are not planned.
    pub shortfall: i64,
    /// Metres on the road.
    pub travel_meters: i64,
    /// Teams that go out.
    pub teams: i64,
    /// Made.
    pub made_at: Timestamp,
    /// Confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// By whom.
    pub confirmed_by_name: Option<String>,
    /// Edits of this draft so far.
    pub edits: i64,
    /// Households left out in all; the list holds the first of them.
    pub left_out: i64,
    /// Why it is a draft again: `hand`, `absence` or `weather`.
    pub reopened_why: Option<String>,
}

impl Header {
    /// What is still open when the week is over, debt included (CMP-010).
    pub fn left(&self) -> i64 {
        (self.carried + self.needed - self.planned).max(0)
    }
}

/// Who or what a stop is about.
#[derive(Clone, Debug)]
pub enum Title {
    /// The leading member of a household.
    Householder(Masked<PersonName>),
    /// A village group by name.
    Group(String),
}

/// Why a household is not visited that nobody struck out by hand; it is not
/// named any more, and the stop cannot be taken back in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Off {
    /// It does not wish to be visited.
    Refused,
    /// Nobody of it is a customer of the branch any more.
    Left,
    /// The lawful basis or source by which the bank knew of it has ended.
    SourceEnded,
}

impl Off {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Off::Refused => "refused",
            Off::Left => "left",
            Off::SourceEnded => "source_ended",
        }
    }

    /// From what is stored; anything unknown counts as a refusal.
    pub fn from_stored(text: &str) -> Off {
        let all = [Off::Left, Off::SourceEnded];
        let found = all.into_iter().find(|off| off.as_str() == text);
        found.unwrap_or(Off::Refused)
    }
}

/// One stop.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Id.
    pub id: StopId,
    /// Its route.
    pub route_id: RouteId,
    /// Place in the route, from 1.
    pub seq: i64,
    /// The household's target.
    pub target_id: Option<TargetId>,
    /// The village group swept.
    pub village_group_id: Option<VillageGroupId>,
    /// Whom.
    pub title: Title,
    /// Village group of the household, or the group itself.
    pub village_group_name: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Households it counts for.
    pub households: i64,
    /// At the door, seconds of the day.
    pub arrive: i64,
    /// Away from it, seconds of the day.
    pub leave: i64,
    /// Where.
    pub place: Point,
    /// The place is not the door.
    pub approximate: bool,
    /// What the place is taken from; none when the household's target has been
    /// placed anew since, and for a village group.
    pub precision: Option<Precision>,
    /// Struck out.
    pub struck: bool,
    /// Struck out by hand or job then.
    pub struck_at: Option<Timestamp>,
    /// Locked then: planning again leaves it on its shift.
    pub locked: Option<Timestamp>,
    /// The household is not to be visited, and why.
    pub off: Option<Off>,
}

/// A member of a team as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberName {
    /// Code of the post.
    pub post: String,
    /// Name; empty when the ally is not on the list of staff.
    pub name: String,
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Id.
    pub id: RouteId,
    /// The day.
    pub day: Day,
    /// Code of the team with its number.
    pub team_code: String,
    /// Title of the team.
    pub team_name: String,
    /// `preliminary`, `precise_day` or `precise_evening`.
    pub kind: String,
    /// Window, seconds of the day.
    pub starts: i64,
    /// End of the window.
    pub ends: i64,
    /// Who goes.
    pub members: Vec<MemberName>,
    /// Metres on the road.
    pub travel_meters: i64,
    /// Seconds on the road.
    pub travel_seconds: i64,
    /// Back at the branch, seconds of the day.
    pub back_at: i64,
    /// Locked then, with all its stops.
    pub locked: Option<Timestamp>,
    /// In order, struck ones too.
    pub stops: Vec<Stop>,
}

/// A household left out.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The target.
    pub target_id: TargetId,
    /// Its leading member.
    pub name: Masked<PersonName>,
    /// Village group.
    pub village_group_name: Option<String>,
    /// Points.
    pub priority: i64,
    /// Why.
    pub why: assign::Why,
}

/// A whole plan.
#[derive(Clone, Debug)]
pub struct WeekPlan {
    /// Its figures.
    pub header: Header,
    /// Monday to Sunday.
    pub days: Vec<days::PlanDay>,
    /// By day and start.
    pub routes: Vec<Route>,
    /// Best first.
    pub unserved: Vec<LeftOut>,
}
