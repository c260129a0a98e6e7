//! The run of an import: reads the file on a thread of its own, hands rows over
//! in batches, and lets the kind's writer take them. Ends with the counts, the
//! stored errors, and the file forgotten.

use super::row::RowReader;
use super::store::*;
use super::{
    CellError, Choices, Counts, Import, ImportKind, customers, file, mapping, organisation,
    refused, row, service,
};
use crate::customer::figures::customer_counts;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use zf_base::code::ErrorCode;
use zf_base::{ImportId, UnitId, limits};
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx};
use zf_office::{ColumnMap, ColumnSpec, RowCells, Table, TableError, TableInput, TableOptions};
use zf_store::{Sql, params};

/// A file that has been opened.
#[derive(Clone)]
pub struct Opened {
    /// Which column is which.
    pub map: ColumnMap,
    /// Headers as in the file.
    pub headers: Vec<String>,
    /// Row of the headers.
    pub header_row: u64,
    /// About how many rows.
    pub estimate: i64,
}

impl Opened {
    /// Rows that are read at once, and the fewest of one branch that are written
    /// at once: a hundredth of the file within limits, so that a small file is
    /// told of often and a large one turns few pages of an index many times.
    pub(super) fn batch_rows(&self) -> usize {
        let part = usize::try_from(self.estimate / 100).unwrap_or(0);
        part.clamp(limits::IMPORT_BATCH_ROWS, 5 * limits::IMPORT_BATCH_ROWS)
    }
}

/// Rows of a file in batches, as they are read.
type Batches = mpsc::Receiver<std::result::Result<Vec<RowCells>, TableError>>;

/// Columns of a kind.
pub fn columns_of(kind: ImportKind) -> &'static [ColumnSpec<'static>] {
    match kind {
        ImportKind::Units => words::UNIT_COLUMNS,
        ImportKind::Staff => words::STAFF_COLUMNS,
        ImportKind::VillageGroups => words::VILLAGE_GROUP_COLUMNS,
        ImportKind::Customers => words::CUSTOMER_COLUMNS,
    }
}

/// Opens a file and finds its headers, on a thread of its own.
pub(super) async fn open_table(
    kind: ImportKind,
    name: &str,
    choices: &Choices,
    file: impl Into<TableInput>,
) -> Result<Table> {
    let specs = columns_of(kind);
    let name = name.to_owned();
    let options = table_options(choices);
    let file = file.into();
    let opened = tokio::task::spawn_blocking(move || {
        Table::open(file, &name, &options, &|h| {
            zf_office::columns::is_known_header(specs, h)
        })
    });
    opened
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?
        .map_err(file_error)
}

fn table_options(choices: &Choices) -> TableOptions {
    let mut options = TableOptions {
        encoding: choices.encoding,
        header_row: choices.header_row,
        ..TableOptions::default()
    };
    options.limits.max_bytes = limits::IMPORT_BYTES_MAX;
    options.limits.max_rows = limits::IMPORT_ROWS_MAX;
    options
}

/// Which column is which: as chosen, as remembered for such a file, or by name.
pub(super) async fn map_of(
    app: &App,
    import: &Import,
    choices: &Choices,
    headers: &[String],
) -> Result<ColumnMap> {
    let specs = columns_of(import.kind);
    if let Some(keys) = &choices.mapping {
        return Ok(ColumnMap::assign(specs, headers, keys));
    }
    let known = mapping::remembered(app, import.unit_id, import.kind, headers).await?;
    Ok(match known {
        Some(keys) => ColumnMap::assign(specs, headers, &keys),
        None => ColumnMap::resolve(specs, headers),
    })
}

/// Opens a file and starts reading it on a thread of its own.
async fn open(app: &App, import: &Import, file: TableInput) -> Result<(Opened, Batches)> {
    let mut table = open_table(import.kind, &import.file_name, &import.choices, file).await?;
    let headers = table.headers().to_vec();
    let map = map_of(app, import, &import.choices, &headers).await?;
    missing_refused(import.kind, &map, table.sheet_name())?;
    let estimate = table.estimated_rows().unwrap_or(0) as i64;
    let (tx, batches) = mpsc::channel(2);
    let opened = Opened {
        map,
        headers,
        header_row: table.header_row(),
        estimate,
    };
    let batch_rows = opened.batch_rows();
    tokio::task::spawn_blocking(move || feed(&mut table, batch_rows, &tx));
    Ok((opened, batches))
}

/// Refuses a file in which a required column is not assigned.
pub(super) fn missing_refused(
    kind: ImportKind,
    map: &ColumnMap,
    sheet: Option<&str>,
) -> Result<()> {
    let missing = missing_names(kind, map);
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join("、"); // not shown: a separator
    if let Some(why) = sheet.and_then(|sheet| words::list_of_faults_sent(sheet, &missing)) {
        return Err(KernelError::refused(ErrorCode::IMPORT_FILE).with("why", why));
    }
    Err(KernelError::refused(ErrorCode::IMPORT_COLUMNS).with("columns", missing))
}

/// Names of the required columns that no column is assigned to. A list of
/// positions of villages and townships needs no columns of a group.
pub(super) fn missing_names(kind: ImportKind, map: &ColumnMap) -> Vec<String> {
    let specs = columns_of(kind);
    let has = |key| map.index(key).is_some();
    let places = kind == ImportKind::VillageGroups
        && !has("code")
        && !has("name")
        && (has("township") || has("village"))
        && has("lat")
        && has("lon");
    let wanted = |key: &&String| !(places && ["code", "name"].contains(&key.as_str()));
    let missing = map.missing.iter().filter(wanted);
    missing.map(|k| header_of(specs, k)).collect()
}

/// The first Chinese name of a column.
pub(super) fn header_of(specs: &[ColumnSpec<'static>], key: &str) -> String {
    specs
        .iter()
        .find(|s| s.key == key)
        .and_then(|s| s.aliases.first())
        .map_or(key.to_owned(), |a| (*a).to_owned())
}

fn feed(
    table: &mut Table,
    batch_rows: usize,
    tx: &mpsc::Sender<std::result::Result<Vec<RowCells>, TableError>>,
) {
    let mut batch = Vec::with_capacity(batch_rows);
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
        if batch.len() >= batch_rows && tx.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
            return;
        }
    }
    let _ = tx.blocking_send(Ok(batch));
}

/// A fault of the file as a refusal that says what to do.
pub(super) fn file_error(e: TableError) -> KernelError {
    match e {
        TableError::TooManyRows { .. } | TableError::TooLarge { .. } => {
            KernelError::refused(ErrorCode::IMPORT_TOO_LARGE)
        }
        other => {
            tracing::warn!(error = %other, "import file refused");
            KernelError::refused(ErrorCode::IMPORT_FILE).with("why", words::file_fault(&other))
        }
    }
}

/// What a run reports to: the job's row, or a progress line of the command.
pub trait Reporter: Send + Sync {
    /// Called after every batch; an error stops the run.
    fn report(&self, counts: Counts) -> impl Future<Output = Result<()>> + Send;
    /// Told how long a part of the work took, for measurements.
    fn spent(&self, _: Stage, _: Duration) {}
}

/// Parts of an import that go on side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Checking rows.
    Check,
    /// Sealing what goes in.
    Seal,
    /// The database's part.
    Write,
}

/// Takes batches of one kind.
pub(super) trait Writer {
    /// Takes rows; collects faults. The verdict on rows in `refused` stands from
    /// an earlier attempt.
    async fn take(
        &mut self,
        rows: &Arc<Vec<RowCells>>,
        opened: &Arc<Opened>,
        refused: &BTreeSet<u64>,
    ) -> Result<Vec<CellError>>;
    /// Writes what has gathered. Called when the faults of the rows taken are
    /// stored: an attempt that ends right after a write loses no verdict.
    async fn write_gathered(&mut self) -> Result<()>;
    /// Writes what is still held back.
    async fn finish(&mut self) -> Result<()>;
    /// What became of the rows so far: new, changed, same.
    fn written(&self) -> (i64, i64, i64);
    /// Notes about the rows taken since the last call, which are not refused.
    fn notes(&mut self) -> Vec<CellError> {
        vec![]
    }
}

/// Notes of one import that are stored: a list to look through, not the file again.
const NOTES_MAX: usize = 1_000;

/// Runs an import to its end.
pub async fn import_run(
    app: &App,
    ctx: &Ctx,
    id: ImportId,
    reporter: &impl Reporter,
) -> Result<Import> {
    let import = service::import_fetch(app, ctx, id).await?;
    if import.state == "checked" {
        return Ok(import);
    }
    if ["done", "failed", "canceled"].contains(&import.state.as_str()) {
        // Ended, but perhaps not in time to forget the file and end the job.
        file::file_drop(app, id).await?;
        return Ok(import);
    }
    let outcome = run_kind(app, ctx, &import, reporter).await;
    let keeps_file = matches!(&outcome, Ok(()) if import.held && import.dry_run)
        || matches!(&outcome, Err(KernelError::Refused(r)) if r.code == zf_kernel::job::CANCELED);
    let (state, message) = match &outcome {
        Ok(()) if import.held && import.dry_run => ("checked", String::new()),
        Ok(()) => ("done", String::new()),
        Err(KernelError::Refused(r)) if r.code == zf_kernel::job::CANCELED => {
            ("canceled", String::new())
        }
        Err(KernelError::Refused(r)) => {
            let mut sentence = zf_web::words::sentence(r.code.code).1.to_owned();
            for (name, value) in &r.args {
                sentence = sentence.replace(&format!("{{{name}}}"), value);
            }
            ("failed", sentence)
        }
        // A fault of ours: the job is tried again and goes on where it stopped.
        Err(_) => return outcome.map(|()| import),
    };
    app.db
        .exec(IMPORT_END, params![id, state, message, app.now()])
        .await?;
    if !keeps_file {
        file::file_drop(app, id).await?;
    }
    outcome?;
    service::import_fetch(app, ctx, id).await
}

async fn run_kind(app: &App, ctx: &Ctx, import: &Import, reporter: &impl Reporter) -> Result<()> {
    let file = file::file_open(app, import.id).await?;
    let file = file.ok_or_else(|| KernelError::refused(ErrorCode::IMPORT_FILE_GONE))?;
    let (opened, batches) = open(app, import, file).await?;
    count_customers(app, import, IMPORT_COUNT_BEFORE).await?;
    match import.kind {
        ImportKind::Customers => {
            let told = |stage, time| reporter.spent(stage, time);
            let writer = customers::CustomerWriter::new(app, ctx, import, &told).await?;
            drive(app, import, (opened, batches), writer, reporter).await?;
        }
        _ => {
            let writer = organisation::OrganisationWriter::new(app, ctx, import).await?;
            drive(app, import, (opened, batches), writer, reporter).await?;
        }
    }
    count_customers(app, import, IMPORT_COUNT_AFTER).await
}

/// Notes how many customers the subtree has, so that the sums can be checked.
async fn count_customers(app: &App, import: &Import, statement: Sql) -> Result<()> {
    if import.kind != ImportKind::Customers {
        return Ok(());
    }
    let root = unit_fetch(app, import.unit_id).await?;
    let units = unit_subtree(app, &root.path).await?;
    let ids: Vec<UnitId> = units.iter().map(|u| u.id).collect();
    let counts = customer_counts(app, &ids).await?;
    let sum: i64 = counts.values().map(|c| c.customers).sum();
    app.db.exec(statement, params![import.id, sum]).await?;
    Ok(())
}

async fn drive(
    app: &App,
    import: &Import,
    (opened, mut batches): (Opened, Batches),
    mut writer: impl Writer,
    reporter: &impl Reporter,
) -> Result<()> {
    let opened = Arc::new(opened);
    let mut counts = Counts {
        total: opened.estimate,
        ..Counts::default()
    };
    let (mut bad_rows, mut stored) = service::refused_rows(app, import.id).await?;
    let about_columns = repeated(&opened);
    let mut noted = about_columns.len();
    service::errors_put(app, import.id, &about_columns, None).await?;
    refused::headers_put(app, import, &opened.headers).await?;
    while let Some(batch) = batches.recv().await {
        let rows = Arc::new(batch.map_err(file_error)?);
        counts.done += rows.len() as i64;
        let mut errors = unreadable(&rows, &opened, import.kind, &bad_rows);
        bad_rows.extend(errors.iter().map(|e| e.row));
        errors.extend(writer.take(&rows, &opened, &bad_rows).await?);
        bad_rows.extend(errors.iter().map(|e| e.row));
        // Beyond the limit rows are counted, not listed.
        errors.truncate(limits::IMPORT_FINDINGS_MAX.saturating_sub(stored));
        stored += errors.len();
        let sealed = refused::rows_sealed(app, import.id, &rows, &errors)?;
        let mut notes = writer.notes();
        notes.truncate(NOTES_MAX.saturating_sub(noted));
        noted += notes.len();
        errors.extend(notes);
        service::errors_put(app, import.id, &errors, sealed).await?;
        writer.write_gathered().await?;
        counts.total = counts.total.max(counts.done);
        note(app, import, &mut counts, &writer, bad_rows.len(), "running").await?;
        reporter.report(counts).await?;
    }
    writer.finish().await?;
    if counts.done == 0 {
        return Err(file_error(TableError::Empty));
    }
    counts.total = counts.done;
    note(app, import, &mut counts, &writer, bad_rows.len(), "running").await?;
    reporter.report(counts).await
}

/// Notes about fields that several columns are named after: which one is read.
pub(super) fn repeated(opened: &Opened) -> Vec<CellError> {
    let (map, mut left) = (&opened.map, BTreeMap::<usize, Vec<usize>>::new());
    for odd in &map.repeated {
        if let Some(taken) = map.taken_for(odd) {
            left.entry(taken).or_default().push(odd.column);
        }
    }
    let header = |at: usize| opened.headers.get(at).map_or("", String::as_str);
    let note = |(taken, left): (usize, Vec<usize>)| CellError {
        row: opened.header_row,
        column: row::header_shown(header(taken)),
        key: String::new(),
        reason: "column.repeated",
        masked: String::new(),
        about: words::column_taken(taken + 1, &left),
    };
    left.into_iter().map(note).collect()
}

/// Cells with characters the encoding did not know. Nobody can tell what stood
/// there, so the row is refused.
fn unreadable(
    rows: &[RowCells],
    opened: &Opened,
    kind: ImportKind,
    refused: &BTreeSet<u64>,
) -> Vec<CellError> {
    let garbled = |c: &String| c.contains(char::REPLACEMENT_CHARACTER);
    let mut errors = Vec::new();
    for row in rows.iter().filter(|r| r.cells.iter().any(garbled)) {
        if refused.contains(&row.row_number) {
            continue;
        }
        let mut r = RowReader::new(&opened.map, &opened.headers, row, key_of(kind));
        for spec in columns_of(kind) {
            if r.text(spec.key).contains(char::REPLACEMENT_CHARACTER) {
                r.wrong(spec.key, "row.unreadable");
            }
        }
        errors.extend(r.errors);
    }
    errors
}

/// The column of the business key.
pub(super) fn key_of(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Staff => "staff_no",
        ImportKind::Customers => "customer_no",
        ImportKind::Units | ImportKind::VillageGroups => "code",
    }
}

/// What would become of some rows.
#[derive(Default)]
pub(super) struct Tried {
    pub counts: Counts,
    pub errors: Vec<CellError>,
    /// About rows that would be taken.
    pub notes: Vec<CellError>,
}

/// What would become of some rows: counts and faults, nothing written.
pub(super) async fn try_rows(
    app: &App,
    ctx: &Ctx,
    import: &Import,
    opened: &Opened,
    rows: &[RowCells],
) -> Result<Tried> {
    let mut trial = import.clone();
    (trial.dry_run, trial.counts) = (true, Counts::default());
    let mut errors = unreadable(rows, opened, import.kind, &BTreeSet::new());
    let refused: BTreeSet<u64> = errors.iter().map(|e| e.row).collect();
    let (more, notes, written) = match import.kind {
        ImportKind::Customers => {
            let told = |_, _| {};
            let writer = customers::CustomerWriter::new(app, ctx, &trial, &told).await?;
            try_with(writer, opened, rows, &refused).await?
        }
        _ => {
            let writer = organisation::OrganisationWriter::new(app, ctx, &trial).await?;
            try_with(writer, opened, rows, &refused).await?
        }
    };
    errors.extend(more);
    let bad: BTreeSet<u64> = errors.iter().map(|e| e.row).collect();
    let counts = Counts {
        total: rows.len() as i64,
        done: rows.len() as i64,
        new: written.0,
        changed: written.1,
        same: written.2,
        bad: bad.len() as i64,
    };
    Ok(Tried {
        counts,
        errors,
        notes,
    })
}

async fn try_with(
    mut writer: impl Writer,
    opened: &Opened,
    rows: &[RowCells],
    refused: &BTreeSet<u64>,
) -> Result<(Vec<CellError>, Vec<CellError>, (i64, i64, i64))> {
    let (rows, opened) = (Arc::new(rows.to_vec()), Arc::new(opened.clone()));
    let errors = writer.take(&rows, &opened, refused).await?;
    writer.finish().await?;
    Ok((errors, writer.notes(), writer.written()))
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
    app.db
        .exec(IMPORT_BEAT, params![import.id, app.now()])
        .await?;
    Ok(())
}
