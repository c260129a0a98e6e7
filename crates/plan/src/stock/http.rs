//! HTTP of the stock ledger: all ledgers with how long each lasts, one ledger
//! with its movements and what waits to be confirmed, and movements of a county
//! and of a branch. Requests become calls of `service`; nothing is decided here.

use super::book::stock_book;
use super::service::{self, Input, ItemLine, Pending, UnitLines};
use super::{Entry, Kind};
use crate::program::Program;
use crate::program::http::day;
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::UnitId;
use zf_kernel::unit::Level;
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::{Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Download, PageQuery, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::ProgramRead);
    api.op(read, routes!(stock_list))
        .op(read, routes!(stock_workbook))
        .op(read, routes!(stock_get))
        .op(
            Access::Needs(Permission::ProgramWrite),
            routes!(stock_county),
        )
        .op(
            Access::Needs(Permission::PlanConfirm),
            routes!(stock_branch),
        )
}

/// An item of the ledger.
#[derive(Serialize, ToSchema)]
pub struct StockItemView {
    item: String,
    title: String,
    /// Promotional goods; else printed.
    goods: bool,
    /// Pieces per hundred households; 0 = not reckoned.
    per_hundred_households: i64,
}

/// One item at one unit, in pieces.
#[derive(Serialize, ToSchema)]
pub struct StockLine {
    item: String,
    ordered: i64,
    arrived: i64,
    issued: i64,
    received: i64,
    returned: i64,
    taken_back: i64,
    counted: i64,
    /// Handed out by phone.
    used: i64,
    /// What must lie there.
    stock: i64,
    /// On the way here.
    on_the_way: i64,
    /// What arrived has cost, 分.
    spent_fen: i64,
    /// Needed on the planned days still to come; of a county with its branches.
    need_left: i64,
    /// Missing until the end.
    short: i64,
    /// The planned day that is not covered.
    runs_out: Option<String>,
    /// `used` or `plan`; none = not reckoned.
    pace_by: Option<String>,
    /// Pieces in ten planned days at this pace.
    in_ten_days: i64,
}

/// The ledger of one unit in figures.
#[derive(Serialize, ToSchema)]
pub struct StockUnit {
    unit_id: Uuid,
    unit_name: String,
    is_branch: bool,
    lines: Vec<StockLine>,
    /// Movements that wait to be confirmed here.
    pending: i64,
}

/// All ledgers that the caller may see.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    items: Vec<StockItemView>,
    /// Counties first.
    units: Vec<StockUnit>,
    days_left: i64,
    days_over: i64,
}

/// A movement.
#[derive(Serialize, ToSchema)]
pub struct StockMove {
    seq: i64,
    item: String,
    /// `ordered`, `arrived`, `issued`, `received`, `returned`, `taken_back`, `counted` or `correction`.
    kind: String,
    pieces: i64,
    unit_fen: Option<i64>,
    day: String,
    memo: String,
    peer_unit_id: Option<Uuid>,
    peer_name: Option<String>,
    /// The movement that is confirmed (of the peer) or corrected (of the same unit).
    of_seq: Option<i64>,
    at: String,
    by_name: String,
}

/// A movement of the other side that waits to be confirmed.
#[derive(Serialize, ToSchema)]
pub struct StockPending {
    from_unit_id: Uuid,
    from_name: String,
    seq: i64,
    item: String,
    /// With corrections.
    pieces: i64,
    day: String,
    memo: String,
    by_name: String,
}

/// The ledger of one unit.
#[derive(Serialize, ToSchema)]
pub struct StockLedger {
    unit_id: Uuid,
    unit_name: String,
    is_branch: bool,
    /// Newest first.
    items: Vec<StockMove>,
    next: Option<String>,
    pending: Vec<StockPending>,
}

/// A movement as it is typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StockBody {
    /// See `StockMove`.
    kind: String,
    /// Not needed where another movement is confirmed or corrected.
    #[serde(default)]
    item: String,
    /// Negative only where a count or a correction takes away.
    pieces: i64,
    /// 分; of what is ordered or arrives.
    unit_fen: Option<i64>,
    day: String,
    /// Needed for a count, a correction, and where fewer or more came.
    #[serde(default)]
    memo: String,
    /// The branch given to, or whose return is confirmed.
    peer_unit_id: Option<Uuid>,
    /// The movement that is confirmed or corrected.
    of_seq: Option<i64>,
}

fn line(l: &ItemLine) -> StockLine {
    let (f, o) = (&l.line, &l.outlook);
    StockLine {
        item: l.item.clone(),
        ordered: f.ordered,
        arrived: f.arrived,
        issued: f.issued,
        received: f.received,
        returned: f.returned,
        taken_back: f.taken_back,
        counted: f.counted,
        used: f.used,
        stock: f.stock(),
        on_the_way: l.on_the_way,
        spent_fen: f.spent_fen,
        need_left: o.need_left,
        short: o.short,
        runs_out: o.runs_out.map(|d| d.to_string()),
        pace_by: o.by.map(|b| b.as_str().to_owned()),
        in_ten_days: o.in_ten_days,
    }
}

/// The ledgers of a program: what lies where, and how long it lasts.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/stock", operation_id = "stock_list",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = StockView)))]
async fn stock_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<StockView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let all = service::ledgers(app, ctx, &program).await?;
    let item = |i: &crate::definition::StockItem| StockItemView {
        item: i.id.clone(),
        title: i.title.clone(),
        goods: i.goods,
        per_hundred_households: i64::from(i.per_hundred_households),
    };
    let unit = |u: &UnitLines| StockUnit {
        unit_id: u.unit.id.uuid(),
        unit_name: u.unit.name.clone(),
        is_branch: u.unit.level == Level::Branch,
        lines: u.lines.iter().map(line).collect(),
        pending: u.pending,
    };
    Ok(Json(StockView {
        items: program.definition.stock.iter().map(item).collect(),
        units: all.units.iter().map(unit).collect(),
        days_left: all.days_left,
        days_over: all.days_over,
    }))
}

/// The same as a workbook.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/stock.xlsx", operation_id = "stock_workbook",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn stock_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (name, bytes) = stock_book(app, ctx, &program).await?;
    Ok(download(&name, bytes))
}

/// The movements of one unit, and what waits to be confirmed there.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/stock", operation_id = "stock_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = StockLedger)))]
async fn stock_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<StockLedger>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let read = Permission::ProgramRead;
    let scope = program.scope(app, ctx, read, unit.into()).await?;
    let limit = query.rows();
    let page = service::page(app, &program, &scope, query.key()?, limit).await?;
    let waiting = service::pending_at(app, &program, &scope).await?;
    let units = unit_subtree(app, &program.unit.path).await?;
    let names: HashMap<UnitId, String> = units.into_iter().map(|u| (u.id, u.name)).collect();
    let name = |id: UnitId| names.get(&id).cloned().unwrap_or_default();
    let movement = |e: Entry| StockMove {
        seq: e.seq,
        item: e.item,
        kind: e.kind.as_str().to_owned(),
        pieces: e.pieces,
        unit_fen: e.unit_fen,
        day: e.day.to_string(),
        memo: e.memo,
        peer_unit_id: e.peer.map(UnitId::uuid),
        peer_name: e.peer.map(name),
        of_seq: e.of_seq,
        at: e.at.to_string(),
        by_name: e.by_name,
    };
    let open = |p: Pending| StockPending {
        from_unit_id: p.from.uuid(),
        from_name: name(p.from),
        seq: p.entry.seq,
        item: p.entry.item,
        pieces: p.pieces,
        day: p.entry.day.to_string(),
        memo: p.entry.memo,
        by_name: p.entry.by_name,
    };
    let items: Vec<StockMove> = page.into_iter().map(movement).collect();
    let page = zf_web::Page::new(items, limit, |m| m.seq);
    Ok(Json(StockLedger {
        unit_id: scope.unit_id().uuid(),
        unit_name: scope.unit().name.clone(),
        is_branch: scope.unit().level == Level::Branch,
        items: page.items,
        next: page.next,
        pending: waiting.into_iter().map(open).collect(),
    }))
}

fn input(body: StockBody, allowed: impl Fn(Kind) -> bool) -> Answer<Input> {
    let kind = Kind::from_code(&body.kind).filter(|k| allowed(*k));
    let on = day("day", Some(&body.day))?;
    Ok(Input {
        kind: kind.ok_or_else(|| Problem::field("kind", "field.not_in_list"))?,
        item: body.item,
        pieces: body.pieces,
        unit_fen: body.unit_fen,
        day: on.ok_or_else(|| Problem::field("day", "field.required"))?,
        memo: body.memo,
        peer: body.peer_unit_id.map(Into::into),
        of_seq: body.of_seq,
    })
}

async fn at(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    (id, unit): (Uuid, Uuid),
    is_branch: bool,
) -> Answer<(Program, UnitScope)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program.scope(app, ctx, permission, unit.into()).await?;
    if (scope.unit().level == Level::Branch) != is_branch {
        return Err(Problem::field("unit_id", "field.not_in_list"));
    }
    Ok((program, scope))
}

/// Adds a movement at the county: ordered, arrived, given to a branch, taken back, counted, corrected.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/stock/county", operation_id = "stock_county",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = StockBody, responses((status = 204)))]
async fn stock_county(
    State(state): State<WebState>,
    caller: Caller,
    Path(path): Path<(Uuid, Uuid)>,
    Body(body): Body<StockBody>,
) -> Answer<StatusCode> {
    let write = Permission::ProgramWrite;
    let (program, scope) = at(&state, &caller, write, path, false).await?;
    let input = input(body, Kind::is_of_county)?;
    service::add(&state.app, &caller.ctx, &program, &scope, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a movement at a branch: confirmed, given back, counted, corrected.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/stock/branch", operation_id = "stock_branch",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = StockBody, responses((status = 204)))]
async fn stock_branch(
    State(state): State<WebState>,
    caller: Caller,
    Path(path): Path<(Uuid, Uuid)>,
    Body(body): Body<StockBody>,
) -> Answer<StatusCode> {
    let write = Permission::PlanConfirm;
    let (program, scope) = at(&state, &caller, write, path, true).await?;
    let input = input(body, Kind::is_of_branch)?;
    service::add(&state.app, &caller.ctx, &program, &scope, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}
