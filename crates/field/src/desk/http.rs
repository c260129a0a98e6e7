//! HTTP of the desk: the forms of a day of one branch with what is typed in.
//! Parses, authorises, calls, answers; typing in goes through `sync`, and what
//! counts is decided in `service`.

use super::double::WANTED;
use super::service::{self, Sheet, Typed};
use crate::team::Colleague;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Day, UserId};
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_kernel::unit::Level;
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(Access::Needs(Permission::VisitWrite), routes!(desk_day_get))
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeskQuery {
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// A visit that is in.
#[derive(Serialize, ToSchema)]
pub struct DeskVisit {
    visit_id: Uuid,
    household_id: Option<Uuid>,
    /// Empty for whoever is to type the form a second time.
    outcome: String,
    counts: bool,
    /// `accepted` or `review`.
    state: String,
    members: i64,
    valid_records: i64,
    rev: i64,
    received_at: String,
    made_by_name: String,
    /// Typed by the caller.
    own: bool,
    /// Double entry: `wanted`, `same`, `open`, `first`, `second`; none when it
    /// is not in the sample.
    double: Option<String>,
    /// Scans of the paper.
    scans: i64,
}

/// A member of staff who may have gone.
#[derive(Serialize, ToSchema)]
pub struct DeskColleague {
    staff_id: Uuid,
    name: String,
    /// Code of the post, which tells two of one name apart.
    post: String,
}

/// A form to type in.
#[derive(Serialize, ToSchema)]
pub struct DeskSheet {
    /// On the printed form; none when none was printed.
    number: Option<i64>,
    stop_id: Uuid,
    target_id: Uuid,
    household_id: Uuid,
    customer_id: Uuid,
    customer_no: String,
    name_masked: String,
    /// `phone`, `id_number`, `address`: what the bank does not have.
    missing: Vec<String>,
    team: String,
    /// Who went by the plan, as far as the branch knows them.
    members: Vec<DeskColleague>,
    order: i64,
    village_group_id: Option<Uuid>,
    /// The visit, when it is in.
    visit: Option<DeskVisit>,
}

/// A day at the desk.
#[derive(Serialize, ToSchema)]
pub struct DeskDayView {
    day: String,
    today: String,
    /// Due today by the quota that holds.
    quota: i64,
    /// Households that count, each once.
    households: i64,
    /// Valid records.
    valid_records: i64,
    /// Visits that were typed in on the day itself.
    same_day: i64,
    /// The form to be typed in.
    form_id: String,
    form_version: i64,
    sheets: Vec<DeskSheet>,
    /// Everybody of the branch who may have gone.
    colleagues: Vec<DeskColleague>,
    /// Visits of households that are not in the plan of the day.
    others: Vec<DeskVisit>,
}

/// The visit as `user` may see it: who is to type it a second time sees nothing
/// of what was typed first.
fn visit(v: &Typed, user: UserId) -> DeskVisit {
    let own = v.made_by == user;
    let hidden = v.double.as_deref() == Some(WANTED) && !own;
    let seen = |n: i64| if hidden { 0 } else { n };
    let outcome = if hidden { "" } else { v.outcome.as_str() };
    DeskVisit {
        visit_id: v.id.uuid(),
        household_id: v.household_id.map(Into::into),
        outcome: outcome.to_owned(),
        counts: v.counts && !hidden,
        state: v.state.clone(),
        members: seen(v.members),
        valid_records: seen(v.valid_records),
        rev: v.rev,
        received_at: v.received_at.to_string(),
        made_by_name: v.made_by_name.clone(),
        own,
        double: v.double.clone(),
        scans: v.scans,
    }
}

fn colleague(c: &Colleague) -> DeskColleague {
    DeskColleague {
        staff_id: c.id.uuid(),
        name: c.name.clone(),
        post: c.post.clone(),
    }
}

fn sheet(s: &Sheet, typed: Option<&Typed>, user: UserId) -> DeskSheet {
    DeskSheet {
        number: s.number,
        stop_id: s.stop_id.uuid(),
        target_id: s.target_id.uuid(),
        household_id: s.household_id.uuid(),
        customer_id: s.customer_id.uuid(),
        customer_no: s.customer_no.clone(),
        name_masked: s.name.masked(),
        missing: s.missing.iter().map(|f| (*f).to_owned()).collect(),
        team: s.team.clone(),
        members: s.members.iter().map(colleague).collect(),
        order: s.order,
        village_group_id: s.village_group_id.map(Into::into),
        visit: typed.map(|v| visit(v, user)),
    }
}

/// Forms of a day, and what is typed in.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/desk", operation_id = "desk_day_get",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), DeskQuery), responses((status = 200, body = DeskDayView)))]
async fn desk_day_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((program_id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<DeskQuery>,
) -> Answer<Json<DeskDayView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, program_id.into()).await?;
    let scope = program
        .scope(app, ctx, Permission::VisitWrite, unit_id.into())
        .await?;
    if scope.unit().level != Level::Branch {
        return Err(Problem::new(ErrorCode::UNIT_NOT_FOUND));
    }
    let fault = |_| Problem::from(KernelError::field("day", "field.day"));
    let day: Day = match &query.day {
        Some(text) => text.parse().map_err(fault)?,
        None => ctx.today(),
    };
    let desk = service::desk_day(app, &scope, &program, day).await?;
    let user = ctx.actor.user_id;
    let form = zf_plan::paper::forms::visit_form(app, scope.unit()).await?;
    let quota = zf_plan::program::life::quota::quota_history(app, &program, scope.unit_id())
        .await?
        .on(day);
    let (households, same_day) = (desk.households() as i64, desk.same_day(day) as i64);
    let planned: std::collections::HashSet<_> =
        desk.sheets.iter().map(|s| s.household_id).collect();
    let others = {
        let other = |v: &&Typed| v.household_id.is_none_or(|h| !planned.contains(&h));
        let others = desk.visits.iter().filter(other);
        others.map(|v| visit(v, user)).collect()
    };
    let of = desk.of();
    let sheets = desk
        .sheets
        .iter()
        .map(|s| sheet(s, of.get(&s.household_id).copied(), user))
        .collect();
    Ok(Json(DeskDayView {
        day: day.to_string(),
        today: ctx.today().to_string(),
        quota,
        households,
        valid_records: desk.visits.iter().map(|v| v.valid_records).sum(),
        same_day,
        form_id: form.id.clone(),
        form_version: i64::from(form.version),
        others,
        sheets,
        colleagues: desk.colleagues.iter().map(colleague).collect(),
    }))
}
