//! A week plan as something that can be rearranged: routes with their stops in
//! order, what is struck and what is locked, and the typed edits of a head. Pure:
//! an edit says only what goes where; what it costs is judged by `effect`.

use crate::week_plan::assign::{Goal, RouteKind};
use crate::week_plan::facts::Person;
use crate::week_plan::keep::ShiftKey;
use crate::week_plan::{Route, Stop, WeekPlan};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;
use zf_base::geo::Point;
use zf_base::{Day, RouteId, StopId, TargetId, Timestamp, Uuid};

/// One stop of an arrangement.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Id; stays when the stop moves.
    pub id: StopId,
    /// Whom.
    pub goal: Goal,
    /// Households it counts for.
    pub households: i64,
    /// Where.
    pub place: Point,
    /// The place is not the door.
    pub approximate: bool,
    /// At the door, seconds of the day; kept by struck ones.
    pub arrive: i64,
    /// Away from it.
    pub leave: i64,
    /// Struck out then.
    pub struck: Option<Timestamp>,
    /// Struck because the household refuses; nobody takes it back here.
    pub refused: bool,
    /// Locked then.
    pub locked: Option<Timestamp>,
}

/// One route of an arrangement.
#[derive(Clone, Debug, PartialEq)]
pub struct Arranged {
    /// Id.
    pub id: RouteId,
    /// Day, team, start.
    pub key: ShiftKey,
    /// Title of the team.
    pub team_name: String,
    /// Kind.
    pub kind: RouteKind,
    /// End of the window, seconds of the day.
    pub ends: i64,
    /// Who goes.
    pub members: Vec<Person>,
    /// Seconds on the road.
    pub travel_seconds: i64,
    /// Metres on the road.
    pub travel_meters: i64,
    /// Back at the branch.
    pub back_at: i64,
    /// Locked then.
    pub locked: Option<Timestamp>,
    /// In order, struck ones too.
    pub stops: Vec<Place>,
}

impl Arranged {
    /// The stops that are made.
    pub fn standing(&self) -> impl Iterator<Item = &Place> {
        self.stops.iter().filter(|s| s.struck.is_none())
    }
}

/// All routes of a week, by day and start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    /// Routes, empty ones too.
    pub routes: Vec<Arranged>,
    /// Who is on no route but may be put on one.
    pub waiting: Vec<Place>,
}

/// Where a stop goes: a shift and the place among its standing stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanShift)]
pub struct To {
    /// The day.
    #[schema(value_type = String)]
    pub day: Day,
    /// Code of the team with its number.
    pub team_id: String,
    /// When the shift begins, seconds of the day.
    pub starts: i64,
    /// From 0; absent = where it costs the least time on the road.
    pub position: Option<usize>,
}

impl To {
    /// The shift.
    pub fn key(&self) -> ShiftKey {
        ShiftKey {
            day: self.day,
            team_code: self.team_id.clone(),
            start: self.starts,
        }
    }
}

/// What a head does to a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = PlanEdit)]
pub enum Edit {
    /// Puts a stop somewhere else.
    Move {
        /// The stop.
        stop_id: Uuid,
        /// Where to.
        to: To,
    },
    /// Puts a stop on another day, on the shift that takes it best.
    MoveDay {
        /// The stop.
        stop_id: Uuid,
        /// The day.
        #[schema(value_type = String)]
        day: Day,
    },
    /// Puts a household into the week that is not in it.
    Add {
        /// Its target.
        target_id: Uuid,
        /// Where to; absent = where it costs the least time and breaks no rule.
        to: Option<To>,
        /// Planning again leaves it on its shift.
        #[serde(default)]
        locked: bool,
    },
    /// Strikes a stop out: not this week.
    Strike {
        /// The stop.
        stop_id: Uuid,
    },
    /// Takes a struck stop back in.
    Restore {
        /// The stop.
        stop_id: Uuid,
    },
    /// Locks or unlocks one stop on its shift.
    LockStop {
        /// The stop.
        stop_id: Uuid,
        /// Locked from now on.
        locked: bool,
    },
    /// Locks or unlocks a route with all its stops.
    LockRoute {
        /// The route.
        route_id: Uuid,
        /// Locked from now on.
        locked: bool,
    },
    /// Locks or unlocks all routes of a day.
    LockDay {
        /// The day.
        #[schema(value_type = String)]
        day: Day,
        /// Locked from now on.
        locked: bool,
    },
}

impl Edit {
    /// The same edit with another shift; edits without one stay as they are.
    pub fn to(&self, shift: To) -> Edit {
        match self {
            Edit::Move { stop_id, .. } | Edit::MoveDay { stop_id, .. } => Edit::Move {
                stop_id: *stop_id,
                to: shift,
            },
            Edit::Add {
                target_id, locked, ..
            } => Edit::Add {
                target_id: *target_id,
                to: Some(shift),
                locked: *locked,
            },
            other => other.clone(),
        }
    }

    /// The shift that something is put on.
    pub fn shift(&self) -> Option<&To> {
        match self {
            Edit::Move { to, .. } => Some(to),
            Edit::Add { to, .. } => to.as_ref(),
            _ => None,
        }
    }

    /// As stored and told.
    pub fn kind(&self) -> &'static str {
        match self {
            Edit::Move { .. } | Edit::MoveDay { .. } => "move",
            Edit::Add { .. } => "add",
            Edit::Strike { .. } => "strike",
            Edit::Restore { .. } => "restore",
            Edit::LockStop { locked: true, .. } => "lock_stop",
            Edit::LockStop { .. } => "unlock_stop",
            Edit::LockRoute { locked: true, .. } => "lock_route",
            Edit::LockRoute { .. } => "unlock_route",
            Edit::LockDay { locked: true, .. } => "lock_day",
            Edit::LockDay { .. } => "unlock_day",
        }
    }
}

/// Why an edit is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EditFault {
    /// No such stop, route or day; or it is struck (not struck) already.
    #[error("not in the plan")]
    NotThere,
    /// Locked stops and routes stay where they are.
    #[error("locked")]
    Locked,
    /// A village group is swept in a whole half-day of a preliminary team, a
    /// household is visited by a precise one.
    #[error("another kind of visit")]
    OtherKind,
    /// A half-day is given to one village group.
    #[error("taken by another village group")]
    Taken,
    /// What has begun is over.
    #[error("over")]
    Over,
}

/// A shift that may be filled although no route has it yet.
#[derive(Clone, Debug, PartialEq)]
pub struct FreeShift {
    /// Day, team, start.
    pub key: ShiftKey,
    /// Title of the team.
    pub team_name: String,
    /// Kind.
    pub kind: RouteKind,
    /// End of the window.
    pub ends: i64,
    /// Who would go.
    pub members: Vec<Person>,
}

impl Arrangement {
    /// Position of a stop: route and place in it.
    pub fn find(&self, stop: StopId) -> Option<(usize, usize)> {
        let mut all = self.routes.iter().enumerate();
        all.find_map(|(r, route)| {
            let at = route.stops.iter().position(|s| s.id == stop);
            at.map(|at| (r, at))
        })
    }

    /// Does an edit. `free` are the shifts a stop may open; `new_route` is the id
    /// of a route that has to be made. A move needs its position here.
    ///
    /// # Errors
    /// An [`EditFault`]; the arrangement is unchanged then.
    pub fn apply(
        &mut self,
        edit: &Edit,
        free: &[FreeShift],
        new_route: RouteId,
        now: Timestamp,
    ) -> Result<(), EditFault> {
        match edit {
            Edit::Move { stop_id, to } => self.shift(StopId(*stop_id), to, free, new_route),
            // Which shift that is, is looked for before.
            Edit::MoveDay { .. } => Err(EditFault::NotThere),
            Edit::Add {
                target_id,
                to,
                locked,
            } => {
                let to = to.as_ref().ok_or(EditFault::NotThere)?;
                let goal = Goal::Target(TargetId(*target_id));
                self.add(goal, to, free, new_route, locked.then_some(now))
            }
            Edit::Strike { stop_id } => self.strike(StopId(*stop_id), now),
            Edit::Restore { stop_id } => self.restore(StopId(*stop_id)),
            Edit::LockStop { stop_id, locked } => {
                let (r, s) = self.find(StopId(*stop_id)).ok_or(EditFault::NotThere)?;
                let stop = &mut self.routes[r].stops[s];
                if stop.struck.is_some() {
                    return Err(EditFault::NotThere);
                }
                stop.locked = locked.then_some(now);
                Ok(())
            }
            Edit::LockRoute { route_id, locked } => {
                self.lock(|r| r.id.uuid() == *route_id, locked.then_some(now))
            }
            Edit::LockDay { day, locked } => {
                self.lock(|r| r.key.day == *day, locked.then_some(now))
            }
        }
    }

    fn lock(
        &mut self,
        which: impl Fn(&Arranged) -> bool,
        locked: Option<Timestamp>,
    ) -> Result<(), EditFault> {
        let mut any = false;
        for route in self.routes.iter_mut().filter(|r| which(r)) {
            route.locked = locked;
            any = true;
        }
        if any {
            Ok(())
        } else {
            Err(EditFault::NotThere)
        }
    }

    /// A stop that may change, with the route it is on.
    fn movable(&self, stop: StopId) -> Result<(usize, usize), EditFault> {
        let (r, s) = self.find(stop).ok_or(EditFault::NotThere)?;
        let (route, stop) = (&self.routes[r], &self.routes[r].stops[s]);
        if stop.refused {
            return Err(EditFault::NotThere);
        }
        if route.locked.is_some() || stop.locked.is_some() {
            return Err(EditFault::Locked);
        }
        Ok((r, s))
    }

    fn strike(&mut self, stop: StopId, now: Timestamp) -> Result<(), EditFault> {
        let (r, s) = self.movable(stop)?;
        let stop = &mut self.routes[r].stops[s];
        if stop.struck.is_some() {
            return Err(EditFault::NotThere);
        }
        stop.struck = Some(now);
        Ok(())
    }

    fn restore(&mut self, stop: StopId) -> Result<(), EditFault> {
        let (r, s) = self.movable(stop)?;
        let route = &self.routes[r];
        if route.stops[s].struck.is_none() {
            return Err(EditFault::NotThere);
        }
        let group = matches!(route.stops[s].goal, Goal::Group(_));
        if group && route.standing().next().is_some() {
            return Err(EditFault::Taken);
        }
        self.routes[r].stops[s].struck = None;
        Ok(())
    }

    fn shift(
        &mut self,
        stop: StopId,
        to: &To,
        free: &[FreeShift],
        new_route: RouteId,
    ) -> Result<(), EditFault> {
        let (r, s) = self.movable(stop)?;
        if self.routes[r].stops[s].struck.is_some() {
            return Err(EditFault::NotThere);
        }
        let goal = self.routes[r].stops[s].goal;
        self.takes(goal, Some(stop), to, free)?;
        let moving = self.routes[r].stops.remove(s);
        self.insert(moving, to, free, new_route);
        Ok(())
    }

    /// Puts one who waits on a shift.
    fn add(
        &mut self,
        goal: Goal,
        to: &To,
        free: &[FreeShift],
        new_route: RouteId,
        locked: Option<Timestamp>,
    ) -> Result<(), EditFault> {
        let waits = self.waiting.iter().position(|p| p.goal == goal);
        let at = waits.ok_or(EditFault::NotThere)?;
        self.takes(goal, None, to, free)?;
        let mut moving = self.waiting.remove(at);
        moving.locked = locked;
        self.insert(moving, to, free, new_route);
        Ok(())
    }

    /// May the shift take a visit of this kind? `own` is the stop itself.
    fn takes(
        &self,
        goal: Goal,
        own: Option<StopId>,
        to: &To,
        free: &[FreeShift],
    ) -> Result<(), EditFault> {
        let key = to.key();
        let known = self.routes.iter().position(|route| route.key == key);
        let kind = match known {
            Some(at) if self.routes[at].locked.is_some() => return Err(EditFault::Locked),
            Some(at) => self.routes[at].kind,
            None => {
                free.iter()
                    .find(|f| f.key == key)
                    .ok_or(EditFault::NotThere)?
                    .kind
            }
        };
        let group = matches!(goal, Goal::Group(_));
        if group != (kind == RouteKind::Preliminary) {
            return Err(EditFault::OtherKind);
        }
        let mut others = known.into_iter().flat_map(|at| self.routes[at].standing());
        if group && others.any(|p| Some(p.id) != own) {
            return Err(EditFault::Taken);
        }
        Ok(())
    }

    fn insert(&mut self, moving: Place, to: &To, free: &[FreeShift], new_route: RouteId) {
        let key = to.key();
        let at = match self.routes.iter().position(|route| route.key == key) {
            Some(at) => at,
            None => self.open(&key, free, new_route),
        };
        let route = &mut self.routes[at];
        let index = index_of(route, to.position.unwrap_or(usize::MAX));
        route.stops.insert(index, moving);
    }

    /// Makes the route of a free shift; gives its position.
    pub(super) fn open(&mut self, key: &ShiftKey, free: &[FreeShift], id: RouteId) -> usize {
        if let Some(f) = free.iter().find(|f| f.key == *key) {
            self.routes.push(Arranged {
                id,
                key: f.key.clone(),
                team_name: f.team_name.clone(),
                kind: f.kind,
                ends: f.ends,
                members: f.members.clone(),
                travel_seconds: 0,
                travel_meters: 0,
                back_at: f.key.start,
                locked: None,
                stops: vec![],
            });
        }
        self.routes.len() - 1
    }
}

/// Index among all stops of the place before the n-th standing one.
fn index_of(route: &Arranged, position: usize) -> usize {
    let mut standing = route.stops.iter().enumerate();
    let mut left = position;
    loop {
        match standing.next() {
            None => return route.stops.len(),
            Some((_, s)) if s.struck.is_some() => {}
            Some((at, _)) if left == 0 => return at,
            Some(_) => left -= 1,
        }
    }
}

impl Arrangement {
    /// Of a plan as read.
    pub fn of(plan: &WeekPlan) -> Arrangement {
        let stop = |s: &Stop| {
            let goal = match (s.target_id, s.village_group_id) {
                (Some(id), _) => Goal::Target(id),
                (None, Some(id)) => Goal::Group(id),
                (None, None) => return None,
            };
            Some(Place {
                id: s.id,
                goal,
                households: s.households,
                place: s.place,
                approximate: s.approximate,
                arrive: s.arrive,
                leave: s.leave,
                struck: s
                    .struck
                    .then_some(s.struck_at.unwrap_or(plan.header.made_at)),
                refused: s.off.is_some(),
                locked: s.locked,
            })
        };
        let route = |r: &Route| Arranged {
            id: r.id,
            key: ShiftKey {
                day: r.day,
                team_code: r.team_code.clone(),
                start: r.starts,
            },
            team_name: r.team_name.clone(),
            kind: RouteKind::of(&r.kind),
            ends: r.ends,
            members: r
                .members
                .iter()
                .map(|m| Person {
                    post: m.post.clone(),
                    name: m.name.clone(),
                })
                .collect(),
            travel_seconds: r.travel_seconds,
            travel_meters: r.travel_meters,
            back_at: r.back_at,
            locked: r.locked,
            stops: r.stops.iter().filter_map(stop).collect(),
        };
        Arrangement {
            routes: plan.routes.iter().map(route).collect(),
            waiting: vec![],
        }
    }
}
