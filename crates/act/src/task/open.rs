//! Opening a task: by hand, by a routine, by another room's event. A source
//! and its id open one task, however often they are asked; owner, checker and
//! due moment are settled before the transaction.

use super::service::{kind_of, post_near};
use super::store::*;
use super::{PostAt, Task};
use serde_json::json;
use uuid::Uuid;
use zf_base::calendar::WorkCalendar;
use zf_base::term::due;
use zf_base::{Day, ProgramId, Timestamp, UserId};
use zf_forms::pack::tasks::{Holder, Waits};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Value, params};

/// Source of tasks that people open.
pub const BY_HAND: &str = "hand";

/// A task to be opened.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// Kind, as a pack names it.
    pub kind: String,
    /// What opens it.
    pub source: String,
    /// Which of them; opening it again does nothing.
    pub source_id: String,
    /// Title; the kind's name when empty.
    pub title: String,
    /// What is behind it.
    pub note: String,
    /// Campaign.
    pub program_id: Option<ProgramId>,
    /// Day it is about.
    pub day: Option<Day>,
    /// The task it is a part of, of the same unit.
    pub parent_id: Option<Uuid>,
    /// A person instead of the kind's post, with the name.
    pub owner: Option<(UserId, String)>,
    /// When it is due; by the kind's term when absent.
    pub due_at: Option<Timestamp>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The task.
    pub id: Uuid,
    /// Whether it was not there before.
    pub fresh: bool,
}

async fn held(app: &App, scope: &UnitScope, holder: &Holder) -> Result<PostAt> {
    post_near(app, scope.unit_id(), &holder.post, &holder.level).await
}

fn texts(new: &NewTask, name: &str) -> Result<(String, String)> {
    let title = match new.title.trim() {
        "" => name.to_owned(),
        title => clear_text("title", title)?,
    };
    let note = match new.note.trim() {
        "" => String::new(),
        note => clear_text("note", note)?,
    };
    Ok((title, note))
}

/// Everything settled, nothing written.
///
/// # Errors
/// No such kind; texts with long numbers; a calendar without a day ahead.
pub async fn prepare(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    calendar: &WorkCalendar,
    new: &NewTask,
) -> Result<Task> {
    let (kind, flow) = kind_of(app, &new.kind)?;
    let (title, note) = texts(new, &kind.name.zh)?;
    let checker = match &kind.checker {
        Some(holder) => Some(held(app, scope, holder).await?),
        None => None,
    };
    let counted = |d: Day| calendar.is_workday(d);
    let by_term = || due(kind.term, kind.until, ctx.now, &counted);
    let due_at = new.due_at.or_else(by_term);
    let waits = flow.state(&flow.start).map_or(Waits::Owner, |s| s.waits);
    let (owner_user, owner_name) = new.owner.clone().unzip();
    Ok(Task {
        unit_id: scope.unit_id(),
        id: app.new_id(),
        kind: kind.id.clone(),
        title,
        note,
        state: flow.start.clone(),
        waits,
        source: new.source.clone(),
        source_id: new.source_id.clone(),
        program_id: new.program_id,
        day: new.day,
        parent_id: new.parent_id,
        owner: held(app, scope, &kind.owner).await?,
        owner_user,
        owner_name: owner_name.unwrap_or_default(),
        checker,
        submitted_by: None,
        raised: 0,
        raised_to: None,
        opened_at: ctx.now,
        opened_by: ctx.actor.user_id,
        opened_by_name: ctx.actor.name.clone(),
        term: kind.term,
        until: kind.until,
        due_at: due_at.ok_or_else(|| KernelError::field("due", "field.day"))?,
        paused_at: None,
        reminded_at: None,
        ended_at: None,
        seq: 1,
    })
}

fn row(t: &Task) -> Result<Vec<Value>> {
    let term = serde_json::to_string(&t.term)
        .map_err(|e| KernelError::Internal(format!("term of a task: {e}")))?;
    let until = t.until.to_string();
    let checker = t.checker.as_ref();
    let raised = t.raised_to.as_ref();
    Ok(params![
        t.id,
        t.kind.as_str(),
        t.title.as_str(),
        t.note.as_str(),
        t.state.as_str(),
        t.waits.as_str(),
        t.source.as_str(),
        t.source_id.as_str(),
        t.program_id,
        t.day,
        t.parent_id,
        t.owner.post.as_str(),
        t.owner.unit,
        t.owner_user,
        t.owner_name.as_str(),
        checker.map(|c| c.post.clone()),
        checker.map(|c| c.unit),
        t.submitted_by,
        t.raised,
        raised.map(|c| c.post.clone()),
        raised.map(|c| c.unit),
        t.opened_at,
        t.opened_by,
        t.opened_by_name.as_str(),
        term,
        until,
        t.due_at,
        t.paused_at,
        t.reminded_at,
        t.ended_at,
        t.seq
    ])
}

/// Writes a prepared task in the caller's transaction; tells which task the
/// source has now.
///
/// # Errors
/// Only the database.
pub async fn insert(tx: &mut UnitTx<'_>, ctx: &Ctx, task: &Task) -> Result<Opened> {
    if tx.exec(TASK_ADD, row(task)?).await? == 0 {
        let p = params![task.source.as_str(), task.source_id.as_str()];
        let known = tx.query_opt(TASK_OF_SOURCE, p).await?;
        let lost = || KernelError::Internal("a task is neither new nor there".to_owned());
        let id = known.ok_or_else(lost)?.get(1)?;
        return Ok(Opened { id, fresh: false });
    }
    let p = params![
        task.id,
        1,
        "open",
        task.state.as_str(),
        "",
        task.owner_name.as_str(),
        None::<String>,
        None::<i64>,
        None::<String>,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(TASK_EVENT_ADD, p).await?;
    let detail = json!({
        "kind": task.kind, "source": task.source, "source_id": task.source_id,
        "owner": task.owner.post, "due": task.due_at,
    });
    tx.record("task.open", "task", task.id, detail);
    Ok(Opened {
        id: task.id,
        fresh: true,
    })
}

/// Opens a task, once for its source and id.
///
/// # Errors
/// As [`prepare`]; `not_found` for a parent that is not there.
pub async fn task_open(app: &App, ctx: &Ctx, scope: &UnitScope, new: &NewTask) -> Result<Opened> {
    let calendar = work_calendar(app).await?;
    let task = prepare(app, ctx, scope, &calendar, new).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let opened = insert(&mut tx, ctx, &task).await?;
    tx.commit().await?;
    Ok(opened)
}
