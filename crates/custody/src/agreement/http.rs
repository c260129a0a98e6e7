//! HTTP of agreements: list, record, decide, and figures under one. Which unit
//! is asked here; how figures are made safe is not known here.
//! What goes out are counts of groups, nothing about a person.

use super::Agreement;
use super::service::{self, Decision, NewAgreement, Subject};
use crate::aggregate::Aggregate;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Day, Timestamp, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let (read, write) = (
        Access::Needs(Permission::PrivacyRead),
        Access::Needs(Permission::PrivacyWrite),
    );
    api.op(read, routes!(agreement_list))
        .op(write, routes!(agreement_make))
        .op(
            Access::Needs(Permission::PrivacyApprove),
            routes!(agreement_decide),
        )
        .op(write, routes!(agreement_share))
}

/// Figures were given out.
#[derive(Serialize, ToSchema)]
pub struct ShareView {
    subject: String,
    cells: i64,
    withheld: i64,
    made_at: String,
    made_by_name: String,
}

/// 数据提供协议.
#[derive(Serialize, ToSchema)]
pub struct AgreementView {
    id: Uuid,
    unit_id: Uuid,
    unit_name: String,
    party: String,
    purpose: String,
    k: i64,
    expires_day: String,
    /// `proposed`, `approved`, `rejected`, `ended` or `expired`.
    state: String,
    made_by_name: String,
    made_at: String,
    decided_by_name: String,
    decided_at: Option<String>,
    /// The caller has recorded it.
    mine: bool,
    /// Newest first.
    shares: Vec<ShareView>,
}

async fn view(state: &WebState, caller: &Caller, a: Agreement) -> Answer<AgreementView> {
    let shares = service::shares(&state.app, a.unit_id, a.id).await?;
    let expired = a.state == "approved" && a.expires_day < caller.ctx.today();
    Ok(AgreementView {
        id: a.id,
        unit_id: a.unit_id.uuid(),
        unit_name: unit_fetch(&state.app, a.unit_id).await?.name,
        party: a.party,
        purpose: a.purpose,
        k: a.k,
        expires_day: a.expires_day.to_string(),
        state: if expired {
            "expired".to_owned()
        } else {
            a.state
        },
        mine: a.made_by == caller.ctx.actor.user_id,
        made_by_name: a.made_by_name,
        made_at: a.made_at.to_string(),
        decided_by_name: a.decided_by_name,
        decided_at: a.decided_at.map(|t| t.to_string()),
        shares: shares
            .into_iter()
            .map(|s| ShareView {
                subject: s.subject,
                cells: s.cells,
                withheld: s.withheld,
                made_at: s.made_at.to_string(),
                made_by_name: s.made_by_name,
            })
            .collect(),
    })
}

/// Agreements with outside parties, newest first.
#[utoipa::path(get, path = "/api/v1/agreements", operation_id = "agreement_list", params(PageQuery), responses((status = 200, body = Page<AgreementView>)))]
async fn agreement_list(
    State(state): State<WebState>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<AgreementView>>> {
    let after: Option<(i64, Uuid)> = page.key()?;
    let after = after.map(|(at, id)| (Timestamp(at), id));
    let rows = service::list(&state.app, &caller.ctx, after, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|a| zf_web::page::cursor(&(a.made_at.0, a.id)));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, &caller, row).await?);
    }
    Ok(Json(Page { items, next }))
}

/// An agreement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementBody {
    /// Who gets the figures; no name of a person.
    party: String,
    /// What for.
    purpose: String,
    /// Smallest group shown; at least that of the rules.
    k: i64,
    /// Last day, `YYYY-MM-DD`.
    expires_day: String,
}

/// Records an agreement for a unit and everything below it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/agreements", operation_id = "agreement_make", params(("unit_id" = Uuid, Path)), request_body = AgreementBody, responses((status = 201, body = AgreementView)))]
async fn agreement_make(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<AgreementBody>,
) -> Answer<(StatusCode, Json<AgreementView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let day: Result<Day, _> = body.expires_day.trim().parse();
    let new = NewAgreement {
        party: body.party,
        purpose: body.purpose,
        k: body.k,
        expires_day: day.map_err(|_| Problem::field("expires_day", "field.day"))?,
    };
    let agreement = service::make(app, ctx, &scope, &new).await?;
    let view = view(&state, &caller, agreement).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// A decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementDecision {
    /// `approve`, `reject` or `end`.
    decision: String,
}

/// Approves or rejects an agreement of somebody else, or ends one.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/agreements/{agreement_id}/decision", operation_id = "agreement_decide", params(("unit_id" = Uuid, Path), ("agreement_id" = Uuid, Path)), request_body = AgreementDecision, responses((status = 200, body = AgreementView)))]
async fn agreement_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<AgreementDecision>,
) -> Answer<Json<AgreementView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyApprove, UnitId(unit_id)).await?;
    let decision = match body.decision.as_str() {
        "approve" => Decision::Approve,
        "reject" => Decision::Reject,
        "end" => Decision::End,
        _ => return Err(Problem::field("decision", "field.not_in_list")),
    };
    let agreement = service::decide(app, ctx, &scope, id, decision).await?;
    Ok(Json(view(&state, &caller, agreement).await?))
}

/// What figures.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareBody {
    /// `village_band` or `township_tag`.
    subject: String,
}

/// Figures for the party of an agreement: no cell of fewer people than agreed.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/agreements/{agreement_id}/share", operation_id = "agreement_share", params(("unit_id" = Uuid, Path), ("agreement_id" = Uuid, Path)), request_body = ShareBody, responses((status = 200, body = Aggregate)))]
async fn agreement_share(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ShareBody>,
) -> Answer<Json<Aggregate>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let subject = Subject::from_text(&body.subject)
        .ok_or_else(|| Problem::field("subject", "field.not_in_list"))?;
    Ok(Json(service::share(app, ctx, &scope, id, subject).await?))
}
