//! The answer to a request to see one's data: everything known in full, where
//! it came from, what was agreed to, and who looked. Full values only through
//! the reveal of the customer, with its reason, quota and event.

use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use zf_base::CustomerId;
use zf_kernel::error::Result;
use zf_kernel::event::service::event_history;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::service::{customer_fetch, customer_reveal};

use super::service::FIELDS;

/// Newest events of a customer in the report.
const EVENTS: i64 = 200;

/// Somebody did something with the record.
#[derive(Serialize, ToSchema)]
pub struct ReportEvent {
    at: String,
    actor_name: String,
    action: String,
    /// What it is called.
    action_name: String,
}

/// Everything known about a person.
#[derive(Serialize, ToSchema)]
pub struct AccessReport {
    /// Printed on the report.
    made_at: String,
    made_by_name: String,
    unit_name: String,
    customer_no: String,
    household_no: String,
    /// In full: `name`, `phone`, `id_number`, `address`, `notes`.
    values: HashMap<String, String>,
    sex: Option<String>,
    birth_year: Option<i64>,
    occupation: Option<String>,
    balance_band: Option<String>,
    deposit_due_day: Option<String>,
    insurance_due_day: Option<String>,
    products: Vec<String>,
    tags: Vec<String>,
    /// Degrees, when the door is known.
    lat: Option<f64>,
    /// Degrees, when the door is known.
    lon: Option<f64>,
    created_at: String,
    updated_at: String,
    /// Who did what, newest first.
    events: Vec<ReportEvent>,
}

/// Makes the report; counts as a reveal of all fields.
///
/// # Errors
/// As a reveal: a missing or personal reason, the quota of the hour.
pub async fn report(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: CustomerId,
    reason: &str,
) -> Result<AccessReport> {
    let fields: Vec<String> = FIELDS.iter().map(|f| (*f).to_owned()).collect();
    let values = customer_reveal(app, ctx, scope, id, &fields, reason).await?;
    let c = customer_fetch(app, scope, id).await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.record("request.report", "customer", id, serde_json::json!({}));
        tx.commit().await
    })
    .await?;
    let events = event_history(app, scope, &id.to_string(), EVENTS).await?;
    let events = events.into_iter().map(|e| ReportEvent {
        at: e.at.to_string(),
        actor_name: e.actor_name,
        action_name: zf_web::words::action(&e.action),
        action: e.action,
    });
    Ok(AccessReport {
        made_at: ctx.now.to_string(),
        made_by_name: ctx.actor.name.clone(),
        unit_name: scope.unit().name.clone(),
        customer_no: c.customer_no,
        household_no: c.household_no,
        values,
        sex: c.sex,
        birth_year: c.birth_year,
        occupation: c.occupation,
        balance_band: c.balance_band,
        deposit_due_day: c.deposit_due_day.map(|d| d.to_string()),
        insurance_due_day: c.insurance_due_day.map(|d| d.to_string()),
        products: c.products,
        tags: c.tags.iter().map(|t| app.packs.tag_name(t)).collect(),
        lat: c.place.map(|p| p.lat()),
        lon: c.place.map(|p| p.lon()),
        created_at: c.created_at.to_string(),
        updated_at: c.updated_at.to_string(),
        events: events.collect(),
    })
}
