//! The uploaded file: cut into pieces, sealed, kept in the database until the
//! import has ended, read piece by piece for the run: a file of a million rows is
//! never in memory as a whole. Keeping it in the database
//! lets any worker of a larger installation resume it.

use super::store::*;
use std::io::{self, Read, Seek, SeekFrom};
use tokio::runtime::Handle;
use zf_base::ImportId;
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_office::TableInput;
use zf_store::params;

/// Bytes of one piece.
const PIECE: usize = 512 * 1024;
/// Pieces stored in one transaction.
const TOGETHER: usize = 8;

pub(super) fn context(id: ImportId, part: i64) -> String {
    format!("import/{id}/{part}")
}

/// Stores a file.
pub async fn file_put(app: &App, id: ImportId, bytes: &[u8]) -> Result<()> {
    let mut part = 0i64;
    for some in bytes.chunks(PIECE * TOGETHER) {
        let mut tx = app.db.begin().await?;
        for piece in some.chunks(PIECE) {
            let sealed = app.vault.seal_blob(&context(id, part), piece);
            tx.exec(IMPORT_FILE_ADD, params![id, part, sealed]).await?;
            part += 1;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Opens a file to be read piece by piece; none when it was dropped.
pub async fn file_open(app: &App, id: ImportId) -> Result<Option<TableInput>> {
    let Some(row) = app.db.query_opt(IMPORT_FILE_LAST, params![id]).await? else {
        return Ok(None);
    };
    let last: i64 = row.get(0)?;
    let sealed: Vec<u8> = row.get(1)?;
    let rest = app.vault.open_blob(&context(id, last), &sealed)?.len() as u64;
    let size = last.unsigned_abs() * PIECE as u64 + rest;
    let pieces = Pieces {
        app: app.clone(),
        id,
        runtime: Handle::current(),
        size,
        at: 0,
        first: 0,
        held: Vec::new(),
    };
    Ok(Some(TableInput::Stream(Box::new(pieces), size)))
}

/// A stored file as something that can be read at any place. Must be read on a
/// thread that may block. Holds what one query brings, up to eight MiB.
struct Pieces {
    app: App,
    id: ImportId,
    runtime: Handle,
    size: u64,
    at: u64,
    /// Number of the first piece held, and the pieces.
    first: u64,
    held: Vec<Vec<u8>>,
}

impl Pieces {
    /// Fetches the pieces from number `part` on.
    fn fetch(&mut self, part: u64) -> Result<()> {
        self.held.clear();
        self.first = part;
        let before = params![self.id, part as i64 - 1];
        let asked = self.app.db.query(IMPORT_FILE_PARTS, before);
        for row in self.runtime.block_on(asked)? {
            let sealed: Vec<u8> = row.get(1)?;
            let context = context(self.id, row.get(0)?);
            self.held.push(self.app.vault.open_blob(&context, &sealed)?);
        }
        Ok(())
    }
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || out.is_empty() {
            return Ok(0);
        }
        let part = self.at / PIECE as u64;
        let held = self.first..self.first + self.held.len() as u64;
        if !held.contains(&part) {
            self.fetch(part).map_err(io::Error::other)?;
        }
        let piece = self.held.get((part - self.first) as usize);
        let rest = piece.and_then(|p| p.get((self.at % PIECE as u64) as usize..));
        // Dropped meanwhile: the file is gone, not at its end.
        let rest = rest
            .filter(|r| !r.is_empty())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        let n = rest.len().min(out.len());
        out[..n].copy_from_slice(&rest[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Forgets a file.
pub async fn file_drop(app: &App, id: ImportId) -> Result<()> {
    app.db.exec(IMPORT_FILE_DROP, params![id]).await?;
    Ok(())
}
