//! The steps of a merge inside a transaction of one branch. Each can be done
//! again: it finds out from the rows of its own branch whether it was done, so
//! a process that died between two transactions costs nothing. Across branches
//! the papers of custody go to the kept record and come back with the other;
//! inside a branch they stay where they are and are found over the merge.

use super::store::*;
use super::{Merge, Seat};
use crate::duplicate::pairs::{pairs_of_gone, pairs_of_returned};
use crate::transfer::trail::{trail_drop, trail_put};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{SourceId, Timestamp, UnitId};
use zf_custody::belongings::{leaves, returns, stays};
use zf_custody::request::papers::{
    PaperIds, Papers, papers_hold_of, papers_pack, papers_pack_of, papers_strip, papers_take_away,
    papers_unpack,
};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitTx};
use zf_network::customer::past::{
    Fate, Former, Leaving, before_drop, before_fetch, before_keep, customer_put, customer_return,
    former_fetch, former_leave,
};
use zf_network::customer::source::moves::{SourceBag, field_give_back, field_take, sources_pack};
use zf_network::customer::standing;
use zf_store::params;

/// Fields whose value is one or the other record's, so that their source goes
/// with it. The rest is united or stays.
const SOURCED: [&str; 10] = [
    "name",
    "phone",
    "id_number",
    "address",
    "notes",
    "occupation",
    "balance_band",
    "deposit_due_day",
    "insurance_due_day",
    "place",
];

/// What the record that leaves brings along beside its row.
#[derive(Clone, Debug, Default)]
pub(super) struct Brought {
    sources: SourceBag,
    /// Of another branch only.
    papers: Papers,
}

/// Reads it from the branch of the record that leaves.
pub(super) async fn brought(app: &App, m: &Merge, gone: &Former) -> Result<Brought> {
    let unit: UnitId = m.gone.unit;
    Ok(Brought {
        sources: sources_pack(app, unit, m.gone.id, gone.source_id()).await?,
        papers: match m.within() {
            true => Papers::default(),
            false => papers_pack(app, unit, m.gone.id).await?,
        },
    })
}

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
    if !m.within() {
        leaves(tx, ctx, m.gone.id).await?;
    }
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
    with: &Brought,
) -> Result<()> {
    if before_fetch(tx, app, m.id.uuid()).await?.is_some() {
        return Ok(());
    }
    let before = former_fetch(tx, app, m.kept.id).await?;
    let before = before.ok_or_else(not_here)?;
    before_keep(tx, app, ctx, m.id.uuid(), &before).await?;
    let after = merged(m, &before, gone).changed(ctx.actor.user_id, ctx.now);
    customer_put(tx, app, &after, before.rev).await?;
    for field in m.fields.iter().filter(|f| SOURCED.contains(&f.as_str())) {
        let own = before.source_id();
        let had = field_take(tx, m.kept.id, own, field, &with.sources, ctx.now).await?;
        let (source, at) = had.unzip();
        tx.exec(MERGE_SOURCE_ADD, params![m.id, field.as_str(), source, at])
            .await?;
    }
    papers_unpack(tx, app, m.kept.id, &with.papers).await?;
    trail_put(tx, m.kept.id, m.gone, ctx.now).await?;
    standing::enqueue(tx, app, ctx, &[before.household_id]).await?;
    let (consents, requests) = with.papers.counts();
    let detail = json!({ "merge": m.id.to_string(), "from": m.gone.id.to_string(), "fields": m.fields, "consents": consents, "requests": requests });
    tx.record("customer.merge", "customer", m.kept.id, detail);
    Ok(())
}

/// What the kept record is like after the merge.
pub(super) fn merged(m: &Merge, before: &Former, gone: &Former) -> Former {
    let mut after = before.clone();
    after.take(gone, &m.fields, m.within());
    after
}

/// The papers have arrived: in the branch that was left a trace stays.
pub(super) async fn strip(tx: &mut UnitTx<'_>, m: &Merge) -> Result<()> {
    papers_strip(tx, m.gone.id).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_away", "customer", m.gone.id, detail);
    Ok(())
}

/// Which papers of the kept record came with the other one: those that have
/// left a trace there. None for a merge inside a branch.
pub(super) async fn papers_of_gone(app: &App, m: &Merge) -> Result<PaperIds> {
    if m.within() {
        return Ok(PaperIds::default());
    }
    let traces = papers_pack(app, m.gone.unit, m.gone.id).await?;
    Ok(traces.ids())
}

/// Nobody answers the requests that go back, from now on.
pub(super) async fn hold(tx: &mut UnitTx<'_>, m: &Merge, ids: &PaperIds) -> Result<()> {
    papers_hold_of(tx, ids).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_undo", "customer", m.kept.id, detail);
    Ok(())
}

/// The papers that go back, as they are now in the branch of the kept record.
pub(super) async fn papers_now(app: &App, m: &Merge, ids: &PaperIds) -> Result<Papers> {
    papers_pack_of(app, m.kept.unit, ids).await
}

/// The record that left comes back as it was, with what became of its papers;
/// none when they have not left its branch.
pub(super) async fn come_back(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    m: &Merge,
    papers: Option<&Papers>,
) -> Result<()> {
    if former_fetch(tx, app, m.gone.id).await?.is_some() {
        return Ok(());
    }
    let former = customer_return(tx, app, m.gone.id).await?;
    match papers {
        Some(papers) => {
            papers_unpack(tx, app, m.gone.id, papers).await?;
            returns(tx, m.gone.id, false).await?;
        }
        None if !m.within() => stays(tx, m.gone.id).await?,
        None => {}
    }
    pairs_of_returned(tx, m.gone).await?;
    standing::enqueue(tx, app, ctx, &[former.household_id]).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_undo", "customer", m.gone.id, detail);
    Ok(())
}

/// The kept record is as it was before; what came with the other is gone.
pub(super) async fn restore(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    m: &Merge,
    ids: &PaperIds,
) -> Result<()> {
    let Some(before) = before_fetch(tx, app, m.id.uuid()).await? else {
        return Ok(());
    };
    let now = former_fetch(tx, app, m.kept.id).await?;
    let now = now.ok_or_else(|| KernelError::refused(ErrorCode::MERGE_STUCK))?;
    customer_put(tx, app, &before, now.rev).await?;
    before_drop(tx, m.id.uuid()).await?;
    for row in tx.query(MERGE_SOURCES, params![m.id]).await? {
        let (field, source, at): (String, Option<SourceId>, Option<Timestamp>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        field_give_back(tx, m.kept.id, &field, source.zip(at)).await?;
    }
    tx.exec(MERGE_SOURCES_DROP, params![m.id]).await?;
    papers_take_away(tx, ids).await?;
    trail_drop(tx, m.kept.id, m.gone).await?;
    standing::enqueue(tx, app, ctx, &[before.household_id]).await?;
    let detail = json!({ "merge": m.id.to_string() });
    tx.record("customer.merge_undo", "customer", m.kept.id, detail);
    Ok(())
}

/// The branch of a merge beside its home; none when both records are in it.
pub(super) fn away(m: &Merge) -> Option<Seat> {
    [m.kept, m.gone].into_iter().find(|s| s.unit != m.unit_id)
}
