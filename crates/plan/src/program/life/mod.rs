//! The life of a campaign beside its versions: paused and resumed with a
//! reason, the steps of its preparation ticked off (TIM-006, HRT-014, MTG-001),
//! and the quotas with their days. What a paused campaign may not do is asked
//! of [`may_go_on`]; plans and targets ask it.

pub mod calendar;
pub mod http;
pub mod quota;
pub mod store;

use super::service::program_fetch;
use super::{Program, State};
use serde_json::json;
use store::*;
use zf_base::code::ErrorCode;
use zf_base::{Day, Timestamp};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, Permission, UnitTx};
use zf_store::params;

/// A change of state.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// When.
    pub at: Timestamp,
    /// The state from then on.
    pub state: String,
    /// Why; empty where nobody was asked.
    pub reason: String,
    /// Who.
    pub by_name: String,
}

/// A step of the preparation that is done.
#[derive(Clone, Debug)]
pub struct StepDone {
    /// Code of the step.
    pub step: String,
    /// The day it was done.
    pub done_day: Day,
    /// What was done; may be empty.
    pub note: String,
    /// Who ticked it.
    pub by_name: String,
    /// When it was ticked.
    pub at: Timestamp,
}

/// Refuses new targets and week plans while a campaign is paused, and after it
/// is over.
///
/// # Errors
/// `program.paused` at the field `program`; `conflict` for a closed one.
pub fn may_go_on(program: &Program) -> Result<()> {
    match program.state {
        State::Paused => Err(KernelError::field("program", "program.paused")),
        State::Closed => Err(KernelError::refused(ErrorCode::CONFLICT)),
        State::Draft | State::Started => Ok(()),
    }
}

/// Pauses a program that runs.
pub async fn program_pause(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    reason: &str,
) -> Result<Program> {
    turn(app, ctx, program, State::Paused, reason).await
}

/// Lets a paused program run again. It need not be checked again: it may only
/// have changed by versions that were checked themselves.
pub async fn program_resume(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    reason: &str,
) -> Result<Program> {
    turn(app, ctx, program, State::Started, reason).await
}

async fn turn(app: &App, ctx: &Ctx, program: &Program, to: State, reason: &str) -> Result<Program> {
    let scope = ctx.scope(Permission::ProgramApprove, &program.unit)?;
    let reason = clear_text("reason", reason)?;
    let (statement, action) = match to {
        State::Paused => (PROGRAM_PAUSE, "program.pause"),
        _ => (PROGRAM_RESUME, "program.resume"),
    };
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if tx.exec(statement, params![program.id, ctx.now]).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    remember_state(&mut tx, ctx, program, to, &reason).await?;
    tx.record(
        action,
        "program",
        program.id,
        json!({ "code": program.code }),
    );
    tx.commit().await?;
    program_fetch(app, ctx, program.id).await
}

/// Writes a change of state down, inside the transaction that makes it.
pub(super) async fn remember_state(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    program: &Program,
    to: State,
    reason: &str,
) -> Result<()> {
    let row = params![
        program.id,
        ctx.now,
        to.as_str(),
        reason,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(STATE_CHANGE_ADD, row).await?;
    Ok(())
}

/// Takes the ticks of a program away that is deleted itself.
pub(super) async fn forget_steps(tx: &mut UnitTx<'_>, program: &Program) -> Result<()> {
    tx.exec(STEPS_DELETE, params![program.id]).await?;
    Ok(())
}

/// Changes of state, newest first.
pub async fn state_changes(app: &App, program: &Program) -> Result<Vec<StateChange>> {
    let rows = app.db.query(STATE_CHANGES, params![program.id]).await?;
    rows.iter()
        .map(|r| {
            Ok(StateChange {
                at: r.get(0)?,
                state: r.get(1)?,
                reason: r.get(2)?,
                by_name: r.get(3)?,
            })
        })
        .collect()
}

/// Steps that are done, whether or not the file still has them.
pub async fn steps_done(app: &App, program: &Program) -> Result<Vec<StepDone>> {
    let rows = app.db.query(STEPS, params![program.id]).await?;
    rows.iter()
        .map(|r| {
            Ok(StepDone {
                step: r.get(0)?,
                done_day: r.get(1)?,
                note: r.get(2)?,
                by_name: r.get(3)?,
                at: r.get(4)?,
            })
        })
        .collect()
}

/// Ticks a step on the day of its meeting, inside the transaction of the record.
pub(crate) async fn step_done(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    program: &Program,
    step: &str,
    day: Day,
) -> Result<()> {
    let who = ctx.actor.name.as_str();
    let row = params![program.id, step, day, "", ctx.actor.user_id, who, ctx.now];
    tx.exec(STEP_PUT, row).await?;
    Ok(())
}

/// Ticks a step of the preparation, or takes the tick away when there is no day.
///
/// # Errors
/// The step is not in the campaign file; the day is in the future.
pub async fn step_put(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    step: &str,
    done_day: Option<Day>,
    note: &str,
) -> Result<()> {
    let scope = ctx.scope(Permission::ProgramWrite, &program.unit)?;
    if program.state == State::Closed {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if !program
        .definition
        .program
        .preparation
        .iter()
        .any(|s| s == step)
    {
        return Err(KernelError::field("step", "field.not_in_list"));
    }
    if done_day.is_some_and(|day| day > ctx.today()) {
        return Err(KernelError::field("done_day", "field.range"));
    }
    let note = match note.trim() {
        "" => String::new(),
        text => clear_text("note", text)?,
    };
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    match done_day {
        Some(day) => {
            let who = ctx.actor.name.as_str();
            let row = params![program.id, step, day, note, ctx.actor.user_id, who, ctx.now];
            tx.exec(STEP_PUT, row).await?
        }
        None => tx.exec(STEP_DELETE, params![program.id, step]).await?,
    };
    let detail = json!({ "code": program.code, "step": step, "done": done_day.is_some() });
    tx.record("program.step", "program", program.id, detail);
    tx.commit().await
}
