//! Jobs of tasks: opening and cancelling what other rooms ask for, and the
//! clock that reminds owners, tells those above of delay and ends tasks whose
//! work was done on its own page. Every step is idempotent: a run that is
//! repeated finds its entry in the history and does nothing.

use super::Task;
use super::acts::{Change, What, write};
use super::open::{NewTask, task_open};
use super::service::{kind_of, post_near, read};
use super::store::*;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_forms::pack::tasks::{DoneBy, Flow, TaskKind, Verb, Waits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::event::service::{Before, event_list};
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::task::{CANCEL, CancelTask, OPEN, OpenTask};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{Ctx, Permission, UnitScope, UnitTx};
use zf_store::params;

/// Kind of the job that moves the clock.
pub const TICK: &str = "task.tick";
/// Every five minutes.
pub const TICK_SCHEDULE: Preset = Preset {
    kind: TICK,
    cron: "*/5 * * * *",
};
/// Hours ahead that the clock looks: the longest reminder.
const AHEAD_HOURS: i64 = 24 * 14;
/// Tasks read at once.
const BATCH: i64 = 500;
/// Events of one action that are looked through for a task.
const EVENTS_MAX: i64 = 200;

/// Adds the jobs.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(OPEN, open);
    handlers.add(CANCEL, cancel);
    handlers.add(TICK, tick);
}

fn args<T: serde::de::DeserializeOwned>(run: &Run) -> Result<T> {
    serde_json::from_value(run.job.args.clone())
        .map_err(|e| KernelError::Internal(format!("arguments of {}: {e}", run.job.kind)))
}

async fn scope_of_job(run: &Run) -> Result<UnitScope> {
    let unit = unit_fetch(&run.app, run.job.unit_id).await?;
    run.ctx.scope(Permission::TaskManage, &unit)
}

async fn open(run: Arc<Run>) -> Result<Json> {
    let asked: OpenTask = args(&run)?;
    let scope = scope_of_job(&run).await?;
    let new = NewTask {
        kind: asked.kind,
        source: asked.source,
        source_id: asked.source_id,
        title: asked.title,
        note: asked.note,
        program_id: asked.program_id,
        day: asked.day,
        due_at: asked.due_at,
        ..NewTask::default()
    };
    let opened = task_open(&run.app, &run.ctx, &scope, &new).await?;
    Ok(json!({ "task": opened.id, "fresh": opened.fresh }))
}

async fn cancel(run: Arc<Run>) -> Result<Json> {
    let asked: CancelTask = args(&run)?;
    let scope = scope_of_job(&run).await?;
    let p = params![asked.source.as_str(), asked.source_id.as_str()];
    let rows = run
        .app
        .read_unit(scope.unit_id(), TASK_OF_SOURCE, p)
        .await?;
    let Some(task) = rows.first().map(read).transpose()? else {
        return Ok(json!({ "canceled": false }));
    };
    let (_, flow) = kind_of(&run.app, &task.kind)?;
    let verb = What::Step(Verb::Cancel);
    let done = match after(&task, flow, Verb::Cancel, &run.ctx) {
        Some(next) => {
            let says = clear_text("reason", &asked.reason)?;
            step(&run, &scope, &task, &next, verb, (&says, "")).await?
        }
        None => false,
    };
    Ok(json!({ "canceled": done }))
}

/// The task after a verb of the machine; none when it cannot be done.
fn after(task: &Task, flow: &Flow, verb: Verb, ctx: &Ctx) -> Option<Task> {
    let state = flow.after(&task.state, verb)?;
    let mut next = task.clone();
    next.state.clone_from(&state.id);
    next.waits = state.waits;
    if state.waits == Waits::Nobody {
        (next.ended_at, next.paused_at) = (Some(ctx.now), None);
    }
    Some(next)
}

/// One change; false when somebody else was first (the next run looks again).
async fn step(
    run: &Run,
    scope: &UnitScope,
    before: &Task,
    after: &Task,
    what: What,
    (says, towards): (&str, &str),
) -> Result<bool> {
    let mut tx = UnitTx::begin(&run.app, &run.ctx, scope).await?;
    let change = Change {
        before,
        after,
        what,
        says,
        towards,
        answers: None,
    };
    match write(&mut tx, &run.ctx, &change).await {
        Ok(()) => tx.commit().await.map(|()| true),
        Err(KernelError::Refused(_)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Does an event since the task was opened say that its work is done?
async fn is_done(run: &Run, scope: &UnitScope, task: &Task, by: &DoneBy) -> Result<bool> {
    let events = event_list(&run.app, scope, &by.event, Before::newest(), EVENTS_MAX).await?;
    let day = task.day.map(|d| d.to_string());
    let speaks = |detail: &str| {
        let said: Json = serde_json::from_str(detail).unwrap_or_default();
        let is = |key: &String, value: &str| said[key.as_str()].as_str() == Some(value);
        let same_day = match (&by.day, &day) {
            (Some(key), Some(day)) => is(key, day),
            (Some(_), None) => false,
            (None, _) => true,
        };
        same_day && by.says.iter().all(|(key, value)| is(key, value))
    };
    // A meeting may be written down before its task is opened; a day names it then.
    let since = |at: Timestamp| by.day.is_some() || at >= task.opened_at;
    let fits =
        |e: &zf_kernel::event::Event| e.action == by.event && since(e.at) && speaks(&e.detail);
    Ok(events.iter().any(fits))
}

/// What a run did.
#[derive(Default)]
struct Did {
    done: i64,
    lapsed: i64,
    reminded: i64,
    raised: i64,
}

async fn look(run: &Run, task: &Task, did: &mut Did) -> Result<()> {
    let Ok((kind, flow)) = kind_of(&run.app, &task.kind) else {
        return Ok(());
    };
    let unit = unit_fetch(&run.app, task.unit_id).await?;
    let scope = run.ctx.scope(Permission::TaskManage, &unit)?;
    if let Some(by) = kind.done_by.as_ref().filter(|_| task.waits == Waits::Owner)
        && let Some(next) = after(task, flow, Verb::Submit, &run.ctx)
        && is_done(run, &scope, task, by).await?
    {
        let verb = What::Step(Verb::Submit);
        did.done += i64::from(step(run, &scope, task, &next, verb, ("", "")).await?);
        return Ok(());
    }
    let over = |hours: u16| task.due_at.plus_seconds(i64::from(hours) * 3_600) <= run.ctx.now;
    if kind.lapse_hours.is_some_and(over)
        && let Some(next) = after(task, flow, Verb::Cancel, &run.ctx)
    {
        let verb = What::Step(Verb::Cancel);
        let says = (super::words::LAPSED, "");
        did.lapsed += i64::from(step(run, &scope, task, &next, verb, says).await?);
        return Ok(());
    }
    if let Some(next) = reminded(task, kind, run.ctx.now) {
        let done = step(run, &scope, task, &next, What::Remind, ("", "")).await?;
        did.reminded += i64::from(done);
        return Ok(());
    }
    let due = |after: u16| task.due_at.plus_seconds(i64::from(after) * 3_600);
    let next_step = kind
        .escalate
        .get(usize::try_from(task.raised).unwrap_or(usize::MAX));
    let Some(up) = next_step.filter(|e| due(e.after_hours) <= run.ctx.now) else {
        return Ok(());
    };
    let to = post_near(&run.app, unit.id, &up.to.post, &up.to.level).await?;
    let mut next = task.clone();
    next.raised += 1;
    let towards = to.post.clone();
    next.raised_to = Some(to);
    let done = step(run, &scope, task, &next, What::Escalate, ("", &towards)).await?;
    did.raised += i64::from(done);
    Ok(())
}

/// The task with its reminder, when it is time for it.
fn reminded(task: &Task, kind: &TaskKind, now: Timestamp) -> Option<Task> {
    let hours = kind.remind_hours?;
    let from = task.due_at.plus_seconds(-i64::from(hours) * 3_600);
    let time = task.waits == Waits::Owner && task.reminded_at.is_none();
    // One that was opened within its reminder's time is new enough to be seen.
    if !time || now < from || now >= task.due_at || task.opened_at >= from {
        return None;
    }
    let mut next = task.clone();
    next.reminded_at = Some(now);
    Some(next)
}

async fn tick(run: Arc<Run>) -> Result<Json> {
    let mut did = Did::default();
    let until = run.ctx.now.plus_seconds(AHEAD_HOURS * 3_600);
    let mut after = (Timestamp(0), Uuid::nil());
    loop {
        let p = params![after.0, after.1, until, BATCH];
        let rows = run.app.db.query(TASKS_DUE, p).await?;
        for row in &rows {
            let task = read(row)?;
            after = (task.due_at, task.id);
            look(&run, &task, &mut did).await?;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    Ok(
        json!({ "done": did.done, "lapsed": did.lapsed, "reminded": did.reminded, "raised": did.raised }),
    )
}
