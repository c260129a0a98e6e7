//! Two records made one, and taken apart again. One record is kept with chosen
//! values, the other leaves its branch; both stay as they were, sealed, so that
//! the way back gives the same rows. Across branches it is two transactions
//! with a record of how far it is: whoever finds it half done goes on. Nothing
//! is merged unasked; which records are alike is known to `duplicate`.

pub mod http;
pub mod jobs;
pub mod service;
mod steps;
pub(crate) mod store;

use zf_base::{CustomerId, DuplicateId, MergeId, Timestamp, UnitId};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_fetch;
use zf_store::Row;

/// After every moment there will be: the year 9999.
pub(crate) const NEWEST: Timestamp = Timestamp(253_402_300_799_000_000);

/// A record in a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The branch.
    pub unit: UnitId,
    /// The customer.
    pub id: CustomerId,
}

/// How far a merge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// One branch wants it, the other has not answered.
    Proposed,
    /// The other branch says no.
    Refused,
    /// To be done, or half done.
    Agreed,
    /// Done.
    Done,
    /// To be taken back, or half taken back.
    Undoing,
    /// Taken back.
    Undone,
    /// Could not be done: a record was gone; both are as they were.
    Failed,
}

const STATES: [(State, &str); 7] = [
    (State::Proposed, "proposed"),
    (State::Refused, "refused"),
    (State::Agreed, "agreed"),
    (State::Done, "done"),
    (State::Undoing, "undoing"),
    (State::Undone, "undone"),
    (State::Failed, "failed"),
];

impl State {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(s, _)| *s == self).map_or("", |s| s.1)
    }

    fn from_stored(text: &str) -> Result<State> {
        let known = STATES.iter().find(|(_, t)| *t == text).map(|s| s.0);
        known.ok_or_else(|| KernelError::Internal(format!("merge state {text}")))
    }
}

/// Two records made one.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The branch that keeps this record of the merge.
    pub unit_id: UnitId,
    /// Id.
    pub id: MergeId,
    /// The pair it came from.
    pub pair: Option<DuplicateId>,
    /// The record that stays.
    pub kept: Seat,
    /// The record that leaves.
    pub gone: Seat,
    /// Fields taken from the record that leaves.
    pub fields: Vec<String>,
    /// How far it is.
    pub state: State,
    /// Code of the reason.
    pub reason: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by_name: String,
    /// Who agreed.
    pub agreed_by_name: Option<String>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
    /// By whom.
    pub undone_by_name: Option<String>,
}

impl Merge {
    fn read(row: &Row) -> Result<Merge> {
        let fields: String = row.get(7)?;
        let state: String = row.get(8)?;
        Ok(Merge {
            unit_id: row.get(0)?,
            id: row.get(1)?,
            pair: row.get(2)?,
            kept: Seat {
                unit: row.get(3)?,
                id: row.get(4)?,
            },
            gone: Seat {
                unit: row.get(5)?,
                id: row.get(6)?,
            },
            fields: serde_json::from_str(&fields).unwrap_or_default(),
            state: State::from_stored(&state)?,
            reason: row.get(9)?,
            asked_at: row.get(10)?,
            asked_by_name: row.get(11)?,
            agreed_by_name: row.get(12)?,
            done_at: row.get(13)?,
            undone_at: row.get(14)?,
            undone_by_name: row.get(15)?,
        })
    }

    /// Both records are of one branch.
    pub fn within(&self) -> bool {
        self.kept.unit == self.gone.unit
    }
}

/// The lowest unit that has both below it (or is both): the subtree a job over
/// two branches works on.
pub(crate) async fn common_root(app: &App, a: UnitId, b: UnitId) -> Result<Unit> {
    let (a, b) = (unit_fetch(app, a).await?, unit_fetch(app, b).await?);
    let mut at = a;
    while !b.path.starts_with(&at.path) {
        let above = at.parent_id;
        let none = || KernelError::Internal("two units without a common one above".to_owned());
        at = unit_fetch(app, above.ok_or_else(none)?).await?;
    }
    Ok(at)
}
