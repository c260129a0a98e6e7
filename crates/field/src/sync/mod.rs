//! Sync: operations of a phone or the desk come in, each gets one of five
//! answers, and none of them is thrown away. The core (`push`) reads no clock
//! and no network: time and device come in with the batch, the database is the
//! caller's, so the simulator runs this very code. Protocol:
//! docs/sync.md. What an operation means is `visit`'s business.

pub mod facts;
mod finish;
mod gather;
pub mod http;
pub mod pull;
pub mod push;
pub mod review;
pub mod store;

use crate::device::Outbox;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::{DeviceId, OpId, ReviewId, Timestamp};

/// Most operations of one batch.
pub const BATCH_OPS_MAX: usize = 100;
/// Difference between the device's clock and ours that is marked, in seconds.
/// A mark only: nothing depends on it.
pub const CLOCK_SUSPECT_SECONDS: i64 = 300;

/// A file that belongs to an operation and comes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlobRef {
    /// SHA-256 in hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// `photo`, `signature`, `scan`.
    pub role: String,
}

/// One operation as it was written on the device; never changed afterwards, a
/// correction is a new operation.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PushOp)]
pub struct Op {
    /// Made by the device.
    #[schema(value_type = Uuid)]
    pub op_id: OpId,
    /// Counts the device's operations without gaps; 0 from a desk.
    pub client_seq: i64,
    /// What it does: `visit.submit`, `visit.amend`, `trace.put`, `gift.give`,
    /// `household.propose`, `customer.propose`, `pin.door`.
    pub kind: String,
    /// What it is about.
    pub entity_id: Uuid,
    /// Revision the device knew; none when it is new.
    #[serde(default)]
    pub base_rev: Option<i64>,
    /// Version of the payload's shape.
    pub schema_ver: i64,
    /// Clock of the device.
    #[schema(value_type = String)]
    pub device_time: Timestamp,
    /// Milliseconds since the device last heard from us; none when it never did.
    #[serde(default)]
    pub since_contact_ms: Option<i64>,
    /// Our clock as the device last heard it: `since_contact_ms` counts from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub contact_at: Option<Timestamp>,
    /// Depends on the kind.
    #[schema(value_type = Object)]
    pub payload: Json,
    /// Files.
    #[serde(default)]
    pub blobs: Vec<BlobRef>,
}

/// Where a batch comes from.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The device.
    pub device_id: DeviceId,
    /// `phone` or `desk`.
    pub via: &'static str,
    /// When the device last heard from us, by our clock; with the device's own
    /// count since then this tells the true time of an operation.
    pub last_contact: Option<Timestamp>,
    /// The device may give but not take: everything is kept aside.
    pub revoked: bool,
    /// What it says it still holds.
    pub outbox: Option<Outbox>,
}

/// What becomes of an operation. Only `retry` lets the device keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Stored and in force.
    Applied {
        /// Revision of the entity now.
        rev: i64,
        /// Number in the branch's feed.
        seq: i64,
    },
    /// It was here before; what was said then.
    Duplicate {
        /// That answer.
        first: Box<Answer>,
    },
    /// Stored and in force; somebody must look at it.
    Review {
        /// What to look at.
        review_id: ReviewId,
        /// Revision of the entity now.
        rev: i64,
        /// Number in the branch's feed.
        seq: i64,
    },
    /// Stored aside; not in force.
    Quarantined {
        /// Why.
        code: String,
    },
    /// Not stored; send it again later.
    Retry {
        /// Not before, in milliseconds.
        after_ms: i64,
    },
}

impl Answer {
    /// As in the API.
    pub fn name(&self) -> &'static str {
        match self {
            Answer::Applied { .. } => "applied",
            Answer::Duplicate { .. } => "duplicate",
            Answer::Review { .. } => "review",
            Answer::Quarantined { .. } => "quarantined",
            Answer::Retry { .. } => "retry",
        }
    }
}
