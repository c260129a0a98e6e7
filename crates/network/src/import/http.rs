//! HTTP of imports: upload, progress, error list, error workbook, templates.
//! An upload becomes a job; error lists leave masked. Which unit is asked
//! here, the rules are in the service.

use super::service::{self, NewImport};
use super::{Import, ImportKind, run, template};
use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::{ImportId, Timestamp, limits};
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let upload = {
        let mut route = routes!(import_create);
        route.2 = route
            .2
            .layer(DefaultBodyLimit::max(limits::IMPORT_BYTES_MAX as usize));
        route
    };
    api.op(Access::Needs(Permission::ImportRead), routes!(import_list))
        .op(Access::Needs(Permission::ImportWrite), upload)
        .op(Access::Needs(Permission::ImportRead), routes!(import_get))
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_cancel),
        )
        .op(
            Access::Needs(Permission::ImportRead),
            routes!(import_errors_workbook),
        )
        .op(
            Access::Needs(Permission::ImportRead),
            routes!(import_template),
        )
}

/// One import.
#[derive(Serialize, ToSchema)]
pub struct ImportView {
    id: Uuid,
    kind: String,
    file_name: String,
    /// `waiting`, `running`, `done`, `failed` or `canceled`.
    state: String,
    message: String,
    dry_run: bool,
    rows_total: i64,
    rows_done: i64,
    rows_new: i64,
    rows_changed: i64,
    rows_same: i64,
    rows_bad: i64,
    created_by_name: String,
    created_at: String,
    finished_at: Option<String>,
}

/// A refused cell.
#[derive(Serialize, ToSchema)]
pub struct ImportErrorView {
    row: i64,
    column: String,
    business_key: String,
    reason: String,
    masked_value: String,
}

/// One import with its first refused cells.
#[derive(Serialize, ToSchema)]
pub struct ImportDetail {
    #[serde(flatten)]
    import: ImportView,
    errors: Vec<ImportErrorView>,
}

/// The upload.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "describes the multipart body for the OpenAPI document"
)]
pub struct ImportUpload {
    /// `units`, `staff`, `village_groups` or `customers`.
    kind: String,
    /// `true` = only check.
    dry_run: Option<String>,
    /// `wgs84`, `gcj02` or `bd09` where the file does not say.
    datum: Option<String>,
    /// The file.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
}

async fn view(state: &WebState, i: Import) -> ImportView {
    let by = zf_kernel::user::service::user_fetch(&state.app, i.created_by).await;
    ImportView {
        id: i.id.uuid(),
        kind: i.kind.as_str().to_owned(),
        file_name: i.file_name,
        state: i.state,
        message: i.message,
        dry_run: i.dry_run,
        rows_total: i.counts.total,
        rows_done: i.counts.done,
        rows_new: i.counts.new,
        rows_changed: i.counts.changed,
        rows_same: i.counts.same,
        rows_bad: i.counts.bad,
        created_by_name: by.map(|u| u.name).unwrap_or_default(),
        created_at: i.created_at.to_string(),
        finished_at: i.finished_at.map(|t| t.to_string()),
    }
}

/// Imports, newest first.
#[utoipa::path(get, path = "/api/v1/imports", operation_id = "import_list", params(PageQuery), responses((status = 200, body = Page<ImportView>)))]
async fn import_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<ImportView>>> {
    let before: Option<(i64, ImportId)> = page.key()?;
    let before = before.map(|(at, id)| (Timestamp(at), id));
    let rows = service::import_list(&state.app, &caller.ctx, before, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|i| zf_web::page::cursor(&(i.created_at.0, i.id)));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, row).await);
    }
    Ok(Json(Page { items, next }))
}

struct Upload {
    kind: Option<ImportKind>,
    dry_run: bool,
    datum: Datum,
    file: Option<(String, Bytes)>,
}

async fn read_upload(mut form: Multipart) -> Answer<Upload> {
    let malformed = |_| Problem::new(ErrorCode::INPUT_MALFORMED);
    let mut upload = Upload {
        kind: None,
        dry_run: false,
        datum: Datum::Wgs84,
        file: None,
    };
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "kind" => upload.kind = field.text().await.map_err(malformed)?.parse().ok(),
            "dry_run" => upload.dry_run = field.text().await.map_err(malformed)? == "true",
            "datum" => {
                let text = field.text().await.map_err(malformed)?;
                upload.datum = text
                    .parse()
                    .map_err(|_| Problem::field("datum", "field.not_in_list"))?;
            }
            "file" => {
                let name = field.file_name().unwrap_or("file").to_owned();
                let bytes = field
                    .bytes()
                    .await
                    .map_err(|_| Problem::new(ErrorCode::IMPORT_TOO_LARGE))?;
                upload.file = Some((name, bytes));
            }
            _ => {}
        }
    }
    Ok(upload)
}

/// Uploads a file; a job imports it.
#[utoipa::path(post, path = "/api/v1/imports", operation_id = "import_create", request_body(content = ImportUpload, content_type = "multipart/form-data"), responses((status = 202, body = ImportView)))]
async fn import_create(
    State(state): State<WebState>,
    caller: Caller,
    form: Multipart,
) -> Answer<(StatusCode, Json<ImportView>)> {
    let app = &state.app;
    let upload = read_upload(form).await?;
    let kind = upload
        .kind
        .ok_or_else(|| Problem::field("kind", "field.not_in_list"))?;
    let (file_name, bytes) = upload
        .file
        .ok_or_else(|| Problem::field("file", "field.required"))?;
    // The import may write where the caller may: the highest of their units.
    let root = caller.ctx.roots(Permission::ImportWrite).into_iter().next();
    let (root, _) = root.ok_or_else(|| Problem::new(ErrorCode::PERMISSION_DENIED))?;
    let scope = scope_of(app, &caller.ctx, Permission::ImportWrite, root).await?;
    let new = NewImport {
        kind,
        file_name,
        datum: upload.datum,
        dry_run: upload.dry_run,
    };
    let import = service::import_start(app, &caller.ctx, &scope, &new, &bytes, true).await?;
    Ok((StatusCode::ACCEPTED, Json(view(&state, import).await)))
}

/// One import with its first hundred refused cells.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}", operation_id = "import_get", params(("import_id" = Uuid, Path)), responses((status = 200, body = ImportDetail)))]
async fn import_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ImportDetail>> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    let errors = service::import_errors(&state.app, &import, 100).await?;
    let errors = errors
        .into_iter()
        .map(|e| ImportErrorView {
            row: e.row,
            column: e.column,
            business_key: e.key,
            reason: e.reason,
            masked_value: e.masked,
        })
        .collect();
    Ok(Json(ImportDetail {
        import: view(&state, import).await,
        errors,
    }))
}

/// Asks an import to stop; what is in stays in.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/cancel", operation_id = "import_cancel", params(("import_id" = Uuid, Path)), responses((status = 200, body = ImportView)))]
async fn import_cancel(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ImportView>> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    scope_of(
        &state.app,
        &caller.ctx,
        Permission::ImportWrite,
        import.unit_id,
    )
    .await?;
    let import = service::import_cancel(&state.app, &caller.ctx, import.id).await?;
    Ok(Json(view(&state, import).await))
}

fn workbook(name: &str, bytes: Vec<u8>) -> impl IntoResponse + use<> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    let file = format!("attachment; filename=\"{name}\"");
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CONTENT_DISPOSITION, file),
        ],
        bytes,
    )
}

/// The refused rows as a workbook: row, column, reason, masked value.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/errors.xlsx", operation_id = "import_errors_workbook", params(("import_id" = Uuid, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn import_errors_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<impl IntoResponse> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    let bytes = template::error_book(&state.app, &import).await?;
    Ok(workbook(
        &format!("import-errors-{}.xlsx", import.id),
        bytes,
    ))
}

/// An empty workbook with the columns of a kind and an example.
#[utoipa::path(get, path = "/api/v1/import-templates/{kind}", operation_id = "import_template", params(("kind" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn import_template(
    _caller: Caller,
    State(state): State<WebState>,
    Path(kind): Path<String>,
) -> Answer<impl IntoResponse> {
    let kind: ImportKind = kind
        .trim_end_matches(".xlsx")
        .parse()
        .map_err(|()| Problem::new(ErrorCode::NOT_FOUND))?;
    let bytes = template::template(&state.app, kind, run::columns_of(kind))?;
    Ok(workbook(&format!("template-{}.xlsx", kind.as_str()), bytes))
}
