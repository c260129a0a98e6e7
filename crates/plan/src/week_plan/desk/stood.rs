//! What stood before a change of a plan, for undoing it: before an edit only
//! which stop was where; before planning again also whom and which team, because
//! those rows are replaced. Ids, times and names of staff only, stored as JSON; no
//! places and nothing of customers, so that whoever is gone does not come back.

use super::arrange::{Arranged, Arrangement, EditFault, FreeShift, Place};
use crate::week_plan::assign::{Goal, RouteKind, Why};
use crate::week_plan::facts::Person;
use crate::week_plan::keep::ShiftKey;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use zf_base::{Day, RouteId, StopId, TargetId, Timestamp, VillageGroupId};

/// What stood before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    routes: Vec<StoodRoute>,
    /// Only before planning again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
}

/// Who was left out of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Households left out in all.
    pub out: i64,
    /// The first of them, best first.
    pub listed: Vec<(TargetId, Why)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoodRoute {
    id: RouteId,
    day: Day,
    team: String,
    start: i64,
    locked: Option<i64>,
    /// Id, struck, locked (microseconds).
    stops: Vec<(StopId, Option<i64>, Option<i64>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<Whole>,
}

/// The rest of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Whole {
    name: String,
    kind: String,
    ends: i64,
    /// Post and name.
    members: Vec<(String, String)>,
    /// Whom, households, arrival and leaving; as many as there are stops.
    visits: Vec<Visit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Visit {
    target: Option<TargetId>,
    group: Option<VillageGroupId>,
    households: i64,
    arrive: i64,
    leave: i64,
}

impl Visit {
    fn of(s: &Place) -> Visit {
        let (target, group) = match s.goal {
            Goal::Target(id) => (Some(id), None),
            Goal::Group(id) => (None, Some(id)),
        };
        Visit {
            target,
            group,
            households: s.households,
            arrive: s.arrive,
            leave: s.leave,
        }
    }

    fn goal(&self) -> Option<Goal> {
        let target = self.target.map(Goal::Target);
        target.or_else(|| self.group.map(Goal::Group))
    }
}

impl Stood {
    /// Of an arrangement before an edit.
    pub fn of(plan: &Arrangement) -> Stood {
        Stood {
            routes: plan.routes.iter().map(|r| stood(r, false)).collect(),
            left: None,
        }
    }

    /// Of an arrangement before it is planned again.
    pub fn whole(plan: &Arrangement, left: Left) -> Stood {
        Stood {
            routes: plan.routes.iter().map(|r| stood(r, true)).collect(),
            left: Some(left),
        }
    }

    /// Who was left out; only before planning again.
    pub fn left(&self) -> Option<&Left> {
        self.left.as_ref()
    }

    /// Whom the stops were about that are not on a plan any more.
    pub fn missing(&self, plan: &Arrangement) -> Vec<(StopId, Goal, i64)> {
        let there = |id: StopId| plan.find(id).is_some();
        let wholes = self
            .routes
            .iter()
            .filter_map(|r| Some((r, r.whole.as_ref()?)));
        let visits = wholes.flat_map(|(r, w)| r.stops.iter().zip(&w.visits));
        visits
            .filter(|((id, ..), _)| !there(*id))
            .filter_map(|((id, ..), v)| Some((*id, v.goal()?, v.households)))
            .collect()
    }
}

fn stood(r: &Arranged, whole: bool) -> StoodRoute {
    let micros = |t: &Timestamp| t.0;
    StoodRoute {
        id: r.id,
        day: r.key.day,
        team: r.key.team_code.clone(),
        start: r.key.start,
        locked: r.locked.as_ref().map(micros),
        stops: r
            .stops
            .iter()
            .map(|s| {
                let struck = s.struck.as_ref().map(micros);
                (s.id, struck, s.locked.as_ref().map(micros))
            })
            .collect(),
        whole: whole.then(|| Whole {
            name: r.team_name.clone(),
            kind: r.kind.as_str().to_owned(),
            ends: r.ends,
            members: r
                .members
                .iter()
                .map(|m| (m.post.clone(), m.name.clone()))
                .collect(),
            visits: r.stops.iter().map(Visit::of).collect(),
        }),
    }
}

impl Arrangement {
    /// Puts everything back to where it stood; gives how many stops cannot come
    /// back because nobody waits for them any more. Households that have refused
    /// since stay struck; routes opened since are left without stops, and who was
    /// put in since waits again.
    ///
    /// # Errors
    /// [`EditFault::NotThere`] when a route of then can be had neither from the
    /// plan nor from the free shifts.
    pub fn put_back(&mut self, stood: &Stood, free: &[FreeShift]) -> Result<usize, EditFault> {
        let mut all: HashMap<StopId, Place> = HashMap::new();
        for route in &mut self.routes {
            all.extend(route.stops.drain(..).map(|s| (s.id, s)));
        }
        all.extend(self.waiting.drain(..).map(|s| (s.id, s)));
        let mut gone = 0;
        for then in &stood.routes {
            let at = self.route_of(then, free)?;
            self.routes[at].locked = then.locked.map(Timestamp);
            for (n, (id, struck, locked)) in then.stops.iter().enumerate() {
                let Some(mut stop) = all.remove(id) else {
                    gone += 1;
                    continue;
                };
                if let Some(v) = then.whole.as_ref().and_then(|w| w.visits.get(n)) {
                    (stop.arrive, stop.leave) = (v.arrive, v.leave);
                }
                if !stop.refused {
                    stop.struck = struck.map(Timestamp);
                }
                stop.locked = locked.map(Timestamp);
                self.routes[at].stops.push(stop);
            }
        }
        self.waiting = all.into_values().collect();
        self.waiting.sort_by_key(|s| s.id);
        Ok(gone)
    }

    fn route_of(&mut self, then: &StoodRoute, free: &[FreeShift]) -> Result<usize, EditFault> {
        let key = ShiftKey {
            day: then.day,
            team_code: then.team.clone(),
            start: then.start,
        };
        if let Some(at) = self.routes.iter().position(|r| r.key == key) {
            return Ok(at);
        }
        if let Some(w) = &then.whole {
            let member = |(post, name): &(String, String)| Person {
                post: post.clone(),
                name: name.clone(),
            };
            let shift = FreeShift {
                key: key.clone(),
                team_name: w.name.clone(),
                kind: RouteKind::of(&w.kind),
                ends: w.ends,
                members: w.members.iter().map(member).collect(),
            };
            return Ok(self.open(&key, &[shift], then.id));
        }
        if free.iter().any(|f| f.key == key) {
            return Ok(self.open(&key, free, then.id));
        }
        Err(EditFault::NotThere)
    }
}
