//! The organisation's rescue key: made when the first phone is enrolled, its
//! private half sealed by the vault. What comes in stays as it is until an
//! officer of the branch opens it; then it goes the way of every operation.

use super::store::*;
use crate::device::parameters::phone_rules;
use crate::device::service::device_find;
use crate::sync::push::{push, read};
use crate::sync::review::service::sender_of;
use crate::sync::{Answer, BATCH_OPS_MAX};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::limits::FORM_BYTES_MAX;
use zf_base::{DeviceId, Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::keys::RESEAL;
use zf_kernel::text::clear_text;
use zf_kernel::unit::service::unit_root;
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};
use zf_vault::{Aad, os_random, rescue};

/// The key of the organisation.
pub(crate) struct Key {
    pub id: Uuid,
    pub home: UnitId,
    pub public: Vec<u8>,
    pub sealed: Vec<u8>,
}

pub(crate) fn aad(home: UnitId, id: Uuid) -> Aad<'static> {
    Aad {
        table: "rescue_key",
        column: "private_sealed",
        unit: home.uuid(),
        row: id,
    }
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Adds this part to the job that seals everything anew.
pub fn handlers(handlers: &mut Handlers) {
    handlers.also(RESEAL, reseal);
}

async fn reseal(run: Arc<Run>) -> Result<Json> {
    let app = &run.app;
    let Some(key) = find(app)
        .await?
        .filter(|k| app.vault.needs_reseal(&k.sealed))
    else {
        return Ok(json!({ "rescue_keys": 0 }));
    };
    let clear = app.vault.open(&aad(key.home, key.id), &key.sealed)?;
    let new = app.vault.seal(&aad(key.home, key.id), &clear);
    let p = params![key.id, key.sealed, new];
    let n = app.db.exec(RESCUE_KEY_RESEAL, p).await?;
    Ok(json!({ "rescue_keys": n }))
}

pub(crate) async fn find(app: &App) -> Result<Option<Key>> {
    let rows = app.db.query(RESCUE_KEY, params![]).await?;
    let read = |r: &zf_store::Row| {
        Ok(Key {
            id: r.get(0)?,
            home: r.get(1)?,
            public: r.get(2)?,
            sealed: r.get(3)?,
        })
    };
    rows.first().map(read).transpose()
}

pub(crate) async fn key(app: &App) -> Result<Key> {
    if let Some(key) = find(app).await? {
        return Ok(key);
    }
    let root = unit_root(app).await?;
    let lost = |what: &str| KernelError::Internal(what.to_owned());
    let root = root.ok_or_else(|| lost("no organisation"))?.id;
    let (id, (private, public)) = (app.new_id(), rescue::generate(&mut os_random));
    let sealed = app.vault.seal(&aad(root, id), &private);
    let row = params![id, root, public.to_vec(), sealed, app.now()];
    app.db.exec(RESCUE_KEY_ADD, row).await?;
    find(app).await?.ok_or_else(|| lost("no rescue key"))
}

/// The public half as a JWK, made when there is none yet.
///
/// # Errors
/// Only the database.
pub async fn public_key(app: &App) -> Result<Json> {
    let key = key(app).await?;
    let half = |from: usize| URL_SAFE_NO_PAD.encode(&key.public[from..from + 32]);
    Ok(json!({
        "kty": "EC", "crv": "P-256", "x": half(1), "y": half(33),
        "kid": key.id, "key_ops": [], "ext": true,
    }))
}

/// Something that came in sealed.
pub struct Sealed {
    /// Id.
    pub id: Uuid,
    /// The operation it holds.
    pub op_id: Uuid,
    /// From which phone.
    pub device_name: Option<String>,
    /// Whose that is.
    pub user_name: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
    /// By whom.
    pub opened_by_name: Option<String>,
}

/// Keeps what a phone of the caller hands over, also when it was revoked not
/// too long ago; gives what is stored now.
///
/// # Errors
/// Not the caller's phone, revoked too long ago, too much at once.
pub async fn rescue_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DeviceId,
    items: Vec<(Uuid, Vec<u8>)>,
) -> Result<Vec<Uuid>> {
    let device = device_find(app, id).await?;
    let device = device.filter(|d| d.is_phone_of(ctx.actor.user_id));
    let device = device.ok_or_else(|| KernelError::refused(ErrorCode::DEVICE_UNKNOWN))?;
    let rules = phone_rules(app).await?;
    let last = Timestamp(ctx.now.0 - rules.rescue_days * MICROS_PER_DAY);
    if device.revoked_at.is_some_and(|at| at < last) {
        return Err(KernelError::refused(ErrorCode::DEVICE_REVOKED));
    }
    let large = |(_, bytes): &(Uuid, Vec<u8>)| bytes.len() > 2 * FORM_BYTES_MAX;
    if items.len() > BATCH_OPS_MAX || items.iter().any(large) {
        return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
    }
    let key = key(app).await?.id;
    let row = |(op, bytes): &(Uuid, Vec<u8>)| {
        let mac = app.vault.mac("rescue.item", bytes).to_vec();
        params![app.new_id(), *op, id, key, bytes.clone(), mac, ctx.now]
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        tx.exec_many(RESCUE_ADD, items.iter().map(row).collect())
            .await?;
        let detail = json!({ "items": items.len() });
        tx.record("rescue.put", "device", id, detail);
        tx.commit().await
    })
    .await?;
    Ok(items.into_iter().map(|(op, _)| op).collect())
}

/// What came in sealed, newest first.
///
/// # Errors
/// Only the database.
pub async fn rescues(
    app: &App,
    scope: &UnitScope,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Sealed>> {
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX / 4), Uuid::max()));
    let p = params![at, id, limit];
    let rows = app.read_unit(scope.unit_id(), RESCUES, p).await?;
    let read = |r: &Row| {
        Ok(Sealed {
            id: r.get(0)?,
            op_id: r.get(1)?,
            device_name: r.get(2)?,
            user_name: r.get(3)?,
            received_at: r.get(4)?,
            opened_at: r.get(5)?,
            opened_by_name: r.get(6)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Opens one for a reason, told of before anything happens, and hands it in as
/// the operation it is. Opened again it is a repetition.
///
/// # Errors
/// Nothing under this id; no reason; sealed to another key.
pub async fn rescue_open(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    reason: &str,
) -> Result<Answer> {
    let reason = clear_text("reason", reason)?;
    let lost = || KernelError::refused(ErrorCode::NOT_FOUND);
    let rows = app
        .read_unit(scope.unit_id(), RESCUE_FETCH, params![id])
        .await?;
    let r = rows.first().ok_or_else(lost)?;
    let (device, key, sealed): (DeviceId, Uuid, Vec<u8>) = (r.get(0)?, r.get(1)?, r.get(2)?);
    let keys = app.db.query(RESCUE_KEY_OF, params![key]).await?;
    let k = keys.first().ok_or_else(lost)?;
    let (home, private): (UnitId, Vec<u8>) = (k.get(1)?, k.get(3)?);
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let p = params![id, ctx.now, ctx.actor.name.as_str()];
        tx.exec(RESCUE_OPENED, p).await?;
        tx.record("rescue.open", "device", device, json!({ "reason": reason }));
        tx.commit().await
    })
    .await?;
    let private = app.vault.open(&aad(home, key), &private)?;
    let text = rescue::open(&private, &sealed)?;
    let said: Json = serde_json::from_slice(&text).unwrap_or_else(|_| {
        // Kept aside whole, like everything that is no operation.
        Json::String(String::from_utf8_lossy(&text).into_owned())
    });
    let op = read(app, ctx, &said);
    let sender = sender_of(app, device).await?;
    let answers = push(app, ctx, scope, &sender, &[op]).await?;
    answers.into_iter().next().ok_or_else(lost)
}
