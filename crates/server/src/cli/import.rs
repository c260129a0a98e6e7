//! `zoufang import`: the same import as on the page, run here and now. Good
//! rows go in, bad ones come back with row, column and reason; some bad rows
//! make the exit code 1.

use super::common::{Out, installation, unit, write_file};
use super::progress::Progress;
use crate::config::Flags;
use crate::error::{CliError, Result};
use crate::{open, words};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use zf_base::geo::Datum;
use zf_base::limits;
use zf_kernel::Permission;
use zf_network::import::mapping::from_headers;
use zf_network::import::preview::headers_of;
use zf_network::import::refused::refused_rows;
use zf_network::import::run::{Reporter, columns_of, import_run};
use zf_network::import::service::{
    Begin, NewImport, import_begin, import_errors, import_notes, import_of_file,
};
use zf_network::import::template::{error_book, refused_book};
use zf_network::import::{Choices, Counts, Import, ImportKind};

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
    after_help = "Examples:\n  zoufang import units units.xlsx\n  zoufang import customers customers.csv --dry-run --errors errors.xlsx\n  zoufang import customers list.csv --mapping columns.toml --encoding gb18030\n\nHeaders in Chinese or English; UTF-8 or GB18030. A second import of the same file changes nothing."
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
    /// Write the refused rows in full to this workbook, to be corrected and imported
    #[arg(long, value_name = "OUT.xlsx")]
    refused: Option<PathBuf>,
    /// Which column is which: a TOML file, [columns] "header" = "field"; "" = not read
    #[arg(long, value_name = "FILE.toml")]
    mapping: Option<PathBuf>,
    /// Encoding of a .csv: utf-8, gb18030, utf-16le or utf-16be; found out when absent
    #[arg(long)]
    encoding: Option<String>,
    /// Where the data come from; one of the channels of the packs
    #[arg(long, default_value = "core_system")]
    channel: String,
    /// Code of the unit below which the file may write; the whole bank when absent
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
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

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    columns: BTreeMap<String, String>,
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
    let ctx = open::machine(&app);
    let root = match &args.unit {
        Some(code) => unit(&app, code).await?,
        None => open::root(&app).await?,
    };
    let new = NewImport {
        kind: kind_of(args.kind),
        file_name: args
            .file
            .file_name()
            .map_or(String::new(), |n| n.to_string_lossy().into_owned()),
        datum,
        dry_run: args.dry_run,
    };
    let choices = choices(&args, &new, &bytes).await?;
    let scope = ctx.scope(Permission::ImportWrite, &root)?;
    let progress = Progress::new(out.json);
    // A run that was killed goes on where it stopped, under its own number.
    let started = match import_of_file(&app, &ctx, &scope, &new, &bytes).await? {
        Some(begun) => {
            progress.line(words::IMPORT_GOES_ON);
            begun
        }
        None => {
            let begin = Begin::Caller;
            import_begin(&app, &ctx, &scope, &new, &choices, &bytes, begin).await?
        }
    };
    let import = import_run(&app, &ctx, started.id, &Shown(&progress)).await?;
    zf_network::import::jobs::import_places(&app, &ctx, &import).await?;
    // The worker brings the must-visit groups up to date.
    zf_plan::groups::jobs::ask(&app, &ctx, import.unit_id).await?;
    progress.clear();
    if let Some(path) = args.refused.as_deref().filter(|_| import.has_refused) {
        let (headers, rows) = refused_rows(&app, &ctx, &scope, &import).await?;
        if !rows.is_empty() {
            write_file(path, &refused_book(&app, &headers, rows)?)?;
            progress.line(&words::refused_written(path));
        }
    }
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

fn kind_of(kind: KindArg) -> ImportKind {
    match kind {
        KindArg::Units => ImportKind::Units,
        KindArg::Staff => ImportKind::Staff,
        KindArg::VillageGroups => ImportKind::VillageGroups,
        KindArg::Customers => ImportKind::Customers,
    }
}

/// How the file is to be read; columns named by header are looked up in it.
async fn choices(args: &ImportArgs, new: &NewImport, bytes: &[u8]) -> Result<Choices> {
    let mut choices = Choices {
        channel: args.channel.clone(),
        ..Choices::default()
    };
    if let Some(text) = &args.encoding {
        let known = text.parse();
        choices.encoding = Some(known.map_err(|()| CliError::Usage(words::bad_encoding(text)))?);
    }
    let Some(path) = &args.mapping else {
        return Ok(choices);
    };
    let wrong = |why: &str| CliError::input(words::bad_mapping(path, why));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(&e.to_string()))?;
    let file: MappingFile = toml::from_str(&text).map_err(|e| wrong(e.message()))?;
    let headers = headers_of(new.kind, &new.file_name, &choices, bytes.to_vec()).await?;
    let keys = from_headers(columns_of(new.kind), &headers, &file.columns);
    choices.mapping = Some(keys.map_err(|unknown| wrong(&unknown.join("；")))?); // not shown: a separator
    Ok(choices)
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
    for n in &import_notes(app, import, limits::IMPORT_FINDINGS_MAX as i64).await? {
        eprintln!(
            "{}",
            words::import_error(n.row, &n.column, &n.key, &n.reason, &n.masked)
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
