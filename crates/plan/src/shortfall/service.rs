//! Reads what the ledger is made from, types the counts of a day, and tells
//! week plans what is carried. Quotas come with the day they hold from, so a
//! quota changed in mid-campaign does not reach back.

use super::store::*;
use super::{Facts, Ledger, Outlook, ledger, outlook};
use crate::check::OutletCapacity;
use crate::definition::VisitKind;
use crate::program::life::quota::{QuotaHistory, campaign_history, own_histories, quota_history};
use crate::program::network::{branches, own_figures};
use crate::program::service::program_check;
use crate::program::{Program, State};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use zf_base::calendar::WorkCalendar;
use zf_base::code::ErrorCode;
use zf_base::{Day, Timestamp, UnitId, VillageGroupId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::text::clear_text;
use zf_kernel::unit::Unit;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_network::village_group::service::village_group_list;
use zf_store::{Row, params};

/// Where counts come from until field visits are recorded.
pub const TYPED: &str = "typed";
/// Most households of one branch and day.
const HOUSEHOLDS_MAX: i64 = 1_000;
/// Traces of one sweep.
const TRACES_MAX: usize = 10;

/// A count of a day; the newest holds.
#[derive(Clone, Debug)]
pub struct Count {
    /// The day.
    pub day: Day,
    /// From 1.
    pub seq: i64,
    /// Households visited.
    pub households: i64,
    /// `typed`.
    pub source: String,
    /// Why it was corrected; empty for the first.
    pub reason: String,
    /// When typed.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

fn count(r: &Row) -> Result<Count> {
    Ok(Count {
        day: r.get(0)?,
        seq: r.get(1)?,
        households: r.get(2)?,
        source: r.get(3)?,
        reason: r.get(4)?,
        at: r.get(5)?,
        by_name: r.get(6)?,
    })
}

/// The counts of a branch, oldest first, corrected ones among them.
///
/// # Errors
/// Only the database.
pub async fn counts(app: &App, program: &Program, unit: UnitId) -> Result<Vec<Count>> {
    let rows = app
        .read_unit(unit, VISIT_COUNTS, params![program.id])
        .await?;
    rows.iter().map(count).collect()
}

/// Planned days of the campaign with the position of their phase.
fn planned_days(program: &Program, calendar: &WorkCalendar) -> BTreeMap<Day, usize> {
    let d = &program.definition;
    let phase_of = |day: Day| {
        let mut phases = d.phase.iter();
        phases.position(|p| (p.start..=p.end).contains(&day))
    };
    let days = d.program.start.through(d.program.end);
    days.filter(|day| calendar.is_workday(*day))
        .filter_map(|day| Some((day, phase_of(day)?)))
        .collect()
}

fn facts(
    program: &Program,
    planned: &BTreeMap<Day, usize>,
    quotas: &QuotaHistory,
    mut counts: BTreeMap<Day, i64>,
    visits: BTreeMap<Day, i64>,
    plans: BTreeMap<Day, i64>,
) -> Facts {
    let recorded = visits.keys().copied().collect();
    counts.extend(visits);
    Facts {
        recorded,
        planned: planned.keys().map(|d| (*d, quotas.on(*d))).collect(),
        counts,
        plans,
        carry_over: program.definition.quota.carry_over,
    }
}

fn by_day(rows: &[Row]) -> Result<BTreeMap<Day, i64>> {
    rows.iter().map(|r| Ok((r.get(0)?, r.get(1)?))).collect()
}

async fn facts_of(app: &App, program: &Program, unit: UnitId) -> Result<Facts> {
    let calendar = work_calendar(app).await?;
    let planned = planned_days(program, &calendar);
    let quotas = quota_history(app, program, unit).await?;
    // Oldest first, so that the newest of a day is what stays.
    let all = counts(app, program, unit).await?;
    let typed = all.iter().map(|c| (c.day, c.households)).collect();
    let rows = app
        .read_unit(unit, PLAN_LEAVES, params![program.id])
        .await?;
    let plans = by_day(&rows)?;
    let rows = app
        .read_unit(unit, VISIT_TALLIES, params![program.id])
        .await?;
    let visits = by_day(&rows)?;
    Ok(facts(program, &planned, &quotas, typed, visits, plans))
}

/// What a branch carries into the week that begins on a day, in households.
///
/// # Errors
/// Only the database.
pub async fn carried(app: &App, program: &Program, unit: UnitId, before: Day) -> Result<i64> {
    let facts = facts_of(app, program, unit).await?;
    Ok(ledger(&facts, before).balance)
}

/// How a branch stands when a day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Morning {
    /// The planned day before, with the quota that held on it.
    pub last: Option<(Day, i64)>,
    /// Due on the day itself, in households; 0 when it is not planned.
    pub quota: i64,
    /// Owed from all days before, in households.
    pub owed: i64,
    /// Planned days before of which nothing is known; they owe nothing yet.
    pub open_days: i64,
}

/// How a branch stands when a day begins (MTG-002).
///
/// # Errors
/// Only the database.
pub async fn morning(app: &App, program: &Program, unit: UnitId, day: Day) -> Result<Morning> {
    let facts = facts_of(app, program, unit).await?;
    let last = facts.planned.range(..day).next_back();
    let before = ledger(&facts, day);
    Ok(Morning {
        last: last.map(|(d, quota)| (*d, *quota)),
        quota: facts.planned.get(&day).copied().unwrap_or(0),
        owed: before.balance.max(0),
        open_days: before.open_days,
    })
}

/// A branch with its ledger and what can be made of it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The branch.
    pub unit: Unit,
    /// Up to and with today.
    pub ledger: Ledger,
    /// Whether it can still be made up for.
    pub outlook: Outlook,
    /// Today's quota.
    pub quota: i64,
}

/// Room beyond the quota on the planned days from a day on, as far as visits
/// of the kind that makes up are made then.
fn remaining(
    program: &Program,
    planned: &BTreeMap<Day, usize>,
    facts: &Facts,
    capacity: Option<&OutletCapacity>,
    from: Day,
) -> BTreeMap<Day, i64> {
    let d = &program.definition;
    let repays = |phase: usize| {
        let kinds: &[VisitKind] = &d.phase[phase].kinds;
        kinds.contains(&d.quota.repay_by)
    };
    let days = planned.range(from..).filter(|(_, phase)| repays(**phase));
    days.map(|(day, phase)| {
        let per_day = capacity.and_then(|c| c.phases_per_day.get(*phase));
        let can = per_day.map_or(0, |n| i64::try_from(*n).unwrap_or(i64::MAX));
        let due = facts.planned.get(day).copied().unwrap_or(0);
        (*day, (can - due).max(0))
    })
    .collect()
}

/// Branches of a program that the actor may see, by code; one of them when it
/// is named.
///
/// # Errors
/// Only the database.
pub async fn standings(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    only: Option<UnitId>,
) -> Result<Vec<Standing>> {
    let calendar = work_calendar(app).await?;
    let planned = planned_days(program, &calendar);
    let mut units = branches(app, ctx, Permission::PlanRead, program).await?;
    units.retain(|u| only.is_none_or(|id| id == u.id));
    let report = program_check(app, ctx, program).await?;
    let capacity: HashMap<UnitId, &OutletCapacity> =
        report.capacity.iter().map(|c| (c.unit_id, c)).collect();
    let campaign = campaign_history(app, program).await?;
    let (histories, own) = (
        own_histories(app, program).await?,
        own_figures(app, program).await?,
    );
    let mut counts = by_unit(app, VISIT_COUNTS_ALL, program).await?;
    let mut visits = by_unit(app, VISIT_TALLIES_ALL, program).await?;
    let mut plans = by_unit(app, PLAN_LEAVES_ALL, program).await?;
    let today = ctx.today();
    let standing = |unit: Unit| {
        let quotas = QuotaHistory {
            own: histories.get(&unit.id).cloned().unwrap_or_default(),
            own_now: own.get(&unit.id).and_then(|(_, quota)| *quota),
            ..campaign.clone()
        };
        let typed = counts.remove(&unit.id).unwrap_or_default();
        let visits = visits.remove(&unit.id).unwrap_or_default();
        let plans = plans.remove(&unit.id).unwrap_or_default();
        let facts = facts(program, &planned, &quotas, typed, visits, plans);
        let until = match facts.counts.contains_key(&today) {
            true => today.plus_days(1),
            false => today,
        };
        let ledger = ledger(&facts, until);
        let room = remaining(
            program,
            &planned,
            &facts,
            capacity.get(&unit.id).copied(),
            until,
        );
        Standing {
            outlook: outlook(ledger.balance, &room),
            quota: quotas.on(today),
            ledger,
            unit,
        }
    };
    Ok(units.into_iter().map(standing).collect())
}

/// Branches of a program that the actor may see, by code, each with the quota
/// of every day of a stretch, in households; 0 on days that are not planned.
///
/// # Errors
/// Only the database.
pub async fn quotas_between(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    from: Day,
    to: Day,
) -> Result<Vec<(Unit, Vec<(Day, i64)>)>> {
    let planned = planned_days(program, &work_calendar(app).await?);
    let units = branches(app, ctx, Permission::PlanRead, program).await?;
    let campaign = campaign_history(app, program).await?;
    let mut histories = own_histories(app, program).await?;
    let own = own_figures(app, program).await?;
    let with_quotas = |unit: Unit| {
        let quotas = QuotaHistory {
            own: histories.remove(&unit.id).unwrap_or_default(),
            own_now: own.get(&unit.id).and_then(|(_, quota)| *quota),
            ..campaign.clone()
        };
        let on = |day: Day| match planned.contains_key(&day) {
            true => quotas.on(day),
            false => 0,
        };
        let days = from.through(to).map(|day| (day, on(day))).collect();
        (unit, days)
    };
    Ok(units.into_iter().map(with_quotas).collect())
}

async fn by_unit(
    app: &App,
    statement: zf_store::Sql,
    program: &Program,
) -> Result<HashMap<UnitId, BTreeMap<Day, i64>>> {
    let mut all: HashMap<UnitId, BTreeMap<Day, i64>> = HashMap::new();
    for r in app.db.query(statement, params![program.id]).await? {
        all.entry(r.get(0)?)
            .or_default()
            .insert(r.get(1)?, r.get(2)?);
    }
    Ok(all)
}

fn runs(program: &Program) -> Result<()> {
    match program.state {
        State::Started | State::Paused => Ok(()),
        State::Draft | State::Closed => Err(KernelError::refused(ErrorCode::CONFLICT)),
    }
}

fn day_of(program: &Program, ctx: &Ctx, day: Day) -> Result<()> {
    let last = program.last_day.min(ctx.today());
    if (program.first_day..=last).contains(&day) {
        return Ok(());
    }
    Err(KernelError::field("day", "field.range"))
}

/// Types the households visited on a day; a correction says why, and what was
/// typed before stays.
///
/// # Errors
/// A day outside of the campaign or in the future, a number out of range, a
/// correction without reason; `conflict` before the start and after the end.
pub async fn count_put(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    day: Day,
    households: i64,
    reason: &str,
) -> Result<()> {
    runs(program)?;
    day_of(program, ctx, day)?;
    if !(0..=HOUSEHOLDS_MAX).contains(&households) {
        return Err(KernelError::field("households", "field.range"));
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let rows = tx
        .query(VISIT_COUNTS_OF_DAY, params![program.id, day])
        .await?;
    let before = rows.last().map(count).transpose()?;
    let reason = match &before {
        Some(_) => clear_text("reason", reason)?,
        None => String::new(),
    };
    let seq = before.as_ref().map_or(1, |c| c.seq + 1);
    let row = params![
        program.id,
        day,
        seq,
        households,
        TYPED,
        reason.as_str(),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(VISIT_COUNT_ADD, row).await?;
    let detail = json!({
        "code": program.code, "day": day, "households": households, "seq": seq,
        "before": before.map(|c| c.households), "reason": reason
    });
    tx.record("visit_count.put", "program", program.id, detail);
    tx.commit().await
}

/// What a sweep of a village group brought.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The group.
    pub village_group_id: VillageGroupId,
    /// Its name with its village.
    pub name: String,
    /// The day.
    pub day: Day,
    /// Id of the window in the campaign file.
    pub window: String,
    /// Households met.
    pub households_met: i64,
    /// Traces that were left, codes.
    pub traces: Vec<String>,
    /// When typed.
    pub at: Timestamp,
    /// By whom.
    pub by_name: String,
}

/// Sweeps of a branch, newest first.
///
/// # Errors
/// Only the database.
pub async fn sweeps(app: &App, program: &Program, unit: UnitId) -> Result<Vec<Sweep>> {
    let rows = app.read_unit(unit, SWEEPS, params![program.id]).await?;
    rows.iter()
        .map(|r| {
            let (village, group): (String, String) = (r.get(1)?, r.get(2)?);
            let traces: String = r.get(6)?;
            Ok(Sweep {
                village_group_id: r.get(0)?,
                name: format!("{village}{group}"),
                day: r.get(3)?,
                window: r.get(4)?,
                households_met: r.get(5)?,
                traces: traces
                    .split(',')
                    .filter(|t| !t.is_empty())
                    .map(str::to_owned)
                    .collect(),
                at: r.get(7)?,
                by_name: r.get(8)?,
            })
        })
        .collect()
}

/// Writes down what a sweep brought; written again it replaces.
///
/// # Errors
/// A group, window or trace that is not known, a day outside of the campaign
/// or in the future, a number out of range; `conflict` before the start.
pub async fn sweep_put(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    sweep: &NewSweep,
) -> Result<()> {
    runs(program)?;
    day_of(program, ctx, sweep.day)?;
    let d = &program.definition;
    let groups = village_group_list(app, scope).await?;
    if !groups.iter().any(|g| g.id == sweep.village_group_id) {
        return Err(KernelError::field("village_group_id", "field.not_in_list"));
    }
    if d.window(&sweep.window).is_none() {
        return Err(KernelError::field("window", "field.not_in_list"));
    }
    if !(0..=HOUSEHOLDS_MAX).contains(&sweep.households_met) {
        return Err(KernelError::field("households_met", "field.range"));
    }
    let known = |t: &String| d.evidence.traces.contains(t);
    if sweep.traces.len() > TRACES_MAX || !sweep.traces.iter().all(known) {
        return Err(KernelError::field("traces", "field.not_in_list"));
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let row = params![
        program.id,
        sweep.village_group_id,
        sweep.day,
        sweep.window.as_str(),
        sweep.households_met,
        sweep.traces.join(","),
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(SWEEP_PUT, row).await?;
    let detail = json!({
        "code": program.code, "day": sweep.day, "window": sweep.window,
        "village_group": sweep.village_group_id, "households_met": sweep.households_met
    });
    tx.record("sweep.put", "program", program.id, detail);
    tx.commit().await
}

/// What is written down of a sweep.
#[derive(Clone, Debug)]
pub struct NewSweep {
    /// The group.
    pub village_group_id: VillageGroupId,
    /// The day.
    pub day: Day,
    /// Id of the window in the campaign file.
    pub window: String,
    /// Households met.
    pub households_met: i64,
    /// Traces that were left, codes of the campaign file.
    pub traces: Vec<String>,
}
