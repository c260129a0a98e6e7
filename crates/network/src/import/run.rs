//! The run of an import: reads the file on a thread of its own, hands rows over
//! in batches, and lets the kind's writer take them. Ends with the counts, the
//! stored errors, and the file forgotten.

use super::store::*;
use super::{CellError, Counts, Import, ImportKind, customers, file, organisation, service};
use crate::words;
use std::collections::BTreeSet;
use tokio::sync::mpsc;
use zf_base::code::ErrorCode;
use zf_base::{ImportId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, Ctx};
use zf_office::{ColumnMap, ColumnSpec, RowCells, Table, TableError, TableOptions};
use zf_store::params;

/// A file that has been opened.
pub struct Opened {
    /// Which column is which.
    pub map: ColumnMap,
    /// Headers as in the file.
    pub headers: Vec<String>,
    /// About how many rows.
    pub estimate: i64,
    /// Rows in batches.
    pub batches: mpsc::Receiver<std::result::Result<Vec<RowCells>, TableError>>,
}

/// Columns of a kind.
pub fn columns_of(kind: ImportKind) -> &'static [ColumnSpec<'static>] {
    match kind {
        ImportKind::Units => words::UNIT_COLUMNS,
        ImportKind::Staff => words::STAFF_COLUMNS,
        ImportKind::VillageGroups => words::VILLAGE_GROUP_COLUMNS,
        ImportKind::Customers => words::CUSTOMER_COLUMNS,
    }
}

/// Opens a file and starts reading it on a thread of its own.
async fn open(kind: ImportKind, name: &str, bytes: Vec<u8>) -> Result<Opened> {
    let specs = columns_of(kind);
    let name = name.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let mut options = TableOptions::default();
        options.limits.max_bytes = limits::IMPORT_BYTES_MAX;
        options.limits.max_rows = limits::IMPORT_ROWS_MAX;
        Table::open(bytes, &name, &options, &|h| {
            zf_office::columns::is_known_header(specs, h)
        })
    });
    let mut table = opened
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?
        .map_err(file_error)?;
    let headers = table.headers().to_vec();
    let map = ColumnMap::resolve(specs, &headers);
    if !map.missing.is_empty() {
        let missing = map
            .missing
            .iter()
            .map(|k| header_of(specs, k))
            .collect::<Vec<_>>()
            .join("、");
        return Err(KernelError::refused(ErrorCode::IMPORT_COLUMNS).with("columns", missing));
    }
    let estimate = table.estimated_rows().unwrap_or(0) as i64;
    let (tx, batches) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || feed(&mut table, &tx));
    Ok(Opened {
        map,
        headers,
        estimate,
        batches,
    })
}

/// The first Chinese name of a column.
fn header_of(specs: &[ColumnSpec<'static>], key: &str) -> String {
    specs
        .iter()
        .find(|s| s.key == key)
        .and_then(|s| s.aliases.first())
        .map_or(key.to_owned(), |a| (*a).to_owned())
}

fn feed(table: &mut Table, tx: &mpsc::Sender<std::result::Result<Vec<RowCells>, TableError>>) {
    let mut batch = Vec::with_capacity(limits::IMPORT_BATCH_ROWS);
    for row in table.rows() {
        match row {
            Ok(row) => batch.push(row),
            Err(e) => {
                // Whatever was read before the fault still goes in.
                let _ = tx.blocking_send(Ok(std::mem::take(&mut batch)));
                let _ = tx.blocking_send(Err(e));
                return;
            }
        }
        if batch.len() >= limits::IMPORT_BATCH_ROWS
            && tx.blocking_send(Ok(std::mem::take(&mut batch))).is_err()
        {
            return;
        }
    }
    let _ = tx.blocking_send(Ok(batch));
}

fn file_error(e: TableError) -> KernelError {
    match e {
        TableError::TooManyRows { .. } | TableError::TooLarge { .. } => {
            KernelError::refused(ErrorCode::IMPORT_TOO_LARGE)
        }
        other => {
            tracing::warn!(error = %other, "import file refused");
            KernelError::refused(ErrorCode::IMPORT_FILE)
        }
    }
}

/// What a run reports to: the job's row, or a progress line of the command.
pub trait Reporter: Send + Sync {
    /// Called after every batch; an error stops the run.
    fn report(&self, counts: Counts) -> impl Future<Output = Result<()>> + Send;
}

/// Takes batches of one kind.
pub(super) trait Writer {
    /// Takes rows; collects faults. The verdict on rows in `refused` stands from
    /// an earlier attempt.
    async fn take(
        &mut self,
        rows: &[RowCells],
        opened: &Opened,
        refused: &BTreeSet<u64>,
    ) -> Result<Vec<CellError>>;
    /// Writes what has gathered. Called when the faults of the rows taken are
    /// stored: an attempt that ends right after a write loses no verdict.
    async fn write_gathered(&mut self) -> Result<()>;
    /// Writes what is still held back.
    async fn finish(&mut self) -> Result<()>;
    /// What became of the rows so far: new, changed, same.
    fn written(&self) -> (i64, i64, i64);
}

/// Runs an import to its end.
pub async fn import_run(
    app: &App,
    ctx: &Ctx,
    id: ImportId,
    reporter: &impl Reporter,
) -> Result<Import> {
    let import = service::import_fetch(app, ctx, id).await?;
    if ["done", "failed", "canceled"].contains(&import.state.as_str()) {
        // Ended, but perhaps not in time to forget the file and end the job.
        file::file_drop(app, id).await?;
        return Ok(import);
    }
    let outcome = run_kind(app, ctx, &import, reporter).await;
    let (state, message) = match &outcome {
        Ok(()) => ("done", String::new()),
        Err(KernelError::Refused(r)) if r.code == zf_kernel::job::CANCELED => {
            ("canceled", String::new())
        }
        Err(KernelError::Refused(r)) => {
            let columns = r.args.get("columns").cloned().unwrap_or_default();
            (
                "failed",
                zf_web::words::sentence(r.code.code)
                    .1
                    .replace("{columns}", &columns),
            )
        }
        // A fault of ours: the job is tried again and goes on where it stopped.
        Err(_) => return outcome.map(|()| import),
    };
    app.db
        .exec(IMPORT_END, params![id, state, message, app.now()])
        .await?;
    file::file_drop(app, id).await?;
    outcome?;
    service::import_fetch(app, ctx, id).await
}

async fn run_kind(app: &App, ctx: &Ctx, import: &Import, reporter: &impl Reporter) -> Result<()> {
    let bytes = file::file_get(app, import.id).await?;
    let opened = open(import.kind, &import.file_name, bytes).await?;
    match import.kind {
        ImportKind::Customers => {
            let writer = customers::CustomerWriter::new(app, ctx, import).await?;
            drive(app, import, opened, writer, reporter).await
        }
        _ => {
            let writer = organisation::OrganisationWriter::new(app, ctx, import).await?;
            drive(app, import, opened, writer, reporter).await
        }
    }
}

async fn drive(
    app: &App,
    import: &Import,
    mut opened: Opened,
    mut writer: impl Writer,
    reporter: &impl Reporter,
) -> Result<()> {
    let mut counts = Counts {
        total: opened.estimate,
        ..Counts::default()
    };
    let (mut bad_rows, mut stored) = service::refused_rows(app, import.id).await?;
    while let Some(batch) = opened.batches.recv().await {
        let rows = batch.map_err(file_error)?;
        counts.done += rows.len() as i64;
        let mut errors = writer.take(&rows, &opened, &bad_rows).await?;
        bad_rows.extend(errors.iter().map(|e| e.row));
        // Beyond the limit rows are counted, not listed.
        errors.truncate(limits::IMPORT_FINDINGS_MAX.saturating_sub(stored));
        stored += errors.len();
        service::errors_put(app, import.id, &errors).await?;
        writer.write_gathered().await?;
        counts.total = counts.total.max(counts.done);
        note(app, import, &mut counts, &writer, bad_rows.len(), "running").await?;
        reporter.report(counts).await?;
    }
    writer.finish().await?;
    if counts.done == 0 {
        return Err(KernelError::refused(ErrorCode::IMPORT_FILE));
    }
    counts.total = counts.done;
    note(app, import, &mut counts, &writer, bad_rows.len(), "running").await?;
    reporter.report(counts).await
}

async fn note(
    app: &App,
    import: &Import,
    counts: &mut Counts,
    writer: &impl Writer,
    bad: usize,
    state: &str,
) -> Result<()> {
    (counts.new, counts.changed, counts.same) = writer.written();
    counts.bad = bad as i64;
    let row = params![
        import.id,
        state,
        counts.total,
        counts.done,
        counts.new,
        counts.changed,
        counts.same,
        counts.bad
    ];
    app.db.exec(IMPORT_PROGRESS, row).await?;
    Ok(())
}
