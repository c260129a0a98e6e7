//! Recording, listing and ending requests. A correction is written through the
//! customer's own service; an erasure takes the customer away and certifies it
//! in one transaction.

use super::Request;
use super::certificate::{About, certify};
use super::erase::erase;
use super::state::{self, Kind, State};
use super::store::*;
use crate::consent::service::{NewConsent, hold, holder, not_here, put};
use crate::consent::{Kind as Said, State as Answer};
use crate::policy::{Policy, policy};
use crate::sealed::{Text, long_text};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::mask::{Permit, Reason};
use zf_base::{CustomerId, Day, RequestId, UnitId, Uuid};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::is_demo;
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::service::{customer_change, customer_fetch};
use zf_network::customer::source::Channels;
use zf_network::customer::{Customer, CustomerInput};
use zf_store::{Row, params};

/// Fields that may be corrected.
pub const FIELDS: [&str; 5] = ["name", "phone", "id_number", "address", "notes"];

/// What is recorded.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// What is asked for.
    pub kind: Kind,
    /// How it came, a channel.
    pub channel: String,
    /// When it was asked.
    pub asked_day: Day,
    /// What the person said; kept sealed.
    pub detail: String,
    /// The field to correct.
    pub field: String,
    /// What shall stand there; kept sealed.
    pub new_value: String,
}

fn read(app: &App, row: &Row) -> Result<Request> {
    let (unit, id): (UnitId, RequestId) = (row.get(0)?, row.get(1)?);
    let (kind, state): (String, String) = (row.get(3)?, row.get(4)?);
    let odd = || KernelError::Internal(format!("request {kind} {state}"));
    let open = |text: Text, i: usize| -> Result<String> {
        let sealed: Option<Vec<u8>> = row.get(i)?;
        text.open(app, unit, id.uuid(), sealed.as_deref())
    };
    Ok(Request {
        unit_id: unit,
        id,
        customer_id: row.get(2)?,
        kind: Kind::from_text(&kind).ok_or_else(odd)?,
        state: State::from_text(&state).ok_or_else(odd)?,
        channel: row.get(5)?,
        field: row.get(6)?,
        detail: open(Text::Detail, 7)?,
        old_value: open(Text::Old, 8)?,
        new_value: open(Text::New, 9)?,
        asked_day: row.get(10)?,
        due_day: row.get(11)?,
        made_at: row.get(12)?,
        made_by: row.get(13)?,
        made_by_name: row.get(14)?,
        reason: row.get(15)?,
        ended_at: row.get(16)?,
        ended_by_name: row.get(17)?,
        rev: row.get(18)?,
    })
}

/// The last day to answer: so many working days after the day it was asked.
pub async fn due_day(app: &App, rules: &Policy, asked: Day) -> Result<Day> {
    let wanted = rules.request.due_workdays.max(1);
    // Three days for one working day outlast every holiday there is.
    let last = asked.plus_days(wanted as i32 * 3 + 21);
    let days = work_calendar(app).await?.workdays(asked.plus_days(1), last);
    Ok(days.get(wanted - 1).copied().unwrap_or(last))
}

fn check(app: &App, ctx: &Ctx, new: &NewRequest) -> Result<()> {
    if Channels::of(app)?.get(&new.channel).is_none() {
        return Err(KernelError::field("channel", "field.not_in_list"));
    }
    if new.asked_day > ctx.today() {
        return Err(KernelError::field("asked_day", "field.range"));
    }
    long_text("detail", &new.detail)?;
    long_text("new_value", &new.new_value)?;
    if new.kind == Kind::Correction {
        if !FIELDS.contains(&new.field.as_str()) {
            return Err(KernelError::field("field", "field.not_in_list"));
        }
        if new.new_value.trim().is_empty() {
            return Err(KernelError::field("new_value", "request.correction"));
        }
    }
    Ok(())
}

fn value_of(c: &Customer, field: &str) -> String {
    let permit = Permit::for_reason(Reason::STORE);
    match field {
        "name" => c.name.reveal(&permit),
        "phone" => c.phone.reveal(&permit),
        "id_number" => c.id_number.reveal(&permit),
        "address" => c.address.reveal(&permit),
        _ => c.notes.reveal(&permit),
    }
    .to_owned()
}

/// Records a request. An objection counts from this moment on: no visits and
/// no contact until it is answered otherwise.
///
/// # Errors
/// Fields that are wrong; `duplicate` when one of the kind is open;
/// `customer.not_found`.
pub async fn open(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    customer: CustomerId,
    new: &NewRequest,
) -> Result<Request> {
    check(app, ctx, new)?;
    let rules = policy(app).await?;
    let due = due_day(app, &rules, new.asked_day).await?;
    let unit = scope.unit_id();
    let Ok(stored) = customer_fetch(app, scope, customer).await else {
        return Err(not_here(app, unit, customer).await);
    };
    let correction = new.kind == Kind::Correction;
    let id = RequestId(app.new_id());
    let seal = |text: Text, clear: &str| text.seal(app, unit, id.uuid(), clear);
    let old = correction.then(|| value_of(&stored, &new.field));
    let row = params![
        id,
        customer,
        new.kind.as_str(),
        new.channel.as_str(),
        if correction { new.field.as_str() } else { "" },
        seal(Text::Detail, &new.detail),
        old.and_then(|old| seal(Text::Old, &old)),
        correction
            .then(|| seal(Text::New, &new.new_value))
            .flatten(),
        new.asked_day,
        due,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        // Whoever leaves in this moment takes the request along or does not get it.
        if !hold(&mut tx, customer).await? {
            return Err(KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND));
        }
        let open = tx.query_opt(REQUEST_OPEN, params![customer, new.kind.as_str()]);
        if open.await?.is_some() {
            return Err(KernelError::refused(ErrorCode::DUPLICATE));
        }
        tx.exec(REQUEST_ADD, row.clone()).await?;
        if new.kind == Kind::Objection {
            let said = objection(ctx, new, &rules);
            put(&mut tx, app, ctx, customer, &said, &rules.consent).await?;
        }
        let detail = json!({ "kind": new.kind.as_str(), "field": new.field, "due_day": due });
        tx.record("request.open", "request", id, detail);
        tx.commit().await
    })
    .await?;
    fetch(app, scope.unit_id(), id).await
}

/// What an objection says about contact.
fn objection(ctx: &Ctx, new: &NewRequest, rules: &Policy) -> NewConsent {
    NewConsent {
        kind: Said::Contact,
        state: Answer::Refused,
        channel: new.channel.clone(),
        person_only: None,
        until_day: None,
        reason: "objection".to_owned(),
        form_version: rules
            .consent
            .form_versions
            .first()
            .cloned()
            .unwrap_or_default(),
        note: String::new(),
        said_day: new.asked_day.min(ctx.today()),
    }
}

/// One request of a unit.
///
/// # Errors
/// `not_found`; the database.
pub async fn fetch(app: &App, unit: UnitId, id: RequestId) -> Result<Request> {
    let rows = app.read_unit(unit, REQUEST_BY_ID, params![id]).await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    read(app, row)
}

/// The requests of a customer, newest first.
///
/// # Errors
/// The database, or a text that does not open.
pub async fn requests_of(app: &App, unit: UnitId, customer: CustomerId) -> Result<Vec<Request>> {
    let rows = app.read_unit(unit, REQUESTS_OF, params![customer]).await?;
    rows.iter().map(|r| read(app, r)).collect()
}

/// Key of a page: the last row of the page before.
pub type After = (Day, RequestId);

/// Requests in one state in everything the actor may see, most urgent first.
///
/// # Errors
/// The database, or a text that does not open.
pub async fn list(
    app: &App,
    ctx: &Ctx,
    state: State,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Request>> {
    let (day, id) = after.unwrap_or((Day::from_epoch_days(0), RequestId(Uuid::nil())));
    let mut all = Vec::new();
    for (_, path) in ctx.roots(Permission::PrivacyRead) {
        let end = format!("{path}~");
        let p = params![path, end, state.as_str(), day, id, limit];
        for row in app.db.query(REQUEST_LIST, p).await? {
            all.push(read(app, &row)?);
        }
    }
    all.sort_by_key(|r| (r.due_day, r.id));
    all.truncate(limit as usize);
    Ok(all)
}

/// Ends a request that is no erasure, or takes an erasure back.
///
/// # Errors
/// `conflict`, a missing reason, a correction that is not accepted.
pub async fn end(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: RequestId,
    to: State,
    reason: &str,
) -> Result<Request> {
    let request = fetch(app, scope.unit_id(), id).await?;
    if request.kind == Kind::Erasure && to != State::Withdrawn {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    let me = ctx.actor.user_id;
    state::end(request.kind, request.state, to, request.made_by, me)
        .map_err(KernelError::refused)?;
    let reason = match to {
        State::Done => String::new(),
        _ => clear_text("reason", reason)?,
    };
    if request.kind == Kind::Correction && to == State::Done {
        correct(app, ctx, scope, &request).await?;
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    close(&mut tx, ctx, &request, to, &reason).await?;
    tx.commit().await?;
    fetch(app, scope.unit_id(), id).await
}

async fn correct(app: &App, ctx: &Ctx, scope: &UnitScope, request: &Request) -> Result<()> {
    // Whoever may not change customers may not do it by way of a request.
    if ctx.scope(Permission::CustomerWrite, scope.unit()).is_err() {
        return Err(KernelError::refused(ErrorCode::PERMISSION_DENIED));
    }
    let new = Some(request.new_value.clone());
    let mut input = CustomerInput::default();
    match request.field.as_str() {
        "name" => input.name = new,
        "phone" => input.phone = new,
        "id_number" => input.id_number = new,
        "address" => input.address = new,
        _ => input.notes = new,
    }
    let demo = is_demo(app).await?;
    let customer = holder(app, scope.unit_id(), request.customer_id).await?;
    customer_change(app, ctx, scope, customer, &input, demo).await?;
    Ok(())
}

async fn close(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    request: &Request,
    to: State,
    reason: &str,
) -> Result<()> {
    let row = params![
        request.id,
        request.rev,
        to.as_str(),
        reason,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    if tx.exec(REQUEST_END, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let detail =
        json!({ "kind": request.kind.as_str(), "state": to.as_str(), "field": request.field });
    tx.record("request.end", "request", request.id, detail);
    Ok(())
}

/// A second person erases the customer, or refuses with a reason. Returns the
/// request and, when erased, the id of the certificate.
///
/// # Errors
/// `permission.second_person`, `conflict`, `not_found`, a missing reason.
pub async fn decide_erasure(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: RequestId,
    to: State,
    reason: &str,
) -> Result<(Request, Option<Uuid>)> {
    let unit = scope.unit_id();
    let request = fetch(app, unit, id).await?;
    if request.kind != Kind::Erasure || to == State::Withdrawn {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let me = ctx.actor.user_id;
    state::end(request.kind, request.state, to, request.made_by, me)
        .map_err(KernelError::refused)?;
    if to == State::Refused {
        let reason = clear_text("reason", reason)?;
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        close(&mut tx, ctx, &request, to, &reason).await?;
        tx.commit().await?;
        return Ok((fetch(app, unit, id).await?, None));
    }
    let certificate = again(app, || async {
        let about = holder(app, unit, request.customer_id).await?;
        let customer = customer_fetch(app, scope, about).await?;
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        close(&mut tx, ctx, &request, State::Done, "").await?;
        let ended = params![
            customer.id,
            ctx.now,
            ctx.actor.user_id,
            ctx.actor.name.as_str()
        ];
        tx.exec(REQUESTS_END_ALL, ended).await?;
        let erased = erase(&mut tx, app, ctx, &customer, "request").await?;
        let about = About {
            request: Some(request.id),
            batch: None,
            asked_by: &request.made_by_name,
            approved_by: &ctx.actor.name,
        };
        let certificate = certify(&mut tx, app, ctx, &about, &erased).await?;
        tx.commit().await?;
        Ok(certificate)
    })
    .await?;
    Ok((fetch(app, unit, id).await?, Some(certificate)))
}
