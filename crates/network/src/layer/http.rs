//! HTTP of base maps. The list and the content go to whoever may read plans in
//! the unit or below; loading is for whoever may change units. Content is read
//! by range (RFC 9110 §14), so a page fetches only the tiles it shows.

use super::Layer;
use super::service::{self, About, Intake};
use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::limits;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let upload = {
        let mut route = routes!(map_layer_create);
        let most = limits::MAP_TILES_BYTES_MAX as usize + limits::REQUEST_BYTES_MAX;
        route.2 = route.2.layer(DefaultBodyLimit::max(most));
        route
    };
    let read = Access::Needs(Permission::PlanRead);
    let write = Access::Needs(Permission::UnitWrite);
    api.op(read, routes!(map_layer_list))
        .op(read, routes!(map_layer_content))
        .op(write, upload)
        .op(write, routes!(map_layer_update))
        .op(write, routes!(map_layer_delete))
}

/// A base map.
#[derive(Serialize, ToSchema)]
pub struct MapLayerView {
    id: Uuid,
    /// The unit that loaded it.
    unit_id: Uuid,
    name: String,
    /// `geojson` or `pmtiles`.
    kind: String,
    /// Datum of the content: `wgs84`, `gcj02` or `bd09`.
    datum: String,
    /// `png`, `jpeg`, `webp`, `avif` or `mvt`.
    tiles: Option<String>,
    /// 审图号; shown in the corner of the map.
    review_number: String,
    source: String,
    bytes: i64,
    /// West, south, east, north.
    bounds: Option<Vec<f64>>,
    min_zoom: Option<i64>,
    max_zoom: Option<i64>,
    added_at: String,
    added_by_name: String,
}

/// The layers that serve a unit.
#[derive(Serialize, ToSchema)]
pub struct MapLayers {
    items: Vec<MapLayerView>,
}

/// A file with what it is.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "describes the multipart body for the OpenAPI document"
)]
pub struct MapLayerUpload {
    name: String,
    /// 审图号.
    review_number: Option<String>,
    /// Source and right of use.
    source: Option<String>,
    /// `wgs84`, `gcj02` or `bd09`; before the file.
    datum: String,
    /// The file, last.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
}

/// What may be changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapLayerBody {
    name: String,
    review_number: String,
    source: String,
}

fn view(l: Layer) -> MapLayerView {
    MapLayerView {
        id: l.id,
        unit_id: l.unit_id.uuid(),
        name: l.name,
        kind: l.kind,
        datum: l.datum.code().to_owned(),
        tiles: l.tiles,
        review_number: l.review_number,
        source: l.source,
        bytes: l.bytes,
        bounds: l.bounds.map(Vec::from),
        min_zoom: l.zooms.map(|z| z.0),
        max_zoom: l.zooms.map(|z| z.1),
        added_at: l.added_at.to_string(),
        added_by_name: l.added_by_name,
    }
}

/// Base maps that serve a unit: its own, then those of the units above.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/map-layers", operation_id = "map_layer_list",
    params(("unit_id" = Uuid, Path)), responses((status = 200, body = MapLayers)))]
async fn map_layer_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<MapLayers>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::PlanRead, unit_id.into()).await?;
    let layers = service::layers_for(app, scope.unit()).await?;
    let items = layers.into_iter().map(view).collect();
    Ok(Json(MapLayers { items }))
}

/// Loads a base map of a unit.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/map-layers", operation_id = "map_layer_create",
    params(("unit_id" = Uuid, Path)), request_body(content = MapLayerUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = MapLayerView)))]
async fn map_layer_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    mut form: Multipart,
) -> Answer<(StatusCode, Json<MapLayerView>)> {
    let malformed = |_| Problem::new(ErrorCode::INPUT_MALFORMED);
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::UnitWrite, unit_id.into()).await?;
    let mut about = About::default();
    let mut datum = None;
    while let Some(mut field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let text = field.text().await.map_err(malformed)?;
            match name.as_str() {
                "name" => about.name = text,
                "review_number" => about.review_number = text,
                "source" => about.source = text,
                "datum" => datum = text.parse::<Datum>().ok(),
                _ => {}
            }
            continue;
        }
        let datum = datum.ok_or_else(|| Problem::field("datum", "field.not_in_list"))?;
        let mut intake = Intake::begin(app, &caller.ctx, &scope, datum).await?;
        loop {
            let chunk = field.chunk().await;
            match chunk.map_err(|_| Problem::new(ErrorCode::INPUT_TOO_LARGE))? {
                Some(bytes) => intake.take(&bytes).await?,
                None => break,
            }
        }
        let layer = intake.finish(&about).await?;
        return Ok((StatusCode::CREATED, Json(view(layer))));
    }
    Err(Problem::field("file", "field.required"))
}

/// Another name, review number or source.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/map-layers/{layer_id}", operation_id = "map_layer_update",
    params(("unit_id" = Uuid, Path), ("layer_id" = Uuid, Path)), request_body = MapLayerBody,
    responses((status = 200, body = MapLayerView)))]
async fn map_layer_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, layer_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<MapLayerBody>,
) -> Answer<Json<MapLayerView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::UnitWrite, unit_id.into()).await?;
    let about = About {
        name: body.name,
        review_number: body.review_number,
        source: body.source,
    };
    let layer = service::layer_change(app, &caller.ctx, &scope, layer_id, &about).await?;
    Ok(Json(view(layer)))
}

/// Takes a base map away.
#[utoipa::path(delete, path = "/api/v1/units/{unit_id}/map-layers/{layer_id}", operation_id = "map_layer_delete",
    params(("unit_id" = Uuid, Path), ("layer_id" = Uuid, Path)), responses((status = 204)))]
async fn map_layer_delete(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, layer_id)): Path<(Uuid, Uuid)>,
) -> Answer<StatusCode> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::UnitWrite, unit_id.into()).await?;
    service::layer_delete(app, &caller.ctx, &scope, layer_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first and last byte that a `Range` header asks for of so many; none when
/// there is no such header or it is of a kind that may be passed over.
///
/// # Errors
/// `()` when it asks for bytes that are not there.
fn range(header: Option<&str>, length: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(one) = header.and_then(|h| h.strip_prefix("bytes=")) else {
        return Ok(None);
    };
    let Some((from, to)) = one.split_once('-').filter(|_| !one.contains(',')) else {
        return Ok(None);
    };
    let end = length.saturating_sub(1);
    let (first, last) = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) => (from, to.min(end)),
        (Ok(from), Err(_)) if to.is_empty() => (from, end),
        (Err(_), Ok(tail)) if from.is_empty() => (length.saturating_sub(tail), end),
        _ => return Ok(None),
    };
    match first <= last && first < length {
        true => Ok(Some((first, last))),
        false => Err(()),
    }
}

/// Content of a base map, whole or by range.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/map-layers/{layer_id}/content", operation_id = "map_layer_content",
    params(("unit_id" = Uuid, Path), ("layer_id" = Uuid, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn map_layer_content(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, layer_id)): Path<(Uuid, Uuid)>,
    headers: HeaderMap,
) -> Answer<(StatusCode, HeaderMap, Vec<u8>)> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::PlanRead, unit_id.into()).await?;
    let layer = service::layer_for(app, scope.unit(), layer_id).await?;
    let length = layer.bytes as u64;
    let asked = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let asked = range(asked, length).map_err(|()| Problem::new(ErrorCode::INPUT_MALFORMED))?;
    let (first, last) = asked.unwrap_or((0, length.saturating_sub(1)));
    let bytes = service::content(app, &layer, first, last).await?;
    let mut out = HeaderMap::new();
    put(&mut out, header::ACCEPT_RANGES, "bytes");
    put(&mut out, header::CONTENT_TYPE, "application/octet-stream");
    put(&mut out, header::ETAG, &format!("\"{}\"", layer.id));
    if asked.is_none() {
        return Ok((StatusCode::OK, out, bytes));
    }
    let said = format!("bytes {first}-{last}/{length}");
    put(&mut out, header::CONTENT_RANGE, &said);
    Ok((StatusCode::PARTIAL_CONTENT, out, bytes))
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(range(None, 100), Ok(None));
        assert_eq!(range(Some("bytes=0-9"), 100), Ok(Some((0, 9))));
        assert_eq!(range(Some("bytes=90-"), 100), Ok(Some((90, 99))));
        assert_eq!(range(Some("bytes=-10"), 100), Ok(Some((90, 99))));
        assert_eq!(range(Some("bytes=-200"), 100), Ok(Some((0, 99))));
        assert_eq!(range(Some("bytes=50-500"), 100), Ok(Some((50, 99))));
        assert_eq!(range(Some("bytes=100-"), 100), Err(()));
        assert_eq!(range(Some("bytes=9-5"), 100), Err(()));
        // Several ranges and other units may be passed over.
        assert_eq!(range(Some("bytes=0-1,5-6"), 100), Ok(None));
        assert_eq!(range(Some("lines=0-1"), 100), Ok(None));
        assert_eq!(range(Some("bytes=x-y"), 100), Ok(None));
    }
}
