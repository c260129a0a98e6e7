//! Routines (例行工作): a cadence, a level of units that owe it and a kind of
//! task. Shipped by the packs; a unit may change cadence and lead for itself
//! and all below, or switch one off, with a reason, in versions. Every period
//! ends as a task or as skipped, with the reason.

pub mod http;
pub mod jobs;
pub mod plan;
pub mod service;
pub mod store;

use zf_base::cadence::Cadence;
use zf_base::{Day, Timestamp, UnitId};

/// What a unit changed.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where.
    pub unit_id: UnitId,
    /// The routine.
    pub routine_id: String,
    /// From 1.
    pub version: i64,
    /// Whether it runs.
    pub enabled: bool,
    /// How often.
    pub cadence: Cadence,
    /// Days before it is due on which the task is opened.
    pub lead_days: u16,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// What became of a period.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Whose.
    pub unit_id: UnitId,
    /// The routine.
    pub routine_id: String,
    /// Name of the period.
    pub period: String,
    /// When it was due, or would have been.
    pub day: Day,
    /// A task, or none.
    pub task_id: Option<uuid::Uuid>,
    /// Why there is none; empty with a task.
    pub reason: String,
    /// For whom the task waits; empty without one.
    pub waits: String,
    /// Whether the task was cancelled, or lapsed.
    pub canceled: bool,
    /// When the task is due.
    pub due_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
