//! The answer to a request to see one's data: everything known in full, where
//! it came from, what was agreed to, who looked, and the visits; also those of
//! the branches the record was in before and of records merged into it. Full
//! values only through the reveal of the customer, with its reason, quota and
//! event. Of a visit only day, outcome and which fields it wrote down are known
//! here: what they say is sealed by the field room and opened by its own reveal.

use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;
use zf_base::{CustomerId, Day, HouseholdId, Timestamp, UnitId, VisitId};
use zf_kernel::error::Result;
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::past::places_before;
use zf_network::customer::service::{customer_fetch, customer_reveal};
use zf_store::{Row, params};

use super::service::FIELDS;
use super::store::{REPORT_EVENTS, REPORT_VISITS};

/// Newest events, and newest visits, of a customer in each branch of the report.
const NEWEST: i64 = 200;

/// Somebody did something with the record.
#[derive(Serialize, ToSchema)]
pub struct ReportEvent {
    at: String,
    actor_name: String,
    action: String,
    /// What it is called.
    action_name: String,
    /// The branch it happened in.
    unit_name: String,
}

/// A visit to the person or their household.
#[derive(Serialize, ToSchema)]
pub struct ReportVisit {
    id: Uuid,
    day: String,
    /// Code of what came of it.
    outcome: String,
    /// `accepted`, `review` or `rejected`.
    state: String,
    made_by_name: String,
    unit_id: Uuid,
    /// The branch it was made in.
    unit_name: String,
    /// What it wrote down of this person: `name`, `phone`, `id_number`, `address`.
    recorded: Vec<String>,
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
    /// Visits, newest first.
    visits: Vec<ReportVisit>,
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
    let (events, visits) = everywhere(app, scope, id, c.household_id).await?;
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
        events,
        visits,
    })
}

/// Events and visits of all branches in which the record was, newest first.
async fn everywhere(
    app: &App,
    scope: &UnitScope,
    id: CustomerId,
    home: HouseholdId,
) -> Result<(Vec<ReportEvent>, Vec<ReportVisit>)> {
    // Who has moved out of a household has no part in its later visits.
    let mut places = vec![(scope.unit_id(), id, Some(home))];
    for (unit, id) in places_before(app, id).await? {
        if places.iter().all(|(u, i, _)| (*u, *i) != (unit, id)) {
            places.push((unit, id, None));
        }
    }
    let mut events: Vec<(Timestamp, ReportEvent)> = Vec::new();
    let mut visits: Vec<ReportVisit> = Vec::new();
    for (unit, id, home) in places {
        let name = unit_fetch(app, unit).await?.name;
        let newest = params![id.to_string(), NEWEST];
        for row in app.read_unit(unit, REPORT_EVENTS, newest).await? {
            events.push((row.get(0)?, event(&row, &name)?));
        }
        let newest = params![id, home, NEWEST];
        for row in app.read_unit(unit, REPORT_VISITS, newest).await? {
            visits.push(visit(&row, unit, &name)?);
        }
    }
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    visits.sort_by(|a, b| (&b.day, b.id).cmp(&(&a.day, a.id)));
    Ok((events.into_iter().map(|(_, e)| e).collect(), once(visits)))
}

/// A visit that wrote the person down twice, or both of two merged records, is one.
fn once(visits: Vec<ReportVisit>) -> Vec<ReportVisit> {
    let mut all: Vec<ReportVisit> = Vec::new();
    for v in visits {
        match all.last_mut().filter(|l| l.id == v.id) {
            Some(last) => {
                last.recorded.extend(v.recorded);
                last.recorded.sort();
                last.recorded.dedup();
            }
            None => all.push(v),
        }
    }
    all
}

fn event(row: &Row, unit_name: &str) -> Result<ReportEvent> {
    let (at, action): (Timestamp, String) = (row.get(0)?, row.get(2)?);
    Ok(ReportEvent {
        at: at.to_string(),
        actor_name: row.get(1)?,
        action_name: zf_web::words::action(&action),
        action,
        unit_name: unit_name.to_owned(),
    })
}

fn visit(row: &Row, unit: UnitId, unit_name: &str) -> Result<ReportVisit> {
    let (id, day): (VisitId, Day) = (row.get(0)?, row.get(1)?);
    let number: Option<String> = row.get(8)?;
    let wrote = [
        ("name", row.get::<Option<bool>>(5)? == Some(true)),
        ("phone", row.get::<Option<bool>>(6)? == Some(true)),
        ("address", row.get::<Option<bool>>(7)? == Some(true)),
        // `bank`: the bank had it, the visit did not ask.
        ("id_number", number.as_deref() == Some("given")),
    ];
    let recorded = wrote.into_iter().filter(|(_, given)| *given);
    Ok(ReportVisit {
        id: id.uuid(),
        day: day.to_string(),
        outcome: row.get(2)?,
        state: row.get(3)?,
        made_by_name: row.get(4)?,
        unit_id: unit.uuid(),
        unit_name: unit_name.to_owned(),
        recorded: recorded.map(|(field, _)| field.to_owned()).collect(),
    })
}
