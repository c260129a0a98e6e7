//! The search of one part: slack induction by string removals (Christiaens and
//! Vanden Berghe 2020) with an absent bank, under simulated annealing.
//!
//! What it is for: tears short strings of visits out of routes around a random
//! task, adds some unserved tasks nearby to them, puts everything back greedily
//! in a random order of preference, and keeps the result by the temperature.
//! What it may not know: clocks (the pace tells how far along it is) and files.

use crate::construct::construct;
use crate::insertion::{self, Scout};
use crate::model::{Model, NONE};
use crate::pace::Pace;
use crate::phases::Phases;
use crate::rng::Rng;
use crate::state::State;
use crate::swap;

/// Numbers of the method; the defaults are the paper's where it has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Average visits removed per ruin.
    pub mean_removed: f64,
    /// Longest string removed from one route.
    pub longest_string: f64,
    /// Unserved tasks near the ruin offered for insertion, at most.
    pub absent_offered: usize,
    /// Temperature at the start, seconds of cost.
    pub hot: f64,
    /// Temperature at the end, seconds of cost.
    pub cold: f64,
    /// Chance that an improving place is overlooked on purpose.
    pub blink: f64,
    /// Chance that a string keeps a hole in its middle.
    pub split_string: f64,
    /// Independent annealing runs of a small part, at most.
    pub most_runs: u32,
    /// Whether a task without a place may take that of a cheaper one.
    pub exchange: bool,
    /// Steps per task that one such run is worth.
    pub steps_per_task: u64,
    /// Share of steps that exchange the visits of two shifts, in a part of up
    /// to ten shifts; falls with their number beyond.
    pub swap_shifts: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning {
            mean_removed: 10.0,
            longest_string: 10.0,
            absent_offered: 12,
            hot: 2000.0,
            cold: 1.0,
            // Measured: 1 % costs 0.2 to 0.5 % on the benchmark (see README).
            blink: 0.0,
            split_string: 0.5,
            most_runs: 12,
            exchange: true,
            steps_per_task: 200,
            swap_shifts: 0.2,
        }
    }
}

/// Best routes found for a part, by node.
pub(crate) struct Found {
    pub(crate) cost: i64,
    pub(crate) routes: Vec<Vec<u32>>,
}

/// Chance that the hole stops growing.
const STOP_HOLE: f64 = 0.01;
/// Largest hole.
const MOST_HOLE: usize = 8;
/// Chance that an unserved neighbour is offered.
const OFFER: f64 = 0.5;
/// Parts with more shifts than this exchange shifts less often.
const FEW_SHIFTS: f64 = 10.0;
/// Iterations between two looks at the average route length.
const AVERAGE_EVERY: u64 = 256;

struct Search<'m> {
    model: &'m Model,
    tuning: Tuning,
    rng: Rng,
    state: State<'m>,
    scout: Scout,
    /// Tasks out of the plan that will be tried again.
    out: Vec<u32>,
    keys: Vec<(f64, u32)>,
    average_length: f64,
    /// Share of steps that exchange the visits of two shifts.
    swap_share: f64,
    best: Best,
}

/// The best plan of a run, updated by the routes that changed since.
#[derive(Clone)]
struct Best {
    cost: i64,
    routes: Vec<Vec<u32>>,
    stale: Vec<u32>,
    is_stale: Vec<bool>,
}

impl Best {
    fn new(state: &State<'_>) -> Self {
        Best {
            cost: state.cost,
            routes: state.routes.iter().map(|r| r.tasks.clone()).collect(),
            stale: Vec::new(),
            is_stale: vec![false; state.routes.len()],
        }
    }

    /// Takes over the other plan if it is cheaper.
    fn keep_better(&mut self, other: &Best) {
        if other.cost < self.cost {
            self.cost = other.cost;
            self.routes.clone_from(&other.routes);
        }
    }

    /// Notes an accepted change, and copies the plan if it is the best so far.
    fn follow(&mut self, state: &State<'_>) {
        for &route in state.touched() {
            if !std::mem::replace(&mut self.is_stale[route as usize], true) {
                self.stale.push(route);
            }
        }
        if state.cost >= self.cost {
            return;
        }
        self.cost = state.cost;
        for route in self.stale.drain(..) {
            let at = route as usize;
            self.is_stale[at] = false;
            self.routes[at].clone_from(&state.routes[at].tasks);
        }
    }
}

/// Searches until the pace says stop.
pub(crate) fn search(model: &Model, tuning: Tuning, seed: u64, pace: &mut Pace<'_, '_>) -> Found {
    let mut rng = Rng::new(seed);
    let state = construct(model, &mut rng);
    let best = Best::new(&state);
    let mut search = Search {
        model,
        tuning,
        rng,
        state,
        scout: Scout::new(model, tuning.blink),
        out: Vec::new(),
        keys: Vec::new(),
        average_length: 1.0,
        swap_share: tuning.swap_shifts * (FEW_SHIFTS / model.shifts.len() as f64).min(1.0),
        best,
    };
    let champion = search.run(pace);
    search.load(&champion.routes);
    repair(&mut search.state, &mut search.rng);
    let routes = search.state.routes.into_iter();
    Found {
        cost: search.state.cost,
        routes: routes.map(|route| route.tasks).collect(),
    }
}

impl Search<'_> {
    /// All annealing runs; gives the best plan of any of them.
    fn run(&mut self, pace: &mut Pace<'_, '_>) -> Best {
        let first: Vec<Vec<u32>> = self.best.routes.clone();
        let mut champion = self.best.clone();
        let mut phases = None;
        let (mut iteration, mut run) = (0u64, 0);
        while let Some(done) = pace.next(champion.cost.min(self.best.cost)) {
            if iteration % AVERAGE_EVERY == 0 {
                self.average_length = average_length(&self.state);
            }
            iteration += 1;
            if phases.is_none() && pace.speed_is_known() {
                phases = Some(self.phases(pace.expected_steps()));
            }
            let Some(phases) = &phases else {
                self.step(self.tuning.hot);
                continue;
            };
            let moment = phases.at(done);
            if moment.run != run {
                run = moment.run;
                champion.keep_better(&self.best);
                self.load(if moment.on_best {
                    &champion.routes
                } else {
                    &first
                });
                self.best = Best::new(&self.state);
            }
            self.step(moment.temperature);
        }
        champion.keep_better(&self.best);
        champion
    }

    fn phases(&self, steps: u64) -> Phases {
        let tuning = &self.tuning;
        let run = tuning.steps_per_task.max(1) * self.model.tasks().len() as u64;
        let runs = (steps / run).clamp(1, u64::from(tuning.most_runs.max(1)));
        Phases::new(runs as u32, tuning.hot, tuning.cold)
    }

    /// Makes the state the given plan.
    fn load(&mut self, routes: &[Vec<u32>]) {
        // All out first: a task may not be on two routes in between.
        for route in 0..routes.len() as u32 {
            self.state.set_route(route, &[]);
        }
        for (route, tasks) in routes.iter().enumerate() {
            self.state.set_route(route as u32, tasks);
        }
        self.state.commit();
    }

    /// One ruin and recreate, kept or taken back.
    fn step(&mut self, temperature: f64) {
        let before = self.state.cost;
        self.out.clear();
        let swaps = self.swap_share > 0.0 && self.rng.unit() < self.swap_share;
        if !swaps || !self.swap_shifts() {
            self.ruin();
        }
        self.recreate();
        let slack = -temperature * self.rng.unit().max(1e-300).ln();
        if ((self.state.cost - before) as f64) < slack {
            self.best.follow(&self.state);
            self.state.commit();
        } else {
            self.state.undo();
        }
    }

    /// Exchanges the visits of two shifts and offers a place to unserved tasks
    /// nearby; false when there are no two such shifts.
    fn swap_shifts(&mut self) -> bool {
        let Some(pair) = swap::draw(&self.state, &mut self.rng) else {
            return false;
        };
        swap::swap(&mut self.state, pair, &mut self.out);
        for route in [pair.0, pair.1] {
            let tasks = &self.state.routes[route as usize].tasks;
            if tasks.is_empty() {
                continue;
            }
            let seed = tasks[self.rng.below(tasks.len())];
            let most = self.out.len() + self.tuning.absent_offered / 2;
            for &task in self.model.near(seed) {
                if self.out.len() >= most {
                    break;
                }
                let absent = self.state.slots[task as usize].route == NONE;
                if absent && self.rng.unit() < OFFER && !self.out.contains(&task) {
                    self.out.push(task);
                }
            }
        }
        true
    }

    /// Tears strings out of the routes around a random task.
    fn ruin(&mut self) {
        let model = self.model;
        let tasks = model.tasks();
        let seed = tasks.start + self.rng.below(tasks.len()) as u32;
        let longest = self.tuning.longest_string.min(self.average_length);
        let most = (4.0 * self.tuning.mean_removed / (1.0 + longest) - 1.0).max(1.0);
        let strings = (1.0 + self.rng.unit() * most) as usize;
        let mut offered = 0;
        for &task in model.near(seed) {
            if self.state.touched().len() >= strings {
                break;
            }
            let route = self.state.slots[task as usize].route;
            if route == NONE {
                let room = offered < self.tuning.absent_offered;
                // Tasks just torn out are unserved too, but already in `out`.
                if room && (task == seed || self.rng.unit() < OFFER) && !self.out.contains(&task) {
                    self.out.push(task);
                    offered += 1;
                }
            } else if !self.state.is_touched(route) {
                self.tear(task, route, longest);
            }
        }
    }

    /// Removes a string around a task from its route.
    fn tear(&mut self, task: u32, route: u32, longest: f64) {
        let shift = &self.model.shifts[route as usize];
        let all = self.state.routes[route as usize].tasks.len();
        let kept = if shift.frozen { all } else { shift.fixed.len() };
        let free = all - kept;
        if free == 0 {
            return;
        }
        let rng = &mut self.rng;
        let length = (1 + rng.below(longest.min(free as f64).max(1.0) as usize)).min(free);
        let mut hole = 0;
        if length < free && rng.unit() < self.tuning.split_string {
            hole = 1;
            while length + hole < free && hole < MOST_HOLE && rng.unit() > STOP_HOLE {
                hole += 1;
            }
        }
        let width = length + hole;
        let position = self.state.slots[task as usize].position as usize;
        let at = position.saturating_sub(kept);
        let first = at.saturating_sub(width - 1);
        let last = at.min(free - width);
        let from = kept + first + rng.below(last - first + 1);
        let keep_from = from + if hole > 0 { rng.below(length + 1) } else { 0 };
        let keep = keep_from..keep_from + hole;
        self.state
            .remove_string(route, from, from + width, keep, &mut self.out);
    }

    /// Puts the torn-out and offered tasks back, each at its cheapest place.
    fn recreate(&mut self) {
        self.order();
        let mut at = 0;
        while at < self.out.len() {
            let task = self.out[at];
            let prize = self.model.nodes[task as usize].prize;
            let (rng, scout) = (&mut self.rng, &mut self.scout);
            if let Some(spot) = insertion::near(&self.state, task, prize, rng, scout) {
                self.state.insert(task, spot);
            } else if self.tuning.exchange
                && let Some(other) = insertion::exchange(&self.state, task)
            {
                // The one that goes out is tried again at the end.
                self.state.replace(task, other);
                self.out.push(other);
            }
            at += 1;
        }
    }

    /// Sorts `out` by one of several preferences, drawn anew each time.
    fn order(&mut self) {
        let preference = self.rng.below(15);
        self.keys.clear();
        for &task in &self.out {
            let node = &self.model.nodes[task as usize];
            let depot = 0;
            let key = match preference {
                0..=3 => self.rng.unit(),
                4..=7 => -(node.prize as f64) * (0.8 + 0.4 * self.rng.unit()),
                8..=9 => -f64::from(self.model.matrix.leg(depot, task)),
                10 => f64::from(self.model.matrix.leg(depot, task)),
                11..=12 => f64::from(node.close) - f64::from(node.open) + self.rng.unit(),
                _ => -f64::from(node.demand) - node.prize as f64 * 1e-9,
            };
            self.keys.push((key, task));
        }
        self.keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        self.out.clear();
        self.out.extend(self.keys.iter().map(|key| key.1));
    }
}

fn average_length(state: &State<'_>) -> f64 {
    let used = state.routes.iter().map(|route| route.tasks.len());
    let (visits, routes) = used
        .filter(|&length| length > 0)
        .fold((0usize, 0usize), |sum, length| (sum.0 + length, sum.1 + 1));
    if routes == 0 {
        return 1.0;
    }
    visits as f64 / routes as f64
}

/// Inserts unserved tasks, dearest first, until none has an improving place.
pub(crate) fn repair(state: &mut State<'_>, rng: &mut Rng) {
    let mut left: Vec<u32> = state.model.tasks().collect();
    left.retain(|&task| state.slots[task as usize].route == NONE);
    left.sort_by_key(|&task| (-state.model.nodes[task as usize].prize, task));
    loop {
        let before = left.len();
        left.retain(|&task| {
            let prize = state.model.nodes[task as usize].prize;
            let spot = insertion::full(state, task, prize, rng);
            if let Some(spot) = spot {
                state.insert(task, spot);
            }
            spot.is_none()
        });
        // A new stop can make the way to its neighbours worth while.
        if left.len() == before {
            break;
        }
    }
    state.commit();
}
