//! The rules between the fields of an instance.
//!
//! What it is for: refuses instances that could not be planned (reversed
//! windows, days outside of the horizon, unknown references, fixed visits that
//! do not fit), naming every task and route concerned.
//! What it may not know: how the instance was made; it serves the reader of
//! files and callers that build instances themselves alike.

use std::collections::{HashMap, HashSet};

use crate::error::{InstanceError, InstanceErrors, Problem, Subject};
use crate::instance::{Id, Instance, MAX_TASKS, PlannedRoute, Route, Task, Travel};
use crate::score::{Solution, Violation, score};

impl Instance {
    /// Checks everything the solver relies on.
    ///
    /// # Errors
    /// Every finding, not just the first.
    pub fn validate(&self) -> Result<(), InstanceErrors> {
        let mut check = Check {
            instance: self,
            errors: Vec::new(),
        };
        check.whole_instance();
        check.unique_ids();
        for route in &self.routes {
            check.route(route);
        }
        let known: HashSet<&Id> = self.tasks.iter().map(|task| &task.id).collect();
        for task in &self.tasks {
            check.task(task, &known);
        }
        check.matrix();
        if check.errors.is_empty() {
            check.fixed(&known);
        }
        if check.errors.is_empty() {
            Ok(())
        } else {
            Err(InstanceErrors(check.errors))
        }
    }
}

struct Check<'a> {
    instance: &'a Instance,
    errors: Vec<InstanceError>,
}

impl Check<'_> {
    fn report(&mut self, subject: Subject, field: &str, problem: Problem) {
        self.errors.push(InstanceError {
            subject,
            field: field.to_owned(),
            problem,
        });
    }

    fn whole_instance(&mut self) {
        if self.instance.routes.is_empty() {
            self.report(Subject::Instance, "routes", Problem::Empty);
        }
        if self.instance.depots.is_empty() {
            self.report(Subject::Instance, "depots", Problem::Empty);
        }
        let tasks = self.instance.tasks.len();
        if tasks > MAX_TASKS {
            let problem = Problem::OutOfRange {
                found: tasks.to_string(),
                least: 0.0,
                most: MAX_TASKS as f64,
            };
            self.report(Subject::Instance, "number of tasks", problem);
        }
        let total = self
            .instance
            .tasks
            .iter()
            .try_fold(0i64, |sum, task| sum.checked_add(task.prize));
        if total.is_none_or(|sum| sum > i64::MAX / 4) {
            self.report(Subject::Instance, "prize", Problem::Overflow);
        }
    }

    fn unique_ids(&mut self) {
        let instance = self.instance;
        for id in repeated(instance.routes.iter().map(|route| &route.id)) {
            self.report(Subject::Route(id), "id", Problem::Duplicate);
        }
        for id in repeated(instance.tasks.iter().map(|task| &task.id)) {
            self.report(Subject::Task(id), "id", Problem::Duplicate);
        }
        for id in repeated(instance.depots.iter().filter_map(|depot| depot.id.as_ref())) {
            self.report(Subject::Depot(id), "id", Problem::Duplicate);
        }
    }

    fn route(&mut self, route: &Route) {
        let subject = || Subject::Route(route.id.clone());
        if route.start > route.end {
            self.report(
                subject(),
                "start",
                Problem::Reversed(route.start, route.end),
            );
        }
        self.day(subject(), "day", route.day);
        self.depot(subject(), route.depot.as_ref());
    }

    fn task(&mut self, task: &Task, known: &HashSet<&Id>) {
        let subject = || Subject::Task(task.id.clone());
        for window in &task.windows {
            if window[0] > window[1] {
                self.report(subject(), "tw", Problem::Reversed(window[0], window[1]));
            }
        }
        for &day in &task.days {
            self.day(subject(), "days", day);
        }
        self.depot(subject(), task.depot.as_ref());
        if let Some(after) = &task.after
            && (!known.contains(&after.task) || after.task == task.id)
        {
            self.report(subject(), "after", Problem::NoSuch(after.task.clone()));
        }
    }

    fn day(&mut self, subject: Subject, field: &str, day: u32) {
        if day >= self.instance.days {
            self.report(
                subject,
                field,
                Problem::OutOfRange {
                    found: day.to_string(),
                    least: 0.0,
                    most: f64::from(self.instance.days) - 1.0,
                },
            );
        }
    }

    fn depot(&mut self, subject: Subject, depot: Option<&Id>) {
        if let Some(id) = depot
            && self.instance.depot_index(Some(id)).is_none()
        {
            self.report(subject, "depot", Problem::NoSuch(id.clone()));
        }
    }

    fn matrix(&mut self) {
        let Travel::Matrix { seconds } = &self.instance.travel else {
            return;
        };
        let depots = self.instance.depots.len();
        let expected = depots + self.instance.tasks.len();
        if seconds.len() != expected {
            let found = seconds.len();
            let problem = Problem::Length { found, expected };
            self.report(Subject::Instance, "travel.seconds", problem);
        }
        for (at, row) in seconds.iter().enumerate() {
            if row.len() == expected {
                continue;
            }
            let subject = match self.instance.tasks.get(at.wrapping_sub(depots)) {
                Some(task) => Subject::Task(task.id.clone()),
                None => Subject::Instance,
            };
            let found = row.len();
            let problem = Problem::Length { found, expected };
            self.report(subject, &format!("travel.seconds[{at}]"), problem);
        }
    }

    /// Fixed visits must exist, be fixed once, and be feasible by themselves.
    fn fixed(&mut self, known: &HashSet<&Id>) {
        let instance = self.instance;
        let mut places: HashMap<&Id, &Id> = HashMap::new();
        for route in &instance.routes {
            for task in &route.fixed {
                if !known.contains(task) {
                    let subject = Subject::Route(route.id.clone());
                    self.report(subject, "fixed", Problem::NoSuch(task.clone()));
                }
                if places.insert(task, &route.id).is_some() {
                    self.report(Subject::Task(task.clone()), "fixed", Problem::Duplicate);
                }
            }
        }
        if !self.errors.is_empty() || places.is_empty() {
            return;
        }
        let routes = instance.routes.iter().map(|route| PlannedRoute {
            route: route.id.clone(),
            tasks: route.fixed.clone(),
        });
        let plan = Solution::from_routes(routes.collect());
        for violation in score(instance, &plan).violations {
            let subject = match (violation.route(), violation.task()) {
                _ if matches!(violation, Violation::MandatoryLeftOut { .. }) => continue,
                (Some(route), _) => Subject::Route(route.clone()),
                (None, Some(task)) => Subject::Task(task.clone()),
                (None, None) => Subject::Instance,
            };
            let problem = Problem::FixedInfeasible(violation.to_string());
            self.report(subject, "fixed", problem);
        }
    }
}

/// Ids that occur more than once, each once, in order of the second occurrence.
fn repeated<'a>(ids: impl Iterator<Item = &'a Id>) -> Vec<Id> {
    let mut seen = HashMap::new();
    let mut twice = Vec::new();
    for id in ids {
        let count = seen.entry(id).or_insert(0u32);
        *count += 1;
        if *count == 2 {
            twice.push(id.clone());
        }
    }
    twice
}
