//! HTTP of rescue: a phone hands over what it has sealed; an officer opens one
//! with a reason, and it goes the way of every operation.
//! Knows neither keys nor what an operation means; the service does.

use super::service::{self, Sealed};
use crate::sync::http::view;
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
        .op(looks, routes!(rescue_import))
}

/// One operation, sealed to the organisation's rescue key.
#[derive(Deserialize, ToSchema)]
pub struct RescueItem {
    /// The operation's id, or the name that the phone gave to a photo or a draft.
    op_id: String,
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
    op_ids: Vec<String>,
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

/// What came of opening one.
#[derive(Serialize, ToSchema)]
pub struct RescueOpened {
    /// `operation`, `draft` (a visit that was being written) or `photo`.
    holds: String,
    /// As of push; none for a photo, which is kept now.
    answer: Option<String>,
    /// Why it is kept aside or waits for a decision.
    code: Option<String>,
    /// In a sentence.
    detail: Option<String>,
    visit_id: Option<Uuid>,
}

/// The file that a phone wrote, or a part of its items.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescueFile {
    /// `zoufang-rescue-1`.
    format: String,
    device_id: Uuid,
    unit_id: Uuid,
    /// At most 100.
    items: Vec<RescueItem>,
}

/// What came of a file.
#[derive(Serialize, ToSchema)]
pub struct RescueImported {
    /// New ones.
    stored: u64,
    /// Here already.
    known: u64,
    /// Items that could not be read, counted from 1.
    unreadable: Vec<usize>,
}

/// Name of the file's format.
const FORMAT: &str = "zoufang-rescue-1";

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
    let names = body.items.iter().map(|i| i.op_id.clone()).collect();
    let mut items = Vec::with_capacity(body.items.len());
    for i in body.items {
        let bytes = STANDARD.decode(i.sealed.as_bytes());
        let bytes = bytes.map_err(|_| Problem::field("sealed", "field.shape"))?;
        items.push((service::item_id(app, &i.op_id), bytes));
    }
    let device = body.device_id.into();
    service::rescue_put(app, ctx, &scope, device, items).await?;
    Ok(Json(RescueStored { op_ids: names }))
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
    params(("unit_id" = Uuid, Path), ("rescue_id" = Uuid, Path)), request_body = OpenBody, responses((status = 200, body = RescueOpened)))]
async fn rescue_open(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, rescue_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<OpenBody>,
) -> Answer<Json<RescueOpened>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let opened = service::rescue_open(app, ctx, &scope, rescue_id, &body.reason).await?;
    let said = opened.answer.as_ref().map(|a| view(None, a));
    let (answer, code, detail) = match said {
        Some(a) => (Some(a.answer), a.code, a.detail),
        None => (None, None, None),
    };
    Ok(Json(RescueOpened {
        holds: opened.holds.to_owned(),
        answer,
        code,
        detail,
        visit_id: opened.visit_id,
    }))
}

/// Takes in the file that a phone wrote.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/rescues/import", operation_id = "rescue_import",
    params(("unit_id" = Uuid, Path)), request_body = RescueFile, responses((status = 200, body = RescueImported)))]
async fn rescue_import(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(file): Body<RescueFile>,
) -> Answer<Json<RescueImported>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    if file.format != FORMAT {
        return Err(Problem::field("format", "field.not_in_list"));
    }
    if file.unit_id != unit_id {
        return Err(Problem::field("unit_id", "field.not_in_list"));
    }
    let item = |i: RescueItem| {
        let bytes = STANDARD.decode(i.sealed.as_bytes()).ok();
        (service::item_id(app, &i.op_id), bytes)
    };
    let items = file.items.into_iter().map(item).collect();
    let said = service::rescue_import(app, ctx, &scope, file.device_id.into(), items).await?;
    Ok(Json(RescueImported {
        stored: said.stored,
        known: said.known,
        unreadable: said.unreadable.iter().map(|at| at + 1).collect(),
    }))
}
