//! HTTP of photos: tus 1.0 for phones, and the pictures of a visit for the
//! console. Reads and writes headers; what holds is in the service.
//! Bytes come from phones and leave for the console only with an event.

use super::service::{photo_begin, photo_piece, photo_stands, photo_view, photos_of};
use super::{NewPhoto, OPEN, Photo};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let gives = Access::Needs(Permission::VisitWrite);
    let sees = Access::Needs(Permission::VisitRead);
    api.op(gives, routes!(blob_create))
        .op(gives, routes!(blob_head))
        .op(gives, routes!(blob_patch))
        .op(sees, routes!(visit_photos))
        .op(sees, routes!(visit_photo_get))
}

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const PIECE: &str = "application/offset+octet-stream";

/// A photo of a visit, without its bytes.
#[derive(Serialize, ToSchema)]
pub struct VisitPhoto {
    /// Its number in the address.
    n: usize,
    /// `photo`, `signature`, `scan`.
    role: String,
    mime: String,
    size: u64,
    /// Bytes that are here.
    received: u64,
    /// `open` or `verified`.
    state: String,
}

/// Photos of a visit.
#[derive(Serialize, ToSchema)]
pub struct VisitPhotos {
    items: Vec<VisitPhoto>,
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn number(headers: &HeaderMap, name: &str) -> Answer<u64> {
    let found = text(headers, name).and_then(|t| t.trim().parse().ok());
    found.ok_or_else(|| Problem::field(name, "field.required"))
}

/// `key base64, key base64` of tus.
fn metadata(headers: &HeaderMap) -> BTreeMap<String, String> {
    let all = text(headers, "upload-metadata").unwrap_or_default();
    let pair = |p: &str| -> Option<(String, String)> {
        let (key, coded) = p.trim().split_once(' ')?;
        let bytes = STANDARD.decode(coded.trim()).ok()?;
        Some((key.to_owned(), String::from_utf8(bytes).ok()?))
    };
    all.split(',').filter_map(pair).collect()
}

fn announced(headers: &HeaderMap) -> Answer<(Uuid, NewPhoto)> {
    let meta = metadata(headers);
    let missing = |name: &str| Problem::field(name, "field.required");
    let said = |name: &str| meta.get(name).cloned().ok_or_else(|| missing(name));
    let id = |name: &str| said(name)?.parse::<Uuid>().map_err(|_| missing(name));
    let new = NewPhoto {
        visit_id: id("visit_id")?,
        op_id: id("op_id")?,
        sha256: said("sha256")?.to_ascii_lowercase(),
        size: number(headers, "upload-length")?,
        mime: said("mime")?,
        role: said("role")?,
    };
    Ok((id("unit_id")?, new))
}

/// Headers that say where an upload stands.
fn stands(p: &Photo) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    };
    put(OFFSET, p.received.to_string());
    put(LENGTH, p.size.to_string());
    put(HeaderName::from_static("tus-resumable"), "1.0.0".to_owned());
    put(header::CACHE_CONTROL, "no-store".to_owned());
    if p.state == OPEN {
        let until = httpdate(p.expires_at);
        put(HeaderName::from_static("upload-expires"), until);
    }
    headers
}

/// `Wed, 21 Oct 2015 07:28:00 GMT`, as tus wants it.
fn httpdate(at: zf_base::Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = at.0.div_euclid(1_000_000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date from days since 1970 (Hinnant).
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (
        doy - (153 * mp + 2) / 5 + 1,
        if mp < 10 { mp + 3 } else { mp - 9 },
    );
    let year = yoe + era * 400 + i64::from(month <= 2);
    let name = |list: &[&'static str], at: i64| list.get(at as usize).copied().unwrap_or("");
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month - 1),
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Announces a photo; 200 when its bytes are here already.
#[utoipa::path(post, path = "/api/v1/sync/blobs", operation_id = "blob_create",
    responses((status = 201), (status = 200)))]
async fn blob_create(
    State(state): State<WebState>,
    caller: Caller,
    headers: HeaderMap,
) -> Answer<Response> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (unit, new) = announced(&headers)?;
    let scope = scope_of(app, ctx, Permission::VisitWrite, unit.into()).await?;
    let photo = photo_begin(app, ctx, &scope, &new).await?;
    let mut headers = stands(&photo);
    let at = format!("/api/v1/sync/blobs/{unit}/{}", photo.id);
    if let Ok(at) = HeaderValue::from_str(&at) {
        headers.insert(header::LOCATION, at);
    }
    let status = match photo.state == OPEN {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok((status, headers).into_response())
}

/// How much of a photo is here.
#[utoipa::path(head, path = "/api/v1/sync/blobs/{unit_id}/{photo_id}", operation_id = "blob_head",
    params(("unit_id" = Uuid, Path), ("photo_id" = Uuid, Path)), responses((status = 200)))]
async fn blob_head(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, photo_id)): Path<(Uuid, Uuid)>,
) -> Answer<Response> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitWrite, unit_id.into()).await?;
    let photo = photo_stands(app, ctx, &scope, photo_id).await?;
    Ok((StatusCode::OK, stands(&photo)).into_response())
}

/// Takes a piece of a photo in.
#[utoipa::path(patch, path = "/api/v1/sync/blobs/{unit_id}/{photo_id}", operation_id = "blob_patch",
    params(("unit_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses((status = 204)))]
async fn blob_patch(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, photo_id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitWrite, unit_id.into()).await?;
    if text(&headers, "content-type").as_deref() != Some(PIECE) {
        return Err(Problem::new(ErrorCode::INPUT_MEDIA_TYPE));
    }
    let offset = number(&headers, "upload-offset")?;
    if let Some(said) = text(&headers, "upload-checksum")
        && !is_sum(&said, &body)
    {
        return Err(Problem::new(ErrorCode::BLOB_CHECKSUM));
    }
    let id = photo_id;
    let photo = photo_piece(app, ctx, &scope, id, offset, body.to_vec()).await?;
    Ok((StatusCode::NO_CONTENT, stands(&photo)).into_response())
}

fn is_sum(said: &str, bytes: &[u8]) -> bool {
    let Some(("sha256", coded)) = said.trim().split_once(' ') else {
        return false;
    };
    let sum = STANDARD.decode(coded.trim());
    sum.is_ok_and(|sum| sum == Sha256::digest(bytes).to_vec())
}

/// Photos of a visit.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/visits/{visit_id}/photos", operation_id = "visit_photos",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), responses((status = 200, body = VisitPhotos)))]
async fn visit_photos(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<VisitPhotos>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let all = photos_of(app, &scope, visit_id).await?;
    let view = |(i, p): (usize, Photo)| VisitPhoto {
        n: i + 1,
        role: p.role,
        mime: p.mime,
        size: p.size,
        received: p.received,
        state: p.state,
    };
    let items = all.into_iter().enumerate().map(view).collect();
    Ok(Json(VisitPhotos { items }))
}

/// One photo of a visit.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/visits/{visit_id}/photos/{n}", operation_id = "visit_photo_get",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path), ("n" = usize, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg")))]
async fn visit_photo_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id, n)): Path<(Uuid, Uuid, usize)>,
) -> Answer<Response> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let (mime, bytes) = photo_view(app, ctx, &scope, visit_id, n).await?;
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_expiry_is_written_as_http_wants_it() {
        let at = |text: &str| httpdate(text.parse().unwrap());
        // RFC 9110 §5.6.7.
        assert_eq!(at("1994-11-06T08:49:37Z"), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(at("2024-02-29T23:59:59Z"), "Thu, 29 Feb 2024 23:59:59 GMT");
    }
}
