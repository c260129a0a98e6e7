//! From cookie to context. [`authenticate`] runs once per request and puts the
//! signed-in account into the request; [`Caller`] hands it to the handler.
//! Whether an operation needs one is decided by [`crate::guard`].

use crate::problem::Problem;
use crate::state::WebState;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use std::net::{IpAddr, SocketAddr};
use uuid::Uuid;
use zf_base::Timestamp;
use zf_base::code::ErrorCode;
use zf_kernel::user::session::{self, Session};
use zf_kernel::user::{User, grant};
use zf_kernel::{Actor, Ctx};

/// Name of the session cookie.
pub const COOKIE: &str = "zf_session";

/// The signed-in account of a request.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// Its session.
    pub session: Session,
    /// Its roles.
    pub actor: Actor,
}

/// Facts of every request, signed in or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Moment of the request.
    pub now: Timestamp,
    /// Number of the request.
    pub request_id: Uuid,
    /// Address of the browser.
    pub address: String,
    /// The browser is on this machine.
    pub loopback: bool,
    /// Who, when signed in.
    pub signed_in: Option<SignedIn>,
}

/// Looks the session up.
pub async fn authenticate(
    State(state): State<WebState>,
    jar: CookieJar,
    mut req: Request,
    next: Next,
) -> Response {
    let now = state.app.now();
    let (address, loopback) = address_of(&state, &req);
    let signed_in = match jar.get(COOKIE) {
        Some(cookie) => match find(&state, cookie.value(), now, loopback).await {
            Ok(found) => found,
            Err(problem) => return problem.into_response(),
        },
        None => None,
    };
    let visitor = Visitor {
        now,
        request_id: Uuid::now_v7(),
        address,
        loopback,
        signed_in,
    };
    req.extensions_mut().insert(visitor);
    next.run(req).await
}

async fn find(
    state: &WebState,
    token: &str,
    now: Timestamp,
    loopback: bool,
) -> Result<Option<SignedIn>, Problem> {
    let Some((session, user)) = session::session_find(&state.app, token, now).await? else {
        return Ok(None);
    };
    if user.is_demo && !loopback {
        return Err(Problem::new(ErrorCode::AUTH_DEMO_REMOTE));
    }
    let actor = grant::actor_of(&state.app, &user).await?;
    Ok(Some(SignedIn {
        user,
        session,
        actor,
    }))
}

/// The caller's address; behind a trusted gateway from its header.
fn address_of(state: &WebState, req: &Request) -> (String, bool) {
    let peer = req
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip());
    let header = state
        .info
        .address_header
        .as_deref()
        .and_then(|name| req.headers().get(name));
    let named = header
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(',').next_back())
        .map(str::trim);
    match (named, peer) {
        (Some(text), _) => (
            text.to_owned(),
            text.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        ),
        (None, Some(ip)) => (ip.to_string(), ip.is_loopback()),
        // No socket at all: called inside the process.
        (None, None) => ("local".to_owned(), true),
    }
}

/// The caller of a guarded operation.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Context for the services.
    pub ctx: Ctx,
    /// The account.
    pub user: User,
    /// Its session.
    pub session: Session,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Put there by the guard of the operation; absent = not signed in.
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .ok_or_else(|| Problem::new(ErrorCode::AUTH_REQUIRED))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .ok_or_else(|| Problem::new(ErrorCode::INTERNAL))
    }
}
