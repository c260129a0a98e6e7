//! `zoufang db migrate | status | copy`: the schema, and the way from a county's
//! file to PostgreSQL. Needs no keys: rows are copied as they are, sealed values
//! stay sealed.

use super::common::{Out, config};
use super::progress::Progress;
use crate::config::{Flags, without_password};
use crate::error::Result;
use crate::{open, words};
use clap::Subcommand;
use serde_json::json;
use zf_kernel::migrations::MIGRATIONS;
use zf_store::Db;

/// The schema, and copying to another database.
#[derive(Subcommand)]
pub enum DbCommand {
    /// Bring the schema up to date
    #[command(after_help = "Example:\n  zoufang db migrate --db postgres://zoufang@db/zoufang")]
    Migrate,
    /// Show what is applied
    #[command(after_help = "Example:\n  zoufang db status --json")]
    Status,
    /// Copy everything into an empty database, e.g. a county's file into PostgreSQL
    #[command(
        after_help = "Example:\n  zoufang db copy --to postgres://zoufang@db/zoufang\n\nStop the server first: rows written afterwards are not copied. Keys and passphrase stay the same."
    )]
    Copy {
        /// Where to
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

/// Runs them.
pub async fn run(command: DbCommand, flags: Flags, out: Out) -> Result<()> {
    let config = config(&flags)?;
    match command {
        DbCommand::Migrate => {
            let db = open::database_new(&config).await?;
            // `database_new` has applied them; the status says so.
            status(&db, out).await
        }
        DbCommand::Status => status(&open::database(&config).await?, out).await,
        DbCommand::Copy { to } => copy(&open::database(&config).await?, &to, out).await,
    }
}

async fn status(db: &Db, out: Out) -> Result<()> {
    let all = db.migration_status(MIGRATIONS).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|(name, at)| json!({ "name": name, "applied_at": at }))
        .collect();
    let line = |(name, at): &(String, Option<zf_base::Timestamp>)| match at {
        Some(at) => format!("{name:<24} {at}"),
        None => format!("{name:<24} —"),
    };
    let text = all.iter().map(line).collect::<Vec<_>>().join("\n");
    out.result(&json!({ "migrations": rows }), text)
}

async fn copy(from: &Db, url: &str, out: Out) -> Result<()> {
    let to = Db::open(url).await?;
    from.migrate(MIGRATIONS).await?;
    to.migrate(MIGRATIONS).await?;
    let progress = Progress::new(out.json);
    let report = from
        .copy_to(&to, &mut |table, rows| {
            progress.count(table, rows as i64, 0)
        })
        .await?;
    progress.clear();
    to.close().await?;
    let text = words::copied(
        report.tables.len(),
        report.rows(),
        &without_password(url),
        progress.seconds(),
    );
    let tables: serde_json::Map<String, serde_json::Value> = report
        .tables
        .iter()
        .map(|(t, n)| (t.clone(), json!(n)))
        .collect();
    out.result(
        &json!({ "rows": report.rows(), "tables": tables, "seconds": progress.seconds() }),
        text,
    )
}
