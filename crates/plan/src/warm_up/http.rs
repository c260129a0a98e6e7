//! HTTP of warming up: how a branch's places stand, writing one down, taking it
//! back. Requests become calls of `service`; names of codes are the packs'. It
//! knows no SQL and decides nothing.

use super::WarmUp;
use super::service::{self, NewWarmUp, Place};
use crate::definition::form::Choice;
use crate::program::Program;
use crate::program::edit::sources;
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::error::KernelError;
use zf_kernel::{App, Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let head = Access::Needs(Permission::PlanConfirm);
    api.op(Access::Needs(Permission::PlanRead), routes!(warm_up_list))
        .op(head, routes!(warm_up_add))
        .op(head, routes!(warm_up_remove))
}

/// How many pieces of something were handed out.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmUpPieces {
    code: String,
    count: i64,
}

/// What was written down.
#[derive(Serialize, ToSchema)]
pub struct WarmUpDone {
    id: Uuid,
    /// Name of a workplace; empty for a place of the list.
    place: String,
    through: String,
    day: String,
    handed_out: Vec<WarmUpPieces>,
    at: String,
    by_name: String,
}

/// A place.
#[derive(Serialize, ToSchema)]
pub struct WarmUpPlace {
    village_group_id: Uuid,
    name: String,
    /// Households that wait for a visit.
    households: i64,
    /// First planned visit from today on.
    first_day: Option<String>,
    /// Last day to warm up in time.
    last_day: Option<String>,
    /// `late`, `due`, `open` or `done`.
    state: String,
    done: Vec<WarmUpDone>,
}

/// How a branch's places stand.
#[derive(Default, Serialize, ToSchema)]
pub struct WarmUpBoard {
    /// False: nobody warms up at this branch.
    applies: bool,
    /// Days before the first visit.
    days_before: u32,
    through: Vec<Choice>,
    hands_out: Vec<Choice>,
    places: Vec<WarmUpPlace>,
    /// What was done at workplaces.
    elsewhere: Vec<WarmUpDone>,
}

/// What is to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWarmUpBody {
    /// A place of the list; none for a workplace.
    village_group_id: Option<Uuid>,
    /// Name of the workplace.
    #[serde(default)]
    place: String,
    through: String,
    day: String,
    handed_out: Vec<WarmUpPieces>,
}

fn done(w: WarmUp) -> WarmUpDone {
    let pieces = w.handed_out.into_iter();
    WarmUpDone {
        id: w.id,
        place: w.place,
        through: w.through,
        day: w.day.to_string(),
        handed_out: pieces
            .map(|(code, count)| WarmUpPieces { code, count })
            .collect(),
        at: w.at.to_string(),
        by_name: w.by_name,
    }
}

fn place(p: Place) -> WarmUpPlace {
    WarmUpPlace {
        village_group_id: p.village_group_id.uuid(),
        name: p.name,
        households: p.households,
        first_day: p.first_day.map(|d| d.to_string()),
        last_day: p.last_day.map(|d| d.to_string()),
        state: p.standing.as_str().to_owned(),
        done: p.done.into_iter().map(done).collect(),
    }
}

fn choices(app: &App, set: &str, codes: &[String]) -> Vec<Choice> {
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    sources(app).codes(set, &codes)
}

async fn view(
    app: &App,
    caller: &Caller,
    program: &Program,
    scope: &UnitScope,
) -> Answer<WarmUpBoard> {
    let Some(rule) = service::rule(program, scope) else {
        return Ok(WarmUpBoard::default());
    };
    let board = service::board(app, program, scope, rule, caller.ctx.today()).await?;
    Ok(WarmUpBoard {
        applies: true,
        days_before: rule.days_before,
        through: choices(app, "warm_up.through", &rule.through),
        hands_out: choices(app, "warm_up.hands_out", &rule.hands_out),
        places: board.places.into_iter().map(place).collect(),
        elsewhere: board.elsewhere.into_iter().map(done).collect(),
    })
}

/// Which estates and workplaces of a branch are to be warmed up, and what was done.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/warm-ups", operation_id = "warm_up_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), responses((status = 200, body = WarmUpBoard)))]
async fn warm_up_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
) -> Answer<Json<WarmUpBoard>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanRead, unit.into())
        .await?;
    Ok(Json(view(app, &caller, &program, &scope).await?))
}

/// Writes down that a place was warmed up.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/warm-ups", operation_id = "warm_up_add",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = NewWarmUpBody, responses((status = 200, body = WarmUpBoard)))]
async fn warm_up_add(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Body(new): Body<NewWarmUpBody>,
) -> Answer<Json<WarmUpBoard>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanConfirm, unit.into())
        .await?;
    let fault = |_| Problem::from(KernelError::field("day", "field.day"));
    let pieces = new.handed_out.into_iter();
    let new = NewWarmUp {
        village_group_id: new.village_group_id.map(Into::into),
        place: new.place,
        through: new.through,
        day: new.day.parse().map_err(fault)?,
        handed_out: pieces.map(|p| (p.code, p.count)).collect(),
    };
    service::warm_up_add(app, ctx, &program, &scope, &new).await?;
    Ok(Json(view(app, &caller, &program, &scope).await?))
}

/// Takes back what was written down by mistake.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/warm-ups/{warm_up_id}/remove", operation_id = "warm_up_remove",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("warm_up_id" = Uuid, Path)), responses((status = 200, body = WarmUpBoard)))]
async fn warm_up_remove(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit, warm_up)): Path<(Uuid, Uuid, Uuid)>,
) -> Answer<Json<WarmUpBoard>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanConfirm, unit.into())
        .await?;
    service::warm_up_remove(app, ctx, &program, &scope, warm_up).await?;
    Ok(Json(view(app, &caller, &program, &scope).await?))
}
