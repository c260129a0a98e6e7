//! The pages, embedded at compile time: the console at `/`, the field app at
//! `/m/`. Files with a hash in their name are kept by the browser for ever,
//! everything else is asked for again with its tag. An address without a file
//! ending is a page of the app and gets its `index.html`; `/api/…` never does.
//! Built without Node there are no pages and a plain one says how to get them.

use crate::words;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use zf_base::code::ErrorCode;
use zf_web::Problem;

#[derive(RustEmbed)]
#[folder = "../../frontend/dist"]
#[allow_missing = true]
struct Dist;

/// One place the pages can come from; tests bring their own.
pub trait Files {
    /// A file by its path below the folder of builds, e.g. `console/index.html`.
    fn file(&self, path: &str) -> Option<EmbeddedFile>;
}

/// The embedded build.
pub struct Embedded;

impl Files for Embedded {
    fn file(&self, path: &str) -> Option<EmbeddedFile> {
        Dist::get(path)
    }
}

/// Were the pages built into this program?
pub fn present() -> bool {
    Embedded.file("console/index.html").is_some()
}

/// The table of divisions that the build of the pages has made, for reading
/// addresses; none in a program without pages.
pub fn divisions() -> Option<std::borrow::Cow<'static, [u8]>> {
    Embedded.file("divisions.bin").map(|file| file.data)
}

/// Answers an address that is no operation of the API.
pub fn answer(files: &impl Files, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if path == "/api" || path.starts_with("/api/") {
        return Problem::new(ErrorCode::NOT_FOUND).into_response();
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Problem::new(ErrorCode::METHOD_NOT_ALLOWED).into_response();
    }
    // The worker of the field app answers below `/m/` only; without the slash it would not be there.
    if path == "/m" {
        return Redirect::permanent("/m/").into_response();
    }
    let Some((build, inside)) = place_of(path) else {
        return plain_not_found();
    };
    if let Some(file) = files.file(&format!("{build}/{inside}")) {
        return send(&file, inside, headers);
    }
    // `/customers/7` is a page; `/assets/gone.js` is a file that is gone.
    let last = inside.rsplit('/').next().unwrap_or_default();
    if last.contains('.') && inside != "index.html" {
        return plain_not_found();
    }
    match files.file(&format!("{build}/index.html")) {
        Some(index) => send(&index, "index.html", headers),
        None => (StatusCode::OK, Html(words::NO_PAGES)).into_response(),
    }
}

/// Which build an address belongs to, and the path inside of it.
fn place_of(path: &str) -> Option<(&'static str, &str)> {
    let (build, inside) = match path.strip_prefix("/m") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            ("field", rest.trim_start_matches('/'))
        }
        _ => ("console", path.trim_start_matches('/')),
    };
    // Nothing hidden, nothing above: the build's own notes are not for visitors.
    if inside.split('/').any(|part| part.starts_with('.')) || inside.contains(['\\', '%']) {
        return None;
    }
    Some((
        build,
        if inside.is_empty() {
            "index.html"
        } else {
            inside
        },
    ))
}

fn plain_not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        [(header::CACHE_CONTROL, "no-cache")],
        "404\n",
    )
        .into_response()
}

fn send(file: &EmbeddedFile, name: &str, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash[..16].iter().map(|b| format!("{b:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|v| v.to_str().ok());
    let mut response = if known.is_some_and(|k| {
        k.split(',')
            .any(|k| k.trim().trim_start_matches("W/") == tag)
    }) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match &file.data {
            std::borrow::Cow::Borrowed(bytes) => Body::from(*bytes),
            std::borrow::Cow::Owned(bytes) => Body::from(bytes.clone()),
        };
        Response::new(body)
    };
    let h = response.headers_mut();
    h.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(kind_of(name)),
    );
    h.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if is_hashed(name) {
            FOR_EVER
        } else {
            "no-cache"
        }),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        h.insert(header::ETAG, tag);
    }
    response
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Vite puts files with a hash in their name into `assets/`.
fn is_hashed(name: &str) -> bool {
    name.starts_with("assets/")
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rust_embed::Metadata;

    struct Fake(&'static [&'static str]);

    impl Files for Fake {
        fn file(&self, path: &str) -> Option<EmbeddedFile> {
            let known = self.0.iter().find(|p| **p == path)?;
            let metadata = Metadata::__rust_embed_new([7; 32], None, None);
            Some(EmbeddedFile {
                data: known.as_bytes().into(),
                metadata,
            })
        }
    }

    const BUILD: Fake = Fake(&[
        "console/index.html",
        "console/assets/index-B5a.js",
        "console/.vite/manifest.json",
        "field/index.html",
        "field/sw.js",
        "field/assets/index-C7.js",
    ]);

    fn get(files: &Fake, path: &str) -> Response {
        answer(files, &Method::GET, path, &HeaderMap::new())
    }
    async fn body(r: Response) -> String {
        String::from_utf8(
            axum::body::to_bytes(r.into_body(), 1 << 20)
                .await
                .unwrap()
                .to_vec(),
        )
        .unwrap()
    }

    #[tokio::test]
    async fn a_page_of_the_app_gets_the_index_and_the_field_app_its_own() {
        for (path, file) in [
            ("/", "console/index.html"),
            ("/customers/7", "console/index.html"),
            ("/m/", "field/index.html"),
            ("/m/today", "field/index.html"),
            ("/money", "console/index.html"),
        ] {
            let r = get(&BUILD, path);
            assert_eq!(r.headers()[header::CACHE_CONTROL], "no-cache");
            assert_eq!(body(r).await, file, "{path}");
        }
    }

    #[test]
    fn the_field_app_without_its_slash_is_sent_to_where_its_worker_answers() {
        let r = get(&BUILD, "/m");
        assert_eq!(r.status(), 308);
        assert_eq!(r.headers()[header::LOCATION], "/m/");
    }

    #[test]
    fn the_worker_of_the_field_app_is_asked_for_every_time_and_its_chunks_never_again() {
        let r = get(&BUILD, "/m/sw.js");
        assert_eq!(r.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(
            r.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        let r = get(&BUILD, "/m/assets/index-C7.js");
        assert_eq!(r.headers()[header::CACHE_CONTROL], FOR_EVER);
    }

    #[tokio::test]
    async fn an_address_of_the_api_never_gets_a_page() {
        for path in ["/api", "/api/", "/api/v1/none", "/api/v2"] {
            let r = get(&BUILD, path);
            assert_eq!(r.status(), 404, "{path}");
            assert_eq!(
                r.headers()[header::CONTENT_TYPE],
                "application/problem+json"
            );
        }
    }

    #[test]
    fn hashed_files_are_kept_and_missing_or_hidden_ones_are_not_found() {
        let r = get(&BUILD, "/assets/index-B5a.js");
        assert_eq!(r.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(
            r.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        for path in [
            "/assets/gone.js",
            "/.vite/manifest.json",
            "/../Cargo.toml",
            "/%2e%2e/x",
            "/robots.txt",
        ] {
            assert_eq!(get(&BUILD, path).status(), 404, "{path}");
        }
        assert_eq!(
            answer(&BUILD, &Method::POST, "/", &HeaderMap::new()).status(),
            405
        );
    }

    #[test]
    fn a_known_tag_is_answered_with_not_modified() {
        let tag = get(&BUILD, "/").headers()[header::ETAG].clone();
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(answer(&BUILD, &Method::GET, "/", &headers).status(), 304);
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"other\""));
        assert_eq!(answer(&BUILD, &Method::GET, "/", &headers).status(), 200);
    }

    #[tokio::test]
    async fn without_a_build_a_plain_page_says_how_to_get_one() {
        let r = get(&Fake(&[]), "/");
        assert_eq!(r.status(), 200);
        assert!(body(r).await.contains("make build"));
    }
}
