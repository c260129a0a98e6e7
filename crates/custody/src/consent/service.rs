//! Recording what a person has said, and honouring it at once: consent,
//! standing, event and the job for the rooms above are one transaction. What
//! plans do about it is not known here.

use super::Consent;
use super::latest::{Kind, Said, State, after, standing};
use super::store::*;
use crate::policy::{ConsentRules, policy};
use crate::sealed::{Text, long_text};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{ConsentId, CustomerId, Day, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_network::customer::past::{Fate, past_fetch};
use zf_network::customer::source::Channels;
use zf_network::customer::standing::{Standing, enqueue, standing_of, standing_set};
use zf_store::{Row, params};

/// What is recorded.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// What about.
    pub kind: Kind,
    /// Yes or no.
    pub state: State,
    /// How it came to us, a channel.
    pub channel: String,
    /// For the person only; none = as the rules say.
    pub person_only: Option<bool>,
    /// A refusal through this day.
    pub until_day: Option<Day>,
    /// Code of the reason; may be empty.
    pub reason: String,
    /// Version of the notice or form.
    pub form_version: String,
    /// Note; kept sealed.
    pub note: String,
    /// When it was said.
    pub said_day: Day,
}

fn read(app: &App, unit: UnitId, row: &Row) -> Result<Option<Consent>> {
    let id: ConsentId = row.get(0)?;
    let Some(kind) = Kind::from_stored(&row.get::<String>(1)?) else {
        return Ok(None);
    };
    let sealed: Option<Vec<u8>> = row.get(8)?;
    Ok(Some(Consent {
        id,
        kind,
        state: State::from_stored(&row.get::<String>(2)?),
        channel: row.get(3)?,
        person_only: row.get(4)?,
        until_day: row.get(5)?,
        reason: row.get(6)?,
        form_version: row.get(7)?,
        note: Text::Note.open(app, unit, id.uuid(), sealed.as_deref())?,
        said_day: row.get(9)?,
        made_at: row.get(10)?,
        made_by_name: row.get(11)?,
    }))
}

/// Everything a customer has said, in order.
///
/// # Errors
/// The database, or a note that does not open.
pub async fn consents_of(app: &App, unit: UnitId, customer: CustomerId) -> Result<Vec<Consent>> {
    let rows = app.read_unit(unit, CONSENTS_OF, params![customer]).await?;
    let read: Result<Vec<_>> = rows.iter().map(|r| read(app, unit, r)).collect();
    Ok(read?.into_iter().flatten().collect())
}

fn said(row: &Row) -> Result<Option<Said>> {
    let kind = Kind::from_stored(&row.get::<String>(1)?);
    let (state, person_only, until_day) = (row.get::<String>(2)?, row.get(4)?, row.get(5)?);
    Ok(kind.map(|kind| Said {
        kind,
        state: State::from_stored(&state),
        person_only,
        until_day,
    }))
}

async fn said_before(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<Vec<Said>> {
    let rows = tx.query(CONSENTS_OF, params![customer]).await?;
    let all: Result<Vec<_>> = rows.iter().map(said).collect();
    Ok(all?.into_iter().flatten().collect())
}

fn check(app: &App, ctx: &Ctx, rules: &ConsentRules, new: &NewConsent) -> Result<()> {
    let wrong = |field: &str, code: &'static str| Err(KernelError::field(field, code));
    if Channels::of(app)?.get(&new.channel).is_none() {
        return wrong("channel", "field.not_in_list");
    }
    if !new.reason.is_empty() && !rules.reasons.contains(&new.reason) {
        return wrong("reason", "field.not_in_list");
    }
    if !rules.form_versions.contains(&new.form_version) {
        return wrong("form_version", "field.not_in_list");
    }
    if new.said_day > ctx.today() {
        return wrong("said_day", "field.range");
    }
    if new.until_day.is_some_and(|day| day < ctx.today()) {
        return wrong("until_day", "field.range");
    }
    long_text("note", &new.note)
}

/// Whoever is not in the branch any more has nothing recorded about them.
pub(crate) async fn not_here(app: &App, unit: UnitId, customer: CustomerId) -> KernelError {
    match past_fetch(app, unit, customer).await {
        Ok(Some(past)) if past.fate == Fate::Erased => {
            KernelError::field("customer_id", "request.erased")
        }
        Ok(_) => KernelError::refused(ErrorCode::CUSTOMER_NOT_FOUND),
        Err(e) => e,
    }
}

/// Records what a customer has said; a refusal counts from this moment on.
///
/// # Errors
/// Fields that are wrong, `customer.not_found`, the database.
pub async fn record(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    customer: CustomerId,
    new: &NewConsent,
) -> Result<()> {
    let rules = policy(app).await?.consent;
    check(app, ctx, &rules, new)?;
    let done = again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if !put(&mut tx, app, ctx, customer, new, &rules).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    })
    .await?;
    match done {
        true => Ok(()),
        false => Err(not_here(app, scope.unit_id(), customer).await),
    }
}

/// Who a customer is now in a branch, when their record was merged into another
/// one there: what they have asked for is done to that one.
pub(crate) async fn holder(app: &App, unit: UnitId, customer: CustomerId) -> Result<CustomerId> {
    let mut at = customer;
    // As long as the chain may be, it ends: who is kept is not gone.
    while let Some(past) = past_fetch(app, unit, at).await? {
        match past.into {
            Some((into, id)) if past.fate == Fate::Merged && into == unit && id != at => at = id,
            _ => break,
        }
    }
    Ok(at)
}

/// Holds a customer's row until the transaction ends, so that they do not leave
/// in between; false when they are not in the branch.
pub(crate) async fn hold(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<bool> {
    Ok(tx.exec(CUSTOMER_HOLD, params![customer]).await? > 0)
}

/// Records inside the caller's transaction; false when there is no such customer.
pub(crate) async fn put(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    customer: CustomerId,
    new: &NewConsent,
    rules: &ConsentRules,
) -> Result<bool> {
    if !hold(tx, customer).await? {
        return Ok(false);
    }
    let Some((household, stored)) = standing_of(tx, customer).await? else {
        return Ok(false);
    };
    let person_only = new.person_only.unwrap_or(rules.visit_person_only);
    let refused = new.state != State::Given;
    let until_day = new.until_day.filter(|_| refused);
    let before = said_before(tx, customer).await?;
    let unit = tx.unit_id();
    let id = ConsentId(app.new_id());
    let row = params![
        id,
        customer,
        new.kind.as_str(),
        new.state.as_str(),
        new.channel.as_str(),
        person_only,
        until_day,
        new.reason.as_str(),
        new.form_version.as_str(),
        Text::Note.seal(app, unit, id.uuid(), &new.note),
        new.said_day,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(CONSENT_ADD, row).await?;
    let said = Said {
        kind: new.kind,
        state: new.state,
        person_only,
        until_day,
    };
    let now = after(&stored, &before, said, rules, ctx.today());
    if now != stored {
        standing_set(tx, ctx, customer, &now).await?;
        enqueue(tx, app, ctx, &[household]).await?;
    }
    let detail = json!({
        "kind": new.kind.as_str(), "state": new.state.as_str(), "reason": new.reason,
        "form_version": new.form_version, "do_not_visit": now.do_not_visit
    });
    tx.record("consent.record", "customer", customer, detail);
    Ok(true)
}

/// Ends the refusals of a customer whose days are over; true when something changed.
///
/// # Errors
/// Only the database.
pub(crate) async fn end_standing(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    customer: CustomerId,
) -> Result<bool> {
    let rules = policy(app).await?.consent;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let Some((household, stored)) = standing_of(&mut tx, customer).await? else {
            return Ok(false);
        };
        let said = said_before(&mut tx, customer).await?;
        let now = ended(&stored, &said, &rules, ctx.today());
        if now == stored {
            return Ok(false);
        }
        standing_set(&mut tx, ctx, customer, &now).await?;
        enqueue(&mut tx, app, ctx, &[household]).await?;
        let detail = json!({ "do_not_visit": now.do_not_visit });
        tx.record("standing.end", "customer", customer, detail);
        tx.commit().await?;
        Ok(true)
    })
    .await
}

/// A refusal for good that nobody has a consent for stays; one with a day ends.
fn ended(stored: &Standing, said: &[Said], rules: &ConsentRules, today: Day) -> Standing {
    let mut now = standing(said, rules, today);
    if stored.do_not_visit && stored.no_visit_until.is_none_or(|day| day >= today) {
        now.do_not_visit = true;
        now.person_only = stored.person_only;
        now.no_visit_until = stored.no_visit_until;
    }
    if stored.do_not_contact && stored.no_contact_until.is_none_or(|day| day >= today) {
        now.do_not_contact = true;
        now.no_contact_until = stored.no_contact_until;
    }
    now
}

/// Forgets the notes about a customer that is erased: how many, and how many
/// consents without a note stay as evidence.
///
/// # Errors
/// Only the database.
pub(crate) async fn notes_forget(tx: &mut UnitTx<'_>, customer: CustomerId) -> Result<(u64, i64)> {
    let forgotten = tx.exec(CONSENT_NOTES_FORGET, params![customer]).await?;
    let row = tx.query_opt(CONSENT_COUNT, params![customer]).await?;
    let kept = row.map(|r| r.get(0)).transpose()?.unwrap_or(0);
    Ok((forgotten, kept))
}
