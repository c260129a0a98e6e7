//! `zoufang bench full-disk`: the disk of the server fills up while phones
//! upload visits with photos, and is given space again; the server is the same
//! process all the time. Nothing may be acknowledged that is not there, every
//! refusal says in words what to do, and in the end everything is at the bank
//! once. The disk is a small tmpfs where this process may mount one, else a
//! limit on the length of the server's files (`prlimit`); the result says which.

use super::kill::check::{self, Found, Went};
use super::kill::memory::{Line, journal};
use super::kill::site::{Process, Site, Size};
use super::kill::{Ask as Storm, Phones, shown};
use super::{On, round};
use crate::disk;
use crate::error::{CliError, Result};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zf_base::code::ErrorCode;

/// What to run.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Visits in all.
    pub visits: usize,
    /// Phones.
    pub phones: usize,
    /// Seed.
    pub seed: u64,
    /// Use the limit although a tmpfs could be mounted.
    pub limit: bool,
}

/// Size of the small disk.
const DISK_MIB: u64 = 96;
/// Left on it when the ballast is in: about thirty photos.
const LEFT: u64 = 700 << 10;
/// Longest file that the server may write under the limit.
const FILE_BYTES: u64 = 96 << 10;
/// Refusals that must have come in before space is given.
const REFUSALS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(90);
const TICK: Duration = Duration::from_millis(20);

/// What makes the disk full.
enum Layer {
    /// A mounted folder; unmounted when dropped.
    Tmpfs(PathBuf),
    /// A limit on the length of files.
    Limit,
}

impl Layer {
    fn new(folder: &Path, limit: bool) -> Layer {
        if limit {
            return Layer::Limit;
        }
        let size = format!("size={DISK_MIB}m,mode=0700");
        let words = ["-t", "tmpfs", "-o", &size, "zoufang-bench"];
        match quiet(Command::new("mount").args(words).arg(folder)) {
            true => Layer::Tmpfs(folder.to_owned()),
            false => Layer::Limit,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Layer::Tmpfs(_) => "tmpfs",
            Layer::Limit => "file size limit",
        }
    }

    /// Takes the space away.
    fn fill(&self, server: u32) -> Result<()> {
        match self {
            Layer::Tmpfs(folder) => {
                let (free, _) = disk::space(folder)?;
                let ballast = vec![0u8; free.saturating_sub(LEFT) as usize];
                match std::fs::write(folder.join("ballast"), ballast) {
                    // The server was quicker with what was to be left.
                    Err(e) if e.kind() == std::io::ErrorKind::StorageFull => Ok(()),
                    other => Ok(other?),
                }
            }
            Layer::Limit => limit(server, &format!("{FILE_BYTES}:unlimited")),
        }
    }

    /// Gives it back.
    fn free(&self, server: u32) -> Result<()> {
        match self {
            Layer::Tmpfs(folder) => Ok(std::fs::remove_file(folder.join("ballast"))?),
            Layer::Limit => limit(server, "unlimited:unlimited"),
        }
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        if let Layer::Tmpfs(folder) = self {
            quiet(Command::new("umount").arg("-l").arg(folder));
        }
    }
}

fn quiet(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

fn limit(server: u32, bytes: &str) -> Result<()> {
    let mut command = Command::new("prlimit");
    command.arg("--pid").arg(server.to_string());
    match quiet(command.arg(format!("--fsize={bytes}"))) {
        true => Ok(()),
        false => Err(CliError::system("neither a tmpfs nor prlimit is to be had")),
    }
}

/// Runs it; what is lost or doubled is a finding, no error.
///
/// # Errors
/// No way to fill a disk, or it does not come to an end in time.
pub async fn measure(ask: &Ask) -> Result<Json> {
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    disk::private_folder(&data)?;
    let layer = Layer::new(&data, ask.limit);
    let size = Size {
        branches: 2.min(ask.phones.max(1)),
        phones: ask.phones,
        customers: 600,
    };
    let site = Site::new(&On::Sqlite, &data, size).await?;
    let log = folder.path().join("server.log");
    let mut server = site.serve(&log).await?;
    let storm = Storm {
        on: On::Sqlite,
        visits: ask.visits,
        phones: ask.phones,
        seed: ask.seed,
        control: "none".to_owned(),
    };
    let mut phones = Phones::new(&site, &storm, folder.path())?;
    let told = fill_and_free(&site, &layer, &mut server, &mut phones).await?;
    let same_process = !server.ended();
    // Whatever was acknowledged outlives the process.
    server.kill();
    let server = site.serve(&log).await?;
    let went = check::went(phones.folders())?;
    let found = check::compare(&site, phones.folders(), &went).await?;
    server.kill();
    let clear = clear(&went);
    let sound = is_sound(&found, &went) && same_process && clear && told.read;
    let mut value = shown(&found, &went);
    for (key, it) in [
        ("bench", json!("full-disk")),
        ("layer", json!(layer.name())),
        ("same_process", json!(same_process)),
        ("readable_while_full", json!(told.read)),
        ("clear_words", json!(clear)),
        (
            "recovered_seconds",
            json!(round(told.recovery.as_secs_f64())),
        ),
        ("sound", json!(sound)),
        ("seconds", json!(round(began.elapsed().as_secs_f64()))),
    ] {
        value[key] = it;
    }
    Ok(value)
}

fn is_sound(found: &Found, went: &Went) -> bool {
    found.is_sound() && !went.refused.is_empty()
}

/// Whether every refusal of the server was the one about the disk, in words.
fn clear(went: &Went) -> bool {
    let full = ErrorCode::DISK_FULL;
    went.refused
        .keys()
        // A place of an upload that was overtaken is no fault of the disk.
        .filter(|(status, _, _)| *status >= 500)
        .all(|(status, code, detail)| {
            // An answer to HEAD has no body to say more.
            let bodiless = code.is_empty() && detail.is_empty();
            let told = code == full.code && detail.chars().count() > 15;
            *status == full.status && (told || bodiless)
        })
}

/// What was seen from outside.
struct Told {
    /// Lists could be read while the disk was full.
    read: bool,
    /// From space given to the first new visit at the bank.
    recovery: Duration,
}

async fn fill_and_free(
    site: &Site,
    layer: &Layer,
    server: &mut Process,
    phones: &mut Phones,
) -> Result<Told> {
    // A tenth of the visits first.
    wait(phones, "visits", |lines| answered(lines) >= 10).await?;
    layer.fill(server.id())?;
    let full = |lines: &[Line]| refused(lines) >= REFUSALS;
    wait(phones, "refusals", full).await?;
    // Long enough for every part of the server to meet it.
    run_for(phones, Duration::from_secs(3)).await?;
    let read = site.signed_in_without_writing(phones)?;
    let before = answered(&all_lines(phones)?);
    layer.free(server.id())?;
    let freed = Instant::now();
    wait(phones, "recovery", |lines| answered(lines) > before).await?;
    let recovery = freed.elapsed();
    let began = Instant::now();
    while !phones.are_done() {
        if began.elapsed() > PATIENCE + PATIENCE {
            return Err(CliError::system("not all was at the bank in time"));
        }
        phones.start()?;
        tokio::time::sleep(TICK).await;
    }
    Ok(Told { read, recovery })
}

async fn run_for(phones: &mut Phones, time: Duration) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < time {
        phones.start()?;
        tokio::time::sleep(TICK).await;
    }
    Ok(())
}

async fn wait(phones: &mut Phones, what: &str, is: impl Fn(&[Line]) -> bool) -> Result<()> {
    let began = Instant::now();
    while !is(&all_lines(phones)?) {
        if began.elapsed() > PATIENCE {
            return Err(CliError::system(format!("no {what} in time")));
        }
        run_for(phones, TICK * 5).await?;
    }
    Ok(())
}

fn all_lines(phones: &Phones) -> Result<Vec<Line>> {
    let mut all = vec![];
    for folder in phones.folders() {
        all.extend(journal(folder)?);
    }
    Ok(all)
}

fn answered(lines: &[Line]) -> usize {
    let of = |l: &Line| match l {
        Line::Answered { items } => items.len(),
        _ => 0,
    };
    lines.iter().map(of).sum()
}

fn refused(lines: &[Line]) -> usize {
    let is = |l: &&Line| matches!(l, Line::Refused { status, .. } if *status >= 500);
    lines.iter().filter(is).count()
}

impl Site {
    /// Whether a phone that is signed in can still read its branch's visits.
    fn signed_in_without_writing(&self, phones: &Phones) -> Result<bool> {
        let session = all_lines(phones)?.into_iter().find_map(|l| match l {
            Line::Session { token } => Some(token),
            _ => None,
        });
        let mut line = super::kill::line::Line::to(self.address);
        line.session = session;
        Ok(line.get("/me").is_ok_and(|r| r.status == 200))
    }
}
