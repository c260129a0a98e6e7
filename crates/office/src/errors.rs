//! The workbook of refused rows a user corrects and sends again.
//!
//! Takes the row number of the sent file, the business key, the column, the reason and
//! an already masked value; masking is the caller's duty. First sheet: totals by
//! reason; second: the rows.

use crate::kit::{self, BookMeta, Fonts, Styles, WriteError};
use crate::list::{CellKind, CellValue, TableColumn, TableSheet, write_sheet};
use std::collections::{BTreeMap, HashSet};

/// One finding about one cell of the sent file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    /// Row in the sent file, 1-based.
    pub row: u64,
    /// Business key of the row, as far as it may be shown.
    pub key: String,
    /// Header of the column.
    pub column: String,
    /// What is wrong and what to do, in plain words.
    pub reason: String,
    /// The value, masked by the caller.
    pub masked_value: String,
}

/// Words on the sheets.
#[derive(Clone, Debug)]
pub struct ErrorWords {
    /// Name of the sheet with totals.
    pub summary_sheet: String,
    /// Name of the sheet with rows.
    pub rows_sheet: String,
    /// Header: row of the sent file.
    pub row: String,
    /// Header: business key.
    pub key: String,
    /// Header: column.
    pub column: String,
    /// Header: reason.
    pub reason: String,
    /// Header: masked value.
    pub value: String,
    /// Header: number of findings.
    pub count: String,
    /// Foot of a printed page; `{page}` and `{pages}` become the numbers.
    pub page_foot: String,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct ErrorBook {
    /// File properties.
    pub meta: BookMeta,
    /// Fonts.
    pub fonts: Fonts,
    /// Words.
    pub words: ErrorWords,
    /// Title and lines on top of the summary: file, time, rows read, taken, refused.
    pub summary_lines: Vec<String>,
    /// Findings, in the order of the file.
    pub rows: Vec<ErrorRow>,
}

/// Writes the workbook.
///
/// # Errors
/// More findings than a sheet holds, or a text of more than 32,767 characters.
pub fn write_error_book(book: &ErrorBook) -> Result<Vec<u8>, WriteError> {
    let mut out = kit::new_book(&book.meta)?;
    let styles = Styles::new(&book.fonts);
    let mut taken = HashSet::new();
    for sheet in [summary(book), findings(book)] {
        let target = out.add_worksheet();
        target.set_name(kit::sheet_name(&sheet.name, &mut taken))?;
        write_sheet(target, &sheet, &styles)?;
    }
    Ok(out.save_to_buffer()?)
}

fn column(header: &str, kind: CellKind) -> TableColumn {
    TableColumn {
        header: header.to_owned(),
        kind,
    }
}

fn summary(book: &ErrorBook) -> TableSheet {
    let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for row in &book.rows {
        *counts.entry((&row.column, &row.reason)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    // Most frequent first; equal ones stay in alphabetical order.
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let w = &book.words;
    TableSheet {
        name: w.summary_sheet.clone(),
        title_lines: book.summary_lines.clone(),
        columns: vec![
            column(&w.column, CellKind::Text),
            column(&w.reason, CellKind::Text),
            column(&w.count, CellKind::Integer),
        ],
        rows: counts
            .into_iter()
            .map(|((column, reason), n)| vec![column.into(), reason.into(), CellValue::Integer(n)])
            .collect(),
        page_foot: w.page_foot.clone(),
    }
}

fn findings(book: &ErrorBook) -> TableSheet {
    let w = &book.words;
    TableSheet {
        name: w.rows_sheet.clone(),
        title_lines: Vec::new(),
        columns: vec![
            // A row number is read off, not added up: no thousands separators.
            column(&w.row, CellKind::Decimal(0)),
            column(&w.key, CellKind::Text),
            column(&w.column, CellKind::Text),
            column(&w.reason, CellKind::Text),
            column(&w.value, CellKind::Text),
        ],
        rows: book
            .rows
            .iter()
            .map(|r| {
                vec![
                    CellValue::Integer(r.row as i64),
                    r.key.as_str().into(),
                    r.column.as_str().into(),
                    r.reason.as_str().into(),
                    r.masked_value.as_str().into(),
                ]
            })
            .collect(),
        page_foot: w.page_foot.clone(),
    }
}
