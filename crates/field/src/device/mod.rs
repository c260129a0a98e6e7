//! Phones of a branch: enrolled by a code that its head makes and the owner of
//! the account uses once, given a lease with every contact, revoked with a
//! reason. A revoked phone may give but not take. Knows nothing of what a
//! phone carries; that is `sync`.

pub mod http;
pub mod parameters;
pub mod service;
pub mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zf_base::{DeviceId, Timestamp, UnitId, UserId};

/// In use.
pub const ACTIVE: &str = "active";
/// May give but not take.
pub const REVOKED: &str = "revoked";
/// A phone, as opposed to the desk of a branch.
pub const PHONE: &str = "phone";

/// What a phone still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outbox {
    /// Operations that are not uploaded.
    pub count: i64,
    /// When the oldest of them was written, by the phone's clock.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub oldest: Option<Timestamp>,
}

/// A phone, or a desk.
#[derive(Clone, Debug)]
pub struct Device {
    /// Id, made by the device.
    pub id: DeviceId,
    /// Branch.
    pub unit_id: UnitId,
    /// Whose it is.
    pub user_id: UserId,
    /// Their name.
    pub user_name: String,
    /// [`PHONE`] or `desk`.
    pub kind: String,
    /// As its owner calls it.
    pub name: String,
    /// [`ACTIVE`] or [`REVOKED`].
    pub state: String,
    /// Since when.
    pub enrolled_at: Timestamp,
    /// Last contact.
    pub seen_at: Timestamp,
    /// What it said it still holds.
    pub outbox: Outbox,
    /// Until when its data can be read without contact.
    pub lease_until: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revoked_reason: Option<String>,
}

impl Device {
    /// In use.
    pub fn is_active(&self) -> bool {
        self.state == ACTIVE
    }
    /// A phone of this account.
    pub fn is_phone_of(&self, user: UserId) -> bool {
        self.kind == PHONE && self.user_id == user
    }
}
