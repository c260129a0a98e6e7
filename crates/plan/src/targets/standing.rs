//! A refusal reaches the plans: the job that the customer side enqueues with
//! the refusal drops the open targets of the household, strikes its stops of
//! today and later, and counts the plans anew. Reading does not wait for it:
//! every list of targets and stops leaves refusing households out by itself.
//! It knows who refuses from the customers' rows, not what was said.

use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use zf_base::{CustomerId, HouseholdId, Timestamp, WeekPlanId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::standing::{STANDING_CHANGED, StandingChanged};
use zf_store::{params, statements};

statements! {
    /// Who of a household refuses visits, and for whom.
    STANDING_MEMBERS: unit = "SELECT id, do_not_visit, no_visit_person_only FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY id";
    /// Takes a household out of all programs.
    STANDING_DROP: unit = "UPDATE target SET state = 'dropped', updated_at = $3 WHERE unit_id = $1 AND household_id = $2 AND state = 'open'";
    /// Forgets why and where, when nobody of the household is left.
    STANDING_FORGET: unit = "UPDATE target SET reasons = '[]', due_day = NULL, lat = NULL, lon = NULL WHERE unit_id = $1 AND household_id = $2";
    /// Another member leads where the leading one refuses or has left.
    STANDING_LEAD: unit = "UPDATE target SET customer_id = $3, updated_at = $4 WHERE unit_id = $1 AND household_id = $2 AND customer_id NOT IN (SELECT id FROM customer WHERE unit_id = $1 AND household_id = $2 AND NOT do_not_visit)";
    /// Strikes the stops of a household from a day on.
    STANDING_STRIKE: unit = "UPDATE plan_stop SET struck_at = $3, struck_reason = 'refused' WHERE unit_id = $1 AND struck_at IS NULL AND target_id IN (SELECT id FROM target WHERE unit_id = $1 AND household_id = $2) AND route_id IN (SELECT id FROM plan_route WHERE unit_id = $1 AND day >= $4) RETURNING week_plan_id, households";
    /// Counts a plan anew, confirmed or not.
    STANDING_COUNT: unit = "UPDATE week_plan SET planned = planned - $3, shortfall = CASE WHEN needed > planned - $3 THEN needed - (planned - $3) ELSE 0 END WHERE unit_id = $1 AND id = $2";
    /// The week and program of a plan that is confirmed, for the ledger.
    STANDING_WEEK: unit = "SELECT program_id, week FROM week_plan WHERE unit_id = $1 AND id = $2 AND state = 'confirmed'";
    /// What a confirmed week leaves open grows by what was struck.
    STANDING_OWE: unit = "UPDATE shortfall_entry SET households = households + $4, made_at = $5 WHERE unit_id = $1 AND program_id = $2 AND day = $3 AND kind = 'plan'";
}

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(STANDING_CHANGED, run);
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let lost = |_| KernelError::Internal("standing job without households".to_owned());
    let args: StandingChanged = serde_json::from_value(run.job.args.clone()).map_err(lost)?;
    let unit = unit_fetch(&run.app, args.unit_id).await?;
    let scope = run.ctx.scope(Permission::PlanWrite, &unit)?;
    let struck = standing_changed(&run.app, &run.ctx, &scope, &args.household_ids).await?;
    Ok(json!({ "households": args.household_ids.len(), "struck": struck }))
}

/// Who leads a household's visit now; none when it is not to be visited.
fn lead(members: &[(CustomerId, bool, bool)]) -> Option<CustomerId> {
    let all = members
        .iter()
        .any(|(_, refuses, person_only)| *refuses && !person_only);
    if all {
        return None;
    }
    let open = members.iter().find(|(_, refuses, _)| !refuses);
    open.map(|(id, _, _)| *id)
}

/// Brings targets and plans of some households in line with what their members
/// refuse now; returns how many stops were struck. Done again it changes nothing.
///
/// # Errors
/// Only the database.
pub async fn standing_changed(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    households: &[HouseholdId],
) -> Result<u64> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut struck: BTreeMap<WeekPlanId, (i64, i64)> = BTreeMap::new();
        let mut dropped = 0;
        for household in households {
            let mut members = Vec::new();
            for row in tx.query(STANDING_MEMBERS, params![*household]).await? {
                members.push((row.get(0)?, row.get(1)?, row.get(2)?));
            }
            if let Some(lead) = lead(&members) {
                tx.exec(STANDING_LEAD, params![*household, lead, ctx.now])
                    .await?;
                continue;
            }
            dropped += tx.exec(STANDING_DROP, params![*household, ctx.now]).await?;
            if members.is_empty() {
                tx.exec(STANDING_FORGET, params![*household]).await?;
            }
            strike(&mut tx, ctx, *household, &mut struck).await?;
        }
        let stops: i64 = struck.values().map(|(stops, _)| stops).sum();
        for (plan, (stops, count)) in &struck {
            recount(&mut tx, ctx.now, *plan, *count).await?;
            tx.record(
                "plan.refused",
                "week_plan",
                *plan,
                json!({ "stops": stops }),
            );
        }
        let detail = json!({ "targets": dropped, "stops": stops });
        tx.record("target.refused", "unit", scope.unit_id(), detail);
        tx.commit().await?;
        Ok(stops.unsigned_abs())
    })
    .await
}

/// Strikes the stops of one household; adds stops and households per plan.
async fn strike(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    household: HouseholdId,
    struck: &mut BTreeMap<WeekPlanId, (i64, i64)>,
) -> Result<()> {
    let p = params![household, ctx.now, ctx.today()];
    for row in tx.query(STANDING_STRIKE, p).await? {
        let sum = struck.entry(row.get(0)?).or_default();
        sum.0 += 1;
        sum.1 += row.get::<i64>(1)?;
    }
    Ok(())
}

async fn recount(tx: &mut UnitTx<'_>, now: Timestamp, plan: WeekPlanId, count: i64) -> Result<()> {
    tx.exec(STANDING_COUNT, params![plan, count]).await?;
    let Some(row) = tx.query_opt(STANDING_WEEK, params![plan]).await? else {
        return Ok(());
    };
    let program: zf_base::ProgramId = row.get(0)?;
    let week: zf_base::IsoWeek = row.get(1)?;
    let sunday = week.monday().plus_days(6);
    tx.exec(STANDING_OWE, params![program, sunday, count, now])
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_base::Uuid;

    #[test]
    fn a_household_is_left_alone_when_one_speaks_for_all_or_all_speak_for_themselves() {
        let id = |n: u128| CustomerId(Uuid::from_u128(n));
        let yes = |n| (id(n), false, false);
        let person = |n| (id(n), true, true);
        let house = |n| (id(n), true, false);
        assert_eq!(lead(&[yes(1), yes(2)]), Some(id(1)));
        assert_eq!(lead(&[person(1), yes(2)]), Some(id(2)));
        assert_eq!(lead(&[yes(1), house(2)]), None);
        assert_eq!(lead(&[person(1), person(2)]), None);
        assert_eq!(lead(&[]), None);
    }
}
