//! The one SQLite writer: a thread that owns the write connection and runs
//! transactions one after the other, several of them on one flush to the disk
//! (group commit). An outer `BEGIN IMMEDIATE` holds a group; each transaction
//! in it is a savepoint. When one commits and others wait, the writer goes on
//! with the next; otherwise, or when the group is full, it commits the outer
//! transaction and only then answers every member. So an answered commit is on
//! the disk, and a failed member takes nobody with it. A transaction comes as a
//! line of commands, or whole: then its code runs here, and no statement waits
//! for a way to another thread and back.

use crate::WriteStats;
use crate::error::{Result, StoreError};
use crate::sqlite::run_error;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
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

/// Told of the flush.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;
type Run = Box<dyn FnOnce(Result<&Connection>) -> Option<StoreError> + Send>;

/// What the queue brings.
pub(crate) enum Work {
    /// A transaction and the line on which its commands come.
    Tx(Receiver<Command>),
    /// A transaction whose code runs here.
    Whole(Box<dyn Whole>),
    /// Something that must not run inside a transaction.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
    /// Close the connection.
    Stop,
}

/// What a transaction asks for. Hanging up means rollback.
pub(crate) enum Command {
    /// Runs on the connection; gives back why it failed, if it did.
    Run(Run),
    Commit(oneshot::Sender<Result<()>>),
    Rollback(oneshot::Sender<()>),
}

/// A transaction that runs on the writer's own thread.
pub(crate) trait Whole: Send {
    /// Runs it; gives what is to be told of the flush, when it was committed.
    fn run(self: Box<Self>, here: Here) -> Option<Reply>;
    /// It cannot begin.
    fn refuse(self: Box<Self>, why: StoreError);
}

/// The write connection as a transaction on the writer's thread has it.
pub(crate) struct Here {
    conn: Arc<Mutex<Connection>>,
    committed: Arc<AtomicBool>,
}

fn locked(conn: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    conn.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Here {
    pub(crate) fn run<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        f(&locked(&self.conn))
    }

    /// Part of the group from now on; on the disk with its flush.
    pub(crate) fn commit(self) -> Result<()> {
        let release = |conn: &Connection| conn.execute_batch("RELEASE member");
        release(&locked(&self.conn)).map_err(|e| run_error("transaction", &e))?;
        self.committed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A transaction's code with the way back to whoever asked for it.
pub(crate) struct Carried<T, F> {
    pub(crate) code: F,
    pub(crate) back: oneshot::Sender<Result<T>>,
}

impl<T, F> Whole for Carried<T, F>
where
    T: Send + 'static,
    F: FnOnce(Here) -> Pin<Box<dyn Future<Output = T> + Send>> + Send,
{
    fn run(self: Box<Self>, here: Here) -> Option<Reply> {
        let Carried { code, back } = *self;
        let committed = here.committed.clone();
        // Its fault must not take the writer away from everybody.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut code = code(here);
            // Nothing in it has to be waited for: each statement is done when it is asked.
            code.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        }));
        let value = match ran {
            Ok(Poll::Ready(value)) => value,
            Ok(Poll::Pending) => {
                let _ = back.send(Err(StoreError::bug(
                    "a transaction waited for something else",
                )));
                return None;
            }
            Err(_) => {
                let _ = back.send(Err(StoreError::bug("a transaction panicked")));
                return None;
            }
        };
        if committed.load(Ordering::Relaxed) {
            return Some(Box::new(move |flushed: Result<()>| {
                let _ = back.send(flushed.map(|()| value));
            }));
        }
        let _ = back.send(Ok(value));
        None
    }

    fn refuse(self: Box<Self>, why: StoreError) {
        let _ = self.back.send(Err(why));
    }
}

pub(crate) struct Writer {
    /// Nobody else locks it while the writer does anything with it.
    conn: Arc<Mutex<Connection>>,
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
            conn: Arc::new(Mutex::new(conn)),
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
                Work::Whole(whole) => self.whole(whole),
                Work::Alone(f) => {
                    self.flush();
                    f(&locked(&self.conn));
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
        locked(&self.conn)
            .execute_batch(text)
            .map_err(|e| run_error("transaction", &e))
    }

    fn transaction(&mut self, commands: &Receiver<Command>) {
        let mut failure = self.open_member().err();
        let began = failure.is_none();
        let committing = loop {
            match commands.recv_timeout(IDLE) {
                Ok(Command::Run(run)) => {
                    failure = match &failure {
                        None => run(Ok(&locked(&self.conn))),
                        Some(e) => run(Err(e.clone())),
                    }
                    .or(failure);
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
            None => self.members.push(Box::new(move |flushed| {
                let _ = reply.send(flushed);
            })),
            Some(e) => {
                self.undo_member(began);
                let _ = reply.send(Err(e));
            }
        }
    }

    fn whole(&mut self, whole: Box<dyn Whole>) {
        if let Err(e) = self.open_member() {
            return whole.refuse(e);
        }
        let here = Here {
            conn: self.conn.clone(),
            committed: Arc::default(),
        };
        match whole.run(here) {
            Some(reply) => self.members.push(reply),
            None => self.undo_member(true),
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
        if locked(&self.conn).is_autocommit() {
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
            reply(Err(why.clone()));
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
        } else if !locked(&self.conn).is_autocommit() {
            let _ = self.sql("ROLLBACK");
        }
        for reply in self.members.drain(..) {
            reply(result.clone());
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

    /// Adds a row in a transaction at the writer and commits it, or does not.
    async fn add(db: &Db, id: i64, commit: bool) -> Result<i64, StoreError> {
        db.transact(move |mut tx| {
            Box::pin(async move {
                tx.exec(ADD, params![id]).await?;
                let seen = tx.query(IDS, params![]).await?.len() as i64;
                if commit {
                    tx.commit().await?;
                }
                Ok(seen)
            })
        })
        .await?
    }

    #[tokio::test]
    async fn a_transaction_at_the_writer_keeps_what_it_commits_and_nothing_else() {
        let db = TestDb::sqlite(FILES).await.unwrap();
        assert_eq!(add(&db, 1, true).await, Ok(1));
        assert_eq!(add(&db, 2, false).await, Ok(2), "it saw its own row");
        assert!(matches!(
            add(&db, 1, true).await,
            Err(StoreError::Conflict { .. })
        ));
        assert_eq!(add(&db, 3, true).await, Ok(2));
        assert_eq!(ids(&db).await, [1, 3]);
    }

    #[tokio::test]
    async fn transactions_at_the_writer_share_flushes_and_a_bad_one_spoils_no_other() {
        let db = TestDb::sqlite(FILES).await.unwrap();
        let before = db.write_stats().unwrap().commits();
        let one = |i: i64| {
            let db = db.clone();
            // Every third one has the row of the one before it.
            tokio::spawn(async move { add(&db, i - i64::from(i % 3 == 2), true).await })
        };
        let all: Vec<_> = (0..90).map(one).collect();
        let mut kept = 0;
        for task in all {
            kept += i64::from(task.await.unwrap().is_ok());
        }
        assert_eq!(kept, 60);
        assert_eq!(ids(&db).await.len(), 60);
        let flushes = db.write_stats().unwrap().commits() - before;
        assert!(flushes < 60, "{flushes} flushes for 60 transactions");
    }

    #[tokio::test]
    async fn a_transaction_at_the_writer_that_panics_or_waits_is_undone_and_the_writer_goes_on() {
        let db = TestDb::sqlite(FILES).await.unwrap();
        let broken = db
            .transact::<(), _>(|mut tx| {
                Box::pin(async move {
                    tx.exec(ADD, params![1]).await.unwrap();
                    panic!("as planned");
                })
            })
            .await;
        assert!(matches!(broken, Err(StoreError::Bug(_))), "{broken:?}");
        let (outer, waits) = (db.clone(), db.clone());
        let waited = outer
            .transact(move |mut tx| {
                Box::pin(async move {
                    tx.exec(ADD, params![2]).await.unwrap();
                    // Somebody else's work while the writer is held.
                    waits.exec(ADD, params![3]).await.unwrap();
                    tx.commit().await.unwrap();
                })
            })
            .await;
        assert!(matches!(waited, Err(StoreError::Bug(_))), "{waited:?}");
        assert_eq!(
            add(&db, 4, true).await.unwrap(),
            2,
            "the other's row is there"
        );
        assert_eq!(ids(&db).await, [3, 4]);
    }
}
