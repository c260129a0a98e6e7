//! Who hears how far long work is: the job's row, a progress line of the
//! command, or nobody. An error from there stops the work at its next step.

use std::sync::Arc;
use zf_kernel::error::Result;
use zf_kernel::job::worker::Run;

/// Hears how far it is.
pub trait Told: Send + Sync {
    /// `done` of `total` branches; `name` of the one that is next, may be empty.
    fn told(&self, done: i64, total: i64, name: &str) -> impl Future<Output = Result<()>> + Send;
}

/// Nobody hears.
pub struct Nobody;

impl Told for Nobody {
    async fn told(&self, _: i64, _: i64, _: &str) -> Result<()> {
        Ok(())
    }
}

/// The job's row hears, and says when to stop.
pub struct JobRow(pub Arc<Run>);

impl Told for JobRow {
    async fn told(&self, done: i64, total: i64, name: &str) -> Result<()> {
        self.0.progress(done, total, name).await
    }
}
