//! HTTP of records that may be one person. Both records stand side by side,
//! masked; that masked values differ is told, what they are is not. A record of
//! a branch out of the caller's reach is not shown at all.

use super::service::{self, FIRST, Key, Reach, Typed};
use super::{Pair, words};
use crate::merge::http::{MergeView, merge_view};
use crate::merge::service::{Asked, merge_ask, merge_fetch};
use crate::merge::{Merge, Seat};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::geo::haversine_m;
use zf_base::mask::{Permit, Reason};
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_kernel::{Permission, UnitScope};
use zf_network::customer::Customer;
use zf_network::customer::service::customer_fetch;
use zf_network::village_group::service::village_group_list;
use zf_web::page::cursor;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let merge = Access::Needs(Permission::CustomerMerge);
    api.op(merge, routes!(duplicate_list))
        .op(merge, routes!(duplicate_get))
        .op(merge, routes!(duplicate_decide))
        .op(merge, routes!(duplicate_agree))
        .op(merge, routes!(duplicate_merge))
        .op(merge, routes!(duplicate_scan_get))
        .op(merge, routes!(duplicate_scan))
        .op(
            Access::Needs(Permission::CustomerWrite),
            routes!(duplicate_check),
        )
}

/// A code with its word.
#[derive(Serialize, ToSchema)]
#[schema(as = DuplicateReason)]
pub struct ReasonView {
    code: String,
    text: String,
}

/// One of the two records.
#[derive(Serialize, ToSchema)]
pub struct DuplicateRecord {
    unit_id: Uuid,
    unit_name: String,
    customer_id: Uuid,
    /// Of a branch in the caller's reach, and still there.
    visible: bool,
    customer_no: Option<String>,
    household_no: Option<String>,
    four_fields_complete: bool,
    do_not_visit: bool,
    updated_at: Option<String>,
}

/// One field of both records, masked.
#[derive(Serialize, ToSchema)]
pub struct DuplicateField {
    field: String,
    name: String,
    own: String,
    other: String,
    /// `same`, `differs`, `own_only`, `other_only` or `empty`.
    compared: &'static str,
    /// May be taken from the record that is not kept.
    choosable: bool,
}

/// Two records that may be one person.
#[derive(Serialize, ToSchema)]
pub struct DuplicateView {
    id: Uuid,
    unit_id: Uuid,
    /// How alike, 0…1000.
    score: i64,
    /// Why, as codes.
    reasons: Vec<ReasonView>,
    /// Why, as one sentence.
    why: String,
    /// `open`, `later`, `rejected`, `proposed`, `merged` or `gone`.
    state: String,
    across: bool,
    own: DuplicateRecord,
    other: DuplicateRecord,
    /// Empty when one of the records is not visible.
    fields: Vec<DuplicateField>,
    merge: Option<MergeView>,
    /// The caller may decide in both branches.
    decides_both: bool,
    found_at: String,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
}

/// Which pairs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    /// `open` when absent.
    state: Option<String>,
    /// `within`, `across`; all when absent.
    reach: Option<String>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

fn field(
    code: &str,
    (own, other): (String, String),
    (clear_own, clear_other): (&str, &str),
    choosable: bool,
) -> DuplicateField {
    let compared = match (clear_own.is_empty(), clear_other.is_empty()) {
        (true, true) => "empty",
        (false, true) => "own_only",
        (true, false) => "other_only",
        _ if clear_own == clear_other => "same",
        _ => "differs",
    };
    DuplicateField {
        field: code.to_owned(),
        name: words::field(code).to_owned(),
        own,
        other,
        compared,
        choosable: choosable && matches!(compared, "differs" | "other_only" | "own_only"),
    }
}

/// What is known of the village groups of one branch.
async fn group_name(state: &WebState, caller: &Caller, c: &Customer) -> Answer<String> {
    let Some(id) = c.village_group_id else {
        return Ok(String::new());
    };
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, c.unit_id).await?;
    let groups = village_group_list(app, &scope).await?;
    let own = groups.iter().find(|g| g.id == id);
    Ok(own.map_or(String::new(), |g| format!("{}{}", g.village, g.name)))
}

/// The fields that are kept sealed: shown masked, compared in full.
fn sealed_fields(a: &Customer, b: &Customer) -> Vec<DuplicateField> {
    let permit = Permit::for_reason(Reason::CHECK);
    vec![
        field(
            "name",
            (a.name.masked(), b.name.masked()),
            (a.name.reveal(&permit), b.name.reveal(&permit)),
            true,
        ),
        field(
            "phone",
            (a.phone.masked(), b.phone.masked()),
            (a.phone.reveal(&permit), b.phone.reveal(&permit)),
            true,
        ),
        field(
            "id_number",
            (a.id_number.masked(), b.id_number.masked()),
            (a.id_number.reveal(&permit), b.id_number.reveal(&permit)),
            true,
        ),
        field(
            "address",
            (a.address.masked(), b.address.masked()),
            (a.address.reveal(&permit), b.address.reveal(&permit)),
            true,
        ),
        field(
            "notes",
            (a.notes.masked(), b.notes.masked()),
            (a.notes.reveal(&permit), b.notes.reveal(&permit)),
            true,
        ),
    ]
}

async fn compared(
    state: &WebState,
    caller: &Caller,
    a: &Customer,
    b: &Customer,
) -> Answer<Vec<DuplicateField>> {
    let plain =
        |code: &str, x: &str, y: &str| field(code, (x.to_owned(), y.to_owned()), (x, y), true);
    let text = |x: &Option<String>| x.clone().unwrap_or_default();
    let day = |x: &Option<zf_base::Day>| x.map(|d| d.to_string()).unwrap_or_default();
    // How far apart says what is to be decided; where somebody lives does not leave here.
    let clear = |c: &Customer| {
        let point = c.place.map(|p| format!("{:.5},{:.5}", p.lat(), p.lon()));
        point.unwrap_or_default()
    };
    let shown = |c: &Customer| match (c.place, a.place.zip(b.place)) {
        (None, _) => String::new(),
        (Some(_), None) => words::PLACED.to_owned(),
        (Some(_), Some((x, y))) => words::apart(haversine_m(x, y).0),
    };
    let names = |tags: &[String]| {
        let names = tags.iter().map(|t| state.app.packs.tag_name(t));
        names.collect::<Vec<_>>().join(words::LIST)
    };
    let mut fields = sealed_fields(a, b);
    fields.extend([
        plain("occupation", &text(&a.occupation), &text(&b.occupation)),
        plain(
            "balance_band",
            &text(&a.balance_band),
            &text(&b.balance_band),
        ),
        plain(
            "deposit_due_day",
            &day(&a.deposit_due_day),
            &day(&b.deposit_due_day),
        ),
        plain(
            "insurance_due_day",
            &day(&a.insurance_due_day),
            &day(&b.insurance_due_day),
        ),
        field("place", (shown(a), shown(b)), (&clear(a), &clear(b)), true),
        plain(
            "products",
            &a.products.join(words::LIST),
            &b.products.join(words::LIST),
        ),
    ]);
    let (ga, gb) = (
        group_name(state, caller, a).await?,
        group_name(state, caller, b).await?,
    );
    let one_unit = a.unit_id == b.unit_id;
    fields.push(field(
        "village_group",
        (ga.clone(), gb.clone()),
        (&ga, &gb),
        one_unit,
    ));
    let (ta, tb) = (names(&a.tags), names(&b.tags));
    fields.push(field("tags", (ta.clone(), tb.clone()), (&ta, &tb), false));
    Ok(fields)
}

async fn record(state: &WebState, seat: Seat, c: Option<&Customer>) -> Answer<DuplicateRecord> {
    let unit = unit_fetch(&state.app, seat.unit).await?;
    Ok(DuplicateRecord {
        unit_id: seat.unit.uuid(),
        unit_name: unit.name,
        customer_id: seat.id.uuid(),
        visible: c.is_some(),
        customer_no: c.map(|c| c.customer_no.clone()),
        household_no: c.map(|c| c.household_no.clone()),
        four_fields_complete: c.is_some_and(|c| c.four_fields),
        do_not_visit: c.is_some_and(|c| c.do_not_visit),
        updated_at: c.map(|c| c.updated_at.to_string()),
    })
}

async fn view(state: &WebState, caller: &Caller, pair: Pair) -> Answer<DuplicateView> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let own = Seat {
        unit: pair.unit_id,
        id: pair.own_id,
    };
    let other = Seat {
        unit: pair.other_unit,
        id: pair.other_id,
    };
    let a = service::record_of(app, ctx, own).await?;
    let b = service::record_of(app, ctx, other).await?;
    let fields = match (&a, &b) {
        (Some(a), Some(b)) => compared(state, caller, a, b).await?,
        _ => vec![],
    };
    let reach = scope_of(app, ctx, Permission::CustomerMerge, pair.other_unit).await;
    let merge = match pair.merge {
        Some((home, id)) => Some(merge_view(state, ctx, merge_fetch(app, home, id).await?).await?),
        None => None,
    };
    let reasons: Vec<ReasonView> = pair
        .reasons
        .iter()
        .map(|code| ReasonView {
            code: code.clone(),
            text: words::reason(code),
        })
        .collect();
    let texts: Vec<&str> = reasons.iter().map(|r| r.text.as_str()).collect();
    Ok(DuplicateView {
        id: pair.id.uuid(),
        unit_id: pair.unit_id.uuid(),
        score: pair.score,
        why: texts.join(words::COMMA),
        state: pair.state,
        across: pair.unit_id != pair.other_unit,
        own: record(state, own, a.as_ref()).await?,
        other: record(state, other, b.as_ref()).await?,
        fields,
        merge,
        decides_both: reach.is_ok(),
        found_at: pair.found_at.to_string(),
        decided_at: pair.decided_at.map(|t| t.to_string()),
        decided_by_name: pair.decided_by_name,
        reasons,
    })
}

async fn scope(state: &WebState, caller: &Caller, unit: Uuid) -> Answer<UnitScope> {
    let right = Permission::CustomerMerge;
    Ok(scope_of(&state.app, &caller.ctx, right, unit.into()).await?)
}

/// Pairs of a branch, or of all branches below a unit, the most alike first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/duplicates", operation_id = "duplicate_list", params(("unit_id" = Uuid, Path), DuplicateQuery), responses((status = 200, body = Page<DuplicateView>)))]
async fn duplicate_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<DuplicateQuery>,
) -> Answer<Json<Page<DuplicateView>>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let after: Key = page.key()?.unwrap_or(FIRST);
    let reach = match query.reach.as_deref() {
        None | Some("") => Reach::All,
        Some("within") => Reach::Within,
        Some("across") => Reach::Across,
        Some(_) => return Err(Problem::field("reach", "field.not_in_list")),
    };
    let wanted = query.state.as_deref().unwrap_or("open");
    let limit = page.rows();
    let pairs = service::pair_list(&state.app, &scope, wanted, reach, after, limit).await?;
    let next = pairs
        .last()
        .filter(|_| pairs.len() as i64 >= limit)
        .map(|p| cursor(&(p.score, p.id.uuid())));
    let mut items = Vec::with_capacity(pairs.len());
    for pair in pairs {
        items.push(view(&state, &caller, pair).await?);
    }
    Ok(Json(Page { items, next }))
}

/// One pair.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/duplicates/{duplicate_id}", operation_id = "duplicate_get", params(("unit_id" = Uuid, Path), ("duplicate_id" = Uuid, Path)), responses((status = 200, body = DuplicateView)))]
async fn duplicate_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<DuplicateView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let pair = service::pair_fetch(&state.app, &scope, id.into()).await?;
    Ok(Json(view(&state, &caller, pair).await?))
}

/// What becomes of a pair.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateDecision {
    /// `rejected` (not the same), `later`, or `open` again.
    state: String,
}

/// Not the same, later, or open again.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/duplicates/{duplicate_id}/decide", operation_id = "duplicate_decide", params(("unit_id" = Uuid, Path), ("duplicate_id" = Uuid, Path)), request_body = DuplicateDecision, responses((status = 200, body = DuplicateView)))]
async fn duplicate_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<DuplicateDecision>,
) -> Answer<Json<DuplicateView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    if !["rejected", "later", "open"].contains(&body.state.as_str()) {
        return Err(Problem::field("state", "field.not_in_list"));
    }
    let (app, ctx) = (&state.app, &caller.ctx);
    let pair = service::pair_decide(app, ctx, &scope, id.into(), &body.state).await?;
    Ok(Json(view(&state, &caller, pair).await?))
}

/// Agrees to a merge that the other branch has proposed; the job does it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/duplicates/{duplicate_id}/agree", operation_id = "duplicate_agree", params(("unit_id" = Uuid, Path), ("duplicate_id" = Uuid, Path)), responses((status = 200, body = DuplicateView)))]
async fn duplicate_agree(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<DuplicateView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let pair = service::pair_agree(&state.app, &caller.ctx, &scope, id.into()).await?;
    Ok(Json(view(&state, &caller, pair).await?))
}

/// How two records become one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// Which record stays: `own` or `other`.
    keep: String,
    /// Fields taken from the record that does not stay.
    take: Vec<String>,
}

/// Merges a pair, or proposes it to the other branch.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/duplicates/{duplicate_id}/merge", operation_id = "duplicate_merge", params(("unit_id" = Uuid, Path), ("duplicate_id" = Uuid, Path)), request_body = MergeBody, responses((status = 200, body = DuplicateView)))]
async fn duplicate_merge(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<MergeBody>,
) -> Answer<Json<DuplicateView>> {
    let scope = scope(&state, &caller, unit_id).await?;
    let pair = service::pair_fetch(&state.app, &scope, id.into()).await?;
    if !["open", "later", "rejected"].contains(&pair.state.as_str()) {
        return Err(Problem::new(ErrorCode::CONFLICT));
    }
    let (own, other) = (
        Seat {
            unit: pair.unit_id,
            id: pair.own_id,
        },
        Seat {
            unit: pair.other_unit,
            id: pair.other_id,
        },
    );
    let (kept, gone) = match body.keep.as_str() {
        "own" => (own, other),
        "other" => (other, own),
        _ => return Err(Problem::field("keep", "field.not_in_list")),
    };
    let asked = Asked {
        kept,
        gone,
        pair: Some(pair.id),
        fields: body.take,
        reason: "duplicate".to_owned(),
    };
    let _: Merge = merge_ask(&state.app, &caller.ctx, &scope, &asked).await?;
    let pair = service::pair_fetch(&state.app, &scope, id.into()).await?;
    Ok(Json(view(&state, &caller, pair).await?))
}

/// The last search, and how many pairs there are.
#[derive(Serialize, ToSchema)]
pub struct DuplicateScan {
    job_id: Option<Uuid>,
    /// State of the job: `none`, `ready`, `running`, `done`, `failed` or `canceled`.
    state: String,
    done: i64,
    total: i64,
    records: i64,
    pairs: i64,
    asked_at: Option<String>,
    asked_by_name: Option<String>,
    ended_at: Option<String>,
    open: i64,
    later: i64,
    proposed: i64,
    rejected: i64,
    merged: i64,
}

async fn scan_view(state: &WebState, scope: &UnitScope) -> Answer<DuplicateScan> {
    let last = service::scan_fetch(&state.app, scope).await?;
    let counts = service::pair_counts(&state.app, scope).await?;
    let count = |of: &str| counts.iter().find(|(s, _)| s == of).map_or(0, |c| c.1);
    let (scan, job) = last.map_or((None, None), |(s, j)| (Some(s), Some(j)));
    Ok(DuplicateScan {
        job_id: scan.as_ref().map(|s| s.job_id.uuid()),
        state: job.as_ref().map_or("none".to_owned(), |j| j.state.clone()),
        done: job.as_ref().map_or(0, |j| j.done),
        total: job.as_ref().map_or(0, |j| j.total),
        records: scan.as_ref().map_or(0, |s| s.records),
        pairs: scan.as_ref().map_or(0, |s| s.pairs),
        asked_at: scan.as_ref().map(|s| s.asked_at.to_string()),
        asked_by_name: scan.as_ref().map(|s| s.asked_by_name.clone()),
        ended_at: scan.and_then(|s| s.ended_at).map(|t| t.to_string()),
        open: count("open"),
        later: count("later"),
        proposed: count("proposed"),
        rejected: count("rejected"),
        merged: count("merged"),
    })
}

/// The last search in a unit and below, and how many pairs are in each state.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/duplicates/scan", operation_id = "duplicate_scan_get", params(("unit_id" = Uuid, Path)), responses((status = 200, body = DuplicateScan)))]
async fn duplicate_scan_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<DuplicateScan>> {
    let scope = scope(&state, &caller, unit_id).await?;
    Ok(Json(scan_view(&state, &scope).await?))
}

/// Starts a search in a unit and everything below it.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/duplicates/scan", operation_id = "duplicate_scan", params(("unit_id" = Uuid, Path)), responses((status = 202, body = DuplicateScan)))]
async fn duplicate_scan(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<(StatusCode, Json<DuplicateScan>)> {
    let scope = scope(&state, &caller, unit_id).await?;
    service::scan_start(&state.app, &caller.ctx, &scope).await?;
    Ok((StatusCode::ACCEPTED, Json(scan_view(&state, &scope).await?)))
}

/// What somebody types in before a customer is added; absent = not known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateCheckBody {
    name: String,
    phone: Option<String>,
    id_number: Option<String>,
    address: Option<String>,
}

/// A record that is like what was typed in.
#[derive(Serialize, ToSchema)]
pub struct DuplicateLike {
    customer_id: Uuid,
    customer_no: String,
    name_masked: String,
    address_masked: String,
    score: i64,
    why: String,
}

/// Records of the branch that are like what was typed in.
#[derive(Serialize, ToSchema)]
pub struct DuplicateCheck {
    items: Vec<DuplicateLike>,
    /// Records of other branches of the county with the same phone or ID number.
    elsewhere: i64,
}

/// Records of the branch that are like what somebody types in.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/duplicates/check", operation_id = "duplicate_check", params(("unit_id" = Uuid, Path)), request_body = DuplicateCheckBody, responses((status = 200, body = DuplicateCheck)))]
async fn duplicate_check(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<DuplicateCheckBody>,
) -> Answer<Json<DuplicateCheck>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerWrite, unit_id.into()).await?;
    let typed = Typed {
        name: body.name,
        phone: body.phone.unwrap_or_default(),
        id_number: body.id_number.unwrap_or_default(),
        address: body.address.unwrap_or_default(),
    };
    let demo = state.info.demo;
    let (found, elsewhere) = service::typed_check(app, ctx, &scope, &typed, demo).await?;
    let mut items = Vec::with_capacity(found.len());
    for (id, score, why) in found {
        let c = customer_fetch(app, &scope, id).await?;
        let texts: Vec<String> = why.iter().map(|w| words::reason(w)).collect();
        items.push(DuplicateLike {
            customer_id: id.uuid(),
            customer_no: c.customer_no.clone(),
            name_masked: c.name.masked(),
            address_masked: c.address.masked(),
            score,
            why: texts.join(words::COMMA),
        });
    }
    Ok(Json(DuplicateCheck { items, elsewhere }))
}
