//! What all workbooks share: fonts, file properties, page set-up, safe texts, and how
//! wide a text is on paper.
//!
//! May not know what a workbook is about. Sizes are in points, pixels of 1/96 inch
//! (Excel's column unit) and millimetres, and say which. Nothing here reads a clock:
//! the time of creation is passed in, so equal input gives equal bytes.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::collections::HashSet;
use thiserror::Error;
use zf_base::Timestamp;

/// Why a workbook cannot be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// More rows than a sheet holds.
    #[error("sheet {sheet} would need {rows} rows; Excel has 1,048,576")]
    TooManyRows {
        /// Name of the sheet.
        sheet: String,
        /// Rows asked for.
        rows: usize,
    },
    /// A sheet without columns, or a book without sheets.
    #[error("nothing to write: {0}")]
    Nothing(&'static str),
    /// The writer refused, e.g. a text of more than 32,767 characters.
    #[error("the workbook cannot be written: {0}")]
    Writer(#[from] XlsxError),
}

/// File properties.
#[derive(Clone, Debug)]
pub struct BookMeta {
    /// Title in the file's properties.
    pub title: String,
    /// Author in the file's properties, e.g. the system's name.
    pub author: String,
    /// When the workbook was made.
    pub created: Timestamp,
}

/// Fonts by the names they have on the readers' computers.
#[derive(Clone, Debug)]
pub struct Fonts {
    /// For titles and headers.
    pub title: String,
    /// For everything else.
    pub body: String,
}

/// Character set of the fonts: simplified Chinese. Makes Excel pick a Chinese
/// substitute where the font is missing.
const CHARSET_GB2312: u8 = 134;

/// Number format "text": what is typed stays as typed.
pub(crate) const TEXT_FORMAT: u8 = 49;

/// Rows of a sheet.
pub(crate) const GRID_ROWS: usize = 1_048_576;
/// Height of an A4 page between the margins, in points, less the closing lines.
pub(crate) fn page_height_pt(landscape: bool) -> f64 {
    let paper_mm = if landscape { 210.0 } else { 297.0 };
    (paper_mm - 2.0 * MARGIN_TOP_MM) / 25.4 * 72.0 - 2.0 * HANDWRITING_PT
}

/// Paper size A4 in Excel's numbering.
const A4: u8 = 9;
/// Margins left and right, top and bottom, header and footer, millimetres.
const MARGIN_SIDE_MM: f64 = 10.0;
const MARGIN_TOP_MM: f64 = 17.0;
const MARGIN_HEADER_MM: f64 = 8.0;
/// Usable width of an A4 page in pixels, less 3 % because printers and substitute
/// fonts make columns a little wider than Excel computes.
pub(crate) const PORTRAIT_PX: u32 = 696;
/// The same for landscape.
pub(crate) const LANDSCAPE_PX: u32 = 1_015;
/// Smallest row height for handwriting: 9.5 mm in points.
pub(crate) const HANDWRITING_PT: f64 = 27.0;

/// Formats of one workbook, made from its fonts.
pub(crate) struct Styles {
    fonts: Fonts,
}

impl Styles {
    pub(crate) fn new(fonts: &Fonts) -> Self {
        Styles {
            fonts: fonts.clone(),
        }
    }

    /// Plain text of that size, vertically centred, wrapped.
    pub(crate) fn body(&self, size_pt: f64) -> Format {
        Format::new()
            .set_font_name(&self.fonts.body)
            .set_font_charset(CHARSET_GB2312)
            .set_font_size(size_pt)
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap()
    }

    /// The same inside a thin grid.
    pub(crate) fn cell(&self, size_pt: f64) -> Format {
        self.body(size_pt).set_border(FormatBorder::Thin)
    }

    /// Bold, centred text of that size.
    pub(crate) fn title(&self, size_pt: f64) -> Format {
        Format::new()
            .set_font_name(&self.fonts.title)
            .set_font_charset(CHARSET_GB2312)
            .set_font_size(size_pt)
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap()
    }

    /// Header of a table.
    pub(crate) fn header(&self, size_pt: f64) -> Format {
        self.title(size_pt)
            .set_border(FormatBorder::Thin)
            .set_background_color(HEADER_FILL)
    }
}

/// Fill of table headers; light enough that toner and text both survive.
pub(crate) const HEADER_FILL: u32 = 0x00DD_E6EA;
/// Fill of headings inside a table.
pub(crate) const GROUP_FILL: u32 = 0x00F0_F0F0;
/// Fill of a box that must be seen.
pub(crate) const NOTICE_FILL: u32 = 0x00FF_F4D6;

/// A new workbook with its properties.
pub(crate) fn new_book(meta: &BookMeta) -> Result<Workbook, WriteError> {
    let created = ExcelDateTime::from_timestamp(meta.created.0.div_euclid(1_000_000))?;
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_title(&meta.title)
            .set_author(&meta.author)
            .set_creation_datetime(&created),
    );
    Ok(book)
}

/// Page set-up of everything that is printed: A4, one page wide, centred.
pub(crate) fn set_page(sheet: &mut Worksheet, landscape: bool) {
    let inch = |mm: f64| mm / 25.4;
    sheet.set_paper_size(A4);
    if landscape {
        sheet.set_landscape();
    } else {
        sheet.set_portrait();
    }
    sheet.set_margins(
        inch(MARGIN_SIDE_MM),
        inch(MARGIN_SIDE_MM),
        inch(MARGIN_TOP_MM),
        inch(MARGIN_TOP_MM),
        inch(MARGIN_HEADER_MM),
        inch(MARGIN_HEADER_MM),
    );
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_print_center_horizontally(true);
}

/// Running head and foot. `{page}` and `{pages}` in `foot` become the page numbers.
pub(crate) fn set_head_and_foot(sheet: &mut Worksheet, left: &str, right: &str, foot: &str) {
    let foot = running_text(foot)
        .replace("{page}", "&P")
        .replace("{pages}", "&N");
    // The blank keeps a leading digit from being read as part of the font size.
    let head = format!("&L&9 {}&R&9 {}", running_text(left), running_text(right));
    sheet.set_header(head);
    sheet.set_footer(format!("&C&9 {foot}"));
}

/// `&` starts a command in heads and feet; Excel takes 255 characters in all.
fn running_text(text: &str) -> String {
    text.chars().take(90).collect::<String>().replace('&', "&&")
}

/// A name Excel accepts that no earlier sheet has: without `[]:*?/\`, at most 31
/// characters, numbered when taken.
pub(crate) fn sheet_name(wanted: &str, taken: &mut HashSet<String>) -> String {
    let clean: String = wanted
        .chars()
        .map(|c| {
            if "[]:*?/\\".contains(c) || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim().trim_matches('\'');
    let clean = if clean.is_empty() { "1" } else { clean };
    let fit = |room: usize| -> String {
        let mut units = 0;
        let fits = |c: &char| {
            units += c.len_utf16();
            units <= room
        };
        clean.chars().take_while(fits).collect()
    };
    let mut name = fit(31);
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{} {n}", fit(26));
        n += 1;
    }
    name
}

/// A text somebody else wrote, as text: never a formula, never too long for a cell.
/// Marks what starts like a formula so that it stays text when edited.
pub(crate) fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), WriteError> {
    if text.is_empty() {
        sheet.write_blank(row, column, format)?;
        return Ok(());
    }
    if starts_like_formula(text) {
        let marked = format.clone().set_quote_prefix();
        sheet.write_string_with_format(row, column, text, &marked)?;
        return Ok(());
    }
    sheet.write_string_with_format(row, column, text, format)?;
    Ok(())
}

/// Whether a spreadsheet program could take the text for a formula.
pub(crate) fn starts_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// Writes across columns `0..=last` of one row.
pub(crate) fn write_across(
    sheet: &mut Worksheet,
    row: u32,
    last: u16,
    text: &str,
    format: &Format,
) -> Result<(), WriteError> {
    if last == 0 {
        return write_text(sheet, row, 0, text, format);
    }
    // `merge_range` guesses the type of a text; written again as what it is.
    sheet.merge_range(row, 0, row, last, "", format)?;
    write_text(sheet, row, 0, text, format)
}

/// Width of a text on one line, pixels: full-width characters one em, others half.
pub(crate) fn text_px(text: &str, size_pt: f64) -> u32 {
    let halves: u32 = text.chars().map(half_widths).sum();
    (f64::from(halves) * size_pt * 96.0 / 72.0 / 2.0).ceil() as u32
}

fn half_widths(c: char) -> u32 {
    match c as u32 {
        0..0x1100 => 1,
        0x2010..=0x2027 => 2,
        0x1100..=0x11FF | 0x2E80..=0xFFDC | 0xFFE0..=0xFFEF | 0x1F000.. => 2,
        _ => 1,
    }
}

/// Blank at both sides of a cell with an indent, pixels.
pub(crate) const CELL_PADDING_PX: u32 = 18;

/// Lines a text takes in a cell of that width.
pub(crate) fn lines_in(text: &str, size_pt: f64, width_px: u32) -> u32 {
    let room = width_px.saturating_sub(CELL_PADDING_PX).max(1);
    text.split('\n')
        .map(|line| text_px(line, size_pt).div_ceil(room).max(1))
        .sum()
}

/// Height of that many lines, points.
pub(crate) fn height_pt(lines: u32, size_pt: f64) -> f64 {
    // Excel's limit of a row is 409 points.
    (f64::from(lines) * size_pt * 1.35 + 5.0).min(409.0)
}
