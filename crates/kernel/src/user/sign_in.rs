//! Sign-in: password, then second factor, with lock-out per account and per
//! address. Failures are told of in the chain of the account's home unit. A
//! locked account and an unknown login take as long as any other; a locked
//! account is told so whether the password was right or not.

use super::store::*;
use super::{User, service, session};
use crate::app::App;
use crate::ctx::{Actor, Ctx};
use crate::error::{KernelError, Result};
use crate::event::tx::{UnitTx, again};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use zf_base::Timestamp;
use zf_base::code::ErrorCode;
use zf_store::params;

/// What was typed.
pub struct Attempt<'a> {
    /// Login, any case.
    pub login: &'a str,
    /// Password in clear.
    pub password: &'a str,
    /// Code of the second factor.
    pub totp: Option<&'a str>,
    /// Address of the browser.
    pub address: &'a str,
    /// The browser is on this machine.
    pub loopback: bool,
}

/// A successful sign-in.
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// Token for the cookie.
    pub token: String,
    /// When the session ends at the latest.
    pub expires: Timestamp,
}

/// Tries to sign in.
pub async fn sign_in(
    app: &App,
    attempt: Attempt<'_>,
    now: Timestamp,
    request_id: Uuid,
) -> Result<SignedIn> {
    refuse_locked_address(app, attempt.address, now).await?;
    let user = service::user_by_login(app, attempt.login).await?;
    let Some(user) = user.filter(|u| u.state == "active") else {
        // The same work as for a known account, so that time tells nothing.
        service::verify(app, attempt.password, app.policy.dummy_hash()).await?;
        address_failed(app, attempt.address, now).await?;
        return Err(KernelError::refused(ErrorCode::AUTH_FAILED));
    };
    let ctx = Ctx::for_user(
        Actor {
            user_id: user.id,
            name: user.name.clone(),
            grants: vec![],
        },
        now,
        request_id,
    );
    let right = service::verify(app, attempt.password, &user.password_hash).await?;
    if user.is_locked(now) {
        if !right {
            address_failed(app, attempt.address, now).await?;
        }
        return Err(locked(user.locked_until));
    }
    if user.is_demo && !attempt.loopback {
        return Err(demo_from_elsewhere(app, &attempt, right, now).await?);
    }
    if !right {
        failed(app, &ctx, &user, attempt.address, "password").await?;
        return Err(KernelError::refused(ErrorCode::AUTH_FAILED));
    }
    let step = second_factor(app, &ctx, &user, &attempt).await?;
    let signed_in = again(app, || {
        note_sign_in(app, &ctx, &user, attempt.address, step)
    })
    .await?;
    if !signed_in {
        // The code was used by another sign-in between our look and our write.
        failed(app, &ctx, &user, attempt.address, "totp").await?;
        return Err(KernelError::refused(ErrorCode::AUTH_FAILED));
    }
    let (token, expires) = session::session_open(app, &user, attempt.address, now).await?;
    let user = service::user_fetch(app, user.id).await?;
    Ok(SignedIn {
        user,
        token,
        expires,
    })
}

/// Clears the count and tells of the sign-in; false when the code of the
/// second factor was used already or the account was retired meanwhile.
async fn note_sign_in(app: &App, ctx: &Ctx, user: &User, address: &str, step: i64) -> Result<bool> {
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    let row = params![user.id, ctx.now, step, false];
    if tx.exec(USER_SIGNED_IN, row).await? == 0 {
        return Ok(false);
    }
    tx.record(
        "user.sign_in",
        "user",
        user.id,
        json!({ "address": address }),
    );
    tx.commit().await?;
    Ok(true)
}

/// A demo account works on this machine only. Attempts from elsewhere count
/// against their address, not against the account: a presenter shall not be
/// locked out by somebody in the network.
async fn demo_from_elsewhere(
    app: &App,
    attempt: &Attempt<'_>,
    right: bool,
    now: Timestamp,
) -> Result<KernelError> {
    address_failed(app, attempt.address, now).await?;
    let code = if right {
        ErrorCode::AUTH_DEMO_REMOTE
    } else {
        ErrorCode::AUTH_FAILED
    };
    Ok(KernelError::refused(code))
}

async fn second_factor(app: &App, ctx: &Ctx, user: &User, attempt: &Attempt<'_>) -> Result<i64> {
    if !user.totp_on {
        return Ok(user.totp_last_step);
    }
    let Some(given) = attempt.totp.filter(|c| !c.trim().is_empty()) else {
        return Err(KernelError::refused(ErrorCode::AUTH_TOTP_REQUIRED));
    };
    match service::totp_step(app, user, given, ctx.now)? {
        Some(step) => Ok(step),
        None => {
            failed(app, ctx, user, attempt.address, "totp").await?;
            Err(KernelError::refused(ErrorCode::AUTH_FAILED))
        }
    }
}

fn locked(until: Option<Timestamp>) -> KernelError {
    let text = until.map(|t| t.to_string()).unwrap_or_default();
    // HH:MM is what a person at the door of the system needs.
    KernelError::refused(ErrorCode::AUTH_LOCKED).with("until", text.get(11..16).unwrap_or_default())
}

async fn refuse_locked_address(app: &App, address: &str, now: Timestamp) -> Result<()> {
    let rows = app.db.query(ADDRESS_BY_ID, params![address]).await?;
    let Some(row) = rows.first() else {
        return Ok(());
    };
    let until: Option<Timestamp> = row.get(2)?;
    if until.is_some_and(|t| t > now) {
        return Err(locked(until));
    }
    Ok(())
}

async fn address_failed(app: &App, address: &str, now: Timestamp) -> Result<()> {
    let rule = &app.policy.lock_out;
    let window_start = now.plus_seconds(-rule.window_minutes * 60);
    let until = now.plus_seconds(rule.lock_minutes * 60);
    app.db
        .exec(
            ADDRESS_FAILED,
            params![address, now, window_start, rule.address_failures, until],
        )
        .await?;
    Ok(())
}

async fn failed(app: &App, ctx: &Ctx, user: &User, address: &str, what: &str) -> Result<()> {
    let detail = json!({ "address": address, "what": what });
    again(app, || count_failure(app, ctx, user, detail.clone())).await?;
    address_failed(app, address, ctx.now).await
}

/// Counts a wrong password or code against an account. After a lock has run
/// out the count begins anew.
pub(super) async fn count_failure(app: &App, ctx: &Ctx, user: &User, detail: Json) -> Result<()> {
    let rule = &app.policy.lock_out;
    let until = ctx.now.plus_seconds(rule.lock_minutes * 60);
    let mut tx = UnitTx::on(app, ctx, user.unit_id).await?;
    let row = params![user.id, rule.account_failures, until, ctx.now];
    tx.exec(USER_FAILED, row).await?;
    tx.record("user.sign_in_failed", "user", user.id, detail);
    tx.commit().await
}

/// Asks a signed-in user for the password again. Wrong ones count like those
/// at the door: a stolen session shall not be a place to guess.
pub(super) async fn password_again(app: &App, ctx: &Ctx, user: &User, clear: &str) -> Result<bool> {
    let right = service::verify(app, clear, &user.password_hash).await?;
    if user.is_locked(ctx.now) {
        return Err(locked(user.locked_until));
    }
    if !right {
        count_failure(app, ctx, user, json!({ "what": "password_again" })).await?;
    }
    Ok(right)
}

/// Forgets addresses that have been quiet since a moment.
pub async fn address_forget(app: &App, before: Timestamp) -> Result<u64> {
    Ok(app.db.exec(ADDRESS_FORGET, params![before]).await?)
}
