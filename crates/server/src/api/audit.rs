//! The audit log and its verification over HTTP. Events come from the chains of
//! the visible units and are merged by time; details hold facts, never personal
//! data. The verification re-computes every chain and changes nothing.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Timestamp, UnitId};
use zf_kernel::Permission;
use zf_kernel::event::service::{Before, event_list};
use zf_kernel::event::{Event, verify};
use zf_kernel::unit::service::{unit_root, units_visible};
use zf_vault::Problem as ChainProblem;
use zf_web::{Access, Answer, Api, Caller, Page, PageQuery, Problem, WebState, words};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::AuditRead), routes!(audit_list))
        .op(
            Access::Needs(Permission::AuditVerify),
            routes!(audit_verify),
        )
}

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only this unit; else all visible ones.
    unit_id: Option<Uuid>,
    /// Beginning of the action, e.g. `customer.`.
    action: Option<String>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct AuditView {
    id: Uuid,
    at: String,
    actor_name: String,
    action: String,
    action_name: String,
    unit_name: String,
    target_kind: String,
    target_id: String,
    summary: String,
    stream: i64,
    seq: i64,
}

/// One damage of the chain.
#[derive(Serialize, ToSchema)]
pub struct AuditFinding {
    unit_name: String,
    stream: i64,
    seq: i64,
    /// Stable kind.
    kind: String,
    /// In words.
    text: String,
}

/// Result of a verification.
#[derive(Serialize, ToSchema)]
pub struct AuditReport {
    ok: bool,
    events: u64,
    findings: Vec<AuditFinding>,
}

/// Events of the visible units, newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "audit_list", params(AuditQuery), responses((status = 200, body = Page<AuditView>)))]
async fn audit_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Answer<Json<Page<AuditView>>> {
    let app = &state.app;
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let before = match page.key::<(i64, Uuid)>()? {
        Some((at, id)) => Before {
            at: Timestamp(at),
            id,
        },
        None => Before::newest(),
    };
    let units = units_visible(app, &caller.ctx, Permission::AuditRead).await?;
    if let Some(wanted) = query.unit_id
        && !units.iter().any(|u| u.id.uuid() == wanted)
    {
        return Err(Problem::new(ErrorCode::UNIT_NOT_FOUND));
    }
    let names: HashMap<UnitId, String> = units.iter().map(|u| (u.id, u.name.clone())).collect();
    let mut events: Vec<Event> = Vec::new();
    for unit in units
        .iter()
        .filter(|u| query.unit_id.is_none_or(|w| u.id.uuid() == w))
    {
        let scope = caller.ctx.scope(Permission::AuditRead, unit)?;
        events.extend(
            event_list(
                app,
                &scope,
                query.action.as_deref().unwrap_or(""),
                before,
                page.rows(),
            )
            .await?,
        );
    }
    events.sort_by_key(|e| std::cmp::Reverse((e.at, e.id)));
    events.truncate(page.rows() as usize);
    let next = events
        .last()
        .filter(|_| events.len() as i64 >= page.rows())
        .map(|e| zf_web::page::cursor(&(e.at.0, e.id)));
    let items = events.into_iter().map(|e| AuditView {
        id: e.id,
        at: e.at.to_string(),
        action_name: words::action(&e.action),
        unit_name: names.get(&e.unit_id).cloned().unwrap_or_default(),
        actor_name: e.actor_name,
        action: e.action,
        target_kind: e.target_kind,
        target_id: e.target_id,
        summary: e.detail,
        stream: e.stream,
        seq: e.seq,
    });
    Ok(Json(Page {
        items: items.collect(),
        next,
    }))
}

/// Re-computes the chain of the whole installation.
#[utoipa::path(post, path = "/api/v1/audit/verify", operation_id = "audit_verify", responses((status = 200, body = AuditReport)))]
async fn audit_verify(State(state): State<WebState>, caller: Caller) -> Answer<Json<AuditReport>> {
    let app = &state.app;
    let root = unit_root(app)
        .await?
        .ok_or_else(|| Problem::new(ErrorCode::NOT_FOUND))?;
    caller.ctx.scope(Permission::AuditVerify, &root)?;
    let report = verify::verify_all(app).await?;
    let units = zf_kernel::unit::service::unit_subtree(app, &root.path).await?;
    let names: HashMap<Uuid, String> = units.into_iter().map(|u| (u.id.uuid(), u.name)).collect();
    let findings = report.findings.iter().map(|f| AuditFinding {
        unit_name: names
            .get(&f.unit)
            .cloned()
            .unwrap_or_else(|| f.unit.to_string()),
        stream: i64::from(f.stream),
        seq: f.seq,
        kind: kind(&f.problem).to_owned(),
        text: crate::words::chain_problem(kind(&f.problem)).to_owned(),
    });
    Ok(Json(AuditReport {
        ok: report.findings.is_empty(),
        events: report.events,
        findings: findings.collect(),
    }))
}

/// Stable name of a damage.
pub fn kind(problem: &ChainProblem) -> &'static str {
    match problem {
        ChainProblem::Changed => "changed",
        ChainProblem::Missing { .. } => "missing",
        ChainProblem::OutOfOrder => "out_of_order",
        ChainProblem::Truncated { .. } => "truncated",
        ChainProblem::BeyondHead { .. } => "beyond_head",
        ChainProblem::HeadDiffers => "head_differs",
        ChainProblem::HeadForged => "head_forged",
        ChainProblem::HeadMissing => "head_missing",
    }
}
