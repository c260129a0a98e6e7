//! Delimited text (`.csv`): encoding, delimiter, quotes, rows.
//!
//! An own parser instead of the `csv` crate because a user needs the row number Excel
//! shows (blank lines counted, line breaks inside quotes not), and because a
//! quotation mark that is never closed must be reported where it opens instead of
//! swallowing the file. Tests compare it with the `csv` crate. Encoding is decided
//! by reading the whole file once.

use super::header::normalise_header;
use super::source::Source;
use super::value::clean;
use super::{Limits, RowCells, TableError, TextEncoding};
use encoding_rs::{
    CoderResult, Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE,
};
use std::io::{self, Read, Seek};

const CHUNK_BYTES: usize = 1 << 16;
/// Rows looked at to tell the delimiter.
const SAMPLE_ROWS: usize = 20;

/// An opened text file.
pub(super) struct TextFile {
    source: Source,
    encoding: &'static Encoding,
    delimiter: u8,
    lines: u64,
    limits: Limits,
}

impl TextFile {
    pub(super) fn open(
        mut source: Source,
        limits: &Limits,
        chosen: Option<TextEncoding>,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<TextFile, TableError> {
        let (encoding, lines) = match chosen {
            None => detect_encoding(&mut source)?,
            Some(chosen) => (encoding_of(chosen), count_lines(&mut source)?),
        };
        let mut file = TextFile {
            source,
            encoding,
            delimiter: b',',
            lines,
            limits: *limits,
        };
        file.delimiter = file.detect_delimiter(known)?;
        Ok(file)
    }

    /// How its bytes are read.
    pub(super) fn encoding(&self) -> TextEncoding {
        let all = TextEncoding::ALL.into_iter();
        let mut same = all.filter(|e| encoding_of(*e) == self.encoding);
        same.next().unwrap_or(TextEncoding::Utf8)
    }

    /// Lines of the file.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Reads from the start.
    pub(super) fn rows(&mut self) -> Result<TextRows<'_>, TableError> {
        let (delimiter, limits) = (self.delimiter, self.limits);
        Ok(Parser::new(self.decoded()?, delimiter, limits))
    }

    fn decoded(&mut self) -> Result<Decoded<'_>, TableError> {
        self.source.rewind()?;
        Ok(Decoded {
            source: &mut self.source,
            decoder: self.encoding.new_decoder_with_bom_removal(),
            chunk: vec![0; CHUNK_BYTES],
            start: 0,
            end: 0,
            at_end: false,
            finished: false,
        })
    }

    /// The delimiter that yields the most known headers, then the most regular rows.
    fn detect_delimiter(&mut self, known: &dyn Fn(&str) -> bool) -> Result<u8, TableError> {
        let mut sample = vec![0; CHUNK_BYTES * 2];
        let mut reader = self.decoded()?;
        let mut filled = 0;
        while filled < sample.len() {
            match reader.read(&mut sample[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        drop(reader);
        sample.truncate(filled);
        let mut best = (b',', (0, 0));
        for delimiter in [b',', b'\t', b';'] {
            let score = score(&sample, delimiter, self.limits, known);
            if score > best.1 {
                best = (delimiter, score);
            }
        }
        Ok(best.0)
    }
}

fn score(
    sample: &[u8],
    delimiter: u8,
    limits: Limits,
    known: &dyn Fn(&str) -> bool,
) -> (usize, usize) {
    let mut parser = Parser::new(sample, delimiter, limits);
    let (mut headers, mut widths) = (0, Vec::new());
    // The sample may end inside a row or a quotation; what was read until then counts.
    while widths.len() < SAMPLE_ROWS {
        let Ok(Some(row)) = parser.next_row() else {
            break;
        };
        let hits = row
            .cells
            .iter()
            .filter(|c| known(&normalise_header(c)))
            .count();
        headers = headers.max(hits);
        widths.push(row.cells.len() - 1);
    }
    let regular = widths
        .iter()
        .map(|w| w * widths.iter().filter(|v| *v == w).count())
        .max()
        .unwrap_or(0);
    (headers, regular)
}

fn encoding_of(encoding: TextEncoding) -> &'static Encoding {
    match encoding {
        TextEncoding::Utf8 => UTF_8,
        TextEncoding::Gb18030 => GB18030,
        TextEncoding::Utf16Le => UTF_16LE,
        TextEncoding::Utf16Be => UTF_16BE,
    }
}

/// Counts the lines of a text as it is read; the last one need not be ended.
#[derive(Default)]
struct Lines {
    ended: u64,
    open: bool,
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) {
        self.ended += bytes.iter().filter(|b| **b == b'\n').count() as u64;
        if !bytes.is_empty() {
            // The second byte of a line feed in UTF-16 opens no line.
            self.open = !bytes.ends_with(b"\n") && !bytes.ends_with(b"\n\0");
        }
    }
    fn count(&self) -> u64 {
        self.ended + u64::from(self.open)
    }
}

/// Line ends of a file as bytes: the line feed is one byte of its own in all of them.
fn count_lines(source: &mut Source) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut lines = Lines::default();
    loop {
        match source.read(&mut chunk)? {
            0 => return Ok(lines.count()),
            n => lines.take(&chunk[..n]),
        }
    }
}

/// UTF-8 if the whole file is, else GB18030 if the whole file is; a mark at the start
/// of the file (also of UTF-16) wins. Returns the number of lines too.
fn detect_encoding(source: &mut Source) -> Result<(&'static Encoding, u64), TableError> {
    let mut head = [0; 3];
    let mut filled = 0;
    while filled < head.len() {
        match source.read(&mut head[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    let candidates = match Encoding::for_bom(&head[..filled]) {
        Some((encoding, _)) => vec![encoding],
        None => vec![UTF_8, GB18030],
    };
    let mut furthest = 0;
    for encoding in candidates {
        source.rewind()?;
        match validate(source, encoding)? {
            Ok(lines) => return Ok((encoding, lines)),
            Err(line) => furthest = furthest.max(line),
        }
    }
    Err(TableError::UnknownEncoding { line: furthest })
}

/// Number of lines, or the line of the first malformed bytes.
fn validate(source: &mut Source, encoding: &'static Encoding) -> io::Result<Result<u64, u64>> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut text = vec![0; CHUNK_BYTES * 3 + 16];
    let mut lines = Lines::default();
    loop {
        let n = source.read(&mut chunk)?;
        let mut rest = &chunk[..n];
        loop {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(rest, &mut text, n == 0);
            lines.take(&text[..written]);
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return Ok(Err(lines.ended + 1)),
            }
        }
        if n == 0 {
            return Ok(Ok(lines.count()));
        }
    }
}

/// The file as UTF-8.
pub(super) struct Decoded<'a> {
    source: &'a mut Source,
    decoder: Decoder,
    chunk: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    /// A decoder that was told of the end must not be called again.
    finished: bool,
}

impl Read for Decoded<'_> {
    /// `out` must have room for one character; all callers pass whole chunks.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.len() < 16 || self.finished {
            return Ok(0);
        }
        loop {
            if self.start == self.end && !self.at_end {
                self.start = 0;
                self.end = self.source.read(&mut self.chunk)?;
                self.at_end = self.end == 0;
            }
            let input = &self.chunk[self.start..self.end];
            let (result, read, written, _) = self.decoder.decode_to_utf8(input, out, self.at_end);
            self.start += read;
            self.finished = self.at_end && result == CoderResult::InputEmpty;
            if written > 0 || self.finished {
                return Ok(written);
            }
        }
    }
}

/// Rows of a text file.
pub(super) type TextRows<'a> = Parser<Decoded<'a>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the cell seen yet.
    CellStart,
    /// In a cell without quotes, or behind the closing quote.
    Plain,
    /// Between quotes.
    Quoted,
    /// A quote inside quotes: the end, or the first of a doubled one.
    QuoteInQuotes,
}

/// Splits UTF-8 into rows and cells.
pub(super) struct Parser<R> {
    input: R,
    delimiter: u8,
    limits: Limits,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    row: u64,
    skip_line_feed: bool,
}

impl<R: Read> Parser<R> {
    fn new(input: R, delimiter: u8, limits: Limits) -> Self {
        Parser {
            input,
            delimiter,
            limits,
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            end: 0,
            row: 0,
            skip_line_feed: false,
        }
    }

    fn next_byte(&mut self) -> Result<Option<u8>, TableError> {
        if self.start == self.end {
            self.start = 0;
            self.end = self.input.read(&mut self.buffer)?;
            if self.end == 0 {
                return Ok(None);
            }
        }
        let byte = self.buffer[self.start];
        self.start += 1;
        Ok(Some(byte))
    }

    /// The next row, blank lines included.
    pub(super) fn next_row(&mut self) -> Result<Option<RowCells>, TableError> {
        self.row += 1;
        let mut cells = Vec::new();
        let mut cell: Vec<u8> = Vec::new();
        let mut state = State::CellStart;
        let mut any = false;
        loop {
            let Some(byte) = self.next_byte()? else {
                if state == State::Quoted {
                    let (row, column) = (self.row, cells.len() + 1);
                    return Err(TableError::QuoteNotClosed { row, column });
                }
                if !any {
                    return Ok(None);
                }
                self.end_cell(&mut cell, &mut cells)?;
                break;
            };
            if self.skip_line_feed {
                self.skip_line_feed = false;
                if byte == b'\n' {
                    continue;
                }
            }
            any = true;
            let closes = state != State::Quoted;
            match byte {
                b'"' if state == State::CellStart => state = State::Quoted,
                b'"' if state == State::Quoted => state = State::QuoteInQuotes,
                b'"' if state == State::QuoteInQuotes => {
                    cell.push(b'"');
                    state = State::Quoted;
                }
                b'\r' | b'\n' if closes => {
                    self.skip_line_feed = byte == b'\r';
                    self.end_cell(&mut cell, &mut cells)?;
                    break;
                }
                _ if byte == self.delimiter && closes => {
                    self.end_cell(&mut cell, &mut cells)?;
                    state = State::CellStart;
                }
                _ => {
                    cell.push(byte);
                    if closes {
                        state = State::Plain;
                    }
                    self.check_length(&cell, cells.len() + 1, state)?;
                }
            }
        }
        Ok(Some(RowCells {
            row_number: self.row,
            cells,
        }))
    }

    /// Bounds the memory while a cell grows; four bytes is the longest character.
    fn check_length(&self, cell: &[u8], column: usize, state: State) -> Result<(), TableError> {
        let limit = self.limits.max_cell_chars;
        if cell.len() <= limit.saturating_mul(4) {
            return Ok(());
        }
        let row = self.row;
        if state == State::Quoted {
            return Err(TableError::QuoteNotClosed { row, column });
        }
        Err(TableError::CellTooLong { row, column, limit })
    }

    fn end_cell(&self, cell: &mut Vec<u8>, cells: &mut Vec<String>) -> Result<(), TableError> {
        let limit = self.limits.max_cell_chars;
        // Valid UTF-8 by construction: the input was decoded and is cut at ASCII bytes.
        let text = String::from_utf8_lossy(cell);
        let text = clean(&text);
        if text.len() > limit && text.chars().count() > limit {
            let (row, column) = (self.row, cells.len() + 1);
            return Err(TableError::CellTooLong { row, column, limit });
        }
        if cells.len() >= self.limits.max_columns {
            if !text.is_empty() {
                let (row, limit) = (self.row, self.limits.max_columns);
                return Err(TableError::TooManyColumns { row, limit });
            }
        } else {
            cells.push(text.to_owned());
        }
        cell.clear();
        Ok(())
    }
}
