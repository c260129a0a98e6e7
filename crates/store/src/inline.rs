//! A SQLite database in memory that does everything when it is asked, on the
//! thread that asks: no other thread, no file, no clock. The simulator runs the
//! real services on it, hundreds of thousands of transactions in one order
//! that a seed decides, and makes it crash between any two steps. What was
//! committed survives a crash, everything else is gone, as with a file.

use crate::error::{Result, StoreError};
use crate::sqlite::{open_memory, run_error};
use rusqlite::Connection;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Makes a database in memory crash. Cloning shares it.
#[derive(Clone)]
pub struct Crash(Arc<Inline>);

impl Crash {
    /// The step after the next `steps` fails, and everything after it, until
    /// [`Crash::restart`]. A step is a statement, or one of the two halves of a
    /// commit: before it is kept, and after it is kept but not yet answered.
    pub fn after(&self, steps: u64) {
        self.0.lock().steps_left = Some(steps);
    }

    /// Works again; what was not committed is gone. Says whether it had crashed.
    pub fn restart(&self) -> bool {
        let mut state = self.0.lock();
        state.steps_left = None;
        std::mem::take(&mut state.down)
    }

    /// Statements of this name do nothing from now on, as if the program had
    /// forgotten them: a fault that checks must find. `None` ends it.
    pub fn leave_out(&self, statement: Option<&'static str>) {
        self.0.lock().left_out = statement;
    }
}

pub(crate) struct Inline(Mutex<State>);

struct State {
    conn: Connection,
    /// Number of the transaction that is open.
    open: Option<u64>,
    begun: u64,
    steps_left: Option<u64>,
    down: bool,
    left_out: Option<&'static str>,
}

impl Inline {
    pub(crate) fn open() -> Result<(Arc<Inline>, Crash)> {
        let inline = Arc::new(Inline(Mutex::new(State {
            conn: open_memory()?,
            open: None,
            begun: 0,
            steps_left: None,
            down: false,
            left_out: None,
        })));
        Ok((inline.clone(), Crash(inline)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something outside of a transaction.
    pub(crate) fn alone<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut state = self.lock();
        state.step()?;
        if state.open.is_some() {
            return Err(StoreError::bug("a read beside an open transaction"));
        }
        f(&state.conn)
    }

    /// A transaction that begins with its first statement.
    pub(crate) fn begin(self: &Arc<Self>) -> InlineTx {
        InlineTx {
            db: self.clone(),
            number: None,
        }
    }
}

impl State {
    fn sql(&self, text: &str) -> Result<()> {
        let done = self.conn.execute_batch(text);
        done.map_err(|e| run_error("transaction", &e))
    }

    /// One step; the one that is too many brings everything down.
    fn step(&mut self) -> Result<()> {
        match self.steps_left {
            Some(0) => {
                self.down = true;
                if self.open.take().is_some() {
                    self.sql("ROLLBACK")?;
                }
            }
            Some(n) => self.steps_left = Some(n - 1),
            None => {}
        }
        if self.down {
            return Err(StoreError::unavailable("the machine stopped"));
        }
        Ok(())
    }

    fn end(&mut self, number: Option<u64>, text: &str) -> Result<()> {
        if number.is_some() && self.open == number {
            self.open = None;
            return self.sql(text);
        }
        Ok(())
    }
}

/// A transaction; dropping it rolls it back.
pub(crate) struct InlineTx {
    db: Arc<Inline>,
    number: Option<u64>,
}

impl InlineTx {
    /// Whether a statement is to do nothing.
    pub(crate) fn leaves_out(&self, statement: &str) -> bool {
        self.db.lock().left_out == Some(statement)
    }

    pub(crate) fn run<T>(&mut self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut state = self.db.lock();
        state.step()?;
        match (self.number, state.open) {
            (None, None) => {
                state.sql("BEGIN IMMEDIATE")?;
                state.begun += 1;
                self.number = Some(state.begun);
                state.open = self.number;
            }
            (ours, open) if ours == open => {}
            _ => return Err(StoreError::Busy),
        }
        f(&state.conn)
    }

    pub(crate) fn commit(mut self) -> Result<()> {
        let number = self.number.take();
        let mut state = self.db.lock();
        state.step()?;
        if number.is_some() && state.open != number {
            return Err(StoreError::Busy);
        }
        state.end(number, "COMMIT")?;
        // Kept, but whoever asked may never hear of it.
        state.step()
    }

    pub(crate) fn rollback(mut self) -> Result<()> {
        let number = self.number.take();
        self.db.lock().end(number, "ROLLBACK")
    }
}

impl Drop for InlineTx {
    fn drop(&mut self) {
        let number = self.number.take();
        let _ = self.db.lock().end(number, "ROLLBACK");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::{Db, Migration, Scope, Sql, StoreError, params};

    const FILES: &[Migration] = &[Migration {
        name: "0001_t.sql",
        sql: "CREATE TABLE t (id {int} NOT NULL PRIMARY KEY) {opts}",
    }];
    const ADD: Sql = Sql {
        name: "ADD",
        text: "INSERT INTO t (id) VALUES ($1)",
        scope: Scope::Ref,
        module: "tests",
    };
    const IDS: Sql = Sql {
        name: "IDS",
        text: "SELECT id FROM t ORDER BY id",
        ..ADD
    };

    async fn ids(db: &Db) -> Vec<i64> {
        let rows = db.query(IDS, params![]).await.unwrap();
        rows.iter().map(|r| r.get(0).unwrap()).collect()
    }

    /// Adds two rows in one transaction.
    async fn two(db: &Db, first: i64) -> Result<(), StoreError> {
        let mut tx = db.begin().await?;
        tx.exec(ADD, params![first]).await?;
        tx.exec(ADD, params![first + 1]).await?;
        tx.commit().await
    }

    #[tokio::test]
    async fn a_crash_at_any_step_keeps_all_of_a_transaction_or_nothing() {
        // Two statements and the two halves of a commit.
        for (steps, kept) in [(0, false), (1, false), (2, false), (3, true)] {
            let (db, crash) = Db::in_memory().unwrap();
            db.migrate(FILES).await.unwrap();
            two(&db, 1).await.unwrap();
            crash.after(steps);
            let e = two(&db, 3).await.unwrap_err();
            assert!(matches!(e, StoreError::Unavailable(_)), "{steps}: {e}");
            assert!(
                db.query(IDS, params![]).await.is_err(),
                "{steps}: it is down"
            );
            assert!(crash.restart());
            let wanted: &[i64] = if kept { &[1, 2, 3, 4] } else { &[1, 2] };
            assert_eq!(ids(&db).await, wanted, "crash after {steps} steps");
            two(&db, 5).await.unwrap();
            assert!(!crash.restart(), "nothing crashed since");
        }
    }

    #[tokio::test]
    async fn a_statement_that_is_left_out_changes_nothing_and_does_not_fail() {
        let (db, crash) = Db::in_memory().unwrap();
        db.migrate(FILES).await.unwrap();
        crash.leave_out(Some("ADD"));
        two(&db, 1).await.unwrap();
        crash.leave_out(None);
        two(&db, 3).await.unwrap();
        assert_eq!(ids(&db).await, [3, 4]);
    }

    #[tokio::test]
    async fn a_dropped_transaction_is_rolled_back_and_one_is_open_at_a_time() {
        let (db, _) = Db::in_memory().unwrap();
        db.migrate(FILES).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        tx.exec(ADD, params![1]).await.unwrap();
        assert_eq!(
            db.exec(ADD, params![2]).await.unwrap_err(),
            StoreError::Busy
        );
        drop(tx);
        assert!(ids(&db).await.is_empty());
        db.exec(ADD, params![2]).await.unwrap();
        assert_eq!(ids(&db).await, [2]);
    }
}
