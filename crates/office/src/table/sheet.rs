//! The rows of one sheet, streamed.
//!
//! Reads `row`, `c`, `v`, `t` elements of a worksheet part and turns every cell into
//! text with the workbook's shared texts and formats. Merged cells keep the text in
//! the first cell, because that is where the file has it. Positions outside of
//! Excel's grid are damage, not memory.

use super::source::Source;
use super::value::{self, CellFormat};
use super::workbook::SharedTexts;
use super::xml::{XmlPart, attr, damaged, push_entity};
use super::{Limits, RowCells, TableError};
use quick_xml::events::{BytesStart, Event};
use zip::read::ZipFile;

/// Excel's grid.
const GRID_ROWS: u64 = 1_048_576;
const GRID_COLUMNS: usize = 16_384;

/// What of the workbook a sheet needs.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) texts: &'a SharedTexts,
    pub(super) formats: &'a [CellFormat],
    pub(super) date1904: bool,
    pub(super) limits: Limits,
}

/// A sheet being read.
pub(super) struct SheetRows<'a> {
    xml: XmlPart<ZipFile<'a, Source>>,
    context: Context<'a>,
    row: u64,
    in_data: bool,
    ended: bool,
}

/// How the content of a cell is to be read.
#[derive(Clone, Copy)]
enum CellType {
    Shared,
    Text,
    Bool,
    Date,
    Number,
}

impl<'a> SheetRows<'a> {
    pub(super) fn new(xml: XmlPart<ZipFile<'a, Source>>, context: Context<'a>) -> Self {
        SheetRows {
            xml,
            context,
            row: 0,
            in_data: false,
            ended: false,
        }
    }

    /// Bytes inflated so far.
    pub(super) fn used(&self) -> u64 {
        self.xml.used()
    }

    /// The next row as it is in the file, empty ones included.
    pub(super) fn next_row(&mut self) -> Result<Option<RowCells>, TableError> {
        if self.ended {
            return Ok(None);
        }
        loop {
            match self.xml.next()? {
                Event::Start(e) if e.local_name().as_ref() == "sheetData" => self.in_data = true,
                Event::Start(e) if e.local_name().as_ref() == "row" && self.in_data => {
                    let stated = attr(&e, "r").map(|r| r.trim().parse::<u64>());
                    let row = match stated {
                        None => self.row + 1,
                        Some(Ok(r)) if (1..=GRID_ROWS).contains(&r) => r,
                        Some(_) => return Err(self.damage("row number")),
                    };
                    self.row = row;
                    return self.cells().map(Some);
                }
                Event::End(e) if e.local_name().as_ref() == "sheetData" => {
                    self.ended = true;
                    return Ok(None);
                }
                Event::Eof => return Err(self.damage("the end is missing")),
                _ => {}
            }
        }
    }

    fn damage(&self, what: &'static str) -> TableError {
        TableError::Damaged {
            part: self.xml.part().to_owned(),
            what,
            row: (self.row > 0).then_some(self.row),
        }
    }

    fn cells(&mut self) -> Result<RowCells, TableError> {
        let mut cells: Vec<String> = Vec::new();
        let mut next_column = 0;
        loop {
            let (column, kind, style) = match self.xml.next()? {
                Event::Start(e) if e.local_name().as_ref() == "c" => {
                    match cell_head(&e, next_column) {
                        Some(head) => head,
                        None => return Err(self.damage("cell position")),
                    }
                }
                Event::End(e) if e.local_name().as_ref() == "row" => break,
                Event::Eof => return Err(self.damage("the end is missing")),
                _ => continue,
            };
            next_column = column + 1;
            let text = self.cell_text(column, kind, style)?;
            if text.is_empty() {
                continue;
            }
            let limit = self.context.limits.max_columns;
            if column >= limit {
                let row = self.row;
                return Err(TableError::TooManyColumns { row, limit });
            }
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
        Ok(RowCells {
            row_number: self.row,
            cells,
        })
    }

    /// Reads up to the end of the cell and renders it.
    fn cell_text(
        &mut self,
        column: usize,
        kind: CellType,
        style: usize,
    ) -> Result<String, TableError> {
        let raw = self.raw_text()?;
        let format = self
            .context
            .formats
            .get(style)
            .copied()
            .unwrap_or(CellFormat::Number);
        let limit = self.context.limits.max_cell_chars;
        let text = match kind {
            _ if raw.is_empty() => return Ok(String::new()),
            CellType::Shared => match raw
                .trim()
                .parse()
                .ok()
                .and_then(|i| self.context.texts.get(i))
            {
                Some(text) => value::clean(text).to_owned(),
                None => return Err(self.damage("number of a shared text")),
            },
            CellType::Text => value::clean(&value::unescape_excel(&raw)).to_owned(),
            CellType::Bool if matches!(raw.trim(), "1" | "true") => "TRUE".to_owned(),
            CellType::Bool => "FALSE".to_owned(),
            CellType::Date => value::iso_date_text(&raw),
            CellType::Number => value::number_text(&raw, format, self.context.date1904),
        };
        if text.len() > limit && text.chars().count() > limit {
            let (row, column) = (self.row, column + 1);
            return Err(TableError::CellTooLong { row, column, limit });
        }
        Ok(text)
    }

    /// The content of `v`, or of the `t` elements of an inline text; formulas and
    /// reading aids (`rPh`) are left out.
    fn raw_text(&mut self) -> Result<String, TableError> {
        let mut raw = String::new();
        let mut wanted = false;
        let mut phonetic = false;
        loop {
            match self.xml.next()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "v" | "t" => wanted = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "v" | "t" => wanted = false,
                    "rPh" => phonetic = false,
                    "c" => return Ok(raw),
                    _ => {}
                },
                Event::Text(t) if wanted => raw.push_str(&t.xml10_content()),
                Event::CData(t) if wanted => raw.push_str(&t.xml10_content()),
                Event::GeneralRef(r) if wanted => push_entity(&mut raw, &r),
                Event::Eof => return Err(damaged(self.xml.part(), "the end is missing")),
                _ => {}
            }
            // A text made of very many small pieces passes the event limit.
            if raw.len() > super::workbook::MAX_TEXT_BYTES {
                return Err(self.damage("text longer than Excel allows"));
            }
        }
    }
}

/// Column (0-based), type and style of a cell; `None` for a position off the grid.
fn cell_head(e: &BytesStart<'_>, next_column: usize) -> Option<(usize, CellType, usize)> {
    let (mut column, mut kind, mut style) = (next_column, CellType::Number, 0);
    for a in e.attributes().with_checks(false).flatten() {
        match a.key.as_ref() {
            "r" => column = column_of(&a.value)?,
            "s" => style = a.value.trim().parse().unwrap_or(0),
            "t" => {
                kind = match a.value.as_ref() {
                    "s" => CellType::Shared,
                    "b" => CellType::Bool,
                    "d" => CellType::Date,
                    "str" | "inlineStr" | "e" => CellType::Text,
                    _ => CellType::Number,
                }
            }
            _ => {}
        }
    }
    (column < GRID_COLUMNS).then_some((column, kind, style))
}

/// 0-based column of a reference such as `AB12`.
pub(super) fn column_of(reference: &str) -> Option<usize> {
    let mut column = 0usize;
    let mut letters = 0;
    for b in reference.bytes().take_while(u8::is_ascii_alphabetic) {
        letters += 1;
        if letters > 3 {
            return None;
        }
        column = column * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1;
    }
    (1..=GRID_COLUMNS).contains(&column).then(|| column - 1)
}

/// Row of a reference such as `AB12`.
pub(super) fn row_of(reference: &str) -> Option<u64> {
    let digits = reference.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$');
    digits.parse().ok().filter(|r| (1..=GRID_ROWS).contains(r))
}
