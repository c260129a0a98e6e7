//! Edits, locks and planning again, from typed-in facts.

use super::pure::{day, days, definition, facts, group, person, plan, target, tuning};
use crate::week_plan::assign::{BranchPlan, Goal, plan_keeping};
use crate::week_plan::desk::arrange::{Arranged, Arrangement, Edit, EditFault, Place, To};
use crate::week_plan::desk::effect::{Judge, Problem};
use crate::week_plan::desk::stood::Stood;
use crate::week_plan::facts::{Absence, BranchFacts, Who};
use crate::week_plan::jobs::due_week;
use crate::week_plan::keep::{Kept, ShiftKey, changes};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};
use zf_base::{RouteId, StopId, Timestamp, Uuid};

const WEEK: &str = "2016-W42";
const NOW: Timestamp = Timestamp(1_476_061_200_000_000);

/// A rural branch with village groups to sweep, near and far households.
fn rural() -> BranchFacts {
    BranchFacts {
        sweeps: true,
        targets: (0..60)
            .map(|n| target(n, if n % 2 == 0 { 0.02 } else { 0.06 }))
            .collect(),
        groups: (0..4).map(|n| group(n, 0.02, 60)).collect(),
        ..facts()
    }
}

/// The plan as rows would have it; ids count up.
fn arrangement(plan: &BranchPlan) -> Arrangement {
    let mut next = 0u128;
    let mut id = || {
        next += 1;
        Uuid::from_u128(next)
    };
    let routes = plan.routes.iter().map(|r| Arranged {
        id: RouteId(id()),
        key: ShiftKey::of(r),
        team_name: r.team_name.clone(),
        kind: r.kind,
        ends: r.ends,
        members: r.members.clone(),
        travel_seconds: r.travel_seconds,
        travel_meters: r.travel_meters,
        back_at: r.back_at,
        locked: None,
        stops: r
            .stops
            .iter()
            .map(|s| Place {
                id: StopId(id()),
                goal: s.goal,
                households: s.households,
                place: s.place,
                approximate: s.approximate,
                arrive: s.arrive,
                leave: s.leave,
                struck: None,
                refused: false,
                locked: None,
            })
            .collect(),
    });
    Arrangement {
        routes: routes.collect(),
        waiting: vec![],
    }
}

fn again(facts: &BranchFacts, old: &Arrangement, kept: Kept) -> BranchPlan {
    let facts = BranchFacts {
        kept,
        ..facts.clone()
    };
    plan_keeping(&definition(), &tuning(), &facts, Some(old), &days(WEEK), 7).unwrap()
}

fn nobody_home(_: &Arranged) -> bool {
    false
}

fn goals(plan: &BranchPlan) -> HashSet<Goal> {
    let stops = plan.routes.iter().flat_map(|r| &r.stops);
    stops.map(|s| s.goal).collect()
}

fn ids(plan: &Arrangement) -> BTreeSet<StopId> {
    plan.routes
        .iter()
        .flat_map(|r| &r.stops)
        .map(|s| s.id)
        .collect()
}

/// A stop of a household, with its route.
fn visit(plan: &Arrangement, far: bool) -> (usize, StopId) {
    let team = if far {
        "precise_far-1"
    } else {
        "precise_near-1"
    };
    let at = plan
        .routes
        .iter()
        .position(|r| r.key.team_code == team && r.stops.len() > 1)
        .unwrap();
    (at, plan.routes[at].stops[0].id)
}

#[test]
fn the_judge_finds_nothing_wrong_with_a_fresh_plan_and_gives_it_the_same_times() {
    let (d, t, f, w) = (definition(), tuning(), rural(), days(WEEK));
    let before = arrangement(&plan(&f, WEEK));
    let judge = Judge::new(&d, &t, &f, &w);
    assert_eq!(judge.problems(&before), []);
    let mut after = before.clone();
    judge.retime(&mut after, &|_| true);
    assert_eq!(after, before);
}

#[test]
fn planning_again_without_a_reason_changes_nothing() {
    let f = rural();
    let first = plan(&f, WEEK);
    let before = arrangement(&first);
    let kept = Kept::of(&before, None, &nobody_home);
    let c = changes(&before, &again(&f, &before, kept));
    assert_eq!((c.added, c.removed, c.moved), (vec![], vec![], vec![]));
    let stops: usize = first.routes.iter().map(|r| r.stops.len()).sum();
    assert_eq!(c.same, stops as i64);
}

#[test]
fn what_was_struck_out_is_not_planned_again_and_others_take_the_place() {
    let f = rural();
    let mut before = arrangement(&plan(&f, WEEK));
    let (at, id) = visit(&before, false);
    let swept = before
        .routes
        .iter()
        .find(|r| matches!(r.stops[0].goal, Goal::Group(_)));
    let swept = swept.unwrap().stops[0].id;
    let goal = before.routes[at].stops[0].goal;
    for stop in [id, swept] {
        let strike = Edit::Strike {
            stop_id: stop.uuid(),
        };
        before
            .apply(&strike, &[], RouteId(Uuid::nil()), NOW)
            .unwrap();
    }
    let (_, s) = before.find(swept).unwrap();
    assert_eq!(s, 0);
    let kept = Kept::of(&before, None, &nobody_home);
    let after = again(&f, &before, kept);
    assert!(!goals(&after).contains(&goal));
    let group = before
        .routes
        .iter()
        .flat_map(|r| &r.stops)
        .find(|s| s.id == swept);
    assert!(!goals(&after).contains(&group.unwrap().goal));
    assert!(after.unserved.iter().all(|(t, _)| Goal::Target(*t) != goal));
}

#[test]
fn a_near_household_given_to_the_far_team_is_told() {
    let (d, t, f, w) = (definition(), tuning(), rural(), days(WEEK));
    let mut plan = arrangement(&plan(&f, WEEK));
    let judge = Judge::new(&d, &t, &f, &w);
    let (_, near) = visit(&plan, false);
    let (far, _) = visit(&plan, true);
    let key = plan.routes[far].key.clone();
    let to = To {
        day: key.day,
        team_id: key.team_code.clone(),
        starts: key.start,
        position: Some(0),
    };
    let edit = Edit::Move {
        stop_id: near.uuid(),
        to,
    };
    plan.apply(&edit, &[], RouteId(Uuid::nil()), NOW).unwrap();
    judge.retime(&mut plan, &|_| true);
    let problems = judge.problems(&plan);
    assert!(
        problems.contains(&Problem::WrongRing {
            stop: near,
            far: false
        }),
        "{problems:?}"
    );
}

#[test]
fn a_window_that_is_too_full_is_told_with_minutes_and_what_falls_out_makes_it_fit() {
    let (d, t, f, w) = (definition(), tuning(), rural(), days(WEEK));
    let mut plan = arrangement(&plan(&f, WEEK));
    let judge = Judge::new(&d, &t, &f, &w);
    let (far, _) = visit(&plan, true);
    let key = plan.routes[far].key.clone();
    // All far households of the week on one half-day: 3.5 hours cannot hold them.
    let others: Vec<StopId> = plan
        .routes
        .iter()
        .filter(|r| r.key.team_code == key.team_code && r.key != key)
        .flat_map(|r| r.stops.iter().map(|s| s.id))
        .collect();
    for stop in others {
        let to = To {
            day: key.day,
            team_id: key.team_code.clone(),
            starts: key.start,
            position: None,
        };
        let edit = judge.placed(
            &plan,
            &Edit::Move {
                stop_id: stop.uuid(),
                to,
            },
            &[],
            RouteId(Uuid::nil()),
        );
        plan.apply(&edit.unwrap(), &[], RouteId(Uuid::nil()), NOW)
            .unwrap();
        judge.retime(&mut plan, &|r| r.key == key);
    }
    let full = plan.routes.iter().find(|r| r.key == key).unwrap();
    let last = full.stops.iter().map(|s| s.leave).max().unwrap();
    // Counted by hand: back is the last leave plus the way home, 6.67 km × 1.3 at 30 km/h.
    assert!(full.back_at > last);
    let minutes = (full.back_at - full.ends + 59) / 60;
    assert!(minutes > 0);
    let lunch = full.ends == 12 * 3600;
    let over = Problem::Over {
        route: full.id,
        minutes,
        lunch,
    };
    let told = judge.problems(&plan);
    assert!(
        told.iter().any(|p| matches!(p, Problem::Over { route, minutes: m, .. } if *route == full.id && *m == minutes)),
        "{over:?} not in {told:?}"
    );
    // Without what falls out the team is back in time again.
    let stay = full.stops[0].id;
    let out = judge.falls_out(full, stay);
    assert!(!out.is_empty() && !out.contains(&stay));
    let mut fits = plan.clone();
    let at = fits.routes.iter().position(|r| r.key == key).unwrap();
    fits.routes[at].stops.retain(|s| !out.contains(&s.id));
    judge.retime(&mut fits, &|_| true);
    assert!(fits.routes[at].back_at <= fits.routes[at].ends);
}

#[test]
fn locked_stops_do_not_move_and_a_village_group_goes_only_to_a_free_half_day() {
    let (d, t, f, w) = (definition(), tuning(), rural(), days(WEEK));
    let mut plan = arrangement(&plan(&f, WEEK));
    let (r, stop) = visit(&plan, false);
    let key = plan.routes[r].key.clone();
    let lock = Edit::LockStop {
        stop_id: stop.uuid(),
        locked: true,
    };
    plan.apply(&lock, &[], RouteId(Uuid::nil()), NOW).unwrap();
    let to = To {
        day: key.day,
        team_id: key.team_code,
        starts: key.start,
        position: Some(1),
    };
    let home = Edit::Move {
        stop_id: stop.uuid(),
        to: to.clone(),
    };
    assert_eq!(
        plan.apply(&home, &[], RouteId(Uuid::nil()), NOW),
        Err(EditFault::Locked)
    );
    let sweep = plan
        .routes
        .iter()
        .find(|r| matches!(r.stops[0].goal, Goal::Group(_)));
    let sweep = sweep.unwrap().stops[0].id;
    let wrong = Edit::Move {
        stop_id: sweep.uuid(),
        to,
    };
    assert_eq!(
        plan.apply(&wrong, &[], RouteId(Uuid::nil()), NOW),
        Err(EditFault::OtherKind)
    );
    let judge = Judge::new(&d, &t, &f, &w);
    let free = judge.free(&plan);
    // Whoever is out on a route is not offered a second one at the same time.
    for shift in &free {
        let out = plan.routes.iter().filter(|r| {
            r.key.day == shift.key.day && r.key.start < shift.ends && shift.key.start < r.ends
        });
        for other in out {
            assert!(
                other.members.iter().all(|m| !shift.members.contains(m)),
                "{shift:?}"
            );
        }
    }
}

#[test]
fn sick_leave_keeps_the_past_and_sends_nobody_who_is_away() {
    let f = rural();
    let before = arrangement(&plan(&f, WEEK));
    // Wednesday 19 October, noon: the postman is ill until Friday.
    let ill = Absence {
        who: Who::Person(3),
        first: day("2016-10-19"),
        last: day("2016-10-21"),
        window: None,
    };
    let f = BranchFacts {
        absences: vec![ill],
        ..f
    };
    let d = definition();
    let home = |r: &Arranged| f.stays_home(&d, r);
    let from = (day("2016-10-19"), 12 * 3600);
    let kept = Kept::of(&before, Some(from), &home);
    let after = again(&f, &before, kept);
    let postman = person("postman", "丁");
    let past = |day: zf_base::Day, start: i64| (day, start) < from;
    for r in &after.routes {
        if past(r.day, r.starts) {
            let old = before
                .routes
                .iter()
                .find(|o| o.key == ShiftKey::of(r))
                .unwrap();
            assert_eq!(r, &crate::week_plan::keep::planned(old));
        } else if r.day <= day("2016-10-21") {
            assert!(!r.members.contains(&postman), "{} {}", r.day, r.team_code);
        }
    }
    let old = before
        .routes
        .iter()
        .filter(|r| past(r.key.day, r.key.start))
        .count();
    let new = after
        .routes
        .iter()
        .filter(|r| past(r.day, r.starts))
        .count();
    assert_eq!(old, new);
    // The evenings of head and teller go on as they were.
    let c = changes(&before, &after);
    assert!(c.same > 0 && !c.removed.is_empty());
    let evening = |k: &ShiftKey| k.team_code == "precise_near-1";
    assert!(
        c.removed.iter().all(|(_, k)| !evening(k)),
        "{:?}",
        c.removed
    );
}

#[test]
fn on_a_day_off_nobody_goes_out_and_locks_do_not_help() {
    let f = rural();
    let mut before = arrangement(&plan(&f, WEEK));
    let rain = day("2016-10-20");
    let lock = Edit::LockDay {
        day: rain,
        locked: true,
    };
    before.apply(&lock, &[], RouteId(Uuid::nil()), NOW).unwrap();
    let off = Absence {
        who: Who::Everybody,
        first: rain,
        last: rain,
        window: Some("morning".to_owned()),
    };
    let f = BranchFacts {
        absences: vec![off],
        ..f
    };
    let d = definition();
    let home = |r: &Arranged| f.stays_home(&d, r);
    let after = again(&f, &before, Kept::of(&before, None, &home));
    let on = |start: i64| {
        after
            .routes
            .iter()
            .filter(|r| r.day == rain && r.starts < start)
            .count()
    };
    assert_eq!(on(12 * 3600), 0, "the morning is off");
    let evening = before
        .routes
        .iter()
        .find(|r| r.key.day == rain && r.key.start > 18 * 3600);
    let evening = crate::week_plan::keep::planned(evening.unwrap());
    assert!(after.routes.contains(&evening), "the evening is locked");
}

#[test]
fn next_week_is_due_from_the_weekday_of_the_campaign_on() {
    use crate::definition::Weekday::{Friday, Monday};
    assert_eq!(due_week(Friday, day("2016-10-13")), None);
    let next = "2016-W42".parse().unwrap();
    assert_eq!(due_week(Friday, day("2016-10-14")), Some(next));
    assert_eq!(
        due_week(Friday, day("2016-10-16")),
        Some(next),
        "a missed day is made up"
    );
    assert_eq!(due_week(Monday, day("2016-10-10")), Some(next));
}

/// An edit by numbers; positions that do not exist are refused, which is fine.
fn numbered(plan: &Arrangement, (what, stop, route, place): (u8, usize, usize, usize)) -> Edit {
    let all: Vec<StopId> = ids(plan).into_iter().collect();
    let stop_id = all[stop % all.len()].uuid();
    let to = &plan.routes[route % plan.routes.len()];
    match what % 6 {
        0 => Edit::Strike { stop_id },
        1 => Edit::Restore { stop_id },
        2 => Edit::LockStop {
            stop_id,
            locked: place % 2 == 0,
        },
        3 => Edit::LockRoute {
            route_id: to.id.uuid(),
            locked: place % 2 == 0,
        },
        _ => Edit::Move {
            stop_id,
            to: To {
                day: to.key.day,
                team_id: to.key.team_code.clone(),
                starts: to.key.start,
                position: Some(place),
            },
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_edit_loses_a_stop_and_undoing_gives_back_what_stood(
        edits in proptest::collection::vec((any::<u8>(), 0..200usize, 0..40usize, 0..9usize), 1..25),
    ) {
        let (d, t, f, w) = (definition(), tuning(), rural(), days(WEEK));
        let judge = Judge::new(&d, &t, &f, &w);
        let first = arrangement(&plan(&f, WEEK));
        let all = ids(&first);
        let mut now = first.clone();
        for numbers in edits {
            let edit = numbered(&now, numbers);
            let before = now.clone();
            if now.apply(&edit, &[], RouteId(Uuid::nil()), NOW).is_err() {
                prop_assert_eq!(&now, &before, "a refused edit changes nothing");
                continue;
            }
            let count: usize = now.routes.iter().map(|r| r.stops.len()).sum();
            prop_assert_eq!((ids(&now).len(), count), (all.len(), all.len()));
            judge.retime(&mut now, &|_| true);
            let text = serde_json::to_string(&Stood::of(&before)).unwrap();
            let stood: Stood = serde_json::from_str(&text).unwrap();
            let mut back = now.clone();
            back.put_back(&stood, &[]).unwrap();
            judge.retime(&mut back, &|_| true);
            let mut then = before.clone();
            judge.retime(&mut then, &|_| true);
            let standing = |a: &Arrangement| a.routes.iter().map(|r| (r.key.clone(), r.back_at, r.locked, r.standing().map(|s| (s.id, s.arrive, s.locked)).collect::<Vec<_>>())).collect::<Vec<_>>();
            prop_assert_eq!(standing(&back), standing(&then));
        }
    }

    #[test]
    fn locks_strikes_and_the_past_survive_planning_again(
        edits in proptest::collection::vec((0..4u8, 0..200usize, 0..40usize, Just(0usize)), 1..12),
        over in 0..5i32,
    ) {
        let f = rural();
        let mut before = arrangement(&plan(&f, WEEK));
        for numbers in edits {
            let edit = numbered(&before, numbers);
            before.apply(&edit, &[], RouteId(Uuid::nil()), NOW).ok();
        }
        let from = (day("2016-10-17").plus_days(over), 12 * 3600);
        let after = again(&f, &before, Kept::of(&before, Some(from), &nobody_home));
        for r in before.routes.iter().filter(|r| r.standing().next().is_some()) {
            let now = after.routes.iter().find(|n| ShiftKey::of(n) == r.key);
            if r.locked.is_some() || (r.key.day, r.key.start) < from {
                let want = crate::week_plan::keep::planned(r);
                prop_assert_eq!(now, Some(&want));
            }
            for stop in r.standing().filter(|s| s.locked.is_some()) {
                let there = now.is_some_and(|n| n.stops.iter().any(|s| s.goal == stop.goal));
                prop_assert!(there, "{:?} left {:?}", stop.goal, r.key);
            }
        }
        for stop in before.routes.iter().flat_map(|r| &r.stops).filter(|s| s.struck.is_some()) {
            prop_assert!(!goals(&after).contains(&stop.goal));
        }
    }
}
