//! A JSON body that is read and checked before the handler sees it; every
//! fault is problem+json in Chinese, not the library's English.

use crate::problem::Problem;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Json, Request};
use serde::de::DeserializeOwned;
use zf_base::code::ErrorCode;

/// The body of a request. Unknown fields are refused by the DTOs themselves
/// (`deny_unknown_fields`).
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(req: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(req, state).await {
            Ok(Json(value)) => Ok(Body(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(Problem::new(ErrorCode::INPUT_MEDIA_TYPE))
            }
            Err(JsonRejection::BytesRejection(_)) => Err(Problem::new(ErrorCode::INPUT_TOO_LARGE)),
            Err(_) => Err(Problem::new(ErrorCode::INPUT_MALFORMED)),
        }
    }
}
