//! Which task may be on which route at all, and which parts of the instance
//! have nothing to do with each other.
//!
//! What it is for: evening visits near the branch and daytime visits far away
//! share no route; solving them apart halves the tables and the search. Quotas
//! and spacing tie parts together.
//! What it may not know: plans and search states.

use std::collections::HashMap;

use crate::instance::{Id, Instance, Route, Task, Travel};
use crate::travel::Seconds;

/// Seconds that rounding can save on a route with any sensible number of stops.
const ROUNDING_SLACK: i64 = 60;

/// Look-ups and the task x route admission that no plan can change.
pub(crate) struct Admission<'a> {
    pub(crate) task_by_id: HashMap<&'a Id, usize>,
    pub(crate) route_by_id: HashMap<&'a Id, usize>,
    pub(crate) depot_of_route: Vec<usize>,
    /// Posts of a route as a bit set over all posts that any task requires
    /// (posts beyond 64 share the last bit: only used to tell shifts apart).
    pub(crate) posts_of_route: Vec<u64>,
    routes: usize,
    allowed: Vec<bool>,
}

impl<'a> Admission<'a> {
    pub(crate) fn new(instance: &'a Instance) -> Self {
        let (tasks, routes) = (&instance.tasks, &instance.routes);
        let depot_of_route: Vec<usize> = routes
            .iter()
            .map(|route| instance.depot_index(route.depot.as_ref()).unwrap_or(0))
            .collect();
        let by_id = |ids: Vec<&'a Id>| ids.into_iter().enumerate().map(|(at, id)| (id, at));
        let mut admission = Admission {
            task_by_id: by_id(tasks.iter().map(|task| &task.id).collect()).collect(),
            route_by_id: by_id(routes.iter().map(|route| &route.id).collect()).collect(),
            depot_of_route,
            posts_of_route: posts_of_routes(instance),
            routes: routes.len(),
            allowed: Vec::with_capacity(tasks.len() * routes.len()),
        };
        let seconds = Seconds::new(instance);
        let given = matches!(instance.travel, Travel::Matrix { .. });
        for (at, task) in tasks.iter().enumerate() {
            let point = instance.depots.len() + at;
            let trips: Vec<(i64, i64)> = (0..instance.depots.len())
                .map(|depot| (seconds.between(depot, point), seconds.between(point, depot)))
                .collect();
            let own_depot = task.depot.as_ref().map(|id| instance.depot_index(Some(id)));
            let mut on_day = vec![false; instance.days as usize];
            for &day in &task.days {
                on_day[day as usize] = true;
            }
            for (route_at, route) in routes.iter().enumerate() {
                let depot = admission.depot_of_route[route_at];
                admission.allowed.push(
                    !route.frozen
                        && on_day[route.day as usize]
                        && own_depot.is_none_or(|own| own == Some(depot))
                        && has_posts(task, route)
                        && may_fit(task, route, trips[depot], given),
                );
            }
        }
        admission
    }

    /// Whether the task may be added to the route, plan apart.
    pub(crate) fn allows(&self, task: usize, route: usize) -> bool {
        self.allowed[task * self.routes + route]
    }
}

/// Whether the route has every post the task requires.
pub(crate) fn has_posts(task: &Task, route: &Route) -> bool {
    task.requires.iter().all(|post| route.posts.contains(post))
}

/// When the visit begins on an otherwise empty route, and when one is back;
/// `None` when every window has closed on arrival.
pub(crate) fn alone(task: &Task, route: &Route, trip: (i64, i64)) -> Option<(i64, i64)> {
    let arrive = route.start + trip.0;
    let open = task.windows.iter().filter(|window| arrive <= window[1]);
    let start = match open.map(|window| arrive.max(window[0])).min() {
        Some(start) => start,
        None if task.windows.is_empty() => arrive,
        None => return None,
    };
    Some((start, start + task.service + trip.1))
}

/// Whether the pair can be ruled out by time whatever else is on the route.
///
/// Whole seconds break the triangle inequality by a second per stop, and given
/// tables may break it by any amount; so this only rules out what no detour
/// can save, and the search tests the rest.
fn may_fit(task: &Task, route: &Route, trip: (i64, i64), given: bool) -> bool {
    let trip = if given {
        (0, 0)
    } else {
        let slack = |leg: i64| (leg - ROUNDING_SLACK).max(0);
        (slack(trip.0), slack(trip.1))
    };
    alone(task, route, trip).is_some_and(|(_, back)| back <= route.end)
        && route.max_visits.is_none_or(|most| task.demand <= most)
}

fn posts_of_routes(instance: &Instance) -> Vec<u64> {
    let mut posts: Vec<&String> = Vec::new();
    for post in instance.tasks.iter().flat_map(|task| &task.requires) {
        if !posts.contains(&post) {
            posts.push(post);
        }
    }
    let bits = |route: &Route| {
        let has = posts.iter().enumerate();
        has.filter(|(_, post)| route.posts.contains(post))
            .fold(0u64, |bits, (at, _)| bits | 1 << at.min(63))
    };
    instance.routes.iter().map(bits).collect()
}

/// Tasks and routes (positions in the instance) that only concern each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) tasks: Vec<usize>,
    pub(crate) routes: Vec<usize>,
}

/// Splits an instance; tasks that fit nowhere are in no part.
pub(crate) fn split(instance: &Instance, admission: &Admission) -> Vec<Part> {
    let routes = instance.routes.len();
    let mut sets = Sets::new(routes + instance.tasks.len());
    let mut placed = vec![false; instance.tasks.len()];
    for (task, placed) in placed.iter_mut().enumerate() {
        for route in (0..routes).filter(|&route| admission.allows(task, route)) {
            sets.join(route, routes + task);
            *placed = true;
        }
    }
    for (at, route) in instance.routes.iter().enumerate() {
        for id in &route.fixed {
            if let Some(&task) = admission.task_by_id.get(id) {
                sets.join(at, routes + task);
                placed[task] = true;
            }
        }
    }
    join_coupled(instance, admission, &mut sets);
    collect(&mut sets, routes, &placed)
}

fn join_coupled(instance: &Instance, admission: &Admission, sets: &mut Sets) {
    let routes = instance.routes.len();
    for (at, task) in instance.tasks.iter().enumerate() {
        let first = task
            .after
            .as_ref()
            .and_then(|after| admission.task_by_id.get(&after.task));
        if let Some(&first) = first {
            sets.join(routes + at, routes + first);
        }
    }
    let mut first_of: HashMap<(u32, Option<&Id>), usize> = HashMap::new();
    for (at, route) in instance.routes.iter().enumerate() {
        if instance.quota.per_day.is_some() {
            let first = *first_of.entry((route.day, None)).or_insert(at);
            sets.join(first, at);
        }
        if instance.quota.per_team.is_some() && route.team.is_some() {
            let first = *first_of
                .entry((route.day, route.team.as_ref()))
                .or_insert(at);
            sets.join(first, at);
        }
    }
}

fn collect(sets: &mut Sets, routes: usize, placed: &[bool]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut part_of: HashMap<usize, usize> = HashMap::new();
    for item in 0..routes + placed.len() {
        if item >= routes && !placed[item - routes] {
            continue;
        }
        let root = sets.root(item);
        let at = *part_of.entry(root).or_insert_with(|| {
            parts.push(Part::default());
            parts.len() - 1
        });
        if item < routes {
            parts[at].routes.push(item);
        } else {
            parts[at].tasks.push(item - routes);
        }
    }
    parts.retain(|part| !part.tasks.is_empty());
    parts
}

/// Union-find.
struct Sets(Vec<usize>);

impl Sets {
    fn new(items: usize) -> Self {
        Sets((0..items).collect())
    }

    fn root(&mut self, mut item: usize) -> usize {
        while self.0[item] != item {
            self.0[item] = self.0[self.0[item]];
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The smaller index stays root, so parts come out in a fixed order.
        self.0[a.max(b)] = a.min(b);
    }
}
