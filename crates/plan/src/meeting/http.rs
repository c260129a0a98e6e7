//! HTTP of meetings before the start: the record with its versions and the
//! figures of each unit, the attendance of one unit, both entered, and the sheet
//! as a workbook. Requests become calls of `service`; nothing is decided here.

use super::book::attendance_book;
use super::service::{self, RecordInput, SheetInput};
use super::{Came, Presence, Record, SheetHead, UnitRow};
use crate::program::Program;
use crate::program::http::day;
use crate::program::service::{post_name, program_fetch};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::StaffId;
use zf_kernel::Permission;
use zf_kernel::calendar::work_calendar;
use zf_web::{Access, Answer, Api, Body, Caller, Download, Problem, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let plans = Access::Needs(Permission::PlanRead);
    api.op(Access::Needs(Permission::ProgramRead), routes!(meeting_get))
        .op(
            Access::Needs(Permission::ProgramWrite),
            routes!(meeting_record),
        )
        .op(plans, routes!(attendance_get))
        .op(
            Access::Needs(Permission::PlanWrite),
            routes!(attendance_put),
        )
        .op(plans, routes!(attendance_workbook))
}

/// A version of the record of a meeting.
#[derive(Serialize, ToSchema)]
pub struct MeetingRecord {
    seq: i64,
    held_day: String,
    place: String,
    topics: Vec<String>,
    /// Why the former version was corrected; empty for the first.
    reason: String,
    at: String,
    by_name: String,
}

/// A version of the attendance of a unit, in figures.
#[derive(Serialize, ToSchema)]
pub struct MeetingSheet {
    seq: i64,
    people: i64,
    present: i64,
    excused: i64,
    trained: i64,
    /// Why the former one was corrected; empty for the first.
    reason: String,
    at: String,
    by_name: String,
}

/// A unit with its attendance.
#[derive(Serialize, ToSchema)]
pub struct MeetingUnit {
    unit_id: Uuid,
    unit_name: String,
    level: String,
    /// Active staff today.
    staff: i64,
    /// None = not entered yet.
    sheet: Option<MeetingSheet>,
}

/// A step of the preparation that is a meeting.
#[derive(Serialize, ToSchema)]
pub struct MeetingView {
    step: String,
    title: String,
    /// Visits are trained there too.
    training: bool,
    /// To be held on this day or before.
    due: String,
    /// Newest first; the first is in force.
    records: Vec<MeetingRecord>,
    units: Vec<MeetingUnit>,
}

/// The record of a meeting, as it is entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingRecordBody {
    /// The version that was seen; 0 = none.
    seen: i64,
    held_day: String,
    place: String,
    /// One item each; no names or numbers of customers.
    topics: Vec<String>,
    /// Why the former version is corrected.
    #[serde(default)]
    reason: String,
}

/// A member of staff on a sheet of attendance.
#[derive(Serialize, ToSchema)]
pub struct AttendancePerson {
    staff_id: Uuid,
    staff_no: String,
    name: String,
    post: String,
    /// `present`, `excused` or `absent`; none = not entered.
    came: Option<String>,
    trained: bool,
}

/// The attendance of one unit.
#[derive(Serialize, ToSchema)]
pub struct Attendance {
    unit_id: Uuid,
    unit_name: String,
    people: Vec<AttendancePerson>,
    /// Newest first.
    versions: Vec<MeetingSheet>,
}

/// A member of staff, as entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendanceEntry {
    staff_id: Uuid,
    /// `present`, `excused` or `absent`.
    came: String,
    #[serde(default)]
    trained: bool,
}

/// The attendance of one unit, as it is entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendanceBody {
    /// The version that was seen; 0 = none.
    seen: i64,
    people: Vec<AttendanceEntry>,
    /// Why the former sheet is corrected.
    #[serde(default)]
    reason: String,
}

fn record_view(r: Record) -> MeetingRecord {
    MeetingRecord {
        seq: r.seq,
        held_day: r.held_day.to_string(),
        place: r.place,
        topics: r.topics,
        reason: r.reason,
        at: r.at.to_string(),
        by_name: r.by_name,
    }
}

fn sheet_view(h: SheetHead) -> MeetingSheet {
    MeetingSheet {
        seq: h.seq,
        people: h.tally.people,
        present: h.tally.present,
        excused: h.tally.excused,
        trained: h.tally.trained,
        reason: h.reason,
        at: h.at.to_string(),
        by_name: h.by_name,
    }
}

async fn view(
    state: &WebState,
    caller: &Caller,
    program: &Program,
    step: &str,
) -> Answer<MeetingView> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let meeting = service::meeting_of(program, step)?;
    let records = service::records(app, program, step).await?;
    let units = service::unit_rows(app, ctx, program, step).await?;
    let due = meeting.due(program.first_day, &work_calendar(app).await?);
    let unit = |u: UnitRow| MeetingUnit {
        unit_id: u.unit_id.uuid(),
        unit_name: u.unit_name,
        level: u.level,
        staff: u.staff,
        sheet: u.sheet.map(sheet_view),
    };
    Ok(MeetingView {
        step: step.to_owned(),
        title: meeting.title.clone(),
        training: meeting.training,
        due: due.to_string(),
        records: records.into_iter().map(record_view).collect(),
        units: units.into_iter().map(unit).collect(),
    })
}

/// A meeting before the start: its record with all versions, and who came, unit by unit.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/steps/{step}/meeting", operation_id = "meeting_get",
    params(("program_id" = Uuid, Path), ("step" = String, Path)), responses((status = 200, body = MeetingView)))]
async fn meeting_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
) -> Answer<Json<MeetingView>> {
    let program = program_fetch(&state.app, &caller.ctx, id.into()).await?;
    Ok(Json(view(&state, &caller, &program, &step).await?))
}

/// Enters the record of a meeting, or corrects it by a further version; ticks the step.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/steps/{step}/meeting", operation_id = "meeting_record",
    params(("program_id" = Uuid, Path), ("step" = String, Path)), request_body = MeetingRecordBody, responses((status = 200, body = MeetingView)))]
async fn meeting_record(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
    Body(body): Body<MeetingRecordBody>,
) -> Answer<Json<MeetingView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let held = day("held_day", Some(&body.held_day))?;
    let input = RecordInput {
        seen: body.seen,
        held_day: held.ok_or_else(|| Problem::field("held_day", "field.required"))?,
        place: body.place,
        topics: body.topics,
        reason: body.reason,
    };
    service::record_add(app, ctx, &program, &step, &input).await?;
    let program = program_fetch(app, ctx, id.into()).await?;
    Ok(Json(view(&state, &caller, &program, &step).await?))
}

/// Which version.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AttendanceQuery {
    /// An earlier sheet; the newest when absent.
    version: Option<i64>,
}

async fn attendance(
    state: &WebState,
    caller: &Caller,
    permission: Permission,
    (id, unit, step): (Uuid, Uuid, String),
    version: Option<i64>,
) -> Answer<Json<Attendance>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program.scope(app, ctx, permission, unit.into()).await?;
    service::meeting_of(&program, &step)?;
    let sheet = service::unit_sheet(app, &program, &scope, &step, version).await?;
    let person = |(s, known): (zf_kernel::staff::Staff, Option<Presence>)| AttendancePerson {
        staff_id: s.id.uuid(),
        staff_no: s.staff_no,
        name: s.name,
        post: post_name(app, &s.post),
        came: known.map(|k| k.came.as_str().to_owned()),
        trained: known.is_some_and(|k| k.trained),
    };
    Ok(Json(Attendance {
        unit_id: scope.unit_id().uuid(),
        unit_name: scope.unit().name.clone(),
        people: sheet.people.into_iter().map(person).collect(),
        versions: sheet.heads.into_iter().map(sheet_view).collect(),
    }))
}

/// Who of a unit came and was trained.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/steps/{step}/attendance", operation_id = "attendance_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("step" = String, Path), AttendanceQuery), responses((status = 200, body = Attendance)))]
async fn attendance_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(path): Path<(Uuid, Uuid, String)>,
    Query(query): Query<AttendanceQuery>,
) -> Answer<Json<Attendance>> {
    attendance(&state, &caller, Permission::PlanRead, path, query.version).await
}

/// Enters who of a unit came and was trained, or corrects it by a further sheet.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/units/{unit_id}/steps/{step}/attendance", operation_id = "attendance_put",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("step" = String, Path)), request_body = AttendanceBody, responses((status = 200, body = Attendance)))]
async fn attendance_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit, step)): Path<(Uuid, Uuid, String)>,
    Body(body): Body<AttendanceBody>,
) -> Answer<Json<Attendance>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let write = Permission::PlanWrite;
    let scope = program.scope(app, ctx, write, unit.into()).await?;
    let person = |e: &AttendanceEntry| -> Answer<Presence> {
        let came = Came::from_code(&e.came);
        Ok(Presence {
            staff_id: StaffId(e.staff_id),
            came: came.ok_or_else(|| Problem::field("people", "field.not_in_list"))?,
            trained: e.trained,
        })
    };
    let input = SheetInput {
        seen: body.seen,
        people: body.people.iter().map(person).collect::<Answer<_>>()?,
        reason: body.reason,
    };
    service::sheet_add(app, ctx, &program, &scope, &step, &input).await?;
    attendance(&state, &caller, write, (id, unit, step), None).await
}

/// Whose sheet.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AttendanceBookQuery {
    /// One unit; all that the caller may see when absent.
    unit_id: Option<Uuid>,
}

/// 签到表 as a workbook: to be signed before the meeting, filled in afterwards.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/steps/{step}/attendance.xlsx", operation_id = "attendance_workbook",
    params(("program_id" = Uuid, Path), ("step" = String, Path), AttendanceBookQuery), responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn attendance_workbook(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, step)): Path<(Uuid, String)>,
    Query(query): Query<AttendanceBookQuery>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let unit = query.unit_id.map(Into::into);
    let (name, bytes) = attendance_book(app, ctx, &program, &step, unit).await?;
    Ok(download(&name, bytes))
}
