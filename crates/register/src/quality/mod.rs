//! 信息完整率 (CUS-018): how many records have all four mandatory fields, day by
//! day, branch by branch, summed up by county. A night's job keeps the counts of
//! the day; today's come from the figures of the network room. Counts only, no
//! names. It judges nobody: thresholds belong to the indicators.

pub mod http;
pub mod jobs;
pub mod service;
pub mod store;
pub mod words;

use zf_base::{Day, UnitId};

/// Counts of one branch or of a subtree at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records.
    pub customers: i64,
    /// With name, phone, ID number and address (CUS-016).
    pub four_fields: i64,
    /// Without any phone.
    pub without_phone: i64,
    /// Without any ID number.
    pub without_id_number: i64,
    /// Without an address.
    pub without_address: i64,
    /// With a phone or ID number that only the bank knows in full.
    pub by_bank: i64,
    /// With a door of their own.
    pub placed: i64,
    /// Households.
    pub households: i64,
}

impl Counts {
    /// Both together.
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            customers: self.customers + other.customers,
            four_fields: self.four_fields + other.four_fields,
            without_phone: self.without_phone + other.without_phone,
            without_id_number: self.without_id_number + other.without_id_number,
            without_address: self.without_address + other.without_address,
            by_bank: self.by_bank + other.by_bank,
            placed: self.placed + other.placed,
            households: self.households + other.households,
        }
    }

    /// Share of complete records, 0…1; none without records.
    pub fn rate(self) -> Option<f64> {
        (self.customers > 0).then(|| self.four_fields as f64 / self.customers as f64)
    }
}

/// One unit in a table of completeness.
#[derive(Clone, Debug)]
pub struct Line {
    /// Unit.
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// Level, as stored.
    pub level: String,
    /// Now.
    pub now: Counts,
    /// At the end of the day before, when it was kept.
    pub day_before: Option<Counts>,
    /// At the end of the same day a week before, when it was kept.
    pub week_before: Option<Counts>,
}

/// A table of completeness.
#[derive(Clone, Debug)]
pub struct Table {
    /// The day it is about.
    pub day: Day,
    /// The whole subtree first, then counties and branches in the order of the tree.
    pub lines: Vec<Line>,
}
