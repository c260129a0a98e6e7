//! The private PostgreSQL of the tests: it answers, and it leaves nothing behind
//! when the command succeeds, fails or is killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SHOW: &str = "psql -XAt \"$ZF_TEST_PG\" -c 'select 6*7' -c 'show data_directory'";

fn xtask(script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(["pg", "--", "sh", "-c", script])
        .env_remove("ZF_TEST_PG");
    command
}

fn installed() -> bool {
    let there = Path::new("/usr/lib/postgresql").exists() && Path::new("/usr/bin/psql").exists();
    if !there {
        println!("skipped: PostgreSQL is not installed");
    }
    there
}

/// The answers of `SHOW`: the product and the data folder.
fn answers(out: &Output) -> (String, PathBuf) {
    let text = String::from_utf8_lossy(&out.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines.len(),
        2,
        "{text} {}",
        String::from_utf8_lossy(&out.stderr)
    );
    (lines[0].to_owned(), PathBuf::from(lines[1]))
}

#[test]
fn a_command_gets_a_cluster_that_is_gone_afterwards() {
    if !installed() {
        return;
    }
    let out = xtask(SHOW).output().expect("runs");
    let (product, data) = answers(&out);
    assert_eq!(product, "42");
    assert!(out.status.success());
    assert!(
        !data.parent().expect("a parent").exists(),
        "{}",
        data.display()
    );
}

#[test]
fn a_failing_command_fails_the_task_and_leaves_nothing() {
    if !installed() {
        return;
    }
    let out = xtask(&format!("{SHOW}; exit 7")).output().expect("runs");
    let (_, data) = answers(&out);
    assert_eq!(out.status.code(), Some(1));
    assert!(!data.exists());
}

#[test]
fn a_killed_task_leaves_nothing() {
    if !installed() {
        return;
    }
    let mut child = xtask(&format!("{SHOW}; sleep 60"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let shown: Vec<String> = lines.take(2).map(|line| line.expect("text")).collect();
    let data = PathBuf::from(&shown[1]);
    assert!(data.parent().expect("a parent").exists());
    child.kill().expect("SIGKILL");
    child.wait().expect("ended");
    let start = Instant::now();
    while data.parent().expect("a parent").exists() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "still there: {}",
            data.display()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
