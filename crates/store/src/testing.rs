//! Databases for tests: every test gets its own, made quickly from a template
//! that is migrated once per process. SQLite always; PostgreSQL when the
//! environment variable `ZF_TEST_PG` holds the URL of a server on which
//! databases may be made. They vanish when dropped.

use crate::postgres::Postgres;
use crate::{Db, Engine, Inner, Migration, Result, StoreError};
use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_postgres::{Config, NoTls};

/// A database that is removed when dropped. Use it like a [`Db`].
pub struct TestDb {
    db: Db,
    url: String,
    remains: Remains,
}

enum Remains {
    Folder(PathBuf),
    Database { admin: Box<Config>, name: String },
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

/// One fresh database per available engine, migrated with `files`. Prints
/// `skipped: …` when there is no PostgreSQL.
///
/// # Panics
/// When a database cannot be made: a test cannot go on without.
pub async fn test_databases(files: &[Migration]) -> Vec<TestDb> {
    let stop = |engine: &str, e: StoreError| -> ! { panic!("{engine} for tests: {e}") };
    let lite = TestDb::sqlite(files).await;
    let mut databases = vec![lite.unwrap_or_else(|e| stop("SQLite", e))];
    match std::env::var("ZF_TEST_PG") {
        Ok(url) if !url.is_empty() => {
            let pg = TestDb::postgres(&url, files).await;
            databases.push(pg.unwrap_or_else(|e| stop("PostgreSQL", e)));
        }
        _ => println!("skipped: PostgreSQL (ZF_TEST_PG is not set)"),
    }
    databases
}

/// Key of a template: the migrations it was made with.
type Key = Vec<(&'static str, &'static str)>;
static SQLITE_TEMPLATES: Mutex<Option<HashMap<Key, Arc<Vec<u8>>>>> = Mutex::const_new(None);
static POSTGRES_TEMPLATES: Mutex<Option<HashMap<Key, String>>> = Mutex::const_new(None);
static COUNTER: AtomicU64 = AtomicU64::new(0);

fn key(files: &[Migration]) -> Key {
    files.iter().map(|f| (f.name, f.sql)).collect()
}

fn number() -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed)
}

impl TestDb {
    /// A fresh SQLite file.
    pub async fn sqlite(files: &[Migration]) -> Result<TestDb> {
        let template = sqlite_template(files).await?;
        let folder = new_folder()?;
        let path = folder.join("test.db");
        std::fs::write(&path, &*template).map_err(io)?;
        let url = format!("sqlite:{}", path.display());
        Ok(TestDb {
            db: Db::open(&url).await?,
            url,
            remains: Remains::Folder(folder),
        })
    }

    /// A fresh database on the server of `admin_url`.
    pub async fn postgres(admin_url: &str, files: &[Migration]) -> Result<TestDb> {
        let admin: Config = admin_url
            .parse()
            .map_err(|_| StoreError::unavailable("ZF_TEST_PG cannot be read"))?;
        let template = postgres_template(admin_url, &admin, files).await?;
        let name = format!("zf_test_{}_{}", std::process::id(), number());
        create(&admin, &name, &template).await?;
        let (db, url) = connect(admin_url, &admin, &name).await?;
        Ok(TestDb {
            db,
            url,
            remains: Remains::Database {
                admin: Box::new(admin),
                name,
            },
        })
    }

    /// `sqlite` or `postgres`, for messages of failed tests.
    pub fn name(&self) -> &'static str {
        match self.db.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }

    /// What [`Db::open`] takes to open the same database again.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        match &self.remains {
            Remains::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Remains::Database { admin, name } => {
                let (admin, name) = (admin.clone(), name.clone());
                // A runtime of its own: the test's may be about to end. Not waited for: what
                // is left at the end of the process is removed by the next one.
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    if let Ok(runtime) = runtime {
                        let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
                        let _ = runtime.block_on(administer(&admin, &sql));
                    }
                });
            }
        }
    }
}

fn io(e: std::io::Error) -> StoreError {
    StoreError::unavailable(format!("test database: {}", e.kind()))
}

fn new_folder() -> Result<PathBuf> {
    let name = format!("zf-test-{}-{}", std::process::id(), number());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).map_err(io)?;
    Ok(folder)
}

async fn sqlite_template(files: &[Migration]) -> Result<Arc<Vec<u8>>> {
    let mut templates = SQLITE_TEMPLATES.lock().await;
    let templates = templates.get_or_insert_with(HashMap::new);
    if let Some(bytes) = templates.get(&key(files)) {
        return Ok(bytes.clone());
    }
    let folder = new_folder()?;
    let path = folder.join("template.db");
    let db = Db::open(&format!("sqlite:{}", path.display())).await?;
    db.migrate(files).await?;
    db.close().await?;
    let bytes = Arc::new(std::fs::read(&path).map_err(io)?);
    std::fs::remove_dir_all(&folder).map_err(io)?;
    templates.insert(key(files), bytes.clone());
    Ok(bytes)
}

async fn postgres_template(url: &str, admin: &Config, files: &[Migration]) -> Result<String> {
    let mut templates = POSTGRES_TEMPLATES.lock().await;
    if templates.is_none() {
        remove_leftovers(admin).await?;
    }
    let templates = templates.get_or_insert_with(HashMap::new);
    if let Some(name) = templates.get(&key(files)) {
        return Ok(name.clone());
    }
    let name = format!("zf_template_{}_{}", std::process::id(), number());
    create(admin, &name, "template0").await?;
    let (db, _) = connect(url, admin, &name).await?;
    db.migrate(files).await?;
    db.close().await?;
    templates.insert(key(files), name.clone());
    Ok(name)
}

async fn connect(admin_url: &str, admin: &Config, name: &str) -> Result<(Db, String)> {
    let mut config = admin.clone();
    config.dbname(name);
    let db = Db(Arc::new(Inner::Postgres(
        Postgres::from_config(config, None).await?,
    )));
    // The same URL with another database: …//host:port/NAME?options
    let (base, options) = admin_url.split_at(admin_url.find('?').unwrap_or(admin_url.len()));
    let from = base.find("://").map_or(0, |i| i + 3);
    let host = &base[..base[from..].find('/').map_or(base.len(), |i| from + i)];
    Ok((db, format!("{host}/{name}{options}")))
}

/// Creates a database; waits while somebody else is still leaving the template.
async fn create(admin: &Config, name: &str, template: &str) -> Result<()> {
    let sql = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"");
    for _ in 0..200 {
        match administer(admin, &sql).await {
            Err(StoreError::Busy) => {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            other => return other,
        }
    }
    Err(StoreError::Busy)
}

/// Removes databases of processes that are gone.
async fn remove_leftovers(admin: &Config) -> Result<()> {
    let list = "SELECT datname FROM pg_database WHERE datname LIKE 'zf\\_%'";
    let mut names = Vec::new();
    with_admin(admin, async |client| {
        for message in client.simple_query(list).await? {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                names.extend(row.get(0).map(str::to_owned));
            }
        }
        Ok(())
    })
    .await?;
    for name in names {
        let pid = name.split('_').nth(2).unwrap_or_default();
        let ours = name.starts_with("zf_test_") || name.starts_with("zf_template_");
        if ours && Path::new("/proc").exists() && !Path::new("/proc").join(pid).exists() {
            let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            let _ = administer(admin, &sql).await;
        }
    }
    Ok(())
}

async fn administer(admin: &Config, sql: &str) -> Result<()> {
    with_admin(admin, async |client| client.batch_execute(sql).await).await
}

async fn with_admin(
    admin: &Config,
    work: impl AsyncFnOnce(&tokio_postgres::Client) -> std::result::Result<(), tokio_postgres::Error>,
) -> Result<()> {
    let failed = |e| crate::postgres::error("test database", e);
    let (client, connection) = admin.connect(NoTls).await.map_err(failed)?;
    let line = tokio::spawn(connection);
    let result = work(&client).await.map_err(failed);
    drop(client);
    let _ = line.await;
    result
}
