//! Accepting the visit plans of many branches in one go: those the county has
//! looked at and to which nothing objects. What is left names its reason. Each
//! branch is decided in its own transaction, as if one by one.

use super::service::{Decision, decide, filings_of, teams_of};
use super::{AT_ONCE_MAX, State, sound};
use crate::program::Program;
use zf_base::UnitId;
use zf_base::code::ErrorCode;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::{App, Ctx, Permission, UnitScope};

/// Why a plan is left for somebody to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// It was handed in again or decided meanwhile.
    Changed,
    /// The caller handed it in.
    Own,
    /// It does not fit the campaign as it is now: weeks, teams or the collection plan.
    Unsound,
}

impl Objection {
    /// As in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Objection::Changed => "changed",
            Objection::Own => "own",
            Objection::Unsound => "unsound",
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Branches whose plan is accepted now.
    pub accepted: Vec<UnitId>,
    /// Those left, in the order asked for.
    pub left: Vec<(UnitId, String, Objection)>,
}

/// Accepts the plans that were seen (branch and number of the filing) and to
/// which nothing objects.
///
/// # Errors
/// More than may be decided at once, a branch the actor may not decide for, the
/// database.
pub async fn accept_all(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    seen: &[(UnitId, i64)],
) -> Result<Accepted> {
    if seen.is_empty() || seen.len() > AT_ONCE_MAX {
        return Err(KernelError::field("seen", "field.range"));
    }
    let mut scopes = Vec::with_capacity(seen.len());
    for (unit, seq) in seen {
        let permission = Permission::ProgramWrite;
        let scope = program.scope(app, ctx, permission, *unit).await?;
        if scope.unit().level != Level::Branch {
            return Err(KernelError::refused(ErrorCode::UNIT_NOT_FOUND));
        }
        scopes.push((scope, *seq));
    }
    let mut done = Accepted::default();
    for (scope, seq) in &scopes {
        match accept(app, ctx, program, scope, *seq).await? {
            None => done.accepted.push(scope.unit_id()),
            Some(why) => {
                let name = scope.unit().name.clone();
                done.left.push((scope.unit_id(), name, why));
            }
        }
    }
    Ok(done)
}

async fn accept(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    seq: i64,
) -> Result<Option<Objection>> {
    let filings = filings_of(app, program, scope).await?;
    let open = |f: &&super::Filing| f.seq == seq && f.state == State::Filed;
    let Some(newest) = filings.first().filter(open) else {
        return Ok(Some(Objection::Changed));
    };
    if newest.filed_by == ctx.actor.user_id {
        return Ok(Some(Objection::Own));
    }
    let teams = teams_of(program, scope.unit());
    let teams: Vec<&str> = teams.iter().map(|t| t.id.as_str()).collect();
    let d = &program.definition.program;
    if sound(&newest.plan, d.start, d.end, &teams).is_err() {
        return Ok(Some(Objection::Unsound));
    }
    match decide(app, ctx, program, scope, seq, &Decision::Accept).await {
        Ok(()) => Ok(None),
        Err(e) if e.code() == Some(ErrorCode::CONFLICT.code) => Ok(Some(Objection::Changed)),
        Err(e) => Err(e),
    }
}
