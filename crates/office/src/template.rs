//! The empty workbook a bank fills in for an import.
//!
//! First sheet: one row of explanations, then the header row, then empty rows with the
//! right formats and choice lists. The explanations stand above the headers and the
//! examples on a sheet of their own, so that neither is ever read as data. Texts, lists
//! and examples come from the caller.

use crate::kit::{self, BookMeta, Fonts, Styles, WriteError};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Workbook, Worksheet,
};
use std::collections::HashSet;

/// What goes into a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateKind {
    /// Text; ID and phone numbers too, so that no digit is lost.
    Text,
    /// Whole number.
    Integer,
    /// Amount or other number with two decimals.
    Decimal,
    /// Day, `YYYY-MM-DD`.
    Date,
}

/// A column of the template.
#[derive(Clone, Debug)]
pub struct TemplateColumn {
    /// Header, one the import knows.
    pub header: String,
    /// Marked with `*` when true.
    pub required: bool,
    /// What to enter.
    pub explanation: String,
    /// Format of the cells.
    pub kind: TemplateKind,
    /// Allowed entries; empty = anything.
    pub choices: Vec<String>,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct TemplateBook {
    /// File properties.
    pub meta: BookMeta,
    /// Fonts.
    pub fonts: Fonts,
    /// Name of the sheet to fill in.
    pub sheet: String,
    /// Name of the sheet with examples.
    pub example_sheet: String,
    /// Columns; at least one.
    pub columns: Vec<TemplateColumn>,
    /// Example rows, as entered.
    pub examples: Vec<Vec<String>>,
    /// Shown when an entry is not in the list; up to 255 characters.
    pub choice_error: String,
    /// Rows that get formats and lists, 1…100,000.
    pub prepared_rows: u32,
}

/// Explanations above, headers below.
const HEADER_ROW: u32 = 1;
const BODY_PT: f64 = 11.0;
const NOTE_PT: f64 = 9.0;
/// Lists up to this many characters fit into the rule itself; Excel's limit is 255.
const INLINE_LIST_CHARS: usize = 250;
const LIST_SHEET: &str = "lists";

/// Writes the workbook.
///
/// # Errors
/// No column, or texts Excel does not take.
pub fn write_template(book: &TemplateBook) -> Result<Vec<u8>, WriteError> {
    if book.columns.is_empty() {
        return Err(WriteError::Nothing("no column"));
    }
    let mut out = kit::new_book(&book.meta)?;
    let styles = Styles::new(&book.fonts);
    let mut taken = HashSet::from([LIST_SHEET.to_owned()]);
    let rows = book.prepared_rows.clamp(1, 100_000);
    let name = kit::sheet_name(&book.sheet, &mut taken);
    let main = out.add_worksheet().set_name(name)?;
    write_headers(main, book, &styles)?;
    for (c, column) in book.columns.iter().enumerate() {
        // The whole column, so that row 100,001 still keeps its leading zeros.
        main.set_column_format(c as u16, &cell_format(&styles, column.kind))?;
        if let Some(rule) = choice_rule(book, c)? {
            main.add_data_validation(HEADER_ROW + 1, c as u16, HEADER_ROW + rows, c as u16, &rule)?;
        }
    }
    main.set_freeze_panes(HEADER_ROW + 1, 0)?;
    if !book.examples.is_empty() {
        let name = kit::sheet_name(&book.example_sheet, &mut taken);
        let sheet = out.add_worksheet().set_name(name)?;
        write_headers(sheet, book, &styles)?;
        write_examples(sheet, book, &styles)?;
    }
    write_long_lists(&mut out, book)?;
    Ok(out.save_to_buffer()?)
}

fn write_headers(
    sheet: &mut Worksheet,
    book: &TemplateBook,
    styles: &Styles,
) -> Result<(), WriteError> {
    let note = styles
        .body(NOTE_PT)
        .set_align(FormatAlign::Top)
        .set_font_color(0x0055_5555);
    let (required, optional) = (
        styles.header(BODY_PT),
        styles.header(BODY_PT).set_background_color(kit::GROUP_FILL),
    );
    let mut height: f64 = 20.0;
    for (c, column) in book.columns.iter().enumerate() {
        let width = column_px(book, c);
        sheet.set_column_width_pixels(c as u16, width)?;
        kit::write_text(sheet, 0, c as u16, &column.explanation, &note)?;
        height = height.max(kit::height_pt(
            kit::lines_in(&column.explanation, NOTE_PT, width),
            NOTE_PT,
        ));
        let (mark, format) = if column.required {
            ("*", &required)
        } else {
            ("", &optional)
        };
        kit::write_text(
            sheet,
            HEADER_ROW,
            c as u16,
            &format!("{}{mark}", column.header),
            format,
        )?;
    }
    sheet.set_row_height(0, height)?;
    sheet.set_row_height(HEADER_ROW, 24.0)?;
    kit::set_page(sheet, true);
    Ok(())
}

fn column_px(book: &TemplateBook, c: usize) -> u32 {
    let column = &book.columns[c];
    let entries = book
        .examples
        .iter()
        .filter_map(|row| row.get(c))
        .chain(&column.choices);
    let widest = entries.map(|t| kit::text_px(t, BODY_PT)).max().unwrap_or(0);
    let header = kit::text_px(&column.header, BODY_PT) + 24;
    (widest.max(header) + kit::CELL_PADDING_PX).clamp(90, 300)
}

fn cell_format(styles: &Styles, kind: TemplateKind) -> Format {
    let cell = styles.body(BODY_PT).unset_text_wrap();
    match kind {
        TemplateKind::Text => cell.set_num_format_index(kit::TEXT_FORMAT),
        TemplateKind::Integer => cell.set_num_format("0"),
        TemplateKind::Decimal => cell.set_num_format("#,##0.00"),
        TemplateKind::Date => cell.set_num_format("yyyy-mm-dd"),
    }
}

fn write_examples(
    sheet: &mut Worksheet,
    book: &TemplateBook,
    styles: &Styles,
) -> Result<(), WriteError> {
    let format = styles.cell(BODY_PT).set_num_format_index(kit::TEXT_FORMAT);
    for (r, row) in book.examples.iter().enumerate() {
        for (c, text) in row.iter().enumerate().take(book.columns.len()) {
            kit::write_text(sheet, HEADER_ROW + 1 + r as u32, c as u16, text, &format)?;
        }
    }
    Ok(())
}

fn fits_inline(choices: &[String]) -> bool {
    let chars: usize = choices.iter().map(|c| c.chars().count() + 1).sum();
    chars <= INLINE_LIST_CHARS && !choices.iter().any(|c| c.contains([',', '"']))
}

fn choice_rule(book: &TemplateBook, c: usize) -> Result<Option<DataValidation>, WriteError> {
    let choices = &book.columns[c].choices;
    if choices.is_empty() {
        return Ok(None);
    }
    let rule = if fits_inline(choices) {
        DataValidation::new().allow_list_strings(choices)?
    } else {
        let letter = column_letters(c);
        let area = format!("={LIST_SHEET}!${letter}$1:${letter}${}", choices.len());
        DataValidation::new().allow_list_formula(Formula::new(area))
    };
    let message: String = book.choice_error.chars().take(255).collect();
    let rule = rule.set_error_style(DataValidationErrorStyle::Stop);
    if message.is_empty() {
        return Ok(Some(rule));
    }
    Ok(Some(rule.set_error_message(message)?))
}

fn column_letters(mut c: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'A' + (c % 26) as u8));
        if c < 26 {
            return letters;
        }
        c = c / 26 - 1;
    }
}

/// Lists too long for a rule stand in a hidden sheet, each in the column it is for.
fn write_long_lists(out: &mut Workbook, book: &TemplateBook) -> Result<(), WriteError> {
    let long = || {
        let all = book.columns.iter().enumerate();
        all.filter(|(_, column)| !column.choices.is_empty() && !fits_inline(&column.choices))
    };
    if long().next().is_none() {
        return Ok(());
    }
    let sheet = out.add_worksheet().set_name(LIST_SHEET)?;
    for (c, column) in long() {
        for (r, choice) in column.choices.iter().enumerate() {
            sheet.write_string(r as u32, c as u16, choice)?;
        }
    }
    sheet.set_hidden(true);
    Ok(())
}
