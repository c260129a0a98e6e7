//! HTTP of the ledger: all branches, one branch, the workbook, the count of a
//! day, and what sweeps brought. Requests become calls of `service`; nothing is
//! computed here.

use super::book::workbook;
use super::service::{self, Count, NewSweep, Standing, Sweep};
use super::{Entry, Outlook};
use crate::program::Program;
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Day;
use zf_base::code::ErrorCode;
use zf_kernel::error::KernelError;
use zf_kernel::unit::Level;
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PlanRead);
    let head = Access::Needs(Permission::PlanConfirm);
    api.op(read, routes!(shortfall_list))
        .op(read, routes!(shortfall_book))
        .op(read, routes!(shortfall_get))
        .op(head, routes!(visit_count_put))
        .op(read, routes!(sweep_list))
        .op(head, routes!(sweep_put))
}

/// Whether what is open can still be made up for.
#[derive(Serialize, ToSchema)]
pub struct OutlookView {
    /// `clear`, `until` or `never`.
    kind: String,
    /// The last planned day to begin.
    day: Option<String>,
    /// Households that the remaining days have room for beyond their quota.
    spare: i64,
    /// Households for which there is no room.
    missing: i64,
}

/// A branch's ledger in one line.
#[derive(Serialize, ToSchema)]
pub struct ShortfallRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    /// Today's quota; what is carried never raises it.
    quota: i64,
    /// Due on the days that are known.
    due: i64,
    done: i64,
    balance: i64,
    /// Planned days of which nothing is known.
    open_days: i64,
    outlook: OutlookView,
}

/// All visible branches.
#[derive(Serialize, ToSchema)]
pub struct Shortfalls {
    today: String,
    items: Vec<ShortfallRow>,
}

/// A row of the ledger.
#[derive(Serialize, ToSchema)]
pub struct ShortfallEntry {
    day: String,
    due: i64,
    done: Option<i64>,
    carried: i64,
    repaid: i64,
    balance: i64,
    /// `typed`, `plan` or `open`.
    source: String,
}

/// A count of a day as it was typed.
#[derive(Serialize, ToSchema)]
pub struct VisitCountView {
    day: String,
    seq: i64,
    households: i64,
    /// `typed`.
    source: String,
    /// Why it was corrected.
    reason: String,
    at: String,
    by_name: String,
}

/// One branch's ledger.
#[derive(Serialize, ToSchema)]
pub struct ShortfallDetail {
    row: ShortfallRow,
    today: String,
    /// Oldest first.
    entries: Vec<ShortfallEntry>,
    /// Everything that was typed, oldest first.
    counts: Vec<VisitCountView>,
}

/// Households visited on a day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVisitCount {
    households: i64,
    /// Why a count that was typed before is corrected.
    #[serde(default)]
    reason: String,
}

/// What a sweep of a village group brought.
#[derive(Serialize, ToSchema)]
pub struct SweepView {
    village_group_id: Uuid,
    village_group_name: String,
    day: String,
    /// Id of the window in the campaign file.
    window: String,
    households_met: i64,
    /// Codes.
    traces: Vec<String>,
    at: String,
    by_name: String,
}

/// Sweeps of a branch, newest first.
#[derive(Serialize, ToSchema)]
pub struct Sweeps {
    items: Vec<SweepView>,
}

/// What is written down of a sweep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSweepResult {
    village_group_id: Uuid,
    day: String,
    /// Id of the window in the campaign file.
    window: String,
    households_met: i64,
    /// Codes of traces that were left.
    traces: Vec<String>,
}

fn outlook(o: Outlook) -> OutlookView {
    let (kind, day, spare, missing) = match o {
        Outlook::Clear => ("clear", None, 0, 0),
        Outlook::Until { day, spare } => ("until", Some(day.to_string()), spare, 0),
        Outlook::Never { spare, missing } => ("never", None, spare, missing),
    };
    OutlookView {
        kind: kind.to_owned(),
        day,
        spare,
        missing,
    }
}

fn row(s: &Standing) -> ShortfallRow {
    ShortfallRow {
        unit_id: s.unit.id.uuid(),
        unit_code: s.unit.code.clone(),
        unit_name: s.unit.name.clone(),
        quota: s.quota,
        due: s.ledger.due,
        done: s.ledger.done,
        balance: s.ledger.balance,
        open_days: s.ledger.open_days,
        outlook: outlook(s.outlook),
    }
}

fn entry(e: &Entry) -> ShortfallEntry {
    ShortfallEntry {
        day: e.day.to_string(),
        due: e.due,
        done: e.done,
        carried: e.carried,
        repaid: e.repaid,
        balance: e.balance,
        source: e.source.as_str().to_owned(),
    }
}

fn count(c: Count) -> VisitCountView {
    VisitCountView {
        day: c.day.to_string(),
        seq: c.seq,
        households: c.households,
        source: c.source,
        reason: c.reason,
        at: c.at.to_string(),
        by_name: c.by_name,
    }
}

fn sweep(s: Sweep) -> SweepView {
    SweepView {
        village_group_id: s.village_group_id.uuid(),
        village_group_name: s.name,
        day: s.day.to_string(),
        window: s.window,
        households_met: s.households_met,
        traces: s.traces,
        at: s.at.to_string(),
        by_name: s.by_name,
    }
}

fn day(text: &str) -> Answer<Day> {
    let fault = |_| Problem::from(KernelError::field("day", "field.day"));
    text.parse().map_err(fault)
}

/// The program and one branch of it.
async fn at(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    id: Uuid,
    unit: Uuid,
) -> Answer<(Program, UnitScope)> {
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program.scope(app, ctx, permission, unit.into()).await?;
    if scope.unit().level != Level::Branch {
        return Err(Problem::new(ErrorCode::UNIT_NOT_FOUND));
    }
    Ok((program, scope))
}

async fn detail(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
) -> Answer<ShortfallDetail> {
    let unit = scope.unit_id();
    let mut found = service::standings(app, ctx, program, Some(unit)).await?;
    let standing = found
        .pop()
        .ok_or_else(|| Problem::new(ErrorCode::UNIT_NOT_FOUND))?;
    let counts = service::counts(app, program, unit).await?;
    Ok(ShortfallDetail {
        row: row(&standing),
        today: ctx.today().to_string(),
        entries: standing.ledger.entries.iter().map(entry).collect(),
        counts: counts.into_iter().map(count).collect(),
    })
}

/// What every branch still has to make up for.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/shortfall", operation_id = "shortfall_list",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = Shortfalls)))]
async fn shortfall_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<Shortfalls>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let all = service::standings(app, ctx, &program, None).await?;
    Ok(Json(Shortfalls {
        today: ctx.today().to_string(),
        items: all.iter().map(row).collect(),
    }))
}

/// The ledger of all visible branches as a workbook.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/shortfall.xlsx", operation_id = "shortfall_book",
    params(("program_id" = Uuid, Path)), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn shortfall_book(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let all = service::standings(app, ctx, &program, None).await?;
    let name = program.name.clone();
    let (today, now) = (ctx.today(), ctx.now);
    let made = tokio::task::spawn_blocking(move || workbook(&name, today, now, &all)).await;
    let (name, bytes) = made.map_err(|e| KernelError::Internal(e.to_string()))??;
    Ok(download(&name, bytes))
}

/// One branch's ledger day by day.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/shortfall/{unit_id}", operation_id = "shortfall_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), responses((status = 200, body = ShortfallDetail)))]
async fn shortfall_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
) -> Answer<Json<ShortfallDetail>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::PlanRead, id, unit).await?;
    Ok(Json(detail(app, ctx, &program, &scope).await?))
}

/// Types the households visited on a day; a correction says why.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/visit-counts/{unit_id}/{day}", operation_id = "visit_count_put",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("day" = String, Path)), request_body = NewVisitCount, responses((status = 200, body = ShortfallDetail)))]
async fn visit_count_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit, on)): Path<(Uuid, Uuid, String)>,
    Body(new): Body<NewVisitCount>,
) -> Answer<Json<ShortfallDetail>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::PlanConfirm, id, unit).await?;
    let on = day(&on)?;
    service::count_put(app, ctx, &program, &scope, on, new.households, &new.reason).await?;
    Ok(Json(detail(app, ctx, &program, &scope).await?))
}

/// What the sweeps of a branch brought.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/sweeps/{unit_id}", operation_id = "sweep_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), responses((status = 200, body = Sweeps)))]
async fn sweep_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
) -> Answer<Json<Sweeps>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::PlanRead, id, unit).await?;
    let all = service::sweeps(app, &program, scope.unit_id()).await?;
    Ok(Json(Sweeps {
        items: all.into_iter().map(sweep).collect(),
    }))
}

/// Writes down what a sweep of a village group brought.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/sweeps/{unit_id}", operation_id = "sweep_put",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = NewSweepResult, responses((status = 204)))]
async fn sweep_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Body(new): Body<NewSweepResult>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::PlanConfirm, id, unit).await?;
    let sweep = NewSweep {
        village_group_id: new.village_group_id.into(),
        day: day(&new.day)?,
        window: new.window,
        households_met: new.households_met,
        traces: new.traces,
    };
    service::sweep_put(app, ctx, &program, &scope, &sweep).await?;
    Ok(StatusCode::NO_CONTENT)
}
