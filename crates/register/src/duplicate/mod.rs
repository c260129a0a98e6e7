//! Records that may be one person: found by a job with the linkage engine,
//! explained in words, decided by people. Reads customers of a branch through
//! the network room and opens them in memory only; what is stored of a pair are
//! ids, a score and codes. Merging itself is in `merge`.

pub(crate) mod engine;
pub mod http;
pub mod jobs;
pub mod pairs;
pub mod records;
pub mod service;
pub(crate) mod store;
pub mod words;

use zf_base::{CustomerId, DuplicateId, MergeId, Timestamp, UnitId};
use zf_kernel::error::Result;
use zf_store::Row;

/// What has become of a pair.
pub const PAIR_STATES: [&str; 6] = ["open", "later", "rejected", "proposed", "merged", "gone"];

/// Two records that may be one person, seen from one branch.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The branch.
    pub unit_id: UnitId,
    /// Id; the same in both branches.
    pub id: DuplicateId,
    /// The record of this branch.
    pub own_id: CustomerId,
    /// The branch of the other record; may be the same.
    pub other_unit: UnitId,
    /// The other record.
    pub other_id: CustomerId,
    /// How alike, 0…1000.
    pub score: i64,
    /// Codes of why.
    pub reasons: Vec<String>,
    /// One of [`PAIR_STATES`].
    pub state: String,
    /// The merge it led to: the branch that keeps it, and its id.
    pub merge: Option<(UnitId, MergeId)>,
    /// When it was found.
    pub found_at: Timestamp,
    /// When somebody decided.
    pub decided_at: Option<Timestamp>,
    /// Who.
    pub decided_by_name: Option<String>,
}

impl Pair {
    pub(crate) fn read(row: &Row) -> Result<Pair> {
        let reasons: String = row.get(6)?;
        let (unit, merge): (Option<UnitId>, Option<MergeId>) = (row.get(8)?, row.get(9)?);
        Ok(Pair {
            unit_id: row.get(0)?,
            id: row.get(1)?,
            own_id: row.get(2)?,
            other_unit: row.get(3)?,
            other_id: row.get(4)?,
            score: row.get(5)?,
            reasons: serde_json::from_str(&reasons).unwrap_or_default(),
            state: row.get(7)?,
            merge: unit.zip(merge),
            found_at: row.get(10)?,
            decided_at: row.get(11)?,
            decided_by_name: row.get(12)?,
        })
    }
}
