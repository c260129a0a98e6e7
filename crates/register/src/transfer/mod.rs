//! Moves: customers to another branch, and the closing of a branch with all
//! that is in it. A move is two transactions per batch, first out of the old
//! branch (the row stays there, sealed), then into the new one, and a record of
//! how far it is: whoever finds it half done goes on, and nobody is ever in two
//! branches or in none without a sealed row. What custody keeps of a person
//! goes with them. Who is one person is not its business.

pub mod closing;
pub mod http;
pub mod jobs;
pub mod run;
pub mod service;
pub(crate) mod store;
pub mod trail;
pub mod words;

use zf_base::{Timestamp, TransferId, UnitId};
use zf_kernel::error::Result;
use zf_store::Row;

/// A move of customers to another branch.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The branch they leave.
    pub unit_id: UnitId,
    /// Id.
    pub id: TransferId,
    /// The branch they go to.
    pub to_unit: UnitId,
    /// `customer`, `household`, `village_group` or `unit`.
    pub kind: String,
    /// Code of the reason.
    pub reason: String,
    /// `running`, `done`, `undoing` or `undone`.
    pub state: String,
    /// Customers of the move.
    pub customers: i64,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by_name: String,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
    /// By whom.
    pub undone_by_name: Option<String>,
}

impl Transfer {
    fn read(row: &Row) -> Result<Transfer> {
        Ok(Transfer {
            unit_id: row.get(0)?,
            id: row.get(1)?,
            to_unit: row.get(2)?,
            kind: row.get(3)?,
            reason: row.get(4)?,
            state: row.get(5)?,
            customers: row.get(6)?,
            asked_at: row.get(7)?,
            asked_by_name: row.get(8)?,
            ended_at: row.get(9)?,
            undone_at: row.get(10)?,
            undone_by_name: row.get(11)?,
        })
    }
}
