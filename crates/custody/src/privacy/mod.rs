//! Everything about one person's rights on one page: where the fields came
//! from and on which ground, what was agreed to or refused, what was asked, and
//! whether the person may be visited or contacted. Values leave masked; free
//! texts with their numbers starred.

pub mod http;

use crate::consent::service::consents_of;
use crate::consent::{Consent, latest};
use crate::request::certificate::of_request;
use crate::request::service::requests_of;
use crate::request::{Kind, Request};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::mask::{Address, FreeNote, IdNumber, Kind as _, PersonName, Phone};
use zf_base::{CustomerId, UserId};
use zf_kernel::error::Result;
use zf_kernel::user::service::user_fetch;
use zf_kernel::{App, Ctx, UnitScope};
use zf_network::customer::service::customer_fetch;
use zf_network::customer::source::{FieldSource, sources_of};
use zf_network::customer::standing::standing_read;

/// Where a field came from.
#[derive(Serialize, ToSchema)]
pub struct FieldSourceView {
    /// Name of the field; empty = all others.
    field: String,
    channel: String,
    law: String,
    purpose: String,
    /// Last day; absent = while the purpose lasts.
    expires_day: Option<String>,
    /// The last day is over.
    expired: bool,
    basis_id: Option<Uuid>,
    import_id: Option<Uuid>,
    /// When the field came.
    at: String,
    made_by_name: String,
}

/// What a person has said.
#[derive(Serialize, ToSchema)]
pub struct ConsentView {
    id: Uuid,
    kind: String,
    state: String,
    channel: String,
    person_only: bool,
    until_day: Option<String>,
    reason: String,
    form_version: String,
    /// `***` when there is a note: it may name people.
    note: String,
    said_day: String,
    made_at: String,
    made_by_name: String,
    /// It is the latest of its kind.
    latest: bool,
}

/// What a person has asked for.
#[derive(Serialize, ToSchema)]
pub struct RequestView {
    pub(crate) id: Uuid,
    pub(crate) unit_id: Uuid,
    pub(crate) unit_name: String,
    pub(crate) customer_id: Uuid,
    /// The bank's number; empty when the customer is not in the branch any more.
    pub(crate) customer_no: String,
    pub(crate) name_masked: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) channel: String,
    pub(crate) field: String,
    /// `***` when something was said: it may name people.
    pub(crate) detail: String,
    /// Masked.
    pub(crate) old_value: String,
    /// Masked.
    pub(crate) new_value: String,
    pub(crate) asked_day: String,
    pub(crate) due_day: String,
    pub(crate) overdue: bool,
    pub(crate) made_by_name: String,
    pub(crate) made_at: String,
    /// The caller has recorded it.
    pub(crate) mine: bool,
    pub(crate) reason: String,
    pub(crate) ended_at: Option<String>,
    pub(crate) ended_by_name: String,
    pub(crate) certificate_id: Option<Uuid>,
    pub(crate) certificate_number: Option<String>,
}

/// Whether the person may be visited or contacted.
#[derive(Serialize, ToSchema)]
pub struct StandingView {
    do_not_visit: bool,
    /// The person spoke for themselves only, not for the household.
    person_only: bool,
    no_visit_until: Option<String>,
    do_not_contact: bool,
    no_contact_until: Option<String>,
}

/// All of it.
#[derive(Serialize, ToSchema)]
pub struct CustomerPrivacy {
    customer_id: Uuid,
    standing: StandingView,
    sources: Vec<FieldSourceView>,
    /// Newest first.
    consents: Vec<ConsentView>,
    /// Newest first.
    requests: Vec<RequestView>,
}

/// Puts the page of one customer together.
///
/// # Errors
/// `customer.not_found`, the database, a text that does not open.
pub async fn customer_privacy(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
) -> Result<CustomerPrivacy> {
    let unit = scope.unit_id();
    customer_fetch(app, scope, id).await?;
    let standing = standing_read(app, unit, id).await?.unwrap_or_default();
    let mut names = HashMap::new();
    let mut sources = Vec::new();
    for s in sources_of(app, unit, id).await? {
        let by = name_of(app, &mut names, s.made_by).await;
        sources.push(source_view(ctx, s, by));
    }
    let said = consents_of(app, unit, id).await?;
    let newest: Vec<Uuid> = newest_of_each(&said);
    let consents = said.iter().rev().map(|c| consent_view(c, &newest));
    let mut requests = Vec::new();
    for r in requests_of(app, unit, id).await? {
        requests.push(request_view(app, ctx, scope.unit().name.clone(), r).await?);
    }
    Ok(CustomerPrivacy {
        customer_id: id.uuid(),
        standing: StandingView {
            do_not_visit: standing.do_not_visit,
            person_only: standing.person_only,
            no_visit_until: standing.no_visit_until.map(|d| d.to_string()),
            do_not_contact: standing.do_not_contact,
            no_contact_until: standing.no_contact_until.map(|d| d.to_string()),
        },
        sources,
        consents: consents.collect(),
        requests,
    })
}

async fn name_of(app: &App, names: &mut HashMap<UserId, String>, id: UserId) -> String {
    if let Some(name) = names.get(&id) {
        return name.clone();
    }
    let name = user_fetch(app, id)
        .await
        .map(|u| u.name)
        .unwrap_or_default();
    names.insert(id, name.clone());
    name
}

fn source_view(ctx: &Ctx, s: FieldSource, made_by_name: String) -> FieldSourceView {
    FieldSourceView {
        field: s.field,
        channel: s.channel,
        law: s.law,
        purpose: s.purpose,
        expires_day: s.expires_day.map(|d| d.to_string()),
        expired: s.expires_day.is_some_and(|d| d < ctx.today()),
        basis_id: s.basis_id.map(|b| b.uuid()),
        import_id: s.import_id.map(|i| i.uuid()),
        at: s.at.to_string(),
        made_by_name,
    }
}

fn newest_of_each(said: &[Consent]) -> Vec<Uuid> {
    let of = |kind: latest::Kind| said.iter().rev().find(|c| c.kind == kind);
    latest::Kind::ALL
        .into_iter()
        .filter_map(|kind| of(kind).map(|c| c.id.uuid()))
        .collect()
}

fn consent_view(c: &Consent, newest: &[Uuid]) -> ConsentView {
    ConsentView {
        id: c.id.uuid(),
        kind: c.kind.as_str().to_owned(),
        state: c.state.as_str().to_owned(),
        channel: c.channel.clone(),
        person_only: c.person_only,
        until_day: c.until_day.map(|d| d.to_string()),
        reason: c.reason.clone(),
        form_version: c.form_version.clone(),
        note: hidden(&c.note),
        said_day: c.said_day.to_string(),
        made_at: c.made_at.to_string(),
        made_by_name: c.made_by_name.clone(),
        latest: newest.contains(&c.id.uuid()),
    }
}

/// A free text may hold names and addresses: only that there is one is told.
fn hidden(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => "***".to_owned(),
    }
}

/// A value of a field as it may be shown.
fn masked(field: &str, value: &str) -> String {
    match field {
        "name" => PersonName::mask(value),
        "phone" => Phone::mask(value),
        "id_number" => IdNumber::mask(value),
        "address" => Address::mask(value),
        _ => FreeNote::mask(value),
    }
}

/// A request as it may be shown; the customer's own fields are filled by lists.
pub(crate) async fn request_view(
    app: &App,
    ctx: &Ctx,
    unit_name: String,
    r: Request,
) -> Result<RequestView> {
    let certificate = match r.kind {
        Kind::Erasure => of_request(app, r.unit_id, r.id).await?,
        _ => None,
    };
    let open = r.state == crate::request::State::Open;
    Ok(RequestView {
        id: r.id.uuid(),
        unit_id: r.unit_id.uuid(),
        unit_name,
        customer_id: r.customer_id.uuid(),
        customer_no: String::new(),
        name_masked: String::new(),
        kind: r.kind.as_str().to_owned(),
        state: r.state.as_str().to_owned(),
        channel: r.channel,
        detail: hidden(&r.detail),
        old_value: masked(&r.field, &r.old_value),
        new_value: masked(&r.field, &r.new_value),
        field: r.field,
        asked_day: r.asked_day.to_string(),
        overdue: open && r.due_day < ctx.today(),
        due_day: r.due_day.to_string(),
        mine: r.made_by == ctx.actor.user_id,
        made_by_name: r.made_by_name,
        made_at: r.made_at.to_string(),
        reason: r.reason,
        ended_at: r.ended_at.map(|t| t.to_string()),
        ended_by_name: r.ended_by_name,
        certificate_id: certificate.as_ref().map(|(id, _)| *id),
        certificate_number: certificate.map(|(_, number)| number),
    })
}
