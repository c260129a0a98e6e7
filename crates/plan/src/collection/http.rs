//! HTTP of the progress of collection: the table by village and mail route, the
//! same as a workbook, and the households still missing behind a row. Requests
//! become calls of `service`; nothing is decided here.

use super::service::{self, Household, Wanted};
use super::{Area, AreaRow, Progress};
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Caller, Download, Page, PageQuery, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let plans = Access::Needs(Permission::PlanRead);
    api.op(plans, routes!(collection_list))
        .op(plans, routes!(collection_workbook))
        .op(
            Access::Needs(Permission::CustomerRead),
            routes!(collection_missing),
        )
}

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CollectionQuery {
    /// One branch, or the branches below a unit.
    unit_id: Option<Uuid>,
    /// One mail route; empty = groups on none.
    mail_route: Option<String>,
    /// Only where something is missing.
    only_missing: Option<bool>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// How far collection is, in households.
#[derive(Serialize, ToSchema)]
pub struct CollectionProgress {
    households: i64,
    /// With all four fields of every member.
    complete: i64,
    missing: i64,
    /// With a visit of the campaign.
    visited: i64,
    /// Visits of the campaign.
    visits: i64,
}

/// A village and mail route of a branch.
#[derive(Serialize, ToSchema)]
pub struct CollectionRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    township: String,
    village: String,
    /// Empty = on none.
    mail_route: String,
    /// Village groups.
    groups: i64,
    #[serde(flatten)]
    progress: CollectionProgress,
}

/// The table of collection.
#[derive(Serialize, ToSchema)]
pub struct CollectionTable {
    items: Vec<CollectionRow>,
    next: Option<String>,
    /// Over all pages.
    total: CollectionProgress,
    /// Mail routes of the rows before filtering by one, by name.
    mail_routes: Vec<String>,
}

fn progress(p: Progress) -> CollectionProgress {
    CollectionProgress {
        households: p.households,
        complete: p.complete,
        missing: p.missing(),
        visited: p.visited,
        visits: p.visits,
    }
}

fn row(r: AreaRow) -> CollectionRow {
    CollectionRow {
        unit_id: r.unit_id.uuid(),
        unit_code: r.unit_code,
        unit_name: r.unit_name,
        township: r.area.township,
        village: r.area.village,
        mail_route: r.area.mail_route,
        groups: r.groups,
        progress: progress(r.progress),
    }
}

fn wanted(query: &CollectionQuery) -> Wanted {
    Wanted {
        unit: query.unit_id.map(Into::into),
        mail_route: query.mail_route.clone(),
        only_missing: query.only_missing.unwrap_or(false),
    }
}

/// Progress of collection by village and mail route.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/collection", operation_id = "collection_list",
    params(("program_id" = Uuid, Path), CollectionQuery), responses((status = 200, body = CollectionTable)))]
async fn collection_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CollectionQuery>,
) -> Answer<Json<CollectionTable>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let page = PageQuery {
        limit: query.limit,
        after: query.after.clone(),
    };
    let (limit, after) = (page.rows(), page.key::<(String, String, String, String)>()?);
    let mut wanted = wanted(&query);
    let route = wanted.mail_route.take();
    let mut all = service::table(app, ctx, &program, &wanted).await?;
    let routes = all.iter().map(|r| r.area.mail_route.clone());
    let routes: BTreeSet<String> = routes.filter(|r| !r.is_empty()).collect();
    all.retain(|r| route.as_deref().is_none_or(|x| r.area.mail_route == x));
    let total = all.iter().map(|r| r.progress).reduce(Progress::plus);
    let key = |unit: &str, township: &str, village: &str, route: &str| {
        let own = [unit, township, village, route].map(str::to_owned);
        let [unit, township, village, route] = own;
        (unit, township, village, route)
    };
    let later = |r: &AreaRow| {
        let a = &r.area;
        let own = key(&r.unit_code, &a.township, &a.village, &a.mail_route);
        after.as_ref().is_none_or(|after| own > *after)
    };
    let rows = all.into_iter().filter(later).map(row);
    let items: Vec<CollectionRow> = rows.take(limit.unsigned_abs() as usize).collect();
    let page = Page::new(items, limit, |r| {
        key(&r.unit_code, &r.township, &r.village, &r.mail_route)
    });
    Ok(Json(CollectionTable {
        items: page.items,
        next: page.next,
        total: progress(total.unwrap_or_default()),
        mail_routes: routes.into_iter().collect(),
    }))
}

/// The same as a workbook.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/collection.xlsx", operation_id = "collection_workbook",
    params(("program_id" = Uuid, Path), CollectionQuery), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn collection_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CollectionQuery>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (name, bytes) = service::book(app, ctx, &program, &wanted(&query)).await?;
    Ok(download(&name, bytes))
}

/// Behind which row.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MissingQuery {
    /// 乡镇.
    township: Option<String>,
    /// 行政村.
    village: Option<String>,
    /// 邮路段道.
    mail_route: Option<String>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// A household that lacks something, masked.
#[derive(Serialize, ToSchema)]
pub struct MissingHousehold {
    household_id: Uuid,
    household_no: String,
    /// The head, or the first member.
    customer_id: Uuid,
    name_masked: String,
    village_group_name: String,
    members: i64,
    /// Members who lack something.
    lacking: i64,
    without_phone: i64,
    without_id_number: i64,
    without_address: i64,
    /// They refuse visits.
    do_not_visit: bool,
    /// The last visit of the campaign.
    last_visit_day: Option<String>,
}

/// The households of a village and mail route that still lack something.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/collection/missing", operation_id = "collection_missing",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), MissingQuery), responses((status = 200, body = Page<MissingHousehold>)))]
async fn collection_missing(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Query(query): Query<MissingQuery>,
) -> Answer<Json<Page<MissingHousehold>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let read = Permission::CustomerRead;
    let scope = program.branch(app, ctx, read, unit.into()).await?;
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let area = Area {
        township: query.township.unwrap_or_default(),
        village: query.village.unwrap_or_default(),
        mail_route: query.mail_route.unwrap_or_default(),
    };
    let (limit, after) = (page.rows(), page.key::<String>()?.unwrap_or_default());
    let rows = service::missing(app, &program, &scope, &area, &after, limit).await?;
    let one = |h: Household| MissingHousehold {
        household_id: h.id.uuid(),
        household_no: h.household_no,
        customer_id: h.customer_id.uuid(),
        name_masked: h.name.masked(),
        village_group_name: h.group,
        members: h.members,
        lacking: h.lacking,
        without_phone: h.phones,
        without_id_number: h.id_numbers,
        without_address: h.addresses,
        do_not_visit: h.refuses,
        last_visit_day: h.visited.map(|d| d.to_string()),
    };
    let items = rows.into_iter().map(one).collect();
    Ok(Json(Page::new(items, limit, |h: &MissingHousehold| {
        h.household_no.clone()
    })))
}
