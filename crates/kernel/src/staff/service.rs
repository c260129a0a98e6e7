//! Rules of staff: numbers are unique, posts must be known to a pack, the
//! telephone is sealed under the staff member's own row and unit. Knows the
//! staff table; whether the caller may is shown by the scope.

use super::store::*;
use super::{Staff, StaffInput};
use crate::app::App;
use crate::authz::UnitScope;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use serde_json::json;
use std::collections::HashMap;
use zf_base::code::ErrorCode;
use zf_base::mask::{Masked, Phone};
use zf_base::phone::{PhoneCheck, check_phone};
use zf_base::{StaffId, UnitId, limits};
use zf_store::{Row, params};
use zf_vault::Aad;

fn read(row: &Row) -> Result<Staff> {
    Ok(Staff {
        id: row.get(0)?,
        unit_id: row.get(1)?,
        staff_no: row.get(2)?,
        name: row.get(3)?,
        post: row.get(4)?,
        phone_sealed: row.get(5)?,
        active: row.get(6)?,
    })
}

fn phone_aad(unit: UnitId, id: StaffId) -> Aad<'static> {
    Aad {
        table: "staff",
        column: "phone_sealed",
        unit: unit.uuid(),
        row: id.uuid(),
    }
}

/// Staff of one unit, by number.
pub async fn staff_list(app: &App, scope: &UnitScope) -> Result<Vec<Staff>> {
    let rows = app.db.query(STAFF_LIST, params![scope.unit_id()]).await?;
    rows.iter().map(read).collect()
}

/// One staff member of the scope's unit.
pub async fn staff_fetch(app: &App, scope: &UnitScope, id: StaffId) -> Result<Staff> {
    let rows = app.db.query(STAFF_BY_ID, params![id]).await?;
    let staff = rows
        .first()
        .map(read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    if staff.unit_id != scope.unit_id() {
        return Err(KernelError::refused(ErrorCode::NOT_FOUND));
    }
    Ok(staff)
}

/// One staff member by the bank's number, wherever they work.
pub async fn staff_by_no(app: &App, staff_no: &str) -> Result<Option<Staff>> {
    let rows = app.db.query(STAFF_BY_NO, params![staff_no]).await?;
    rows.first().map(read).transpose()
}

/// The masked telephone; empty when none is stored.
pub fn staff_phone_masked(app: &App, s: &Staff) -> Result<Option<Masked<Phone>>> {
    let Some(sealed) = &s.phone_sealed else {
        return Ok(None);
    };
    let clear = app.vault.open_text(&phone_aad(s.unit_id, s.id), sealed)?;
    Ok(Some(Masked::new(clear)))
}

/// Active staff per unit.
pub async fn staff_counts(app: &App) -> Result<HashMap<UnitId, i64>> {
    let rows = app.db.query(STAFF_COUNTS, params![true]).await?;
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

fn check(app: &App, input: &StaffInput) -> Result<()> {
    if input.staff_no.trim().is_empty() || input.staff_no.chars().count() > limits::CODE_CHARS_MAX {
        return Err(KernelError::field("staff_no", "field.required"));
    }
    if input.name.trim().is_empty() || input.name.chars().count() > limits::NAME_CHARS_MAX {
        return Err(KernelError::field("name", "field.required"));
    }
    if app.packs.post(&input.post).is_none() {
        return Err(KernelError::field("post", "staff.post_unknown"));
    }
    Ok(())
}

/// A telephone in the one form it is stored in; empty stays empty.
async fn clean_phone(app: &App, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let demo = crate::setting::is_demo(app).await?;
    match check_phone(text, demo) {
        PhoneCheck::Ok { normalised, .. } => Ok(Some(normalised)),
        PhoneCheck::MaskedByBank => Ok(Some(text.trim().to_owned())),
        PhoneCheck::Empty => Ok(Some(String::new())),
        PhoneCheck::Invalid(_) => Err(KernelError::field("phone", "phone.invalid")),
    }
}

/// Adds a staff member to the scope's unit.
pub async fn staff_add(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    input: &StaffInput,
) -> Result<StaffId> {
    check(app, input)?;
    let id = StaffId(app.new_id());
    let phone = clean_phone(app, input.phone.as_deref()).await?;
    let sealed = phone.as_deref().filter(|p| !p.is_empty());
    let sealed = sealed.map(|p| app.vault.seal_text(&phone_aad(scope.unit_id(), id), p));
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let state = if sealed.is_some() { "full" } else { "empty" };
    let row = params![
        id,
        scope.unit_id(),
        input.staff_no.trim(),
        input.name.trim(),
        input.post.as_str(),
        sealed,
        state,
        input.active,
        ctx.now
    ];
    tx.exec(STAFF_ADD, row).await?;
    tx.record(
        "staff.add",
        "staff",
        id,
        json!({ "staff_no": input.staff_no, "post": input.post }),
    );
    tx.commit().await?;
    Ok(id)
}

/// Changes a staff member; when the scope is another unit's, they move there.
pub async fn staff_change(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    old: &Staff,
    input: &StaffInput,
) -> Result<()> {
    check(app, input)?;
    let unit = scope.unit_id();
    let phone = clean_phone(app, input.phone.as_deref()).await?;
    let clear = match (&phone, &old.phone_sealed) {
        (Some(p), _) if p.is_empty() => None,
        (Some(p), _) => Some(p.clone()),
        (None, Some(sealed)) => Some(
            app.vault
                .open_text(&phone_aad(old.unit_id, old.id), sealed)?,
        ),
        (None, None) => None,
    };
    let sealed = clear
        .as_deref()
        .map(|p| app.vault.seal_text(&phone_aad(unit, old.id), p));
    let state = if sealed.is_some() { "full" } else { "empty" };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        old.id,
        unit,
        input.name.trim(),
        input.post.as_str(),
        sealed,
        state,
        input.active,
        ctx.now
    ];
    tx.exec(STAFF_CHANGE, row).await?;
    let detail = json!({ "staff_no": old.staff_no, "post": input.post, "active": input.active, "moved": old.unit_id != unit });
    tx.record("staff.change", "staff", old.id, detail);
    tx.commit().await
}

/// The telephone in clear, for comparing an import with what is stored.
pub fn staff_phone_clear(app: &App, s: &Staff) -> Result<Option<String>> {
    let Some(sealed) = &s.phone_sealed else {
        return Ok(None);
    };
    Ok(Some(
        app.vault.open_text(&phone_aad(s.unit_id, s.id), sealed)?,
    ))
}

/// Seals the telephones of a unit's staff under the current keys; returns how many.
pub(crate) async fn staff_reseal(app: &App, ctx: &Ctx, unit: UnitId) -> Result<u64> {
    let mut tx = UnitTx::on(app, ctx, unit).await?;
    let mut n = 0;
    for row in tx.query(STAFF_SEALED, params![unit]).await? {
        let (id, old): (StaffId, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if !app.vault.needs_reseal(&old) {
            continue;
        }
        let aad = phone_aad(unit, id);
        let new = app.vault.seal(&aad, &app.vault.open(&aad, &old)?);
        n += tx.exec(STAFF_RESEAL, params![id, old, new]).await?;
    }
    if n > 0 {
        let detail = json!({ "rows": n, "key_id": app.vault.current_key_id() });
        tx.record("keys.reseal", "staff", unit, detail);
    }
    tx.commit().await?;
    Ok(n)
}
