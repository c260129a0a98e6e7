//! The job that settles routines: every quarter of an hour it opens what is
//! due and notes what is skipped. A period is settled once, so a run that is
//! repeated, or two workers at once, change nothing.

use super::service::settle;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_kernel::error::Result;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::unit_fetch;

/// Kind of the job.
pub const RUN: &str = "routine.run";
/// Often, so that a campaign that is started in the morning has its routines
/// the same morning.
pub const RUN_SCHEDULE: Preset = Preset {
    kind: RUN,
    cron: "*/15 * * * *",
};

/// Adds the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(RUN, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let done = settle(&run.app, &run.ctx, &root.path).await?;
    Ok(json!({ "opened": done.opened, "skipped": done.skipped }))
}
