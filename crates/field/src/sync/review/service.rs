//! Lists and decisions. A proposal takes effect through the register's own
//! services, so that their rules hold; a visit's decision, its count and its
//! target are one transaction.

use super::{Aside, Decided, Review, Which};
use crate::device::PHONE;
use crate::device::service::device_find;
use crate::sealed;
use crate::sync::facts::{Correction, Door, NewHousehold};
use crate::sync::push::{read, retake};
use crate::sync::store::*;
use crate::sync::{Answer, Op, Sender};
use crate::visit::record::{accept_visit, reject_visit};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{CustomerId, DeviceId, Timestamp};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::is_demo;
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::newest_below;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::CustomerInput;
use zf_network::customer::service::{customer_add, customer_change, customer_fetch};
use zf_network::place::service::customer_pin;
use zf_register::household::moves::join;
use zf_store::{Row, params};

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is right.
    Accept,
    /// It is wrong, or did not happen.
    Reject,
}

impl Decision {
    fn state(self) -> &'static str {
        match self {
            Decision::Accept => "accepted",
            Decision::Reject => "rejected",
        }
    }
    fn action(self) -> &'static str {
        match self {
            Decision::Accept => "review.accept",
            Decision::Reject => "review.reject",
        }
    }
}

/// Columns of a decision, from the one that says when.
fn decided(r: &Row, at: usize) -> Result<Decided> {
    Ok(Decided {
        at: r.get(at)?,
        by_name: r.get(at + 1)?,
        reason: r.get(at + 2)?,
    })
}

/// What waits, or was decided, in a unit and below, newest first.
///
/// # Errors
/// Only the database.
pub async fn reviews(
    app: &App,
    scope: &UnitScope,
    which: Which,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Review>> {
    let read = |r: &Row| {
        let one = Review {
            unit_id: r.get(0)?,
            unit_name: r.get(1)?,
            id: r.get(2)?,
            kind: r.get(3)?,
            entity_id: r.get(4)?,
            reasons: r.get(5)?,
            made_at: r.get(7)?,
            day: r.get(11)?,
            outcome: r.get(12)?,
            made_by_name: r.get(13)?,
            state: r.get(6)?,
            decided: decided(r, 8)?,
        };
        Ok(((one.made_at, one.id), one))
    };
    let path = [scope.unit().path.clone()];
    let sql = match which {
        Which::Open => REVIEWS_BELOW,
        Which::Decided => REVIEWS_DECIDED_BELOW,
    };
    newest_below(app, path, sql, before, limit, read).await
}

/// What is, or was, kept aside in a unit and below, newest first.
///
/// # Errors
/// Only the database.
pub async fn asides(
    app: &App,
    scope: &UnitScope,
    which: Which,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Aside>> {
    let read = |r: &Row| {
        let one = Aside {
            unit_id: r.get(0)?,
            unit_name: r.get(1)?,
            id: r.get(2)?,
            code: r.get(4)?,
            received_at: r.get(6)?,
            device_name: r.get(7)?,
            user_name: r.get(8)?,
            state: r.get(5)?,
            decided: decided(r, 9)?,
        };
        Ok(((one.received_at, one.id), one))
    };
    let path = [scope.unit().path.clone()];
    let sql = match which {
        Which::Open => QUARANTINE_BELOW,
        Which::Decided => QUARANTINE_DECIDED_BELOW,
    };
    newest_below(app, path, sql, before, limit, read).await
}

fn lost() -> KernelError {
    KernelError::refused(ErrorCode::NOT_FOUND)
}

/// What a review is about.
struct About {
    kind: String,
    entity: Uuid,
    op: Uuid,
}

async fn about(app: &App, scope: &UnitScope, id: Uuid) -> Result<About> {
    let rows = app
        .read_unit(scope.unit_id(), REVIEW_FETCH, params![id])
        .await?;
    let r = rows.first().ok_or_else(lost)?;
    if r.get::<String>(3)? != "open" {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    Ok(About {
        kind: r.get(0)?,
        entity: r.get(1)?,
        op: r.get(2)?,
    })
}

/// Decides, once. A rejection says why.
///
/// # Errors
/// Nothing open under this id; no reason; a proposal that the register does
/// not take as it is.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    decision: Decision,
    reason: Option<&str>,
) -> Result<()> {
    let reason = match (decision, reason.filter(|r| !r.trim().is_empty())) {
        (Decision::Accept, None) => None,
        (_, text) => Some(clear_text("reason", text.unwrap_or_default())?),
    };
    let about = about(app, scope, id).await?;
    if decision == Decision::Accept {
        // Before it is marked: a proposal that fails stays open.
        take_effect(app, ctx, scope, &about).await?;
    }
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let p = params![
            id,
            decision.state(),
            ctx.now,
            ctx.actor.user_id,
            ctx.actor.name.as_str(),
            reason.as_deref()
        ];
        if tx.exec(REVIEW_DECIDE, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::CONFLICT));
        }
        settle(&mut tx, ctx, &about, decision, reason.as_deref()).await?;
        let detail = json!({ "kind": about.kind, "review": id, "reason": reason });
        tx.record(decision.action(), "visit", about.entity, detail);
        tx.commit().await
    })
    .await
}

/// What a decision means for the thing itself.
async fn settle(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    about: &About,
    decision: Decision,
    reason: Option<&str>,
) -> Result<()> {
    let state = decision.state();
    match (about.kind.as_str(), decision) {
        ("visit", Decision::Reject) => {
            let p = params![
                about.entity,
                "visit",
                ctx.now,
                ctx.actor.user_id,
                ctx.actor.name.as_str(),
                reason
            ];
            tx.exec(REVIEWS_CLOSE, p).await?;
            reject_visit(tx, ctx, about.entity).await?;
        }
        ("visit", Decision::Accept) => {
            let p = params![about.entity, "visit"];
            let left = tx.query_opt(REVIEWS_OPEN, p).await?;
            if left.map_or(Ok(0), |r| r.get::<i64>(0))? == 0 {
                accept_visit(tx, about.entity).await?;
            }
        }
        ("trace", _) => drop(tx.exec(TRACE_STATE, params![about.entity, state]).await?),
        ("gift", _) => drop(tx.exec(GIFT_STATE, params![about.entity, state]).await?),
        _ => drop(tx.exec(PROPOSAL_STATE, params![about.op, state]).await?),
    }
    Ok(())
}

fn said<T: DeserializeOwned>(payload: &Json) -> Result<T> {
    T::deserialize(payload)
        .map_err(|_| KernelError::Internal("a stored proposal is not readable".to_owned()))
}

/// A proposal that is accepted changes the register.
async fn take_effect(app: &App, ctx: &Ctx, scope: &UnitScope, about: &About) -> Result<()> {
    if !["proposal", "pin"].contains(&about.kind.as_str()) {
        return Ok(());
    }
    let unit = scope.unit_id();
    let rows = app
        .read_unit(unit, PROPOSAL_FETCH, params![about.op])
        .await?;
    let r = rows.first().ok_or_else(lost)?;
    let (kind, sealed): (String, Vec<u8>) = (r.get(0)?, r.get(1)?);
    let text = sealed::PROPOSAL.open(app, unit, about.op, &sealed)?;
    let payload: Json = serde_json::from_slice(&text)
        .map_err(|_| KernelError::Internal("a stored proposal is not JSON".to_owned()))?;
    match kind.as_str() {
        "household" => new_household(app, ctx, scope, about, said(&payload)?).await,
        "customer" => corrected(app, ctx, scope, said(&payload)?).await,
        _ => pinned(app, ctx, scope, said(&payload)?).await,
    }
}

/// Every member becomes a customer, and all of them one household. Their
/// numbers come from the operation, so trying again adds nobody twice.
async fn new_household(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    about: &About,
    new: NewHousehold,
) -> Result<()> {
    let demo = is_demo(app).await?;
    let name = about.op.simple().to_string();
    let mut people: Vec<CustomerId> = Vec::new();
    let mut members = new.members;
    members.sort_by_key(|m| !m.lead);
    for (i, m) in members.iter().enumerate() {
        let no = format!("XF{}-{}", &name[..16], i + 1);
        let input = CustomerInput {
            name: Some(m.name.clone()),
            phone: m.phone.clone(),
            address: new.address.clone(),
            village_group_id: new.village_group_id,
            channel: Some("on_site".to_owned()),
            ..CustomerInput::default()
        };
        people.push(added(app, ctx, scope, &no, &input, demo).await?);
    }
    let Some((first, others)) = people.split_first() else {
        return Ok(());
    };
    let home = customer_fetch(app, scope, *first).await?.household_id;
    if !others.is_empty() {
        join(app, ctx, scope, home, others, None).await?;
    }
    Ok(())
}

async fn added(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    no: &str,
    input: &CustomerInput,
    demo: bool,
) -> Result<CustomerId> {
    match customer_add(app, ctx, scope, no, input, demo).await {
        Err(e) if e.code() == Some(ErrorCode::DUPLICATE.code) => {
            let unit = scope.unit_id();
            let rows = app.read_unit(unit, CUSTOMER_OF_NO, params![no]).await?;
            Ok(rows.first().ok_or_else(lost)?.get(0)?)
        }
        other => Ok(other?.id),
    }
}

async fn corrected(app: &App, ctx: &Ctx, scope: &UnitScope, c: Correction) -> Result<()> {
    let input = CustomerInput {
        name: c.name,
        phone: c.phone,
        address: c.address,
        channel: Some("on_site".to_owned()),
        ..CustomerInput::default()
    };
    let demo = is_demo(app).await?;
    customer_change(app, ctx, scope, c.customer_id, &input, demo).await?;
    Ok(())
}

async fn pinned(app: &App, ctx: &Ctx, scope: &UnitScope, d: Door) -> Result<()> {
    let unit = scope.unit_id();
    let rows = app
        .read_unit(unit, HOUSEHOLD_PEOPLE, params![d.household_id])
        .await?;
    let mut people: Vec<CustomerId> = Vec::with_capacity(rows.len());
    for r in &rows {
        people.push(r.get(0)?);
    }
    let named = d.customer_id.filter(|c| people.contains(c));
    let whose = named.or(people.first().copied()).ok_or_else(lost)?;
    let point = d
        .point()
        .ok_or_else(|| KernelError::field("lat", "field.place"))?;
    customer_pin(app, ctx, scope, whose, (point, d.datum), d.accuracy()).await
}

/// Takes something over that was kept aside, when it can be understood now.
///
/// # Errors
/// Nothing open under this id; still not understandable (`quarantine.still`).
pub async fn take_over(app: &App, ctx: &Ctx, scope: &UnitScope, id: Uuid) -> Result<Answer> {
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, QUARANTINE_FETCH, params![id]).await?;
    let r = rows.first().ok_or_else(lost)?;
    if r.get::<String>(4)? != "open" {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let (device, sealed): (DeviceId, Vec<u8>) = (r.get(1)?, r.get(3)?);
    let text = sealed::QUARANTINE.open(app, unit, id, &sealed)?;
    let stored: Json = serde_json::from_slice(&text)
        .map_err(|_| KernelError::Internal("a kept operation is not JSON".to_owned()))?;
    let mut op: Op = read(app, ctx, &stored);
    if op.kind == crate::sync::push::UNREADABLE {
        op = read(app, ctx, &op.payload);
    }
    let sender = sender_of(app, device).await?;
    retake(app, ctx, scope, &sender, &op, id).await
}

/// The device that something came from; what it may do now is not asked, the
/// officer takes it over.
pub(crate) async fn sender_of(app: &App, device: DeviceId) -> Result<Sender> {
    let found = device_find(app, device).await?;
    let phone = found.is_some_and(|d| d.kind == PHONE);
    Ok(Sender {
        device_id: device,
        via: if phone { "phone" } else { "desk" },
        last_contact: None,
        revoked: false,
        outbox: None,
    })
}

/// Leaves something aside for good; it is kept.
///
/// # Errors
/// Nothing open under this id; no reason.
pub async fn leave_aside(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    let reason = clear_text("reason", reason)?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx.query_opt(QUARANTINE_FETCH, params![id]).await?.is_none() {
            return Err(lost());
        }
        let p = params![
            id,
            "dropped",
            ctx.now,
            ctx.actor.user_id,
            ctx.actor.name.as_str(),
            reason.as_str()
        ];
        if tx.exec(QUARANTINE_DECIDE, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::CONFLICT));
        }
        let detail = json!({ "reason": reason });
        tx.record("quarantine.drop", "quarantine", id, detail);
        tx.commit().await
    })
    .await
}
