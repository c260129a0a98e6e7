//! Double entry: a share of the typed forms is typed again by somebody else,
//! who does not see what the first one wrote. Differences are counted for each
//! field and give the rate of errors; which text stands the head decides. Which
//! forms are taken follows from a keyed hash of the visit: nobody can choose or
//! foresee it. Answers are sealed; clear are names of fields and counts only.

mod compare;
pub mod http;
pub mod service;
pub mod store;

use zf_base::{Day, UnitId, VisitId};

/// Both texts are the same.
pub const SAME: &str = "same";
/// They differ, and nobody has decided.
pub const OPEN: &str = "open";
/// The first text stands.
pub const FIRST: &str = "first";
/// The second one was put in its place.
pub const SECOND: &str = "second";
/// In the sample, and not typed a second time yet.
pub const WANTED: &str = "wanted";

/// A form that was typed twice.
#[derive(Clone, Debug)]
pub struct Double {
    /// Branch.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// The visit.
    pub visit_id: VisitId,
    /// Day of the visit.
    pub day: Day,
    /// [`SAME`], [`OPEN`], [`FIRST`] or [`SECOND`].
    pub state: String,
    /// Names of the fields that differ.
    pub fields: Vec<String>,
    /// Who typed it first.
    pub first_by_name: String,
    /// Who typed it the second time.
    pub second_by_name: String,
}

/// How many fields were compared and differed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Forms typed twice.
    pub forms: i64,
    /// Fields compared.
    pub compared: i64,
    /// Fields that differ.
    pub differing: i64,
}
