//! 晨（夕）会记录 (MTG-002, DOC-008): a record of every branch, day and session,
//! answered on a published form and filled in beforehand with what the branch
//! did on its last planned day. What the head writes and what was counted stand
//! side by side; a correction is a further version. Knows visits as counts,
//! nobody's name but those of colleagues. Figures come from visits and from the
//! plan room, records go to its own two tables.

pub mod book;
pub mod http;
pub mod parameters;
pub mod service;
pub mod store;
pub mod words;

use serde_json::{Map, Value as Json};
use uuid::Uuid;
use zf_base::{Day, Timestamp};
use zf_kernel::unit::Unit;

/// What a branch did on its last planned day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDay {
    /// The day.
    pub day: Day,
    /// Households that were due.
    pub quota: i64,
    /// Visits of any outcome.
    pub visits: i64,
    /// Households visited, each once.
    pub households: i64,
    /// People with all four fields.
    pub valid_records: i64,
}

/// What the meeting should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// None before the second planned day.
    pub last: Option<LastDay>,
    /// Households owed from all days before.
    pub owed: i64,
    /// Planned days before without any record; they owe nothing yet.
    pub open_days: i64,
    /// Due on the day itself.
    pub quota: i64,
    /// Teams that go out on the day, with their stops, as planned.
    pub teams: Vec<(String, i64)>,
    /// What waits for a decision, of whatever day.
    pub open_reviews: i64,
}

/// One version of a record.
#[derive(Clone, Debug)]
pub struct Version {
    /// From 1; the newest counts.
    pub seq: i64,
    /// Form.
    pub form_id: String,
    /// Its version.
    pub form_version: i64,
    /// Answers by name of the field.
    pub answers: Map<String, Json>,
    /// How many are missing or break a rule of the form.
    pub problems: i64,
    /// Households of the last planned day as counted when it was written.
    pub counted_households: i64,
    /// Valid records, likewise.
    pub counted_records: i64,
    /// Owed, likewise.
    pub owed: i64,
    /// Why the former version was corrected; empty for the first.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// The record of one session.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// Id; photos name it.
    pub id: Uuid,
    /// As the form calls it: `morning`, `evening`; empty when it does not ask.
    pub session: String,
    /// Newest first.
    pub versions: Vec<Version>,
}

/// A record in the list of many branches.
#[derive(Clone, Debug)]
pub struct Line {
    /// As the form calls it.
    pub session: String,
    /// Versions.
    pub seq: i64,
    /// The newest one, answers and all.
    pub newest: Version,
    /// People who were there, as written.
    pub present: Option<i64>,
    /// Households of the last planned day, as written.
    pub households: Option<i64>,
    /// Valid records, as written.
    pub valid_records: Option<i64>,
}

/// A branch and day in that list.
#[derive(Clone, Debug)]
pub struct DayLine {
    /// The branch.
    pub unit: Unit,
    /// The day.
    pub day: Day,
    /// Whether the branch had a task on it, so that a record is expected.
    pub planned: bool,
    /// In the order of sessions.
    pub records: Vec<Line>,
}
