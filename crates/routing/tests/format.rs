//! The format: what is written can be read, and a solution reads as the
//! interface says.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use common::random_instance;
use serde_json::{Value, json};
use zf_routing::{Instance, Params, Silent, Solution, score, solve};

#[test]
fn an_instance_with_all_optional_fields_survives_writing_and_reading() {
    for seed in 0..200 {
        let instance = random_instance(seed, 12, 4);
        let text = serde_json::to_string(&instance).unwrap();
        assert_eq!(Instance::parse(&text).unwrap(), instance, "instance {seed}");
    }
}

#[test]
fn a_solution_has_routes_with_ids_as_in_the_instance_and_reasons() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let plan = solve(&instance, &Params::iterations(2000, 1), &mut Silent);
    let written: Value = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert!(written["routes"][0]["route"].is_i64());
    assert!(written["routes"][0]["tasks"][0].is_i64());
    assert_eq!(written["cost"], json!(plan.cost));
    assert_eq!(written["travel_seconds"], json!(plan.travel_seconds));
    let unserved = written["unserved"].as_array().unwrap();
    assert!(!unserved.is_empty());
    for entry in unserved {
        assert!(
            entry["task"].is_i64() && entry["reason"].is_string(),
            "{entry}"
        );
        assert!(!entry["days"].as_array().unwrap().is_empty());
    }
    let read: Solution = serde_json::from_value(written).unwrap();
    assert_eq!(score(&instance, &read).cost, plan.cost);
}

#[test]
fn a_bare_solution_with_routes_only_can_be_scored() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let plan: Solution = serde_json::from_value(json!({"routes": []})).unwrap();
    let judged = score(&instance, &plan);
    let prizes: i64 = instance.tasks.iter().map(|task| task.prize).sum();
    assert_eq!((judged.cost, judged.visits), (prizes, 0));
}
