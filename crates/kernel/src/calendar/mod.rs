//! The work calendar: statutory holidays and make-up workdays from the base,
//! corrected by the bank where the notice of the State Council says otherwise
//! or where the bank works differently.

pub mod store;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::event::tx::UnitTx;
use crate::unit::Unit;
use serde_json::json;
use store::*;
use zf_base::Day;
use zf_base::calendar::{DayKind, WorkCalendar};
use zf_store::params;

/// One correction by the bank.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The day.
    pub day: Day,
    /// Worked on or not.
    pub is_workday: bool,
    /// Why.
    pub name: String,
}

/// The bank's corrections, by day.
pub async fn corrections(app: &App) -> Result<Vec<Correction>> {
    let rows = app.db.query(CALENDAR_LIST, params![]).await?;
    rows.iter()
        .map(|r| {
            Ok(Correction {
                day: r.get(0)?,
                is_workday: r.get(1)?,
                name: r.get(2)?,
            })
        })
        .collect()
}

/// The calendar in force.
pub async fn work_calendar(app: &App) -> Result<WorkCalendar> {
    let mut calendar = WorkCalendar::statutory();
    for c in corrections(app).await? {
        let kind = if c.is_workday {
            DayKind::Work
        } else {
            DayKind::Rest
        };
        calendar.correct(c.day, kind, &c.name);
    }
    Ok(calendar)
}

/// Corrects one day.
pub async fn calendar_correct(app: &App, ctx: &Ctx, head: &Unit, c: &Correction) -> Result<()> {
    let mut tx = UnitTx::on(app, ctx, head.id).await?;
    tx.exec(
        CALENDAR_SET,
        params![
            c.day,
            c.is_workday,
            c.name.as_str(),
            ctx.actor.user_id,
            ctx.now
        ],
    )
    .await?;
    tx.record(
        "calendar.correct",
        "calendar_day",
        c.day,
        json!({ "is_workday": c.is_workday }),
    );
    tx.commit().await
}

/// Takes a correction back: the statutory day holds again. When it was taken
/// back stays on record, because plans made before it must be planned again.
pub async fn calendar_restore(app: &App, ctx: &Ctx, head: &Unit, day: Day) -> Result<()> {
    let mut tx = UnitTx::on(app, ctx, head.id).await?;
    tx.exec(CALENDAR_CLEAR, params![day, ctx.actor.user_id, ctx.now])
        .await?;
    tx.record("calendar.restore", "calendar_day", day, json!({}));
    tx.commit().await
}
