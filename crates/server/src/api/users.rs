//! Accounts and roles over HTTP: making, resetting, unlocking, retiring with
//! hand-over, giving roles. The rules are the kernel's; whoever acts needs the
//! permission on the home unit of the account and on every unit a role is for.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::UserId;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_kernel::user::service::{
    NewUser, user_add, user_fetch, user_list, user_reset, user_retire, user_unlock,
};
use zf_kernel::user::{Grant, User, grant};
use zf_kernel::{Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::UserRead), routes!(users_get))
        .op(Access::Needs(Permission::UserWrite), routes!(user_create))
        .op(
            Access::Needs(Permission::UserWrite),
            routes!(user_reset_post),
        )
        .op(
            Access::Needs(Permission::UserWrite),
            routes!(user_unlock_post),
        )
        .op(
            Access::Needs(Permission::UserWrite),
            routes!(user_retire_post),
        )
        .op(
            Access::Needs(Permission::GrantWrite),
            routes!(user_roles_put),
        )
        .op(Access::Needs(Permission::UserRead), routes!(roles_get))
}

/// A role somebody holds on a unit.
#[derive(Serialize, ToSchema)]
pub struct UserRole {
    id: String,
    name: String,
    unit_id: Uuid,
    unit_name: String,
}

/// An account.
#[derive(Serialize, ToSchema)]
pub struct UserView {
    id: Uuid,
    login: String,
    name: String,
    unit_id: Uuid,
    unit_name: String,
    roles: Vec<UserRole>,
    /// `active`, `locked` or `retired`.
    state: String,
    last_sign_in: Option<String>,
    totp: bool,
}

/// A role to give: on which unit and everything below.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleGrant {
    role_id: String,
    unit_id: Uuid,
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserBody {
    login: String,
    name: String,
    unit_id: Uuid,
    roles: Vec<RoleGrant>,
    staff_id: Option<Uuid>,
}

/// A new account with its initial password, shown once.
#[derive(Serialize, ToSchema)]
pub struct CreatedUser {
    user: UserView,
    initial_password: String,
}

/// A new initial password, shown once.
#[derive(Serialize, ToSchema)]
pub struct InitialPassword {
    initial_password: String,
}

/// Who takes over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    hand_over_to: Option<Uuid>,
}

/// The new set of roles.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolesBody {
    roles: Vec<RoleGrant>,
}

/// A role as a pack defines it.
#[derive(Serialize, ToSchema)]
pub struct RoleView {
    id: String,
    name: String,
    permissions: Vec<String>,
    excludes: Vec<String>,
}

/// All roles.
#[derive(Serialize, ToSchema)]
pub struct Roles {
    items: Vec<RoleView>,
}

async fn view(state: &WebState, user: User, now: zf_base::Timestamp) -> Answer<UserView> {
    let app = &state.app;
    let unit_name = unit_fetch(app, user.unit_id).await?.name;
    let roles = grant::grant_list(app, user.id)
        .await?
        .into_iter()
        .map(|g| UserRole {
            name: app
                .roles
                .get(&g.grant.role_id)
                .map_or(g.grant.role_id.clone(), |r| r.name_zh.clone()),
            id: g.grant.role_id,
            unit_id: g.grant.unit_id.uuid(),
            unit_name: g.unit_name,
        });
    let state_name = if user.state == "active" && user.is_locked(now) {
        "locked"
    } else {
        &user.state
    };
    Ok(UserView {
        id: user.id.uuid(),
        state: state_name.to_owned(),
        login: user.login,
        name: user.name,
        unit_id: user.unit_id.uuid(),
        unit_name,
        roles: roles.collect(),
        last_sign_in: user.last_sign_in_at.map(|t| t.to_string()),
        totp: user.totp_on,
    })
}

/// The account and the right to do this to it.
async fn target(
    state: &WebState,
    caller: &Caller,
    id: Uuid,
    permission: Permission,
) -> Answer<(User, UnitScope)> {
    let user = user_fetch(&state.app, UserId(id)).await?;
    let scope = scope_of(&state.app, &caller.ctx, permission, user.unit_id).await?;
    Ok((user, scope))
}

/// Roles can be given only where the giver may give them.
async fn grants(state: &WebState, caller: &Caller, wanted: Vec<RoleGrant>) -> Answer<Vec<Grant>> {
    let mut all = Vec::with_capacity(wanted.len());
    for w in wanted {
        scope_of(
            &state.app,
            &caller.ctx,
            Permission::GrantWrite,
            w.unit_id.into(),
        )
        .await?;
        all.push(Grant {
            role_id: w.role_id,
            unit_id: w.unit_id.into(),
        });
    }
    Ok(all)
}

/// Accounts of the visible units, by login.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "user_list", params(PageQuery), responses((status = 200, body = Page<UserView>)))]
async fn users_get(
    State(state): State<WebState>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<UserView>>> {
    let after: String = page.key()?.unwrap_or_default();
    let mut users = Vec::new();
    for (_, path) in caller.ctx.roots(Permission::UserRead) {
        users.extend(user_list(&state.app, &path, &after, page.rows()).await?);
    }
    users.sort_by(|a, b| a.login.cmp(&b.login));
    users.truncate(page.rows() as usize);
    let mut items = Vec::with_capacity(users.len());
    for user in users {
        items.push(view(&state, user, caller.ctx.now).await?);
    }
    Ok(Json(Page::new(items, page.rows(), |u: &UserView| {
        u.login.clone()
    })))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "user_create", request_body = NewUserBody, responses((status = 201, body = CreatedUser)))]
async fn user_create(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<NewUserBody>,
) -> Answer<(StatusCode, Json<CreatedUser>)> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::UserWrite,
        body.unit_id.into(),
    )
    .await?;
    let new = NewUser {
        login: body.login,
        name: body.name,
        staff_id: body.staff_id.map(Into::into),
        grants: grants(&state, &caller, body.roles).await?,
        is_demo: state.info.demo,
        password: None,
    };
    let (user, initial_password) = user_add(&state.app, &caller.ctx, &scope, &new).await?;
    let user = view(&state, user, caller.ctx.now).await?;
    Ok((
        StatusCode::CREATED,
        Json(CreatedUser {
            user,
            initial_password,
        }),
    ))
}

/// A new initial password; all sessions of the account end.
#[utoipa::path(post, path = "/api/v1/users/{user_id}/reset", operation_id = "user_reset", params(("user_id" = Uuid, Path)), responses((status = 200, body = InitialPassword)))]
async fn user_reset_post(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<InitialPassword>> {
    let (user, scope) = target(&state, &caller, id, Permission::UserWrite).await?;
    let initial_password = user_reset(&state.app, &caller.ctx, &scope, &user).await?;
    Ok(Json(InitialPassword { initial_password }))
}

/// Ends a lock-out.
#[utoipa::path(post, path = "/api/v1/users/{user_id}/unlock", operation_id = "user_unlock", params(("user_id" = Uuid, Path)), responses((status = 204)))]
async fn user_unlock_post(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<StatusCode> {
    let (user, scope) = target(&state, &caller, id, Permission::UserWrite).await?;
    user_unlock(&state.app, &caller.ctx, &scope, &user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Retires an account; the successor is named.
#[utoipa::path(post, path = "/api/v1/users/{user_id}/retire", operation_id = "user_retire", params(("user_id" = Uuid, Path)), request_body = HandOver, responses((status = 204)))]
async fn user_retire_post(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<HandOver>,
) -> Answer<StatusCode> {
    let (user, scope) = target(&state, &caller, id, Permission::UserWrite).await?;
    let successor = match body.hand_over_to {
        Some(other) => Some(
            target(&state, &caller, other, Permission::UserWrite)
                .await?
                .0
                .id,
        ),
        None => None,
    };
    user_retire(&state.app, &caller.ctx, &scope, &user, successor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the roles of an account; its sessions end.
#[utoipa::path(put, path = "/api/v1/users/{user_id}/roles", operation_id = "user_roles", params(("user_id" = Uuid, Path)), request_body = RolesBody, responses((status = 200, body = UserView)))]
async fn user_roles_put(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<RolesBody>,
) -> Answer<Json<UserView>> {
    let (user, scope) = target(&state, &caller, id, Permission::GrantWrite).await?;
    let wanted = grants(&state, &caller, body.roles).await?;
    grant::grants_set(&state.app, &caller.ctx, &scope, &user, &wanted).await?;
    let user = user_fetch(&state.app, user.id).await?;
    Ok(Json(view(&state, user, caller.ctx.now).await?))
}

/// All roles and what they allow.
#[utoipa::path(get, path = "/api/v1/roles", operation_id = "role_list", responses((status = 200, body = Roles)))]
async fn roles_get(State(state): State<WebState>, _caller: Caller) -> Answer<Json<Roles>> {
    let items = state.app.roles.iter().map(|r| RoleView {
        id: r.id.clone(),
        name: r.name_zh.clone(),
        permissions: r
            .permissions
            .iter()
            .map(|p| p.as_str().to_owned())
            .collect(),
        excludes: r.excludes.clone(),
    });
    Ok(Json(Roles {
        items: items.collect(),
    }))
}
