//! Reads a draft onto the desk, tries an edit and writes it: the rows that
//! change, the edit with what stood before it, and one event. Two people on one
//! draft do not overwrite each other: the second is refused and sees the new plan.

use super::arrange::{Arranged, Arrangement, Edit, EditFault, FreeShift, Place, Stood};
use super::effect::{Judge, Problem};
use super::store::*;
use crate::program::Program;
use crate::week_plan::days::{PlanDay, week_days};
use crate::week_plan::facts::BranchFacts;
use crate::week_plan::keep::ShiftKey;
use crate::week_plan::load::plan_facts;
use crate::week_plan::make::{ROUTE_COLUMNS, over, route_row};
use crate::week_plan::service::{not_planned, week_plan};
use crate::week_plan::tuning::Tuning;
use crate::week_plan::{CONFIRMED, Header, WeekPlan, keep};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, RouteId, StopId, Uuid};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::{Value, params};

/// A plan with everything needed to judge changes of it.
pub struct Desk {
    /// As read.
    pub plan: WeekPlan,
    /// The same as something to rearrange.
    pub now: Arrangement,
    facts: BranchFacts,
    tuning: Tuning,
    days: Vec<PlanDay>,
}

impl Desk {
    /// Reads a plan and the facts around it.
    ///
    /// # Errors
    /// No plan of this week.
    pub async fn load(
        app: &App,
        ctx: &Ctx,
        program: &Program,
        scope: &UnitScope,
        week: IsoWeek,
    ) -> Result<Desk> {
        let plan = week_plan(app, program, scope, week).await?;
        let facts = plan_facts(app, program, scope, week, plan.header.id).await?;
        let mut facts = facts.ok_or_else(not_planned)?;
        facts.kept.from = over(ctx, week);
        let now = Arrangement::of(&plan);
        Ok(Desk {
            now,
            facts,
            tuning: program.tuning()?,
            days: week_days(&program.definition, &work_calendar(app).await?, week),
            plan,
        })
    }

    /// The judge of this plan.
    pub fn judge<'a>(&'a self, program: &'a Program) -> Judge<'a> {
        Judge::new(&program.definition, &self.tuning, &self.facts, &self.days)
    }
}

/// What an edit does.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Routes that change: as they were (none when new), as they are then.
    pub routes: Vec<(Option<Arranged>, Arranged)>,
    /// Rules broken then.
    pub problems: Vec<Problem>,
    /// Those of them that were broken before.
    pub known: Vec<Problem>,
    /// Stops that would have to go for the route to be back in time.
    pub falls_out: Vec<StopId>,
    /// They were struck out with the edit.
    pub fitted: bool,
    /// Households planned before.
    pub planned_before: i64,
    /// Households planned then.
    pub planned: i64,
    /// More (or fewer) seconds on the road.
    pub travel_seconds: i64,
}

/// How an edit is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Only say what it would do.
    pub preview: bool,
    /// Strike out what does not fit any more.
    pub fit: bool,
}

fn refusal(fault: EditFault) -> KernelError {
    match fault {
        EditFault::NotThere => KernelError::refused(ErrorCode::NOT_FOUND),
        EditFault::Locked => KernelError::field("edit", "plan.locked"),
        EditFault::OtherKind => KernelError::field("edit", "plan.other_kind"),
        EditFault::Taken => KernelError::field("edit", "plan.taken"),
        EditFault::Over => KernelError::field("edit", "plan.over"),
    }
}

fn planned(plan: &Arrangement) -> i64 {
    let stops = plan.routes.iter().flat_map(Arranged::standing);
    stops.map(|s| s.households).sum()
}

fn travel(plan: &Arrangement) -> i64 {
    plan.routes.iter().map(|r| r.travel_seconds).sum()
}

/// Are the standing stops of a route other ones, or in another order?
fn changed(before: &Arrangement, route: &Arranged) -> bool {
    let old = before.routes.iter().find(|r| r.id == route.id);
    let ids = |r: &Arranged| r.standing().map(|s| s.id).collect::<Vec<_>>();
    old.is_none_or(|old| ids(old) != ids(route))
}

/// Tries an edit on the desk: the arrangement then, and what it means.
///
/// # Errors
/// What the edit itself forbids.
pub fn tried(
    desk: &Desk,
    program: &Program,
    edit: &Edit,
    fit: bool,
    ids: (RouteId, zf_base::Timestamp),
) -> Result<(Arrangement, Effect)> {
    let judge = desk.judge(program);
    if let Edit::Move { stop_id, to } = edit {
        let from = desk.now.find(StopId(*stop_id));
        let from = from.map(|(r, _)| &desk.now.routes[r].key);
        let over = |key: &ShiftKey| desk.facts.kept.over(key.day, key.start);
        if from.is_some_and(over) || over(&to.key()) {
            return Err(refusal(EditFault::Over));
        }
    }
    let free = match edit {
        Edit::Move { .. } => judge.free(&desk.now),
        _ => vec![],
    };
    let edit = judge
        .placed(&desk.now, edit, &free, ids.0)
        .map_err(refusal)?;
    let mut then = desk.now.clone();
    then.apply(&edit, &free, ids.0, ids.1).map_err(refusal)?;
    judge.retime(&mut then, &|r| changed(&desk.now, r));
    let falls_out = match edit {
        Edit::Move { stop_id, .. } | Edit::Restore { stop_id } => {
            let at = then.find(StopId(stop_id));
            at.map_or(vec![], |(r, _)| {
                judge.falls_out(&then.routes[r], StopId(stop_id))
            })
        }
        _ => vec![],
    };
    let fitted = fit && !falls_out.is_empty();
    if fitted {
        for stop in &falls_out {
            let strike = Edit::Strike {
                stop_id: stop.uuid(),
            };
            then.apply(&strike, &[], ids.0, ids.1).map_err(refusal)?;
        }
        judge.retime(&mut then, &|r| changed(&desk.now, r));
    }
    let effect = effect(&judge, &desk.now, &then, falls_out, fitted);
    Ok((then, effect))
}

fn effect(
    judge: &Judge<'_>,
    now: &Arrangement,
    then: &Arrangement,
    falls_out: Vec<StopId>,
    fitted: bool,
) -> Effect {
    let known = judge.problems(now);
    let problems = judge.problems(then);
    let mut routes = Vec::new();
    for route in &then.routes {
        let old = now.routes.iter().find(|r| r.id == route.id);
        if old != Some(route) {
            routes.push((old.cloned(), route.clone()));
        }
    }
    Effect {
        routes,
        known: problems
            .iter()
            .filter(|p| known.contains(p))
            .cloned()
            .collect(),
        problems,
        falls_out,
        fitted,
        planned_before: planned(now),
        planned: planned(then),
        travel_seconds: travel(then) - travel(now),
    }
}

/// Does an edit on a draft, or only says what it would do.
///
/// # Errors
/// The plan is confirmed; the edit is not possible; somebody else changed the
/// plan meanwhile.
pub async fn edit(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
    wanted: &Edit,
    how: How,
) -> Result<(Desk, Effect)> {
    let desk = Desk::load(app, ctx, program, scope, week).await?;
    if desk.plan.header.state == CONFIRMED {
        return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
    }
    let ids = (RouteId(app.new_id()), ctx.now);
    let (then, effect) = tried(&desk, program, wanted, how.fit, ids)?;
    if how.preview {
        return Ok((desk, effect));
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    write(&mut tx, &desk.plan.header, &desk.now, &then).await?;
    let h = &desk.plan.header;
    let stood = serde_json::to_string(&Stood::of(&desk.now)).unwrap_or_default();
    let note = params![
        app.new_id(),
        h.id,
        h.version,
        h.edits + 1,
        wanted.kind(),
        json!(wanted).to_string(),
        stood,
        ctx.now,
        ctx.actor.user_id,
        ctx.actor.name.as_str()
    ];
    tx.exec(PLAN_EDIT_ADD, note).await?;
    let detail = json!({
        "week": week, "version": h.version, "edit": wanted, "also_struck": if effect.fitted { effect.falls_out.len() } else { 0 }
    });
    tx.record(action(wanted), "week_plan", h.id, detail);
    tx.commit().await?;
    Ok((desk, effect))
}

fn action(edit: &Edit) -> &'static str {
    match edit {
        Edit::Move { .. } => "plan.move",
        Edit::Strike { .. } => "plan.strike",
        Edit::Restore { .. } => "plan.restore",
        Edit::LockStop { .. } | Edit::LockRoute { .. } | Edit::LockDay { .. } => "plan.lock",
    }
}

/// Takes the last edit of a draft back.
///
/// # Errors
/// Nothing to take back; the plan is confirmed.
pub async fn undo(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<(Desk, Effect)> {
    let desk = Desk::load(app, ctx, program, scope, week).await?;
    let h = &desk.plan.header;
    if h.state == CONFIRMED {
        return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
    }
    let rows = app
        .read_unit(scope.unit_id(), PLAN_EDIT_LAST, params![h.id, h.version])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))?;
    let (id, kind, stood): (Uuid, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let stood: Stood = serde_json::from_str(&stood)
        .map_err(|e| KernelError::Internal(format!("what stood before an edit: {e}")))?;
    let judge = desk.judge(program);
    let free: Vec<FreeShift> = judge.free(&desk.now);
    let mut then = desk.now.clone();
    then.put_back(&stood, &free).map_err(refusal)?;
    judge.retime(&mut then, &|r| changed(&desk.now, r));
    let effect = effect(&judge, &desk.now, &then, vec![], false);
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    write(&mut tx, h, &desk.now, &then).await?;
    tx.exec(PLAN_EDIT_UNDONE, params![id, ctx.now]).await?;
    let detail = json!({ "week": week, "version": h.version, "undone": kind });
    tx.record("plan.undo", "week_plan", h.id, detail);
    tx.commit().await?;
    Ok((desk, effect))
}

/// Takes the draft for one change, with its new figures.
async fn take(tx: &mut UnitTx<'_>, h: &Header, then: &Arrangement) -> Result<()> {
    let out = |r: &&Arranged| r.standing().next().is_some();
    let teams: BTreeSet<&str> = then
        .routes
        .iter()
        .filter(out)
        .map(|r| r.key.team_code.as_str())
        .collect();
    let meters: i64 = then.routes.iter().map(|r| r.travel_meters).sum();
    let sum = planned(then);
    let figures = params![
        h.id,
        h.version,
        h.edits,
        sum,
        (h.needed - sum).max(0),
        travel(then),
        meters,
        teams.len() as i64
    ];
    match tx.exec(PLAN_EDITED, figures).await? {
        0 => Err(KernelError::refused(ErrorCode::CONFLICT)),
        _ => Ok(()),
    }
}

/// Rows of the stops of a route that are not as they were.
fn stop_rows(known: &[Place], route: &Arranged) -> Vec<Vec<Value>> {
    let stops = route.stops.iter().enumerate();
    let other = stops.filter(|(seq, stop)| known.get(*seq) != Some(stop));
    let row = |(seq, stop): (usize, &Place)| {
        params![
            stop.id,
            route.id,
            seq as i64 + 1,
            stop.arrive,
            stop.leave,
            stop.struck,
            stop.locked
        ]
    };
    other.map(row).collect()
}

/// Writes the rows that differ.
async fn write(
    tx: &mut UnitTx<'_>,
    h: &Header,
    now: &Arrangement,
    then: &Arrangement,
) -> Result<()> {
    take(tx, h, then).await?;
    let old: HashMap<RouteId, &Arranged> = now.routes.iter().map(|r| (r.id, r)).collect();
    let (mut opened, mut routes, mut stops) = (Vec::new(), Vec::new(), Vec::new());
    for (seq, route) in then.routes.iter().enumerate() {
        match old.get(&route.id) {
            None if route.stops.is_empty() => {}
            None => {
                let planned = keep::planned(route);
                opened.push(route_row(route.id, h.id, seq, &planned, route.locked));
            }
            Some(before) if *before != route => routes.push(params![
                route.id,
                route.travel_seconds,
                route.travel_meters,
                route.back_at,
                route.locked
            ]),
            Some(_) => {}
        }
        let known = old.get(&route.id).map_or(&[][..], |r| &r.stops);
        stops.extend(stop_rows(known, route));
    }
    if !opened.is_empty() {
        tx.bulk("plan_route", ROUTE_COLUMNS, opened).await?;
    }
    for (sql, rows) in [(PLAN_ROUTE_PUT, routes), (PLAN_STOP_PUT, stops)] {
        if !rows.is_empty() {
            tx.exec_many(sql, rows).await?;
        }
    }
    let emptied = then.routes.iter().filter(|r| r.stops.is_empty());
    for route in emptied.filter(|r| old.contains_key(&r.id)) {
        tx.exec(PLAN_ROUTE_DROP, params![route.id]).await?;
    }
    Ok(())
}
