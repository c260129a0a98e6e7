//! Planning an instance: splits it into independent parts, searches each with
//! its share of the budget, puts the plan together and explains it.
//!
//! What it may not know: files, clocks, randomness (budget and seed are given).

use crate::explain::explain_parts;
use crate::instance::{Instance, PlannedRoute};
use crate::model::Model;
use crate::pace::{Budget, Pace, Progress};
use crate::parts::{Admission, Part, split};
use crate::score::Solution;
use crate::search::{Tuning, search};

/// How to search.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    /// Same seed, same iteration budget: same plan.
    pub seed: u64,
    /// How long.
    pub budget: Budget<'a>,
    /// Numbers of the method.
    pub tuning: Tuning,
    /// Whether to say why tasks are left out (costs a fraction of a second on
    /// thousands of tasks).
    pub explain: bool,
}

impl Params<'_> {
    /// Searches so many steps.
    pub fn iterations(steps: u64, seed: u64) -> Self {
        Params {
            seed,
            budget: Budget::Iterations(steps),
            tuning: Tuning::default(),
            explain: true,
        }
    }
}

impl<'a> Params<'a> {
    /// Searches until `now` has advanced by `seconds`.
    pub fn clock(now: &'a dyn Fn() -> f64, seconds: f64, seed: u64) -> Self {
        Params {
            seed,
            budget: Budget::Clock { now, seconds },
            tuning: Tuning::default(),
            explain: true,
        }
    }
}

/// An instance made ready for searching: tables and neighbour lists built.
pub struct Prepared<'a> {
    instance: &'a Instance,
    admission: Admission<'a>,
    models: Vec<Model>,
}

impl<'a> Prepared<'a> {
    /// Builds the tables of a validated instance (memory: 4 bytes per pair of
    /// tasks of each independent part).
    pub fn new(instance: &'a Instance) -> Self {
        let admission = Admission::new(instance);
        let parts = split(instance, &admission);
        let compile = |part: &Part| Model::new(instance, &admission, part);
        let models = parts.iter().map(compile).collect();
        Prepared {
            instance,
            admission,
            models,
        }
    }

    /// Searches for a plan.
    pub fn solve(&self, params: &Params<'_>, progress: &mut dyn Progress) -> Solution {
        let start = match params.budget {
            Budget::Clock { now, .. } => now(),
            Budget::Iterations(_) => 0.0,
        };
        let all: f64 = self.models.iter().map(weight).sum();
        // Cost of the parts not being searched: untouched ones serve nobody yet.
        let nothing: Vec<i64> = self.models.iter().map(Model::prizes).collect();
        let mut others: i64 = nothing.iter().sum();
        let mut done = 0.0;
        let mut routes = Vec::new();
        for (at, model) in self.models.iter().enumerate() {
            // The last share ends at 1 exactly, whatever the sums round to.
            let last = at + 1 == self.models.len();
            let to = if last {
                1.0
            } else {
                done + weight(model) / all
            };
            others -= nothing[at];
            let mut pace = Pace::new(params.budget, progress, start, (done, to), others);
            let seed = params.seed.wrapping_add(at as u64 * 0x1000_0001);
            let found = search(model, params.tuning, seed, &mut pace);
            others += found.cost;
            routes.push(found.routes);
            done = to;
        }
        self.assemble(&routes, params.explain)
    }

    fn assemble(&self, found: &[Vec<Vec<u32>>], explain: bool) -> Solution {
        let mut tasks_of: Vec<Vec<usize>> = vec![Vec::new(); self.instance.routes.len()];
        let mut travel = 0i64;
        let mut left_out: i64 = self.instance.tasks.iter().map(|task| task.prize).sum();
        for (model, routes) in self.models.iter().zip(found) {
            for (at, nodes) in routes.iter().enumerate() {
                let depot = model.shifts[at].depot;
                let mut prev = depot;
                for &node in nodes {
                    travel += i64::from(model.matrix.leg(prev, node));
                    prev = node;
                    let task = model.task_at[node as usize - model.depots];
                    left_out -= self.instance.tasks[task].prize;
                    tasks_of[model.route_at[at]].push(task);
                }
                if !nodes.is_empty() {
                    travel += i64::from(model.matrix.leg(prev, depot));
                }
            }
        }
        let moved = self.changes(&tasks_of);
        let mut solution = Solution {
            routes: self.planned(&tasks_of),
            cost: left_out + travel + moved,
            travel_seconds: travel,
            unserved: Vec::new(),
        };
        if explain {
            solution.unserved = self.explain(&solution.routes);
        }
        solution
    }

    fn planned(&self, tasks_of: &[Vec<usize>]) -> Vec<PlannedRoute> {
        let used = tasks_of
            .iter()
            .enumerate()
            .filter(|(_, tasks)| !tasks.is_empty());
        used.map(|(route, tasks)| PlannedRoute {
            route: self.instance.routes[route].id.clone(),
            tasks: tasks
                .iter()
                .map(|&task| self.instance.tasks[task].id.clone())
                .collect(),
        })
        .collect()
    }

    /// Penalties for tasks that are not on their earlier route.
    fn changes(&self, tasks_of: &[Vec<usize>]) -> i64 {
        let Some(stability) = &self.instance.stability else {
            return 0;
        };
        let mut home = vec![None; self.instance.tasks.len()];
        for planned in &stability.previous {
            let Some(&route) = self.admission.route_by_id.get(&planned.route) else {
                continue;
            };
            for id in &planned.tasks {
                if let Some(&task) = self.admission.task_by_id.get(id) {
                    home[task] = Some(route);
                }
            }
        }
        let mut changed = home.iter().flatten().count();
        for (route, tasks) in tasks_of.iter().enumerate() {
            changed -= tasks
                .iter()
                .filter(|&&task| home[task] == Some(route))
                .count();
        }
        changed as i64 * stability.penalty
    }

    /// Why each task that is in none of `routes` is left out.
    pub fn explain(&self, routes: &[PlannedRoute]) -> Vec<crate::Unserved> {
        explain_parts(self.instance, &self.admission, &self.models, routes)
    }
}

/// Parts share the budget by their number of tasks, large ones a little more:
/// small parts are easy.
fn weight(model: &Model) -> f64 {
    (model.task_at.len() as f64).powf(1.5)
}

/// Plans a validated instance.
///
/// Deterministic for a seed when limited by iterations. The plan is feasible
/// but for mandatory tasks that found no place (they are in `unserved`), and no
/// unserved task has an improving feasible insertion left.
pub fn solve(instance: &Instance, params: &Params<'_>, progress: &mut dyn Progress) -> Solution {
    Prepared::new(instance).solve(params, progress)
}
