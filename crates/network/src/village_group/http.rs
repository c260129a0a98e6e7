//! HTTP of village groups: the list of a branch with counts, the same as a
//! workbook that can be imported again, and the mail route of a group. All else
//! comes in by import only. No personal data: a group is a place.

use super::service;
use crate::words;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::VillageGroupId;
use zf_base::code::ErrorCode;
use zf_kernel::Permission;
use zf_kernel::unit::service::{branches_of, scope_of};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};
use zf_web::{Access, Answer, Api, Body, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::CustomerRead);
    api.op(read, routes!(village_group_list))
        .op(read, routes!(village_group_book))
        .op(
            Access::Needs(Permission::ImportWrite),
            routes!(village_group_route),
        )
}

/// A village group with its counts.
#[derive(Serialize, ToSchema)]
pub struct VillageGroupView {
    id: Uuid,
    code: String,
    township: String,
    village: String,
    name: String,
    /// 邮路段道.
    mail_route: Option<String>,
    lat: Option<f64>,
    lon: Option<f64>,
    customers: i64,
    households: i64,
}

/// All village groups of a branch.
#[derive(Serialize, ToSchema)]
pub struct VillageGroups {
    items: Vec<VillageGroupView>,
}

/// Village groups of a branch with the number of customers and households.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/village-groups", operation_id = "village_group_list",
    params(("unit_id" = Uuid, Path)), responses((status = 200, body = VillageGroups)))]
async fn village_group_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<VillageGroups>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, unit_id.into()).await?;
    let counts = service::village_group_counts(app, &scope).await?;
    let groups = service::village_group_list(app, &scope).await?;
    let items = groups
        .into_iter()
        .map(|g| {
            let (customers, households) = counts.get(&g.id).copied().unwrap_or_default();
            VillageGroupView {
                id: g.id.uuid(),
                code: g.code,
                township: g.township,
                village: g.village,
                name: g.name,
                mail_route: g.mail_route,
                lat: g.place.map(|p| p.lat()),
                lon: g.place.map(|p| p.lon()),
                customers,
                households,
            }
        })
        .collect();
    Ok(Json(VillageGroups { items }))
}

/// The groups of a unit and of all branches below it, in the columns of the
/// import: corrected in a workbook they can be brought in again.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/village-groups.xlsx", operation_id = "village_group_book",
    params(("unit_id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn village_group_book(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Download> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, unit_id.into()).await?;
    let mut rows = Vec::new();
    for branch in branches_of(app, &scope).await? {
        let code = branch.unit().code.clone();
        for g in service::village_group_list(app, &branch).await? {
            rows.push(book_row(&code, &g));
        }
    }
    let column = |c: &zf_office::ColumnSpec<'static>| TableColumn {
        header: c.aliases.first().copied().unwrap_or(c.key).to_owned(),
        kind: CellKind::Text,
    };
    let book = TableBook {
        meta: BookMeta {
            title: words::GROUPS_SHEET.to_owned(),
            author: caller.ctx.actor.name.clone(),
            created: caller.ctx.now,
        },
        fonts: Fonts {
            title: words::FONT_TITLE.to_owned(),
            body: words::FONT_BODY.to_owned(),
        },
        sheets: vec![TableSheet {
            name: words::GROUPS_SHEET.to_owned(),
            title_lines: vec![],
            columns: words::VILLAGE_GROUP_COLUMNS.iter().map(column).collect(),
            rows,
            page_foot: words::GROUPS_FOOT.to_owned(),
        }],
    };
    let bytes = write_table(&book).map_err(|e| {
        tracing::error!(error = %e, "workbook of village groups");
        Problem::new(ErrorCode::INTERNAL)
    })?;
    Ok(download("village-groups.xlsx", bytes))
}

/// A group in the columns of the import; coordinates are WGS-84 here.
fn book_row(unit: &str, g: &super::VillageGroup) -> Vec<CellValue> {
    let cell = |key: &str| match key {
        "unit" => unit.to_owned(),
        "code" => g.code.clone(),
        "township" => g.township.clone(),
        "village" => g.village.clone(),
        "name" => g.name.clone(),
        "mail_route" => g.mail_route.clone().unwrap_or_default(),
        "lat" => g.place.map_or(String::new(), |p| p.lat().to_string()),
        "lon" => g.place.map_or(String::new(), |p| p.lon().to_string()),
        "datum" => g.place.map_or(String::new(), |_| {
            zf_base::geo::Datum::Wgs84.code().to_owned()
        }),
        _ => String::new(),
    };
    let columns = words::VILLAGE_GROUP_COLUMNS.iter();
    columns
        .map(|c| CellValue::from(cell(c.key).as_str()))
        .collect()
}

/// On which mail route a group lies.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailRoute {
    /// 邮路段道; empty = none.
    mail_route: String,
}

/// Puts a group on a mail route, or takes it off.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/village-groups/{group_id}/mail-route", operation_id = "village_group_route",
    params(("unit_id" = Uuid, Path), ("group_id" = Uuid, Path)), request_body = MailRoute, responses((status = 204)))]
async fn village_group_route(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, group_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<MailRoute>,
) -> Answer<StatusCode> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::ImportWrite, unit_id.into()).await?;
    let group = VillageGroupId(group_id);
    service::village_group_route_put(app, &caller.ctx, &scope, group, &body.mail_route).await?;
    Ok(StatusCode::NO_CONTENT)
}
