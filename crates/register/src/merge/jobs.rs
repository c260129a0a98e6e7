//! The job that goes on with a merge: tells the other branch of a proposal,
//! does what is agreed, takes back what shall be taken back. It may die and be
//! started again anywhere.

use super::service::{merge_answer, merge_run};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{MergeId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};

/// Kind of the job.
pub const MERGE: &str = "register.merge";

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(MERGE, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let text = |name: &str| run.job.args.get(name).and_then(Json::as_str);
    let lost = || KernelError::Internal("merge job without merge".to_owned());
    let home: UnitId = text("unit_id")
        .and_then(|s| s.parse().ok())
        .ok_or_else(lost)?;
    let id: MergeId = text("merge_id")
        .and_then(|s| s.parse().ok())
        .ok_or_else(lost)?;
    let merge = match run.job.args.get("yes").and_then(Json::as_bool) {
        Some(yes) => {
            let name = text("name").unwrap_or_default();
            merge_answer(&run.app, &run.ctx, home, id, yes, name).await?
        }
        None => merge_run(&run.app, &run.ctx, home, id).await?,
    };
    Ok(json!({ "state": merge.state.as_str() }))
}
