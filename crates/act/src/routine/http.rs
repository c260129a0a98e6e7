//! HTTP of routines: the calendar of a unit (what was opened, what was skipped
//! and why, what is to come) and changing one. Requests become calls of
//! `service`; nothing is decided here and no SQL is known.

use super::plan::times;
use super::service::{self, InForce, SettingInput, in_force, rhythm, season_of};
use crate::task::http::{TwoWords, post_words};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::cadence::Cadence;
use zf_base::calendar::WorkCalendar;
use zf_base::{Day, Timestamp, UnitId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::KernelError;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{scope_of, unit_subtree};
use zf_kernel::{App, Permission, UnitScope};
use zf_plan::program::Program;
use zf_plan::program::service::program_list;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Most days of a calendar.
const DAYS_MAX: i32 = 100;

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::TaskRead),
        routes!(routine_calendar),
    )
    .op(Access::Needs(Permission::TaskManage), routes!(routine_put))
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// First day; today when absent.
    from: Option<String>,
    /// Last day; 30 days after when absent.
    to: Option<String>,
}

/// A routine as it holds at the unit.
#[derive(Serialize, ToSchema)]
pub struct RoutineView {
    id: String,
    name: TwoWords,
    kind: String,
    guide: TwoWords,
    /// Level of the units that owe it.
    level: String,
    owner_post: TwoWords,
    enabled: bool,
    /// `every` with its figures, as in packs.
    #[schema(value_type = Object)]
    cadence: Cadence,
    /// The cadence as shipped.
    #[schema(value_type = Object)]
    shipped: Cadence,
    lead_days: u16,
    /// Only while a campaign runs.
    campaign: bool,
    /// Version at this very unit; 0 = it has changed nothing.
    version: i64,
    /// Who changed it, here or above; empty = as shipped.
    changed_by: String,
    changed_at: Option<String>,
    changed_unit: Option<String>,
    reason: String,
    /// Requirement IDs.
    req: Vec<String>,
}

/// A period of a routine on a day.
#[derive(Serialize, ToSchema)]
pub struct RoutineDay {
    routine_id: String,
    unit_id: Uuid,
    unit_name: String,
    day: String,
    /// `open`, `late`, `done`, `done_late`, `lapsed`, `skipped` or `coming`.
    state: String,
    /// Why it was skipped: `holiday`, `no_day`, `paused`, `missed`.
    reason: String,
    task_id: Option<Uuid>,
}

/// The routines of a unit and the days around today.
#[derive(Serialize, ToSchema)]
pub struct RoutineCalendar {
    unit_id: Uuid,
    unit_name: String,
    from: String,
    to: String,
    today: String,
    /// The campaign that its routines belong to.
    program: Option<String>,
    program_from: Option<String>,
    program_to: Option<String>,
    routines: Vec<RoutineView>,
    days: Vec<RoutineDay>,
    /// Days in the range that are not worked.
    off: Vec<String>,
}

fn day(text: Option<&str>, field: &str, otherwise: Day) -> Result<Day, KernelError> {
    match text.filter(|t| !t.is_empty()) {
        None => Ok(otherwise),
        Some(text) => text
            .parse()
            .map_err(|_| KernelError::field(field, "field.day")),
    }
}

fn routine_view(
    app: &App,
    units: &BTreeMap<UnitId, Unit>,
    here: UnitId,
    h: &InForce,
) -> RoutineView {
    let kind = app.packs.task_kind(&h.routine.kind).map(|(k, _)| k);
    let nothing = zf_forms::pack::Words::default();
    let set = h.setting;
    RoutineView {
        id: h.routine.id.clone(),
        name: TwoWords::from(&h.routine.name),
        kind: h.routine.kind.clone(),
        guide: TwoWords::from(kind.map_or(&nothing, |k| &k.guide)),
        level: h.routine.level.clone(),
        owner_post: post_words(app, kind.map_or("", |k| k.owner.post.as_str())),
        enabled: h.enabled,
        cadence: h.cadence.clone(),
        shipped: h.routine.cadence.clone(),
        lead_days: h.lead_days,
        campaign: h.routine.campaign,
        version: set.filter(|s| s.unit_id == here).map_or(0, |s| s.version),
        changed_by: set.map_or_else(String::new, |s| s.by_name.clone()),
        changed_at: set.map(|s| s.at.to_string()),
        changed_unit: set
            .and_then(|s| units.get(&s.unit_id))
            .map(|u| u.name.clone()),
        reason: set.map_or_else(String::new, |s| s.reason.clone()),
        req: h.routine.req.clone(),
    }
}

fn state_of(ran: &super::Ran, now: Timestamp) -> &'static str {
    match (ran.task_id, ran.waits.as_str(), ran.due_at, ran.ended_at) {
        (None, ..) => "skipped",
        (_, "nobody", ..) if ran.canceled => "lapsed",
        (_, "nobody", Some(due), Some(ended)) if ended > due => "done_late",
        (_, "nobody", ..) => "done",
        (_, _, Some(due), _) if due < now => "late",
        _ => "open",
    }
}

/// What the days of a calendar are told from.
struct Facts {
    below: Vec<Unit>,
    units: BTreeMap<UnitId, Unit>,
    settings: Vec<super::Setting>,
    programs: Vec<Program>,
    work: WorkCalendar,
}

async fn facts(app: &App, caller: &Caller, scope: &UnitScope) -> Answer<Facts> {
    let below = unit_subtree(app, &scope.unit().path).await?;
    Ok(Facts {
        units: below.iter().map(|u| (u.id, u.clone())).collect(),
        below,
        settings: service::settings(app).await?,
        programs: program_list(app, &caller.ctx).await?,
        work: work_calendar(app).await?,
    })
}

/// Periods that are settled, and their keys.
fn past(facts: &Facts, ran: Vec<super::Ran>, now: Timestamp) -> (Vec<RoutineDay>, Keys) {
    let mut keys = Keys::new();
    let mut days = Vec::new();
    for ran in ran {
        keys.insert((ran.unit_id, ran.routine_id.clone(), ran.period.clone()));
        let unit = facts.units.get(&ran.unit_id);
        days.push(RoutineDay {
            state: state_of(&ran, now).to_owned(),
            unit_name: unit.map_or_else(String::new, |u| u.name.clone()),
            unit_id: ran.unit_id.uuid(),
            day: ran.day.to_string(),
            routine_id: ran.routine_id,
            reason: ran.reason,
            task_id: ran.task_id,
        });
    }
    (days, keys)
}

type Keys = BTreeSet<(UnitId, String, String)>;

/// What is to come of the units' routines, without what is settled.
fn coming(app: &App, facts: &Facts, keys: &Keys, today: Day, range: (Day, Day)) -> Vec<RoutineDay> {
    let mut days = Vec::new();
    for unit in facts.below.iter().filter(|u| u.active) {
        let program = season_of(&facts.programs, unit, today);
        let level = unit.level.as_str();
        for routine in app.packs.routines().filter(|r| r.level == level) {
            let held = in_force(routine, &facts.settings, unit);
            let Some(rhythm) = rhythm(&held, program).filter(|_| held.enabled) else {
                continue;
            };
            for o in times(&rhythm, range, &facts.work) {
                let key = (unit.id, routine.id.clone(), o.period.clone());
                let Some(due) = o.due.filter(|_| !keys.contains(&key)) else {
                    continue;
                };
                days.push(RoutineDay {
                    routine_id: routine.id.clone(),
                    unit_id: unit.id.uuid(),
                    unit_name: unit.name.clone(),
                    day: due.to_string(),
                    state: "coming".to_owned(),
                    reason: String::new(),
                    task_id: None,
                });
            }
        }
    }
    days
}

async fn calendar(
    app: &App,
    caller: &Caller,
    scope: &UnitScope,
    (from, to): (Day, Day),
) -> Answer<Json<RoutineCalendar>> {
    let (ctx, here) = (&caller.ctx, scope.unit());
    let facts = facts(app, caller, scope).await?;
    let ran = service::runs(app, scope, (from, to)).await?;
    let (mut days, keys) = past(&facts, ran, ctx.now);
    let ahead = (from.max(ctx.today()), to);
    days.extend(coming(app, &facts, &keys, ctx.today(), ahead));
    days.sort_by(|a, b| (&a.day, &a.routine_id).cmp(&(&b.day, &b.routine_id)));
    let owed = |level: &str| facts.below.iter().any(|u| u.level.as_str() == level);
    let held = app.packs.routines().filter(|r| owed(&r.level));
    let held = held.map(|r| in_force(r, &facts.settings, here));
    let routines = held.map(|h| routine_view(app, &facts.units, here.id, &h));
    let program = season_of(&facts.programs, here, ctx.today());
    let off = from.through(to).filter(|d| !facts.work.is_workday(*d));
    Ok(Json(RoutineCalendar {
        unit_id: here.id.uuid(),
        unit_name: here.name.clone(),
        from: from.to_string(),
        to: to.to_string(),
        today: ctx.today().to_string(),
        program: program.map(|p| p.name.clone()),
        program_from: program.map(|p| p.first_day.to_string()),
        program_to: program.map(|p| p.last_day.to_string()),
        routines: routines.collect(),
        days,
        off: off.map(|d| d.to_string()).collect(),
    }))
}

/// Routines of a unit and of those below it, with their days.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/routines", operation_id = "routine_calendar",
    params(("unit_id" = Uuid, Path), CalendarQuery), responses((status = 200, body = RoutineCalendar)))]
async fn routine_calendar(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit): Path<Uuid>,
    Query(query): Query<CalendarQuery>,
) -> Answer<Json<RoutineCalendar>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::TaskRead, unit.into()).await?;
    let from = day(query.from.as_deref(), "from", caller.ctx.today())?;
    let to = day(query.to.as_deref(), "to", from.plus_days(30))?;
    if to < from || from.days_until(to) > DAYS_MAX {
        return Err(KernelError::field("to", "field.range").into());
    }
    calendar(app, &caller, &scope, (from, to)).await
}

/// A change of a routine.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutineBody {
    /// The version that was seen at this very unit; 0 = none.
    seen: i64,
    enabled: bool,
    /// `every` with its figures, as in packs.
    #[schema(value_type = Object)]
    cadence: Cadence,
    /// Days before it is due on which the task is opened.
    lead_days: u16,
    /// Why.
    reason: String,
}

/// Changes a routine for the unit and all below it.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/routines/{routine_id}", operation_id = "routine_put",
    params(("unit_id" = Uuid, Path), ("routine_id" = String, Path)), request_body = RoutineBody, responses((status = 200, body = RoutineCalendar)))]
async fn routine_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit, id)): Path<(Uuid, String)>,
    Body(body): Body<RoutineBody>,
) -> Answer<Json<RoutineCalendar>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::TaskManage, unit.into()).await?;
    let input = SettingInput {
        seen: body.seen,
        enabled: body.enabled,
        cadence: body.cadence,
        lead_days: body.lead_days,
        reason: body.reason,
    };
    service::routine_set(app, ctx, &scope, &id, &input).await?;
    let today = ctx.today();
    calendar(app, &caller, &scope, (today, today.plus_days(30))).await
}
