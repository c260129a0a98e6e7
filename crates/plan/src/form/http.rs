//! HTTP of form administration: versions, drafts, check, trial, Excel out and
//! in. Parses, authorises, calls, answers; what is right is decided in
//! `service` and `zf_forms`.

use super::service::{self, form_check, form_newest, form_version, form_versions};
use super::{Done, FormVersion, State as FormState, excel};
use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_base::code::ErrorCode;
use zf_forms::workbook::Finding;
use zf_forms::{Field, Form};
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_web::download::{Download, download};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let seen = Access::Needs(Permission::FormRead);
    let write = Access::Needs(Permission::ProgramWrite);
    api.op(seen, routes!(form_list))
        .op(seen, routes!(form_get))
        .op(seen, routes!(form_version_get))
        .op(seen, routes!(form_version_xlsx))
        .op(seen, routes!(form_check_op))
        .op(seen, routes!(form_try))
        .op(write, routes!(form_read_xlsx))
        .op(write, routes!(form_draft_create))
        .op(write, routes!(form_draft_update))
        .op(write, routes!(form_draft_delete))
        .op(write, routes!(form_publish))
        .op(write, routes!(form_retire))
}

/// One version of a form in a list.
#[derive(Serialize, ToSchema)]
pub struct FormVersionLine {
    version: i64,
    /// `draft`, `published` or `retired`.
    state: String,
    note: String,
    /// The unit whose form it is; none for a form of a pack.
    home_name: Option<String>,
    pack: Option<String>,
    fields: usize,
    made_by_name: Option<String>,
    made_at: Option<String>,
    published_by_name: Option<String>,
    published_at: Option<String>,
    retired_by_name: Option<String>,
    retired_at: Option<String>,
}

/// A form in a list.
#[derive(Serialize, ToSchema)]
pub struct FormLine {
    id: String,
    /// The version in force; none when none is published.
    version: Option<i64>,
    title: String,
    /// The pack that delivered a version of it.
    pack: Option<String>,
    /// Questions of the version in force, else of the newest.
    fields: usize,
    /// Newest first.
    versions: Vec<FormVersionLine>,
}

/// All forms.
#[derive(Serialize, ToSchema)]
pub struct FormLines {
    items: Vec<FormLine>,
}

/// A version with its questions.
#[derive(Serialize, ToSchema)]
pub struct FormVersionView {
    id: String,
    #[serde(flatten)]
    line: FormVersionLine,
    /// Of the last change of a draft; to be sent back with the next.
    rev: i64,
    cloned_from: Option<i64>,
    #[schema(value_type = Object)]
    definition: serde_json::Value,
}

/// Where something is wrong.
#[derive(Serialize, ToSchema)]
pub struct FormFinding {
    sheet: String,
    /// Row of the workbook, from 1; 0 when the form itself is meant.
    row: u64,
    /// Header of the column; empty when the row itself is meant.
    column: String,
    what: String,
}

/// The check of a form.
#[derive(Serialize, ToSchema)]
pub struct FormChecked {
    /// Must be put right before it can be published.
    findings: Vec<FormFinding>,
    /// Hardly meant; hinders nothing.
    warnings: Vec<FormFinding>,
}

/// What publishing came to.
#[derive(Serialize, ToSchema)]
pub struct FormPublished {
    /// False when there are findings: it is a draft still.
    published: bool,
    findings: Vec<FormFinding>,
    version: FormVersionView,
}

/// What a file says.
#[derive(Serialize, ToSchema)]
pub struct FormRead {
    /// As much as was understood.
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    findings: Vec<FormFinding>,
}

/// A new draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// The version to begin from; that in force when absent.
    from: Option<i64>,
    /// Other questions than that version's; needed for a new form.
    #[schema(value_type = Option<Object>)]
    definition: Option<serde_json::Value>,
    #[serde(default)]
    note: String,
}

/// A changed draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// The revision that was changed.
    rev: i64,
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    #[serde(default)]
    note: String,
}

/// The revision that was seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenRev {
    rev: i64,
}

/// A form to look at; nothing is stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormBody {
    #[schema(value_type = Object)]
    definition: serde_json::Value,
}

/// A form with test answers; nothing is stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormTry {
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    #[schema(value_type = Object)]
    answers: serde_json::Map<String, serde_json::Value>,
}

/// What the server says of test answers.
#[derive(Serialize, ToSchema)]
pub struct FormTried {
    /// Empty when the form could be evaluated.
    findings: Vec<FormFinding>,
    /// `relevant`, `missing`, `violations`, `calculated`, `score`; null with findings.
    #[schema(value_type = Object)]
    evaluation: serde_json::Value,
}

/// A workbook.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the upload for the API document")]
pub struct FormUpload {
    /// The form it is for.
    id: String,
    /// The version it is for.
    version: i64,
    /// `.xlsx`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

fn count(fields: &[Field]) -> usize {
    fields.iter().map(|f| 1 + count(&f.fields)).sum()
}

fn parts(done: Option<&Done>) -> (Option<String>, Option<String>) {
    done.map(|d| (d.by_name.clone(), d.at.to_string())).unzip()
}

fn line(v: &FormVersion) -> FormVersionLine {
    let (made_by_name, made_at) = parts(v.made.as_ref());
    let (published_by_name, published_at) = parts(v.published.as_ref());
    let (retired_by_name, retired_at) = parts(v.retired.as_ref());
    FormVersionLine {
        version: i64::from(v.form.version),
        state: v.state.as_str().to_owned(),
        note: v.note.clone(),
        home_name: v.home.as_ref().map(|u| u.name.clone()),
        pack: v.pack.clone(),
        fields: count(&v.form.fields),
        made_by_name,
        made_at,
        published_by_name,
        published_at,
        retired_by_name,
        retired_at,
    }
}

fn json_of(form: &Form) -> Answer<serde_json::Value> {
    serde_json::to_value(form).map_err(|_| Problem::new(ErrorCode::INTERNAL))
}

fn view(v: &FormVersion) -> Answer<FormVersionView> {
    Ok(FormVersionView {
        id: v.form.id.clone(),
        line: line(v),
        rev: v.rev,
        cloned_from: v.cloned_from,
        definition: json_of(&v.form)?,
    })
}

fn findings(all: Vec<Finding>) -> Vec<FormFinding> {
    let one = |f: Finding| FormFinding {
        sheet: f.sheet,
        row: f.row,
        column: f.column,
        what: f.what,
    };
    all.into_iter().map(one).collect()
}

fn form_of(definition: &serde_json::Value) -> Answer<Form> {
    let bytes = definition.to_string();
    Form::from_json(bytes.as_bytes()).map_err(|_| Problem::field("definition", "toml.invalid"))
}

fn title(form: &Form) -> String {
    let title = form.title.as_ref().map(|t| t.zh().to_owned());
    title.unwrap_or_else(|| form.id.clone())
}

/// Forms with their versions.
#[utoipa::path(get, path = "/api/v1/forms", operation_id = "form_list", responses((status = 200, body = FormLines)))]
async fn form_list(State(state): State<WebState>, caller: Caller) -> Answer<Json<FormLines>> {
    let all = form_versions(&state.app, &caller.ctx).await?;
    let items = all.chunk_by(|a, b| a.form.id == b.form.id).map(|versions| {
        let in_force = versions.iter().find(|v| v.state == FormState::Published);
        let shown = in_force.unwrap_or(&versions[0]);
        FormLine {
            id: shown.form.id.clone(),
            version: in_force.map(|v| i64::from(v.form.version)),
            title: title(&shown.form),
            pack: versions.iter().find_map(|v| v.pack.clone()),
            fields: count(&shown.form.fields),
            versions: versions.iter().map(line).collect(),
        }
    });
    Ok(Json(FormLines {
        items: items.collect(),
    }))
}

/// The version of a form in force.
#[utoipa::path(get, path = "/api/v1/forms/{form_id}", operation_id = "form_get", params(("form_id" = String, Path)), responses((status = 200, body = Object)))]
async fn form_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<serde_json::Value>> {
    let found = form_newest(&state.app, &caller.ctx, &id).await?;
    Ok(Json(json_of(&found.form)?))
}

/// One version of a form.
#[utoipa::path(get, path = "/api/v1/forms/{form_id}/versions/{version}", operation_id = "form_version_get",
    params(("form_id" = String, Path), ("version" = i64, Path)), responses((status = 200, body = FormVersionView)))]
async fn form_version_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
) -> Answer<Json<FormVersionView>> {
    let found = form_version(&state.app, &caller.ctx, &id, version).await?;
    Ok(Json(view(&found)?))
}

/// One version of a form as a workbook.
#[utoipa::path(get, path = "/api/v1/forms/{form_id}/versions/{version}/xlsx", operation_id = "form_version_xlsx",
    params(("form_id" = String, Path), ("version" = i64, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn form_version_xlsx(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
) -> Answer<Download> {
    let found = form_version(&state.app, &caller.ctx, &id, version).await?;
    let at = found.published.as_ref().or(found.made.as_ref());
    let at = at.map_or(caller.ctx.now, |d| d.at);
    let (name, bytes) = excel::form_file(&found.form, at)?;
    Ok(download(&name, bytes))
}

/// What is wrong in a form; nothing is stored.
#[utoipa::path(post, path = "/api/v1/forms/check", operation_id = "form_check", request_body = FormBody,
    responses((status = 200, body = FormChecked)))]
async fn form_check_op(caller: Caller, Body(body): Body<FormBody>) -> Answer<Json<FormChecked>> {
    let form = form_of(&body.definition)?;
    let (wrong, warnings) = form_check(&caller.ctx, &form);
    Ok(Json(FormChecked {
        findings: findings(wrong),
        warnings: findings(warnings),
    }))
}

/// What the server says of test answers; nothing is stored.
#[utoipa::path(post, path = "/api/v1/forms/try", operation_id = "form_try", request_body = FormTry,
    responses((status = 200, body = FormTried)))]
async fn form_try(caller: Caller, Body(body): Body<FormTry>) -> Answer<Json<FormTried>> {
    let form = form_of(&body.definition)?;
    let tried = match form.compile() {
        Ok(compiled) => {
            let judged = compiled.evaluate(&body.answers, caller.ctx.today());
            let json = serde_json::to_value(&judged);
            FormTried {
                findings: vec![],
                evaluation: json.map_err(|_| Problem::new(ErrorCode::INTERNAL))?,
            }
        }
        Err(problems) => FormTried {
            findings: findings(zf_forms::workbook::placed(&form, &problems)),
            evaluation: serde_json::Value::Null,
        },
    };
    Ok(Json(tried))
}

/// Reads a workbook; nothing is stored.
#[utoipa::path(post, path = "/api/v1/forms/read-xlsx", operation_id = "form_read_xlsx",
    request_body(content = FormUpload, content_type = "multipart/form-data"), responses((status = 200, body = FormRead)))]
async fn form_read_xlsx(_caller: Caller, mut upload: Multipart) -> Answer<Json<FormRead>> {
    let malformed = |_| Problem::new(ErrorCode::INPUT_MALFORMED);
    let (mut id, mut version, mut file) = (String::new(), 1, None);
    while let Some(field) = upload.next_field().await.map_err(malformed)? {
        match field.name().unwrap_or_default() {
            "id" => id = field.text().await.map_err(malformed)?,
            "version" => {
                let text = field.text().await.map_err(malformed)?;
                version = text.trim().parse().unwrap_or(1);
            }
            "file" => {
                let bytes = field.bytes().await;
                file = Some(bytes.map_err(|_| Problem::new(ErrorCode::IMPORT_TOO_LARGE))?);
            }
            _ => {}
        }
    }
    let file = file.ok_or_else(|| Problem::field("file", "field.required"))?;
    let read = tokio::task::spawn_blocking(move || excel::form_read(&file, &id, version)).await;
    let read = read.map_err(|_| Problem::new(ErrorCode::INTERNAL))?;
    let refused = |e| {
        let why = zf_network::words::file_fault(&e);
        Problem::from(KernelError::refused(ErrorCode::IMPORT_FILE).with("why", why))
    };
    let (form, found) = read.map_err(refused)?;
    Ok(Json(FormRead {
        definition: json_of(&form)?,
        findings: findings(found),
    }))
}

/// Begins a draft.
#[utoipa::path(post, path = "/api/v1/forms/{form_id}/versions", operation_id = "form_draft_create",
    params(("form_id" = String, Path)), request_body = NewDraft, responses((status = 201, body = FormVersionView)))]
async fn form_draft_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<String>,
    Body(body): Body<NewDraft>,
) -> Answer<(StatusCode, Json<FormVersionView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let definition = body.definition.as_ref().map(form_of).transpose()?;
    let made = service::draft_create(app, ctx, &id, body.from, definition, &body.note).await?;
    Ok((StatusCode::CREATED, Json(view(&made)?)))
}

/// Changes a draft.
#[utoipa::path(put, path = "/api/v1/forms/{form_id}/versions/{version}", operation_id = "form_draft_update",
    params(("form_id" = String, Path), ("version" = i64, Path)), request_body = DraftBody, responses((status = 200, body = FormVersionView)))]
async fn form_draft_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
    Body(body): Body<DraftBody>,
) -> Answer<Json<FormVersionView>> {
    let form = form_of(&body.definition)?;
    let (app, ctx) = (&state.app, &caller.ctx);
    let key = (id.as_str(), version);
    let changed = service::draft_change(app, ctx, key, body.rev, form, &body.note).await?;
    Ok(Json(view(&changed)?))
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/v1/forms/{form_id}/versions/{version}", operation_id = "form_draft_delete",
    params(("form_id" = String, Path), ("version" = i64, Path)), responses((status = 204)))]
async fn form_draft_delete(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
) -> Answer<StatusCode> {
    service::draft_delete(&state.app, &caller.ctx, &id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Publishes a draft, or says what is wrong in it.
#[utoipa::path(post, path = "/api/v1/forms/{form_id}/versions/{version}/publish", operation_id = "form_publish",
    params(("form_id" = String, Path), ("version" = i64, Path)), request_body = SeenRev, responses((status = 200, body = FormPublished)))]
async fn form_publish(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
    Body(body): Body<SeenRev>,
) -> Answer<Json<FormPublished>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let (now, wrong) = service::form_publish(app, ctx, (&id, version), body.rev).await?;
    Ok(Json(FormPublished {
        published: wrong.is_empty(),
        findings: findings(wrong),
        version: view(&now)?,
    }))
}

/// Takes a published version out of use.
#[utoipa::path(post, path = "/api/v1/forms/{form_id}/versions/{version}/retire", operation_id = "form_retire",
    params(("form_id" = String, Path), ("version" = i64, Path)), responses((status = 200, body = FormVersionView)))]
async fn form_retire(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(String, i64)>,
) -> Answer<Json<FormVersionView>> {
    let now = service::form_retire(&state.app, &caller.ctx, &id, version).await?;
    Ok(Json(view(&now)?))
}
