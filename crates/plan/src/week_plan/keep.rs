//! What stays of an earlier plan when a week is planned again: what the head
//! struck out is not planned again, what is locked or over is not touched, and
//! the rest changes as little as is worth it (PLN-010). Also says afterwards
//! what did change. Pure; reads nothing but the two plans.

use super::assign::{BranchPlan, Goal, PlannedRoute, PlannedStop};
use super::desk::arrange::{Arranged, Arrangement, Place};
use std::collections::{BTreeMap, HashMap, HashSet};
use zf_base::{Day, TargetId, VillageGroupId};

/// A shift by what people call it: the day, the team and when it leaves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShiftKey {
    /// The day.
    pub day: Day,
    /// `precise_far-1`.
    pub team_code: String,
    /// Seconds of the day.
    pub start: i64,
}

impl ShiftKey {
    /// Of a route that is planned.
    pub fn of(route: &PlannedRoute) -> ShiftKey {
        ShiftKey {
            day: route.day,
            team_code: route.team_code.clone(),
            start: route.starts,
        }
    }
}

/// A route that goes over into the new plan as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRoute {
    /// As it was.
    pub route: PlannedRoute,
    /// Households that count for the day.
    pub households: i64,
}

/// What of an earlier plan stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Routes nobody may touch: locked, or over.
    pub routes: Vec<KeptRoute>,
    /// Stops that stay on their shift, wherever in its order.
    pub pinned: BTreeMap<TargetId, ShiftKey>,
    /// Households struck out or on kept routes: not to be planned.
    pub targets: HashSet<TargetId>,
    /// Village groups struck out or on kept routes.
    pub groups: HashSet<VillageGroupId>,
    /// The earlier routes that may change, for stability.
    pub previous: BTreeMap<ShiftKey, Vec<Goal>>,
    /// Nothing is planned before this moment: day and seconds of the day.
    pub from: Option<(Day, i64)>,
}

impl Kept {
    /// What stays of an arrangement. Routes that began before `from` are over;
    /// `home` says of whom somebody cannot go: no lock brings them out of bed.
    pub fn of(
        plan: &Arrangement,
        from: Option<(Day, i64)>,
        home: &dyn Fn(&Arranged) -> bool,
    ) -> Kept {
        let mut kept = Kept {
            from,
            ..Kept::default()
        };
        for route in &plan.routes {
            kept.take(route, home(route));
        }
        kept
    }

    /// All routes of an arrangement as they are: what may be opened beside them?
    pub fn all(plan: &Arrangement) -> Kept {
        let out = plan.routes.iter().filter(|r| r.standing().next().is_some());
        let kept = out.map(|r| kept_route(r, &r.standing().collect::<Vec<_>>()));
        Kept {
            routes: kept.collect(),
            ..Kept::default()
        }
    }

    fn take(&mut self, route: &Arranged, home: bool) {
        for stop in route.stops.iter().filter(|s| s.struck.is_some()) {
            self.forbid(stop.goal);
        }
        let standing: Vec<&Place> = route.standing().collect();
        if standing.is_empty() {
            return;
        }
        let over = self.over(route.key.day, route.key.start);
        let swept = |s: &&Place| matches!(s.goal, Goal::Group(_)) && s.locked.is_some();
        let locked = route.locked.is_some() || standing.iter().any(swept);
        if over || (locked && !home) {
            for stop in &standing {
                self.forbid(stop.goal);
            }
            self.routes.push(kept_route(route, &standing));
            return;
        }
        for stop in standing.iter().filter(|s| locked || s.locked.is_some()) {
            if let Goal::Target(id) = stop.goal {
                self.pinned.insert(id, route.key.clone());
            }
        }
        let goals = standing.iter().map(|s| s.goal).collect();
        self.previous.insert(route.key.clone(), goals);
    }

    fn forbid(&mut self, goal: Goal) {
        match goal {
            Goal::Target(id) => self.targets.insert(id),
            Goal::Group(id) => self.groups.insert(id),
        };
    }

    /// Keeps the whole route as it was because its locked stops leave no room
    /// for the rules; false when there is no such route.
    pub fn freeze(&mut self, plan: &Arrangement, key: &ShiftKey) -> bool {
        let Some(route) = plan.routes.iter().find(|r| r.key == *key) else {
            return false;
        };
        let standing: Vec<&Place> = route.standing().collect();
        for stop in &standing {
            self.forbid(stop.goal);
        }
        self.pinned.retain(|_, k| k != key);
        self.previous.remove(key);
        self.routes.push(kept_route(route, &standing));
        true
    }

    /// Must the shift not be planned because its time has come?
    pub fn over(&self, day: Day, start: i64) -> bool {
        self.from.is_some_and(|from| (day, start) < from)
    }

    /// Households that kept routes take of a day.
    pub fn households(&self, day: Day) -> i64 {
        let of_day = self.routes.iter().filter(|r| r.route.day == day);
        of_day.map(|r| r.households).sum()
    }
}

fn kept_route(route: &Arranged, standing: &[&Place]) -> KeptRoute {
    KeptRoute {
        households: standing.iter().map(|s| s.households).sum(),
        route: planned(route),
    }
}

/// A route as the planner gives it, with the stops that stand.
pub fn planned(route: &Arranged) -> PlannedRoute {
    let stop = |s: &Place| PlannedStop {
        goal: s.goal,
        households: s.households,
        arrive: s.arrive,
        leave: s.leave,
        place: s.place,
        approximate: s.approximate,
    };
    PlannedRoute {
        day: route.key.day,
        team_code: route.key.team_code.clone(),
        team_name: route.team_name.clone(),
        kind: route.kind,
        starts: route.key.start,
        ends: route.ends,
        members: route.members.clone(),
        travel_seconds: route.travel_seconds,
        travel_meters: route.travel_meters,
        back_at: route.back_at,
        stops: route.standing().map(stop).collect(),
    }
}

/// What planning again changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Planned now, not before.
    pub added: Vec<(Goal, ShiftKey)>,
    /// Planned before, not now.
    pub removed: Vec<(Goal, ShiftKey)>,
    /// On another shift than before: from, to.
    pub moved: Vec<(Goal, ShiftKey, ShiftKey)>,
    /// On the same shift as before.
    pub same: i64,
}

/// Compares who is visited on which shift; the order within a shift is free. A
/// village group may be swept on several half-days, so sweeps are compared one by one.
pub fn changes(before: &Arrangement, after: &BranchPlan) -> Changes {
    let mut old: HashMap<Goal, Vec<ShiftKey>> = HashMap::new();
    for route in &before.routes {
        for stop in route.standing() {
            old.entry(stop.goal).or_default().push(route.key.clone());
        }
    }
    let mut out = Changes::default();
    let mut elsewhere = Vec::new();
    for route in &after.routes {
        let key = ShiftKey::of(route);
        for stop in &route.stops {
            let known = old.get_mut(&stop.goal);
            let here = known.and_then(|k| k.iter().position(|k| *k == key).map(|at| k.remove(at)));
            match here {
                Some(_) => out.same += 1,
                None => elsewhere.push((stop.goal, key.clone())),
            }
        }
    }
    for (goal, key) in elsewhere {
        match old.get_mut(&goal).and_then(Vec::pop) {
            Some(from) => out.moved.push((goal, from, key)),
            None => out.added.push((goal, key)),
        }
    }
    for route in &before.routes {
        for stop in route.standing() {
            let left = old.get_mut(&stop.goal);
            let here = left.and_then(|k| {
                k.iter()
                    .position(|k| *k == route.key)
                    .map(|at| k.remove(at))
            });
            if let Some(key) = here {
                out.removed.push((stop.goal, key));
            }
        }
    }
    out
}
