//! HTTP of rescue: a phone hands over what it has sealed; an officer opens one
//! with a reason, and it goes the way of every operation.
//! Knows neither keys nor what an operation means; the service does.

use super::service::{self, Sealed};
use crate::sync::http::{PushAnswer, view};
use axum::Json;
use axum::extract::{Path, Query, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let looks = Access::Needs(Permission::VisitReview);
    api.op(Access::Needs(Permission::VisitWrite), routes!(sync_rescue))
        .op(looks, routes!(rescue_list))
        .op(looks, routes!(rescue_open))
}

/// One operation, sealed to the organisation's rescue key.
#[derive(Deserialize, ToSchema)]
pub struct RescueItem {
    op_id: Uuid,
    /// Base64.
    sealed: String,
}

/// What a phone hands over.
#[derive(Deserialize, ToSchema)]
pub struct RescueBody {
    device_id: Uuid,
    unit_id: Uuid,
    /// At most 100.
    items: Vec<RescueItem>,
}

/// What is stored now.
#[derive(Serialize, ToSchema)]
pub struct RescueStored {
    /// The phone may forget these.
    op_ids: Vec<Uuid>,
}

/// One that came in.
#[derive(Serialize, ToSchema)]
pub struct RescueView {
    id: Uuid,
    op_id: Uuid,
    device_name: Option<String>,
    user_name: Option<String>,
    received_at: String,
    opened_at: Option<String>,
    opened_by_name: Option<String>,
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    reason: String,
}

/// Hands over what only the organisation can open.
#[utoipa::path(post, path = "/api/v1/sync/rescue", operation_id = "sync_rescue", request_body = RescueBody,
    responses((status = 200, body = RescueStored)))]
async fn sync_rescue(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<RescueBody>,
) -> Answer<Json<RescueStored>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitWrite, body.unit_id.into()).await?;
    let mut items = Vec::with_capacity(body.items.len());
    for i in body.items {
        let bytes = STANDARD.decode(i.sealed.as_bytes());
        let bytes = bytes.map_err(|_| Problem::field("sealed", "field.shape"))?;
        items.push((i.op_id, bytes));
    }
    let device = body.device_id.into();
    let op_ids = service::rescue_put(app, ctx, &scope, device, items).await?;
    Ok(Json(RescueStored { op_ids }))
}

/// What came in sealed.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/rescues", operation_id = "rescue_list",
    params(("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<RescueView>)))]
async fn rescue_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<RescueView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let all = service::rescues(app, &scope, page.key()?, page.rows()).await?;
    let keys: HashMap<Uuid, Timestamp> = all.iter().map(|s| (s.id, s.received_at)).collect();
    let line = |s: &Sealed| RescueView {
        id: s.id,
        op_id: s.op_id,
        device_name: s.device_name.clone(),
        user_name: s.user_name.clone(),
        received_at: s.received_at.to_string(),
        opened_at: s.opened_at.map(|t| t.to_string()),
        opened_by_name: s.opened_by_name.clone(),
    };
    let items = all.iter().map(line).collect();
    let key = |s: &RescueView| (keys.get(&s.id).copied(), s.id);
    Ok(Json(Page::new(items, page.rows(), key)))
}

/// Opens one, for a reason, and takes it in.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/rescues/{rescue_id}/open", operation_id = "rescue_open",
    params(("unit_id" = Uuid, Path), ("rescue_id" = Uuid, Path)), request_body = OpenBody, responses((status = 200, body = PushAnswer)))]
async fn rescue_open(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, rescue_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<OpenBody>,
) -> Answer<Json<PushAnswer>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let said = service::rescue_open(app, ctx, &scope, rescue_id, &body.reason).await?;
    Ok(Json(view(None, &said)))
}
