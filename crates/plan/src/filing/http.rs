//! HTTP of filing and approval: the branches with their state, one branch's
//! plan with its history and what it may begin with, handing in, deciding,
//! approving. Requests become calls of `service` and `approval`.

use super::all::accept_all;
use super::approval::{self, approvals};
use super::service::{self, Decision, Newest};
use super::{FiledPlan, Filing, is_late};
use crate::program::Program;
use crate::program::service::{post_name, program_fetch};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::ProgramRead);
    api.op(read, routes!(filing_list))
        .op(read, routes!(filing_get))
        .op(Access::Needs(Permission::PlanConfirm), routes!(filing_put))
        .op(
            Access::Needs(Permission::ProgramWrite),
            routes!(filing_decide),
        )
        .op(
            Access::Needs(Permission::ProgramWrite),
            routes!(filing_accept_all),
        )
        .op(
            Access::Needs(Permission::ProgramApprove),
            routes!(program_approve),
        )
}

/// A branch with its newest filing.
#[derive(Serialize, ToSchema)]
pub struct FilingRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    /// `none`, `filed`, `returned` or `accepted`.
    state: String,
    /// The day has passed and nothing stands.
    late: bool,
    seq: Option<i64>,
    filed_at: Option<String>,
    filed_by_name: Option<String>,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
    /// Why it was returned.
    reason: String,
}

/// An approval of a version.
#[derive(Serialize, ToSchema)]
pub struct ApprovalView {
    version: i64,
    note: String,
    /// Branches that had handed in a plan by then.
    filed: i64,
    branches: i64,
    day: String,
    at: String,
    by_name: String,
}

/// All visible branches of a program, and who has approved it.
#[derive(Serialize, ToSchema)]
pub struct Filings {
    /// Plans are due by this day.
    due: Option<String>,
    /// Version in force.
    version: i64,
    /// Who wrote it; somebody else approves.
    author_name: String,
    /// Whether the caller wrote it.
    author_is_me: bool,
    /// Whether the version in force is approved.
    approved: bool,
    items: Vec<FilingRow>,
    /// Newest first.
    approvals: Vec<ApprovalView>,
}

/// A plan that was handed in.
#[derive(Serialize, ToSchema)]
pub struct FilingView {
    seq: i64,
    state: String,
    program_version: i64,
    plan: FiledPlan,
    filed_at: String,
    filed_by_name: String,
    /// Whether the caller handed it in.
    filed_by_me: bool,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
    reason: String,
}

/// A team that must have people.
#[derive(Serialize, ToSchema)]
pub struct FilingTeam {
    team: String,
    title: String,
    /// Names of its posts.
    posts: Vec<String>,
}

/// One branch: what it has handed in, and what it may begin with.
#[derive(Serialize, ToSchema)]
pub struct FilingDetail {
    unit_id: Uuid,
    unit_name: String,
    due: Option<String>,
    late: bool,
    /// Newest first.
    filings: Vec<FilingView>,
    /// What is offered to begin with.
    proposal: FiledPlan,
    teams: Vec<FilingTeam>,
    /// Codes of what the campaign hands out.
    materials: Vec<String>,
}

/// The county's decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingDecision {
    /// The filing that was looked at.
    seq: i64,
    /// Accept, else return.
    accept: bool,
    /// Why it is returned.
    #[serde(default)]
    reason: String,
}

/// A filing that was looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenFiling {
    unit_id: Uuid,
    seq: i64,
}

/// All filings that are to be accepted, as they were seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptFilings {
    /// Not empty.
    seen: Vec<SeenFiling>,
}

/// A filing that was left.
#[derive(Serialize, ToSchema)]
pub struct LeftFiling {
    unit_id: Uuid,
    unit_name: String,
    /// `changed` meanwhile, the caller's `own`, `unsound` under the campaign as it is.
    why: String,
}

/// What came of accepting all.
#[derive(Serialize, ToSchema)]
pub struct AcceptedFilings {
    accepted: i64,
    left: Vec<LeftFiling>,
    filings: Filings,
}

/// An approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    /// The version that was looked at.
    version: i64,
    /// A remark.
    #[serde(default)]
    note: String,
}

fn row(program: &Program, ctx: &Ctx, unit: Unit, newest: Option<Newest>) -> FilingRow {
    let due = program.definition.program.filing_due;
    let state = newest.as_ref().map(|n| n.state);
    FilingRow {
        unit_id: unit.id.uuid(),
        unit_code: unit.code,
        unit_name: unit.name,
        state: state.map_or("none", |s| s.as_str()).to_owned(),
        late: is_late(due, ctx.today(), state),
        seq: newest.as_ref().map(|n| n.seq),
        filed_at: newest.as_ref().map(|n| n.filed_at.to_string()),
        filed_by_name: newest.as_ref().map(|n| n.filed_by_name.clone()),
        decided_at: newest
            .as_ref()
            .and_then(|n| n.decided_at)
            .map(|t| t.to_string()),
        decided_by_name: newest.as_ref().and_then(|n| n.decided_by_name.clone()),
        reason: newest.map(|n| n.reason).unwrap_or_default(),
    }
}

async fn filings(app: &App, ctx: &Ctx, program: &Program) -> Answer<Filings> {
    let branches = service::filings(app, ctx, program).await?;
    let all = approvals(app, program).await?;
    let (author, author_name) = approval::author(app, program).await?;
    Ok(Filings {
        due: program.definition.program.filing_due.map(|d| d.to_string()),
        version: program.version,
        author_name,
        author_is_me: author == ctx.actor.user_id,
        approved: all.iter().any(|a| a.version == program.version),
        items: branches
            .into_iter()
            .map(|(unit, newest)| row(program, ctx, unit, newest))
            .collect(),
        approvals: all
            .into_iter()
            .map(|a| ApprovalView {
                version: a.version,
                note: a.note,
                filed: a.filed,
                branches: a.branches,
                day: a.day.to_string(),
                at: a.at.to_string(),
                by_name: a.by_name,
            })
            .collect(),
    })
}

fn view(ctx: &Ctx, f: Filing) -> FilingView {
    FilingView {
        seq: f.seq,
        state: f.state.as_str().to_owned(),
        program_version: f.program_version,
        plan: f.plan,
        filed_at: f.filed_at.to_string(),
        filed_by_me: f.filed_by == ctx.actor.user_id,
        filed_by_name: f.filed_by_name,
        decided_at: f.decided_at.map(|t| t.to_string()),
        decided_by_name: f.decided_by_name,
        reason: f.reason,
    }
}

async fn detail(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
) -> Answer<FilingDetail> {
    let d = &program.definition;
    let all = service::filings_of(app, program, scope).await?;
    let state = all.first().map(|f| f.state);
    let mut materials = d.materials.carry.clone();
    materials.extend(d.evidence.traces.iter().cloned());
    let teams = service::teams_of(program, scope.unit()).into_iter();
    Ok(FilingDetail {
        unit_id: scope.unit_id().uuid(),
        unit_name: scope.unit().name.clone(),
        due: d.program.filing_due.map(|d| d.to_string()),
        late: is_late(d.program.filing_due, ctx.today(), state),
        proposal: service::proposal(app, program, scope).await?,
        teams: teams
            .map(|t| FilingTeam {
                team: t.id.clone(),
                title: t.title.clone(),
                posts: t.posts.iter().map(|p| post_name(app, p)).collect(),
            })
            .collect(),
        materials,
        filings: all.into_iter().map(|f| view(ctx, f)).collect(),
    })
}

/// The program and one branch of it.
async fn at(
    app: &App,
    ctx: &Ctx,
    permission: Permission,
    (id, unit): (Uuid, Uuid),
) -> Answer<(Program, UnitScope)> {
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program.scope(app, ctx, permission, unit.into()).await?;
    if scope.unit().level != zf_kernel::unit::Level::Branch {
        return Err(Problem::new(zf_base::code::ErrorCode::UNIT_NOT_FOUND));
    }
    Ok((program, scope))
}

/// Which branches have handed in their visit plan, and who approved the campaign.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/filings", operation_id = "filing_list",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = Filings)))]
async fn filing_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<Filings>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    Ok(Json(filings(app, &caller.ctx, &program).await?))
}

/// One branch's visit plan with its history.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/filings/{unit_id}", operation_id = "filing_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), responses((status = 200, body = FilingDetail)))]
async fn filing_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(place): Path<(Uuid, Uuid)>,
) -> Answer<Json<FilingDetail>> {
    let app = &state.app;
    let (program, scope) = at(app, &caller.ctx, Permission::ProgramRead, place).await?;
    Ok(Json(detail(app, &caller.ctx, &program, &scope).await?))
}

/// Hands in a branch's visit plan.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/filings/{unit_id}", operation_id = "filing_put",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = FiledPlan, responses((status = 201, body = FilingDetail)))]
async fn filing_put(
    State(state): State<WebState>,
    caller: Caller,
    Path(place): Path<(Uuid, Uuid)>,
    Body(plan): Body<FiledPlan>,
) -> Answer<(StatusCode, Json<FilingDetail>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::PlanConfirm, place).await?;
    service::file(app, ctx, &program, &scope, &plan).await?;
    let detail = detail(app, ctx, &program, &scope).await?;
    Ok((StatusCode::CREATED, Json(detail)))
}

/// Accepts a visit plan or returns it with a reason.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/filings/{unit_id}/decision", operation_id = "filing_decide",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = FilingDecision, responses((status = 200, body = FilingDetail)))]
async fn filing_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path(place): Path<(Uuid, Uuid)>,
    Body(d): Body<FilingDecision>,
) -> Answer<Json<FilingDetail>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (program, scope) = at(app, ctx, Permission::ProgramWrite, place).await?;
    let decision = match d.accept {
        true => Decision::Accept,
        false => Decision::Return(d.reason),
    };
    service::decide(app, ctx, &program, &scope, d.seq, &decision).await?;
    Ok(Json(detail(app, ctx, &program, &scope).await?))
}

/// Accepts every visit plan that was seen and to which nothing objects.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/filing-decisions", operation_id = "filing_accept_all",
    params(("program_id" = Uuid, Path)), request_body = AcceptFilings, responses((status = 200, body = AcceptedFilings)))]
async fn filing_accept_all(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<AcceptFilings>,
) -> Answer<Json<AcceptedFilings>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let seen = body.seen.iter().map(|s| (s.unit_id.into(), s.seq));
    let done = accept_all(app, ctx, &program, &seen.collect::<Vec<_>>()).await?;
    let left = done
        .left
        .into_iter()
        .map(|(unit, unit_name, why)| LeftFiling {
            unit_id: unit.uuid(),
            unit_name,
            why: why.as_str().to_owned(),
        });
    Ok(Json(AcceptedFilings {
        accepted: done.accepted.len() as i64,
        left: left.collect(),
        filings: filings(app, ctx, &program).await?,
    }))
}

/// Approves the version in force; without it the campaign cannot start.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/approval", operation_id = "program_approve",
    params(("program_id" = Uuid, Path)), request_body = NewApproval, responses((status = 200, body = Filings)))]
async fn program_approve(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(new): Body<NewApproval>,
) -> Answer<Json<Filings>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    scope_of(app, ctx, Permission::ProgramApprove, program.unit.id).await?;
    approval::approve(app, ctx, &program, new.version, &new.note).await?;
    Ok(Json(filings(app, ctx, &program).await?))
}
