//! Settings of the installation as versioned data: the security policy, names
//! of the levels, whether this database is a demo. A preset is compiled in; a
//! row in the database overrides it and says who changed it and when.

pub mod store;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use crate::unit::{Level, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::OnceLock;
use store::*;
use zf_store::{Db, params};
use zf_vault::{KdfParams, password};

/// The security policy; see `presets/policy.toml` for the meaning of each figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// Passwords.
    pub password: PasswordRule,
    /// Lock-out after wrong attempts.
    pub lock_out: LockOutRule,
    /// Limits of a session.
    pub session: SessionRule,
    /// Differences of the demo.
    pub demo: DemoRule,
    /// Full values shown to a user.
    pub reveal: RevealRule,
    #[serde(skip)]
    dummy: OnceLock<String>,
}

/// Rules of passwords.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PasswordRule {
    /// Characters.
    pub min_length: usize,
    /// Older passwords that may not come back.
    pub history: usize,
    /// Parts that make a password weak.
    pub weak_parts: Vec<String>,
}

/// Lock-out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LockOutRule {
    /// Wrong attempts on one account in a row.
    pub account_failures: i64,
    /// Wrong attempts from one address within the window.
    pub address_failures: i64,
    /// Length of the window.
    pub window_minutes: i64,
    /// How long the lock holds.
    pub lock_minutes: i64,
}

/// Limits of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRule {
    /// Ends after that long without a request.
    pub idle_minutes: i64,
    /// Ends after that long in any case.
    pub absolute_hours: i64,
}

/// The demo idles longer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoRule {
    /// Instead of the session's.
    pub idle_minutes: i64,
}

/// Quota of reveals.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevealRule {
    /// Per user and hour.
    pub per_hour: i64,
    /// Look-ups by full phone or ID number per user and hour.
    #[serde(default = "lookups_of_old_policies")]
    pub lookups_per_hour: i64,
    /// How long a page may show the value.
    pub seconds: u32,
}

/// A policy stored before there was such a figure.
fn lookups_of_old_policies() -> i64 {
    300
}

impl Policy {
    /// The compiled-in preset.
    pub fn preset() -> Result<Policy> {
        toml::from_str(include_str!("../../presets/policy.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/policy.toml: {e}")))
    }
    /// Cost of new password hashes.
    pub fn password_kdf(&self) -> KdfParams {
        KdfParams::PASSWORD
    }
    /// A hash nobody has the password of, for unknown logins.
    pub fn dummy_hash(&self) -> &str {
        self.dummy.get_or_init(|| {
            password::dummy(self.password_kdf(), &mut zf_vault::os_random).unwrap_or_default()
        })
    }
    /// Idle limit, longer for demo accounts.
    pub fn idle_minutes(&self, demo: bool) -> i64 {
        if demo {
            self.demo.idle_minutes
        } else {
            self.session.idle_minutes
        }
    }
}

/// The policy in force: the database's, else the preset.
pub async fn load_policy(db: &Db) -> Result<Policy> {
    match read_db(db, "security.policy").await? {
        Some(v) => serde_json::from_value(v)
            .map_err(|e| KernelError::Internal(format!("security.policy: {e}"))),
        None => Policy::preset(),
    }
}

async fn read_db(db: &Db, name: &str) -> Result<Option<Json>> {
    let rows = db.query(SETTING_BY_NAME, params![name]).await?;
    Ok(rows.first().map(|r| r.get(0)).transpose()?)
}

/// One setting, when it was ever set.
pub async fn setting_read(app: &App, name: &str) -> Result<Option<Json>> {
    read_db(&app.db, name).await
}

/// Sets one setting; told of in the head unit's chain.
pub async fn setting_write(
    app: &App,
    ctx: &Ctx,
    head: &Unit,
    name: &str,
    value: Json,
) -> Result<()> {
    let mut tx = UnitTx::on(app, ctx, head.id).await?;
    tx.exec(
        SETTING_SET,
        params![name, value, ctx.actor.user_id, ctx.now],
    )
    .await?;
    tx.record("setting.set", "setting", name, json!({}));
    tx.commit().await
}

/// Is this database a demo? Demo identities are accepted only in one that is.
pub async fn is_demo(app: &App) -> Result<bool> {
    Ok(setting_read(app, "system.demo")
        .await?
        .is_some_and(|v| v == json!(true)))
}

/// The names of the levels of one preset (`bank` or `post`).
pub fn level_name_preset(preset: &str) -> Result<HashMap<Level, String>> {
    let all: HashMap<String, HashMap<Level, String>> =
        toml::from_str(include_str!("../../presets/level_names.toml"))
            .map_err(|e| KernelError::Internal(format!("presets/level_names.toml: {e}")))?;
    all.get(preset)
        .cloned()
        .ok_or_else(|| KernelError::field("level_names", "field.not_in_list"))
}

/// What the levels are called here (ERR-062).
pub async fn level_names(app: &App) -> Result<HashMap<Level, String>> {
    match setting_read(app, "names.levels").await? {
        Some(Json::String(preset)) => level_name_preset(&preset),
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("names.levels: {e}"))),
        None => level_name_preset("bank"),
    }
}
