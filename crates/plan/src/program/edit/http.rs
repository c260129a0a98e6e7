//! HTTP of writing a campaign: the form of its file, reading a file with its
//! faults in Chinese, versions with their differences, restoring and copying.
//! Requests become calls of this slice; nothing is decided here.

use super::{CopyAs, blank, docs, form, program_clone, read, version_fetch, version_restore};
use crate::definition::diff::{Change, diff};
use crate::definition::form::FormSection;
use crate::definition::parameter::{Parameter, parameters};
use crate::definition::words::fault;
use crate::definition::{Definition, DefinitionError};
use crate::program::http::{ProgramView, VersionView, day, program_view};
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::{App, Permission};
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let seen = Access::Needs(Permission::ProgramRead);
    let write = Access::Needs(Permission::ProgramWrite);
    api.op(seen, routes!(program_form))
        .op(write, routes!(program_file_read))
        .op(seen, routes!(program_parameters))
        .op(seen, routes!(program_version_get))
        .op(seen, routes!(program_version_diff))
        .op(write, routes!(program_version_restore))
        .op(write, routes!(program_clone_op))
}

/// Everything a campaign file may contain.
#[derive(Serialize, ToSchema)]
pub struct ProgramForm {
    sections: Vec<FormSection>,
    /// A campaign to start from with nothing in it but compliance values and
    /// our defaults; `null` without a preset.
    #[schema(value_type = Object)]
    blank: serde_json::Value,
}

/// A campaign file, as text or as the page has it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramFile {
    toml: Option<String>,
    #[schema(value_type = Option<Object>)]
    definition: Option<serde_json::Value>,
}

/// A fault of a campaign file.
#[derive(Serialize, ToSchema)]
pub struct FileFault {
    /// Where: keys joined by points, list items by their id or number.
    path: String,
    /// Line of the text.
    line: Option<u64>,
    /// What to do, without the place.
    message: String,
}

/// A campaign file that was read.
#[derive(Serialize, ToSchema)]
pub struct ProgramFileRead {
    /// The file; `null` when it has faults.
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    /// As text; empty when it has faults.
    toml: String,
    faults: Vec<FileFault>,
}

/// Every figure of a campaign with its requirement.
#[derive(Serialize, ToSchema)]
pub struct ProgramParameters {
    items: Vec<Parameter>,
}

/// One version with its file.
#[derive(Serialize, ToSchema)]
pub struct VersionFile {
    #[serde(flatten)]
    version: VersionView,
    definition: Definition,
    toml: String,
}

/// What differs between two versions.
#[derive(Serialize, ToSchema)]
pub struct VersionDiff {
    from: VersionView,
    to: VersionView,
    changes: Vec<Change>,
}

/// Why an old version holds again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Why.
    note: String,
    /// The version in force that the caller has seen.
    version: Option<i64>,
}

/// A copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramCopy {
    code: String,
    name: String,
    first_day: Option<String>,
    last_day: Option<String>,
}

fn fault_view(e: &DefinitionError) -> FileFault {
    FileFault {
        path: e.path.clone(),
        line: e.line.map(|n| n as u64),
        message: fault(e),
    }
}

/// What a campaign file may contain: sections, fields, choices, and a blank one.
#[utoipa::path(get, path = "/api/v1/program-form", operation_id = "program_form",
    responses((status = 200, body = ProgramForm)))]
async fn program_form(State(state): State<WebState>, _caller: Caller) -> Answer<Json<ProgramForm>> {
    Ok(Json(ProgramForm {
        sections: form(&state.app),
        blank: blank(&state.app).unwrap_or_default(),
    }))
}

/// Reads a campaign file and says what is wrong with it; nothing is stored.
#[utoipa::path(post, path = "/api/v1/program-files/read", operation_id = "program_file_read",
    request_body = ProgramFile, responses((status = 200, body = ProgramFileRead)))]
async fn program_file_read(
    State(state): State<WebState>,
    _caller: Caller,
    Body(file): Body<ProgramFile>,
) -> Answer<Json<ProgramFileRead>> {
    let found = read(&state.app, file.toml.as_deref(), file.definition.as_ref())?;
    Ok(Json(match found {
        Ok(definition) => ProgramFileRead {
            definition: definition.to_json(),
            toml: definition.to_toml(),
            faults: Vec::new(),
        },
        Err(faults) => ProgramFileRead {
            definition: serde_json::Value::Null,
            toml: String::new(),
            faults: faults.iter().map(fault_view).collect(),
        },
    }))
}

fn described(app: &App) -> Vec<zf_forms::pack::Parameter> {
    docs(app).into_iter().cloned().collect()
}

/// Every figure of a campaign with title, unit, requirement and origin.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/parameters", operation_id = "program_parameters",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramParameters)))]
async fn program_parameters(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramParameters>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let items = parameters(&program.definition, &described(app));
    Ok(Json(ProgramParameters { items }))
}

/// One version with its file.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/versions/{version}", operation_id = "program_version_get",
    params(("program_id" = Uuid, Path), ("version" = i64, Path)), responses((status = 200, body = VersionFile)))]
async fn program_version_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(Uuid, i64)>,
) -> Answer<Json<VersionFile>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let (made, definition) = version_fetch(app, &program, version).await?;
    Ok(Json(VersionFile {
        version: made.into(),
        toml: definition.to_toml(),
        definition,
    }))
}

/// What the second version changed against the first.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/versions/{version}/diff/{other}", operation_id = "program_version_diff",
    params(("program_id" = Uuid, Path), ("version" = i64, Path), ("other" = i64, Path)), responses((status = 200, body = VersionDiff)))]
async fn program_version_diff(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, from, to)): Path<(Uuid, i64, i64)>,
) -> Answer<Json<VersionDiff>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let (from, old) = version_fetch(app, &program, from).await?;
    let (to, new) = version_fetch(app, &program, to).await?;
    Ok(Json(VersionDiff {
        from: from.into(),
        to: to.into(),
        changes: diff(&old, &new, &described(app)),
    }))
}

/// Puts an old version in force again, as a new one.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/versions/{version}/restore", operation_id = "program_version_restore",
    params(("program_id" = Uuid, Path), ("version" = i64, Path)), request_body = Restore, responses((status = 200, body = ProgramView)))]
async fn program_version_restore(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, version)): Path<(Uuid, i64)>,
    Body(why): Body<Restore>,
) -> Answer<Json<ProgramView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let program = version_restore(app, ctx, &program, version, &why.note, why.version).await?;
    Ok(Json(program_view(app, ctx, &program).await?))
}

/// Copies a campaign as a draft, on other days.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/clone", operation_id = "program_clone",
    params(("program_id" = Uuid, Path)), request_body = ProgramCopy, responses((status = 201, body = ProgramView)))]
async fn program_clone_op(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(copy): Body<ProgramCopy>,
) -> Answer<(StatusCode, Json<ProgramView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let copy = CopyAs {
        code: copy.code,
        name: copy.name,
        first_day: day("first_day", copy.first_day.as_deref())?,
        last_day: day("last_day", copy.last_day.as_deref())?,
    };
    let made = program_clone(app, ctx, &program, &copy).await?;
    Ok((
        StatusCode::CREATED,
        Json(program_view(app, ctx, &made).await?),
    ))
}
