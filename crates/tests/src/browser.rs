//! A browser: sends requests into the router without a socket, keeps the
//! session cookie, and hands every answer to the guard before the test sees it.

use crate::guard::Guard;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tower::ServiceExt;

/// What goes with a request.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// JSON.
    Json(Json),
    /// A form with a file: name, value, and the name of the file when it is one.
    Form(Vec<(String, Option<String>, Vec<u8>)>),
    /// Bytes with headers of their own.
    Bytes(Vec<(&'static str, String)>, Vec<u8>),
}

/// One browser with its session.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    guard: Arc<Guard>,
    cookie: Option<String>,
    address: SocketAddr,
    own_page: bool,
    fault_expected: bool,
    range: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
    /// `METHOD path`, for messages.
    pub what: String,
}

impl Browser {
    /// A browser on this machine, not signed in.
    pub fn new(router: Router, guard: Arc<Guard>) -> Browser {
        Browser {
            router,
            guard,
            cookie: None,
            address: ([127, 0, 0, 1], 50_000).into(),
            own_page: true,
            fault_expected: false,
            range: None,
        }
    }
    /// The same browser in front of another router.
    #[must_use]
    pub fn in_front_of(&self, router: Router) -> Browser {
        Browser {
            router,
            ..self.clone()
        }
    }
    /// The same browser on another machine.
    #[must_use]
    pub fn from_address(&self, ip: [u8; 4]) -> Browser {
        Browser {
            address: (ip, 50_000).into(),
            ..self.clone()
        }
    }
    /// The same browser on a page that is not ours.
    #[must_use]
    pub fn on_a_foreign_page(&self) -> Browser {
        Browser {
            own_page: false,
            ..self.clone()
        }
    }
    /// The same browser; a 5xx is what the test is about.
    #[must_use]
    pub fn expecting_a_fault(&self) -> Browser {
        Browser {
            fault_expected: true,
            ..self.clone()
        }
    }
    /// The same browser without its cookie.
    #[must_use]
    pub fn signed_out(&self) -> Browser {
        Browser {
            cookie: None,
            ..self.clone()
        }
    }
    /// The session cookie's value.
    pub fn token(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Signs in; the browser that comes back holds the session.
    pub async fn sign_in(&self, login: &str, password: &str) -> Browser {
        let reply = self.try_sign_in(login, password, None).await.ok();
        self.with_cookie_of(&reply)
    }
    /// Tries to sign in.
    pub async fn try_sign_in(&self, login: &str, password: &str, code: Option<&str>) -> Reply {
        let mut body = json!({ "login": login, "password": password });
        if let Some(code) = code {
            body["totp"] = json!(code);
        }
        self.post("/sign-in", body).await
    }
    /// The same browser with the cookie an answer set.
    #[must_use]
    pub fn with_cookie_of(&self, reply: &Reply) -> Browser {
        let cookie = reply.headers.get(header::SET_COOKIE);
        let cookie = cookie
            .and_then(|v| v.to_str().ok())
            .expect("a session cookie");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
            "{cookie}"
        );
        let value = cookie.split(';').next().and_then(|c| c.split_once('='));
        Browser {
            cookie: value.map(|(_, v)| v.to_owned()),
            ..self.clone()
        }
    }

    /// The same browser asking for a part of what it gets, `bytes=0-9`.
    #[must_use]
    pub fn reading(&self, range: &str) -> Browser {
        Browser {
            range: Some(range.to_owned()),
            ..self.clone()
        }
    }

    /// GET below `/api/v1`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Payload::None).await
    }
    /// POST with JSON.
    pub async fn post(&self, path: &str, body: Json) -> Reply {
        self.send("POST", path, Payload::Json(body)).await
    }
    /// POST without a body.
    pub async fn press(&self, path: &str) -> Reply {
        self.send("POST", path, Payload::None).await
    }
    /// PUT with JSON.
    pub async fn put(&self, path: &str, body: Json) -> Reply {
        self.send("PUT", path, Payload::Json(body)).await
    }
    /// PATCH with JSON.
    pub async fn patch(&self, path: &str, body: Json) -> Reply {
        self.send("PATCH", path, Payload::Json(body)).await
    }
    /// DELETE without a body.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, Payload::None).await
    }
    /// Uploads a file to be imported.
    pub async fn upload(&self, kind: &str, name: &str, bytes: &[u8], dry_run: bool) -> Reply {
        let field = |name: &str, value: &str| (name.to_owned(), None, value.as_bytes().to_vec());
        let form = vec![
            field("kind", kind),
            field("dry_run", if dry_run { "true" } else { "false" }),
            ("file".to_owned(), Some(name.to_owned()), bytes.to_vec()),
        ];
        self.send("POST", "/imports", Payload::Form(form)).await
    }

    /// Sends one request; a path without `/api` or `/` health addresses is below `/api/v1`.
    pub async fn send(&self, method: &str, path: &str, payload: Payload) -> Reply {
        let uri = match path.starts_with("/api/") || path.starts_with("/livez") {
            true => path.to_owned(),
            false => format!("/api/v1{path}"),
        };
        let what = format!("{method} {uri}");
        let mut request = Request::builder().method(method).uri(&uri);
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("{}={cookie}", zf_web::auth::COOKIE));
        }
        if self.own_page {
            request = request.header("x-zoufang", "1");
        }
        if let Some(range) = &self.range {
            request = request.header(header::RANGE, range);
        }
        if let Payload::Bytes(headers, _) = &payload {
            for (name, value) in headers {
                request = request.header(*name, value);
            }
        }
        let (kind, body) = encode(payload);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        // A router never fails: its error type has no value.
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        assert!(
            self.fault_expected || !parts.status.is_server_error(),
            "{what}: {} {}",
            parts.status,
            String::from_utf8_lossy(&bytes)
        );
        self.guard
            .check(&what, parts.status, &parts.headers, &bytes);
        Reply {
            status: parts.status,
            headers: parts.headers,
            bytes: bytes.to_vec(),
            what,
        }
    }
}

fn encode(payload: Payload) -> (Option<String>, Vec<u8>) {
    const BOUNDARY: &str = "----a-line-that-is-in-no-file";
    match payload {
        Payload::None => (None, vec![]),
        Payload::Bytes(_, bytes) => (None, bytes),
        Payload::Json(json) => (
            Some("application/json".to_owned()),
            serde_json::to_vec(&json).unwrap(),
        ),
        Payload::Form(fields) => {
            let mut body = Vec::new();
            for (name, file, value) in fields {
                let file = file.map_or(String::new(), |f| format!("; filename=\"{f}\""));
                let head = format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
                );
                body.extend(head.into_bytes());
                body.extend(value);
                body.extend(b"\r\n");
            }
            body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
            (
                Some(format!("multipart/form-data; boundary={BOUNDARY}")),
                body,
            )
        }
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{}: {e}: {}", self.what, self.text()))
    }
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    /// The answer, which must be a good one.
    #[track_caller]
    pub fn ok(self) -> Reply {
        assert!(
            self.status.is_success(),
            "{}: {} {}",
            self.what,
            self.status,
            self.text()
        );
        self
    }
    /// The JSON of a good answer.
    #[track_caller]
    pub fn good(self) -> Json {
        self.ok().json()
    }
    /// The items of a good list.
    #[track_caller]
    pub fn items(self) -> Vec<Json> {
        self.good()["items"].as_array().unwrap().clone()
    }
    /// The answer must be this refusal; gives its body.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Json {
        assert_eq!(
            (self.status.as_u16(), self.code().as_str()),
            (status, code),
            "{}: {}",
            self.what,
            self.text()
        );
        self.json()
    }
    /// The code of a refusal; empty for anything else.
    pub fn code(&self) -> String {
        let json: Json = serde_json::from_slice(&self.bytes).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}
