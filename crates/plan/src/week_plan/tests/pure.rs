//! Week plans from typed-in facts: rings, holidays, people, quotas, reasons.

use crate::definition::{Aliases, Definition, Scalar, Side, VisitKind};
use crate::week_plan::assign::{BranchPlan, Goal, RouteKind, Why, plan_branch, seed_of};
use crate::week_plan::build::{build, side_of};
use crate::week_plan::days::{PlanDay, Remark, week_days};
use crate::week_plan::facts::{BranchFacts, Candidate, Group, Person};
use crate::week_plan::rest::Tried;
use crate::week_plan::shifts::{Due, Roster, Shift, roster};
use crate::week_plan::tuning::Tuning;
use crate::week_plan::words;
use proptest::prelude::*;
use zf_base::calendar::DayKind;
use zf_base::geo::{Meters, Point};
use zf_base::{Day, IsoWeek, TargetId, Uuid, VillageGroupId, WorkCalendar};
use zf_routing::{Params, Silent, score, solve};

pub(super) fn definition() -> Definition {
    let text = include_str!("../../../../../packs/household-visit/program.toml");
    Definition::parse(text, &Aliases::default()).unwrap_or_else(|e| panic!("{e:#?}"))
}

pub(super) fn tuning() -> Tuning {
    Tuning {
        iterations: 2_000,
        ..Tuning::of(&definition()).unwrap()
    }
}

pub(super) fn point(lat: f64, lon: f64) -> Point {
    Point::new(lat, lon).unwrap()
}

pub(super) fn branch() -> Point {
    point(39.0, 83.0)
}

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(super) fn week(text: &str) -> IsoWeek {
    text.parse().unwrap()
}

pub(super) fn days(text: &str) -> Vec<PlanDay> {
    week_days(&definition(), &WorkCalendar::statutory(), week(text))
}

pub(super) fn person(post: &str, name: &str) -> Person {
    Person {
        post: post.to_owned(),
        name: name.to_owned(),
    }
}

pub(super) fn staff() -> Vec<Person> {
    vec![
        person("branch_head", "甲"),
        person("teller", "乙"),
        person("teller", "丙"),
        person("postman", "丁"),
        person("power_area_worker", "戊"),
    ]
}

/// A target `north` degrees north of the branch.
pub(super) fn target(n: u128, north: f64) -> Candidate {
    Candidate {
        id: TargetId(Uuid::from_u128(n + 1)),
        place: Some(point(39.0 + north, 83.0)),
        approximate: false,
        points: 50,
        due_day: None,
        tried: Default::default(),
    }
}

pub(super) fn group(n: u128, north: f64, households: i64) -> Group {
    Group {
        id: VillageGroupId(Uuid::from_u128(1_000_000 + n)),
        place: Some(point(39.0 + north, 83.0)),
        approximate: false,
        households,
        planned: 0,
        sweeps: 0,
    }
}

pub(super) fn facts() -> BranchFacts {
    BranchFacts {
        place: branch(),
        sweeps: false,
        quota_per_day: 20,
        carried: 0,
        staff: staff(),
        targets: vec![],
        groups: vec![],
        absences: vec![],
        kept: Default::default(),
    }
}

pub(super) fn plan(facts: &BranchFacts, week: &str) -> BranchPlan {
    plan_branch(&definition(), &tuning(), facts, &days(week), 7).unwrap()
}

// --- rings (ERR-005) ---

#[test]
fn exactly_five_kilometres_is_near_and_one_metre_more_is_far() {
    let d = definition();
    assert_eq!(d.ring.side(Meters(5_000.0)), Side::Near);
    assert_eq!(d.ring.side(Meters(5_001.0)), Side::Far);
    // 111.19508 km per degree of latitude on a sphere of 6371.0088 km:
    // 0.044966 degrees are 5.0000 km, 0.044975 are 5.0010 km.
    assert_eq!(side_of(&d, branch(), point(39.044_965, 83.0)), Side::Near);
    assert_eq!(side_of(&d, branch(), point(39.044_975, 83.0)), Side::Far);
}

#[test]
fn by_road_the_ring_ends_earlier() {
    let mut d = definition();
    // 4.448 km straight; times 1.3 it is 5.78 km.
    let place = point(39.04, 83.0);
    assert_eq!(side_of(&d, branch(), place), Side::Near);
    d.ring.distance = crate::definition::Distance::Road;
    assert_eq!(side_of(&d, branch(), place), Side::Far);
}

// --- days ---

#[test]
fn the_national_day_week_of_2016_has_routes_on_its_two_make_up_days_only() {
    // 国办发明电〔2015〕18号: off from 1 to 7 October, worked on Saturday 8 and Sunday 9.
    let days = days("2016-W40");
    let planned: Vec<String> = days
        .iter()
        .filter(|d| d.planned())
        .map(|d| d.day.to_string())
        .collect();
    assert_eq!(planned, ["2016-10-08", "2016-10-09"]);
    assert_eq!(days[0].remark, Remark::Holiday);
    assert_eq!(days[0].name, "国庆节");
    assert_eq!(days[5].remark, Remark::MakeUp);
    let facts = BranchFacts {
        targets: (0..60)
            .map(|n| target(n, 0.001 + n as f64 / 1e5))
            .chain((60..120).map(|n| target(n, 0.06)))
            .collect(),
        ..facts()
    };
    let plan = plan_branch(&definition(), &tuning(), &facts, &days, 1).unwrap();
    assert_eq!(plan.needed, 40);
    let mut on: Vec<String> = plan.routes.iter().map(|r| r.day.to_string()).collect();
    on.dedup();
    assert_eq!(on, ["2016-10-08", "2016-10-09"]);
}

#[test]
fn days_outside_of_the_campaign_have_no_visits() {
    // 2016-10-01 is the Saturday of week 39 and a holiday: nothing to plan.
    assert!(days("2016-W39").iter().all(|d| !d.planned()));
    // The campaign ends on Friday 2017-03-31.
    let last: Vec<bool> = days("2017-W13").iter().map(PlanDay::planned).collect();
    assert_eq!(last, [true, true, true, true, true, false, false]);
    let after = days("2017-W14");
    assert!(after.iter().all(|d| !d.planned()));
    assert_eq!(after[2].remark, Remark::OutsideCampaign);
}

#[test]
fn of_a_week_of_holidays_only_the_working_friday_and_the_make_up_day_are_planned() {
    // Spring Festival 2017: off from 27 January to 2 February, 4 February (a Saturday) worked.
    let week = days("2017-W05");
    let planned: Vec<bool> = week.iter().map(PlanDay::planned).collect();
    assert_eq!(planned, [false, false, false, false, true, true, false]);
    assert_eq!(week[0].remark, Remark::Holiday);
    assert_eq!(week[5].remark, Remark::MakeUp);
    let facts = BranchFacts {
        targets: (0..120)
            .map(|n| target(n, 0.001 + n as f64 / 1e5))
            .collect(),
        ..facts()
    };
    let plan = plan_branch(&definition(), &tuning(), &facts, &week, 1).unwrap();
    assert_eq!(plan.needed, 40);
    let mut on: Vec<String> = plan.routes.iter().map(|r| r.day.to_string()).collect();
    on.dedup();
    assert_eq!(on, ["2017-02-03", "2017-02-04"]);

    // Both taken off by the bank: a week without a day, a plan without a route and without a debt.
    let mut calendar = WorkCalendar::statutory();
    for day in ["2017-02-03", "2017-02-04"] {
        calendar.correct(day.parse().unwrap(), DayKind::Rest, "停业");
    }
    let none = week_days(&definition(), &calendar, "2017-W05".parse().unwrap());
    assert!(none.iter().all(|d| !d.planned()));
    let plan = plan_branch(&definition(), &tuning(), &facts, &none, 1).unwrap();
    assert_eq!((plan.needed, plan.routes.len()), (0, 0));
}

#[test]
fn the_second_phase_has_no_preliminary_visits() {
    let days = days("2017-W07");
    assert!(days[0].kinds.contains(&VisitKind::Precise));
    assert!(!days[0].kinds.contains(&VisitKind::First));
    let facts = BranchFacts {
        sweeps: true,
        groups: vec![group(1, 0.03, 40)],
        ..facts()
    };
    assert!(plan(&facts, "2017-W07").routes.is_empty());
}

// --- capacity and shortfall (CMP-009, ERR-004) ---

#[test]
fn one_evening_team_cannot_make_twenty_households_and_the_plan_says_how_many_are_missing() {
    let d = definition();
    let facts = BranchFacts {
        targets: (0..200).map(|n| target(n, 0.0)).collect(),
        ..facts()
    };
    // All next door, so no travel: 12 minutes of visit and 2 of stopping, from
    // 18:30 to 20:00.
    let (mut evening, mut clock) = (0, 18 * 60 + 30);
    while clock + 14 <= 20 * 60 {
        clock += 14;
        evening += 1;
    }
    let plan = plan(&facts, "2016-W42");
    assert_eq!(d.quota.households_per_outlet_per_day, 20);
    assert_eq!((plan.needed, plan.planned), (100, 5 * evening));
    assert_eq!(plan.shortfall(), 100 - 5 * evening);
    assert_eq!(plan.shortfall(), 70);
    assert!(
        plan.routes
            .iter()
            .all(|r| r.kind == RouteKind::PreciseEvening)
    );
    let left: Vec<&Why> = plan.unserved.iter().map(|(_, why)| why).collect();
    assert!(
        left.iter().any(|w| matches!(w, Why::NoTime { .. })),
        "{left:?}"
    );
    assert_eq!(plan.unserved.len(), 200 - 30);
}

#[test]
fn a_rural_branch_reaches_the_quota_with_sweeps_and_precise_visits_in_turn() {
    let facts = BranchFacts {
        sweeps: true,
        groups: (0..8)
            .map(|n| group(n, 0.05 + n as f64 / 100.0, 40))
            .collect(),
        targets: (0..80)
            .map(|n| target(n, 0.004))
            .chain((80..160).map(|n| target(n, 0.055)))
            .collect(),
        ..facts()
    };
    let plan = plan(&facts, "2016-W42");
    assert_eq!((plan.needed, plan.planned, plan.shortfall()), (100, 100, 0));
    let sweeps: Vec<_> = plan
        .routes
        .iter()
        .filter(|r| r.kind == RouteKind::Preliminary)
        .collect();
    // Ten half-days, every other one: 12 households each.
    assert_eq!(sweeps.len(), 5);
    assert!(
        sweeps
            .iter()
            .all(|r| r.stops.len() == 1 && r.stops[0].households == 12)
    );
    for d in days("2016-W42").iter().filter(|d| d.planned()) {
        let of_day = plan
            .routes
            .iter()
            .filter(|r| r.day == d.day)
            .flat_map(|r| &r.stops);
        assert_eq!(of_day.map(|s| s.households).sum::<i64>(), 20, "{}", d.day);
    }
}

#[test]
fn what_is_owed_is_planned_on_top_but_the_bar_stays() {
    let facts = BranchFacts {
        carried: 25,
        targets: (0..100)
            .map(|n| target(n, 0.001))
            .chain((100..300).map(|n| target(n, 0.05)))
            .collect(),
        ..facts()
    };
    let built = build(&definition(), &tuning(), &facts, &days("2016-W42"));
    assert_eq!((built.needed, built.most_per_day), (100, 25));
    let plan = plan(&facts, "2016-W42");
    assert_eq!((plan.needed, plan.carried), (100, 25));
    assert!(plan.planned > 100, "{}", plan.planned);
}

#[test]
fn a_branch_without_a_head_plans_nothing_and_says_who_is_missing() {
    let facts = BranchFacts {
        staff: staff()[1..].to_vec(),
        targets: vec![target(1, 0.01)],
        ..facts()
    };
    let plan = plan(&facts, "2016-W42");
    assert_eq!((plan.planned, plan.shortfall()), (0, 100));
    let head = Why::PostMissing {
        posts: vec!["branch_head".to_owned()],
    };
    assert_eq!(plan.unserved, [(TargetId(Uuid::from_u128(2)), head)]);
}

#[test]
fn without_a_postman_only_the_far_ring_is_left_out() {
    let mut facts = BranchFacts {
        targets: vec![target(1, 0.01), target(2, 0.08)],
        ..facts()
    };
    facts.staff.retain(|p| p.post != "postman");
    let plan = plan(&facts, "2016-W42");
    assert_eq!(plan.planned, 1);
    let postman = Why::PostMissing {
        posts: vec!["postman".to_owned()],
    };
    assert_eq!(plan.unserved, [(TargetId(Uuid::from_u128(3)), postman)]);
}

#[test]
fn an_ally_who_is_not_on_the_list_of_staff_still_comes_along() {
    let mut facts = BranchFacts {
        sweeps: true,
        groups: vec![group(1, 0.03, 5)],
        ..facts()
    };
    facts.staff.retain(|p| p.post != "power_area_worker");
    let plan = plan(&facts, "2016-W42");
    assert_eq!(plan.routes.len(), 1);
    // Five households are known, so twelve cannot be met.
    assert_eq!(plan.planned, 5);
    let names: Vec<&str> = plan.routes[0]
        .members
        .iter()
        .map(|m| m.name.as_str())
        .collect();
    assert_eq!(names, ["甲", "丁", ""]);
}

// --- choice and clock ---

#[test]
fn something_due_on_wednesday_is_visited_by_wednesday() {
    let mut targets: Vec<Candidate> = (0..100).map(|n| target(n, 0.002)).collect();
    targets[70].due_day = Some(day("2016-10-19"));
    let id = targets[70].id;
    let plan = plan(&BranchFacts { targets, ..facts() }, "2016-W42");
    let visits = |r: &&crate::week_plan::assign::PlannedRoute| {
        r.stops.iter().any(|s| s.goal == Goal::Target(id))
    };
    let route = plan.routes.iter().find(visits).unwrap();
    assert!(route.day <= day("2016-10-19"), "{}", route.day);
}

#[test]
fn a_household_without_any_place_is_planned_near_the_branch_and_marked() {
    let nowhere = Candidate {
        place: None,
        approximate: true,
        ..target(1, 0.0)
    };
    let plan = plan(
        &BranchFacts {
            targets: vec![nowhere],
            ..facts()
        },
        "2016-W42",
    );
    let stop = &plan.routes[0].stops[0];
    assert!(stop.approximate);
    assert_eq!(
        (stop.place, plan.routes[0].kind),
        (branch(), RouteKind::PreciseEvening)
    );
}

#[test]
fn near_households_are_visited_in_the_evening_and_far_ones_by_day() {
    let facts = BranchFacts {
        targets: vec![target(1, 0.03), target(2, 0.08)],
        ..facts()
    };
    let plan = plan(&facts, "2016-W42");
    let of = |n: u128| {
        let goal = Goal::Target(TargetId(Uuid::from_u128(n + 1)));
        plan.routes
            .iter()
            .find(|r| r.stops.iter().any(|s| s.goal == goal))
            .unwrap()
    };
    let (near, far) = (of(1), of(2));
    assert_eq!(near.kind, RouteKind::PreciseEvening);
    assert_eq!((near.starts, near.ends), (18 * 3600 + 1800, 20 * 3600));
    assert!(near.members.iter().any(|m| m.post == "teller"));
    assert_eq!(far.kind, RouteKind::PreciseDay);
    assert!(far.members.iter().any(|m| m.post == "postman"));
    // 0.03 degrees are 3.336 km, by road 4.337 km: 781 s each way at 20 km/h.
    assert_eq!(near.travel_seconds, 2 * 781);
    assert_eq!(near.stops[0].leave - near.stops[0].arrive, 14 * 60);
    assert_eq!(near.back_at, near.stops[0].leave + 781);
}

#[test]
fn an_evening_is_told_by_its_hour_and_not_by_what_the_file_calls_it() {
    let mut d = definition();
    for (n, window) in d.window.iter_mut().enumerate() {
        let id = format!("window-{}", n + 1);
        for team in &mut d.team {
            let own = team.windows.iter_mut().filter(|w| **w == window.id);
            own.for_each(|w| w.clone_from(&id));
        }
        window.id = id;
    }
    let facts = BranchFacts {
        targets: vec![target(1, 0.03), target(2, 0.08)],
        ..facts()
    };
    let plan = plan_branch(&d, &tuning(), &facts, &days("2016-W42"), 7).unwrap();
    let kinds = plan.routes.iter().map(|r| (r.starts >= 18 * 3600, r.kind));
    assert_eq!(kinds.clone().count(), 2);
    for (evening, kind) in kinds {
        assert_eq!(kind == RouteKind::PreciseEvening, evening);
    }
}

#[test]
fn each_kind_of_visit_goes_out_with_its_posts_and_in_its_windows() {
    let facts = BranchFacts {
        sweeps: true,
        groups: (0..4).map(|n| group(n, 0.05, 40)).collect(),
        targets: vec![target(1, 0.03), target(2, 0.08)],
        ..facts()
    };
    let plan = plan(&facts, "2016-W42");
    let hm = |h: i64, m: i64| h * 3600 + m * 60;
    let by_day = [(hm(8, 30), hm(12, 0)), (hm(14, 0), hm(17, 30))];
    let mut seen = std::collections::BTreeSet::new();
    for route in &plan.routes {
        let posts: Vec<&str> = route.members.iter().map(|m| m.post.as_str()).collect();
        let hours = (route.starts, route.ends);
        match route.kind {
            // PLN-006
            RouteKind::Preliminary => {
                assert_eq!(posts, ["branch_head", "postman", "power_area_worker"]);
                assert!(by_day.contains(&hours), "{hours:?}");
            }
            // PLN-007
            RouteKind::PreciseDay => {
                assert_eq!(posts, ["branch_head", "postman"]);
                assert!(by_day.contains(&hours), "{hours:?}");
            }
            // PLN-008
            RouteKind::PreciseEvening => {
                assert_eq!(posts, ["branch_head", "teller"]);
                assert_eq!(hours, (hm(18, 30), hm(20, 0)));
            }
        }
        seen.insert(format!("{:?}", route.kind));
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn the_same_facts_give_the_same_plan_and_other_branches_another_seed() {
    let facts = BranchFacts {
        targets: (0..150)
            .map(|n| target(n, 0.001 * (n % 90) as f64))
            .collect(),
        ..facts()
    };
    assert_eq!(plan(&facts, "2016-W42"), plan(&facts, "2016-W42"));
    assert_eq!(seed_of("290101", "2016-W42"), seed_of("290101", "2016-W42"));
    assert_ne!(seed_of("290101", "2016-W42"), seed_of("290102", "2016-W42"));
    assert_ne!(seed_of("290101", "2016-W42"), seed_of("290101", "2016-W43"));
    assert!(i64::try_from(seed_of("290101", "2016-W42")).is_ok());
}

#[test]
fn a_campaign_may_override_the_figures_of_the_planner() {
    let mut d = definition();
    assert_eq!(Tuning::of(&d).unwrap().points_base, 5);
    d.parameters
        .entry("planner".to_owned())
        .or_default()
        .insert("points_base".to_owned(), Scalar::Int(9));
    assert_eq!(Tuning::of(&d).unwrap().points_base, 9);
    d.parameters
        .entry("planner".to_owned())
        .or_default()
        .insert("points_bse".to_owned(), Scalar::Int(9));
    assert!(Tuning::of(&d).is_err());
}

// --- sweeps ---

#[test]
fn groups_not_yet_swept_come_first_then_the_larger_then_the_nearer() {
    let groups = vec![
        Group {
            sweeps: 1,
            planned: 12,
            ..group(1, 0.02, 90)
        },
        group(2, 0.05, 30),
        group(3, 0.02, 30),
        group(4, 0.09, 60),
        group(5, 0.01, 0),
    ];
    let facts = BranchFacts {
        sweeps: true,
        groups,
        ..facts()
    };
    let plan = plan(&facts, "2016-W42");
    let swept: Vec<u128> = plan
        .routes
        .iter()
        .flat_map(|r| &r.stops)
        .filter_map(|s| {
            if let Goal::Group(g) = s.goal {
                Some(g.uuid().as_u128() - 1_000_000)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(swept, [4, 3, 2, 1]);
}

#[test]
fn a_preliminary_half_day_takes_the_half_day_from_the_far_team() {
    let due: Vec<Due> = (0..10)
        .map(|n| Due {
            group: n,
            travel: 600,
            left: 30,
        })
        .collect();
    let facts = BranchFacts {
        sweeps: true,
        groups: (0..10).map(|n| group(n, 0.05, 30)).collect(),
        ..facts()
    };
    let made = roster(
        &definition(),
        &tuning(),
        &facts,
        &days("2016-W42"),
        &due,
        20,
    );
    let monday: Vec<(&str, bool)> = made
        .shifts
        .iter()
        .filter(|s| s.day_index == 0)
        .map(|s| (window_of(s), s.sweep.is_some()))
        .collect();
    assert_eq!(
        monday,
        [("morning", true), ("afternoon", false), ("evening", false)]
    );
}

fn window_of(shift: &Shift) -> &'static str {
    ["morning", "afternoon", "evening"][shift.window]
}

/// No two shifts that meet in time share a person.
fn nobody_is_in_two_places(made: &Roster) -> bool {
    let meet = |a: &Shift, b: &Shift| a.day == b.day && a.start < b.end && b.start < a.end;
    let share = |a: &Shift, b: &Shift| {
        a.people
            .iter()
            .flatten()
            .any(|p| b.people.contains(&Some(*p)))
    };
    let pairs = made
        .shifts
        .iter()
        .enumerate()
        .flat_map(|(at, a)| made.shifts[at + 1..].iter().map(move |b| (a, b)));
    let mut pairs = pairs;
    pairs.all(|(a, b)| !(meet(a, b) && share(a, b)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_ever_in_two_routes_at_the_same_time(
        heads in 0usize..3, tellers in 0usize..4, postmen in 0usize..3,
        per_outlet in 1u32..4, groups in 0usize..12, evening_from in 16u32..19, week in 41u32..50,
    ) {
        let mut d = definition();
        for team in &mut d.team {
            team.per_outlet = per_outlet;
            // Windows that overlap: the evening may begin in the afternoon.
            team.windows = ["morning", "afternoon", "evening"].map(str::to_owned).to_vec();
        }
        d.window[2].start = zf_base::Clock::from_seconds(evening_from * 3600).unwrap();
        let mut staff = vec![];
        for (post, n) in [("branch_head", heads), ("teller", tellers), ("postman", postmen)] {
            staff.extend((0..n).map(|i| person(post, &format!("{post}{i}"))));
        }
        let facts = BranchFacts { sweeps: true, staff, groups: (0..groups as u128).map(|n| group(n, 0.03, 30)).collect(), ..facts() };
        let due: Vec<Due> = (0..groups).map(|n| Due { group: n, travel: 500, left: 30 }).collect();
        let made = roster(&d, &tuning(), &facts, &days(&format!("2016-W{week}")), &due, 40);
        prop_assert!(nobody_is_in_two_places(&made));
        for shift in &made.shifts {
            let team = &d.team[shift.team];
            let posts: Vec<&str> = shift.members.iter().map(|m| m.post.as_str()).collect();
            prop_assert_eq!(&posts, &team.posts);
        }
        // A group is swept at most once a week.
        let mut swept: Vec<usize> = made.shifts.iter().filter_map(|s| s.sweep).collect();
        let n = swept.len();
        swept.sort_unstable();
        swept.dedup();
        prop_assert_eq!(swept.len(), n);
        prop_assert!(heads > 0 || made.shifts.is_empty());
    }

    #[test]
    fn every_plan_is_feasible_for_the_independent_scorer_and_for_a_plain_recount(
        seed in 0u64..1_000, n in 1usize..120, spread in 1u32..15, groups in 0usize..10, carried in 0i64..60,
    ) {
        let (d, t, week) = (definition(), tuning(), days("2016-W45"));
        let at = |i: usize| f64::from(((i as u32 * 7_919) ^ (seed as u32 * 31)) % 1_000) / 1_000.0 * f64::from(spread) / 100.0;
        let targets: Vec<Candidate> = (0..n).map(|i| Candidate { points: 10 + (i as i64 * 13) % 90, ..target(i as u128, at(i)) }).collect();
        let groups = (0..groups).map(|i| group(i as u128, at(i + 500), 9 + i as i64)).collect();
        let facts = BranchFacts { sweeps: true, carried, targets, groups, ..facts() };
        let built = build(&d, &t, &facts, &week);
        built.instance.validate().unwrap();
        let solution = solve(&built.instance, &Params::iterations(t.iterations, seed), &mut Silent);
        let judged = score(&built.instance, &solution);
        prop_assert!(judged.feasible(), "{:?}", judged.violations);
        prop_assert_eq!(judged.cost, solution.cost);
        let plan = plan_branch(&d, &t, &facts, &week, seed).unwrap();
        recount(&plan, &built.instance.quota.per_day.unwrap())?;
        prop_assert_eq!(plan.routes.iter().flat_map(|r| &r.stops).filter(|s| matches!(s.goal, Goal::Target(_))).count() + plan.unserved.len(), n);
    }
}

/// Times, windows, quotas and uniqueness by plain loops.
fn recount(plan: &BranchPlan, most: &i64) -> Result<(), TestCaseError> {
    let mut seen = std::collections::HashSet::new();
    let mut by_day = std::collections::BTreeMap::new();
    let mut total = 0;
    for route in &plan.routes {
        let mut clock = route.starts;
        for stop in &route.stops {
            prop_assert!(stop.arrive >= clock && stop.leave >= stop.arrive);
            clock = stop.leave;
            total += stop.households;
            *by_day.entry(route.day).or_insert(0) += stop.households;
            if let Goal::Target(id) = stop.goal {
                prop_assert!(seen.insert(id));
            }
        }
        prop_assert!(clock <= route.back_at && route.back_at <= route.ends);
    }
    prop_assert!(by_day.values().all(|n| n <= most));
    prop_assert_eq!(total, plan.planned);
    Ok(())
}

// --- nobody at home (ERR-007) ---

fn tried(times: i64, last: &str) -> Tried {
    Tried {
        times,
        last: Some(day(last)),
    }
}

#[test]
fn a_household_where_nobody_was_met_is_visited_again_from_the_third_day_on() {
    // Three days after Monday 17 October is Thursday.
    let mut targets: Vec<Candidate> = (0..100).map(|n| target(n, 0.002)).collect();
    (targets[40].points, targets[40].tried) = (500, tried(1, "2016-10-17"));
    let id = targets[40].id;
    let plan = plan(&BranchFacts { targets, ..facts() }, "2016-W42");
    let visits = |r: &&crate::week_plan::assign::PlannedRoute| {
        r.stops.iter().any(|s| s.goal == Goal::Target(id))
    };
    let days: Vec<Day> = plan.routes.iter().filter(visits).map(|r| r.day).collect();
    assert_eq!(days.len(), 1);
    assert!(days[0] >= day("2016-10-20"), "{}", days[0]);
}

#[test]
fn whom_it_is_too_soon_for_and_whom_it_was_tried_often_enough_for_are_left_out_with_the_reason() {
    let mut targets: Vec<Candidate> = (0..9).map(|n| target(n, 0.002)).collect();
    // Three days after Friday is Monday of the next week; after Thursday, Sunday.
    targets[0].tried = tried(1, "2016-10-21");
    targets[1].tried = tried(2, "2016-10-20");
    targets[2].tried = tried(3, "2016-09-01");
    targets[3].tried = tried(2, "2016-09-01");
    let ids: Vec<TargetId> = targets.iter().map(|t| t.id).collect();
    let plan = plan(&BranchFacts { targets, ..facts() }, "2016-W42");
    let not_yet = |text| Why::NotYet { from: day(text) };
    let expected = [
        (ids[0], not_yet("2016-10-24")),
        (ids[1], not_yet("2016-10-23")),
        (ids[2], Why::TriedEnough { times: 3 }),
    ];
    assert_eq!(plan.unserved, expected);
    assert_eq!((plan.planned, plan.left_out), (6, 3));
    let said: Vec<String> = expected
        .iter()
        .map(|(_, why)| words::why(why, &|p| p.to_owned()))
        .collect();
    assert_eq!(said[0], "上次不在家，10月24日以后再去");
    assert!(said[2].starts_with("去了 3 次都不在家"), "{}", said[2]);
}

proptest::proptest! {
    /// Counted another way: day by day from the last try.
    #[test]
    fn the_days_of_rest_are_those_of_the_campaign(after in 0u32..20, retries in 0u32..5, times in 0i64..8, back in 0i32..20) {
        let mut d = definition();
        (d.quota.absent_retry_after_days, d.quota.absent_retries) = (after, retries);
        let days = days("2016-W42");
        let last = days[6].day.plus_days(-back);
        let one = Tried { times, last: (times > 0).then_some(last) };
        let visits = days.iter().filter(|x| x.kinds.contains(&VisitKind::Precise));
        let open = visits.filter(|x| {
            let waited = last.days_until(x.day);
            times == 0 || (times <= i64::from(retries) && waited >= after as i32)
        });
        proptest::prop_assert_eq!(one.rest(&d.quota, &days).is_none(), open.count() > 0);
    }
}
