//! The check against the week plans: what the check promises of an outlet is
//! what a week plan of the same outlet brings. Both are made from the same
//! typed-in households, groups and staff; nothing is read from a database.

use super::finding::Named;
use super::*;
use crate::definition::Aliases;
use crate::program::network::spread_of;
use crate::week_plan::assign::plan_branch;
use crate::week_plan::days::week_days;
use crate::week_plan::facts::{BranchFacts, Candidate, Group, Person};
use crate::week_plan::tuning::Tuning;
use zf_base::{TargetId, Uuid, VillageGroupId};

/// A week of five workdays inside the phase that sweeps.
const WEEK: &str = "2016-W42";
const DAYS: u64 = 5;
/// More than anybody can visit, so that the quota does not limit the plan.
const QUOTA: i64 = 60;
/// A plan brings at least this share of what the check promises, percent: the
/// check knows mean distances only, and half-days of two kinds take turns.
const KEPT: u64 = 80;
const POSTS: [&str; 5] = [
    "branch_head",
    "teller",
    "teller",
    "postman",
    "power_area_worker",
];

/// The preset with its first phase only: every week is like every other.
fn definition() -> Definition {
    let text = include_str!("../../../../packs/household-visit/program.toml");
    let mut d = Definition::parse(text, &Aliases::default()).unwrap_or_else(|e| panic!("{e:#?}"));
    d.phase.truncate(1);
    d.program.end = d.phase[0].end;
    d
}

fn north(degrees: f64) -> Point {
    Point::new(39.0 + degrees, 83.0).unwrap()
}

/// Households 2.2 km (0.02°) and 6.7 km (0.06°) from the outlet, a few metres
/// from each other, and groups of 40 among the near ones.
fn facts(d: &Definition, area: &str, near: u64, far: u64) -> BranchFacts {
    let place = |i: u64| north(if i < near { 0.02 } else { 0.06 } + i as f64 * 1e-8);
    let target = |i: u64| Candidate {
        id: TargetId(Uuid::from_u128(u128::from(i) + 1)),
        place: Some(place(i)),
        approximate: false,
        points: 50,
        due_day: None,
        tried: Default::default(),
    };
    let group = |i: u64| Group {
        id: VillageGroupId(Uuid::from_u128(1_000_000 + u128::from(i))),
        place: Some(north(0.02)),
        approximate: false,
        households: 40,
        planned: 0,
        sweeps: 0,
    };
    BranchFacts {
        place: north(0.0),
        sweeps: d.sweeps(None, Some(area)),
        quota_per_day: QUOTA,
        carried: 0,
        staff: POSTS
            .map(|post| Person {
                post: post.to_owned(),
                name: "甲".to_owned(),
            })
            .to_vec(),
        targets: (0..near + far).map(target).collect(),
        groups: (0..40).map(group).collect(),
        absences: vec![],
        kept: Default::default(),
    }
}

/// The same outlet as the check sees it.
fn outlet(d: &Definition, area: &str, facts: &BranchFacts) -> Outlet {
    let mut o = Outlet::new(UnitId(Uuid::from_u128(9)), "1", "网点");
    o.area_kind = Some(area.to_owned());
    for post in POSTS {
        *o.posts.entry(post.to_owned()).or_default() += 1;
    }
    let places: Vec<Point> = facts.targets.iter().filter_map(|t| t.place).collect();
    o.households = Some(places.len() as u64);
    o.spread = spread_of(facts.place, &places, d);
    o.collection_plan = Some(1_000);
    o.quota = Some(facts.quota_per_day);
    o
}

fn checked(d: &Definition, outlet: Outlet) -> CheckReport {
    let network = Network {
        outlets: vec![outlet],
        staff_known: true,
        ..Network::default()
    };
    check(d, &WorkCalendar::statutory(), &network)
}

/// Households of a week: promised by the check, and planned.
fn week(d: &Definition, area: &str, facts: &BranchFacts) -> (u64, u64) {
    let report = checked(d, outlet(d, area, facts));
    let tuning = Tuning {
        iterations: 2_000,
        ..Tuning::of(d).unwrap()
    };
    let days = week_days(d, &WorkCalendar::statutory(), WEEK.parse().unwrap());
    let plan = plan_branch(d, &tuning, facts, &days, 7).unwrap();
    let planned = u64::try_from(plan.planned).unwrap();
    (report.capacity[0].per_day * DAYS, planned)
}

#[test]
fn a_week_plan_brings_what_the_check_promised_in_the_country_and_in_town() {
    let mut d = definition();
    for prefilter in [true, false] {
        d.precise.urban_prefilter = prefilter;
        for (area, near, far) in [
            ("rural", 700, 900),
            ("rural", 1_600, 0),
            ("urban", 700, 900),
            ("urban", 1_600, 0),
        ] {
            let facts = facts(&d, area, near, far);
            let (promised, planned) = week(&d, area, &facts);
            let case = format!("{area} {near}+{far} {prefilter}: {planned} of {promised}");
            assert!(planned <= promised, "{case}");
            assert!(planned * 100 >= promised * KEPT, "{case}");
        }
    }
}

#[test]
fn an_outlet_in_town_with_near_households_only_is_promised_its_evenings() {
    // (90 − 2 × 8.7 min) / 14 = 5 an evening; by day nobody has anything to do.
    let d = definition();
    let town = facts(&d, "urban", 1_600, 0);
    assert_eq!(week(&d, "urban", &town), (25, 25));
    // A rural one sweeps every other half-day and meets 12 households then.
    let rural = checked(&d, outlet(&d, "rural", &town));
    assert_eq!(rural.capacity[0].per_day, 12 + 5);
}

#[test]
fn a_handful_of_far_households_does_not_fill_the_days_of_a_campaign() {
    let d = definition();
    let town = facts(&d, "urban", 1_600, 10);
    let report = checked(&d, outlet(&d, "urban", &town));
    // 81 evenings of 5 and the ten once each; 60 × 81 visits are asked for, so
    // that every household would be visited four times.
    assert_eq!(report.capacity[0].total_possible, 81 * 5 + 10 * 4);
    assert_eq!(report.capacity[0].quota_possible, 5);
    let (promised, planned) = week(&d, "urban", &town);
    assert!(planned <= promised + 10, "{planned} of {promised}");
}

#[test]
fn every_way_out_for_an_outlet_in_town_brings_what_it_says() {
    let d = definition();
    let mut facts = facts(&d, "urban", 1_600, 0);
    facts.quota_per_day = 20;
    let o = outlet(&d, "urban", &facts);
    let report = checked(&d, o.clone());
    assert!(!report.is_feasible());
    let short = report
        .findings
        .iter()
        .find(|f| matches!(f.issue, Issue::DayShort { .. }))
        .unwrap();
    let team = Named::new(&d.team[2].id, &d.team[2].title);
    // Two evening teams visit 10; by day a team visits (210 − 17.4) / 14 = 13
    // in each half. 300 minutes are needed for 20 × 14 and the way: until 23:28.
    assert_eq!(
        short.repairs[..3],
        [
            Repair::SecondTeam {
                team: team.clone(),
                per_day: 10,
                still_missing: 10
            },
            Repair::Daytime {
                team,
                by_day: 15,
                daytime_possible: 26,
                still_missing: 0
            },
            Repair::Quota { households: 5 },
        ]
    );
    assert!(
        matches!(&short.repairs[3], Repair::Longer { end, .. } if end.to_string() == "23:28"),
        "{:?}",
        short.repairs
    );
    let mut lower = o.clone();
    lower.quota = Some(5);
    assert!(checked(&d, lower).is_feasible());
    let mut by_day = d.clone();
    by_day.team[2].windows = d.window.iter().map(|w| w.id.clone()).collect();
    assert_eq!(checked(&by_day, o.clone()).capacity[0].per_day, 31);
    let mut second = d.clone();
    second.team[2].per_outlet = 2;
    let mut two_heads = o;
    two_heads.posts.insert("branch_head".to_owned(), 2);
    assert_eq!(checked(&second, two_heads).capacity[0].per_day, 10);
}

#[test]
fn the_near_team_by_day_visits_as_many_as_the_repair_promised() {
    let mut d = definition();
    d.team[2].windows = d.window.iter().map(|w| w.id.clone()).collect();
    let far_first = d.clone();
    let mut near_first = d.clone();
    near_first.team.swap(1, 2);
    // Head and teller go by day and in the evening, whichever team stands first.
    for d in [&far_first, &near_first] {
        for (near, far) in [(1_600, 0), (1_600, 10), (700, 900)] {
            let facts = facts(d, "urban", near, far);
            let (promised, planned) = week(d, "urban", &facts);
            let case = format!("{near}+{far}: {planned} of {promised}");
            assert!(planned * 100 >= promised * KEPT, "{case}");
        }
    }
    // Where nobody lives beyond the ring, twenty a day are all planned.
    let mut town = facts(&far_first, "urban", 1_600, 0);
    town.quota_per_day = 20;
    assert_eq!(week(&far_first, "urban", &town).1, 100);
}

#[test]
fn nobody_is_missing_in_a_team_that_an_outlet_in_town_does_not_send_out() {
    let d = definition();
    let mut o = outlet(&d, "urban", &facts(&d, "urban", 100, 0));
    o.posts.remove("postman");
    let requirements = |o: Outlet| -> Vec<&str> {
        let missing = |f: &Finding| matches!(f.issue, Issue::PostMissing { .. });
        let report = checked(&d, o);
        let found = report.findings.iter().filter(|f| missing(f));
        found.map(|f| f.requirement).collect()
    };
    assert_eq!(requirements(o.clone()), ["PLN-007"]);
    o.market_kind = Some("rural".to_owned()); // the market decides, not the area
    assert_eq!(requirements(o), ["PLN-006", "PLN-007"]);
}
