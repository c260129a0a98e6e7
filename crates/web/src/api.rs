//! The router and its OpenAPI document, built together. Operations come in
//! through [`Api::op`] only, so that none is without its guard and none is
//! missing in the document.

use crate::auth;
use crate::guard::{Access, guard};
use crate::state::WebState;
use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// The API under construction.
pub struct Api {
    state: WebState,
    router: OpenApiRouter<WebState>,
}

impl Api {
    /// An empty API.
    pub fn new(state: WebState) -> Api {
        let info = InfoBuilder::new()
            .title(crate::words::API_TITLE)
            .version(state.info.version.clone())
            .description(Some("Visits and branches, one loop. See docs/api.md."))
            .build();
        let doc = OpenApiBuilder::new().info(info).build();
        Api {
            state,
            router: OpenApiRouter::with_openapi(doc),
        }
    }

    /// Adds one operation (`routes!(handler)`) behind its guard.
    #[must_use]
    pub fn op(mut self, access: Access, mut route: UtoipaMethodRouter<WebState>) -> Api {
        let mut name = String::new();
        for item in route.1.paths.values_mut() {
            for operation in operations_mut(item) {
                let permission = (
                    String::from("x-permission"),
                    serde_json::json!(access.as_str()),
                );
                operation.extensions = Some(Extensions::from_iter([permission]));
                name = operation.operation_id.clone().unwrap_or_default();
            }
        }
        let state = (self.state.clone(), access, name);
        route.2 = route.2.layer(from_fn_with_state(state, guard));
        self.router = self.router.routes(route);
        self
    }

    /// The finished router and the document.
    pub fn build(self) -> (Router, OpenApi) {
        let (router, doc) = self.router.split_for_parts();
        let router = router
            .fallback(|| async { crate::Problem::new(zf_base::code::ErrorCode::NOT_FOUND) })
            .layer(from_fn_with_state(self.state.clone(), auth::authenticate))
            .layer(map_response(english_to_problem))
            .with_state(self.state);
        (router, doc)
    }
}

/// Answers of the framework itself (wrong method, bad path or query) become
/// problem+json too.
async fn english_to_problem(response: Response) -> Response {
    use axum::http::{StatusCode, header};
    use zf_base::code::ErrorCode;
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|t| t.as_bytes().starts_with(b"text/plain"));
    let code = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::METHOD_NOT_ALLOWED,
        StatusCode::NOT_FOUND if plain => ErrorCode::NOT_FOUND,
        StatusCode::PAYLOAD_TOO_LARGE if plain => ErrorCode::INPUT_TOO_LARGE,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY if plain => {
            ErrorCode::INPUT_MALFORMED
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE if plain => ErrorCode::INPUT_MEDIA_TYPE,
        StatusCode::INTERNAL_SERVER_ERROR if plain => ErrorCode::INTERNAL,
        _ => return response,
    };
    crate::Problem::new(code).into_response()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.head,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .filter_map(|o| o.as_mut())
}
