//! Which precise team goes out when two want the same half-day and share people:
//! the one whose ring has more households of the week left. Without this the
//! first team of the campaign file took every half-day, even of a ring in which
//! nobody lives. Pure; counts only, routes are the search's.

use super::build::{service, side};
use super::facts::BranchFacts;
use crate::definition::{Definition, Ring, Side, Team};

/// Households of the week per ring that no shift has taken yet; below zero when
/// shifts have room to spare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    near: i64,
    far: i64,
    /// Seconds of a visit.
    each: i64,
}

impl Demand {
    /// The rings of the best targets, as many as the week needs.
    pub fn of(definition: &Definition, facts: &BranchFacts, planned_days: i64) -> Demand {
        let wanted = facts.quota_per_day * planned_days + facts.carried;
        let wanted = usize::try_from(wanted).unwrap_or(0);
        let best = &facts.targets[..wanted.min(facts.targets.len())];
        let near = best
            .iter()
            .filter(|c| side(definition, facts, c) == Side::Near)
            .count();
        Demand {
            near: near as i64,
            far: (best.len() - near) as i64,
            each: service(definition).max(1),
        }
    }

    /// Households left for a team.
    pub fn left(&self, team: &Team) -> i64 {
        match team.ring {
            Ring::Near => self.near,
            Ring::Far => self.far,
            Ring::Any => self.near.max(0) + self.far.max(0),
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
