//! From the planner's answer to a plan: stops on the clock, kilometres, what is
//! planned and what is missing, and for every household left out the reason.
//! The answer is re-checked by the independent scorer before it is believed.
//! Pure; words are made elsewhere.

use super::build::{self, Built};
use super::days::PlanDay;
use super::desk::arrange::Arrangement;
use super::facts::{BranchFacts, Person};
use super::keep::ShiftKey;
use super::shifts::Shift;
use super::tuning::Tuning;
use crate::check::figures::Figures;
use crate::definition::{Definition, Side, VisitKind};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;
use zf_base::geo::{Point, haversine_m};
use zf_base::{Day, TargetId, VillageGroupId};
use zf_routing::{
    Id, Instance, Params, Reason, Silent, Solution, Unserved, Violation, schedule, score, solve,
};

/// A fault of ours: the instance or the answer broke a rule.
#[derive(Debug, Error)]
pub enum PlanFault {
    /// The instance is not valid.
    #[error("instance: {0}")]
    Instance(String),
    /// The scorer does not agree with the planner.
    #[error("plan: {0}")]
    Plan(String),
}

/// What kind of route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// A village group is swept.
    Preliminary,
    /// Households by day.
    PreciseDay,
    /// Households in the evening.
    PreciseEvening,
}

impl RouteKind {
    /// As stored; a precise day when unknown.
    pub fn of(text: &str) -> RouteKind {
        match text {
            "preliminary" => RouteKind::Preliminary,
            "precise_evening" => RouteKind::PreciseEvening,
            _ => RouteKind::PreciseDay,
        }
    }

    /// As stored and as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            RouteKind::Preliminary => "preliminary",
            RouteKind::PreciseDay => "precise_day",
            RouteKind::PreciseEvening => "precise_evening",
        }
    }
}

/// Where a stop is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// A household.
    Target(TargetId),
    /// A village group.
    Group(VillageGroupId),
}

/// One stop of a route. Times are seconds of the day.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStop {
    /// Whom.
    pub goal: Goal,
    /// Households it counts for.
    pub households: i64,
    /// At the door.
    pub arrive: i64,
    /// Away from it.
    pub leave: i64,
    /// Where.
    pub place: Point,
    /// The place is not the door.
    pub approximate: bool,
}

/// One route of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRoute {
    /// The day.
    pub day: Day,
    /// `precise_far-1`.
    pub team_code: String,
    /// Title of the team.
    pub team_name: String,
    /// Kind.
    pub kind: RouteKind,
    /// Window, seconds of the day.
    pub starts: i64,
    /// End of the window.
    pub ends: i64,
    /// Who goes.
    pub members: Vec<Person>,
    /// Seconds on the road.
    pub travel_seconds: i64,
    /// Metres on the road.
    pub travel_meters: i64,
    /// Back at the branch.
    pub back_at: i64,
    /// In order.
    pub stops: Vec<PlannedStop>,
}

/// Why a household is not in the plan; stored as JSON, turned into words when shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// No team can be formed for its ring.
    PostMissing {
        /// Codes of posts nobody of the branch holds.
        posts: Vec<String>,
    },
    /// No shift of its ring takes place on its days.
    NoShift,
    /// Too far for one shift, even alone.
    TooFar {
        /// Minutes missing.
        minutes: i64,
    },
    /// The day already has its number of households.
    DayFull {
        /// Households.
        households: i64,
    },
    /// No time left between the planned visits.
    NoTime {
        /// Minutes missing at the best place.
        minutes: i64,
    },
    /// Too far off the way for what it is worth.
    OffTheWay {
        /// Minutes of detour.
        minutes: i64,
    },
    /// Others are more urgent.
    Later,
    /// Nobody was met, and the days until the next try are not over (ERR-007).
    NotYet {
        /// The first day of the next try.
        from: Day,
    },
    /// Nobody was met as often as the campaign tries (ERR-007).
    TriedEnough {
        /// Tries.
        times: i64,
    },
}

/// The plan of one branch and week.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchPlan {
    /// Routes with at least one stop, by day and start.
    pub routes: Vec<PlannedRoute>,
    /// Households planned.
    pub planned: i64,
    /// Quota × planned days.
    pub needed: i64,
    /// Owed from before.
    pub carried: i64,
    /// Left out, best first, at most as many as are listed.
    pub unserved: Vec<(TargetId, Why)>,
    /// Left out in all.
    pub left_out: i64,
    /// Seconds on the road.
    pub travel_seconds: i64,
    /// Teams that go out at least once.
    pub teams: i64,
    /// Seed of the search.
    pub seed: u64,
}

impl BranchPlan {
    /// Households of this week's quota that are not planned.
    pub fn shortfall(&self) -> i64 {
        (self.needed - self.planned).max(0)
    }
}

/// Same branch, same week: same seed.
pub fn seed_of(unit_code: &str, week: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in unit_code.bytes().chain([b'|']).chain(week.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    // The database stores signed numbers.
    hash >> 1
}

/// Plans one branch and week.
///
/// # Errors
/// A [`PlanFault`]: a fault of ours, not of the input.
pub fn plan_branch(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    days: &[PlanDay],
    seed: u64,
) -> Result<BranchPlan, PlanFault> {
    let built = build::build(definition, tuning, facts, days);
    let solution = search(&built, tuning, seed)?;
    let mut unserved = unserved(definition, &built, &solution);
    let left_out = unserved.len() as i64;
    unserved.truncate(tuning.unserved_listed);
    let mut plan = BranchPlan {
        routes: routes(definition, facts, &built, &solution),
        planned: 0,
        needed: built.needed,
        carried: facts.carried.max(0),
        unserved,
        left_out,
        travel_seconds: 0,
        teams: 0,
        seed,
    };
    plan.planned = plan
        .routes
        .iter()
        .flat_map(|r| &r.stops)
        .map(|s| s.households)
        .sum();
    plan.travel_seconds = plan.routes.iter().map(|r| r.travel_seconds).sum();
    let mut teams: Vec<&str> = plan.routes.iter().map(|r| r.team_code.as_str()).collect();
    teams.sort_unstable();
    teams.dedup();
    plan.teams = teams.len() as i64;
    Ok(plan)
}

/// Plans again what was planned before. Locked stops that leave the rules no
/// room (moved past the end of a window by hand) keep their whole route as it is.
///
/// # Errors
/// A [`PlanFault`].
pub fn plan_keeping(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    old: Option<&Arrangement>,
    days: &[PlanDay],
    seed: u64,
) -> Result<BranchPlan, PlanFault> {
    let plan = plan_branch(definition, tuning, facts, days, seed)?;
    let Some(old) = old else { return Ok(plan) };
    let mut facts = facts.clone();
    let mut plan = plan;
    loop {
        let mut keys = lost(&facts, &plan);
        // Who is away does not go out, locked or not.
        keys.retain(|k| {
            let mut routes = old.routes.iter().filter(|r| r.key == *k);
            routes.all(|r| !facts.stays_home(definition, r))
        });
        let mut frozen = false;
        for key in &keys {
            frozen |= facts.kept.freeze(old, key);
        }
        if !frozen {
            return Ok(plan);
        }
        plan = plan_branch(definition, tuning, &facts, days, seed)?;
    }
}

/// Searches and has the answer judged.
fn search(built: &Built, tuning: &Tuning, seed: u64) -> Result<Solution, PlanFault> {
    if built.instance.routes.is_empty() {
        return Ok(Solution::default());
    }
    let steps = match built.instance.stability {
        Some(_) => tuning.iterations_again,
        None => tuning.iterations,
    };
    built
        .instance
        .validate()
        .map_err(|e| PlanFault::Instance(e.to_string()))?;
    let solution = solve(
        &built.instance,
        &Params::iterations(steps, seed),
        &mut Silent,
    );
    let judged = score(&built.instance, &solution);
    let lost = |v: &&Violation| !matches!(v, Violation::MandatoryLeftOut { .. });
    if let Some(broken) = judged.violations.iter().find(lost) {
        return Err(PlanFault::Plan(broken.to_string()));
    }
    Ok(solution)
}

fn routes(
    definition: &Definition,
    facts: &BranchFacts,
    built: &Built,
    solution: &Solution,
) -> Vec<PlannedRoute> {
    let tasks_of: HashMap<&Id, &[Id]> = solution
        .routes
        .iter()
        .map(|r| (&r.route, r.tasks.as_slice()))
        .collect();
    let mut out = Vec::new();
    for shift in &built.roster.shifts {
        let id = Id::Text(shift.id.clone());
        // A sweep stands even when the search does not repeat fixed visits.
        let fixed = shift
            .sweep
            .map(|_| vec![build::sweep_task(shift)])
            .unwrap_or_default();
        let tasks = tasks_of.get(&id).copied().unwrap_or(&fixed);
        if !tasks.is_empty() {
            out.extend(route(definition, facts, &built.instance, shift, &id, tasks));
        }
    }
    out.extend(facts.kept.routes.iter().map(|k| k.route.clone()));
    out.sort_by_key(|r| (r.day, r.starts));
    out
}

/// Locked households that found no place on their shift.
pub fn lost(facts: &BranchFacts, plan: &BranchPlan) -> Vec<ShiftKey> {
    let mut keys = Vec::new();
    for (target, key) in &facts.kept.pinned {
        let here = |r: &&PlannedRoute| ShiftKey::of(r) == *key;
        let mut stops = plan.routes.iter().filter(here).flat_map(|r| &r.stops);
        if !stops.any(|s| s.goal == Goal::Target(*target)) && !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

fn route(
    definition: &Definition,
    facts: &BranchFacts,
    instance: &Instance,
    shift: &Shift,
    id: &Id,
    tasks: &[Id],
) -> Option<PlannedRoute> {
    let clock = schedule(instance, id, tasks)?;
    let targets: HashMap<Id, usize> = facts
        .targets
        .iter()
        .enumerate()
        .map(|(at, c)| (build::target_task(c.id), at))
        .collect();
    let mut stops = Vec::new();
    for stop in &clock.stops {
        let task = instance.tasks.iter().find(|t| t.id == stop.task)?;
        let (goal, approximate) = match (targets.get(&stop.task), shift.sweep) {
            (Some(at), _) => {
                let c = &facts.targets[*at];
                (Goal::Target(c.id), c.approximate || c.place.is_none())
            }
            (None, Some(group)) => (
                Goal::Group(facts.groups[group].id),
                facts.groups[group].approximate || facts.groups[group].place.is_none(),
            ),
            (None, None) => return None,
        };
        let place = Point::new(task.place.lat, task.place.lon).ok()?;
        stops.push(PlannedStop {
            goal,
            households: task.demand,
            arrive: stop.arrive,
            leave: stop.leave,
            place,
            approximate,
        });
    }
    let places: Vec<Point> = stops.iter().map(|s| s.place).collect();
    let travel: i64 = clock.stops.iter().map(|s| s.travel_from_previous).sum();
    let team = &definition.team[shift.team];
    Some(PlannedRoute {
        day: shift.day,
        team_code: format!("{}-{}", team.id, shift.number),
        team_name: team.title.clone(),
        kind: kind_of(definition, shift),
        starts: shift.start,
        ends: shift.end,
        members: shift.members.clone(),
        travel_seconds: travel + clock.travel_back,
        travel_meters: meters(definition, facts.place, &places),
        back_at: clock.back_at,
        stops,
    })
}

/// What kind of route a shift makes. Evening work (recorded as overtime) begins
/// at the hour of the figures, whatever the window is called in the file.
pub fn kind_of(definition: &Definition, shift: &Shift) -> RouteKind {
    let starts = definition.window[shift.window].start;
    match (
        definition.team[shift.team].kind,
        Figures::of(definition).is_evening(starts),
    ) {
        (VisitKind::First, _) => RouteKind::Preliminary,
        (_, true) => RouteKind::PreciseEvening,
        (_, false) => RouteKind::PreciseDay,
    }
}

/// Metres on the road of a round through these places.
pub fn meters(definition: &Definition, branch: Point, places: &[Point]) -> i64 {
    let mut from = branch;
    let mut sum = 0.0;
    for to in places.iter().copied().chain([branch]) {
        sum += haversine_m(from, to).0;
        from = to;
    }
    (sum * definition.travel.detour).round() as i64
}

fn unserved(definition: &Definition, built: &Built, solution: &Solution) -> Vec<(TargetId, Why)> {
    let reasons: HashMap<&Id, &Unserved> = solution.unserved.iter().map(|u| (&u.task, u)).collect();
    let served: std::collections::HashSet<&Id> =
        solution.routes.iter().flat_map(|r| &r.tasks).collect();
    let mut out = Vec::new();
    // Tasks stand in the order of their points.
    for task in &built.instance.tasks {
        let Id::Text(text) = &task.id else { continue };
        let Ok(id) = text.parse::<TargetId>() else {
            continue;
        };
        if served.contains(&task.id) {
            continue;
        }
        let side = build::side_of_task(task);
        let mut posts: Vec<String> = missing_for(definition, built, side);
        posts.dedup();
        let why = match reasons.get(&task.id) {
            _ if !posts.is_empty() => Why::PostMissing { posts },
            Some(u) => why(&u.reason, built.most_per_day),
            None => Why::NoShift,
        };
        out.push((id, why));
    }
    out.extend(built.resting.iter().cloned());
    out.extend(built.beyond.iter().map(|id| (*id, Why::Later)));
    out
}

/// Posts without which no team of a ring can be formed; empty when one can.
fn missing_for(definition: &Definition, built: &Built, side: Side) -> Vec<String> {
    let mut posts = Vec::new();
    for team in build::teams_of(definition, side) {
        let of_team = || built.roster.missing.iter().filter(|(at, _)| *at == team);
        if of_team().next().is_none() {
            return vec![];
        }
        posts.extend(of_team().map(|(_, post)| post.clone()));
    }
    posts.sort();
    posts.dedup();
    posts
}

/// Whole minutes, rounded up.
fn minutes(seconds: i64) -> i64 {
    (seconds.max(0) + 59) / 60
}

fn why(reason: &Reason, most_per_day: i64) -> Why {
    match reason {
        Reason::WindowClosed { arrive, latest } => Why::TooFar {
            minutes: minutes(arrive - latest),
        },
        Reason::ShiftTooShort { back, end } => Why::TooFar {
            minutes: minutes(back - end),
        },
        Reason::QuotaReached => Why::DayFull {
            households: most_per_day,
        },
        Reason::DayFull { visits, .. } => Why::DayFull {
            households: *visits,
        },
        Reason::NoTime { short } => Why::NoTime {
            minutes: minutes(*short),
        },
        Reason::NotWorth { detour, .. } => Why::OffTheWay {
            minutes: minutes(*detour),
        },
        Reason::TooSoon { .. } => Why::Later,
        Reason::NoAllowedDay
        | Reason::PostMissing { .. }
        | Reason::OtherDepot
        | Reason::ShiftFrozen
        | Reason::TooLarge { .. } => Why::NoShift,
    }
}
