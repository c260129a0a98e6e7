//! HTTP of tasks: the inbox, lists, one task with its history, opening one by
//! hand, acting on one. Requests become calls of `service`, `open` and `acts`;
//! nothing is decided here.

use super::acts::{Act, What, task_act};
use super::inbox::{Because, counts, inbox};
use super::open::{BY_HAND, NewTask, task_open};
use super::service::{self, ListFilter, allowed, kind_of, standing, task_fetch};
use super::{Entry, PostAt, Task};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Timestamp, UnitId, UserId};
use zf_forms::Form;
use zf_forms::pack::Words;
use zf_forms::pack::tasks::Waits;
use zf_kernel::error::KernelError;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_kernel::user::grant::post_holders;
use zf_kernel::{App, Permission, UnitScope};
use zf_plan::form::service::{form_in_force, form_of_answers};
use zf_web::page::{Page, PageQuery, cursor};
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::TaskRead);
    let write = Access::Needs(Permission::TaskWrite);
    api.op(read, routes!(inbox_list))
        .op(read, routes!(task_list))
        .op(read, routes!(task_kind_list))
        .op(read, routes!(task_get))
        .op(write, routes!(task_open_by_hand))
        .op(write, routes!(task_act_on))
}

/// A text in Chinese and English.
#[derive(Clone, Serialize, ToSchema)]
pub struct TwoWords {
    zh: String,
    en: String,
}

impl From<&Words> for TwoWords {
    fn from(w: &Words) -> TwoWords {
        TwoWords {
            zh: w.zh.clone(),
            en: w.en.clone(),
        }
    }
}

fn same(text: &str) -> TwoWords {
    TwoWords {
        zh: text.to_owned(),
        en: text.to_owned(),
    }
}

/// What a post or a role is called.
pub(crate) fn post_words(app: &App, code: &str) -> TwoWords {
    let role = || app.packs.roles().find(|r| r.id == code).map(|r| &r.name);
    let post = app.packs.post(code).map(|p| &p.name);
    post.or_else(role)
        .map_or_else(|| same(code), TwoWords::from)
}

/// A task in a list.
#[derive(Clone, Serialize, ToSchema)]
pub struct TaskRow {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    kind: String,
    kind_name: TwoWords,
    title: String,
    state: String,
    state_name: TwoWords,
    /// `owner`, `checker` or `nobody`.
    waits: String,
    /// The post whose it is.
    owner_post: TwoWords,
    owner_unit: String,
    /// The person whose it is; empty when it is the post's.
    owner_name: String,
    due_at: String,
    late: bool,
    paused: bool,
    /// Steps of escalation done.
    raised: i64,
    /// Day it is about.
    day: Option<String>,
    /// Page of the console on which the work is done.
    page: Option<String>,
    opened_at: String,
    ended_at: Option<String>,
    parent_id: Option<Uuid>,
}

/// Units by id, each read once.
#[derive(Default)]
struct Names(BTreeMap<UnitId, Unit>);

impl Names {
    async fn of(&mut self, app: &App, id: UnitId) -> Answer<String> {
        if let Some(unit) = self.0.get(&id) {
            return Ok(unit.name.clone());
        }
        let unit = unit_fetch(app, id).await?;
        let name = unit.name.clone();
        self.0.insert(id, unit);
        Ok(name)
    }
}

async fn row(app: &App, names: &mut Names, t: &Task, now: Timestamp) -> Answer<TaskRow> {
    // A kind that its pack has dropped is shown under its name.
    let known = kind_of(app, &t.kind).ok();
    let state = known.and_then(|(_, flow)| flow.state(&t.state));
    Ok(TaskRow {
        id: t.id,
        unit_id: t.unit_id.uuid(),
        unit_name: names.of(app, t.unit_id).await?,
        kind: t.kind.clone(),
        kind_name: known.map_or_else(|| same(&t.kind), |(k, _)| TwoWords::from(&k.name)),
        title: t.title.clone(),
        state: t.state.clone(),
        state_name: state.map_or_else(|| same(&t.state), |s| TwoWords::from(&s.name)),
        waits: t.waits.as_str().to_owned(),
        owner_post: post_words(app, &t.owner.post),
        owner_unit: names.of(app, t.owner.unit).await?,
        owner_name: t.owner_name.clone(),
        due_at: t.due_at.to_string(),
        late: t.is_late(now),
        paused: t.paused_at.is_some(),
        raised: t.raised,
        day: t.day.map(|d| d.to_string()),
        page: known.and_then(|(k, _)| k.page.clone()),
        opened_at: t.opened_at.to_string(),
        ended_at: t.ended_at.map(|e| e.to_string()),
        parent_id: t.parent_id,
    })
}

/// An entry of the inbox.
#[derive(Serialize, ToSchema)]
pub struct InboxRow {
    /// `mine`, `check` or `raised`.
    because: String,
    task: TaskRow,
}

/// 需要我处理.
#[derive(Serialize, ToSchema)]
pub struct Inbox {
    items: Vec<InboxRow>,
    /// Cursor of the next page.
    next: Option<String>,
    /// Everything that waits.
    count: i64,
    /// Whose time is over.
    late: i64,
    /// Due today.
    due_today: i64,
    now: String,
}

/// What the caller must act on now, soonest due first.
#[utoipa::path(get, path = "/api/v1/inbox", operation_id = "inbox_list", params(PageQuery), responses((status = 200, body = Inbox)))]
async fn inbox_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Inbox>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let after: Option<(i64, Uuid)> = query.key()?;
    let all = inbox(app, ctx).await?;
    let n = counts(&all, ctx.now);
    let key = |t: &Task| (t.due_at.0, t.id);
    let rest = all
        .iter()
        .filter(|w| after.is_none_or(|a| key(&w.task) > a));
    let page: Vec<_> = rest
        .take(usize::try_from(query.rows()).unwrap_or(50))
        .collect();
    let full = page.len() as i64 >= query.rows();
    let next = page.last().filter(|_| full).map(|w| cursor(&key(&w.task)));
    let mut names = Names::default();
    let mut items = Vec::new();
    for w in page {
        items.push(InboxRow {
            because: Because::as_str(w.because).to_owned(),
            task: row(app, &mut names, &w.task, ctx.now).await?,
        });
    }
    Ok(Json(Inbox {
        items,
        next,
        count: n.all,
        late: n.late,
        due_today: n.today,
        now: ctx.now.to_string(),
    }))
}

/// Which tasks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// A unit and all below it; everything the caller may see when absent.
    unit_id: Option<Uuid>,
    /// `open` (as if absent) or `ended`.
    state: Option<String>,
    /// Of one kind.
    kind: Option<String>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// Tasks of the units that the caller may see: open ones soonest due first,
/// ended ones newest first.
#[utoipa::path(get, path = "/api/v1/tasks", operation_id = "task_list", params(TaskQuery), responses((status = 200, body = Page<TaskRow>)))]
async fn task_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<TaskQuery>,
) -> Answer<Json<Page<TaskRow>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let key: Option<(i64, Uuid)> = page.key()?;
    let path = match query.unit_id {
        Some(id) => {
            let scope = scope_of(app, ctx, Permission::TaskRead, id.into()).await?;
            Some(scope.unit().path.clone())
        }
        None => None,
    };
    let ended = match query.state.as_deref() {
        None | Some("open") => false,
        Some("ended") => true,
        Some(_) => return Err(KernelError::field("state", "field.not_in_list").into()),
    };
    let filter = ListFilter {
        ended,
        kind: query.kind.unwrap_or_default(),
        path,
        after: key.map(|(at, id)| (Timestamp(at), id)),
    };
    let tasks = service::task_list(app, ctx, &filter, page.rows()).await?;
    let last = tasks.last().filter(|_| tasks.len() as i64 >= page.rows());
    let at = |t: &Task| {
        if ended {
            t.ended_at.unwrap_or(t.due_at)
        } else {
            t.due_at
        }
    };
    let next = last.map(|t| cursor(&(at(t).0, t.id)));
    let mut names = Names::default();
    let mut items = Vec::new();
    for t in &tasks {
        items.push(row(app, &mut names, t, ctx.now).await?);
    }
    Ok(Json(Page { items, next }))
}

/// A kind of task.
#[derive(Serialize, ToSchema)]
pub struct TaskKindView {
    id: String,
    name: TwoWords,
    guide: TwoWords,
    /// Whether people may open one.
    by_hand: bool,
    owner_post: TwoWords,
    owner_level: String,
}

/// Kinds of tasks of all packs.
#[utoipa::path(get, path = "/api/v1/task-kinds", operation_id = "task_kind_list", responses((status = 200, body = Vec<TaskKindView>)))]
async fn task_kind_list(State(state): State<WebState>, _: Caller) -> Json<Vec<TaskKindView>> {
    let app = &state.app;
    let view = |k: &zf_forms::pack::tasks::TaskKind| TaskKindView {
        id: k.id.clone(),
        name: TwoWords::from(&k.name),
        guide: TwoWords::from(&k.guide),
        by_hand: k.by_hand,
        owner_post: post_words(app, &k.owner.post),
        owner_level: k.owner.level.clone(),
    };
    Json(app.packs.task_kinds().map(view).collect())
}

/// An entry of a task's history.
#[derive(Serialize, ToSchema)]
pub struct TaskEntry {
    seq: i64,
    /// A verb, or `comment`, `pause`, `resume`, `remind`, `escalate`.
    what: String,
    state_name: TwoWords,
    says: String,
    /// To whom it was handed, or the post that heard of the delay.
    towards: TwoWords,
    at: String,
    by_name: String,
    form_id: Option<String>,
    form_version: Option<i64>,
    /// Answers by name of the field.
    #[schema(value_type = Option<Object>)]
    answers: Option<Map<String, Value>>,
}

/// Somebody who may be given the task.
#[derive(Serialize, ToSchema)]
pub struct TaskPerson {
    user_id: Uuid,
    name: String,
    post: TwoWords,
}

/// A task with everything around it.
#[derive(Serialize, ToSchema)]
pub struct TaskView {
    task: TaskRow,
    note: String,
    guide: TwoWords,
    /// Newest entry of the history; an act names it.
    seq: i64,
    opened_by_name: String,
    checker_post: Option<TwoWords>,
    checker_unit: Option<String>,
    /// Who heard of the delay last.
    raised_to: Option<TwoWords>,
    /// What the caller may do now.
    allowed: Vec<String>,
    history: Vec<TaskEntry>,
    parts: Vec<TaskRow>,
    people: Vec<TaskPerson>,
    /// The form that is answered on handing in.
    #[schema(value_type = Option<Object>)]
    form: Option<Form>,
    /// Forms that entries of the history name.
    #[schema(value_type = Vec<Object>)]
    forms: Vec<Form>,
    today: String,
}

fn entry(app: &App, task: &Task, e: Entry) -> TaskEntry {
    let flow = kind_of(app, &task.kind).ok().map(|(_, flow)| flow);
    let state = flow.and_then(|f| f.state(&e.state));
    let towards = match e.what.as_str() {
        "escalate" => post_words(app, &e.towards),
        _ => same(&e.towards),
    };
    let answered = e.answers;
    TaskEntry {
        seq: e.seq,
        what: e.what,
        state_name: state.map_or_else(|| same(&e.state), |s| TwoWords::from(&s.name)),
        says: e.says,
        towards,
        at: e.at.to_string(),
        by_name: e.by_name,
        form_id: answered.as_ref().map(|a| a.form_id.clone()),
        form_version: answered.as_ref().map(|a| a.form_version),
        answers: answered.map(|a| a.answers),
    }
}

async fn forms_of(app: &App, history: &[Entry]) -> Answer<Vec<Form>> {
    let mut all: BTreeMap<(String, i64), Form> = BTreeMap::new();
    for a in history.iter().filter_map(|e| e.answers.as_ref()) {
        let key = (a.form_id.clone(), a.form_version);
        if all.contains_key(&key) {
            continue;
        }
        let version = u32::try_from(key.1).unwrap_or_default();
        if let Some(form) = form_of_answers(app, &key.0, version).await? {
            all.insert(key, form);
        }
    }
    Ok(all.into_values().collect())
}

async fn people(app: &App, task: &Task, may: &[&str]) -> Answer<Vec<TaskPerson>> {
    if !may.contains(&"assign") {
        return Ok(vec![]);
    }
    let all = service::candidates(app, task).await?;
    let view = |h: zf_kernel::user::grant::PostHolder| TaskPerson {
        user_id: h.user_id.uuid(),
        name: h.name,
        post: post_words(app, &h.post),
    };
    Ok(all.into_iter().map(view).collect())
}

async fn view(
    app: &App,
    caller: &Caller,
    scope: &UnitScope,
    task: &Task,
) -> Answer<Json<TaskView>> {
    let ctx = &caller.ctx;
    let mut names = Names::default();
    let who = standing(app, ctx, scope, task).await?;
    let known = kind_of(app, &task.kind).ok();
    let writes = ctx.scope(Permission::TaskWrite, scope.unit()).is_ok();
    let may = match known {
        Some((_, flow)) if writes => allowed(flow, task, who),
        _ => vec![],
    };
    let history = service::task_history(app, task).await?;
    let forms = forms_of(app, &history).await?;
    let mut parts = Vec::new();
    for part in service::task_parts(app, task).await? {
        parts.push(row(app, &mut names, &part, ctx.now).await?);
    }
    let form = match known.and_then(|(k, _)| k.form.as_ref()) {
        Some(id) if may.contains(&"submit") => Some(form_in_force(app, scope.unit(), id).await?),
        _ => None,
    };
    let checker_unit = match &task.checker {
        Some(c) => Some(names.of(app, c.unit).await?),
        None => None,
    };
    let post = |p: &PostAt| post_words(app, &p.post);
    Ok(Json(TaskView {
        task: row(app, &mut names, task, ctx.now).await?,
        note: task.note.clone(),
        guide: known.map_or_else(|| same(""), |(k, _)| TwoWords::from(&k.guide)),
        seq: task.seq,
        opened_by_name: task.opened_by_name.clone(),
        checker_post: task.checker.as_ref().map(post),
        checker_unit,
        raised_to: task.raised_to.as_ref().map(post),
        people: people(app, task, &may).await?,
        allowed: may.into_iter().map(str::to_owned).collect(),
        history: history.into_iter().map(|e| entry(app, task, e)).collect(),
        parts,
        form,
        forms,
        today: ctx.today().to_string(),
    }))
}

/// One task with its history.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/tasks/{task_id}", operation_id = "task_get",
    params(("unit_id" = Uuid, Path), ("task_id" = Uuid, Path)), responses((status = 200, body = TaskView)))]
async fn task_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<TaskView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::TaskRead, unit.into()).await?;
    let task = task_fetch(app, &scope, id).await?;
    view(app, &caller, &scope, &task).await
}

/// A task to be opened by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskBody {
    kind: String,
    /// The kind's name when empty.
    #[serde(default)]
    title: String,
    /// What is to be done; no names or numbers of customers.
    #[serde(default)]
    note: String,
    /// Last day; by the kind's term when absent.
    due: Option<String>,
    /// A person of the unit instead of the kind's post.
    to: Option<Uuid>,
    /// The task it is a part of.
    parent_id: Option<Uuid>,
}

/// Opens a task.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/tasks", operation_id = "task_open_by_hand",
    params(("unit_id" = Uuid, Path)), request_body = TaskBody, responses((status = 200, body = TaskView)))]
async fn task_open_by_hand(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit): Path<Uuid>,
    Body(body): Body<TaskBody>,
) -> Answer<Json<TaskView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::TaskWrite, unit.into()).await?;
    let (kind, _) = kind_of(app, &body.kind)?;
    if !kind.by_hand {
        return Err(KernelError::field("kind", "field.not_in_list").into());
    }
    let due_at = match body.due.as_deref().filter(|d| !d.is_empty()) {
        None => None,
        Some(text) => {
            let day = text
                .parse()
                .map_err(|_| KernelError::field("due", "field.day"))?;
            if day < ctx.today() {
                return Err(KernelError::field("due", "field.range").into());
            }
            Some(zf_base::term::at(day, kind.until))
        }
    };
    let owner = match body.to {
        None => None,
        Some(id) => {
            let user = UserId(id);
            let all = post_holders(app, scope.unit_id()).await?;
            let found = all.into_iter().find(|h| h.user_id == user);
            let found = found.ok_or_else(|| KernelError::field("to", "field.not_in_list"))?;
            Some((user, found.name))
        }
    };
    if let Some(parent) = body.parent_id {
        let parent = task_fetch(app, &scope, parent).await?;
        if parent.waits == Waits::Nobody {
            return Err(KernelError::field("parent_id", "field.not_in_list").into());
        }
    }
    let new = NewTask {
        kind: body.kind,
        source: BY_HAND.to_owned(),
        source_id: app.new_id().to_string(),
        title: body.title,
        note: body.note,
        parent_id: body.parent_id,
        owner,
        due_at,
        ..NewTask::default()
    };
    let opened = task_open(app, ctx, &scope, &new).await?;
    let task = task_fetch(app, &scope, opened.id).await?;
    view(app, &caller, &scope, &task).await
}

/// An act.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskActBody {
    /// `assign`, `submit`, `return`, `close`, `cancel`, `open`, `pause`, `resume`, `comment`.
    what: String,
    /// Newest entry of the history that was seen.
    seen: i64,
    /// A reason or a word; no names or numbers of customers.
    #[serde(default)]
    says: String,
    /// Who gets it; the post when absent.
    to: Option<Uuid>,
    /// Version of the form that was answered.
    form_version: Option<u32>,
    /// Answers by name of the field.
    #[schema(value_type = Option<Object>)]
    answers: Option<Map<String, Value>>,
}

/// Acts on a task.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/tasks/{task_id}/acts", operation_id = "task_act_on",
    params(("unit_id" = Uuid, Path), ("task_id" = Uuid, Path)), request_body = TaskActBody, responses((status = 200, body = TaskView)))]
async fn task_act_on(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<TaskActBody>,
) -> Answer<Json<TaskView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::TaskWrite, unit.into()).await?;
    let unknown = || KernelError::field("what", "field.not_in_list");
    let act = Act {
        what: What::from_api(&body.what).ok_or_else(unknown)?,
        seen: body.seen,
        says: body.says,
        to: body.to.map(UserId),
        answers: body.form_version.zip(body.answers),
    };
    let task = task_act(app, ctx, &scope, id, &act).await?;
    view(app, &caller, &scope, &task).await
}
