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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use axum::http::{Request as Req, Response};
    use std::net::SocketAddr;
    use std::sync::atomic::Ordering;
    use tower::ServiceExt;

    async fn router() -> (Router, Arc<Hub>, tempfile::TempDir) {
        let (state, dir) = crate::openapi::empty_state().await.unwrap();
        let hub = Hub::new(Some(dir.path().to_owned()));
        (build_router_with(state, hub.clone()), hub, dir)
    }

    async fn send(router: &Router, req: Req<Body>) -> Response<Body> {
        router.clone().oneshot(req).await.unwrap()
    }

    fn get_of(path: &str) -> Req<Body> {
        Req::get(path).body(Body::empty()).unwrap()
    }

    async fn text(r: Response<Body>) -> String {
        let bytes = axum::body::to_bytes(r.into_body(), 1 << 24).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers_and_the_api_is_never_stored() {
        let (router, ..) = router().await;
        for path in [
            "/",
            "/livez",
            "/api/v1/me",
            "/api/openapi.json",
            "/api/none",
            "/gone.js",
        ] {
            let r = send(&router, get_of(path)).await;
            let h = r.headers();
            let csp = h[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(
                csp.starts_with("default-src 'self';") && csp.ends_with("frame-ancestors 'none'"),
                "{path}"
            );
            assert_eq!(h[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(h[header::REFERRER_POLICY], "no-referrer", "{path}");
            assert!(h.contains_key("x-request-id"), "{path}");
            let stored = h.get(header::CACHE_CONTROL).is_none_or(|c| c != "no-store");
            assert_eq!(stored, !path.starts_with("/api"), "{path}");
        }
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_refused_with_and_without_its_length() {
        let (router, ..) = router().await;
        let post = |body: Body| {
            Req::post("/api/v1/sign-in")
                .header("x-zoufang", "1")
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .unwrap()
        };
        let big = vec![b' '; limits::REQUEST_BYTES_MAX + 1];
        let pieces = futures_util::stream::iter(
            big.chunks(4096)
                .map(|c| Ok::<_, std::io::Error>(c.to_vec()))
                .collect::<Vec<_>>(),
        );
        assert_eq!(
            send(&router, post(Body::from_stream(pieces)))
                .await
                .status(),
            413
        );
        let mut told = post(Body::empty());
        let length = (limits::REQUEST_BYTES_MAX + 1).to_string();
        told.headers_mut()
            .insert(header::CONTENT_LENGTH, length.parse().unwrap());
        assert_eq!(send(&router, told).await.status(), 413);
        assert_eq!(send(&router, post(Body::from("{}"))).await.status(), 400);
    }

    #[tokio::test]
    async fn readiness_ends_with_the_order_to_stop_while_liveness_goes_on() {
        // Without a data folder: how full this machine's disk is is not the matter here.
        let (state, _dir) = crate::openapi::empty_state().await.unwrap();
        let hub = Hub::new(None);
        let router = build_router_with(state, hub.clone());
        assert_eq!(send(&router, get_of("/readyz")).await.status(), 200);
        hub.ready.store(false, Ordering::Relaxed);
        let r = send(&router, get_of("/readyz")).await;
        assert_eq!(
            (r.status().as_u16(), text(r).await.as_str()),
            (503, "stopping\n")
        );
        assert_eq!(send(&router, get_of("/livez")).await.status(), 200);
    }

    #[tokio::test]
    async fn metrics_are_for_this_machine_only_and_name_templates_not_paths() {
        let (router, ..) = router().await;
        send(
            &router,
            get_of("/api/v1/units/0198aaaa-0000-7000-8000-000000000001"),
        )
        .await;
        send(&router, get_of("/nobody/knows/this")).await;
        let figures = text(send(&router, get_of("/metrics")).await).await;
        assert!(
            figures.contains("route=\"/api/v1/units/{unit_id}\",status=\"401\"} 1"),
            "{figures}"
        );
        assert!(figures.contains("zoufang_jobs_open 0"), "{figures}");
        assert!(
            !figures.contains("0198aaaa") && !figures.contains("nobody"),
            "{figures}"
        );
        for (peer, forwarded, status) in [
            ("127.0.0.1:9", false, 200),
            ("127.0.0.1:9", true, 404),
            ("10.1.2.3:9", false, 404),
        ] {
            let mut req = get_of("/metrics");
            req.extensions_mut()
                .insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            if forwarded {
                req.headers_mut()
                    .insert("x-forwarded-for", "10.1.2.3".parse().unwrap());
            }
            assert_eq!(
                send(&router, req).await.status(),
                status,
                "{peer} {forwarded}"
            );
        }
    }

    #[tokio::test]
    async fn the_served_document_is_the_printed_one() {
        let (router, ..) = router().await;
        let served = text(send(&router, get_of("/api/openapi.json")).await).await;
        let served: serde_json::Value = serde_json::from_str(&served).unwrap();
        let printed: serde_json::Value =
            serde_json::from_str(&crate::openapi::document().await.unwrap()).unwrap();
        assert_eq!(served, printed);
        assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
        assert!(served["paths"].as_object().unwrap().len() > 40);
    }
}
