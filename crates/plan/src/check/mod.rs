//! Is a campaign feasible, before it is ordered? Pure: a definition, a work
//! calendar and the network of outlets in, a report out. It reads no clock and
//! no database and decides nothing: errors stop the start of a program,
//! warnings and notes are for the reader. Every figure in a finding is
//! computed from the definition; the Chinese is in `words`.

#[cfg(test)]
mod agreement_tests;
pub mod apply;
mod capacity;
mod dates;
pub(crate) mod figures;
pub mod finding;
pub mod http;
pub mod ladder;
mod materials;
pub mod methods;
mod money;
mod policy;
#[cfg(test)]
mod proof_tests;
mod staffing;
mod target;
#[cfg(test)]
mod tests;
pub mod view;
pub mod words;

pub use apply::{Edit, Offer};
pub use finding::{Finding, Issue, Repair, Severity};

use crate::definition::{Definition, VisitKind};
use crate::program::life::quota::QuotaHistory;
use crate::week_plan::tuning::Tuning;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::calendar::WorkCalendar;
use zf_base::geo::{Meters, Point};
use zf_base::{Day, UnitId};

/// The outlets a campaign is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// 网点.
    pub outlets: Vec<Outlet>,
    /// Whether posts are known; if not, nobody is said to be missing.
    pub staff_known: bool,
    /// What is on record about outside sources.
    pub sources: Sources,
}

/// Outside sources of the unit that orders the campaign, as the register of
/// lawful bases has them today.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    /// Channels with a basis in force, by id.
    pub channels: BTreeSet<String>,
    /// Titles of must-visit groups that come from outside lists and have no
    /// basis in force.
    pub groups_without_basis: Vec<String>,
}

/// One outlet as far as feasibility is concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlet {
    /// Id; nil when the outlet comes from a file.
    pub unit_id: UnitId,
    /// The bank's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `rural`, `urban` or `mixed`.
    pub area_kind: Option<String>,
    /// `rural` or `urban`; none = the area decides.
    pub market_kind: Option<String>,
    /// Where it is.
    pub place: Option<Point>,
    /// People per post.
    pub posts: BTreeMap<String, u32>,
    /// Households on the list.
    pub households: Option<u64>,
    /// Customers on the list.
    pub customers: Option<u64>,
    /// How the households lie around the outlet, when coordinates are known.
    pub spread: Option<Spread>,
    /// Records to collect (CMP-012).
    pub collection_plan: Option<i64>,
    /// Households a day, when not the campaign's own figure.
    pub quota: Option<i64>,
    /// Which quota holds on which day of a campaign that runs, and from which
    /// day on a changed file holds; none = the figure in force on every day.
    pub quotas: Option<(QuotaHistory, Day)>,
}

/// Households per ring with their mean distance from the outlet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Households in the near ring.
    pub near: u64,
    /// Households beyond it.
    pub far: u64,
    /// Mean straight-line distance of the near ones.
    pub near_mean: Meters,
    /// Mean straight-line distance of the far ones.
    pub far_mean: Meters,
}

impl Outlet {
    /// An outlet of which nothing more is known.
    pub fn new(unit_id: UnitId, code: &str, name: &str) -> Outlet {
        Outlet {
            unit_id,
            code: code.to_owned(),
            name: name.to_owned(),
            area_kind: None,
            market_kind: None,
            place: None,
            posts: BTreeMap::new(),
            households: None,
            customers: None,
            spread: None,
            collection_plan: None,
            quota: None,
            quotas: None,
        }
    }
    /// Households a day this outlet must visit.
    pub fn quota_of(&self, definition: &Definition) -> u64 {
        let own = self.quota.and_then(|q| u64::try_from(q).ok());
        own.unwrap_or(u64::from(definition.quota.households_per_outlet_per_day))
    }
    /// Households this outlet must visit on a day: a quota changed in
    /// mid-campaign does not reach back, as in the ledger.
    pub fn quota_on(&self, definition: &Definition, day: Day) -> u64 {
        let Some((held, changes_from)) = &self.quotas else {
            return self.quota_of(definition);
        };
        let campaign = i64::from(definition.quota.households_per_outlet_per_day);
        let quota = match day >= *changes_from {
            true => held.own_on(day).unwrap_or(campaign),
            false => held.on(day),
        };
        u64::try_from(quota).unwrap_or(0)
    }
    /// Records this outlet must collect.
    pub fn plan_of(&self, definition: &Definition) -> Option<i64> {
        self.collection_plan
            .or_else(|| definition.collection.outlets.get(&self.code).copied())
    }
}

/// What an outlet can do against what it must.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutletCapacity {
    /// Id; nil when the outlet comes from a file.
    pub unit_id: UnitId,
    /// The bank's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Households a day on average over the planned days, rounded down.
    pub per_day: u64,
    /// Households a day asked for.
    pub needed_per_day: u64,
    /// Workdays inside the phases.
    pub planned_days: u64,
    /// Households over the campaign.
    pub total_possible: u64,
    /// Households asked for over the campaign.
    pub total_needed: u64,
    /// The highest daily quota up to today's at which no phase is short; 0 =
    /// the outlet can visit nobody.
    pub quota_possible: u64,
    /// What is missing, phase by phase (a rich phase does not pay for a poor one).
    pub short: u64,
    /// Whether a phase is short, by its position in the definition.
    pub phases_short: Vec<bool>,
    /// Households a day in a phase, by its position; 0 without workdays.
    pub phases_per_day: Vec<u64>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// Errors first, then warnings, then notes.
    pub findings: Vec<Finding>,
    /// One row per outlet.
    pub capacity: Vec<OutletCapacity>,
    /// Repairs that can be applied to the campaign file.
    pub offers: Vec<Offer>,
}

impl CheckReport {
    /// Findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    }
    /// May the campaign be started?
    pub fn is_feasible(&self) -> bool {
        self.count(Severity::Error) == 0
    }
}

/// The days on which visits are planned: workdays inside a phase and inside
/// the campaign. A day of two phases belongs to the first.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    pub definition: &'a Definition,
    pub calendar: &'a WorkCalendar,
    pub network: &'a Network,
    pub figures: figures::Figures,
    /// Workdays inside the phases, with the position of their phase.
    pub planned: Vec<(Day, usize)>,
    /// Workdays per phase, by position in the definition.
    pub workdays: Vec<u64>,
    /// Calendar days per phase inside the campaign.
    pub days: Vec<u64>,
    /// Preliminary and precise half-days that take turns, as in week plans;
    /// where the planner's parameters cannot be read, any half-day may be either.
    pub turns: (u64, u64),
}

impl<'a> Plan<'a> {
    fn new(
        definition: &'a Definition,
        calendar: &'a WorkCalendar,
        network: &'a Network,
    ) -> Plan<'a> {
        let mut taken = BTreeSet::new();
        let (mut workdays, mut days, mut planned) = (Vec::new(), Vec::new(), Vec::new());
        for (at, phase) in definition.phase.iter().enumerate() {
            let first = phase.start.max(definition.program.start);
            let last = phase.end.min(definition.program.end);
            let own: Vec<Day> = within_limits(first, last)
                .filter(|d| taken.insert(*d))
                .collect();
            days.push(own.len() as u64);
            let worked = own.iter().filter(|d| calendar.is_workday(**d));
            planned.extend(worked.clone().map(|d| (*d, at)));
            workdays.push(worked.count() as u64);
        }
        Plan {
            definition,
            calendar,
            network,
            figures: figures::Figures::of(definition),
            planned,
            workdays,
            days,
            turns: Tuning::of(definition).map_or((1, 0), |t| {
                let (first, second) = t.turns();
                (u64::from(first), u64::from(second))
            }),
        }
    }
    /// Households an outlet must visit in a phase, by its position; in all of
    /// them without one.
    pub fn must(&self, outlet: &Outlet, phase: Option<usize>) -> u64 {
        let days = self.planned.iter();
        days.filter(|(_, at)| phase.is_none_or(|p| p == *at))
            .map(|(day, _)| outlet.quota_on(self.definition, *day))
            .sum()
    }
    /// Workdays over all phases.
    pub fn planned_days(&self) -> u64 {
        self.workdays.iter().sum()
    }
    /// Kinds of visits of the phases that have days, with those days.
    pub fn active_phases(&self) -> impl Iterator<Item = (&'a [VisitKind], u64)> {
        self.definition
            .phase
            .iter()
            .zip(&self.workdays)
            .filter(|(_, days)| **days > 0)
            .map(|(p, days)| (p.kinds.as_slice(), *days))
    }
}

/// The days of a range, but never more than a campaign may have.
fn within_limits(first: Day, last: Day) -> impl Iterator<Item = Day> {
    first.through(last.min(first.plus_days(zf_base::limits::CAMPAIGN_DAYS_MAX)))
}

/// Checks a campaign, and works out which repairs can be applied.
pub fn check(definition: &Definition, calendar: &WorkCalendar, network: &Network) -> CheckReport {
    let mut report = inspect(definition, calendar, network);
    report.offers = apply::offers(definition, calendar, network, &report);
    report
}

/// The findings alone.
fn inspect(definition: &Definition, calendar: &WorkCalendar, network: &Network) -> CheckReport {
    let plan = Plan::new(definition, calendar, network);
    let mut findings = Vec::new();
    dates::check(&plan, &mut findings);
    target::check(&plan, &mut findings);
    staffing::check(&plan, &mut findings);
    let capacity = capacity::check(&plan, &mut findings);
    money::check(&plan, &capacity, &mut findings);
    materials::check(&plan, &mut findings);
    methods::check(&plan, &mut findings);
    policy::check(&plan, &mut findings);
    ladder::check(&plan, &mut findings);
    findings.sort_by_key(|f: &Finding| f.severity);
    CheckReport {
        findings,
        capacity,
        offers: vec![],
    }
}
