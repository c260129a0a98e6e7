//! The demo county: an invented county (or city of twelve counties) with
//! branches, staff, village groups and customers, generated from a seed. Pure:
//! same [`DemoSpec`] and same source rows give the same bytes on every machine
//! (no transcendental functions, no clock, no environment). The rows are in the
//! shape of the import files, so that the demo takes the same path as a bank's
//! own data; nothing here knows the database.
//!
//! People, places and numbers are invented. ID numbers have valid checksums and
//! phones eleven digits, but both start with prefixes nobody can have (see
//! `zf_base::identity::DEMO_PROVINCE` and `zf_base::phone::DEMO_MOBILE`).
//! The place is a schematic grid in the middle of an uninhabited desert.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bank;
mod csv_out;
mod customers;
mod household;
mod linkage;
mod mess;
mod people;
mod rng;
mod rows;
mod words;
mod world;

pub use bank::{
    BALANCE_TO_YUAN, BankRow, Education, Job, Marital, ParseError, draw_from_marginals,
    parse_bank_marketing,
};
pub use csv_out::{
    write_customers_csv, write_staff_csv, write_units_csv, write_village_groups_csv,
};
pub use linkage::{LinkageRow, LinkageSpec, Noise, linkage};
pub use mess::{Mess, MessFile, MessSpec, Truth, Wrong, mess};
pub use rows::{
    Area, BalanceBand, Consent, CustomerRow, Level, Market, Post, Product, StaffRow, Tag, UnitRow,
    VillageGroupRow,
};
pub use words::DEMO_MARK;
use zf_base::Day;

/// Customers of the demo county: the rows of the source data set.
pub const COUNTY_CUSTOMERS: usize = 45_211;

/// How large a demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One county with 12 branches.
    County,
    /// One city with 12 counties and 36 branches.
    City,
}

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSpec {
    /// How large.
    pub size: Size,
    /// Same seed, same data.
    pub seed: u64,
    /// The day the demo is for: ages and dates of maturity are relative to it.
    pub anchor: Day,
}

/// Everything a demo database is filled with. All of it is demo data
/// ([`DEMO_MARK`]); the CSV files say so in their last column.
#[derive(Clone, Debug, PartialEq)]
pub struct DemoData {
    /// Parents before children; the first is the root.
    pub units: Vec<UnitRow>,
    /// Staff of all units, by unit.
    pub staff: Vec<StaffRow>,
    /// Village groups of all branches, by branch.
    pub village_groups: Vec<VillageGroupRow>,
    /// Customer `i` has the age, job, marital state, education, balance and
    /// loans of row `i` of the source.
    pub customers: Vec<CustomerRow>,
}

/// Generates the demo. Without `source` the rows are drawn from the published
/// marginals: 45,211 for a county, three times as many for a city. With it
/// there is one customer per row.
pub fn generate(spec: &DemoSpec, source: Option<&[BankRow]>) -> DemoData {
    let world = world::build(spec);
    let drawn;
    let rows = match source {
        Some(rows) => rows,
        None => {
            let count = match spec.size {
                Size::County => COUNTY_CUSTOMERS,
                Size::City => 3 * COUNTY_CUSTOMERS,
            };
            drawn = draw_from_marginals(count, spec.seed);
            &drawn
        }
    };
    let customers = customers::build(spec, &world, rows, customers::DEMO);
    DemoData {
        units: world.units,
        staff: world.staff,
        village_groups: world.village_groups,
        customers,
    }
}

#[cfg(test)]
mod tests;
