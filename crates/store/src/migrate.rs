//! Migrations: one folder of SQL files for both engines, with tokens where the
//! types differ. Each file runs once, in its own transaction, together with its
//! entry in `schema_migration`. Several programs may start at the same time:
//! they queue on the row of `schema_lock`.

use crate::{Db, Engine, Inner, Result, Scope, Sql, StoreError, Tx, params};
use sha2::{Digest, Sha256};
use std::time::SystemTime;
use zf_base::Timestamp;

/// One file. Applied in the order given; must never change once released.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// File name, `0001_units.sql`.
    pub name: &'static str,
    /// Its SQL, with the tokens `{int} {uuid} {blob} {real} {json} {time} {bool} {text} {day}`
    /// for types and `{opts}` or `{opts_rowid}` after the closing bracket of a table
    /// (without or with SQLite's hidden row number).
    pub sql: &'static str,
}

const TOKENS: [(&str, &str, &str); 11] = [
    ("{int}", "INTEGER", "BIGINT"),
    ("{uuid}", "BLOB", "UUID"),
    ("{blob}", "BLOB", "BYTEA"),
    ("{real}", "REAL", "DOUBLE PRECISION"),
    ("{json}", "TEXT", "JSONB"),
    ("{time}", "INTEGER", "TIMESTAMPTZ"),
    ("{bool}", "INTEGER", "BOOLEAN"),
    // Byte order on both engines, whatever the locale of the server.
    ("{text}", "TEXT", "TEXT COLLATE \"C\""),
    ("{day}", "TEXT", "TEXT COLLATE \"C\""),
    ("{opts}", "STRICT, WITHOUT ROWID", ""),
    ("{opts_rowid}", "STRICT", ""),
];

const TABLES: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    name {text} NOT NULL PRIMARY KEY, checksum {text} NOT NULL, applied_at {time} NOT NULL) {opts};
    CREATE TABLE IF NOT EXISTS schema_lock (
    name {text} NOT NULL PRIMARY KEY, taken_at {time} NOT NULL) {opts};";

const fn reference(name: &'static str, text: &'static str) -> Sql {
    Sql {
        name,
        text,
        scope: Scope::Ref,
        module: module_path!(),
    }
}
const LOCK: Sql = reference(
    "SCHEMA_LOCK",
    "INSERT INTO schema_lock (name, taken_at) VALUES ('migrate', $1)
     ON CONFLICT (name) DO UPDATE SET taken_at = excluded.taken_at",
);
const APPLIED: Sql = reference(
    "SCHEMA_MIGRATIONS",
    "SELECT name, checksum, applied_at FROM schema_migration ORDER BY name",
);
const RECORD: Sql = reference(
    "SCHEMA_MIGRATION_ADD",
    "INSERT INTO schema_migration (name, checksum, applied_at) VALUES ($1, $2, $3)",
);

impl Db {
    /// Applies what is missing and returns the names of what it applied. An applied file
    /// that has changed, or that the program does not know, is [`StoreError::Migration`].
    pub async fn migrate(&self, files: &[Migration]) -> Result<Vec<String>> {
        self.make_tables().await?;
        let mut done = Vec::new();
        for file in files {
            if self.apply(files, file).await? {
                done.push(file.name.to_owned());
            }
        }
        match &*self.0 {
            Inner::Sqlite(lite) => lite.settle_statistics().await?,
            Inner::Postgres(pg) => pg.forget_statements(),
        }
        Ok(done)
    }

    /// Every file with the time it was applied, `None` when it was not. Changes nothing.
    pub async fn migration_status(
        &self,
        files: &[Migration],
    ) -> Result<Vec<(String, Option<Timestamp>)>> {
        let known = self.tables().await?;
        let applied = if known.iter().any(|t| t.name == "schema_migration") {
            self.query(APPLIED, params![]).await?
        } else {
            Vec::new()
        };
        let at = |file: &Migration| -> Result<Option<Timestamp>> {
            for row in &applied {
                if row.get::<String>(0)? == file.name {
                    return row.get(2).map(Some);
                }
            }
            Ok(None)
        };
        files
            .iter()
            .map(|f| Ok((f.name.to_owned(), at(f)?)))
            .collect()
    }

    async fn make_tables(&self) -> Result<()> {
        let text = expand("schema tables", TABLES, self.engine())?;
        let mut tx = self.begin().await?;
        if tx.script("schema tables", text.clone()).await.is_ok() && tx.commit().await.is_ok() {
            return Ok(());
        }
        // PostgreSQL's IF NOT EXISTS can lose a race with another program; then they exist.
        let mut tx = self.begin().await?;
        tx.script("schema tables", text).await?;
        tx.commit().await
    }

    async fn apply(&self, files: &[Migration], file: &Migration) -> Result<bool> {
        let now = Timestamp(now_us());
        let mut tx = self.begin().await?;
        tx.exec(LOCK, params![now]).await?;
        if is_applied(&mut tx, files, file).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        if self.engine() == Engine::Postgres {
            let no_limit = "SET LOCAL statement_timeout = 0".to_owned();
            tx.script(file.name, no_limit).await?;
        }
        let text = expand(file.name, file.sql, self.engine())?;
        tx.script(file.name, text)
            .await
            .map_err(|e| StoreError::Migration(e.to_string()))?;
        tx.exec(RECORD, params![file.name, checksum(file), now])
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn is_applied(tx: &mut Tx, files: &[Migration], file: &Migration) -> Result<bool> {
    let mut found = false;
    for row in tx.query(APPLIED, params![]).await? {
        let name: String = row.get(0)?;
        let Some(known) = files.iter().find(|f| f.name == name) else {
            return Err(StoreError::Migration(format!(
                "{name} was applied by another version of the program"
            )));
        };
        if row.get::<String>(1)? != checksum(known) {
            return Err(StoreError::Migration(format!(
                "{name} was changed after it had been applied"
            )));
        }
        found |= known.name == file.name;
    }
    Ok(found)
}

/// SHA-256 of the text with `\n` line ends, in hex.
fn checksum(file: &Migration) -> String {
    let digest = Sha256::digest(file.sql.replace("\r\n", "\n").as_bytes());
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn expand(name: &str, sql: &str, engine: Engine) -> Result<String> {
    let mut text = sql.to_owned();
    for (token, sqlite, postgres) in TOKENS {
        text = text.replace(
            token,
            match engine {
                Engine::Sqlite => sqlite,
                Engine::Postgres => postgres,
            },
        );
    }
    let left = text.split('{').skip(1).find_map(|rest| {
        let (word, _) = rest.split_once('}')?;
        let token = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        token.then(|| word.to_owned())
    });
    match left {
        Some(word) => Err(StoreError::Migration(format!(
            "{name}: unknown token {{{word}}}"
        ))),
        None => Ok(text),
    }
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |d| d.as_micros() as i64)
}
