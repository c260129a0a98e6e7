//! A private PostgreSQL for tests: a cluster in a temporary folder on a free
//! port of 127.0.0.1, without durability, gone afterwards whatever happens.
//!
//! `initdb` refuses root, so as root everything runs as the user `postgres` (or
//! `nobody`). The cleaning is done by a second process, the janitor: it waits
//! on a pipe that closes when this process ends in any way, `kill -9` included.

use crate::Outcome;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// The variable through which tests learn the address of the cluster.
pub const VARIABLE: &str = "ZF_TEST_PG";

/// Server settings: fast and forgetful, local connections only. Code-point order
/// comes from `--locale=C`, so that both databases sort alike.
const SETTINGS: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_connections=200 -c shared_buffers=128MB -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c autovacuum=off";

/// A running cluster; it is stopped and removed when this value goes.
pub struct Cluster {
    url: String,
    janitor: Option<Child>,
}

impl Cluster {
    /// Starts one, or takes the one that `ZF_TEST_PG` already names.
    pub fn start() -> Result<Self, String> {
        if let Ok(url) = std::env::var(VARIABLE)
            && !url.is_empty()
        {
            return Ok(Cluster { url, janitor: None });
        }
        let bin = binaries().ok_or("PostgreSQL 15 is missing: run `cargo xtask setup`")?;
        let folder = fresh_folder()?;
        let janitor = hire_janitor(&folder, &bin)?;
        // From here on a failure drops the cluster, and with it the folder.
        let mut cluster = Cluster {
            url: String::new(),
            janitor: Some(janitor),
        };
        init(&folder, &bin)?;
        let port = launch(&folder, &bin)?;
        cluster.url = format!("postgres://zoufang@127.0.0.1:{port}/postgres");
        Ok(cluster)
    }

    /// `postgres://…` of the maintenance database; its user may create databases.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut janitor) = self.janitor.take() {
            // Closing its input is the signal to clean up.
            drop(janitor.stdin.take());
            let _ = janitor.wait();
        }
    }
}

/// `cargo xtask pg -- COMMAND…`.
pub fn run(args: &[String]) -> Outcome {
    let words = match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    };
    let (program, rest) = words
        .split_first()
        .ok_or("usage: cargo xtask pg -- COMMAND…")?;
    let cluster = Cluster::start()?;
    let status = Command::new(program)
        .args(rest)
        .env(VARIABLE, cluster.url())
        .status()
        .map_err(|e| format!("cannot run {program}: {e}"))?;
    Ok(status.success())
}

/// The janitor process: waits for the end of its input, then stops the server
/// and removes the folder. Arguments: the folder, the folder of the programs.
pub fn janitor(args: &[String]) -> Outcome {
    let [folder, bin] = args else {
        return Err("started by `pg` only".to_owned());
    };
    let mut nothing = Vec::new();
    let _ = std::io::stdin().read_to_end(&mut nothing);
    let (folder, bin) = (Path::new(folder), Path::new(bin));
    let data = folder.join("data");
    if data.join("postmaster.pid").exists() {
        let mut stop = as_owner(&bin.join("pg_ctl"));
        stop.arg("stop")
            .arg("-D")
            .arg(&data)
            .args(["-m", "immediate", "-w"]);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
    fs::remove_dir_all(folder).map_err(|e| format!("cannot remove {}: {e}", folder.display()))?;
    Ok(true)
}

/// Where `initdb` and `pg_ctl` of PostgreSQL 15 or later are.
pub fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .filter(|version| *version >= 15)
        .collect();
    versions.sort_unstable();
    versions
        .iter()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")))
        .find(|bin| bin.join("initdb").exists())
}

/// Does this process run as root?
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// The user the server runs as when we are root.
fn owner() -> &'static str {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let known = users.lines().any(|line| line.starts_with("postgres:"));
    if known { "postgres" } else { "nobody" }
}

/// A command that runs as an ordinary user, from a folder that user can enter.
fn as_owner(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut outer = Command::new("runuser");
        outer.args(["-u", owner(), "--"]).arg(program);
        outer
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn fresh_folder() -> Result<PathBuf, String> {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let name = format!("zoufang-pg-{}-{nanos}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir(&folder).map_err(|e| format!("cannot create {}: {e}", folder.display()))?;
    if is_root() {
        succeed(Command::new("chown").arg(owner()).arg(&folder))?;
    }
    Ok(folder)
}

fn hire_janitor(folder: &Path, bin: &Path) -> Result<Child, String> {
    let me = std::env::current_exe().map_err(|e| format!("where am I? {e}"))?;
    Command::new(me)
        .arg("pg-janitor")
        .args([folder, bin])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // Its own group: Ctrl-C ends the tests, the janitor cleans up after them.
        .process_group(0)
        .spawn()
        .map_err(|e| format!("cannot start the janitor: {e}"))
}

fn init(folder: &Path, bin: &Path) -> Result<(), String> {
    let mut command = as_owner(&bin.join("initdb"));
    command.arg("-D").arg(folder.join("data"));
    command.args([
        "-U",
        "zoufang",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    succeed(&mut command)
}

/// Starts the server. The free port may be taken between asking and using it,
/// so this tries a few times.
fn launch(folder: &Path, bin: &Path) -> Result<u16, String> {
    let mut last = String::new();
    for _ in 0..5 {
        let port = free_port()?;
        let mut command = as_owner(&bin.join("pg_ctl"));
        command.arg("start").arg("-D").arg(folder.join("data"));
        command.arg("-l").arg(folder.join("log"));
        command.args(["-w", "-t", "60", "-o", &format!("{SETTINGS} -p {port}")]);
        // The server would inherit a pipe and keep it open for ever.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => return Ok(port),
            _ => last = fs::read_to_string(folder.join("log")).unwrap_or_default(),
        }
    }
    let tail: Vec<&str> = last.lines().rev().take(5).collect();
    Err(format!("PostgreSQL does not start: {}", tail.join(" / ")))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| format!("no free port: {e}"))
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let out = command
        .output()
        .map_err(|e| format!("cannot run {command:?}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    Err(format!("{:?} failed: {said}", command.get_program()))
}
