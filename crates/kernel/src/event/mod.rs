//! The event noun: who did what to which row. Events are written in the same
//! transaction as the change they tell of, chained by a keyed hash per unit
//! and stream, and never changed. The chain is verified by
//! [`verify::verify_all`]; timelines and the audit page read it.

pub mod service;
pub mod store;
pub mod tx;
pub mod verify;

use serde_json::Value as Json;
use uuid::Uuid;
use zf_base::{Timestamp, UnitId, UserId};

/// Streams per unit: writers of different requests rarely meet on one head row.
pub const STREAMS: u8 = 8;

/// An event that is about to be written.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// `noun.verb`, e.g. `customer.update`.
    pub action: &'static str,
    /// The noun of the row.
    pub target_kind: &'static str,
    /// Its id or business key.
    pub target_id: String,
    /// Facts in clear, never personal data.
    pub detail: Json,
}

/// An event as stored.
#[derive(Clone, Debug)]
pub struct Event {
    /// Unit whose chain it is in.
    pub unit_id: UnitId,
    /// Stream of the chain, 0…7.
    pub stream: i64,
    /// Place in the stream, from 1.
    pub seq: i64,
    /// Its own id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor_id: UserId,
    /// Name of who, as it was.
    pub actor_name: String,
    /// `noun.verb`.
    pub action: String,
    /// The noun of the row.
    pub target_kind: String,
    /// Its id or business key.
    pub target_id: String,
    /// Canonical JSON text.
    pub detail: String,
    /// Chained keyed hash.
    pub hash: Vec<u8>,
}
