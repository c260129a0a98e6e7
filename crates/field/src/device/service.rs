//! Rules of phones: a code is for one account and one branch, used once and
//! within minutes; guessing is slowed down; a phone belongs to the account
//! that enrolled it; revoking says why. Codes are shown once and kept as keyed
//! hashes.

use super::parameters::{PhoneRules, phone_rules};
use super::store::*;
use super::{Device, Outbox, PHONE};
use serde_json::json;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{DeviceId, Timestamp, UnitId, UserId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Level;
use zf_kernel::unit::service::{newest_below, scope_of};
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_store::{Row, Step, Value, params};

/// Letters of a code: none that look alike.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters in a code: 50 bits.
const CODE_LETTERS: usize = 10;
const MICROS_PER_MINUTE: i64 = 60_000_000;
/// Accounts of a branch that the page offers.
const USERS_MAX: i64 = 500;

/// A new code; it is nowhere else.
pub struct NewCode {
    /// What the phone is given.
    pub code: String,
    /// Until when.
    pub expires_at: Timestamp,
}

pub(crate) fn device(r: &Row) -> Result<Device> {
    Ok(Device {
        id: r.get(0)?,
        unit_id: r.get(1)?,
        user_id: r.get(2)?,
        user_name: r.get(3)?,
        kind: r.get(4)?,
        name: r.get(5)?,
        state: r.get(6)?,
        enrolled_at: r.get(7)?,
        seen_at: r.get(8)?,
        outbox: Outbox {
            count: r.get(9)?,
            oldest: r.get(10)?,
        },
        lease_until: r.get(11)?,
        revoked_at: r.get(12)?,
        revoked_reason: r.get(13)?,
    })
}

/// A device, whoever asks.
///
/// # Errors
/// Only the database.
pub async fn device_find(app: &App, id: DeviceId) -> Result<Option<Device>> {
    let rows = app.db.query(DEVICE, params![id]).await?;
    rows.first().map(device).transpose()
}

/// The desk of whoever is signed in is taken as it comes.
///
/// # Errors
/// Only the database.
pub async fn desk_add(app: &App, ctx: &Ctx, unit: UnitId, id: DeviceId) -> Result<()> {
    let name = ctx.actor.name.as_str();
    let row = params![id, unit, ctx.actor.user_id, "desk", name, ctx.now];
    app.db.exec(DEVICE_ADD, row).await?;
    Ok(())
}

/// The statement that says that a phone was heard of, with what it still holds.
pub fn seen_step(seen: Vec<Value>) -> Step {
    Step::once(DEVICE_SEEN, seen)
}

/// The same outside of any transaction.
///
/// # Errors
/// Only the database.
pub async fn seen(app: &App, seen: Vec<Value>) -> Result<()> {
    app.db.exec(DEVICE_SEEN, seen).await?;
    Ok(())
}

/// A phone has fetched: its data may be read until `until`.
///
/// # Errors
/// Only the database.
pub async fn lease(app: &App, ctx: &Ctx, d: &Device, until: Timestamp) -> Result<()> {
    let p = params![d.id, ctx.now, until, d.outbox.count, d.outbox.oldest];
    app.db.exec(DEVICE_LEASE, p).await?;
    Ok(())
}

/// Forgets codes that ended before a moment.
///
/// # Errors
/// Only the database.
pub async fn codes_forget(app: &App, before: Timestamp) -> Result<()> {
    app.db.exec(DEVICE_CODES_FORGET, params![before]).await?;
    Ok(())
}

/// A phone without a code, for measurements and tests.
///
/// # Errors
/// Only the database.
pub async fn phone_add(app: &App, ctx: &Ctx, unit: UnitId, id: DeviceId) -> Result<()> {
    let row = params![id, unit, ctx.actor.user_id, PHONE, "bench", ctx.now];
    app.db.exec(DEVICE_ADD, row).await?;
    Ok(())
}

fn mac(app: &App, code: &str) -> Vec<u8> {
    let plain = |c: &char| c.is_ascii_alphanumeric();
    let code: String = code.chars().filter(plain).collect();
    let code = code.to_ascii_uppercase();
    app.vault.mac("device.code", code.as_bytes()).to_vec()
}

fn branch(scope: &UnitScope) -> Result<()> {
    if scope.unit().level != Level::Branch {
        return Err(KernelError::refused(ErrorCode::UNIT_NOT_FOUND));
    }
    Ok(())
}

/// Accounts of a branch that a phone may be for.
///
/// # Errors
/// Only the database.
pub async fn device_users(app: &App, scope: &UnitScope) -> Result<Vec<(UserId, String)>> {
    let p = params![scope.unit_id(), USERS_MAX];
    let rows = app.db.query(DEVICE_USERS, p).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Makes a code for an account of the branch.
///
/// # Errors
/// Not a branch; an account that does not work there; a name too long.
pub async fn code_add(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    user: UserId,
    name: &str,
) -> Result<NewCode> {
    branch(scope)?;
    let users = device_users(app, scope).await?;
    if !users.iter().any(|(id, _)| *id == user) {
        return Err(KernelError::field("user_id", "field.not_in_list"));
    }
    let name = named(name)?;
    let rules = phone_rules(app).await?;
    let mut random = [0u8; CODE_LETTERS];
    app.random(&mut random)?;
    let letter = |b: &u8| char::from(LETTERS[usize::from(*b) % LETTERS.len()]);
    let code: String = random.iter().map(letter).collect();
    let expires_at = Timestamp(ctx.now.0 + rules.code_minutes * MICROS_PER_MINUTE);
    let row = params![
        mac(app, &code),
        scope.unit_id(),
        user,
        name.as_str(),
        ctx.now,
        ctx.actor.name.as_str(),
        expires_at
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(DEVICE_CODE_ADD, row).await?;
    let detail = json!({ "expires_at": expires_at.to_string() });
    tx.record("device.code", "user", user, detail);
    tx.commit().await?;
    Ok(NewCode { code, expires_at })
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > limits::NAME_CHARS_MAX {
        return Err(KernelError::field("name", "field.required"));
    }
    Ok(name.to_owned())
}

/// Enrols a phone of the signed-in account with a code. The same code with the
/// same phone again says the same: the answer may have got lost.
///
/// # Errors
/// A code that is wrong, used, too old or for somebody else, all in the same
/// words; too many of them.
pub async fn enrol(
    app: &App,
    ctx: &Ctx,
    code: &str,
    id: DeviceId,
    name: &str,
) -> Result<(UnitId, PhoneRules)> {
    let rules = phone_rules(app).await?;
    slow_down(app, ctx, &rules).await?;
    let name = named(name)?;
    let mac = mac(app, code);
    let Some(home) = fitting(app, ctx, &mac, id).await? else {
        return Err(wrong(app, ctx, &rules).await?);
    };
    // Also proves that the account may hand in visits there, today.
    let scope = scope_of(app, ctx, Permission::VisitWrite, home).await?;
    again(app, || write(app, ctx, &scope, &mac, id, &name)).await?;
    Ok((home, rules))
}

/// The branch of a code that this account may use now.
async fn fitting(app: &App, ctx: &Ctx, mac: &[u8], id: DeviceId) -> Result<Option<UnitId>> {
    let rows = app.db.query(DEVICE_CODE, params![mac.to_vec()]).await?;
    let Some(r) = rows.first() else {
        return Ok(None);
    };
    let (home, user): (UnitId, UserId) = (r.get(0)?, r.get(1)?);
    let (expires_at, used_at): (Timestamp, Option<Timestamp>) = (r.get(3)?, r.get(4)?);
    let used_by: Option<DeviceId> = r.get(5)?;
    let fresh = used_at.is_none() || used_by == Some(id);
    let fits = user == ctx.actor.user_id && expires_at > ctx.now && fresh;
    Ok(fits.then_some(home))
}

async fn write(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    mac: &[u8],
    id: DeviceId,
    name: &str,
) -> Result<()> {
    let user = ctx.actor.user_id;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let used = params![mac.to_vec(), ctx.now, id];
    let first = tx.exec(DEVICE_CODE_USE, used).await? > 0;
    if !first && used_by(&mut tx, mac).await? != Some(id) {
        return Err(KernelError::refused(ErrorCode::DEVICE_CODE));
    }
    let new = params![id, scope.unit_id(), user, PHONE, name, ctx.now];
    if tx.exec(DEVICE_ADD, new).await? == 0 && first {
        let p = params![id, user, scope.unit_id(), name, ctx.now];
        if tx.exec(DEVICE_AGAIN, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::DEVICE_CODE));
        }
    }
    tx.exec(DEVICE_TRIES_CLEAR, params![user]).await?;
    tx.record("device.enrol", "device", id, json!({}));
    tx.commit().await
}

/// Which phone used a code; asked again inside the transaction, because two
/// phones may use one code at the same moment.
async fn used_by(tx: &mut UnitTx<'_>, mac: &[u8]) -> Result<Option<DeviceId>> {
    let row = tx.query_opt(DEVICE_CODE, params![mac.to_vec()]).await?;
    Ok(row.map(|r| r.get(5)).transpose()?.flatten())
}

async fn slow_down(app: &App, ctx: &Ctx, rules: &PhoneRules) -> Result<()> {
    let p = params![ctx.actor.user_id];
    let rows = app.db.query(DEVICE_TRIES, p).await?;
    let Some(r) = rows.first() else { return Ok(()) };
    let (since, tries): (Timestamp, i64) = (r.get(0)?, r.get(1)?);
    if since >= stretch(ctx, rules) && tries >= rules.code_tries {
        return Err(KernelError::refused(ErrorCode::AUTH_THROTTLED));
    }
    Ok(())
}

fn stretch(ctx: &Ctx, rules: &PhoneRules) -> Timestamp {
    Timestamp(ctx.now.0 - rules.code_wait_minutes * MICROS_PER_MINUTE)
}

async fn wrong(app: &App, ctx: &Ctx, rules: &PhoneRules) -> Result<KernelError> {
    let p = params![ctx.actor.user_id, ctx.now, stretch(ctx, rules)];
    app.db.exec(DEVICE_TRIED, p).await?;
    Ok(KernelError::refused(ErrorCode::DEVICE_CODE))
}

/// Phones of a unit and below, newest first.
///
/// # Errors
/// Only the database.
pub async fn device_list(
    app: &App,
    scope: &UnitScope,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Device>> {
    let read = |r: &Row| {
        let d = device(r)?;
        Ok(((d.enrolled_at, d.id.uuid()), d))
    };
    let path = [scope.unit().path.clone()];
    newest_below(app, path, DEVICES_BELOW, before, limit, read).await
}

/// Revokes a phone: it may give but not take.
///
/// # Errors
/// No such phone in the branch, or revoked already; no reason.
pub async fn device_revoke(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DeviceId,
    reason: &str,
) -> Result<()> {
    let reason = clear_text("reason", reason)?;
    let found = device_find(app, id).await?;
    let home = found.filter(|d| d.kind == PHONE).map(|d| d.unit_id);
    let home = home.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    // The list shows phones below; so may they be revoked, in their own branch.
    let above = scope.unit().path.as_str();
    let scope = scope_of(app, ctx, scope.permission(), home).await?;
    if !scope.unit().path.starts_with(above) {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    let p = params![id, home, ctx.now, ctx.actor.name.as_str(), reason.as_str()];
    if tx.exec(DEVICE_REVOKE, p).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    tx.record("device.revoke", "device", id, json!({ "reason": reason }));
    tx.commit().await
}
