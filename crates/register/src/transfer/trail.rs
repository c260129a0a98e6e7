//! Where the history of a record lies: its own branch, the branches it came
//! from, the records that were merged into it. Written when it arrives, read by
//! the timeline. The chains themselves stay where they were written; what they
//! say is not known here.

use crate::merge::Seat;
use std::collections::HashSet;
use zf_base::{CustomerId, Timestamp, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{params, statements};

statements! {
    /// A record came from somewhere; the last time counts.
    TRAIL_PUT: unit = "INSERT INTO customer_trail (unit_id, customer_id, from_unit, from_id, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit_id, customer_id, from_unit, from_id) DO UPDATE SET at = excluded.at";
    /// It has gone back there.
    TRAIL_DROP: unit = "DELETE FROM customer_trail WHERE unit_id = $1 AND customer_id = $2 AND from_unit = $3 AND from_id = $4";
    /// Where a record came from.
    TRAIL_OF: unit = "SELECT from_unit, from_id, at FROM customer_trail WHERE unit_id = $1 AND customer_id = $2 ORDER BY at DESC";
}

/// Most steps back: a record that has moved more often shows its latest ones.
const STEPS: usize = 50;

/// A place where the history of a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The branch.
    pub unit: UnitId,
    /// The record there.
    pub id: CustomerId,
    /// Until when it was there; none = it is there now.
    pub until: Option<Timestamp>,
}

/// Notes where a record of the transaction's branch came from.
///
/// # Errors
/// Only the database.
pub async fn trail_put(
    tx: &mut UnitTx<'_>,
    id: CustomerId,
    from: Seat,
    at: Timestamp,
) -> Result<()> {
    tx.exec(TRAIL_PUT, params![id, from.unit, from.id, at])
        .await?;
    Ok(())
}

/// Forgets it: a merge was taken back.
///
/// # Errors
/// Only the database.
pub async fn trail_drop(tx: &mut UnitTx<'_>, id: CustomerId, from: Seat) -> Result<()> {
    tx.exec(TRAIL_DROP, params![id, from.unit, from.id]).await?;
    Ok(())
}

/// All places where the history of a record lies, its own first.
///
/// # Errors
/// Only the database.
pub async fn trail(app: &App, unit: UnitId, id: CustomerId) -> Result<Vec<Step>> {
    let mut seen = HashSet::from([(unit, id)]);
    let mut steps = vec![Step {
        unit,
        id,
        until: None,
    }];
    let mut next = 0;
    while let Some(step) = steps.get(next).copied() {
        next += 1;
        for row in app.read_unit(step.unit, TRAIL_OF, params![step.id]).await? {
            let (unit, id, at) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if steps.len() < STEPS && seen.insert((unit, id)) {
                let until = Some(at);
                steps.push(Step { unit, id, until });
            }
        }
    }
    Ok(steps)
}
