//! HTTP of double entry: the second text comes in, the head sees where both
//! differ and decides, everybody who may see visits sees the rates. Parses,
//! authorises, calls, answers; a full text leaves for a reason only.

use super::service;
use super::{Double, Tally};
use crate::label::{Labels, Text};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{Day, VisitId};
use zf_forms::Form;
use zf_kernel::Permission;
use zf_kernel::error::KernelError;
use zf_kernel::unit::service::scope_of;
use zf_plan::program::service::program_fetch;
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::VisitWrite),
        routes!(desk_second_put),
    )
    .op(
        Access::Needs(Permission::VisitReview),
        routes!(desk_double_list),
    )
    .op(
        Access::Needs(Permission::CustomerReveal),
        routes!(desk_double_reveal),
    )
    .op(
        Access::Needs(Permission::VisitReview),
        routes!(desk_double_decide),
    )
    .op(
        Access::Needs(Permission::VisitRead),
        routes!(desk_double_rates),
    )
}

/// What was typed the second time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondBody {
    /// Answers by name of the field.
    #[schema(value_type = Object)]
    answers: Map<String, Value>,
}

/// How both compare.
#[derive(Serialize, ToSchema)]
pub struct SecondView {
    compared: i64,
    differing: i64,
}

/// A form whose two texts differ.
#[derive(Serialize, ToSchema)]
pub struct DoubleView {
    visit_id: Uuid,
    day: String,
    /// Labels of the fields that differ.
    fields: Vec<Text>,
    first_by_name: String,
    second_by_name: String,
}

/// Why it is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoubleRevealBody {
    /// Stored with the event.
    reason: String,
}

/// A field that differs.
#[derive(Serialize, ToSchema)]
pub struct DoubleField {
    /// Its name in the form.
    field: String,
    /// First text.
    #[schema(value_type = Object)]
    first: Value,
    /// Second text.
    #[schema(value_type = Object)]
    second: Value,
}

/// Fields that differ, with the form they were written on.
#[derive(Serialize, ToSchema)]
pub struct DoubleFields {
    /// The form with its labels; none when it is known no more.
    #[schema(value_type = Option<Object>)]
    form: Option<Form>,
    items: Vec<DoubleField>,
}

/// Which text stands.
#[derive(Clone, Copy, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Stands {
    /// As it is stored.
    First,
    /// The second one takes its place.
    Second,
}

/// The decision.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoubleDecision {
    stands: Stands,
}

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RateQuery {
    /// `YYYY-MM-DD`; the first day of the campaign when absent.
    from: Option<String>,
    /// `YYYY-MM-DD`; today when absent.
    to: Option<String>,
}

/// Fields compared and differing.
#[derive(Serialize, ToSchema)]
pub struct DoubleRate {
    /// Of a branch.
    unit_id: Option<Uuid>,
    /// The branch, or the name of the field in the form.
    name: String,
    /// What the branch or the field is called.
    label: Text,
    /// Forms typed twice.
    forms: i64,
    compared: i64,
    differing: i64,
}

/// Rates of double entry.
#[derive(Serialize, ToSchema)]
pub struct DoubleRates {
    from: String,
    to: String,
    branches: Vec<DoubleRate>,
    fields: Vec<DoubleRate>,
}

async fn labels_of(state: &WebState, unit: &zf_kernel::unit::Unit) -> Answer<Labels> {
    let form = zf_plan::paper::forms::visit_form(&state.app, unit).await?;
    Ok(Labels::of(&form))
}

/// Takes the second text of a form in.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/visits/{visit_id}/second", operation_id = "desk_second_put",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), request_body = SecondBody,
    responses((status = 200, body = SecondView)))]
async fn desk_second_put(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<SecondBody>,
) -> Answer<Json<SecondView>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitWrite, unit_id.into()).await?;
    let id = VisitId(visit_id);
    let (compared, differing) = service::second_put(app, ctx, &scope, id, &body.answers).await?;
    Ok(Json(SecondView {
        compared,
        differing,
    }))
}

/// Forms of a branch whose two texts differ and that nobody has decided on.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/desk/doubles", operation_id = "desk_double_list",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), PageQuery), responses((status = 200, body = Page<DoubleView>)))]
async fn desk_double_list(
    State(state): State<WebState>,
    caller: Caller,
    Path((program_id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<DoubleView>>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, program_id.into()).await?;
    let scope = program
        .scope(app, ctx, Permission::VisitReview, unit_id.into())
        .await?;
    let all = labels_of(&state, scope.unit()).await?;
    let (limit, after): (i64, Option<VisitId>) = (query.rows(), query.key()?);
    let rows = service::doubles_open(app, &scope, program.id, after, limit).await?;
    let view = |d: Double| DoubleView {
        visit_id: d.visit_id.uuid(),
        day: d.day.to_string(),
        fields: d.fields.iter().map(|f| all.get(f)).collect(),
        first_by_name: d.first_by_name,
        second_by_name: d.second_by_name,
    };
    let items: Vec<DoubleView> = rows.into_iter().map(view).collect();
    Ok(Json(Page::new(items, limit, |d| VisitId(d.visit_id))))
}

/// Both texts of the fields that differ, for a reason.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/visits/{visit_id}/second/reveal", operation_id = "desk_double_reveal",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), request_body = DoubleRevealBody,
    responses((status = 200, body = DoubleFields)))]
async fn desk_double_reveal(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<DoubleRevealBody>,
) -> Answer<Json<DoubleFields>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::CustomerReveal, unit_id.into()).await?;
    let id = VisitId(visit_id);
    let (form, both) = service::double_reveal(app, ctx, &scope, id, &body.reason).await?;
    let items = both.into_iter().map(|b| DoubleField {
        field: b.field,
        first: b.first,
        second: b.second,
    });
    Ok(Json(DoubleFields {
        form,
        items: items.collect(),
    }))
}

/// Decides which of two texts stands.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/visits/{visit_id}/second/decision", operation_id = "desk_double_decide",
    params(("unit_id" = Uuid, Path), ("visit_id" = Uuid, Path)), request_body = DoubleDecision,
    responses((status = 204)))]
async fn desk_double_decide(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, visit_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<DoubleDecision>,
) -> Answer<StatusCode> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::VisitReview, unit_id.into()).await?;
    let second = body.stands == Stands::Second;
    service::double_decide(app, ctx, &scope, VisitId(visit_id), second).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn day(name: &str, text: Option<&String>, otherwise: Day) -> Answer<Day> {
    let fault = |_| Problem::from(KernelError::field(name, "field.day"));
    text.map_or(Ok(otherwise), |t| t.parse().map_err(fault))
}

/// How often two texts differ, by branch and by field.
#[utoipa::path(get, path = "/api/v1/programs/{program_id}/units/{unit_id}/desk/rates", operation_id = "desk_double_rates",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), RateQuery), responses((status = 200, body = DoubleRates)))]
async fn desk_double_rates(
    State(state): State<WebState>,
    caller: Caller,
    Path((program_id, unit_id)): Path<(Uuid, Uuid)>,
    Query(query): Query<RateQuery>,
) -> Answer<Json<DoubleRates>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let program = program_fetch(app, ctx, program_id.into()).await?;
    let scope = program
        .scope(app, ctx, Permission::VisitRead, unit_id.into())
        .await?;
    let to = day("to", query.to.as_ref(), ctx.today())?;
    let from = day("from", query.from.as_ref(), to.plus_days(-30))?;
    let all = labels_of(&state, scope.unit()).await?;
    let (branches, fields) =
        service::double_rates(app, scope.unit(), program.id, (from, to)).await?;
    let rate = |unit_id: Option<Uuid>, name: String, label: Text, t: Tally| DoubleRate {
        unit_id,
        name,
        label,
        forms: t.forms,
        compared: t.compared,
        differing: t.differing,
    };
    let branches = branches.into_iter().map(|(u, t)| {
        let label = Text::plain(&u.name);
        rate(Some(u.id.uuid()), u.name, label, t)
    });
    let fields = fields.into_iter().map(|(f, t)| {
        let label = all.get(&f);
        rate(None, f, label, t)
    });
    Ok(Json(DoubleRates {
        from: from.to_string(),
        to: to.to_string(),
        branches: branches.collect(),
        fields: fields.collect(),
    }))
}
