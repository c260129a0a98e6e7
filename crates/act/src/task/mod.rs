//! The noun Task (任务): what it is, who must act, and how it goes from hand to
//! hand. Kinds with flow, owner, checker and time allowed come from the packs;
//! every change is an entry of the task's history and of the audit chain.

pub mod acts;
pub mod http;
pub mod inbox;
pub mod jobs;
pub mod open;
pub mod service;
pub mod store;
pub mod words;

use serde_json::{Map, Value as Json};
use uuid::Uuid;
use zf_base::term::Term;
use zf_base::{Clock, Day, ProgramId, Timestamp, UnitId, UserId};
use zf_forms::pack::tasks::Waits;

/// A post at a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostAt {
    /// Code of the post or role.
    pub post: String,
    /// The unit it is held at.
    pub unit: UnitId,
}

/// A task as stored.
#[derive(Clone, Debug)]
pub struct Task {
    /// Unit it is about.
    pub unit_id: UnitId,
    /// Id.
    pub id: Uuid,
    /// Kind, as a pack names it.
    pub kind: String,
    /// Title.
    pub title: String,
    /// What is behind it.
    pub note: String,
    /// State of its flow.
    pub state: String,
    /// For whom it waits.
    pub waits: Waits,
    /// What opened it.
    pub source: String,
    /// Which of them.
    pub source_id: String,
    /// Campaign.
    pub program_id: Option<ProgramId>,
    /// Day it is about.
    pub day: Option<Day>,
    /// The task it is a part of.
    pub parent_id: Option<Uuid>,
    /// Whose it is when no person is named.
    pub owner: PostAt,
    /// The person whose it is.
    pub owner_user: Option<UserId>,
    /// Name of that person; empty without one.
    pub owner_name: String,
    /// Who looks at what was handed in.
    pub checker: Option<PostAt>,
    /// Who last handed it in.
    pub submitted_by: Option<UserId>,
    /// Steps of escalation done.
    pub raised: i64,
    /// Who heard last.
    pub raised_to: Option<PostAt>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By whom.
    pub opened_by: UserId,
    /// By whom.
    pub opened_by_name: String,
    /// Time allowed.
    pub term: Term,
    /// Hour of the last day.
    pub until: Clock,
    /// When it is due.
    pub due_at: Timestamp,
    /// Since when its clock stands.
    pub paused_at: Option<Timestamp>,
    /// When the owner was reminded.
    pub reminded_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Newest entry of its history.
    pub seq: i64,
}

impl Task {
    /// Whether it is open and its time is over.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.waits != Waits::Nobody && self.paused_at.is_none() && self.due_at < now
    }
}

/// An entry of a task's history.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From 1.
    pub seq: i64,
    /// A verb, or `comment`, `pause`, `resume`, `remind`, `escalate`.
    pub what: String,
    /// State after it.
    pub state: String,
    /// What was said.
    pub says: String,
    /// To whom.
    pub towards: String,
    /// Answers on handing in.
    pub answers: Option<Answered>,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// Answers of a form.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Form.
    pub form_id: String,
    /// Its version.
    pub form_version: i64,
    /// Answers by name of the field.
    pub answers: Map<String, Json>,
}
