//! The organisation's rescue key: made when the first phone is enrolled, its
//! private half sealed by the vault. What comes in stays as it is until an
//! officer of the branch opens it; then it goes the way of every operation.

use super::held::{self, Held};
use super::store::*;
use crate::blob::service::{photo_begin, photo_piece};
use crate::blob::{NewPhoto, OPEN};
use crate::device::PHONE;
use crate::device::parameters::phone_rules;
use crate::device::service::device_find;
use crate::sync::push::{push, read};
use crate::sync::review::service::sender_of;
use crate::sync::{Answer, BATCH_OPS_MAX};
use crate::visit::payload::VISIT_KINDS;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::limits::{FORM_BYTES_MAX, PHOTO_BYTES_MAX};
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

/// An operation of a phone.
pub const HELD_OPERATION: &str = "operation";
/// A visit that was being written.
pub const HELD_DRAFT: &str = "draft";
/// A photo.
pub const HELD_PHOTO: &str = "photo";

/// What came of opening one.
pub struct Opened {
    /// [`HELD_OPERATION`], [`HELD_DRAFT`] or [`HELD_PHOTO`].
    pub holds: &'static str,
    /// The answer of push; none for a photo, which is kept now.
    pub answer: Option<Answer>,
    /// The visit it is about.
    pub visit_id: Option<Uuid>,
}

/// Keeps what a phone of the caller hands over, also when it was revoked not
/// too long ago; all or nothing.
///
/// # Errors
/// Not the caller's phone, revoked too long ago, too much at once.
pub async fn rescue_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DeviceId,
    items: Vec<(Uuid, Vec<u8>)>,
) -> Result<()> {
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
    keep(app, ctx, scope, id, &items).await?;
    Ok(())
}

/// The id under which something is kept: the phone's own where it is one, else
/// always the same for the same name.
pub fn item_id(app: &App, name: &str) -> Uuid {
    let said = app.vault.mac("rescue.name", name.as_bytes());
    let of_name = || Uuid::from_slice(&said[..16]).unwrap_or_default();
    name.parse().unwrap_or_else(|_| of_name())
}

/// An item of a file that a phone wrote: under which name, sealed; none when it
/// cannot be read.
pub type FileItem = (Uuid, Option<Vec<u8>>);

/// What came of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Imported {
    /// New ones.
    pub stored: u64,
    /// Here already.
    pub known: u64,
    /// Items that could not be read, counted from 0.
    pub unreadable: Vec<usize>,
}

/// Takes in what a phone of the branch wrote into a file, because it reaches us
/// no more. Good items go in, bad ones come back; the same file again adds nothing.
///
/// # Errors
/// No phone of this branch; too many items at once.
pub async fn rescue_import(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DeviceId,
    items: Vec<FileItem>,
) -> Result<Imported> {
    let device = device_find(app, id).await?;
    let own = device.is_some_and(|d| d.unit_id == scope.unit_id() && d.kind == PHONE);
    if !own {
        return Err(KernelError::refused(ErrorCode::DEVICE_UNKNOWN));
    }
    if items.len() > BATCH_OPS_MAX {
        return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
    }
    // A photo lies in its seal as base64.
    let fits = |bytes: &Vec<u8>| bytes.len() as u64 <= 2 * PHOTO_BYTES_MAX;
    let (mut good, mut unreadable) = (vec![], vec![]);
    for (at, (op, bytes)) in items.into_iter().enumerate() {
        match bytes.filter(|b| fits(b) && rescue::is_sealed(b)) {
            Some(bytes) => good.push((op, bytes)),
            None => unreadable.push(at),
        }
    }
    let stored = keep(app, ctx, scope, id, &good).await?;
    Ok(Imported {
        stored,
        known: good.len() as u64 - stored,
        unreadable,
    })
}

/// Stores what is not here yet; gives how many are new.
async fn keep(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: DeviceId,
    items: &[(Uuid, Vec<u8>)],
) -> Result<u64> {
    if items.is_empty() {
        return Ok(0);
    }
    let key = key(app).await?.id;
    let row = |(op, bytes): &(Uuid, Vec<u8>)| {
        let mac = app.vault.mac("rescue.item", bytes).to_vec();
        params![app.new_id(), *op, id, key, bytes.clone(), mac, ctx.now]
    };
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let rows = items.iter().map(row).collect();
        let new = tx.exec_many(RESCUE_ADD, rows).await?;
        let detail = json!({ "items": items.len(), "new": new });
        tx.record("rescue.put", "device", id, detail);
        tx.commit().await?;
        Ok(new)
    })
    .await
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
) -> Result<Opened> {
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
    match held::read(&text) {
        Held::Operation(said) => handed_in(app, ctx, scope, device, &said, HELD_OPERATION).await,
        Held::Draft(said) => handed_in(app, ctx, scope, device, &said, HELD_DRAFT).await,
        Held::Photo(new, bytes) => photo_in(app, ctx, scope, &new, bytes).await,
    }
}

/// An operation goes the way of every operation.
async fn handed_in(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    device: DeviceId,
    said: &Json,
    holds: &'static str,
) -> Result<Opened> {
    let op = read(app, ctx, said);
    let visit_id = VISIT_KINDS
        .contains(&op.kind.as_str())
        .then_some(op.entity_id);
    let sender = sender_of(app, device).await?;
    let answers = push(app, ctx, scope, &sender, &[op]).await?;
    let answer = answers.into_iter().next();
    let answer = answer.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    Ok(Opened {
        holds,
        answer: Some(answer),
        visit_id,
    })
}

/// A photo goes the way of every photo, in one piece.
async fn photo_in(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewPhoto,
    bytes: Vec<u8>,
) -> Result<Opened> {
    let photo = photo_begin(app, ctx, scope, new).await?;
    if photo.state == OPEN {
        let from = usize::try_from(photo.received)
            .unwrap_or(0)
            .min(bytes.len());
        let rest = bytes[from..].to_vec();
        photo_piece(app, ctx, scope, photo.id, photo.received, rest).await?;
    }
    Ok(Opened {
        holds: HELD_PHOTO,
        answer: None,
        visit_id: Some(new.visit_id),
    })
}
