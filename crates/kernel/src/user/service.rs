//! Rules of accounts: making them, passwords, second factor, unlocking,
//! retiring with hand-over. The initial password is made here, shown once and
//! stored only as a hash.

use super::sign_in::password_again;
use super::store::*;
use super::{Grant, User};
use crate::app::App;
use crate::authz::UnitScope;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use crate::unit::service::unit_fetch;
use serde_json::json;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{SessionId, StaffId, UnitId, UserId, limits};
use zf_store::{Row, params};
use zf_vault::{Aad, KdfParams, password, totp};

pub(super) fn read(row: &Row) -> Result<User> {
    Ok(User {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        unit_id: row.get(3)?,
        staff_id: row.get(4)?,
        password_hash: row.get(5)?,
        must_change_password: row.get(6)?,
        totp_sealed: row.get(7)?,
        totp_on: row.get(8)?,
        totp_last_step: row.get(9)?,
        state: row.get(10)?,
        failed_count: row.get(11)?,
        locked_until: row.get(12)?,
        is_demo: row.get(13)?,
        large_type: row.get(14)?,
        last_sign_in_at: row.get(15)?,
    })
}

pub(super) fn totp_aad(user: &User) -> Aad<'static> {
    totp_place(user.unit_id, user.id)
}

fn totp_place(unit: UnitId, user: UserId) -> Aad<'static> {
    Aad {
        table: "user_account",
        column: "totp_sealed",
        unit: unit.uuid(),
        row: user.uuid(),
    }
}

/// One account.
pub async fn user_fetch(app: &App, id: UserId) -> Result<User> {
    let rows = app.db.query(USER_BY_ID, params![id]).await?;
    rows.first()
        .map(read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// One account by login.
pub async fn user_by_login(app: &App, login: &str) -> Result<Option<User>> {
    let rows = app
        .db
        .query(USER_BY_LOGIN, params![login.trim().to_lowercase()])
        .await?;
    rows.first().map(read).transpose()
}

/// Accounts whose home is at or below a path, by login.
pub async fn user_list(app: &App, path: &str, after: &str, limit: i64) -> Result<Vec<User>> {
    let rows = app
        .db
        .query(USER_LIST, params![path, format!("{path}~"), after, limit])
        .await?;
    rows.iter().map(read).collect()
}

/// What is needed to make an account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What will be typed at sign-in.
    pub login: String,
    /// Name shown.
    pub name: String,
    /// The staff member behind it.
    pub staff_id: Option<StaffId>,
    /// Roles from the start.
    pub grants: Vec<Grant>,
    /// Works on loopback only.
    pub is_demo: bool,
    /// Password chosen by the caller (first start, demo); else one is made.
    pub password: Option<String>,
}

/// Hashes a password off the async threads, two at a time.
pub(super) async fn hash(app: &App, clear: &str) -> Result<String> {
    let _permit = app
        .hashing
        .acquire()
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let clear = clear.to_owned();
    let params = app.policy.password_kdf();
    let done = tokio::task::spawn_blocking(move || {
        password::hash(&clear, params, &mut zf_vault::os_random)
    });
    Ok(done
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))??)
}

/// Compares a password off the async threads, two at a time.
pub(super) async fn verify(app: &App, clear: &str, phc: &str) -> Result<bool> {
    let _permit = app
        .hashing
        .acquire()
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let (clear, phc) = (clear.to_owned(), phc.to_owned());
    let done = tokio::task::spawn_blocking(move || password::verify(&clear, &phc));
    done.await.map_err(|e| KernelError::Internal(e.to_string()))
}

/// Is this password good enough under the policy in force?
pub fn check_password(app: &App, clear: &str, login: &str) -> Result<()> {
    let p = &app.policy.password;
    if clear.chars().count() < p.min_length || clear.chars().count() > limits::PASSWORD_CHARS_MAX {
        return Err(
            KernelError::field("password", "password.too_short").with("length", p.min_length)
        );
    }
    let lower = clear.to_lowercase();
    let weak = p.weak_parts.iter().any(|w| lower.contains(w.as_str()));
    if weak || lower.contains(&login.to_lowercase()) {
        return Err(KernelError::field("password", "password.weak"));
    }
    Ok(())
}

/// Sixteen characters that are easy to read out: no 0/O, 1/l/I.
fn make_password(app: &App) -> Result<String> {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 16];
    app.random(&mut bytes)?;
    // 31 letters do not divide 256: the bias of 1/32 of a bit is of no use to a guesser.
    Ok(bytes
        .iter()
        .map(|b| LETTERS[usize::from(*b) % LETTERS.len()] as char)
        .collect())
}

/// Makes an account with its home in the scope's unit; returns the initial password.
pub async fn user_add(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewUser,
) -> Result<(User, String)> {
    let login = new.login.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if login.len() < 2 || login.len() > limits::CODE_CHARS_MAX || !login.chars().all(fits) {
        return Err(KernelError::field("login", "user.login_form"));
    }
    if new.name.trim().is_empty() || new.name.chars().count() > limits::NAME_CHARS_MAX {
        return Err(KernelError::field("name", "field.required"));
    }
    super::grant::check_grants(app, &new.grants).await?;
    let clear = match &new.password {
        Some(p) => p.clone(),
        None => make_password(app)?,
    };
    let phc = hash(app, &clear).await?;
    let id = UserId(app.new_id());
    let must_change = new.password.is_none();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        id,
        login.as_str(),
        new.name.trim(),
        scope.unit_id(),
        new.staff_id,
        phc,
        must_change,
        false,
        new.is_demo,
        ctx.now
    ];
    tx.exec(USER_ADD, row).await?;
    super::grant::write(&mut tx, ctx, id, &new.grants).await?;
    let roles: Vec<&str> = new.grants.iter().map(|g| g.role_id.as_str()).collect();
    tx.record(
        "user.add",
        "user",
        id,
        json!({ "login": login, "roles": roles }),
    );
    tx.commit().await?;
    Ok((user_fetch(app, id).await?, clear))
}

/// Whoever takes an account over, or its roles away, must reach everything it
/// reaches: else the office of a branch could become the head office by
/// resetting a password.
pub(super) async fn within_reach(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    user: &User,
) -> Result<()> {
    for g in super::grant::grant_list(app, user.id).await? {
        let unit = unit_fetch(app, g.grant.unit_id).await?;
        if ctx.scope(scope.permission(), &unit).is_err() {
            return Err(KernelError::refused(ErrorCode::PERMISSION_DENIED));
        }
    }
    Ok(())
}

/// Gives an account a new initial password and ends its sessions. Nobody
/// resets their own: that would be a way around the old password.
pub async fn user_reset(app: &App, ctx: &Ctx, scope: &UnitScope, user: &User) -> Result<String> {
    if user.id == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    if user.state != "active" {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    within_reach(app, ctx, scope, user).await?;
    let clear = make_password(app)?;
    let phc = hash(app, &clear).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(USER_PASSWORD, params![user.id, phc, true, ctx.now])
        .await?;
    tx.exec(SESSION_END_ALL, params![user.id, ctx.now]).await?;
    tx.record(
        "user.reset",
        "user",
        user.id,
        json!({ "login": user.login }),
    );
    tx.commit().await?;
    Ok(clear)
}

/// Ends a lock-out early.
pub async fn user_unlock(app: &App, ctx: &Ctx, scope: &UnitScope, user: &User) -> Result<()> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(USER_UNLOCK, params![user.id, ctx.now]).await?;
    tx.record(
        "user.unlock",
        "user",
        user.id,
        json!({ "login": user.login }),
    );
    tx.commit().await
}

/// Retires an account: roles gone, sessions ended, the successor named.
pub async fn user_retire(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    user: &User,
    successor: Option<UserId>,
) -> Result<()> {
    if user.id == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    within_reach(app, ctx, scope, user).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(USER_RETIRE, params![user.id, ctx.now]).await?;
    tx.exec(GRANT_CLEAR, params![user.id]).await?;
    tx.exec(SESSION_END_ALL, params![user.id, ctx.now]).await?;
    let detail = json!({ "login": user.login, "hand_over_to": successor.map(|u| u.to_string()) });
    tx.record("user.retire", "user", user.id, detail);
    tx.commit().await
}

/// The user's own change of password. Every session ends but the one it is
/// done from.
pub async fn password_change(
    app: &App,
    ctx: &Ctx,
    user: &User,
    old: &str,
    new: &str,
) -> Result<()> {
    if !password_again(app, ctx, user, old).await? {
        return Err(KernelError::field("old_password", "password.wrong"));
    }
    check_password(app, new, &user.login)?;
    if old == new {
        return Err(KernelError::field("password", "password.same"));
    }
    let phc = hash(app, new).await?;
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    tx.exec(USER_PASSWORD, params![user.id, phc, false, ctx.now])
        .await?;
    let keep = ctx.session.map_or(Uuid::nil(), SessionId::uuid);
    tx.exec(SESSION_END_OTHERS, params![user.id, keep, ctx.now])
        .await?;
    tx.record("user.password", "user", user.id, json!({}));
    tx.commit().await
}

/// Begins setting up a second factor; returns the secret and its URI, shown once.
/// One that is on is turned off first, which asks for the password.
pub async fn totp_begin(app: &App, ctx: &Ctx, user: &User) -> Result<(String, String)> {
    if user.totp_on {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let secret = totp::new_secret(&mut zf_vault::os_random);
    let text = totp::to_base32(&secret);
    let uri = totp::uri("Zoufang", &user.login, &secret);
    let sealed = app.vault.seal(&totp_aad(user), &secret);
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    tx.exec(USER_TOTP, params![user.id, sealed, false, 0i64, ctx.now])
        .await?;
    tx.record("user.totp_begin", "user", user.id, json!({}));
    tx.commit().await?;
    Ok((text, uri))
}

/// Checks a code; returns the time step it belongs to when it is right and new.
pub(super) fn totp_step(
    app: &App,
    user: &User,
    given: &str,
    now: zf_base::Timestamp,
) -> Result<Option<i64>> {
    let Some(sealed) = &user.totp_sealed else {
        return Ok(None);
    };
    let secret = app.vault.open(&totp_aad(user), sealed)?;
    let last = u64::try_from(user.totp_last_step).ok();
    let step = totp::verify(&secret, given, now.0 / 1_000_000, last);
    Ok(step.and_then(|s| i64::try_from(s).ok()))
}

/// Turns the second factor on after a right code.
pub async fn totp_confirm(app: &App, ctx: &Ctx, user: &User, given: &str) -> Result<()> {
    let Some(step) = totp_step(app, user, given, ctx.now)? else {
        return Err(KernelError::field("code", "totp.wrong"));
    };
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    tx.exec(
        USER_TOTP,
        params![user.id, user.totp_sealed.clone(), true, step, ctx.now],
    )
    .await?;
    tx.record("user.totp_on", "user", user.id, json!({}));
    tx.commit().await
}

/// Turns the second factor off; asks for the password again.
pub async fn totp_off(app: &App, ctx: &Ctx, user: &User, clear: &str) -> Result<()> {
    if !password_again(app, ctx, user, clear).await? {
        return Err(KernelError::field("password", "password.wrong"));
    }
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    tx.exec(
        USER_TOTP,
        params![user.id, Option::<Vec<u8>>::None, false, 0i64, ctx.now],
    )
    .await?;
    tx.record("user.totp_off", "user", user.id, json!({}));
    tx.commit().await
}

/// Remembers large type for the user; a preference is not business data.
pub async fn large_type_set(app: &App, user: UserId, on: bool) -> Result<()> {
    app.db.exec(USER_LARGE_TYPE, params![user, on]).await?;
    Ok(())
}

/// Home unit of an account, for scope checks.
pub async fn user_home(app: &App, id: UserId) -> Result<(User, UnitId)> {
    let user = user_fetch(app, id).await?;
    let unit = user.unit_id;
    Ok((user, unit))
}

/// Parameters used for new password hashes.
pub type PasswordCost = KdfParams;

/// Seals the second factors of a unit's accounts under the current keys; returns how many.
pub(crate) async fn totp_reseal(app: &App, ctx: &Ctx, unit: UnitId) -> Result<u64> {
    let mut tx = UnitTx::on(app, ctx, unit).await?;
    let mut n = 0;
    for row in tx.query(USER_TOTP_SEALED, params![unit]).await? {
        let (id, old): (UserId, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if !app.vault.needs_reseal(&old) {
            continue;
        }
        let aad = totp_place(unit, id);
        let new = app.vault.seal(&aad, &app.vault.open(&aad, &old)?);
        n += tx.exec(USER_TOTP_RESEAL, params![id, old, new]).await?;
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", "user", unit, detail);
    }
    tx.commit().await?;
    Ok(n)
}
