//! Programs: a campaign with its versions, its state and what each branch of
//! it must do. A program belongs to the unit that orders it (a county, a city,
//! the head office) and reaches every branch below. Feasibility is asked of
//! `check`; who may see what is decided in one place, [`visible`].

pub mod edit;
pub mod files;
pub mod http;
pub mod life;
pub mod network;
pub mod schedule;
pub mod service;
pub mod store;
mod stored;
#[cfg(test)]
mod tests;
pub mod words;

use crate::definition::Definition;
use zf_base::{Day, ProgramId, Timestamp};
use zf_kernel::unit::Unit;
use zf_kernel::{Ctx, Permission};

/// Where a program stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being written; may be deleted.
    Draft,
    /// Running.
    Started,
    /// Interrupted.
    Paused,
    /// Over; only read.
    Closed,
}

impl State {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Started => "started",
            State::Paused => "paused",
            State::Closed => "closed",
        }
    }
    /// From what is stored.
    pub fn from_stored(text: &str) -> Option<State> {
        [State::Draft, State::Started, State::Paused, State::Closed]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// A program with the version in force.
#[derive(Clone, Debug)]
pub struct Program {
    /// Id.
    pub id: ProgramId,
    /// Code: the id in the campaign file.
    pub code: String,
    /// Name.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// Version in force, from 1.
    pub version: i64,
    /// The unit that orders it.
    pub unit: Unit,
    /// First day.
    pub first_day: Day,
    /// Last day.
    pub last_day: Day,
    /// Made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// What it orders.
    pub definition: std::sync::Arc<Definition>,
}

/// One version of a program.
#[derive(Clone, Debug)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by_name: String,
    /// Why.
    pub note: String,
}

/// What a branch must do in a program.
#[derive(Clone, Debug)]
pub struct ProgramUnit {
    /// The branch.
    pub unit: Unit,
    /// Records to collect; its own figure or the file's.
    pub collection_plan: Option<i64>,
    /// Households a day; its own figure or the campaign's.
    pub quota_per_day: i64,
    /// Households a day that hold today; another figure after a change.
    pub quota_today: i64,
    /// The day from which another quota holds.
    pub quota_from: Option<Day>,
    /// Households chosen for visits.
    pub targets: i64,
    /// Teams.
    pub teams: i64,
    /// State of this week's plan: `none`, `draft` or `confirmed`.
    pub week_state: String,
}

/// May the actor see a program of this unit? Whoever has the permission on the
/// unit or above it, and whoever has it on a unit below, because a branch does
/// what its county orders. A neighbour may not.
pub fn visible(ctx: &Ctx, permission: Permission, unit: &Unit) -> bool {
    let roots = ctx.roots(permission);
    roots
        .iter()
        .any(|(_, path)| unit.path.starts_with(path.as_str()) || path.starts_with(&unit.path))
}
