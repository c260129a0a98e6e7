//! A refusal reaches the plans: the job that the customer side enqueues with
//! the refusal drops the open targets of the household, strikes its stops of
//! today and later, and counts the plans anew. The same is done for whom the
//! branch may not know any more, because the lawful basis or the source of the
//! record has ended. Reading does not wait for it: every list of targets and
//! stops leaves such households out by itself. It knows who refuses and who is
//! known from the customers' rows and sources, not what was said.

use crate::week_plan::Off;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use zf_base::{CustomerId, HouseholdId, Timestamp, WeekPlanId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::unit_fetch;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx, again};
use zf_network::customer::source::ended::{Ended, ended};
use zf_network::customer::standing::{STANDING_CHANGED, StandingChanged};
use zf_store::{params, statements};

statements! {
    /// Who of a household refuses visits, and for whom.
    STANDING_MEMBERS: unit = "SELECT id, do_not_visit, no_visit_person_only FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY id";
    /// Takes a household out of all programs.
    STANDING_DROP: unit = "UPDATE target SET state = 'dropped', updated_at = $3 WHERE unit_id = $1 AND household_id = $2 AND state = 'open'";
    /// Forgets why and where, when nobody of the household is left.
    STANDING_FORGET: unit = "UPDATE target SET reasons = '[]', due_day = NULL, lat = NULL, lon = NULL WHERE unit_id = $1 AND household_id = $2 AND (reasons <> '[]' OR due_day IS NOT NULL OR lat IS NOT NULL OR lon IS NOT NULL)";
    /// The door stands in no plan any more, when nobody of the household is left: the outlet does.
    STANDING_FORGET_DOORS: unit = "UPDATE plan_stop SET lat = (SELECT COALESCE(u.lat, 0) FROM unit u WHERE u.id = $1), lon = (SELECT COALESCE(u.lon, 0) FROM unit u WHERE u.id = $1), approximate = $3 WHERE unit_id = $1 AND approximate <> $3 AND target_id IN (SELECT id FROM target WHERE unit_id = $1 AND household_id = $2)";
    /// Another member leads where the leading one refuses or has left.
    STANDING_LEAD: unit = "UPDATE target SET customer_id = $3, updated_at = $4 WHERE unit_id = $1 AND household_id = $2 AND customer_id NOT IN (SELECT id FROM customer WHERE unit_id = $1 AND household_id = $2 AND NOT do_not_visit)";
    /// Another member leads where the leading one may not be known any more.
    STANDING_LEAD_AFTER: unit = "UPDATE target SET customer_id = $3, updated_at = $4 WHERE unit_id = $1 AND household_id = $2 AND customer_id = $5";
    /// Households that may be planned, or are from a day on.
    STANDING_PLANNED: unit = "SELECT DISTINCT t.household_id FROM target t WHERE t.unit_id = $1 AND (t.state = 'open' OR t.id IN (SELECT s.target_id FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id WHERE s.unit_id = $1 AND s.struck_at IS NULL AND s.target_id IS NOT NULL AND r.day >= $2))";
    /// Who lives where in a branch.
    STANDING_HOMES: unit = "SELECT id, household_id FROM customer WHERE unit_id = $1";
    /// Strikes the stops of a household from a day on.
    STANDING_STRIKE: unit = "UPDATE plan_stop SET struck_at = $3, struck_reason = $5 WHERE unit_id = $1 AND struck_at IS NULL AND target_id IN (SELECT id FROM target WHERE unit_id = $1 AND household_id = $2) AND route_id IN (SELECT id FROM plan_route WHERE unit_id = $1 AND day >= $4) RETURNING week_plan_id, households";
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

/// A member of a household: who, whether they refuse, for themselves only, and
/// whether nothing says any more that the bank may know them.
type Member = (CustomerId, bool, bool, bool);

/// Who leads a household's visit now, or why nobody is to be visited. Whom the
/// bank may not know any more is left out as if they refused for themselves.
fn lead(members: &[Member]) -> std::result::Result<CustomerId, Off> {
    if members.is_empty() {
        return Err(Off::Left);
    }
    let all = |m: &Member| m.1 && !m.2;
    if members.iter().any(all) {
        return Err(Off::Refused);
    }
    let open = members.iter().find(|m| !m.1 && !m.3);
    let known = !members.iter().any(|m| m.3 && !m.1);
    let off = if known {
        Off::Refused
    } else {
        Off::SourceEnded
    };
    open.map(|m| m.0).ok_or(off)
}

/// Households of one transaction: short enough that imports and pages go on.
const BATCH: usize = 200;

/// Brings targets and plans of some households in line with what their members
/// refuse now, and whom of them the branch may still know; returns how many
/// stops were struck. Done again it changes nothing.
///
/// # Errors
/// Only the database.
pub async fn standing_changed(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    households: &[HouseholdId],
) -> Result<u64> {
    let ended = ended(app, scope.unit(), ctx.today()).await?;
    settle(app, ctx, scope, &ended, households).await
}

/// Does the same for all planned households of a branch of which somebody may
/// not be known any more; returns how many stops were struck.
///
/// # Errors
/// Only the database.
pub async fn sources_over(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<u64> {
    let ended = ended(app, scope.unit(), ctx.today()).await?;
    if ended.nobody() {
        return Ok(0);
    }
    let unit = scope.unit_id();
    let mut touched: HashSet<HouseholdId> = HashSet::new();
    for row in app.read_unit(unit, STANDING_HOMES, params![]).await? {
        if ended.person(row.get(0)?) {
            touched.insert(row.get(1)?);
        }
    }
    let mut planned: Vec<HouseholdId> = Vec::new();
    let p = params![ctx.today()];
    for row in app.read_unit(unit, STANDING_PLANNED, p).await? {
        planned.push(row.get(0)?);
    }
    planned.retain(|household| touched.contains(household));
    planned.sort_unstable();
    let mut struck = 0;
    for batch in planned.chunks(BATCH) {
        struck += settle(app, ctx, scope, &ended, batch).await?;
    }
    Ok(struck)
}

/// What one transaction did.
#[derive(Default)]
struct Settled {
    /// Targets dropped, by why.
    dropped: BTreeMap<Off, u64>,
    /// Stops and households struck, by why and plan.
    struck: BTreeMap<(Off, WeekPlanId), (i64, i64)>,
    /// Targets that lost a leading member or what was known of the household.
    other: u64,
}

async fn settle(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    ended: &Ended,
    households: &[HouseholdId],
) -> Result<u64> {
    again(app, || async {
        let mut tx = UnitTx::begin(app, ctx, scope).await?;
        let mut done = Settled::default();
        for household in households {
            look(&mut tx, ctx, ended, *household, &mut done).await?;
        }
        let stops: i64 = done.struck.values().map(|(stops, _)| stops).sum();
        tell(&mut tx, ctx.now, &done).await?;
        tx.commit().await?;
        Ok(stops.unsigned_abs())
    })
    .await
}

/// Looks at one household: another leads, or it is left alone.
async fn look(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    ended: &Ended,
    household: HouseholdId,
    done: &mut Settled,
) -> Result<()> {
    let mut members: Vec<Member> = Vec::new();
    for row in tx.query(STANDING_MEMBERS, params![household]).await? {
        let id: CustomerId = row.get(0)?;
        members.push((id, row.get(1)?, row.get(2)?, ended.person(id)));
    }
    let off = match lead(&members) {
        Err(off) => off,
        Ok(lead) => {
            let p = params![household, lead, ctx.now];
            done.other += tx.exec(STANDING_LEAD, p).await?;
            for (id, ..) in members.iter().filter(|m| m.3) {
                let p = params![household, lead, ctx.now, *id];
                done.other += tx.exec(STANDING_LEAD_AFTER, p).await?;
            }
            return Ok(());
        }
    };
    let dropped = tx.exec(STANDING_DROP, params![household, ctx.now]).await?;
    *done.dropped.entry(off).or_default() += dropped;
    if members.is_empty() {
        done.other += tx.exec(STANDING_FORGET, params![household]).await?;
        let doors = params![household, true];
        done.other += tx.exec(STANDING_FORGET_DOORS, doors).await?;
    }
    strike(tx, ctx, household, off, done).await
}

/// Strikes the stops of one household; adds stops and households per plan.
async fn strike(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    household: HouseholdId,
    off: Off,
    done: &mut Settled,
) -> Result<()> {
    let p = params![household, ctx.now, ctx.today(), off.as_str()];
    for row in tx.query(STANDING_STRIKE, p).await? {
        let sum = done.struck.entry((off, row.get(0)?)).or_default();
        sum.0 += 1;
        sum.1 += row.get::<i64>(1)?;
    }
    Ok(())
}

/// Counts the plans anew and tells of each, and of the targets, by why.
async fn tell(tx: &mut UnitTx<'_>, now: Timestamp, done: &Settled) -> Result<()> {
    for ((off, plan), (stops, count)) in &done.struck {
        recount(tx, now, *plan, *count).await?;
        let action = match off {
            Off::Refused => "plan.refused",
            Off::Left => "plan.left",
            Off::SourceEnded => "plan.source_ended",
        };
        tx.record(action, "week_plan", *plan, json!({ "stops": stops }));
    }
    let unit = tx.unit_id();
    for (off, targets) in done.dropped.iter().filter(|(_, n)| **n > 0) {
        let action = match off {
            Off::Refused => "target.refused",
            Off::Left => "target.left",
            Off::SourceEnded => "target.source_ended",
        };
        tx.record(action, "unit", unit, json!({ "targets": targets }));
    }
    if done.other > 0 {
        let detail = json!({ "targets": done.other });
        tx.record("target.lead", "unit", unit, detail);
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
        let yes = |n| (id(n), false, false, false);
        let person = |n| (id(n), true, true, false);
        let house = |n| (id(n), true, false, false);
        assert_eq!(lead(&[yes(1), yes(2)]), Ok(id(1)));
        assert_eq!(lead(&[person(1), yes(2)]), Ok(id(2)));
        assert_eq!(lead(&[yes(1), house(2)]), Err(Off::Refused));
        assert_eq!(lead(&[person(1), person(2)]), Err(Off::Refused));
        assert_eq!(lead(&[]), Err(Off::Left));
    }

    #[test]
    fn whom_the_bank_may_not_know_any_more_leads_no_visit() {
        let id = |n: u128| CustomerId(Uuid::from_u128(n));
        let yes = |n| (id(n), false, false, false);
        let over = |n| (id(n), false, false, true);
        assert_eq!(lead(&[over(1), yes(2)]), Ok(id(2)));
        assert_eq!(lead(&[over(1), over(2)]), Err(Off::SourceEnded));
        let refuses = (id(3), true, true, false);
        assert_eq!(lead(&[over(1), refuses]), Err(Off::SourceEnded));
        // Who refuses, and is not known any more either, has refused.
        assert_eq!(lead(&[(id(4), true, false, true)]), Err(Off::Refused));
        assert_eq!(lead(&[(id(4), true, true, true)]), Err(Off::Refused));
    }
}
