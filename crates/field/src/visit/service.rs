//! Reads visits. What a visit says about people is opened only for a reveal
//! with a reason; lists carry states and counts. Visits are written by
//! `record` alone, inside a batch of `sync`.

use super::Visit;
use super::payload::VisitPayload;
use super::store::*;
use crate::sealed::VISIT;
use serde_json::json;
use uuid::Uuid;
use zf_base::code::ErrorCode;
use zf_base::{Day, HouseholdId, ProgramId, UnitId, VisitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Row, params};

fn visit(unit_id: UnitId, r: &Row) -> Result<Visit> {
    Ok(Visit {
        unit_id,
        id: r.get(0)?,
        program_id: r.get(1)?,
        kind: r.get(2)?,
        target_id: r.get(3)?,
        household_id: r.get(4)?,
        village_group_id: r.get(5)?,
        stop_id: r.get(6)?,
        day: r.get(7)?,
        outcome: r.get(8)?,
        counts: r.get(9)?,
        state: r.get(10)?,
        via: r.get(11)?,
        form_id: r.get(12)?,
        form_version: r.get(13)?,
        members: r.get(14)?,
        valid_records: r.get(15)?,
        photos: r.get(16)?,
        rev: r.get(17)?,
        estimated_at: r.get(18)?,
        received_at: r.get(19)?,
        clock_suspect: r.get(20)?,
        made_by: r.get(21)?,
        made_by_name: r.get(22)?,
    })
}

/// Visits of a branch and day, newest id first, after a visit.
///
/// # Errors
/// Only the database.
pub async fn visit_list(
    app: &App,
    scope: &UnitScope,
    program: ProgramId,
    day: Day,
    after: Option<VisitId>,
    limit: i64,
) -> Result<Vec<Visit>> {
    let unit = scope.unit_id();
    let after = after.unwrap_or(VisitId(Uuid::max()));
    let rows = app
        .read_unit(unit, VISITS_OF_DAY, params![program, day, after, limit])
        .await?;
    rows.iter().map(|r| visit(unit, r)).collect()
}

/// Visits of a household, newest first, before a visit of a day.
///
/// # Errors
/// Only the database.
pub async fn visits_of_household(
    app: &App,
    scope: &UnitScope,
    household: HouseholdId,
    before: Option<(Day, VisitId)>,
    limit: i64,
) -> Result<Vec<Visit>> {
    let unit = scope.unit_id();
    let never = || Day::new(9999, 12, 31).map(|day| (day, VisitId(Uuid::max())));
    let (day, id) = match before {
        Some(before) => before,
        None => never().map_err(|_| KernelError::Internal("no last day".to_owned()))?,
    };
    let rows = app
        .read_unit(
            unit,
            VISITS_OF_HOUSEHOLD,
            params![household, day, id, limit],
        )
        .await?;
    rows.iter().map(|r| visit(unit, r)).collect()
}

/// One visit.
///
/// # Errors
/// No such visit in the branch.
pub async fn visit_fetch(app: &App, scope: &UnitScope, id: VisitId) -> Result<Visit> {
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, VISIT_FETCH, params![id]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    visit(unit, row)
}

/// What a visit says, in full, for a reason; told of before it leaves.
///
/// # Errors
/// No such visit; no reason.
pub async fn visit_reveal(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: VisitId,
    reason: &str,
) -> Result<VisitPayload> {
    let reason = clear_text("reason", reason)?;
    let unit = scope.unit_id();
    let rows = app.read_unit(unit, VISIT_SAYS, params![id]).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let sealed: Vec<u8> = row.get(0)?;
    let text = VISIT.open(app, unit, id.uuid(), &sealed)?;
    let lost = |_| KernelError::Internal("a stored visit is not readable".to_owned());
    let payload = serde_json::from_slice(&text).map_err(lost)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.record("visit.reveal", "visit", id, json!({ "reason": reason }));
    tx.commit().await?;
    Ok(payload)
}
