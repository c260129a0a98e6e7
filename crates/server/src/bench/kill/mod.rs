//! `zoufang bench kill`: real processes. The built program serves an
//! installation on SQLite or PostgreSQL; phones, processes of their own, write
//! visits with photos and upload them; both sides are killed with SIGKILL at
//! random moments of a seed and started again, until everything is at the
//! bank. Then everything is read back and compared with what people saw as
//! saved. `bench full-disk` (in `crate::bench::full`) uses the same parts.

pub mod check;
pub mod line;
pub mod memory;
pub mod phone;
pub mod site;

use super::{On, round};
use crate::error::{CliError, Result};
use check::{Found, Went};
use serde_json::{Value as Json, json};
use site::{Process, Site, Size};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zf_sim::rng::Rng;

/// What to run.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Where.
    pub on: On,
    /// Visits in all.
    pub visits: usize,
    /// Phones.
    pub phones: usize,
    /// Seed of the moments.
    pub seed: u64,
    /// A rule that the phones break: `none`, `delete-on-send`, `no-idempotency`.
    pub control: String,
}

/// Rules that phones can break.
pub const CONTROLS: [&str; 3] = ["none", "delete-on-send", "no-idempotency"];

/// The server runs so long before it is killed, ms.
const SERVER_LIVES: (i64, i64) = (150, 1_100);
/// A phone is killed so long after another one, ms.
const PHONE_LIVES: (i64, i64) = (20, 300);
/// And is down so long, ms.
const DOWN: (i64, i64) = (5, 150);
/// All must be over by then, and so many milliseconds more for each visit.
const LIMIT: Duration = Duration::from_secs(120);
const LIMIT_EACH_MS: u64 = 200;
const TICK: Duration = Duration::from_millis(3);

/// Phones as processes.
pub struct Phones {
    folders: Vec<PathBuf>,
    running: Vec<Option<Process>>,
    done: Vec<bool>,
}

impl Phones {
    /// Makes their folders; none runs yet.
    ///
    /// # Errors
    /// The server makes no codes.
    pub fn new(site: &Site, ask: &Ask, below: &Path) -> Result<Phones> {
        let mut folders = vec![];
        for n in 0..ask.phones {
            let visits = ask.visits / ask.phones + usize::from(n < ask.visits % ask.phones);
            let mut orders = site.orders(n, visits, ask.seed)?;
            orders.control.clone_from(&ask.control);
            let folder = below.join(format!("phone-{n}"));
            std::fs::create_dir(&folder)?;
            std::fs::write(folder.join("orders.json"), serde_json::to_vec(&orders)?)?;
            folders.push(folder);
        }
        Ok(Phones {
            running: folders.iter().map(|_| None).collect(),
            done: vec![false; folders.len()],
            folders,
        })
    }

    /// Their folders.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Starts those that do not run and have something to do.
    ///
    /// # Errors
    /// A phone cannot be started or has ended by itself in the middle.
    pub fn start(&mut self) -> Result<()> {
        for n in 0..self.folders.len() {
            if let Some(phone) = &mut self.running[n] {
                if !phone.ended() {
                    continue;
                }
                if !phone.succeeded() {
                    return Err(CliError::system(format!(
                        "phone {n} has stopped: {}",
                        self.said(n)
                    )));
                }
                self.done[n] = true;
                self.running[n] = None;
            }
            if !self.done[n] {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .args(["bench", "phone", "--folder"])
                    .arg(&self.folders[n]);
                command.stdin(Stdio::null());
                self.running[n] = Some(Process::start(command, &self.log(n))?);
            }
        }
        Ok(())
    }

    /// Have all ended well?
    pub fn are_done(&self) -> bool {
        self.done.iter().all(|d| *d)
    }

    fn log(&self, n: usize) -> PathBuf {
        self.folders[n].join("log")
    }

    fn said(&self, n: usize) -> String {
        std::fs::read_to_string(self.log(n)).unwrap_or_default()
    }

    /// Kills one that runs; true when there was one.
    fn kill(&mut self, n: usize) -> bool {
        self.running[n].take().is_some_and(Process::kill)
    }
}

/// Kills so far.
#[derive(Default)]
struct Kills {
    server: usize,
    phones: usize,
}

fn pause(rng: &mut Rng, (first, last): (i64, i64)) -> Duration {
    Duration::from_millis(rng.range(first, last).unsigned_abs())
}

/// Runs everything; what is lost, doubled or missing is a finding, no error.
///
/// # Errors
/// A process does not start, or it does not come to an end in time.
pub async fn measure(ask: &Ask) -> Result<Json> {
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let size = Size {
        branches: 3.min(ask.phones.max(1)),
        phones: ask.phones,
        customers: 1_200,
    };
    let data = folder.path().join("data");
    crate::disk::private_folder(&data)?;
    let site = Site::new(&ask.on, &data, size).await?;
    let log = folder.path().join("server.log");
    let server = site.serve(&log).await?;
    let mut phones = Phones::new(&site, ask, folder.path())?;
    let (kills, server) = storm(ask, &site, server, &mut phones, &log).await?;
    // What it kept in memory only is gone now.
    server.kill();
    let server = site.serve(&log).await?;
    let went = check::went(phones.folders())?;
    let found = check::compare(&site, phones.folders(), &went).await?;
    server.kill();
    let chain = site.command(&["audit", "verify"])?.output()?;
    let mut shown = shown(&found, &went);
    shown["audit"] = json!(chain.status.success());
    let sound = found.is_sound() && chain.status.success();
    for (key, value) in [
        ("bench", json!("kill")),
        ("engine", json!(ask.on.name())),
        ("control", json!(ask.control)),
        ("phones", json!(ask.phones)),
        ("seed", json!(ask.seed)),
        ("server_kills", json!(kills.server)),
        ("phone_kills", json!(kills.phones)),
        ("sound", json!(sound)),
        ("seconds", json!(round(began.elapsed().as_secs_f64()))),
    ] {
        shown[key] = value;
    }
    Ok(shown)
}

/// The figures of a comparison.
pub fn shown(found: &Found, went: &Went) -> Json {
    let refused: Vec<Json> = went.refused.iter().map(|((status, code, detail), n)| {
        json!({ "status": status, "code": code, "detail": detail, "times": n })
    }).collect();
    json!({
        "saved": found.saved, "visits": found.visits, "photos": found.photos,
        "lost": found.lost, "doubled": found.doubled, "gaps": found.gaps, "strange": found.strange,
        "photos_lost": found.photos_lost, "photos_doubled": found.photos_doubled,
        "photos_wrong": found.photos_wrong, "unanswered": went.unanswered,
        "duplicates": went.duplicates, "kept_aside": went.aside,
        "photos_resumed": went.resumed, "refused": refused,
    })
}

/// Kills and starts again until all phones are done.
async fn storm(
    ask: &Ask,
    site: &Site,
    mut server: Process,
    phones: &mut Phones,
    log: &Path,
) -> Result<(Kills, Process)> {
    let mut rng = Rng::new(ask.seed);
    let mut kills = Kills::default();
    let began = Instant::now();
    let limit = LIMIT + Duration::from_millis(LIMIT_EACH_MS * ask.visits as u64);
    let mut next_server = Instant::now() + pause(&mut rng, SERVER_LIVES);
    let mut next_phone = Instant::now() + pause(&mut rng, PHONE_LIVES);
    let mut start_phones = Instant::now();
    loop {
        let now = Instant::now();
        if began.elapsed() > limit {
            let told = format!("not all was at the bank after {} s", limit.as_secs());
            return Err(CliError::system(told));
        }
        if now >= start_phones {
            phones.start()?;
        }
        if phones.are_done() {
            return Ok((kills, server));
        }
        if now >= next_server {
            kills.server += usize::from(server.kill());
            tokio::time::sleep(pause(&mut rng, DOWN)).await;
            server = site.serve(log).await?;
            next_server = Instant::now() + pause(&mut rng, SERVER_LIVES);
        }
        if now >= next_phone {
            let one = rng.below(ask.phones as u64) as usize;
            kills.phones += usize::from(phones.kill(one));
            start_phones = Instant::now() + pause(&mut rng, DOWN);
            next_phone = Instant::now() + pause(&mut rng, PHONE_LIVES);
        }
        tokio::time::sleep(TICK).await;
    }
}
