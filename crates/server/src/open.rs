//! Opening an installation: the database by URL, the key ring by passphrase,
//! the packs. Also the context of the machine itself, for commands that an
//! administrator of the computer runs: whoever can read the key file and knows
//! the passphrase is trusted with the whole tree, and every change is in the
//! audit log under the name of the command line.

use crate::config::{Config, Env};
use crate::error::{CliError, Result};
use crate::{disk, keys, words};
use std::path::Path;
use std::sync::Arc;
use zf_base::{Timestamp, UnitId, UserId, Uuid};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::pack::Packs;
use zf_kernel::unit::service::unit_root;
use zf_kernel::unit::{Level, Unit};
use zf_kernel::{App, Ctx, SystemClock};
use zf_store::{Db, Engine};
use zf_vault::{KeyFile, Keyring, VaultError};

/// Opens the database, which must be there: a typing error in a path shall not
/// make an empty system.
pub async fn database(config: &Config) -> Result<Db> {
    if let Some(path) = config.sqlite_path()
        && !path.exists()
    {
        return Err(CliError::input(words::no_database(path)));
    }
    Ok(Db::open(&config.db_url.value).await?)
}

/// Opens or makes the database and brings its schema up to date.
pub async fn database_new(config: &Config) -> Result<Db> {
    disk::private_folder(&config.data.value)?;
    if let Some(path) = config.sqlite_path()
        && !path.exists()
    {
        // An empty file is a database; made here, only its owner may read it.
        disk::create_private(path)?;
    }
    let db = Db::open(&config.db_url.value).await?;
    db.migrate(MIGRATIONS).await?;
    Ok(db)
}

/// Names of migrations that are not applied.
pub async fn missing_migrations(db: &Db) -> Result<Vec<String>> {
    let status = db.migration_status(MIGRATIONS).await?;
    Ok(status
        .into_iter()
        .filter(|(_, at)| at.is_none())
        .map(|(name, _)| name)
        .collect())
}

/// Opens the whole installation. A SQLite file of an older version is brought
/// up to date; on a shared server somebody must say so (`db migrate`).
pub async fn app(config: &Config, env: Env<'_>) -> Result<App> {
    let db = database(config).await?;
    let missing = missing_migrations(&db).await?;
    if !missing.is_empty() && db.engine() == Engine::Postgres {
        return Err(CliError::input(words::migrate_first(&missing)));
    }
    let ring = unlocked(config, keys::passphrase(config, env)?)?;
    db.migrate(MIGRATIONS).await?;
    let app = assemble(db, ring).await?;
    let app = app.with_blobs(&config.data.value.join("blobs"));
    Ok(app.with_audit_roots(&config.data.value.join("audit-roots.txt")))
}

/// The key ring of the data folder. When another process has rotated the keys,
/// the file is read again.
pub fn unlocked(config: &Config, passphrase: String) -> Result<Keyring> {
    let path = config.key_path();
    let ring = keys::unlock(&path, &passphrase)?;
    ring.on_unknown_key(Arc::new(move || {
        let text = std::fs::read_to_string(&path)
            .map_err(|_| VaultError::DamagedKeyFile("it cannot be read"))?;
        Keyring::unlock(&KeyFile::from_text(&text)?, &passphrase)
    }));
    Ok(ring)
}

/// Puts an installation together from its parts.
pub async fn assemble(db: Db, ring: Keyring) -> Result<App> {
    if let Some(bytes) = crate::assets::divisions() {
        zf_network::place::table::install(bytes);
    }
    Ok(App::new(db, ring, Arc::new(SystemClock), Packs::embedded()?).await?)
}

/// Opens a copy of an installation in a file of its own, for verification.
pub async fn copy(path: &Path, ring: Keyring) -> Result<App> {
    let db = Db::open(&format!("sqlite:{}", path.display())).await?;
    assemble(db, ring).await
}

/// The context of a command on this machine, on the whole tree.
pub fn machine(app: &App) -> Ctx {
    let everything = Unit {
        id: UnitId(Uuid::nil()),
        code: String::new(),
        name: String::new(),
        level: Level::Head,
        parent_id: None,
        path: "/".to_owned(),
        area_kind: None,
        market_kind: None,
        place: None,
        datum: None,
        phone: None,
        active: true,
        is_demo: false,
        updated_at: Timestamp(0),
    };
    Ctx::for_job(
        UserId(Uuid::nil()),
        words::MACHINE,
        &everything,
        app.now(),
        app.new_id(),
    )
}

/// The head unit, which a set-up installation has.
pub async fn root(app: &App) -> Result<Unit> {
    unit_root(app)
        .await?
        .ok_or_else(|| CliError::input(words::NOT_SET_UP))
}
