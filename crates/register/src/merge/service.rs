//! Asking for a merge, doing it, taking it back. What happens inside a branch
//! is in `steps`; here is the order over one or two branches, written down
//! before it begins, and who may.

use super::store::*;
use super::{Merge, Seat, State, common_root, jobs, steps};
use crate::duplicate::pairs;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{DuplicateId, MergeId, Timestamp, UnitId, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::past::{MERGE_FIELDS, before_read, former_read, past_snapshot};
use zf_store::params;

/// What somebody wants.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The record that stays.
    pub kept: Seat,
    /// The record that leaves.
    pub gone: Seat,
    /// The pair it comes from.
    pub pair: Option<DuplicateId>,
    /// Fields taken from the record that leaves, of [`MERGE_FIELDS`].
    pub fields: Vec<String>,
    /// Code of the reason.
    pub reason: String,
}

/// One merge.
pub async fn merge_fetch(app: &App, home: UnitId, id: MergeId) -> Result<Merge> {
    let rows = app.read_unit(home, MERGE_BY_ID, params![id]).await?;
    match rows.first() {
        Some(row) => Merge::read(row),
        None => Err(KernelError::refused(ErrorCode::NOT_FOUND)),
    }
}

/// Merges kept by a branch, the newest first, older than a moment and id.
pub async fn merge_list(
    app: &App,
    scope: &UnitScope,
    before: (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Merge>> {
    let p = params![before.0, before.1, limit];
    let rows = app.read_unit(scope.unit_id(), MERGE_LIST, p).await?;
    rows.iter().map(Merge::read).collect()
}

/// The bank's number of a record of a merge; none when it is gone for good,
/// or when the actor may not read the customers of its branch.
pub async fn number_of(app: &App, ctx: &Ctx, seat: Seat) -> Result<Option<String>> {
    match scope_of(app, ctx, Permission::CustomerRead, seat.unit).await {
        Ok(_) => {}
        Err(e) if e.code() == Some(ErrorCode::NOT_FOUND.code) => return Ok(None),
        Err(e) => return Err(e),
    }
    let rows = app
        .read_unit(seat.unit, MERGE_NUMBER, params![seat.id])
        .await?;
    Ok(rows.first().map(|row| row.get(0)).transpose()?)
}

/// May the actor decide in both branches?
async fn holds_both(app: &App, ctx: &Ctx, a: UnitId, b: UnitId) -> Result<bool> {
    for unit in [a, b] {
        match scope_of(app, ctx, Permission::CustomerMerge, unit).await {
            Ok(_) => {}
            Err(e) if e.code() == Some(ErrorCode::NOT_FOUND.code) => return Ok(false),
            Err(e) => return Err(e),
        }
    }
    Ok(true)
}

/// Asks for a merge; `scope` is one of the two branches. Whoever may decide in
/// both has it done at once, else the other branch is asked.
///
/// # Errors
/// `customer.not_found` when a record is not there any more.
pub async fn merge_ask(app: &App, ctx: &Ctx, scope: &UnitScope, asked: &Asked) -> Result<Merge> {
    if asked.kept == asked.gone {
        return Err(KernelError::field("keep", "field.not_in_list"));
    }
    if asked
        .fields
        .iter()
        .any(|f| !MERGE_FIELDS.contains(&f.as_str()))
    {
        return Err(KernelError::field("take", "field.not_in_list"));
    }
    for seat in [asked.kept, asked.gone] {
        if former_read(app, seat.unit, seat.id).await?.is_none() {
            return Err(KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND));
        }
    }
    let both = holds_both(app, ctx, asked.kept.unit, asked.gone.unit).await?;
    let home = match both {
        true => scope_of(app, ctx, Permission::CustomerMerge, asked.kept.unit).await?,
        false => scope.clone(),
    };
    let id = MergeId(app.new_id());
    again(app, || ask(app, ctx, &home, asked, id, both)).await?;
    match both {
        true => merge_run(app, ctx, home.unit_id(), id).await,
        false => merge_fetch(app, home.unit_id(), id).await,
    }
}

async fn ask(
    app: &App,
    ctx: &Ctx,
    home: &UnitScope,
    asked: &Asked,
    id: MergeId,
    agreed: bool,
) -> Result<()> {
    let state = if agreed {
        State::Agreed
    } else {
        State::Proposed
    };
    let mut tx = UnitTx::begin(app, ctx, home).await?;
    let row = params![
        id,
        asked.pair,
        asked.kept.unit,
        asked.kept.id,
        asked.gone.unit,
        asked.gone.id,
        json!(asked.fields).to_string(),
        state.as_str(),
        asked.reason.as_str(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str(),
        agreed.then_some(ctx.now),
        agreed.then_some(ctx.actor.name.as_str())
    ];
    tx.exec(MERGE_ADD, row).await?;
    if let Some(pair) = asked.pair {
        pairs::pair_merge(&mut tx, ctx, pair, "proposed", (home.unit_id(), id)).await?;
    }
    let detail = json!({ "kept": asked.kept.id.to_string(), "gone": asked.gone.id.to_string(), "fields": asked.fields });
    tx.record("customer.merge_ask", "merge", id, detail);
    enqueue(&mut tx, app, ctx, (asked.kept.unit, asked.gone.unit), id).await?;
    tx.commit().await
}

/// The job that goes on with a merge when nobody else does.
async fn enqueue(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    units: (UnitId, UnitId),
    id: MergeId,
) -> Result<()> {
    let root = common_root(app, units.0, units.1).await?;
    let args = json!({ "unit_id": tx.unit_id(), "merge_id": id });
    let job = NewJob::new(jobs::MERGE, root.id, args);
    job_enqueue_in(tx, app, ctx, &job).await?;
    Ok(())
}

/// Goes on with a merge wherever it stands, to its end. The context must reach
/// both branches: an actor who may decide in both, or the job.
pub async fn merge_run(app: &App, ctx: &Ctx, home: UnitId, id: MergeId) -> Result<Merge> {
    let m = merge_fetch(app, home, id).await?;
    match m.state {
        State::Agreed => forward(app, ctx, &m).await?,
        State::Undoing => backward(app, ctx, &m).await?,
        State::Proposed => tell_other(app, ctx, &m, "proposed").await?,
        State::Refused => tell_other(app, ctx, &m, "rejected").await?,
        State::Done | State::Undone | State::Failed => {}
    }
    merge_fetch(app, home, id).await
}

async fn scope(app: &App, ctx: &Ctx, unit: UnitId) -> Result<UnitScope> {
    scope_of(app, ctx, Permission::CustomerMerge, unit).await
}

async fn forward(app: &App, ctx: &Ctx, m: &Merge) -> Result<()> {
    if m.within() {
        let here = scope(app, ctx, m.unit_id).await?;
        let done = again(app, || within(app, ctx, &here, m)).await;
        return match done {
            Err(e) if e.code() == Some(ErrorCode::CUSTOMER_NOT_FOUND.code) => {
                finish(app, ctx, m, State::Failed, "open").await
            }
            other => other,
        };
    }
    let gone_at = scope(app, ctx, m.gone.unit).await?;
    let kept_at = scope(app, ctx, m.kept.unit).await?;
    if !can_begin(app, m).await? {
        return finish(app, ctx, m, State::Failed, "open").await;
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &gone_at).await?;
        steps::leave(&mut tx, app, ctx, m).await?;
        tx.commit().await
    })
    .await?;
    let lost = || KernelError::Internal("a merged record left without its row".to_owned());
    let gone = past_snapshot(app, m.gone.unit, m.gone.id).await?;
    let gone = gone.ok_or_else(lost)?;
    let with = steps::brought(app, m, &gone).await?;
    let taken = again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &kept_at).await?;
        steps::take(&mut tx, app, ctx, m, &gone, &with).await?;
        tx.commit().await
    })
    .await;
    match taken {
        Ok(()) => {
            again(app, || async {
                let mut tx = UnitTx::begin(app, ctx, &gone_at).await?;
                steps::strip(&mut tx, m).await?;
                tx.commit().await
            })
            .await?;
            finish(app, ctx, m, State::Done, "merged").await
        }
        // The kept one went away in between: the other comes back.
        Err(e) if e.code() == Some(ErrorCode::CUSTOMER_NOT_FOUND.code) => {
            again(app, || async {
                let mut tx = UnitTx::begin(app, ctx, &gone_at).await?;
                steps::come_back(&mut tx, app, ctx, m, None).await?;
                tx.commit().await
            })
            .await?;
            finish(app, ctx, m, State::Failed, "open").await
        }
        Err(e) => Err(e),
    }
}

/// The kept record is there, and the other is or has left into it.
async fn can_begin(app: &App, m: &Merge) -> Result<bool> {
    use zf_network::customer::past::past_fetch;
    if before_read(app, m.kept.unit, m.id.uuid()).await?.is_some() {
        return Ok(true);
    }
    if former_read(app, m.gone.unit, m.gone.id).await?.is_none() {
        let past = past_fetch(app, m.gone.unit, m.gone.id).await?;
        return Ok(past.is_some_and(|p| p.into == Some((m.kept.unit, m.kept.id)) && p.can_return));
    }
    Ok(former_read(app, m.kept.unit, m.kept.id).await?.is_some())
}

/// A merge inside a branch is one transaction.
async fn within(app: &App, ctx: &Ctx, here: &UnitScope, m: &Merge) -> Result<()> {
    let not_here = || KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND);
    let gone = former_read(app, m.gone.unit, m.gone.id).await?;
    let with = steps::brought(app, m, &gone.ok_or_else(not_here)?).await?;
    let mut tx = UnitTx::begin(app, ctx, here).await?;
    let gone = steps::leave(&mut tx, app, ctx, m).await?;
    let gone = gone.ok_or_else(not_here)?;
    steps::take(&mut tx, app, ctx, m, &gone, &with).await?;
    close(&mut tx, ctx, m, State::Done, "merged").await?;
    tx.commit().await
}

/// Writes the end into the home's rows.
async fn close(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    m: &Merge,
    state: State,
    pair_state: &str,
) -> Result<()> {
    let n = match state {
        State::Done => tx.exec(MERGE_DONE, params![m.id, ctx.now]).await?,
        State::Undone => tx.exec(MERGE_UNDONE, params![m.id, ctx.now]).await?,
        _ => {
            let p = params![m.id, m.state.as_str(), state.as_str()];
            tx.exec(MERGE_STATE, p).await?
        }
    };
    if let Some(pair) = m.pair {
        pairs::pair_merge(tx, ctx, pair, pair_state, (m.unit_id, m.id)).await?;
    }
    if n > 0 {
        let detail = json!({ "state": state.as_str() });
        tx.record("customer.merge_state", "merge", m.id, detail);
    }
    Ok(())
}

/// Writes the end into both branches: the other's pair first, so that a merge
/// whose end is written has nothing left to do.
async fn finish(app: &App, ctx: &Ctx, m: &Merge, state: State, pair_state: &str) -> Result<()> {
    tell_other(app, ctx, m, pair_state).await?;
    let home = scope(app, ctx, m.unit_id).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &home).await?;
        close(&mut tx, ctx, m, state, pair_state).await?;
        // The pair alone changes when a try before has written the rest.
        tx.record(
            "duplicate.decide",
            "merge",
            m.id,
            json!({ "state": pair_state }),
        );
        tx.commit().await
    })
    .await
}

/// The pair in the branch beside the home.
async fn tell_other(app: &App, ctx: &Ctx, m: &Merge, pair_state: &str) -> Result<()> {
    let (Some(other), Some(pair)) = (steps::away(m), m.pair) else {
        return Ok(());
    };
    let there = scope(app, ctx, other.unit).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &there).await?;
        pairs::pair_merge(&mut tx, ctx, pair, pair_state, (m.unit_id, m.id)).await?;
        tx.record(
            "duplicate.decide",
            "merge",
            m.id,
            json!({ "state": pair_state }),
        );
        tx.commit().await
    })
    .await
}

/// The other branch answers a proposal; `name` is who agreed or refused.
pub async fn merge_answer(
    app: &App,
    ctx: &Ctx,
    home: UnitId,
    id: MergeId,
    yes: bool,
    name: &str,
) -> Result<Merge> {
    let at = scope(app, ctx, home).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &at).await?;
        let n = match yes {
            true => tx.exec(MERGE_AGREE, params![id, ctx.now, name]).await?,
            false => {
                let p = params![id, State::Proposed.as_str(), State::Refused.as_str()];
                tx.exec(MERGE_STATE, p).await?
            }
        };
        if n > 0 {
            let detail = json!({ "yes": yes });
            tx.record("customer.merge_answer", "merge", id, detail);
        }
        tx.commit().await
    })
    .await?;
    merge_run(app, ctx, home, id).await
}

/// Fields that were changed after the merge and would go back with it.
pub async fn changed_since(app: &App, m: &Merge) -> Result<Vec<&'static str>> {
    let stuck = || KernelError::refused(ErrorCode::MERGE_STUCK);
    let before = before_read(app, m.kept.unit, m.id.uuid()).await?;
    let gone = past_snapshot(app, m.gone.unit, m.gone.id).await?;
    let now = former_read(app, m.kept.unit, m.kept.id).await?;
    let (before, gone, now) = (
        before.ok_or_else(stuck)?,
        gone.ok_or_else(stuck)?,
        now.ok_or_else(stuck)?,
    );
    if now.rev == before.rev + 1 {
        return Ok(vec![]);
    }
    Ok(steps::merged(m, &before, &gone).differing(&now))
}

/// Takes a merge back: both rows are as they were before it.
///
/// # Errors
/// `merge.changed` (with the fields) when the kept record was changed after the
/// merge and `lose_changes` is not set; `merge.stuck` when it has left itself;
/// `duplicate` when the other's number is taken.
pub async fn merge_undo(
    app: &App,
    ctx: &Ctx,
    home: UnitId,
    id: MergeId,
    lose_changes: bool,
) -> Result<Merge> {
    let m = merge_fetch(app, home, id).await?;
    // Taking back touches both branches, so it needs the right on both.
    for seat in [m.kept, m.gone] {
        scope(app, ctx, seat.unit).await?;
    }
    match m.state {
        State::Undoing => return merge_run(app, ctx, home, id).await,
        State::Done => {}
        _ => return Err(KernelError::refused(ErrorCode::CONFLICT)),
    }
    let lost = changed_since(app, &m).await?;
    if !lost.is_empty() && !lose_changes {
        let names: Vec<&str> = lost.into_iter().map(super::http::field_name).collect();
        let refused = KernelError::refused(ErrorCode::MERGE_CHANGED);
        return Err(refused.with("fields", names.join("、"))); // not shown: separator of a list
    }
    let at = scope(app, ctx, home).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &at).await?;
        let p = params![id, ctx.actor.name.as_str()];
        if tx.exec(MERGE_UNDO, p).await? > 0 {
            tx.record(
                "customer.merge_undo",
                "merge",
                id,
                json!({ "lost": lose_changes }),
            );
            enqueue(&mut tx, app, ctx, (m.kept.unit, m.gone.unit), id).await?;
        }
        tx.commit().await
    })
    .await?;
    merge_run(app, ctx, home, id).await
}

async fn backward(app: &App, ctx: &Ctx, m: &Merge) -> Result<()> {
    let ids = steps::papers_of_gone(app, m).await?;
    if m.within() {
        let here = scope(app, ctx, m.unit_id).await?;
        return again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, &here).await?;
            steps::come_back(&mut tx, app, ctx, m, None).await?;
            steps::restore(&mut tx, app, ctx, m, &ids).await?;
            close(&mut tx, ctx, m, State::Undone, "open").await?;
            tx.commit().await
        })
        .await;
    }
    let gone_at = scope(app, ctx, m.gone.unit).await?;
    let kept_at = scope(app, ctx, m.kept.unit).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &kept_at).await?;
        steps::hold(&mut tx, m, &ids).await?;
        tx.commit().await
    })
    .await?;
    let papers = steps::papers_now(app, m, &ids).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &gone_at).await?;
        steps::come_back(&mut tx, app, ctx, m, Some(&papers)).await?;
        tx.commit().await
    })
    .await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, &kept_at).await?;
        steps::restore(&mut tx, app, ctx, m, &ids).await?;
        tx.commit().await
    })
    .await?;
    finish(app, ctx, m, State::Undone, "open").await
}
