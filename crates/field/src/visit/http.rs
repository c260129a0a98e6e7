//! HTTP of visits: a day's visits of a branch, one visit, and what it says in
//! full for a reason. Parses, authorises, calls, answers; lists carry states
//! and counts, never what was said.

use super::payload::VisitPayload;
use super::{Visit, service};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Day, VisitId};
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_kernel::unit::service::scope_of;
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::VisitRead);
    api.op(read, routes!(visit_list))
        .op(read, routes!(visit_get))
        .op(
            Access::Needs(Permission::CustomerReveal),
            routes!(visit_reveal),
        )
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// A visit without what it says about people.
#[derive(Serialize, ToSchema)]
pub struct VisitView {
    visit_id: Uuid,
    program_id: Uuid,
    /// `first`, `precise`, `follow_up`.
    kind: String,
    household_id: Option<Uuid>,
    village_group_id: Option<Uuid>,
    day: String,
    outcome: String,
    counts: bool,
    /// `accepted`, `review`, `rejected`.
    state: String,
    /// `phone`, `desk`.
    via: String,
    form_id: String,
    form_version: i64,
    members: i64,
    valid_records: i64,
    photos: i64,
    rev: i64,
    estimated_at: String,
    received_at: String,
    clock_suspect: bool,
    made_by_name: String,
}

/// Why it is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRevealBody {
    /// Stored with the event.
    reason: String,
}

/// What a visit says.
#[derive(Serialize, ToSchema)]
pub struct VisitSays {
    /// Answers by name of the field.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
}

fn view(v: Visit) -> VisitView {
    VisitView {
        visit_id: v.id.uuid(),
        program_id: v.program_id.uuid(),
        kind: v.kind,
        household_id: v.household_id.map(Into::into),
        village_group_id: v.village_group_id.map(Into::into),
        day: v.day.to_string(),
        outcome: v.outcome,
        counts: v.counts,
        state: v.state,
        via: v.via,
        form_id: v.form_id,
        form_version: v.form_version,
        members: v.members,
        valid_records: v.valid_records,
        photos: v.photos,
        rev: v.rev,
        estimated_at: v.estimated_at.to_string(),
        received_at: v.received_at.to_string(),
        clock_suspect: v.clock_suspect,
        made_by_name: v.made_by_name,
    }
}

/// Visits of a branch and day, newest first.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/visits", operation_id = "visit_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), VisitQuery, PageQuery), responses((status = 200, body = Page<VisitView>)))]
async fn visit_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((program_id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<VisitQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<VisitView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, program_id.into()).await?;
    let scope = program
        .scope(app, ctx, Permission::VisitRead, unit_id.into())
        .await?;
    let fault = |_| Problem::from(KernelError::field("day", "field.day"));
    let day: Day = match &query.day {
        Some(text) => text.parse().map_err(fault)?,
        None => ctx.today(),
    };
    let after: Option<VisitId> = page.key()?;
    let limit = page.rows();
    let found = service::visit_list(app, &scope, program.id, day, after, limit).await?;
    let items: Vec<VisitView> = found.into_iter().map(view).collect();
    Ok(Json(Page::new(items, limit, |v| v.visit_id)))
}

/// One visit.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/visits/{visit_id}", operation_id = "visit_get",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), responses((status = 200, body = VisitView)))]
async fn visit_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<VisitView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let found = service::visit_fetch(app, &scope, visit_id.into()).await?;
    Ok(Json(view(found)))
}

/// What a visit says, in full, for a reason.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/visits/{visit_id}/reveal", operation_id = "visit_reveal",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), request_body = VisitRevealBody, responses((status = 200, body = VisitSays)))]
async fn visit_reveal(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<VisitRevealBody>,
) -> Answer<Json<VisitSays>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerReveal, unit_id.into()).await?;
    let says: VisitPayload =
        service::visit_reveal(app, ctx, &scope, visit_id.into(), &body.reason).await?;
    Ok(Json(VisitSays {
        answers: says.answers.into(),
    }))
}
