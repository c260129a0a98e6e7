//! The nightly job that forgets old numbers of the feeds: phones that were
//! away longer fetch everything anew.
//! Knows feeds and codes, nothing of what they are about.

use super::shown::forget;
use super::store::FEED_OLD;
use crate::device::parameters::phone_rules;
use crate::device::service::codes_forget;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::Timestamp;
use zf_kernel::error::Result;
use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::{Handlers, Run};
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{Permission, UnitScope, UnitTx, again};
use zf_store::params;

/// Kind of the job.
pub const TRIM: &str = "sync.trim";
/// Every night.
pub const SCHEDULES: &[Preset] = &[Preset {
    kind: TRIM,
    cron: "20 2 * * *",
}];
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Adds the job.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(TRIM, run);
}

async fn run(run: Arc<Run>) -> Result<Json> {
    let rules = phone_rules(&run.app).await?;
    let before = Timestamp(run.ctx.now.0 - rules.feed_days * MICROS_PER_DAY);
    codes_forget(&run.app, before).await?;
    let root = unit_fetch(&run.app, run.job.unit_id).await?;
    let mut branches = 0;
    for unit in unit_subtree(&run.app, &root.path).await? {
        let scope = run.ctx.scope(Permission::SystemWrite, &unit)?;
        branches += i64::from(again(&run.app, || trim(&run, &scope, before)).await?);
    }
    Ok(json!({ "branches": branches }))
}

async fn trim(run: &Run, scope: &UnitScope, before: Timestamp) -> Result<bool> {
    let mut tx = UnitTx::begin(&run.app, &run.ctx, scope).await?;
    let row = tx.query_opt(FEED_OLD, params![before]).await?;
    let last: Option<i64> = row.map(|r| r.get(0)).transpose()?.flatten();
    let Some(last) = last else { return Ok(false) };
    forget(&mut tx, last).await?;
    tx.record(
        "sync.trim",
        "unit",
        scope.unit_id(),
        json!({ "up_to": last }),
    );
    tx.commit().await?;
    Ok(true)
}
