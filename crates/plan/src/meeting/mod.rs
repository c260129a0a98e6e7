//! The mobilisation meeting (全局动员会) and the training of visits, once before
//! the start (MTG-001). Which step of the preparation is one is said by the
//! campaign file; it then carries a record (day, place, topics) and a sheet of
//! attendance per unit. People are named by staff id; nothing here knows a
//! customer. A correction is a further version, the former stays.

pub mod book;
pub mod http;
pub mod service;
pub mod store;
pub mod words;

use zf_base::{Day, StaffId, Timestamp, UnitId};

/// Who of the staff came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// 到会.
    Present,
    /// 请假.
    Excused,
    /// 未到.
    Absent,
}

impl Came {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Came::Present => "present",
            Came::Excused => "excused",
            Came::Absent => "absent",
        }
    }

    /// From a code.
    pub fn from_code(code: &str) -> Option<Came> {
        [Came::Present, Came::Excused, Came::Absent]
            .into_iter()
            .find(|c| c.as_str() == code)
    }
}

/// One version of the record of a meeting.
#[derive(Clone, Debug)]
pub struct Record {
    /// From 1; the newest counts.
    pub seq: i64,
    /// The day it was held.
    pub held_day: Day,
    /// Where.
    pub place: String,
    /// What it was about, one item each.
    pub topics: Vec<String>,
    /// Why the former version was corrected; empty for the first.
    pub reason: String,
    /// When it was entered.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// The attendance of one unit in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People on the sheet.
    pub people: i64,
    /// Who came.
    pub present: i64,
    /// Who was excused.
    pub excused: i64,
    /// Who was trained.
    pub trained: i64,
}

/// One unit with what is known of its attendance.
#[derive(Clone, Debug)]
pub struct UnitRow {
    /// The unit.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Level, as stored.
    pub level: String,
    /// Active staff today.
    pub staff: i64,
    /// The newest sheet; none = not entered yet.
    pub sheet: Option<SheetHead>,
}

/// The head of a sheet of attendance.
#[derive(Clone, Debug)]
pub struct SheetHead {
    /// From 1.
    pub seq: i64,
    /// Figures.
    pub tally: Tally,
    /// Why the former one was corrected; empty for the first.
    pub reason: String,
    /// When it was entered.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// A person on a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The person.
    pub staff_id: StaffId,
    /// Whether they came.
    pub came: Came,
    /// Whether they were trained, there or afterwards.
    pub trained: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_attendance_comes_back_from_its_code() {
        for (code, came) in [
            ("present", Some(Came::Present)),
            ("excused", Some(Came::Excused)),
            ("absent", Some(Came::Absent)),
            ("late", None),
        ] {
            assert_eq!(Came::from_code(code), came);
        }
        assert_eq!(Came::Excused.as_str(), "excused");
    }
}
