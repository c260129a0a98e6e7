//! Reading a table somebody sends: `.xlsx` or delimited text, streamed row by row.
//!
//! Takes a path or bytes, tells the format by its content, finds the header row and
//! yields rows of text as a user sees them in Excel. May not know what a column
//! means; the caller passes the test for known headers. Nothing that was in a cell
//! ever gets into an error text. Hostile files are refused by [`Limits`], checked
//! both from the file's own figures and while inflating.

mod delimited;
mod header;
mod sheet;
mod source;
mod value;
mod workbook;
mod xml;

pub use header::{header_key, normalise_header};
pub use source::{ReadSeek, TableInput};

use source::{Detected, Source};
use thiserror::Error;

/// How much of a file is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file itself, bytes.
    pub max_bytes: u64,
    /// Sum of all parts of a workbook after inflating, bytes.
    pub max_uncompressed_bytes: u64,
    /// Shared texts of a workbook, which are held in memory, bytes.
    pub max_shared_text_bytes: u64,
    /// Rows of data (rows without any text are neither yielded nor counted).
    pub max_rows: u64,
    /// Columns that hold a text.
    pub max_columns: usize,
    /// Characters in one cell.
    pub max_cell_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 128 << 20,
            max_uncompressed_bytes: 1 << 30,
            max_shared_text_bytes: 256 << 20,
            max_rows: 1_048_575,
            max_columns: 256,
            max_cell_chars: 4_000,
        }
    }
}

/// Which sheet, and how much of it.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// Refusal limits.
    pub limits: Limits,
    /// Name of the sheet; `None` takes the first visible sheet that is not empty.
    pub sheet: Option<String>,
    /// Encoding of delimited text somebody has chosen; bytes it does not know become
    /// U+FFFD. `None` finds it out and refuses what it cannot read in full.
    pub encoding: Option<TextEncoding>,
    /// Row of the headers somebody has chosen, 1-based; `None` looks for it.
    pub header_row: Option<u64>,
}

/// Encodings of delimited text that can be told apart or chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8, with or without a mark at the start.
    Utf8,
    /// GB18030 and what it contains: GBK, GB2312.
    Gb18030,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl TextEncoding {
    /// All of them.
    pub const ALL: [TextEncoding; 4] = [
        TextEncoding::Utf8,
        TextEncoding::Gb18030,
        TextEncoding::Utf16Le,
        TextEncoding::Utf16Be,
    ];
    /// Name in the API and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            TextEncoding::Utf8 => "utf-8",
            TextEncoding::Gb18030 => "gb18030",
            TextEncoding::Utf16Le => "utf-16le",
            TextEncoding::Utf16Be => "utf-16be",
        }
    }
}

impl std::str::FromStr for TextEncoding {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        let s = s.trim().to_ascii_lowercase();
        Ok(match s.as_str() {
            "utf8" => TextEncoding::Utf8,
            "gbk" | "gb2312" => TextEncoding::Gb18030,
            _ => TextEncoding::ALL
                .into_iter()
                .find(|e| e.as_str() == s)
                .ok_or(())?,
        })
    }
}

/// What kind of file was sent instead of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// Excel 97–2003 (`.xls`): to be saved as `.xlsx` first.
    OldExcel,
    /// A workbook with a password.
    Encrypted,
    /// A web page with the ending `.xls`, as some systems export: to be saved as `.xlsx`.
    Html,
    /// A photograph or a scan.
    Picture,
    /// A PDF.
    Pdf,
    /// A text document of Word, old or new.
    Word,
    /// Slides of PowerPoint, old or new.
    Slides,
    /// A table or text of LibreOffice.
    OpenDocument,
    /// Packed files.
    Archive,
    /// Neither a workbook nor text.
    Binary,
    /// Named `.xlsx` but no workbook inside.
    NotAWorkbook,
}

/// Why a file or a row was refused. Rows are 1-based as in the file, columns 1-based.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file cannot be opened or read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Some other kind of file.
    #[error("not a table: {0:?}")]
    Foreign(ForeignFormat),
    /// No row with any text.
    #[error("the file has no row with text")]
    Empty,
    /// The named sheet does not exist.
    #[error("the workbook has no sheet of that name")]
    NoSuchSheet {
        /// Names of the sheets there are.
        sheets: Vec<String>,
    },
    /// More bytes than allowed, packed or unpacked.
    #[error("the file is larger than {limit} bytes{}", if *.unpacked { " when unpacked" } else { "" })]
    TooLarge {
        /// The limit that was passed, bytes.
        limit: u64,
        /// Whether the unpacked size was meant.
        unpacked: bool,
    },
    /// More rows than allowed.
    #[error("more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
    /// A text in a column beyond the limit.
    #[error("row {row} has more than {limit} columns")]
    TooManyColumns {
        /// Row in the file.
        row: u64,
        /// The limit.
        limit: usize,
    },
    /// A cell with more characters than allowed.
    #[error("row {row}, column {column}: more than {limit} characters")]
    CellTooLong {
        /// Row in the file.
        row: u64,
        /// Column in the file.
        column: usize,
        /// The limit, characters.
        limit: usize,
    },
    /// A quotation mark opens a cell and is never closed.
    #[error("row {row}, column {column}: the quotation mark is never closed")]
    QuoteNotClosed {
        /// Row in the file where the cell starts.
        row: u64,
        /// Column in the file.
        column: usize,
    },
    /// Bytes that are neither UTF-8 nor GB18030.
    #[error("line {line}: neither UTF-8 nor GB18030")]
    UnknownEncoding {
        /// Line of the first bad bytes (in the encoding that got further).
        line: u64,
    },
    /// A workbook whose parts contradict the format.
    #[error("the workbook is damaged: {what} in {part}{}", .row.map(|r| format!(", row {r}")).unwrap_or_default())]
    Damaged {
        /// Part of the workbook, e.g. `xl/worksheets/sheet1.xml`.
        part: String,
        /// What is wrong.
        what: &'static str,
        /// Row in the sheet, where known.
        row: Option<u64>,
    },
}

/// One row of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCells {
    /// 1-based, as Excel shows it for this file.
    pub row_number: u64,
    /// Trimmed texts; at least as many as there are headers, `""` where empty.
    pub cells: Vec<String>,
}

/// An opened table with its header row found.
pub struct Table {
    body: Body,
    limits: Limits,
    headers: Vec<String>,
    header_row: u64,
    estimated_rows: Option<u64>,
}

enum Body {
    Text(delimited::TextFile),
    Book(Box<workbook::Book>),
}

/// What is wrong with a file as far as its first bytes tell: it is empty, or
/// some other kind of file. A workbook or a text may still turn out to be none.
pub fn refused_at_sight(bytes: &[u8], name_hint: &str) -> Option<TableError> {
    source::detect(&mut std::io::Cursor::new(bytes), name_hint).err()
}

/// How many rows with text are looked at for the header row.
const HEADER_SEARCH_ROWS: usize = 10;
/// Where the search ends at the latest once there is a row with text, so that a short
/// list above a million empty rows is not read twice.
const HEADER_SEARCH_LAST_ROW: u64 = 1_000;

impl Table {
    /// Opens a file, tells its format by content and finds the header row: of the
    /// first ten rows with text the first with the most headers for which `known`
    /// says yes; without any known header, the first row with two texts or more.
    /// `name_hint` is the file's name (its ending decides nothing but error texts).
    ///
    /// # Errors
    /// Any [`TableError`] about the file or about the rows read for the headers.
    pub fn open(
        input: impl Into<TableInput>,
        name_hint: &str,
        options: &TableOptions,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Table, TableError> {
        let limits = options.limits;
        let mut source = Source::open(input.into(), limits.max_bytes)?;
        let (body, estimate) = match source::detect(&mut source, name_hint)? {
            Detected::Workbook => {
                let mut book = workbook::Book::open(source, &limits, options.sheet.as_deref())?;
                let rows = book.estimated_last_row();
                (Body::Book(Box::new(book)), rows)
            }
            Detected::Text => {
                let text = delimited::TextFile::open(source, &limits, options.encoding, known)?;
                let lines = text.lines();
                (Body::Text(text), Some(lines))
            }
        };
        let mut table = Table {
            body,
            limits,
            headers: Vec::new(),
            header_row: 0,
            estimated_rows: None,
        };
        let mut top = Vec::new();
        let mut raw = table.raw_rows()?;
        while top.len() < HEADER_SEARCH_ROWS || options.header_row.is_some() {
            let last = match options.header_row {
                Some(chosen) => chosen,
                None if top.is_empty() => u64::MAX,
                None => HEADER_SEARCH_LAST_ROW,
            };
            let Some(row) = raw.next_row(last)? else {
                break;
            };
            let at = row.row_number;
            match options.header_row {
                Some(chosen) if at < chosen => continue,
                Some(chosen) if at > chosen => break,
                _ => top.push(row),
            }
            if options.header_row == Some(at) {
                break;
            }
        }
        drop(raw);
        let (row, headers) = header::find(&top, known).ok_or(TableError::Empty)?;
        table.header_row = row;
        table.headers = headers;
        table.estimated_rows = estimate.map(|last| last.saturating_sub(row).min(limits.max_rows));
        Ok(table)
    }

    /// The headers, trimmed, full-width letters and digits made half-width, line
    /// breaks made blanks. Trailing empty ones are dropped.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The row of the headers, 1-based as in the file.
    pub fn header_row(&self) -> u64 {
        self.header_row
    }

    /// About how many rows of data follow; for progress only. `None` when the
    /// workbook does not say.
    pub fn estimated_rows(&self) -> Option<u64> {
        self.estimated_rows
    }

    /// Name of the sheet that is read; `None` for delimited text.
    pub fn sheet_name(&self) -> Option<&str> {
        match &self.body {
            Body::Book(book) => Some(book.sheet_name()),
            Body::Text(_) => None,
        }
    }

    /// The encoding that is read; `None` for a workbook.
    pub fn encoding(&self) -> Option<TextEncoding> {
        match &self.body {
            Body::Book(_) => None,
            Body::Text(text) => Some(text.encoding()),
        }
    }

    /// Reads the rows below the header row, from the start at every call. Rows
    /// without text are skipped. After an error the iterator ends.
    pub fn rows(&mut self) -> Rows<'_> {
        let (limits, header_row, width) = (self.limits, self.header_row, self.headers.len());
        let (raw, error) = match self.raw_rows() {
            Ok(raw) => (Some(raw), None),
            Err(e) => (None, Some(e)),
        };
        Rows {
            raw,
            error,
            limits,
            header_row,
            width,
            yielded: 0,
        }
    }

    fn raw_rows(&mut self) -> Result<RawRows<'_>, TableError> {
        Ok(match &mut self.body {
            Body::Text(text) => RawRows::Text(text.rows()?),
            Body::Book(book) => RawRows::Sheet(Box::new(book.rows()?)),
        })
    }
}

/// Rows of either format, empty ones left out.
enum RawRows<'a> {
    Text(delimited::TextRows<'a>),
    Sheet(Box<sheet::SheetRows<'a>>),
}

impl RawRows<'_> {
    /// The next row with text; the search among empty ones ends at row `last`.
    fn next_row(&mut self, last: u64) -> Result<Option<RowCells>, TableError> {
        loop {
            let row = match self {
                RawRows::Text(rows) => rows.next_row()?,
                RawRows::Sheet(rows) => rows.next_row()?,
            };
            let Some(row) = row else { return Ok(None) };
            if row.cells.iter().any(|c| !c.is_empty()) {
                return Ok(Some(row));
            }
            if row.row_number >= last {
                return Ok(None);
            }
        }
    }
}

/// Iterator over the rows of data. See [`Table::rows`].
pub struct Rows<'a> {
    raw: Option<RawRows<'a>>,
    error: Option<TableError>,
    limits: Limits,
    header_row: u64,
    width: usize,
    yielded: u64,
}

impl Rows<'_> {
    fn step(&mut self) -> Result<Option<RowCells>, TableError> {
        let Some(raw) = &mut self.raw else {
            return Ok(None);
        };
        loop {
            let Some(mut row) = raw.next_row(u64::MAX)? else {
                return Ok(None);
            };
            if row.row_number <= self.header_row {
                continue;
            }
            self.yielded += 1;
            if self.yielded > self.limits.max_rows {
                let limit = self.limits.max_rows;
                return Err(TableError::TooManyRows { limit });
            }
            if row.cells.len() < self.width {
                row.cells.resize(self.width, String::new());
            }
            return Ok(Some(row));
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RowCells, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(e) = self.error.take() {
            return Some(Err(e));
        }
        match self.step() {
            Ok(Some(row)) => Some(Ok(row)),
            Ok(None) => {
                self.raw = None;
                None
            }
            Err(e) => {
                self.raw = None;
                Some(Err(e))
            }
        }
    }
}
