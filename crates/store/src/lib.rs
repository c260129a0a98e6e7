//! The database: two engines behind one small interface. SQLite for a county
//! PC, PostgreSQL (or what speaks its protocol) above that; the same SQL text
//! runs on both. This crate knows statements, values, transactions, migrations,
//! bulk loads and test databases. It knows no table of the product and no rule
//! of the business: which statement may run for which unit is decided above.
//!
//! What differs between the engines and is not evened out here: `NULL` sorts
//! first on SQLite and last on PostgreSQL (say `NULLS FIRST`); casts are
//! written `CAST(x AS …)`, not `x::…`.

mod copy;
mod error;
mod fold;
mod inline;
mod migrate;
mod pgtypes;
mod postgres;
mod sql;
mod sqlite;
mod statistics;
pub mod testing;
mod value;
mod writer;

pub use copy::CopyReport;
pub use error::{Result, StoreError};
pub use inline::Crash;
pub use migrate::Migration;
pub use sql::{Scope, Sql};
pub use value::{FromValue, Row, Value};

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which database is behind a [`Db`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A server that speaks PostgreSQL's protocol.
    Postgres,
}

/// A column of a table or of a result. `ty` is the engine's name of the type,
/// empty for results of SQLite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// Type as the engine calls it.
    pub ty: String,
}

/// What a prepared statement takes and gives. `params` are the engine's type
/// names; on SQLite empty texts, one per parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// One per parameter.
    pub params: Vec<String>,
    /// One per column of the result; empty when it returns no rows.
    pub columns: Vec<ColumnInfo>,
}

/// A table of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInfo {
    /// Name.
    pub name: String,
    /// In declared order.
    pub columns: Vec<ColumnInfo>,
    /// Columns of the primary key in key order; empty when there is none.
    pub primary_key: Vec<String>,
    /// Tables its foreign keys point to, sorted, each once.
    pub references: Vec<String>,
}

/// Counters of the SQLite writer since the database was opened.
#[derive(Debug, Default)]
pub struct WriteStats {
    transactions: AtomicU64,
    commits: AtomicU64,
}

impl WriteStats {
    /// Transactions committed.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }
    /// Flushes to the disk they took.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

/// A database. Cloning shares it.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

enum Inner {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens `sqlite:PATH` (made when missing) or `postgres://…`. For TLS to PostgreSQL:
    /// `?sslmode=require&sslrootcert=FILE.pem`.
    pub async fn open(url: &str) -> Result<Db> {
        let inner = if let Some(path) = url.strip_prefix("sqlite:") {
            Inner::Sqlite(sqlite::Sqlite::open(path).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Inner::Postgres(postgres::Postgres::open(url).await?)
        } else {
            return Err(StoreError::unavailable(
                "the database URL must begin with sqlite: or postgres://",
            ));
        };
        Ok(Db(Arc::new(inner)))
    }

    /// A SQLite database in memory that does everything when it is asked, on the asking
    /// thread, and crashes where it is told to: for simulations. One transaction at a time,
    /// and no read beside it; no backup.
    pub fn in_memory() -> Result<(Db, Crash)> {
        let (lite, crash) = sqlite::Sqlite::in_memory()?;
        Ok((Db(Arc::new(Inner::Sqlite(lite))), crash))
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match &*self.0 {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Counters of the writer; `None` on PostgreSQL.
    pub fn write_stats(&self) -> Option<&WriteStats> {
        match &*self.0 {
            Inner::Sqlite(lite) => Some(&lite.stats),
            Inner::Postgres(_) => None,
        }
    }

    /// Reads, outside of any transaction. Sees everything whose commit was answered.
    pub async fn query(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>> {
        let text = sql.for_engine(self.engine());
        match &*self.0 {
            Inner::Sqlite(lite) => {
                lite.read(move |conn| sqlite::query(conn, sql.name, &text, &params))
                    .await
            }
            Inner::Postgres(pg) => {
                postgres::query(&pg.client().await?, sql.name, &text, &params).await
            }
        }
    }

    /// At most one row; more than one is [`StoreError::Bug`].
    pub async fn query_opt(&self, sql: Sql, params: Vec<Value>) -> Result<Option<Row>> {
        at_most_one(sql, self.query(sql, params).await?)
    }

    /// Exactly one row; none is [`StoreError::NotFound`].
    pub async fn query_one(&self, sql: Sql, params: Vec<Value>) -> Result<Row> {
        self.query_opt(sql, params)
            .await?
            .ok_or(StoreError::NotFound)
    }

    /// One write in a transaction of its own; gives the number of rows changed.
    pub async fn exec(&self, sql: Sql, params: Vec<Value>) -> Result<u64> {
        let text = sql.for_engine(self.engine());
        match &*self.0 {
            Inner::Sqlite(lite) => {
                let run = move |conn: &_| sqlite::exec(conn, sql.name, &text, &params);
                lite.begin().run_and_commit(run).await
            }
            Inner::Postgres(pg) => {
                postgres::exec(&pg.client().await?, sql.name, &text, &params).await
            }
        }
    }

    /// One write with `RETURNING` in a transaction of its own.
    pub async fn exec_returning(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>> {
        let text = sql.for_engine(self.engine());
        match &*self.0 {
            Inner::Sqlite(lite) => {
                let run = move |conn: &_| sqlite::query(conn, sql.name, &text, &params);
                lite.begin().run_and_commit(run).await
            }
            Inner::Postgres(pg) => {
                postgres::query(&pg.client().await?, sql.name, &text, &params).await
            }
        }
    }

    /// Begins a transaction. On SQLite it holds the only writer from its first statement to
    /// its end: do nothing slow inside, and do not write through [`Db`] meanwhile. One that
    /// asks for nothing for 30 s (PostgreSQL: 60 s) is rolled back.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &*self.0 {
            Inner::Sqlite(lite) => TxInner::Sqlite(lite.begin()),
            Inner::Postgres(pg) => TxInner::Postgres(pg.begin_later(postgres::BEGIN).await?),
        };
        Ok(Tx {
            inner,
            failed: false,
        })
    }

    /// Runs a transaction where its statements cost least: on SQLite on the thread of the
    /// writer, with one way there and back for all of them. `code` must do nothing but
    /// statements of the transaction it is given: whatever else has to be waited for is a
    /// [`StoreError::Bug`]. What `code` gives comes back only when what it committed is on
    /// the disk; what it did not commit is undone.
    ///
    /// # Errors
    /// The database could not keep what was committed.
    pub async fn transact<T, F>(&self, code: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Tx) -> Pin<Box<dyn Future<Output = T> + Send>> + Send + 'static,
    {
        let tx = |inner: TxInner| Tx {
            inner,
            failed: false,
        };
        let lite = match &*self.0 {
            Inner::Sqlite(lite) => lite,
            Inner::Postgres(pg) => {
                let begun = pg.begin_later(postgres::BEGIN_SHORT).await?;
                return Ok(code(tx(TxInner::Postgres(begun))).await);
            }
        };
        let here = move |lite| code(tx(TxInner::Sqlite(lite)));
        match lite.at_writer(here).await {
            Ok(done) => done,
            Err(here) => Ok(here(lite.begin()).await),
        }
    }

    /// [`Tx::bulk`] in a transaction of its own.
    pub async fn bulk(
        &self,
        table: &'static str,
        cols: &'static [&'static str],
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        let mut tx = self.begin().await?;
        let n = tx.bulk(table, cols, rows).await?;
        tx.commit().await?;
        Ok(n)
    }

    /// Prepares a statement without running it.
    pub async fn check(&self, sql: &Sql) -> Result<Described> {
        match &*self.0 {
            Inner::Sqlite(lite) => lite.describe(*sql).await,
            Inner::Postgres(pg) => pg.describe(*sql).await,
        }
    }

    /// The plan the engine would follow, one step a line, in the engine's own words.
    pub async fn explain(&self, sql: Sql, params: Vec<Value>) -> Result<String> {
        let text = sql.for_engine(self.engine());
        let (rows, column) = match &*self.0 {
            Inner::Sqlite(lite) => {
                let text = format!("EXPLAIN QUERY PLAN {text}");
                let run = move |conn: &_| sqlite::query(conn, sql.name, &text, &params);
                (lite.read(run).await?, 3)
            }
            Inner::Postgres(pg) => {
                let text = format!("EXPLAIN {text}");
                let client = pg.client().await?;
                (postgres::query(&client, sql.name, &text, &params).await?, 0)
            }
        };
        let lines: Result<Vec<String>> = rows.iter().map(|row| row.get(column)).collect();
        Ok(lines?.join("\n"))
    }

    /// Every table of the schema by name, those of this crate included.
    pub async fn tables(&self) -> Result<Vec<TableInfo>> {
        match &*self.0 {
            Inner::Sqlite(lite) => lite.tables().await,
            Inner::Postgres(pg) => pg.tables().await,
        }
    }

    /// Writes a consistent copy of a SQLite database into a new file while work goes on.
    pub async fn backup_sqlite_to(&self, path: &Path) -> Result<()> {
        match &*self.0 {
            Inner::Sqlite(lite) => lite.backup_to(path).await,
            Inner::Postgres(_) => Err(StoreError::unavailable(
                "PostgreSQL is backed up with its own tools",
            )),
        }
    }

    /// Gives unused space back and refreshes what the planner knows.
    pub async fn vacuum(&self) -> Result<()> {
        match &*self.0 {
            Inner::Sqlite(lite) => lite.vacuum().await,
            Inner::Postgres(pg) => pg.vacuum().await,
        }
    }

    /// Finishes what was committed and closes; afterwards everything is `Unavailable`.
    pub async fn close(&self) -> Result<()> {
        match &*self.0 {
            Inner::Sqlite(lite) => lite.close().await,
            Inner::Postgres(pg) => {
                pg.close();
                Ok(())
            }
        }
    }
}

fn at_most_one(sql: Sql, rows: Vec<Row>) -> Result<Option<Row>> {
    if rows.len() > 1 {
        let (name, n) = (sql.name, rows.len());
        return Err(StoreError::bug(format!(
            "{name}: one row wanted, {n} found"
        )));
    }
    Ok(rows.into_iter().next())
}

/// One statement of several that go to the engine together: run once for each
/// row of parameters.
#[derive(Debug)]
pub struct Step {
    /// The statement.
    pub sql: Sql,
    /// Parameters of each run; none = it is not run.
    pub rows: Vec<Vec<Value>>,
}

impl Step {
    /// A statement that is run once.
    pub fn once(sql: Sql, params: Vec<Value>) -> Step {
        let rows = vec![params];
        Step { sql, rows }
    }
}

/// What a [`Step`] came to.
#[derive(Debug, Default)]
pub struct Ran {
    /// Rows of each run, in the order of its parameters.
    pub rows: Vec<Vec<Row>>,
    /// Rows changed in all; 0 for a statement that gives rows.
    pub changed: u64,
}

/// A step with the text of its engine.
pub(crate) struct Ready {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    pub(crate) rows: Vec<Vec<Value>>,
    left_out: bool,
}

impl Ready {
    /// A simulation lets it be forgotten: it says that it was done.
    fn forgotten(&self) -> Option<Ran> {
        self.left_out.then(|| Ran {
            rows: vec![vec![]; self.rows.len()],
            changed: self.rows.len() as u64,
        })
    }
}

/// A transaction. Dropping it rolls it back. After an error (or a cancelled
/// call) it takes no further statement and cannot be committed, on both engines.
pub struct Tx {
    inner: TxInner,
    failed: bool,
}

enum TxInner {
    Sqlite(sqlite::LiteTx),
    Postgres(postgres::PgTx),
}

/// Runs one step of a transaction: it counts as failed until the step has succeeded, so
/// that a step that was cancelled half-way also spoils it.
macro_rules! step {
    ($tx:ident, $lite:ident => $on_lite:expr, $pg:ident => $on_pg:expr) => {{
        if $tx.failed {
            return Err(failed_before());
        }
        $tx.failed = true;
        let result = match &mut $tx.inner {
            TxInner::Sqlite($lite) => $on_lite.await,
            TxInner::Postgres($pg) => $on_pg.await,
        };
        $tx.failed = result.is_err();
        result
    }};
}

fn failed_before() -> StoreError {
    StoreError::bug("an earlier statement of this transaction failed")
}

impl Tx {
    fn engine(&self) -> Engine {
        match &self.inner {
            TxInner::Sqlite(_) => Engine::Sqlite,
            TxInner::Postgres(_) => Engine::Postgres,
        }
    }

    /// Whether a simulation lets this statement be forgotten.
    fn leaves_out(&self, sql: Sql) -> bool {
        match &self.inner {
            TxInner::Sqlite(sqlite::LiteTx::Inline(tx)) => tx.leaves_out(sql.name),
            _ => false,
        }
    }

    /// Reads inside the transaction; sees its own writes.
    pub async fn query(&mut self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>> {
        let text = sql.for_engine(self.engine());
        self.query_text(sql.name, text.into_owned(), params).await
    }

    /// At most one row; more than one is [`StoreError::Bug`].
    pub async fn query_opt(&mut self, sql: Sql, params: Vec<Value>) -> Result<Option<Row>> {
        at_most_one(sql, self.query(sql, params).await?)
    }

    /// Exactly one row; none is [`StoreError::NotFound`] (the transaction stays usable).
    pub async fn query_one(&mut self, sql: Sql, params: Vec<Value>) -> Result<Row> {
        self.query_opt(sql, params)
            .await?
            .ok_or(StoreError::NotFound)
    }

    /// Writes; gives the number of rows changed.
    pub async fn exec(&mut self, sql: Sql, params: Vec<Value>) -> Result<u64> {
        if self.leaves_out(sql) {
            return Ok(1);
        }
        let text = sql.for_engine(self.engine());
        step!(self,
        lite => lite.run(move |conn| sqlite::exec(conn, sql.name, &text, &params)),
        pg => {
            let (client, begin) = pg.line();
            postgres::first(client, begin, postgres::exec(client, sql.name, &text, &params))
        })
    }

    /// Writes with `RETURNING`.
    pub async fn exec_returning(&mut self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>> {
        self.query(sql, params).await
    }

    /// Runs one statement for many rows of parameters, as fast as the engine can: in one go
    /// on SQLite, without waiting for every answer on PostgreSQL. Gives the number of rows
    /// changed in all.
    pub async fn exec_many(&mut self, sql: Sql, rows: Vec<Vec<Value>>) -> Result<u64> {
        if self.leaves_out(sql) {
            return Ok(rows.len() as u64);
        }
        let text = sql.for_engine(self.engine());
        step!(self,
        lite => lite.run(move |conn| {
            Ok(sqlite::run(conn, sql.name, &text, &rows)?.changed)
        }),
        pg => {
            let (client, begin) = pg.line();
            postgres::first(client, begin, postgres::exec_many(client, sql.name, &text, &rows))
        })
    }

    fn ready(&self, steps: Vec<Step>) -> Vec<Ready> {
        let one = |s: Step| Ready {
            name: s.sql.name,
            text: s.sql.for_engine(self.engine()).into_owned(),
            left_out: self.leaves_out(s.sql),
            rows: s.rows,
        };
        steps.into_iter().map(one).collect()
    }

    /// Runs several statements in their order with one way to the engine and back: on
    /// SQLite in one go, on PostgreSQL without waiting for each answer. No statement may
    /// depend on what an earlier one of them gives, only on what it has written.
    pub async fn steps(&mut self, steps: Vec<Step>) -> Result<Vec<Ran>> {
        let steps = self.ready(steps);
        step!(self,
        lite => lite.steps(steps),
        pg => {
            let (client, begin) = pg.line();
            postgres::first(client, begin, postgres::steps(client, &steps))
        })
    }

    /// [`Tx::steps`] and the commit.
    pub async fn steps_and_commit(self, steps: Vec<Step>) -> Result<Vec<Ran>> {
        if self.failed {
            self.rollback().await?;
            return Err(failed_before());
        }
        let steps = self.ready(steps);
        match self.inner {
            TxInner::Sqlite(lite) => lite.steps_and_commit(steps).await,
            TxInner::Postgres(pg) => pg.steps_and_commit(&steps).await,
        }
    }

    /// Inserts many rows, each with one value per column, as fast as the engine can:
    /// `COPY BINARY` on PostgreSQL, one prepared statement on SQLite.
    pub async fn bulk(
        &mut self,
        table: &'static str,
        cols: &'static [&'static str],
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        self.insert(table, cols, rows).await
    }

    pub(crate) async fn insert(
        &mut self,
        table: &str,
        cols: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        let columns = column_list(table, cols)?;
        step!(self,
        lite => {
            let table = table.to_owned();
            let text = insert_text(&table, &columns, cols.len());
            lite.run(move |conn| sqlite::insert(conn, &table, &text, &rows))
        },
        pg => async {
            let mut copy = postgres::PgCopy::start(pg.begun().await?, table, &columns).await?;
            copy.write(&rows).await?;
            copy.finish().await
        })
    }

    pub(crate) async fn query_text(
        &mut self,
        name: &'static str,
        text: String,
        params: Vec<Value>,
    ) -> Result<Vec<Row>> {
        step!(self,
        lite => lite.run(move |conn| sqlite::query(conn, name, &text, &params)),
        pg => {
            let (client, begin) = pg.line();
            postgres::first(client, begin, postgres::query(client, name, &text, &params))
        })
    }

    /// Runs a script of several statements without parameters.
    pub(crate) async fn script(&mut self, name: &'static str, text: String) -> Result<()> {
        step!(self,
            lite => lite.run(move |conn| {
                conn.execute_batch(&text).map_err(|e| sqlite::prepare_error(name, &e))
            }),
            pg => pg.batch(name, &text))
    }

    /// Makes the writes durable. When it answers `Ok`, they are on the disk.
    pub async fn commit(self) -> Result<()> {
        if self.failed {
            self.rollback().await?;
            return Err(failed_before());
        }
        match self.inner {
            TxInner::Sqlite(lite) => lite.commit().await,
            TxInner::Postgres(pg) => pg.end("COMMIT").await,
        }
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            TxInner::Sqlite(lite) => lite.rollback().await,
            TxInner::Postgres(pg) => pg.end("ROLLBACK").await,
        }
    }
}

/// The quoted columns of a bulk load; names are identifiers of our own schema, nothing else.
fn column_list(table: &str, cols: &[&str]) -> Result<String> {
    let plain = |s: &str| {
        !s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !plain(table) || !cols.iter().all(|c| plain(c)) || cols.is_empty() {
        return Err(StoreError::bug(format!("{table}: not a plain name")));
    }
    let quoted: Vec<String> = cols.iter().map(|c| format!("\"{c}\"")).collect();
    Ok(quoted.join(", "))
}

fn insert_text(table: &str, columns: &str, n: usize) -> String {
    let marks: Vec<String> = (1..=n).map(|i| format!("?{i}")).collect();
    format!(
        "INSERT INTO \"{table}\" ({columns}) VALUES ({})",
        marks.join(", ")
    )
}
