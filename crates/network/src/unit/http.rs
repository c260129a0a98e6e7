//! HTTP of units: the part of the tree the caller may see, with counts, and
//! changes to it. Which unit is asked here, the rules of the noun are in the
//! kernel.

use crate::customer::figures::customer_count_by_unit;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::UnitId;
use zf_base::geo::{Datum, Point};
use zf_kernel::Permission;
use zf_kernel::setting::level_names;
use zf_kernel::staff::service::staff_counts;
use zf_kernel::unit::service::{scope_of, unit_add, unit_change, units_visible};
use zf_kernel::unit::{Level, Unit, UnitInput};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::UnitRead), routes!(unit_list))
        .op(Access::Needs(Permission::UnitWrite), routes!(unit_create))
        .op(Access::Needs(Permission::UnitRead), routes!(unit_get))
        .op(Access::Needs(Permission::UnitWrite), routes!(unit_update))
}

/// 机构.
#[derive(Serialize, ToSchema)]
pub struct UnitView {
    /// Id.
    pub id: Uuid,
    /// The bank's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `head`, `province`, `city`, `county` or `branch`.
    pub level: String,
    /// What the level is called here.
    pub level_name: String,
    /// The unit above.
    pub parent_id: Option<Uuid>,
    /// Path of ids from the root.
    pub path: String,
    /// `rural`, `urban` or `mixed`.
    pub area_kind: Option<String>,
    /// `rural` or `urban`.
    pub market_kind: Option<String>,
    /// WGS-84.
    pub lat: Option<f64>,
    /// WGS-84.
    pub lon: Option<f64>,
    /// Datum the coordinates came in.
    pub datum: Option<String>,
    /// Telephone of the unit.
    pub phone: Option<String>,
    /// Open.
    pub active: bool,
    /// Customers of the unit itself.
    pub customers: i64,
    /// Staff of the unit itself.
    pub staff: i64,
}

/// The visible units.
#[derive(Serialize, ToSchema)]
pub struct Units {
    items: Vec<UnitView>,
}

/// A new unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUnit {
    code: String,
    name: String,
    level: String,
    parent_id: Uuid,
    area_kind: Option<String>,
    market_kind: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    datum: Option<String>,
    phone: Option<String>,
}

/// Changes of a unit; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitChange {
    name: Option<String>,
    area_kind: Option<String>,
    market_kind: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    datum: Option<String>,
    phone: Option<String>,
    active: Option<bool>,
}

fn view(u: Unit, names: &HashMap<Level, String>, customers: i64, staff: i64) -> UnitView {
    UnitView {
        id: u.id.uuid(),
        level_name: names.get(&u.level).cloned().unwrap_or_default(),
        level: u.level.as_str().to_owned(),
        parent_id: u.parent_id.map(UnitId::uuid),
        lat: u.place.map(|p| p.lat()),
        lon: u.place.map(|p| p.lon()),
        datum: u.datum.map(|d| d.code().to_owned()),
        code: u.code,
        name: u.name,
        path: u.path,
        area_kind: u.area_kind,
        market_kind: u.market_kind,
        phone: u.phone,
        active: u.active,
        customers,
        staff,
    }
}

fn place(
    lat: Option<f64>,
    lon: Option<f64>,
    datum: Option<&str>,
) -> Answer<Option<(Point, Datum)>> {
    let (Some(lat), Some(lon)) = (lat, lon) else {
        return match (lat, lon) {
            (None, None) => Ok(None),
            _ => Err(Problem::field("lat", "field.place")),
        };
    };
    let datum: Datum = match datum {
        Some(text) => text
            .parse()
            .map_err(|_| Problem::field("datum", "field.not_in_list"))?,
        None => Datum::Wgs84,
    };
    let point =
        Point::from_datum(datum, lat, lon).map_err(|_| Problem::field("lat", "field.place"))?;
    Ok(Some((point, datum)))
}

async fn view_one(state: &WebState, u: Unit) -> Answer<UnitView> {
    let customers = customer_count_by_unit(&state.app)
        .await?
        .get(&u.id)
        .copied()
        .unwrap_or(0);
    let staff = staff_counts(&state.app)
        .await?
        .get(&u.id)
        .copied()
        .unwrap_or(0);
    let names = level_names(&state.app).await?;
    Ok(view(u, &names, customers, staff))
}

/// The part of the organisation the caller may see, parents first.
#[utoipa::path(get, path = "/api/v1/units", operation_id = "unit_list", responses((status = 200, body = Units)))]
async fn unit_list(State(state): State<WebState>, caller: Caller) -> Answer<Json<Units>> {
    let app = &state.app;
    let customers = customer_count_by_unit(app).await?;
    let staff = staff_counts(app).await?;
    let names = level_names(app).await?;
    let mut units = units_visible(app, &caller.ctx, Permission::UnitRead).await?;
    units.sort_by(|a, b| (a.level, &a.code).cmp(&(b.level, &b.code)));
    let count = |map: &HashMap<UnitId, i64>, id| map.get(&id).copied().unwrap_or(0);
    let items = units
        .into_iter()
        .map(|u| {
            let (c, s) = (count(&customers, u.id), count(&staff, u.id));
            view(u, &names, c, s)
        })
        .collect();
    Ok(Json(Units { items }))
}

/// Adds a unit below another.
#[utoipa::path(post, path = "/api/v1/units", operation_id = "unit_create", request_body = NewUnit, responses((status = 201, body = UnitView)))]
async fn unit_create(
    State(state): State<WebState>,
    caller: Caller,
    Body(new): Body<NewUnit>,
) -> Answer<(StatusCode, Json<UnitView>)> {
    let app = &state.app;
    let parent = scope_of(
        app,
        &caller.ctx,
        Permission::UnitWrite,
        new.parent_id.into(),
    )
    .await?;
    let place = place(new.lat, new.lon, new.datum.as_deref())?;
    let input = UnitInput {
        code: new.code,
        name: new.name,
        level: new
            .level
            .parse()
            .map_err(|()| Problem::field("level", "field.not_in_list"))?,
        parent: Some(parent.unit_id()),
        area_kind: new.area_kind,
        market_kind: new.market_kind,
        place: place.map(|(p, _)| p),
        datum: place.map(|(_, d)| d),
        phone: new.phone,
        active: true,
    };
    let unit = unit_add(app, &caller.ctx, &parent, &input, state.info.demo).await?;
    Ok((StatusCode::CREATED, Json(view_one(&state, unit).await?)))
}

/// One unit.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}", operation_id = "unit_get", params(("unit_id" = Uuid, Path)), responses((status = 200, body = UnitView)))]
async fn unit_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<UnitView>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::UnitRead,
        unit_id.into(),
    )
    .await?;
    Ok(Json(view_one(&state, scope.unit().clone()).await?))
}

/// Changes a unit.
#[utoipa::path(patch, path = "/api/v1/units/{unit_id}", operation_id = "unit_update", params(("unit_id" = Uuid, Path)), request_body = UnitChange, responses((status = 200, body = UnitView)))]
async fn unit_update(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(change): Body<UnitChange>,
) -> Answer<Json<UnitView>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::UnitWrite,
        unit_id.into(),
    )
    .await?;
    let old = scope.unit();
    let place = place(change.lat, change.lon, change.datum.as_deref())?;
    let input = UnitInput {
        code: old.code.clone(),
        name: change.name.unwrap_or_else(|| old.name.clone()),
        level: old.level,
        parent: old.parent_id,
        area_kind: change.area_kind.or(old.area_kind.clone()),
        market_kind: change.market_kind.or(old.market_kind.clone()),
        place: place.map(|(p, _)| p).or(old.place),
        datum: place.map(|(_, d)| d).or(old.datum),
        phone: change.phone.or(old.phone.clone()),
        active: change.active.unwrap_or(old.active),
    };
    let unit = unit_change(&state.app, &caller.ctx, &scope, &input).await?;
    Ok(Json(view_one(&state, unit).await?))
}
