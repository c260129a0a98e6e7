//! The job that runs an import. It may be stopped, killed and started again at
//! any row; when the job has failed for good, also by dying with its workers,
//! the import is marked as failed and its file is forgotten. Every night the
//! uploads are forgotten that were looked at and never imported.

use super::run::{Reporter, import_run};
use super::service::{import_expire, import_give_up};
use super::store::IMPORT_CHUNKS;
use super::{Counts, Import, ImportKind};
use crate::place::service::assign_groups;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use zf_base::{ImportId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::Job;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::scope_of;
use zf_kernel::{App, Ctx, Permission};
use zf_store::params;

/// Kind of the nightly job.
pub const FORGET: &str = "import.forget";
/// When uploads nobody has come back for are forgotten, in China time.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: FORGET,
    cron: "50 1 * * *",
}];

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(FORGET, forget);
    handlers.add("import.run", run);
    handlers.add_failed("import.run", failed);
}

async fn forget(run: Arc<Run>) -> Result<serde_json::Value> {
    let (pieces, held) = import_expire(&run.app).await?;
    Ok(json!({ "pieces": pieces, "held": held }))
}

struct JobReporter(Arc<Run>);

impl Reporter for JobReporter {
    async fn report(&self, counts: Counts) -> Result<()> {
        self.0.progress(counts.done, counts.total, "").await
    }
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let id = import_of(&run.job)?;
    let import = import_run(&run.app, &run.ctx, id, &JobReporter(run.clone())).await?;
    import_places(&run.app, &run.ctx, &import).await?;
    let c = import.counts;
    Ok(json!({ "new": c.new, "changed": c.changed, "same": c.same, "bad": c.bad }))
}

/// After an import of customers: whoever came without a village group gets the
/// one their address names, in the branches the file has written to. Done again
/// it changes nothing.
///
/// # Errors
/// The database; a branch out of reach.
pub async fn import_places(app: &App, ctx: &Ctx, import: &Import) -> Result<()> {
    if import.kind != ImportKind::Customers || import.dry_run || import.state != "done" {
        return Ok(());
    }
    let rows = app.db.query(IMPORT_CHUNKS, params![import.id]).await?;
    let units: BTreeSet<UnitId> = rows
        .iter()
        .map(|r| r.get(0))
        .collect::<zf_store::Result<_>>()?;
    for unit in units {
        let scope = scope_of(app, ctx, Permission::CustomerWrite, unit).await?;
        assign_groups(app, ctx, &scope, false).await?;
    }
    Ok(())
}

async fn failed(app: App, job: Job) -> Result<()> {
    import_give_up(&app, import_of(&job)?).await
}

/// The import a job is about.
fn import_of(job: &Job) -> Result<ImportId> {
    let id = job.args.get("import_id").and_then(|v| v.as_str());
    id.and_then(|s| s.parse().ok())
        .ok_or_else(|| KernelError::Internal("import job without import".to_owned()))
}
