//! How far a branch has followed its plan (PLN-005): of the households that a
//! confirmed week gives to days that have come, those to which somebody went on
//! their day, and those visited on another day of the week. What became of a
//! household comes from its target, which the visits tell; no names here.

use super::store::PLAN_FOLLOWED;
use std::collections::HashMap;
use zf_base::{Day, IsoWeek, ProgramId, UnitId};
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_store::params;

/// One branch in one week, in households.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adherence {
    /// Planned for days up to today.
    pub due: i64,
    /// Visited on their day, or somebody went and met nobody.
    pub on_day: i64,
    /// Visited on another day of the week.
    pub other_day: i64,
}

/// All branches with a confirmed plan of the week, up to a day.
///
/// # Errors
/// Only the database.
pub async fn adherence(
    app: &App,
    program: ProgramId,
    week: IsoWeek,
    today: Day,
) -> Result<HashMap<UnitId, Adherence>> {
    let days = week.days();
    let p = params![program, week, days[0], days[6], today];
    let rows = app.db.query(PLAN_FOLLOWED, p).await?;
    let read = |row: &zf_store::Row| {
        Ok((
            row.get(0)?,
            Adherence {
                due: row.get(1)?,
                on_day: row.get(2)?,
                other_day: row.get(3)?,
            },
        ))
    };
    rows.iter().map(read).collect()
}
