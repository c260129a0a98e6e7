//! HTTP of households that are not to be found: list them, put one back. Names
//! leave masked; a reason is required and may not hold a number of a person. Asks
//! the plan room to put a target back; knows no statement and no visit's content.

use super::{Gone, service};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::TargetId;
use zf_kernel::Permission;
use zf_network::village_group::service::village_group_list;
use zf_plan::program::service::program_fetch;
use zf_plan::targets::visited::target_relist;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::PlanRead), routes!(gone_list))
        .op(Access::Needs(Permission::PlanWrite), routes!(gone_relist))
}

/// A household that was not to be found, masked.
#[derive(Serialize, ToSchema)]
pub struct GoneView {
    target_id: Uuid,
    household_id: Uuid,
    customer_id: Uuid,
    name_masked: String,
    village_group_name: Option<String>,
    /// The last day on which nobody was found.
    day: String,
    /// That visit.
    visit_id: Option<Uuid>,
    /// Code of its outcome.
    outcome: Option<String>,
    /// Who wrote it down.
    by_name: Option<String>,
}

/// Key of a page.
#[derive(Serialize, Deserialize)]
struct Key(String, Uuid);

/// Households of a branch that were not to be found, the last day first.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/gone", operation_id = "gone_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<GoneView>)))]
async fn gone_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<GoneView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanRead, unit_id.into())
        .await?;
    let after = query.key::<Key>()?;
    let after = after.and_then(|Key(day, id)| Some((day.parse().ok()?, TargetId(id))));
    let found = service::gone_list(app, program.id, &scope, after, query.rows()).await?;
    let places = village_group_list(app, &scope).await?;
    let places = places.into_iter();
    let names: HashMap<_, _> = places
        .map(|g| (g.id, format!("{}{}", g.village, g.name)))
        .collect();
    let view = |g: Gone| GoneView {
        target_id: g.target_id.uuid(),
        household_id: g.household_id.uuid(),
        customer_id: g.customer_id.uuid(),
        name_masked: g.name.masked(),
        village_group_name: g.village_group_id.and_then(|g| names.get(&g).cloned()),
        day: g.day.to_string(),
        visit_id: g.visit.as_ref().map(|(id, _, _)| id.uuid()),
        outcome: g.visit.as_ref().map(|(_, outcome, _)| outcome.clone()),
        by_name: g.visit.map(|(_, _, by)| by),
    };
    let items: Vec<GoneView> = found.into_iter().map(view).collect();
    Ok(Json(Page::new(items, query.rows(), |g: &GoneView| {
        Key(g.day.clone(), g.target_id)
    })))
}

/// Why a household is planned again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelistBody {
    /// What was found out; no names or numbers of customers.
    reason: String,
}

/// Puts a household back into the pool of its campaign.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/gone/{target_id}/relist", operation_id = "gone_relist",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("target_id" = Uuid, Path)),
    request_body = RelistBody, responses((status = 204)))]
async fn gone_relist(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit_id, target_id)): Path<(Uuid, Uuid, Uuid)>,
    Body(body): Body<RelistBody>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanWrite, unit_id.into())
        .await?;
    target_relist(app, ctx, &scope, program.id, target_id.into(), &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
