//! The scorer against the independent Python checker of the format: the plans
//! (feasible, broken and random ones) and every figure in `data/scored.json`
//! were printed by that checker.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

use serde::Deserialize;
use zf_routing::{Instance, PlannedRoute, Solution, score};

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
    for (at, case) in cases.into_iter().enumerate() {
        let mine = score(&instance, &Solution::from_routes(case.routes));
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
