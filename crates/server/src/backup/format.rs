//! The backup file: a short head, the wrapped key file, then sealed pieces.
//!
//! ```text
//! "ZOUFANG-BACKUP-2\n" · backup id 16 · length 4 · key file · { length 4 · sealed piece }…
//! ```
//! What the pieces hold in a row is the manifest, the database and, since the
//! second layout, the photos (`photos.rs`); the first one ends with the database.
//! Each piece is sealed for its number, for this backup and for being the last
//! one or not, so pieces cannot be cut off, swapped or mixed between backups.
//! Nothing of the data is readable without the passphrase; the key file is the
//! one of the installation and useless without it. Knows no database.

use crate::error::{CliError, Result};
use crate::words;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use zf_vault::{KeyFile, Keyring, OVERHEAD};

const MAGIC: &[u8; 17] = b"ZOUFANG-BACKUP-2\n";
/// Of programs before photos were in backups.
const MAGIC_BEFORE: &[u8; 17] = b"ZOUFANG-BACKUP-1\n";
/// Bytes sealed at a time.
const PIECE: usize = 1024 * 1024;
/// A key file has a few hundred bytes per generation.
const KEY_FILE_MAX: u32 = 1024 * 1024;

/// Names one backup.
pub type BackupId = [u8; 16];

fn context(id: &BackupId, number: u64, last: bool) -> String {
    let id = hex(id);
    format!(
        "backup/{id}/{number}/{}",
        if last { "last" } else { "more" }
    )
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Writes a backup: plain bytes go in, sealed pieces come out.
pub struct SealedWriter<'a, W: Write> {
    out: W,
    ring: &'a Keyring,
    id: BackupId,
    number: u64,
    held: Vec<u8>,
}

impl<'a, W: Write> SealedWriter<'a, W> {
    /// Writes the head.
    pub fn start(out: W, ring: &'a Keyring, key_file: &KeyFile, id: BackupId) -> Result<Self> {
        Self::start_as(MAGIC, out, ring, key_file, id)
    }

    /// Writes the head of the first layout.
    #[cfg(test)]
    pub fn start_before(out: W, ring: &'a Keyring, keys: &KeyFile, id: BackupId) -> Result<Self> {
        Self::start_as(MAGIC_BEFORE, out, ring, keys, id)
    }

    fn start_as(
        magic: &[u8],
        mut out: W,
        ring: &'a Keyring,
        key_file: &KeyFile,
        id: BackupId,
    ) -> Result<Self> {
        let keys = key_file.to_text();
        out.write_all(magic)?;
        out.write_all(&id)?;
        out.write_all(&(keys.len() as u32).to_be_bytes())?;
        out.write_all(keys.as_bytes())?;
        Ok(SealedWriter {
            out,
            ring,
            id,
            number: 0,
            held: Vec::with_capacity(PIECE),
        })
    }

    /// Adds bytes.
    pub fn put(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            // A full piece leaves only when more follows: the last one must be marked.
            if self.held.len() == PIECE {
                self.piece(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.held.len()));
            self.held.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn piece(&mut self, last: bool) -> Result<()> {
        let sealed = self
            .ring
            .seal_blob(&context(&self.id, self.number, last), &self.held);
        self.out.write_all(&(sealed.len() as u32).to_be_bytes())?;
        self.out.write_all(&sealed)?;
        self.number += 1;
        self.held.clear();
        Ok(())
    }

    /// Writes the last piece and gives the file back.
    pub fn finish(mut self) -> Result<W> {
        self.piece(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The head of a backup.
pub struct Head {
    /// Names it.
    pub id: BackupId,
    /// The wrapped keys.
    pub key_file: KeyFile,
    /// Whether photos follow the database.
    pub photos: bool,
}

/// Reads the head.
pub fn read_head(input: &mut impl Read) -> Result<Head> {
    let mut magic = [0u8; MAGIC.len()];
    let mut id = [0u8; 16];
    input.read_exact(&mut magic).map_err(|_| not_a_backup())?;
    if magic != *MAGIC && magic != *MAGIC_BEFORE {
        return Err(not_a_backup());
    }
    input.read_exact(&mut id).map_err(|_| not_a_backup())?;
    let len = read_length(input)?
        .filter(|n| *n <= KEY_FILE_MAX)
        .ok_or_else(not_a_backup)?;
    let mut text = vec![0u8; len as usize];
    input.read_exact(&mut text).map_err(|_| damaged())?;
    let text = String::from_utf8(text).map_err(|_| damaged())?;
    Ok(Head {
        id,
        key_file: KeyFile::from_text(&text)?,
        photos: magic == *MAGIC,
    })
}

fn not_a_backup() -> CliError {
    CliError::input(words::NOT_A_BACKUP)
}

/// The file was cut, changed or put together wrongly.
pub fn damaged() -> CliError {
    CliError::input(words::BACKUP_DAMAGED)
}

/// A length, or none at the end of the file.
fn read_length(input: &mut impl Read) -> Result<Option<u32>> {
    let mut bytes = [0u8; 4];
    let mut have = 0;
    while have < 4 {
        match input.read(&mut bytes[have..])? {
            0 if have == 0 => return Ok(None),
            0 => return Err(damaged()),
            n => have += n,
        }
    }
    Ok(Some(u32::from_be_bytes(bytes)))
}

/// Reads a backup behind its head: opens one sealed piece at a time.
pub struct SealedReader<'a, R: Read> {
    input: R,
    ring: &'a Keyring,
    id: BackupId,
    number: u64,
    /// Length of the piece to come; none behind the last one.
    coming: Option<u32>,
    held: Vec<u8>,
    /// How much of it was given already.
    given: usize,
}

impl<'a, R: Read> SealedReader<'a, R> {
    /// Stands behind the head.
    pub fn start(mut input: R, ring: &'a Keyring, id: BackupId) -> Result<Self> {
        let first = read_length(&mut input)?.ok_or_else(damaged)?;
        Ok(SealedReader {
            input,
            ring,
            id,
            number: 0,
            coming: Some(first),
            held: Vec::new(),
            given: 0,
        })
    }

    fn open_next(&mut self, length: u32) -> Result<()> {
        if length as usize > PIECE + OVERHEAD {
            return Err(damaged());
        }
        let mut sealed = vec![0u8; length as usize];
        self.input.read_exact(&mut sealed).map_err(|_| damaged())?;
        self.coming = read_length(&mut self.input)?;
        let context = context(&self.id, self.number, self.coming.is_none());
        self.held = self
            .ring
            .open_blob(&context, &sealed)
            .map_err(|_| damaged())?;
        (self.given, self.number) = (0, self.number + 1);
        Ok(())
    }

    /// The next bytes, at most `most`; none at the end.
    pub fn some(&mut self, most: usize) -> Result<&[u8]> {
        while self.given == self.held.len() {
            let Some(length) = self.coming else {
                return Ok(&[]);
            };
            self.open_next(length)?;
        }
        let from = self.given;
        self.given = self.held.len().min(from + most);
        Ok(&self.held[from..self.given])
    }

    /// Fills `out` whole.
    pub fn exact(&mut self, out: &mut [u8]) -> Result<()> {
        let mut at = 0;
        while at < out.len() {
            let bytes = self.some(out.len() - at)?;
            if bytes.is_empty() {
                return Err(damaged());
            }
            out[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        }
        Ok(())
    }

    /// A number as [`SealedWriter::put`] was given it: big endian.
    pub fn number<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0u8; N];
        self.exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Nothing may follow.
    pub fn end(&mut self) -> Result<()> {
        match self.some(1)?.is_empty() {
            true => Ok(()),
            false => Err(damaged()),
        }
    }
}

/// SHA-256 of everything a reader gives.
pub fn sha256_of(input: &mut impl Read) -> Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 256 * 1024];
    loop {
        let n = input.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use zf_vault::{KdfParams, Suite};

    fn ring() -> (Keyring, KeyFile) {
        Keyring::create_with(
            Suite::Intl,
            "passphrase",
            KdfParams::TESTS_ONLY,
            &mut zf_vault::os_random,
        )
        .unwrap()
    }

    fn sealed(plain: &[u8], ring: &Keyring, file: &KeyFile) -> Vec<u8> {
        let mut w = SealedWriter::start(Vec::new(), ring, file, [5; 16]).unwrap();
        for piece in plain.chunks(70_001) {
            w.put(piece).unwrap();
        }
        w.finish().unwrap()
    }

    fn opened(bytes: &[u8], ring: &Keyring) -> Result<Vec<u8>> {
        let mut input = bytes;
        let head = read_head(&mut input)?;
        let mut reader = SealedReader::start(input, ring, head.id)?;
        let mut plain = Vec::new();
        loop {
            let some = reader.some(100_003)?;
            if some.is_empty() {
                return Ok(plain);
            }
            plain.extend_from_slice(some);
        }
    }

    #[test]
    fn what_goes_in_comes_out_at_every_length_around_the_size_of_a_piece() {
        let (ring, file) = ring();
        for len in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7] {
            let plain: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            assert_eq!(
                opened(&sealed(&plain, &ring, &file), &ring).unwrap(),
                plain,
                "{len}"
            );
        }
    }

    #[test]
    fn pieces_that_are_cut_off_swapped_added_or_changed_are_refused() {
        let (ring, file) = ring();
        let plain = vec![9u8; 2 * PIECE + 7];
        let good = sealed(&plain, &ring, &file);
        let piece = 4 + PIECE + OVERHEAD;
        let last = 4 + 7 + OVERHEAD;
        let body = good.len() - last - 2 * piece;
        let swapped = [
            &good[..body],
            &good[body + piece..body + 2 * piece],
            &good[body..body + piece],
            &good[body + 2 * piece..],
        ]
        .concat();
        let cut = good[..good.len() - last].to_vec();
        let cut_inside = good[..good.len() - 1].to_vec();
        let added = [good.clone(), good[good.len() - last..].to_vec()].concat();
        for (what, bytes) in [
            ("swapped", swapped),
            ("cut", cut),
            ("cut inside", cut_inside),
            ("added", added),
        ] {
            assert_eq!(opened(&bytes, &ring).unwrap_err().code(), 1, "{what}");
        }
        for at in [0, 20, 40, body + 4, body + 30, good.len() - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            assert!(opened(&bytes, &ring).is_err(), "byte {at} changed");
        }
    }

    #[test]
    fn nothing_of_the_data_stands_in_the_file() {
        let (ring, file) = ring();
        let plain = "planted-value-13912345678 ".repeat(4_000);
        let bytes = sealed(plain.as_bytes(), &ring, &file);
        let has = |bytes: &[u8]| bytes.windows(13).any(|w| w == b"planted-value");
        assert!(!has(&bytes));
        assert!(has(plain.as_bytes()), "the search itself works");
    }
}
