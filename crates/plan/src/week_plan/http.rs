//! HTTP of week plans: make, list, show, strike out, confirm, print. Every
//! address of one plan goes through [`at`], which checks program, branch and
//! week; full names leave only through the two operations that are audited.

use super::adherence::{Adherence, adherence};
use super::days::week_days;
use super::make::may_plan;
use super::print::{print_permit, week_plan_workbook};
use super::program;
use super::service::{self, Mark, week_plan};
use super::view::{Viewer, WeekPlanView};
use super::{jobs, words};
use crate::program::Program;
use crate::targets::http::StartedJob;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, ProgramId, StopId, UnitId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::job::{NewJob, service::job_enqueue};
use zf_kernel::{App, Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let api = super::desk::http::api(api);
    api.op(
        Access::Needs(Permission::PlanWrite),
        routes!(week_plan_make),
    )
    .op(Access::Needs(Permission::PlanRead), routes!(week_plan_list))
    .op(Access::Needs(Permission::PlanRead), routes!(week_plan_get))
    .op(
        Access::Needs(Permission::PlanConfirm),
        routes!(week_plan_confirm),
    )
    .op(
        Access::Needs(Permission::PlanConfirm),
        routes!(week_plan_reopen),
    )
    .op(
        Access::Needs(Permission::PlanWrite),
        routes!(week_plan_strike),
    )
    .op(
        Access::Needs(Permission::PlanWrite),
        routes!(week_plan_restore),
    )
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(week_plan_book),
    )
    .op(
        Access::Needs(Permission::CustomerReveal),
        routes!(week_plan_print),
    )
}

fn week_of(text: &str) -> Answer<IsoWeek> {
    text.parse()
        .map_err(|_| Problem::field("week", "week.form"))
}

/// Which week, and which unit when not all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeBody {
    /// `2026-W48`.
    week: String,
    /// All branches at or below this unit; absent = all of the program.
    unit_id: Option<Uuid>,
}

/// Plans a week in the background. Confirmed plans are left alone; a single
/// branch whose plan is confirmed is refused.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/week-plans", operation_id = "week_plan_make",
    params(("program_id" = Uuid, Path)), request_body = MakeBody, responses((status = 202, body = StartedJob)))]
async fn week_plan_make(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<MakeBody>,
) -> Answer<(StatusCode, Json<StartedJob>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let week = week_of(&body.week)?;
    let program = program::by_id(app, ctx, Permission::PlanWrite, ProgramId(id)).await?;
    let unit = match body.unit_id {
        Some(unit) => program
            .scope(app, ctx, Permission::PlanWrite, UnitId(unit))
            .await?
            .unit_id(),
        None => ctx.scope(Permission::PlanWrite, &program.unit)?.unit_id(),
    };
    may_plan(app, ctx, &program, week, Some(unit)).await?;
    let args = json!({ "program_id": program.id, "week": week, "unit_id": unit });
    let key = format!("{}|{week}|{unit}", program.id);
    let job = job_enqueue(app, ctx, &NewJob::new(jobs::KIND, unit, args).once(key)).await?;
    Ok((StatusCode::ACCEPTED, Json(job.into())))
}

/// A week.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WeekQuery {
    /// `2026-W48`.
    week: String,
}

/// A day of the week.
#[derive(Serialize, ToSchema)]
pub struct WeekDayView {
    day: String,
    weekday: u8,
    is_workday: bool,
    /// Visits are planned on this day.
    planned: bool,
    note: String,
}

/// One branch of the week.
#[derive(Serialize, ToSchema)]
pub struct BranchWeek {
    unit_id: Uuid,
    unit_name: String,
    /// `none`, `draft` or `confirmed`.
    state: String,
    planned: i64,
    needed: i64,
    carried: i64,
    /// Still open, what is owed included.
    shortfall: i64,
    teams: i64,
    travel_km: f64,
    made_at: Option<String>,
    confirmed_at: Option<String>,
    confirmed_by_name: Option<String>,
    /// Households of a confirmed plan for days up to today.
    due: i64,
    /// Of those, gone to on their day.
    on_day: i64,
    /// Of those, visited on another day of the week.
    other_day: i64,
}

/// All branches of a week.
#[derive(Serialize, ToSchema)]
pub struct WeekList {
    week: String,
    days: Vec<WeekDayView>,
    items: Vec<BranchWeek>,
}

/// The plans of a week, every branch in scope, planned or not.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/week-plans", operation_id = "week_plan_list",
    params(("program_id" = Uuid, Path), WeekQuery), responses((status = 200, body = WeekList)))]
async fn week_plan_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<WeekQuery>,
) -> Answer<Json<WeekList>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let week = week_of(&query.week)?;
    let program = program::by_id(app, ctx, Permission::PlanRead, ProgramId(id)).await?;
    let branches = program
        .branches(app, ctx, Permission::PlanRead, None)
        .await?;
    let headers = service::headers(app, program.id, week).await?;
    let followed = adherence(app, program.id, week, ctx.today()).await?;
    let days = week_days(&program.definition, &work_calendar(app).await?, week);
    let view = |d: &super::days::PlanDay| WeekDayView {
        day: d.day.to_string(),
        weekday: d.day.weekday(),
        is_workday: d.is_workday,
        planned: d.planned(),
        note: words::day_note(d),
    };
    let items = branches
        .iter()
        .map(|scope| {
            let followed = followed.get(&scope.unit_id()).copied();
            branch_week(scope, headers.get(&scope.unit_id()), followed)
        })
        .collect();
    Ok(Json(WeekList {
        week: week.to_string(),
        days: days.iter().map(view).collect(),
        items,
    }))
}

fn branch_week(
    scope: &UnitScope,
    header: Option<&super::Header>,
    followed: Option<Adherence>,
) -> BranchWeek {
    let followed = followed.unwrap_or_default();
    let number = |of: fn(&super::Header) -> i64| header.map_or(0, of);
    BranchWeek {
        unit_id: scope.unit_id().uuid(),
        unit_name: scope.unit().name.clone(),
        state: header.map_or_else(|| "none".to_owned(), |h| h.state.clone()),
        planned: number(|h| h.planned),
        needed: number(|h| h.needed),
        carried: number(|h| h.carried),
        shortfall: number(super::Header::left),
        teams: number(|h| h.teams),
        travel_km: (number(|h| h.travel_meters) as f64 / 100.0).round() / 10.0,
        made_at: header.map(|h| h.made_at.to_string()),
        confirmed_at: header.and_then(|h| h.confirmed_at).map(|t| t.to_string()),
        confirmed_by_name: header.and_then(|h| h.confirmed_by_name.clone()),
        due: followed.due,
        on_day: followed.on_day,
        other_day: followed.other_day,
    }
}

/// Program, branch and week of a request, checked.
pub(crate) struct At {
    /// Program.
    pub program: Program,
    /// Branch.
    pub scope: UnitScope,
    /// Week.
    pub week: IsoWeek,
}

/// Program, unit and week of an address.
pub(crate) type PlanPath = Path<(Uuid, Uuid, String)>;

pub(crate) async fn at(
    app: &App,
    caller: &Caller,
    permission: Permission,
    Path((id, unit, week)): PlanPath,
) -> Answer<At> {
    let week = week_of(&week)?;
    let program = program::by_id(app, &caller.ctx, permission, ProgramId(id)).await?;
    let scope = program
        .branch(app, &caller.ctx, permission, UnitId(unit))
        .await?;
    Ok(At {
        program,
        scope,
        week,
    })
}

async fn shown(app: &App, at: &At) -> Answer<Json<WeekPlanView>> {
    let plan = week_plan(app, &at.program, &at.scope, at.week).await?;
    Ok(Json(
        Viewer::new(app, &at.program, &at.scope, None)?.view(&plan),
    ))
}

/// The plan of one branch and week, names masked.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}", operation_id = "week_plan_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = WeekPlanView)))]
async fn week_plan_get(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<WeekPlanView>> {
    let at = at(&state.app, &caller, Permission::PlanRead, path).await?;
    shown(&state.app, &at).await
}

/// The branch head agrees to the plan.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/confirm", operation_id = "week_plan_confirm",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = WeekPlanView)))]
async fn week_plan_confirm(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<WeekPlanView>> {
    let at = at(&state.app, &caller, Permission::PlanConfirm, path).await?;
    service::confirm(&state.app, &caller.ctx, &at.program, &at.scope, at.week).await?;
    shown(&state.app, &at).await
}

/// Opens a confirmed plan again.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/reopen", operation_id = "week_plan_reopen",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), responses((status = 200, body = WeekPlanView)))]
async fn week_plan_reopen(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Json<WeekPlanView>> {
    let at = at(&state.app, &caller, Permission::PlanConfirm, path).await?;
    service::reopen(&state.app, &caller.ctx, &at.program, &at.scope, at.week).await?;
    shown(&state.app, &at).await
}

/// A stop of the plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopBody {
    /// The stop.
    stop_id: Uuid,
}

async fn mark(
    state: &WebState,
    caller: &Caller,
    path: PlanPath,
    stop: Uuid,
    mark: Mark,
) -> Answer<Json<WeekPlanView>> {
    let at = at(&state.app, caller, Permission::PlanWrite, path).await?;
    service::mark_stop(
        &state.app,
        &caller.ctx,
        &at.program,
        &at.scope,
        at.week,
        StopId(stop),
        mark,
    )
    .await?;
    shown(&state.app, &at).await
}

/// Strikes a stop out of a draft.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/strike", operation_id = "week_plan_strike",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = StopBody,
    responses((status = 200, body = WeekPlanView)))]
async fn week_plan_strike(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<StopBody>,
) -> Answer<Json<WeekPlanView>> {
    mark(&state, &caller, path, body.stop_id, Mark::Strike).await
}

/// Takes a struck stop back in.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/restore", operation_id = "week_plan_restore",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = StopBody,
    responses((status = 200, body = WeekPlanView)))]
async fn week_plan_restore(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<StopBody>,
) -> Answer<Json<WeekPlanView>> {
    mark(&state, &caller, path, body.stop_id, Mark::Restore).await
}

/// The workbook of a branch with full names; written to the audit log.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/workbook.xlsx", operation_id = "week_plan_book",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn week_plan_book(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
) -> Answer<Download> {
    let at = at(&state.app, &caller, Permission::CustomerExport, path).await?;
    // The names are in full here: who takes lists out does not yet see them.
    let reveals = caller
        .ctx
        .scope(Permission::CustomerReveal, at.scope.unit());
    reveals.map_err(|_| Problem::new(ErrorCode::PERMISSION_DENIED))?;
    let (name, bytes) =
        week_plan_workbook(&state.app, &caller.ctx, &at.scope, &at.program, at.week).await?;
    Ok(download(&name, bytes))
}

/// Why the plan is printed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintBody {
    /// Stored with the event.
    reason: String,
}

/// The plan with full names for the print view; written to the audit log.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/print", operation_id = "week_plan_print",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = PrintBody,
    responses((status = 200, body = WeekPlanView)))]
async fn week_plan_print(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<PrintBody>,
) -> Answer<Json<WeekPlanView>> {
    let app = &state.app;
    let at = at(app, &caller, Permission::CustomerReveal, path).await?;
    let plan = week_plan(app, &at.program, &at.scope, at.week).await?;
    let permit = print_permit(
        app,
        &caller.ctx,
        &at.scope,
        &at.program,
        &plan,
        &body.reason,
    )
    .await?;
    Ok(Json(
        Viewer::new(app, &at.program, &at.scope, Some(&permit))?.view(&plan),
    ))
}
