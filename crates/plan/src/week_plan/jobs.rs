//! The job that plans a week for all branches of a program, or for those at or
//! below one unit. Its arguments are ids and the week; its result are counts,
//! never names. Idempotent: a draft is replaced, a confirmed plan left alone.

use super::make::{Became, plan_missing, plan_week};
use super::program;
use super::told::JobRow;
use crate::definition::Weekday;
use crate::program::State;
use crate::program::service::program_list;
use serde_json::json;
use std::sync::Arc;
use zf_base::{Day, IsoWeek, ProgramId, UnitId};
use zf_kernel::Permission;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};

/// Kind of the job.
pub const KIND: &str = "plan.week";

/// Kind of the job that makes next week's plans by itself.
pub const KIND_ALL: &str = "plan.week_all";

/// Every day after lunch, in China time: a campaign says itself on which weekday
/// its weeks are planned (`planning.weekday`), and a day that was missed is made up.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: KIND_ALL,
    cron: "0 14 * * *",
}];

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
    handlers.add(KIND_ALL, run_all);
}

/// The week that is due to be planned: the next one, from the campaign's weekday on.
pub fn due_week(weekday: Weekday, today: Day) -> Option<IsoWeek> {
    let planned_on = match weekday {
        Weekday::Monday => 1,
        Weekday::Tuesday => 2,
        Weekday::Wednesday => 3,
        Weekday::Thursday => 4,
        Weekday::Friday => 5,
        Weekday::Saturday => 6,
        Weekday::Sunday => 7,
    };
    (today.weekday() >= planned_on).then(|| today.week().next())
}

/// Plans the next week of every started program for the branches without a plan.
async fn run_all(run: Arc<Run>) -> Result<serde_json::Value> {
    let (app, ctx) = (&run.app, &run.ctx);
    let mut rows = Vec::new();
    for program in program_list(app, ctx).await? {
        let weekday = program.definition.planning.weekday;
        let Some(week) = due_week(weekday, ctx.today()) else {
            continue;
        };
        let days = week.days();
        let inside = days[0] <= program.last_day && program.first_day <= days[6];
        if program.state != State::Started || !inside {
            continue;
        }
        let told = JobRow(run.clone());
        let made = plan_missing(app, ctx, &program, week, &told).await?;
        rows.push(json!({
            "program": program.code,
            "week": week,
            "planned_branches": made.count(Became::Planned),
            "branches_without_place": made.count(Became::NoPlace),
            "planned": made.branches.iter().map(|b| b.planned).sum::<i64>()
        }));
    }
    Ok(json!({ "programs": rows }))
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let text = |name: &str| {
        run.job
            .args
            .get(name)
            .and_then(|v| v.as_str())
            .map(str::to_owned)
    };
    let lost = || KernelError::Internal("plan job without program or week".to_owned());
    let program = text("program_id")
        .and_then(|s| s.parse::<ProgramId>().ok())
        .ok_or_else(lost)?;
    let week = text("week")
        .and_then(|s| s.parse::<IsoWeek>().ok())
        .ok_or_else(lost)?;
    let unit = text("unit_id").and_then(|s| s.parse::<UnitId>().ok());
    let program = program::by_id(&run.app, &run.ctx, Permission::PlanWrite, program).await?;
    let told = JobRow(run.clone());
    let summary = plan_week(&run.app, &run.ctx, &program, week, unit, &told).await?;
    let sum =
        |of: fn(&super::make::BranchResult) -> i64| summary.branches.iter().map(of).sum::<i64>();
    Ok(json!({
        "week": week,
        "planned_branches": summary.count(Became::Planned),
        "confirmed_branches": summary.count(Became::Released),
        "branches_without_place": summary.count(Became::NoPlace),
        "planned": sum(|b| b.planned),
        "needed": sum(|b| b.needed),
        "left": sum(|b| b.left)
    }))
}
