//! The job that plans a week for all branches of a program, or for those at or
//! below one unit. Its arguments are ids and the week; its result are counts,
//! never names. Idempotent: a draft is replaced, a confirmed plan left alone.

use super::make::{Became, plan_week};
use super::program;
use super::told::JobRow;
use serde_json::json;
use std::sync::Arc;
use zf_base::{IsoWeek, ProgramId, UnitId};
use zf_kernel::Permission;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};

/// Kind of the job.
pub const KIND: &str = "plan.week";

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
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
