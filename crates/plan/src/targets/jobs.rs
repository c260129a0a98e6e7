//! The job that builds the targets of all branches of a program the asking
//! account may plan. Branch by branch, so that it can be stopped and run again;
//! its arguments are ids, its result counts, never names.

use super::service::{Built, target_build, target_counts};
use crate::program::State;
use crate::program::service::program_list;
use crate::week_plan::program;
use crate::week_plan::told::{JobRow, Told};
use serde_json::json;
use std::sync::Arc;
use zf_base::ProgramId;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::{App, Ctx, Permission};
use zf_network::customer::source::ended::SOURCES_ENDED;

/// Kind of the job.
pub const KIND: &str = "target.build";

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
    handlers.also(SOURCES_ENDED, after_basis);
}

/// What came through a lawful basis that has ended is no reason to visit any
/// more: branches that have targets get them built anew.
async fn after_basis(run: Arc<Run>) -> Result<serde_json::Value> {
    let (app, ctx) = (&run.app, &run.ctx);
    let mut dropped = 0;
    for program in program_list(app, ctx).await? {
        let counts = target_counts(app, program.id).await?;
        if program.state == State::Closed || counts.is_empty() {
            continue;
        }
        let branches = program
            .branches(app, ctx, Permission::ProgramWrite, None)
            .await?;
        for branch in branches
            .iter()
            .filter(|b| counts.contains_key(&b.unit_id()))
        {
            dropped += target_build(app, ctx, &program, branch).await?.dropped;
        }
    }
    Ok(json!({ "dropped": dropped }))
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let id = run
        .job
        .args
        .get("program_id")
        .and_then(|v| v.as_str())
        .and_then(|s| s.parse::<ProgramId>().ok());
    let id = id.ok_or_else(|| KernelError::Internal("target job without program".to_owned()))?;
    let sum = build_all(&run.app, &run.ctx, id, &JobRow(run.clone())).await?;
    Ok(
        json!({ "targets": sum.targets, "new": sum.new, "changed": sum.changed, "dropped": sum.dropped }),
    )
}

/// Builds all branches; `told` hears how far it is.
pub async fn build_all(app: &App, ctx: &Ctx, id: ProgramId, told: &impl Told) -> Result<Built> {
    let program = program::by_id(app, ctx, Permission::ProgramWrite, id).await?;
    let branches = program
        .branches(app, ctx, Permission::ProgramWrite, None)
        .await?;
    let mut sum = Built::default();
    for (done, scope) in branches.iter().enumerate() {
        told.told(done as i64, branches.len() as i64, &scope.unit().name)
            .await?;
        let one = target_build(app, ctx, &program, scope).await?;
        sum.targets += one.targets;
        sum.new += one.new;
        sum.changed += one.changed;
        sum.dropped += one.dropped;
    }
    told.told(branches.len() as i64, branches.len() as i64, "")
        .await?;
    Ok(sum)
}
