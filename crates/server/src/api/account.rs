//! Sign-in, sign-out and the own account: who am I, menu, password, second
//! factor, large type. Parses, calls the kernel, answers; knows no rule of its
//! own. The menu comes from the packs, the permissions from the roles.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::setting::level_names;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::user::{User, grant, service, session, sign_in};
use zf_kernel::{Actor, Ctx, Permission};
use zf_store::Engine;
use zf_web::auth::{COOKIE, Visitor};
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Public, routes!(sign_in_hints))
        .op(Access::Public, routes!(sign_in_post))
        .op(Access::Own, routes!(sign_out))
        .op(Access::Own, routes!(me_get))
        .op(Access::Own, routes!(preferences_put))
        .op(Access::Own, routes!(password_post))
        .op(Access::Own, routes!(totp_begin))
        .op(Access::Own, routes!(totp_confirm))
        .op(Access::Own, routes!(totp_off))
}

/// A demo sign-in shown on the sign-in page.
#[derive(Serialize, ToSchema)]
pub struct DemoLogin {
    login: String,
    password: String,
    name: String,
    role: String,
}

/// What the sign-in page shows.
#[derive(Serialize, ToSchema)]
pub struct SignInHints {
    bank_name: String,
    demo: bool,
    logins: Vec<DemoLogin>,
}

/// Login and password; the code when a second factor is on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBody {
    login: String,
    password: String,
    totp: Option<String>,
}

/// The account.
#[derive(Serialize, ToSchema)]
pub struct MeUser {
    id: Uuid,
    login: String,
    name: String,
    must_change_password: bool,
    totp_on: bool,
}

/// The home unit.
#[derive(Serialize, ToSchema)]
pub struct MeUnit {
    id: Uuid,
    code: String,
    name: String,
    level: String,
    level_name: String,
}

/// A role of the account.
#[derive(Serialize, ToSchema)]
pub struct MeRole {
    id: String,
    name: String,
}

/// An entry of the menu.
#[derive(Serialize, ToSchema)]
pub struct MenuItem {
    id: String,
    label: String,
    path: String,
    icon: String,
}

/// The installation.
#[derive(Serialize, ToSchema)]
pub struct MeSystem {
    name: String,
    bank_name: String,
    demo: bool,
    version: String,
    today: String,
    engine: String,
}

/// Preferences of the account.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Large type on every page.
    large_type: bool,
    /// Language of the pages.
    #[serde(default = "chinese")]
    locale: String,
}

fn chinese() -> String {
    "zh-CN".to_owned()
}

/// Who is signed in, what they may do, and where.
#[derive(Serialize, ToSchema)]
pub struct Me {
    user: MeUser,
    unit: MeUnit,
    roles: Vec<MeRole>,
    permissions: Vec<String>,
    menu: Vec<MenuItem>,
    system: MeSystem,
    preferences: Preferences,
}

/// A change of password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    old_password: String,
    new_password: String,
}

/// A secret for an authenticator app, shown once.
#[derive(Serialize, ToSchema)]
pub struct TotpSecret {
    secret: String,
    uri: String,
}

/// A code of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    code: String,
}

/// The password again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    password: String,
}

/// What the sign-in page shows: the bank's name, and in a demo its sign-ins.
#[utoipa::path(get, path = "/api/v1/sign-in-hints", operation_id = "sign_in_hints", responses((status = 200, body = SignInHints)))]
async fn sign_in_hints(
    State(state): State<WebState>,
    visitor: Visitor,
) -> Answer<Json<SignInHints>> {
    let mut logins = Vec::new();
    if state.info.demo && visitor.loopback {
        for d in crate::demo::LOGINS {
            let role = state
                .app
                .roles
                .get(d.role)
                .map_or(d.role.to_owned(), |r| r.name_zh.clone());
            let name = service::user_by_login(&state.app, d.login)
                .await?
                .map(|u| u.name)
                .unwrap_or_default();
            logins.push(DemoLogin {
                login: d.login.to_owned(),
                password: d.password.to_owned(),
                name,
                role,
            });
        }
    }
    Ok(Json(SignInHints {
        bank_name: state.info.bank_name.clone(),
        demo: state.info.demo,
        logins,
    }))
}

fn cookie(state: &WebState, token: &str, max_age: i64) -> String {
    let secure = if state.info.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}")
}

/// Signs in and sets the session cookie.
#[utoipa::path(post, path = "/api/v1/sign-in", operation_id = "sign_in", request_body = SignInBody, responses((status = 200, body = Me)))]
async fn sign_in_post(
    State(state): State<WebState>,
    visitor: Visitor,
    Body(body): Body<SignInBody>,
) -> Answer<Response> {
    let app = &state.app;
    let attempt = sign_in::Attempt {
        login: &body.login,
        password: &body.password,
        totp: body.totp.as_deref(),
        address: &visitor.address,
        loopback: visitor.loopback,
    };
    let done = sign_in::sign_in(app, attempt, visitor.now, visitor.request_id).await?;
    let actor = grant::actor_of(app, &done.user).await?;
    let max_age = (done.expires.0 - visitor.now.0) / 1_000_000;
    let me = me(
        &state,
        &done.user,
        &Ctx::for_user(actor, visitor.now, visitor.request_id),
    )
    .await?;
    Ok((
        [(header::SET_COOKIE, cookie(&state, &done.token, max_age))],
        Json(me),
    )
        .into_response())
}

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/sign-out", operation_id = "sign_out", responses((status = 204)))]
async fn sign_out(State(state): State<WebState>, caller: Caller) -> Answer<Response> {
    session::session_end(&state.app, caller.session.id, caller.ctx.now).await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, cookie(&state, "", 0))],
    )
        .into_response())
}

async fn me(state: &WebState, user: &User, ctx: &Ctx) -> Answer<Me> {
    let app = &state.app;
    let unit = unit_fetch(app, user.unit_id).await?;
    let names = level_names(app).await?;
    let Actor { grants, .. } = &ctx.actor;
    let mut roles: Vec<MeRole> = Vec::new();
    for g in grants {
        if !roles.iter().any(|r| r.id == g.role_id) {
            let name = app
                .roles
                .get(&g.role_id)
                .map_or(g.role_id.clone(), |r| r.name_zh.clone());
            roles.push(MeRole {
                id: g.role_id.clone(),
                name,
            });
        }
    }
    let allowed = |name: &str| name.parse::<Permission>().is_ok_and(|p| ctx.may(p));
    let menu = app
        .packs
        .menu()
        .into_iter()
        .filter(|m| allowed(&m.permission))
        .map(|m| MenuItem {
            id: m.id.clone(),
            label: m.label.zh.clone(),
            path: m.path.clone(),
            icon: m.icon.clone(),
        });
    let engine = match app.db.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    Ok(Me {
        user: MeUser {
            id: user.id.uuid(),
            login: user.login.clone(),
            name: user.name.clone(),
            must_change_password: user.must_change_password,
            totp_on: user.totp_on,
        },
        unit: MeUnit {
            id: unit.id.uuid(),
            code: unit.code,
            name: unit.name,
            level: unit.level.as_str().to_owned(),
            level_name: names.get(&unit.level).cloned().unwrap_or_default(),
        },
        roles,
        permissions: Permission::ALL
            .iter()
            .filter(|p| ctx.may(**p))
            .map(|p| p.as_str().to_owned())
            .collect(),
        menu: menu.collect(),
        system: MeSystem {
            name: crate::words::PRODUCT.to_owned(),
            bank_name: state.info.bank_name.clone(),
            demo: state.info.demo,
            version: state.info.version.clone(),
            today: ctx.today().to_string(),
            engine: engine.to_owned(),
        },
        preferences: Preferences {
            large_type: user.large_type,
            locale: chinese(),
        },
    })
}

/// The own account.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "me_get", responses((status = 200, body = Me)))]
async fn me_get(State(state): State<WebState>, caller: Caller) -> Answer<Json<Me>> {
    Ok(Json(me(&state, &caller.user, &caller.ctx).await?))
}

/// Large type on or off.
#[utoipa::path(put, path = "/api/v1/me/preferences", operation_id = "preferences_put", request_body = Preferences, responses((status = 200, body = Preferences)))]
async fn preferences_put(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<Preferences>,
) -> Answer<Json<Preferences>> {
    service::large_type_set(&state.app, caller.user.id, body.large_type).await?;
    Ok(Json(body))
}

/// Changes the own password.
#[utoipa::path(post, path = "/api/v1/me/password", operation_id = "password_change", request_body = PasswordBody, responses((status = 204)))]
async fn password_post(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<PasswordBody>,
) -> Answer<StatusCode> {
    service::password_change(
        &state.app,
        &caller.ctx,
        &caller.user,
        &body.old_password,
        &body.new_password,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins setting up a second factor; the secret is shown once.
#[utoipa::path(post, path = "/api/v1/me/totp", operation_id = "totp_begin", responses((status = 200, body = TotpSecret)))]
async fn totp_begin(State(state): State<WebState>, caller: Caller) -> Answer<Json<TotpSecret>> {
    let (secret, uri) = service::totp_begin(&state.app, &caller.ctx, &caller.user).await?;
    Ok(Json(TotpSecret { secret, uri }))
}

/// Turns the second factor on after a right code.
#[utoipa::path(put, path = "/api/v1/me/totp", operation_id = "totp_confirm", request_body = TotpCode, responses((status = 204)))]
async fn totp_confirm(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<TotpCode>,
) -> Answer<StatusCode> {
    service::totp_confirm(&state.app, &caller.ctx, &caller.user, &body.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turns the second factor off; asks for the password again.
#[utoipa::path(delete, path = "/api/v1/me/totp", operation_id = "totp_off", request_body = PasswordAgain, responses((status = 204)))]
async fn totp_off(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<PasswordAgain>,
) -> Answer<StatusCode> {
    service::totp_off(&state.app, &caller.ctx, &caller.user, &body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
