//! HTTP of the tick sheet: how far a branch is, the households of a village
//! group, saving ticks, showing and printing names. Names leave masked but for
//! the two operations that say so, for the own branch only.

use super::print::{self, Names, Printed};
use super::service;
use super::{SheetRow, TickInput};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{HouseholdId, VillageGroupId};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerRead),
        routes!(tick_progress),
    )
    .op(Access::Needs(Permission::CustomerRead), routes!(tick_rows))
    .op(Access::Needs(Permission::CustomerWrite), routes!(tick_save))
    .op(
        Access::Needs(Permission::CustomerReveal),
        routes!(tick_names),
    )
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(tick_sheet_print),
    )
    .op(
        Access::Needs(Permission::CustomerRead),
        routes!(tick_sheet_get),
    )
    .op(
        Access::Needs(Permission::CustomerExport),
        routes!(tick_sheet_book),
    )
}

async fn at(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    unit: Uuid,
) -> Answer<UnitScope> {
    Ok(scope_of(&state.app, &caller.ctx, permission, unit.into()).await?)
}

/// A group on the sheet.
#[derive(Serialize, ToSchema)]
pub struct TickColumn {
    tag: String,
    code: String,
    name: String,
}

/// How far a village group is.
#[derive(Serialize, ToSchema)]
pub struct TickProgressRow {
    id: Uuid,
    name: String,
    households: i64,
    /// Households gone through.
    seen: i64,
}

/// How far a branch is.
#[derive(Serialize, ToSchema)]
pub struct TickProgress {
    columns: Vec<TickColumn>,
    items: Vec<TickProgressRow>,
    /// The caller may see names here in full: it is the own branch.
    may_see_names: bool,
    /// The caller may print sheets with names here.
    may_print: bool,
    may_tick: bool,
}

/// How far the tick sheets of a branch are.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/ticks", operation_id = "tick_progress", params(("unit_id" = Uuid, Path)),
    responses((status = 200, body = TickProgress)))]
async fn tick_progress(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<TickProgress>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = at(&state, &caller, Permission::CustomerRead, unit_id).await?;
    let unit = scope.unit();
    let columns = service::columns(app, unit).await?;
    let items = service::progress(app, &scope).await?;
    let names = service::may_see_names(ctx, unit.id);
    Ok(Json(TickProgress {
        columns: columns
            .into_iter()
            .map(|c| TickColumn {
                tag: c.tag,
                code: c.code,
                name: c.name,
            })
            .collect(),
        items: items
            .into_iter()
            .map(|p| TickProgressRow {
                id: p.id.uuid(),
                name: p.name,
                households: p.households,
                seen: p.seen,
            })
            .collect(),
        may_see_names: names,
        may_print: names && ctx.scope(Permission::CustomerExport, unit).is_ok(),
        may_tick: ctx.scope(Permission::CustomerWrite, unit).is_ok(),
    }))
}

/// Which order.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SheetQuery {
    /// Number of a printed sheet: its rows in its order.
    number: Option<String>,
}

/// What the branch says about a household and a group.
#[derive(Serialize, ToSchema)]
pub struct TickView {
    tag: String,
    yes: bool,
}

/// A household of a sheet.
#[derive(Serialize, ToSchema)]
pub struct TickRow {
    household_id: Uuid,
    household_no: String,
    names_masked: Vec<String>,
    /// Tags that a file says.
    in_file: Vec<String>,
    ticks: Vec<TickView>,
    seen: bool,
}

/// The households of a village group.
#[derive(Serialize, ToSchema)]
pub struct TickRows {
    items: Vec<TickRow>,
}

fn row_view(r: &SheetRow) -> TickRow {
    TickRow {
        household_id: r.household_id.uuid(),
        household_no: r.household_no.clone(),
        names_masked: r.members.iter().map(|(_, n)| n.masked()).collect(),
        in_file: r.in_file.clone(),
        ticks: r
            .ticks
            .iter()
            .map(|(tag, yes)| TickView {
                tag: tag.clone(),
                yes: *yes,
            })
            .collect(),
        seen: r.seen,
    }
}

async fn rows_of(
    state: &WebState,
    scope: &UnitScope,
    group: Uuid,
    number: Option<&str>,
) -> Answer<Vec<SheetRow>> {
    let app = &state.app;
    let group = VillageGroupId(group);
    let Some(number) = number else {
        return Ok(service::rows(app, scope, group, None).await?);
    };
    let sheet = print::printed(app, scope, number).await?;
    if sheet.village_group != group {
        return Err(Problem::new(zf_base::code::ErrorCode::NOT_FOUND));
    }
    Ok(service::rows(app, scope, group, Some(&sheet.households)).await?)
}

/// Households of a village group with ticks, masked.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/ticks/{village_group_id}", operation_id = "tick_rows",
    params(("unit_id" = Uuid, Path), ("village_group_id" = Uuid, Path), SheetQuery), responses((status = 200, body = TickRows)))]
async fn tick_rows(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, group)): Path<(Uuid, Uuid)>,
    Query(query): Query<SheetQuery>,
) -> Answer<Json<TickRows>> {
    let scope = at(&state, &caller, Permission::CustomerRead, unit_id).await?;
    let rows = rows_of(&state, &scope, group, query.number.as_deref()).await?;
    let items = rows.iter().map(row_view).collect();
    Ok(Json(TickRows { items }))
}

/// A tick to be stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TickBody {
    tag: String,
    /// Yes, no, or absent: nothing is said any more.
    yes: Option<bool>,
}

/// What is said about one household.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TickRowBody {
    household_id: Uuid,
    #[serde(default)]
    ticks: Vec<TickBody>,
    /// Gone through or not; absent = as it is.
    seen: Option<bool>,
}

/// Up to 200 households.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TickSave {
    rows: Vec<TickRowBody>,
}

/// Stores ticks, all or nothing.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/ticks", operation_id = "tick_save", params(("unit_id" = Uuid, Path)),
    request_body = TickSave, responses((status = 204)))]
async fn tick_save(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<TickSave>,
) -> Answer<StatusCode> {
    let scope = at(&state, &caller, Permission::CustomerWrite, unit_id).await?;
    let input: Vec<TickInput> = body
        .rows
        .into_iter()
        .map(|r| TickInput {
            household_id: HouseholdId(r.household_id),
            ticks: r.ticks.into_iter().map(|t| (t.tag, t.yes)).collect(),
            seen: r.seen,
        })
        .collect();
    service::save(&state.app, &caller.ctx, &scope, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Names in full of one household.
#[derive(Serialize, ToSchema)]
pub struct TickNames {
    household_id: Uuid,
    names: Vec<String>,
}

/// Names in full of a sheet; the page keeps them in memory only.
#[derive(Serialize, ToSchema)]
pub struct TickNameList {
    items: Vec<TickNames>,
}

fn names_view(names: Names) -> Vec<TickNames> {
    let view = |(id, names): (HouseholdId, Vec<String>)| TickNames {
        household_id: id.uuid(),
        names,
    };
    names.into_iter().map(view).collect()
}

/// Names of a sheet in full, for the own branch; one event with the number of names.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/ticks/{village_group_id}/names", operation_id = "tick_names",
    params(("unit_id" = Uuid, Path), ("village_group_id" = Uuid, Path), SheetQuery), responses((status = 200, body = TickNameList)))]
async fn tick_names(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, group)): Path<(Uuid, Uuid)>,
    Query(query): Query<SheetQuery>,
) -> Answer<Json<TickNameList>> {
    let scope = at(&state, &caller, Permission::CustomerReveal, unit_id).await?;
    let rows = rows_of(&state, &scope, group, query.number.as_deref()).await?;
    let group = VillageGroupId(group);
    let names = service::names(&state.app, &caller.ctx, &scope, group, &rows).await?;
    Ok(Json(TickNameList {
        items: names_view(names),
    }))
}

/// A printed sheet.
#[derive(Serialize, ToSchema)]
pub struct TickSheetView {
    /// Number on the form.
    number: String,
    village_group_id: Uuid,
    households: usize,
    printed_at: String,
    printed_by_name: String,
    /// Names in full; only in the answer to printing.
    names: Vec<TickNames>,
}

fn sheet_view(sheet: Printed, names: Names) -> TickSheetView {
    TickSheetView {
        number: sheet.number,
        village_group_id: sheet.village_group.uuid(),
        households: sheet.households.len(),
        printed_at: sheet.printed_at.to_string(),
        printed_by_name: sheet.printed_by_name,
        names: names_view(names),
    }
}

/// Gives the sheet of a village group a number to be printed, names in full.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/ticks/{village_group_id}/sheets", operation_id = "tick_sheet_print",
    params(("unit_id" = Uuid, Path), ("village_group_id" = Uuid, Path)), responses((status = 201, body = TickSheetView)))]
async fn tick_sheet_print(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, group)): Path<(Uuid, Uuid)>,
) -> Answer<(StatusCode, Json<TickSheetView>)> {
    let scope = at(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let group = VillageGroupId(group);
    let (sheet, _, names) = print::print(&state.app, &caller.ctx, &scope, group).await?;
    Ok((StatusCode::CREATED, Json(sheet_view(sheet, names))))
}

/// A printed sheet by the number on the form, without names.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/tick-sheets/{number}", operation_id = "tick_sheet_get",
    params(("unit_id" = Uuid, Path), ("number" = String, Path)), responses((status = 200, body = TickSheetView)))]
async fn tick_sheet_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, number)): Path<(Uuid, String)>,
) -> Answer<Json<TickSheetView>> {
    let scope = at(&state, &caller, Permission::CustomerRead, unit_id).await?;
    let sheet = print::printed(&state.app, &scope, &number).await?;
    Ok(Json(sheet_view(sheet, vec![])))
}

/// The workbook of a printed sheet with full names; written to the audit log.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/tick-sheets/{number}/sheet.xlsx", operation_id = "tick_sheet_book",
    params(("unit_id" = Uuid, Path), ("number" = String, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn tick_sheet_book(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, number)): Path<(Uuid, String)>,
) -> Answer<Download> {
    let scope = at(&state, &caller, Permission::CustomerExport, unit_id).await?;
    let (name, bytes) = print::workbook(&state.app, &caller.ctx, &scope, &number).await?;
    Ok(download(&name, bytes))
}
