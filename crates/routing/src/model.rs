//! The instance in the form the search works on.
//!
//! What it is for: tasks and routes of one independent part as plain arrays:
//! depots are nodes `0..depots`, tasks follow, sorted so that neighbours on
//! the map are neighbours in memory. Everything that can be decided once
//! (which task may go on which route at all, who is near whom) is here.
//! What it may not know: plans and search states.

use crate::instance::{Instance, MAX_SECONDS, Task};
use crate::matrix::Matrix;
use crate::parts::{Admission, Part};

/// No route, no home.
pub(crate) const NONE: u32 = u32::MAX;
/// Added to the prize of mandatory tasks inside the search.
const MANDATORY: i64 = 10_000_000_000_000;
/// Neighbours kept per task.
const NEAR: usize = 150;

/// What the search needs of a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// First and last second at which the visit may start.
    pub(crate) open: i32,
    pub(crate) close: i32,
    pub(crate) service: i32,
    pub(crate) demand: i32,
    /// Cost of leaving it out, stability included.
    pub(crate) prize: i64,
    /// Its route in the earlier plan, or `NONE`.
    pub(crate) home: u32,
    /// More than one window: `Model::gaps` has the closed times between them.
    pub(crate) split: bool,
    /// Quotas or spacing have to be asked.
    pub(crate) coupled: bool,
}

/// What the search needs of a route.
#[derive(Clone, Debug)]
pub(crate) struct Shift {
    pub(crate) start: i32,
    pub(crate) end: i32,
    pub(crate) capacity: i32,
    pub(crate) depot: u32,
    pub(crate) day: u32,
    /// Index of its team-day in the quota counters.
    pub(crate) team_day: u32,
    /// Routes of one class are interchangeable while empty.
    pub(crate) class: u32,
    /// Visits at the front that stay.
    pub(crate) fixed: Vec<u32>,
    pub(crate) frozen: bool,
    /// Has no team, so the team quota does not concern it.
    pub(crate) teamless: bool,
}

/// Spacing between two tasks, as seen from one of them: the later one's day is
/// at least the earlier one's day plus `min_days`, when both are visited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) other: u32,
    /// True when `other` comes first.
    pub(crate) other_first: bool,
    pub(crate) min_days: i64,
}

/// One independent part of an instance, compiled.
pub(crate) struct Model {
    pub(crate) depots: usize,
    /// By node; depots have empty entries.
    pub(crate) nodes: Vec<Node>,
    pub(crate) shifts: Vec<Shift>,
    pub(crate) matrix: Matrix,
    /// Position of the task in the instance, by node minus `depots`.
    pub(crate) task_at: Vec<usize>,
    /// Position of the route in the instance.
    pub(crate) route_at: Vec<usize>,
    pub(crate) classes: usize,
    pub(crate) team_days: usize,
    pub(crate) per_day: Option<i64>,
    pub(crate) per_team: Option<i64>,
    /// Seconds of cost when a task with a home is elsewhere.
    pub(crate) penalty: i32,
    pub(crate) days: usize,
    coupled: bool,
    words: usize,
    allowed: Vec<u64>,
    near: Vec<u32>,
    near_count: usize,
    gaps: Vec<Vec<[i32; 2]>>,
    links: Vec<Vec<Link>>,
}

impl Model {
    pub(crate) fn new(instance: &Instance, admission: &Admission, part: &Part) -> Self {
        let depots = instance.depots.len();
        let task_at = map_order(instance, &part.tasks);
        let mut points: Vec<usize> = (0..depots).collect();
        points.extend(task_at.iter().map(|&at| depots + at));
        let matrix = Matrix::new(instance, &points);
        let mut node_of = vec![NONE; instance.tasks.len()];
        for (at, &task) in task_at.iter().enumerate() {
            node_of[task] = (depots + at) as u32;
        }
        let mut model = Model {
            depots,
            nodes: vec![Node::default(); depots],
            shifts: Vec::new(),
            matrix,
            task_at,
            route_at: part.routes.clone(),
            classes: 0,
            team_days: 0,
            per_day: instance.quota.per_day,
            per_team: instance.quota.per_team,
            penalty: instance
                .stability
                .as_ref()
                .map_or(0, |s| s.penalty.clamp(0, MAX_SECONDS) as i32),
            days: instance.days as usize,
            coupled: false,
            words: part.routes.len().div_ceil(64),
            allowed: Vec::new(),
            near: Vec::new(),
            near_count: 0,
            gaps: vec![Vec::new(); depots],
            links: vec![Vec::new(); points.len()],
        };
        model.add_nodes(instance);
        model.add_shifts(instance, admission, &node_of);
        model.add_allowed(admission);
        model.add_links(instance, &node_of);
        model.add_near();
        model.coupled = model.nodes.iter().any(|node| node.coupled);
        model
    }

    fn add_nodes(&mut self, instance: &Instance) {
        let quota = self.per_day.is_some() || self.per_team.is_some();
        for &at in &self.task_at {
            let task = &instance.tasks[at];
            let windows = merged_windows(task);
            let bonus = if task.mandatory { MANDATORY } else { 0 };
            self.nodes.push(Node {
                open: windows[0][0],
                close: windows[windows.len() - 1][1],
                service: seconds(task.service),
                demand: task.demand.clamp(0, 1_000_000_000) as i32,
                prize: task.prize + bonus,
                home: NONE,
                split: windows.len() > 1,
                coupled: quota,
            });
            let closed = windows.windows(2).map(|pair| [pair[0][1], pair[1][0]]);
            self.gaps.push(closed.collect());
        }
    }

    fn add_shifts(&mut self, instance: &Instance, admission: &Admission, node_of: &[u32]) {
        let mut classes: Vec<(i64, i64, i64, usize, u32, Vec<u64>)> = Vec::new();
        let mut team_days: Vec<(u32, String)> = Vec::new();
        for &at in &self.route_at {
            let route = &instance.routes[at];
            let depot = admission.depot_of_route[at];
            let capacity = route.max_visits.unwrap_or(2_000_000_000);
            // Team quotas and posts make otherwise equal shifts different.
            let mut tag = vec![admission.posts_of_route[at]];
            if self.per_team.is_some() || !route.fixed.is_empty() || self.penalty > 0 {
                tag.push(at as u64);
            }
            let key = (route.start, route.end, capacity, depot, route.day, tag);
            let team = route
                .team
                .as_ref()
                .map_or(String::new(), ToString::to_string);
            let fixed = route
                .fixed
                .iter()
                .filter_map(|id| admission.task_by_id.get(id));
            self.shifts.push(Shift {
                start: seconds(route.start),
                end: seconds(route.end),
                capacity: capacity.clamp(0, 2_000_000_000) as i32,
                depot: depot as u32,
                day: route.day,
                team_day: index_in(&mut team_days, (route.day, team)) as u32,
                class: index_in(&mut classes, key) as u32,
                fixed: fixed.map(|&task| node_of[task]).collect(),
                frozen: route.frozen,
                teamless: route.team.is_none(),
            });
        }
        self.classes = classes.len();
        self.team_days = team_days.len();
        self.add_homes(instance, admission, node_of);
    }

    fn add_homes(&mut self, instance: &Instance, admission: &Admission, node_of: &[u32]) {
        let Some(stability) = &instance.stability else {
            return;
        };
        for planned in &stability.previous {
            let route = admission.route_by_id.get(&planned.route);
            let Some(&route) = route else { continue };
            // A home in another part can never be reached: any value but a
            // route of this part charges the penalty everywhere.
            let home = self.route_at.iter().position(|&at| at == route);
            let home = home.map_or(NONE - 1, |home| home as u32);
            for id in &planned.tasks {
                let task = admission.task_by_id.get(id);
                let Some(&node) = task.map(|&task| &node_of[task]) else {
                    continue;
                };
                if node != NONE {
                    self.nodes[node as usize].home = home;
                }
            }
        }
        for node in self.nodes.iter_mut().filter(|node| node.home != NONE) {
            node.prize += stability.penalty;
        }
    }

    fn add_allowed(&mut self, admission: &Admission) {
        self.allowed = vec![0; self.nodes.len() * self.words];
        for (at, &task) in self.task_at.iter().enumerate() {
            let row = (self.depots + at) * self.words;
            for (route, &route_at) in self.route_at.iter().enumerate() {
                if admission.allows(task, route_at) {
                    self.allowed[row + route / 64] |= 1 << (route % 64);
                }
            }
        }
    }

    fn add_links(&mut self, instance: &Instance, node_of: &[u32]) {
        let by_id: std::collections::HashMap<_, _> = instance
            .tasks
            .iter()
            .enumerate()
            .map(|(at, task)| (&task.id, node_of[at]))
            .collect();
        for (at, &task) in self.task_at.iter().enumerate() {
            let Some(after) = &instance.tasks[task].after else {
                continue;
            };
            let this = (self.depots + at) as u32;
            let Some(&first) = by_id.get(&after.task).filter(|&&node| node != NONE) else {
                continue;
            };
            let min_days = after.min_days;
            self.links[this as usize].push(Link {
                other: first,
                other_first: true,
                min_days,
            });
            self.links[first as usize].push(Link {
                other: this,
                other_first: false,
                min_days,
            });
            self.nodes[this as usize].coupled = true;
            self.nodes[first as usize].coupled = true;
        }
    }

    fn add_near(&mut self) {
        let tasks = self.tasks();
        self.near_count = NEAR.min(tasks.len());
        let mut order: Vec<u32> = Vec::with_capacity(tasks.len());
        for node in tasks.clone() {
            let (to, from) = (self.matrix.column_of(node), self.matrix.row_of(node));
            // The node itself comes first, even among others at the same door.
            let key = |&other: &u32| {
                let there_and_back = to[other as usize] + from[other as usize];
                (other != node, there_and_back, other)
            };
            order.clear();
            order.extend(tasks.clone());
            if self.near_count < order.len() {
                order.select_nth_unstable_by_key(self.near_count - 1, key);
                order.truncate(self.near_count);
            }
            order.sort_unstable_by_key(key);
            self.near.extend_from_slice(&order);
        }
    }

    /// Cost when nothing is served.
    pub(crate) fn prizes(&self) -> i64 {
        self.nodes.iter().map(|node| node.prize).sum()
    }

    /// All task nodes.
    pub(crate) fn tasks(&self) -> std::ops::Range<u32> {
        self.depots as u32..self.nodes.len() as u32
    }

    /// Nearest tasks of a task, itself first.
    #[inline]
    pub(crate) fn near(&self, node: u32) -> &[u32] {
        let start = (node as usize - self.depots) * self.near_count;
        &self.near[start..start + self.near_count]
    }

    /// Whether the task may be on the route at all.
    #[inline]
    pub(crate) fn allows(&self, node: u32, route: u32) -> bool {
        let word = self.allowed[node as usize * self.words + route as usize / 64];
        word >> (route % 64) & 1 == 1
    }

    /// The routes a task may be on, as bits.
    #[inline]
    pub(crate) fn allowed_bits(&self, node: u32) -> &[u64] {
        &self.allowed[node as usize * self.words..][..self.words]
    }

    /// Words of a set of routes.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Whether quotas or spacing make routes depend on each other.
    pub(crate) fn is_coupled(&self) -> bool {
        self.coupled
    }

    pub(crate) fn links(&self, node: u32) -> &[Link] {
        &self.links[node as usize]
    }

    /// When a visit begins if one arrives at `arrive`; `None` = too late.
    #[inline]
    pub(crate) fn begin(&self, node: u32, arrive: i32) -> Option<i32> {
        let info = &self.nodes[node as usize];
        let start = arrive.max(info.open);
        if start > info.close {
            return None;
        }
        if info.split {
            return Some(self.next_opening(node, start));
        }
        Some(start)
    }

    fn next_opening(&self, node: u32, start: i32) -> i32 {
        for gap in &self.gaps[node as usize] {
            if start > gap[0] && start < gap[1] {
                return gap[1];
            }
        }
        start
    }

    /// Latest start of a visit that must begin by `by` (may lie before opening,
    /// then nothing fits).
    #[inline]
    pub(crate) fn latest(&self, node: u32, by: i32) -> i32 {
        let info = &self.nodes[node as usize];
        let latest = by.min(info.close);
        if info.split {
            for gap in &self.gaps[node as usize] {
                if latest > gap[0] && latest < gap[1] {
                    return gap[0];
                }
            }
        }
        latest
    }
}

fn seconds(value: i64) -> i32 {
    value.clamp(-MAX_SECONDS, MAX_SECONDS) as i32
}

/// Windows ascending and disjoint; any time when there are none.
fn merged_windows(task: &Task) -> Vec<[i32; 2]> {
    let mut sorted: Vec<[i32; 2]> = task
        .windows
        .iter()
        .map(|window| [seconds(window[0]), seconds(window[1])])
        .collect();
    sorted.sort_unstable();
    let mut merged: Vec<[i32; 2]> = Vec::with_capacity(sorted.len().max(1));
    for window in sorted {
        match merged.last_mut() {
            Some(last) if window[0] <= last[1] => last[1] = last[1].max(window[1]),
            _ => merged.push(window),
        }
    }
    if merged.is_empty() {
        merged.push([-(MAX_SECONDS as i32), MAX_SECONDS as i32]);
    }
    merged
}

fn index_in<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    if let Some(at) = list.iter().position(|known| *known == item) {
        return at;
    }
    list.push(item);
    list.len() - 1
}

/// Tasks along a Z-order curve over the map.
fn map_order(instance: &Instance, tasks: &[usize]) -> Vec<usize> {
    let places = tasks.iter().map(|&at| instance.tasks[at].place);
    let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
    for place in places {
        for (axis, value) in [place.lat, place.lon].into_iter().enumerate() {
            low[axis] = low[axis].min(value);
            high[axis] = high[axis].max(value);
        }
    }
    let grid = |value: f64, axis: usize| {
        let width = (high[axis] - low[axis]).max(1e-12);
        ((value - low[axis]) / width * 65_535.0) as u32
    };
    let mut order = tasks.to_vec();
    order.sort_by_key(|&at| {
        let place = instance.tasks[at].place;
        (interleave(grid(place.lat, 0), grid(place.lon, 1)), at)
    });
    order
}

fn interleave(x: u32, y: u32) -> u64 {
    (0..16).fold(0, |code, bit| {
        let pair = u64::from(x >> bit & 1) | u64::from(y >> bit & 1) << 1;
        code | pair << (2 * bit)
    })
}
