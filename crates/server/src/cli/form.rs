//! `zoufang form eval`: JSON lines in, JSON lines out, in order. Pure: no
//! database, no keys, no clock. A line that cannot be read is answered with an
//! error in its place and makes the exit code 1.

use super::common::read_file;
use crate::error::{CliError, Result};
use crate::words;
use clap::Subcommand;
use std::io::{BufRead, BufWriter, Write};
use std::path::{Path, PathBuf};
use zf_forms::{Compiled, Form, form_eval_line};

/// Evaluate filled-in forms.
#[derive(Subcommand)]
pub enum FormCommand {
    /// Which fields are relevant, missing or wrong, and the score
    #[command(
        after_help = "Example:\n  echo '{\"answers\":{},\"today\":\"2026-11-21\"}' | zoufang form eval --form form.json\n\nOne line {\"answers\":{…},\"today\":\"…\"} in, one line\n{\"relevant\":[…],\"missing\":[…],\"violations\":[…],\"calculated\":{…},\"score\":n} out."
    )]
    Eval {
        /// The form
        #[arg(long, value_name = "FORM.json")]
        form: PathBuf,
    },
}

/// Runs it.
pub fn run(command: FormCommand) -> Result<()> {
    let FormCommand::Eval { form } = command;
    let form = load(&form)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut faults = Vec::new();
    for (i, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = form_eval_line(&form, &line).unwrap_or_else(|e| {
            faults.push(words::line_fault(i + 1, &e.to_string()));
            e.to_line()
        });
        writeln!(out, "{answer}")?;
        // A program that asks line by line waits for each answer.
        out.flush()?;
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CliError::Input(faults))
    }
}

fn load(path: &Path) -> Result<Compiled> {
    let form = Form::from_json(&read_file(path)?).map_err(|e| CliError::input(e.to_string()))?;
    form.compile().map_err(|problems| {
        CliError::Input(
            problems
                .into_iter()
                .map(|p| format!("{}: {}", p.field, p.what))
                .collect(),
        )
    })
}
