//! HTTP of the desk: everything for editing a plan, one edit (or only its
//! effect), undo, planning the rest of a week again, and who is away. Addresses
//! are checked as those of the plans are; it decides nothing and knows no SQL.

use super::admit::admissible;
use super::arrange::Edit;
use super::away::{NewAway, OtherWeek, away_add, away_list, away_remove};
use super::service::{Desk, How, edit};
use super::undo::{self, undo};
use super::view::{PlanAdmissible, PlanChanges, PlanDesk, PlanEditView, PlanEffect, Teller};
use crate::week_plan::http::{At, PlanPath, at};
use crate::week_plan::make::{BranchResult, plan_one};
use crate::week_plan::service::week_plan;
use crate::week_plan::view::Viewer;
use crate::week_plan::{CONFIRMED, WeekPlan};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Day, StaffId};
use zf_kernel::error::Result;
use zf_kernel::staff::service::staff_list;
use zf_kernel::{App, Permission};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::PlanRead), routes!(week_plan_desk))
        .op(
            Access::Needs(Permission::PlanRead),
            routes!(week_plan_admissible),
        )
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(week_plan_edit),
        )
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(week_plan_undo),
        )
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(week_plan_again),
        )
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(week_plan_away),
        )
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(week_plan_back),
        )
}

async fn read(app: &App, at: &At) -> Answer<WeekPlan> {
    Ok(week_plan(app, &at.program, &at.scope, at.week).await?)
}

/// Where stops may be moved to, what is wrong, the last edits, who is away.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/desk", operation_id = "week_plan_desk",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = PlanDesk)))]
async fn week_plan_desk(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<PlanDesk>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanRead, path).await?;
    let desk = Desk::load(app, &caller.ctx, &at.program, &at.scope, at.week).await?;
    let (edits, can_undo) = edits(app, &at, &desk).await?;
    let away = away_list(app, &at.scope, at.week).await?;
    let staff = staff_list(app, &at.scope).await?;
    let viewer = Viewer::new(app, &at.program, &at.scope, None)?;
    let teller = Teller::new(app, &at.program, &viewer, &[&desk.plan]);
    Ok(Json(teller.desk(&desk, edits, can_undo, &away, &staff)))
}

async fn edits(app: &App, at: &At, desk: &Desk) -> Result<(Vec<PlanEditView>, bool)> {
    let made = undo::last(app, &at.scope, &desk.plan.header).await?;
    let can_undo = desk.plan.header.state != CONFIRMED && made.iter().any(|m| !m.undone);
    Ok((made.into_iter().map(PlanEditView::from).collect(), can_undo))
}

/// Which households that no week has, a page of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AdmissibleQuery {
    /// Part of the name of a village group, or a whole name.
    #[serde(default)]
    q: String,
}

/// Key of a page.
#[derive(Serialize, Deserialize)]
struct Key(i64, Uuid);

/// Households of the campaign that no week has, best first: who may be put in by hand.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/admissible", operation_id = "week_plan_admissible",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path), AdmissibleQuery, PageQuery),
    responses((status = 200, body = Page<PlanAdmissible>)))]
async fn week_plan_admissible(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Query(query): Query<AdmissibleQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<PlanAdmissible>>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanRead, path).await?;
    let after = page.key::<Key>()?.map(|Key(priority, id)| (priority, id));
    let (program, scope) = (&at.program, &at.scope);
    let text = query.q.trim();
    let found = admissible(app, program, scope, at.week, text, after, page.rows()).await?;
    let groups = program.groups(app)?;
    let items = found
        .into_iter()
        .map(|a| PlanAdmissible::of(a, &groups))
        .collect();
    let key = |a: &PlanAdmissible| Key(a.priority, a.target_id);
    Ok(Json(Page::new(items, page.rows(), key)))
}

/// One edit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanEditBody {
    /// What to do.
    edit: Edit,
    /// Only say what it would do.
    #[serde(default)]
    preview: bool,
    /// Put what does not fit any more elsewhere in the week; strike what fits nowhere.
    #[serde(default)]
    fit: bool,
}

/// Edits a draft, or says what the edit would do.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/edits", operation_id = "week_plan_edit",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = PlanEditBody,
    responses((status = 200, body = PlanEffect)))]
async fn week_plan_edit(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<PlanEditBody>,
) -> Answer<Json<PlanEffect>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanWrite, path).await?;
    let how = How {
        preview: body.preview,
        fit: body.fit,
    };
    let (program, scope) = (&at.program, &at.scope);
    let (desk, effect) = edit(app, &caller.ctx, program, scope, at.week, &body.edit, how).await?;
    let viewer = Viewer::new(app, program, scope, None)?;
    let teller = Teller::new(app, program, &viewer, &[&desk.plan]).naming(&desk.names);
    let plan = match body.preview {
        true => None,
        false => Some(viewer.view(&read(app, &at).await?)),
    };
    Ok(Json(teller.effect(&desk, &effect, plan)))
}

/// Takes the last edit back.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/undo", operation_id = "week_plan_undo",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = PlanEffect)))]
async fn week_plan_undo(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<PlanEffect>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanWrite, path).await?;
    let (program, scope) = (&at.program, &at.scope);
    let (desk, effect) = undo(app, &caller.ctx, program, scope, at.week).await?;
    let viewer = Viewer::new(app, program, scope, None)?;
    let teller = Teller::new(app, program, &viewer, &[&desk.plan]).naming(&desk.names);
    let plan = viewer.view(&read(app, &at).await?);
    Ok(Json(teller.effect(&desk, &effect, Some(plan))))
}

async fn told(
    app: &App,
    at: &At,
    before: &WeekPlan,
    done: &BranchResult,
    others: &[OtherWeek],
) -> Answer<PlanChanges> {
    let after = read(app, at).await?;
    let viewer = Viewer::new(app, &at.program, &at.scope, None)?;
    let teller = Teller::new(app, &at.program, &viewer, &[&after, before]);
    let changes = done.changes.clone().unwrap_or_default();
    let reopened = before.header.state == CONFIRMED;
    Ok(teller.changes(&changes, reopened, viewer.view(&after), others))
}

/// Plans a draft again, keeping what is struck, locked or over; says what changed.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/again", operation_id = "week_plan_again",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = PlanChanges)))]
async fn week_plan_again(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<PlanChanges>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanWrite, path).await?;
    let before = read(app, &at).await?;
    let done = plan_one(app, &caller.ctx, &at.program, &at.scope, at.week).await?;
    Ok(Json(told(app, &at, &before, &done, &[]).await?))
}

/// Who is away when; neither a person nor a post means that nobody goes out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanAwayBody {
    /// One person.
    staff_id: Option<Uuid>,
    /// Everybody of a post.
    post: Option<String>,
    /// First day.
    first_day: String,
    /// Last day.
    last_day: String,
    /// Id of a window; absent = all day.
    window: Option<String>,
}

fn day(field: &'static str, text: &str) -> Answer<Day> {
    text.parse()
        .map_err(|_| zf_web::Problem::field(field, "day.form"))
}

/// Sick leave or a rainy day: every planned week of those days is planned again with
/// few changes; a confirmed plan has to be confirmed again.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/away", operation_id = "week_plan_away",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = PlanAwayBody,
    responses((status = 200, body = PlanChanges)))]
async fn week_plan_away(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<PlanAwayBody>,
) -> Answer<Json<PlanChanges>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::PlanWrite, path).await?;
    let new = NewAway {
        staff_id: body.staff_id.map(StaffId),
        post: body.post,
        first: day("first_day", &body.first_day)?,
        last: day("last_day", &body.last_day)?,
        window: body.window,
    };
    let before = read(app, &at).await?;
    let done = away_add(app, &caller.ctx, &at.program, &at.scope, at.week, &new).await?;
    Ok(Json(
        told(app, &at, &before, &done.here, &done.others).await?,
    ))
}

/// It is not so after all: planned again without that absence.
#[utoipa::path(delete, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/away/{away_id}", operation_id = "week_plan_back",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path), ("away_id" = Uuid, Path)),
    responses((status = 200, body = PlanChanges)))]
async fn week_plan_back(
    State(state): State<WebState>,
    caller: Caller,
    Path((program, unit, week, id)): Path<(Uuid, Uuid, String, Uuid)>,
) -> Answer<Json<PlanChanges>> {
    let app = &state.app;
    let path = Path((program, unit, week));
    let at = at(app, &caller, Permission::PlanWrite, path).await?;
    let before = read(app, &at).await?;
    let done = away_remove(app, &caller.ctx, &at.program, &at.scope, at.week, id).await?;
    Ok(Json(
        told(app, &at, &before, &done.here, &done.others).await?,
    ))
}
