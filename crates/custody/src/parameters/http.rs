//! HTTP of the page of parameters. Read only: changes go through settings and
//! campaign files, where they are told of.
//! Nothing about a person is here.

use super::{ParameterGroup, parameters};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::PrivacyRead),
        routes!(policy_parameters),
    )
}

/// Every parameter of the house.
#[derive(Serialize, ToSchema)]
pub struct ParametersView {
    groups: Vec<ParameterGroup>,
}

/// Every figure the house works by, with where it comes from.
#[utoipa::path(get, path = "/api/v1/policy/parameters", operation_id = "policy_parameters", responses((status = 200, body = ParametersView)))]
async fn policy_parameters(
    State(state): State<WebState>,
    _caller: Caller,
) -> Answer<Json<ParametersView>> {
    let groups = parameters(&state.app).await?;
    Ok(Json(ParametersView { groups }))
}
