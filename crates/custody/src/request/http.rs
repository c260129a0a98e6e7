//! HTTP of requests: record, list, end, erase with a second person, the report
//! of everything known, certificates. Which unit is asked here, the rules are
//! in the service.

use super::certificate::{Certificate, certificate};
use super::erase::Erased;
use super::report::{AccessReport, report};
use super::service::{self, NewRequest};
use super::store::REQUEST_CUSTOMER;
use super::{Kind, Request, State};
use crate::consent::http::day;
use crate::privacy::{RequestView, request_view};
use axum::Json;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::mask::{Kind as _, PersonName};
use zf_base::{CustomerId, RequestId, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_network::customer::seal::{self, Column};
use zf_store::params;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let (read, write) = (
        Access::Needs(Permission::PrivacyRead),
        Access::Needs(Permission::PrivacyWrite),
    );
    api.op(read, routes!(request_list))
        .op(write, routes!(request_open))
        .op(write, routes!(request_end))
        .op(
            Access::Needs(Permission::PrivacyApprove),
            routes!(request_erase),
        )
        .op(
            Access::Needs(Permission::CustomerReveal),
            routes!(customer_report),
        )
        .op(read, routes!(certificate_get))
}

async fn view(state: &WebState, caller: &Caller, r: Request) -> Answer<RequestView> {
    let (app, unit, customer) = (&state.app, r.unit_id, r.customer_id);
    let unit_name = unit_fetch(app, unit).await?.name;
    let mut view = request_view(app, &caller.ctx, unit_name, r).await?;
    let rows = app
        .read_unit(unit, REQUEST_CUSTOMER, params![customer])
        .await?;
    if let Some(row) = rows.first() {
        let no = row.get(0).map_err(zf_kernel::KernelError::from)?;
        let sealed: Vec<u8> = row.get(1).map_err(zf_kernel::KernelError::from)?;
        let name = seal::open(app, Column::Name, unit, customer, Some(&sealed))?;
        (view.customer_no, view.name_masked) = (no, PersonName::mask(&name));
    }
    Ok(view)
}

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestQuery {
    /// `open` (when absent), `done`, `refused` or `withdrawn`.
    state: Option<String>,
}

/// Requests in everything the caller may see, the most urgent first.
#[utoipa::path(get, path = "/api/v1/privacy/requests", operation_id = "request_list", params(RequestQuery, PageQuery), responses((status = 200, body = Page<RequestView>)))]
async fn request_list(
    From(state): From<WebState>,
    caller: Caller,
    Query(which): Query<RequestQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<RequestView>>> {
    let wanted = State::from_text(which.state.as_deref().unwrap_or("open"))
        .ok_or_else(|| Problem::field("state", "field.not_in_list"))?;
    let after: Option<(zf_base::Day, RequestId)> = page.key()?;
    let rows = service::list(&state.app, &caller.ctx, wanted, after, page.rows()).await?;
    let next = rows
        .last()
        .filter(|_| rows.len() as i64 >= page.rows())
        .map(|r| zf_web::page::cursor(&(r.due_day, r.id)));
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&state, &caller, row).await?);
    }
    Ok(Json(Page { items, next }))
}

/// A request of a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestBody {
    /// `access`, `correction`, `erasure`, `objection` or `portability`.
    kind: String,
    /// How it came, a channel of `/sources`.
    channel: String,
    /// When it was asked; absent = today.
    asked_day: Option<String>,
    /// What the person said; kept sealed.
    #[serde(default)]
    detail: String,
    /// The field to correct.
    #[serde(default)]
    field: String,
    /// What shall stand there; kept sealed.
    #[serde(default)]
    new_value: String,
}

/// Records a request; the answer says by when it is due.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/customers/{customer_id}/requests", operation_id = "request_open", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = RequestBody, responses((status = 201, body = RequestView)))]
async fn request_open(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<RequestBody>,
) -> Answer<(StatusCode, Json<RequestView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let new = NewRequest {
        kind: Kind::from_text(&body.kind)
            .ok_or_else(|| Problem::field("kind", "field.not_in_list"))?,
        channel: body.channel,
        asked_day: day("asked_day", body.asked_day.as_deref())?.unwrap_or(ctx.today()),
        detail: body.detail,
        field: body.field,
        new_value: body.new_value,
    };
    let request = service::open(app, ctx, &scope, CustomerId(id), &new).await?;
    let view = view(&state, &caller, request).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// How it ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestEnd {
    /// `done`, `refused` or `withdrawn`; an erasure is done by `erasure`.
    state: String,
    /// Why not; without personal data.
    #[serde(default)]
    reason: String,
}

/// Ends a request; a correction is written to the customer.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/requests/{request_id}/end", operation_id = "request_end", params(("unit_id" = Uuid, Path), ("request_id" = Uuid, Path)), request_body = RequestEnd, responses((status = 200, body = RequestView)))]
async fn request_end(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<RequestEnd>,
) -> Answer<Json<RequestView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let to = State::from_text(&body.state).filter(|s| *s != State::Open);
    let to = to.ok_or_else(|| Problem::field("state", "field.not_in_list"))?;
    let request = service::end(app, ctx, &scope, RequestId(id), to, &body.reason).await?;
    Ok(Json(view(&state, &caller, request).await?))
}

/// A second person decides on an erasure.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureDecision {
    /// `approve` or `refuse`.
    decision: String,
    /// Why not; without personal data.
    #[serde(default)]
    reason: String,
}

/// Erases a customer that somebody else has asked for, or refuses.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/requests/{request_id}/erasure", operation_id = "request_erase", params(("unit_id" = Uuid, Path), ("request_id" = Uuid, Path)), request_body = ErasureDecision, responses((status = 200, body = RequestView)))]
async fn request_erase(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ErasureDecision>,
) -> Answer<Json<RequestView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyApprove, UnitId(unit_id)).await?;
    let to = match body.decision.as_str() {
        "approve" => State::Done,
        "refuse" => State::Refused,
        _ => return Err(Problem::field("decision", "field.not_in_list")),
    };
    let decided = service::decide_erasure(app, ctx, &scope, RequestId(id), to, &body.reason);
    let (request, _) = decided.await?;
    Ok(Json(view(&state, &caller, request).await?))
}

/// Why the report is made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Why; stored with the event.
    reason: String,
}

/// Everything known about a person, in full, for printing. Counts as a reveal.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/customers/{customer_id}/report/print", operation_id = "customer_report", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = ReportBody, responses((status = 200, body = AccessReport)))]
async fn customer_report(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ReportBody>,
) -> Answer<Json<AccessReport>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    // Who may see one full value is not yet who answers such a request.
    if !ctx.may(Permission::PrivacyWrite) {
        return Err(Problem::new(zf_base::code::ErrorCode::PERMISSION_DENIED));
    }
    let scope = scope_of(app, ctx, Permission::CustomerReveal, UnitId(unit_id)).await?;
    Ok(Json(
        report(app, ctx, &scope, CustomerId(id), &body.reason).await?,
    ))
}

/// 删除证明.
#[derive(Serialize, ToSchema)]
pub struct CertificateView {
    id: Uuid,
    number: String,
    unit_name: String,
    request_id: Option<Uuid>,
    batch_id: Option<Uuid>,
    customers: i64,
    erased: Erased,
    asked_by_name: String,
    approved_by_name: String,
    made_at: String,
    /// Chain of the unit in which the event stands.
    event_stream: Option<i64>,
    /// Its number in the chain.
    event_seq: Option<i64>,
    /// Its keyed hash, hexadecimal.
    event_hash: Option<String>,
}

/// One certificate of erasure, for printing.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/certificates/{certificate_id}", operation_id = "certificate_get", params(("unit_id" = Uuid, Path), ("certificate_id" = Uuid, Path)), responses((status = 200, body = CertificateView)))]
async fn certificate_get(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<CertificateView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyRead, UnitId(unit_id)).await?;
    let c: Certificate = certificate(app, scope.unit_id(), id).await?;
    let (event_stream, event_seq, event_hash) = match c.event {
        Some((stream, seq, hash)) => (Some(stream), Some(seq), Some(hash)),
        None => (None, None, None),
    };
    Ok(Json(CertificateView {
        id: c.id,
        number: c.number,
        unit_name: scope.unit().name.clone(),
        request_id: c.request_id.map(|r| r.uuid()),
        batch_id: c.batch_id,
        customers: c.customers,
        erased: c.erased,
        asked_by_name: c.asked_by_name,
        approved_by_name: c.approved_by_name,
        made_at: c.made_at.to_string(),
        event_stream,
        event_seq,
        event_hash,
    }))
}
