//! Leaving and coming back. The customer row, its tags and its sealed copy go
//! in one transaction of the branch, begun and told of by the caller; a row
//! that somebody changed meanwhile is not touched.

use super::super::Customer;
use super::former::FORMER_COLUMNS;
use super::store::*;
use super::{Fate, Former, Past};
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::keys::{SealedColumn, reseal_columns};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Row, params};
use zf_vault::Aad;

fn past_aad(unit: UnitId, id: CustomerId) -> Aad<'static> {
    Aad {
        table: "customer_past",
        column: "snapshot_sealed",
        unit: unit.uuid(),
        row: id.uuid(),
    }
}

fn before_aad(unit: UnitId, id: Uuid) -> Aad<'static> {
    Aad {
        table: "customer_before",
        column: "snapshot_sealed",
        unit: unit.uuid(),
        row: id,
    }
}

/// How a customer leaves.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    /// What becomes of them.
    pub fate: Fate,
    /// The kept record, or the record in the new branch.
    pub into: Option<(UnitId, CustomerId)>,
    /// Code of the reason; no free text.
    pub reason: &'a str,
    /// Keep the row sealed for a return; never for an erasure.
    pub keep_snapshot: bool,
}

/// The whole row of a customer as it stands in the transaction.
pub async fn former_fetch(
    tx: &mut UnitTx<'_>,
    app: &App,
    id: CustomerId,
) -> Result<Option<Former>> {
    let unit = tx.unit_id();
    let Some(row) = tx.query_opt(FORMER_BY_ID, params![id]).await? else {
        return Ok(None);
    };
    let mut former = Former::read(app, unit, &row)?;
    for row in tx.query(FORMER_TAGS, params![id]).await? {
        former.tag_rows.push((row.get(0)?, row.get(1)?));
    }
    Ok(Some(former))
}

/// Takes a customer out of the branch: the row with its tags is deleted, its
/// number is remembered, and with `keep_snapshot` the row stays sealed. The
/// household stays, also when it is empty now.
///
/// # Errors
/// `conflict` when somebody changed or took the customer since it was read.
pub async fn customer_leave(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    customer: &Customer,
    leaving: &Leaving<'_>,
) -> Result<Former> {
    let former = former_fetch(tx, app, customer.id).await?;
    let former = former
        .filter(|f| f.is_of(customer))
        .ok_or_else(|| KernelError::refused(ErrorCode::CONFLICT))?;
    former_leave(tx, app, ctx, &former, leaving).await?;
    Ok(former)
}

/// [`customer_leave`] for a row that was read in the same transaction.
pub async fn former_leave(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    former: &Former,
    leaving: &Leaving<'_>,
) -> Result<()> {
    let unit = tx.unit_id();
    let keep = leaving.keep_snapshot && leaving.fate != Fate::Erased;
    let sealed = match keep {
        true => Some(former.sealed(app, &past_aad(unit, former.id))?),
        false => None,
    };
    tx.exec(FORMER_TAGS_CLEAR, params![former.id]).await?;
    if leaving.fate == Fate::Erased {
        tx.exec(BEFORE_FORGET, params![former.id]).await?;
    }
    if tx
        .exec(FORMER_DELETE, params![former.id, former.rev])
        .await?
        == 0
    {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.exec(PAST_FORGET, params![former.id, former.customer_no.as_str()])
        .await?;
    let row = params![
        former.id,
        former.customer_no.as_str(),
        leaving.fate.as_str(),
        leaving.into.map(|(unit, _)| unit),
        leaving.into.map(|(_, id)| id),
        sealed,
        leaving.reason,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(PAST_ADD, row).await?;
    Ok(())
}

/// Puts a customer into the branch: one that comes from another branch, or one
/// that comes back. Household and village group must be there. A departure
/// that is remembered under the id or the number is over.
///
/// # Errors
/// `duplicate` when the branch has the number or the id already.
pub async fn customer_arrive(tx: &mut UnitTx<'_>, app: &App, former: &Former) -> Result<()> {
    let unit = tx.unit_id();
    tx.exec(PAST_FORGET, params![former.id, former.customer_no.as_str()])
        .await?;
    let row = former.row(app, unit);
    let put = tx.bulk("customer", FORMER_COLUMNS, vec![row]).await;
    put.map_err(|e| match e.code() {
        Some(code) if code == ErrorCode::CONFLICT.code => {
            KernelError::refused(ErrorCode::DUPLICATE)
        }
        _ => e,
    })?;
    tags_put(tx, former).await
}

async fn tags_put(tx: &mut UnitTx<'_>, former: &Former) -> Result<()> {
    for (tag, how) in &former.tag_rows {
        let row = params![tag.as_str(), former.id, how.as_str()];
        tx.exec(FORMER_TAG_ADD, row).await?;
    }
    Ok(())
}

/// Puts a customer back as it was, with the same id and number. Returns the row.
///
/// # Errors
/// `not_found` when nothing is kept of it, `duplicate` when its number is taken.
pub async fn customer_return(tx: &mut UnitTx<'_>, app: &App, id: CustomerId) -> Result<Former> {
    let unit = tx.unit_id();
    let gone = || KernelError::refused(ErrorCode::NOT_FOUND);
    let row = tx.query_opt(PAST_SNAPSHOT, params![id]).await?;
    let sealed: Option<Vec<u8>> = row.ok_or_else(gone)?.get(0)?;
    let former = Former::opened(app, &past_aad(unit, id), &sealed.ok_or_else(gone)?)?;
    customer_arrive(tx, app, &former).await?;
    Ok(former)
}

/// Writes a whole state over the customer that is there in revision `rev`;
/// the state's own revision and moments are stored as they are.
///
/// # Errors
/// `conflict` when the customer is not there in that revision.
pub async fn customer_put(tx: &mut UnitTx<'_>, app: &App, state: &Former, rev: i64) -> Result<()> {
    let unit = tx.unit_id();
    let mut row = params![state.id, rev];
    // After id and number, which stay.
    row.extend(state.row(app, unit).into_iter().skip(2));
    if tx.exec(FORMER_PUT, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.exec(FORMER_TAGS_CLEAR, params![state.id]).await?;
    tags_put(tx, state).await
}

fn read(row: &Row) -> Result<Past> {
    let fate: String = row.get(3)?;
    let (unit, id): (Option<UnitId>, Option<CustomerId>) = (row.get(4)?, row.get(5)?);
    Ok(Past {
        unit_id: row.get(0)?,
        id: row.get(1)?,
        customer_no: row.get(2)?,
        fate: Fate::from_stored(&fate)
            .ok_or_else(|| KernelError::Internal(format!("fate {fate}")))?,
        into: unit.zip(id),
        reason: row.get(6)?,
        at: row.get(7)?,
        by: row.get(8)?,
        by_name: row.get(9)?,
        can_return: row.get::<i64>(10)? == 1,
    })
}

/// One customer that has left the branch.
pub async fn past_fetch(app: &App, unit: UnitId, id: CustomerId) -> Result<Option<Past>> {
    let rows = app.read_unit(unit, PAST_BY_ID, params![id]).await?;
    rows.first().map(read).transpose()
}

/// All that have left a branch, by the bank's number: an import lets a merged
/// number count as the kept customer and refuses the others.
pub async fn past_numbers(app: &App, unit: UnitId) -> Result<HashMap<String, Past>> {
    let rows = app.read_unit(unit, PAST_LIST, params![]).await?;
    rows.iter()
        .map(|r| read(r).map(|p| (p.customer_no.clone(), p)))
        .collect()
}

/// The one that has left under a number of the bank's, as [`past_numbers`] has
/// it: whoever adds a customer by hand is refused the number.
pub async fn past_of_number(tx: &mut UnitTx<'_>, no: &str) -> Result<Option<Past>> {
    let row = tx.query_opt(PAST_BY_NO, params![no]).await?;
    row.as_ref().map(read).transpose()
}

/// The row of a customer that has left, as it was; none when nothing is kept.
pub async fn past_snapshot(app: &App, unit: UnitId, id: CustomerId) -> Result<Option<Former>> {
    let rows = app.read_unit(unit, PAST_SNAPSHOT, params![id]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let sealed: Option<Vec<u8>> = row.get(0)?;
    let opened = sealed.map(|s| Former::opened(app, &past_aad(unit, id), &s));
    opened.transpose()
}

/// Keeps the state of a customer under an id of the caller's (the merge's).
pub async fn before_keep(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    former: &Former,
) -> Result<()> {
    let sealed = former.sealed(app, &before_aad(tx.unit_id(), id))?;
    tx.exec(BEFORE_ADD, params![id, former.id, sealed, ctx.now])
        .await?;
    Ok(())
}

/// Forgets the state kept under an id.
pub async fn before_drop(tx: &mut UnitTx<'_>, id: Uuid) -> Result<()> {
    tx.exec(BEFORE_DROP, params![id]).await?;
    Ok(())
}

/// The state kept under an id, read outside of a transaction.
pub async fn before_read(app: &App, unit: UnitId, id: Uuid) -> Result<Option<Former>> {
    let rows = app.read_unit(unit, BEFORE_BY_ID, params![id]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let sealed: Vec<u8> = row.get(0)?;
    Ok(Some(Former::opened(app, &before_aad(unit, id), &sealed)?))
}

/// The whole row of a customer, read outside of a transaction.
pub async fn former_read(app: &App, unit: UnitId, id: CustomerId) -> Result<Option<Former>> {
    let rows = app.read_unit(unit, FORMER_BY_ID, params![id]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut former = Former::read(app, unit, row)?;
    for row in app.read_unit(unit, FORMER_TAGS, params![id]).await? {
        former.tag_rows.push((row.get(0)?, row.get(1)?));
    }
    Ok(Some(former))
}

/// The state kept under an id; none when it is gone.
pub async fn before_fetch(tx: &mut UnitTx<'_>, app: &App, id: Uuid) -> Result<Option<Former>> {
    let unit = tx.unit_id();
    let Some(row) = tx.query_opt(BEFORE_BY_ID, params![id]).await? else {
        return Ok(None);
    };
    let sealed: Vec<u8> = row.get(0)?;
    Ok(Some(Former::opened(app, &before_aad(unit, id), &sealed)?))
}

const PAST: SealedColumn = SealedColumn {
    table: "customer_past",
    column: "snapshot_sealed",
    read: PAST_SEALED,
    write: PAST_RESEAL,
};
const BEFORE: SealedColumn = SealedColumn {
    table: "customer_before",
    column: "snapshot_sealed",
    read: BEFORE_SEALED,
    write: BEFORE_RESEAL,
};

/// Seals the rows kept in a unit under the current keys; how many had to be.
pub(in super::super) async fn past_reseal(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    reseal_columns(app, ctx, scope, &[&PAST, &BEFORE]).await
}

/// Kind of the job that follows an erasure to every place where the record has
/// been, its last branch included: `{"customer_id", "household_id"}`. Every
/// room that keeps something of people adds its part.
pub const ERASE_BEFORE: &str = "customer.erase_before";

/// Every place where a record that is erased has been before: the branches it
/// came from, and the records that were merged into it, with theirs.
///
/// # Errors
/// Only the database.
pub async fn places_before(app: &App, id: CustomerId) -> Result<Vec<(UnitId, CustomerId)>> {
    let mut places = Vec::new();
    let mut ids = vec![id];
    let mut next = 0;
    while let Some(id) = ids.get(next).copied() {
        next += 1;
        for row in app.db.query(PAST_ANYWHERE, params![id]).await? {
            let place: (UnitId, CustomerId) = (row.get(0)?, row.get(1)?);
            if !places.contains(&place) {
                places.push(place);
            }
            if !ids.contains(&place.1) {
                ids.push(place.1);
            }
        }
    }
    Ok(places)
}

/// Takes everything sealed that the transaction's branch keeps of a record that
/// was here once and is erased. Returns how many rows held something.
///
/// # Errors
/// Only the database.
pub async fn past_erase(tx: &mut UnitTx<'_>, id: CustomerId) -> Result<u64> {
    let rows = tx.exec(PAST_ERASE, params![id]).await?;
    Ok(rows + tx.exec(BEFORE_FORGET, params![id]).await?)
}
