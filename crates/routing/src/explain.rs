//! Why a task is not in the plan.
//!
//! What it is for: for every task left out, per allowed day, how close it came
//! and what first stood in the way, and which visit it would have to replace.
//! Reasons are data; the words come from elsewhere.
//! What it may not know: how the plan was made; it looks at the finished plan.

use serde::Serialize;

use crate::instance::{Id, Instance, PlannedRoute};
use crate::model::Model;
use crate::parts::{Admission, alone, has_posts, split};
use crate::state::{Gap, State};
use crate::travel::Seconds;

/// What stood in the way first. Seconds unless stated otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// No shift takes place on any of its days.
    NoAllowedDay,
    /// The shift lacks these posts (岗位).
    PostMissing {
        /// All that are missing.
        posts: Vec<String>,
    },
    /// The shift starts from another depot.
    OtherDepot,
    /// The shift's plan is frozen.
    ShiftFrozen,
    /// Even alone, one arrives after the last window has closed.
    WindowClosed {
        /// Earliest arrival, seconds of the day.
        arrive: i64,
        /// Latest start, seconds of the day.
        latest: i64,
    },
    /// Even alone, one is back after the end of the shift.
    ShiftTooShort {
        /// Earliest return, seconds of the day.
        back: i64,
        /// End of the shift, seconds of the day.
        end: i64,
    },
    /// It counts for more visits than the shift may make.
    TooLarge {
        /// Its demand.
        demand: i64,
        /// The shift's `max_visits`.
        most: i64,
    },
    /// Too close to another visit that must come first or after.
    TooSoon {
        /// That visit.
        other: Id,
    },
    /// The quota of the day or of the team is used up.
    QuotaReached,
    /// All shifts of the day have their full number of visits.
    DayFull {
        /// Demand planned on the shift.
        visits: i64,
        /// The shift's `max_visits`.
        most: i64,
    },
    /// It fits nowhere between the planned visits.
    NoTime {
        /// How much is missing at the best place.
        short: i64,
    },
    /// It would fit, but the detour costs more than the visit is worth.
    NotWorth {
        /// Travel (and change penalty) it would add.
        detour: i64,
        /// What leaving it out costs.
        prize: i64,
    },
}

impl Reason {
    /// The larger, the closer the task came to being visited.
    fn closeness(&self) -> (u8, i64) {
        match self {
            Reason::NoAllowedDay => (0, 0),
            Reason::OtherDepot => (1, 0),
            Reason::PostMissing { posts } => (2, -(posts.len() as i64)),
            Reason::ShiftFrozen => (3, 0),
            Reason::TooLarge { demand, most } => (4, most - demand),
            Reason::WindowClosed { arrive, latest } => (5, latest - arrive),
            Reason::ShiftTooShort { back, end } => (6, end - back),
            Reason::TooSoon { .. } => (7, 0),
            Reason::QuotaReached => (8, 0),
            Reason::DayFull { visits, most } => (9, most - visits),
            Reason::NoTime { short } => (10, -short),
            Reason::NotWorth { detour, prize } => (11, prize - detour),
        }
    }
}

/// The planned visit whose place the task could take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Displaced {
    /// The planned visit.
    pub task: Id,
    /// Its route.
    pub route: Id,
    /// Seconds of cost the exchange would add (negative: it would pay).
    pub extra_cost: i64,
}

/// One allowed day of a task left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayReason {
    /// Day index.
    pub day: u32,
    /// The shift where it came closest, if there is a shift that day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Id>,
    /// What stood in the way there.
    #[serde(flatten)]
    pub reason: Reason,
    /// The visit of that day it could replace at least cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displaces: Option<Displaced>,
}

/// A task left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unserved {
    /// The task.
    pub task: Id,
    /// The reason of the day on which it came closest.
    #[serde(flatten)]
    pub reason: Reason,
    /// Per allowed day, ascending.
    pub days: Vec<DayReason>,
}

/// Reasons for every task that is in none of `routes` of a validated instance.
/// Unknown ids are ignored.
pub fn explain(instance: &Instance, routes: &[PlannedRoute]) -> Vec<Unserved> {
    let admission = Admission::new(instance);
    let parts = split(instance, &admission);
    let compile = |part| Model::new(instance, &admission, part);
    let models: Vec<Model> = parts.iter().map(compile).collect();
    explain_parts(instance, &admission, &models, routes)
}

pub(crate) fn explain_parts(
    instance: &Instance,
    admission: &Admission<'_>,
    models: &[Model],
    routes: &[PlannedRoute],
) -> Vec<Unserved> {
    let explainer = Explainer::new(instance, admission, models, routes);
    let left_out = (0..instance.tasks.len()).filter(|&task| !explainer.served[task]);
    left_out.map(|task| explainer.task(task)).collect()
}

struct Explainer<'a> {
    instance: &'a Instance,
    admission: &'a Admission<'a>,
    seconds: Seconds<'a>,
    states: Vec<State<'a>>,
    /// Part and node of a task, by position.
    node_of: Vec<Option<(usize, u32)>>,
    /// Route within its part, by position.
    route_of: Vec<Option<(usize, u32)>>,
    routes_of_day: Vec<Vec<usize>>,
    served: Vec<bool>,
}

impl<'a> Explainer<'a> {
    fn new(
        instance: &'a Instance,
        admission: &'a Admission<'a>,
        models: &'a [Model],
        routes: &[PlannedRoute],
    ) -> Self {
        let mut explainer = Explainer {
            instance,
            admission,
            seconds: Seconds::new(instance),
            states: models.iter().map(State::new).collect(),
            node_of: vec![None; instance.tasks.len()],
            route_of: vec![None; instance.routes.len()],
            routes_of_day: vec![Vec::new(); instance.days as usize],
            served: vec![false; instance.tasks.len()],
        };
        for (part, model) in models.iter().enumerate() {
            for (at, &task) in model.task_at.iter().enumerate() {
                explainer.node_of[task] = Some((part, (model.depots + at) as u32));
            }
            for (at, &route) in model.route_at.iter().enumerate() {
                explainer.route_of[route] = Some((part, at as u32));
            }
        }
        for (at, route) in instance.routes.iter().enumerate() {
            explainer.routes_of_day[route.day as usize].push(at);
        }
        for planned in routes {
            explainer.plan(planned);
        }
        explainer
    }

    fn plan(&mut self, planned: &PlannedRoute) {
        let route = self.admission.route_by_id.get(&planned.route);
        let place = route.and_then(|&route| self.route_of[route]);
        let known = planned.tasks.iter();
        let tasks: Vec<usize> = known
            .filter_map(|id| self.admission.task_by_id.get(id).copied())
            .collect();
        for &task in &tasks {
            self.served[task] = true;
        }
        let Some((part, route)) = place else { return };
        let of_part = |&task: &usize| self.node_of[task].filter(|node| node.0 == part);
        let nodes: Vec<u32> = tasks
            .iter()
            .filter_map(of_part)
            .map(|node| node.1)
            .collect();
        self.states[part].set_route(route, &nodes);
    }

    fn task(&self, task: usize) -> Unserved {
        let mut allowed = self.instance.tasks[task].days.clone();
        allowed.sort_unstable();
        allowed.dedup();
        let days: Vec<DayReason> = allowed.iter().map(|&day| self.day(task, day)).collect();
        let closest = days.iter().max_by_key(|day| day.reason.closeness());
        Unserved {
            task: self.instance.tasks[task].id.clone(),
            reason: closest.map_or(Reason::NoAllowedDay, |day| day.reason.clone()),
            days,
        }
    }

    fn day(&self, task: usize, day: u32) -> DayReason {
        let mut closest = DayReason {
            day,
            route: None,
            reason: Reason::NoAllowedDay,
            displaces: None,
        };
        let mut displaces: Option<Displaced> = None;
        for &route in &self.routes_of_day[day as usize] {
            let reason = self.on_route(task, route);
            if closest.route.is_none() || reason.closeness() > closest.reason.closeness() {
                closest.route = Some(self.instance.routes[route].id.clone());
                closest.reason = reason;
            }
            if let Some(exchange) = self.exchange(task, route) {
                let better = |known: &Displaced| exchange.extra_cost < known.extra_cost;
                if displaces.as_ref().is_none_or(better) {
                    displaces = Some(exchange);
                }
            }
        }
        closest.displaces = displaces;
        closest
    }

    /// What keeps the task off one route.
    fn on_route(&self, task: usize, route: usize) -> Reason {
        if !self.admission.allows(task, route) {
            return self.never(task, route);
        }
        // An allowed pair shares its part.
        let (Some((part, node)), Some((_, shift))) = (self.node_of[task], self.route_of[route])
        else {
            return Reason::NoAllowedDay;
        };
        let state = &self.states[part];
        let model = state.model;
        if let Some(other) = state.spacing_conflict(node, shift) {
            let other = model.task_at[other as usize - model.depots];
            let other = self.instance.tasks[other].id.clone();
            return Reason::TooSoon { other };
        }
        if !state.quota_admits(node, shift) {
            return Reason::QuotaReached;
        }
        if state.room(shift) < model.nodes[node as usize].demand {
            let most = self.instance.routes[route].max_visits.unwrap_or(i64::MAX);
            let visits = most - i64::from(state.room(shift));
            return Reason::DayFull { visits, most };
        }
        match between(state, node, shift, self.instance.tasks[task].prize) {
            // Saying that the day is crowded would be wrong if it failed alone.
            Reason::NoTime { short } => self
                .alone_fails(task, route)
                .unwrap_or(Reason::NoTime { short }),
            reason => reason,
        }
    }

    /// What rules the pair out whatever the plan.
    fn never(&self, task_at: usize, route_at: usize) -> Reason {
        let depot = self.admission.depot_of_route[route_at];
        let task = &self.instance.tasks[task_at];
        let route = &self.instance.routes[route_at];
        let own = task
            .depot
            .as_ref()
            .map(|id| self.instance.depot_index(Some(id)));
        if own.is_some_and(|own| own != Some(depot)) {
            return Reason::OtherDepot;
        }
        if !has_posts(task, route) {
            let missing = task
                .requires
                .iter()
                .filter(|post| !route.posts.contains(post));
            let posts = missing.cloned().collect();
            return Reason::PostMissing { posts };
        }
        if route.frozen {
            return Reason::ShiftFrozen;
        }
        if let Some(most) = route.max_visits.filter(|&most| task.demand > most) {
            return Reason::TooLarge {
                demand: task.demand,
                most,
            };
        }
        self.alone_fails(task_at, route_at)
            .unwrap_or(Reason::NoAllowedDay)
    }

    /// What is wrong with the clock if the task is all there is on the route.
    fn alone_fails(&self, task: usize, route: usize) -> Option<Reason> {
        let depot = self.admission.depot_of_route[route];
        let point = self.instance.depots.len() + task;
        let trip = (
            self.seconds.between(depot, point),
            self.seconds.between(point, depot),
        );
        let (task, route) = (&self.instance.tasks[task], &self.instance.routes[route]);
        let latest = task.windows.iter().map(|window| window[1]).max();
        let end = route.end;
        match alone(task, route, trip) {
            Some((_, back)) if back <= end => None,
            Some((_, back)) => Some(Reason::ShiftTooShort { back, end }),
            None => Some(Reason::WindowClosed {
                arrive: route.start + trip.0,
                latest: latest.unwrap_or(end),
            }),
        }
    }

    /// The cheapest exchange against one visit of a route, place for place.
    fn exchange(&self, task: usize, route: usize) -> Option<Displaced> {
        if !self.admission.allows(task, route) {
            return None;
        }
        let (part, node) = self.node_of[task]?;
        let (_, shift) = self.route_of[route]?;
        let state = &self.states[part];
        let model = state.model;
        if state.spacing_conflict(node, shift).is_some() {
            return None;
        }
        let mut best: Option<(i64, u32)> = None;
        for &other in &state.routes[shift as usize].tasks {
            if !state.admits_instead(node, other) {
                continue;
            }
            let Some(gap) = state.gap_without(other) else {
                continue;
            };
            let (mine, theirs) = (&model.nodes[node as usize], &model.nodes[other as usize]);
            if let Ok(delta) = squeeze(state, node, &gap) {
                let moved = state.surcharge(node, shift) - state.surcharge(other, shift);
                let extra = i64::from(delta + moved) + theirs.prize - mine.prize;
                best = Some(best.map_or((extra, other), |known| known.min((extra, other))));
            }
        }
        let (extra_cost, other) = best?;
        let other = model.task_at[other as usize - model.depots];
        Some(Displaced {
            task: self.instance.tasks[other].id.clone(),
            route: self.instance.routes[route].id.clone(),
            extra_cost,
        })
    }
}

/// Why the task is not between the visits of a route that has room for it.
fn between(state: &State<'_>, node: u32, shift: u32, prize: i64) -> Reason {
    let (mut short, mut detour) = (i64::MAX, None::<i64>);
    state.for_gaps(shift, |_, gap| {
        if gap.bound == i32::MIN {
            return;
        }
        match squeeze(state, node, gap) {
            Ok(delta) => {
                let delta = i64::from(delta + state.surcharge(node, shift));
                detour = Some(detour.map_or(delta, |known| known.min(delta)));
            }
            Err(missing) => short = short.min(i64::from(missing)),
        }
    });
    match detour {
        Some(detour) => Reason::NotWorth { detour, prize },
        None if short == i64::MAX => Reason::ShiftFrozen,
        None => Reason::NoTime { short },
    }
}

/// Travel added in a gap, or the seconds that are missing there.
fn squeeze(state: &State<'_>, node: u32, gap: &Gap) -> Result<i32, i32> {
    let model = state.model;
    let reach = model.matrix.leg(gap.prev, node);
    let leave = model.matrix.leg(node, gap.next);
    let arrive = gap.depart + reach;
    let info = &model.nodes[node as usize];
    let begin = match model.begin(node, arrive) {
        Some(begin) => begin,
        None => return Err(arrive - info.close),
    };
    let missing = begin + info.service + leave - gap.bound;
    if missing > 0 {
        return Err(missing);
    }
    Ok(reach + leave - gap.leg)
}
