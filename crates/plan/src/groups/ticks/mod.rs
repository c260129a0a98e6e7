//! The tick sheet (勾选名单): the branch says household by household what no file
//! knows. Ticks are facts of their own, of the branch; nothing but another tick
//! changes them. Names are shown in full to the branch's own people only, one
//! sheet at a time, and every sheet is one event with the number of names.

pub mod http;
pub mod loose;
pub mod print;
pub mod service;
pub mod store;

use serde::Deserialize;
use zf_base::mask::{Masked, PersonName};
use zf_base::{CustomerId, HouseholdId, VillageGroupId};
use zf_kernel::error::{KernelError, Result};

/// Limits, see `presets/ticks.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Sheets with names per user and hour.
    pub sheets_per_hour: i64,
    /// Names of one sheet.
    pub names_per_sheet: usize,
    /// Households of one sheet without a village group.
    pub households_per_loose_sheet: usize,
    /// Font of titles on paper.
    pub title_font: String,
    /// Font of everything else on paper.
    pub body_font: String,
}

impl Limits {
    /// The preset.
    ///
    /// # Errors
    /// A preset that cannot be read.
    pub fn preset() -> Result<Limits> {
        toml::from_str(include_str!("../../../presets/ticks.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/ticks.toml: {e}")))
    }
}

/// A column of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Tag of the group.
    pub tag: String,
    /// Code of the group.
    pub code: String,
    /// Name of the group.
    pub name: String,
}

/// A household of the sheet.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// The household.
    pub household_id: HouseholdId,
    /// Its number.
    pub household_no: String,
    /// Its members.
    pub members: Vec<(CustomerId, Masked<PersonName>)>,
    /// Tags that a file says.
    pub in_file: Vec<String>,
    /// Tags that the branch has said.
    pub ticks: Vec<(String, bool)>,
    /// Somebody has gone through it.
    pub seen: bool,
}

/// A village group and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The village group.
    pub id: VillageGroupId,
    /// Village and group.
    pub name: String,
    /// Households.
    pub households: i64,
    /// Households gone through.
    pub seen: i64,
}

/// What is said about one household.
#[derive(Clone, Debug)]
pub struct TickInput {
    /// The household.
    pub household_id: HouseholdId,
    /// Tag and yes, no, or nothing any more.
    pub ticks: Vec<(String, Option<bool>)>,
    /// Gone through or not; none = as it is.
    pub seen: Option<bool>,
}
