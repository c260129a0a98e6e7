//! Lists for export: headers, rows, number formats, filter, frozen header, as `.xlsx`
//! or `.csv`.
//!
//! Takes plain values from the caller. Text that looks like a formula stays text in
//! both formats. May not know what the columns mean.

use crate::kit::{self, BookMeta, Fonts, GRID_ROWS, Styles, WriteError};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};
use std::collections::HashSet;
use zf_base::{Day, Fen, Timestamp};

/// How a column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Text; keeps leading zeros.
    Text,
    /// Whole number with thousands separators.
    Integer,
    /// Number with that many decimals.
    Decimal(u8),
    /// Amount in yuan with two decimals.
    Money,
    /// Share as per cent with one decimal.
    Percent,
    /// Day.
    Date,
    /// Day and time of day in China.
    Moment,
}

/// A cell. Where it does not fit its column's kind, the value decides.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Number; not finite ones are left empty.
    Decimal(f64),
    /// Amount.
    Money(Fen),
    /// Share, 1.0 = 100 %.
    Percent(f64),
    /// Day.
    Date(Day),
    /// Point in time, shown in China's time.
    Moment(Timestamp),
}

impl From<&str> for CellValue {
    fn from(s: &str) -> Self {
        CellValue::Text(s.to_owned())
    }
}
impl From<String> for CellValue {
    fn from(s: String) -> Self {
        CellValue::Text(s)
    }
}
impl From<i64> for CellValue {
    fn from(n: i64) -> Self {
        CellValue::Integer(n)
    }
}

/// A column of a list.
#[derive(Clone, Debug)]
pub struct TableColumn {
    /// Header.
    pub header: String,
    /// How its cells are shown.
    pub kind: CellKind,
}

/// One sheet: optional title lines, headers, rows.
#[derive(Clone, Debug)]
pub struct TableSheet {
    /// Name of the sheet (made acceptable to Excel).
    pub name: String,
    /// Lines above the headers: the first is the title.
    pub title_lines: Vec<String>,
    /// Columns.
    pub columns: Vec<TableColumn>,
    /// Rows; short ones are filled with empty cells, longer ones cut.
    pub rows: Vec<Vec<CellValue>>,
    /// Foot of a printed page; `{page}` and `{pages}` become the numbers.
    pub page_foot: String,
}

/// A workbook of lists.
#[derive(Clone, Debug)]
pub struct TableBook {
    /// File properties.
    pub meta: BookMeta,
    /// Fonts.
    pub fonts: Fonts,
    /// Sheets in order; at least one.
    pub sheets: Vec<TableSheet>,
}

/// Text sizes, points.
const TITLE_PT: f64 = 14.0;
const BODY_PT: f64 = 10.5;
/// Row heights, points.
const ROW_PT: f64 = 18.0;
const HEADER_ROW_PT: f64 = 23.0;
/// Widths of a column, pixels.
const NARROWEST_PX: u32 = 56;
const WIDEST_PX: u32 = 360;
/// Rows looked at for the width of a column.
const WIDTH_SAMPLE_ROWS: usize = 500;

/// Writes a workbook.
///
/// # Errors
/// No sheet, a sheet without columns, more rows than Excel has, a text of more than
/// 32,767 characters.
pub fn write_table(book: &TableBook) -> Result<Vec<u8>, WriteError> {
    if book.sheets.is_empty() {
        return Err(WriteError::Nothing("no sheet"));
    }
    let mut out = kit::new_book(&book.meta)?;
    let styles = Styles::new(&book.fonts);
    let mut taken = HashSet::new();
    for sheet in &book.sheets {
        let target = out.add_worksheet();
        target.set_name(kit::sheet_name(&sheet.name, &mut taken))?;
        write_sheet(target, sheet, &styles)?;
    }
    Ok(out.save_to_buffer()?)
}

pub(crate) fn write_sheet(
    target: &mut Worksheet,
    sheet: &TableSheet,
    styles: &Styles,
) -> Result<(), WriteError> {
    let (Some(last_column), top) = (sheet.columns.len().checked_sub(1), sheet.title_lines.len())
    else {
        return Err(WriteError::Nothing("no column"));
    };
    let rows = top + 1 + sheet.rows.len();
    if rows > GRID_ROWS {
        let sheet = sheet.name.clone();
        return Err(WriteError::TooManyRows { sheet, rows });
    }
    let (last_column, header_row) = (last_column as u16, top as u32);
    write_title_lines(target, &sheet.title_lines, styles)?;
    let widths = column_widths(sheet);
    let header = styles.header(BODY_PT);
    target.set_default_row_height(ROW_PT);
    target.set_row_height(header_row, HEADER_ROW_PT)?;
    for (c, column) in sheet.columns.iter().enumerate() {
        target.set_column_width_pixels(c as u16, widths[c])?;
        kit::write_text(target, header_row, c as u16, &column.header, &header)?;
    }
    let formats: Vec<Format> = sheet
        .columns
        .iter()
        .map(|c| kind_format(styles, c.kind))
        .collect();
    for (r, row) in sheet.rows.iter().enumerate() {
        for (c, format) in formats.iter().enumerate() {
            let value = row.get(c).unwrap_or(&CellValue::Empty);
            write_value(target, header_row + 1 + r as u32, c as u16, value, format)?;
        }
    }
    let last_row = header_row + sheet.rows.len() as u32;
    target.autofilter(header_row, 0, last_row, last_column)?;
    target.set_freeze_panes(header_row + 1, 0)?;
    target.set_repeat_rows(header_row, header_row)?;
    target.set_print_area(0, 0, last_row, last_column)?;
    kit::set_page(target, widths.iter().sum::<u32>() > kit::PORTRAIT_PX);
    let title = sheet
        .title_lines
        .first()
        .map_or(sheet.name.as_str(), String::as_str);
    kit::set_head_and_foot(target, title, "", &sheet.page_foot);
    Ok(())
}

fn write_title_lines(
    target: &mut Worksheet,
    lines: &[String],
    styles: &Styles,
) -> Result<(), WriteError> {
    // Not merged: a merged title above a filter gets in the way of sorting.
    let title = styles
        .title(TITLE_PT)
        .set_align(FormatAlign::Left)
        .unset_text_wrap();
    let note = styles.body(BODY_PT).unset_text_wrap();
    for (row, line) in lines.iter().enumerate() {
        let format = if row == 0 { &title } else { &note };
        kit::write_text(target, row as u32, 0, line, format)?;
        target.set_row_height(row as u32, if row == 0 { 24.0 } else { 18.0 })?;
    }
    Ok(())
}

fn kind_format(styles: &Styles, kind: CellKind) -> Format {
    let cell = styles.cell(BODY_PT);
    match kind {
        CellKind::Text => cell.set_num_format_index(kit::TEXT_FORMAT).set_indent(1),
        CellKind::Integer => cell.set_num_format("#,##0"),
        CellKind::Decimal(0) => cell.set_num_format("0"),
        CellKind::Decimal(n) => {
            cell.set_num_format(format!("0.{}", "0".repeat(usize::from(n.min(9)))))
        }
        CellKind::Money => cell.set_num_format("#,##0.00"),
        CellKind::Percent => cell.set_num_format("0.0%"),
        CellKind::Date => cell
            .set_num_format("yyyy-mm-dd")
            .set_align(FormatAlign::Center),
        CellKind::Moment => cell
            .set_num_format("yyyy-mm-dd hh:mm")
            .set_align(FormatAlign::Center),
    }
}

fn write_value(
    target: &mut Worksheet,
    row: u32,
    column: u16,
    value: &CellValue,
    format: &Format,
) -> Result<(), WriteError> {
    let number = match value {
        CellValue::Empty => return kit::write_text(target, row, column, "", format),
        CellValue::Text(text) => return kit::write_text(target, row, column, text, format),
        // Beyond 15 digits Excel would change the number.
        CellValue::Integer(n) if n.unsigned_abs() >= 1_000_000_000_000_000 => {
            return kit::write_text(target, row, column, &n.to_string(), format);
        }
        CellValue::Integer(n) => *n as f64,
        CellValue::Decimal(x) | CellValue::Percent(x) => *x,
        CellValue::Money(fen) => fen.0 as f64 / 100.0,
        CellValue::Date(day) => f64::from(day.epoch_days()) + UNIX_EPOCH_SERIAL,
        CellValue::Moment(t) => {
            let day = f64::from(t.day().epoch_days()) + UNIX_EPOCH_SERIAL;
            day + t.seconds_of_day() as f64 / 86_400.0
        }
    };
    if !number.is_finite() {
        return kit::write_text(target, row, column, "", format);
    }
    target.write_number_with_format(row, column, number, format)?;
    Ok(())
}

/// Excel's serial of 1970-01-01.
const UNIX_EPOCH_SERIAL: f64 = 25_569.0;

fn column_widths(sheet: &TableSheet) -> Vec<u32> {
    let width = |(c, column): (usize, &TableColumn)| {
        // The filter's arrow takes the room of two characters.
        let header = kit::text_px(&column.header, BODY_PT) + 20;
        let cells = sheet.rows.iter().take(WIDTH_SAMPLE_ROWS);
        let widest = cells
            .map(|row| kit::text_px(&shown(row.get(c)), BODY_PT))
            .max();
        (header.max(widest.unwrap_or(0)) + kit::CELL_PADDING_PX).clamp(NARROWEST_PX, WIDEST_PX)
    };
    sheet.columns.iter().enumerate().map(width).collect()
}

/// About what a cell shows; also what a `.csv` holds.
fn shown(value: Option<&CellValue>) -> String {
    match value {
        None | Some(CellValue::Empty) => String::new(),
        Some(CellValue::Text(text)) => text.clone(),
        Some(CellValue::Integer(n)) => n.to_string(),
        Some(CellValue::Decimal(x) | CellValue::Percent(x)) if !x.is_finite() => String::new(),
        Some(CellValue::Decimal(x)) => x.to_string(),
        Some(CellValue::Percent(x)) => format!("{:.1}%", x * 100.0),
        Some(CellValue::Money(fen)) => fen.to_string().replace(',', ""),
        Some(CellValue::Date(day)) => day.to_string(),
        Some(CellValue::Moment(t)) => {
            let s = t.seconds_of_day();
            format!("{} {:02}:{:02}", t.day(), s / 3600, s / 60 % 60)
        }
    }
}

/// Writes one list as UTF-8 `.csv` with a mark at the start (without it Excel takes
/// the file for the local code page). Texts that look like a formula get an apostrophe
/// in front; title lines are left out.
pub fn write_csv(sheet: &TableSheet) -> Vec<u8> {
    let mut out = String::from("\u{feff}");
    let line = |out: &mut String, cells: &mut dyn Iterator<Item = (String, bool)>| {
        for (i, (text, guard)) in cells.enumerate() {
            if i > 0 {
                out.push(',');
            }
            push_csv_cell(out, &text, guard);
        }
        out.push_str("\r\n");
    };
    line(
        &mut out,
        &mut sheet.columns.iter().map(|c| (c.header.clone(), true)),
    );
    for row in &sheet.rows {
        let mut cells = (0..sheet.columns.len()).map(|c| {
            let value = row.get(c);
            (shown(value), matches!(value, Some(CellValue::Text(_))))
        });
        line(&mut out, &mut cells);
    }
    out.into_bytes()
}

fn push_csv_cell(out: &mut String, text: &str, guard: bool) {
    let mark = if guard && kit::starts_like_formula(text) {
        "'"
    } else {
        ""
    };
    if text.contains([',', '"', '\n', '\r']) || text != text.trim() {
        out.push('"');
        out.push_str(mark);
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
        return;
    }
    out.push_str(mark);
    out.push_str(text);
}
