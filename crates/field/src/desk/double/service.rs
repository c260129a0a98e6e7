//! Rules of double entry: who may type a form again, what is compared, what a
//! decision does. The second text becomes an amendment through the same push as
//! every other, so that the former text stays and the count of the day follows.

use super::compare::compare;
use super::store::*;
use super::{Double, FIRST, OPEN, SAME, SECOND, Tally};
use crate::blob::service::photos_of;
use crate::blob::{Photo, SCAN};
use crate::desk::parameters::desk_rules;
use crate::device::service::{desk_add, device_find};
use crate::sealed::{SECOND_TEXT, VISIT};
use crate::sync::push::push;
use crate::sync::{Answer, BlobRef, Op, Sender};
use crate::visit::payload::{VISIT_AMEND, VisitPayload};
use crate::words;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Day, DeviceId, OpId, ProgramId, UnitId, UserId, VisitId};
use zf_forms::Form;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::unit_subtree;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_plan::form::service::form_of_answers;
use zf_store::{Row, params};

fn refused(code: ErrorCode) -> KernelError {
    KernelError::refused(code)
}

/// Whether a form is in the sample: a keyed hash of its visit below the share.
pub fn is_sampled(app: &App, visit: VisitId, share: f64) -> bool {
    let hash = app.vault.mac("desk.double", visit.uuid().as_bytes());
    let mut first = [0u8; 4];
    first.copy_from_slice(&hash[..4]);
    f64::from(u32::from_be_bytes(first)) < share * (f64::from(u32::MAX) + 1.0)
}

/// A stored visit that may be typed again.
struct Typed {
    program: ProgramId,
    day: Day,
    rev: i64,
    by: UserId,
    payload: VisitPayload,
}

async fn typed(app: &App, unit: UnitId, id: VisitId) -> Result<Typed> {
    let rows = app.read_unit(unit, DOUBLE_VISIT, params![id]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| refused(ErrorCode::NOT_FOUND))?;
    let (state, via): (String, String) = (row.get(3)?, row.get(4)?);
    if state == "rejected" || via != "desk" {
        return Err(refused(ErrorCode::NOT_FOUND));
    }
    let sealed: Vec<u8> = row.get(6)?;
    let text = VISIT.open(app, unit, id.uuid(), &sealed)?;
    Ok(Typed {
        program: row.get(0)?,
        day: row.get(1)?,
        rev: row.get(2)?,
        by: row.get(5)?,
        payload: serde_json::from_slice(&text).map_err(lost)?,
    })
}

fn lost(_: serde_json::Error) -> KernelError {
    KernelError::Internal("a stored visit is not readable".to_owned())
}

/// Takes the second text of a form in: how many fields were compared and differ.
///
/// # Errors
/// `desk.same_typist` for whoever typed the first one, `conflict` when it was
/// typed a second time already, `not_found` for a visit that is not in the sample.
pub async fn second_put(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VisitId,
    answers: &Map<String, Json>,
) -> Result<(i64, i64)> {
    if answers.is_empty() {
        return Err(KernelError::field("answers", "field.required"));
    }
    let unit = scope.unit_id();
    let first = typed(app, unit, id).await?;
    if !is_sampled(app, id, desk_rules(app).await?.double_share) {
        return Err(refused(ErrorCode::NOT_FOUND));
    }
    if first.by == ctx.actor.user_id {
        return Err(refused(ErrorCode::DESK_SAME_TYPIST));
    }
    let fields = compare(&first.payload.answers, answers);
    let compared = fields.len() as i64;
    let differing = fields.values().filter(|d| **d).count() as i64;
    let text = serde_json::to_vec(answers).map_err(lost)?;
    let row = params![
        id,
        first.program,
        first.day,
        first.rev,
        SECOND_TEXT.seal(app, unit, id.uuid(), &text),
        compared,
        differing,
        if differing == 0 { SAME } else { OPEN },
        first_name(app, unit, id).await?,
        ctx.actor.user_id,
        ctx.actor.name.as_str(),
        ctx.now
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(DOUBLE_ADD, row).await?;
    let rows = fields.iter().map(|(f, d)| params![id, f.as_str(), *d]);
    tx.exec_many(DOUBLE_FIELD_ADD, rows.collect()).await?;
    let detail = json!({ "compared": compared, "differing": differing });
    tx.record("desk.second", "visit", id, detail);
    tx.commit().await?;
    Ok((compared, differing))
}

async fn first_name(app: &App, unit: UnitId, id: VisitId) -> Result<String> {
    let rows = app.read_unit(unit, DOUBLE_FIRST_BY, params![id]).await?;
    Ok(rows
        .first()
        .map(|r| r.get(0))
        .transpose()?
        .unwrap_or_default())
}

/// What was typed twice and differs, oldest first.
///
/// # Errors
/// Only the database.
pub async fn doubles_open(
    app: &App,
    scope: &UnitScope,
    program: ProgramId,
    after: Option<VisitId>,
    limit: i64,
) -> Result<Vec<Double>> {
    let unit = scope.unit_id();
    let after = after.unwrap_or(VisitId(Uuid::nil()));
    let p = params![program, after, limit];
    let mut all = Vec::new();
    for r in app.read_unit(unit, DOUBLE_OPEN, p).await? {
        let visit_id: VisitId = r.get(0)?;
        all.push(Double {
            unit_id: unit,
            unit_name: r.get(1)?,
            visit_id,
            day: r.get(2)?,
            state: r.get(3)?,
            fields: different(app, unit, visit_id).await?,
            first_by_name: r.get(4)?,
            second_by_name: r.get(5)?,
        });
    }
    Ok(all)
}

async fn different(app: &App, unit: UnitId, id: VisitId) -> Result<Vec<String>> {
    let rows = app
        .read_unit(unit, DOUBLE_DIFFERENT, params![id, true])
        .await?;
    rows.iter().map(|r: &Row| Ok(r.get(0)?)).collect()
}

/// The stored second text with the revision it was compared with.
async fn second(app: &App, unit: UnitId, id: VisitId) -> Result<(i64, Map<String, Json>, String)> {
    let rows = app.read_unit(unit, DOUBLE_FETCH, params![id]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| refused(ErrorCode::NOT_FOUND))?;
    let sealed: Vec<u8> = row.get(1)?;
    let text = SECOND_TEXT.open(app, unit, id.uuid(), &sealed)?;
    let answers = serde_json::from_slice(&text).map_err(lost)?;
    Ok((row.get(0)?, answers, row.get(2)?))
}

/// A field that differs, with both texts.
pub struct Both {
    /// Its name.
    pub field: String,
    /// First text.
    pub first: Json,
    /// Second text.
    pub second: Json,
}

/// Both texts of the fields that differ, in full, for a reason; told of before
/// they leave. With them the form they were written on, for its labels.
///
/// # Errors
/// Not typed twice; no reason.
pub async fn double_reveal(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VisitId,
    reason: &str,
) -> Result<(Option<Form>, Vec<Both>)> {
    let reason = clear_text("reason", reason)?;
    let unit = scope.unit_id();
    let payload = typed(app, unit, id).await?.payload;
    let form = form_of_answers(app, &payload.form_id, payload.form_version).await?;
    let first = payload.answers;
    let (_, second, _) = second(app, unit, id).await?;
    let of = |all: &Map<String, Json>, f: &str| all.get(f).cloned().unwrap_or(Json::Null);
    let fields = different(app, unit, id).await?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.record("visit.reveal", "visit", id, json!({ "reason": reason }));
    tx.commit().await?;
    let both = fields.into_iter().map(|field| Both {
        first: of(&first, &field),
        second: of(&second, &field),
        field,
    });
    Ok((form, both.collect()))
}

/// The head decides which text stands; the second one is put as an amendment.
///
/// # Errors
/// `conflict` when it is decided, or when the visit was changed since.
pub async fn double_decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VisitId,
    second_stands: bool,
) -> Result<()> {
    let unit = scope.unit_id();
    let (rev, answers, state) = second(app, unit, id).await?;
    if state != OPEN {
        return Err(refused(ErrorCode::CONFLICT));
    }
    if second_stands {
        amend(app, ctx, scope, id, rev, answers).await?;
    }
    let state = if second_stands { SECOND } else { FIRST };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let name = ctx.actor.name.as_str();
    let row = params![id, state, ctx.now, ctx.actor.user_id, name];
    if tx.exec(DOUBLE_DECIDE, row).await? == 0 {
        return Err(refused(ErrorCode::CONFLICT));
    }
    tx.record("desk.decide", "visit", id, json!({ "stands": state }));
    tx.commit().await
}

/// The same decision is the same operation: after a crash it is there once.
async fn amend(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VisitId,
    rev: i64,
    answers: Map<String, Json>,
) -> Result<()> {
    let first = typed(app, scope.unit_id(), id).await?;
    let own = |purpose: &str, text: String| {
        let hash = app.vault.mac(purpose, text.as_bytes());
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&hash[..16]);
        Uuid::from_bytes(bytes)
    };
    let op_id = OpId(own("desk.double.op", format!("{id}/{rev}")));
    // Photos that the visit names stay named; scans are attached beside it.
    let photos = photos_of(app, scope, id.uuid()).await?;
    let photos = photos.into_iter().filter(|p| p.role != SCAN);
    let named = |p: Photo| BlobRef {
        sha256: p.sha256,
        size: p.size,
        role: p.role,
    };
    let mut payload = first.payload;
    payload.answers = answers;
    payload.reason = Some(words::DOUBLE_REASON.to_owned());
    let op = Op {
        op_id,
        client_seq: 0,
        kind: VISIT_AMEND.to_owned(),
        entity_id: id.uuid(),
        base_rev: Some(rev),
        schema_ver: 1,
        device_time: ctx.now,
        since_contact_ms: None,
        contact_at: None,
        payload: serde_json::to_value(&payload).map_err(lost)?,
        blobs: photos.map(named).collect(),
    };
    // Changed since by somebody else, unless it was this same decision.
    let known = app
        .read_unit(scope.unit_id(), DOUBLE_OP, params![op_id])
        .await?;
    if known.is_empty() && first.rev != rev {
        return Err(refused(ErrorCode::CONFLICT));
    }
    let device_id = DeviceId(own("desk.double.device", ctx.actor.user_id.to_string()));
    if device_find(app, device_id).await?.is_none() {
        desk_add(app, ctx, scope.unit_id(), device_id).await?;
    }
    let sender = Sender {
        device_id,
        via: "desk",
        last_contact: None,
        revoked: false,
        outbox: None,
    };
    let said = match known.is_empty() {
        true => push(app, ctx, scope, &sender, &[op]).await?,
        false => vec![],
    };
    match said.first() {
        Some(Answer::Quarantined { .. } | Answer::Retry { .. }) => {
            Err(refused(ErrorCode::CONFLICT))
        }
        _ => Ok(()),
    }
}

/// How often both texts differ between two days: by branch of a unit and
/// below, and by field.
pub type Rates = (Vec<(Unit, Tally)>, BTreeMap<String, Tally>);

/// See [`Rates`]; branches without a second text are left out.
///
/// # Errors
/// Only the database.
pub async fn double_rates(
    app: &App,
    unit: &Unit,
    program: ProgramId,
    (from, to): (Day, Day),
) -> Result<Rates> {
    let (mut branches, mut fields) = (Vec::new(), BTreeMap::<String, Tally>::new());
    for unit in unit_subtree(app, &unit.path).await? {
        let p = || params![program, from, to];
        let rows = app.read_unit(unit.id, DOUBLE_TALLY, p()).await?;
        let Some(row) = rows.first() else { continue };
        let tally = Tally {
            forms: row.get(0)?,
            compared: row.get(1)?,
            differing: row.get(2)?,
        };
        if tally.forms == 0 {
            continue;
        }
        for r in app.read_unit(unit.id, DOUBLE_BY_FIELD, p()).await? {
            let of = fields.entry(r.get(0)?).or_default();
            of.forms += r.get::<i64>(1)?;
            of.compared += r.get::<i64>(1)?;
            of.differing += r.get::<i64>(2)?;
        }
        branches.push((unit, tally));
    }
    Ok((branches, fields))
}
