//! Numbers of printed collection forms: 1, 2, 3 … within a branch and week, in
//! the order of the first printing. A number stays with its household when the
//! plan changes, so that a form typed in at the desk in the evening finds the
//! household that it was written for. Knows no names.

use std::collections::HashMap;
use zf_base::{IsoWeek, ProgramId, TargetId, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitTx};
use zf_store::{params, statements};

statements! {
    /// Numbers given so far.
    FORM_NUMBERS: unit = "SELECT number, target_id FROM form_number WHERE unit_id = $1 AND program_id = $2 AND week = $3 ORDER BY number";
    /// Gives a number.
    FORM_NUMBER_ADD: unit = "INSERT INTO form_number (unit_id, program_id, week, number, target_id) VALUES ($1, $2, $3, $4, $5)";
}

fn read(rows: &[zf_store::Row]) -> Result<Vec<(i64, TargetId)>> {
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

/// Numbers of a week given so far.
///
/// # Errors
/// Only the database.
pub async fn numbers(
    app: &App,
    unit: UnitId,
    program: ProgramId,
    week: IsoWeek,
) -> Result<HashMap<TargetId, i64>> {
    let rows = app
        .read_unit(unit, FORM_NUMBERS, params![program, week.to_string()])
        .await?;
    Ok(read(&rows)?.into_iter().map(|(n, t)| (t, n)).collect())
}

/// Gives those targets that have no number yet the next ones, in order; returns
/// the numbers of all.
///
/// # Errors
/// Only the database.
pub async fn numbers_give(
    tx: &mut UnitTx<'_>,
    program: ProgramId,
    week: IsoWeek,
    targets: impl Iterator<Item = TargetId>,
) -> Result<HashMap<TargetId, i64>> {
    let week = week.to_string();
    let rows = tx
        .query(FORM_NUMBERS, params![program, week.as_str()])
        .await?;
    let mut last = 0;
    let mut given = HashMap::new();
    for (number, target) in read(&rows)? {
        last = last.max(number);
        given.insert(target, number);
    }
    let mut new = vec![];
    for target in targets {
        if given.contains_key(&target) {
            continue;
        }
        last += 1;
        given.insert(target, last);
        new.push(params![program, week.as_str(), last, target]);
    }
    tx.exec_many(FORM_NUMBER_ADD, new).await?;
    Ok(given)
}
