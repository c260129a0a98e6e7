//! HTTP of village groups: the list of a branch with counts. Groups come in by
//! import only, so there is nothing to change here. No personal data: a group
//! is a place.

use super::service;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerRead),
        routes!(village_group_list),
    )
}

/// A village group with its counts.
#[derive(Serialize, ToSchema)]
pub struct VillageGroupView {
    id: Uuid,
    code: String,
    township: String,
    village: String,
    name: String,
    lat: Option<f64>,
    lon: Option<f64>,
    customers: i64,
    households: i64,
}

/// All village groups of a branch.
#[derive(Serialize, ToSchema)]
pub struct VillageGroups {
    items: Vec<VillageGroupView>,
}

/// Village groups of a branch with the number of customers and households.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/village-groups", operation_id = "village_group_list",
    params(("unit_id" = Uuid, Path)), responses((status = 200, body = VillageGroups)))]
async fn village_group_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<VillageGroups>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, unit_id.into()).await?;
    let counts = service::village_group_counts(app, &scope).await?;
    let groups = service::village_group_list(app, &scope).await?;
    let items = groups
        .into_iter()
        .map(|g| {
            let (customers, households) = counts.get(&g.id).copied().unwrap_or_default();
            VillageGroupView {
                id: g.id.uuid(),
                code: g.code,
                township: g.township,
                village: g.village,
                name: g.name,
                lat: g.place.map(|p| p.lat()),
                lon: g.place.map(|p| p.lon()),
                customers,
                households,
            }
        })
        .collect();
    Ok(Json(VillageGroups { items }))
}
