//! Jobs of the house itself and their schedules: the daily root of the audit
//! chain, and forgetting old sessions and quiet addresses. Rooms have theirs;
//! the server puts all of them together.

use super::schedule::Preset;
use super::worker::{Handlers, Run};
use crate::error::{KernelError, Result};
use crate::event::verify::{append_root, daily_root};
use crate::user::{session::session_forget, sign_in::address_forget};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Schedules of a new installation, in China time.
const SCHEDULES: &[Preset] = &[
    Preset {
        kind: "audit.daily_root",
        cron: "10 0 * * *",
    },
    Preset {
        kind: "session.forget",
        cron: "30 3 * * *",
    },
];

/// Sessions are kept that long after they ended, for questions about who was there.
const SESSION_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// Addresses are kept that long after their last window of failures began.
const ADDRESS_KEPT_SECONDS: i64 = 24 * 3600;

/// Adds the handlers of the kernel.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add("audit.daily_root", root);
    handlers.add("session.forget", forget);
}

/// The kernel's schedules, for [`super::schedule::install`].
pub fn schedules() -> &'static [Preset] {
    SCHEDULES
}

/// The root belongs to the day that has just ended. It goes to the log and to
/// a file as well: only a root kept elsewhere shows that a log was rewritten.
async fn root(run: Arc<Run>) -> Result<Json> {
    let day = run.ctx.today().plus_days(-1);
    let root = daily_root(&run.app, day).await?;
    if let Some(file) = run.app.audit_roots.clone() {
        let written = tokio::task::spawn_blocking(move || append_root(&file, day, &root));
        written
            .await
            .map_err(|e| KernelError::Internal(e.to_string()))?
            .map_err(|e| KernelError::Internal(format!("file of audit roots: {e}")))?;
    }
    let text: String = root.iter().map(|b| format!("{b:02x}")).collect();
    tracing::info!(%day, root = %text, "audit root of the day");
    Ok(json!({ "day": day, "root": text }))
}

async fn forget(run: Arc<Run>) -> Result<Json> {
    let now = run.ctx.now;
    let sessions = session_forget(&run.app, now.plus_seconds(-SESSION_KEPT_SECONDS)).await?;
    let addresses = address_forget(&run.app, now.plus_seconds(-ADDRESS_KEPT_SECONDS)).await?;
    Ok(json!({ "sessions": sessions, "addresses": addresses }))
}
