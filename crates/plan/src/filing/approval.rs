//! Approval of a version of a campaign (PLN-001): by somebody who may approve
//! and did not write that version, with the day; without it the campaign does
//! not start. A later version of a draft needs an approval of its own.

use super::service::filed_of;
use super::store::*;
use crate::program::{Program, State};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{Day, Timestamp, UserId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, Permission, UnitTx};
use zf_store::params;

/// An approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Version of the campaign.
    pub version: i64,
    /// A remark; may be empty.
    pub note: String,
    /// Branches that had handed in their plan by then.
    pub filed: i64,
    /// Branches of the campaign.
    pub branches: i64,
    /// The day.
    pub day: Day,
    /// The moment.
    pub at: Timestamp,
    /// Who.
    pub by_name: String,
}

/// Approvals of a program, newest version first.
///
/// # Errors
/// Only the database.
pub async fn approvals(app: &App, program: &Program) -> Result<Vec<Approval>> {
    let rows = app
        .read_unit(program.unit.id, APPROVALS, params![program.id])
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Approval {
                version: r.get(0)?,
                note: r.get(1)?,
                filed: r.get(2)?,
                branches: r.get(3)?,
                day: r.get(4)?,
                at: r.get(5)?,
                by_name: r.get(6)?,
            })
        })
        .collect()
}

/// Who wrote the version in force.
///
/// # Errors
/// Only the database.
pub async fn author(app: &App, program: &Program) -> Result<(UserId, String)> {
    let rows = app
        .db
        .query(VERSION_AUTHOR, params![program.id, program.version])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::PROGRAM_NOT_FOUND))?;
    Ok((row.get(0)?, row.get(1)?))
}

/// Refuses a start of a version that nobody has approved.
///
/// # Errors
/// `program.not_approved`; the database.
pub async fn approved(app: &App, program: &Program) -> Result<()> {
    let all = approvals(app, program).await?;
    if all.iter().any(|a| a.version == program.version) {
        return Ok(());
    }
    Err(KernelError::refused(ErrorCode::PROGRAM_NOT_APPROVED).with("version", program.version))
}

/// Approves the version that the caller has seen.
///
/// # Errors
/// `permission.second_person` for the author, `program.infeasible`, a missing
/// note while plans that are due have not been filed, `conflict`
/// when another version is in force or the campaign does not wait for a start.
pub async fn approve(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    version: i64,
    note: &str,
) -> Result<()> {
    let scope = ctx.scope(Permission::ProgramApprove, &program.unit)?;
    if program.version != version || program.state != State::Draft {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let (author, _) = author(app, program).await?;
    if author == ctx.actor.user_id {
        return Err(KernelError::refused(ErrorCode::PERMISSION_SECOND_PERSON));
    }
    let note = match note.trim() {
        "" => String::new(),
        text => clear_text("note", text)?,
    };
    crate::program::service::must_be_feasible(app, ctx, program).await?;
    let (filed, branches) = filed_of(app, program).await?;
    // Plans are filed before the start (PLN-001). Who approves all the same says why.
    let unfiled = program.definition.program.filing_due.is_some() && filed < branches;
    if unfiled && note.is_empty() {
        return Err(KernelError::field("note", "field.required"));
    }
    let note: String = note.chars().take(limits::REASON_CHARS_MAX).collect();
    let row = params![
        program.id,
        version,
        note,
        filed,
        branches,
        ctx.today(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    let mut tx = UnitTx::begin(app, ctx, &scope).await?;
    if tx.exec(APPROVAL_ADD, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let detail =
        json!({ "code": program.code, "version": version, "filed": filed, "branches": branches });
    tx.record("program.approve", "program", program.id, detail);
    tx.commit().await
}
