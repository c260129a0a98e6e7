//! HTTP of moves and closings. Customers are named by id; what leaves are
//! counts, units and names of those who asked.
//! What may move where is decided in the service.

use super::closing::{self, Closing, ClosingPlan};
use super::service::{self, Asked, Who};
use super::{Transfer, words};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Timestamp;
use zf_kernel::unit::service::{branches_of, scope_of, unit_fetch};
use zf_kernel::{Permission, UnitScope};
use zf_web::page::cursor;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let right = Access::Needs(Permission::CustomerTransfer);
    api.op(right, routes!(transfer_list))
        .op(right, routes!(transfer_create))
        .op(right, routes!(transfer_get))
        .op(right, routes!(transfer_undo))
        .op(right, routes!(unit_closing_get))
        .op(right, routes!(unit_closing_start))
}

/// A move of customers to another branch.
#[derive(Serialize, ToSchema)]
pub struct TransferView {
    id: Option<Uuid>,
    unit_id: Uuid,
    unit_name: String,
    to_unit_id: Uuid,
    to_unit_name: String,
    /// `customer`, `household`, `village_group` or `unit`.
    kind: String,
    reason: String,
    reason_name: String,
    /// `preview`, `running`, `done`, `undoing` or `undone`.
    state: String,
    customers: i64,
    arrived: i64,
    /// Stayed because their number is taken there, or because they had left.
    refused: i64,
    undone: i64,
    /// Only of a preview: customer numbers the other branch has already.
    taken: i64,
    asked_at: Option<String>,
    asked_by_name: Option<String>,
    ended_at: Option<String>,
    undone_at: Option<String>,
    undone_by_name: Option<String>,
}

async fn view(state: &WebState, t: Transfer) -> Answer<TransferView> {
    let app = &state.app;
    let counts = service::transfer_counts(app, &t).await?;
    let count = |of: &str| counts.get(of).copied().unwrap_or(0);
    Ok(TransferView {
        id: Some(t.id.uuid()),
        unit_id: t.unit_id.uuid(),
        unit_name: unit_fetch(app, t.unit_id).await?.name,
        to_unit_id: t.to_unit.uuid(),
        to_unit_name: unit_fetch(app, t.to_unit).await?.name,
        kind: t.kind,
        reason_name: words::reason(&t.reason).to_owned(),
        reason: t.reason,
        state: t.state,
        customers: t.customers,
        arrived: count("arrived"),
        refused: count("refused") + count("stayed"),
        undone: count("undone"),
        taken: 0,
        asked_at: Some(t.asked_at.to_string()),
        asked_by_name: Some(t.asked_by_name),
        ended_at: t.ended_at.map(|t| t.to_string()),
        undone_at: t.undone_at.map(|t| t.to_string()),
        undone_by_name: t.undone_by_name,
    })
}

/// Whom to move: exactly one of the four.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    customer_ids: Option<Vec<Uuid>>,
    household_id: Option<Uuid>,
    village_group_id: Option<Uuid>,
    /// Everybody in the branch.
    #[serde(default)]
    all: bool,
    to_unit_id: Uuid,
    /// One of `wrong_branch`, `moved_house`, `married_away`, `customer_wish`, `area_change`, `branch_closing`.
    reason: String,
    /// Only tell what would happen.
    #[serde(default)]
    preview: bool,
}

fn who(body: &TransferBody) -> Answer<Who> {
    let given = (
        &body.customer_ids,
        body.household_id,
        body.village_group_id,
        body.all,
    );
    match given {
        (Some(ids), None, None, false) if ids.len() <= CUSTOMERS_NAMED => {
            Ok(Who::Customers(ids.iter().map(|id| (*id).into()).collect()))
        }
        (None, Some(id), None, false) => Ok(Who::Household(id.into())),
        (None, None, Some(id), false) => Ok(Who::VillageGroup(id.into())),
        (None, None, None, true) => Ok(Who::All),
        _ => Err(Problem::field("customer_ids", "field.required")),
    }
}

/// Customers that a request may name one by one.
const CUSTOMERS_NAMED: usize = 500;

async fn scope(state: &WebState, caller: &Caller, unit: Uuid) -> Answer<UnitScope> {
    let right = Permission::CustomerTransfer;
    Ok(scope_of(&state.app, &caller.ctx, right, unit.into()).await?)
}

/// Moves customers to another branch, or tells what would happen.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/transfers", operation_id = "transfer_create", params(("unit_id" = Uuid, Path)), request_body = TransferBody, responses((status = 200, body = TransferView)))]
async fn transfer_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<TransferBody>,
) -> Answer<Json<TransferView>> {
    let from = scope(&state, &caller, unit_id).await?;
    let asked = Asked {
        who: who(&body)?,
        to: body.to_unit_id.into(),
        reason: body.reason,
        closing: None,
    };
    let (app, ctx) = (&state.app, &caller.ctx);
    if !body.preview {
        let t = service::transfer_ask(app, ctx, &from, &asked).await?;
        return Ok(Json(view(&state, t).await?));
    }
    let what = service::preview(app, ctx, &from, &asked).await?;
    Ok(Json(TransferView {
        id: None,
        unit_id,
        unit_name: from.unit().name.clone(),
        to_unit_id: asked.to.uuid(),
        to_unit_name: unit_fetch(app, asked.to).await?.name,
        kind: String::new(),
        reason_name: words::reason(&asked.reason).to_owned(),
        reason: asked.reason,
        state: "preview".to_owned(),
        customers: what.customers.len() as i64,
        arrived: 0,
        refused: 0,
        undone: 0,
        taken: what.taken as i64,
        asked_at: None,
        asked_by_name: None,
        ended_at: None,
        undone_at: None,
        undone_by_name: None,
    }))
}

/// Moves out of a branch or of all branches below a unit, the newest first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/transfers", operation_id = "transfer_list", params(("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<TransferView>)))]
async fn transfer_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<TransferView>>> {
    let app = &state.app;
    let scope = scope(&state, &caller, unit_id).await?;
    let newest = (crate::merge::NEWEST.0, Uuid::max());
    let (at, id): (i64, Uuid) = page.key()?.unwrap_or(newest);
    let limit = page.rows();
    let mut scopes = branches_of(app, &scope).await?;
    if scopes.is_empty() {
        // A closed branch still shows what became of its customers.
        scopes.push(scope);
    }
    let mut all: Vec<Transfer> = Vec::new();
    for branch in scopes {
        all.extend(service::transfer_list(app, &branch, (Timestamp(at), id), limit).await?);
    }
    all.sort_by_key(|t| std::cmp::Reverse((t.asked_at.0, t.id)));
    let more = all.len() as i64 >= limit;
    all.truncate(usize::try_from(limit).unwrap_or(0));
    let next = all
        .last()
        .filter(|_| more)
        .map(|t| cursor(&(t.asked_at.0, t.id.uuid())));
    let mut items = Vec::with_capacity(all.len());
    for t in all {
        items.push(view(&state, t).await?);
    }
    Ok(Json(Page { items, next }))
}

/// One move.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/transfers/{transfer_id}", operation_id = "transfer_get", params(("unit_id" = Uuid, Path), ("transfer_id" = Uuid, Path)), responses((status = 200, body = TransferView)))]
async fn transfer_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<TransferView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let t = service::transfer_fetch(&state.app, scope.unit_id(), id.into()).await?;
    Ok(Json(view(&state, t).await?))
}

/// Takes a move back.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/transfers/{transfer_id}/undo", operation_id = "transfer_undo", params(("unit_id" = Uuid, Path), ("transfer_id" = Uuid, Path)), responses((status = 200, body = TransferView)))]
async fn transfer_undo(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<TransferView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let t = service::transfer_undo(&state.app, &caller.ctx, &scope, id.into()).await?;
    Ok(Json(view(&state, t).await?))
}

/// What is in a branch, and how far its closing is.
#[derive(Serialize, ToSchema)]
pub struct UnitClosingView {
    unit_id: Uuid,
    unit_name: String,
    active: bool,
    customers: i64,
    staff: i64,
    accounts: i64,
    grants: i64,
    draft_plans: i64,
    /// `none`, `running`, `stuck` or `closed`.
    state: String,
    reason: Option<String>,
    /// Counts when the closing began.
    customers_before: Option<i64>,
    staff_before: Option<i64>,
    accounts_before: Option<i64>,
    job_id: Option<Uuid>,
    asked_at: Option<String>,
    asked_by_name: Option<String>,
    ended_at: Option<String>,
}

async fn closing_view(state: &WebState, scope: &UnitScope) -> Answer<UnitClosingView> {
    let app = &state.app;
    let now = closing::contents(app, scope).await?;
    let last: Option<Closing> = closing::closing_last(app, scope.unit_id()).await?;
    let unit = unit_fetch(app, scope.unit_id()).await?;
    let last = last.as_ref();
    Ok(UnitClosingView {
        unit_id: unit.id.uuid(),
        unit_name: unit.name,
        active: unit.active,
        customers: now.customers,
        staff: now.staff,
        accounts: now.accounts,
        grants: now.grants,
        draft_plans: now.draft_plans,
        state: last.map_or("none".to_owned(), |c| c.state.clone()),
        reason: last.map(|c| c.reason.clone()),
        customers_before: last.map(|c| c.customers),
        staff_before: last.map(|c| c.staff),
        accounts_before: last.map(|c| c.accounts),
        job_id: last.and_then(|c| c.job_id).map(|j| j.uuid()),
        asked_at: last.map(|c| c.asked_at.to_string()),
        asked_by_name: last.map(|c| c.asked_by_name.clone()),
        ended_at: last.and_then(|c| c.ended_at).map(|t| t.to_string()),
    })
}

/// What is in a branch, and how far its closing is.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/closing", operation_id = "unit_closing_get", params(("unit_id" = Uuid, Path)), responses((status = 200, body = UnitClosingView)))]
async fn unit_closing_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<UnitClosingView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    Ok(Json(closing_view(&state, &scope).await?))
}

/// Where the customers of one village group go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosingGroup {
    village_group_id: Uuid,
    to_unit_id: Uuid,
}

/// Where everything in the branch goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosingBody {
    /// Customers of these village groups.
    #[serde(default)]
    groups: Vec<ClosingGroup>,
    /// All other customers.
    rest_to_unit_id: Uuid,
    /// Staff and accounts.
    staff_to_unit_id: Uuid,
    reason: String,
}

/// Closes a branch, or goes on with a closing that is stuck; a job does it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/closing", operation_id = "unit_closing_start", params(("unit_id" = Uuid, Path)), request_body = ClosingBody, responses((status = 202, body = UnitClosingView)))]
async fn unit_closing_start(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<ClosingBody>,
) -> Answer<(StatusCode, Json<UnitClosingView>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope(&state, &caller, unit_id).await?;
    // Closing is a matter of the unit above: the right must hold there too.
    let above = scope.unit().parent_id;
    let above = above.ok_or_else(|| Problem::field("unit_id", "field.not_in_list"))?;
    scope_of(app, ctx, Permission::CustomerTransfer, above).await?;
    scope_of(app, ctx, Permission::UnitWrite, scope.unit_id()).await?;
    scope_of(app, ctx, Permission::StaffWrite, scope.unit_id()).await?;
    let groups = body.groups.iter();
    let plan = ClosingPlan {
        groups: groups
            .map(|g| (g.village_group_id.into(), g.to_unit_id.into()))
            .collect::<BTreeMap<_, _>>(),
        rest_to: body.rest_to_unit_id.into(),
        staff_to: body.staff_to_unit_id.into(),
    };
    closing::closing_ask(app, ctx, &scope, &plan, &body.reason).await?;
    let view = closing_view(&state, &scope).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}
