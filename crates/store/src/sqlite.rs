//! The SQLite engine: connections, statements and errors. Reads run on up to
//! four read-only connections, each read one hop to a blocking thread; writes
//! go to the one writer in `writer.rs`. With that one, `copy.rs`, `inline.rs`
//! and `statistics.rs` all that names rusqlite.

use crate::error::{Result, StoreError};
use crate::inline::{Crash, Inline, InlineTx};
use crate::sql::Sql;
use crate::statistics;
use crate::value::{Row, Value, check_all};
use crate::writer::{Carried, Command, Here, Work, Writer};
use crate::{ColumnInfo, Described, Engine, Ran, Ready, TableInfo, WriteStats};
use rusqlite::types::{ToSqlOutput, Value as Lite, ValueRef};
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

const READERS: usize = 4;
/// How long to wait for another process that holds the file.
const BUSY_MS: u32 = if cfg!(test) { 200 } else { 5_000 };

/// A database file.
pub(crate) struct Sqlite {
    path: PathBuf,
    queue: mpsc::Sender<Work>,
    readers: Arc<Readers>,
    /// Everything at once on the asking thread, in memory; the other parts are idle then.
    inline: Option<Arc<Inline>>,
    pub(crate) stats: Arc<WriteStats>,
}

/// Read connections; at most [`READERS`] are out at once, opened when first needed.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    fn of(path: &Path) -> Arc<Readers> {
        Arc::new(Readers {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
        })
    }
}

/// A connection on loan; goes back on drop, also when the reading task was cancelled.
struct Lease {
    conn: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            let mut idle = self
                .readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            idle.push(conn);
        }
    }
}

impl Sqlite {
    pub(crate) async fn open(path: &str) -> Result<Self> {
        if path.is_empty() || path.contains(":memory:") {
            return Err(StoreError::unavailable(
                "sqlite needs a file: several connections share it",
            ));
        }
        let path = PathBuf::from(path);
        let file = path.clone();
        let conn = blocking(move || open_writer(&file)).await?;
        let (queue, work) = mpsc::channel();
        let stats = Arc::new(WriteStats::default());
        let writer = Writer::new(conn, work, stats.clone());
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || writer.run())
            .map_err(|e| StoreError::unavailable(format!("writer thread: {e}")))?;
        Ok(Sqlite {
            readers: Readers::of(&path),
            path,
            queue,
            inline: None,
            stats,
        })
    }

    /// A database in memory that does everything when it is asked.
    pub(crate) fn in_memory() -> Result<(Self, Crash)> {
        let (inline, crash) = Inline::open()?;
        let path = PathBuf::new();
        let lite = Sqlite {
            readers: Readers::of(&path),
            path,
            queue: mpsc::channel().0,
            inline: Some(inline),
            stats: Arc::default(),
        };
        Ok((lite, crash))
    }

    /// Runs a read on a reader connection.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(inline) = &self.inline {
            return inline.alone(f);
        }
        let permit = self
            .readers
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| closed())?;
        let readers = self.readers.clone();
        blocking(move || {
            let idle = readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            let conn = match idle {
                Some(conn) => conn,
                None => open_reader(&readers.path)?,
            };
            let lease = Lease {
                conn: Some(conn),
                readers,
                _permit: permit,
            };
            lease.conn.as_ref().map_or_else(|| Err(closed()), f)
        })
        .await
    }

    /// Runs something on the writer connection outside of any transaction.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(inline) = &self.inline {
            return inline.alone(f);
        }
        let (reply, answer) = oneshot::channel();
        let work = Work::Alone(Box::new(move |conn| {
            // The asker may have gone away; the work is done all the same.
            let _ = reply.send(f(conn));
        }));
        self.queue.send(work).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    pub(crate) fn begin(&self) -> LiteTx {
        if let Some(inline) = &self.inline {
            return LiteTx::Inline(inline.begin());
        }
        let (commands, inbox) = mpsc::channel();
        LiteTx::Line(Line {
            queue: self.queue.clone(),
            inbox: Some(inbox),
            commands,
        })
    }

    /// Runs the code of a transaction on the writer's thread. None when there is no such
    /// thread; then the code is given back.
    pub(crate) async fn at_writer<T, F>(&self, code: F) -> std::result::Result<Result<T>, F>
    where
        T: Send + 'static,
        F: FnOnce(LiteTx) -> Pin<Box<dyn Future<Output = T> + Send>> + Send + 'static,
    {
        if self.inline.is_some() {
            return Err(code);
        }
        let (back, answer) = oneshot::channel();
        let code = |here| code(LiteTx::Here(here));
        let work = Work::Whole(Box::new(Carried { code, back }));
        if self.queue.send(work).is_err() {
            return Ok(Err(closed()));
        }
        Ok(answer.await.unwrap_or_else(|_| Err(closed())))
    }

    pub(crate) async fn describe(&self, sql: Sql) -> Result<Described> {
        self.read(move |conn| {
            let st = conn
                .prepare(&sql.for_engine(Engine::Sqlite))
                .map_err(|e| prepare_error(sql.name, &e))?;
            let n = st.parameter_count();
            for i in 1..=n {
                let name = format!("${i}");
                if st.parameter_index(&name).ok().flatten().is_none() {
                    return Err(StoreError::bug(format!(
                        "{}: {n} parameters but no {name}",
                        sql.name
                    )));
                }
            }
            let columns = st.column_names().map(|name| ColumnInfo {
                name: name.to_owned(),
                ty: String::new(),
            });
            Ok(Described {
                params: vec![String::new(); n],
                columns: columns.collect(),
            })
        })
        .await
    }

    pub(crate) async fn tables(&self) -> Result<Vec<TableInfo>> {
        self.read(read_tables).await
    }

    pub(crate) async fn backup_to(&self, to: &Path) -> Result<()> {
        let (from, to) = (self.path.clone(), to.to_owned());
        blocking(move || {
            if std::fs::metadata(&to).is_ok_and(|m| m.len() > 0) {
                return Err(StoreError::unavailable("backup: the file exists already"));
            }
            let from = open_reader(&from)?;
            let mut to = Connection::open(&to).map_err(|e| run_error("backup", &e))?;
            let backup = rusqlite::backup::Backup::new(&from, &mut to)
                .map_err(|e| run_error("backup", &e))?;
            // All pages in one step: in WAL mode that is one snapshot which no writer
            // disturbs and which disturbs no writer. Smaller steps restart at every write.
            match backup.step(-1).map_err(|e| run_error("backup", &e))? {
                rusqlite::backup::StepResult::Done => Ok(()),
                _ => Err(StoreError::Busy),
            }
        })
        .await
    }

    /// A connection of its own whose reads all see the same moment.
    pub(crate) async fn snapshot(&self) -> Result<Connection> {
        let path = self.path.clone();
        blocking(move || {
            let conn = open_reader(&path)?;
            conn.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema")
                .map_err(|e| run_error("snapshot", &e))?;
            Ok(conn)
        })
        .await
    }

    pub(crate) async fn vacuum(&self) -> Result<()> {
        self.alone(|conn| {
            // No PRAGMA optimize: it would measure what `statistics` has settled.
            conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
                .map_err(|e| run_error("vacuum", &e))
        })
        .await
    }

    /// Says what the planner shall believe; readers opened from now on know it.
    pub(crate) async fn settle_statistics(&self) -> Result<()> {
        self.alone(statistics::settle).await?;
        let mut idle = self.readers.idle.lock();
        idle.as_mut()
            .unwrap_or_else(|poisoned| poisoned.get_mut())
            .clear();
        Ok(())
    }

    pub(crate) async fn close(&self) -> Result<()> {
        if self.inline.is_some() {
            return Ok(());
        }
        self.readers.permits.close();
        self.readers
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.alone(|conn| {
            conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
                .map_err(|e| run_error("close", &e))
        })
        .await?;
        self.queue.send(Work::Stop).map_err(|_| closed())
    }
}

/// A write transaction as its owner sees it; dropping it rolls back.
pub(crate) enum LiteTx {
    Line(Line),
    Inline(InlineTx),
    /// On the writer's own thread.
    Here(Here),
}

impl LiteTx {
    /// Runs something inside the transaction.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            LiteTx::Line(line) => line.run(f).await,
            LiteTx::Inline(tx) => tx.run(f),
            LiteTx::Here(here) => here.run(f),
        }
    }

    /// Runs something and commits, with one hop to the writer and back.
    pub(crate) async fn run_and_commit<T: Send + 'static>(
        self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            LiteTx::Line(line) => line.run_and_commit(f).await,
            LiteTx::Inline(mut tx) => {
                let result = tx.run(f)?;
                tx.commit()?;
                Ok(result)
            }
            LiteTx::Here(here) => {
                let result = here.run(f)?;
                here.commit()?;
                Ok(result)
            }
        }
    }

    /// Several statements with one hop; in a simulation each run of each is a step.
    pub(crate) async fn steps(&mut self, steps: Vec<Ready>) -> Result<Vec<Ran>> {
        match self {
            LiteTx::Line(line) => line.run(move |conn| run_all(conn, &steps)).await,
            LiteTx::Inline(tx) => steps.iter().map(|s| inline(tx, s)).collect(),
            LiteTx::Here(here) => here.run(|conn| run_all(conn, &steps)),
        }
    }

    /// The same, and the commit with the same hop.
    pub(crate) async fn steps_and_commit(mut self, steps: Vec<Ready>) -> Result<Vec<Ran>> {
        if let LiteTx::Line(line) = self {
            return line.run_and_commit(move |conn| run_all(conn, &steps)).await;
        }
        let ran = self.steps(steps).await?;
        self.commit().await?;
        Ok(ran)
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            LiteTx::Line(line) => line.commit().await,
            LiteTx::Inline(tx) => tx.commit(),
            LiteTx::Here(here) => here.commit(),
        }
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            LiteTx::Line(line) => line.rollback().await,
            LiteTx::Inline(tx) => tx.rollback(),
            // The writer undoes what was not committed.
            LiteTx::Here(_) => Ok(()),
        }
    }
}

/// A line to the writer thread; it takes its place in the queue with its first
/// statement.
pub(crate) struct Line {
    queue: mpsc::Sender<Work>,
    inbox: Option<mpsc::Receiver<Command>>,
    commands: mpsc::Sender<Command>,
}

impl Line {
    fn send(&mut self, command: Command) -> Result<()> {
        // The writer hangs up on a transaction that sat idle too long.
        self.commands.send(command).map_err(|_| StoreError::Busy)?;
        match self.inbox.take() {
            Some(inbox) => self.queue.send(Work::Tx(inbox)).map_err(|_| closed()),
            None => Ok(()),
        }
    }

    fn send_run<T: Send + 'static>(
        &mut self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Run(Box::new(move |conn| {
            let result = conn.and_then(f);
            let failure = result.as_ref().err().cloned();
            let _ = reply.send(result);
            failure
        })))?;
        Ok(answer)
    }

    async fn run<T: Send + 'static>(
        &mut self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.send_run(f)?;
        answer.await.map_err(|_| StoreError::Busy)?
    }

    async fn run_and_commit<T: Send + 'static>(
        mut self,
        f: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        // Both commands are on the line before the writer sees it.
        let inbox = self.inbox.take();
        let answer = self.send_run(f)?;
        let (reply, committed) = oneshot::channel();
        self.send(Command::Commit(reply))?;
        if let Some(inbox) = inbox {
            self.queue.send(Work::Tx(inbox)).map_err(|_| closed())?;
        }
        let result = answer.await.map_err(|_| closed())??;
        committed.await.map_err(|_| closed())??;
        Ok(result)
    }

    async fn commit(mut self) -> Result<()> {
        if self.inbox.is_some() {
            return Ok(()); // nothing was ever asked of the writer
        }
        let (reply, committed) = oneshot::channel();
        self.send(Command::Commit(reply))?;
        committed.await.map_err(|_| StoreError::Busy)?
    }

    async fn rollback(mut self) -> Result<()> {
        if self.inbox.is_some() {
            return Ok(());
        }
        let (reply, done) = oneshot::channel();
        if self.send(Command::Rollback(reply)).is_err() {
            return Ok(()); // the writer rolled back already
        }
        done.await.map_err(|_| closed())
    }
}

pub(crate) fn closed() -> StoreError {
    StoreError::unavailable("the database is closed")
}

/// Runs blocking work on tokio's blocking threads; works on every kind of runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(f)
        .await
        .map_err(|_| StoreError::unavailable("a database thread stopped"))?
}

fn open_writer(path: &Path) -> Result<Connection> {
    let conn = open_with(path, 64 << 10)?;
    // A page that a bulk load changes again and again goes from the log to the file once
    // in 32 MiB of log, not once in four.
    conn.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
         PRAGMA wal_autocheckpoint=8192",
    )
    .map_err(|e| run_error("open", &e))?;
    Ok(conn)
}

pub(crate) fn open_memory() -> Result<Connection> {
    let conn = open_with(Path::new(":memory:"), 64 << 10)?;
    conn.execute_batch("PRAGMA foreign_keys=ON")
        .map_err(|e| run_error("open", &e))?;
    Ok(conn)
}

fn open_reader(path: &Path) -> Result<Connection> {
    let conn = open_with(path, 16 << 10)?;
    conn.execute_batch("PRAGMA query_only=ON")
        .map_err(|e| run_error("open", &e))?;
    Ok(conn)
}

fn open_with(path: &Path, cache_kib: u32) -> Result<Connection> {
    let conn = Connection::open(path).map_err(|e| run_error("open", &e))?;
    // LIKE tells capital from small letters, as PostgreSQL's does.
    conn.execute_batch(&format!(
        "PRAGMA busy_timeout={BUSY_MS}; PRAGMA cache_size=-{cache_kib};
         PRAGMA case_sensitive_like=ON; PRAGMA trusted_schema=OFF"
    ))
    .map_err(|e| run_error("open", &e))?;
    conn.set_prepared_statement_cache_capacity(256);
    Ok(conn)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Value::Null => ToSqlOutput::Owned(Lite::Null),
            Value::Bool(b) => ToSqlOutput::Owned(Lite::Integer(i64::from(*b))),
            Value::Int(i) | Value::Time(i) => ToSqlOutput::Owned(Lite::Integer(*i)),
            Value::Real(x) => ToSqlOutput::Owned(Lite::Real(*x)),
            Value::Text(t) => ToSqlOutput::Borrowed(ValueRef::Text(t.as_bytes())),
            Value::Blob(b) => ToSqlOutput::Borrowed(ValueRef::Blob(b)),
            Value::Uuid(u) => ToSqlOutput::Borrowed(ValueRef::Blob(u.as_bytes())),
            Value::Json(j) => ToSqlOutput::Owned(Lite::Text(j.to_string())),
        })
    }
}

/// Places of `$1`, `$2`, … in a statement. SQLite reads `$10` as a parameter *named*
/// `$10`, numbered by first appearance, so the text needs no rewriting and `$10` cannot
/// become `$1` and `0`.
fn places(name: &str, st: &rusqlite::Statement<'_>) -> Result<Vec<usize>> {
    let place = |i: usize| {
        st.parameter_index(&format!("${i}"))
            .ok()
            .flatten()
            .ok_or_else(|| StoreError::bug(format!("{name}: has no parameter ${i}")))
    };
    (1..=st.parameter_count()).map(place).collect()
}

fn bind_at(
    name: &str,
    st: &mut rusqlite::Statement<'_>,
    places: &[usize],
    params: &[Value],
) -> Result<()> {
    check_all(name, params)?;
    if places.len() != params.len() {
        return Err(StoreError::bug(format!(
            "{name}: takes {} parameters, got {}",
            places.len(),
            params.len()
        )));
    }
    for (place, value) in places.iter().zip(params) {
        st.raw_bind_parameter(*place, value)
            .map_err(|e| run_error(name, &e))?;
    }
    Ok(())
}

fn bind(name: &str, st: &mut rusqlite::Statement<'_>, params: &[Value]) -> Result<()> {
    let places = places(name, st)?;
    bind_at(name, st, &places, params)
}

/// Runs a statement, prepared once, for each row of parameters.
pub(crate) fn run(conn: &Connection, name: &str, text: &str, rows: &[Vec<Value>]) -> Result<Ran> {
    let mut ran = Ran::default();
    if rows.is_empty() {
        return Ok(ran);
    }
    let mut st = conn
        .prepare_cached(text)
        .map_err(|e| prepare_error(name, &e))?;
    let places = places(name, &st)?;
    let gives_rows = st.column_count() > 0;
    for params in rows {
        bind_at(name, &mut st, &places, params)?;
        match gives_rows {
            true => ran.rows.push(fetch(name, &mut st)?),
            false => ran.changed += st.raw_execute().map_err(|e| run_error(name, &e))? as u64,
        }
    }
    Ok(ran)
}

fn inline(tx: &mut InlineTx, s: &Ready) -> Result<Ran> {
    if let Some(ran) = s.forgotten() {
        return Ok(ran);
    }
    let mut all = Ran::default();
    for row in &s.rows {
        let row = std::slice::from_ref(row);
        let one = tx.run(|conn| run(conn, s.name, &s.text, row))?;
        all.changed += one.changed;
        all.rows.extend(one.rows);
    }
    Ok(all)
}

fn run_all(conn: &Connection, steps: &[Ready]) -> Result<Vec<Ran>> {
    let each = steps.iter().map(|s| run(conn, s.name, &s.text, &s.rows));
    each.collect()
}

pub(crate) fn query(
    conn: &Connection,
    name: &str,
    text: &str,
    params: &[Value],
) -> Result<Vec<Row>> {
    let mut st = conn
        .prepare_cached(text)
        .map_err(|e| prepare_error(name, &e))?;
    bind(name, &mut st, params)?;
    fetch(name, &mut st)
}

fn fetch(name: &str, st: &mut rusqlite::Statement<'_>) -> Result<Vec<Row>> {
    let width = st.column_count();
    let mut rows = st.raw_query();
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(|e| run_error(name, &e))? {
        let values = (0..width).map(|i| {
            let value = row.get_ref(i).map_err(|e| run_error(name, &e))?;
            Ok(match value {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(i) => Value::Int(i),
                ValueRef::Real(x) => Value::Real(x),
                ValueRef::Text(t) => Value::Text(String::from_utf8_lossy(t).into_owned()),
                ValueRef::Blob(b) => Value::Blob(b.to_vec()),
            })
        });
        out.push(Row(values.collect::<Result<_>>()?));
    }
    Ok(out)
}

pub(crate) fn exec(conn: &Connection, name: &str, text: &str, params: &[Value]) -> Result<u64> {
    let mut st = conn
        .prepare_cached(text)
        .map_err(|e| prepare_error(name, &e))?;
    bind(name, &mut st, params)?;
    if st.column_count() > 0 {
        return Err(StoreError::bug(format!(
            "{name}: returns rows, not a count"
        )));
    }
    let changed = st.raw_execute().map_err(|e| run_error(name, &e))?;
    Ok(changed as u64)
}

/// Inserts rows with one prepared statement. `sql` is made by [`crate::insert_text`].
pub(crate) fn insert(
    conn: &Connection,
    table: &str,
    sql: &str,
    rows: &[Vec<Value>],
) -> Result<u64> {
    let mut st = conn
        .prepare_cached(sql)
        .map_err(|e| prepare_error(table, &e))?;
    for row in rows {
        check_all(table, row)?;
        if row.len() != st.parameter_count() {
            return Err(StoreError::bug(format!("{table}: a row of wrong length")));
        }
        for (i, value) in row.iter().enumerate() {
            st.raw_bind_parameter(i + 1, value)
                .map_err(|e| run_error(table, &e))?;
        }
        st.raw_execute().map_err(|e| run_error(table, &e))?;
    }
    Ok(rows.len() as u64)
}

fn read_tables(conn: &Connection) -> Result<Vec<TableInfo>> {
    let ask = |text: &str, p: &[Value]| query(conn, "tables", text, p);
    let names = ask(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
         AND name NOT LIKE 'sqlite^_%' ESCAPE '^' ORDER BY name",
        &[],
    )?;
    let mut tables = Vec::new();
    for name in names {
        let name: String = name.get(0)?;
        let p = [Value::from(&name)];
        let mut key: Vec<(i64, String)> = Vec::new();
        let mut columns = Vec::new();
        for row in ask("SELECT name, type, pk FROM pragma_table_info($1)", &p)? {
            let column = ColumnInfo {
                name: row.get(0)?,
                ty: row.get(1)?,
            };
            if row.get::<i64>(2)? > 0 {
                key.push((row.get(2)?, column.name.clone()));
            }
            columns.push(column);
        }
        key.sort();
        let references = ask(
            "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1) ORDER BY 1",
            &p,
        )?;
        tables.push(TableInfo {
            name,
            columns,
            primary_key: key.into_iter().map(|(_, column)| column).collect(),
            references: references.iter().map(|r| r.get(0)).collect::<Result<_>>()?,
        });
    }
    Ok(tables)
}

/// An error of preparing: its text can only hold what the statement holds.
pub(crate) fn prepare_error(name: &str, e: &rusqlite::Error) -> StoreError {
    match e {
        rusqlite::Error::SqlInputError { msg, .. } => StoreError::bug(format!("{name}: {msg}")),
        rusqlite::Error::SqliteFailure(code, Some(msg)) if code.code == ErrorCode::Unknown => {
            StoreError::bug(format!("{name}: {msg}"))
        }
        other => run_error(name, other),
    }
}

/// An error of running: texts of constraints are shown, all others only as a code,
/// because some (full text search, JSON) quote the parameter.
pub(crate) fn run_error(name: &str, e: &rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, text) = e else {
        return StoreError::bug(format!("{name}: wrong use of the driver"));
    };
    let text = text.as_deref().unwrap_or_default();
    match (code.code, code.extended_code) {
        (
            ErrorCode::ConstraintViolation,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ) => StoreError::Conflict {
            constraint: unique_key(text),
        },
        (ErrorCode::ConstraintViolation, rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
            StoreError::Conflict {
                constraint: "foreign key".into(),
            }
        }
        (ErrorCode::ConstraintViolation, _) => StoreError::bug(format!("{name}: {text}")),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreError::Busy,
        (ErrorCode::DiskFull, _)
        | (
            ErrorCode::SystemIoFailure,
            rusqlite::ffi::SQLITE_IOERR_WRITE | rusqlite::ffi::SQLITE_IOERR_SHMSIZE,
        ) => StoreError::Full(format!("{name}: {code}")),
        (
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory,
            _,
        ) => StoreError::unavailable(format!("{name}: {code}")),
        _ => StoreError::bug(format!("{name}: {code}")),
    }
}

/// `UNIQUE constraint failed: customer.unit_id, customer.login` → `customer(unit_id, login)`.
fn unique_key(text: &str) -> String {
    let list = text.split_once(": ").map_or(text, |(_, list)| list);
    let Some((table, _)) = list.split_once('.') else {
        return list.to_owned();
    };
    let columns: Vec<&str> = list
        .split(", ")
        .map(|c| c.split_once('.').map_or(c, |(_, column)| column))
        .collect();
    format!("{table}({})", columns.join(", "))
}
