//! `zoufang import`: the same import as on the page, run here and now. Good
//! rows go in, bad ones come back with row, column and reason; some bad rows
//! make the exit code 1.

use super::common::{Out, installation, write_file};
use super::progress::Progress;
use crate::config::Flags;
use crate::error::{CliError, Result};
use crate::{open, words};
use serde_json::json;
use std::path::PathBuf;
use zf_base::geo::Datum;
use zf_base::limits;
use zf_kernel::Permission;
use zf_network::import::run::{Reporter, import_run};
use zf_network::import::service::{NewImport, import_errors, import_start};
use zf_network::import::template::error_book;
use zf_network::import::{Counts, Import, ImportKind};

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KindArg {
    Units,
    Staff,
    VillageGroups,
    Customers,
}

/// Import units, staff, village groups or customers from .xlsx or .csv.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  zoufang import units units.xlsx\n  zoufang import customers customers.csv --dry-run --errors errors.xlsx\n\nHeaders in Chinese or English; UTF-8 or GB18030. A second import of the same file changes nothing."
)]
pub struct ImportArgs {
    /// What the file holds; in this order: units, staff, village-groups, customers
    #[arg(value_enum)]
    kind: KindArg,
    /// .xlsx or .csv
    file: PathBuf,
    /// Only check
    #[arg(long)]
    dry_run: bool,
    /// Write the refused rows to this workbook
    #[arg(long, value_name = "OUT.xlsx")]
    errors: Option<PathBuf>,
    /// Datum of coordinates where the file does not say: wgs84, gcj02 or bd09
    #[arg(long, default_value = "wgs84")]
    datum: String,
}

struct Shown<'a>(&'a Progress);

impl Reporter for Shown<'_> {
    async fn report(&self, counts: Counts) -> zf_kernel::error::Result<()> {
        self.0.count("", counts.done, counts.total);
        Ok(())
    }
}

/// Runs it.
pub async fn run(args: ImportArgs, flags: Flags, out: Out) -> Result<()> {
    let datum: Datum = args
        .datum
        .parse()
        .map_err(|_| CliError::Usage(words::bad_datum(&args.datum)))?;
    let bytes = std::fs::read(&args.file)
        .map_err(|e| CliError::input(words::file_unreadable(&args.file, &e.to_string())))?;
    let (app, _) = installation(&flags).await?;
    let (ctx, root) = (open::machine(&app), open::root(&app).await?);
    let kind = match args.kind {
        KindArg::Units => ImportKind::Units,
        KindArg::Staff => ImportKind::Staff,
        KindArg::VillageGroups => ImportKind::VillageGroups,
        KindArg::Customers => ImportKind::Customers,
    };
    let file_name = args
        .file
        .file_name()
        .map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let new = NewImport {
        kind,
        file_name,
        datum,
        dry_run: args.dry_run,
    };
    let scope = ctx.scope(Permission::ImportWrite, &root)?;
    let progress = Progress::new(out.json);
    let started = import_start(&app, &ctx, &scope, &new, &bytes, false).await?;
    let import = import_run(&app, &ctx, started.id, &Shown(&progress)).await?;
    progress.clear();
    finish(&app, &args, &import, &progress, out).await?;
    app.db.close().await?;
    if import.counts.bad > 0 {
        Err(CliError::Input(vec![words::rows_refused(
            import.counts.bad,
        )]))
    } else {
        Ok(())
    }
}

/// Prints what became of the rows, and every refused cell on stderr.
async fn finish(
    app: &zf_kernel::App,
    args: &ImportArgs,
    import: &Import,
    progress: &Progress,
    out: Out,
) -> Result<()> {
    let errors = import_errors(app, import, limits::IMPORT_FINDINGS_MAX as i64).await?;
    for e in &errors {
        eprintln!(
            "{}",
            words::import_error(e.row, &e.column, &e.key, &e.reason, &e.masked)
        );
    }
    if let Some(path) = args.errors.as_deref().filter(|_| !errors.is_empty()) {
        write_file(path, &error_book(app, import).await?)?;
        progress.line(&words::errors_written(path));
    }
    let c = import.counts;
    let list: Vec<_> = errors
        .iter()
        .map(|e| json!({ "row": e.row, "column": e.column, "business_key": e.key, "reason": e.reason, "masked_value": e.masked }))
        .collect();
    let value = json!({
        "kind": import.kind.as_str(), "dry_run": import.dry_run, "rows": c.done, "new": c.new, "changed": c.changed,
        "same": c.same, "bad": c.bad, "seconds": progress.seconds(), "errors": list
    });
    let mut text = words::import_done(words::import_kind(import.kind.as_str()), &c);
    if import.dry_run {
        text.push_str(words::DRY_RUN);
    }
    out.result(&value, text)
}
