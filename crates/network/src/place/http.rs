//! HTTP of places: where a customer is, pinning the door, and giving customers
//! the village group their address names. Coordinates go out to who may read
//! the customer; no address does.

use super::service::{self, CustomerPlace};
use crate::village_group::service::village_group_list;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::geo::{Datum, Point};
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerRead),
        routes!(customer_place_get),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(customer_place_put),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(customer_place_delete),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(village_group_assign),
    )
}

/// Where a customer is.
#[derive(Serialize, ToSchema)]
pub struct CustomerPlaceView {
    /// `door`, `household`, `village_group`, `village`, `township` or `outlet`;
    /// none when not even the outlet has coordinates.
    precision: Option<String>,
    /// The place is not the door: shown as 大致位置.
    approximate: bool,
    lat: Option<f64>,
    lon: Option<f64>,
    /// Datum the coordinates of the own door came in.
    datum: Option<String>,
    /// Somebody has pinned the door.
    pinned: bool,
    pinned_at: Option<String>,
    pinned_by_name: Option<String>,
    accuracy_m: Option<f64>,
}

/// A door.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinBody {
    lat: f64,
    lon: f64,
    /// `wgs84`, `gcj02` or `bd09`.
    datum: String,
    /// What the device says, metres.
    accuracy_m: Option<f64>,
}

/// How to assign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignBody {
    /// Only count.
    dry_run: bool,
}

/// Customers a group gets.
#[derive(Serialize, ToSchema)]
pub struct AssignedGroup {
    village_group_id: Uuid,
    name: String,
    customers: i64,
}

/// What was done, or would be.
#[derive(Serialize, ToSchema)]
pub struct AssignedView {
    dry_run: bool,
    /// Customers without a village group before.
    customers_without: i64,
    /// Of those, with an address.
    with_address: i64,
    /// Of those, whose address names exactly one group of the branch.
    assigned: i64,
    groups: Vec<AssignedGroup>,
}

fn view(p: CustomerPlace) -> CustomerPlaceView {
    let precision = p.placed.map(|p| p.precision);
    CustomerPlaceView {
        precision: precision.map(|p| p.as_str().to_owned()),
        approximate: precision.is_none_or(|p| p.is_approximate()),
        lat: p.placed.map(|p| p.point.lat()),
        lon: p.placed.map(|p| p.point.lon()),
        datum: p.datum.map(|d| d.code().to_owned()),
        pinned: p.pin.is_some(),
        pinned_at: p.pin.as_ref().map(|p| p.at.to_string()),
        accuracy_m: p.pin.as_ref().and_then(|p| p.accuracy_m),
        pinned_by_name: p.pin.map(|p| p.by_name),
    }
}

/// Where a customer is, or is thought to be.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/customers/{customer_id}/place", operation_id = "customer_place_get",
    params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), responses((status = 200, body = CustomerPlaceView)))]
async fn customer_place_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<CustomerPlaceView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, unit_id.into()).await?;
    let place = service::customer_place(app, &scope, customer_id.into()).await?;
    Ok(Json(view(place)))
}

/// Pins the door of a customer and of their household.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/customers/{customer_id}/place", operation_id = "customer_place_put",
    params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = PinBody, responses((status = 200, body = CustomerPlaceView)))]
async fn customer_place_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<PinBody>,
) -> Answer<Json<CustomerPlaceView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerWrite, unit_id.into()).await?;
    let datum: Datum = body
        .datum
        .parse()
        .map_err(|_| Problem::field("datum", "field.not_in_list"))?;
    let point = Point::from_datum(datum, body.lat, body.lon)
        .map_err(|_| Problem::field("lat", "field.place"))?;
    let id = customer_id.into();
    service::customer_pin(
        app,
        &caller.ctx,
        &scope,
        id,
        (point, datum),
        body.accuracy_m,
    )
    .await?;
    let place = service::customer_place(app, &scope, id).await?;
    Ok(Json(view(place)))
}

/// Takes the pin back; the coordinates of the bank's file count again.
#[utoipa::path(delete, path = "/api/v1/units/{unit_id}/customers/{customer_id}/place", operation_id = "customer_place_delete",
    params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), responses((status = 204)))]
async fn customer_place_delete(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerWrite, unit_id.into()).await?;
    service::customer_unpin(app, &caller.ctx, &scope, customer_id.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives customers without a village group the one their address names.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/village-groups/assign", operation_id = "village_group_assign",
    params(("unit_id" = Uuid, Path)), request_body = AssignBody, responses((status = 200, body = AssignedView)))]
async fn village_group_assign(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<AssignBody>,
) -> Answer<Json<AssignedView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerWrite, unit_id.into()).await?;
    let done = service::assign_groups(app, &caller.ctx, &scope, body.dry_run).await?;
    let groups = village_group_list(app, &scope).await?.into_iter();
    let groups = groups.filter_map(|g| {
        let customers = *done.by_group.get(&g.id)?;
        Some(AssignedGroup {
            village_group_id: g.id.uuid(),
            name: format!("{}{}", g.village, g.name),
            customers,
        })
    });
    Ok(Json(AssignedView {
        dry_run: body.dry_run,
        customers_without: done.without,
        with_address: done.with_address,
        assigned: done.assigned,
        groups: groups.collect(),
    }))
}
