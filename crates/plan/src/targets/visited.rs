//! What a visit means for a target: visited ones leave the pool, those where
//! nobody was met come back after the days that the campaign names, as often
//! as it says, and those that are not to be found there any more wait until the
//! address has been looked into (ERR-007, CMP-010). Called by the field room
//! inside the transaction of the visit; knows no visit itself.

use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{Day, HouseholdId, ProgramId, TargetId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Step, params, statements};

statements! {
    /// The household was visited; the first day stays.
    TARGET_VISITED: unit = "UPDATE target SET state = 'visited', visited_on = CASE WHEN visited_on IS NULL OR visited_on > $4 THEN $4 ELSE visited_on END, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3";
    /// A visit was taken back and no other is left: it may be planned again.
    TARGET_OPEN: unit = "UPDATE target SET state = 'open', visited_on = NULL, updated_at = $4 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state IN ('visited', 'gone')";
    /// Not to be found there, and not put back since.
    TARGET_GONE: unit = "UPDATE target SET state = 'gone', gone_on = $4, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state = 'open' AND (relisted_on IS NULL OR relisted_on < $4)";
    /// The address has been looked into: what was seen until that day does not hold any more.
    TARGET_RELIST: unit = "UPDATE target SET state = 'open', relisted_on = $4, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND id = $3 AND state = 'gone'";
    /// Nobody was met: counted once a day.
    TARGET_ABSENT: unit = "UPDATE target SET tries = tries + 1, last_tried = $4, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state = 'open' AND (last_tried IS NULL OR last_tried <> $4)";
}

/// Puts a target back into the pool that was not to be found: its address has been looked into.
///
/// # Errors
/// No reason, or one with the number of a person in it; the target is not, or no longer, such a one.
pub async fn target_relist(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    program: ProgramId,
    target: TargetId,
    reason: &str,
) -> Result<()> {
    let reason = clear_text("reason", reason)?;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![program, target, ctx.today(), ctx.now];
    if tx.exec(TARGET_RELIST, row).await? == 0 {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
    let detail = json!({ "program": program, "reason": reason });
    tx.record("target.relist", "target", target, detail);
    tx.commit().await
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It counts as a visit.
    Visited,
    /// Nobody was there; with the last day on which the household was not to be found at all.
    Absent(Option<Day>),
    /// Neither: a target that was visited before and is no longer may be planned again,
    /// unless it was not to be found there.
    Open(Option<Day>),
}

/// Tells the targets of a household what came of a try. Told again it changes
/// nothing more.
///
/// # Errors
/// Only the database.
pub async fn target_tried(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    program: ProgramId,
    household: HouseholdId,
    day: Day,
    tried: Tried,
) -> Result<()> {
    tx.steps(tried_steps(ctx, program, household, day, tried))
        .await?;
    Ok(())
}

/// The statements of [`target_tried`], to go with others.
pub fn tried_steps(
    ctx: &Ctx,
    program: ProgramId,
    household: HouseholdId,
    day: Day,
    tried: Tried,
) -> Vec<Step> {
    let on = |day: Day| params![program, household, day, ctx.now];
    let (absent, gone) = match tried {
        Tried::Visited => return vec![Step::once(TARGET_VISITED, on(day))],
        // A visit that was corrected to "nobody at home".
        Tried::Absent(gone) => (Some(day), gone),
        Tried::Open(gone) => (None, gone),
    };
    // Always in this order, also beside those of other households.
    let some = |sql, day: Option<Day>| Step {
        sql,
        rows: day.map(on).into_iter().collect(),
    };
    vec![
        Step::once(TARGET_OPEN, params![program, household, ctx.now]),
        some(TARGET_ABSENT, absent),
        some(TARGET_GONE, gone),
    ]
}
