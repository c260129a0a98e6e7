//! Sessions: a random token in the browser's cookie, its SHA-256 here, an idle
//! and an absolute limit from the policy. A session of an account that is no
//! longer active is none.

use super::User;
use super::store::*;
use crate::app::App;
use crate::error::Result;
use zf_base::{SessionId, Timestamp, UserId};
use zf_store::{StoreError, params};
use zf_vault::token;

/// A session in use.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
}

/// How often "last seen" is written: not on every request.
const SEEN_STEP_SECONDS: i64 = 60;

/// Opens a session; returns the token for the cookie.
pub async fn session_open(
    app: &App,
    user: &User,
    address: &str,
    now: Timestamp,
) -> Result<(String, Timestamp)> {
    let made = token::Token::new(&mut zf_vault::os_random);
    let expires = now.plus_seconds(app.policy.session.absolute_hours * 3600);
    let id = SessionId(app.new_id());
    app.db
        .exec(
            SESSION_ADD,
            params![id, made.digest().as_slice(), user.id, address, now, expires],
        )
        .await?;
    Ok((made.text().to_owned(), expires))
}

/// The session behind a token, when it is still good.
pub async fn session_find(
    app: &App,
    clear: &str,
    now: Timestamp,
) -> Result<Option<(Session, User)>> {
    let rows = app
        .db
        .query(SESSION_BY_TOKEN, params![token::digest(clear).as_slice()])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let session = Session {
        id: row.get(0)?,
        user_id: row.get(1)?,
    };
    let seen: Timestamp = row.get(2)?;
    let expires: Timestamp = row.get(3)?;
    let revoked: Option<Timestamp> = row.get(4)?;
    if revoked.is_some() || expires <= now {
        return Ok(None);
    }
    let user = super::service::user_fetch(app, session.user_id).await?;
    let idle = app.policy.idle_minutes(user.is_demo) * 60;
    if user.state != "active" || seen.plus_seconds(idle) <= now {
        return Ok(None);
    }
    if seen.plus_seconds(SEEN_STEP_SECONDS) <= now {
        match app.db.exec(SESSION_SEEN, params![session.id, now]).await {
            // Who can still read shall read: this only notes that somebody was here.
            Err(StoreError::Full(_)) => {}
            other => drop(other?),
        }
    }
    Ok(Some((session, user)))
}

/// Whether a session is still good, without noting that somebody was here: for
/// answers that go on while nobody touches anything.
///
/// # Errors
/// Only the database.
pub async fn session_lives(app: &App, id: SessionId, now: Timestamp) -> Result<bool> {
    let rows = app.db.query(SESSION_BY_ID, params![id]).await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let (seen, expires): (Timestamp, Timestamp) = (row.get(1)?, row.get(2)?);
    let revoked: Option<Timestamp> = row.get(3)?;
    if revoked.is_some() || expires <= now {
        return Ok(false);
    }
    let user = super::service::user_fetch(app, row.get(0)?).await?;
    let idle = app.policy.idle_minutes(user.is_demo) * 60;
    Ok(user.state == "active" && seen.plus_seconds(idle) > now)
}

/// Ends a session.
pub async fn session_end(app: &App, id: SessionId, now: Timestamp) -> Result<()> {
    app.db.exec(SESSION_END, params![id, now]).await?;
    Ok(())
}

/// Forgets sessions that ended before a moment.
pub async fn session_forget(app: &App, before: Timestamp) -> Result<u64> {
    Ok(app.db.exec(SESSION_FORGET, params![before]).await?)
}
