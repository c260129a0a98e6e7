//! `zoufang backup create | verify | restore`. The work is in `crate::backup`;
//! here are the options, the progress and the figures that are printed. A backup
//! is verified by restoring it unless somebody says otherwise.

use super::common::{Out, config, installation};
use super::progress::Progress;
use crate::config::{Flags, process_env};
use crate::error::Result;
use crate::{backup, words};
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

/// Take, verify and restore backups.
#[derive(Subcommand)]
pub enum BackupCommand {
    /// Take a backup while the work goes on, and verify it
    #[command(
        after_help = "Example:\n  zoufang backup create --out monday.zfb\n\nThe file holds the database, the photos and the wrapped keys, sealed. It is opened with the passphrase of the\ninstallation; keep both apart."
    )]
    Create {
        /// The file to write [default: backups/zoufang-TIME.zfb in the data folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Do not restore it into a temporary folder for verification
        #[arg(long)]
        no_verify: bool,
    },
    /// Restore into a temporary folder, compare everything, remove it
    #[command(after_help = "Example:\n  zoufang backup verify monday.zfb")]
    Verify {
        /// The backup
        file: PathBuf,
    },
    /// Restore into an empty data folder, also on another computer
    #[command(after_help = "Example:\n  zoufang backup restore monday.zfb --into data")]
    Restore {
        /// The backup
        file: PathBuf,
        /// The data folder; must not hold a database
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
}

/// Runs them.
pub async fn run(command: BackupCommand, flags: Flags, out: Out) -> Result<()> {
    match command {
        BackupCommand::Create { out: to, no_verify } => create(to, no_verify, flags, out).await,
        BackupCommand::Verify { file } => {
            let passphrase = backup::passphrase_for(&config(&flags)?, &process_env)?;
            let m = backup::verify(&file, &passphrase).await?;
            out.result(&m, words::backup_good(&m))
        }
        BackupCommand::Restore { file, into } => {
            let passphrase = backup::passphrase_for(&config(&flags)?, &process_env)?;
            let done = backup::restore(&file, &into, &passphrase).await?;
            let mut lines = vec![words::restored(&into, &done.manifest)];
            if !done.damaged_photos.is_empty() {
                lines.push(words::restored_without(done.damaged_photos.len()));
                lines.extend(done.damaged_photos.iter().cloned());
            }
            out.result(&done, lines.join("\n"))
        }
    }
}

async fn create(to: Option<PathBuf>, no_verify: bool, flags: Flags, out: Out) -> Result<()> {
    let (app, config) = installation(&flags).await?;
    let to = to.unwrap_or_else(|| backup::default_path(&config, app.now()));
    let progress = Progress::new(out.json);
    let m = backup::create(&app, &config, &to).await?;
    let seconds = progress.seconds();
    let bytes = std::fs::metadata(&to)?.len();
    let mut text = words::backup_made(&to, &m, bytes as f64 / 1e6, seconds);
    if !no_verify {
        let passphrase = backup::passphrase_for(&config, &process_env)?;
        backup::verify(&to, &passphrase).await?;
        text.push('\n');
        text.push_str(&words::backup_good(&m));
    }
    app.db.close().await?;
    let value = json!({ "file": to, "bytes": bytes, "seconds": seconds, "verified": !no_verify, "manifest": m });
    out.result(&value, text)
}
