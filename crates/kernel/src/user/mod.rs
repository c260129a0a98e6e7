//! Accounts, grants, sign-in and sessions. Lock-out counts wrong passwords and
//! wrong codes alike, per account and per address; an unknown login takes as
//! long as a known one. Three administrators exclude each other (三员分立): the
//! exclusions are data of the packs.

pub mod grant;
pub mod service;
pub mod session;
pub mod sign_in;
pub mod store;

use zf_base::{StaffId, Timestamp, UnitId, UserId};

/// A sign-in account.
#[derive(Clone, Debug)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// What is typed at sign-in; unique, lower case.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// Home unit.
    pub unit_id: UnitId,
    /// The staff member behind the account, when there is one.
    pub staff_id: Option<StaffId>,
    /// PHC string; never leaves this crate.
    pub(crate) password_hash: String,
    /// Must choose a password before anything else.
    pub must_change_password: bool,
    /// Second factor, sealed.
    pub(crate) totp_sealed: Option<Vec<u8>>,
    /// Second factor confirmed.
    pub totp_on: bool,
    /// Last time step used, so that a code works once.
    pub(crate) totp_last_step: i64,
    /// `active` or `retired`.
    pub state: String,
    /// Wrong attempts in a row.
    pub failed_count: i64,
    /// Locked until then.
    pub locked_until: Option<Timestamp>,
    /// Demo accounts work on loopback only.
    pub is_demo: bool,
    /// Large type on screen.
    pub large_type: bool,
    /// Last successful sign-in.
    pub last_sign_in_at: Option<Timestamp>,
}

impl User {
    /// Locked at this moment?
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|t| t > now)
    }
}

/// A role on a subtree, as asked for or as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Role id of a pack.
    pub role_id: String,
    /// Root of the subtree.
    pub unit_id: UnitId,
}
