//! `zoufang rule replay`: readings as JSON lines in any order in, what the rule
//! says of them out, unit by unit and day by day. Pure: no database, no clock.
//! Nothing is written when a line cannot be read.

use super::common::read_file;
use crate::error::{CliError, Result};
use crate::words::rules as words;
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use zf_base::{Day, Timestamp};
use zf_stats::rules::{Latest, Reading, Rule, replay};

/// Try rules over time.
#[derive(Subcommand)]
pub enum RuleCommand {
    /// What a rule says of readings, whatever the order in which they came
    #[command(
        after_help = "Example:\n  zoufang rule replay --rule ladder.toml --calendar days.json < readings.jsonl\n\nOne line {\"unit\":\"…\",\"day\":\"2016-10-08\",\"value\":17,\"received_at\":\"2016-10-08T21:00:00+08:00\"} in,\none line {\"unit\",\"day\",\"event\",\"since\"} for each event out."
    )]
    Replay {
        /// The rule
        #[arg(long, value_name = "RULE.toml")]
        rule: PathBuf,
        /// The days that count
        #[arg(long, value_name = "CAL.json")]
        calendar: PathBuf,
    },
}

/// Runs it.
pub fn run(command: RuleCommand) -> Result<()> {
    let RuleCommand::Replay { rule, calendar } = command;
    let rule = load_rule(&rule)?;
    let planned = load_days(&calendar)?;
    let units = read(std::io::stdin().lock())?;
    let last = units
        .values()
        .filter_map(Latest::span)
        .map(|(_, d)| d)
        .max();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (unit, readings) in &units {
        let events = last.map(|last| replay(&rule, &planned, readings, last));
        for e in events.into_iter().flatten() {
            let line = json!({ "unit": unit, "day": e.day, "event": e.event, "since": e.since });
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}

fn load_rule(path: &Path) -> Result<Rule> {
    let bytes = read_file(path)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::input(words::not_text(path)))?;
    Rule::from_toml(&text).map_err(|e| CliError::input(words::rule_fault(path, &e.to_string())))
}

/// The file; its holidays are there for whoever reads it, only planned days count.
#[derive(Deserialize)]
struct Calendar {
    planned: Vec<Day>,
}

/// The days that count, ascending, each once.
fn load_days(path: &Path) -> Result<Vec<Day>> {
    let calendar: Calendar = serde_json::from_slice(&read_file(path)?)
        .map_err(|e| CliError::input(words::calendar_fault(path, &e.to_string())))?;
    let mut days = calendar.planned;
    days.sort();
    days.dedup();
    Ok(days)
}

/// A line of the input.
#[derive(Deserialize)]
struct Line {
    unit: String,
    day: Day,
    value: Option<f64>,
    #[serde(default)]
    denominator: Option<f64>,
    received_at: Moment,
}

/// When a line came: a moment, one without offset (Chinese time), a day, or any
/// number that grows.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "serde_json::Value")]
struct Moment(i64);

impl TryFrom<serde_json::Value> for Moment {
    type Error = &'static str;
    fn try_from(value: serde_json::Value) -> std::result::Result<Moment, &'static str> {
        if let Some(n) = value.as_i64() {
            return Ok(Moment(n));
        }
        let text = value.as_str().unwrap_or_default().trim();
        if let Ok(day) = text.parse::<Day>() {
            return Ok(Moment(Timestamp::start_of(day).0));
        }
        let at = text.parse::<Timestamp>();
        let at = at.or_else(|_| format!("{text}+08:00").parse::<Timestamp>());
        at.map(|at| Moment(at.0))
            .map_err(|_| "received_at is no moment")
    }
}

fn read(lines: impl BufRead) -> Result<BTreeMap<String, Latest>> {
    let mut units: BTreeMap<String, Latest> = BTreeMap::new();
    let mut faults = vec![];
    for (i, line) in lines.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Line>(&line) {
            Ok(l) => units.entry(l.unit).or_default().put(Reading {
                day: l.day,
                value: l.value,
                denominator: l.denominator,
                received_at: l.received_at.0,
            }),
            Err(e) => faults.push(crate::words::line_fault(i + 1, &e.to_string())),
        }
    }
    match faults.is_empty() {
        true => Ok(units),
        false => Err(CliError::Input(faults)),
    }
}
