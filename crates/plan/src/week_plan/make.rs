//! Making the plans of a week: branches are read one after the other, solved in
//! parallel on threads of their own, and written one transaction per branch. A
//! confirmed plan is never touched; a draft is replaced and counts one version
//! more. Deterministic: the same data give the same plan.

use super::assign::{BranchPlan, Goal, PlannedStop, plan_branch, seed_of};
use super::days::{PlanDay, week_days};
use super::facts::BranchFacts;
use super::load::branch_facts;
use super::program;
use super::store::*;
use super::told::Told;
use super::{CONFIRMED, service};
use crate::program::{Program, State};
use crate::targets::service::{target_build, target_count};
use rayon::prelude::*;
use serde_json::json;
use zf_base::code::ErrorCode;
use zf_base::{IsoWeek, RouteId, StopId, UnitId, WeekPlanId};
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
    if program.state == State::Closed {
        return Err(KernelError::refused(ErrorCode::CONFLICT));
    }
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

/// A branch that is read and waits for its plan.
struct Read<'a> {
    scope: &'a UnitScope,
    facts: BranchFacts,
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
            Ok(facts) => read.push(Read { scope, facts }),
            Err(result) => results.push(result),
        }
    }
    let plans = solve(program, week, days, &read).await?;
    for (r, plan) in read.iter().zip(&plans) {
        results.push(write(app, ctx, program, week, r.scope, plan).await?);
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
    }
}

async fn read_branch(
    app: &App,
    ctx: &Ctx,
    program: &Program,
    week: IsoWeek,
    scope: &UnitScope,
) -> Result<std::result::Result<BranchFacts, BranchResult>> {
    if let Some(h) = service::header(app, program.id, scope, week).await?
        && h.state == CONFIRMED
    {
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
    match branch_facts(app, program, scope, week).await? {
        Some(facts) => Ok(Ok(facts)),
        None => Ok(Err(result(scope, Became::NoPlace))),
    }
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
    let work: Vec<(BranchFacts, u64)> = read
        .iter()
        .map(|r| {
            (
                r.facts.clone(),
                seed_of(&r.scope.unit().code, &week.to_string()),
            )
        })
        .collect();
    let solved = tokio::task::spawn_blocking(move || {
        let one = |(facts, seed): &(BranchFacts, u64)| {
            plan_branch(&definition, &tuning, facts, &days, *seed)
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
    scope: &UnitScope,
    plan: &BranchPlan,
) -> Result<BranchResult> {
    let mut tx = UnitTx::begin(app, ctx, scope).await?;
    let old = tx
        .query_opt(WEEK_PLAN_BY_WEEK, params![program.id, week])
        .await?;
    let old = old.as_ref().map(service::read_header).transpose()?;
    let id = old
        .as_ref()
        .map_or_else(|| WeekPlanId(app.new_id()), |h| h.id);
    let meters: i64 = plan.routes.iter().map(|r| r.travel_meters).sum();
    let figures: Vec<Value> = params![
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
        ctx.actor.user_id
    ];
    if old.is_some() {
        let p = params![id].into_iter().chain(figures).collect();
        if tx.exec(WEEK_PLAN_REPLACE, p).await? == 0 {
            return Err(KernelError::refused(ErrorCode::PLAN_RELEASED));
        }
        for sql in [PLAN_UNSERVED_CLEAR, PLAN_STOPS_CLEAR, PLAN_ROUTES_CLEAR] {
            tx.exec(sql, params![id]).await?;
        }
    } else {
        tx.exec(
            WEEK_PLAN_ADD,
            params![id, program.id, week]
                .into_iter()
                .chain(figures)
                .collect(),
        )
        .await?;
    }
    write_rows(app, &mut tx, id, plan).await?;
    let version = old.map_or(1, |h| h.version + 1);
    let detail = json!({
        "program": program.code, "program_version": program.version, "week": week, "version": version,
        "planned": plan.planned, "needed": plan.needed, "carried": plan.carried
    });
    tx.record("plan.make", "week_plan", id, detail);
    tx.commit().await?;
    Ok(BranchResult {
        planned: plan.planned,
        needed: plan.needed,
        carried: plan.carried,
        left: (plan.carried + plan.needed - plan.planned).max(0),
        routes: plan.routes.len() as i64,
        ..result(scope, Became::Planned)
    })
}

const ROUTE_COLUMNS: &[&str] = &[
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
];

const STOP_COLUMNS: &[&str] = &[
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
];

const UNSERVED_COLUMNS: &[&str] = &["unit_id", "week_plan_id", "target_id", "seq", "reason"];

async fn write_rows(
    app: &App,
    tx: &mut UnitTx<'_>,
    plan_id: WeekPlanId,
    plan: &BranchPlan,
) -> Result<()> {
    let mut routes = Vec::new();
    let mut stops = Vec::new();
    for (seq, r) in plan.routes.iter().enumerate() {
        let route = RouteId(app.new_id());
        let members: Vec<_> = r
            .members
            .iter()
            .map(|p| json!({ "post": p.post, "name": p.name }))
            .collect();
        routes.push(params![
            route,
            plan_id,
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
            r.back_at
        ]);
        for (seq, stop) in r.stops.iter().enumerate() {
            stops.push(stop_row(
                StopId(app.new_id()),
                plan_id,
                route,
                seq as i64 + 1,
                stop,
            ));
        }
    }
    let mut unserved = Vec::new();
    for (seq, (target, why)) in plan.unserved.iter().enumerate() {
        unserved.push(params![
            plan_id,
            *target,
            seq as i64 + 1,
            json!(why).to_string()
        ]);
    }
    for (table, columns, rows) in [
        ("plan_route", ROUTE_COLUMNS, routes),
        ("plan_stop", STOP_COLUMNS, stops),
        ("plan_unserved", UNSERVED_COLUMNS, unserved),
    ] {
        if !rows.is_empty() {
            tx.bulk(table, columns, rows).await?;
        }
    }
    Ok(())
}

fn stop_row(
    id: StopId,
    plan: WeekPlanId,
    route: RouteId,
    seq: i64,
    stop: &PlannedStop,
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
        Option::<zf_base::Timestamp>::None
    ]
}
