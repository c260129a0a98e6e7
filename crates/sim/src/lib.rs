//! A deterministic simulator of the whole campaign's sync: hundreds of phones
//! write visits into their outboxes, a network loses, doubles, delays and
//! reorders, both sides crash between any two steps, clocks jump, phones are
//! moved and revoked, forms are of another age. The server is the **real** one:
//! `zf_field::sync::push` on the real schema in memory. A small model says what
//! the server must answer and hold; everything is compared after every step
//! that commits. One seed is one history, the same on every machine, except
//! for ids that only the server makes. (Reliability note §2.3 R1, §2.4.)
//!
//! Knows no HTTP and no browser. The phones' state machine (`outbox`) is the
//! twin of the one in the field app; traces of it are replayed there.

pub mod check;
pub mod drift;
pub mod many;
pub mod model;
pub mod more;
pub mod outbox;
pub mod outcome;
pub mod pack;
pub mod photos;
pub mod place;
pub mod pulls;
pub mod rng;
pub mod roads;
pub mod run;
mod said;
pub mod trace;
pub mod world;
pub mod write;

pub use drift::{Drift, drift, drift_in_memory};
pub use many::{Many, in_memory, many};
pub use more::{More, more};
pub use outcome::Outcome;
pub use photos::{Bytes, PhotoControl, Photos, photos, photos_in_memory};
pub use place::{Place, Where};
pub use pulls::{PullControl, Pulls, pulls, pulls_in_memory};
pub use run::{Control, Faults, Scenario, simulate};

/// What can stop a simulation before its end.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A service of the house failed where it must not.
    #[error("the house: {0}")]
    House(#[from] zf_kernel::KernelError),
    /// The database failed where it must not.
    #[error("the database: {0}")]
    Store(#[from] zf_store::StoreError),
    /// The keys.
    #[error("the keys: {0}")]
    Keys(String),
}

/// Result of everything in this crate.
pub type Result<T> = std::result::Result<T, SimError>;
