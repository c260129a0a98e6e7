//! HTTP of paper: collection forms of a week (a reveal with a reason) and the
//! service card of an outlet. Parses, authorises, calls, answers; what stands
//! on a form or card is decided in `forms` and `card`.

use super::card::{self, Card, NewCard, Preset};
use super::forms::{self, Form, Question};
use crate::week_plan::http::{At, PlanPath, at};
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerReveal),
        routes!(collection_form_print),
    )
    .op(
        Access::Needs(Permission::PlanRead),
        routes!(service_card_get),
    )
    .op(
        Access::Needs(Permission::PlanWrite),
        routes!(service_card_put),
    )
}

/// Which forms, and what for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormsBody {
    /// Stored with the event.
    reason: String,
    /// Only this route.
    route_id: Option<Uuid>,
}

/// A must-visit group to tick.
#[derive(Serialize, ToSchema)]
pub struct FormColumn {
    code: String,
    name: String,
}

/// A form of one household.
#[derive(Serialize, ToSchema)]
pub struct CollectionFormView {
    stop_id: Uuid,
    /// Finds the household when the form is typed in; stays when the plan changes.
    number: i64,
    day: String,
    team: String,
    order: i64,
    arrive: String,
    village_group: Option<String>,
    /// In full: the form is for this household.
    name: String,
    address: String,
    phone_masked: String,
    /// `phone`, `address`, `id_number`.
    missing: Vec<String>,
    /// Codes of the groups known.
    groups: Vec<String>,
    reasons: Vec<String>,
}

/// A question as it stands on paper.
#[derive(Serialize, ToSchema)]
pub struct PaperQuestion {
    name: String,
    label: String,
    /// Boxes to tick; none means a line to write on.
    options: Vec<String>,
    many: bool,
    /// Names of the columns of a table with empty lines, e.g. for further members.
    #[schema(no_recursion)]
    columns: Vec<PaperQuestion>,
}

/// Forms in the order of the routes.
#[derive(Serialize, ToSchema)]
pub struct CollectionForms {
    unit_name: String,
    program_name: String,
    /// What is asked, in order.
    questions: Vec<PaperQuestion>,
    columns: Vec<FormColumn>,
    /// Empty lines of such a table.
    row_lines: u32,
    items: Vec<CollectionFormView>,
}

fn form_view(f: Form) -> CollectionFormView {
    CollectionFormView {
        stop_id: f.stop_id.uuid(),
        number: f.number,
        day: f.day.to_string(),
        team: f.team,
        order: f.order,
        arrive: f.arrive,
        village_group: f.village_group,
        name: f.name,
        address: f.address,
        phone_masked: f.phone_masked,
        missing: f.missing.into_iter().map(str::to_owned).collect(),
        groups: f.groups,
        reasons: f.reasons,
    }
}

fn question_view(q: Question) -> PaperQuestion {
    PaperQuestion {
        name: q.name,
        label: q.label,
        options: q.options,
        many: q.many,
        columns: q.columns.into_iter().map(question_view).collect(),
    }
}

/// Collection forms of a week with names and addresses; written to the audit log.
#[utoipa::path(post, path = "/api/v1/programs/{program_id}/units/{unit_id}/week-plans/{week}/collection-forms/print", operation_id = "collection_form_print",
    params(("program_id" = Uuid, Path), ("unit_id" = Uuid, Path), ("week" = String, Path)), request_body = FormsBody,
    responses((status = 200, body = CollectionForms)))]
async fn collection_form_print(
    State(state): State<WebState>,
    caller: Caller,
    path: PlanPath,
    Body(body): Body<FormsBody>,
) -> Answer<Json<CollectionForms>> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let At {
        program,
        scope,
        week,
    } = at(app, &caller, Permission::CustomerReveal, path).await?;
    let route = body.route_id.map(Into::into);
    let all =
        forms::collection_forms(app, ctx, &scope, &program, week, route, &body.reason).await?;
    let column = |c: crate::groups::ticks::Column| FormColumn {
        code: c.code,
        name: c.name,
    };
    Ok(Json(CollectionForms {
        unit_name: scope.unit().name.clone(),
        program_name: program.name.clone(),
        questions: all.questions.into_iter().map(question_view).collect(),
        columns: all.columns.into_iter().map(column).collect(),
        row_lines: all.row_lines,
        items: all.forms.into_iter().map(form_view).collect(),
    }))
}

/// The card of an outlet.
#[derive(Serialize, ToSchema)]
pub struct ServiceCardView {
    unit_name: String,
    /// Telephone of the outlet, never of a person.
    phone: Option<String>,
    address: String,
    hours: String,
    services: Vec<String>,
    /// What every card says at its foot.
    notice: String,
    lines_max: usize,
    line_chars_max: usize,
    updated_at: Option<String>,
    updated_by_name: Option<String>,
}

/// What is to stand on the card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceCardBody {
    address: String,
    hours: String,
    services: Vec<String>,
}

fn card_view(scope: &zf_kernel::UnitScope, card: Card) -> Answer<Json<ServiceCardView>> {
    let preset = Preset::read()?;
    let (at, by) = card.changed.unzip();
    Ok(Json(ServiceCardView {
        unit_name: scope.unit().name.clone(),
        phone: scope.unit().phone.clone(),
        address: card.address,
        hours: card.hours,
        services: card.services,
        notice: preset.notice,
        lines_max: preset.lines_max,
        line_chars_max: preset.line_chars_max,
        updated_at: at.map(|t| t.to_string()),
        updated_by_name: by,
    }))
}

/// The service card of an outlet.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/service-card", operation_id = "service_card_get",
    params(("unit_id" = Uuid, Path)), responses((status = 200, body = ServiceCardView)))]
async fn service_card_get(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
) -> Answer<Json<ServiceCardView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::PlanRead, unit_id.into()).await?;
    card_view(&scope, card::card(app, &scope).await?)
}

/// Writes the service card of an outlet.
#[utoipa::path(put, path = "/api/v1/units/{unit_id}/service-card", operation_id = "service_card_put",
    params(("unit_id" = Uuid, Path)), request_body = ServiceCardBody, responses((status = 200, body = ServiceCardView)))]
async fn service_card_put(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(body): Body<ServiceCardBody>,
) -> Answer<Json<ServiceCardView>> {
    let app = &state.app;
    let scope = scope_of(app, &caller.ctx, Permission::PlanWrite, unit_id.into()).await?;
    let new = NewCard {
        address: body.address,
        hours: body.hours,
        services: body.services,
    };
    let card = card::card_put(app, &caller.ctx, &scope, &new).await?;
    card_view(&scope, card)
}
