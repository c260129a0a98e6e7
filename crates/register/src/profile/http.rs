//! HTTP of the profile: one household, masked, its timeline in pages, what is
//! left of the caller's reveals, and the tags a customer may have. Reads only;
//! which branch is asked here, the rows come from the household slice.

use super::timeline::timeline;
use crate::household::preset::{Named as Choice, Preset};
use crate::household::read::household;
use crate::household::view::{HouseholdMember, Viewer};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{HouseholdId, Timestamp};
use zf_kernel::Permission;
use zf_kernel::event::service::event_count;
use zf_kernel::unit::service::{scope_of, unit_fetch};
use zf_network::customer::http::Named;
use zf_web::{Access, Answer, Api, Caller, Page, PageQuery, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let reads = Access::Needs(Permission::CustomerRead);
    api.op(reads, routes!(household_get))
        .op(reads, routes!(household_timeline))
        .op(reads, routes!(customer_tag_list))
        .op(
            Access::Needs(Permission::CustomerReveal),
            routes!(reveal_quota),
        )
}

/// One household, masked.
#[derive(Serialize, ToSchema)]
pub struct HouseholdDetail {
    id: Uuid,
    unit_id: Uuid,
    household_no: String,
    village_group_name: Option<String>,
    /// `rural` or `urban`; the branch's when the household has none of its own.
    market_kind: Option<String>,
    market_name: Option<String>,
    /// Said for the household itself, not taken from the branch.
    market_is_own: bool,
    head_id: Option<Uuid>,
    /// The door, WGS-84.
    lat: Option<f64>,
    lon: Option<f64>,
    datum: Option<String>,
    /// The head first.
    members: Vec<HouseholdMember>,
    /// Person records with all four fields.
    records_valid: i64,
    /// Somebody of the household does not want visits.
    do_not_visit: bool,
    /// Tags of all members, each once.
    tags: Vec<Named>,
    /// Products of all members, each once.
    products: Vec<String>,
    /// Relations to choose from.
    relations: Vec<Named>,
    /// Kinds of market to choose from.
    markets: Vec<Named>,
    updated_at: String,
}

fn choices(list: &[Choice]) -> Vec<Named> {
    let named = |c: &Choice| Named {
        code: c.code.clone(),
        name: c.name.clone(),
    };
    list.iter().map(named).collect()
}

/// One look at a household.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households/{household_id}", operation_id = "household_get", params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path)), responses((status = 200, body = HouseholdDetail)))]
async fn household_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<HouseholdDetail>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerRead, unit_id.into()).await?;
    let h = household(app, &scope, HouseholdId(household_id)).await?;
    let viewer = Viewer::of(app, &scope, ctx.today()).await?;
    let unit = unit_fetch(app, scope.unit_id()).await?;
    let preset = Preset::get()?;
    let market = h.row.market.clone().or(unit.market_kind);
    let (mut tags, mut products) = (Vec::new(), Vec::new());
    for (c, _) in &h.members {
        tags.extend(c.tags.iter().cloned());
        products.extend(c.products.iter().cloned());
    }
    for list in [&mut tags, &mut products] {
        list.sort();
        list.dedup();
    }
    Ok(Json(HouseholdDetail {
        id: household_id,
        unit_id,
        household_no: h.row.no.clone(),
        village_group_name: viewer.group(h.row.group),
        market_name: market.as_deref().map(|m| preset.market_name(m)),
        market_kind: market,
        market_is_own: h.row.market.is_some(),
        head_id: h.row.head.map(|id| id.uuid()),
        lat: h.row.place.map(|(p, _)| p.lat()),
        lon: h.row.place.map(|(p, _)| p.lon()),
        datum: h.row.place.map(|(_, d)| d.code().to_owned()),
        records_valid: h.members.iter().filter(|(c, _)| c.four_fields).count() as i64,
        do_not_visit: h.members.iter().any(|(c, _)| c.do_not_visit),
        members: h
            .members
            .iter()
            .map(|(c, relation)| viewer.member(app, c, relation.as_deref()))
            .collect(),
        tags: tags
            .into_iter()
            .map(|code| Named {
                name: app.packs.tag_name(&code),
                code,
            })
            .collect(),
        products,
        relations: choices(&preset.relations),
        markets: choices(&preset.markets),
        updated_at: h.row.updated_at.to_string(),
    }))
}

/// One line of a timeline.
#[derive(Serialize, ToSchema)]
pub struct TimelineLine {
    id: Uuid,
    at: String,
    actor_name: String,
    action: String,
    /// In words.
    summary: String,
    /// The member it is about; none = the household.
    customer_id: Option<Uuid>,
    /// That member, masked.
    name_masked: Option<String>,
    /// The visit that it is; none = something else happened.
    visit_id: Option<Uuid>,
    /// The branch the visit was made in, not always the present one.
    visit_unit_id: Option<Uuid>,
}

/// What has happened to a household and its members, newest first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households/{household_id}/timeline", operation_id = "household_timeline", params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<TimelineLine>)))]
async fn household_timeline(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<TimelineLine>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerRead, unit_id.into()).await?;
    let h = household(app, &scope, HouseholdId(household_id)).await?;
    let newest = (i64::MAX / 4, Uuid::max());
    let (at, id): (i64, Uuid) = page.key()?.unwrap_or(newest);
    let lines = timeline(app, &scope, &h, (Timestamp(at), id), page.rows()).await?;
    let name = |about| {
        let found = h.members.iter().find(|(c, _)| Some(c.id) == about);
        found.map(|(c, _)| c.name.masked())
    };
    let keys: std::collections::HashMap<Uuid, i64> = lines.iter().map(|l| (l.id, l.at.0)).collect();
    let items = lines
        .into_iter()
        .map(|l| TimelineLine {
            id: l.id,
            at: l.at.to_string(),
            actor_name: l.actor,
            action: l.action,
            summary: l.summary,
            customer_id: l.about.map(|id| id.uuid()),
            name_masked: name(l.about),
            visit_id: l.visit.map(|(_, id)| id.uuid()),
            visit_unit_id: l.visit.map(|(unit, _)| unit.uuid()),
        })
        .collect();
    let key = |l: &TimelineLine| (keys.get(&l.id).copied().unwrap_or(0), l.id);
    Ok(Json(Page::new(items, page.rows(), key)))
}

/// How often the caller may still look at full values in this hour.
#[derive(Serialize, ToSchema)]
pub struct RevealQuota {
    /// Looks an hour.
    per_hour: i64,
    /// Looks in the hour that ends now.
    used: i64,
    /// Looks left.
    left: i64,
    /// Seconds a page may show the values.
    seconds: u32,
}

/// The caller's quota of reveals.
#[utoipa::path(get, path = "/api/v1/reveal-quota", operation_id = "reveal_quota", responses((status = 200, body = RevealQuota)))]
async fn reveal_quota(State(state): State<WebState>, caller: Caller) -> Answer<Json<RevealQuota>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let hour_ago = ctx.now.plus_seconds(-3600);
    let reveal = Permission::CustomerReveal;
    let used = event_count(app, ctx, reveal, "customer.reveal", hour_ago).await?;
    let per_hour = app.policy.reveal.per_hour;
    Ok(Json(RevealQuota {
        per_hour,
        used,
        left: (per_hour - used).max(0),
        seconds: app.policy.reveal.seconds,
    }))
}

/// Tags a customer may have.
#[derive(Serialize, ToSchema)]
pub struct CustomerTags {
    items: Vec<Named>,
}

/// Every tag a customer may have: those of the must-visit groups of all packs.
#[utoipa::path(get, path = "/api/v1/customer-tags", operation_id = "customer_tag_list", responses((status = 200, body = CustomerTags)))]
async fn customer_tag_list(State(state): State<WebState>, _caller: Caller) -> Json<CustomerTags> {
    let mut seen = std::collections::BTreeSet::new();
    let groups = state.app.packs.must_visit_groups();
    let items = groups
        .filter(|g| seen.insert(g.tag.clone()))
        .map(|g| Named {
            code: g.tag.clone(),
            name: g.name.zh.clone(),
        });
    Json(CustomerTags {
        items: items.collect(),
    })
}
