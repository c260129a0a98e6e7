//! HTTP of phones: codes, enrolment, the list of a unit and below, revoking.
//! Which unit is asked here, the rules are in the service.
//! Knows no database; codes leave here once and are kept nowhere.

use super::service;
use super::{Device, Outbox};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let manage = Access::Needs(Permission::DeviceWrite);
    api.op(manage, routes!(device_users))
        .op(manage, routes!(device_code_create))
        .op(manage, routes!(device_list))
        .op(manage, routes!(device_revoke))
        .op(Access::Needs(Permission::VisitWrite), routes!(device_enrol))
}

/// For whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    user_id: Uuid,
    /// What the phone is called in the list.
    name: String,
}

/// A code; shown once.
#[derive(Serialize, ToSchema)]
pub struct CodeView {
    code: String,
    expires_at: String,
    /// What the QR code says, below the address of the server.
    link: String,
}

/// An account of the branch.
#[derive(Serialize, ToSchema)]
pub struct DeviceUser {
    user_id: Uuid,
    name: String,
}

/// Accounts of a branch.
#[derive(Serialize, ToSchema)]
pub struct DeviceUsers {
    items: Vec<DeviceUser>,
}

/// A phone asks to be enrolled.
#[derive(Deserialize, ToSchema)]
pub struct EnrolBody {
    code: String,
    /// Made by the phone once and kept.
    device_id: Uuid,
    name: String,
}

/// A phone is enrolled.
#[derive(Serialize, ToSchema)]
pub struct EnrolView {
    device_id: Uuid,
    unit_id: Uuid,
    /// Public key (JWK, P-256) to which the phone seals its outbox.
    #[schema(value_type = Object)]
    rescue_key: serde_json::Value,
    lease_hours: i64,
    days_around: i32,
}

/// A phone.
#[derive(Serialize, ToSchema)]
pub struct DeviceView {
    id: Uuid,
    unit_id: Uuid,
    kind: String,
    name: String,
    user_name: String,
    /// `active` or `revoked`.
    state: String,
    enrolled_at: String,
    seen_at: String,
    outbox_count: i64,
    /// When the oldest record that is not uploaded was written.
    outbox_oldest: Option<String>,
    lease_until: Option<String>,
    revoked_at: Option<String>,
    revoked_reason: Option<String>,
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeBody {
    reason: String,
}

fn view(d: &Device) -> DeviceView {
    let Outbox { count, oldest } = d.outbox;
    DeviceView {
        id: d.id.uuid(),
        unit_id: d.unit_id.uuid(),
        kind: d.kind.clone(),
        name: d.name.clone(),
        user_name: d.user_name.clone(),
        state: d.state.clone(),
        enrolled_at: d.enrolled_at.to_string(),
        seen_at: d.seen_at.to_string(),
        outbox_count: count,
        outbox_oldest: oldest.map(|t| t.to_string()),
        lease_until: d.lease_until.map(|t| t.to_string()),
        revoked_at: d.revoked_at.map(|t| t.to_string()),
        revoked_reason: d.revoked_reason.clone(),
    }
}

/// Accounts of a branch that a phone may be for.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/devices/users", operation_id = "device_users",
    params(("unit_id" = Uuid, Path)), responses((status = 200, body = DeviceUsers)))]
async fn device_users(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<DeviceUsers>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::DeviceWrite, unit_id.into()).await?;
    let users = service::device_users(app, &scope).await?;
    let user = |(id, name): (zf_base::UserId, String)| DeviceUser {
        user_id: id.uuid(),
        name,
    };
    let items = users.into_iter().map(user).collect();
    Ok(Json(DeviceUsers { items }))
}

/// Makes a code that enrols one phone.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/devices/codes", operation_id = "device_code_create",
    params(("unit_id" = Uuid, Path)), request_body = CodeBody, responses((status = 201, body = CodeView)))]
async fn device_code_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<CodeBody>,
) -> Answer<(StatusCode, Json<CodeView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::DeviceWrite, unit_id.into()).await?;
    let made = service::code_add(app, ctx, &scope, body.user_id.into(), &body.name).await?;
    let view = CodeView {
        link: format!("/m/#enrol={}", made.code),
        code: made.code,
        expires_at: made.expires_at.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Enrols the phone of the signed-in account.
#[utoipa::path(post, path = "/api/v1/devices/enrol", operation_id = "device_enrol",
    request_body = EnrolBody, responses((status = 200, body = EnrolView)))]
async fn device_enrol(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<EnrolBody>,
) -> Answer<Json<EnrolView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let id = body.device_id.into();
    let (unit, rules) = service::enrol(app, ctx, &body.code, id, &body.name).await?;
    let rescue_key = crate::rescue::service::public_key(app).await?;
    Ok(Json(EnrolView {
        device_id: body.device_id,
        unit_id: unit.uuid(),
        rescue_key,
        lease_hours: rules.lease_hours,
        days_around: rules.days_around,
    }))
}

/// Phones of a unit and below.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/devices", operation_id = "device_list",
    params(("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<DeviceView>)))]
async fn device_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<DeviceView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::DeviceWrite, unit_id.into()).await?;
    let before: Option<(Timestamp, Uuid)> = page.key()?;
    let all = service::device_list(app, &scope, before, page.rows()).await?;
    let keys: std::collections::HashMap<Uuid, Timestamp> =
        all.iter().map(|d| (d.id.uuid(), d.enrolled_at)).collect();
    let items: Vec<DeviceView> = all.iter().map(view).collect();
    let page = Page::new(items, page.rows(), |d| (keys.get(&d.id).copied(), d.id));
    Ok(Json(page))
}

/// Revokes a phone.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/devices/{device_id}/revoke", operation_id = "device_revoke",
    params(("unit_id" = Uuid, Path), ("device_id" = Uuid, Path)), request_body = RevokeBody, responses((status = 204)))]
async fn device_revoke(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, device_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<RevokeBody>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::DeviceWrite, unit_id.into()).await?;
    service::device_revoke(app, ctx, &scope, device_id.into(), &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
