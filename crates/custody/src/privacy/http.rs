//! HTTP of a customer's page of privacy, and of the rules that hold. The rules
//! of what may be shown are in the view.
//! Nothing is changed here.

use super::{CustomerPrivacy, customer_privacy};
use crate::policy::{ConsentRules, policy};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{CustomerId, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PrivacyRead);
    api.op(read, routes!(customer_privacy_get))
        .op(read, routes!(privacy_rules))
}

/// Sources, consents, requests and standing of one customer.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/customers/{customer_id}/privacy", operation_id = "customer_privacy_get", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), responses((status = 200, body = CustomerPrivacy)))]
async fn customer_privacy_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<CustomerPrivacy>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyRead, UnitId(unit_id)).await?;
    Ok(Json(
        customer_privacy(app, ctx, &scope, CustomerId(id)).await?,
    ))
}

/// The rules the forms need.
#[derive(Serialize, ToSchema)]
pub struct PrivacyRules {
    version: i64,
    due_workdays: u32,
    basis_approvals: u32,
    basis_days_max: i32,
    k_min: i64,
    agreement_days_max: i32,
    consent: ConsentRules,
    /// Fields that may be corrected.
    correction_fields: Vec<String>,
}

/// The rules of custody in force.
#[utoipa::path(get, path = "/api/v1/privacy/rules", operation_id = "privacy_rules", responses((status = 200, body = PrivacyRules)))]
async fn privacy_rules(
    State(state): State<WebState>,
    _caller: Caller,
) -> Answer<Json<PrivacyRules>> {
    let p = policy(&state.app).await?;
    Ok(Json(PrivacyRules {
        version: p.version,
        due_workdays: p.request.due_workdays as u32,
        basis_approvals: p.basis.approvals as u32,
        basis_days_max: p.basis.days_max,
        k_min: p.share.k_min,
        agreement_days_max: p.share.days_max,
        consent: p.consent,
        correction_fields: crate::request::service::FIELDS
            .iter()
            .map(|f| (*f).to_owned())
            .collect(),
    }))
}
