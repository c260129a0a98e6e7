//! Each reason for leaving a task out, on a plan made to have it.

use zf_routing::{
    After, Depot, Id, Instance, Params, Place, PlannedRoute, Quota, Reason, Route, Silent, Task,
    Travel, explain, schedule, solve,
};

/// Places on a line, one second per unit of distance; one shift a day 0..1000.
fn line(tasks: Vec<Task>) -> Instance {
    let shift = |day: u32| Route {
        id: Id::Text(format!("day-{day}")),
        day,
        start: 0,
        end: 1000,
        max_visits: Some(2),
        ..Route::default()
    };
    Instance {
        format: Instance::FORMAT.to_owned(),
        days: 3,
        depots: vec![Depot::default()],
        travel: Travel::Euclid {
            scale: 1.0,
            truncate: true,
        },
        routes: vec![shift(0), shift(1)],
        tasks,
        ..Instance::default()
    }
}

fn task(id: i64, at: f64) -> Task {
    Task {
        id: Id::Number(id),
        place: Place { lat: at, lon: 0.0 },
        prize: 10_000,
        service: 100,
        days: vec![0],
        ..Task::default()
    }
}

/// The reason of task 9 when the given tasks are planned on day 0.
fn reason(instance: &Instance, planned: &[i64]) -> Reason {
    assert_eq!(instance.validate(), Ok(()));
    let plan = [PlannedRoute {
        route: Id::from("day-0"),
        tasks: planned.iter().map(|&id| Id::Number(id)).collect(),
    }];
    let all = explain(instance, &plan);
    let entry = all.into_iter().find(|entry| entry.task == Id::Number(9));
    entry.map_or_else(|| panic!("task 9 is planned"), |entry| entry.reason)
}

#[test]
fn a_task_whose_days_have_no_shift_has_no_allowed_day() {
    let mut lonely = task(9, 10.0);
    lonely.days = vec![2];
    assert_eq!(
        reason(&line(vec![lonely.clone()]), &[]),
        Reason::NoAllowedDay
    );
    lonely.days.clear();
    assert_eq!(reason(&line(vec![lonely]), &[]), Reason::NoAllowedDay);
}

#[test]
fn a_missing_post_is_named() {
    let mut visit = task(9, 10.0);
    visit.requires = vec!["经理".to_owned(), "柜员".to_owned()];
    let mut instance = line(vec![visit]);
    instance.routes[0].posts = vec!["柜员".to_owned()];
    let posts = vec!["经理".to_owned()];
    assert_eq!(reason(&instance, &[]), Reason::PostMissing { posts });
}

#[test]
fn a_window_that_closes_before_one_can_be_there_is_told_apart_from_a_short_shift() {
    let mut visit = task(9, 300.0);
    visit.windows = vec![[0, 299]];
    let closed = Reason::WindowClosed {
        arrive: 300,
        latest: 299,
    };
    assert_eq!(reason(&line(vec![visit]), &[]), closed);
    // 460 there, 100 of service, 460 back.
    let short = Reason::ShiftTooShort {
        back: 1020,
        end: 1000,
    };
    assert_eq!(reason(&line(vec![task(9, 460.0)]), &[]), short);
}

#[test]
fn a_shift_with_its_full_number_of_visits_is_full() {
    let instance = line(vec![task(1, 10.0), task(2, 20.0), task(9, 30.0)]);
    let full = Reason::DayFull { visits: 2, most: 2 };
    assert_eq!(reason(&instance, &[1, 2]), full);
}

#[test]
fn missing_time_is_counted_at_the_best_place() {
    // 400 out, 100, 400 back leaves 100; a stop on the way needs its 150.
    let mut visit = task(9, 200.0);
    visit.service = 150;
    let instance = line(vec![task(1, 400.0), visit]);
    assert_eq!(reason(&instance, &[1]), Reason::NoTime { short: 50 });
}

#[test]
fn a_detour_longer_than_the_worth_is_not_worth_it() {
    let mut visit = task(9, 100.0);
    visit.prize = 150;
    let expected = Reason::NotWorth {
        detour: 200,
        prize: 150,
    };
    assert_eq!(reason(&line(vec![visit]), &[]), expected);
}

#[test]
fn spacing_quota_and_frozen_shifts_are_named() {
    let mut second = task(9, 10.0);
    second.after = Some(After {
        task: Id::Number(1),
        min_days: 1,
    });
    let instance = line(vec![task(1, 10.0), second]);
    let other = Id::Number(1);
    assert_eq!(reason(&instance, &[1]), Reason::TooSoon { other });

    let mut instance = line(vec![task(1, 10.0), task(9, 10.0)]);
    instance.quota = Quota {
        per_day: Some(1),
        per_team: None,
    };
    assert_eq!(reason(&instance, &[1]), Reason::QuotaReached);

    let mut instance = line(vec![task(9, 10.0)]);
    instance.routes[0].frozen = true;
    assert_eq!(reason(&instance, &[]), Reason::ShiftFrozen);
}

#[test]
fn the_visit_to_give_way_is_the_one_whose_exchange_costs_least() {
    let mut cheap = task(2, 20.0);
    cheap.prize = 500;
    let mut wanted = task(9, 20.0);
    wanted.prize = 400;
    let instance = line(vec![task(1, 10.0), cheap, wanted]);
    let plan = [PlannedRoute {
        route: Id::from("day-0"),
        tasks: vec![Id::Number(1), Id::Number(2)],
    }];
    let displaced = explain(&instance, &plan)[0].days[0].displaces.clone();
    let found = displaced.map(|d| (d.task, d.extra_cost));
    assert_eq!(found, Some((Id::Number(2), 100)));
}

#[test]
fn the_spacing_is_kept_by_the_planner() {
    let mut second = task(9, 10.0);
    second.days = vec![0, 1];
    second.after = Some(After {
        task: Id::Number(1),
        min_days: 1,
    });
    let instance = line(vec![task(1, 10.0), second]);
    let plan = solve(&instance, &Params::iterations(200, 1), &mut Silent);
    let on = |id: i64| {
        let holds = |route: &&PlannedRoute| route.tasks.contains(&Id::Number(id));
        plan.routes
            .iter()
            .find(holds)
            .map(|route| route.route.to_string())
    };
    assert_eq!(on(1).as_deref(), Some("day-0"));
    assert_eq!(on(9).as_deref(), Some("day-1"));
}

#[test]
fn a_schedule_leaves_late_enough_not_to_wait_at_the_first_door() {
    let mut first = task(1, 100.0);
    first.windows = vec![[300, 400]];
    let mut then = task(2, 150.0);
    then.windows = vec![[0, 100], [500, 600]];
    let instance = line(vec![first, then]);
    let tasks = [Id::Number(1), Id::Number(2)];
    let plan = schedule(&instance, &Id::from("day-0"), &tasks).unwrap_or_default();
    let times: Vec<(i64, i64, i64)> = plan
        .stops
        .iter()
        .map(|stop| (stop.arrive, stop.start, stop.leave))
        .collect();
    assert_eq!(plan.depart, 200);
    assert_eq!(times, [(300, 300, 400), (450, 500, 600)]);
    assert_eq!((plan.back_at, plan.back_late), (750, false));
}
