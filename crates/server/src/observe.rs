//! Around every request: its number, one log line with the route template (no
//! path, no query, no body: an address could carry a name), the counters, the
//! limits on size, time and number, and the security headers.

use crate::health::Hub;
use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use zf_base::code::ErrorCode;
use zf_base::limits;
use zf_web::{Problem, WebState};

/// What these layers need.
#[derive(Clone)]
pub struct Around {
    /// Readiness and counters.
    pub hub: Arc<Hub>,
    /// Facts about the installation.
    pub state: WebState,
}

/// Requests answered at once; above that the caller is asked to come back.
const IN_FLIGHT_MAX: u64 = 512;
/// An upload may take longer than an ordinary request.
const UPLOAD_SECONDS: u64 = 900;
/// Where files are sent to; each operation has a limit of its own besides.
const UPLOAD_ROUTES: [&str; 3] = [
    "/api/v1/imports",
    "/api/v1/units/{unit_id}/map-layers",
    "/api/v1/units/{unit_id}/exports/{export_id}/receipts",
];

fn is_upload(req: &Request) -> bool {
    let route = req.extensions().get::<MatchedPath>();
    req.method() == Method::POST && route.is_some_and(|r| UPLOAD_ROUTES.contains(&r.as_str()))
}

/// Counts, limits and logs.
pub async fn observe(State(around): State<Around>, req: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = req.method().clone();
    let route = req
        .extensions()
        .get::<MatchedPath>()
        .map_or("other".to_owned(), |m| m.as_str().to_owned());
    let id = around.state.app.new_id();
    let metrics = &around.hub.metrics;
    let busy = metrics.in_flight.fetch_add(1, Ordering::Relaxed) >= IN_FLIGHT_MAX;
    let guard = InFlight(&around.hub);
    let mut response = if busy {
        come_back()
    } else {
        zf_web::request::with_id(id, limited(req, next)).await
    };
    drop(guard);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    metrics.answered(plain_method(&method), &route, status, took);
    if route != "other" {
        tracing::info!(%id, %method, route, status, ms = took.as_millis() as u64, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The number of the request, as in its log line.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Any word can be a method; only the usual ones become a label.
fn plain_method(method: &Method) -> &str {
    match method.as_str() {
        m @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => m,
        _ => "OTHER",
    }
}

/// Takes the request off the count however it ends.
struct InFlight<'a>(&'a Hub);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn come_back() -> Response {
    let mut response = Problem::new(ErrorCode::BUSY).into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Runs the request within its limits of size and time.
async fn limited(req: Request, next: Next) -> Response {
    let upload = is_upload(&req);
    let (bytes, seconds) = match upload {
        true => (
            limits::IMPORT_BYTES_MAX.max(limits::MAP_TILES_BYTES_MAX) + 64 * 1024,
            UPLOAD_SECONDS,
        ),
        false => (
            limits::REQUEST_BYTES_MAX as u64,
            limits::REQUEST_SECONDS_MAX,
        ),
    };
    let told = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|n| n > bytes) {
        return Problem::new(ErrorCode::INPUT_TOO_LARGE).into_response();
    }
    let req = req.map(|body| cut(body, bytes));
    match tokio::time::timeout(Duration::from_secs(seconds), next.run(req)).await {
        Ok(response) => response,
        Err(_) => Problem::new(ErrorCode::TIMEOUT).into_response(),
    }
}

/// A body that fails after so many bytes, whatever its length header says.
fn cut(body: Body, most: u64) -> Body {
    let mut left = most;
    Body::from_stream(body.into_data_stream().map(move |piece| {
        let piece: Bytes = piece?;
        match left.checked_sub(piece.len() as u64) {
            Some(rest) => {
                left = rest;
                Ok(piece)
            }
            None => Err(axum::Error::new("the body is too large")),
        }
    }))
}

const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; \
     form-action 'self'; frame-ancestors 'none'";

/// The field app's pages: nothing inline, nothing from elsewhere.
const FIELD_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; object-src 'none'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Headers of every answer.
pub async fn headers(State(around): State<Around>, req: Request, next: Next) -> Response {
    let path = req.uri().path();
    let api = path.starts_with("/api");
    let field = path == "/m" || path.starts_with("/m/");
    let mut response = next.run(req).await;
    let h = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        h.insert(name, HeaderValue::from_static(value));
    };
    set(
        header::CONTENT_SECURITY_POLICY,
        if field { FIELD_CSP } else { CSP },
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(self), microphone=(), payment=()",
    );
    if around.state.info.secure_cookies {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if api {
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}
