//! Photos of visits, resumable (tus 1.0: core, creation, checksum, expiration).
//! The row says how much of a photo is here and moves on only after the bytes
//! are on the disk; the bytes lie in sealed pieces in the data folder. A photo
//! is what its SHA-256 says: the same one in two visits is kept once, and it
//! may come before its visit or after. Knows visits by their ids only.

pub mod erase;
mod files;
pub mod http;
pub mod jobs;
pub mod keep;
pub mod keys;
pub mod service;
pub mod store;

use zf_base::{UnitId, Uuid};

/// Bytes are still missing.
pub const OPEN: &str = "open";
/// All bytes are here, and they are the right ones.
pub const VERIFIED: &str = "verified";
/// Erased with the person it shows; its bytes are still to be taken away.
pub const ERASING: &str = "erasing";
/// Erased: what is left is that it was here.
pub const ERASED: &str = "erased";
/// What a photo may be of.
pub const ROLES: [&str; 3] = ["photo", "signature", SCAN];
/// The paper of a visit, attached at the desk.
pub const SCAN: &str = "scan";

/// What a phone announces.
pub struct NewPhoto {
    /// Whose it is.
    pub visit_id: Uuid,
    /// The operation that names it.
    pub op_id: Uuid,
    /// 64 digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Media type.
    pub mime: String,
    /// One of [`ROLES`].
    pub role: String,
}

/// A photo, whole or not.
#[derive(Clone, Debug)]
pub struct Photo {
    /// Branch.
    pub unit_id: UnitId,
    /// Id.
    pub id: Uuid,
    /// Visit.
    pub visit_id: Uuid,
    /// 64 digits.
    pub sha256: String,
    /// Bytes in all.
    pub size: u64,
    /// Bytes that are here.
    pub received: u64,
    /// Media type.
    pub mime: String,
    /// One of [`ROLES`].
    pub role: String,
    /// [`OPEN`], [`VERIFIED`], [`ERASING`] or [`ERASED`].
    pub state: String,
    /// Under which upload the bytes lie.
    pub bytes_of: Uuid,
    /// An unfinished one is forgotten then.
    pub expires_at: zf_base::Timestamp,
}

impl Photo {
    /// Whether it was erased, or is of a visit whose photos were: whatever
    /// comes of it is dropped, and the phone is told that it is here.
    pub fn is_erased(&self) -> bool {
        [ERASING, ERASED].contains(&self.state.as_str())
    }
}
