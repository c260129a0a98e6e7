//! Backup, its verification and restoring on another computer. A backup is one
//! sealed file with a copy of the database, the wrapped keys and a manifest;
//! whoever has the file and the passphrase has the installation. Taking one
//! does not stop the work. Verification restores into a folder that vanishes,
//! compares hashes and counts, and re-computes the audit chain.

pub mod format;

use crate::config::{Config, Env};
use crate::error::{CliError, Result};
use crate::{disk, keys, open, store, words};
use format::{BackupId, SealedWriter, hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use zf_base::Timestamp;
use zf_kernel::event::verify::verify_all;
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::{App, setting};
use zf_store::{Db, Engine};
use zf_vault::Keyring;

/// What a backup says about itself, sealed like everything else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program that wrote it.
    pub version: String,
    /// When.
    pub made_at: Timestamp,
    /// Database it was taken from.
    pub engine: String,
    /// Key ring it belongs to.
    pub fingerprint: String,
    /// Migrations applied.
    pub migrations: Vec<String>,
    /// Rows per table.
    pub rows: BTreeMap<String, u64>,
    /// Audit chains (unit and stream) and events in them.
    pub audit_streams: u64,
    /// See above.
    pub audit_events: u64,
    /// One keyed hash over all heads of the audit chain.
    pub audit_root: String,
    /// Bytes of the database copy.
    pub database_bytes: u64,
    /// SHA-256 of the database copy.
    pub database_sha256: String,
}

impl Manifest {
    /// Rows of all tables.
    pub fn total_rows(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// Copies the database into a SQLite file while work goes on.
async fn copy_database(db: &Db, to: &Path) -> Result<()> {
    match db.engine() {
        Engine::Sqlite => db.backup_sqlite_to(to).await?,
        Engine::Postgres => {
            let copy = Db::open(&format!("sqlite:{}", to.display())).await?;
            copy.migrate(MIGRATIONS).await?;
            db.copy_to(&copy, &mut |_, _| {}).await?;
            copy.close().await?;
        }
    }
    Ok(())
}

/// Facts about a copy that verification compares.
async fn facts(copy: &App) -> Result<(BTreeMap<String, u64>, Vec<String>, u64, u64, String)> {
    let rows = store::counts(&copy.db).await?;
    let migrations = copy.db.migration_status(MIGRATIONS).await?;
    let migrations = migrations
        .into_iter()
        .filter_map(|(name, at)| at.map(|_| name))
        .collect();
    let report = verify_all(copy).await?;
    if !report.findings.is_empty() {
        return Err(CliError::Input(crate::cli::audit::lines(&report.findings)));
    }
    let heads = rows.get("event_head").copied().unwrap_or(0);
    let root = audit_root(copy).await?;
    Ok((rows, migrations, heads, report.events, root))
}

/// Keyed hash over the heads as they are, independent of the day.
async fn audit_root(app: &App) -> Result<String> {
    let mut text = String::new();
    for row in app.db.query(store::AUDIT_HEADS, vec![]).await? {
        let unit: zf_base::UnitId = row.get(0)?;
        let (stream, seq): (i64, i64) = (row.get(1)?, row.get(2)?);
        let hash: Vec<u8> = row.get(3)?;
        text.push_str(&format!("{unit}/{stream}/{seq}/{}\n", hex(&hash)));
    }
    Ok(hex(&app.vault.mac("backup.audit-heads", text.as_bytes())))
}

/// The newest backup's record, for `doctor` and the system page.
pub const LAST: &str = "backup.last";

/// Takes a backup. `to` is the file to write; it must not exist.
pub async fn create(app: &App, config: &Config, to: &Path) -> Result<Manifest> {
    if to.exists() {
        return Err(CliError::input(words::file_exists(to)));
    }
    let key_file = keys::read(&config.key_path())?;
    if key_file.fingerprint() != app.vault.fingerprint() {
        return Err(CliError::input(words::OTHER_KEYS));
    }
    let folder = to
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    disk::private_folder(folder)?;
    let scratch = tempfile::Builder::new()
        .prefix(".zoufang-backup-")
        .tempdir_in(folder)?;
    let copy_path = scratch.path().join("copy.db");
    copy_database(&app.db, &copy_path).await?;
    let manifest = describe(app, &copy_path).await?;
    let part = scratch.path().join("backup.part");
    let id = backup_id(app)?;
    let ring = app.vault.clone();
    let (text, inner) = (serde_json::to_vec(&manifest)?, part.clone());
    let written = tokio::task::spawn_blocking(move || {
        write_file(&inner, &ring, &key_file, id, &text, &copy_path)
    });
    written.await.map_err(CliError::system)??;
    fs::rename(&part, to)?;
    disk::sync_folder_of(to)?;
    remember(app, to, &manifest).await?;
    Ok(manifest)
}

fn backup_id(app: &App) -> Result<BackupId> {
    let mut id = [0u8; 16];
    app.random(&mut id)?;
    Ok(id)
}

async fn describe(app: &App, copy_path: &Path) -> Result<Manifest> {
    let copy = open::copy(copy_path, app.vault.clone()).await?;
    let (rows, migrations, audit_streams, audit_events, audit_root) = facts(&copy).await?;
    copy.db.close().await?;
    let mut file = File::open(copy_path)?;
    let database_bytes = file.metadata()?.len();
    Ok(Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        // Whole seconds: that is what the text keeps.
        made_at: Timestamp(app.now().0 / 1_000_000 * 1_000_000),
        engine: crate::health::engine_name(app.db.engine()).to_owned(),
        fingerprint: app.vault.fingerprint(),
        migrations,
        rows,
        audit_streams,
        audit_events,
        audit_root,
        database_bytes,
        database_sha256: format::sha256_of(&mut file)?,
    })
}

fn write_file(
    to: &Path,
    ring: &Keyring,
    key_file: &zf_vault::KeyFile,
    id: BackupId,
    manifest: &[u8],
    database: &Path,
) -> Result<()> {
    let out = BufWriter::new(disk::create_private(to)?);
    let mut sealed = SealedWriter::start(out, ring, key_file, id)?;
    sealed.put(&(manifest.len() as u32).to_be_bytes())?;
    sealed.put(manifest)?;
    let mut input = File::open(database)?;
    let mut buffer = vec![0u8; 256 * 1024];
    loop {
        let n = input.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        sealed.put(&buffer[..n])?;
    }
    let out = sealed.finish()?.into_inner().map_err(CliError::system)?;
    Ok(out.sync_all()?)
}

/// Notes the backup in the settings and with that in the audit log.
async fn remember(app: &App, to: &Path, manifest: &Manifest) -> Result<()> {
    let Ok(root) = open::root(app).await else {
        return Ok(());
    };
    let file = to
        .file_name()
        .map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let value =
        serde_json::json!({ "at": manifest.made_at, "file": file, "rows": manifest.total_rows() });
    Ok(setting::setting_write(app, &open::machine(app), &root, LAST, value).await?)
}

/// The name of a backup taken at a moment.
pub fn default_path(config: &Config, now: Timestamp) -> PathBuf {
    let stamp: String = now
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .take(14)
        .collect();
    config.backup_dir.value.join(format!("zoufang-{stamp}.zfb"))
}

/// Unpacks a backup into a folder: `zoufang.db` and `keys.json`.
fn unpack(from: &Path, folder: &Path, passphrase: &str) -> Result<(Manifest, Keyring)> {
    let unreadable =
        |e: std::io::Error| CliError::input(words::file_unreadable(from, &e.to_string()));
    let mut input = BufReader::new(File::open(from).map_err(unreadable)?);
    let head = format::read_head(&mut input)?;
    let ring = Keyring::unlock(&head.key_file, passphrase)?;
    let path = folder.join("zoufang.db");
    let mut out = BufWriter::new(disk::create_private(&path)?);
    // The manifest comes first; until it is whole, bytes are gathered.
    let mut start: Vec<u8> = Vec::new();
    let mut manifest: Option<Manifest> = None;
    format::read_pieces(&mut input, &ring, &head.id, &mut |piece| {
        if manifest.is_some() {
            return Ok(out.write_all(piece)?);
        }
        start.extend_from_slice(piece);
        let Some((length, rest)) = start.split_first_chunk::<4>() else {
            return Ok(());
        };
        let length = u32::from_be_bytes(*length) as usize;
        let Some((text, rest)) = rest.split_at_checked(length) else {
            return Ok(());
        };
        manifest =
            Some(serde_json::from_slice(text).map_err(|_| CliError::input(words::BACKUP_DAMAGED))?);
        Ok(out.write_all(rest)?)
    })?;
    out.into_inner().map_err(CliError::system)?.sync_all()?;
    let manifest = manifest.ok_or_else(|| CliError::input(words::BACKUP_DAMAGED))?;
    let sum = format::sha256_of(&mut File::open(&path)?)?;
    if sum != manifest.database_sha256 {
        return Err(CliError::input(words::BACKUP_DAMAGED));
    }
    disk::write_private(
        &folder.join("keys.json"),
        head.key_file.to_text().as_bytes(),
    )?;
    Ok((manifest, ring))
}

/// Opens the unpacked copy and compares it with the manifest.
async fn compare(folder: &Path, manifest: &Manifest, ring: Keyring) -> Result<()> {
    let copy = open::copy(&folder.join("zoufang.db"), ring).await?;
    let (rows, migrations, streams, events, root) = facts(&copy).await?;
    copy.db.close().await?;
    let mut lines = Vec::new();
    for (table, n) in &manifest.rows {
        let found = rows.get(table).copied().unwrap_or(0);
        if found != *n {
            lines.push(words::rows_differ(table, *n, found));
        }
    }
    let same = migrations == manifest.migrations && streams == manifest.audit_streams;
    if !same || events != manifest.audit_events || root != manifest.audit_root {
        lines.push(words::BACKUP_AUDIT_DIFFERS.to_owned());
    }
    if lines.is_empty() {
        Ok(())
    } else {
        Err(CliError::Input(lines))
    }
}

/// Restores into a folder that vanishes and compares everything.
pub async fn verify(from: &Path, passphrase: &str) -> Result<Manifest> {
    let folder = from
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let scratch = tempfile::Builder::new()
        .prefix(".zoufang-verify-")
        .tempdir_in(folder)?;
    let (manifest, ring) = unpack_off_thread(from, scratch.path(), passphrase).await?;
    compare(scratch.path(), &manifest, ring).await?;
    Ok(manifest)
}

/// Restores into an empty data folder, after the same comparison.
pub async fn restore(from: &Path, into: &Path, passphrase: &str) -> Result<Manifest> {
    let taken = ["zoufang.db", "keys.json"]
        .iter()
        .any(|name| into.join(name).exists());
    if taken {
        return Err(CliError::input(words::folder_taken(into)));
    }
    disk::private_folder(into)?;
    let scratch = tempfile::Builder::new()
        .prefix(".restore-")
        .tempdir_in(into)?;
    let (manifest, ring) = unpack_off_thread(from, scratch.path(), passphrase).await?;
    compare(scratch.path(), &manifest, ring).await?;
    // The keys first: a database without them would look like a finished restore.
    for name in ["keys.json", "zoufang.db"] {
        fs::rename(scratch.path().join(name), into.join(name))?;
    }
    disk::sync_folder_of(&into.join("zoufang.db"))?;
    Ok(manifest)
}

async fn unpack_off_thread(
    from: &Path,
    folder: &Path,
    passphrase: &str,
) -> Result<(Manifest, Keyring)> {
    let (from, folder, passphrase) = (from.to_owned(), folder.to_owned(), passphrase.to_owned());
    let done = tokio::task::spawn_blocking(move || unpack(&from, &folder, &passphrase));
    done.await.map_err(CliError::system)?
}

/// Passphrase for a backup that may come from another computer.
pub fn passphrase_for(config: &Config, env: Env<'_>) -> Result<String> {
    keys::passphrase(config, env)
}

#[cfg(test)]
mod tests;
