//! The public benchmark instances, where they are at hand.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use std::io::Read;

use common::improving_insertion;
use zf_routing::{Instance, Params, Silent, score, solve};

/// A shared instance, or `None` with a note on the output.
fn shared(name: &str) -> Option<Instance> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/routing/instances"
    );
    let file = format!("{folder}/{name}.json.gz");
    let Ok(packed) = std::fs::read(file) else {
        println!("skipped: the benchmark instance {name} is not at hand");
        return None;
    };
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut plain)
        .unwrap();
    Some(Instance::parse_bytes(&plain).unwrap())
}

/// Cost of a plan made in so many steps, checked by the scorer.
fn cost(instance: &Instance, steps: u64) -> i64 {
    let mut params = Params::iterations(steps, 1);
    params.explain = false;
    let plan = solve(instance, &params, &mut Silent);
    let judged = score(instance, &plan);
    assert_eq!(judged.violations, []);
    assert_eq!(judged.cost, plan.cost);
    judged.cost
}

#[test]
fn the_one_week_benchmark_is_planned_within_three_percent_of_the_reference() {
    let Some(instance) = shared("zf-S") else {
        return;
    };
    // Reference: 129,626 (prototype, 10 CPU s, mean of 2 seeds).
    let cost = cost(&instance, 400_000);
    assert!(cost * 100 <= 129_626 * 103, "{cost}");
}

#[test]
fn the_one_week_benchmark_leaves_no_improving_insertion() {
    let Some(instance) = shared("zf-S") else {
        return;
    };
    let plan = solve(&instance, &Params::iterations(500, 1), &mut Silent);
    assert!(plan.unserved.len() > 20);
    assert_eq!(improving_insertion(&instance, &plan), None);
}

#[test]
fn the_large_benchmarks_beat_the_best_foreign_solver_in_few_steps() {
    // PyVRP 0.14.1: 1,603,543 in 60 s on M; 11,715,196 week by week on L.
    if let Some(instance) = shared("zf-M") {
        let cost = cost(&instance, 60_000);
        assert!(cost < 1_603_543, "{cost}");
    }
    if let Some(instance) = shared("zf-L") {
        let cost = cost(&instance, 40_000);
        assert!(cost < 11_715_196, "{cost}");
    }
}
