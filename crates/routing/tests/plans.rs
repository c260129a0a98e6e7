//! Properties of every plan, on small random instances that use all optional
//! fields, judged by the independent scorer and by brute force.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::{all_routes, improving_insertion, random_instance, rank};
use zf_routing::{
    AgainJob, BenchJob, Budget, Id, Instance, Params, PlannedRoute, Progress, Reason, Silent,
    Solution, Tuning, again_row, bench_rows, explain, schedule, score, solve,
};

fn planned(instance: &Instance, steps: u64, seed: u64) -> Solution {
    solve(instance, &Params::iterations(steps, seed), &mut Silent)
}

#[test]
fn every_plan_is_feasible_and_costs_what_the_engine_says() {
    let mut served = 0;
    for seed in 0..300 {
        let instance = random_instance(seed, 4 + seed as usize % 12, 1 + seed as usize % 4);
        let plan = planned(&instance, 300, seed);
        assert!(
            rank(&instance, &plan).is_some(),
            "{seed}: {:?}",
            score(&instance, &plan)
        );
        let judged = score(&instance, &plan);
        assert_eq!(plan.cost, judged.cost, "instance {seed}");
        assert_eq!(plan.travel_seconds, judged.travel, "instance {seed}");
        served += judged.visits;
    }
    assert!(
        served > 600,
        "the instances are not trivial: {served} visits"
    );
}

#[test]
fn no_unserved_task_has_a_feasible_improving_insertion_left() {
    let mut left_out = 0;
    for seed in 1000..1150 {
        let instance = random_instance(seed, 12, 3);
        let plan = planned(&instance, 40, seed);
        assert_eq!(
            improving_insertion(&instance, &plan),
            None,
            "instance {seed}"
        );
        left_out += plan.unserved.len();
    }
    assert!(left_out > 300, "tasks are left out: {left_out}");
}

#[test]
fn no_improving_insertion_is_left_after_several_runs_either() {
    let mut left_out = 0;
    for seed in 5000..5024 {
        let instance = random_instance(seed, 14, 4);
        // Enough steps for several runs and exchanges of whole shifts.
        let plan = planned(&instance, 6_000, seed);
        assert_eq!(
            improving_insertion(&instance, &plan),
            None,
            "instance {seed}"
        );
        left_out += plan.unserved.len();
    }
    assert!(left_out > 50, "tasks are left out: {left_out}");
}

#[test]
fn the_optimum_of_tiny_instances_is_found() {
    for seed in 2000..2120 {
        let instance = random_instance(seed, 3 + seed as usize % 4, 1 + seed as usize % 3);
        let plan = planned(&instance, 3000, seed);
        let best = optimum(&instance);
        assert_eq!(rank(&instance, &plan), Some(best), "instance {seed}");
    }
}

/// Best rank over all plans, by inserting the tasks one after the other into
/// every position of every route or nowhere.
fn optimum(instance: &Instance) -> (usize, i64) {
    let mut routes = all_routes(instance, &Solution::default());
    let mut best = (usize::MAX, i64::MAX);
    every_plan(instance, 0, &mut routes, &mut best);
    best
}

fn every_plan(
    instance: &Instance,
    task: usize,
    routes: &mut Vec<PlannedRoute>,
    best: &mut (usize, i64),
) {
    if task == instance.tasks.len() {
        if let Some(rank) = rank(instance, &Solution::from_routes(routes.clone())) {
            *best = rank.min(*best);
        }
        return;
    }
    every_plan(instance, task + 1, routes, best);
    for route in 0..routes.len() {
        for position in 0..=routes[route].tasks.len() {
            let id = instance.tasks[task].id.clone();
            routes[route].tasks.insert(position, id);
            every_plan(instance, task + 1, routes, best);
            routes[route].tasks.remove(position);
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let (first, again) = (planned(&instance, 500, 3), planned(&instance, 500, 3));
    assert_eq!(first, again);
    let others = (4..12).map(|seed| planned(&instance, 500, seed).routes);
    assert!(others.into_iter().any(|routes| routes != first.routes));
}

#[test]
fn explanations_name_every_task_that_is_left_out_and_no_other() {
    for seed in 3000..3060 {
        let instance = random_instance(seed, 12, 3);
        let plan = planned(&instance, 200, seed);
        let served = plan.routes.iter().flat_map(|route| &route.tasks);
        let mut all: Vec<&Id> = served
            .chain(plan.unserved.iter().map(|u| &u.task))
            .collect();
        all.sort();
        let mut expected: Vec<&Id> = instance.tasks.iter().map(|task| &task.id).collect();
        expected.sort();
        assert_eq!(all, expected, "instance {seed}");
        assert_eq!(
            plan.unserved,
            explain(&instance, &plan.routes),
            "instance {seed}"
        );
    }
}

#[test]
fn a_reason_of_missing_worth_is_true_by_the_scorer() {
    let mut seen = 0;
    for seed in 4000..4300 {
        let mut instance = random_instance(seed, 10, 3);
        instance.stability = None;
        let plan = planned(&instance, 100, seed);
        for unserved in &plan.unserved {
            for day in &unserved.days {
                let Reason::NotWorth { detour, prize } = day.reason else {
                    continue;
                };
                let cheapest = cheapest_on(&instance, &plan, &unserved.task, day.route.as_ref());
                assert_eq!(cheapest, Some(detour - prize), "instance {seed}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20, "{seen} such reasons");
}

/// Cost change of the cheapest feasible insertion of a task into a route.
fn cheapest_on(instance: &Instance, plan: &Solution, task: &Id, route: Option<&Id>) -> Option<i64> {
    let (_, now) = rank(instance, plan)?;
    let routes = all_routes(instance, plan);
    let at = routes
        .iter()
        .position(|planned| Some(&planned.route) == route)?;
    let costs = (0..=routes[at].tasks.len()).filter_map(|position| {
        let mut changed = routes.clone();
        changed[at].tasks.insert(position, task.clone());
        rank(instance, &Solution::from_routes(changed)).map(|rank| rank.1 - now)
    });
    costs.min()
}

#[test]
fn an_exchange_that_is_offered_is_feasible_and_costs_what_it_says() {
    let mut seen = 0;
    for seed in 5000..5200 {
        let mut instance = random_instance(seed, 12, 3);
        instance.stability = None;
        instance.quota = Default::default();
        for task in &mut instance.tasks {
            task.after = None;
            task.mandatory = false;
        }
        let plan = planned(&instance, 100, seed);
        let now = score(&instance, &plan).cost;
        for unserved in &plan.unserved {
            for displaced in unserved
                .days
                .iter()
                .filter_map(|day| day.displaces.as_ref())
            {
                let mut changed = plan.clone();
                let tasks = changed.routes.iter_mut().flat_map(|route| &mut route.tasks);
                let place = tasks
                    .into_iter()
                    .find(|task| **task == displaced.task)
                    .unwrap();
                *place = unserved.task.clone();
                let judged = score(&instance, &changed);
                assert!(
                    judged.feasible(),
                    "instance {seed}: {:?}",
                    judged.violations
                );
                assert_eq!(judged.cost - now, displaced.extra_cost, "instance {seed}");
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "{seen} exchanges");
}

#[test]
fn a_schedule_is_on_time_and_adds_up_on_every_feasible_route() {
    for seed in 6000..6060 {
        let instance = random_instance(seed, 10, 3);
        let plan = planned(&instance, 100, seed);
        let mut travel = 0;
        for planned in &plan.routes {
            let route = instance
                .routes
                .iter()
                .find(|r| r.id == planned.route)
                .unwrap();
            let clock = schedule(&instance, &planned.route, &planned.tasks).unwrap();
            assert!(clock.depart >= route.start && clock.back_at <= route.end);
            assert!(!clock.back_late && clock.stops.iter().all(|stop| !stop.late));
            let mut now = clock.depart;
            for stop in &clock.stops {
                assert_eq!(stop.arrive, now + stop.travel_from_previous);
                assert!(stop.start >= stop.arrive);
                now = stop.leave;
                travel += stop.travel_from_previous;
            }
            travel += clock.travel_back;
            assert_eq!(clock.back_at, now + clock.travel_back);
        }
        assert_eq!(travel, plan.travel_seconds);
    }
}

struct Watcher {
    reports: Vec<f64>,
    stop_at: f64,
}

impl Progress for Watcher {
    fn report(&mut self, done: f64, _best_cost: i64) {
        self.reports.push(done);
    }

    fn should_stop(&mut self) -> bool {
        self.reports
            .last()
            .is_some_and(|&done| done >= self.stop_at)
    }
}

#[test]
fn progress_rises_and_a_stop_still_gives_a_feasible_plan() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let mut watcher = Watcher {
        reports: Vec::new(),
        stop_at: 0.3,
    };
    let plan = solve(&instance, &Params::iterations(100_000, 1), &mut watcher);
    assert!(score(&instance, &plan).feasible());
    assert!(watcher.reports.is_sorted() && watcher.reports.len() > 10);
    assert!(
        watcher
            .reports
            .iter()
            .all(|done| (0.0..=1.0).contains(done))
    );
}

#[test]
fn a_clock_budget_ends_when_the_clock_says_so() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let asked = std::cell::Cell::new(0.0);
    let now = || {
        asked.set(asked.get() + 0.001);
        asked.get()
    };
    let params = Params {
        seed: 1,
        budget: Budget::Clock {
            now: &now,
            seconds: 0.5,
        },
        tuning: Tuning::default(),
        explain: false,
    };
    let plan = solve(&instance, &params, &mut Silent);
    assert!(score(&instance, &plan).feasible());
    assert!((0.5..0.52).contains(&asked.get()), "{}", asked.get());
}

#[test]
fn a_benchmark_row_carries_the_scored_cost_and_the_ratio_to_others() {
    // A whole number of clock ticks stands for CPU seconds.
    let ticks = std::cell::Cell::new(0.0);
    let now = || {
        ticks.set(ticks.get() + 0.01);
        ticks.get()
    };
    let text = include_str!("data/small.json").replace("\"small\"", "\"zf-S\"");
    let job = BenchJob {
        bytes: text.as_bytes(),
        seconds: 0.2,
        seed: 1,
    };
    let rows = bench_rows(&[job], &now).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].feasible && rows[0].visits > 20);
    let against: Vec<i64> = rows[0].references.iter().map(|r| r.cost).collect();
    assert_eq!(against, [130_112, 129_626, 130_204, 128_436]);
    let expected = rows[0].cost as f64 / 129_626.0;
    assert!((rows[0].ratio(&rows[0].references[1]) - expected).abs() < 1e-12);
}

#[test]
fn a_lost_day_is_planned_again_sooner_and_with_fewer_changes_than_from_nothing() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let ticks = std::cell::Cell::new(0.0);
    let now = || {
        ticks.set(ticks.get() + 0.5);
        ticks.get()
    };
    let job = AgainJob {
        steps: 20_000,
        steps_again: 4_000,
        penalty: 1800,
        seed: 1,
        tuning: Tuning::default(),
    };
    let row = again_row(&instance, &job, &now);
    assert!(row.again.feasible && row.fresh.feasible, "{row}");
    assert!(row.lost > 0 && row.open > 0, "{row}");
    assert!(row.again.changed < row.fresh.changed, "{row}");
    // One tick before and one after each plan: half a second on this clock.
    assert_eq!((row.again.seconds, row.time_ratio()), (0.5, 1.0));
}
