//! Enqueueing, stopping and looking at jobs. Knows rows of the job table, not
//! what a job does: that is the handler's business. Who may look is asked by
//! the caller.

use super::store::*;
use super::{Job, NewJob};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::event::tx::UnitTx;
use zf_base::code::ErrorCode;
use zf_base::{JobId, Timestamp, UserId};
use zf_store::{Row, Value, params};

pub(super) fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.get(0)?,
        kind: row.get(1)?,
        args: row.get(2)?,
        state: row.get(3)?,
        attempts: row.get(4)?,
        done: row.get(5)?,
        total: row.get(6)?,
        message: row.get(7)?,
        result: row.get(8)?,
        cancel_requested: row.get(9)?,
        unit_id: row.get(10)?,
        created_by: row.get(11)?,
        created_at: row.get(12)?,
        finished_at: row.get(13)?,
    })
}

pub(super) fn row_of(id: JobId, by: UserId, now: Timestamp, job: &NewJob) -> Vec<Value> {
    params![
        id,
        job.kind,
        job.args.clone(),
        job.dedup_key.as_deref(),
        now,
        false,
        job.unit_id,
        by,
        now
    ]
}

/// Enqueues in the caller's transaction: the job exists if and only if the change does.
pub async fn job_enqueue_in(
    tx: &mut UnitTx<'_>,
    app: &App,
    ctx: &Ctx,
    job: &NewJob,
) -> Result<JobId> {
    let id = JobId(app.new_id());
    tx.exec(JOB_ADD, row_of(id, ctx.actor.user_id, ctx.now, job))
        .await?;
    Ok(id)
}

/// Enqueues on its own. A second job with the same key while the first is open is a conflict.
pub async fn job_enqueue(app: &App, ctx: &Ctx, job: &NewJob) -> Result<Job> {
    let id = JobId(app.new_id());
    app.db
        .exec(JOB_ADD, row_of(id, ctx.actor.user_id, ctx.now, job))
        .await?;
    job_fetch(app, id).await
}

/// One job.
pub async fn job_fetch(app: &App, id: JobId) -> Result<Job> {
    let rows = app.db.query(JOB_BY_ID, params![id]).await?;
    rows.first()
        .map(read)
        .transpose()?
        .ok_or_else(|| KernelError::refused(ErrorCode::NOT_FOUND))
}

/// Asks a job to stop at its next step; one that waits for another try is
/// taken up at once, so that it can end.
pub async fn job_cancel(app: &App, id: JobId) -> Result<()> {
    let row = params![id, true, app.now()];
    app.db.exec(JOB_CANCEL, row).await?;
    Ok(())
}

/// Jobs that are not ended.
pub async fn jobs_open(app: &App) -> Result<i64> {
    let rows = app.db.query(JOB_OPEN, params![]).await?;
    Ok(rows.first().map(|r| r.get(0)).transpose()?.unwrap_or(0))
}
