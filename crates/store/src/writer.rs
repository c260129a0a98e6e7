//! The one SQLite writer: a thread that owns the write connection and runs
//! transactions one after the other, several of them on one flush to the disk
//! (group commit). An outer `BEGIN IMMEDIATE` holds a group; each transaction
//! in it is a savepoint. When one commits and others wait, the writer goes on
//! with the next; otherwise, or when the group is full, it commits the outer
//! transaction and only then answers every member. So an answered commit is on
//! the disk, and a failed member takes nobody with it.

use crate::WriteStats;
use crate::error::{Result, StoreError};
use crate::sqlite::run_error;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most transactions on one flush.
const GROUP: usize = 64;
/// A group that has been collecting this long is flushed even if others wait.
const GROUP_AGE: Duration = Duration::from_millis(20);
/// A transaction whose owner asks for nothing for this long is rolled back.
const IDLE: Duration = if cfg!(test) {
    Duration::from_millis(300)
} else {
    Duration::from_secs(30)
};

type Reply = oneshot::Sender<Result<()>>;
type Run = Box<dyn FnOnce(Result<&Connection>) -> Option<StoreError> + Send>;

/// What the queue brings.
pub(crate) enum Work {
    /// A transaction and the line on which its commands come.
    Tx(Receiver<Command>),
    /// Something that must not run inside a transaction.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
    /// Close the connection.
    Stop,
}

/// What a transaction asks for. Hanging up means rollback.
pub(crate) enum Command {
    /// Runs on the connection; gives back why it failed, if it did.
    Run(Run),
    Commit(Reply),
    Rollback(oneshot::Sender<()>),
}

pub(crate) struct Writer {
    conn: Connection,
    queue: Receiver<Work>,
    stats: Arc<WriteStats>,
    /// When the outer transaction began; `None` when there is none.
    open: Option<Instant>,
    /// Committed members that wait for the flush.
    members: Vec<Reply>,
}

impl Writer {
    pub(crate) fn new(conn: Connection, queue: Receiver<Work>, stats: Arc<WriteStats>) -> Self {
        Writer {
            conn,
            queue,
            stats,
            open: None,
            members: Vec::new(),
        }
    }

    /// Serves the queue until everybody has hung up.
    pub(crate) fn run(mut self) {
        while let Some(work) = self.next() {
            match work {
                Work::Tx(commands) => self.transaction(&commands),
                Work::Alone(f) => {
                    self.flush();
                    f(&self.conn);
                }
                Work::Stop => break,
            }
        }
        self.flush();
    }

    fn next(&mut self) -> Option<Work> {
        if let Some(since) = self.open {
            let full = self.members.len() >= GROUP || since.elapsed() >= GROUP_AGE;
            if !full && let Ok(work) = self.queue.try_recv() {
                return Some(work);
            }
            self.flush();
        }
        self.queue.recv().ok()
    }

    fn sql(&self, text: &str) -> Result<()> {
        self.conn
            .execute_batch(text)
            .map_err(|e| run_error("transaction", &e))
    }

    fn transaction(&mut self, commands: &Receiver<Command>) {
        let mut failure = self.open_member().err();
        let began = failure.is_none();
        let committing = loop {
            match commands.recv_timeout(IDLE) {
                Ok(Command::Run(run)) => {
                    let conn = match &failure {
                        None => Ok(&self.conn),
                        Some(e) => Err(e.clone()),
                    };
                    failure = run(conn).or(failure);
                }
                Ok(Command::Commit(reply)) => break Some(reply),
                Ok(Command::Rollback(reply)) => {
                    self.undo_member(began);
                    let _ = reply.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break None,
            }
        };
        let Some(reply) = committing else {
            return self.undo_member(began);
        };
        if failure.is_none() {
            failure = self.sql("RELEASE member").err();
        }
        match failure {
            None => self.members.push(reply),
            Some(e) => {
                self.undo_member(began);
                let _ = reply.send(Err(e));
            }
        }
    }

    fn open_member(&mut self) -> Result<()> {
        if self.open.is_none() {
            self.sql("BEGIN IMMEDIATE")?;
            self.open = Some(Instant::now());
        }
        self.sql("SAVEPOINT member")
    }

    fn undo_member(&mut self, began: bool) {
        if !began {
            return;
        }
        // A full disk makes SQLite roll back everything by itself: the group is lost.
        if self.conn.is_autocommit() {
            return self.lose_group(&StoreError::Full("the group was rolled back".to_owned()));
        }
        if self.sql("ROLLBACK TO member; RELEASE member").is_err() {
            let _ = self.sql("ROLLBACK");
            self.lose_group(&StoreError::unavailable("rollback failed"));
        }
    }

    fn lose_group(&mut self, why: &StoreError) {
        self.open = None;
        for reply in self.members.drain(..) {
            let _ = reply.send(Err(why.clone()));
        }
    }

    /// Ends the outer transaction and answers its members.
    fn flush(&mut self) {
        if self.open.take().is_none() {
            return;
        }
        if self.members.is_empty() {
            let _ = self.sql("ROLLBACK");
            return;
        }
        let result = self.sql("COMMIT");
        if result.is_ok() {
            self.stats.commits.fetch_add(1, Ordering::Relaxed);
            let n = self.members.len() as u64;
            self.stats.transactions.fetch_add(n, Ordering::Relaxed);
        } else if !self.conn.is_autocommit() {
            let _ = self.sql("ROLLBACK");
        }
        for reply in self.members.drain(..) {
            let _ = reply.send(result.clone());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::testing::TestDb;
    use crate::{Db, Migration, Scope, Sql, StoreError, params};
    use std::time::Duration;

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

    #[tokio::test]
    async fn a_transaction_left_idle_is_rolled_back_and_the_next_one_runs() {
        let db = TestDb::sqlite(FILES).await.unwrap();
        let mut idle = db.begin().await.unwrap();
        idle.exec(ADD, params![1]).await.unwrap();
        // Waits behind the idle one, which nobody ends.
        db.exec(ADD, params![2]).await.unwrap();
        let e = idle.exec(ADD, params![3]).await.unwrap_err();
        assert_eq!(e, StoreError::Busy);
        assert!(idle.commit().await.is_err());
        assert_eq!(ids(&db).await, [2]);
        let mut idle = db.begin().await.unwrap();
        idle.exec(ADD, params![4]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(idle.commit().await.unwrap_err(), StoreError::Busy);
        assert_eq!(ids(&db).await, [2]);
    }

    #[tokio::test]
    async fn when_another_process_holds_the_file_the_answer_is_busy() {
        let db = TestDb::sqlite(FILES).await.unwrap();
        let path = db.url().trim_start_matches("sqlite:").to_owned();
        let other = rusqlite::Connection::open(path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let e = db.exec(ADD, params![1]).await.unwrap_err();
        assert_eq!(e, StoreError::Busy);
        other.execute_batch("ROLLBACK").unwrap();
        db.exec(ADD, params![2]).await.unwrap();
        assert_eq!(ids(&db).await, [2]);
    }
}
