//! Workbooks of plain text sheets: several named sheets of headers and texts, written
//! and read back as they are. The caller says which names a sheet may have and which
//! headers it knows; what the texts mean is the caller's business.

use crate::kit::{BookMeta, Fonts, WriteError};
use crate::list::{CellKind, CellValue, TableBook, TableColumn, TableSheet, write_table};
use crate::table::{Limits, Table, TableError, TableOptions};

/// A sheet of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextSheet {
    /// Name; a file may have another one of those asked for.
    pub name: String,
    /// Headers.
    pub headers: Vec<String>,
    /// Rows with their number in the file, from 1; the number is ignored when writing.
    pub rows: Vec<(u64, Vec<String>)>,
}

/// Writes the sheets in order; every cell is text and stays as it is.
///
/// # Errors
/// No sheet, a sheet without headers, a text of more than 32,767 characters.
pub fn write_text_sheets(
    meta: BookMeta,
    fonts: Fonts,
    page_foot: &str,
    sheets: &[TextSheet],
) -> Result<Vec<u8>, WriteError> {
    let sheets = sheets.iter().map(|sheet| TableSheet {
        name: sheet.name.clone(),
        title_lines: Vec::new(),
        columns: sheet
            .headers
            .iter()
            .map(|header| text_column(header))
            .collect(),
        rows: sheet.rows.iter().map(|(_, row)| texts(row)).collect(),
        page_foot: page_foot.to_owned(),
    });
    write_table(&TableBook {
        meta,
        fonts,
        sheets: sheets.collect(),
    })
}

fn text_column(header: &str) -> TableColumn {
    TableColumn {
        header: header.to_owned(),
        kind: CellKind::Text,
    }
}

fn texts(row: &[String]) -> Vec<CellValue> {
    row.iter()
        .map(|text| match text.as_str() {
            "" => CellValue::Empty,
            text => CellValue::from(text),
        })
        .collect()
}

/// Reads the first sheet that has one of `names`; `None` when there is none or it is empty.
///
/// # Errors
/// Anything that [`Table::open`] refuses, e.g. a file that is no workbook.
pub fn read_text_sheet(
    bytes: &[u8],
    names: &[&str],
    limits: Limits,
    known: &dyn Fn(&str) -> bool,
) -> Result<Option<TextSheet>, TableError> {
    for name in names {
        let options = TableOptions {
            limits,
            sheet: Some((*name).to_owned()),
            ..TableOptions::default()
        };
        let mut table = match Table::open(bytes.to_vec(), "x.xlsx", &options, known) {
            Ok(table) => table,
            Err(TableError::NoSuchSheet { .. }) => continue,
            Err(TableError::Empty) => return Ok(None),
            Err(other) => return Err(other),
        };
        let mut rows = Vec::new();
        for row in table.rows() {
            let row = row?;
            rows.push((row.row_number, row.cells));
        }
        return Ok(Some(TextSheet {
            name: table.sheet_name().unwrap_or(name).to_owned(),
            headers: table.headers().to_vec(),
            rows,
        }));
    }
    Ok(None)
}
