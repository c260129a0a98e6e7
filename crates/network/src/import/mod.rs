//! Imports of units, staff, village groups and customers from `.xlsx` and
//! `.csv`. A row is the atom: good ones go in, bad ones come back with row,
//! column and reason. An import is a resumable job; it commits per branch, is
//! idempotent on the business key, and counts every row once however often it
//! is interrupted.

mod batch;
pub mod customers;
pub mod file;
pub mod http;
pub mod jobs;
pub mod mapping;
pub mod organisation;
pub mod preview;
pub mod refused;
pub mod reseal;
pub mod row;
pub mod run;
pub mod service;
pub mod store;
pub mod template;

use std::str::FromStr;
use zf_base::geo::Datum;
use zf_base::{ImportId, JobId, Timestamp, UnitId, UserId};
use zf_office::TextEncoding;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportKind {
    /// 机构.
    Units,
    /// 员工.
    Staff,
    /// 村组.
    VillageGroups,
    /// 客户.
    Customers,
}

impl ImportKind {
    /// All kinds in the order they must be imported.
    pub const ALL: [ImportKind; 4] = [
        ImportKind::Units,
        ImportKind::Staff,
        ImportKind::VillageGroups,
        ImportKind::Customers,
    ];
    /// Name in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            ImportKind::Units => "units",
            ImportKind::Staff => "staff",
            ImportKind::VillageGroups => "village_groups",
            ImportKind::Customers => "customers",
        }
    }
}

impl FromStr for ImportKind {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        ImportKind::ALL
            .into_iter()
            .find(|k| k.as_str() == s.replace('-', "_"))
            .ok_or(())
    }
}

/// One import.
#[derive(Clone, Debug)]
pub struct Import {
    /// Id.
    pub id: ImportId,
    /// What the file holds.
    pub kind: ImportKind,
    /// Name of the file.
    pub file_name: String,
    /// Subtree it may write to.
    pub unit_id: UnitId,
    /// Datum of coordinates where the file does not say.
    pub datum: Datum,
    /// Only checks.
    pub dry_run: bool,
    /// `held`, `waiting`, `running`, `checked`, `done`, `failed` or `canceled`.
    pub state: String,
    /// One line for people.
    pub message: String,
    /// How far it is, and what became of the rows.
    pub counts: Counts,
    /// The job that runs it.
    pub job_id: Option<JobId>,
    /// Who started it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Waits for a preview before it runs.
    pub held: bool,
    /// How the file is to be read.
    pub choices: Choices,
    /// Size of the file, bytes.
    pub file_bytes: i64,
    /// Customers of the subtree before and after; customers only.
    pub customers: (Option<i64>, Option<i64>),
    /// The file is still kept: it can be looked at, started or go on.
    pub has_file: bool,
    /// Refused rows are kept for the one who uploaded them.
    pub has_refused: bool,
}

/// How a file is to be read; what is not chosen is found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Where the data come from (CAP-007…016); `core_system` or another channel.
    pub channel: String,
    /// Encoding of delimited text.
    pub encoding: Option<TextEncoding>,
    /// Row of the headers, from 1.
    pub header_row: Option<u64>,
    /// Field of every column by position; `""` = not read.
    pub mapping: Option<Vec<String>>,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices {
            channel: crate::customer::source::CORE_SYSTEM.to_owned(),
            encoding: None,
            header_row: None,
            mapping: None,
        }
    }
}

/// What became of the rows of a file; `total` = `new + changed + same + bad` at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows in the file; an estimate until it was read once.
    pub total: i64,
    /// Rows read.
    pub done: i64,
    /// Added.
    pub new: i64,
    /// Changed.
    pub changed: i64,
    /// Already there, equal.
    pub same: i64,
    /// Refused.
    pub bad: i64,
}

/// Why one cell was refused.
#[derive(Clone, Debug)]
pub struct CellError {
    /// Row as in the file, from 1.
    pub row: u64,
    /// Header of the column as in the file.
    pub column: String,
    /// Business key of the row.
    pub key: String,
    /// Code of the reason; words in `words::reason`.
    pub reason: &'static str,
    /// The value, masked.
    pub masked: String,
    /// What the reason names, e.g. a branch; nobody's data.
    pub about: String,
}
