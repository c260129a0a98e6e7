//! The PostgreSQL engine: a pool of connections with cached prepared
//! statements, values in binary both ways, COPY for bulk loads. TLS when the
//! URL says `sslmode=require`. Error texts come from SQL states, names of
//! tables and columns, never from the server's detail, which quotes values.

use crate::error::{Result, StoreError};
use crate::fold::{Column, folded};
use crate::pgtypes::Raw;
use crate::sql::Sql;
use crate::value::{Row, Value, check_all};
use crate::{ColumnInfo, Described, Engine, Ran, Ready, TableInfo};
use bytes::{BufMut, Bytes, BytesMut};
use deadpool_postgres::{Manager, Object, Pool, PoolError, Runtime, Timeouts};
use futures_util::{FutureExt, SinkExt};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::error::Error as _;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Config, CopyInSink, NoTls, Statement};

const POOL: usize = 16;
/// Longest wait for a free connection or for the server to answer a new one.
const WAIT: Duration = Duration::from_secs(10);
const SESSION: &str = "-c statement_timeout=60s -c idle_in_transaction_session_timeout=60s -c client_min_messages=warning";

/// How ordinary transactions begin.
pub(crate) const BEGIN: &str = "BEGIN";
/// How short transactions begin that run the same few statements all day: a plan for the
/// parameters of each run costs more than it can save.
pub(crate) const BEGIN_SHORT: &str = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan";

/// A PostgreSQL database behind a pool.
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let (config, roots) = parse_url(url)?;
        Self::from_config(config, roots.as_deref()).await
    }

    /// Opens with the certificates of the file `roots` when the URL asks for TLS.
    pub(crate) async fn from_config(mut config: Config, roots: Option<&str>) -> Result<Self> {
        if config.get_application_name().is_none() {
            config.application_name("zoufang");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(WAIT);
        }
        let options = match config.get_options() {
            Some(given) => format!("{SESSION} {given}"),
            None => SESSION.to_owned(),
        };
        config.options(options);
        let manager = match config.get_ssl_mode() {
            SslMode::Require => Manager::new(config, tls(roots)?),
            _ => Manager::new(config, NoTls),
        };
        let pool = Pool::builder(manager)
            .max_size(POOL)
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(WAIT),
                create: Some(WAIT),
                recycle: Some(WAIT),
            })
            .build()
            .map_err(|_| StoreError::bug("pool"))?;
        let postgres = Postgres { pool };
        drop(postgres.client().await?);
        Ok(postgres)
    }

    pub(crate) async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|e| match e {
            PoolError::Timeout(_) => StoreError::Busy,
            PoolError::Backend(e) => error("connect", e),
            _ => StoreError::unavailable("the database is closed"),
        })
    }

    pub(crate) async fn begin(&self, how: &str) -> Result<PgTx> {
        let mut tx = PgTx {
            client: self.client().await?,
            begin: None,
            open: true,
        };
        tx.batch("begin", how).await?;
        Ok(tx)
    }

    /// A transaction whose `how` goes to the server ahead of its first statement, without
    /// a way there and back of its own.
    pub(crate) async fn begin_later(&self, how: &'static str) -> Result<PgTx> {
        Ok(PgTx {
            client: self.client().await?,
            begin: Some(how),
            open: true,
        })
    }

    pub(crate) async fn describe(&self, sql: Sql) -> Result<Described> {
        let client = self.client().await?;
        let st = client
            .prepare(&sql.for_engine(Engine::Postgres))
            .await
            .map_err(|e| error(sql.name, e))?;
        // What many rows are sent as must be a statement too.
        if let Some(fold) = folded(&sql.for_engine(Engine::Postgres), st.params()) {
            let whole = client.prepare(&fold.text).await;
            whole.map_err(|e| error(sql.name, e))?;
        }
        Ok(Described {
            params: st.params().iter().map(|t| t.name().to_owned()).collect(),
            columns: st
                .columns()
                .iter()
                .map(|c| ColumnInfo {
                    name: c.name().to_owned(),
                    ty: c.type_().name().to_owned(),
                })
                .collect(),
        })
    }

    pub(crate) async fn tables(&self) -> Result<Vec<TableInfo>> {
        let client = self.client().await?;
        let mut tables = Vec::new();
        for row in query(&client, "tables", TABLES, &[]).await? {
            let name: String = row.get(0)?;
            let p = [Value::from(&name)];
            let columns = query(&client, "tables", COLUMNS, &p).await?;
            let key = query(&client, "tables", KEY, &p).await?;
            let references = query(&client, "tables", REFERENCES, &p).await?;
            let first = |rows: Vec<Row>| rows.iter().map(|r| r.get(0)).collect::<Result<_>>();
            tables.push(TableInfo {
                name,
                columns: columns
                    .iter()
                    .map(|r| {
                        Ok(ColumnInfo {
                            name: r.get(0)?,
                            ty: r.get(1)?,
                        })
                    })
                    .collect::<Result<_>>()?,
                primary_key: first(key)?,
                references: first(references)?,
            });
        }
        Ok(tables)
    }

    /// Forgets prepared statements: their result types may have changed with the schema.
    pub(crate) fn forget_statements(&self) {
        self.pool.manager().statement_caches.clear();
    }

    pub(crate) async fn vacuum(&self) -> Result<()> {
        let client = self.client().await?;
        client
            .batch_execute("VACUUM ANALYZE")
            .await
            .map_err(|e| error("vacuum", e))
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

const TABLES: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname::text COLLATE \"C\"";
const COLUMNS: &str = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
    WHERE a.attrelid = quote_ident($1)::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
const KEY: &str = "SELECT a.attname::text FROM pg_constraint k
    CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS u(attnum, place)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
    WHERE k.conrelid = quote_ident($1)::regclass AND k.contype = 'p' ORDER BY u.place";
const REFERENCES: &str =
    "SELECT DISTINCT t.relname::text FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid
    WHERE k.conrelid = quote_ident($1)::regclass AND k.contype = 'f' ORDER BY 1";

/// Takes `sslrootcert` out of the URL (the driver does not know it) and parses the rest.
fn parse_url(url: &str) -> Result<(Config, Option<String>)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (roots, rest): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .filter(|part| !part.is_empty())
        .partition(|part| part.starts_with("sslrootcert="));
    let config = format!("{base}?{}", rest.join("&"))
        .parse()
        // The URL holds the password: do not repeat it.
        .map_err(|_| StoreError::unavailable("the database URL cannot be read"))?;
    let roots = roots.first().and_then(|part| part.split_once('='));
    Ok((config, roots.map(|(_, path)| path.to_owned())))
}

fn tls(roots: Option<&str>) -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    let bad = |what: &str| StoreError::unavailable(format!("database TLS: {what}"));
    let path = roots.ok_or_else(|| bad("sslmode=require needs sslrootcert=FILE.pem"))?;
    let mut store = rustls::RootCertStore::empty();
    for cert in CertificateDer::pem_file_iter(path).map_err(|_| bad("cannot read sslrootcert"))? {
        let cert = cert.map_err(|_| bad("sslrootcert is not PEM"))?;
        store
            .add(cert)
            .map_err(|_| bad("sslrootcert has a certificate that cannot be used"))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| bad("no protocol version"))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

/// A transaction on a connection of its own; dropping it rolls back.
pub(crate) struct PgTx {
    client: Object,
    /// What still has to be sent before anything else.
    begin: Option<&'static str>,
    open: bool,
}

impl PgTx {
    /// The connection, and what has to be sent on it first: for [`first`].
    pub(crate) fn line(&mut self) -> (&Object, Option<&'static str>) {
        let begin = self.begin.take();
        (&self.client, begin)
    }

    /// The connection with the transaction begun.
    pub(crate) async fn begun(&mut self) -> Result<&Object> {
        let (client, begin) = self.line();
        first(client, begin, async { Ok(client) }).await
    }

    pub(crate) async fn batch(&mut self, name: &str, text: &str) -> Result<()> {
        let client = self.begun().await?;
        client.batch_execute(text).await.map_err(|e| error(name, e))
    }

    pub(crate) async fn end(mut self, how: &str) -> Result<()> {
        if self.begin.is_none() {
            self.batch(how, how).await?;
        }
        self.open = false;
        Ok(())
    }

    /// Runs steps and commits. COMMIT is on the line before the answers are there: when a
    /// step fails, the server makes a rollback of it.
    pub(crate) async fn steps_and_commit(mut self, these: &[Ready]) -> Result<Vec<Ran>> {
        let (client, begin) = self.line();
        let work = async {
            let sent = sendings_of(client, these).await?;
            if sent.len() > PIPELINE {
                let ran = run_all(client, these, &sent).await?;
                let done = client.batch_execute("COMMIT").await;
                return done.map_err(|e| error("commit", e)).map(|()| ran);
            }
            let commit = async {
                let done = client.batch_execute("COMMIT").await;
                done.map_err(|e| error("commit", e))
            };
            let (ran, done) =
                futures_util::future::join(run_all(client, these, &sent), commit).await;
            let ran = ran?;
            done.map(|()| ran)
        };
        let ran = first(client, begin, work).await?;
        self.open = false;
        Ok(ran)
    }
}

/// Sends what begins a transaction, and `work` right behind it.
pub(crate) async fn first<T>(
    client: &Object,
    begin: Option<&str>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(how) = begin else {
        return work.await;
    };
    let begun = async {
        let done = client.batch_execute(how).await;
        done.map_err(|e| error("begin", e))
    };
    let (begun, done) = futures_util::future::join(begun, work).await;
    begun.and(done)
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if self.open && self.begin.is_none() {
            // The first poll puts ROLLBACK on the line, ahead of whatever the next owner of
            // the connection sends; nobody needs the answer.
            let _ = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

async fn prepare(
    client: &Object,
    name: &str,
    text: &str,
    params: &[Value],
) -> Result<tokio_postgres::Statement> {
    check_all(name, params)?;
    let st = client
        .prepare_cached(text)
        .await
        .map_err(|e| error(name, e))?;
    if st.params().len() != params.len() {
        return Err(StoreError::bug(format!(
            "{name}: takes {} parameters, got {}",
            st.params().len(),
            params.len()
        )));
    }
    Ok(st)
}

fn refs(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}

pub(crate) async fn query(
    client: &Object,
    name: &str,
    text: &str,
    params: &[Value],
) -> Result<Vec<Row>> {
    let st = prepare(client, name, text, params).await?;
    let rows = client
        .query(&st, &refs(params))
        .await
        .map_err(|e| error(name, e))?;
    rows.iter().map(|row| read_row(name, row)).collect()
}

fn read_row(name: &str, row: &tokio_postgres::Row) -> Result<Row> {
    let values = (0..row.len()).map(|i| match row.try_get::<_, Raw>(i) {
        Ok(raw) => Ok(raw.0),
        Err(e) => Err(error(name, e)),
    });
    values.collect::<Result<_>>().map(Row)
}

pub(crate) async fn exec(client: &Object, name: &str, text: &str, params: &[Value]) -> Result<u64> {
    let st = prepare(client, name, text, params).await?;
    if !st.columns().is_empty() {
        return Err(StoreError::bug(format!(
            "{name}: returns rows, not a count"
        )));
    }
    client
        .execute(&st, &refs(params))
        .await
        .map_err(|e| error(name, e))
}

/// Statements sent before the first answer is waited for, and rows of one that is folded.
const PIPELINE: usize = 256;

/// A statement with rows of parameters that go to the server together: one row
/// each, or all of them folded into arrays.
struct Sending<'r> {
    /// Of which step.
    step: usize,
    name: &'r str,
    statement: Statement,
    rows: &'r [Vec<Value>],
    folded: bool,
}

impl Sending<'_> {
    /// Runs it: rows changed, and what was found for each row of parameters.
    async fn run(&self, client: &Object) -> Result<(u64, Vec<Vec<Row>>)> {
        let failed = |e| error(self.name, e);
        let columns = self.columns();
        let values: Vec<&(dyn ToSql + Sync)> = match self.folded {
            true => {
                let unit = std::iter::once(&self.rows[0][0] as &(dyn ToSql + Sync));
                let rest = columns.iter().map(|c| c as &(dyn ToSql + Sync));
                unit.chain(rest).collect()
            }
            false => refs(&self.rows[0]),
        };
        if self.statement.columns().is_empty() {
            let done = client.execute(&self.statement, &values).await;
            return Ok((done.map_err(failed)?, vec![]));
        }
        let found = client.query(&self.statement, &values).await;
        let found = found.map_err(failed)?;
        let found = found.iter().map(|r| read_row(self.name, r));
        if !self.folded {
            return Ok((0, vec![found.collect::<Result<_>>()?]));
        }
        let mut of = vec![vec![]; self.rows.len()];
        for row in found {
            let mut row = row?;
            let n: i64 = row.get(0)?;
            row.0.remove(0);
            let at = usize::try_from(n - 1).ok().and_then(|at| of.get_mut(at));
            at.ok_or_else(|| StoreError::bug(format!("{}: a row of no question", self.name)))?
                .push(row);
        }
        Ok((0, of))
    }

    /// All parameters but the first, by column.
    fn columns(&self) -> Vec<Column<'_>> {
        if !self.folded {
            return vec![];
        }
        let column = |at: usize| Column(self.rows.iter().map(|row| &row[at]).collect());
        (1..self.rows[0].len()).map(column).collect()
    }
}

/// How the rows of a step go to the server.
async fn sendings<'r>(
    client: &Object,
    (step, name, text): (usize, &'r str, &str),
    rows: &'r [Vec<Value>],
) -> Result<Vec<Sending<'r>>> {
    let Some(first) = rows.first() else {
        return Ok(vec![]);
    };
    let statement = prepare(client, name, text, first).await?;
    for row in rows {
        check_all(name, row)?;
        if row.len() != statement.params().len() {
            return Err(StoreError::bug(format!("{name}: a row of wrong length")));
        }
    }
    let of_one_unit = rows.len() > 1 && rows.iter().all(|r| r.first() == first.first());
    let whole = of_one_unit.then(|| folded(text, statement.params()));
    let (statement, most, folded) = match whole.flatten() {
        Some(fold) if rows.chunks(PIPELINE).all(|part| fold.fits(part)) => {
            let st = client.prepare_cached(&fold.text).await;
            (st.map_err(|e| error(name, e))?, PIPELINE, true)
        }
        _ => (statement, 1, false),
    };
    let part = |rows: &'r [Vec<Value>]| Sending {
        step,
        name,
        statement: statement.clone(),
        rows,
        folded,
    };
    Ok(rows.chunks(most).map(part).collect())
}

/// Runs one statement for many rows of parameters; gives the rows changed in all.
pub(crate) async fn exec_many(
    client: &Object,
    name: &str,
    text: &str,
    rows: &[Vec<Value>],
) -> Result<u64> {
    let all = sendings(client, (0, name, text), rows).await?;
    let mut changed = 0;
    for part in all.chunks(PIPELINE) {
        let sent = part.iter().map(|s| s.run(client));
        let done = futures_util::future::try_join_all(sent).await?;
        changed += done.iter().map(|(n, _)| n).sum::<u64>();
    }
    Ok(changed)
}

/// Runs several statements in their order without waiting for each answer.
pub(crate) async fn steps(client: &Object, steps: &[Ready]) -> Result<Vec<Ran>> {
    let sent = sendings_of(client, steps).await?;
    run_all(client, steps, &sent).await
}

async fn sendings_of<'r>(client: &Object, steps: &'r [Ready]) -> Result<Vec<Sending<'r>>> {
    let mut all = Vec::new();
    for (i, s) in steps.iter().enumerate() {
        all.extend(sendings(client, (i, s.name, &s.text), &s.rows).await?);
    }
    Ok(all)
}

async fn run_all(client: &Object, steps: &[Ready], sent: &[Sending<'_>]) -> Result<Vec<Ran>> {
    let mut all: Vec<Ran> = steps.iter().map(|_| Ran::default()).collect();
    for part in sent.chunks(PIPELINE) {
        let runs = part.iter().map(|s| s.run(client));
        let done = futures_util::future::try_join_all(runs).await?;
        for (s, (changed, rows)) in part.iter().zip(done) {
            all[s.step].changed += changed;
            all[s.step].rows.extend(rows);
        }
    }
    Ok(all)
}

/// `COPY … FROM STDIN BINARY` into one table, fed in batches.
pub(crate) struct PgCopy {
    table: String,
    sink: Pin<Box<CopyInSink<Bytes>>>,
    types: Vec<Type>,
    buffer: BytesMut,
}

impl PgCopy {
    /// `columns` is the quoted list of columns.
    pub(crate) async fn start(client: &Object, table: &str, columns: &str) -> Result<Self> {
        let select = format!("SELECT {columns} FROM \"{table}\" LIMIT 0");
        let st = client.prepare(&select).await.map_err(|e| error(table, e))?;
        let copy = format!("COPY \"{table}\" ({columns}) FROM STDIN BINARY");
        let sink = client.copy_in(&copy).await.map_err(|e| error(table, e))?;
        let mut buffer = BytesMut::with_capacity(1 << 17);
        buffer.put_slice(b"PGCOPY\n\xff\r\n\0");
        buffer.put_i32(0);
        buffer.put_i32(0);
        Ok(PgCopy {
            table: table.to_owned(),
            sink: Box::pin(sink),
            types: st.columns().iter().map(|c| c.type_().clone()).collect(),
            buffer,
        })
    }

    pub(crate) async fn write(&mut self, rows: &[Vec<Value>]) -> Result<()> {
        for row in rows {
            self.encode(row)?;
            if self.buffer.len() > 1 << 16 {
                let full = self.buffer.split().freeze();
                self.sink
                    .as_mut()
                    .feed(full)
                    .await
                    .map_err(|e| error(&self.table, e))?;
            }
        }
        Ok(())
    }

    fn encode(&mut self, row: &[Value]) -> Result<()> {
        check_all(&self.table, row)?;
        if row.len() != self.types.len() {
            let table = &self.table;
            return Err(StoreError::bug(format!("{table}: a row of wrong length")));
        }
        self.buffer.put_i16(row.len() as i16);
        for (value, ty) in row.iter().zip(&self.types) {
            let at = self.buffer.len();
            self.buffer.put_i32(0);
            let null = value
                .to_sql(ty, &mut self.buffer)
                .map_err(|e| StoreError::bug(format!("{}: {}", self.table, own_text(&*e))))?;
            let length = match null {
                IsNull::Yes => -1,
                IsNull::No => (self.buffer.len() - at - 4) as i32,
            };
            self.buffer[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> Result<u64> {
        self.buffer.put_i16(-1);
        let last = self.buffer.split().freeze();
        let sent = self.sink.as_mut().send(last).await;
        sent.map_err(|e| error(&self.table, e))?;
        let done = self.sink.as_mut().finish().await;
        done.map_err(|e| error(&self.table, e))
    }
}

/// The text of an error this crate made; of all others nothing is shown.
fn own_text(e: &(dyn std::error::Error + 'static)) -> String {
    match e.downcast_ref::<StoreError>() {
        Some(StoreError::Bug(text)) => text.clone(),
        _ => "a value does not fit its type".to_owned(),
    }
}

/// Maps a driver's error; `name` is the statement or table.
pub(crate) fn error(name: &str, e: tokio_postgres::Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        if let Some(own) = e.source().filter(|s| s.is::<StoreError>()) {
            return StoreError::bug(format!("{name}: {e}: {}", own_text(own)));
        }
        return StoreError::unavailable(format!("{name}: {e}"));
    };
    let code = db.code().code();
    match *db.code() {
        SqlState::UNIQUE_VIOLATION => {
            let table = db.table().unwrap_or_default();
            StoreError::Conflict {
                constraint: match db.detail().and_then(key_columns) {
                    Some(columns) => format!("{table}({columns})"),
                    None => db.constraint().unwrap_or(table).to_owned(),
                },
            }
        }
        SqlState::FOREIGN_KEY_VIOLATION => StoreError::Conflict {
            constraint: "foreign key".into(),
        },
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => StoreError::Retry,
        SqlState::QUERY_CANCELED
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::OBJECT_IN_USE
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => StoreError::Busy,
        SqlState::DISK_FULL => StoreError::Full(format!("{name}: SQL state {code}")),
        // Found while preparing: the text can only quote the statement.
        _ if code.starts_with("42") => StoreError::bug(format!("{name}: {code} {}", db.message())),
        _ if ["08", "28", "3D", "53", "57", "58"].contains(&&code[..2]) => {
            StoreError::unavailable(format!("{name}: SQL state {code}"))
        }
        _ => {
            let place: Vec<&str> = [db.table(), db.column(), db.constraint()]
                .into_iter()
                .flatten()
                .collect();
            StoreError::bug(format!("{name}: SQL state {code} {}", place.join(" ")))
        }
    }
}

/// `Key (unit_id, login)=(…) already exists.` → `unit_id, login`, in every language.
fn key_columns(detail: &str) -> Option<&str> {
    let (head, _values) = detail.split_once(")=(")?;
    head.split_once('(').map(|(_, columns)| columns)
}
