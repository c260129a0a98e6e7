//! What the visits of a day count, told by the field room in the transaction of
//! the visits. A tally is a sum of rows that are there, so it is replaced, not
//! added to. Where a branch has one for a day, nothing typed counts any more.

use super::store::VISIT_TALLY_PUT;
use zf_base::{Day, ProgramId};
use zf_kernel::Ctx;
use zf_store::{Step, params};

/// Visits of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Households visited, each once (CMP-009).
    pub households: i64,
    /// Visits that count.
    pub visits: i64,
    /// Records with all that a valid one needs (CUS-016).
    pub valid_records: i64,
}

/// The statement that puts the tally of a day, to go with others.
pub fn tally_step(ctx: &Ctx, program: ProgramId, day: Day, tally: Tally) -> Step {
    let row = params![
        program,
        day,
        tally.households,
        tally.visits,
        tally.valid_records,
        ctx.now
    ];
    Step::once(VISIT_TALLY_PUT, row)
}
