//! `zoufang doctor`: what an administrator looks at first. Each check says
//! what was found and whether it is good, worth a look, or broken. Reads only,
//! apart from a small file it writes and removes to see whether the disk tells
//! the truth about "written".

use crate::config::{Config, Env};
use crate::error::Result;
use crate::{assets, backup, disk, health, keys, open, words};
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use std::time::Instant;
use zf_base::{Day, Timestamp};
use zf_kernel::migrations::MIGRATIONS;
use zf_kernel::{App, setting};
use zf_store::{Db, Engine, Scope, Sql};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Good.
    Ok,
    /// Worth a look.
    Warn,
    /// Broken.
    Fail,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Stable name.
    pub check: String,
    /// Not broken.
    pub ok: bool,
    /// How it went.
    pub verdict: Verdict,
    /// What was found, and what to do.
    pub detail: String,
}

fn check(name: &'static str, verdict: Verdict, detail: impl Into<String>) -> Check {
    Check {
        check: name.to_owned(),
        ok: verdict != Verdict::Fail,
        verdict,
        detail: detail.into(),
    }
}

/// Everything, as far as the installation can be opened.
pub async fn run(config: &Config, env: Env<'_>) -> Vec<Check> {
    let now = zf_kernel::Clock::now(&zf_kernel::SystemClock);
    let mut all = vec![clock(now), data_folder(&config.data.value)];
    all.extend(disk_checks(&config.data.value));
    all.push(key_file(&config.key_path()));
    all.push(pages());
    all.push(calendar(now.day()));
    match open::database(config).await {
        Err(e) => all.push(check("database", Verdict::Fail, e.to_string())),
        Ok(db) => {
            all.extend(database(&db).await);
            let passphrase = keys::passphrase_given(config, env);
            all.push(unlocks(
                config,
                passphrase.as_ref().ok().and_then(|p| p.as_deref()),
            ));
            if let Ok(Some(passphrase)) = passphrase
                && let Ok(ring) = keys::unlock(&config.key_path(), &passphrase)
                && let Ok(app) = open::assemble(db, ring).await
            {
                all.extend(installation(&app).await);
            }
        }
    }
    all
}

/// The checks that a running server can make, for the system page.
pub async fn online(app: &App) -> Vec<Check> {
    let mut all = vec![clock(app.now()), pages(), calendar(app.today())];
    all.extend(database(&app.db).await);
    all.extend(installation(app).await);
    all
}

/// Before this program was made, the clock is wrong.
fn clock(now: Timestamp) -> Check {
    let sane = (2026..2100).contains(&now.day().year());
    check(
        "clock",
        if sane { Verdict::Ok } else { Verdict::Fail },
        words::clock(&now.to_string(), sane),
    )
}

fn data_folder(path: &Path) -> Check {
    match disk::is_open_to_others(path) {
        Ok(false) => check("data_folder", Verdict::Ok, path.display().to_string()),
        Ok(true) => check("data_folder", Verdict::Warn, words::folder_open(path)),
        Err(e) => check(
            "data_folder",
            Verdict::Fail,
            words::file_unreadable(path, &e.to_string()),
        ),
    }
}

fn disk_checks(path: &Path) -> Vec<Check> {
    let mut all: Vec<Check> = free_space(path).into_iter().collect();
    all.push(match fsync_micros(path) {
        Ok(us) if us < FSYNC_MICROS_MIN => check("fsync", Verdict::Warn, words::fsync_too_fast(us)),
        Ok(us) => check("fsync", Verdict::Ok, words::fsync(us)),
        Err(e) => check("fsync", Verdict::Fail, e.to_string()),
    });
    all
}

fn free_space(path: &Path) -> Option<Check> {
    let (free, total) = disk::space(path).ok()?;
    let percent = free * 100 / total.max(1);
    let verdict = match () {
        () if disk::is_low(free, total) => Verdict::Fail,
        () if disk::is_low(free / 3, total) => Verdict::Warn,
        () => Verdict::Ok,
    };
    Some(check(
        "disk_free",
        verdict,
        words::disk_free(free / (1 << 20), percent),
    ))
}

/// No disk and no battery-backed cache answers faster than that; a disk that
/// does keeps the data in a cache that a power cut empties.
const FSYNC_MICROS_MIN: u64 = 15;

/// Median of twenty writes of 4 KiB with flush, microseconds.
fn fsync_micros(folder: &Path) -> Result<u64> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        file.write_all(&[0u8; 4096])?;
        file.as_file().sync_data()?;
        times.push(began.elapsed().as_micros() as u64);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn key_file(path: &Path) -> Check {
    match keys::read(path) {
        Ok(file) => {
            let suite = format!("{:?}", file.suite()).to_lowercase();
            check(
                "key_file",
                Verdict::Ok,
                words::key_file(file.fingerprint(), &suite, file.current_key_id()),
            )
        }
        Err(e) => check("key_file", Verdict::Fail, e.to_string()),
    }
}

fn unlocks(config: &Config, passphrase: Option<&str>) -> Check {
    let Some(passphrase) = passphrase else {
        return check("passphrase", Verdict::Warn, words::PASSPHRASE_UNCHECKED);
    };
    match keys::unlock(&config.key_path(), passphrase) {
        Ok(_) => check("passphrase", Verdict::Ok, words::PASSPHRASE_FITS),
        Err(e) => check("passphrase", Verdict::Fail, e.to_string()),
    }
}

fn pages() -> Check {
    match assets::present() {
        true => check("pages", Verdict::Ok, words::PAGES_BUILT_IN),
        false => check("pages", Verdict::Warn, words::PAGES_MISSING),
    }
}

fn calendar(today: Day) -> Check {
    let (_, last) = zf_base::calendar::known_range();
    let end = Day::new(today.year(), 12, 31).unwrap_or(today);
    let known = zf_base::calendar::knows(end);
    check(
        "calendar",
        if known { Verdict::Ok } else { Verdict::Warn },
        words::calendar(&last.to_string(), known),
    )
}

const fn pragma(name: &'static str, text: &'static str) -> Sql {
    Sql {
        name,
        text,
        scope: Scope::Ref,
        module: module_path!(),
    }
}
// Questions in an engine's own words; each runs on that engine only.
const SQLITE_JOURNAL: Sql = pragma("SQLITE_JOURNAL", "PRAGMA journal_mode");
const SQLITE_SYNCHRONOUS: Sql = pragma("SQLITE_SYNCHRONOUS", "PRAGMA synchronous");
const SQLITE_CHECK: Sql = pragma("SQLITE_CHECK", "PRAGMA quick_check(1)");
const PG_FSYNC: Sql = pragma(
    "PG_FSYNC",
    "SELECT setting FROM pg_settings WHERE name = 'fsync'",
);
const PG_COMMIT: Sql = pragma(
    "PG_COMMIT",
    "SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'",
);

async fn ask(db: &Db, sql: Sql) -> String {
    let Ok(rows) = db.query(sql, vec![]).await else {
        return "?".to_owned();
    };
    let Some(row) = rows.first() else {
        return "?".to_owned();
    };
    row.get::<String>(0)
        .or_else(|_| row.get::<i64>(0).map(|n| n.to_string()))
        .unwrap_or_else(|_| "?".to_owned())
}

async fn database(db: &Db) -> Vec<Check> {
    let mut all = Vec::new();
    let (settings, good) = match db.engine() {
        Engine::Sqlite => {
            let (journal, sync) = (
                ask(db, SQLITE_JOURNAL).await,
                ask(db, SQLITE_SYNCHRONOUS).await,
            );
            let whole = ask(db, SQLITE_CHECK).await;
            let good = journal == "wal" && whole == "ok";
            (
                format!(
                    "sqlite: journal_mode {journal}, synchronous {sync} (reader), quick_check {whole}"
                ),
                good,
            )
        }
        Engine::Postgres => {
            let (fsync, commit) = (ask(db, PG_FSYNC).await, ask(db, PG_COMMIT).await);
            let good = fsync == "on" && commit != "off";
            (
                format!("postgres: fsync {fsync}, synchronous_commit {commit}"),
                good,
            )
        }
    };
    all.push(check(
        "database",
        if good { Verdict::Ok } else { Verdict::Fail },
        settings,
    ));
    all.push(match open::missing_migrations(db).await {
        Ok(missing) if missing.is_empty() => check(
            "migrations",
            Verdict::Ok,
            format!("{} / {0}", MIGRATIONS.len()),
        ),
        Ok(missing) => check("migrations", Verdict::Warn, words::migrate_first(&missing)),
        Err(e) => check("migrations", Verdict::Fail, e.to_string()),
    });
    all
}

/// A backup older than that is worth a look.
const BACKUP_HOURS_MAX: i64 = 26;

async fn installation(app: &App) -> Vec<Check> {
    let mut all = vec![check(
        "engine",
        Verdict::Ok,
        health::engine_name(app.db.engine()),
    )];
    let demo = setting::is_demo(app).await.unwrap_or(false);
    all.push(check(
        "demo",
        if demo { Verdict::Warn } else { Verdict::Ok },
        words::demo_flag(demo),
    ));
    let last = setting::setting_read(app, backup::LAST)
        .await
        .ok()
        .flatten();
    let at = last.and_then(|v| v["at"].as_str().and_then(|s| s.parse::<Timestamp>().ok()));
    all.push(match at {
        None => check("backup", Verdict::Warn, words::BACKUP_NEVER),
        Some(at) => {
            let hours = (app.now().0 - at.0) / 3_600_000_000;
            let verdict = if hours > BACKUP_HOURS_MAX {
                Verdict::Warn
            } else {
                Verdict::Ok
            };
            check("backup", verdict, words::backup_age(&at.to_string(), hours))
        }
    });
    all
}
