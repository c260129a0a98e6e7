//! The command line. One file per command; here are the list of commands, what
//! they share (options, output, exit codes) and the start of the runtime.
//! Results go to stdout, as text or with `--json` for programs; progress and
//! errors go to stderr. Exit codes: 0 done, 1 the input has errors, 2 wrong
//! usage, 3 the system failed.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod campaign;
pub mod cert;
pub mod common;
pub mod db;
pub mod dedup;
pub mod demo;
pub mod doctor;
pub mod form;
pub mod import;
pub mod init;
pub mod plan;
pub mod progress;
pub mod route;
pub mod rule;
pub mod sample;
pub mod serve;

use crate::config::{Config, Flags, LogFormat, process_env};
use crate::error::{CliError, Result};
use clap::{Args, Parser, Subcommand};
use common::Out;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// Visits and branches, one loop: plan, visit, check, act.
#[derive(Parser)]
#[command(
    name = "zoufang",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = "Example:\n  zoufang demo --port 8080")]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug, Default)]
struct Global {
    /// Settings file [default: zoufang.toml when it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://… [default: zoufang.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    db: Option<String>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
    /// Form of log lines
    #[arg(long, global = true, value_name = "FORM")]
    log: Option<LogFormat>,
}

#[derive(Subcommand)]
enum Command {
    /// Make a demo county on first start, then serve it on this machine
    Demo(demo::DemoArgs),
    /// Serve the pages and the API, and work on jobs
    Serve(serve::ServeArgs),
    /// Work on jobs without HTTP
    Work(serve::WorkArgs),
    /// First start without demo: head unit, three administrators, keys
    Init(init::InitArgs),
    /// The database's schema; copying to another database
    #[command(subcommand)]
    Db(db::DbCommand),
    /// Import units, staff, village groups or customers from .xlsx or .csv
    Import(import::ImportArgs),
    /// Find records of the same person: JSON lines on stdin, pairs on stdout
    #[command(
        after_help = "Example:\n  echo '{\"id\":\"1\",\"name\":\"王建国\",\"phone\":\"138****1234\",\"id_number\":\"\",\"address\":\"大河村3组12号\"}' | zoufang dedup" // not shown: example of an input
    )]
    Dedup(dedup::DedupArgs),
    /// Write practice files for an import, with the truth beside them
    Sample(sample::SampleArgs),
    /// Check and load campaigns
    #[command(subcommand)]
    Campaign(campaign::CampaignCommand),
    /// Week plans and their workbooks
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Plan routes on an instance file
    #[command(subcommand)]
    Route(route::RouteCommand),
    /// Take, verify and restore backups
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Look whether everything is in order
    Doctor(doctor::DoctorArgs),
    /// Print the OpenAPI document
    Openapi(serve::OpenapiArgs),
    /// Accounts and keys
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Make a certificate for a county server
    Cert(cert::CertArgs),
    /// Measure this machine
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Evaluate filled-in forms
    #[command(subcommand)]
    Form(form::FormCommand),
    /// Try rules over time
    #[command(subcommand)]
    Rule(rule::RuleCommand),
}

impl Command {
    /// Long-running commands log what happens; others only what is wrong.
    fn log_level(&self) -> LevelFilter {
        match self {
            Command::Demo(_) | Command::Serve(_) | Command::Work(_) => LevelFilter::INFO,
            _ => LevelFilter::WARN,
        }
    }
}

/// Parses the command line, runs the command and turns the result into an exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let level = cli.command.log_level();
    let flags = cli.global.flags();
    let json = cli.global.json;
    let config = Config::load(&flags, &process_env);
    let format = config.as_ref().map_or(LogFormat::Text, |c| c.log.value);
    start_log(format, level);
    let outcome = runtime().and_then(|rt| rt.block_on(dispatch(cli.command, flags, Out { json })));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(e.code())
        }
    }
}

impl Global {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            data: self.data.clone(),
            db_url: self.db.clone(),
            log: self.log,
            ..Flags::default()
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CliError::system)
}

fn start_log(format: LogFormat, level: LevelFilter) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second start in one process (tests) keeps the first.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

async fn dispatch(command: Command, flags: Flags, out: Out) -> Result<()> {
    match command {
        Command::Demo(a) => demo::run(a, flags, out).await,
        Command::Serve(a) => serve::run(a, flags).await,
        Command::Work(a) => serve::work(a, flags).await,
        Command::Init(a) => init::run(a, flags, out).await,
        Command::Db(c) => db::run(c, flags, out).await,
        Command::Import(a) => import::run(a, flags, out).await,
        Command::Dedup(a) => dedup::run(&a),
        Command::Sample(a) => sample::run(a, out),
        Command::Campaign(c) => campaign::run(c, flags, out).await,
        Command::Plan(c) => plan::run(c, flags, out).await,
        Command::Route(c) => route::run(c, out),
        Command::Backup(c) => backup::run(c, flags, out).await,
        Command::Audit(c) => audit::run(c, flags, out).await,
        Command::Doctor(a) => doctor::run(a, flags, out).await,
        Command::Openapi(_) => serve::openapi().await,
        Command::Admin(c) => admin::run(c, flags, out).await,
        Command::Cert(a) => cert::run(a, out),
        Command::Bench(c) => bench::run(c, flags, out).await,
        Command::Form(c) => form::run(c),
        Command::Rule(c) => rule::run(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    fn leaves(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        let here = format!("{path} {}", command.get_name());
        if !command.has_subcommands() {
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            found.push((here.trim().to_owned(), help));
        }
        for sub in command.get_subcommands() {
            leaves(sub, &here, found);
        }
    }

    #[test]
    fn the_help_of_every_command_has_an_example_that_parses() {
        let mut found = Vec::new();
        leaves(&Cli::command(), "", &mut found);
        assert!(found.len() > 20, "{found:?}");
        for (command, help) in found {
            let lines: Vec<&str> = help
                .lines()
                .map(str::trim)
                .filter(|l| l.contains("zoufang "))
                .collect();
            assert!(!lines.is_empty(), "{command} has no example");
            for line in lines {
                let line = line.split(" | ").last().unwrap_or(line);
                let line = line.split(" < ").next().unwrap_or(line);
                let words = line.split_whitespace().skip_while(|w| *w != "zoufang");
                assert!(line.contains(&command), "{command}: {line}");
                assert!(Cli::try_parse_from(words).is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn wrong_usage_is_told_by_the_parser() {
        for line in [
            "zoufang",
            "zoufang fly",
            "zoufang import customers",
            "zoufang route solve",
            "zoufang import devices x.csv",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
