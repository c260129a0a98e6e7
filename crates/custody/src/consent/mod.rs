//! Consents and refusals of a person: given, refused, withdrawn, by which way,
//! on which form, recorded by whom. The latest of a kind counts, all are kept.
//! A refusal sets the standing of the customer in the same transaction, so that
//! no list shows the household a moment later.

pub mod http;
pub mod latest;
pub mod papers;
pub mod service;
pub mod store;

use zf_base::{ConsentId, Day, Timestamp};

pub use latest::{Kind, Said, State};

/// One thing a person has said.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Id.
    pub id: ConsentId,
    /// What about.
    pub kind: Kind,
    /// Yes or no.
    pub state: State,
    /// How it came to us, a channel.
    pub channel: String,
    /// Holds for the person only, not for the household.
    pub person_only: bool,
    /// A refusal through this day; none = for good.
    pub until_day: Option<Day>,
    /// Code of the reason, may be empty.
    pub reason: String,
    /// Version of the notice or form.
    pub form_version: String,
    /// Note.
    pub note: String,
    /// When it was said.
    pub said_day: Day,
    /// When it was recorded.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by_name: String,
}
