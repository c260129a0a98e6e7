//! RFC 9457 `application/problem+json`: a stable code, a Chinese sentence that
//! says what to do, the request's number, and the fields that are wrong.
//! Internal causes go to the log, never to the caller.

use crate::words;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_kernel::error::KernelError;
use zf_kernel::{FieldError, Refusal};
use zf_store::StoreError;

/// The body of an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Always `about:blank`; `code` is what programs match on.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// A sentence that says what to do.
    pub detail: String,
    /// Number of the request, to look it up in the log.
    pub request_id: String,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// Name as in the request.
    pub field: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    refusal: Refusal,
    request_id: Uuid,
}

impl Problem {
    /// A problem with a code only.
    pub fn new(code: ErrorCode) -> Problem {
        Refusal {
            code,
            args: BTreeMap::new(),
            fields: vec![],
        }
        .into()
    }
    /// A problem about one field.
    pub fn field(field: &str, what: &'static str) -> Problem {
        let fields = vec![FieldError {
            field: field.to_owned(),
            code: what,
        }];
        Refusal {
            code: ErrorCode::INPUT_INVALID,
            args: BTreeMap::new(),
            fields,
        }
        .into()
    }
    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.refusal.code
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem {
            refusal,
            request_id: crate::request::current_id(),
        }
    }
}

impl From<KernelError> for Problem {
    fn from(e: KernelError) -> Problem {
        let code = match e {
            KernelError::Refused(refusal) => return refusal.into(),
            KernelError::Store(
                StoreError::Busy | StoreError::Retry | StoreError::Unavailable(_),
            ) => ErrorCode::BUSY,
            KernelError::Store(StoreError::Full(_)) => ErrorCode::DISK_FULL,
            KernelError::Vault(_) => ErrorCode::VAULT_UNREADABLE,
            _ => ErrorCode::INTERNAL,
        };
        let problem = Problem::new(code);
        tracing::error!(request_id = %problem.request_id, error = %e, "request failed");
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Problem {
        KernelError::from(e).into()
    }
}

fn fill(template: &str, args: &BTreeMap<&'static str, String>) -> String {
    args.iter()
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Refusal {
            code,
            mut args,
            fields,
        } = self.refusal;
        args.insert("request_id", self.request_id.to_string());
        let (title, detail) = words::sentence(code.code);
        let body = ProblemBody {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: code.status,
            code: code.code.to_owned(),
            detail: fill(detail, &args),
            request_id: self.request_id.to_string(),
            errors: fields
                .into_iter()
                .map(|f| ProblemField {
                    field: f.field,
                    message: fill(words::field_sentence(f.code), &args),
                })
                .collect(),
        };
        let status = StatusCode::from_u16(code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(body)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
