//! Reads a draft onto the desk, tries an edit and writes it: the rows that
//! change, the edit with what stood before it, and one event. Two people on one
//! draft do not overwrite each other: the second is refused and sees the new plan.

use super::admit;
use super::arrange::{Arranged, Arrangement, Edit, EditFault, To};
use super::effect::{Judge, Problem, broken, travel};
use super::stood::Stood;
use super::store::*;
use super::write::write;
use crate::program::Program;
use crate::week_plan::assign::Why;
use crate::week_plan::days::{PlanDay, week_days};
use crate::week_plan::facts::BranchFacts;
use crate::week_plan::keep::ShiftKey;
use crate::week_plan::load::plan_facts;
use crate::week_plan::make::over;
use crate::week_plan::service::{not_planned, week_plan};
use crate::week_plan::tuning::Tuning;
use crate::week_plan::{CONFIRMED, WeekPlan};
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, RouteId, StopId, TargetId, Timestamp};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx, UnitScope, UnitTx};
use zf_store::params;

/// A plan with everything needed to judge changes of it.
pub struct Desk {
    /// As read.
    pub plan: WeekPlan,
    /// The same as something to rearrange.
    pub now: Arrangement,
    pub(super) facts: BranchFacts,
    tuning: Tuning,
    days: Vec<PlanDay>,
    /// Masked names of households that are put in, by stop.
    pub(super) names: Vec<(StopId, String)>,
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
            names: vec![],
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
    /// Those of them that fit elsewhere in the week.
    pub resettled: Vec<(StopId, ShiftKey)>,
    /// Those that fit nowhere, and why.
    pub struck: Vec<(StopId, Why)>,
    /// Both were done with the edit.
    pub fitted: bool,
    /// Where the stop goes; none when it does not move.
    pub to: Option<To>,
    /// The edit breaks a rule that nobody may break by hand.
    pub refused: Option<&'static str>,
    /// Stops of an earlier plan that cannot come back.
    pub gone: usize,
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
    /// Put what does not fit any more elsewhere in the week; what fits nowhere is
    /// struck out.
    pub fit: bool,
}

pub(super) fn refusal(fault: EditFault) -> KernelError {
    match fault {
        EditFault::NotThere => KernelError::refused(ErrorCode::NOT_FOUND),
        EditFault::Locked => KernelError::field("edit", "plan.locked"),
        EditFault::OtherKind => KernelError::field("edit", "plan.other_kind"),
        EditFault::Taken => KernelError::field("edit", "plan.taken"),
        EditFault::Over => KernelError::field("edit", "plan.over"),
    }
}

/// Households planned.
pub(super) fn planned(plan: &Arrangement) -> i64 {
    let stops = plan.routes.iter().flat_map(Arranged::standing);
    stops.map(|s| s.households).sum()
}

/// Are the standing stops of a route other ones, or in another order?
pub(super) fn changed(before: &Arrangement, route: &Arranged) -> bool {
    let old = before.routes.iter().find(|r| r.id == route.id);
    let ids = |r: &Arranged| r.standing().map(|s| s.id).collect::<Vec<_>>();
    old.is_none_or(|old| ids(old) != ids(route))
}

/// Gives ids of routes that an edit opens; and the moment.
pub type New<'a> = (&'a dyn Fn() -> RouteId, Timestamp);

/// Nothing on a shift that has begun changes.
fn not_over(desk: &Desk, edit: &Edit) -> Result<()> {
    let over = |key: &ShiftKey| desk.facts.kept.over(key.day, key.start);
    let from = match edit {
        Edit::Move { stop_id, .. } | Edit::MoveDay { stop_id, .. } => {
            desk.now.find(StopId(*stop_id))
        }
        _ => None,
    };
    let from = from.map(|(r, _)| &desk.now.routes[r].key);
    if from.is_some_and(over) || edit.shift().is_some_and(|to| over(&to.key())) {
        return Err(refusal(EditFault::Over));
    }
    Ok(())
}

/// A shift that nobody can go out on is no place for a household.
fn not_on(edit: &Edit, fault: EditFault) -> KernelError {
    match (edit, fault) {
        (Edit::Add { .. }, EditFault::NotThere) => KernelError::field("edit", "plan.add_shift"),
        (_, fault) => refusal(fault),
    }
}

/// Tries an edit on the desk: the arrangement then, and what it means.
///
/// # Errors
/// What the edit itself forbids; a household without a shift that fits nowhere.
pub fn tried(
    desk: &Desk,
    program: &Program,
    edit: &Edit,
    fit: bool,
    (new_route, now): New<'_>,
) -> Result<(Arrangement, Effect)> {
    let (judge, id) = (desk.judge(program), new_route());
    not_over(desk, edit)?;
    let free = match edit {
        Edit::Move { .. } | Edit::MoveDay { .. } | Edit::Add { .. } => judge.free(&desk.now),
        _ => vec![],
    };
    let edit = match edit {
        Edit::Add { to: None, .. } => {
            let found = judge.search(&desk.now, edit, None, (&free, id));
            let best = found.best.or(found.next);
            edit.to(best.ok_or_else(|| KernelError::field("edit", "plan.add_nowhere"))?)
        }
        Edit::MoveDay { stop_id, .. } => {
            let from = desk.now.find(StopId(*stop_id));
            let from = from.map(|(r, _)| desk.now.routes[r].key.clone());
            let found = judge.search(&desk.now, edit, from.as_ref(), (&free, id));
            let best = found.best.or(found.next);
            edit.to(best.ok_or_else(|| KernelError::field("edit", "plan.day_none"))?)
        }
        _ => judge
            .placed(&desk.now, edit, &free, id)
            .map_err(|fault| not_on(edit, fault))?,
    };
    let mut then = desk.now.clone();
    then.apply(&edit, &free, id, now)
        .map_err(|fault| not_on(&edit, fault))?;
    judge.retime(&mut then, &|r| changed(&desk.now, r));
    let falls_out = match placed_stop(&desk.now, &then, &edit) {
        Some(stop) => then
            .find(stop)
            .map_or(vec![], |(r, _)| judge.falls_out(&then.routes[r], stop)),
        None => vec![],
    };
    let known = judge.problems(&desk.now);
    let (fitted, resettled, struck) = resettle(&judge, &then, &falls_out, (new_route, now))?;
    let fits = fit && !falls_out.is_empty();
    if fits {
        then = fitted;
    }
    let mut effect = effect(&judge, &desk.now, &then);
    let hard = broken(&effect.problems, &known);
    let hard: Vec<&&Problem> = hard.iter().filter(|p| p.is_hard()).collect();
    effect.refused = match (&edit, &hard[..]) {
        (Edit::Add { .. }, [Problem::Over { .. }, ..]) => Some("plan.add_window"),
        (Edit::Add { .. }, [_, ..]) => Some("plan.add_shift"),
        _ => None,
    };
    effect.to = edit.shift().cloned();
    let done = Effect {
        falls_out,
        resettled,
        struck,
        fitted: fits,
        ..effect
    };
    Ok((then, done))
}

/// The stop that an edit puts on a shift.
fn placed_stop(now: &Arrangement, then: &Arrangement, edit: &Edit) -> Option<StopId> {
    match edit {
        Edit::Move { stop_id, .. } | Edit::Restore { stop_id } => Some(StopId(*stop_id)),
        Edit::Add { .. } => {
            let stops = then.routes.iter().flat_map(|r| &r.stops);
            let mut fresh = stops.filter(|s| now.find(s.id).is_none());
            fresh.next().map(|s| s.id)
        }
        _ => None,
    }
}

type Resettled = (Arrangement, Vec<(StopId, ShiftKey)>, Vec<(StopId, Why)>);

/// Plans what does not fit on its shift any more elsewhere in the week, the most
/// worth first; what fits nowhere is struck.
fn resettle(
    judge: &Judge<'_>,
    plan: &Arrangement,
    out: &[StopId],
    (new_route, now): New<'_>,
) -> Result<Resettled> {
    let mut then = plan.clone();
    let (mut resettled, mut struck) = (Vec::new(), Vec::new());
    for stop in out.iter().rev() {
        let Some((r, _)) = then.find(*stop) else {
            continue;
        };
        let from = then.routes[r].key.clone();
        let wish = Edit::Move {
            stop_id: stop.uuid(),
            to: To {
                day: from.day,
                team_id: from.team_code.clone(),
                starts: from.start,
                position: None,
            },
        };
        let (free, id) = (judge.free(&then), new_route());
        let found = judge.search(&then, &wish, Some(&from), (&free, id));
        let edit = match found.best {
            Some(to) => {
                resettled.push((*stop, to.key()));
                wish.to(to)
            }
            None => {
                struck.push((*stop, found.why));
                Edit::Strike {
                    stop_id: stop.uuid(),
                }
            }
        };
        let before = then.clone();
        then.apply(&edit, &free, id, now).map_err(refusal)?;
        judge.retime(&mut then, &|r| changed(&before, r));
    }
    Ok((then, resettled, struck))
}

pub(super) fn effect(judge: &Judge<'_>, now: &Arrangement, then: &Arrangement) -> Effect {
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
        falls_out: vec![],
        resettled: vec![],
        struck: vec![],
        fitted: false,
        to: None,
        refused: None,
        gone: 0,
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
    let mut desk = Desk::load(app, ctx, program, scope, week).await?;
    if desk.plan.header.state == CONFIRMED {
        return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
    }
    if let Edit::Add { target_id, .. } = wanted {
        admit::admit(app, program, scope, &mut desk, TargetId(*target_id)).await?;
    }
    let (then, effect) = {
        let new_route = || RouteId(app.new_id());
        tried(&desk, program, wanted, how.fit, (&new_route, ctx.now))?
    };
    if how.preview {
        return Ok((desk, effect));
    }
    if let Some(why) = effect.refused {
        return Err(KernelError::field("edit", why));
    }
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    write(&mut tx, &desk.plan.header, &desk.now, &then, 0).await?;
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
        "week": week, "version": h.version, "edit": wanted,
        "also_moved": if effect.fitted { effect.resettled.len() } else { 0 },
        "also_struck": if effect.fitted { effect.struck.len() } else { 0 }
    });
    tx.record(action(wanted), "week_plan", h.id, detail);
    tx.commit().await?;
    Ok((desk, effect))
}

fn action(edit: &Edit) -> &'static str {
    match edit {
        Edit::Move { .. } | Edit::MoveDay { .. } => "plan.move",
        Edit::Add { .. } => "plan.add",
        Edit::Strike { .. } => "plan.strike",
        Edit::Restore { .. } => "plan.restore",
        Edit::LockStop { .. } | Edit::LockRoute { .. } | Edit::LockDay { .. } => "plan.lock",
    }
}
