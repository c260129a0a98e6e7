//! Rules of photos: announced with hash and size, taken in piece by piece at
//! the place where the last one ended, verified as a whole. The offset is
//! committed only after the piece is on the disk.

use super::erase::is_erased;
use super::files::Place;
use super::store::*;
use super::{ERASED, NewPhoto, OPEN, Photo, ROLES, SCAN, VERIFIED};
use crate::desk::parameters::desk_rules;
use crate::device::parameters::{PhoneRules, phone_rules};
use serde_json::json;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::limits::{PHOTO_BYTES_MAX, PHOTOS_PER_VISIT_MAX};
use zf_base::{Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

const MICROS_PER_HOUR: i64 = 3_600_000_000;

fn photo(unit_id: UnitId, r: &Row) -> Result<Photo> {
    let (size, received): (i64, i64) = (r.get(3)?, r.get(4)?);
    Ok(Photo {
        unit_id,
        id: r.get(0)?,
        visit_id: r.get(1)?,
        sha256: r.get(2)?,
        size: size.unsigned_abs(),
        received: received.unsigned_abs(),
        mime: r.get(5)?,
        role: r.get(6)?,
        state: r.get(7)?,
        bytes_of: r.get(8)?,
        expires_at: r.get(9)?,
    })
}

fn check(new: &NewPhoto, mimes: &[String]) -> Result<()> {
    let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if new.sha256.len() != 64 || !new.sha256.chars().all(digit) {
        return Err(KernelError::field("sha256", "field.required"));
    }
    if new.size == 0 || new.size > PHOTO_BYTES_MAX {
        return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
    }
    if !mimes.contains(&new.mime) {
        return Err(KernelError::refused(ErrorCode::INPUT_MEDIA_TYPE));
    }
    if !ROLES.contains(&new.role.as_str()) {
        return Err(KernelError::field("role", "field.not_in_list"));
    }
    Ok(())
}

/// Announces a photo. One that is here already, of this visit or of another,
/// is not sent again; one that was begun goes on. Of a visit whose photos were
/// erased nothing is kept: the photo is noted and the phone need not send it.
///
/// # Errors
/// Too large, another media type, or more photos than a visit may have.
pub async fn photo_begin(app: &App, ctx: &Ctx, scope: &UnitScope, new: &NewPhoto) -> Result<Photo> {
    let rules = phone_rules(app).await?;
    match new.role == SCAN {
        true => check(new, &desk_rules(app).await?.scan_mimes)?,
        false => check(new, &rules.photo_mimes)?,
    }
    for _ in 0..3 {
        match again(app, || begin(app, ctx, scope, new, &rules)).await {
            // Announced over two connections at once: look again.
            Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => {}
            other => return settled(app, ctx, scope, other?).await,
        }
    }
    let found = again(app, || begin(app, ctx, scope, new, &rules)).await?;
    settled(app, ctx, scope, found).await
}

/// How far a photo is, for a phone that wants to go on.
///
/// # Errors
/// Never begun, or expired.
pub async fn photo_stands(app: &App, ctx: &Ctx, scope: &UnitScope, id: Uuid) -> Result<Photo> {
    let found = photo_fetch(app, scope, id).await?;
    settled(app, ctx, scope, found).await
}

/// Compares the photos of a branch whose bytes are all here and that nobody has
/// compared since the server stopped in between: their phone has nothing left to
/// send and waits for the word.
///
/// # Errors
/// Only the database and the disk.
pub async fn photos_settle(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<()> {
    const SOME: i64 = 50;
    let rows = app
        .read_unit(scope.unit_id(), PHOTOS_UNCOMPARED, params![SOME])
        .await?;
    for row in &rows {
        let id: Uuid = row.get(0)?;
        if let Err(e) = photo_stands(app, ctx, scope, id).await {
            // One that cannot be read keeps no other one from its word.
            tracing::warn!(photo = %id, error = ?e.code(), "a photo could not be compared");
        }
    }
    Ok(())
}

/// A photo whose last piece is here and that was never compared with its hash,
/// because the server stopped in between, is compared now: a phone that is told
/// that all bytes are here sends no other piece.
async fn settled(app: &App, ctx: &Ctx, scope: &UnitScope, p: Photo) -> Result<Photo> {
    if p.state != OPEN || p.received != p.size {
        return Ok(p);
    }
    match verify(app, ctx, scope, &p).await {
        // Other bytes: it begins at 0 again.
        Err(e) if e.code() == Some(ErrorCode::BLOB_CHECKSUM.code) => {}
        other => other?,
    }
    photo_fetch(app, scope, p.id).await
}

async fn begin(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    new: &NewPhoto,
    rules: &PhoneRules,
) -> Result<Photo> {
    let unit = scope.unit_id();
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let same = params![new.visit_id, new.sha256.as_str(), new.role.as_str()];
    if let Some(row) = tx.query_opt(PHOTO_SAME, same).await? {
        return photo(unit, &row);
    }
    let most = PHOTOS_PER_VISIT_MAX as i64;
    let others = tx
        .query(PHOTOS_OF_VISIT, params![new.visit_id, most])
        .await?;
    if others.len() >= PHOTOS_PER_VISIT_MAX {
        return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
    }
    let size = i64::try_from(new.size).unwrap_or(i64::MAX);
    let here = tx
        .query_opt(PHOTO_CONTENT, params![new.sha256.as_str(), size])
        .await?;
    let mut here: Option<Uuid> = here.map(|r| r.get(0)).transpose()?;
    if let Some(bytes) = here
        && tx.exec(PHOTO_HOLD, params![bytes]).await? == 0
    {
        // Erased since we looked.
        here = None;
    }
    let id = app.new_id();
    let (state, received, at) = match here {
        _ if is_erased(&mut tx, new.visit_id).await? => {
            here = None;
            (ERASED, size, None)
        }
        Some(_) => (VERIFIED, size, Some(ctx.now)),
        None => (OPEN, 0, None),
    };
    let row = params![
        id,
        new.visit_id,
        new.op_id,
        ctx.actor.user_id,
        new.sha256.as_str(),
        size,
        received,
        new.mime.as_str(),
        new.role.as_str(),
        state,
        here.unwrap_or(id),
        ctx.now,
        expires(ctx, rules),
        at
    ];
    tx.exec(PHOTO_ADD, row).await?;
    let detail = json!({ "photo": id, "state": state });
    tx.record("photo.put", "visit", new.visit_id, detail);
    tx.commit().await?;
    photo_fetch(app, scope, id).await
}

fn expires(ctx: &Ctx, rules: &PhoneRules) -> Timestamp {
    Timestamp(ctx.now.0 + rules.upload_hours * MICROS_PER_HOUR)
}

/// One photo of the branch.
///
/// # Errors
/// Never begun, or expired.
pub async fn photo_fetch(app: &App, scope: &UnitScope, id: Uuid) -> Result<Photo> {
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, PHOTO_FETCH, params![id]).await?;
    let row = rows.first();
    photo(
        unit,
        row.ok_or_else(|| KernelError::refused(ErrorCode::BLOB_GONE))?,
    )
}

/// Takes a piece in at `offset`. When the last one is in, the whole is
/// compared with what was announced; another content begins at 0 again.
///
/// # Errors
/// `blob.offset` at another place than where the last piece ended,
/// `blob.checksum` when the bytes are not those that were announced.
pub async fn photo_piece(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: Uuid,
    offset: u64,
    bytes: Vec<u8>,
) -> Result<Photo> {
    let before = photo_fetch(app, scope, id).await?;
    if before.is_erased() {
        return Ok(before);
    }
    let end = offset + bytes.len() as u64;
    if before.state != OPEN || offset != before.received {
        return Err(KernelError::refused(ErrorCode::BLOB_OFFSET));
    }
    if end > before.size {
        return Err(KernelError::refused(ErrorCode::INPUT_TOO_LARGE));
    }
    if !bytes.is_empty() {
        let place = Place::of(app, scope.unit_id(), id)?;
        place.write(offset, bytes).await?;
        let rules = phone_rules(app).await?;
        let moved = moved(app, scope, id, (offset, end), expires(ctx, &rules)).await;
        if moved.is_err() {
            let now = photo_fetch(app, scope, id).await?;
            if now.is_erased() {
                // Erased while the piece came.
                place.remove().await?;
                return Ok(now);
            }
        }
        moved?;
    }
    if end == before.size {
        verify(app, ctx, scope, &before).await?;
    }
    photo_fetch(app, scope, id).await
}

/// The bytes before `to` are on the disk. No event: the photo was told of when
/// it was announced, and is again when it is whole.
async fn moved(
    app: &App,
    scope: &UnitScope,
    id: Uuid,
    (from, to): (u64, u64),
    expires_at: Timestamp,
) -> Result<()> {
    let unit = scope.unit_id();
    let (from, to) = (from as i64, to as i64);
    let p = params![unit, id, from, to, expires_at];
    if app.db.exec(PHOTO_MOVE, p).await? == 0 {
        return Err(KernelError::refused(ErrorCode::BLOB_OFFSET));
    }
    Ok(())
}

async fn verify(app: &App, ctx: &Ctx, scope: &UnitScope, p: &Photo) -> Result<()> {
    let place = Place::of(app, scope.unit_id(), p.id)?;
    if place.sha256(p.size).await? != p.sha256 {
        // The row first: pieces without it are written again.
        moved(app, scope, p.id, (p.size, 0), p.expires_at).await?;
        place.remove().await?;
        return Err(KernelError::refused(ErrorCode::BLOB_CHECKSUM));
    }
    // Keys may have changed since its first piece; from now on the job finds it.
    place.reseal().await?;
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        if tx.exec(PHOTO_VERIFIED, params![p.id, ctx.now]).await? > 0 {
            let detail = json!({ "photo": p.id, "state": VERIFIED });
            tx.record("photo.put", "visit", p.visit_id, detail);
        }
        tx.commit().await
    })
    .await
}

/// Photos of a visit in the order they were announced, without erased ones.
///
/// # Errors
/// Only the database.
pub async fn photos_of(app: &App, scope: &UnitScope, visit: Uuid) -> Result<Vec<Photo>> {
    let unit = scope.unit_id();
    let most = PHOTOS_PER_VISIT_MAX as i64;
    let rows = app
        .read_unit(unit, PHOTOS_OF_VISIT, params![visit, most])
        .await?;
    let all: Result<Vec<Photo>> = rows.iter().map(|r| photo(unit, r)).collect();
    Ok(all?.into_iter().filter(|p| !p.is_erased()).collect())
}

/// The bytes of a photo, told of before they leave. `n` counts from 1.
///
/// # Errors
/// No such photo, or not whole yet.
pub async fn photo_view(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    visit: Uuid,
    n: usize,
) -> Result<(String, Vec<u8>)> {
    let all = photos_of(app, scope, visit).await?;
    let found = n.checked_sub(1).and_then(|at| all.get(at));
    let found = found.filter(|p| p.state == VERIFIED);
    let p = found.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let bytes = Place::of(app, p.unit_id, p.bytes_of)?.read(p.size).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.record("photo.view", "visit", visit, json!({ "photo": p.id }));
    tx.commit().await?;
    Ok((p.mime.clone(), bytes))
}

/// Forgets unfinished photos of a branch that are too old; gives how many.
///
/// # Errors
/// The database and the disk.
pub async fn photos_expire(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    const SOME: i64 = 200;
    let unit = scope.unit_id();
    photos_settle(app, ctx, scope).await?;
    let rows = app
        .read_unit(unit, PHOTOS_EXPIRED, params![ctx.now, SOME])
        .await?;
    let mut gone = 0;
    for row in &rows {
        let id: Uuid = row.get(0)?;
        gone += again(app, || async {
            let mut tx = UnitTx::begin(app, ctx, scope).await?;
            let n = tx.exec(PHOTO_FORGET, params![id]).await?;
            tx.record("photo.expire", "photo", id, json!({}));
            tx.commit().await?;
            Ok(n)
        })
        .await?;
        Place::of(app, unit, id)?.remove().await?;
    }
    Ok(gone)
}
