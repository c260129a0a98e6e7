//! The jobs of retention: every night what is due is listed and refusals whose
//! days are over end; a batch that was agreed to is erased. Both can be stopped
//! and run again; their arguments are ids, their results counts.

use super::service::{ERASE, erase_batch, list_due};
use crate::consent::service::end_standing;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{Uuid, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::Level;
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_network::customer::standing::standing_ended;

/// Kind of the nightly job.
pub const NIGHTLY: &str = "custody.retention";

/// Schedules of this room, in China time.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: NIGHTLY,
    cron: "20 1 * * *",
}];

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(NIGHTLY, nightly);
    handlers.add(ERASE, erase);
}

async fn nightly(run: Arc<Run>) -> Result<Json> {
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let units = unit_subtree(&run.app, &root.path).await?;
    let (mut listed, mut ended) = (0, 0);
    for (at, unit) in units.iter().enumerate() {
        if unit.level == Level::Branch {
            let scope = run.ctx.scope(Permission::PrivacyWrite, unit)?;
            ended += standings_end(&run.app, &run.ctx, &scope).await?;
            listed += list_due(&run.app, &run.ctx, &scope).await?;
        }
        run.progress(at as i64 + 1, units.len() as i64, "").await?;
    }
    Ok(json!({ "listed": listed, "refusals_ended": ended }))
}

/// Ends the refusals of a branch whose days are over; how many.
///
/// # Errors
/// Only the database.
pub async fn standings_end(app: &App, ctx: &Ctx, scope: &UnitScope) -> Result<i64> {
    let mut n = 0;
    let limit = limits::IMPORT_BATCH_ROWS as i64;
    loop {
        let ids = standing_ended(app, scope.unit_id(), ctx.today(), limit).await?;
        let mut changed = 0;
        for id in &ids {
            changed += i64::from(end_standing(app, ctx, scope, *id).await?);
        }
        n += changed;
        if changed == 0 || (ids.len() as i64) < limit {
            return Ok(n);
        }
    }
}

async fn erase(run: Arc<Run>) -> Result<Json> {
    let id = run.job.args.get("batch_id").and_then(Json::as_str);
    let id: Uuid = id
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| KernelError::Internal("erasing job without batch".to_owned()))?;
    let unit = unit_fetch(&run.app, run.job.unit_id).await?;
    let scope = run.ctx.scope(Permission::PrivacyApprove, &unit)?;
    let erased = erase_batch(&run.app, &run.ctx, &scope, id, Some(&run)).await?;
    Ok(json!(erased))
}
