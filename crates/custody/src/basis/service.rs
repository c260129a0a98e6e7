//! Proposing, deciding and listing lawful bases. Who agrees is a row of its own
//! beside the record; every step is told of in the chain of the unit.
//! What a step may do is decided in `state`; imports read the table themselves.

use super::state::{Step, next};
use super::store::*;
use super::{Basis, State, Vote};
use crate::policy::policy;
use crate::sealed::{Text, long_text};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{BasisId, Day, Timestamp, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::newest_below;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_network::customer::source::ended::ended_enqueue;
use zf_network::customer::source::{Channels, basis_in_force};
use zf_store::{Row, params};

/// What is proposed.
#[derive(Clone, Debug)]
pub struct NewBasis {
    /// A channel, or `tag:` and a tag.
    pub source: String,
    /// A few words without personal data.
    pub title: String,
    /// Code of the article.
    pub law: String,
    /// Code of the purpose.
    pub purpose: String,
    /// Last day.
    pub expires_day: Day,
    /// Text of the evidence.
    pub evidence: String,
}

fn read(app: &App, row: &Row) -> Result<Basis> {
    let (unit, id): (UnitId, BasisId) = (row.get(0)?, row.get(1)?);
    let sealed: Vec<u8> = row.get(7)?;
    Ok(Basis {
        unit_id: unit,
        id,
        source: row.get(2)?,
        title: row.get(3)?,
        law: row.get(4)?,
        purpose: row.get(5)?,
        expires_day: row.get(6)?,
        evidence: Text::Evidence.open(app, unit, id.uuid(), Some(&sealed))?,
        state: State::from_stored(&row.get::<String>(8)?),
        state_reason: row.get(9)?,
        rev: row.get(10)?,
        made_at: row.get(11)?,
        made_by: row.get(12)?,
        made_by_name: row.get(13)?,
        state_at: row.get(14)?,
        state_by_name: row.get(15)?,
        votes: vec![],
    })
}

/// The approved record that lets a channel or tag in on a day, if there is one.
///
/// # Errors
/// Only the database.
pub async fn approved(app: &App, unit: &Unit, source: &str, day: Day) -> Result<bool> {
    Ok(basis_in_force(app, unit, source, day).await?.is_some())
}

fn check(app: &App, ctx: &Ctx, new: &NewBasis, days_max: i32) -> Result<String> {
    let channels = Channels::of(app)?;
    let known = match new.source.strip_prefix("tag:") {
        Some(tag) => app.packs.tag_of(tag) == Some(tag),
        None => channels.get(&new.source).is_some(),
    };
    if !known {
        return Err(KernelError::field("source", "field.not_in_list"));
    }
    if !channels.laws.contains(&new.law) {
        return Err(KernelError::field("law", "field.not_in_list"));
    }
    if !channels.purposes.contains(&new.purpose) {
        return Err(KernelError::field("purpose", "field.not_in_list"));
    }
    let days = ctx.today().days_until(new.expires_day);
    if !(0..=days_max).contains(&days) {
        return Err(KernelError::field("expires_day", "basis.expiry"));
    }
    if new.evidence.trim().is_empty() {
        return Err(KernelError::field("evidence", "field.required"));
    }
    long_text("evidence", &new.evidence)?;
    clear_text("title", &new.title)
}

/// Proposes a lawful basis for a unit and everything below it.
///
/// # Errors
/// Fields that are wrong; the database.
pub async fn propose(app: &App, ctx: &Ctx, scope: &UnitScope, new: &NewBasis) -> Result<Basis> {
    let rules = policy(app).await?;
    let title = check(app, ctx, new, rules.basis.days_max)?;
    let (unit, id) = (scope.unit_id(), BasisId(app.new_id()));
    let row = params![
        id,
        new.source.as_str(),
        title,
        new.law.as_str(),
        new.purpose.as_str(),
        new.expires_day,
        Text::Evidence.seal(app, unit, id.uuid(), &new.evidence),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    tx.exec(BASIS_ADD, row).await?;
    let detail = json!({ "source": new.source, "law": new.law, "expires_day": new.expires_day });
    tx.record("basis.propose", "lawful_basis", id, detail);
    tx.commit().await?;
    fetch(app, unit, id).await
}

/// One record of a unit with those who have agreed.
///
/// # Errors
/// `not_found`; the database.
pub async fn fetch(app: &App, unit: UnitId, id: BasisId) -> Result<Basis> {
    let rows = app.read_unit(unit, BASIS_BY_ID, params![id]).await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let mut basis = read(app, row)?;
    basis.votes = votes(app, unit, id).await?;
    Ok(basis)
}

fn vote(row: &Row) -> Result<Vote> {
    Ok(Vote {
        user_id: row.get(0)?,
        user_name: row.get(1)?,
        at: row.get(2)?,
    })
}

async fn votes(app: &App, unit: UnitId, id: BasisId) -> Result<Vec<Vote>> {
    let rows = app.read_unit(unit, BASIS_VOTES, params![id]).await?;
    rows.iter().map(vote).collect()
}

/// Takes a step; a rejection and a withdrawal need a reason. Withdrawn, it ends
/// the sources that stand on it from this moment on.
///
/// # Errors
/// `permission.second_person`, `conflict`, `not_found`, a missing reason.
pub async fn decide(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    id: BasisId,
    step: Step,
    reason: &str,
) -> Result<Basis> {
    let needed = policy(app).await?.basis.approvals;
    let reason = match step {
        Step::Approve => String::new(),
        Step::Reject | Step::Withdraw => clear_text("reason", reason)?,
    };
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = tx.query_opt(BASIS_BY_ID, params![id]).await?;
    let basis = read(
        app,
        &row.ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?,
    )?;
    let mut agreed = Vec::new();
    for row in tx.query(BASIS_VOTES, params![id]).await? {
        agreed.push(vote(&row)?.user_id);
    }
    let me = ctx.actor.user_id;
    let state = next(basis.state, step, basis.made_by, &agreed, me, needed)
        .map_err(KernelError::refused)?;
    let name = ctx.actor.name.as_str();
    if step == Step::Approve {
        tx.exec(BASIS_VOTE_ADD, params![id, me, name, ctx.now])
            .await?;
    }
    let row = params![
        id,
        basis.rev,
        state.as_str(),
        reason.as_str(),
        ctx.now,
        name
    ];
    if tx.exec(BASIS_DECIDE, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    if basis.state == State::Approved && state == State::Withdrawn {
        // What came through it is not used any more; yesterday was its last day.
        let last_day = ctx.today().plus_days(-1);
        ended_enqueue(&mut tx, app, ctx, id, last_day).await?;
    }
    let action = match step {
        Step::Approve => "basis.approve",
        Step::Reject => "basis.reject",
        Step::Withdraw => "basis.withdraw",
    };
    let detail = json!({ "source": basis.source, "state": state.as_str(), "reason": reason });
    tx.record(action, "lawful_basis", id, detail);
    tx.commit().await?;
    fetch(app, scope.unit_id(), id).await
}

/// Key of a page: the last row of the page before.
pub type After = (Timestamp, BasisId);

/// Records that hold anywhere in what the actor may see, newest first.
///
/// # Errors
/// Only the database.
pub async fn list(app: &App, ctx: &Ctx, after: Option<After>, limit: i64) -> Result<Vec<Basis>> {
    let paths = ctx.roots(Permission::PrivacyRead).into_iter().map(|r| r.1);
    let before = after.map(|(at, id)| (at, id.uuid()));
    let mut all = newest_below(app, paths, BASIS_LIST, before, limit, |row| {
        let basis = read(app, row)?;
        Ok(((basis.made_at, basis.id.uuid()), basis))
    })
    .await?;
    for basis in &mut all {
        basis.votes = votes(app, basis.unit_id, basis.id).await?;
    }
    Ok(all)
}
