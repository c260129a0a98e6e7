//! Photos of visits, resumable (tus 1.0: core, creation, checksum, expiration).
//! The row says how much of a photo is here and moves on only after the bytes
//! are on the disk; the bytes lie in sealed pieces in the data folder. A photo
//! is what its SHA-256 says: the same one in two visits is kept once, and it
//! may come before its visit or after. Knows visits by their ids only.

mod files;
pub mod http;
pub mod jobs;
pub mod service;
pub mod store;

use zf_base::{UnitId, Uuid};

/// Bytes are still missing.
pub const OPEN: &str = "open";
/// All bytes are here, and they are the right ones.
pub const VERIFIED: &str = "verified";
/// What a photo may be of.
pub const ROLES: [&str; 3] = ["photo", "signature", "scan"];

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
    /// [`OPEN`] or [`VERIFIED`].
    pub state: String,
    /// Under which upload the bytes lie.
    pub bytes_of: Uuid,
    /// An unfinished one is forgotten then.
    pub expires_at: zf_base::Timestamp,
}
