//! Everything that is served, in one router: the API with its document, the
//! pages, the health addresses, and around all of them the limits, the log and
//! the headers of `observe`.

use crate::health::{self, Hub};
use crate::observe::{self, Around};
use crate::{api, assets};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use zf_base::limits;
use zf_web::{Api, WebState};

/// All operations of all rooms, with their document.
pub fn build_api(state: WebState) -> (Router, OpenApi) {
    api::api(Api::new(state)).build()
}

/// The whole program over HTTP.
pub fn build_router(state: WebState) -> Router {
    build_router_with(state, Hub::new(None))
}

/// As [`build_router`], sharing readiness and counters with the caller.
pub fn build_router_with(state: WebState, hub: Arc<Hub>) -> Router {
    let (api, document) = build_api(state.clone());
    // Serialised once: it never changes while the program runs.
    let document = document.to_json().unwrap_or_default();
    let openapi = get(move || {
        let text = document.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text) }
    });
    let around = Around {
        hub: hub.clone(),
        state: state.clone(),
    };
    Router::new()
        .route("/api/openapi.json", openapi)
        .merge(health::routes(state, hub))
        .merge(api)
        .fallback(page)
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(
            limits::IMPORT_BYTES_MAX as usize + 64 * 1024,
        ))
        .layer(from_fn_with_state(around.clone(), observe::observe))
        .layer(from_fn_with_state(around, observe::headers))
}

async fn page(req: Request) -> axum::response::Response {
    assets::answer(
        &assets::Embedded,
        req.method(),
        req.uri().path(),
        req.headers(),
    )
    .into_response()
}
