//! HTTP of the life of a campaign: pause, resume, its history of states, and
//! the checklist of its preparation, and plans older than the calendar.
//! Requests become calls of this slice; nothing is decided here.

use super::calendar::changed_weeks;
use super::{program_pause, program_resume, state_changes, step_put, steps_done};
use crate::program::http::{ProgramView, day, program_view};
use crate::program::service::program_fetch;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let approve = Access::Needs(Permission::ProgramApprove);
    api.op(approve, routes!(program_pause_op))
        .op(approve, routes!(program_resume_op))
        .op(
            Access::Needs(Permission::ProgramRead),
            routes!(program_life),
        )
        .op(
            Access::Needs(Permission::ProgramRead),
            routes!(program_calendar_changes),
        )
        .op(
            Access::Needs(Permission::ProgramWrite),
            routes!(program_step_put),
        )
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// Shown to everybody who sees the campaign; no names or numbers.
    reason: String,
}

/// A tick on the checklist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepTick {
    /// The day it was done; without it the tick is taken away.
    done_day: Option<String>,
    /// What was done.
    #[serde(default)]
    note: String,
}

/// A change of state.
#[derive(Serialize, ToSchema)]
pub struct StateChangeView {
    at: String,
    /// `started`, `paused` or `closed`.
    state: String,
    reason: String,
    by_name: String,
}

/// A step of the preparation.
#[derive(Serialize, ToSchema)]
pub struct StepView {
    step: String,
    done_day: Option<String>,
    note: String,
    by_name: String,
    at: Option<String>,
    /// It is a meeting or a training and carries a record.
    meeting: bool,
}

/// What happened to a campaign beside its versions.
#[derive(Serialize, ToSchema)]
pub struct ProgramLife {
    /// Newest first.
    changes: Vec<StateChangeView>,
    /// In the order of the file.
    steps: Vec<StepView>,
}

/// Pauses a program: no new targets and week plans until it is resumed.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/pause", operation_id = "program_pause",
    params(("program_id" = Uuid, Path)), request_body = Why, responses((status = 200, body = ProgramView)))]
async fn program_pause_op(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(why): Body<Why>,
) -> Answer<Json<ProgramView>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let program = program_pause(app, &caller.ctx, &program, &why.reason).await?;
    Ok(Json(program_view(app, &caller.ctx, &program).await?))
}

/// Resumes a paused program.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/resume", operation_id = "program_resume",
    params(("program_id" = Uuid, Path)), request_body = Why, responses((status = 200, body = ProgramView)))]
async fn program_resume_op(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Body(why): Body<Why>,
) -> Answer<Json<ProgramView>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let program = program_resume(app, &caller.ctx, &program, &why.reason).await?;
    Ok(Json(program_view(app, &caller.ctx, &program).await?))
}

/// When and why a program was started, paused and closed, and its preparation.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/life", operation_id = "program_life",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = ProgramLife)))]
async fn program_life(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<ProgramLife>> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let changes = state_changes(app, &program).await?.into_iter();
    let done = steps_done(app, &program).await?;
    let step = |code: &String| {
        let tick = done.iter().find(|d| d.step == *code);
        StepView {
            step: code.clone(),
            done_day: tick.map(|t| t.done_day.to_string()),
            note: tick.map(|t| t.note.clone()).unwrap_or_default(),
            by_name: tick.map(|t| t.by_name.clone()).unwrap_or_default(),
            at: tick.map(|t| t.at.to_string()),
            meeting: program.definition.meeting_of(code).is_some(),
        }
    };
    Ok(Json(ProgramLife {
        changes: changes
            .map(|c| StateChangeView {
                at: c.at.to_string(),
                state: c.state,
                reason: c.reason,
                by_name: c.by_name,
            })
            .collect(),
        steps: program
            .definition
            .program
            .preparation
            .iter()
            .map(step)
            .collect(),
    }))
}

/// A day that was corrected.
#[derive(Serialize, ToSchema)]
pub struct ChangedDay {
    day: String,
    name: String,
}

/// A branch with a plan from before.
#[derive(Serialize, ToSchema)]
pub struct OldPlan {
    unit_id: Uuid,
    unit_name: String,
}

/// A week whose calendar changed after plans were made.
#[derive(Serialize, ToSchema)]
pub struct ChangedWeekView {
    week: String,
    days: Vec<ChangedDay>,
    /// To be planned again.
    drafts: Vec<OldPlan>,
    /// To be reopened, then planned again.
    confirmed: Vec<OldPlan>,
}

/// Weeks to be planned again.
#[derive(Serialize, ToSchema)]
pub struct CalendarChanges {
    items: Vec<ChangedWeekView>,
}

/// Week plans that are older than a change of the work calendar in their week.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/calendar-changes", operation_id = "program_calendar_changes",
    params(("program_id" = Uuid, Path)), responses((status = 200, body = CalendarChanges)))]
async fn program_calendar_changes(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Answer<Json<CalendarChanges>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let old = |(unit, name): (zf_base::UnitId, String)| OldPlan {
        unit_id: unit.uuid(),
        unit_name: name,
    };
    let weeks = changed_weeks(app, ctx, &program).await?.into_iter();
    let items = weeks.map(|w| ChangedWeekView {
        week: w.week.to_string(),
        days: w
            .days
            .into_iter()
            .map(|(day, name)| ChangedDay {
                day: day.to_string(),
                name,
            })
            .collect(),
        drafts: w.drafts.into_iter().map(old).collect(),
        confirmed: w.confirmed.into_iter().map(old).collect(),
    });
    Ok(Json(CalendarChanges {
        items: items.collect(),
    }))
}

/// Ticks a step of the preparation, or takes the tick away.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/steps/{step}", operation_id = "program_step_put",
    params(("program_id" = Uuid, Path), ("step" = String, Path)), request_body = StepTick, responses((status = 204)))]
async fn program_step_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
    Body(tick): Body<StepTick>,
) -> Answer<StatusCode> {
    let app = &state.app;
    let program = program_fetch(app, &caller.ctx, id.into()).await?;
    let done = day("done_day", tick.done_day.as_deref())?;
    step_put(app, &caller.ctx, &program, &step, done, &tick.note).await?;
    Ok(StatusCode::NO_CONTENT)
}
