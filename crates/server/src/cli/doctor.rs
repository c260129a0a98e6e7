//! `zoufang doctor`: prints the settings with their origin and every check of
//! `crate::doctor`. Exit code 3 when something is broken; warnings do not change
//! it.

use super::common::{Out, config, print_line};
use crate::config::{Flags, process_env};
use crate::doctor::{self, Verdict};
use crate::error::{CliError, Result};
use crate::words;
use serde_json::json;

/// Look whether everything is in order; exit code 3 when something is broken.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  zoufang doctor --json")]
pub struct DoctorArgs {}

/// Runs it.
pub async fn run(_: DoctorArgs, flags: Flags, out: Out) -> Result<()> {
    let config = config(&flags)?;
    let checks = doctor::run(&config, &process_env).await;
    let broken = checks.iter().filter(|c| c.verdict == Verdict::Fail).count();
    if out.json {
        let settings: Vec<_> = config
            .table()
            .into_iter()
            .map(|(name, value, origin)| json!({ "name": name, "value": value, "origin": origin.to_string() }))
            .collect();
        out.result(
            &json!({ "ok": broken == 0, "checks": checks, "settings": settings }),
            "",
        )?;
    } else {
        for (name, value, origin) in config.table() {
            print_line(&format!("       {name:<16} {value}   [{origin}]"))?;
        }
        for c in &checks {
            let mark = match c.verdict {
                Verdict::Ok => " ok  ",
                Verdict::Warn => " warn",
                Verdict::Fail => " FAIL",
            };
            print_line(&format!("{mark}  {:<16} {}", c.check, c.detail))?;
        }
    }
    if broken > 0 {
        Err(CliError::System(words::doctor_broken(broken)))
    } else {
        Ok(())
    }
}
