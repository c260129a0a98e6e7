//! Which precise team goes out when two want the same half-day and share people:
//! the one whose ring has more households of the week left. Without this the
//! first team of the campaign file took every half-day, even of a ring in which
//! nobody lives. Pure; counts only, routes are the search's.

use super::build::{service, side};
use super::facts::{BranchFacts, Candidate};
use crate::definition::{Definition, Ring, Side, Team};

/// Households of the week per ring that no shift has taken yet; below zero when
/// shifts have room to spare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    near: i64,
    far: i64,
    /// All targets per ring: where the week's own are shared out, others wait.
    all_near: i64,
    all_far: i64,
    /// Seconds of a visit.
    each: i64,
}

impl Demand {
    /// The rings of the best targets, as many as the week needs.
    pub fn of(definition: &Definition, facts: &BranchFacts, planned_days: i64) -> Demand {
        let wanted = facts.quota_per_day * planned_days + facts.carried;
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let best = &facts.targets[..wanted.min(facts.targets.len())];
        let near_of = |all: &[Candidate]| {
            let near = |c: &&Candidate| side(definition, facts, c) == Side::Near;
            all.iter().filter(near).count() as i64
        };
        let near = near_of(best);
        let all_near = near_of(&facts.targets);
        Demand {
            near,
            far: best.len() as i64 - near,
            all_near,
            all_far: facts.targets.len() as i64 - all_near,
            each: service(definition).max(1),
        }
    }

    /// Households left for a team: those of the week, then all there are. Visits of
    /// a shift are reckoned without the way there, so the week's are shared out
    /// before they are all made.
    pub fn left(&self, team: &Team) -> (i64, i64) {
        let (near, far) = (self.near.max(0), self.far.max(0));
        match team.ring {
            Ring::Near => (near, self.all_near),
            Ring::Far => (far, self.all_far),
            Ring::Any => (near + far, self.all_near + self.all_far),
        }
    }

    /// A team goes out for so many seconds.
    pub fn take(&mut self, team: &Team, seconds: i64) {
        let visits = seconds / self.each;
        let near = match team.ring {
            Ring::Near => true,
            Ring::Far => false,
            Ring::Any => self.near >= self.far,
        };
        if near {
            self.near -= visits;
        } else {
            self.far -= visits;
        }
    }
}
