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
pub(super) fn detect(source: &mut Source, name_hint: &str) -> Result<Detected, TableError> {
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
        let what = if is_encrypted_package(source)? {
            ForeignFormat::Encrypted
        } else {
            ForeignFormat::OldExcel
        };
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

fn looks_like_html(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    ["<html", "<!doctype html", "<table", "<?xml", "<meta"]
        .iter()
        .any(|mark| text.starts_with(mark))
}

/// A workbook with a password is an OLE file whose directory names "EncryptedPackage".
fn is_encrypted_package(source: &mut Source) -> Result<bool, TableError> {
    let needle: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut chunk = vec![0u8; 1 << 16];
    let mut kept = 0usize;
    loop {
        let n = source.read(&mut chunk[kept..])?;
        if n == 0 {
            return Ok(false);
        }
        let filled = kept + n;
        if chunk[..filled].windows(needle.len()).any(|w| w == needle) {
            return Ok(true);
        }
        kept = filled.min(needle.len() - 1);
        chunk.copy_within(filled - kept..filled, 0);
    }
}
