//! The scorer against the independent Python checker of the format: the plans
//! (feasible, broken and random ones) and every figure in `data/scored.json`
//! were printed by that checker. Where the checker itself is at hand, it also
//! judges random plans of the one-week benchmark.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

mod common;

use std::io::Read;
use std::process::Command;

use common::Dice;
use serde::Deserialize;
use zf_routing::{Id, Instance, Params, PlannedRoute, Silent, Solution, score, solve};

#[derive(Deserialize)]
struct Scored {
    routes: Vec<PlannedRoute>,
    feasible: bool,
    violations: Vec<String>,
    cost: i64,
    prize: i64,
    travel: i64,
    wait: i64,
    visits: usize,
    used: usize,
    points_pct: f64,
    must_pct: f64,
    top_pct: f64,
}

#[test]
fn the_scorer_equals_the_python_checker_on_feasible_and_broken_plans() {
    let instance = Instance::parse(include_str!("data/small.json")).unwrap();
    let cases: Vec<Scored> = serde_json::from_str(include_str!("data/scored.json")).unwrap();
    assert_eq!(cases.len(), 34);
    assert_eq!(cases.iter().filter(|case| case.feasible).count(), 16);
    compare(&instance, cases);
}

/// Judges every case again and expects the checker's figures.
fn compare(instance: &Instance, cases: Vec<Scored>) {
    for (at, case) in cases.into_iter().enumerate() {
        let mine = score(instance, &Solution::from_routes(case.routes));
        let mut violations: Vec<String> = mine.violations.iter().map(ToString::to_string).collect();
        violations.sort();
        assert_eq!(violations, case.violations, "plan {at}");
        assert_eq!(mine.feasible(), case.feasible, "plan {at}");
        let figures = (
            mine.cost,
            mine.prize,
            mine.travel,
            mine.wait,
            mine.visits,
            mine.routes,
        );
        let expected = (
            case.cost,
            case.prize,
            case.travel,
            case.wait,
            case.visits,
            case.used,
        );
        assert_eq!(figures, expected, "plan {at}");
        assert!(
            (mine.points_percent - case.points_pct).abs() < 0.001,
            "plan {at}"
        );
        assert!(
            (mine.must_percent - case.must_pct).abs() < 0.01,
            "plan {at}"
        );
        assert!((mine.top_percent - case.top_pct).abs() < 0.01, "plan {at}");
    }
}

/// Prints, for every plan of a list, the plan with the checker's figures.
const JUDGE: &str = r#"
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from check import check, load
instance, out = load(sys.argv[2]), []
for plan in json.load(open(sys.argv[3])):
    c = check(instance, dict(routes=plan))
    c["violations"].sort()
    out.append(dict(routes=plan, feasible=c["feasible"], violations=c["violations"], cost=c["cost"],
        prize=c["prize"], travel=c["travel"], wait=c["wait"], visits=c["visits"], used=c["routes"],
        points_pct=c["points_pct"], must_pct=c["must_pct"], top_pct=c["top_pct"]))
print(json.dumps(out))
"#;

#[test]
fn the_scorer_equals_the_python_checker_on_random_plans_of_a_whole_week() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/routing");
    let file = format!("{folder}/instances/zf-S.json.gz");
    let Ok(packed) = std::fs::read(&file) else {
        println!("skipped: the public checker is not at hand");
        return;
    };
    let mut plain = String::new();
    let mut reader = flate2::read::GzDecoder::new(&packed[..]);
    reader.read_to_string(&mut plain).unwrap();
    let instance = Instance::parse(&plain).unwrap();
    let plans = random_plans(&instance, 60);
    let list = format!("{}/random-plans.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&list, serde_json::to_string(&plans).unwrap()).unwrap();
    let mut judge = Command::new("python3");
    judge.args(["-c", JUDGE, folder, &file, &list]);
    let Ok(said) = judge.output() else {
        println!("skipped: no Python at hand");
        return;
    };
    assert!(said.status.success(), "{said:?}");
    let cases: Vec<Scored> = serde_json::from_slice(&said.stdout).unwrap();
    let feasible = cases.iter().filter(|case| case.feasible).count();
    assert!((10..50).contains(&feasible), "{feasible} are feasible");
    compare(&instance, cases);
}

/// Plans of little effort, some of them with tasks dropped, moved or doubled.
fn random_plans(instance: &Instance, count: u64) -> Vec<Vec<PlannedRoute>> {
    let mut dice = Dice(20_261_122);
    let plan = |seed: u64| {
        let mut params = Params::iterations(seed % 40, seed);
        params.explain = false;
        let mut routes = solve(instance, &params, &mut Silent).routes;
        for _ in 0..(seed % 5) {
            let from = dice.below(routes.len() as u64) as usize;
            let to = dice.below(routes.len() as u64) as usize;
            if routes[from].tasks.is_empty() {
                continue;
            }
            let at = dice.below(routes[from].tasks.len() as u64) as usize;
            let task: Id = match dice.below(4) {
                0 => routes[from].tasks[at].clone(),
                _ => routes[from].tasks.remove(at),
            };
            if dice.below(3) > 0 {
                let at = dice.below(routes[to].tasks.len() as u64 + 1) as usize;
                routes[to].tasks.insert(at, task);
            }
        }
        routes
    };
    (0..count).map(plan).collect()
}
