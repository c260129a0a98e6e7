//! What an arrangement means: the clock of every route and every rule that is
//! broken, as the planner's own `schedule` and `score` tell it (the same rules by
//! which plans are made). Pure; words are made elsewhere.

use super::arrange::{Arranged, Arrangement, Edit, EditFault, FreeShift, Place, To};
use crate::definition::{Definition, Side};
use crate::week_plan::assign::{Goal, RouteKind, Why, kind_of, meters};
use crate::week_plan::build::{self, posts_of, ring_mark};
use crate::week_plan::days::PlanDay;
use crate::week_plan::facts::{BranchFacts, Candidate};
use crate::week_plan::keep::{Kept, ShiftKey};
use crate::week_plan::shifts::free_shifts;
use crate::week_plan::tuning::Tuning;
use std::collections::HashMap;
use zf_base::geo::Point;
use zf_base::{Day, RouteId, StopId, TargetId, Timestamp, VillageGroupId};
use zf_routing::{Id, Instance, Route, Solution, Task, Violation, schedule, score};

/// A rule that an arrangement breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// Back after the end of the window, which lunch may be.
    Over {
        /// The route.
        route: RouteId,
        /// Minutes, rounded up.
        minutes: i64,
        /// The window ends for lunch.
        lunch: bool,
    },
    /// A household outside of the team's ring.
    WrongRing {
        /// The stop.
        stop: StopId,
        /// Side of the household.
        far: bool,
    },
    /// The team lacks a post.
    PostMissing {
        /// The stop.
        stop: StopId,
        /// Code of the post.
        post: String,
    },
    /// Something matures before that day.
    AfterDue {
        /// The stop.
        stop: StopId,
        /// When it matures.
        due: Day,
    },
    /// No such visits on that day.
    NoVisits {
        /// The stop.
        stop: StopId,
    },
    /// More households than the day's number.
    DayFull {
        /// The day.
        day: Day,
        /// Households.
        households: i64,
        /// At most.
        most: i64,
    },
    /// Somebody of the team is away.
    Away {
        /// The route.
        route: RouteId,
        /// Post and name.
        post: String,
        /// Empty for an outside person.
        name: String,
    },
    /// Somebody is on two routes at the same time.
    Twice {
        /// The route.
        route: RouteId,
        /// The other one.
        other: RouteId,
        /// Post and name.
        post: String,
        /// Name.
        name: String,
    },
}

/// Judges arrangements of one branch and week.
pub struct Judge<'a> {
    definition: &'a Definition,
    tuning: &'a Tuning,
    facts: &'a BranchFacts,
    days: &'a [PlanDay],
    candidates: HashMap<TargetId, &'a Candidate>,
    most_per_day: i64,
}

impl<'a> Judge<'a> {
    /// Of a branch; `facts.kept` is not looked at.
    pub fn new(
        definition: &'a Definition,
        tuning: &'a Tuning,
        facts: &'a BranchFacts,
        days: &'a [PlanDay],
    ) -> Judge<'a> {
        let planned = days.iter().filter(|d| d.planned()).count() as i64;
        Judge {
            definition,
            tuning,
            facts,
            days,
            candidates: facts.targets.iter().map(|c| (c.id, c)).collect(),
            most_per_day: build::most_per_day(definition, facts, planned),
        }
    }

    /// The planner's instance of some routes with their standing stops.
    fn instance<'b>(&self, routes: impl Iterator<Item = &'b Arranged>) -> (Instance, Solution) {
        let mut instance = build::bare(self.definition, self.facts, self.days, self.most_per_day);
        let mut planned = Vec::new();
        for route in routes {
            instance.routes.push(self.route(route));
            let mut tasks = Vec::new();
            for stop in route.standing() {
                let task = self.task(route, stop);
                tasks.push(task.id.clone());
                instance.tasks.push(task);
            }
            planned.push(zf_routing::PlannedRoute {
                route: route_name(route),
                tasks,
            });
        }
        (instance, Solution::from_routes(planned))
    }

    fn index(&self, day: Day) -> u32 {
        let at = self.days.iter().position(|d| d.day == day);
        at.unwrap_or_default() as u32
    }

    fn route(&self, route: &Arranged) -> Route {
        let code = route.key.team_code.as_str();
        let team = self
            .definition
            .team
            .iter()
            .find(|t| code.rsplit_once('-').is_some_and(|(id, _)| id == t.id));
        Route {
            id: route_name(route),
            day: self.index(route.key.day),
            start: route.key.start,
            end: route.ends,
            team: Some(Id::Text(code.to_owned())),
            posts: team.map(posts_of).unwrap_or_default(),
            ..Route::default()
        }
    }

    fn task(&self, route: &Arranged, stop: &Place) -> Task {
        let id = stop_name(stop.id);
        match stop.goal {
            Goal::Target(target) => match self.candidates.get(&target) {
                Some(c) => Task {
                    id,
                    ..build::visit(self.definition, self.tuning, self.facts, c, self.days)
                },
                // Not open any more: only the clock is known of it.
                None => Task {
                    id,
                    place: build::place(stop.place),
                    service: build::service(self.definition),
                    days: (0..self.days.len() as u32).collect(),
                    demand: stop.households,
                    ..Task::default()
                },
            },
            Goal::Group(_) => {
                let travel = build::seconds(self.definition, self.facts.place, stop.place);
                Task {
                    id,
                    place: build::place(stop.place),
                    service: (route.ends - route.key.start - 2 * travel).max(0),
                    days: vec![self.index(route.key.day)],
                    demand: stop.households,
                    ..Task::default()
                }
            }
        }
    }

    /// Puts routes on the clock.
    pub fn retime(&self, plan: &mut Arrangement, which: &dyn Fn(&Arranged) -> bool) {
        for route in plan.routes.iter_mut().filter(|r| which(r)) {
            let (instance, solution) = self.instance(std::iter::once(&*route));
            let tasks = solution.routes.first().map_or(&[][..], |r| &r.tasks);
            let Some(clock) = schedule(&instance, &route_name(route), tasks) else {
                continue;
            };
            let mut times = clock.stops.iter();
            for stop in route.stops.iter_mut().filter(|s| s.struck.is_none()) {
                if let Some(t) = times.next() {
                    (stop.arrive, stop.leave) = (t.arrive, t.leave);
                }
            }
            let places: Vec<Point> = route.standing().map(|s| s.place).collect();
            let empty = places.is_empty();
            let travel: i64 = clock.stops.iter().map(|s| s.travel_from_previous).sum();
            route.travel_seconds = if empty { 0 } else { travel + clock.travel_back };
            route.travel_meters = match empty {
                true => 0,
                false => meters(self.definition, self.facts.place, &places),
            };
            route.back_at = clock.back_at;
        }
    }

    /// Every rule that the arrangement breaks.
    pub fn problems(&self, plan: &Arrangement) -> Vec<Problem> {
        let out = || plan.routes.iter().filter(|r| r.standing().next().is_some());
        let (instance, solution) = self.instance(out());
        let judged = score(&instance, &solution);
        let routes: HashMap<Id, &Arranged> = out().map(|r| (route_name(r), r)).collect();
        let mut all: Vec<Problem> = judged
            .violations
            .iter()
            .filter_map(|v| self.problem(v, &routes))
            .collect();
        for route in out() {
            all.extend(
                self.facts
                    .away(self.definition, route)
                    .map(|p| Problem::Away {
                        route: route.id,
                        post: p.post.clone(),
                        name: p.name.clone(),
                    }),
            );
        }
        all.extend(twice(&out().collect::<Vec<_>>()));
        all.sort();
        all.dedup();
        all
    }

    fn problem(&self, broken: &Violation, routes: &HashMap<Id, &Arranged>) -> Option<Problem> {
        match broken {
            Violation::BackLate { route, back, end } => {
                let lunch = self.definition.calendar.lunch_start;
                Some(Problem::Over {
                    route: routes.get(route)?.id,
                    minutes: (back - end + 59) / 60,
                    lunch: lunch.is_some_and(|l| i64::from(l.seconds()) == *end),
                })
            }
            Violation::PostMissing { task, post, .. } => {
                let stop = stop_of(task)?;
                let far = [Side::Near, Side::Far]
                    .map(ring_mark)
                    .iter()
                    .position(|m| m == post);
                Some(match far {
                    Some(at) => Problem::WrongRing { stop, far: at == 1 },
                    None => Problem::PostMissing {
                        stop,
                        post: post.clone(),
                    },
                })
            }
            Violation::WrongDay { task, route, .. } => {
                let stop = stop_of(task)?;
                let on = routes.get(route)?;
                let place = on.standing().find(|s| s.id == stop)?;
                let Goal::Target(id) = place.goal else {
                    return Some(Problem::NoVisits { stop });
                };
                let due = self.candidates.get(&id).and_then(|c| c.due_day);
                Some(match due.filter(|due| *due < on.key.day) {
                    Some(due) => Problem::AfterDue { stop, due },
                    None => Problem::NoVisits { stop },
                })
            }
            Violation::DayQuota { day, load, most } => Some(Problem::DayFull {
                day: self.days.get(*day as usize)?.day,
                households: *load,
                most: *most,
            }),
            // The rest cannot come of an arrangement: every stop is on one known route.
            _ => None,
        }
    }

    /// Minutes over the window.
    pub fn over(&self, route: &Arranged) -> i64 {
        if route.standing().next().is_none() {
            return 0;
        }
        ((route.back_at - route.ends).max(0) + 59) / 60
    }

    /// The stops that must leave a route for it to be back in time, least
    /// worth first; `stay` and locked ones stay.
    pub fn falls_out(&self, route: &Arranged, stay: StopId) -> Vec<StopId> {
        let mut one = Arrangement {
            routes: vec![route.clone()],
            waiting: vec![],
        };
        let mut out = Vec::new();
        while self.over(&one.routes[0]) > 0 {
            let worth = |s: &&Place| match s.goal {
                Goal::Target(id) => self.candidates.get(&id).map_or(0, |c| c.points),
                Goal::Group(_) => i64::MAX,
            };
            let free = |s: &&Place| s.id != stay && s.locked.is_none();
            let least = one.routes[0].standing().filter(free).min_by_key(worth);
            let Some(id) = least.map(|s| s.id) else {
                return vec![];
            };
            one.routes[0].stops.retain(|s| s.id != id);
            out.push(id);
            self.retime(&mut one, &|_| true);
        }
        out
    }

    /// Shifts that a stop may open beside the routes of a plan.
    pub fn free(&self, plan: &Arrangement) -> Vec<FreeShift> {
        // Everything but the households: shifts do not depend on them.
        let facts = BranchFacts {
            place: self.facts.place,
            sweeps: self.facts.sweeps,
            quota_per_day: self.facts.quota_per_day,
            carried: self.facts.carried,
            staff: self.facts.staff.clone(),
            targets: vec![],
            groups: vec![],
            absences: self.facts.absences.clone(),
            kept: Kept {
                from: self.facts.kept.from,
                ..Kept::all(plan)
            },
        };
        let known = |key: &ShiftKey| plan.routes.iter().any(|r| r.key == *key);
        free_shifts(self.definition, &facts, self.days)
            .into_iter()
            .map(|s| FreeShift {
                key: s.key(self.definition),
                team_name: self.definition.team[s.team].title.clone(),
                kind: kind_of(self.definition, &s),
                ends: s.end,
                members: s.members,
            })
            .filter(|f| !known(&f.key))
            .collect()
    }

    /// A move without a position gets the one that costs the least time.
    ///
    /// # Errors
    /// What [`Arrangement::apply`] refuses.
    pub fn placed(
        &self,
        plan: &Arrangement,
        edit: &Edit,
        free: &[FreeShift],
        new_route: RouteId,
    ) -> Result<Edit, EditFault> {
        let (own, to) = match edit {
            Edit::Move { stop_id, to } => (Some(*stop_id), to),
            Edit::Add { to: Some(to), .. } => (None, to),
            _ => return Ok(edit.clone()),
        };
        if to.position.is_some() {
            return Ok(edit.clone());
        }
        let key = to.key();
        let there = plan.routes.iter().find(|r| r.key == key);
        let others = there.map_or(0, |r| {
            r.standing().filter(|s| Some(s.id.uuid()) != own).count()
        });
        let mut best: Option<(i64, Edit)> = None;
        for position in 0..=others {
            let tried = edit.to(To {
                position: Some(position),
                ..to.clone()
            });
            let mut copy = plan.clone();
            copy.apply(&tried, free, new_route, Timestamp(0))?;
            self.retime(&mut copy, &|r| r.key == key);
            let back = copy
                .routes
                .iter()
                .find(|r| r.key == key)
                .map_or(0, |r| r.back_at);
            if best.as_ref().is_none_or(|(known, _)| back < *known) {
                best = Some((back, tried));
            }
        }
        Ok(best.map_or_else(|| edit.clone(), |(_, edit)| edit))
    }
}

/// How a household does on the shifts of a week.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Where it costs the least time and breaks no rule.
    pub best: Option<To>,
    /// When there is none: where only time or the day's number stands in the way.
    pub next: Option<To>,
    /// When there is none: what stands in the way.
    pub why: Why,
}

impl Judge<'_> {
    /// Looks for the shift that takes a household best: `edit` is a move or an
    /// addition, its shift is tried everywhere but on `not`. Only shifts that are
    /// not locked or over; the order of the others stays.
    pub fn search(
        &self,
        plan: &Arrangement,
        edit: &Edit,
        not: Option<&ShiftKey>,
        (free, new_route): (&[FreeShift], RouteId),
    ) -> Search {
        let known = self.problems(plan);
        let on_routes = plan.routes.iter().map(|r| (&r.key, r.kind));
        let open = on_routes.chain(free.iter().map(|f| (&f.key, f.kind)));
        // A head may go beyond the day's number by hand; who is put elsewhere by
        // the planner does not.
        let by_hand = matches!(edit, Edit::Add { .. });
        let mut best: Option<((bool, i64), To)> = None;
        let mut next: Option<(i64, To)> = None;
        let (group, day) = wanted(plan, edit);
        let (mut minutes, mut full) = (None::<i64>, None::<i64>);
        for (key, kind) in open {
            let over = self.facts.kept.over(key.day, key.start);
            let elsewhere = day.is_some_and(|day| day != key.day);
            let other_kind = group != (kind == RouteKind::Preliminary);
            if over || elsewhere || other_kind || Some(key) == not {
                continue;
            }
            let Some((then, to)) = self.on(plan, edit, key, (free, new_route)) else {
                continue;
            };
            let problems = self.problems(&then);
            let new = broken(&problems, &known);
            let (days, rest): (Vec<&Problem>, Vec<&Problem>) = new
                .into_iter()
                .partition(|p| matches!(p, Problem::DayFull { .. }));
            let most = days.iter().find_map(|p| match p {
                Problem::DayFull { most, .. } => Some(*most),
                _ => None,
            });
            let late = match rest[..] {
                [] => 0,
                [Problem::Over { minutes, .. }] => *minutes,
                _ => continue,
            };
            if late == 0 && (most.is_none() || by_hand) {
                let cost = (most.is_some(), travel(&then) - travel(plan));
                if best.as_ref().is_none_or(|(known, _)| cost < *known) {
                    best = Some((cost, to));
                }
                continue;
            }
            full = most.or(full);
            if late > 0 {
                minutes = Some(minutes.map_or(late, |m| m.min(late)));
            }
            if next.as_ref().is_none_or(|(known, _)| late < *known) {
                next = Some((late, to));
            }
        }
        let time = minutes.map(|minutes| Why::NoTime { minutes });
        let full = full.map(|households| Why::DayFull { households });
        Search {
            best: best.map(|(_, to)| to),
            next: next.map(|(_, to)| to),
            why: full.or(time).unwrap_or(Why::NoShift),
        }
    }

    /// The plan with a household at the best place of one shift.
    fn on(
        &self,
        plan: &Arrangement,
        edit: &Edit,
        key: &ShiftKey,
        (free, new_route): (&[FreeShift], RouteId),
    ) -> Option<(Arrangement, To)> {
        let to = To {
            day: key.day,
            team_id: key.team_code.clone(),
            starts: key.start,
            position: None,
        };
        let placed = self.placed(plan, &edit.to(to), free, new_route).ok()?;
        let mut then = plan.clone();
        then.apply(&placed, free, new_route, Timestamp(0)).ok()?;
        let from = |r: &Arranged| plan.routes.iter().find(|o| o.id == r.id) != Some(r);
        self.retime(&mut then, &from);
        Some((then, placed.shift()?.clone()))
    }

    /// A household that may be put in, as a stop without a time.
    pub fn waiting(&self, id: StopId, target: TargetId) -> Option<Place> {
        let c = self.candidates.get(&target)?;
        Some(Place {
            id,
            goal: Goal::Target(target),
            households: 1,
            place: c.place.unwrap_or(self.facts.place),
            approximate: c.approximate || c.place.is_none(),
            arrive: 0,
            leave: 0,
            struck: None,
            refused: false,
            locked: None,
        })
    }

    /// A village group as a stop without a time.
    pub fn waiting_group(
        &self,
        id: StopId,
        group: VillageGroupId,
        households: i64,
    ) -> Option<Place> {
        let g = self.facts.groups.iter().find(|g| g.id == group)?;
        Some(Place {
            id,
            goal: Goal::Group(group),
            households,
            place: g.place.unwrap_or(self.facts.place),
            approximate: g.approximate || g.place.is_none(),
            arrive: 0,
            leave: 0,
            struck: None,
            refused: false,
            locked: None,
        })
    }
}

/// Is a village group to be put somewhere, and on which day only?
fn wanted(plan: &Arrangement, edit: &Edit) -> (bool, Option<Day>) {
    let (stop, day) = match edit {
        Edit::Move { stop_id, .. } => (*stop_id, None),
        Edit::MoveDay { stop_id, day } => (*stop_id, Some(*day)),
        _ => return (false, None),
    };
    let at = plan.find(StopId(stop));
    let group = |(r, s): (usize, usize)| matches!(plan.routes[r].stops[s].goal, Goal::Group(_));
    (at.is_some_and(group), day)
}

/// The rules that are broken and were not before, or not as badly.
pub fn broken<'b>(problems: &'b [Problem], known: &[Problem]) -> Vec<&'b Problem> {
    let worse = |p: &&Problem| !known.iter().any(|k| k == *p || p.is_milder(k));
    problems.iter().filter(worse).collect()
}

/// Seconds on the road in all.
pub fn travel(plan: &Arrangement) -> i64 {
    plan.routes.iter().map(|r| r.travel_seconds).sum()
}

impl Problem {
    /// The same rule, broken less.
    fn is_milder(&self, other: &Problem) -> bool {
        match (self, other) {
            (
                Problem::Over { route, minutes, .. },
                Problem::Over {
                    route: same,
                    minutes: before,
                    ..
                },
            ) => route == same && minutes <= before,
            (
                Problem::DayFull {
                    day, households, ..
                },
                Problem::DayFull {
                    day: same,
                    households: before,
                    ..
                },
            ) => day == same && households <= before,
            _ => false,
        }
    }

    /// No head may put a household in against this; the others are a warning.
    pub fn is_hard(&self) -> bool {
        !matches!(self, Problem::AfterDue { .. } | Problem::DayFull { .. })
    }
}

/// Named people who are on two routes at the same time.
fn twice(routes: &[&Arranged]) -> Vec<Problem> {
    let mut all = Vec::new();
    for (at, a) in routes.iter().enumerate() {
        for b in &routes[at + 1..] {
            let meets = a.key.day == b.key.day && a.key.start < b.ends && b.key.start < a.ends;
            let both = a
                .members
                .iter()
                .filter(|m| !m.name.is_empty() && b.members.contains(m));
            all.extend(both.filter(|_| meets).map(|m| Problem::Twice {
                route: a.id,
                other: b.id,
                post: m.post.clone(),
                name: m.name.clone(),
            }));
        }
    }
    all
}

fn route_name(route: &Arranged) -> Id {
    Id::Text(route.id.to_string())
}

fn stop_name(stop: StopId) -> Id {
    Id::Text(stop.to_string())
}

fn stop_of(task: &Id) -> Option<StopId> {
    match task {
        Id::Text(text) => text.parse().ok(),
        Id::Number(_) => None,
    }
}
