//! Small random instances that use every optional field, and helpers.

#![allow(dead_code)] // each test file uses a part of it

use zf_routing::{
    After, Depot, Id, Instance, Place, PlannedRoute, Quota, Route, Solution, Stability, Task,
    Travel, Violation, score,
};

/// Plain linear congruential numbers: independent of the engine's own.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

pub fn random_instance(seed: u64, tasks: usize, routes: usize) -> Instance {
    let dice = &mut Dice(seed.wrapping_mul(7919) + 17);
    let days = 1 + dice.below(4) as u32;
    let depots = random_depots(dice);
    let mut instance = Instance {
        format: Instance::FORMAT.to_owned(),
        name: format!("random {seed}"),
        days,
        routes: (0..routes)
            .map(|at| random_route(dice, at, days, &depots))
            .collect(),
        tasks: (0..tasks)
            .map(|at| random_task(dice, at, days, &depots))
            .collect(),
        depots,
        ..Instance::default()
    };
    random_travel(dice, &mut instance);
    if dice.one_in(4) {
        instance.quota = Quota {
            per_day: (dice.one_in(2)).then(|| 2 + dice.below(3) as i64),
            per_team: (dice.one_in(2)).then(|| 1 + dice.below(3) as i64),
        };
    }
    if dice.one_in(4) {
        let of = |dice: &mut Dice| Id::Number(dice.below(tasks as u64) as i64);
        let previous = vec![PlannedRoute {
            route: instance.routes[dice.below(routes as u64) as usize]
                .id
                .clone(),
            tasks: vec![of(dice), of(dice)],
        }];
        let penalty = dice.below(900) as i64;
        instance.stability = Some(Stability { previous, penalty });
    }
    random_fixed(dice, &mut instance);
    instance.validate().unwrap();
    instance
}

fn random_depots(dice: &mut Dice) -> Vec<Depot> {
    let count = 1 + i64::from(dice.one_in(4));
    (0..count)
        .map(|at| Depot {
            id: Some(Id::Text(format!("depot-{at}"))),
            place: random_place(dice),
        })
        .collect()
}

fn random_place(dice: &mut Dice) -> Place {
    Place {
        lat: 27.0 + dice.below(1000) as f64 / 10_000.0,
        lon: 105.0 + dice.below(1000) as f64 / 10_000.0,
    }
}

fn random_route(dice: &mut Dice, at: usize, days: u32, depots: &[Depot]) -> Route {
    let start = 32_400 + 1800 * dice.below(6) as i64;
    let all = depots.len() as u64;
    Route {
        id: Id::Text(format!("r{at}")),
        day: dice.below(u64::from(days)) as u32,
        start,
        end: start + 3600 + 900 * dice.below(16) as i64,
        max_visits: (!dice.one_in(5)).then(|| 1 + dice.below(5) as i64),
        team: (!dice.one_in(4)).then(|| Id::Number(dice.below(2) as i64)),
        posts: if dice.one_in(2) {
            vec!["teller".to_owned()]
        } else {
            Vec::new()
        },
        depot: dice
            .one_in(2)
            .then(|| depots[dice.below(all) as usize].id.clone())
            .flatten(),
        frozen: dice.one_in(12),
        ..Route::default()
    }
}

fn random_task(dice: &mut Dice, at: usize, days: u32, depots: &[Depot]) -> Task {
    let mut windows = Vec::new();
    for _ in 0..dice.below(3) {
        let open = 30_000 + 900 * dice.below(30) as i64;
        windows.push([open, open + 300 * dice.below(20) as i64]);
    }
    let all = depots.len() as u64;
    Task {
        id: Id::Number(at as i64),
        place: random_place(dice),
        prize: 300 * dice.below(12) as i64,
        service: 60 * dice.below(25) as i64,
        windows,
        days: (0..days).filter(|_| !dice.one_in(3)).collect(),
        demand: if dice.one_in(5) {
            dice.below(4) as i64
        } else {
            1
        },
        mandatory: dice.one_in(6),
        requires: if dice.one_in(5) {
            vec!["teller".to_owned()]
        } else {
            Vec::new()
        },
        after: (at > 0 && dice.one_in(4)).then(|| After {
            task: Id::Number(dice.below(at as u64) as i64),
            min_days: dice.below(3) as i64,
        }),
        depot: dice
            .one_in(8)
            .then(|| depots[dice.below(all) as usize].id.clone())
            .flatten(),
        group: dice.below(5) as u32,
    }
}

fn random_travel(dice: &mut Dice, instance: &mut Instance) {
    match dice.below(4) {
        0 => {
            instance.travel = Travel::Euclid {
                scale: 9000.0,
                truncate: dice.one_in(2),
            };
        }
        1 => {
            // Not symmetric, and not even a metric.
            let side = instance.depots.len() + instance.tasks.len();
            let mut row = || (0..side).map(|_| 60 + dice.below(900) as i64).collect();
            let seconds = (0..side).map(|_| row()).collect();
            instance.travel = Travel::Matrix { seconds };
        }
        _ => {}
    }
}

/// Fixes a visit or two where that is feasible.
fn random_fixed(dice: &mut Dice, instance: &mut Instance) {
    if !dice.one_in(3) || instance.tasks.len() < 3 {
        return;
    }
    let route = dice.below(instance.routes.len() as u64) as usize;
    for task in 0..1 + dice.below(2) as i64 {
        instance.routes[route].fixed.push(Id::Number(task));
        if instance.validate().is_err() {
            instance.routes[route].fixed.pop();
        }
    }
}

/// Left-out mandatory tasks first, then cost; `None` when another rule is broken.
pub fn rank(instance: &Instance, plan: &Solution) -> Option<(usize, i64)> {
    let score = score(instance, plan);
    let left_out = |violation: &&Violation| matches!(violation, Violation::MandatoryLeftOut { .. });
    let missing = score.violations.iter().filter(left_out).count();
    (missing == score.violations.len()).then_some((missing, score.cost))
}

/// All routes of the instance, in order, with the tasks of the plan.
pub fn all_routes(instance: &Instance, plan: &Solution) -> Vec<PlannedRoute> {
    let of = |id: &Id| plan.routes.iter().find(|route| route.route == *id);
    let routes = instance.routes.iter();
    routes
        .map(|route| PlannedRoute {
            route: route.id.clone(),
            tasks: of(&route.id).map_or(Vec::new(), |planned| planned.tasks.clone()),
        })
        .collect()
}

/// Task, route and position of an unserved task whose insertion would be
/// feasible and make the plan better, found by scoring every insertion.
pub fn improving_insertion(instance: &Instance, plan: &Solution) -> Option<(Id, Id, usize)> {
    let now = rank(instance, plan).expect("the plan is feasible");
    let routes = all_routes(instance, plan);
    let served: Vec<&Id> = routes.iter().flat_map(|route| &route.tasks).collect();
    for task in instance
        .tasks
        .iter()
        .filter(|task| !served.contains(&&task.id))
    {
        for (at, route) in routes.iter().enumerate() {
            for position in 0..=route.tasks.len() {
                let mut changed = routes.clone();
                changed[at].tasks.insert(position, task.id.clone());
                let changed = Solution::from_routes(changed);
                if rank(instance, &changed).is_some_and(|rank| rank < now) {
                    return Some((task.id.clone(), route.route.clone(), position));
                }
            }
        }
    }
    None
}
