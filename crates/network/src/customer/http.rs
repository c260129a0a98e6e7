//! HTTP of customers. Everything personal leaves masked; full values leave
//! through `customer_reveal` only. Which unit is asked here, the rules are in
//! the service.

use super::service::{self, Filter, LookUp};
use super::{Customer, CustomerInput};
use crate::village_group::service::village_group_list;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zf_base::geo::{Datum, Point};
use zf_base::{Day, VillageGroupId};
use zf_kernel::event::service::event_history;
use zf_kernel::unit::service::scope_of;
use zf_kernel::{Permission, UnitScope};
use zf_web::{Access, Answer, Api, Body, Caller, Page, PageQuery, Problem, WebState};

/// Adds the operations.
pub fn api(api: Api) -> Api {
    api.op(
        Access::Needs(Permission::CustomerRead),
        routes!(customer_list),
    )
    .op(
        Access::Needs(Permission::CustomerRead),
        routes!(customer_lookup),
    )
    .op(
        Access::Needs(Permission::CustomerRead),
        routes!(customer_get),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(customer_create),
    )
    .op(
        Access::Needs(Permission::CustomerWrite),
        routes!(customer_update),
    )
    .op(
        Access::Needs(Permission::CustomerReveal),
        routes!(customer_reveal),
    )
}

/// A code with its name.
#[derive(Clone, Serialize, ToSchema)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Name in the caller's language.
    pub name: String,
}

/// 客户, masked.
#[derive(Serialize, ToSchema)]
pub struct CustomerView {
    id: Uuid,
    unit_id: Uuid,
    customer_no: String,
    name_masked: String,
    phone_masked: String,
    /// `full`, `masked` (by the bank) or `empty`.
    phone_state: String,
    id_number_masked: String,
    /// `full`, `masked` (by the bank) or `empty`.
    id_number_state: String,
    address_masked: String,
    sex: Option<String>,
    age_band: Option<String>,
    occupation: Option<String>,
    balance_band: Option<String>,
    village_group_id: Option<Uuid>,
    village_group_name: Option<String>,
    deposit_due_day: Option<String>,
    insurance_due_day: Option<String>,
    tags: Vec<Named>,
    products: Vec<String>,
    four_fields_complete: bool,
    do_not_visit: bool,
    household_id: Uuid,
    household_no: String,
    lat: Option<f64>,
    lon: Option<f64>,
    updated_at: String,
}

/// One line of a history.
#[derive(Serialize, ToSchema)]
pub struct HistoryLine {
    at: String,
    actor_name: String,
    action: String,
    summary: String,
}

/// 客户 with history.
#[derive(Serialize, ToSchema)]
pub struct CustomerDetail {
    #[serde(flatten)]
    customer: CustomerView,
    notes_masked: String,
    /// What is worth knowing about the ID number, `unknown_county` or
    /// `very_old`; it counts nevertheless.
    id_number_notes: Vec<String>,
    source_channel: String,
    created_at: String,
    events: Vec<HistoryLine>,
}

/// Which customers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CustomerQuery {
    /// A must-visit group.
    tag: Option<String>,
    /// A village group.
    village_group: Option<Uuid>,
    /// Only with all four fields, or only without.
    four_fields: Option<bool>,
    /// Only those who do not want visits, or only the others.
    do_not_visit: Option<bool>,
    /// Rows wanted, 1…200; 50 when absent.
    limit: Option<u32>,
    /// Cursor of the page before.
    after: Option<String>,
}

/// Exactly one of the three; and `unit_id` with `name` for a search inside a branch.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpBody {
    phone: Option<String>,
    id_number: Option<String>,
    customer_no: Option<String>,
    /// Part of a name; needs `unit_id`.
    name: Option<String>,
    /// The branch whose names are searched.
    unit_id: Option<Uuid>,
}

/// Customers found.
#[derive(Serialize, ToSchema)]
pub struct Customers {
    items: Vec<CustomerView>,
}

/// A new customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    customer_no: String,
    #[serde(flatten)]
    fields: CustomerFields,
}

/// Fields of a customer; absent ones stay, empty ones are emptied.
#[derive(Deserialize, ToSchema)]
pub struct CustomerFields {
    name: Option<String>,
    phone: Option<String>,
    id_number: Option<String>,
    address: Option<String>,
    notes: Option<String>,
    occupation: Option<String>,
    balance_band: Option<String>,
    deposit_due_day: Option<String>,
    insurance_due_day: Option<String>,
    products: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    village_group_id: Option<Uuid>,
    do_not_visit: Option<bool>,
    lat: Option<f64>,
    lon: Option<f64>,
    datum: Option<String>,
    /// How the values were collected, a channel of `/sources`; absent = typed in here.
    source_channel: Option<String>,
}

/// Which fields, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealBody {
    /// Any of `name`, `phone`, `id_number`, `address`, `notes`.
    fields: Vec<String>,
    /// Why; stored with the event.
    reason: String,
}

/// Full values; the page shows them for a short time only.
#[derive(Serialize, ToSchema)]
pub struct Revealed {
    values: HashMap<String, String>,
    expires_in_seconds: u32,
}

fn day(field: &str, text: Option<String>) -> Answer<Option<Option<Day>>> {
    match text.as_deref().map(str::trim) {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(t) => t
            .parse()
            .map(|d| Some(Some(d)))
            .map_err(|_| Problem::field(field, "field.day")),
    }
}

fn input(f: CustomerFields) -> Answer<CustomerInput> {
    let place = match (f.lat, f.lon) {
        (Some(lat), Some(lon)) => {
            let datum: Datum = match f.datum.as_deref() {
                Some(text) => text
                    .parse()
                    .map_err(|_| Problem::field("datum", "field.not_in_list"))?,
                None => Datum::Wgs84,
            };
            let point = Point::from_datum(datum, lat, lon)
                .map_err(|_| Problem::field("lat", "field.place"))?;
            Some((point, datum))
        }
        (None, None) => None,
        _ => return Err(Problem::field("lat", "field.place")),
    };
    Ok(CustomerInput {
        name: f.name,
        phone: f.phone,
        id_number: f.id_number,
        address: f.address,
        notes: f.notes,
        sex: None,
        birth_year: None,
        occupation: f.occupation,
        balance_band: f.balance_band,
        deposit_due_day: day("deposit_due_day", f.deposit_due_day)?,
        insurance_due_day: day("insurance_due_day", f.insurance_due_day)?,
        products: f.products,
        tags: f.tags,
        village_group_id: f.village_group_id.map(VillageGroupId),
        do_not_visit: f.do_not_visit,
        place,
        channel: f.source_channel,
    })
}

/// Bands of ten years; the year of birth itself is not shown.
fn age_band(birth_year: Option<i64>, today: Day) -> Option<String> {
    let age = i64::from(today.year()) - birth_year?;
    let low = age.clamp(0, 119) / 10 * 10;
    Some(format!("{low}-{}", low + 9))
}

struct Viewer {
    groups: HashMap<VillageGroupId, String>,
    today: Day,
}

impl Viewer {
    async fn of(state: &WebState, scope: &UnitScope, caller: &Caller) -> Answer<Viewer> {
        let groups = village_group_list(&state.app, scope).await?;
        let groups = groups
            .into_iter()
            .map(|g| (g.id, format!("{}{}", g.village, g.name)))
            .collect();
        Ok(Viewer {
            groups,
            today: caller.ctx.today(),
        })
    }

    fn view(&self, state: &WebState, c: &Customer) -> CustomerView {
        let named = |code: &String| Named {
            code: code.clone(),
            name: state.app.packs.tag_name(code),
        };
        CustomerView {
            id: c.id.uuid(),
            unit_id: c.unit_id.uuid(),
            customer_no: c.customer_no.clone(),
            name_masked: c.name.masked(),
            phone_masked: c.phone.masked(),
            phone_state: c.phone_state.as_str().to_owned(),
            id_number_masked: c.id_number.masked(),
            id_number_state: c.id_number_state.as_str().to_owned(),
            address_masked: c.address.masked(),
            sex: c.sex.clone(),
            age_band: age_band(c.birth_year, self.today),
            occupation: c.occupation.clone(),
            balance_band: c.balance_band.clone(),
            village_group_id: c.village_group_id.map(VillageGroupId::uuid),
            village_group_name: c
                .village_group_id
                .and_then(|g| self.groups.get(&g))
                .cloned(),
            deposit_due_day: c.deposit_due_day.map(|d| d.to_string()),
            insurance_due_day: c.insurance_due_day.map(|d| d.to_string()),
            tags: c.tags.iter().map(named).collect(),
            products: c.products.clone(),
            four_fields_complete: c.four_fields,
            do_not_visit: c.do_not_visit,
            household_id: c.household_id.uuid(),
            household_no: c.household_no.clone(),
            lat: c.place.map(|p| p.lat()),
            lon: c.place.map(|p| p.lon()),
            updated_at: c.updated_at.to_string(),
        }
    }
}

/// Customers of a branch, masked, by customer number.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/customers", operation_id = "customer_list", params(("unit_id" = Uuid, Path), CustomerQuery), responses((status = 200, body = Page<CustomerView>)))]
async fn customer_list(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Query(query): Query<CustomerQuery>,
) -> Answer<Json<Page<CustomerView>>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerRead,
        unit_id.into(),
    )
    .await?;
    let page = PageQuery {
        limit: query.limit,
        after: query.after,
    };
    let after: String = page.key()?.unwrap_or_default();
    let filter = Filter {
        name: None,
        tag: query.tag,
        village_group: query.village_group.map(VillageGroupId),
        four_fields: query.four_fields,
        do_not_visit: query.do_not_visit,
    };
    let rows = service::customer_list(&state.app, &scope, &filter, &after, page.rows()).await?;
    let viewer = Viewer::of(&state, &scope, &caller).await?;
    let items = rows.iter().map(|c| viewer.view(&state, c)).collect();
    Ok(Json(Page::new(items, page.rows(), |c: &CustomerView| {
        c.customer_no.clone()
    })))
}

/// Exact look-up in everything the caller may see, or a search by name inside
/// a branch. A POST, so that no personal data stands in an address.
#[utoipa::path(post, path = "/api/v1/customers/lookup", operation_id = "customer_lookup", request_body = LookUpBody, responses((status = 200, body = Customers)))]
async fn customer_lookup(
    State(state): State<WebState>,
    caller: Caller,
    Body(body): Body<LookUpBody>,
) -> Answer<Json<Customers>> {
    let app = &state.app;
    let found = match (body.phone, body.id_number, body.customer_no, body.name) {
        (Some(phone), None, None, None) => {
            service::customer_lookup(app, &caller.ctx, &LookUp::Phone(phone), state.info.demo)
                .await?
        }
        (None, Some(id), None, None) => {
            service::customer_lookup(app, &caller.ctx, &LookUp::IdNumber(id), state.info.demo)
                .await?
        }
        (None, None, Some(no), None) => {
            service::customer_lookup(app, &caller.ctx, &LookUp::CustomerNo(no), state.info.demo)
                .await?
        }
        (None, None, None, Some(name)) => {
            let unit = body
                .unit_id
                .ok_or_else(|| Problem::field("unit_id", "field.required"))?;
            let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, unit.into()).await?;
            let filter = Filter {
                name: Some(name),
                ..Filter::default()
            };
            service::customer_list(app, &scope, &filter, "", 50).await?
        }
        _ => return Err(Problem::field("phone", "field.required")),
    };
    let mut items = Vec::with_capacity(found.len());
    let mut viewers: HashMap<Uuid, Viewer> = HashMap::new();
    for c in &found {
        let viewer = match viewers.entry(c.unit_id.uuid()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let scope = scope_of(app, &caller.ctx, Permission::CustomerRead, c.unit_id).await?;
                free.insert(Viewer::of(&state, &scope, &caller).await?)
            }
        };
        items.push(viewer.view(&state, c));
    }
    Ok(Json(Customers { items }))
}

async fn detail(
    state: &WebState,
    scope: &UnitScope,
    caller: &Caller,
    c: &Customer,
) -> Answer<CustomerDetail> {
    let events = event_history(&state.app, scope, &c.id.to_string(), 50).await?;
    let events = events
        .into_iter()
        .map(|e| HistoryLine {
            at: e.at.to_string(),
            actor_name: e.actor_name,
            summary: zf_web::words::action(&e.action),
            action: e.action,
        })
        .collect();
    Ok(CustomerDetail {
        customer: Viewer::of(state, scope, caller).await?.view(state, c),
        notes_masked: c.notes.masked(),
        id_number_notes: service::id_number_notes(c, caller.ctx.today(), state.info.demo),
        source_channel: c.source_channel.clone(),
        created_at: c.created_at.to_string(),
        events,
    })
}

/// One customer, masked, with history.
#[utoipa::path(get, path = "/api/v1/units/{unit_id}/customers/{customer_id}", operation_id = "customer_get", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), responses((status = 200, body = CustomerDetail)))]
async fn customer_get(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
) -> Answer<Json<CustomerDetail>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerRead,
        unit_id.into(),
    )
    .await?;
    let customer = service::customer_fetch(&state.app, &scope, customer_id.into()).await?;
    Ok(Json(detail(&state, &scope, &caller, &customer).await?))
}

/// Adds a customer to a branch.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/customers", operation_id = "customer_create", params(("unit_id" = Uuid, Path)), request_body = NewCustomer, responses((status = 201, body = CustomerDetail)))]
async fn customer_create(
    State(state): State<WebState>,
    caller: Caller,
    Path(unit_id): Path<Uuid>,
    Body(new): Body<NewCustomer>,
) -> Answer<(StatusCode, Json<CustomerDetail>)> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerWrite,
        unit_id.into(),
    )
    .await?;
    let fields = input(new.fields)?;
    let customer = service::customer_add(
        &state.app,
        &caller.ctx,
        &scope,
        &new.customer_no,
        &fields,
        state.info.demo,
    )
    .await?;
    Ok((
        StatusCode::CREATED,
        Json(detail(&state, &scope, &caller, &customer).await?),
    ))
}

/// Changes a customer.
#[utoipa::path(patch, path = "/api/v1/units/{unit_id}/customers/{customer_id}", operation_id = "customer_update", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = CustomerFields, responses((status = 200, body = CustomerDetail)))]
async fn customer_update(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
    Body(fields): Body<CustomerFields>,
) -> Answer<Json<CustomerDetail>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerWrite,
        unit_id.into(),
    )
    .await?;
    let fields = input(fields)?;
    let customer = service::customer_change(
        &state.app,
        &caller.ctx,
        &scope,
        customer_id.into(),
        &fields,
        state.info.demo,
    )
    .await?;
    Ok(Json(detail(&state, &scope, &caller, &customer).await?))
}

/// Full values of one customer, for a reason.
#[utoipa::path(post, path = "/api/v1/units/{unit_id}/customers/{customer_id}/reveal", operation_id = "customer_reveal", params(("unit_id" = Uuid, Path), ("customer_id" = Uuid, Path)), request_body = RevealBody, responses((status = 200, body = Revealed)))]
async fn customer_reveal(
    State(state): State<WebState>,
    caller: Caller,
    Path((unit_id, customer_id)): Path<(Uuid, Uuid)>,
    Body(body): Body<RevealBody>,
) -> Answer<Json<Revealed>> {
    let scope = scope_of(
        &state.app,
        &caller.ctx,
        Permission::CustomerReveal,
        unit_id.into(),
    )
    .await?;
    let values = service::customer_reveal(
        &state.app,
        &caller.ctx,
        &scope,
        customer_id.into(),
        &body.fields,
        &body.reason,
    )
    .await?;
    Ok(Json(Revealed {
        values,
        expires_in_seconds: state.app.policy.reveal.seconds,
    }))
}
