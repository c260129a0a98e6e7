//! From cookie to context. [`authenticate`] runs once per request and puts the
//! signed-in account into the request; [`Caller`] hands it to the handler.
//! Whether an operation needs one is decided by [`crate::guard`].

use crate::problem::Problem;
use crate::state::WebState;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderMap;
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
        request_id: crate::request::current_id(),
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

fn address_of(state: &WebState, req: &Request) -> (String, bool) {
    let peer = req
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip());
    caller_address(req.headers(), state.info.address_header.as_deref(), peer)
}

/// The caller's address and whether it is this machine. Behind a gateway the
/// last address of the last header of that name counts: whatever stands before
/// it came from the caller. The header alone never makes somebody local: the
/// connection has to come from this machine as well.
fn caller_address(
    headers: &HeaderMap,
    header: Option<&str>,
    peer: Option<IpAddr>,
) -> (String, bool) {
    let peer = peer.map(|ip| ip.to_canonical());
    let named = header
        .and_then(|name| headers.get_all(name).iter().next_back())
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(',').next_back())
        .and_then(|text| text.trim().parse::<IpAddr>().ok())
        .map(|ip| ip.to_canonical());
    let peer_is_local = peer.is_none_or(|ip| ip.is_loopback());
    match (named, peer) {
        (Some(ip), _) => (ip.to_string(), ip.is_loopback() && peer_is_local),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn address(values: &[&str], header: Option<&str>, peer: &str) -> (String, bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        caller_address(&headers, header, Some(peer.parse().unwrap()))
    }

    #[test]
    fn what_a_caller_writes_into_the_gateways_header_is_not_believed() {
        let header = Some("x-forwarded-for");
        let gateway = "10.0.0.1";
        let remote = ("10.9.9.9".to_owned(), false);
        assert_eq!(address(&["127.0.0.1, 10.9.9.9"], header, gateway), remote);
        assert_eq!(address(&["127.0.0.1", "10.9.9.9"], header, gateway), remote);
        let spoofed = address(&["127.0.0.1"], header, "10.9.9.9");
        assert!(!spoofed.1, "straight to the server, past the gateway");
        let unreadable = address(&["somewhere"], header, gateway);
        assert_eq!(unreadable, (gateway.to_owned(), false));
        let unasked = address(&["127.0.0.1"], None, "10.9.9.9");
        assert_eq!(unasked, remote);
    }

    #[test]
    fn this_machine_is_known_in_both_families_and_behind_a_local_gateway() {
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(address(&[], None, peer).1, "{peer}");
        }
        let header = Some("x-forwarded-for");
        assert!(address(&["127.0.0.1"], header, "127.0.0.1").1);
        assert!(!address(&["10.9.9.9"], header, "127.0.0.1").1);
    }
}
