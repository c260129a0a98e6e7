//! HTTP of retention: what is due, the lists, and the decision about one.
//! Which unit is asked here, the rules are in the service.
//! Counts go out, never who is on a list.

use super::Batch;
use super::service::{self, preview};
use crate::policy::{RetentionRule, policy};
use crate::request::certificate::of_batch;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Timestamp, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::{branches_of, scope_of, unit_fetch};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PrivacyRead);
    api.op(read, routes!(retention_preview))
        .op(read, routes!(retention_list))
        .op(
            Access::Needs(Permission::PrivacyApprove),
            routes!(retention_decide),
        )
}

/// How many are due by one rule and not on a list yet.
#[derive(Serialize, ToSchema)]
pub struct RetentionDue {
    rule: RetentionRule,
    customers: i64,
    /// Since when the first has been due.
    since: Option<String>,
}

/// What is due by all rules.
#[derive(Serialize, ToSchema)]
pub struct RetentionPreview {
    policy_version: i64,
    /// At most so many customers of a branch are counted per rule.
    batch_rows: i64,
    rules: Vec<RetentionDue>,
}

/// What is due in a unit and below it; erases and lists nothing.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/retention", operation_id = "retention_preview", params(("unit_id" = Uuid, Path)), responses((status = 200, body = RetentionPreview)))]
async fn retention_preview(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<RetentionPreview>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyRead, UnitId(unit_id)).await?;
    let rules = policy(app).await?;
    let mut due: Vec<RetentionDue> = rules
        .retention
        .rule
        .iter()
        .map(|rule| RetentionDue {
            rule: rule.clone(),
            customers: 0,
            since: None,
        })
        .collect();
    for branch in branches_of(app, &scope).await? {
        let found = preview(app, &rules, branch.unit_id(), ctx.today()).await?;
        for (sum, (_, found)) in due.iter_mut().zip(found) {
            sum.customers += found.len() as i64;
            let first = found.iter().map(|(_, day)| day.to_string()).min();
            sum.since = [sum.since.take(), first].into_iter().flatten().min();
        }
    }
    Ok(Json(RetentionPreview {
        policy_version: rules.version,
        batch_rows: rules.retention.batch_rows,
        rules: due,
    }))
}

/// A list of customers that are due.
#[derive(Serialize, ToSchema)]
pub struct RetentionBatchView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    rule: String,
    policy_version: i64,
    /// `proposed`, `approved`, `rejected` or `done`.
    state: String,
    customers: i64,
    erased: i64,
    made_at: String,
    decided_at: Option<String>,
    decided_by_name: String,
    reason: String,
    ended_at: Option<String>,
    certificate_id: Option<Uuid>,
    certificate_number: Option<String>,
}

async fn view(state: &WebState, b: Batch) -> Answer<RetentionBatchView> {
    let certificate = match b.ended_at {
        Some(_) => of_batch(&state.app, b.unit_id, b.id).await?,
        None => None,
    };
    Ok(RetentionBatchView {
        id: b.id,
        unit_id: b.unit_id.uuid(),
        unit_name: unit_fetch(&state.app, b.unit_id).await?.name,
        rule: b.rule,
        policy_version: b.policy_version,
        state: b.state,
        customers: b.customers,
        erased: b.erased,
        made_at: b.made_at.to_string(),
        decided_at: b.decided_at.map(|t| t.to_string()),
        decided_by_name: b.decided_by_name,
        reason: b.reason,
        ended_at: b.ended_at.map(|t| t.to_string()),
        certificate_id: certificate.as_ref().map(|(id, _)| *id),
        certificate_number: certificate.map(|(_, number)| number),
    })
}

/// Lists of what is due, newest first.
#[utoipa::path(get, path = "/api/v1/retention", operation_id = "retention_list", params(PageQuery), responses((status = 200, body = Page<RetentionBatchView>)))]
async fn retention_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<RetentionBatchView>>> {
    let after: Option<(i64, Uuid)> = page.key()?;
    let after = after.map(|(at, id)| (Timestamp(at), id));
    let rows = service::list(&state.app, &caller.ctx, after, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|b| zf_web::page::cursor(&(b.made_at.0, b.id)));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, row).await?);
    }
    Ok(Json(Page { items, next }))
}

/// A decision about a list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionDecision {
    /// `approve` or `reject`.
    decision: String,
    /// Why not; without personal data.
    #[serde(default)]
    reason: String,
}

/// Agrees to erase a list, or keeps the records.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/retention/{batch_id}/decision", operation_id = "retention_decide", params(("unit_id" = Uuid, Path), ("batch_id" = Uuid, Path)), request_body = RetentionDecision, responses((status = 200, body = RetentionBatchView)))]
async fn retention_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<RetentionDecision>,
) -> Answer<Json<RetentionBatchView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyApprove, UnitId(unit_id)).await?;
    let approve = match body.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(Problem::field("decision", "field.not_in_list")),
    };
    let batch = service::decide(app, ctx, &scope, id, approve, &body.reason).await?;
    Ok(Json(view(&state, batch).await?))
}
