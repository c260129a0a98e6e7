//! HTTP of daily meetings: a branch's day with what is filled in beforehand,
//! entering and correcting, the list of many branches, the same as a workbook.
//! Requests become calls of `service`; nothing is decided here.

use super::book::{Forms, workbook};
use super::parameters::meeting_rules;
use super::service::{self, RecordInput};
use super::{DayLine, Figures, Line, Meeting, Version};
use crate::board::http::{SummaryQuery, day, days};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::Day;
use zf_forms::Form;
use zf_kernel::error::KernelError;
use zf_kernel::{App, Permission, UnitScope};
use zf_plan::form::service::form_of_answers;
use zf_plan::program::Program;
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Body, Caller, Download, WebState, download};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::PlanRead);
    api.op(read, routes!(daily_meeting_get))
        .op(
            Access::Needs(Permission::VisitWrite),
            routes!(daily_meeting_put),
        )
        .op(read, routes!(daily_meeting_list))
        .op(read, routes!(daily_meeting_book))
}

/// What a branch did on its last planned day.
#[derive(Serialize, ToSchema)]
pub struct DailyLastDay {
    day: String,
    quota: i64,
    visits: i64,
    households: i64,
    valid_records: i64,
}

/// A team that goes out.
#[derive(Serialize, ToSchema)]
pub struct DailyTeam {
    name: String,
    stops: i64,
}

/// A version of a record.
#[derive(Serialize, ToSchema)]
pub struct DailyVersion {
    seq: i64,
    form_id: String,
    form_version: i64,
    /// Answers by name of the field.
    #[schema(value_type = Object)]
    answers: Map<String, Value>,
    /// Answers that are missing or break a rule of the form.
    problems: i64,
    /// Counted when it was written.
    counted_households: i64,
    counted_records: i64,
    /// Owed when it was written.
    owed: i64,
    /// Why the former version was corrected; empty for the first.
    reason: String,
    at: String,
    by_name: String,
}

/// The record of one session.
#[derive(Serialize, ToSchema)]
pub struct DailyMeeting {
    /// Photos name it.
    id: Uuid,
    session: String,
    /// Newest first.
    versions: Vec<DailyVersion>,
}

/// A branch's day.
#[derive(Serialize, ToSchema)]
pub struct DailyMeetingDay {
    unit_id: Uuid,
    unit_name: String,
    day: String,
    today: String,
    last: Option<DailyLastDay>,
    /// Households owed from all days before.
    owed: i64,
    /// Planned days before without any record; they owe nothing yet.
    open_days: i64,
    /// Due on the day.
    quota: i64,
    teams: Vec<DailyTeam>,
    /// What waits for a decision.
    open_reviews: i64,
    form_id: String,
    form_version: i64,
    /// That form, and those that versions of records name.
    #[schema(value_type = Vec<Object>)]
    forms: Vec<Form>,
    /// Name of the field that says which of the day's meetings it is.
    session_field: String,
    /// Answers filled in beforehand.
    #[schema(value_type = Object)]
    prefill: Map<String, Value>,
    meetings: Vec<DailyMeeting>,
}

/// A record as it is entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DailyMeetingBody {
    day: String,
    /// The version that was seen; 0 = none.
    seen: i64,
    form_version: u32,
    /// Answers by name of the field; no names or numbers of customers.
    #[schema(value_type = Object)]
    answers: Map<String, Value>,
    /// Why the former version is corrected.
    #[serde(default)]
    reason: String,
}

/// A record in the list.
#[derive(Serialize, ToSchema)]
pub struct DailyRecord {
    session: String,
    /// Versions.
    seq: i64,
    problems: i64,
    present: Option<i64>,
    /// As written.
    households: Option<i64>,
    valid_records: Option<i64>,
    counted_households: i64,
    counted_records: i64,
    at: String,
    by_name: String,
}

/// A branch and day of the list.
#[derive(Serialize, ToSchema)]
pub struct DailyMeetingRow {
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    day: String,
    /// Had a task, so that a record is expected.
    planned: bool,
    records: Vec<DailyRecord>,
}

/// Records of some days.
#[derive(Serialize, ToSchema)]
pub struct DailyMeetings {
    from: String,
    to: String,
    today: String,
    items: Vec<DailyMeetingRow>,
    /// Days with a task up to and with today.
    expected: i64,
    /// Of them with a record.
    held: i64,
}

fn version_view(v: Version) -> DailyVersion {
    DailyVersion {
        seq: v.seq,
        form_id: v.form_id,
        form_version: v.form_version,
        answers: v.answers,
        problems: v.problems,
        counted_households: v.counted_households,
        counted_records: v.counted_records,
        owed: v.owed,
        reason: v.reason,
        at: v.at.to_string(),
        by_name: v.by_name,
    }
}

fn meeting_view(m: Meeting) -> DailyMeeting {
    DailyMeeting {
        id: m.id,
        session: m.session,
        versions: m.versions.into_iter().map(version_view).collect(),
    }
}

fn last_view(figures: &Figures) -> Option<DailyLastDay> {
    let last = figures.last.as_ref()?;
    Some(DailyLastDay {
        day: last.day.to_string(),
        quota: last.quota,
        visits: last.visits,
        households: last.households,
        valid_records: last.valid_records,
    })
}

async fn view(
    app: &App,
    caller: &Caller,
    program: &Program,
    scope: &UnitScope,
    on: Day,
) -> Answer<Json<DailyMeetingDay>> {
    let unit = scope.unit();
    let figures = service::figures(app, program, unit.id, on).await?;
    let meetings = service::meetings(app, program, unit.id, on).await?;
    let form = service::meeting_form(app, scope).await?;
    let versions = meetings.iter().flat_map(|m| &m.versions);
    let mut forms = forms_of(app, versions).await?;
    let newest = (form.id.clone(), i64::from(form.version));
    forms.entry(newest).or_insert_with(|| form.clone());
    let fields = meeting_rules(app).await?.fields;
    let prefill = service::prefill(&fields, &form, on, &figures, &meetings);
    let team = |(name, stops): &(String, i64)| DailyTeam {
        name: name.clone(),
        stops: *stops,
    };
    Ok(Json(DailyMeetingDay {
        unit_id: unit.id.uuid(),
        unit_name: unit.name.clone(),
        day: on.to_string(),
        today: caller.ctx.today().to_string(),
        last: last_view(&figures),
        owed: figures.owed,
        open_days: figures.open_days,
        quota: figures.quota,
        teams: figures.teams.iter().map(team).collect(),
        open_reviews: figures.open_reviews,
        form_id: form.id.clone(),
        form_version: i64::from(form.version),
        forms: forms.into_values().collect(),
        session_field: fields.session,
        prefill,
        meetings: meetings.into_iter().map(meeting_view).collect(),
    }))
}

/// A branch's day: what the meeting should know, and its records.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/daily-meetings", operation_id = "daily_meeting_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), crate::board::http::BoardQuery), responses((status = 200, body = DailyMeetingDay)))]
async fn daily_meeting_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Query(query): Query<crate::board::http::BoardQuery>,
) -> Answer<Json<DailyMeetingDay>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::PlanRead, unit.into())
        .await?;
    let on = day(query.day.as_deref(), "day", ctx.today())?;
    view(app, &caller, &program, &scope, on).await
}

/// Enters a record, or corrects it for a reason.
#[utoipa::path(put, path = "/api/v1/programs/{program_id}/units/{unit_id}/daily-meetings", operation_id = "daily_meeting_put",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path)), request_body = DailyMeetingBody, responses((status = 200, body = DailyMeetingDay)))]
async fn daily_meeting_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((id, unit)): Path<(Uuid, Uuid)>,
    Body(body): Body<DailyMeetingBody>,
) -> Answer<Json<DailyMeetingDay>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let scope = program
        .branch(app, ctx, Permission::VisitWrite, unit.into())
        .await?;
    let on = day(Some(&body.day), "day", ctx.today())?;
    let input = RecordInput {
        seen: body.seen,
        form_version: body.form_version,
        answers: body.answers,
        reason: body.reason,
    };
    service::record_put(app, ctx, &scope, &program, on, &input).await?;
    view(app, &caller, &program, &scope, on).await
}

fn record_view(l: Line) -> DailyRecord {
    DailyRecord {
        session: l.session,
        seq: l.seq,
        problems: l.newest.problems,
        present: l.present,
        households: l.households,
        valid_records: l.valid_records,
        counted_households: l.newest.counted_households,
        counted_records: l.newest.counted_records,
        at: l.newest.at.to_string(),
        by_name: l.newest.by_name,
    }
}

fn row_view(l: DayLine) -> DailyMeetingRow {
    DailyMeetingRow {
        unit_id: l.unit.id.uuid(),
        unit_code: l.unit.code,
        unit_name: l.unit.name,
        day: l.day.to_string(),
        planned: l.planned,
        records: l.records.into_iter().map(record_view).collect(),
    }
}

/// Records of the branches that the caller may see, and where one is missing.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/daily-meetings", operation_id = "daily_meeting_list",
    params(("program_id" = Uuid, Path), SummaryQuery), responses((status = 200, body = DailyMeetings)))]
async fn daily_meeting_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<SummaryQuery>,
) -> Answer<Json<DailyMeetings>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (from, to) = days(&query, ctx)?;
    let lines = service::lines(app, ctx, &program, from, to).await?;
    let due = || lines.iter().filter(|l| l.planned && l.day <= ctx.today());
    Ok(Json(DailyMeetings {
        from: from.to_string(),
        to: to.to_string(),
        today: ctx.today().to_string(),
        expected: due().count() as i64,
        held: due().filter(|l| !l.records.is_empty()).count() as i64,
        items: lines.into_iter().map(row_view).collect(),
    }))
}

async fn forms_of<'v>(
    app: &App,
    versions: impl Iterator<Item = &'v Version> + Send,
) -> Answer<Forms> {
    let mut all = Forms::new();
    for v in versions {
        let key = (v.form_id.clone(), v.form_version);
        if all.contains_key(&key) {
            continue;
        }
        let version = u32::try_from(key.1).unwrap_or_default();
        if let Some(form) = form_of_answers(app, &key.0, version).await? {
            all.insert(key, form);
        }
    }
    Ok(all)
}

/// The same list as a workbook.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/daily-meetings.xlsx", operation_id = "daily_meeting_book",
    params(("program_id" = Uuid, Path), SummaryQuery), responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>)))]
async fn daily_meeting_book(
    State(state): State<WebState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<SummaryQuery>,
) -> Answer<Download> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, id.into()).await?;
    let (from, to) = days(&query, ctx)?;
    let lines = service::lines(app, ctx, &program, from, to).await?;
    let newest = lines.iter().flat_map(|l| &l.records).map(|r| &r.newest);
    let forms = forms_of(app, newest).await?;
    let session = meeting_rules(app).await?.fields.session;
    let (name, now) = (program.name.clone(), ctx.now);
    let made = tokio::task::spawn_blocking(move || {
        workbook(&name, (from, to), now, (&forms, &session), &lines)
    });
    let made = made
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let (name, bytes) = made?;
    Ok(download(&name, bytes))
}
