//! Where the bytes come from (a path, memory, or whatever can seek) and what kind of file they are.
//!
//! Knows signatures of file formats only, not their insides. Handed to the
//! workbook or the delimited-text reader.

use super::{ForeignFormat, TableError};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A file to open: by path, or already in memory.
pub enum TableInput {
    /// Opened for reading; stays open while the table is read.
    Path(PathBuf),
    /// The whole content.
    Bytes(Vec<u8>),
    /// Read piece by piece as it is needed, with its size in bytes.
    Stream(Box<dyn ReadSeek>, u64),
}

/// What can be read at any place.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl From<&Path> for TableInput {
    fn from(p: &Path) -> Self {
        TableInput::Path(p.to_owned())
    }
}
impl From<PathBuf> for TableInput {
    fn from(p: PathBuf) -> Self {
        TableInput::Path(p)
    }
}
impl From<Vec<u8>> for TableInput {
    fn from(b: Vec<u8>) -> Self {
        TableInput::Bytes(b)
    }
}

/// Seekable bytes with a known size.
pub(super) enum Source {
    File(BufReader<File>),
    Bytes(Cursor<Vec<u8>>),
    Stream(BufReader<Box<dyn ReadSeek>>),
}

impl Source {
    pub(super) fn open(input: TableInput, max_bytes: u64) -> Result<Source, TableError> {
        let (source, size) = match input {
            TableInput::Path(path) => {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                (Source::File(BufReader::with_capacity(1 << 16, file)), size)
            }
            TableInput::Bytes(bytes) => {
                let size = bytes.len() as u64;
                (Source::Bytes(Cursor::new(bytes)), size)
            }
            TableInput::Stream(inner, size) => (
                Source::Stream(BufReader::with_capacity(1 << 16, inner)),
                size,
            ),
        };
        if size > max_bytes {
            return Err(TableError::TooLarge {
                limit: max_bytes,
                unpacked: false,
            });
        }
        Ok(source)
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::File(f) => f.read(buf),
            Source::Bytes(b) => b.read(buf),
            Source::Stream(s) => s.read(buf),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, pos: SeekFrom) -> io::Result<u64> {
        match self {
            Source::File(f) => f.seek(pos),
            Source::Bytes(b) => b.seek(pos),
            Source::Stream(s) => s.seek(pos),
        }
    }
}

pub(super) enum Detected {
    Workbook,
    Text,
}

/// Bytes looked at to tell the format.
const SNIFF_BYTES: u64 = 8192;

/// Tells the format by content; `name_hint` only sharpens the refusal of a file
/// that is named `.xlsx` and is something else.
pub(super) fn detect(
    source: &mut (impl Read + Seek),
    name_hint: &str,
) -> Result<Detected, TableError> {
    let mut head = Vec::new();
    source.by_ref().take(SNIFF_BYTES).read_to_end(&mut head)?;
    source.rewind()?;
    if head.is_empty() {
        return Err(TableError::Empty);
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Detected::Workbook);
    }
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Err(TableError::Foreign(old_office(source)?));
    }
    if let Some(what) = signed(&head) {
        return Err(TableError::Foreign(what));
    }
    if name_hint.to_ascii_lowercase().ends_with(".xlsx") {
        return Err(TableError::Foreign(ForeignFormat::NotAWorkbook));
    }
    let utf16 = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    if !utf16 && head.contains(&0) {
        return Err(TableError::Foreign(ForeignFormat::Binary));
    }
    if looks_like_html(&head) {
        return Err(TableError::Foreign(ForeignFormat::Html));
    }
    Ok(Detected::Text)
}

/// Signatures that no text begins with.
const SIGNATURES: [(&[u8], ForeignFormat); 10] = [
    (b"%PDF-", ForeignFormat::Pdf),
    (b"\x89PNG\r\n", ForeignFormat::Picture),
    (b"\xFF\xD8\xFF", ForeignFormat::Picture),
    (b"GIF8", ForeignFormat::Picture),
    (b"II*\0", ForeignFormat::Picture),
    (b"MM\0*", ForeignFormat::Picture),
    (b"Rar!\x1A", ForeignFormat::Archive),
    (b"7z\xBC\xAF\x27\x1C", ForeignFormat::Archive),
    (b"\x1F\x8B", ForeignFormat::Archive),
    (b"PK\x05\x06", ForeignFormat::Archive),
];

fn signed(head: &[u8]) -> Option<ForeignFormat> {
    let known = SIGNATURES.iter().find(|(start, _)| head.starts_with(start));
    let brand = head.get(4..12).unwrap_or_default();
    // What telephones take: HEIC, and WebP from the web; BMP has zeros in its head.
    let photo = brand.starts_with(b"ftyp")
        || (head.starts_with(b"RIFF") && brand.ends_with(b"WEBP"))
        || (head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]));
    known
        .map(|(_, what)| *what)
        .or(photo.then_some(ForeignFormat::Picture))
}

fn looks_like_html(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<html", "<!doctype html", "<table", "<?xml", "<meta"]
        .iter()
        .any(|mark| text.starts_with(mark))
}

/// Names of streams in the directory of an OLE file, and what they make it; a
/// workbook with a password has one of its own.
const STREAMS: [(&str, ForeignFormat); 3] = [
    ("EncryptedPackage", ForeignFormat::Encrypted),
    ("WordDocument", ForeignFormat::Word),
    ("PowerPoint Document", ForeignFormat::Slides),
];

/// Which of the old formats an OLE file has; a workbook unless it says otherwise.
fn old_office(source: &mut impl Read) -> Result<ForeignFormat, TableError> {
    let needles = STREAMS.map(|(name, what)| {
        let bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        (bytes, what)
    });
    let longest = needles.iter().map(|(n, _)| n.len()).max().unwrap_or(0);
    let mut chunk = vec![0u8; 1 << 16];
    let mut kept = 0usize;
    loop {
        let n = source.read(&mut chunk[kept..])?;
        if n == 0 {
            return Ok(ForeignFormat::OldExcel);
        }
        let filled = kept + n;
        let holds = |needle: &[u8]| chunk[..filled].windows(needle.len()).any(|w| w == needle);
        if let Some((_, what)) = needles.iter().find(|(needle, _)| holds(needle)) {
            return Ok(*what);
        }
        kept = filled.min(longest - 1);
        chunk.copy_within(filled - kept..filled, 0);
    }
}
