//! The night's job: keeps the completeness of every branch for the day that
//! ends. Started again it counts the same day again; nothing is doubled.
//! It knows no screen and judges no figure.

use super::service::quality_keep;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_kernel::Permission;
use zf_kernel::error::Result;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{branches_of, scope_of};

/// Kind of the job.
pub const KIND: &str = "register.quality";
/// When the day is counted, China time.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: KIND,
    cron: "55 23 * * *",
}];

/// Adds the handler.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(KIND, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let (app, ctx) = (&run.app, &run.ctx);
    let root = scope_of(app, ctx, Permission::OverviewRead, run.job.unit_id).await?;
    let branches = branches_of(app, &root).await?;
    // The day of the schedule, also when the worker comes to it after midnight.
    let day = run.job.created_at.day();
    for (i, branch) in branches.iter().enumerate() {
        quality_keep(app, ctx, branch, day).await?;
        run.progress(i as i64 + 1, branches.len() as i64, "")
            .await?;
    }
    Ok(json!({ "branches": branches.len(), "day": day }))
}
