//! Independent scorer and checker of plans.
//!
//! What it is for: recomputes cost and every violation of a plan from the
//! coordinates, by the definition of the format. It is the judge of the search
//! and therefore shares nothing with it but the definition of travel.
//! What it may not know: how the plan was made.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::explain::Unserved;
use crate::instance::{Id, Instance, PlannedRoute, Route, Task};
use crate::travel::Seconds;

/// A plan as written to and read from a solution file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// Routes with at least one visit.
    pub routes: Vec<PlannedRoute>,
    /// Prizes left out + travel (+ stability), seconds; as claimed by the maker.
    #[serde(default)]
    pub cost: i64,
    /// Seconds on the road; as claimed by the maker.
    #[serde(default)]
    pub travel_seconds: i64,
    /// What is not visited, and why.
    #[serde(default, skip_deserializing)]
    pub unserved: Vec<Unserved>,
}

impl Solution {
    /// A plan without explanations.
    pub fn from_routes(routes: Vec<PlannedRoute>) -> Self {
        Solution {
            routes,
            ..Solution::default()
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum Violation {
    #[error("unknown route {route}")]
    UnknownRoute { route: Id },
    #[error("route {route} given twice")]
    RouteTwice { route: Id },
    #[error("route {route}: {load} visits > {most}")]
    TooManyVisits { route: Id, load: i64, most: i64 },
    #[error("route {route}: unknown task {task}")]
    UnknownTask { route: Id, task: Id },
    #[error("task {task} in routes {first} and {route}")]
    TaskTwice { route: Id, task: Id, first: Id },
    #[error("route {route}: task {task} not allowed on day {day}")]
    WrongDay { route: Id, task: Id, day: u32 },
    #[error("route {route}: task {task} begins {begin} > {latest}")]
    Late {
        route: Id,
        task: Id,
        begin: i64,
        latest: i64,
    },
    #[error("route {route}: back at {back} > {end}")]
    BackLate { route: Id, back: i64, end: i64 },
    #[error("task {task} is mandatory and left out")]
    MandatoryLeftOut { task: Id },
    #[error("route {route}: task {task} needs the post {post}")]
    PostMissing { route: Id, task: Id, post: String },
    #[error("route {route}: task {task} belongs to another depot")]
    WrongDepot { route: Id, task: Id },
    #[error("task {task} is {gap} days after task {first}, at least {least} needed")]
    TooSoon {
        task: Id,
        first: Id,
        gap: i64,
        least: i64,
    },
    #[error("route {route}: its fixed visits are not kept")]
    FixedChanged { route: Id },
    #[error("day {day}: {load} visits > {most}")]
    DayQuota { day: u32, load: i64, most: i64 },
    #[error("day {day}, team {team}: {load} visits > {most}")]
    TeamQuota {
        day: u32,
        team: Id,
        load: i64,
        most: i64,
    },
}

impl Violation {
    /// The route concerned, if it is one.
    pub fn route(&self) -> Option<&Id> {
        match self {
            Violation::UnknownRoute { route }
            | Violation::RouteTwice { route }
            | Violation::TooManyVisits { route, .. }
            | Violation::UnknownTask { route, .. }
            | Violation::TaskTwice { route, .. }
            | Violation::WrongDay { route, .. }
            | Violation::Late { route, .. }
            | Violation::BackLate { route, .. }
            | Violation::PostMissing { route, .. }
            | Violation::WrongDepot { route, .. }
            | Violation::FixedChanged { route } => Some(route),
            _ => None,
        }
    }

    /// The task concerned, if it is one.
    pub fn task(&self) -> Option<&Id> {
        match self {
            Violation::UnknownTask { task, .. }
            | Violation::TaskTwice { task, .. }
            | Violation::WrongDay { task, .. }
            | Violation::Late { task, .. }
            | Violation::MandatoryLeftOut { task }
            | Violation::PostMissing { task, .. }
            | Violation::WrongDepot { task, .. }
            | Violation::TooSoon { task, .. } => Some(task),
            _ => None,
        }
    }
}

/// Result of scoring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Prizes of tasks not visited + travel + stability, seconds; to be minimised.
    pub cost: i64,
    /// Prizes collected, seconds.
    pub prize: i64,
    /// Seconds on the road.
    pub travel: i64,
    /// Seconds of waiting before a window opens; leaving the depot later is free.
    pub wait: i64,
    /// Seconds charged for changes against an earlier plan.
    pub changes: i64,
    /// Different tasks visited.
    pub visits: usize,
    /// Routes used.
    pub routes: usize,
    /// Share of all prizes collected, %.
    pub points_percent: f64,
    /// Share of the tasks in must-visit groups that is visited, %.
    pub must_percent: f64,
    /// Share of the tasks in groups 1 to 3 that is visited, %.
    pub top_percent: f64,
    /// Every broken rule.
    pub violations: Vec<Violation>,
}

impl Score {
    /// No rule is broken.
    pub fn feasible(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Scores a plan of a validated instance.
pub fn score(instance: &Instance, plan: &Solution) -> Score {
    let mut judge = Judge::new(instance);
    for planned in &plan.routes {
        judge.route(planned);
    }
    judge.fixed(plan);
    judge.mandatory();
    judge.spacing();
    judge.quotas();
    judge.total()
}

struct Judge<'a> {
    instance: &'a Instance,
    seconds: Seconds<'a>,
    tasks: HashMap<&'a Id, usize>,
    routes: HashMap<&'a Id, &'a Route>,
    used: HashMap<&'a Id, ()>,
    /// Route that visits a task, by position of the task.
    seen: BTreeMap<usize, &'a Route>,
    by_day: BTreeMap<u32, i64>,
    by_team: BTreeMap<(u32, &'a Id), i64>,
    score: Score,
}

impl<'a> Judge<'a> {
    fn new(instance: &'a Instance) -> Self {
        let tasks = instance.tasks.iter().enumerate();
        Judge {
            instance,
            seconds: Seconds::new(instance),
            tasks: tasks.map(|(at, task)| (&task.id, at)).collect(),
            routes: instance.routes.iter().map(|r| (&r.id, r)).collect(),
            used: HashMap::new(),
            seen: BTreeMap::new(),
            by_day: BTreeMap::new(),
            by_team: BTreeMap::new(),
            score: Score::default(),
        }
    }

    fn bad(&mut self, violation: Violation) {
        self.score.violations.push(violation);
    }

    fn route(&mut self, planned: &PlannedRoute) {
        if planned.tasks.is_empty() {
            return;
        }
        let Some(&route) = self.routes.get(&planned.route) else {
            let route = planned.route.clone();
            return self.bad(Violation::UnknownRoute { route });
        };
        if self.used.insert(&route.id, ()).is_some() {
            let route = route.id.clone();
            self.bad(Violation::RouteTwice { route });
        }
        self.load(route, planned);
        self.drive(route, planned);
    }

    fn load(&mut self, route: &'a Route, planned: &PlannedRoute) {
        let known = planned.tasks.iter().filter_map(|id| self.tasks.get(id));
        let load: i64 = known.map(|&at| self.instance.tasks[at].demand).sum();
        if let Some(most) = route.max_visits.filter(|&most| load > most) {
            let route = route.id.clone();
            self.bad(Violation::TooManyVisits { route, load, most });
        }
        *self.by_day.entry(route.day).or_default() += load;
        if let Some(team) = &route.team {
            *self.by_team.entry((route.day, team)).or_default() += load;
        }
    }

    /// Follows the route along the clock.
    fn drive(&mut self, route: &'a Route, planned: &PlannedRoute) {
        let depot = self
            .instance
            .depot_index(route.depot.as_ref())
            .unwrap_or_default();
        let depots = self.instance.depots.len();
        let (mut now, mut from, mut left_depot) = (route.start, depot, false);
        for id in &planned.tasks {
            let Some(&at) = self.tasks.get(id) else {
                let (route, task) = (route.id.clone(), id.clone());
                self.bad(Violation::UnknownTask { route, task });
                continue;
            };
            let task = &self.instance.tasks[at];
            self.admission(route, at, task, depot);
            let leg = self.seconds.between(from, depots + at);
            self.score.travel += leg;
            now += leg;
            now = self.begin(route, task, now, left_depot) + task.service;
            from = depots + at;
            left_depot = true;
        }
        let leg = self.seconds.between(from, depot);
        self.score.travel += leg;
        now += leg;
        if now > route.end {
            let (route, back, end) = (route.id.clone(), now, route.end);
            self.bad(Violation::BackLate { route, back, end });
        }
    }

    /// When the visit begins if one arrives at `now`.
    fn begin(&mut self, route: &Route, task: &Task, now: i64, left_depot: bool) -> i64 {
        let mut begin = None;
        for window in &task.windows {
            if now <= window[1] {
                let start = now.max(window[0]);
                begin = Some(begin.map_or(start, |b: i64| b.min(start)));
            }
        }
        let latest = task.windows.iter().map(|window| window[1]).max();
        match (begin, latest) {
            (_, None) => now,
            (Some(begin), _) => {
                if left_depot {
                    self.score.wait += begin - now;
                }
                begin
            }
            (None, Some(latest)) => {
                let (route, task) = (route.id.clone(), task.id.clone());
                self.bad(Violation::Late {
                    route,
                    task,
                    begin: now,
                    latest,
                });
                now
            }
        }
    }

    /// Rules between one task and the route it is on.
    fn admission(&mut self, route: &'a Route, at: usize, task: &Task, depot: usize) {
        if let Some(first) = self.seen.insert(at, route) {
            self.bad(Violation::TaskTwice {
                route: route.id.clone(),
                task: task.id.clone(),
                first: first.id.clone(),
            });
        }
        let ids = || (route.id.clone(), task.id.clone());
        if !task.days.contains(&route.day) {
            let ((route, task), day) = (ids(), route.day);
            self.bad(Violation::WrongDay { route, task, day });
        }
        for post in task.requires.iter().filter(|p| !route.posts.contains(p)) {
            let ((route, task), post) = (ids(), post.clone());
            self.bad(Violation::PostMissing { route, task, post });
        }
        if task.depot.is_some() && self.instance.depot_index(task.depot.as_ref()) != Some(depot) {
            let (route, task) = ids();
            self.bad(Violation::WrongDepot { route, task });
        }
    }

    fn fixed(&mut self, plan: &Solution) {
        for route in &self.instance.routes {
            if route.fixed.is_empty() && !route.frozen {
                continue;
            }
            let planned = plan.routes.iter().find(|planned| planned.route == route.id);
            let tasks = planned.map_or(&[][..], |planned| &planned.tasks);
            let longer = tasks.len() > route.fixed.len();
            if !tasks.starts_with(&route.fixed) || (route.frozen && longer) {
                let route = route.id.clone();
                self.bad(Violation::FixedChanged { route });
            }
        }
    }

    fn mandatory(&mut self) {
        for (at, task) in self.instance.tasks.iter().enumerate() {
            if task.mandatory && !self.seen.contains_key(&at) {
                let task = task.id.clone();
                self.bad(Violation::MandatoryLeftOut { task });
            }
        }
    }

    fn spacing(&mut self) {
        for (at, task) in self.instance.tasks.iter().enumerate() {
            let Some(after) = &task.after else { continue };
            let first = self.tasks.get(&after.task).copied();
            let first_route = first.and_then(|first| self.seen.get(&first));
            let (Some(route), Some(first_route)) = (self.seen.get(&at), first_route) else {
                continue;
            };
            let gap = i64::from(route.day) - i64::from(first_route.day);
            if gap < after.min_days {
                self.bad(Violation::TooSoon {
                    task: task.id.clone(),
                    first: after.task.clone(),
                    gap,
                    least: after.min_days,
                });
            }
        }
    }

    fn quotas(&mut self) {
        if let Some(most) = self.instance.quota.per_day {
            for (&day, &load) in &self.by_day.clone() {
                if load > most {
                    self.bad(Violation::DayQuota { day, load, most });
                }
            }
        }
        if let Some(most) = self.instance.quota.per_team {
            for (&(day, team), &load) in &self.by_team.clone() {
                if load > most {
                    let team = team.clone();
                    self.bad(Violation::TeamQuota {
                        day,
                        team,
                        load,
                        most,
                    });
                }
            }
        }
    }

    /// Seconds charged for tasks that are not on their earlier route.
    fn changes(&self) -> i64 {
        let Some(stability) = &self.instance.stability else {
            return 0;
        };
        let mut home: HashMap<usize, &Id> = HashMap::new();
        for planned in &stability.previous {
            if !self.routes.contains_key(&planned.route) {
                continue;
            }
            for task in &planned.tasks {
                if let Some(&at) = self.tasks.get(task) {
                    home.insert(at, &planned.route);
                }
            }
        }
        let moved = home
            .iter()
            .filter(|(at, home)| self.seen.get(at).map(|route| &route.id) != Some(**home));
        moved.count() as i64 * stability.penalty
    }

    fn total(mut self) -> Score {
        let tasks = &self.instance.tasks;
        let all: i64 = tasks.iter().map(|task| task.prize).sum();
        let prize: i64 = self.seen.keys().map(|&at| tasks[at].prize).sum();
        self.score.prize = prize;
        self.score.changes = self.changes();
        self.score.cost = all - prize + self.score.travel + self.score.changes;
        self.score.visits = self.seen.len();
        self.score.routes = self.used.len();
        self.score.points_percent = 100.0 * prize as f64 / all.max(1) as f64;
        self.score.must_percent = self.share(|group| group > 0);
        self.score.top_percent = self.share(|group| (1..=3).contains(&group));
        self.score
    }

    fn share(&self, wanted: impl Fn(u32) -> bool) -> f64 {
        let tasks = self.instance.tasks.iter().enumerate();
        let (mut all, mut made) = (0u32, 0u32);
        for (at, _) in tasks.filter(|(_, task)| wanted(task.group)) {
            all += 1;
            made += u32::from(self.seen.contains_key(&at));
        }
        100.0 * f64::from(made) / f64::from(all.max(1))
    }
}
