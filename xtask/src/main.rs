//! Development tasks of this repository: `cargo xtask <task>`.
//!
//! Knows the layout of the checkout and the tools around it (apt, PostgreSQL,
//! npm, cargo); knows nothing of the product and links none of its crates, so
//! that it builds in seconds and still runs when everything else is broken.

mod coverage;
mod lex;
mod libtest;
mod openapi;
mod pg;
mod report;
mod setup;
mod suite;
mod tidy;
mod tree;

use std::process::ExitCode;

/// What a task gives back: `Ok(true)` = all good, `Ok(false)` = findings were
/// printed, `Err` = the task itself could not be done.
type Outcome = Result<bool, String>;

const HELP: &str = "\
usage: cargo xtask TASK

  setup                 install the Debian packages the tests need
  test [-p CRATE]…      every test, or the Rust tests of some crates; PostgreSQL is started for them
  pg -- COMMAND…        run a command with a private PostgreSQL in ZF_TEST_PG
  tidy                  the invariants of the house as text scans
  coverage              check docs/coverage.md against the last `make test`
  openapi [--update]    compare docs/openapi.json with the built program, or rewrite it
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match args.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &args[..]),
    };
    let outcome = match task {
        "setup" => setup::run(),
        "test" => suite::run(rest),
        "pg" => pg::run(rest),
        "pg-janitor" => pg::janitor(rest),
        "tidy" => tidy::run(),
        "coverage" => coverage::run(),
        "openapi" => openapi::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(true)
        }
        other => {
            eprintln!("no such task: {other}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{task}: {why}");
            ExitCode::from(3)
        }
    }
}
