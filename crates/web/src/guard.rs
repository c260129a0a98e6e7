//! The door of every operation. An operation enters the router only through
//! [`crate::Api::op`], which puts this guard in front of it and writes the
//! permission into the OpenAPI document; so no operation is reachable without
//! a declared access, and the document cannot lie about it. Scope (which unit)
//! is asked in the handler, where the unit is known, by `Ctx::scope`.

use crate::auth::{Caller, Visitor};
use crate::problem::Problem;
use crate::state::{Check, WebState};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use zf_base::code::ErrorCode;
use zf_kernel::{Ctx, Permission};

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody (sign-in).
    Public,
    /// Whoever is signed in, also before the first change of password.
    Own,
    /// Whoever has this permission somewhere; where exactly is asked in the handler.
    Needs(Permission),
}

impl Access {
    /// As written into the OpenAPI document.
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Public => "public",
            Access::Own => "own",
            Access::Needs(p) => p.as_str(),
        }
    }
}

/// Header that proves that a change comes from our own page: another site
/// cannot set it.
pub const OWN_PAGE_HEADER: &str = "x-zoufang";

/// The guard of one operation.
pub(crate) async fn guard(
    State((state, access, operation)): State<(WebState, Access, String)>,
    mut req: Request,
    next: Next,
) -> Response {
    match admit(&state, access, &operation, &req) {
        Ok(Some(caller)) => {
            req.extensions_mut().insert(caller);
            next.run(req).await
        }
        Ok(None) => next.run(req).await,
        Err(problem) => problem.into_response(),
    }
}

fn admit(
    state: &WebState,
    access: Access,
    operation: &str,
    req: &Request,
) -> Result<Option<Caller>, Problem> {
    let changes = !matches!(*req.method(), Method::GET | Method::HEAD);
    if changes && !req.headers().contains_key(OWN_PAGE_HEADER) {
        return Err(Problem::new(ErrorCode::AUTH_CSRF));
    }
    if access == Access::Public {
        return Ok(None);
    }
    let visitor = req
        .extensions()
        .get::<Visitor>()
        .ok_or_else(|| Problem::new(ErrorCode::INTERNAL))?;
    let signed_in = visitor.signed_in.as_ref();
    let Some(who) = signed_in.or_else(|| state.stand_in(operation)) else {
        return Err(Problem::new(ErrorCode::AUTH_REQUIRED));
    };
    let mut ctx = Ctx::for_user(who.actor.clone(), visitor.now, visitor.request_id)
        .in_session(who.session.id);
    if let Access::Needs(permission) = access {
        if who.user.must_change_password {
            return Err(Problem::new(ErrorCode::AUTH_PASSWORD_EXPIRED));
        }
        if state.left_out(operation, Check::Permission) {
            ctx = ctx.with_permission(permission);
        }
        if !ctx.may(permission) {
            return Err(Problem::new(ErrorCode::PERMISSION_DENIED));
        }
    }
    if state.left_out(operation, Check::Scope) {
        ctx = ctx.with_scope_off();
    }
    Ok(Some(Caller {
        ctx,
        user: who.user.clone(),
        session: who.session,
    }))
}
