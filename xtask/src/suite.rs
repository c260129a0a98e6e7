//! `make test`: everything, in the order that builds least, with one summary line.
//!
//! Front end first (its files are embedded in the program), then the program,
//! then the Rust tests beside a private PostgreSQL, then the browser. A stage that
//! cannot run is a failure with a reason, never a silence; later stages still run.

use crate::libtest::{Reader, Show, read_browser, read_vitest};
use crate::report::{Report, State};
use crate::{Outcome, coverage, openapi, pg, setup, tidy, tree};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Oldest Node that the front end's tools accept.
const NODE: (u32, u32) = (20, 19);
const BIN: &str = "target/release/zoufang";

/// `cargo xtask test [-p CRATE]…`.
pub fn run(args: &[String]) -> Outcome {
    let root = tree::root()?;
    std::fs::create_dir_all(root.join("target")).map_err(|e| format!("no target folder: {e}"))?;
    if args.is_empty() {
        return Ok(everything(&root));
    }
    let cluster = cluster(&mut Report::default());
    let mut words: Vec<&str> = args.iter().map(String::as_str).collect();
    words.push("--no-fail-fast");
    let report = rust_tests(&root, &words, cluster.as_ref());
    println!("{}", report.summary());
    Ok(report.count(State::Failed) == 0)
}

fn everything(root: &Path) -> bool {
    let mut report = Report::default();
    let clock = Instant::now();
    let mut stage = |name: &str, work: &mut dyn FnMut(&mut Report)| {
        println!("== {name}");
        let start = Instant::now();
        work(&mut report);
        println!("   {} s", start.elapsed().as_secs());
    };
    let node = node_is_new_enough();
    let cluster = std::cell::OnceCell::new();
    stage("packages", &mut |report| {
        report.check(
            "the packages of the tests are installed",
            setup::run().unwrap_or(false),
        );
        let _ = cluster.set(self::cluster(report));
    });
    stage("invariants", &mut |report| {
        report.check("tidy", done("tidy", tidy::run()))
    });
    stage("front end", &mut |report| match node {
        true => front_end(root, report),
        false => report.check("Node 20.19 or later is installed", false),
    });
    stage("program", &mut |report| program(root, report));
    let cluster = cluster.into_inner().flatten();
    stage("rust tests", &mut |report| {
        merge(
            report,
            rust_tests(root, &["--workspace", "--no-fail-fast"], cluster.as_ref()),
        );
    });
    if node {
        stage("browser tests", &mut |report| {
            browser(root, cluster.as_ref(), report)
        });
    }
    drop(cluster);
    finish(root, &mut report);
    println!("   {} s in all", clock.elapsed().as_secs());
    println!("{}", report.summary());
    report.count(State::Failed) == 0
}

/// The checks on the run as a whole, and the report file.
fn finish(root: &Path, report: &mut Report) {
    println!("== checks on the run");
    println!(
        "   {} tests on PostgreSQL, {} in the browser",
        report.postgres,
        report.browser()
    );
    report.check("tests ran on PostgreSQL", report.postgres > 0);
    report.check("tests ran in a browser", report.browser() > 0);
    let covered = done("coverage", coverage::check(root, report));
    report.check("coverage", covered);
    let failed = report
        .tests
        .iter()
        .filter(|test| test.state == State::Failed);
    for test in failed {
        println!("FAILED {}", test.name);
    }
    if let Err(why) = report.write(&root.join("target/test-report.json")) {
        println!("{why}");
        report.check("the report can be written", false);
    }
}

fn done(what: &str, outcome: Outcome) -> bool {
    outcome.unwrap_or_else(|why| {
        println!("{what}: {why}");
        false
    })
}

fn merge(report: &mut Report, other: Report) {
    report.postgres += other.postgres;
    report.tests.extend(other.tests);
}

fn cluster(report: &mut Report) -> Option<pg::Cluster> {
    match pg::Cluster::start() {
        Ok(cluster) => Some(cluster),
        Err(why) => {
            println!("{why}");
            report.check("a private PostgreSQL starts", false);
            None
        }
    }
}

/// Is Node there and new enough? Says so when it is not.
fn node_is_new_enough() -> bool {
    let out = Command::new("node").arg("--version").output();
    let text = out.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    let version = text.as_deref().ok().and_then(parse_node);
    let good = version.is_some_and(|version| version >= NODE);
    if !good {
        println!(
            "Node {}.{} or later is needed for the front end",
            NODE.0, NODE.1
        );
    }
    good
}

/// `v20.20.2` → (20, 20)
fn parse_node(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs and builds the front end and runs its unit tests.
fn front_end(root: &Path, report: &mut Report) {
    let built = succeeds(
        Command::new("make")
            .arg("--no-print-directory")
            .arg("frontend")
            .current_dir(root),
    );
    report.check("the front end builds", built);
    if !built {
        return;
    }
    let folder = root.join("frontend");
    let file = root.join("target/vitest.json");
    let _ = std::fs::remove_file(&file);
    let output = format!("--outputFile={}", file.display());
    let good = succeeds(
        Command::new("npm")
            .args([
                "run",
                "--silent",
                "test",
                "--",
                "--reporter=dot",
                "--reporter=json",
            ])
            .arg(output)
            .current_dir(&folder),
    );
    let json = std::fs::read_to_string(&file).unwrap_or_default();
    let base = folder.to_string_lossy();
    let read = read_vitest(&json, &base, report);
    let failed = report
        .tests
        .iter()
        .any(|test| test.name.starts_with("web:") && test.state == State::Failed);
    report.check("vitest finishes", read.is_ok() && (good || failed));
}

/// The program as it is handed out, and its OpenAPI document.
fn program(root: &Path, report: &mut Report) {
    let mut build = Command::new("cargo");
    build
        .args(["build", "--quiet", "--release", "--bin", "zoufang"])
        .current_dir(root);
    let built = succeeds(&mut build);
    report.check("the program builds", built);
    if built {
        let same = done("openapi", openapi::compare(root, &root.join(BIN), false));
        report.check("docs/openapi.json is up to date", same);
    }
}

fn succeeds(command: &mut Command) -> bool {
    let status = command
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .status();
    match status {
        Ok(status) => status.success(),
        Err(why) => {
            println!("cannot run {:?}: {why}", command.get_program());
            false
        }
    }
}

/// `cargo test`, streamed in short to the screen and in full to a log.
fn rust_tests(root: &Path, words: &[&str], cluster: Option<&pg::Cluster>) -> Report {
    let mut command = Command::new("sh");
    // One pipe for both streams keeps cargo's headings among the results.
    command
        .args(["-c", "exec cargo test \"$@\" -- --show-output 2>&1", "sh"])
        .args(words);
    let mut reader = Reader::default();
    let log = root.join("target/test-output.log");
    let good = stream(root, &mut command, cluster, &log, &mut |line| {
        reader.line(line)
    });
    reader.finish(good)
}

/// The browser suite.
fn browser(root: &Path, cluster: Option<&pg::Cluster>, report: &mut Report) {
    let mut command = Command::new("sh");
    command.args(["-c", "cd frontend && exec npm run --silent e2e 2>&1"]);
    let mut output = String::new();
    let log = root.join("target/e2e-output.log");
    let good = stream(root, &mut command, cluster, &log, &mut |line| {
        output.push_str(line);
        output.push('\n');
        if line.ends_with(" ... ok") {
            Show::Hide
        } else {
            Show::Line
        }
    });
    read_browser(&output, report);
    let failed = report
        .tests
        .iter()
        .any(|test| test.name.starts_with("e2e:") && test.state == State::Failed);
    report.check("the browser suite ends well", good || failed);
}

/// Runs a command with the variables of the tests, line by line. True: exit 0.
fn stream(
    root: &Path,
    command: &mut Command,
    cluster: Option<&pg::Cluster>,
    log: &Path,
    read: &mut dyn FnMut(&str) -> Show,
) -> bool {
    command
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .env("RUST_BACKTRACE", "0");
    let program: PathBuf = root.join(BIN);
    if program.exists() {
        command.env("ZF_BIN", program);
    }
    if let Some(chromium) = setup::chromium() {
        command.env("ZF_CHROMIUM", chromium);
    }
    if let Some(cluster) = cluster {
        command.env(pg::VARIABLE, cluster.url());
    }
    let Ok(mut child) = command.spawn() else {
        println!("cannot run {:?}", command.get_program());
        return false;
    };
    let mut log = File::create(log).ok();
    let Some(out) = child.stdout.take() else {
        return false;
    };
    for line in BufReader::new(out).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some(log) = &mut log {
            let _ = writeln!(log, "{line}");
        }
        match read(&line) {
            Show::Line => println!("{line}"),
            Show::Text(text) => println!("{text}"),
            Show::Hide => {}
        }
    }
    child.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(parse_node("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse_node("nonsense"), None);
        assert!(parse_node("v20.9.0").is_some_and(|version| version < NODE));
        assert!(parse_node("v22.1.0").is_some_and(|version| version >= NODE));
    }
}
