//! Small facts about files that both commands and health checks need: free
//! space, permissions, and writing a file so that a power cut leaves either
//! the old or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Free and total bytes of the file system a path is on.
pub fn space(path: &Path) -> io::Result<(u64, u64)> {
    let s = rustix::fs::statvfs(path)?;
    Ok((s.f_bavail * s.f_frsize, s.f_blocks * s.f_frsize))
}

/// Whether a file system is too full to take a day's work: less free than a
/// twentieth of it, on a large disk less than five gibibytes.
pub fn is_low(free: u64, total: u64) -> bool {
    free < (total / 20).min(FREE_ENOUGH)
}

/// So much free is enough on a disk of any size: a day of the largest county
/// with its backup takes less than one gibibyte.
const FREE_ENOUGH: u64 = 5 << 30;

/// Whether group or others may read or write it.
pub fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Makes a folder that only the owner may enter; an existing one is left as it is.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Opens a new file that only the owner may read.
pub fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Writes a private file whole or not at all, replacing an older one.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    let mut file = create_private(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_folder_of(path)
}

/// Makes a rename in the folder of a file durable.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_closed_to_others_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.json");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(!is_open_to_others(&path).unwrap());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(is_open_to_others(&path).unwrap());
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "no half-written file is left behind");
    }

    #[test]
    fn a_disk_is_low_by_its_share_and_a_large_one_by_what_is_left() {
        const GIB: u64 = 1 << 30;
        let twenty = |free| is_low(free, 20 * GIB);
        assert!(twenty(GIB - 1) && !twenty(GIB));
        let thousands = |free| is_low(free, 4000 * GIB);
        assert!(thousands(5 * GIB - 1) && !thousands(5 * GIB));
    }

    #[test]
    fn free_space_is_not_more_than_there_is() {
        let (free, total) = space(Path::new(".")).unwrap();
        assert!(free <= total && total > 0);
    }
}
