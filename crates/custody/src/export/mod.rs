//! Exports: lists that leave the house. Somebody asks for one with a purpose;
//! above a limit, or with full values, another person grants it; a job writes
//! it with a watermark on every page and row; it is kept sealed for some days
//! and can be taken a few times. The hand-over to the bank's own customer
//! system is an export too, and its receipts come back here. Rules are data
//! (`presets/export.toml`); values come from the network room's customers.

pub mod allowed;
pub mod handover;
pub mod http;
pub mod jobs;
pub mod policy;
pub mod reseal;
pub mod service;
pub mod sheet;
pub mod store;
pub mod words;

use serde::{Deserialize, Serialize};
use zf_base::{Day, ExportId, JobId, Timestamp, UnitId, UserId, VillageGroupId};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A list of customers as a workbook.
    Customers,
    /// New and changed records in the template of the bank's customer system.
    Core,
}

impl Kind {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Customers => "customers",
            Kind::Core => "core",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        match s {
            "customers" => Ok(Kind::Customers),
            "core" => Ok(Kind::Core),
            _ => Err(()),
        }
    }
}

/// Where an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Somebody else has to grant it.
    Waiting,
    /// Granted, or free; the job is writing it.
    Running,
    /// The file can be taken.
    Ready,
    /// Somebody else said no.
    Rejected,
    /// Who asked took it back.
    Withdrawn,
    /// The job failed.
    Failed,
    /// The file is no longer kept.
    Gone,
}

impl State {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Ready => "ready",
            State::Rejected => "rejected",
            State::Withdrawn => "withdrawn",
            State::Failed => "failed",
            State::Gone => "gone",
        }
    }
    /// From what is stored; anything unknown has failed.
    pub fn from_stored(text: &str) -> State {
        const ALL: [State; 7] = [
            State::Waiting,
            State::Running,
            State::Ready,
            State::Rejected,
            State::Withdrawn,
            State::Failed,
            State::Gone,
        ];
        ALL.into_iter()
            .find(|s| s.as_str() == text)
            .unwrap_or(State::Failed)
    }
}

/// Which customers are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// A must-visit group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// A village group of the branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub village_group: Option<VillageGroupId>,
}

/// One export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Unit whose subtree it covers.
    pub unit_id: UnitId,
    /// Id; its end is printed on every row.
    pub id: ExportId,
    /// What.
    pub kind: Kind,
    /// Code of the purpose.
    pub purpose: String,
    /// Why, in words without personal data.
    pub reason: String,
    /// Whether values are given in full.
    pub full_values: bool,
    /// Which customers.
    pub wanted: Wanted,
    /// Where it is.
    pub state: State,
    /// Rows when it was asked for.
    pub rows_wanted: i64,
    /// Rows in the file.
    pub rows_written: i64,
    /// Who asked.
    pub asked_by: UserId,
    /// Their name then.
    pub asked_by_name: String,
    /// When.
    pub asked_at: Timestamp,
    /// Who decided.
    pub decided_by_name: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What was said with the decision.
    pub decision: String,
    /// Name of the file.
    pub file_name: String,
    /// How often it was taken.
    pub downloads: i64,
    /// Last day it is kept.
    pub keep_until: Option<Day>,
    /// The job that writes it.
    pub job_id: Option<JobId>,
}

impl Export {
    /// The short number printed on every page and row.
    pub fn mark(&self) -> String {
        let id = self.id.uuid().simple().to_string();
        id[id.len() - 8..].to_uppercase()
    }
}
