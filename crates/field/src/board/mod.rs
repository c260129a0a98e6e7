//! 今日走访 and 信息采集汇总表 (CAP-003, CAP-017, DOC-002): what the visits of
//! a day or of some days say about every branch, in counts and in the names of
//! colleagues. It knows visits, phones and reviews as rows, never what a visit
//! says about people, and never a track. Quotas come from the plan room.

pub mod book;
pub mod http;
pub mod service;
pub mod store;
pub mod words;

use crate::label::Question;
use std::collections::BTreeMap;
use zf_base::{Day, Timestamp};
use zf_kernel::unit::Unit;

/// Visits of one branch and day. Rejected ones are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Visits of any outcome.
    pub visits: i64,
    /// Households visited, each once a day (CMP-009).
    pub households: i64,
    /// People recorded.
    pub members: i64,
    /// Of them with all four fields (CUS-016).
    pub valid_records: i64,
    /// Visits that were in the system before the day was over (CAP-003).
    pub same_day: i64,
    /// Typed in at the desk.
    pub by_desk: i64,
    /// Sent by a phone.
    pub by_phone: i64,
    /// Visits by outcome code.
    pub outcomes: BTreeMap<String, i64>,
    /// How often an option was chosen, by question and option (DOC-002). Read for
    /// the summary table only.
    pub choices: BTreeMap<(String, String), i64>,
}

impl Counts {
    /// Adds other visits; households of other days are other households here,
    /// as in the ledger.
    pub fn add(&mut self, other: &Counts) {
        self.visits += other.visits;
        self.households += other.households;
        self.members += other.members;
        self.valid_records += other.valid_records;
        self.same_day += other.same_day;
        self.by_desk += other.by_desk;
        self.by_phone += other.by_phone;
        for (outcome, n) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += n;
        }
        for (option, n) in &other.choices {
            *self.choices.entry(option.clone()).or_default() += n;
        }
    }
}

/// A colleague who is out, by visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Visits of the day.
    pub visits: i64,
}

/// What a phone last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// Whose.
    pub user_name: String,
    /// Records that it still held.
    pub unsent: i64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
    /// When it reported.
    pub seen_at: Timestamp,
}

/// A branch on the board.
#[derive(Clone, Debug)]
pub struct BoardLine {
    /// The branch.
    pub unit: Unit,
    /// Households due on the day; 0 on a day off.
    pub quota: i64,
    /// Its visits.
    pub counts: Counts,
    /// Who is out, most visits first.
    pub people: Vec<Person>,
    /// Phones in use, the oldest unsent record first.
    pub phones: Vec<Phone>,
    /// Reviews that nobody has decided, of whatever day.
    pub open_reviews: i64,
}

/// The summary table.
#[derive(Clone, Debug)]
pub struct Table {
    /// By branch, then by day.
    pub lines: Vec<SummaryLine>,
    /// Questions whose options are counted, in the order of the form.
    pub questions: Vec<Question>,
}

/// A branch and day of the summary table.
#[derive(Clone, Debug)]
pub struct SummaryLine {
    /// The branch.
    pub unit: Unit,
    /// The day.
    pub day: Day,
    /// Households due on it.
    pub quota: i64,
    /// Its visits.
    pub counts: Counts,
}
