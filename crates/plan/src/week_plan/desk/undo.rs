//! Taking changes of a draft back, one after the other: edits, and planning again
//! (which keeps what stood before it). Reaches as far as the desk shows changes; a
//! version that comes back counts as a new one, because paper of both may be about.

use super::admit::find_missing;
use super::arrange::{Arrangement, EditFault, FreeShift};
use super::service::{Desk, Effect, changed, effect, refusal};
use super::stood::Stood;
use super::store::*;
use super::write::write;
use crate::program::Program;
use crate::week_plan::make::UNSERVED_COLUMNS;
use crate::week_plan::store::PLAN_UNSERVED_CLEAR;
use crate::week_plan::{CONFIRMED, Header};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, Timestamp, Uuid};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Row, params};

/// Changes that the desk shows and that can be taken back.
pub const STEPS: i64 = 20;

/// A change that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Id.
    pub id: Uuid,
    /// `move`, `again`, …
    pub kind: String,
    /// Made then.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
    /// Taken back.
    pub undone: bool,
}

fn made(row: &Row) -> Result<Made> {
    let undone: Option<Timestamp> = row.get(4)?;
    Ok(Made {
        id: row.get(0)?,
        kind: row.get(1)?,
        at: row.get(2)?,
        by_name: row.get(3)?,
        undone: undone.is_some(),
    })
}

/// The last changes of a plan, latest first.
///
/// # Errors
/// Only the database.
pub async fn last(app: &App, scope: &UnitScope, h: &Header) -> Result<Vec<Made>> {
    let p = params![h.id, STEPS];
    let rows = app.read_unit(scope.unit_id(), PLAN_EDITS, p).await?;
    rows.iter().map(made).collect()
}

/// Notes what stood before planning again, in the transaction that does it.
///
/// # Errors
/// Only the database.
pub(crate) async fn remember(
    app: &App,
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    h: &Header,
    stood: &Stood,
) -> Result<()> {
    let text = serde_json::to_string(stood)
        .map_err(|e| KernelError::Internal(format!("what stood before planning again: {e}")))?;
    let note = params![
        app.new_id(),
        h.id,
        h.version + 1,
        0_i64,
        "again",
        "{}",
        text,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(PLAN_EDIT_ADD, note).await?;
    // Every version has a note, so older ones are beyond the steps.
    tx.exec(PLAN_EDIT_FORGET, params![h.id, h.version - STEPS])
        .await?;
    Ok(())
}

/// What has begun stays as it was.
fn keeps_past(desk: &Desk, then: &Arrangement) -> Result<()> {
    let over = |r: &&super::arrange::Arranged| desk.facts.kept.over(r.key.day, r.key.start);
    let all = then.routes.iter().chain(&desk.now.routes);
    for route in all.filter(over) {
        let ids = |plan: &Arrangement| -> Vec<_> {
            let same = plan.routes.iter().filter(|r| r.key == route.key);
            same.flat_map(|r| r.standing().map(|s| s.id)).collect()
        };
        if ids(&desk.now) != ids(then) {
            return Err(refusal(EditFault::Over));
        }
    }
    Ok(())
}

/// Takes the last change of a draft back that was not taken back yet.
///
/// # Errors
/// Nothing to take back; the plan is confirmed; the shifts it would change have begun.
pub async fn undo(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<(Desk, Effect)> {
    let mut desk = Desk::load(app, ctx, program, scope, week).await?;
    if desk.plan.header.state == CONFIRMED {
        return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
    }
    let none = || KernelError::refused(ErrorCode::NOT_FOUND);
    let made = last(app, scope, &desk.plan.header).await?;
    let one = made.into_iter().find(|m| !m.undone).ok_or_else(none)?;
    let rows = app
        .read_unit(scope.unit_id(), PLAN_EDIT_STOOD, params![one.id])
        .await?;
    let row = rows.first().ok_or_else(none)?;
    let (kind, stood): (String, String) = (row.get(0)?, row.get(1)?);
    let stood: Stood = serde_json::from_str(&stood)
        .map_err(|e| KernelError::Internal(format!("what stood before an edit: {e}")))?;
    find_missing(app, program, scope, &mut desk, &stood).await?;
    let judge = desk.judge(program);
    let free: Vec<FreeShift> = judge.free(&desk.now);
    let mut then = desk.now.clone();
    let gone = then.put_back(&stood, &free).map_err(refusal)?;
    judge.retime(&mut then, &|r| changed(&desk.now, r));
    keeps_past(&desk, &then)?;
    let effect = Effect {
        gone,
        ..effect(&judge, &desk.now, &then)
    };
    let h = &desk.plan.header;
    let versions = i64::from(stood.left().is_some());
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    write(&mut tx, h, &desk.now, &then, versions).await?;
    left_again(&mut tx, h, &stood).await?;
    tx.exec(PLAN_EDIT_UNDONE, params![one.id, ctx.now]).await?;
    let detail = json!({ "week": week, "version": h.version, "undone": kind, "gone": gone });
    tx.record("plan.undo", "week_plan", h.id, detail);
    tx.commit().await?;
    Ok((desk, effect))
}

/// Who was left out of a version that comes back.
async fn left_again(tx: &mut UnitTx<'_>, h: &Header, stood: &Stood) -> Result<()> {
    let Some(left) = stood.left() else {
        return Ok(());
    };
    tx.exec(PLAN_LEFT_OUT_PUT, params![h.id, left.out]).await?;
    tx.exec(PLAN_UNSERVED_CLEAR, params![h.id]).await?;
    let rows = left.listed.iter().enumerate().map(|(seq, (target, why))| {
        let seq = seq as i64 + 1;
        params![h.id, *target, seq, json!(why).to_string()]
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        tx.bulk("plan_unserved", UNSERVED_COLUMNS, rows).await?;
    }
    Ok(())
}
