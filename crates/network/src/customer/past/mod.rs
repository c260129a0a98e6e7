//! Customers that have left a branch: merged into another record, moved to
//! another branch, or erased. Takes the whole row away with its tags and keeps
//! it sealed, so that it can be put back byte for byte; knows which numbers an
//! import must not bring back. Who may do it and why is asked by the callers
//! (merge, transfer, erasure); a transaction is begun by them.

pub mod former;
pub mod service;
pub mod store;

pub use former::{Former, MERGE_FIELDS};
pub use service::{
    ERASE_BEFORE, Leaving, before_drop, before_fetch, before_keep, before_read, customer_arrive,
    customer_leave, customer_put, customer_return, former_fetch, former_leave, former_read,
    past_erase, past_fetch, past_numbers, past_of_number, past_snapshot, places_before,
};

use zf_base::{CustomerId, Timestamp, UnitId, UserId};

/// Why a customer is not in the branch any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The same person as another record, which is kept.
    Merged,
    /// In another branch now.
    Moved,
    /// Erased at the person's own wish.
    Erased,
}

impl Fate {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Merged => "merged",
            Fate::Moved => "moved",
            Fate::Erased => "erased",
        }
    }

    /// From what is stored; none for a text that no version has written.
    pub fn from_stored(text: &str) -> Option<Fate> {
        [Fate::Merged, Fate::Moved, Fate::Erased]
            .into_iter()
            .find(|f| f.as_str() == text)
    }
}

/// A customer that has left; nothing personal but the bank's number.
#[derive(Clone, Debug)]
pub struct Past {
    /// The branch they left.
    pub unit_id: UnitId,
    /// The customer's id.
    pub id: CustomerId,
    /// The bank's number.
    pub customer_no: String,
    /// What became of them.
    pub fate: Fate,
    /// The kept record, or the record in the new branch; none when erased.
    pub into: Option<(UnitId, CustomerId)>,
    /// Code of the reason.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// Their name.
    pub by_name: String,
    /// Can be put back as it was.
    pub can_return: bool,
}
