//! HTTP of imports: upload, progress, error list, error workbook, templates.
//! An upload becomes a job; error lists leave masked. Which unit is asked
//! here, the rules are in the service.

use super::preview::{self, Preview, PreviewColumn};
use super::service::{self, Begin, NewImport};
use super::{CellError, Choices, Import, ImportKind, refused, run, template};
use crate::customer::source::Channels;
use crate::place::datum::{Doubt, Suspicion};
use crate::words;
use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::geo::Datum;
use zf_base::{ImportId, Timestamp, UnitId, limits};
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_office::TextEncoding;
use zf_web::{Access, Answer, Api, Caller, Download, Page, PageQuery, Problem, WebState, download};

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
            Access::Needs(Permission::ImportWrite),
            routes!(import_preview),
        )
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_start),
        )
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_resume),
        )
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_discard),
        )
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_refused_rows),
        )
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(import_channels),
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
    /// `held`, `waiting`, `running`, `checked`, `done`, `failed` or `canceled`.
    state: String,
    message: String,
    dry_run: bool,
    rows_total: i64,
    rows_done: i64,
    rows_new: i64,
    rows_changed: i64,
    rows_same: i64,
    rows_bad: i64,
    unit_id: Uuid,
    unit_name: String,
    /// Where the data come from.
    channel: String,
    /// Customers of the unit before and after; only of customers, once they are counted.
    customers_before: Option<i64>,
    customers_after: Option<i64>,
    /// Stopped or broken off, and the file is still kept.
    can_resume: bool,
    /// Refused rows are kept in full for the one who uploaded them, and that is you.
    can_correct: bool,
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
    /// The first notes about rows that are in.
    notes: Vec<ImportErrorView>,
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
    /// `true` = wait for a preview; started by `POST /imports/{import_id}/start`.
    hold: Option<String>,
    /// Where it may write; needed by whoever may write to several subtrees.
    unit_id: Option<String>,
    /// Where the data come from; `core_system` when absent.
    channel: Option<String>,
    /// `utf-8`, `gb18030`, `utf-16le` or `utf-16be`; found out when absent.
    encoding: Option<String>,
    /// `wgs84`, `gcj02` or `bd09` where the file does not say.
    datum: Option<String>,
    /// The file.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
}

async fn view(state: &WebState, caller: &Caller, i: Import) -> ImportView {
    let by = zf_kernel::user::service::user_fetch(&state.app, i.created_by).await;
    let unit = zf_kernel::unit::service::unit_fetch(&state.app, i.unit_id).await;
    let stopped = ["canceled", "failed"].contains(&i.state.as_str());
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
        unit_id: i.unit_id.uuid(),
        unit_name: unit.map(|u| u.name).unwrap_or_default(),
        channel: i.choices.channel,
        customers_before: i.customers.0,
        customers_after: i.customers.1,
        can_resume: stopped && i.has_file,
        can_correct: i.has_refused && i.counts.bad > 0 && i.created_by == caller.ctx.actor.user_id,
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
        items.push(view(&state, &caller, row).await);
    }
    Ok(Json(Page { items, next }))
}

struct Upload {
    kind: Option<ImportKind>,
    dry_run: bool,
    hold: bool,
    unit_id: Option<UnitId>,
    datum: Datum,
    choices: Choices,
    file: Option<(String, Bytes)>,
}

async fn read_upload(mut form: Multipart) -> Answer<Upload> {
    let malformed = |_| Problem::new(ErrorCode::INPUT_MALFORMED);
    let mut upload = Upload {
        kind: None,
        dry_run: false,
        hold: false,
        unit_id: None,
        datum: Datum::Wgs84,
        choices: Choices::default(),
        file: None,
    };
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let file_name = field.file_name().unwrap_or("file").to_owned();
            let bytes = field.bytes().await;
            let bytes = bytes.map_err(|_| Problem::new(ErrorCode::IMPORT_TOO_LARGE))?;
            upload.file = Some((file_name, bytes));
            continue;
        }
        let text = field.text().await.map_err(malformed)?;
        upload.set(&name, text.trim())?;
    }
    Ok(upload)
}

impl Upload {
    /// Takes a field of the form; unknown ones are passed over.
    fn set(&mut self, name: &str, text: &str) -> Answer<()> {
        match name {
            "kind" => self.kind = text.parse().ok(),
            "dry_run" => self.dry_run = text == "true",
            "hold" => self.hold = text == "true",
            "unit_id" if !text.is_empty() => {
                self.unit_id = Some(listed("unit_id", text.parse().ok())?);
            }
            "datum" => self.datum = listed("datum", text.parse().ok())?,
            "channel" if !text.is_empty() => text.clone_into(&mut self.choices.channel),
            "encoding" if !text.is_empty() => {
                self.choices.encoding = Some(listed("encoding", text.parse().ok())?);
            }
            _ => {}
        }
        Ok(())
    }
}

fn listed<T>(field: &str, value: Option<T>) -> Answer<T> {
    value.ok_or_else(|| Problem::field(field, "field.not_in_list"))
}

/// Uploads a file; a job imports it, or it waits for its preview.
#[utoipa::path(post, path = "/api/v1/imports", operation_id = "import_create", request_body(content = ImportUpload, content_type = "multipart/form-data"), responses((status = 202, body = ImportView)))]
async fn import_create(
    State(state): State<WebState>,
    caller: Caller,
    form: Multipart,
) -> Answer<(StatusCode, Json<ImportView>)> {
    let app = &state.app;
    let upload = read_upload(form).await?;
    let kind = listed("kind", upload.kind)?;
    let (file_name, bytes) = upload
        .file
        .ok_or_else(|| Problem::field("file", "field.required"))?;
    let root = match upload.unit_id {
        Some(unit) => unit,
        None => only_root(&caller)?,
    };
    let scope = scope_of(app, &caller.ctx, Permission::ImportWrite, root).await?;
    let new = NewImport {
        kind,
        file_name,
        datum: upload.datum,
        dry_run: upload.dry_run,
    };
    let begin = if upload.hold { Begin::Hold } else { Begin::Job };
    let import = service::import_begin(
        app,
        &caller.ctx,
        &scope,
        &new,
        &upload.choices,
        &bytes,
        begin,
    )
    .await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(view(&state, &caller, import).await),
    ))
}

/// The import may write where the caller may: the highest of their units. Who
/// has several says which, or half of the file would be refused.
fn only_root(caller: &Caller) -> Answer<UnitId> {
    let mut roots = caller.ctx.roots(Permission::ImportWrite).into_iter();
    match (roots.next(), roots.next()) {
        (Some((root, _)), None) => Ok(root),
        (Some(_), Some(_)) => Err(Problem::field("unit_id", "field.required")),
        (None, _) => Err(Problem::new(ErrorCode::PERMISSION_DENIED)),
    }
}

/// One import with its first hundred refused cells.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}", operation_id = "import_get", params(("import_id" = Uuid, Path)), responses((status = 200, body = ImportDetail)))]
async fn import_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ImportDetail>> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    let stored = |e: service::StoredError| ImportErrorView {
        row: e.row,
        column: e.column,
        business_key: e.key,
        reason: e.reason,
        masked_value: e.masked,
    };
    let errors = service::import_errors(&state.app, &import, 100).await?;
    let errors = errors.into_iter().map(stored).collect();
    let notes = service::import_notes(&state.app, &import, 100).await?;
    let notes = notes.into_iter().map(stored).collect();
    Ok(Json(ImportDetail {
        import: view(&state, &caller, import).await,
        errors,
        notes,
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
    Ok(Json(view(&state, &caller, import).await))
}

/// An import the caller may run, with where it may write.
async fn writable(
    state: &WebState,
    caller: &Caller,
    id: Uuid,
) -> Answer<(Import, zf_kernel::UnitScope)> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    let permission = Permission::ImportWrite;
    let scope = scope_of(&state.app, &caller.ctx, permission, import.unit_id).await?;
    Ok((import, scope))
}

/// How the file of a preview is to be read.
#[derive(Deserialize, IntoParams)]
pub struct PreviewQuery {
    /// `utf-8`, `gb18030`, `utf-16le` or `utf-16be`; found out when absent.
    encoding: Option<String>,
    /// Row of the headers, from 1; looked for when absent.
    header_row: Option<u64>,
    /// Fields of the columns by position, separated by commas, empty = not read;
    /// as remembered or guessed when absent.
    mapping: Option<String>,
    /// Datum the coordinates are said to have; `wgs84` when absent.
    datum: Option<String>,
}

/// A column of a file.
#[derive(Serialize, ToSchema)]
pub struct PreviewColumnView {
    header: String,
    /// Field it is read as; empty = not read.
    key: String,
    /// Field it is taken for by itself; empty = none.
    guess: String,
    /// `remembered`, `header`, `content` or `nothing`.
    guessed_by: String,
    /// Rows of the sample in which something stands.
    filled: i64,
}

/// A field a column can be given.
#[derive(Serialize, ToSchema)]
pub struct PreviewFieldView {
    key: String,
    header: String,
    required: bool,
}

/// A row of a file, masked.
#[derive(Serialize, ToSchema)]
pub struct PreviewRowView {
    row: i64,
    cells: Vec<String>,
}

/// What the coordinates of a file look like.
#[derive(Serialize, ToSchema)]
pub struct DatumDoubtView {
    /// `other_datum`, `swapped` or `outside_china`.
    doubt: String,
    /// Datum that fits.
    likely: String,
    /// Metres between the two readings.
    shift_m: i64,
    /// Percent of the points that speak for it.
    percent: i64,
}

/// What an import would do.
#[derive(Serialize, ToSchema)]
pub struct ImportPreview {
    sheet: Option<String>,
    /// Encoding that is used; none for a workbook.
    encoding: Option<String>,
    /// Encoding that was found out; none when one was chosen.
    encoding_found: Option<String>,
    header_row: i64,
    rows_estimate: i64,
    columns: Vec<PreviewColumnView>,
    fields: Vec<PreviewFieldView>,
    /// Names of required fields without a column.
    missing: Vec<String>,
    /// The first rows.
    rows: Vec<PreviewRowView>,
    sample_rows: i64,
    sample_new: i64,
    sample_changed: i64,
    sample_same: i64,
    sample_bad: i64,
    errors: Vec<ImportErrorView>,
    /// What is worth knowing about rows of the sample that would go in.
    notes: Vec<ImportErrorView>,
    /// Why the file could not be read to the end of the sample.
    fault: Option<String>,
    /// Somebody has assigned the columns of such a file before.
    remembered: bool,
    /// The file has coordinates and does not say in which datum.
    needs_datum: bool,
    datum_doubt: Option<DatumDoubtView>,
}

fn preview_view(p: Preview) -> ImportPreview {
    let cell = |e: &CellError| ImportErrorView {
        row: e.row as i64,
        column: e.column.clone(),
        business_key: e.key.clone(),
        reason: words::reason(e.reason).replace("{about}", &e.about),
        masked_value: e.masked.clone(),
    };
    ImportPreview {
        errors: p.errors.iter().map(cell).collect(),
        notes: p.notes.iter().map(cell).collect(),
        sheet: p.sheet,
        encoding: p.encoding.map(|e| e.as_str().to_owned()),
        encoding_found: p.encoding_found.map(|e| e.as_str().to_owned()),
        header_row: p.header_row as i64,
        rows_estimate: p.rows_estimate,
        columns: p.columns.into_iter().map(column_view).collect(),
        fields: p
            .fields
            .into_iter()
            .map(|f| PreviewFieldView {
                key: f.key.to_owned(),
                header: f.header,
                required: f.required,
            })
            .collect(),
        missing: p.missing,
        rows: p
            .rows
            .into_iter()
            .map(|(row, cells)| PreviewRowView {
                row: row as i64,
                cells,
            })
            .collect(),
        sample_rows: p.sample.done,
        sample_new: p.sample.new,
        sample_changed: p.sample.changed,
        sample_same: p.sample.same,
        sample_bad: p.sample.bad,
        fault: p.fault,
        remembered: p.remembered,
        needs_datum: p.needs_datum,
        datum_doubt: p.datum_doubt.map(doubt_view),
    }
}

fn column_view(c: PreviewColumn) -> PreviewColumnView {
    PreviewColumnView {
        header: c.header,
        key: c.key,
        guess: c.guess.key,
        guessed_by: c.guess.by.as_str().to_owned(),
        filled: c.filled,
    }
}

fn doubt_view(s: Suspicion) -> DatumDoubtView {
    let doubt = match s.doubt {
        Doubt::OtherDatum => "other_datum",
        Doubt::Swapped => "swapped",
        Doubt::OutsideChina => "outside_china",
    };
    DatumDoubtView {
        doubt: doubt.to_owned(),
        likely: s.likely.code().to_owned(),
        shift_m: s.shift_m.round() as i64,
        percent: (s.share * 100.0).round() as i64,
    }
}

/// What an import that is held would do: columns, first rows masked, a sample tried.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/preview", operation_id = "import_preview", params(("import_id" = Uuid, Path), PreviewQuery), responses((status = 200, body = ImportPreview)))]
async fn import_preview(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<PreviewQuery>,
) -> Answer<Json<ImportPreview>> {
    let (import, _) = writable(&state, &caller, id).await?;
    let (encoding, mapping) = (query.encoding.as_deref(), query.mapping.as_deref());
    let choices = Choices {
        channel: import.choices.channel.clone(),
        encoding: chosen_encoding(encoding)?,
        header_row: query.header_row,
        mapping: mapping.map(|m| m.split(',').map(|k| k.trim().to_owned()).collect()),
    };
    let datum = match query.datum.as_deref() {
        None | Some("") => Datum::Wgs84,
        Some(text) => listed("datum", text.parse().ok())?,
    };
    let preview =
        preview::import_preview(&state.app, &caller.ctx, &import, &choices, datum).await?;
    Ok(Json(preview_view(preview)))
}

fn chosen_encoding(text: Option<&str>) -> Answer<Option<TextEncoding>> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => listed("encoding", text.parse().ok()).map(Some),
    }
}

/// What was chosen in the preview.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportStart {
    /// Fields of the columns by position, empty = not read; remembered for the next
    /// file like this. As remembered or by name when absent.
    mapping: Option<Vec<String>>,
    /// Datum of the coordinates; needed when the file has some and does not say.
    datum: Option<String>,
    /// Where the data come from; as uploaded when absent.
    channel: Option<String>,
    /// Encoding; found out when absent.
    encoding: Option<String>,
    /// Row of the headers, from 1; looked for when absent.
    header_row: Option<u64>,
    /// Only try: afterwards the import is `checked` and can be started.
    dry_run: Option<bool>,
}

/// Starts an import that was held, or tried before.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/start", operation_id = "import_start", params(("import_id" = Uuid, Path)), request_body = ImportStart, responses((status = 202, body = ImportView)))]
async fn import_start(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Json(wish): Json<ImportStart>,
) -> Answer<(StatusCode, Json<ImportView>)> {
    let (import, scope) = writable(&state, &caller, id).await?;
    let specs = run::columns_of(import.kind);
    for key in wish.mapping.iter().flatten().filter(|k| !k.is_empty()) {
        listed("mapping", specs.iter().find(|s| s.key == key))?;
    }
    let choices = Choices {
        channel: wish.channel.unwrap_or(import.choices.channel.clone()),
        encoding: chosen_encoding(wish.encoding.as_deref())?,
        header_row: wish.header_row,
        mapping: wish.mapping,
    };
    let datum = match wish.datum.as_deref() {
        None | Some("") => None,
        Some(text) => Some(listed("datum", text.parse().ok())?),
    };
    let (app, ctx) = (&state.app, &caller.ctx);
    let import =
        preview::start_as_chosen(app, ctx, &scope, &import, &choices, datum, wish.dry_run).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(view(&state, &caller, import).await),
    ))
}

/// Lets an import go on that was stopped or broken off.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/resume", operation_id = "import_resume", params(("import_id" = Uuid, Path)), responses((status = 202, body = ImportView)))]
async fn import_resume(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<(StatusCode, Json<ImportView>)> {
    let (import, scope) = writable(&state, &caller, id).await?;
    let import = service::import_resume(&state.app, &caller.ctx, &scope, &import).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(view(&state, &caller, import).await),
    ))
}

/// Forgets the file of an import that does not run, and its refused rows.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/discard", operation_id = "import_discard", params(("import_id" = Uuid, Path)), responses((status = 200, body = ImportView)))]
async fn import_discard(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ImportView>> {
    let (import, _) = writable(&state, &caller, id).await?;
    let import = service::import_discard(&state.app, &caller.ctx, &import).await?;
    Ok(Json(view(&state, &caller, import).await))
}

/// The refused rows in full, to be corrected and imported: only for the one who
/// uploaded them, and recorded.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/refused.xlsx", operation_id = "import_refused_rows", params(("import_id" = Uuid, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn import_refused_rows(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Download> {
    let (import, scope) = writable(&state, &caller, id).await?;
    let (headers, rows) = refused::refused_rows(&state.app, &caller.ctx, &scope, &import).await?;
    let bytes = template::refused_book(&state.app, &headers, rows)?;
    Ok(download(
        &format!("import-refused-{}.xlsx", import.id),
        bytes,
    ))
}

/// A channel data may come from.
#[derive(Serialize, ToSchema)]
pub struct ImportChannelView {
    id: String,
    /// Name given by the pack; empty for the built-in ones.
    title: String,
    /// Needs a lawful basis that is in force.
    needs_basis: bool,
}

/// Channels data may come from.
#[utoipa::path(get, path = "/api/v1/import-channels", operation_id = "import_channels", responses((status = 200, body = Vec<ImportChannelView>)))]
async fn import_channels(
    _caller: Caller,
    State(state): State<WebState>,
) -> Answer<Json<Vec<ImportChannelView>>> {
    let channels = Channels::of(&state.app)?.channels.into_iter();
    let views = channels.map(|c| ImportChannelView {
        id: c.id,
        title: c.title,
        needs_basis: c.needs_basis,
    });
    Ok(Json(views.collect()))
}

/// The refused rows as a workbook: row, column, reason, masked value.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/errors.xlsx", operation_id = "import_errors_workbook", params(("import_id" = Uuid, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn import_errors_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Download> {
    let import = service::import_fetch(&state.app, &caller.ctx, id.into()).await?;
    let bytes = template::error_book(&state.app, &import).await?;
    Ok(download(
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
) -> Answer<Download> {
    let kind: ImportKind = kind
        .trim_end_matches(".xlsx")
        .parse()
        .map_err(|()| Problem::new(ErrorCode::NOT_FOUND))?;
    let bytes = template::template(&state.app, kind, run::columns_of(kind))?;
    Ok(download(&format!("template-{}.xlsx", kind.as_str()), bytes))
}
