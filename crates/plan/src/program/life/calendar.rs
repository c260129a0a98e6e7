//! Week plans that were made before the work calendar changed in their week
//! (ERR-008). Nothing is marked: the time of a correction is compared with the
//! time a plan was made, so that planning again is what makes the notice go. A
//! correction that was taken back keeps its row without a name: the notice then
//! says the statutory day that holds again.

use super::store::{CALENDAR_CORRECTIONS, WEEK_PLANS_MADE};
use crate::program::Program;
use crate::program::network::branches;
use crate::program::words;
use std::collections::BTreeMap;
use zf_base::calendar::{DayKind, WorkCalendar};
use zf_base::{Day, IsoWeek, Timestamp, UnitId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, Permission};
use zf_store::params;

/// Plans of one list; a county has some dozens of branches and plans few weeks ahead.
const PLANS_MAX: i64 = 5_000;

/// A week whose calendar changed after plans were made.
#[derive(Clone, Debug)]
pub struct ChangedWeek {
    /// The week.
    pub week: IsoWeek,
    /// Corrected days with the name they were given.
    pub days: Vec<(Day, String)>,
    /// Branches with a draft: to be planned again.
    pub drafts: Vec<(UnitId, String)>,
    /// Branches with a confirmed plan: to be reopened first.
    pub confirmed: Vec<(UnitId, String)>,
}

/// What a corrected day is called; one that was taken back by what it is again.
fn name_of(calendar: &WorkCalendar, day: Day, given: String) -> String {
    if !given.is_empty() {
        return given;
    }
    let now = calendar.describe(day);
    words::taken_back(&now.name, now.kind == DayKind::Work)
}

/// Weeks from this one on with plans that are older than a correction of the
/// calendar, for the branches the actor may see.
pub async fn changed_weeks(app: &App, ctx: &Ctx, program: &Program) -> Result<Vec<ChangedWeek>> {
    let this = ctx.today().week();
    let rows = app
        .db
        .query(
            CALENDAR_CORRECTIONS,
            params![this.monday(), program.last_day],
        )
        .await?;
    let calendar = work_calendar(app).await?;
    let mut corrected: BTreeMap<IsoWeek, Vec<(Day, String, Timestamp)>> = BTreeMap::new();
    for row in &rows {
        let day: Day = row.get(0)?;
        let entry = (day, name_of(&calendar, day, row.get(1)?), row.get(2)?);
        corrected.entry(day.week()).or_default().push(entry);
    }
    if corrected.is_empty() {
        return Ok(Vec::new());
    }
    let names: BTreeMap<UnitId, String> = branches(app, ctx, Permission::ProgramRead, program)
        .await?
        .into_iter()
        .map(|u| (u.id, u.name))
        .collect();
    let plans = app
        .db
        .query(
            WEEK_PLANS_MADE,
            params![program.id, this.to_string(), PLANS_MAX],
        )
        .await?;
    let mut out: BTreeMap<IsoWeek, ChangedWeek> = BTreeMap::new();
    for row in &plans {
        let (unit, week, state): (UnitId, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let made: Timestamp = row.get(3)?;
        let week: IsoWeek = week
            .parse()
            .map_err(|_| KernelError::Internal(format!("stored week {week}")))?;
        let (Some(days), Some(name)) = (corrected.get(&week), names.get(&unit)) else {
            continue;
        };
        if !days.iter().any(|(.., at)| *at > made) {
            continue;
        }
        let entry = out.entry(week).or_insert_with(|| ChangedWeek {
            week,
            days: days.iter().map(|(d, n, _)| (*d, n.clone())).collect(),
            drafts: Vec::new(),
            confirmed: Vec::new(),
        });
        let list = match state.as_str() {
            crate::week_plan::CONFIRMED => &mut entry.confirmed,
            _ => &mut entry.drafts,
        };
        list.push((unit, name.clone()));
    }
    Ok(out.into_values().collect())
}
