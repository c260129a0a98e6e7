//! The job that builds the targets of all branches of a program the asking
//! account may plan, and the two that follow a lawful basis: at once when it is
//! taken back, at night when its last day is over. Branch by branch, so that
//! they can be stopped and run again; their arguments are ids, their results
//! counts, never names.

use super::service::{Built, target_build, target_counts};
use super::standing::sources_over;
use crate::groups::members::refresh;
use crate::program::service::program_list;
use crate::program::{Program, State};
use crate::week_plan::program;
use crate::week_plan::told::{JobRow, Told};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use zf_base::{ProgramId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{branches_of, unit_fetch};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_network::customer::source::ended::{SOURCES_ENDED, lapsed};

/// Kind of the job.
pub const KIND: &str = "target.build";

/// Kind of the job that looks every night which sources and lawful bases are
/// over by their last day.
pub const LAPSED: &str = "target.sources_lapsed";

/// Schedules, in China time: right after the day has ended, before anybody
/// takes up the plan of the new one.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: LAPSED,
    cron: "5 0 * * *",
}];

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
    handlers.add(LAPSED, nightly);
    handlers.also(SOURCES_ENDED, after_basis);
}

/// The targets there are: what has to follow when a basis ends.
struct Running(Vec<(Program, HashMap<UnitId, i64>)>);

impl Running {
    async fn of(app: &App, ctx: &Ctx) -> Result<Running> {
        let mut all = Vec::new();
        for program in program_list(app, ctx).await? {
            let counts = target_counts(app, program.id).await?;
            if program.state != State::Closed && !counts.is_empty() {
                all.push((program, counts));
            }
        }
        Ok(Running(all))
    }

    /// What came through a lawful basis that has ended is no reason to visit any
    /// more: a branch that has targets gets them built anew, and whom it may not
    /// know leaves its plans. Returns stops struck and targets dropped.
    async fn follow(&self, app: &App, ctx: &Ctx, branch: &UnitScope) -> Result<(u64, i64)> {
        let mut dropped = 0;
        for (program, counts) in &self.0 {
            if counts.contains_key(&branch.unit_id()) {
                dropped += target_build(app, ctx, program, branch).await?.dropped;
            }
        }
        Ok((sources_over(app, ctx, branch).await?, dropped))
    }
}

async fn after_basis(run: Arc<Run>) -> Result<serde_json::Value> {
    follow_below(&run, false).await
}

/// Nobody withdraws what ends by its day, so the night looks for it.
async fn nightly(run: Arc<Run>) -> Result<serde_json::Value> {
    follow_below(&run, true).await
}

/// Goes to the branches of the job's unit; with `by_day` only to those where a
/// day has passed, and the groups there follow too.
async fn follow_below(run: &Arc<Run>, by_day: bool) -> Result<serde_json::Value> {
    let (app, ctx) = (&run.app, &run.ctx);
    let root = unit_fetch(app, run.job.unit_id).await?;
    let branches = branches_of(app, &ctx.scope(Permission::PlanWrite, &root)?).await?;
    let running = Running::of(app, ctx).await?;
    let (mut struck, mut dropped, told) = (0, 0, JobRow(run.clone()));
    for (done, branch) in branches.iter().enumerate() {
        told.told(done as i64, branches.len() as i64, "").await?;
        if by_day && !lapsed(app, branch.unit(), ctx.today()).await? {
            continue;
        }
        if by_day {
            refresh(app, ctx, branch).await?;
        }
        let (stops, targets) = running.follow(app, ctx, branch).await?;
        struck += stops;
        dropped += targets;
    }
    Ok(json!({ "struck": struck, "dropped": dropped }))
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
