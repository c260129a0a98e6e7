//! Must-visit groups (必访群体) as the bank runs them: versions of the rules over
//! the pack's presets, a preview before they hold, who is in which group since
//! when, why a household is to be visited, and the tick sheet for what no file
//! knows. Rules belong to a unit above the branches and hold below it; members
//! and ticks belong to the branch. Targets ask here for the rules in force; of
//! programs and plans nothing is known here.

pub mod diff;
pub mod facts;
pub mod http;
pub mod jobs;
pub mod members;
pub mod preview;
pub mod reasons;
pub mod rules;
pub mod store;
#[cfg(test)]
mod tests;
pub mod ticks;
pub mod words;

use std::collections::BTreeMap;
use zf_base::{Timestamp, UnitId};
use zf_forms::pack::MustVisit;

/// A version of the rule of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVersion {
    /// The unit it belongs to.
    pub unit_id: UnitId,
    /// Code of the group.
    pub code: String,
    /// From 1; 0 is the pack's preset.
    pub version: i64,
    /// `draft` or `published`.
    pub state: String,
    /// CEL predicate; empty = by tag and tick only.
    pub when: String,
    /// Points for the choice of targets.
    pub priority: i64,
    /// The branch ticks it household by household.
    pub on_tick_sheet: bool,
    /// Why it was changed.
    pub note: String,
    /// Counts changes of a draft.
    pub rev: i64,
    /// Last change of the draft.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by_name: String,
    /// It holds since then.
    pub published_at: Option<Timestamp>,
    /// Who published it; empty for a draft.
    pub published_by_name: String,
}

/// The rules that hold in a branch.
#[derive(Clone, Debug, Default)]
pub struct InForce {
    /// Groups with their rules, in the packs' order.
    pub must_visit: MustVisit,
    /// Code → the published version that holds; absent = the pack's preset.
    pub from: BTreeMap<String, RuleVersion>,
    /// Figures of the packs' presets by name.
    pub figures: BTreeMap<String, i64>,
}

impl InForce {
    /// Version of a group's rule; 0 = the pack's preset.
    pub fn version(&self, code: &str) -> i64 {
        self.from.get(code).map_or(0, |r| r.version)
    }
}
