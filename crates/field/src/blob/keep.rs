//! What a backup has to know of photos: where the sealed pieces lie, what each
//! one is called, and whether a photo is whole by what the database says of it.
//! Reads the folder in the order of branches, photos and places, a piece at a
//! time, and never needs a whole photo in memory. Knows no format of a backup.

use super::files::{context, part, sync_folder};
use super::store::{PHOTO_KEPT, PHOTO_NAMED};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use zf_base::limits::PHOTO_PIECE_BYTES_MAX;
use zf_base::{Day, UnitId, Uuid};
use zf_kernel::App;
use zf_kernel::error::Result;
use zf_store::params;
use zf_vault::{Keyring, OVERHEAD};

/// A sealed piece is not longer.
pub const PIECE_SEALED_MAX: usize = PHOTO_PIECE_BYTES_MAX + OVERHEAD;

/// Names a stored piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Branch.
    pub unit: UnitId,
    /// The upload whose bytes these are.
    pub photo: Uuid,
    /// Where in the photo it begins.
    pub offset: u64,
}

/// Ids by which folders are called, in order; other names are not ours.
fn ids_in(folder: &Path) -> io::Result<BTreeSet<Uuid>> {
    let mut ids = BTreeSet::new();
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(ids),
        other => other?,
    };
    for entry in entries {
        let name = entry?.file_name();
        ids.extend(name.to_str().and_then(|n| n.parse::<Uuid>().ok()));
    }
    Ok(ids)
}

/// Places of the pieces of a photo, in order; what is half written is not one.
pub(super) fn offsets_in(folder: &Path) -> io::Result<BTreeSet<u64>> {
    let mut offsets = BTreeSet::new();
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(offsets),
        other => other?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let stem = name.to_str().and_then(|n| n.strip_suffix(".part"));
        offsets.extend(stem.and_then(|n| n.parse::<u64>().ok()));
    }
    Ok(offsets)
}

/// Hands every stored piece to `each`, in the order of branches, photos and
/// places, as it lies on the disk; one that vanishes meanwhile is passed over.
/// Gives how many could not be read: a bad place on the disk must not be the
/// end of a backup, and checking the backup names what is missing.
///
/// # Errors
/// A folder that cannot be read, and what `each` answers.
pub fn pieces_each<E: From<io::Error>>(
    root: &Path,
    mut each: impl FnMut(&Piece, &[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<u64, E> {
    let mut unreadable = 0;
    for unit in ids_in(root)? {
        let below = root.join(unit.to_string());
        for photo in ids_in(&below)? {
            let folder = below.join(photo.to_string());
            for offset in offsets_in(&folder)? {
                let unit = UnitId(unit);
                let piece = Piece {
                    unit,
                    photo,
                    offset,
                };
                match fs::read(part(&folder, offset)) {
                    Ok(sealed) if sealed.len() <= PIECE_SEALED_MAX => each(&piece, &sealed)?,
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    _ => unreadable += 1,
                }
            }
        }
    }
    Ok(unreadable)
}

/// Puts a piece back where it was; when this returns it is on the disk.
///
/// # Errors
/// Only the disk; a piece that is there already is not overwritten.
pub fn piece_put(root: &Path, piece: &Piece, sealed: &[u8]) -> io::Result<()> {
    let unit = root.join(piece.unit.to_string());
    let folder = unit.join(piece.photo.to_string());
    if !folder.is_dir() {
        fs::create_dir_all(&folder)?;
        sync_folder(&unit)?;
        sync_folder(root)?;
    }
    let mut file = File::create_new(part(&folder, piece.offset))?;
    file.write_all(sealed)?;
    file.sync_all()?;
    sync_folder(&folder)
}

/// What a stored photo turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Branch.
    pub unit: UnitId,
    /// The upload.
    pub photo: Uuid,
    /// Bytes from the beginning without a gap.
    pub bytes: u64,
    /// SHA-256 of those.
    pub sha256: [u8; 32],
    /// Where a piece begins that does not open.
    pub broken: Option<u64>,
}

/// Looks at stored pieces one after another, in the order of [`pieces_each`].
#[derive(Default)]
pub struct Checker {
    now: Option<(UnitId, Uuid, Option<u64>)>,
    next: u64,
    hash: Sha256,
}

impl Checker {
    /// The photo that is done, when the piece is of another one.
    pub fn feed(&mut self, vault: &Keyring, piece: &Piece, sealed: &[u8]) -> Option<Found> {
        let same = self
            .now
            .is_some_and(|(u, p, _)| (u, p) == (piece.unit, piece.photo));
        let done = if same { None } else { self.end() };
        let (.., broken) = self.now.get_or_insert((piece.unit, piece.photo, None));
        match vault.open_blob(&context(piece.unit, piece.photo, piece.offset), sealed) {
            Err(_) => *broken = broken.or(Some(piece.offset)),
            // Another place is left over from an upload that began anew.
            Ok(clear) if piece.offset == self.next => {
                self.hash.update(&clear);
                self.next += clear.len() as u64;
            }
            Ok(_) => {}
        }
        done
    }

    /// The last photo.
    pub fn end(&mut self) -> Option<Found> {
        let (unit, photo, broken) = self.now.take()?;
        Some(Found {
            unit,
            photo,
            bytes: std::mem::take(&mut self.next),
            sha256: self.hash.finalize_reset().into(),
            broken,
        })
    }
}

/// A photo that the database calls whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Branch.
    pub unit: UnitId,
    /// The upload whose bytes these are; two visits may have the same.
    pub photo: Uuid,
    /// Bytes.
    pub size: u64,
    /// 64 digits.
    pub sha256: String,
}

impl Kept {
    /// Whether it is what was found.
    pub fn is(&self, found: &Found) -> bool {
        let digits: String = found.sha256.iter().map(|b| format!("{b:02x}")).collect();
        self.size == found.bytes && self.sha256 == digits
    }
}

/// The next photos that the database calls whole, by branch and upload, after one.
///
/// # Errors
/// Only the database.
pub async fn photos_kept(app: &App, after: (UnitId, Uuid), most: i64) -> Result<Vec<Kept>> {
    let rows = app
        .db
        .query(PHOTO_KEPT, params![after.0, after.1, most])
        .await?;
    let kept = |r: &zf_store::Row| -> Result<Kept> {
        Ok(Kept {
            unit: r.get(0)?,
            photo: r.get(1)?,
            size: r.get::<i64>(2)?.unsigned_abs(),
            sha256: r.get(3)?,
        })
    };
    rows.iter().map(kept).collect()
}

/// The name of the branch and the day of the visit a photo is of; no day when
/// the visit has not come.
///
/// # Errors
/// Only the database.
pub async fn photo_named(app: &App, kept: &Kept) -> Result<(String, Option<Day>)> {
    let rows = app
        .read_unit(kept.unit, PHOTO_NAMED, params![kept.photo])
        .await?;
    let named = rows.first().map(|r| Ok((r.get(0)?, r.get(1)?)));
    named.transpose().map(Option::unwrap_or_default)
}
