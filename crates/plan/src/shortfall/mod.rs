//! 欠进度 (CMP-010, PLN-010, ERR-008): the ledger of one branch in households
//! against planned days. What was missed on a planned day is carried, what is
//! done beyond a day's quota repays; the daily bar itself never moves. What was
//! done is what recorded visits say; of a day without any, a count that the
//! branch types. This file is pure; rows come from `service`.

pub mod book;
pub mod http;
pub mod service;
pub mod store;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use zf_base::Day;

/// What the ledger is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Planned days with the quota that held on each; holidays are not here.
    pub planned: BTreeMap<Day, i64>,
    /// Households visited, by day.
    pub counts: BTreeMap<Day, i64>,
    /// Days of which `counts` is what recorded visits say, not what was typed.
    pub recorded: BTreeSet<Day>,
    /// What a confirmed week plan leaves open (positive) or makes up
    /// (negative), by the week's Sunday.
    pub plans: BTreeMap<Day, i64>,
    /// Whether a shortfall is carried at all.
    pub carry_over: bool,
}

/// Where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Visits that were recorded.
    Visits,
    /// A count that the branch has typed.
    Typed,
    /// A week of which nothing is typed yet: what its plan leaves open.
    Plan,
    /// A planned day of which nothing is known yet.
    Open,
}

impl Source {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Visits => "visits",
            Source::Typed => "typed",
            Source::Plan => "plan",
            Source::Open => "open",
        }
    }
}

/// One row of the ledger, in households.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day; for a plan the week's Sunday.
    pub day: Day,
    /// Due by the quota of that day; 0 on days that are not planned.
    pub due: i64,
    /// Done; none when nothing is known.
    pub done: Option<i64>,
    /// Newly missed.
    pub carried: i64,
    /// Made up for.
    pub repaid: i64,
    /// Still open after this row.
    pub balance: i64,
    /// Where it comes from.
    pub source: Source,
}

/// A branch's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// In the order of days.
    pub entries: Vec<Entry>,
    /// Still open.
    pub balance: i64,
    /// Due on the days that are known.
    pub due: i64,
    /// Done on them.
    pub done: i64,
    /// Planned days of which nothing is known.
    pub open_days: i64,
}

/// The ledger of the days before a day. A week with any typed day is measured
/// by its typed days, any other by its confirmed plan.
pub fn ledger(facts: &Facts, before: Day) -> Ledger {
    let mut out = Ledger::default();
    let typed_weeks: BTreeSet<_> = facts
        .counts
        .range(..before)
        .map(|(d, _)| d.week())
        .collect();
    let plans = facts.plans.range(..before);
    let plans: BTreeMap<Day, i64> = plans
        .filter(|(sunday, _)| !typed_weeks.contains(&sunday.week()))
        .map(|(day, n)| (*day, *n))
        .collect();
    let planned_weeks: BTreeSet<_> = plans.keys().map(|d| d.week()).collect();
    let days = facts.planned.range(..before).map(|(d, _)| *d);
    let days = days.chain(facts.counts.range(..before).map(|(d, _)| *d));
    let days: BTreeSet<Day> = days.chain(plans.keys().copied()).collect();
    for day in days {
        let due = facts.planned.get(&day).copied().unwrap_or(0);
        if let Some(done) = facts.counts.get(&day) {
            out.due += due;
            out.done += done;
            let source = match facts.recorded.contains(&day) {
                true => Source::Visits,
                false => Source::Typed,
            };
            out.push(facts, day, due, Some(*done), due - done, source);
        } else if facts.planned.contains_key(&day) && !planned_weeks.contains(&day.week()) {
            out.open_days += 1;
            out.push(facts, day, due, None, 0, Source::Open);
        }
        if let Some(left) = plans.get(&day) {
            out.push(facts, day, 0, None, *left, Source::Plan);
        }
    }
    out
}

impl Ledger {
    /// A row with what it misses (positive) or does beyond its quota.
    fn push(
        &mut self,
        facts: &Facts,
        day: Day,
        due: i64,
        done: Option<i64>,
        missed: i64,
        source: Source,
    ) {
        let carried = if facts.carry_over { missed.max(0) } else { 0 };
        // Nobody works ahead: what is beyond the debt is not kept.
        let repaid = (-missed).clamp(0, self.balance);
        self.balance += carried - repaid;
        self.entries.push(Entry {
            day,
            due,
            done,
            carried,
            repaid,
            balance: self.balance,
            source,
        });
    }
}

/// Whether, and until when, what is open can still be made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is open.
    Clear,
    /// It can, when that begins on this planned day at the latest.
    Until {
        /// The last day to begin.
        day: Day,
        /// Households that all remaining days have room for beyond the quota.
        spare: i64,
    },
    /// It cannot any more.
    Never {
        /// Households that all remaining days have room for beyond the quota.
        spare: i64,
        /// Households for which there is no room.
        missing: i64,
    },
}

/// From the remaining planned days with the room each has beyond its quota.
pub fn outlook(balance: i64, remaining: &BTreeMap<Day, i64>) -> Outlook {
    if balance <= 0 {
        return Outlook::Clear;
    }
    let room = |n: &i64| (*n).max(0);
    let spare: i64 = remaining.values().map(room).sum();
    let mut from_here = 0;
    for (day, n) in remaining.iter().rev() {
        from_here += room(n);
        if from_here >= balance {
            return Outlook::Until { day: *day, spare };
        }
    }
    Outlook::Never {
        spare,
        missing: balance - spare,
    }
}
