//! Figures of planning a week again after a day was lost.
//!
//! What it is for: rain takes a day away when the days before it are over; the
//! rest is planned again from the earlier plan, and, in the same run, from
//! nothing. The benchmark commands share this.
//! What it may not know: files, clocks (the caller brings one), words on screen.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

use crate::instance::{Id, Instance, PlannedRoute, Stability};
use crate::pace::Silent;
use crate::score::{Solution, score};
use crate::search::Tuning;
use crate::solve::{Params, Prepared};

/// Effort of a re-planning benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgainJob {
    /// Steps of the plans from nothing.
    pub steps: u64,
    /// Steps of the plan from the earlier one.
    pub steps_again: u64,
    /// Seconds on the road that a change of one visit must save.
    pub penalty: i64,
    /// Seed of the searches.
    pub seed: u64,
    /// Numbers of the method.
    pub tuning: Tuning,
}

/// One way to plan what is left of the week.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgainFigures {
    /// Tables, search and reasons, by the caller's clock.
    pub seconds: f64,
    /// Prizes left out and travel, without any charge for changes.
    pub cost: i64,
    /// Visits planned earlier, not on the lost day, that are now elsewhere or out.
    pub changed: usize,
    /// By the independent scorer.
    pub feasible: bool,
}

/// A re-plan beside a plan from nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct AgainRow {
    /// `name` of the instance.
    pub instance: String,
    /// The day without routes.
    pub lost_day: u32,
    /// Visits it had.
    pub lost: usize,
    /// Visits of the days after it, which may change.
    pub open: usize,
    /// From the earlier plan.
    pub again: AgainFigures,
    /// From nothing.
    pub fresh: AgainFigures,
}

impl AgainRow {
    /// Seconds of the re-plan over those of the plan from nothing.
    pub fn time_ratio(&self) -> f64 {
        self.again.seconds / self.fresh.seconds
    }

    /// Cost of the re-plan over that of the plan from nothing.
    pub fn cost_ratio(&self) -> f64 {
        self.again.cost as f64 / self.fresh.cost as f64
    }
}

impl fmt::Display for AgainRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (again, fresh) = (&self.again, &self.fresh);
        write!(
            out,
            "{} again: day {} lost with {} visits; {:.3} s against {:.3} s from nothing = {:.3}; \
             changed {} against {} of {} visits; cost {} / {} = {:.4}{}",
            self.instance,
            self.lost_day,
            self.lost,
            again.seconds,
            fresh.seconds,
            self.time_ratio(),
            again.changed,
            fresh.changed,
            self.open,
            again.cost,
            fresh.cost,
            self.cost_ratio(),
            if again.feasible && fresh.feasible {
                ""
            } else {
                " INFEASIBLE"
            },
        )
    }
}

/// Plans an instance, takes the middle one of the days with visits
/// away, and plans the rest twice.
///
/// `now` gives seconds used so far (CPU time, as a rule).
pub fn again_row(instance: &Instance, job: &AgainJob, now: &dyn Fn() -> f64) -> AgainRow {
    let mut params = Params::iterations(job.steps, job.seed);
    params.tuning = job.tuning;
    params.explain = false;
    let earlier = Prepared::new(instance).solve(&params, &mut Silent).routes;
    let lost_day = middle_day(instance, &earlier);
    let (rest, after) = without_day(instance, &earlier, lost_day);
    let home: HashMap<&Id, &Id> = after
        .iter()
        .flat_map(|route| route.tasks.iter().map(|task| (task, &route.route)))
        .collect();
    let figures = |instance: &Instance, steps: u64| {
        let begin = now();
        let mut params = Params::iterations(steps, job.seed);
        params.tuning = job.tuning;
        let plan = Prepared::new(instance).solve(&params, &mut Silent);
        let seconds = now() - begin;
        let judged = score(instance, &plan);
        AgainFigures {
            seconds,
            cost: judged.cost - judged.changes,
            changed: changed(&home, &plan),
            feasible: judged.feasible(),
        }
    };
    let fresh = figures(&rest, job.steps);
    let mut kept = rest.clone();
    kept.stability = Some(Stability {
        previous: after.clone(),
        penalty: job.penalty,
    });
    let lost = earlier.iter().map(|route| route.tasks.len()).sum::<usize>();
    let over = rest.routes.iter().map(|route| route.fixed.len());
    AgainRow {
        instance: instance.name.clone(),
        lost_day,
        lost: lost - home.len() - over.sum::<usize>(),
        open: home.len(),
        again: figures(&kept, job.steps_again),
        fresh,
    }
}

/// The middle one of the days with visits.
fn middle_day(instance: &Instance, earlier: &[PlannedRoute]) -> u32 {
    let used: HashSet<&Id> = earlier.iter().map(|planned| &planned.route).collect();
    let routes = instance.routes.iter();
    let days: BTreeSet<u32> = routes
        .filter(|route| used.contains(&route.id))
        .map(|route| route.day)
        .collect();
    days.iter().nth(days.len() / 2).copied().unwrap_or(0)
}

/// The instance without the routes of a day and with those before it frozen as
/// planned; and the planned routes after it.
fn without_day(
    instance: &Instance,
    earlier: &[PlannedRoute],
    day: u32,
) -> (Instance, Vec<PlannedRoute>) {
    let mut rest = instance.clone();
    rest.routes.retain(|route| route.day != day);
    let mut after = Vec::new();
    for planned in earlier {
        let route = rest.routes.iter_mut().find(|r| r.id == planned.route);
        let Some(route) = route else { continue };
        if route.day < day {
            route.fixed.clone_from(&planned.tasks);
        } else {
            after.push(planned.clone());
        }
    }
    for route in rest.routes.iter_mut().filter(|route| route.day < day) {
        route.frozen = true;
    }
    (rest, after)
}

fn changed(home: &HashMap<&Id, &Id>, plan: &Solution) -> usize {
    let kept = plan.routes.iter().flat_map(|route| {
        let tasks = route.tasks.iter();
        tasks.filter(|task| home.get(task) == Some(&&route.route))
    });
    home.len() - kept.count()
}
