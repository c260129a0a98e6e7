//! `zoufang audit verify`: re-computes the audit chain and prints every damage
//! with unit, stream and number. The chain itself is the kernel's; here are only
//! the words and the exit code (1 when something is wrong).

use super::common::{Out, installation};
use crate::api::audit::kind;
use crate::config::Flags;
use crate::error::{CliError, Result};
use crate::words;
use clap::Subcommand;
use serde_json::json;
use zf_kernel::event::verify::verify_all;
use zf_vault::Finding;

/// The audit log.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Re-compute the whole chain: finds a change, removal, insertion or reordering of any row
    #[command(after_help = "Example:\n  zoufang audit verify --json")]
    Verify,
}

/// One line per damage.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|f| {
            words::chain_place(
                f.unit,
                f.stream,
                f.seq,
                words::chain_problem(kind(&f.problem)),
            )
        })
        .collect()
}

/// Runs it.
pub async fn run(command: AuditCommand, flags: Flags, out: Out) -> Result<()> {
    let AuditCommand::Verify = command;
    let (app, _) = installation(&flags).await?;
    let report = verify_all(&app).await?;
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| json!({ "unit": f.unit, "stream": f.stream, "seq": f.seq, "kind": kind(&f.problem) }))
        .collect();
    let good = report.findings.is_empty();
    let value = json!({ "ok": good, "events": report.events, "streams": report.streams, "findings": found });
    if good {
        return out.result(&value, words::chain_good(report.events, report.streams));
    }
    if out.json {
        out.result(&value, "")?;
    }
    Err(CliError::Input(lines(&report.findings)))
}
