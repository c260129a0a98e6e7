//! HTTP of visits: a day's visits of a branch, one visit, and what it says in
//! full for a reason. Parses, authorises, calls, answers; lists carry states
//! and counts, never what was said.

use super::payload::VisitPayload;
use super::whole::{self, Change, Look, Revision, Whole};
use super::{Visit, service};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::geo::Point;
use zf_base::{Day, VisitId};
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_kernel::unit::service::scope_of;
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    let read = Access::Needs(Permission::VisitRead);
    api.op(read, routes!(visit_list))
        .op(read, routes!(visit_get))
        .op(read, routes!(visit_whole))
        .op(read, routes!(household_visits))
        .op(
            Access::Needs(Permission::CustomerReveal),
            routes!(visit_reveal),
        )
}

/// Which day.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VisitQuery {
    /// `YYYY-MM-DD`; today when absent.
    day: Option<String>,
}

/// A visit without what it says about people.
#[derive(Serialize, ToSchema)]
pub struct VisitView {
    visit_id: Uuid,
    program_id: Uuid,
    /// `first`, `precise`, `follow_up`.
    kind: String,
    household_id: Option<Uuid>,
    village_group_id: Option<Uuid>,
    day: String,
    outcome: String,
    counts: bool,
    /// `accepted`, `review`, `rejected`.
    state: String,
    /// `phone`, `desk`.
    via: String,
    form_id: String,
    form_version: i64,
    members: i64,
    valid_records: i64,
    photos: i64,
    rev: i64,
    estimated_at: String,
    received_at: String,
    clock_suspect: bool,
    made_by_name: String,
}

/// A place in WGS-84.
#[derive(Serialize, ToSchema)]
pub struct VisitSpot {
    lat: f64,
    lon: f64,
    /// Meters, as the phone says.
    accuracy_m: Option<f64>,
}

/// A field that was amended, masked.
#[derive(Serialize, ToSchema)]
pub struct VisitChange {
    field: String,
    before: serde_json::Value,
    after: serde_json::Value,
}

/// What a visit said before an amendment.
#[derive(Serialize, ToSchema)]
pub struct VisitRevision {
    rev: i64,
    outcome: String,
    replaced_at: String,
    replaced_by_name: String,
    reason: Option<String>,
    changes: Vec<VisitChange>,
}

/// Something about a visit that was to be looked at.
#[derive(Serialize, ToSchema)]
pub struct VisitLook {
    id: Uuid,
    /// Why, in sentences.
    reasons: Vec<String>,
    /// `open`, `accepted`, `rejected`.
    state: String,
    made_at: String,
    decided_at: Option<String>,
    decided_by_name: Option<String>,
    decision_reason: Option<String>,
}

/// A visit with everything around it, masked.
#[derive(Serialize, ToSchema)]
pub struct VisitWhole {
    visit: VisitView,
    unit_name: String,
    program_name: Option<String>,
    household_no: Option<String>,
    home: Option<VisitSpot>,
    /// Somebody pinned the door.
    home_pinned: bool,
    visitors: Vec<String>,
    /// The form in the visit's version.
    #[schema(value_type = Option<Object>)]
    form: Option<serde_json::Value>,
    /// Answers by name of the field; what says who somebody is, masked.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    started_at: Option<String>,
    ended_at: Option<String>,
    spot: Option<VisitSpot>,
    /// Meters from there to the household.
    apart_m: Option<f64>,
    /// What the phone noticed, in sentences.
    signals: Vec<String>,
    /// Oldest first.
    revisions: Vec<VisitRevision>,
    /// Oldest first.
    looks: Vec<VisitLook>,
}

fn spot((p, accuracy_m): (Point, Option<f64>)) -> VisitSpot {
    let (lat, lon) = (p.lat(), p.lon());
    VisitSpot {
        lat,
        lon,
        accuracy_m,
    }
}

fn change(c: Change) -> VisitChange {
    VisitChange {
        field: c.field,
        before: c.before,
        after: c.after,
    }
}

fn revision(r: Revision) -> VisitRevision {
    VisitRevision {
        rev: r.rev,
        outcome: r.outcome,
        replaced_at: r.replaced_at.to_string(),
        replaced_by_name: r.replaced_by,
        reason: r.reason,
        changes: r.changes.into_iter().map(change).collect(),
    }
}

fn look(l: Look) -> VisitLook {
    VisitLook {
        id: l.id,
        reasons: l.reasons.into_iter().map(str::to_owned).collect(),
        state: l.state,
        made_at: l.made_at.to_string(),
        decided_at: l.decided_at.map(|t| t.to_string()),
        decided_by_name: l.decided_by,
        decision_reason: l.decision_reason,
    }
}

fn whole_view(unit_name: &str, w: Whole) -> VisitWhole {
    VisitWhole {
        visit: view(w.visit),
        unit_name: unit_name.to_owned(),
        program_name: w.program,
        household_no: w.household_no,
        home: w.home.map(|(p, _)| spot((p, None))),
        home_pinned: w.home.is_some_and(|(_, pinned)| pinned),
        visitors: w.visitors,
        form: w.form.and_then(|f| serde_json::to_value(f).ok()),
        answers: w.answers.into(),
        started_at: w.times.0.map(|t| t.to_string()),
        ended_at: w.times.1.map(|t| t.to_string()),
        spot: w.spot.map(spot),
        apart_m: w.apart.map(|m| m.0.round()),
        signals: w.signals.into_iter().map(str::to_owned).collect(),
        revisions: w.revisions.into_iter().map(revision).collect(),
        looks: w.reviews.into_iter().map(look).collect(),
    }
}

/// Why it is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRevealBody {
    /// Stored with the event.
    reason: String,
}

/// What a visit says.
#[derive(Serialize, ToSchema)]
pub struct VisitSays {
    /// Answers by name of the field.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
}

fn view(v: Visit) -> VisitView {
    VisitView {
        visit_id: v.id.uuid(),
        program_id: v.program_id.uuid(),
        kind: v.kind,
        household_id: v.household_id.map(Into::into),
        village_group_id: v.village_group_id.map(Into::into),
        day: v.day.to_string(),
        outcome: v.outcome,
        counts: v.counts,
        state: v.state,
        via: v.via,
        form_id: v.form_id,
        form_version: v.form_version,
        members: v.members,
        valid_records: v.valid_records,
        photos: v.photos,
        rev: v.rev,
        estimated_at: v.estimated_at.to_string(),
        received_at: v.received_at.to_string(),
        clock_suspect: v.clock_suspect,
        made_by_name: v.made_by_name,
    }
}

/// Visits of a branch and day, newest first.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/visits", operation_id = "visit_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), VisitQuery, PageQuery), responses((status = 200, body = Page<VisitView>)))]
async fn visit_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((program_id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<VisitQuery>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<VisitView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, program_id.into()).await?;
    let scope = program
        .scope(app, ctx, Permission::VisitRead, unit_id.into())
        .await?;
    let fault = |_| Problem::from(KernelError::field("day", "field.day"));
    let day: Day = match &query.day {
        Some(text) => text.parse().map_err(fault)?,
        None => ctx.today(),
    };
    let after: Option<VisitId> = page.key()?;
    let limit = page.rows();
    let found = service::visit_list(app, &scope, program.id, day, after, limit).await?;
    let items: Vec<VisitView> = found.into_iter().map(view).collect();
    Ok(Json(Page::new(items, limit, |v| v.visit_id)))
}

/// Visits of a household, newest first.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/households/{household_id}/visits", operation_id = "household_visits",
    params(("unit_id" = Uuid, Path), ("household_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<VisitView>)))]
async fn household_visits(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, household_id)): Path<(Uuid, Uuid)>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<VisitView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let before: Option<(Day, VisitId)> = page.key()?;
    let limit = page.rows();
    let household = household_id.into();
    let found = service::visits_of_household(app, &scope, household, before, limit).await?;
    let items: Vec<VisitView> = found.into_iter().map(view).collect();
    Ok(Json(Page::new(items, limit, |v| {
        (v.day.clone(), v.visit_id)
    })))
}

/// One visit.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/visits/{visit_id}", operation_id = "visit_get",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), responses((status = 200, body = VisitView)))]
async fn visit_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<VisitView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let found = service::visit_fetch(app, &scope, visit_id.into()).await?;
    Ok(Json(view(found)))
}

/// One visit with everything around it, masked: the form with its answers, the
/// place, who went, what it said before, what was decided.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/visits/{visit_id}/whole", operation_id = "visit_whole",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), responses((status = 200, body = VisitWhole)))]
async fn visit_whole(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<VisitWhole>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitRead, unit_id.into()).await?;
    let found = whole::visit_whole(app, ctx, &scope, visit_id.into()).await?;
    Ok(Json(whole_view(&scope.unit().name, found)))
}

/// What a visit says, in full, for a reason.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/visits/{visit_id}/reveal", operation_id = "visit_reveal",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), request_body = VisitRevealBody, responses((status = 200, body = VisitSays)))]
async fn visit_reveal(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<VisitRevealBody>,
) -> Answer<Json<VisitSays>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerReveal, unit_id.into()).await?;
    let says: VisitPayload =
        service::visit_reveal(app, ctx, &scope, visit_id.into(), &body.reason).await?;
    Ok(Json(VisitSays {
        answers: says.answers.into(),
    }))
}
