//! How a room says that somebody must do something: it enqueues this job in
//! its own transaction, and the room of tasks takes it up. So the task exists
//! if and only if the change does, and no room calls one above it. Knows no
//! kinds and no states: those are data of the packs.

use super::NewJob;
use serde::{Deserialize, Serialize};
use zf_base::{Day, ProgramId, Timestamp, UnitId};

/// Opens a task.
pub const OPEN: &str = "task.open";
/// Cancels a task whose cause is gone.
pub const CANCEL: &str = "task.cancel";

/// A task to be opened for a unit. Source and id together are its key: however
/// often it is asked for, there is one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenTask {
    /// Kind, as a pack names it.
    pub kind: String,
    /// What asks for it, e.g. `shortfall`.
    pub source: String,
    /// Which of them, e.g. program and day.
    pub source_id: String,
    /// Title; the kind's name when empty.
    #[serde(default)]
    pub title: String,
    /// What is behind it; no personal data.
    #[serde(default)]
    pub note: String,
    /// Campaign it belongs to.
    #[serde(default)]
    pub program_id: Option<ProgramId>,
    /// Day it is about.
    #[serde(default)]
    pub day: Option<Day>,
    /// When it is due; by the kind's term when absent.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
}

/// A task that is no longer wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CancelTask {
    /// As it was opened.
    pub source: String,
    /// As it was opened.
    pub source_id: String,
    /// Why.
    pub reason: String,
}

/// The job that opens a task; for `job_enqueue_in`.
pub fn open_task(unit: UnitId, task: &OpenTask) -> NewJob {
    NewJob::new(OPEN, unit, task)
}

/// The job that cancels one that is still open.
pub fn cancel_task(unit: UnitId, task: &CancelTask) -> NewJob {
    NewJob::new(CANCEL, unit, task)
}
