//! Packs with their indicators over HTTP: what modules are installed,
//! as data. Nothing here knows a pack by name; what a pack offers shows up
//! because it is in the list.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::PackRead), routes!(pack_list))
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
