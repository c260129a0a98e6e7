//! From facts to a planning instance: shifts become routes, village groups due
//! for a preliminary visit become frozen half-days (ERR-063), households become
//! tasks of the near or the far ring (ERR-005), points become prizes. Pure; the
//! same facts give the same instance.

use super::assign::{Goal, Why};
use super::days::PlanDay;
use super::facts::{BranchFacts, Candidate};
use super::keep::ShiftKey;
use super::shifts::{self, Due, Roster, Shift};
use super::tuning::Tuning;
use crate::definition::{Definition, Distance, Ring, Side, Team, VisitKind};
use std::collections::{HashMap, HashSet};
use zf_base::geo::{Meters, Point, haversine_m};
use zf_base::{TargetId, limits};
use zf_routing::{
    Depot, EARTH_KM, Id, Instance, Place, PlannedRoute, Quota, Route, Stability, Task, Travel,
    haversine,
};

/// An instance with what it was made from.
#[derive(Clone, Debug)]
pub struct Built {
    /// For the planner.
    pub instance: Instance,
    /// Shifts in the order of the instance's routes.
    pub roster: Roster,
    /// Households the week needs: quota × planned days.
    pub needed: i64,
    /// Most households of one day, what is owed included.
    pub most_per_day: i64,
    /// Targets not offered to the search, better ones first.
    pub beyond: Vec<TargetId>,
    /// Targets that may not be tried again yet, better ones first.
    pub resting: Vec<(TargetId, Why)>,
}

/// Side of the ring on which a place is (ERR-005). Without roads, road distance
/// is the straight line times the detour of the campaign.
pub fn side_of(definition: &Definition, branch: Point, place: Point) -> Side {
    let straight = haversine_m(branch, place);
    match definition.ring.distance {
        Distance::StraightLine => definition.ring.side(straight),
        Distance::Road => definition
            .ring
            .side(Meters(straight.0 * definition.travel.detour)),
    }
}

/// Name of a target's task.
pub fn target_task(id: TargetId) -> Id {
    Id::Text(id.to_string())
}

/// Name of a sweep's task.
pub fn sweep_task(shift: &Shift) -> Id {
    Id::Text(format!("sweep {}", shift.id))
}

/// Makes the instance of one branch and week; `days` are Monday to Sunday.
pub fn build(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    days: &[PlanDay],
) -> Built {
    let planned_days = days.iter().filter(|d| d.planned()).count() as i64;
    let needed = facts.quota_per_day * planned_days;
    let most_per_day = most_per_day(definition, facts, planned_days);
    let due = if facts.sweeps {
        due_groups(definition, facts)
    } else {
        vec![]
    };
    let roster = shifts::roster(definition, tuning, facts, days, &due, most_per_day);
    let mut instance = bare(definition, facts, days, most_per_day);
    keep_loads(facts, days, most_per_day, &mut instance);
    for shift in &roster.shifts {
        let task = shift
            .sweep
            .map(|group| sweep(definition, facts, shift, group, most_per_day));
        instance
            .routes
            .push(route(definition, shift, task.as_ref()));
        instance.tasks.extend(task);
    }
    let Chosen {
        chosen,
        beyond,
        resting,
    } = choose(definition, tuning, facts, &roster, days);
    let shifts: HashMap<ShiftKey, &Shift> = roster
        .shifts
        .iter()
        .filter(|s| s.sweep.is_none())
        .map(|s| (s.key(definition), s))
        .collect();
    for candidate in chosen {
        let mut task = visit(definition, tuning, facts, candidate, days);
        let pin = facts.kept.pinned.get(&candidate.id);
        if let Some(shift) = pin.and_then(|key| shifts.get(key)) {
            pin_to(shift, &mut task);
        }
        instance.tasks.push(task);
    }
    instance.stability = stability(definition, tuning, facts, &roster);
    Built {
        instance,
        roster,
        needed,
        most_per_day,
        beyond,
        resting,
    }
}

/// An instance without routes and tasks.
pub fn bare(
    definition: &Definition,
    facts: &BranchFacts,
    days: &[PlanDay],
    most_per_day: i64,
) -> Instance {
    Instance {
        format: Instance::FORMAT.to_owned(),
        days: days.len() as u32,
        depots: vec![Depot {
            id: None,
            place: place(facts.place),
        }],
        travel: travel(definition),
        quota: Quota {
            per_day: Some(most_per_day),
            per_team: None,
        },
        ..Instance::default()
    }
}

/// What kept routes take of a day's number: a frozen route each, with one visit
/// at the branch itself that takes no time.
fn keep_loads(facts: &BranchFacts, days: &[PlanDay], most_per_day: i64, instance: &mut Instance) {
    let mut loads = vec![0; days.len()];
    for (n, kept) in facts.kept.routes.iter().enumerate() {
        let Some(at) = days.iter().position(|d| d.day == kept.route.day) else {
            continue;
        };
        // More than the day's number may be kept; the planner only has to know that it is full.
        let demand = kept.households.clamp(0, (most_per_day - loads[at]).max(0));
        loads[at] += demand;
        let id = Id::Text(format!("kept {n}"));
        instance.tasks.push(Task {
            id: id.clone(),
            place: place(facts.place),
            days: vec![at as u32],
            demand,
            ..Task::default()
        });
        instance.routes.push(Route {
            id: id.clone(),
            day: at as u32,
            start: kept.route.starts,
            end: kept.route.ends.max(kept.route.starts),
            fixed: vec![id],
            frozen: true,
            ..Route::default()
        });
    }
}

/// A locked stop stays on its shift, even across rings: only that shift has the mark.
fn pin_to(shift: &Shift, task: &mut Task) {
    task.requires = vec![stay_mark(&shift.id)];
    task.days = vec![shift.day_index as u32];
    task.mandatory = true;
}

/// A post that nobody has: marks one shift.
fn stay_mark(shift: &str) -> String {
    format!("stay:{shift}")
}

/// The earlier plan in the words of this one.
fn stability(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    roster: &Roster,
) -> Option<Stability> {
    let mut previous = Vec::new();
    for shift in &roster.shifts {
        let Some(goals) = facts.kept.previous.get(&shift.key(definition)) else {
            continue;
        };
        let task = |g: &Goal| match g {
            Goal::Target(id) => Some(target_task(*id)),
            Goal::Group(_) => None,
        };
        previous.push(PlannedRoute {
            route: Id::Text(shift.id.clone()),
            tasks: goals.iter().filter_map(task).collect(),
        });
    }
    (!previous.is_empty()).then_some(Stability {
        previous,
        penalty: tuning.seconds_per_change,
    })
}

/// The daily bar stays; what is owed is spread over the days on top of it, as
/// far as people have time (CMP-010).
pub fn most_per_day(definition: &Definition, facts: &BranchFacts, planned_days: i64) -> i64 {
    if !definition.quota.carry_over || planned_days == 0 {
        return facts.quota_per_day;
    }
    facts.quota_per_day + (facts.carried.max(0) + planned_days - 1) / planned_days
}

/// A point for the planner.
pub fn place(point: Point) -> Place {
    Place {
        lat: point.lat(),
        lon: point.lon(),
    }
}

fn travel(definition: &Definition) -> Travel {
    Travel::Haversine {
        earth_km: EARTH_KM,
        detour: definition.travel.detour,
        kmh: definition.travel.kmh,
    }
}

/// Seconds on the road between two points, as the planner counts them.
pub fn seconds(definition: &Definition, from: Point, to: Point) -> i64 {
    let per_km = definition.travel.detour / definition.travel.kmh * 3600.0;
    haversine(place(from), place(to), EARTH_KM, per_km)
}

/// Village groups still to be swept: the least swept first, then the larger,
/// then the nearer.
fn due_groups(definition: &Definition, facts: &BranchFacts) -> Vec<Due> {
    let mut due: Vec<(i64, Due)> = Vec::new();
    for (at, group) in facts
        .groups
        .iter()
        .enumerate()
        .filter(|(_, g)| g.left() > 0 && !facts.kept.groups.contains(&g.id))
    {
        let travel = seconds(definition, facts.place, group.place.unwrap_or(facts.place));
        due.push((
            group.sweeps,
            Due {
                group: at,
                travel,
                left: group.left(),
            },
        ));
    }
    due.sort_by_key(|(sweeps, d)| (*sweeps, -d.left, d.travel, facts.groups[d.group].id));
    due.into_iter().map(|(_, d)| d).collect()
}

/// A half-day in a village group: there, from door to door, and back.
fn sweep(
    definition: &Definition,
    facts: &BranchFacts,
    shift: &Shift,
    group: usize,
    most: i64,
) -> Task {
    let g = &facts.groups[group];
    let at = g.place.unwrap_or(facts.place);
    let due = Due {
        group,
        travel: seconds(definition, facts.place, at),
        left: g.left(),
    };
    Task {
        id: sweep_task(shift),
        place: place(at),
        service: (shift.end - shift.start - 2 * due.travel).max(0),
        days: vec![shift.day_index as u32],
        demand: shifts::expected(definition, &due).min(most),
        requires: definition.team[shift.team].posts.clone(),
        ..Task::default()
    }
}

/// A post that nobody has: marks the ring that a team visits.
pub fn ring_mark(side: Side) -> String {
    format!("ring:{}", if side == Side::Near { "near" } else { "far" })
}

/// The posts of a team, and marks of the rings it visits.
pub fn posts_of(team: &Team) -> Vec<String> {
    let mut posts = team.posts.clone();
    posts.extend(
        [Side::Near, Side::Far]
            .into_iter()
            .filter(|s| team.visits(*s))
            .map(ring_mark),
    );
    posts
}

fn route(definition: &Definition, shift: &Shift, sweep: Option<&Task>) -> Route {
    let team = &definition.team[shift.team];
    let mut posts = posts_of(team);
    posts.push(stay_mark(&shift.id));
    Route {
        id: Id::Text(shift.id.clone()),
        day: shift.day_index as u32,
        start: shift.start,
        end: shift.end,
        team: Some(Id::Text(format!("{}-{}", team.id, shift.number))),
        posts,
        fixed: sweep.map(|t| vec![t.id.clone()]).unwrap_or_default(),
        frozen: sweep.is_some(),
        ..Route::default()
    }
}

/// Side of a candidate; without any place it is taken to be near.
pub(super) fn side(definition: &Definition, facts: &BranchFacts, c: &Candidate) -> Side {
    c.place
        .map_or(Side::Near, |p| side_of(definition, facts.place, p))
}

/// Seconds of one visit to a household.
pub fn service(definition: &Definition) -> i64 {
    i64::from(definition.precise.visit_minutes + definition.travel.stop_minutes) * 60
}

/// A visit to a household.
pub fn visit(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    c: &Candidate,
    days: &[PlanDay],
) -> Task {
    Task {
        id: target_task(c.id),
        place: place(c.place.unwrap_or(facts.place)),
        prize: points(tuning, c, days) * tuning.seconds_per_point,
        service: service(definition),
        days: allowed_days(definition, c, days),
        requires: vec![ring_mark(side(definition, facts, c))],
        ..Task::default()
    }
}

fn due_this_week(c: &Candidate, days: &[PlanDay]) -> bool {
    c.due_day
        .is_some_and(|due| days.iter().any(|d| d.day == due))
}

fn points(tuning: &Tuning, c: &Candidate, days: &[PlanDay]) -> i64 {
    let urgent = if due_this_week(c, days) {
        tuning.points_due_in_week
    } else {
        0
    };
    (c.points + urgent).max(1)
}

/// Before something matures is better than after: when a planned day of the
/// week lies before or on it, only those days are allowed. Where nobody was met,
/// the days until the next try are not.
fn allowed_days(definition: &Definition, c: &Candidate, days: &[PlanDay]) -> Vec<u32> {
    let from = c.tried.not_before(&definition.quota);
    let with = |ok: &dyn Fn(&PlanDay) -> bool| -> Vec<u32> {
        let open = |d: &PlanDay| from.is_none_or(|from| d.day >= from);
        let all = days
            .iter()
            .enumerate()
            .filter(|(_, d)| d.kinds.contains(&VisitKind::Precise) && open(d) && ok(d));
        all.map(|(at, _)| at as u32).collect()
    };
    match c.due_day.filter(|_| due_this_week(c, days)) {
        Some(due) => {
            let before = with(&|d| d.day <= due);
            if before.is_empty() {
                with(&|_| true)
            } else {
                before
            }
        }
        None => with(&|_| true),
    }
}

/// The targets of a week by what becomes of them.
struct Chosen<'a> {
    chosen: Vec<&'a Candidate>,
    beyond: Vec<TargetId>,
    resting: Vec<(TargetId, Why)>,
}

/// The targets worth offering to the search, and the rest. Per ring, so that
/// many good far targets do not push out the near ones.
fn choose<'a>(
    definition: &Definition,
    tuning: &Tuning,
    facts: &'a BranchFacts,
    roster: &Roster,
    days: &[PlanDay],
) -> Chosen<'a> {
    let kept = &facts.kept;
    let open = facts
        .targets
        .iter()
        .filter(|c| !kept.targets.contains(&c.id));
    let mut order: Vec<&Candidate> = open.collect();
    order.sort_by_key(|c| (std::cmp::Reverse(points(tuning, c, days)), c.id));
    order.dedup_by_key(|c| c.id);
    let rest = |c: &Candidate| match kept.pinned.contains_key(&c.id) {
        true => None,
        false => c.tried.rest(&definition.quota, days),
    };
    let resting = order.iter().filter_map(|c| rest(c).map(|why| (c.id, why)));
    let resting: Vec<(TargetId, Why)> = resting.collect();
    order.retain(|c| rest(c).is_none());
    let room = |wanted: Side| {
        let slots = roster
            .shifts
            .iter()
            .filter(|s| s.sweep.is_none() && definition.team[s.team].visits(wanted));
        let fits: i64 = slots
            .map(|s| (s.end - s.start) / service(definition).max(1))
            .sum();
        (fits as usize * tuning.candidates_per_slot)
            .max(tuning.candidates_min)
            .min(limits::WEEK_TARGETS_MAX / 2)
    };
    let (mut near, mut far) = (room(Side::Near), room(Side::Far));
    let before = kept.previous.values().flatten();
    // Who was planned before is offered again, however many are better.
    let mut taken: HashSet<TargetId> = before
        .filter_map(|g| match g {
            Goal::Target(id) => Some(*id),
            Goal::Group(_) => None,
        })
        .collect();
    for c in &order {
        let left = if side(definition, facts, c) == Side::Near {
            &mut near
        } else {
            &mut far
        };
        if *left > 0 {
            *left -= 1;
            taken.insert(c.id);
        }
    }
    let beyond = order
        .iter()
        .filter(|c| !taken.contains(&c.id))
        .map(|c| c.id)
        .collect();
    order.retain(|c| taken.contains(&c.id));
    Chosen {
        chosen: order,
        beyond,
        resting,
    }
}

/// The teams that visit one side, for saying who is missing.
pub fn teams_of(definition: &Definition, wanted: Side) -> impl Iterator<Item = usize> + '_ {
    let all = definition.team.iter().enumerate();
    all.filter(move |(_, t)| {
        t.kind == VisitKind::Precise && (t.visits(wanted) || t.ring == Ring::Any)
    })
    .map(|(at, _)| at)
}

/// Side that a task of the instance was marked with.
pub fn side_of_task(task: &Task) -> Side {
    if task.requires.contains(&ring_mark(Side::Far)) {
        Side::Far
    } else {
        Side::Near
    }
}
