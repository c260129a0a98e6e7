//! Backup, its verification and restoring on another computer. A backup is one
//! sealed file with a copy of the database, the photos, the wrapped keys and a
//! manifest; whoever has the file and the passphrase has the installation.
//! Taking one does not stop the work. Verification restores the database into a
//! folder that vanishes, compares hashes and counts, opens every piece of the
//! photos, and re-computes the audit chain.

pub mod format;
mod photos;

use crate::config::{Config, Env};
use crate::error::{CliError, Result};
use crate::{disk, keys, open, store, words};
use format::{BackupId, SealedReader, SealedWriter, hex};
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
    /// Whole photos that the database speaks of, the same one once; none in a
    /// backup of a program that did not take them.
    #[serde(default)]
    pub photos: Option<u64>,
    /// Their bytes.
    #[serde(default)]
    pub photo_bytes: u64,
}

/// What came back from a backup.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Restored {
    /// What the backup says about itself.
    pub manifest: Manifest,
    /// Photos that are not whole in it, a sentence each.
    pub damaged_photos: Vec<String>,
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
    let folder = to
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    disk::private_folder(folder)?;
    // A backup holds the keys as they were when it began: when they change
    // before its last piece is written, something in it might need newer ones.
    for _ in 0..3 {
        if let Some(manifest) = take(app, config, folder, to).await? {
            disk::sync_folder_of(to)?;
            remember(app, to, &manifest).await?;
            return Ok(manifest);
        }
    }
    Err(CliError::input(words::KEYS_CHANGING))
}

/// Writes the file whole; none when the keys were changed meanwhile.
async fn take(app: &App, config: &Config, folder: &Path, to: &Path) -> Result<Option<Manifest>> {
    let keys = keys::read(&config.key_path())?;
    if keys.fingerprint() != app.vault.fingerprint() {
        return Err(CliError::input(words::OTHER_KEYS));
    }
    let scratch = tempfile::Builder::new()
        .prefix(".zoufang-backup-")
        .tempdir_in(folder)?;
    let copy_path = scratch.path().join("copy.db");
    copy_database(&app.db, &copy_path).await?;
    let manifest = describe(app, &copy_path).await?;
    let part = scratch.path().join("backup.part");
    let (id, ring, photos) = (backup_id(app)?, app.vault.clone(), app.blobs.clone());
    let (text, inner) = (serde_json::to_vec(&manifest)?, part.clone());
    let before = keys.to_text();
    let written = tokio::task::spawn_blocking(move || {
        let out = BufWriter::new(disk::create_private(&inner)?);
        let sealed = SealedWriter::start(out, &ring, &keys, id)?;
        write_rest(sealed, &text, &copy_path, photos.as_deref())
    });
    let unreadable = written.await.map_err(CliError::system)??;
    if unreadable > 0 {
        tracing::warn!(unreadable, "pieces of photos that could not be read");
    }
    if keys::read(&config.key_path())?.to_text() != before {
        return Ok(None);
    }
    fs::rename(&part, to)?;
    Ok(Some(manifest))
}

fn backup_id(app: &App) -> Result<BackupId> {
    let mut id = [0u8; 16];
    app.random(&mut id)?;
    Ok(id)
}

async fn describe(app: &App, copy_path: &Path) -> Result<Manifest> {
    let copy = open::copy(copy_path, app.vault.clone()).await?;
    let (rows, migrations, audit_streams, audit_events, audit_root) = facts(&copy).await?;
    let (photos, photo_bytes) = photos::kept(&copy).await?;
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
        photos: Some(photos),
        photo_bytes,
    })
}

/// Everything behind the head; gives how many pieces could not be read.
fn write_rest(
    mut sealed: SealedWriter<'_, BufWriter<File>>,
    manifest: &[u8],
    database: &Path,
    blobs: Option<&Path>,
) -> Result<u64> {
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
    let unreadable = photos::put(&mut sealed, blobs)?;
    let out = sealed.finish()?.into_inner().map_err(CliError::system)?;
    out.sync_all()?;
    Ok(unreadable)
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

/// A backup that was unpacked into a folder: `zoufang.db`, `keys.json`, a note
/// of the photos, and the photos themselves when they were asked for.
struct Unpacked {
    manifest: Manifest,
    ring: Keyring,
    /// Whether the backup has photos.
    photos: bool,
}

const DATABASE: &str = "zoufang.db";
const KEYS: &str = "keys.json";
const BLOBS: &str = "blobs";
const SEEN: &str = "photos.seen";
/// A manifest has a line for every table.
const MANIFEST_MAX: usize = 1024 * 1024;

fn unpack(from: &Path, folder: &Path, passphrase: &str, with_photos: bool) -> Result<Unpacked> {
    let unreadable =
        |e: std::io::Error| CliError::input(words::file_unreadable(from, &e.to_string()));
    let mut input = BufReader::new(File::open(from).map_err(unreadable)?);
    let head = format::read_head(&mut input)?;
    let ring = Keyring::unlock(&head.key_file, passphrase)?;
    let mut reader = SealedReader::start(input, &ring, head.id)?;
    let length = u32::from_be_bytes(reader.number()?) as usize;
    if length > MANIFEST_MAX {
        return Err(format::damaged());
    }
    let mut text = vec![0u8; length];
    reader.exact(&mut text)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| format::damaged())?;
    take_database(&mut reader, &manifest, &folder.join(DATABASE))?;
    if head.photos {
        let blobs = folder.join(BLOBS);
        if with_photos {
            disk::private_folder(&blobs)?;
        }
        let into = with_photos.then_some(blobs.as_path());
        photos::take(&mut reader, &ring, into, &folder.join(SEEN))?;
    }
    reader.end()?;
    let keys = head.key_file.to_text();
    disk::write_private(&folder.join(KEYS), keys.as_bytes())?;
    Ok(Unpacked {
        manifest,
        ring,
        photos: head.photos,
    })
}

fn take_database<R: Read>(
    reader: &mut SealedReader<'_, R>,
    manifest: &Manifest,
    path: &Path,
) -> Result<()> {
    let mut out = BufWriter::new(disk::create_private(path)?);
    let mut left = manifest.database_bytes;
    while left > 0 {
        let bytes = reader.some(usize::try_from(left).unwrap_or(usize::MAX))?;
        if bytes.is_empty() {
            return Err(format::damaged());
        }
        out.write_all(bytes)?;
        left -= bytes.len() as u64;
    }
    out.into_inner().map_err(CliError::system)?.sync_all()?;
    match format::sha256_of(&mut File::open(path)?)? == manifest.database_sha256 {
        true => Ok(()),
        false => Err(format::damaged()),
    }
}

/// Opens the unpacked copy and compares it with the manifest; answers which
/// photos are not whole.
async fn compare(folder: &Path, unpacked: Unpacked) -> Result<Restored> {
    let manifest = unpacked.manifest;
    let copy = open::copy(&folder.join(DATABASE), unpacked.ring).await?;
    let (rows, migrations, streams, events, root) = facts(&copy).await?;
    let damaged_photos = match unpacked.photos {
        true => photos::compare(&copy, &folder.join(SEEN)).await?,
        false => vec![],
    };
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
    if !lines.is_empty() {
        return Err(CliError::Input(lines));
    }
    Ok(Restored {
        manifest,
        damaged_photos,
    })
}

/// Restores the database into a folder that vanishes and compares everything;
/// the photos are opened one piece after another and not written.
pub async fn verify(from: &Path, passphrase: &str) -> Result<Manifest> {
    let folder = from
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let scratch = tempfile::Builder::new()
        .prefix(".zoufang-verify-")
        .tempdir_in(folder)?;
    let unpacked = unpack_off_thread(from, scratch.path(), passphrase, false).await?;
    let found = compare(scratch.path(), unpacked).await?;
    match found.damaged_photos.is_empty() {
        true => Ok(found.manifest),
        false => Err(CliError::Input(found.damaged_photos)),
    }
}

/// Restores into an empty data folder, after the same comparison. A photo that
/// is not whole is told of and keeps nobody from everything else.
pub async fn restore(from: &Path, into: &Path, passphrase: &str) -> Result<Restored> {
    let taken = [DATABASE, KEYS].iter().any(|name| into.join(name).exists());
    if taken {
        return Err(CliError::input(words::folder_taken(into)));
    }
    disk::private_folder(into)?;
    let scratch = tempfile::Builder::new()
        .prefix(".restore-")
        .tempdir_in(into)?;
    let unpacked = unpack_off_thread(from, scratch.path(), passphrase, true).await?;
    let photos = unpacked.photos;
    let found = compare(scratch.path(), unpacked).await?;
    // An empty folder is no obstacle, one with photos stays as it is.
    if photos && fs::rename(scratch.path().join(BLOBS), into.join(BLOBS)).is_err() {
        return Err(CliError::input(words::folder_taken(&into.join(BLOBS))));
    }
    // The database last: with it alone the folder would look like a finished restore.
    for name in [KEYS, DATABASE] {
        fs::rename(scratch.path().join(name), into.join(name))?;
    }
    disk::sync_folder_of(&into.join(DATABASE))?;
    Ok(found)
}

async fn unpack_off_thread(
    from: &Path,
    folder: &Path,
    passphrase: &str,
    with_photos: bool,
) -> Result<Unpacked> {
    let (from, folder, passphrase) = (from.to_owned(), folder.to_owned(), passphrase.to_owned());
    let done =
        tokio::task::spawn_blocking(move || unpack(&from, &folder, &passphrase, with_photos));
    done.await.map_err(CliError::system)?
}

/// Passphrase for a backup that may come from another computer.
pub fn passphrase_for(config: &Config, env: Env<'_>) -> Result<String> {
    keys::passphrase(config, env)
}

#[cfg(test)]
mod tests;
