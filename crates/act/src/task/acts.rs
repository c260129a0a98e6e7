//! Acting on a task: handing over, handing in, giving back, closing,
//! cancelling, opening again, pausing its clock, saying something. Every act
//! names the entry of the history that was seen and adds one.

use super::service::{Standing, candidates, kind_of, named, standing, task_fetch};
use super::store::*;
use super::{Answered, Task};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::term::{after_pause, due};
use zf_base::{Day, Timestamp, UserId};
use zf_forms::pack::tasks::{Flow, TaskKind, Verb, Waits};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{FieldError, KernelError, Refusal, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_plan::form::service::{form_in_force, form_of_answers};
use zf_store::params;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A verb of the flow.
    Step(Verb),
    /// Something is said.
    Comment,
    /// The clock stands, for a reason.
    Pause,
    /// It runs again.
    Resume,
    /// The owner is reminded.
    Remind,
    /// Somebody above hears of the delay.
    Escalate,
}

impl What {
    /// As in the API and in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Step(verb) => verb.as_str(),
            What::Comment => "comment",
            What::Pause => "pause",
            What::Resume => "resume",
            What::Remind => "remind",
            What::Escalate => "escalate",
        }
    }
    /// What people may ask for.
    pub fn from_api(text: &str) -> Option<What> {
        let verbs = Verb::ALL.into_iter().map(What::Step);
        verbs
            .chain([What::Comment, What::Pause, What::Resume])
            .find(|w| w.as_str() == text)
    }
    fn event(self) -> &'static str {
        match self {
            What::Step(Verb::Open) => "task.reopen",
            What::Step(Verb::Assign) => "task.assign",
            What::Step(Verb::Submit) => "task.submit",
            What::Step(Verb::Return) => "task.return",
            What::Step(Verb::Close) => "task.close",
            What::Step(Verb::Cancel) => "task.cancel",
            What::Comment => "task.comment",
            What::Pause => "task.pause",
            What::Resume => "task.resume",
            What::Remind => "task.remind",
            What::Escalate => "task.escalate",
        }
    }
}

/// An act.
#[derive(Clone, Debug)]
pub struct Act {
    /// What.
    pub what: What,
    /// Newest entry of the history that was seen.
    pub seen: i64,
    /// A reason or a word.
    pub says: String,
    /// Who gets it; nobody in person = whoever has the post.
    pub to: Option<UserId>,
    /// Version and answers of the kind's form.
    pub answers: Option<(u32, Map<String, Json>)>,
}

fn state() -> KernelError {
    KernelError::refused(ErrorCode::TASK_STATE)
}

fn denied() -> KernelError {
    KernelError::refused(ErrorCode::PERMISSION_DENIED)
}

/// May the actor do that, now?
fn may(task: &Task, flow: &Flow, who: Standing, what: What) -> Result<()> {
    let paused = task.paused_at.is_some();
    let open = task.waits != Waits::Nobody;
    let fine = match what {
        What::Comment => true,
        What::Pause | What::Resume if !open || (what == What::Pause) == paused => {
            return Err(state());
        }
        What::Pause | What::Resume => who.manager || who.checker,
        What::Step(verb) => {
            let stopped = paused && verb != Verb::Cancel;
            if stopped || flow.after(&task.state, verb).is_none() {
                return Err(state());
            }
            match verb {
                Verb::Submit => who.owner,
                Verb::Assign => who.owner || who.manager,
                Verb::Return | Verb::Close if who.checker && who.submitter => {
                    return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
                }
                Verb::Return | Verb::Close => who.checker,
                Verb::Cancel => who.manager || who.opener,
                Verb::Open => who.manager,
            }
        }
        // The clock's own.
        What::Remind | What::Escalate => false,
    };
    fine.then_some(()).ok_or_else(denied)
}

/// What was said; a reason where somebody else will ask why.
fn said(what: What, says: &str) -> Result<String> {
    let optional = matches!(what, What::Step(Verb::Submit | Verb::Close) | What::Resume);
    match says.trim() {
        "" if optional => Ok(String::new()),
        says => clear_text("says", says),
    }
}

/// No text of an answer may say a telephone or an ID number.
fn clear(name: &str, value: &Json) -> Result<()> {
    match value {
        Json::String(text) if !text.trim().is_empty() => clear_text(name, text).map(|_| ()),
        Json::Array(all) => all.iter().try_for_each(|v| clear(name, v)),
        Json::Object(all) => all.iter().try_for_each(|(n, v)| clear(n, v)),
        _ => Ok(()),
    }
}

fn unfit(fields: Vec<FieldError>) -> KernelError {
    KernelError::Refused(Refusal {
        code: ErrorCode::INPUT_INVALID,
        args: Default::default(),
        fields,
    })
}

/// The answers, judged by the form; what is missing or breaks a rule is named.
async fn judged(
    app: &App,
    scope: &UnitScope,
    kind: &TaskKind,
    act: &Act,
    today: Day,
) -> Result<Option<Answered>> {
    let Some(id) = &kind.form else {
        return Ok(None);
    };
    let Some((version, answers)) = &act.answers else {
        return Err(KernelError::field("answers", "field.required"));
    };
    let newest = form_in_force(app, scope.unit(), id).await?;
    let form = match newest.version == *version {
        true => newest,
        false => form_of_answers(app, id, *version)
            .await?
            .ok_or_else(|| KernelError::field("form_version", "field.not_in_list"))?,
    };
    answers.iter().try_for_each(|(n, v)| clear(n, v))?;
    let compiled = form
        .compile()
        .map_err(|_| KernelError::Internal("a published form does not compile".to_owned()))?;
    let result = compiled.evaluate(answers, today);
    let missing = result
        .missing
        .iter()
        .map(|f| (f.to_string(), "field.required"));
    let broken = result
        .violations
        .iter()
        .map(|v| (v.field.to_string(), "field.range"));
    let fields: Vec<FieldError> = missing
        .chain(broken)
        .map(|(field, code)| FieldError { field, code })
        .collect();
    if !fields.is_empty() {
        return Err(unfit(fields));
    }
    Ok(Some(Answered {
        form_id: form.id.clone(),
        form_version: i64::from(form.version),
        answers: result.accepted,
    }))
}

/// The task as it is after a verb.
fn stepped(task: &Task, flow: &Flow, verb: Verb, ctx: &Ctx, fresh: Option<Timestamp>) -> Task {
    let mut next = task.clone();
    let Some(state) = flow.after(&task.state, verb) else {
        return next;
    };
    next.state.clone_from(&state.id);
    next.waits = state.waits;
    next.ended_at = (state.waits == Waits::Nobody).then_some(ctx.now);
    if next.ended_at.is_some() {
        next.paused_at = None;
    }
    match verb {
        Verb::Submit => next.submitted_by = Some(ctx.actor.user_id),
        // What comes back gets its time again, never less than was left.
        Verb::Return => next.due_at = fresh.map_or(task.due_at, |f| f.max(task.due_at)),
        Verb::Open => {
            next.due_at = fresh.unwrap_or(task.due_at);
            (next.raised, next.raised_to, next.reminded_at) = (0, None, None);
        }
        Verb::Assign | Verb::Close | Verb::Cancel => {}
    }
    next
}

/// Who gets it: an account that works at the task's unit or its owner's.
async fn handed(app: &App, task: &Task, to: Option<UserId>) -> Result<(Option<UserId>, String)> {
    let Some(user) = to else {
        return Ok((None, String::new()));
    };
    let all = candidates(app, task).await?;
    let holder = named(&all, user);
    let holder = holder.ok_or_else(|| KernelError::field("to", "field.not_in_list"))?;
    Ok((Some(user), holder.name.clone()))
}

async fn changed(
    app: &App,
    ctx: &Ctx,
    task: &Task,
    (kind, flow): (&TaskKind, &Flow),
    act: &Act,
) -> Result<(Task, String)> {
    let calendar = work_calendar(app).await?;
    let counted = |d: Day| calendar.is_workday(d);
    let fresh = || due(kind.term, kind.until, ctx.now, &counted);
    let mut next = task.clone();
    let mut towards = String::new();
    match act.what {
        What::Step(verb) => {
            next = stepped(task, flow, verb, ctx, fresh());
            if verb == Verb::Assign {
                (next.owner_user, next.owner_name) = handed(app, task, act.to).await?;
                towards.clone_from(&next.owner_name);
            }
        }
        What::Pause => next.paused_at = Some(ctx.now),
        What::Resume => {
            if let Some(since) = task.paused_at {
                next.due_at = after_pause(task.term, task.due_at, (since, ctx.now), &counted);
            }
            next.paused_at = None;
        }
        What::Comment | What::Remind | What::Escalate => {}
    }
    Ok((next, towards))
}

/// An entry of the history and the task after it, in one transaction.
pub(super) struct Change<'a> {
    pub before: &'a Task,
    pub after: &'a Task,
    pub what: What,
    pub says: &'a str,
    pub towards: &'a str,
    pub answers: Option<&'a Answered>,
}

/// Writes a change; a conflict when somebody else was first.
pub(super) async fn write(tx: &mut UnitTx<'_>, ctx: &Ctx, c: &Change<'_>) -> Result<()> {
    let (t, raised) = (c.after, c.after.raised_to.as_ref());
    let p = params![
        t.id,
        c.before.seq,
        t.state.as_str(),
        t.waits.as_str(),
        t.owner_user,
        t.owner_name.as_str(),
        t.submitted_by,
        t.raised,
        raised.map(|r| r.post.clone()),
        raised.map(|r| r.unit),
        t.due_at,
        t.paused_at,
        t.reminded_at,
        t.ended_at
    ];
    if tx.exec(TASK_MOVE, p).await? != 1 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let p = params![
        t.id,
        c.before.seq + 1,
        c.what.as_str(),
        t.state.as_str(),
        c.says,
        c.towards,
        c.answers.map(|a| a.form_id.clone()),
        c.answers.map(|a| a.form_version),
        c.answers
            .map(|a| Json::Object(a.answers.clone()).to_string()),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(TASK_EVENT_ADD, p).await?;
    let detail = json!({
        "kind": t.kind, "state": t.state, "seq": c.before.seq + 1,
        "source": t.source, "source_id": t.source_id,
    });
    tx.record(c.what.event(), "task", t.id, detail);
    Ok(())
}

/// Acts on a task.
///
/// # Errors
/// `task.state` when it cannot be done now, `task.children` while parts are
/// open, `permission.denied`, `permission.second_person` for the own work,
/// `conflict` when somebody else was first, fields of the form that are wrong.
pub async fn task_act(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    act: &Act,
) -> Result<Task> {
    let task = task_fetch(app, scope, id).await?;
    let (kind, flow) = kind_of(app, &task.kind)?;
    may(
        &task,
        flow,
        standing(app, ctx, scope, &task).await?,
        act.what,
    )?;
    if act.seen != task.seq {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let says = said(act.what, &act.says)?;
    let submits = act.what == What::Step(Verb::Submit);
    let answers = match submits {
        true => judged(app, scope, kind, act, ctx.today()).await?,
        false => None,
    };
    let (after, towards) = changed(app, ctx, &task, (kind, flow), act).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    if submits || act.what == What::Step(Verb::Close) {
        let parts = tx.query_opt(TASK_PARTS_OPEN, params![task.id]).await?;
        let open: i64 = parts.map_or(Ok(0), |r| r.get(0))?;
        if open > 0 {
            return Err(KernelError::refused(ErrorCode::TASK_CHILDREN));
        }
    }
    let change = Change {
        before: &task,
        after: &after,
        what: act.what,
        says: &says,
        towards: &towards,
        answers: answers.as_ref(),
    };
    write(&mut tx, ctx, &change).await?;
    tx.commit().await?;
    task_fetch(app, scope, id).await
}
