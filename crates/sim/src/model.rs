//! What the server must answer and hold: a sequential model of the protocol in
//! plain maps, fed with every batch that was committed, in the order of the
//! commits. It shares no code with the server and reads nothing of it.

use crate::write::{Facts, Written};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use uuid::Uuid;
use zf_base::Day;

/// An answer as it must be; ids that the server makes are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `applied`, `duplicate`, `review`, `quarantined`.
    pub answer: &'static str,
    /// Revision, of what is in force.
    pub rev: Option<i64>,
    /// Number in the feed.
    pub seq: Option<i64>,
    /// Why aside.
    pub code: Option<&'static str>,
}

/// A visit as it must stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Branch.
    pub unit: Uuid,
    /// Revision.
    pub rev: i64,
    /// Day.
    pub day: Day,
    /// Household, as it was first written.
    pub household: Option<Uuid>,
    /// Counts.
    pub counts: bool,
    /// Valid records.
    pub valid: i64,
    /// Somebody must look.
    pub review: bool,
    /// Which operation said it last.
    pub by: Uuid,
}

struct Taken {
    content: u64,
    first: Expected,
}

/// Everything the server must hold.
#[derive(Default)]
pub struct Model {
    ops: HashMap<(Uuid, Uuid), Taken>,
    /// Visits by id.
    pub visits: HashMap<Uuid, Visit>,
    /// The last number of each branch's feed.
    pub feeds: BTreeMap<Uuid, i64>,
    /// Visits of a household and day.
    same_day: HashMap<(Uuid, Uuid, Day), i64>,
    /// Things kept aside, by branch.
    pub aside: i64,
    /// Reviews open.
    pub reviews: i64,
    /// Batches that changed something: each is told of once in the audit chain.
    pub events: i64,
    asides: BTreeSet<(Uuid, Uuid, u64)>,
}

impl Model {
    /// Takes a committed batch in; gives the answers it must have had.
    pub fn take(&mut self, unit: Uuid, revoked: bool, ops: &[Rc<Written>]) -> Vec<Expected> {
        let mut seq = self.feeds.get(&unit).copied().unwrap_or(0);
        let before = seq;
        let mut answers: Vec<Expected> = Vec::with_capacity(ops.len());
        for w in ops {
            let answer = self.one(unit, revoked, w, &mut seq);
            answers.push(answer);
        }
        if seq > before {
            self.feeds.insert(unit, seq);
        }
        if answers.iter().any(|a| a.answer != "duplicate") {
            self.events += 1;
        }
        answers
    }

    /// Whether the server must hold an operation.
    pub fn has(&self, unit: Uuid, op: Uuid) -> bool {
        self.ops.contains_key(&(unit, op))
    }

    fn one(&mut self, unit: Uuid, revoked: bool, w: &Written, seq: &mut i64) -> Expected {
        let id = w.op.op_id.uuid();
        if let Some(taken) = self.ops.get(&(unit, id)) {
            if taken.content == w.content {
                return Expected {
                    answer: "duplicate",
                    ..taken.first.clone()
                };
            }
            return self.kept_aside(unit, w, "op_changed", false);
        }
        if revoked {
            return self.kept_aside(unit, w, "device_revoked", true);
        }
        if let Some(code) = w.facts.aside {
            return self.kept_aside(unit, w, code, true);
        }
        let answer = match (w.facts.amend, self.visits.contains_key(&w.op.entity_id)) {
            (true, false) => return self.kept_aside(unit, w, "visit_unknown", true),
            (false, true) => return self.kept_aside(unit, w, "visit_exists", true),
            (true, true) => self.amend(unit, w, seq),
            (false, false) => self.submit(unit, w, seq),
        };
        self.remember(unit, w, answer)
    }

    fn remember(&mut self, unit: Uuid, w: &Written, first: Expected) -> Expected {
        let taken = Taken {
            content: w.content,
            first: first.clone(),
        };
        self.ops.insert((unit, w.op.op_id.uuid()), taken);
        first
    }

    fn kept_aside(&mut self, unit: Uuid, w: &Written, code: &'static str, first: bool) -> Expected {
        if self.asides.insert((unit, w.op.op_id.uuid(), w.content)) {
            self.aside += 1;
        }
        let answer = Expected {
            answer: "quarantined",
            rev: None,
            seq: None,
            code: Some(code),
        };
        if first {
            return self.remember(unit, w, answer);
        }
        answer
    }

    /// Others of the household on that day.
    fn others(&self, unit: Uuid, f: &Facts, own: Option<&Visit>) -> i64 {
        let Some(household) = f.household else {
            return 0;
        };
        let all = self.same_day.get(&(unit, household, f.day)).copied();
        let mine = own.is_some_and(|v| v.household == Some(household) && v.day == f.day);
        all.unwrap_or(0) - i64::from(mine)
    }

    fn submit(&mut self, unit: Uuid, w: &Written, seq: &mut i64) -> Expected {
        let f = &w.facts;
        let review = f.look || self.others(unit, f, None) > 0;
        let visit = Visit {
            unit,
            rev: 1,
            day: f.day,
            household: f.household,
            counts: f.counts,
            valid: f.valid,
            review,
            by: w.op.op_id.uuid(),
        };
        self.stands(w.op.entity_id, visit, seq, None)
    }

    fn amend(&mut self, unit: Uuid, w: &Written, seq: &mut i64) -> Expected {
        let f = &w.facts;
        let before = self.visits[&w.op.entity_id].clone();
        let twice = f.base_rev.is_some_and(|known| known != before.rev);
        let review = f.look || twice || self.others(unit, f, Some(&before)) > 0;
        let visit = Visit {
            rev: before.rev + 1,
            day: f.day,
            counts: f.counts,
            valid: f.valid,
            review,
            by: w.op.op_id.uuid(),
            ..before.clone()
        };
        self.stands(w.op.entity_id, visit, seq, Some(&before))
    }

    fn stands(
        &mut self,
        id: Uuid,
        visit: Visit,
        seq: &mut i64,
        before: Option<&Visit>,
    ) -> Expected {
        if let Some(b) = before
            && let Some(h) = b.household
        {
            *self.same_day.entry((b.unit, h, b.day)).or_default() -= 1;
        }
        if let Some(h) = visit.household {
            *self.same_day.entry((visit.unit, h, visit.day)).or_default() += 1;
        }
        *seq += 1;
        self.reviews += i64::from(visit.review);
        let answer = Expected {
            answer: if visit.review { "review" } else { "applied" },
            rev: Some(visit.rev),
            seq: Some(*seq),
            code: None,
        };
        self.visits.insert(id, visit);
        answer
    }

    /// Households, visits and valid records of every branch and day that has visits that count.
    pub fn tallies(&self) -> BTreeMap<(Uuid, Day), (i64, i64, i64)> {
        let mut homes: BTreeMap<(Uuid, Day), BTreeSet<Uuid>> = BTreeMap::new();
        let mut out: BTreeMap<(Uuid, Day), (i64, i64, i64)> = BTreeMap::new();
        for (id, v) in self.visits.iter().filter(|(_, v)| v.counts) {
            let key = (v.unit, v.day);
            let first = homes
                .entry(key)
                .or_default()
                .insert(v.household.unwrap_or(*id));
            let sum = out.entry(key).or_default();
            sum.0 += i64::from(first);
            sum.1 += 1;
            sum.2 += v.valid;
        }
        out
    }
}
