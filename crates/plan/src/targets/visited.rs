//! What a visit means for a target: visited ones leave the pool, those where
//! nobody was met come back after the days that the campaign names, as often
//! as it says (ERR-007, CMP-010). Called by the field room inside the
//! transaction of the visit; knows no visit itself.

use zf_base::{Day, HouseholdId, ProgramId};
use zf_kernel::error::Result;
use zf_kernel::{Ctx, UnitTx};
use zf_store::{Step, params, statements};

statements! {
    /// The household was visited; the first day stays.
    TARGET_VISITED: unit = "UPDATE target SET state = 'visited', visited_on = CASE WHEN visited_on IS NULL OR visited_on > $4 THEN $4 ELSE visited_on END, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3";
    /// A visit was taken back and no other is left: it may be planned again.
    TARGET_OPEN: unit = "UPDATE target SET state = 'open', visited_on = NULL, updated_at = $4 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state = 'visited'";
    /// Nobody was met: counted once a day.
    TARGET_ABSENT: unit = "UPDATE target SET tries = tries + 1, last_tried = $4, updated_at = $5 WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state = 'open' AND (last_tried IS NULL OR last_tried <> $4)";
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It counts as a visit.
    Visited,
    /// Nobody was there.
    Absent,
    /// Neither: a target that was visited before and is no longer may be planned again.
    Open,
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
    let on_day = params![program, household, day, ctx.now];
    let open = Step::once(TARGET_OPEN, params![program, household, ctx.now]);
    match tried {
        Tried::Visited => vec![Step::once(TARGET_VISITED, on_day)],
        // A visit that was corrected to "nobody at home".
        Tried::Absent => vec![open, Step::once(TARGET_ABSENT, on_day)],
        Tried::Open => vec![open],
    }
}
