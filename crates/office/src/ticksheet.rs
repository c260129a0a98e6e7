//! The tick sheet of a village group: a row a household, a box a group, to be
//! filled in by hand and entered afterwards by its row numbers.
//!
//! Takes finished texts and decides only the layout: A4 upright, rows high
//! enough for a pen, headers on every page, and who printed it in the head of
//! every page and under the table.

use crate::kit::{self, BookMeta, Fonts, GRID_ROWS, Styles, WriteError};
use rust_xlsxwriter::{Format, FormatAlign, Worksheet};
use std::collections::HashSet;

/// A household.
#[derive(Clone, Debug)]
pub struct TickSheetRow {
    /// Number of the row, 1-based.
    pub number: u32,
    /// Number of the household.
    pub household: String,
    /// Names as they may be printed.
    pub names: String,
    /// One text a group, e.g. an empty box.
    pub boxes: Vec<String>,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct TickSheet {
    /// File properties.
    pub meta: BookMeta,
    /// Fonts.
    pub fonts: Fonts,
    /// Name of the sheet, the number on the form.
    pub sheet_name: String,
    /// Title.
    pub title: String,
    /// Branch, number, date.
    pub subtitle: String,
    /// How to fill it in.
    pub hint: String,
    /// Who printed it and when; on every page.
    pub mark: String,
    /// Headers: row, household, names, then one a group.
    pub headers: Vec<String>,
    /// Households.
    pub rows: Vec<TickSheetRow>,
    /// Line for the signature.
    pub closing: String,
    /// Foot of a page; `{page}` and `{pages}` become the numbers.
    pub page_foot: String,
}

const TITLE_PT: f64 = 18.0;
const BODY_PT: f64 = 11.0;
const NOTE_PT: f64 = 10.0;
/// Columns before the boxes: row, household, names.
const FIXED: usize = 3;
const ROW_PX: u32 = 46;
const HOUSEHOLD_PX: u32 = 104;
/// Room for names: two of four characters on a line.
const NAMES_LEAST_PX: u32 = 150;

/// Writes the workbook. Equal input gives equal bytes.
///
/// # Errors
/// A sheet without groups, or with more rows than Excel has.
pub fn write_tick_sheet(book: &TickSheet) -> Result<Vec<u8>, WriteError> {
    if book.headers.len() <= FIXED {
        return Err(WriteError::Nothing("tick sheet without groups"));
    }
    if book.rows.len() + 100 > GRID_ROWS {
        let (sheet, rows) = (book.sheet_name.clone(), book.rows.len());
        return Err(WriteError::TooManyRows { sheet, rows });
    }
    let mut out = kit::new_book(&book.meta)?;
    let styles = Styles::new(&book.fonts);
    let sheet = out.add_worksheet();
    sheet.set_name(kit::sheet_name(&book.sheet_name, &mut HashSet::new()))?;
    write(sheet, book, &styles)?;
    Ok(out.save_to_buffer()?)
}

fn write(sheet: &mut Worksheet, book: &TickSheet, styles: &Styles) -> Result<(), WriteError> {
    let widths = widths(book);
    for (c, width) in widths.iter().enumerate() {
        sheet.set_column_width_pixels(c as u16, *width)?;
    }
    let last = (widths.len() - 1) as u16;
    let centred = |size| styles.body(size).set_align(FormatAlign::Center);
    let mut row = 0;
    let mut line = |sheet: &mut Worksheet, text: &str, format: &Format, pt: f64| {
        kit::write_across(sheet, row, last, text, format)?;
        sheet.set_row_height(row, pt)?;
        row += 1;
        Ok::<(), WriteError>(())
    };
    line(sheet, &book.title, &styles.title(TITLE_PT), 32.0)?;
    line(sheet, &book.subtitle, &centred(BODY_PT), 20.0)?;
    line(sheet, &book.hint, &centred(NOTE_PT), 18.0)?;
    let header_row = row;
    let header = styles.header(BODY_PT);
    for (c, text) in book.headers.iter().enumerate() {
        kit::write_text(sheet, row, c as u16, text, &header)?;
    }
    let lines = book.headers.iter().zip(&widths);
    let lines = lines.map(|(t, w)| kit::lines_in(t, BODY_PT, *w)).max();
    let height = kit::height_pt(lines.unwrap_or(1), BODY_PT);
    sheet.set_row_height(row, height.max(kit::HANDWRITING_PT))?;
    sheet.set_repeat_rows(header_row, header_row)?;
    sheet.set_freeze_panes(row + 1, 0)?;
    row += 1;
    let (left, centre) = (
        styles.cell(BODY_PT).set_indent(1),
        styles.cell(BODY_PT).set_align(FormatAlign::Center),
    );
    for r in &book.rows {
        let number = r.number.to_string();
        kit::write_text(sheet, row, 0, &number, &centre)?;
        kit::write_text(sheet, row, 1, &r.household, &centre)?;
        kit::write_text(sheet, row, 2, &r.names, &left)?;
        for (c, text) in r.boxes.iter().enumerate() {
            kit::write_text(sheet, row, (FIXED + c) as u16, text, &centre)?;
        }
        let lines = kit::lines_in(&r.names, BODY_PT, widths[2]);
        let height = kit::height_pt(lines, BODY_PT).max(kit::HANDWRITING_PT);
        sheet.set_row_height(row, height)?;
        row += 1;
    }
    for text in [&book.closing, &book.mark] {
        kit::write_across(sheet, row, last, text, &styles.body(NOTE_PT))?;
        sheet.set_row_height(row, kit::HANDWRITING_PT)?;
        row += 1;
    }
    kit::set_page(sheet, false);
    kit::set_head_and_foot(sheet, &book.title, &book.mark, &book.page_foot);
    sheet.set_print_area(0, 0, row - 1, last)?;
    Ok(())
}

/// Column widths in pixels that fill the page: what the boxes do not need is
/// room for names.
fn widths(book: &TickSheet) -> Vec<u32> {
    let groups = (book.headers.len() - FIXED) as u32;
    let room = kit::PORTRAIT_PX - ROW_PX - HOUSEHOLD_PX - NAMES_LEAST_PX;
    let boxes = (room / groups).min(96);
    let names = NAMES_LEAST_PX + room - boxes * groups;
    let mut widths = vec![ROW_PX, HOUSEHOLD_PX, names];
    widths.extend(std::iter::repeat_n(boxes, groups as usize));
    widths
}
