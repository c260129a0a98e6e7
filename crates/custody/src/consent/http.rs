//! HTTP of consents: recording one. What a person has said is read with the
//! customer's page of privacy. Which unit is asked here, what follows from a
//! refusal is not known here.

use super::latest::{Kind, State};
use super::service::{self, NewConsent};
use crate::privacy::{CustomerPrivacy, customer_privacy};
use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::{CustomerId, Day, UnitId};
use zf_kernel::Permission;
use zf_kernel::unit::service::scope_of;
use zf_web::{Access, Answer, Api, Body, Caller, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::PrivacyWrite),
        routes!(consent_record),
    )
}

/// What a person has said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// `notice`, `visit`, `contact`, `marketing` or `sensitive`.
    kind: String,
    /// `given`, `refused` or `withdrawn`.
    state: String,
    /// How it came to us, a channel of `/sources`.
    channel: String,
    /// A refusal of visits for the person only; absent = as the rules say.
    person_only: Option<bool>,
    /// A refusal through this day; absent = for good.
    until_day: Option<String>,
    /// Code of the reason.
    #[serde(default)]
    reason: String,
    /// Version of the notice or form.
    form_version: String,
    /// Note; kept sealed.
    #[serde(default)]
    note: String,
    /// When it was said; absent = today.
    said_day: Option<String>,
}

pub(crate) fn day(field: &str, text: Option<&str>) -> Answer<Option<Day>> {
    match text.map(str::trim).filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(t) => t
            .parse()
            .map(Some)
            .map_err(|_| Problem::field(field, "field.day")),
    }
}

/// Records a consent, a refusal or a withdrawal; a refusal counts at once.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/customers/{customer_id}/consents", operation_id = "consent_record", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = ConsentBody, responses((status = 201, body = CustomerPrivacy)))]
async fn consent_record(
    From(state): From<WebState>,
    caller: Caller,
    Path((unit_id, id)): Path<(Uuid, Uuid)>,
    Body(body): Body<ConsentBody>,
) -> Answer<(StatusCode, Json<CustomerPrivacy>)> {
    let (app, ctx) = (&state.app, &caller.ctx);
    let scope = scope_of(app, ctx, Permission::PrivacyWrite, UnitId(unit_id)).await?;
    let wrong = |field: &str| Problem::field(field, "field.not_in_list");
    let known = State::ALL.into_iter().find(|s| s.as_str() == body.state);
    let new = NewConsent {
        kind: Kind::from_stored(&body.kind).ok_or_else(|| wrong("kind"))?,
        state: known.ok_or_else(|| wrong("state"))?,
        channel: body.channel,
        person_only: body.person_only,
        until_day: day("until_day", body.until_day.as_deref())?,
        reason: body.reason,
        form_version: body.form_version,
        note: body.note,
        said_day: day("said_day", body.said_day.as_deref())?.unwrap_or(ctx.today()),
    };
    let customer = CustomerId(id);
    service::record(app, ctx, &scope, customer, &new).await?;
    let view = customer_privacy(app, ctx, &scope, customer).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
