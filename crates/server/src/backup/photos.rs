//! The photos in a backup: behind the database the sealed pieces follow one
//! after another, as they lie in the data folder, then their number.
//!
//! ```text
//! { 1 · branch 16 · upload 16 · place 8 · length 4 · sealed piece }… 0 · number of pieces 8
//! ```
//! They are read after the copy of the database is taken, so whatever a row of
//! the copy calls whole was there to be read. Reading a backup, each piece is
//! opened, and what came out is noted in a file of fixed rows that is compared
//! with the database page by page: nothing here grows with the photos. Knows no
//! table; what a photo is, `zf_field::blob::keep` says.

use super::format::{SealedReader, SealedWriter, damaged};
use crate::error::Result;
use crate::words;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use zf_base::{UnitId, Uuid};
use zf_field::blob::keep::{
    Checker, Found, Kept, PIECE_SEALED_MAX, Piece, photo_named, photos_kept, piece_put, pieces_each,
};
use zf_kernel::App;
use zf_vault::Keyring;

const ANOTHER: [u8; 1] = [1];
const NO_MORE: [u8; 1] = [0];
/// So many photos are asked for at a time.
const PAGE: i64 = 500;
/// So many damaged photos are named; the rest is a number.
const NAMED_MAX: usize = 50;

/// Photos that the database calls whole, and their bytes.
pub async fn kept(copy: &App) -> Result<(u64, u64)> {
    let (mut photos, mut bytes) = (0, 0);
    let mut all = AllKept::of(copy);
    while let Some(one) = all.next().await? {
        (photos, bytes) = (photos + 1, bytes + one.size);
    }
    Ok((photos, bytes))
}

/// Writes every stored piece; gives how many could not be read.
pub fn put<W: Write>(sealed: &mut SealedWriter<'_, W>, root: Option<&Path>) -> Result<u64> {
    let (mut pieces, mut unreadable) = (0u64, 0);
    if let Some(root) = root {
        unreadable = pieces_each(root, |piece, bytes| {
            pieces += 1;
            sealed.put(&ANOTHER)?;
            sealed.put(piece.unit.uuid().as_bytes())?;
            sealed.put(piece.photo.as_bytes())?;
            sealed.put(&piece.offset.to_be_bytes())?;
            sealed.put(&(bytes.len() as u32).to_be_bytes())?;
            sealed.put(bytes)
        })?;
    }
    sealed.put(&NO_MORE)?;
    sealed.put(&pieces.to_be_bytes())?;
    Ok(unreadable)
}

/// Reads the pieces, opens each, puts them below `into` when there is one, and
/// notes in `seen` what every photo is.
pub fn take<R: Read>(
    reader: &mut SealedReader<'_, R>,
    ring: &Keyring,
    into: Option<&Path>,
    seen: &Path,
) -> Result<()> {
    let mut note = BufWriter::new(File::create_new(seen)?);
    let (mut checker, mut pieces) = (Checker::default(), 0u64);
    let mut sealed = Vec::new();
    while reader.number()? == ANOTHER {
        let piece = Piece {
            unit: UnitId(Uuid::from_bytes(reader.number()?)),
            photo: Uuid::from_bytes(reader.number()?),
            offset: u64::from_be_bytes(reader.number()?),
        };
        let length = u32::from_be_bytes(reader.number()?) as usize;
        if length > PIECE_SEALED_MAX {
            return Err(damaged());
        }
        sealed.resize(length, 0);
        reader.exact(&mut sealed)?;
        pieces += 1;
        if let Some(found) = checker.feed(ring, &piece, &sealed) {
            write(&mut note, &found)?;
        }
        if let Some(into) = into {
            piece_put(into, &piece, &sealed)?;
        }
    }
    if let Some(found) = checker.end() {
        write(&mut note, &found)?;
    }
    if u64::from_be_bytes(reader.number()?) != pieces {
        return Err(damaged());
    }
    note.flush()?;
    Ok(())
}

/// A row of the note: branch, upload, bytes, SHA-256, whether a piece did not
/// open and where.
const ROW: usize = 16 + 16 + 8 + 32 + 1 + 8;

fn write(note: &mut impl Write, found: &Found) -> Result<()> {
    note.write_all(found.unit.uuid().as_bytes())?;
    note.write_all(found.photo.as_bytes())?;
    note.write_all(&found.bytes.to_be_bytes())?;
    note.write_all(&found.sha256)?;
    note.write_all(&[u8::from(found.broken.is_some())])?;
    Ok(note.write_all(&found.broken.unwrap_or(0).to_be_bytes())?)
}

/// The note of [`take`] row by row.
struct Seen {
    rows: BufReader<File>,
}

impl Seen {
    fn next(&mut self) -> Result<Option<Found>> {
        let mut row = [0u8; ROW];
        if self.rows.fill_buf()?.is_empty() {
            return Ok(None);
        }
        self.rows.read_exact(&mut row)?;
        let mut rest = row.as_slice();
        let unit = UnitId(Uuid::from_bytes(head(&mut rest)));
        let photo = Uuid::from_bytes(head(&mut rest));
        let bytes = u64::from_be_bytes(head(&mut rest));
        let sha256 = head(&mut rest);
        let [is_broken] = head(&mut rest);
        let at = u64::from_be_bytes(head(&mut rest));
        Ok(Some(Found {
            unit,
            photo,
            bytes,
            sha256,
            broken: (is_broken != 0).then_some(at),
        }))
    }
}

fn head<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let mut out = [0u8; N];
    let (now, later) = rest.split_at(N);
    out.copy_from_slice(now);
    *rest = later;
    out
}

/// Photos of a copy one by one, in pages.
struct AllKept<'a> {
    copy: &'a App,
    after: (UnitId, Uuid),
    page: std::collections::VecDeque<Kept>,
}

impl<'a> AllKept<'a> {
    fn of(copy: &'a App) -> Self {
        AllKept {
            copy,
            after: (UnitId(Uuid::nil()), Uuid::nil()),
            page: Default::default(),
        }
    }

    async fn next(&mut self) -> Result<Option<Kept>> {
        if self.page.is_empty() {
            self.page = photos_kept(self.copy, self.after, PAGE).await?.into();
        }
        let one = self.page.pop_front();
        if let Some(one) = &one {
            self.after = (one.unit, one.photo);
        }
        Ok(one)
    }
}

/// What is not whole of the photos that the database calls whole, a sentence
/// each. More than the database speaks of is no fault.
pub async fn compare(copy: &App, seen: &Path) -> Result<Vec<String>> {
    let mut seen = Seen {
        rows: BufReader::new(File::open(seen)?),
    };
    let mut found = seen.next()?;
    let (mut lines, mut more) = (Vec::new(), 0u64);
    let mut all = AllKept::of(copy);
    while let Some(kept) = all.next().await? {
        let wanted = (kept.unit, kept.photo);
        while found.as_ref().is_some_and(|f| (f.unit, f.photo) < wanted) {
            found = seen.next()?;
        }
        let own = found.as_ref().filter(|f| (f.unit, f.photo) == wanted);
        if own.is_some_and(|f| kept.is(f)) {
            continue;
        }
        match lines.len() < NAMED_MAX {
            true => lines.push(sentence(copy, &kept, own).await?),
            false => more += 1,
        }
    }
    if more > 0 {
        lines.push(words::photos_more(more));
    }
    Ok(lines)
}

async fn sentence(copy: &App, kept: &Kept, found: Option<&Found>) -> Result<String> {
    let (branch, day) = photo_named(copy, kept).await?;
    let day = day.map(|d| d.to_string());
    let what = match found {
        None => words::PHOTO_MISSING.to_owned(),
        Some(f) => match f.broken {
            Some(at) => words::photo_piece_broken(at),
            None if f.bytes == kept.size => words::PHOTO_OTHER.to_owned(),
            None => words::photo_short(f.bytes, kept.size),
        },
    };
    let id = kept.photo.to_string();
    Ok(words::photo_not_whole(&branch, day.as_deref(), &id, &what))
}
