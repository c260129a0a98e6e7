//! What an import would do, before it does anything: how the file was read, what
//! its columns are taken for, its first rows masked, and what would become of a
//! sample of them. The sample stands at the top of the file, so that a file of a
//! million rows is answered as fast as a short one; the whole is tried by a job.

use super::mapping::{self, Facts, Guess};
use super::row::{header_shown, shown};
use super::run::{self, Opened, columns_of, file_error, header_of, map_of, open_table, try_rows};
use super::{CellError, Choices, Counts, Import, ImportKind, file, service};
use crate::place::datum::{Given, Suspicion, suspect};
use crate::village_group::service::village_group_list;
use std::collections::HashSet;
use zf_base::code::ErrorCode;
use zf_base::geo::{Datum, Point};
use zf_base::limits;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::unit::service::{unit_fetch, unit_subtree};
use zf_kernel::{App, Ctx, Permission, UnitScope};
use zf_office::{ColumnMap, RowCells, Table, TextEncoding};

/// A column of the file.
#[derive(Clone, Debug)]
pub struct PreviewColumn {
    /// Its header, as far as it may be shown.
    pub header: String,
    /// What it is read as with the choices made: key of a field, or empty.
    pub key: String,
    /// What it is taken for by itself.
    pub guess: Guess,
    /// Rows of the sample in which something stands.
    pub filled: i64,
}

/// A field a column can be given.
#[derive(Clone, Debug)]
pub struct PreviewField {
    /// Key.
    pub key: &'static str,
    /// What the template calls it.
    pub header: String,
    /// No file without it.
    pub required: bool,
}

/// What an import would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Sheet that is read.
    pub sheet: Option<String>,
    /// Encoding that is used; none for a workbook.
    pub encoding: Option<TextEncoding>,
    /// Encoding that was found out; none for a workbook, or when none fits.
    pub encoding_found: Option<TextEncoding>,
    /// Row of the headers.
    pub header_row: u64,
    /// About how many rows follow.
    pub rows_estimate: i64,
    /// Columns of the file.
    pub columns: Vec<PreviewColumn>,
    /// Fields of the kind.
    pub fields: Vec<PreviewField>,
    /// Names of required fields without a column.
    pub missing: Vec<String>,
    /// First rows: number in the file, masked cells.
    pub rows: Vec<(u64, Vec<String>)>,
    /// What would become of the rows of the sample.
    pub sample: Counts,
    /// Why rows of the sample would be refused.
    pub errors: Vec<CellError>,
    /// What is worth knowing about rows of the sample that would be taken.
    pub notes: Vec<CellError>,
    /// Why the file could not be read to the end of the sample.
    pub fault: Option<String>,
    /// Somebody has assigned the columns of such a file before.
    pub remembered: bool,
    /// The file has coordinates and does not say in which system.
    pub needs_datum: bool,
    /// What its coordinates look like, when that is not what is claimed.
    pub datum_doubt: Option<Suspicion>,
}

/// The top of a file, read as chosen.
struct Top {
    table_facts: (Option<String>, Option<TextEncoding>, u64, i64),
    headers: Vec<String>,
    rows: Vec<RowCells>,
    fault: Option<String>,
}

/// Looks at the file of an import that has not been started.
///
/// # Errors
/// `import.file_gone`, and whatever keeps the file from being opened.
pub async fn import_preview(
    app: &App,
    ctx: &Ctx,
    import: &Import,
    choices: &Choices,
    datum: Datum,
) -> Result<Preview> {
    let file = file::file_open(app, import.id).await?;
    let file = file.ok_or_else(|| KernelError::refused(ErrorCode::IMPORT_FILE_GONE))?;
    let table = open_table(import.kind, &import.file_name, choices, file).await?;
    let top = tokio::task::spawn_blocking(move || read_top(table))
        .await
        .map_err(|e| KernelError::Internal(e.to_string()))?;
    let remembered = mapping::remembered(app, import.unit_id, import.kind, &top.headers).await?;
    let guesses = guesses(app, ctx, import, &top, remembered.as_deref()).await?;
    let map = match &choices.mapping {
        Some(_) => map_of(app, import, choices, &top.headers).await?,
        None => {
            let keys: Vec<&str> = guesses.iter().map(|g| g.key.as_str()).collect();
            ColumnMap::assign(columns_of(import.kind), &top.headers, &keys)
        }
    };
    let opened = Opened {
        map,
        headers: top.headers.clone(),
        header_row: top.table_facts.2,
        estimate: top.table_facts.3,
    };
    let tried = match run::missing_refused(import.kind, &opened.map, None) {
        Ok(()) => try_rows(app, ctx, import, &opened, &top.rows).await?,
        Err(_) => run::Tried::default(),
    };
    let chosen = choices.mapping.is_some() || remembered.is_some();
    let mut notes = about_columns(import.kind, &opened, chosen);
    notes.extend(tried.notes);
    let map = &opened.map;
    let points = map.index("lat").is_some() && map.index("lon").is_some();
    let datum_doubt = match points {
        true => doubt(app, ctx, import, &top.rows, map, datum).await?,
        false => None,
    };
    Ok(Preview {
        sheet: top.table_facts.0.clone(),
        encoding: top.table_facts.1,
        encoding_found: choices
            .encoding
            .is_none()
            .then_some(top.table_facts.1)
            .flatten(),
        header_row: top.table_facts.2,
        rows_estimate: top.table_facts.3,
        columns: columns(&top, map, guesses),
        fields: fields(import.kind),
        missing: run::missing_names(import.kind, map),
        rows: first_rows(&top, map),
        sample: tried.counts,
        errors: tried.errors,
        notes,
        fault: top.fault,
        remembered: remembered.is_some(),
        needs_datum: points && map.index("datum").is_none(),
        datum_doubt,
    })
}

/// Which of several columns for one field is read. A guess leaves the others out
/// without a word, so the names are asked unless somebody has chosen.
fn about_columns(kind: ImportKind, opened: &Opened, chosen: bool) -> Vec<CellError> {
    if chosen {
        return run::repeated(opened);
    }
    let map = ColumnMap::resolve(columns_of(kind), &opened.headers);
    run::repeated(&Opened {
        map,
        ..opened.clone()
    })
}

/// Whether an import with these choices has to be told the system of its
/// coordinates; and its headers, to remember what was chosen.
async fn needs_of(app: &App, import: &Import, choices: &Choices) -> Result<(Vec<String>, bool)> {
    let file = file::file_open(app, import.id).await?;
    let file = file.ok_or_else(|| KernelError::refused(ErrorCode::IMPORT_FILE_GONE))?;
    let table = open_table(import.kind, &import.file_name, choices, file).await?;
    let headers = table.headers().to_vec();
    let map = map_of(app, import, choices, &headers).await?;
    run::missing_refused(import.kind, &map, table.sheet_name())?;
    let points = map.index("lat").is_some() && map.index("lon").is_some();
    Ok((headers, points && map.index("datum").is_none()))
}

/// Headers of a file that has not been stored, for choices made by header.
///
/// # Errors
/// `import.file` with what is wrong.
pub async fn headers_of(
    kind: ImportKind,
    name: &str,
    choices: &Choices,
    bytes: Vec<u8>,
) -> Result<Vec<String>> {
    let table = open_table(kind, name, choices, bytes).await?;
    Ok(table.headers().to_vec())
}

fn read_top(mut table: Table) -> Top {
    let mut facts = (
        table.sheet_name().map(str::to_owned),
        table.encoding(),
        table.header_row(),
        table.estimated_rows().unwrap_or(0) as i64,
    );
    let headers = table.headers().to_vec();
    let (mut rows, mut fault) = (Vec::new(), None);
    for row in table.rows().take(limits::IMPORT_SAMPLE_ROWS) {
        match row {
            Ok(row) => rows.push(row),
            Err(e) => {
                fault = Some(crate::words::file_fault(&e));
                drop(file_error(e));
            }
        }
    }
    // A short file has been read to its end: no need to guess.
    if fault.is_none() && rows.len() < limits::IMPORT_SAMPLE_ROWS {
        facts.3 = rows.len() as i64;
    }
    Top {
        table_facts: facts,
        headers,
        rows,
        fault,
    }
}

async fn guesses(
    app: &App,
    ctx: &Ctx,
    import: &Import,
    top: &Top,
    remembered: Option<&[String]>,
) -> Result<Vec<Guess>> {
    let root = unit_fetch(app, import.unit_id).await?;
    let units = unit_subtree(app, &root.path).await?;
    let units: HashSet<String> = units.into_iter().map(|u| u.code).collect();
    let facts = Facts {
        units: &units,
        today: ctx.today(),
        demo: zf_kernel::setting::is_demo(app).await?,
    };
    let specs = columns_of(import.kind);
    Ok(mapping::guess(
        specs,
        &top.headers,
        remembered,
        &top.rows,
        &facts,
    ))
}

fn columns(top: &Top, map: &ColumnMap, guesses: Vec<Guess>) -> Vec<PreviewColumn> {
    let filled = |i: usize| {
        let cells = top.rows.iter().filter_map(|r| r.cells.get(i));
        cells.filter(|c| !c.is_empty()).count() as i64
    };
    guesses
        .into_iter()
        .enumerate()
        .map(|(i, guess)| PreviewColumn {
            header: header_shown(top.headers.get(i).map_or("", String::as_str)),
            key: map.key_at(i).unwrap_or_default().to_owned(),
            guess,
            filled: filled(i),
        })
        .collect()
}

fn fields(kind: ImportKind) -> Vec<PreviewField> {
    let specs = columns_of(kind);
    let field = |s: &zf_office::ColumnSpec<'static>| PreviewField {
        key: s.key,
        header: header_of(specs, s.key),
        required: s.required,
    };
    specs.iter().map(field).collect()
}

fn first_rows(top: &Top, map: &ColumnMap) -> Vec<(u64, Vec<String>)> {
    let masked = |row: &RowCells| {
        let cells = row.cells.iter().enumerate();
        let cells = cells.map(|(i, c)| shown(map.key_at(i).unwrap_or_default(), c));
        (row.row_number, cells.collect())
    };
    let rows = top.rows.iter().take(limits::IMPORT_PREVIEW_ROWS);
    rows.map(masked).collect()
}

/// Whether the coordinates of the sample fit another system than the claimed
/// one, held against the outlets and village groups that are known.
async fn doubt(
    app: &App,
    ctx: &Ctx,
    import: &Import,
    rows: &[RowCells],
    map: &ColumnMap,
    datum: Datum,
) -> Result<Option<Suspicion>> {
    let number = |row: &RowCells, key: &str| map.cell(row, key).trim().parse::<f64>().ok();
    let point = |row: &RowCells| Some((number(row, "lat")?, number(row, "lon")?));
    let points: Vec<Given> = rows.iter().filter_map(point).map(Given::from).collect();
    let root = unit_fetch(app, import.unit_id).await?;
    let mut known: Vec<Point> = Vec::new();
    for unit in unit_subtree(app, &root.path).await? {
        known.extend(unit.place);
        let scope = ctx.scope(Permission::ImportWrite, &unit)?;
        let groups = village_group_list(app, &scope).await?;
        known.extend(groups.into_iter().filter_map(|g| g.place));
    }
    Ok(suspect(&points, datum, &known))
}

/// Starts an import as chosen in its preview, and remembers the columns.
///
/// # Errors
/// `import.columns` when a required one is missing, `import.datum` when the file
/// has coordinates and nobody says in which system.
pub async fn start_as_chosen(
    app: &App,
    ctx: &Ctx,
    scope: &UnitScope,
    import: &Import,
    choices: &Choices,
    datum: Option<Datum>,
    dry_run: Option<bool>,
) -> Result<Import> {
    let (headers, needs_datum) = needs_of(app, import, choices).await?;
    if needs_datum && datum.is_none() {
        return Err(KernelError::refused(ErrorCode::IMPORT_DATUM));
    }
    let datum = datum.unwrap_or(import.datum);
    let dry_run = dry_run.unwrap_or(false);
    let begun = service::import_release(app, ctx, scope, import, choices, datum, dry_run).await?;
    if let Some(keys) = &choices.mapping {
        mapping::remember(app, ctx, scope, import, &headers, keys).await?;
    }
    Ok(begun)
}
