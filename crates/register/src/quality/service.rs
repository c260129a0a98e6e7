//! Counting, keeping and comparing completeness. A branch is counted in its own
//! transaction; a subtree is summed from the kept days of its branches.
//! It reads counts only, never a record.

use super::store::*;
use super::{Counts, Line, Table};
use serde_json::json;
use std::collections::HashMap;
use zf_base::{Day, UnitId};
use zf_kernel::error::Result;
use zf_kernel::unit::Unit;
use zf_kernel::unit::service::{branches_of, unit_subtree};
use zf_kernel::{App, Ctx, UnitScope, UnitTx, again};
use zf_store::{Row, params};

fn read(row: &Row, first: usize) -> Result<Counts> {
    Ok(Counts {
        customers: row.get(first)?,
        four_fields: row.get(first + 1)?,
        without_phone: row.get(first + 2)?,
        without_id_number: row.get(first + 3)?,
        without_address: row.get(first + 4)?,
        by_bank: row.get(first + 5)?,
        placed: row.get(first + 6)?,
        households: row.get(first + 7)?,
    })
}

/// Counts of one branch as it is.
pub async fn quality_count(app: &App, branch: &UnitScope) -> Result<Counts> {
    let rows = app
        .read_unit(branch.unit_id(), QUALITY_COUNT, params![])
        .await?;
    rows.first().map_or(Ok(Counts::default()), |r| read(r, 0))
}

/// Keeps the counts of a branch for a day; a second time that day replaces them.
pub async fn quality_keep(app: &App, ctx: &Ctx, branch: &UnitScope, day: Day) -> Result<Counts> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, branch).await?;
        let rows = tx.query(QUALITY_COUNT, params![]).await?;
        let c = rows.first().map_or(Ok(Counts::default()), |r| read(r, 0))?;
        let row = params![
            day,
            c.customers,
            c.four_fields,
            c.without_phone,
            c.without_id_number,
            c.without_address,
            c.by_bank,
            c.placed,
            c.households
        ];
        tx.exec(QUALITY_PUT, row).await?;
        let detail = json!({ "day": day, "customers": c.customers, "four_fields": c.four_fields });
        tx.record("quality.day", "unit", branch.unit_id(), detail);
        tx.commit().await?;
        Ok(c)
    })
    .await
}

type Kept = HashMap<(UnitId, Day), Counts>;

/// The table of a unit and what is below it. A day that is over comes from
/// what was kept, the present day is counted.
pub async fn quality_table(app: &App, ctx: &Ctx, scope: &UnitScope, day: Day) -> Result<Table> {
    let units = unit_subtree(app, &scope.unit().path).await?;
    let (before, week) = (day.plus_days(-1), day.plus_days(-7));
    let path = scope.unit().path.as_str();
    let p = params![path, format!("{path}~"), day, before, week];
    let mut kept = Kept::new();
    for row in &app.db.query(QUALITY_DAYS, p).await? {
        kept.insert((row.get(0)?, row.get(1)?), read(row, 2)?);
    }
    if day == ctx.today() {
        for branch in branches_of(app, scope).await? {
            let counts = quality_count(app, &branch).await?;
            kept.insert((branch.unit_id(), day), counts);
        }
    }
    let lines = units
        .iter()
        .filter(|u| u.active || kept.contains_key(&(u.id, day)))
        .map(|u| Line {
            unit_id: u.id,
            unit_name: u.name.clone(),
            level: u.level.as_str().to_owned(),
            now: sum(&units, u, day, &kept).unwrap_or_default(),
            day_before: sum(&units, u, before, &kept),
            week_before: sum(&units, u, week, &kept),
        })
        .collect();
    Ok(Table { day, lines })
}

/// Counts of everything at or below a unit on a day; none when nothing was kept.
fn sum(units: &[Unit], of: &Unit, day: Day, kept: &Kept) -> Option<Counts> {
    units
        .iter()
        .filter(|u| u.path.starts_with(&of.path))
        .filter_map(|u| kept.get(&(u.id, day)).copied())
        .reduce(Counts::plus)
}
