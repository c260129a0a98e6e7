//! The jobs of moves: one goes on with a move or with taking it back, one
//! closes a branch. Both may die anywhere and be started again.
//! The steps are in `run` and `closing`; here is only who calls them.

use super::closing::closing_run;
use super::run::{Told, transfer_run};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use zf_base::{TransferId, UnitId};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::job::worker::{Handlers, Run};

/// Kind of the job that moves customers.
pub const TRANSFER: &str = "register.transfer";
/// Kind of the job that closes a branch.
pub const CLOSE: &str = "register.close_unit";

/// Adds the handlers.
pub fn handlers(handlers: &mut Handlers) {
    handlers.add(TRANSFER, transfer);
    handlers.add(CLOSE, close);
}

struct JobRow(Arc<Run>);

impl Told for JobRow {
    async fn moved(&self, done: i64, total: i64) -> Result<()> {
        self.0.progress(done, total, "").await
    }
}

fn text<'a>(run: &'a Run, name: &str) -> Result<&'a str> {
    let lost = || KernelError::Internal(format!("a job of moves without {name}"));
    run.job
        .args
        .get(name)
        .and_then(Json::as_str)
        .ok_or_else(lost)
}

async fn transfer(run: Arc<Run>) -> Result<Json> {
    let lost = |_| KernelError::Internal("a job of moves with a bad id".to_owned());
    let unit: UnitId = text(&run, "unit_id")?.parse().map_err(lost)?;
    let id: TransferId = text(&run, "transfer_id")?.parse().map_err(lost)?;
    let t = transfer_run(&run.app, &run.ctx, unit, id, &JobRow(run.clone())).await?;
    Ok(json!({ "state": t.state, "customers": t.customers }))
}

async fn close(run: Arc<Run>) -> Result<Json> {
    let lost = |_| KernelError::Internal("a job of moves with a bad id".to_owned());
    let unit: UnitId = text(&run, "unit_id")?.parse().map_err(lost)?;
    let left = closing_run(&run.app, &run.ctx, unit, &JobRow(run.clone())).await?;
    Ok(json!({ "left": left }))
}
