//! Reads every answer that leaves the router: no planted clear value may be in
//! it (reveal and print apart), every error must be problem+json with a code and
//! a Chinese sentence, and nothing may fail with a 5xx that a test did not ask for.

use crate::scan::{Needles, Scanner};
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value as Json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was planted, and what was read so far.
#[derive(Default)]
pub struct Guard {
    planted: Mutex<(Needles, Option<Scanner>)>,
    bytes: AtomicU64,
    answers: AtomicU64,
}

/// Parts of addresses whose answers hold clear values on purpose.
const CLEAR: [&str; 5] = ["/reveal", "/print", "/workbook.xlsx", "/file", "/sync/pull"];

impl Guard {
    /// From now on these values may not be in any answer.
    pub fn plant(&self, needles: &Needles) {
        let mut planted = self.planted.lock().unwrap();
        planted.0.extend(needles);
        planted.1 = None;
    }

    /// Everything planted so far.
    pub fn needles(&self) -> Needles {
        self.planted.lock().unwrap().0.clone()
    }

    /// Answers and bytes read so far.
    pub fn read(&self) -> (u64, u64) {
        (
            self.answers.load(Ordering::Relaxed),
            self.bytes.load(Ordering::Relaxed),
        )
    }

    /// Reads one answer.
    ///
    /// # Panics
    /// When something is wrong with it.
    pub fn check(&self, what: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        let clear_on_purpose = status.is_success() && CLEAR.iter().any(|part| what.contains(part));
        if !clear_on_purpose {
            self.no_planted_value(what, body);
            for value in headers.values() {
                self.no_planted_value(what, value.as_bytes());
            }
        }
        if status.is_client_error() || status.is_server_error() {
            problem(what, status, headers, body);
        }
    }

    fn no_planted_value(&self, what: &str, body: &[u8]) {
        let mut planted = self.planted.lock().unwrap();
        if planted.0.is_empty() {
            return;
        }
        if planted.1.is_none() {
            planted.1 = Some(Scanner::new(&planted.0));
        }
        let found = planted.1.as_ref().unwrap().search(body);
        assert!(
            found.is_empty(),
            "{what}: the answer holds planted values of these kinds: {found:?}"
        );
    }
}

fn problem(what: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
    let kind = headers.get(header::CONTENT_TYPE).map(|v| v.as_bytes());
    assert_eq!(
        kind,
        Some(&b"application/problem+json"[..]),
        "{what}: {status} is no problem+json: {}",
        String::from_utf8_lossy(body)
    );
    // An answer to HEAD has no body.
    if what.starts_with("HEAD ") && body.is_empty() {
        return;
    }
    let json: Json = serde_json::from_slice(body).unwrap();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(json["status"], status.as_u16(), "{what}");
    assert!(!text("code").is_empty(), "{what}: no code");
    assert!(!text("request_id").is_empty(), "{what}: no request number");
    let chinese = |t: &str| t.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(
        chinese(&text("detail")) && chinese(&text("title")),
        "{what}: {json}"
    );
    assert!(!text("detail").contains('{'), "{what}: {}", text("detail"));
    for field in json["errors"].as_array().into_iter().flatten() {
        let message = field["message"].as_str().unwrap_or_default();
        assert!(chinese(message) && !message.contains('{'), "{what}: {json}");
    }
}
