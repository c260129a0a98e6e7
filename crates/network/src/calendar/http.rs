//! HTTP of the work calendar: days as they are in force, and the bank's
//! corrections. The statutory days come from the base, the rules of a
//! correction are in the kernel.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use zf_base::calendar::{DaySource, lunar};
use zf_base::code::ErrorCode;
use zf_base::{Day, limits};
use zf_kernel::Permission;
use zf_kernel::calendar::{Correction, calendar_correct, calendar_restore, work_calendar};
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_root;
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CalendarRead),
        routes!(calendar_list),
    )
    .op(
        Access::Needs(Permission::CalendarWrite),
        routes!(calendar_put),
    )
    .op(
        Access::Needs(Permission::CalendarWrite),
        routes!(calendar_delete),
    )
}

/// From which day to which.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// First day, `YYYY-MM-DD`.
    from: String,
    /// Last day, `YYYY-MM-DD`.
    to: String,
}

/// A day.
#[derive(Serialize, ToSchema)]
pub struct CalendarDayView {
    /// `YYYY-MM-DD`.
    day: String,
    /// Monday = 1.
    weekday: u8,
    /// Worked on.
    is_workday: bool,
    /// Holiday, make-up day or the bank's reason.
    holiday_name: Option<String>,
    /// Lunar date in words.
    lunar: Option<String>,
    /// Corrected by the bank.
    corrected: bool,
    /// Covered by the statutory calendar; else only weekends are known.
    known: bool,
}

/// Days in order.
#[derive(Serialize, ToSchema)]
pub struct Days {
    items: Vec<CalendarDayView>,
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayCorrection {
    /// Worked on.
    is_workday: bool,
    /// Why.
    name: String,
}

fn day(text: &str, field: &str) -> Answer<Day> {
    text.parse().map_err(|_| Problem::field(field, "field.day"))
}

/// Days with holidays, make-up workdays and lunar dates; at most 400.
#[utoipa::path(get, path = "/api/v1/calendar", operation_id = "calendar_list", params(CalendarQuery), responses((status = 200, body = Days)))]
async fn calendar_list(
    State(state): State<WebState>,
    _caller: Caller,
    Query(query): Query<CalendarQuery>,
) -> Answer<Json<Days>> {
    let (from, to) = (day(&query.from, "from")?, day(&query.to, "to")?);
    if from > to || from.days_until(to) > limits::CALENDAR_DAYS_MAX {
        return Err(Problem::field("to", "field.range"));
    }
    let calendar = work_calendar(&state.app).await?;
    let items = from.through(to).map(|d| {
        let info = calendar.describe(d);
        CalendarDayView {
            day: d.to_string(),
            weekday: d.weekday(),
            is_workday: calendar.is_workday(d),
            holiday_name: Some(info.name).filter(|n| !n.is_empty()),
            lunar: lunar(d).ok().map(|l| l.text),
            corrected: matches!(info.source, DaySource::Bank),
            known: info.known,
        }
    });
    Ok(Json(Days {
        items: items.collect(),
    }))
}

/// The calendar belongs to the whole installation: whoever corrects it needs
/// the permission on the root.
async fn root(state: &WebState, caller: &Caller) -> Answer<Unit> {
    let root = unit_root(&state.app)
        .await?
        .ok_or_else(|| Problem::new(ErrorCode::NOT_FOUND))?;
    caller.ctx.scope(Permission::CalendarWrite, &root)?;
    Ok(root)
}

/// Corrects a day.
#[utoipa::path(put, path = "/api/v1/calendar/{day}", operation_id = "calendar_put", params(("day" = String, Path)), request_body = DayCorrection, responses((status = 204)))]
async fn calendar_put(
    State(state): State<WebState>,
    caller: Caller,
    Path(text): Path<String>,
    Body(body): Body<DayCorrection>,
) -> Answer<StatusCode> {
    let day = day(&text, "day")?;
    if body.name.trim().is_empty() || body.name.chars().count() > limits::NAME_CHARS_MAX {
        return Err(Problem::field("name", "field.required"));
    }
    let root = root(&state, &caller).await?;
    let correction = Correction {
        day,
        is_workday: body.is_workday,
        name: body.name,
    };
    calendar_correct(&state.app, &caller.ctx, &root, &correction).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a correction back.
#[utoipa::path(delete, path = "/api/v1/calendar/{day}", operation_id = "calendar_delete", params(("day" = String, Path)), responses((status = 204)))]
async fn calendar_delete(
    State(state): State<WebState>,
    caller: Caller,
    Path(text): Path<String>,
) -> Answer<StatusCode> {
    let day = day(&text, "day")?;
    let root = root(&state, &caller).await?;
    calendar_restore(&state.app, &caller.ctx, &root, day).await?;
    Ok(StatusCode::NO_CONTENT)
}
