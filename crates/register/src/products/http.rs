//! HTTP of products: what one customer has and wants, and counts of a branch.
//! Which unit is asked here; which products there are is data, and the rules
//! are in the service.

use super::service::{self, Stand};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_kernel::setting::is_demo;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerRead),
        routes!(customer_products),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(customer_products_set),
    )
    .op(
        Access::Needs(Permission::CustomerRead),
        routes!(product_counts),
    )
}

/// A product and one customer.
#[derive(Serialize, ToSchema)]
pub struct ProductStand {
    code: String,
    name: String,
    /// The customer has it.
    held: bool,
    /// The customer wants it.
    wanted: bool,
}

/// Products of one customer.
#[derive(Serialize, ToSchema)]
pub struct CustomerProducts {
    items: Vec<ProductStand>,
}

/// What a customer has and wants, by codes; what is not named is neither.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerProductsBody {
    held: Vec<String>,
    wanted: Vec<String>,
}

/// How many have and want a product.
#[derive(Serialize, ToSchema)]
pub struct ProductCount {
    code: String,
    name: String,
    held: i64,
    wanted: i64,
}

/// Counts of a branch.
#[derive(Serialize, ToSchema)]
pub struct ProductCounts {
    items: Vec<ProductCount>,
}

fn view(all: Vec<Stand>) -> Json<CustomerProducts> {
    let items = all.into_iter().map(|s| ProductStand {
        code: s.product.code,
        name: s.product.zh,
        held: s.held,
        wanted: s.wanted,
    });
    Json(CustomerProducts {
        items: items.collect(),
    })
}

/// What a customer has and wants.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/customers/{customer_id}/products", operation_id = "customer_products", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), responses((status = 200, body = CustomerProducts)))]
async fn customer_products(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<CustomerProducts>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerRead,
        unit_id.into(),
    )
    .await?;
    Ok(view(
        service::products_of(&state.app, &scope, id.into()).await?,
    ))
}

/// Sets what a customer has and wants.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/customers/{customer_id}/products", operation_id = "customer_products_set", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = CustomerProductsBody, responses((status = 200, body = CustomerProducts)))]
async fn customer_products_set(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<CustomerProductsBody>,
) -> Answer<Json<CustomerProducts>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerWrite, unit_id.into()).await?;
    let demo = is_demo(app).await?;
    let set = service::products_set(app, ctx, &scope, id.into(), &body.held, &body.wanted, demo);
    Ok(view(set.await?))
}

/// How many customers of a branch have and want each product.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/products/counts", operation_id = "product_counts", params(("unit_id" = Uuid, Path)), responses((status = 200, body = ProductCounts)))]
async fn product_counts(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<ProductCounts>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerRead,
        unit_id.into(),
    )
    .await?;
    let counts = service::product_counts(&state.app, &scope).await?;
    let items = counts.into_iter().map(|(p, held, wanted)| ProductCount {
        code: p.code,
        name: p.zh,
        held,
        wanted,
    });
    Ok(Json(ProductCounts {
        items: items.collect(),
    }))
}
