//! The bytes of photos: `blobs/<unit>/<photo>/<offset>.part`, each piece sealed
//! by the vault under its own name, written beside and renamed, the file and
//! its folder brought to the disk before anybody is told. A piece beyond what
//! the database says is here is left over from a crash and is written again.

use super::keep::offsets_in;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zf_base::{UnitId, Uuid};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_store::StoreError;
use zf_vault::OVERHEAD;

/// Where the bytes of a photo lie.
#[derive(Clone)]
pub(super) struct Place {
    app: App,
    folder: PathBuf,
    unit: UnitId,
    photo: Uuid,
}

/// A full or failing disk is no fault of the caller: it helps to try later.
fn failed(e: io::Error) -> KernelError {
    KernelError::Store(StoreError::of_file("photos", &e))
}

pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Under this name a piece is sealed.
pub(super) fn context(unit: UnitId, photo: Uuid, offset: u64) -> String {
    format!("photo/{unit}/{photo}/{offset}")
}

/// Under this name it lies in the folder of its photo.
pub(super) fn part(folder: &Path, offset: u64) -> PathBuf {
    folder.join(format!("{offset:012}.part"))
}

impl Place {
    pub(super) fn of(app: &App, unit: UnitId, photo: Uuid) -> Result<Place> {
        let none =
            || KernelError::Store(StoreError::Unavailable("no folder for photos".to_owned()));
        let root = app.blobs.as_deref().ok_or_else(none)?;
        let folder = root.join(unit.to_string()).join(photo.to_string());
        Ok(Place {
            app: app.clone(),
            folder,
            unit,
            photo,
        })
    }

    fn context(&self, offset: u64) -> String {
        context(self.unit, self.photo, offset)
    }

    fn part(&self, offset: u64) -> PathBuf {
        part(&self.folder, offset)
    }

    fn write_now(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let sealed = self.app.vault.seal_blob(&self.context(offset), bytes);
        let fresh = !self.folder.is_dir();
        fs::create_dir_all(&self.folder)?;
        if fresh {
            for above in self.folder.ancestors().skip(1).take(2) {
                sync_folder(above)?;
            }
        }
        let path = self.part(offset);
        let beside = path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, &path)?;
        sync_folder(&self.folder)
    }

    /// Each piece in turn, from the beginning to `size`.
    fn read_now(&self, size: u64, each: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut at = 0;
        while at < size {
            let sealed = fs::read(self.part(at)).map_err(failed)?;
            let bytes = self.app.vault.open_blob(&self.context(at), &sealed)?;
            if bytes.is_empty() {
                return Err(KernelError::Internal(
                    "an empty piece of a photo".to_owned(),
                ));
            }
            each(&bytes);
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// Writes a piece; when this returns it is on the disk.
    pub(super) async fn write(&self, offset: u64, bytes: Vec<u8>) -> Result<()> {
        let own = self.clone();
        aside(move || own.write_now(offset, &bytes).map_err(failed)).await
    }

    /// SHA-256 of the first `size` bytes, in 64 digits.
    pub(super) async fn sha256(&self, size: u64) -> Result<String> {
        let own = self.clone();
        let hashed = move || {
            let mut hash = Sha256::new();
            own.read_now(size, &mut |bytes| hash.update(bytes))?;
            let digest = hash.finalize();
            Ok(digest.iter().map(|b| format!("{b:02x}")).collect())
        };
        aside(hashed).await
    }

    /// All bytes.
    pub(super) async fn read(&self, size: u64) -> Result<Vec<u8>> {
        let own = self.clone();
        let whole = move || {
            let mut all = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            own.read_now(size, &mut |bytes| all.extend_from_slice(bytes))?;
            Ok(all)
        };
        aside(whole).await
    }

    /// Whether anything of it lies here.
    pub(super) fn is_there(&self) -> bool {
        self.folder.is_dir()
    }

    /// Seals the pieces under the current keys: how many had to be, and how
    /// many do not open and stay as they are. A crash leaves the old piece or
    /// the new one; the bytes must not change meanwhile.
    pub(super) async fn reseal(&self) -> Result<(u64, u64)> {
        let own = self.clone();
        aside(move || own.reseal_now().map_err(failed)).await
    }

    fn reseal_now(&self) -> io::Result<(u64, u64)> {
        let (mut done, mut damaged) = (0, 0);
        for offset in offsets_in(&self.folder)? {
            match self.reseal_piece(offset) {
                Ok(Some(true)) => done += 1,
                Ok(Some(false)) => damaged += 1,
                Ok(None) => {}
                // Erased meanwhile.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        if done > 0 {
            sync_folder(&self.folder)?;
        }
        Ok((done, damaged))
    }

    /// Whether a piece of older keys could be opened; none when it has the
    /// current ones.
    fn reseal_piece(&self, offset: u64) -> io::Result<Option<bool>> {
        let (path, vault) = (self.part(offset), &self.app.vault);
        let mut head = Vec::with_capacity(OVERHEAD);
        File::open(&path)?
            .take(OVERHEAD as u64)
            .read_to_end(&mut head)?;
        if !vault.needs_reseal(&head) {
            return Ok(None);
        }
        let context = self.context(offset);
        let Ok(clear) = vault.open_blob(&context, &fs::read(&path)?) else {
            return Ok(Some(false));
        };
        let beside = path.with_extension("anew");
        let mut file = File::create(&beside)?;
        file.write_all(&vault.seal_blob(&context, &clear))?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, &path)?;
        Ok(Some(true))
    }

    /// Takes the bytes away; nothing there is fine.
    pub(super) async fn remove(&self) -> Result<()> {
        let folder = self.folder.clone();
        let gone = move || match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(e)),
            _ => Ok(()),
        };
        aside(gone).await
    }
}

async fn aside<T, F>(work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| KernelError::Internal(format!("photos: {e}")))?
}
