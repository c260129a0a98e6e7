//! Asking for a move, looking at moves, taking one back. The move itself is in
//! `run`.
//! It begins transactions of one unit at a time and knows no HTTP.

use super::store::*;
use super::{Transfer, jobs, run, words};
use crate::merge::common_root;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::{
    CustomerId, HouseholdId, Timestamp, TransferId, UnitId, Uuid, VillageGroupId, limits,
};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::NewJob;
use zf_kernel::job::service::job_enqueue_in;
use zf_kernel::unit::Level;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, params};

/// Whom to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// These customers.
    Customers(Vec<CustomerId>),
    /// A household with all its members.
    Household(HouseholdId),
    /// A village group with all its customers.
    VillageGroup(VillageGroupId),
    /// Everybody in the branch.
    All,
}

impl Who {
    fn kind(&self) -> &'static str {
        match self {
            Who::Customers(_) => "customer",
            Who::Household(_) => "household",
            Who::VillageGroup(_) => "village_group",
            Who::All => "unit",
        }
    }
}

/// A move somebody wants.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whom.
    pub who: Who,
    /// The branch they go to.
    pub to: UnitId,
    /// Code of the reason.
    pub reason: String,
    /// The closing it is part of: whose number is taken there stays for later.
    pub closing: Option<Uuid>,
}

/// What a move would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Customers that would move.
    pub customers: Vec<CustomerId>,
    /// How many of them have a number that the other branch has already.
    pub taken: usize,
}

/// Moves of at most so many customers are done while the caller waits.
const AT_ONCE: usize = 200;

fn ids(rows: &[Row]) -> Result<Vec<(CustomerId, String)>> {
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

async fn people(app: &App, unit: UnitId, who: &Who) -> Result<Vec<(CustomerId, String)>> {
    let rows = match who {
        Who::All => app.read_unit(unit, IDS_ALL, params![]).await?,
        Who::Household(id) => app.read_unit(unit, IDS_OF_HOUSEHOLD, params![*id]).await?,
        Who::VillageGroup(id) => app.read_unit(unit, IDS_OF_GROUP, params![*id]).await?,
        Who::Customers(list) => {
            let mut rows = Vec::with_capacity(list.len());
            for id in list {
                let found = app.read_unit(unit, IDS_OF_CUSTOMER, params![*id]).await?;
                if found.is_empty() {
                    return Err(KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND));
                }
                rows.extend(found);
            }
            rows
        }
    };
    ids(&rows)
}

/// The branch customers may go to.
pub(super) async fn target(app: &App, ctx: &Ctx, from: UnitId, to: UnitId) -> Result<UnitScope> {
    let wrong = || KernelError::field("to_unit_id", "field.not_in_list");
    let scope = scope_of(app, ctx, Permission::CustomerTransfer, to).await?;
    let unit = scope.unit();
    if unit.id == from || unit.level != Level::Branch || !unit.active {
        return Err(wrong());
    }
    Ok(scope)
}

/// What a move would do; changes nothing.
pub async fn preview(app: &App, ctx: &Ctx, from: &UnitScope, asked: &Asked) -> Result<Preview> {
    let to = target(app, ctx, from.unit_id(), asked.to).await?;
    let people = people(app, from.unit_id(), &asked.who).await?;
    let there = ids(&app.read_unit(to.unit_id(), IDS_ALL, params![]).await?)?;
    let there: HashMap<String, CustomerId> = there.into_iter().map(|(id, no)| (no, id)).collect();
    let taken = |p: &&(CustomerId, String)| there.get(&p.1).is_some_and(|id| *id != p.0);
    let n = people.iter().filter(taken).count();
    let kept = people
        .iter()
        .filter(|p| asked.closing.is_none() || !taken(p));
    Ok(Preview {
        customers: kept.map(|p| p.0).collect(),
        taken: n,
    })
}

/// Moves customers to another branch: a few at once, many by a job.
///
/// # Errors
/// `transfer.taken` with the count when the other branch has customer numbers
/// of those who would move (a closing leaves these behind instead).
pub async fn transfer_ask(
    app: &App,
    ctx: &Ctx,
    from: &UnitScope,
    asked: &Asked,
) -> Result<Transfer> {
    if !words::REASONS.iter().any(|(code, _)| *code == asked.reason) {
        return Err(KernelError::field("reason", "field.not_in_list"));
    }
    let what = preview(app, ctx, from, asked).await?;
    if what.taken > 0 && asked.closing.is_none() {
        return Err(KernelError::refused(ErrorCode::TRANSFER_TAKEN).with("count", what.taken));
    }
    if what.customers.is_empty() {
        return Err(KernelError::field("customer_ids", "field.required"));
    }
    let id = TransferId(app.new_id());
    again(app, || add(app, ctx, from, asked, id, &what.customers)).await?;
    if what.customers.len() <= AT_ONCE && asked.closing.is_none() {
        run::transfer_run(app, ctx, from.unit_id(), id, &run::Silent).await?;
    }
    transfer_fetch(app, from.unit_id(), id).await
}

async fn add(
    app: &App,
    ctx: &Ctx,
    from: &UnitScope,
    asked: &Asked,
    id: TransferId,
    customers: &[CustomerId],
) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, from).await?;
    let row = params![
        id,
        asked.to,
        asked.who.kind(),
        asked.closing,
        asked.reason.as_str(),
        customers.len() as i64,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(TRANSFER_ADD, row).await?;
    for batch in customers.chunks(limits::IMPORT_BATCH_ROWS) {
        let rows = batch.iter().map(|c| params![id, *c, "waiting"]).collect();
        tx.bulk("transfer_customer", ITEM_COLUMNS, rows).await?;
    }
    let detail = json!({ "to": asked.to.to_string(), "kind": asked.who.kind(), "customers": customers.len(), "reason": asked.reason });
    tx.record("transfer.ask", "transfer", id, detail);
    if asked.closing.is_none() {
        enqueue(&mut tx, app, ctx, asked.to, id).await?;
    }
    tx.commit().await
}

async fn enqueue(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    to: UnitId,
    id: TransferId,
) -> Result<()> {
    let root = common_root(app, tx.unit_id(), to).await?;
    let args = json!({ "unit_id": tx.unit_id(), "transfer_id": id });
    job_enqueue_in(tx, app, ctx, &NewJob::new(jobs::TRANSFER, root.id, args)).await?;
    Ok(())
}

/// One move out of a branch.
pub async fn transfer_fetch(app: &App, unit: UnitId, id: TransferId) -> Result<Transfer> {
    let rows = app.read_unit(unit, TRANSFER_BY_ID, params![id]).await?;
    match rows.first() {
        Some(row) => Transfer::read(row),
        None => Err(KernelError::refused(ErrorCode::NOT_FOUND)),
    }
}

/// Moves out of a branch, the newest first, older than a moment and id.
pub async fn transfer_list(
    app: &App,
    scope: &UnitScope,
    before: (Timestamp, Uuid),
    limit: i64,
) -> Result<Vec<Transfer>> {
    let p = params![before.0, before.1, limit];
    let rows = app.read_unit(scope.unit_id(), TRANSFER_LIST, p).await?;
    rows.iter().map(Transfer::read).collect()
}

/// How many customers of a move are in each state.
pub async fn transfer_counts(app: &App, t: &Transfer) -> Result<HashMap<String, i64>> {
    let rows = app.read_unit(t.unit_id, ITEM_COUNTS, params![t.id]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Takes a move back: everybody is in the old branch again, in the old
/// household, with what was changed meanwhile. Untouched rows are as they were.
///
/// # Errors
/// `conflict` while the move runs, or when it is taken back already.
pub async fn transfer_undo(
    app: &App,
    ctx: &Ctx,
    from: &UnitScope,
    id: TransferId,
) -> Result<Transfer> {
    let t = transfer_fetch(app, from.unit_id(), id).await?;
    scope_of(app, ctx, Permission::CustomerTransfer, t.to_unit).await?;
    if !from.unit().active {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, from).await?;
        let p = params![id, ctx.actor.name.as_str()];
        if tx.exec(TRANSFER_UNDO, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::CONFLICT));
        }
        tx.record("transfer.undo", "transfer", id, json!({}));
        enqueue(&mut tx, app, ctx, t.to_unit, id).await?;
        tx.commit().await
    })
    .await?;
    if t.customers <= AT_ONCE as i64 {
        run::transfer_run(app, ctx, from.unit_id(), id, &run::Silent).await?;
    }
    transfer_fetch(app, from.unit_id(), id).await
}
