//! The clock of one route, for showing and printing it.
//!
//! What it is for: when the team arrives, begins and leaves at each visit of a
//! given order, and when it is back. Leaves the depot as late as the first
//! visit allows, since waiting at the branch beats waiting at a door.
//! What it may not know: whether the order is good, or words and formats.

use crate::instance::{Id, Instance, Task};
use crate::travel::Seconds;

/// One visit on the clock. Times are seconds of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The task.
    pub task: Id,
    /// At the door.
    pub arrive: i64,
    /// Visit begins (after waiting, if early).
    pub start: i64,
    /// Visit ends.
    pub leave: i64,
    /// Seconds on the road from the previous stop or the depot.
    pub travel_from_previous: i64,
    /// Begins after its last window has closed.
    pub late: bool,
}

/// A route on the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// When the team leaves the depot, seconds of the day.
    pub depart: i64,
    /// The visits in order.
    pub stops: Vec<Stop>,
    /// Seconds on the road back to the depot.
    pub travel_back: i64,
    /// When the team is back, seconds of the day.
    pub back_at: i64,
    /// Back after the end of the shift.
    pub back_late: bool,
}

/// Times of `tasks` in this order on `route`. Unknown tasks are skipped; an
/// unknown route gives `None`.
pub fn schedule(instance: &Instance, route: &Id, tasks: &[Id]) -> Option<Schedule> {
    let route = instance.routes.iter().find(|r| r.id == *route)?;
    let seconds = Seconds::new(instance);
    let depot = instance.depot_index(route.depot.as_ref())?;
    let depots = instance.depots.len();
    let mut plan = Schedule {
        depart: route.start,
        ..Schedule::default()
    };
    let (mut now, mut from) = (route.start, depot);
    for id in tasks {
        let Some(at) = instance.tasks.iter().position(|task| task.id == *id) else {
            continue;
        };
        let task = &instance.tasks[at];
        let leg = seconds.between(from, depots + at);
        let mut arrive = now + leg;
        let (start, late) = begin(task, arrive);
        if plan.stops.is_empty() {
            plan.depart = start - leg;
            arrive = start;
        }
        now = start + task.service;
        from = depots + at;
        plan.stops.push(Stop {
            task: task.id.clone(),
            arrive,
            start,
            leave: now,
            travel_from_previous: leg,
            late,
        });
    }
    plan.travel_back = seconds.between(from, depot);
    plan.back_at = now + plan.travel_back;
    plan.back_late = plan.back_at > route.end;
    Some(plan)
}

/// When a visit begins if one arrives at `arrive`, and whether that is too late.
fn begin(task: &Task, arrive: i64) -> (i64, bool) {
    let open = task.windows.iter().filter(|window| arrive <= window[1]);
    match open.map(|window| arrive.max(window[0])).min() {
        Some(start) => (start, false),
        None => (arrive, !task.windows.is_empty()),
    }
}
