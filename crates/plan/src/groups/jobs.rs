//! The job that brings the members of groups up to date, branch by branch: every
//! night, after an import of customers, after a rule was published and after
//! ticking. Its arguments are ids, its result counts.

use super::members::{Refreshed, refresh};
use crate::week_plan::told::{JobRow, Nobody, Told};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::UnitId;
use zf_kernel::error::Result;
use zf_kernel::job::NewJob;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::service::job_enqueue;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{branches_of, unit_fetch};
use zf_kernel::{App, Ctx, Permission};
use zf_network::customer::source::ended::SOURCES_ENDED;

/// Kind of the job.
pub const KIND: &str = "group.refresh";

/// Every night, in China time.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: KIND,
    cron: "20 2 * * *",
}];

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
    handlers.also("import.run", after_import);
    handlers.also(SOURCES_ENDED, after_basis);
}

/// What came through a basis that has ended puts nobody in a group.
async fn after_basis(run: Arc<Run>) -> Result<Json> {
    let sum = refresh_below(&run.app, &run.ctx, run.job.unit_id, &Nobody).await?;
    Ok(json!({ "members": sum.members, "dropped": sum.gone }))
}

/// New customers may be in a group; the import's own progress stays as it is.
async fn after_import(run: Arc<Run>) -> Result<Json> {
    let sum = refresh_below(&run.app, &run.ctx, run.job.unit_id, &Nobody).await?;
    Ok(json!({ "members": sum.members, "new": sum.new }))
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let named = run.job.args.get("unit_id").and_then(|v| v.as_str());
    let unit = named.and_then(|s| s.parse::<UnitId>().ok());
    let unit = unit.unwrap_or(run.job.unit_id);
    let sum = refresh_below(&run.app, &run.ctx, unit, &JobRow(run.clone())).await?;
    Ok(
        json!({ "members": sum.members, "new": sum.new, "changed": sum.changed, "dropped": sum.gone }),
    )
}

/// Brings all branches at or below a unit up to date.
///
/// # Errors
/// No such unit in reach; the database.
pub async fn refresh_below(
    app: &App,
    ctx: &Ctx,
    unit: UnitId,
    told: &impl Told,
) -> Result<Refreshed> {
    let root = unit_fetch(app, unit).await?;
    let scope = ctx.scope(Permission::GroupRead, &root)?;
    let branches = branches_of(app, &scope).await?;
    let mut sum = Refreshed::default();
    for (done, branch) in branches.iter().enumerate() {
        let total = branches.len() as i64;
        told.told(done as i64, total, &branch.unit().name).await?;
        let one = refresh(app, ctx, branch).await?;
        sum.members += one.members;
        sum.new += one.new;
        sum.changed += one.changed;
        sum.gone += one.gone;
        sum.tags += one.tags;
    }
    Ok(sum)
}

/// Asks for a branch to be brought up to date soon. One job that waits is
/// enough; the night catches what a running one has already passed.
///
/// # Errors
/// Only the database.
pub async fn ask(app: &App, ctx: &Ctx, unit: UnitId) -> Result<()> {
    let job = NewJob::new(KIND, unit, json!({ "unit_id": unit })).once(unit);
    match job_enqueue(app, ctx, &job).await {
        Err(e) if e.code() == Some(zf_base::code::ErrorCode::CONFLICT.code) => Ok(()),
        other => other.map(drop),
    }
}
