//! Runs jobs. One worker claims one job at a time; its lease is renewed by
//! every report of progress and by the clock while the handler runs. A worker
//! whose lease was given to another can no longer report or end the job. A
//! handler that fails is tried again with back-off; a handler that was asked
//! to stop ends as `canceled`. A room may be told when a job of its kind has
//! failed for good, also when the workers died and no handler could say so.

use super::service::read;
use super::store::*;
use super::{Job, schedule};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{KernelError, Result};
use crate::unit::service::unit_fetch;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;
use zf_base::limits;
use zf_store::{Engine, params};

/// What a running job may do: report, and learn that it shall stop.
pub struct Run {
    /// The installation.
    pub app: App,
    /// Context of the account that asked, on the job's subtree.
    pub ctx: Ctx,
    /// The job.
    pub job: Job,
    /// The worker that holds it.
    claim: String,
}

impl Run {
    /// Tells how far it is; an error when somebody asked for a stop, or when
    /// the job has been given to another worker.
    pub async fn progress(&self, done: i64, total: i64, message: &str) -> Result<()> {
        let lease = self.app.now().plus_seconds(limits::JOB_LEASE_SECONDS);
        let rows = self
            .app
            .db
            .exec_returning(
                JOB_PROGRESS,
                params![
                    self.job.id,
                    done,
                    total,
                    message,
                    lease,
                    self.claim.as_str()
                ],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Err(KernelError::Internal("the job's lease is lost".to_owned()));
        };
        if row.get::<bool>(0)? {
            return Err(KernelError::refused(crate::job::CANCELED));
        }
        Ok(())
    }
}

/// What a handler returns: the result for the job row.
pub type Outcome = Pin<Box<dyn Future<Output = Result<Json>> + Send>>;
/// A handler of one kind of job.
pub type Handler = Arc<dyn Fn(Arc<Run>) -> Outcome + Send + Sync>;

/// What is told that a job has failed for good.
type Failed = Arc<dyn Fn(App, Job) -> Told + Send + Sync>;
type Told = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Handlers by kind, put together by the server from all rooms.
#[derive(Clone, Default)]
pub struct Handlers {
    run: HashMap<&'static str, Handler>,
    failed: HashMap<&'static str, Failed>,
}

impl Handlers {
    /// Adds a handler.
    pub fn add<F, Fut>(&mut self, kind: &'static str, f: F)
    where
        F: Fn(Arc<Run>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Json>> + Send + 'static,
    {
        self.run.insert(kind, Arc::new(move |run| Box::pin(f(run))));
    }

    /// Adds another room's part of a job: it runs after what is there; the
    /// results of both are kept. Both must bear to be run again.
    pub fn also<F, Fut>(&mut self, kind: &'static str, f: F)
    where
        F: Fn(Arc<Run>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Json>> + Send + 'static,
    {
        let Some(first) = self.run.remove(kind) else {
            return self.add(kind, f);
        };
        let second = Arc::new(f);
        let both = move |run: Arc<Run>| -> Outcome {
            let (first, second) = (first.clone(), second.clone());
            Box::pin(async move {
                let before = first(run.clone()).await?;
                let after = second(run).await?;
                Ok(serde_json::json!([before, after]))
            })
        };
        self.run.insert(kind, Arc::new(both));
    }

    /// Adds what is told, once, when a job of this kind has failed for good:
    /// refused, or its last attempt failed, panicked or died with its worker.
    /// It must bear that the job's own work has already noted its end.
    pub fn add_failed<F, Fut>(&mut self, kind: &'static str, f: F)
    where
        F: Fn(App, Job) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let told: Failed = Arc::new(move |app, job| Box::pin(f(app, job)));
        self.failed.insert(kind, told);
    }

    /// A failure of what is told is logged: the job has ended all the same.
    async fn tell_failed(&self, app: &App, job: &Job) {
        let Some(told) = self.failed.get(job.kind.as_str()) else {
            return;
        };
        if let Err(e) = told(app.clone(), job.clone()).await {
            tracing::error!(job = %job.id, kind = %job.kind, error = %e, "the end of a job was not noted");
        }
    }
}

/// Works until told to stop.
pub async fn work(app: App, handlers: Handlers, mut stop: watch::Receiver<bool>) -> Result<()> {
    if app.db.engine() == Engine::Sqlite {
        app.db.exec(JOB_SWEEP_ALL, params![]).await?;
    }
    let name = format!("worker-{}", app.new_id());
    while !*stop.borrow() {
        let worked = match step(&app, &handlers, &name).await {
            Ok(worked) => worked,
            Err(e) => {
                tracing::error!(error = %e, "worker step failed");
                false
            }
        };
        if !worked {
            let pause = tokio::time::sleep(Duration::from_millis(400));
            tokio::select! { _ = pause => {}, _ = stop.changed() => {} }
        }
    }
    Ok(())
}

/// Runs jobs until none is ready; for tests and command lines.
pub async fn drain(app: &App, handlers: &Handlers) -> Result<usize> {
    let mut n = 0;
    let name = format!("drain-{}", app.new_id());
    while step(app, handlers, &name).await? {
        n += 1;
    }
    Ok(n)
}

async fn step(app: &App, handlers: &Handlers, name: &str) -> Result<bool> {
    let now = app.now();
    schedule::materialise(app, now).await?;
    let dead = params![now, limits::JOB_ATTEMPTS];
    for row in app.db.exec_returning(JOB_SWEEP_DEAD, dead).await? {
        handlers.tell_failed(app, &read(&row)?).await;
    }
    app.db.exec(JOB_SWEEP, params![now]).await?;
    let lease = now.plus_seconds(limits::JOB_LEASE_SECONDS);
    let rows = app
        .db
        .exec_returning(JOB_CLAIM, params![name, lease, now])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let job = read(row)?;
    let result = run_one(app, handlers, &job, name).await;
    if end(app, &job, name, result).await? == Ended::Failed {
        handlers.tell_failed(app, &job).await;
    }
    Ok(true)
}

async fn run_one(app: &App, handlers: &Handlers, job: &Job, claim: &str) -> Result<Json> {
    let Some(handler) = handlers.run.get(job.kind.as_str()) else {
        return Err(KernelError::Internal(format!(
            "no handler for job {}",
            job.kind
        )));
    };
    let unit = unit_fetch(app, job.unit_id).await?;
    let name = match crate::user::service::user_fetch(app, job.created_by).await {
        Ok(user) => user.name,
        Err(_) => "system".to_owned(),
    };
    let ctx = Ctx::for_job(job.created_by, &name, &unit, app.now(), Uuid::now_v7());
    let run = Arc::new(Run {
        app: app.clone(),
        ctx,
        job: job.clone(),
        claim: claim.to_owned(),
    });
    // A panic in a handler is a failed attempt, not a dead worker.
    let mut work = tokio::spawn(handler(run));
    let ended = loop {
        tokio::select! {
            ended = &mut work => break ended,
            () = tokio::time::sleep(LEASE_RENEWAL) => keep_lease(app, job, claim).await,
        }
    };
    match ended {
        Ok(result) => result,
        Err(e) => Err(KernelError::Internal(format!(
            "job {} ended abnormally: {e}",
            job.kind
        ))),
    }
}

/// Well within the lease, so that one late renewal loses nothing.
const LEASE_RENEWAL: Duration = Duration::from_secs(limits::JOB_LEASE_SECONDS as u64 / 4);

/// A failure to renew is not the job's: the next renewal or report may succeed.
async fn keep_lease(app: &App, job: &Job, claim: &str) {
    let lease = app.now().plus_seconds(limits::JOB_LEASE_SECONDS);
    if let Err(e) = app.db.exec(JOB_LEASE, params![job.id, claim, lease]).await {
        tracing::warn!(job = %job.id, error = %e, "the lease could not be renewed");
    }
}

/// What became of an attempt.
#[derive(PartialEq, Eq)]
enum Ended {
    /// The job has failed for good.
    Failed,
    /// It is done, canceled, tried again later, or another worker's.
    Otherwise,
}

async fn end(app: &App, job: &Job, claim: &str, result: Result<Json>) -> Result<Ended> {
    let now = app.now();
    let ended = |state: &str, json: Option<Json>, message: &str, error: Option<String>| {
        params![job.id, state, json, message, error, now, claim]
    };
    let canceled = crate::job::CANCELED.code;
    let mut failed = matches!(&result, Err(e) if e.code() != Some(canceled));
    let row = match result {
        Ok(json) => ended("done", Some(json), "", None),
        Err(e) if e.code() == Some(canceled) => ended("canceled", None, "", None),
        Err(KernelError::Refused(r)) => ended("failed", None, r.code.code, None),
        Err(e) if job.attempts >= limits::JOB_ATTEMPTS => {
            tracing::error!(job = %job.id, kind = %job.kind, error = %e, "job is dead");
            ended("failed", None, "internal", Some(e.to_string()))
        }
        Err(e) => {
            tracing::warn!(job = %job.id, kind = %job.kind, error = %e, "job will be tried again");
            let wait = (30i64 << job.attempts.clamp(0, 10)).min(6 * 3600);
            let row = params![job.id, now.plus_seconds(wait), e.to_string(), claim];
            app.db.exec(JOB_RETRY, row).await?;
            return Ok(Ended::Otherwise);
        }
    };
    // A job that another worker has by now is not this one's to end.
    failed &= app.db.exec(JOB_END, row).await? > 0;
    Ok(if failed {
        Ended::Failed
    } else {
        Ended::Otherwise
    })
}
