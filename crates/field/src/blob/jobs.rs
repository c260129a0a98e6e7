//! The job that forgets photos that were begun and never finished, and takes
//! away what may be left of erased ones.
//! Runs every night over all branches below the unit of its job; knows the
//! rules of photos by their service only.

use super::erase::bytes_erase;
use super::service::photos_expire;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_kernel::Permission;
use zf_kernel::error::Result;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{unit_fetch, unit_subtree};

/// Kind of the job.
pub const EXPIRE: &str = "photo.expire";
/// Every night.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: EXPIRE,
    cron: "40 2 * * *",
}];

/// Adds the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(EXPIRE, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let (mut photos, mut erased) = (0, 0);
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        photos += photos_expire(&run.app, &run.ctx, &scope).await?;
        erased += bytes_erase(&run.app, &run.ctx, &scope).await?;
    }
    Ok(json!({ "photos": photos, "erased": erased }))
}
