//! HTTP of staff and posts. Telephones leave masked. Which unit is asked here,
//! the rules of the noun are in the kernel; a move needs the right on both
//! units.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::staff::service::{
    staff_add, staff_change, staff_fetch, staff_list, staff_phone_masked,
};
use zf_kernel::staff::{Staff, StaffInput};
use zf_kernel::unit::service::{scope_of, unit_subtree};
use zf_kernel::{Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::StaffRead), routes!(post_list))
        .op(
            Access::Needs(Permission::StaffRead),
            routes!(staff_list_get),
        )
        .op(Access::Needs(Permission::StaffWrite), routes!(staff_create))
        .op(Access::Needs(Permission::StaffWrite), routes!(staff_update))
}

/// A post.
#[derive(Serialize, ToSchema)]
pub struct PostView {
    code: String,
    name: String,
}

/// All posts.
#[derive(Serialize, ToSchema)]
pub struct Posts {
    items: Vec<PostView>,
}

/// 员工.
#[derive(Serialize, ToSchema)]
pub struct StaffView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    staff_no: String,
    name: String,
    post: String,
    post_name: String,
    phone_masked: Option<String>,
    active: bool,
}

/// Staff of a unit or a subtree.
#[derive(Serialize, ToSchema)]
pub struct StaffPage {
    items: Vec<StaffView>,
}

/// A new staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    staff_no: String,
    name: String,
    post: String,
    phone: Option<String>,
}

/// Changes of a staff member; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffUpdate {
    name: Option<String>,
    post: Option<String>,
    phone: Option<String>,
    active: Option<bool>,
    /// Moves the staff member to another unit.
    unit_id: Option<Uuid>,
}

/// Whose staff.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StaffQuery {
    /// Also of everything below.
    subtree: Option<bool>,
}

fn view(state: &WebState, scope: &UnitScope, s: Staff) -> Answer<StaffView> {
    let phone_masked = staff_phone_masked(&state.app, &s)?.map(|p| p.masked());
    let post_name = state
        .app
        .packs
        .post(&s.post)
        .map_or(s.post.clone(), |p| p.name.zh.clone());
    Ok(StaffView {
        id: s.id.uuid(),
        unit_id: s.unit_id.uuid(),
        unit_name: scope.unit().name.clone(),
        staff_no: s.staff_no,
        name: s.name,
        post: s.post,
        post_name,
        phone_masked,
        active: s.active,
    })
}

/// The posts staff can have.
#[utoipa::path(get, path = "/api/v1/posts", operation_id = "post_list", responses((status = 200, body = Posts)))]
async fn post_list(State(state): State<WebState>, _caller: Caller) -> Answer<Json<Posts>> {
    let posts = state.app.packs.posts().iter();
    let items = posts
        .map(|p| PostView {
            code: p.code.clone(),
            name: p.name.zh.clone(),
        })
        .collect();
    Ok(Json(Posts { items }))
}

/// Staff of a unit, with `subtree=true` also of everything below.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/staff", operation_id = "staff_list", params(("unit_id" = Uuid, Path), StaffQuery), responses((status = 200, body = StaffPage)))]
async fn staff_list_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<StaffQuery>,
) -> Answer<Json<StaffPage>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::StaffRead, unit_id.into()).await?;
    let mut scopes = vec![scope.clone()];
    if query.subtree.unwrap_or(false) {
        let below = unit_subtree(app, &scope.unit().path).await?;
        for unit in below.iter().filter(|u| u.id != scope.unit_id()) {
            scopes.push(caller.ctx.scope(Permission::StaffRead, unit)?);
        }
    }
    let mut items = Vec::new();
    for s in &scopes {
        for staff in staff_list(app, s).await? {
            items.push(view(&state, s, staff)?);
        }
    }
    Ok(Json(StaffPage { items }))
}

/// Adds a staff member to a unit.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/staff", operation_id = "staff_create", params(("unit_id" = Uuid, Path)), request_body = NewStaff, responses((status = 201, body = StaffView)))]
async fn staff_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(new): Body<NewStaff>,
) -> Answer<(StatusCode, Json<StaffView>)> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::StaffWrite, unit_id.into()).await?;
    let input = StaffInput {
        staff_no: new.staff_no,
        name: new.name,
        post: new.post,
        phone: new.phone,
        active: true,
    };
    let id = staff_add(app, &caller.ctx, &scope, &input).await?;
    let staff = staff_fetch(app, &scope, id).await?;
    Ok((StatusCode::CREATED, Json(view(&state, &scope, staff)?)))
}

/// Changes a staff member or moves them to another unit.
#[utoipa::path(patch, path = "/api/v1/units/{unit_id}/staff/{staff_id}", operation_id = "staff_update", params(("unit_id" = Uuid, Path), ("staff_id" = Uuid, Path)), request_body = StaffUpdate, responses((status = 200, body = StaffView)))]
async fn staff_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, staff_id)): Path<(Uuid, Uuid)>,
    Body(change): Body<StaffUpdate>,
) -> Answer<Json<StaffView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::StaffWrite, unit_id.into()).await?;
    let old = staff_fetch(app, &scope, staff_id.into()).await?;
    let target = match change.unit_id {
        Some(id) => scope_of(app, &caller.ctx, Permission::StaffWrite, id.into()).await?,
        None => scope,
    };
    let input = StaffInput {
        staff_no: old.staff_no.clone(),
        name: change.name.unwrap_or_else(|| old.name.clone()),
        post: change.post.unwrap_or_else(|| old.post.clone()),
        phone: change.phone,
        active: change.active.unwrap_or(old.active),
    };
    staff_change(app, &caller.ctx, &target, &old, &input).await?;
    let staff = staff_fetch(app, &target, old.id).await?;
    Ok(Json(view(&state, &target, staff)?))
}
