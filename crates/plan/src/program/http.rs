//! HTTP of programs: presets, drafts, versions, the check, start and close,
//! and the figures of the branches. Who may see a program is asked of the
//! service; here requests become calls and results become JSON.

use super::service::{self, FromPreset};
use super::{Program, ProgramUnit, network};
use crate::check::view::{CheckView, view};
use crate::definition::{Definition, VisitKind};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Day;
use zf_kernel::{App, Ctx, Permission};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::ProgramRead);
    let write = Access::Needs(Permission::ProgramWrite);
    let approve = Access::Needs(Permission::ProgramApprove);
    api.op(read, routes!(program_preset_list))
        .op(read, routes!(program_list))
        .op(write, routes!(program_create))
        .op(read, routes!(program_get))
        .op(write, routes!(program_update))
        .op(write, routes!(program_delete))
        .op(read, routes!(program_check))
        .op(approve, routes!(program_start))
        .op(approve, routes!(program_close))
        .op(read, routes!(program_unit_list))
        .op(write, routes!(program_unit_update))
}

/// A campaign somebody can start from.
#[derive(Serialize, ToSchema)]
pub struct ProgramPresetView {
    id: String,
    title: String,
    description: String,
    pack: String,
}

/// All presets.
#[derive(Serialize, ToSchema)]
pub struct ProgramPresets {
    items: Vec<ProgramPresetView>,
}

/// A phase.
#[derive(Serialize, ToSchema)]
pub struct PhaseView {
    id: String,
    name: String,
    /// Kinds of visits, joined by commas.
    kind: String,
    first_day: String,
    last_day: String,
}

/// 项目（营销活动）.
#[derive(Serialize, ToSchema)]
pub struct ProgramView {
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    /// `draft`, `started`, `paused` or `closed`.
    state: String,
    version: i64,
    unit_id: Uuid,
    unit_name: String,
    first_day: String,
    last_day: String,
    quota_per_day: i64,
    /// Branches.
    outlets: i64,
    /// Households chosen.
    targets: i64,
    phases: Vec<PhaseView>,
    created_at: String,
    updated_at: String,
}

/// The visible programs.
#[derive(Serialize, ToSchema)]
pub struct Programs {
    items: Vec<ProgramView>,
}

/// One version.
#[derive(Serialize, ToSchema)]
pub struct VersionView {
    version: i64,
    at: String,
    by_name: String,
    note: String,
}

impl From<super::Version> for VersionView {
    fn from(v: super::Version) -> VersionView {
        VersionView {
            version: v.version,
            at: v.at.to_string(),
            by_name: v.by_name,
            note: v.note,
        }
    }
}

/// A program with its file.
#[derive(Serialize, ToSchema)]
pub struct ProgramDetail {
    #[serde(flatten)]
    program: ProgramView,
    /// The campaign file.
    definition: Definition,
    /// The same as TOML.
    toml: String,
    versions: Vec<VersionView>,
}

/// A new program: from a preset, from the text of a file, or written on the page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProgram {
    preset: Option<String>,
    code: Option<String>,
    name: Option<String>,
    first_day: Option<String>,
    last_day: Option<String>,
    toml: Option<String>,
    /// The whole campaign file.
    #[schema(value_type = Option<Object>)]
    definition: Option<serde_json::Value>,
    /// The unit that orders it; without it the highest the caller may write for.
    unit_id: Option<Uuid>,
}

/// A new version.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramChange {
    /// The whole campaign file.
    #[schema(value_type = Object)]
    definition: serde_json::Value,
    /// Why.
    #[serde(default)]
    note: String,
    /// The version the caller has seen; another one in force is a conflict.
    version: Option<i64>,
}

/// A branch's own figures; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitParameters {
    /// Records to collect.
    collection_plan: Option<i64>,
    /// Households a day; in a campaign that runs from next week on.
    quota_per_day: Option<i64>,
}

/// A branch of a program.
#[derive(Serialize, ToSchema)]
pub struct ProgramUnitView {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    collection_plan: Option<i64>,
    /// Households a day, as last set.
    quota_per_day: i64,
    /// Households a day that hold today.
    quota_today: i64,
    /// The day from which another quota holds.
    quota_from: Option<String>,
    targets: i64,
    teams: i64,
    /// `none`, `draft` or `confirmed`.
    week_state: String,
}

/// The visible branches of a program.
#[derive(Serialize, ToSchema)]
pub struct ProgramUnits {
    items: Vec<ProgramUnitView>,
}

fn unit_view(u: ProgramUnit) -> ProgramUnitView {
    ProgramUnitView {
        unit_id: u.unit.id.uuid(),
        unit_code: u.unit.code,
        unit_name: u.unit.name,
        collection_plan: u.collection_plan,
        quota_per_day: u.quota_per_day,
        quota_today: u.quota_today,
        quota_from: u.quota_from.map(|d| d.to_string()),
        targets: u.targets,
        teams: u.teams,
        week_state: u.week_state,
    }
}

pub(super) async fn program_view(app: &App, ctx: &Ctx, p: &Program) -> Answer<ProgramView> {
    let units = network::branches(app, ctx, Permission::ProgramRead, p).await?;
    let targets = service::program_targets(app, p).await?;
    let phases = p.definition.phase.iter().map(|phase| PhaseView {
        id: phase.id.clone(),
        name: phase.title.clone(),
        kind: phase
            .kinds
            .iter()
            .map(|k: &VisitKind| k.as_str())
            .collect::<Vec<_>>()
            .join(","),
        first_day: phase.start.to_string(),
        last_day: phase.end.to_string(),
    });
    Ok(ProgramView {
        id: p.id.uuid(),
        code: p.code.clone(),
        name: p.name.clone(),
        kind: p.definition.program.kind.as_str().to_owned(),
        state: p.state.as_str().to_owned(),
        version: p.version,
        unit_id: p.unit.id.uuid(),
        unit_name: p.unit.name.clone(),
        first_day: p.first_day.to_string(),
        last_day: p.last_day.to_string(),
        quota_per_day: i64::from(p.definition.quota.households_per_outlet_per_day),
        outlets: units.len() as i64,
        targets: units.iter().filter_map(|u| targets.get(&u.id)).sum(),
        phases: phases.collect(),
        created_at: p.created_at.to_string(),
        updated_at: p.updated_at.to_string(),
    })
}

pub(crate) fn day(field: &str, text: Option<&str>) -> Answer<Option<Day>> {
    let Some(text) = text.filter(|t| !t.is_empty()) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Problem::field(field, "field.day"))
}

fn need(field: &str, text: Option<String>) -> Answer<String> {
    text.filter(|t| !t.trim().is_empty())
        .ok_or_else(|| Problem::field(field, "field.required"))
}

/// Campaigns somebody can start from.
#[utoipa::path(get, path = "/api/v1/program-presets", operation_id = "program_preset_list",
    responses((status = 200, body = ProgramPresets)))]
async fn program_preset_list(
    State(state): State<WebState>,
    _caller: Caller,
) -> Answer<Json<ProgramPresets>> {
    let mut items = Vec::new();
    for preset in state.app.packs.program_presets() {
        // A preset that cannot be read is left out; `doctor` names it.
        let Ok(definition) = Definition::parse(preset.toml, preset.aliases) else {
            continue;
        };
        items.push(ProgramPresetView {
            id: preset.id,
            title: definition.program.title,
            description: preset.pack.summary.zh.clone(),
            pack: preset.pack.id.clone(),
        });
    }
    Ok(Json(ProgramPresets { items }))
}

/// The programs of the caller's units, of those above and of those below.
#[utoipa::path(get, path = "/api/v1/programs", operation_id = "program_list",
    responses((status = 200, body = Programs)))]
async fn program_list(State(state): State<WebState>, caller: Caller) -> Answer<Json<Programs>> {
    let mut items = Vec::new();
    for program in service::program_list(&state.app, &caller.ctx).await? {
        items.push(program_view(&state.app, &caller.ctx, &program).await?);
    }
    Ok(Json(Programs { items }))
}

/// Makes a program as a draft.
#[utoipa::path(post, path = "/api/v1/programs", operation_id = "program_create",
    request_body = NewProgram, responses((status = 201, body = ProgramView)))]
async fn program_create(
    State(state): State<WebState>,
    caller: Caller,
    Body(new): Body<NewProgram>,
) -> Answer<(StatusCode, Json<ProgramView>)> {
    let app = &state.app;
    let scope = service::program_scope(app, &caller.ctx, new.unit_id.map(Into::into)).await?;
    let definition = match (new.toml, new.definition) {
        (Some(text), _) => service::from_toml(app, &text)?,
        (None, Some(json)) => service::from_json(app, &json)?,
        (None, None) => {
            let input = FromPreset {
                preset: need("preset", new.preset)?,
                code: need("code", new.code)?,
                name: need("name", new.name)?,
                first_day: day("first_day", new.first_day.as_deref())?,
                last_day: day("last_day", new.last_day.as_deref())?,
            };
            service::from_preset(app, &input)?
        }
    };
    let program = service::program_create(app, &caller.ctx, &scope, &definition, "").await?;
    Ok((
        StatusCode::CREATED,
        Json(program_view(app, &caller.ctx, &program).await?),
    ))
}

/// A program with its campaign file and versions.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}", operation_id = "program_get",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramDetail)))]
async fn program_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramDetail>> {
    let app = &state.app;
    let program = service::program_fetch(app, &caller.ctx, id.into()).await?;
    let versions = service::program_versions(app, &program).await?;
    Ok(Json(ProgramDetail {
        program: program_view(app, &caller.ctx, &program).await?,
        toml: program.definition.to_toml(),
        definition: (*program.definition).clone(),
        versions: versions.into_iter().map(VersionView::from).collect(),
    }))
}

/// Puts a new version in force.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}", operation_id = "program_update",
    params(("program_id" = Uuid, Path)), request_body = ProgramChange, responses((status = 200, body = ProgramView)))]
async fn program_update(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(change): Body<ProgramChange>,
) -> Answer<Json<ProgramView>> {
    let app = &state.app;
    let old = service::program_fetch(app, &caller.ctx, id.into()).await?;
    caller.ctx.scope(Permission::ProgramWrite, &old.unit)?;
    let definition = service::from_json(app, &change.definition)?;
    let program = service::program_change(
        app,
        &caller.ctx,
        &old,
        &definition,
        &change.note,
        change.version,
    )
    .await?;
    Ok(Json(program_view(app, &caller.ctx, &program).await?))
}

/// Deletes a draft.
#[utoipa::path(delete, path = "/api/v1/programs/{program_id}", operation_id = "program_delete",
    params(("program_id" = Uuid, Path)), responses((status = 204)))]
async fn program_delete(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<StatusCode> {
    let program = service::program_fetch(&state.app, &caller.ctx, id.into()).await?;
    service::program_delete(&state.app, &caller.ctx, &program).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Can it be done? Findings with figures and repairs, and one row per branch.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/check", operation_id = "program_check",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = CheckView)))]
async fn program_check(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<CheckView>> {
    let app = &state.app;
    let program = service::program_fetch(app, &caller.ctx, id.into()).await?;
    let report = service::program_check(app, &caller.ctx, &program).await?;
    Ok(Json(view(&report, &|code| service::post_name(app, code))))
}

/// Starts a program; refused while the check finds errors.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/start", operation_id = "program_start",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramView)))]
async fn program_start(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramView>> {
    let app = &state.app;
    let program = service::program_fetch(app, &caller.ctx, id.into()).await?;
    let program = service::program_start(app, &caller.ctx, &program).await?;
    Ok(Json(program_view(app, &caller.ctx, &program).await?))
}

/// Closes a program that runs.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/close", operation_id = "program_close",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramView)))]
async fn program_close(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramView>> {
    let app = &state.app;
    let program = service::program_fetch(app, &caller.ctx, id.into()).await?;
    let program = service::program_close(app, &caller.ctx, &program).await?;
    Ok(Json(program_view(app, &caller.ctx, &program).await?))
}

/// The branches of a program with their figures.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units", operation_id = "program_unit_list",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramUnits)))]
async fn program_unit_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramUnits>> {
    let program = service::program_fetch(&state.app, &caller.ctx, id.into()).await?;
    let units = service::program_units(&state.app, &caller.ctx, &program).await?;
    Ok(Json(ProgramUnits {
        items: units.into_iter().map(unit_view).collect(),
    }))
}

/// Sets a branch's own figures.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/units/{unit_id}/parameters", operation_id = "program_unit_update",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = UnitParameters, responses((status = 204)))]
async fn program_unit_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit_id)): Path<(Uuid, Uuid)>,
    Body(figures): Body<UnitParameters>,
) -> Answer<StatusCode> {
    let program = service::program_fetch(&state.app, &caller.ctx, id.into()).await?;
    let (plan, quota) = (figures.collection_plan, figures.quota_per_day);
    service::program_unit_put(
        &state.app,
        &caller.ctx,
        &program,
        unit_id.into(),
        plan,
        quota,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
