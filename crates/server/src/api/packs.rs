//! Packs with their forms and indicators over HTTP: what modules are installed,
//! as data. Nothing here knows a pack by name; what a pack offers shows up
//! because it is in the list.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_base::code::ErrorCode;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::PackRead), routes!(pack_list))
        .op(Access::Needs(Permission::FormRead), routes!(form_list))
        .op(Access::Needs(Permission::FormRead), routes!(form_get))
        .op(
            Access::Needs(Permission::IndicatorRead),
            routes!(indicator_list),
        )
}

/// A pack.
#[derive(Serialize, ToSchema)]
pub struct PackView {
    id: String,
    title: String,
    version: String,
    forms: usize,
    indicators: usize,
    menu: usize,
}

/// All packs.
#[derive(Serialize, ToSchema)]
pub struct PackViews {
    items: Vec<PackView>,
}

/// A form in a list.
#[derive(Serialize, ToSchema)]
pub struct FormLine {
    id: String,
    version: i64,
    title: String,
    pack: String,
    fields: usize,
}

/// All forms.
#[derive(Serialize, ToSchema)]
pub struct FormLines {
    items: Vec<FormLine>,
}

/// An indicator.
#[derive(Serialize, ToSchema)]
pub struct IndicatorView {
    id: String,
    title: String,
    unit: String,
    /// Which direction is good: `up` or `down`.
    good: String,
    pack: String,
}

/// All indicators.
#[derive(Serialize, ToSchema)]
pub struct IndicatorViews {
    items: Vec<IndicatorView>,
}

/// Installed packs.
#[utoipa::path(get, path = "/api/v1/packs", operation_id = "pack_list", responses((status = 200, body = PackViews)))]
async fn pack_list(State(state): State<WebState>, _caller: Caller) -> Answer<Json<PackViews>> {
    let items = state.app.packs.iter().map(|p| PackView {
        id: p.id.clone(),
        title: p.title.zh.clone(),
        version: p.version.clone(),
        forms: p.forms.len(),
        indicators: p.indicators.len(),
        menu: p.menu.len(),
    });
    Ok(Json(PackViews {
        items: items.collect(),
    }))
}

/// Forms of all packs.
#[utoipa::path(get, path = "/api/v1/forms", operation_id = "form_list", responses((status = 200, body = FormLines)))]
async fn form_list(State(state): State<WebState>, _caller: Caller) -> Answer<Json<FormLines>> {
    let items = state.app.packs.forms().map(|(pack, f)| FormLine {
        id: f.id.clone(),
        version: i64::from(f.version),
        title: f
            .title
            .as_ref()
            .map_or_else(|| f.id.clone(), |t| t.zh().to_owned()),
        pack: pack.id.clone(),
        fields: f.fields.len(),
    });
    Ok(Json(FormLines {
        items: items.collect(),
    }))
}

/// One form as published.
#[utoipa::path(get, path = "/api/v1/forms/{form_id}", operation_id = "form_get", params(("form_id" = String, Path)), responses((status = 200, body = Object)))]
async fn form_get(
    State(state): State<WebState>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<serde_json::Value>> {
    let found = state.app.packs.forms().find(|(_, f)| f.id == id);
    let (_, form) = found.ok_or_else(|| Problem::new(ErrorCode::FORM_NOT_FOUND))?;
    let json = serde_json::to_value(form).map_err(|_| Problem::new(ErrorCode::INTERNAL))?;
    Ok(Json(json))
}

/// Indicators of all packs.
#[utoipa::path(get, path = "/api/v1/indicators", operation_id = "indicator_list", responses((status = 200, body = IndicatorViews)))]
async fn indicator_list(
    State(state): State<WebState>,
    _caller: Caller,
) -> Answer<Json<IndicatorViews>> {
    let items = state.app.packs.indicators().map(|(pack, i)| IndicatorView {
        id: i.id.clone(),
        title: i.title.zh.clone(),
        unit: i.unit.clone(),
        good: format!("{:?}", i.good).to_lowercase(),
        pack: pack.id.clone(),
    });
    Ok(Json(IndicatorViews {
        items: items.collect(),
    }))
}
