//! Which households that are not to be found a branch is shown: targets come from
//! the plan's table, the visit that said so from this room's. Whom the branch may
//! not know any more is left out. Changes nothing.

use super::Gone;
use super::store::*;
use zf_base::mask::Masked;
use zf_base::{CustomerId, Day, ProgramId, TargetId, VisitId};
use zf_kernel::error::Result;
use zf_kernel::{App, UnitScope};
use zf_network::customer::seal::{self, Column};
use zf_network::customer::source::ended::ended;
use zf_store::{Row, params};

/// A page of a branch, the last day first.
///
/// # Errors
/// Only the database.
pub async fn gone_list(
    app: &App,
    program: ProgramId,
    scope: &UnitScope,
    after: Option<(Day, TargetId)>,
    limit: i64,
) -> Result<Vec<Gone>> {
    let ended = ended(app, scope.unit(), app.now().day()).await?;
    // A visit of a day to come is possible (it waits for a decision), one of next year is not.
    let last = app.now().day().plus_days(366);
    let last = (last, TargetId(zf_base::Uuid::max()));
    let (mut after, mut page) = (after.unwrap_or(last), Vec::new());
    loop {
        let p = params![program, after.0, after.1, limit];
        let rows = app.read_unit(scope.unit_id(), GONE_LIST, p).await?;
        for row in &rows {
            after = (row.get(5)?, row.get(0)?);
            // Whom the branch may not know any more is not shown, even before the job has run.
            let person: CustomerId = row.get(2)?;
            if (page.len() as i64) < limit && !ended.person(person) {
                page.push(read(app, scope, row)?);
            }
        }
        if (rows.len() as i64) < limit || page.len() as i64 >= limit {
            return Ok(page);
        }
    }
}

fn read(app: &App, scope: &UnitScope, row: &Row) -> Result<Gone> {
    let customer_id: CustomerId = row.get(2)?;
    let sealed: Vec<u8> = row.get(3)?;
    let unit = scope.unit_id();
    let name = seal::open(app, Column::Name, unit, customer_id, Some(&sealed))?;
    let (visit, outcome): (Option<VisitId>, Option<String>) = (row.get(6)?, row.get(7)?);
    let by: Option<String> = row.get(8)?;
    Ok(Gone {
        target_id: row.get(0)?,
        household_id: row.get(1)?,
        customer_id,
        name: Masked::new(name),
        village_group_id: row.get(4)?,
        day: row.get(5)?,
        visit: visit
            .zip(outcome)
            .zip(by)
            .map(|((id, outcome), by)| (id, outcome, by)),
    })
}
