//! The job that runs an import. It may be stopped, killed and started again at
//! any row; when its last attempt fails too, the import is marked as failed
//! and its file is forgotten.

use super::Counts;
use super::run::{Reporter, import_run};
use super::service::import_give_up;
use serde_json::json;
use std::sync::Arc;
use zf_base::{ImportId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add("import.run", run);
}

struct JobReporter(Arc<Run>);

impl Reporter for JobReporter {
    async fn report(&self, counts: Counts) -> Result<()> {
        self.0.progress(counts.done, counts.total, "").await
    }
}

async fn run(run: Arc<Run>) -> Result<serde_json::Value> {
    let id = run
        .job
        .args
        .get("import_id")
        .and_then(|v| v.as_str())
        .and_then(|s| s.parse::<ImportId>().ok());
    let id = id.ok_or_else(|| KernelError::Internal("import job without import".to_owned()))?;
    let outcome = import_run(&run.app, &run.ctx, id, &JobReporter(run.clone())).await;
    let refused = matches!(outcome, Err(KernelError::Refused(_)));
    if outcome.is_err() && !refused && run.job.attempts >= limits::JOB_ATTEMPTS {
        import_give_up(&run.app, id).await?;
    }
    let import = outcome?;
    let c = import.counts;
    Ok(json!({ "new": c.new, "changed": c.changed, "same": c.same, "bad": c.bad }))
}
