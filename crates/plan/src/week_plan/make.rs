//! Making the plans of a week: branches are read one after the other, solved in
//! parallel on threads of their own, and written one transaction per branch. A
//! confirmed plan is never touched; a draft is replaced and counts one version
//! more. Deterministic: the same data give the same plan.

use super::assign::{BranchPlan, Goal, PlannedRoute, PlannedStop, Why, plan_keeping, seed_of};
use super::days::{PlanDay, week_days};
use super::desk::arrange::{Arranged, Arrangement, Place};
use super::desk::stood::{Left, Stood};
use super::facts::BranchFacts;
use super::keep::{Changes, Kept, ShiftKey, changes, planned};
use super::load::branch_facts;
use super::program;
use super::store::*;
use super::told::Told;
use super::{CONFIRMED, Header, desk, service};
use crate::program::Program;
use crate::program::life::may_go_on;
use crate::targets::service::{target_build, target_count};
use rayon::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use zf_base::code::ErrorCode;
use zf_base::{Day, IsoWeek, RouteId, StopId, Timestamp, UnitId, WeekPlanId};
use zf_kernel::calendar::work_calendar;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::Level;
use zf_kernel::unit::service::unit_by_code;
use zf_kernel::{App, Ctx, Permission, UnitScope, UnitTx};
use zf_store::{Value, params};

/// What became of one branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// A draft was made.
    Planned,
    /// Left alone: the plan is confirmed.
    Released,
    /// Left alone: no coordinates at all.
    NoPlace,
}

/// One branch of a summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchResult {
    /// Branch.
    pub unit_id: UnitId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub became: Became,
    /// Households planned.
    pub planned: i64,
    /// Quota × planned days.
    pub needed: i64,
    /// Owed from before.
    pub carried: i64,
    /// Still open, debt included.
    pub left: i64,
    /// Routes.
    pub routes: i64,
    /// What is different from the earlier plan; none when it is the first.
    pub changes: Option<Changes>,
}

/// What planning a week did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Code of the program.
    pub program: String,
    /// The week.
    pub week: IsoWeek,
    /// By code of the branch.
    pub branches: Vec<BranchResult>,
}

impl Summary {
    /// Branches that became this.
    pub fn count(&self, became: Became) -> usize {
        self.branches.iter().filter(|b| b.became == became).count()
    }
}

/// Plans a week for the command line: all branches of a program, or those at or
/// below the unit with the given code. `told` hears (done, total, name).
///
/// # Errors
/// Unknown program or unit, no right, a single branch whose plan is confirmed.
pub async fn plan_weeks(
    app: &App,
    ctx: &Ctx,
    program_code: &str,
    week: IsoWeek,
    unit_code: Option<&str>,
    told: &impl Told,
) -> Result<Summary> {
    let program = program::by_code(app, ctx, Permission::PlanWrite, program_code).await?;
    let unit = match unit_code {
        Some(code) => {
            let unit = unit_by_code(app, code).await?;
            Some(
                unit.ok_or_else(|| KernelError::refused(ErrorCode::UNIT_NOT_FOUND))?
                    .id,
            )
        }
        None => None,
    };
    plan_week(app, ctx, &program, week, unit, told).await
}

/// Refuses what cannot be planned at all: a closed program, a confirmed branch.
pub async fn may_plan(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    unit: Option<UnitId>,
) -> Result<()> {
    may_go_on(program)?;
    let Some(id) = unit else { return Ok(()) };
    let scope = program.scope(app, ctx, Permission::PlanWrite, id).await?;
    if scope.unit().level != Level::Branch {
        return Ok(());
    }
    match service::header(app, program.id, &scope, week).await? {
        Some(h) if h.state == CONFIRMED => Err(KernelError::refused(ErrorCode::PLAN_RELEASED)),
        _ => Ok(()),
    }
}

/// Plans a week for a program's branches, or those at or below one unit.
pub async fn plan_week(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    unit: Option<UnitId>,
    told: &impl Told,
) -> Result<Summary> {
    may_plan(app, ctx, program, week, unit).await?;
    let branches = program
        .branches(app, ctx, Permission::PlanWrite, unit)
        .await?;
    let days = week_days(&program.definition, &work_calendar(app).await?, week);
    let total = branches.len() as i64;
    let mut summary = Summary {
        program: program.code.clone(),
        week,
        branches: vec![],
    };
    // Two rounds of work per thread: enough to keep all busy, few enough that
    // a stopped job has lost little.
    let at_once = rayon::current_num_threads().max(1) * 2;
    for part in branches.chunks(at_once) {
        let name = part.first().map_or("", |s| s.unit().name.as_str());
        told.told(summary.branches.len() as i64, total, name)
            .await?;
        summary
            .branches
            .extend(plan_part(app, ctx, program, week, &days, part).await?);
    }
    told.told(total, total, "").await?;
    Ok(summary)
}

/// Plans a week for the branches that have no plan of it yet, with targets brought
/// up to date first; done again it changes nothing.
///
/// # Errors
/// The database; the job was stopped.
pub async fn plan_missing(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    told: &impl Told,
) -> Result<Summary> {
    let known = service::headers(app, program.id, week).await?;
    let mut branches = program
        .branches(app, ctx, Permission::PlanWrite, None)
        .await?;
    branches.retain(|b| !known.contains_key(&b.unit_id()));
    let days = week_days(&program.definition, &work_calendar(app).await?, week);
    let mut summary = Summary {
        program: program.code.clone(),
        week,
        branches: vec![],
    };
    let total = branches.len() as i64;
    for (done, scope) in branches.iter().enumerate() {
        let name = scope.unit().name.as_str();
        told.told(done as i64, total, name).await?;
        target_build(app, ctx, program, scope).await?;
        let one = std::slice::from_ref(scope);
        let made = plan_part(app, ctx, program, week, &days, one).await?;
        summary.branches.extend(made);
    }
    told.told(total, total, "").await?;
    Ok(summary)
}

/// A branch that is read and waits for its plan.
struct Read<'a> {
    scope: &'a UnitScope,
    facts: BranchFacts,
    old: Option<Arrangement>,
}

/// Plans one branch again (or for the first time) while the caller waits.
///
/// # Errors
/// The plan is confirmed; the database.
pub async fn plan_one(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    scope: &UnitScope,
    week: IsoWeek,
) -> Result<BranchResult> {
    may_plan(app, ctx, program, week, Some(scope.unit_id())).await?;
    let days = week_days(&program.definition, &work_calendar(app).await?, week);
    let part = std::slice::from_ref(scope);
    let results = plan_part(app, ctx, program, week, &days, part).await?;
    let one = results.into_iter().next();
    one.ok_or_else(|| KernelError::refused(ErrorCode::PLAN_NOT_FOUND))
}

/// What has begun is over: nothing of today's week before this moment changes.
pub(super) fn over(ctx: &Ctx, week: IsoWeek) -> Option<(Day, i64)> {
    let today = ctx.today();
    let inside = week.days().contains(&today);
    inside.then(|| (today, ctx.now.seconds_of_day()))
}

async fn plan_part(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    days: &[PlanDay],
    part: &[UnitScope],
) -> Result<Vec<BranchResult>> {
    let mut results = Vec::new();
    let mut read = Vec::new();
    for scope in part {
        match read_branch(app, ctx, program, week, scope).await? {
            Ok((facts, old)) => read.push(Read { scope, facts, old }),
            Err(result) => results.push(result),
        }
    }
    let plans = solve(program, week, days, &read).await?;
    for (r, plan) in read.iter().zip(&plans) {
        results.push(write(app, ctx, program, week, r, plan).await?);
    }
    results.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(results)
}

fn result(scope: &UnitScope, became: Became) -> BranchResult {
    BranchResult {
        unit_id: scope.unit_id(),
        code: scope.unit().code.clone(),
        name: scope.unit().name.clone(),
        became,
        planned: 0,
        needed: 0,
        carried: 0,
        left: 0,
        routes: 0,
        changes: None,
    }
}

async fn read_branch(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    scope: &UnitScope,
) -> Result<std::result::Result<(BranchFacts, Option<Arrangement>), BranchResult>> {
    let header = service::header(app, program.id, scope, week).await?;
    if let Some(h) = header.as_ref().filter(|h| h.state == CONFIRMED) {
        let left = h.left();
        let kept = result(scope, Became::Released);
        return Ok(Err(BranchResult {
            planned: h.planned,
            needed: h.needed,
            carried: h.carried,
            left,
            ..kept
        }));
    }
    // From the command line nobody has pressed "build the list" before.
    if target_count(app, program.id, scope).await? == 0 {
        target_build(app, ctx, program, scope).await?;
    }
    let Some(mut facts) = branch_facts(app, program, scope, week).await? else {
        return Ok(Err(result(scope, Became::NoPlace)));
    };
    let mut old = None;
    if header.is_some() {
        let plan = service::week_plan(app, program, scope, week).await?;
        let before = Arrangement::of(&plan);
        let home = |r: &Arranged| facts.stays_home(&program.definition, r);
        let kept = Kept::of(&before, over(ctx, week), &home);
        facts.kept = kept;
        old = Some(before);
    }
    Ok(Ok((facts, old)))
}

/// Solves branches in parallel, away from the async threads.
async fn solve(
    program: &Program,
    week: IsoWeek,
    days: &[PlanDay],
    read: &[Read<'_>],
) -> Result<Vec<BranchPlan>> {
    let definition = program.definition.clone();
    let tuning = program.tuning()?;
    let days = days.to_vec();
    let work: Vec<(BranchFacts, Option<Arrangement>, u64)> = read
        .iter()
        .map(|r| {
            let seed = seed_of(&r.scope.unit().code, &week.to_string());
            (r.facts.clone(), r.old.clone(), seed)
        })
        .collect();
    let solved = tokio::task::spawn_blocking(move || {
        let one = |(facts, old, seed): &(BranchFacts, Option<Arrangement>, u64)| {
            plan_keeping(&definition, &tuning, facts, old.as_ref(), &days, *seed)
        };
        work.par_iter()
            .map(one)
            .collect::<std::result::Result<Vec<_>, _>>()
    });
    let solved = solved
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    solved.map_err(|e| KernelError::Internal(e.to_string()))
}

/// Writes one branch's plan in one transaction.
async fn write(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    read: &Read<'_>,
    plan: &BranchPlan,
) -> Result<BranchResult> {
    let scope = read.scope;
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let old = tx
        .query_opt(WEEK_PLAN_BY_WEEK, params![program.id, week])
        .await?;
    let old = old.as_ref().map(service::read_header).transpose()?;
    let id = old
        .as_ref()
        .map_or_else(|| WeekPlanId(app.new_id()), |h| h.id);
    let figures = figures(ctx, program, plan);
    if let Some(h) = &old {
        remember(app, &mut tx, ctx, h, read.old.as_ref()).await?;
        let p = params![id].into_iter().chain(figures).collect();
        if tx.exec(WEEK_PLAN_REPLACE, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
        }
        for sql in [PLAN_UNSERVED_CLEAR, PLAN_STOPS_CLEAR, PLAN_ROUTES_CLEAR] {
            tx.exec(sql, params![id]).await?;
        }
    } else {
        let key = params![id, program.id, week];
        tx.exec(WEEK_PLAN_ADD, key.into_iter().chain(figures).collect())
            .await?;
    }
    write_rows(app, &mut tx, id, plan, read.old.as_ref()).await?;
    let version = old.map_or(1, |h| h.version + 1);
    let changes = read.old.as_ref().map(|before| changes(before, plan));
    let mut detail = json!({
        "program": program.code, "program_version": program.version, "week": week, "version": version,
        "planned": plan.planned, "needed": plan.needed, "carried": plan.carried
    });
    if let Some(c) = &changes {
        detail["changes"] =
            json!({ "added": c.added.len(), "removed": c.removed.len(), "moved": c.moved.len() });
    }
    tx.record("plan.make", "week_plan", id, detail);
    tx.commit().await?;
    Ok(BranchResult {
        planned: plan.planned,
        needed: plan.needed,
        carried: plan.carried,
        left: (plan.carried + plan.needed - plan.planned).max(0),
        routes: plan.routes.len() as i64,
        changes,
        ..result(scope, Became::Planned)
    })
}

/// Notes what stood before, so that planning again can be taken back.
async fn remember(
    app: &App,
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    h: &Header,
    before: Option<&Arrangement>,
) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let mut listed = Vec::new();
    for row in tx.query(PLAN_UNSERVED_STORED, params![h.id]).await? {
        let why: String = row.get(1)?;
        let why = serde_json::from_str(&why).unwrap_or(Why::Later);
        listed.push((row.get(0)?, why));
    }
    let left = Left {
        out: h.left_out,
        listed,
    };
    let stood = Stood::whole(before, left);
    desk::undo::remember(app, tx, ctx, h, &stood).await
}

fn figures(ctx: &Ctx, program: &Program, plan: &BranchPlan) -> Vec<Value> {
    let meters: i64 = plan.routes.iter().map(|r| r.travel_meters).sum();
    params![
        plan.planned,
        plan.needed,
        plan.carried,
        plan.shortfall(),
        plan.travel_seconds,
        meters,
        plan.teams,
        // The seed has 63 bits.
        plan.seed as i64,
        program.version,
        ctx.now,
        ctx.actor.user_id,
        plan.left_out
    ]
}

/// Columns of [`route_row`], the unit first.
pub(super) const ROUTE_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "week_plan_id",
    "day",
    "seq",
    "team_code",
    "team_name",
    "kind",
    "starts",
    "ends",
    "members",
    "travel_seconds",
    "travel_meters",
    "back_at",
    "locked_at",
];

/// Columns of [`stop_row`], the unit first.
pub(super) const STOP_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "week_plan_id",
    "route_id",
    "seq",
    "target_id",
    "village_group_id",
    "households",
    "arrive",
    "leave",
    "lat",
    "lon",
    "approximate",
    "struck_at",
    "locked_at",
];

/// Columns of households left out, the unit first.
pub(super) const UNSERVED_COLUMNS: &[&str] =
    &["unit_id", "week_plan_id", "target_id", "seq", "reason"];

/// What of the earlier rows goes over: ids, locks, and what was struck by hand.
#[derive(Default)]
struct Earlier<'a> {
    routes: HashMap<ShiftKey, &'a Arranged>,
    stops: HashMap<Goal, Vec<(ShiftKey, &'a Place)>>,
    struck: BTreeMap<ShiftKey, Vec<&'a Place>>,
}

impl<'a> Earlier<'a> {
    fn of(old: Option<&'a Arrangement>) -> Earlier<'a> {
        let mut earlier = Earlier::default();
        for route in old.into_iter().flat_map(|o| &o.routes) {
            earlier.routes.insert(route.key.clone(), route);
            for stop in &route.stops {
                let key = route.key.clone();
                if stop.struck.is_none() {
                    let of_goal = earlier.stops.entry(stop.goal).or_default();
                    of_goal.push((key, stop));
                } else if !stop.refused {
                    earlier.struck.entry(key).or_default().push(stop);
                }
            }
        }
        earlier
    }

    /// The earlier stop of a goal: best the one of the same shift, which is still locked.
    fn stop(&mut self, goal: Goal, key: &ShiftKey) -> Option<(StopId, Option<Timestamp>)> {
        let known = self.stops.get_mut(&goal)?;
        match known.iter().position(|(k, _)| k == key) {
            Some(at) => Some(known.remove(at)).map(|(_, s)| (s.id, s.locked)),
            None => known.pop().map(|(_, s)| (s.id, None)),
        }
    }
}

/// Rows of a plan being written.
#[derive(Default)]
struct Rows {
    routes: Vec<Vec<Value>>,
    stops: Vec<Vec<Value>>,
}

impl Rows {
    fn route(
        &mut self,
        id: RouteId,
        plan: WeekPlanId,
        r: &PlannedRoute,
        locked: Option<Timestamp>,
    ) {
        let seq = self.routes.len();
        self.routes.push(route_row(id, plan, seq, r, locked));
    }

    fn struck(&mut self, plan: WeekPlanId, route: RouteId, from: usize, stops: &[&Place]) {
        for (n, s) in stops.iter().enumerate() {
            let stop = PlannedStop {
                goal: s.goal,
                households: s.households,
                arrive: s.arrive,
                leave: s.leave,
                place: s.place,
                approximate: s.approximate,
            };
            let seq = (from + n) as i64 + 1;
            self.stops
                .push(stop_row(s.id, plan, route, seq, &stop, s.struck, None));
        }
    }
}

/// One row of a route; `seq` from 0.
pub(super) fn route_row(
    id: RouteId,
    plan: WeekPlanId,
    seq: usize,
    r: &PlannedRoute,
    locked: Option<Timestamp>,
) -> Vec<Value> {
    let members: Vec<_> = r
        .members
        .iter()
        .map(|p| json!({ "post": p.post, "name": p.name }))
        .collect();
    params![
        id,
        plan,
        r.day,
        seq as i64 + 1,
        r.team_code.as_str(),
        r.team_name.as_str(),
        r.kind.as_str(),
        r.starts,
        r.ends,
        json!(members).to_string(),
        r.travel_seconds,
        r.travel_meters,
        r.back_at,
        locked
    ]
}

async fn write_rows(
    app: &App,
    tx: &mut UnitTx<'_>,
    plan_id: WeekPlanId,
    plan: &BranchPlan,
    old: Option<&Arrangement>,
) -> Result<()> {
    let mut earlier = Earlier::of(old);
    let mut rows = Rows::default();
    for r in &plan.routes {
        let key = ShiftKey::of(r);
        let before = earlier.routes.get(&key);
        let (route, locked) =
            before.map_or_else(|| (RouteId(app.new_id()), None), |b| (b.id, b.locked));
        rows.route(route, plan_id, r, locked);
        for (seq, stop) in r.stops.iter().enumerate() {
            let known = earlier.stop(stop.goal, &key);
            let (id, locked) = known.unwrap_or_else(|| (StopId(app.new_id()), None));
            let seq = seq as i64 + 1;
            rows.stops
                .push(stop_row(id, plan_id, route, seq, stop, None, locked));
        }
        let struck = earlier.struck.remove(&key).unwrap_or_default();
        rows.struck(plan_id, route, r.stops.len(), &struck);
    }
    // What was struck stays to be seen even when nobody goes out on that shift any more.
    for (key, struck) in &earlier.struck {
        if let Some(before) = earlier.routes.get(key) {
            let emptied = PlannedRoute {
                travel_seconds: 0,
                travel_meters: 0,
                back_at: before.key.start,
                stops: vec![],
                ..planned(before)
            };
            rows.route(before.id, plan_id, &emptied, None);
            rows.struck(plan_id, before.id, 0, struck);
        }
    }
    let mut unserved = Vec::new();
    for (seq, (target, why)) in plan.unserved.iter().enumerate() {
        let seq = seq as i64 + 1;
        unserved.push(params![plan_id, *target, seq, json!(why).to_string()]);
    }
    for (table, columns, rows) in [
        ("plan_route", ROUTE_COLUMNS, rows.routes),
        ("plan_stop", STOP_COLUMNS, rows.stops),
        ("plan_unserved", UNSERVED_COLUMNS, unserved),
    ] {
        if !rows.is_empty() {
            tx.bulk(table, columns, rows).await?;
        }
    }
    Ok(())
}

/// One row of a stop; `seq` from 1.
pub(super) fn stop_row(
    id: StopId,
    plan: WeekPlanId,
    route: RouteId,
    seq: i64,
    stop: &PlannedStop,
    struck: Option<Timestamp>,
    locked: Option<Timestamp>,
) -> Vec<Value> {
    let (target, group) = match stop.goal {
        Goal::Target(id) => (Some(id), None),
        Goal::Group(id) => (None, Some(id)),
    };
    params![
        id,
        plan,
        route,
        seq,
        target,
        group,
        stop.households,
        stop.arrive,
        stop.leave,
        stop.place.lat(),
        stop.place.lon(),
        stop.approximate,
        struck,
        locked
    ]
}
