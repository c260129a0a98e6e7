//! HTTP of what waits and what was kept aside: lists of a unit and below,
//! decisions in the branch itself.
//! Knows no rule of a decision; the service does.

use super::service::{self, Decision};
use super::{Aside, Review, Which};
use crate::sync::http::{PushAnswer, view};
use crate::words;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let looks = Access::Needs(Permission::VisitReview);
    api.op(looks, routes!(review_list))
        .op(looks, routes!(review_accept))
        .op(looks, routes!(review_reject))
        .op(looks, routes!(quarantine_list))
        .op(looks, routes!(quarantine_take))
        .op(looks, routes!(quarantine_drop))
}

/// Something to look at.
#[derive(Serialize, ToSchema)]
pub struct ReviewView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    /// `visit`, `trace`, `gift`, `proposal`, `pin`.
    kind: String,
    /// What it is about; of a visit its id.
    entity_id: Uuid,
    /// Why, in sentences.
    reasons: Vec<String>,
    made_at: String,
    day: Option<String>,
    outcome: Option<String>,
    made_by_name: Option<String>,
    /// What it is now: `open`, `accepted`, `rejected`.
    state: String,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
    decision_reason: Option<String>,
}

/// Something kept aside.
#[derive(Serialize, ToSchema)]
pub struct QuarantineView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    code: String,
    /// Why, in a sentence.
    detail: String,
    received_at: String,
    device_name: Option<String>,
    user_name: Option<String>,
    /// What it is now: `open`, `taken`, `dropped`.
    state: String,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
    decision_reason: Option<String>,
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    reason: String,
}

fn review(r: &Review) -> ReviewView {
    let codes = r.reasons.split(' ').filter(|c| !c.is_empty());
    ReviewView {
        id: r.id,
        unit_id: r.unit_id.uuid(),
        unit_name: r.unit_name.clone(),
        kind: r.kind.clone(),
        entity_id: r.entity_id,
        reasons: codes.map(|c| words::review_reason(c).to_owned()).collect(),
        made_at: r.made_at.to_string(),
        day: r.day.map(|d| d.to_string()),
        outcome: r.outcome.clone(),
        made_by_name: r.made_by_name.clone(),
        state: r.state.clone(),
        decided_at: r.decided.at.map(|t| t.to_string()),
        decided_by_name: r.decided.by_name.clone(),
        decision_reason: r.decided.reason.clone(),
    }
}

fn aside(a: &Aside) -> QuarantineView {
    QuarantineView {
        id: a.id,
        unit_id: a.unit_id.uuid(),
        unit_name: a.unit_name.clone(),
        code: a.code.clone(),
        detail: words::quarantine_reason(&a.code).to_owned(),
        received_at: a.received_at.to_string(),
        device_name: a.device_name.clone(),
        user_name: a.user_name.clone(),
        state: a.state.clone(),
        decided_at: a.decided.at.map(|t| t.to_string()),
        decided_by_name: a.decided.by_name.clone(),
        decision_reason: a.decided.reason.clone(),
    }
}

/// Which of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WhichQuery {
    /// `open` (when absent) or `decided`.
    state: Option<String>,
}

impl WhichQuery {
    fn which(&self) -> Answer<Which> {
        match self.state.as_deref() {
            None | Some("open") => Ok(Which::Open),
            Some("decided") => Ok(Which::Decided),
            Some(_) => Err(KernelError::field("state", "field.range").into()),
        }
    }
}

type Keys = HashMap<Uuid, Timestamp>;

/// What waits in a unit and below.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/reviews", operation_id = "review_list",
    params(("unit_id" = Uuid, Path), WhichQuery, PageQuery), responses((status = 200, body = Page<ReviewView>)))]
async fn review_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<WhichQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<ReviewView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let all = service::reviews(app, &scope, query.which()?, page.key()?, page.rows()).await?;
    let keys: Keys = all.iter().map(|r| (r.id, r.made_at)).collect();
    let items = all.iter().map(review).collect();
    let key = |r: &ReviewView| (keys.get(&r.id).copied(), r.id);
    Ok(Json(Page::new(items, page.rows(), key)))
}

/// It is right.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/reviews/{review_id}/accept", operation_id = "review_accept",
    params(("unit_id" = Uuid, Path), ("review_id" = Uuid, Path)), responses((status = 204)))]
async fn review_accept(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, review_id)): Path<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    service::decide(app, ctx, &scope, review_id, Decision::Accept, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// It is wrong, or did not happen.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/reviews/{review_id}/reject", operation_id = "review_reject",
    params(("unit_id" = Uuid, Path), ("review_id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn review_reject(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, review_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ReasonBody>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let reason = Some(body.reason.as_str());
    service::decide(app, ctx, &scope, review_id, Decision::Reject, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is kept aside in a unit and below.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/quarantine", operation_id = "quarantine_list",
    params(("unit_id" = Uuid, Path), WhichQuery, PageQuery), responses((status = 200, body = Page<QuarantineView>)))]
async fn quarantine_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<WhichQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<QuarantineView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let all = service::asides(app, &scope, query.which()?, page.key()?, page.rows()).await?;
    let keys: Keys = all.iter().map(|a| (a.id, a.received_at)).collect();
    let items = all.iter().map(aside).collect();
    let key = |a: &QuarantineView| (keys.get(&a.id).copied(), a.id);
    Ok(Json(Page::new(items, page.rows(), key)))
}

/// Takes it over, when it can be understood now.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/quarantine/{aside_id}/take", operation_id = "quarantine_take",
    params(("unit_id" = Uuid, Path), ("aside_id" = Uuid, Path)), responses((status = 200, body = PushAnswer)))]
async fn quarantine_take(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, aside_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<PushAnswer>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let said = service::take_over(app, ctx, &scope, aside_id).await?;
    Ok(Json(view(None, &said)))
}

/// Leaves it aside for good.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/quarantine/{aside_id}/drop", operation_id = "quarantine_drop",
    params(("unit_id" = Uuid, Path), ("aside_id" = Uuid, Path)), request_body = ReasonBody, responses((status = 204)))]
async fn quarantine_drop(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, aside_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ReasonBody>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    service::leave_aside(app, ctx, &scope, aside_id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
