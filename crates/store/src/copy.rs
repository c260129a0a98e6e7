//! Copying a whole database into another, usually a county's SQLite file into
//! PostgreSQL. Reads one snapshot of the source in key order, batch by batch,
//! writes one transaction on the target, tables in the order of their foreign
//! keys, and compares the counts before it commits: all or nothing.

use crate::sqlite::{blocking, closed};
use crate::value::{FromValue, Row, Value};
use crate::{
    Db, Engine, Inner, Result, StoreError, TableInfo, Tx, TxInner, column_list, postgres, sqlite,
};
use zf_base::Uuid;

const BATCH: usize = 2_000;
/// Tables of this crate: the target has its own.
const OWN: [&str; 2] = ["schema_migration", "schema_lock"];

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyReport {
    /// Table and number of rows, in the order copied.
    pub tables: Vec<(String, u64)>,
}

impl CopyReport {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, n)| n).sum()
    }
}

impl Db {
    /// Copies all rows of all tables to `to`, which must be migrated to the same schema and
    /// be empty. Calls `progress` with the table and the rows copied so far after each batch.
    pub async fn copy_to(
        &self,
        to: &Db,
        progress: &mut (dyn FnMut(&str, u64) + Send),
    ) -> Result<CopyReport> {
        let from_tables = self.tables().await?;
        let to_tables = to.tables().await?;
        same_schema(&from_tables, &to_tables)?;
        let mut source = Source::open(self).await?;
        let mut tx = to.begin().await?;
        lift_limits(&mut tx).await?;
        let mut report = CopyReport { tables: Vec::new() };
        for table in in_key_order(&to_tables)? {
            if count(&mut tx, &table.name).await? > 0 {
                let name = &table.name;
                return Err(StoreError::Migration(format!(
                    "the target is not empty: {name} has rows"
                )));
            }
            let n = copy_table(&mut source, &mut tx, table, progress).await?;
            if count(&mut tx, &table.name).await? != n {
                let name = &table.name;
                return Err(StoreError::bug(format!(
                    "{name}: counts differ after the copy"
                )));
            }
            report.tables.push((table.name.clone(), n));
        }
        tx.commit().await?;
        Ok(report)
    }
}

/// A snapshot of the source.
enum Source {
    Sqlite(Option<rusqlite::Connection>),
    Postgres(postgres::PgTx),
}

impl Source {
    async fn open(db: &Db) -> Result<Self> {
        match &*db.0 {
            Inner::Sqlite(lite) => Ok(Source::Sqlite(Some(lite.snapshot().await?))),
            Inner::Postgres(pg) => {
                let mut tx = pg
                    .begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .await?;
                tx.batch("copy", "SET LOCAL statement_timeout = 0").await?;
                Ok(Source::Postgres(tx))
            }
        }
    }

    async fn query(&mut self, text: &str, params: Vec<Value>) -> Result<Vec<Row>> {
        match self {
            Source::Postgres(tx) => postgres::query(tx.begun().await?, "copy", text, &params).await,
            Source::Sqlite(slot) => {
                let conn = slot.take().ok_or_else(closed)?;
                let text = text.to_owned();
                let (conn, rows) = blocking(move || {
                    let rows = sqlite::query(&conn, "copy", &text, &params)?;
                    Ok((conn, rows))
                })
                .await?;
                *slot = Some(conn);
                Ok(rows)
            }
        }
    }
}

async fn copy_table(
    source: &mut Source,
    tx: &mut Tx,
    table: &TableInfo,
    progress: &mut (dyn FnMut(&str, u64) + Send),
) -> Result<u64> {
    let name = table.name.as_str();
    let cols: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let columns = column_list(name, &cols)?;
    let key_cols: Vec<&str> = table.primary_key.iter().map(String::as_str).collect();
    if key_cols.is_empty() {
        return Err(StoreError::bug(format!("{name}: has no primary key")));
    }
    let key = column_list(name, &key_cols)?;
    let marks: Vec<String> = (1..=key_cols.len()).map(|i| format!("${i}")).collect();
    let marks = marks.join(", ");
    let first = format!("SELECT {columns} FROM \"{name}\" ORDER BY {key} LIMIT {BATCH}");
    let next = format!(
        "SELECT {columns} FROM \"{name}\" WHERE ({key}) > ({marks}) ORDER BY {key} LIMIT {BATCH}"
    );
    let key_at: Vec<usize> = key_cols
        .iter()
        .filter_map(|k| cols.iter().position(|c| c == k))
        .collect();

    let mut sink = Sink::open(tx, name, &columns, &cols).await?;
    let mut copied = 0;
    let mut rows = source.query(&first, Vec::new()).await?;
    while let Some(last) = rows.last() {
        let after: Vec<Value> = key_at.iter().map(|&i| last.0[i].clone()).collect();
        let more = rows.len() == BATCH;
        copied += rows.len() as u64;
        let batch = rows.into_iter().map(|row| fit(row, table)).collect();
        sink.write(batch).await?;
        progress(name, copied);
        rows = match more {
            true => source.query(&next, after).await?,
            false => Vec::new(),
        };
    }
    sink.finish().await?;
    Ok(copied)
}

/// Where the rows of one table go. On PostgreSQL one COPY takes the whole table, because
/// keys that point into the same table are checked at its end.
enum Sink<'a> {
    Sqlite(&'a mut Tx, &'a str, &'a [&'a str]),
    Postgres(postgres::PgCopy),
}

impl<'a> Sink<'a> {
    async fn open(
        tx: &'a mut Tx,
        table: &'a str,
        columns: &str,
        cols: &'a [&'a str],
    ) -> Result<Self> {
        if let TxInner::Postgres(pg) = &mut tx.inner {
            let copy = postgres::PgCopy::start(pg.begun().await?, table, columns).await?;
            return Ok(Sink::Postgres(copy));
        }
        Ok(Sink::Sqlite(tx, table, cols))
    }
    async fn write(&mut self, rows: Result<Vec<Vec<Value>>>) -> Result<()> {
        match self {
            Sink::Sqlite(tx, table, cols) => tx.insert(table, cols, rows?).await.map(drop),
            Sink::Postgres(copy) => copy.write(&rows?).await,
        }
    }
    async fn finish(self) -> Result<()> {
        match self {
            Sink::Sqlite(..) => Ok(()),
            Sink::Postgres(copy) => copy.finish().await.map(drop),
        }
    }
}

async fn lift_limits(tx: &mut Tx) -> Result<()> {
    let text = match tx.engine() {
        // Keys are checked at the commit, so rows may come before what they point to.
        Engine::Sqlite => "PRAGMA defer_foreign_keys=ON",
        Engine::Postgres => "SET LOCAL statement_timeout = 0",
    };
    tx.script("copy", text.to_owned()).await
}

async fn count(tx: &mut Tx, table: &str) -> Result<u64> {
    let text = format!("SELECT COUNT(*) FROM \"{table}\"");
    let rows = tx.query_text("copy", text, Vec::new()).await?;
    let row = rows.first().ok_or(StoreError::NotFound)?;
    Ok(row.get::<i64>(0)?.unsigned_abs())
}

/// The values as the target's columns want them; SQLite's are told apart by column only.
fn fit(row: Row, table: &TableInfo) -> Result<Vec<Value>> {
    let fit_one = |(value, ty): (Value, &str)| match (&value, ty) {
        (Value::Blob(_), "uuid") => Uuid::from_value(&value).map(Value::Uuid),
        (Value::Text(_), "jsonb") => serde_json::Value::from_value(&value).map(Value::Json),
        (Value::Int(us), "timestamp with time zone") => Ok(Value::Time(*us)),
        (Value::Int(_), "boolean") => bool::from_value(&value).map(Value::Bool),
        _ => Ok(value),
    };
    let types = table.columns.iter().map(|c| c.ty.as_str());
    row.0.into_iter().zip(types).map(fit_one).collect()
}

fn same_schema(from: &[TableInfo], to: &[TableInfo]) -> Result<()> {
    let shape = |tables: &[TableInfo]| -> Vec<(String, Vec<String>)> {
        let names = |t: &TableInfo| t.columns.iter().map(|c| c.name.clone()).collect();
        tables.iter().map(|t| (t.name.clone(), names(t))).collect()
    };
    if shape(from) == shape(to) {
        return Ok(());
    }
    Err(StoreError::Migration(
        "source and target have different tables: migrate both first".into(),
    ))
}

/// Tables so that each comes after those its foreign keys point to.
fn in_key_order(tables: &[TableInfo]) -> Result<Vec<&TableInfo>> {
    let mut left: Vec<&TableInfo> = tables
        .iter()
        .filter(|t| !OWN.contains(&t.name.as_str()))
        .collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |t: &TableInfo| {
            let other = |r: &String| *r != t.name && left.iter().any(|l| l.name == *r);
            t.references.iter().any(other)
        };
        let (waiting, ready): (Vec<_>, Vec<_>) = left.iter().partition(|t| waits(t));
        if ready.is_empty() {
            return Err(StoreError::bug("foreign keys form a circle"));
        }
        order.extend(ready);
        left = waiting;
    }
    Ok(order)
}
