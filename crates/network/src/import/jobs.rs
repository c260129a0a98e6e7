//! The job that runs an import. It may be stopped, killed and started again at
//! any row; when the job has failed for good, also by dying with its workers,
//! the import is marked as failed and its file is forgotten.

use super::Counts;
use super::run::{Reporter, import_run};
use super::service::import_give_up;
use serde_json::json;
use std::sync::Arc;
use zf_base::ImportId;
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::Job;
use zf_kernel::job::worker::{Handlers, Run};

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add("import.run", run);
    handlers.add_failed("import.run", failed);
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
    let c = import.counts;
    Ok(json!({ "new": c.new, "changed": c.changed, "same": c.same, "bad": c.bad }))
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
