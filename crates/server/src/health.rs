//! `/livez`, `/readyz` and `/metrics`. The first says that the process runs,
//! the second that it can do its work (database, schema, disk, not stopping),
//! the third gives figures to a scraper on this machine. None needs a sign-in,
//! none tells anything about people.

use crate::metrics::{Gauges, Metrics};
use crate::{disk, open, store};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zf_store::{Engine, params};
use zf_web::WebState;

/// What the outside of the program knows about its running.
pub struct Hub {
    /// Counters.
    pub metrics: Metrics,
    /// False while starting and stopping.
    pub ready: AtomicBool,
    /// Folder whose disk must not be full.
    pub data: Option<PathBuf>,
}

impl Hub {
    /// Ready at once.
    pub fn new(data: Option<PathBuf>) -> Arc<Hub> {
        Arc::new(Hub {
            metrics: Metrics::default(),
            ready: AtomicBool::new(true),
            data,
        })
    }
}

#[derive(Clone)]
struct Health {
    state: WebState,
    hub: Arc<Hub>,
}

/// The three addresses.
pub fn routes(state: WebState, hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Health { state, hub })
}

/// Longer than that and the database counts as away.
const PATIENCE: Duration = Duration::from_secs(3);

async fn readyz(State(h): State<Health>) -> Response {
    let faults = faults(&h).await;
    if faults.is_empty() {
        return "ok\n".into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        format!("{}\n", faults.join("\n")),
    )
        .into_response()
}

async fn faults(h: &Health) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if !h.hub.ready.load(Ordering::Relaxed) {
        faults.push("stopping");
    }
    let db = &h.state.app.db;
    let alive = tokio::time::timeout(PATIENCE, db.query(store::ALIVE, params![])).await;
    if !matches!(alive, Ok(Ok(_))) {
        faults.push("database");
        return faults;
    }
    if !open::missing_migrations(db)
        .await
        .is_ok_and(|m| m.is_empty())
    {
        faults.push("migrations");
    }
    let low = |p: &PathBuf| disk::space(p).is_ok_and(|(free, total)| disk::is_low(free, total));
    if h.hub.data.as_ref().is_some_and(low) {
        faults.push("disk");
    }
    faults
}

async fn metrics(State(h): State<Health>, req: Request) -> Response {
    if !is_local(&h, &req) {
        return zf_web::Problem::new(zf_base::code::ErrorCode::NOT_FOUND).into_response();
    }
    let app = &h.state.app;
    let jobs = tokio::time::timeout(PATIENCE, zf_kernel::job::service::jobs_open(app)).await;
    let gauges = Gauges {
        version: env!("CARGO_PKG_VERSION"),
        engine: engine_name(app.db.engine()),
        jobs_open: jobs.ok().and_then(Result::ok),
        writer: app
            .db
            .write_stats()
            .map(|w| (w.transactions(), w.commits())),
        ready: h.hub.ready.load(Ordering::Relaxed),
    };
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, h.hub.metrics.text(&gauges)).into_response()
}

/// From this machine, and not through a gateway on it.
fn is_local(h: &Health, req: &Request) -> bool {
    let own = h.state.info.address_header.as_deref();
    let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"]
        .into_iter()
        .chain(own);
    if forwarded
        .into_iter()
        .any(|name| req.headers().contains_key(name))
    {
        return false;
    }
    let peer = req.extensions().get::<ConnectInfo<SocketAddr>>();
    // Without a socket the request was made inside of the process.
    peer.is_none_or(|c| c.0.ip().is_loopback())
}

/// The name shown for an engine.
pub fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    }
}
