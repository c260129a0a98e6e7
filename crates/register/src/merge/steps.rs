//! The steps of a merge inside a transaction of one branch. Each can be done
//! again: it finds out from the rows of its own branch whether it was done, so
//! a process that died between two transactions costs nothing.

use super::{Merge, Seat};
use crate::duplicate::pairs::{pairs_of_gone, pairs_of_returned};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitTx};
use zf_network::customer::past::{
    Fate, Former, Leaving, before_drop, before_fetch, before_keep, customer_put, customer_return,
    former_fetch, former_leave,
};
use zf_network::customer::standing;

fn not_here() -> KernelError {
    KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND)
}

/// The record that is not kept leaves its branch; none when it has left already.
pub(super) async fn leave(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    m: &Merge,
) -> Result<Option<Former>> {
    let Some(former) = former_fetch(tx, app, m.gone.id).await? else {
        return Ok(None);
    };
    let leaving = Leaving {
        fate: Fate::Merged,
        into: Some((m.kept.unit, m.kept.id)),
        reason: &m.reason,
        keep_snapshot: true,
    };
    former_leave(tx, app, ctx, &former, &leaving).await?;
    pairs_of_gone(tx, m.gone, m.pair).await?;
    standing::enqueue(tx, app, ctx, &[former.household_id]).await?;
    let detail = json!({ "merge": m.id.to_string(), "into": m.kept.id.to_string() });
    tx.record("customer.merge_away", "customer", m.gone.id, detail);
    Ok(Some(former))
}

/// The kept record takes what was chosen from the other.
pub(super) async fn take(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    m: &Merge,
    gone: &Former,
) -> Result<()> {
    if before_fetch(tx, app, m.id.uuid()).await?.is_some() {
        return Ok(());
    }
    let before = former_fetch(tx, app, m.kept.id).await?;
    let before = before.ok_or_else(not_here)?;
    before_keep(tx, app, ctx, m.id.uuid(), &before).await?;
    let after = merged(m, &before, gone).changed(ctx.actor.user_id, ctx.now);
    customer_put(tx, app, &after, before.rev).await?;
    standing::enqueue(tx, app, ctx, &[before.household_id]).await?;
    let detail =
        json!({ "merge": m.id.to_string(), "from": m.gone.id.to_string(), "fields": m.fields });
    tx.record("customer.merge", "customer", m.kept.id, detail);
    Ok(())
}

/// What the kept record is like after the merge.
pub(super) fn merged(m: &Merge, before: &Former, gone: &Former) -> Former {
    let mut after = before.clone();
    after.take(gone, &m.fields, m.within());
    after
}

/// The record that left comes back as it was.
pub(super) async fn come_back(tx: &mut UnitTx<'_>, app: &App, ctx: &Ctx, m: &Merge) -> Result<()> {
    if former_fetch(tx, app, m.gone.id).await?.is_some() {
        return Ok(());
    }
    let former = customer_return(tx, app, m.gone.id).await?;
    pairs_of_returned(tx, m.gone).await?;
    standing::enqueue(tx, app, ctx, &[former.household_id]).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_undo", "customer", m.gone.id, detail);
    Ok(())
}

/// The kept record is as it was before.
pub(super) async fn restore(tx: &mut UnitTx<'_>, app: &App, ctx: &Ctx, m: &Merge) -> Result<()> {
    let Some(before) = before_fetch(tx, app, m.id.uuid()).await? else {
        return Ok(());
    };
    let now = former_fetch(tx, app, m.kept.id).await?;
    let now = now.ok_or_else(|| KernelError::refused(ErrorCode::MERGE_STUCK))?;
    customer_put(tx, app, &before, now.rev).await?;
    before_drop(tx, m.id.uuid()).await?;
    standing::enqueue(tx, app, ctx, &[before.household_id]).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_undo", "customer", m.kept.id, detail);
    Ok(())
}

/// The branch of a merge beside its home; none when both records are in it.
pub(super) fn away(m: &Merge) -> Option<Seat> {
    [m.kept, m.gone].into_iter().find(|s| s.unit != m.unit_id)
}
