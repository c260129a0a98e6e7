//! Where a history runs: an empty database of its own, in memory with a crash
//! that can stop it between any two statements, or on a PostgreSQL server where
//! nothing can be stopped. Knows no history; whoever runs one brings it.

use crate::{Result, SimError};
use zf_kernel::migrations::MIGRATIONS;
use zf_store::testing::TestDb;
use zf_store::{Crash, Db};

/// Which kind of place.
#[derive(Clone, Copy, Debug)]
pub enum Where<'a> {
    /// A SQLite database that nobody else sees.
    Memory,
    /// A new database on the server of this URL.
    Postgres(&'a str),
}

/// An empty, migrated database; it goes with the place.
pub struct Place {
    db: Db,
    crash: Option<Crash>,
    /// Removes the database on the server in the end.
    _kept: Option<TestDb>,
}

impl Place {
    /// A new one.
    ///
    /// # Errors
    /// No such server, or a schema that cannot be made there.
    pub async fn new(at: Where<'_>) -> Result<Place> {
        match at {
            Where::Memory => {
                let (db, crash) = Db::in_memory()?;
                db.migrate(MIGRATIONS).await?;
                Ok(Place {
                    db,
                    crash: Some(crash),
                    _kept: None,
                })
            }
            Where::Postgres(url) => {
                let kept = TestDb::postgres(url, MIGRATIONS).await?;
                Ok(Place {
                    db: (*kept).clone(),
                    crash: None,
                    _kept: Some(kept),
                })
            }
        }
    }

    /// The database.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// What stops the server, where that can be done.
    pub fn crash(&self) -> Option<&Crash> {
        self.crash.as_ref()
    }

    /// The server is to stop after so many statements.
    pub(crate) fn stop_after(&self, statements: u64) {
        if let Some(crash) = &self.crash {
            crash.after(statements);
        }
    }

    /// Starts it again; whether it had stopped.
    pub(crate) fn restart(&self) -> bool {
        self.crash.as_ref().is_some_and(Crash::restart)
    }

    /// A statement that does nothing from now on: a rule broken on purpose.
    pub(crate) fn leave_out(&self, statement: Option<&'static str>) {
        if let Some(crash) = &self.crash {
            crash.leave_out(statement);
        }
    }
}

/// Runs one history in memory to its end, on a thread and a runtime of its own,
/// so that callers may be inside of another.
///
/// # Errors
/// Those of the history; a runtime that cannot be made.
pub(crate) fn in_memory<T: Send>(
    history: impl AsyncFnOnce(&Place) -> Result<T> + Send,
) -> Result<T> {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = runtime.map_err(|e| SimError::Keys(e.to_string()))?;
        runtime.block_on(async { history(&Place::new(Where::Memory).await?).await })
    };
    let ran = std::thread::scope(|s| s.spawn(run).join());
    ran.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
