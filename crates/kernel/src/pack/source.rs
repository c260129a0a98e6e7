//! Where packs come from: compiled into the binary, or folders below the
//! bank's `packs` folder. Only this file reads them; it does not look inside,
//! and leaves out files above the size limit.

use crate::error::{KernelError, Result};
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::path::Path;
use zf_base::limits;
use zf_forms::pack::PackFiles;

#[derive(RustEmbed)]
#[folder = "../../packs"]
struct Embedded;

/// The files of one pack in memory.
struct Files(BTreeMap<String, Vec<u8>>);

impl PackFiles for Files {
    fn list(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

/// Packs by name.
pub type Sources = Vec<(String, Box<dyn PackFiles>)>;

/// The packs compiled in.
pub fn embedded() -> Sources {
    let mut packs: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for path in Embedded::iter() {
        let Some((pack, file)) = path.split_once('/') else {
            continue;
        };
        let Some(bytes) = Embedded::get(&path) else {
            continue;
        };
        packs
            .entry(pack.to_owned())
            .or_default()
            .insert(file.to_owned(), bytes.data.into_owned());
    }
    boxed(packs)
}

fn boxed(packs: BTreeMap<String, BTreeMap<String, Vec<u8>>>) -> Sources {
    packs
        .into_iter()
        .map(|(name, files)| (name, Box::new(Files(files)) as Box<dyn PackFiles>))
        .collect()
}

/// The packs in a folder; none when there is no folder.
pub fn in_folder(folder: Option<&Path>) -> Result<Sources> {
    let Some(folder) = folder.filter(|f| f.is_dir()) else {
        return Ok(vec![]);
    };
    let mut packs: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().is_dir() {
            let mut files = BTreeMap::new();
            collect(&entry.path(), "", &mut files)?;
            packs.insert(entry.file_name().to_string_lossy().into_owned(), files);
        }
    }
    Ok(boxed(packs))
}

fn unreadable(e: std::io::Error) -> KernelError {
    KernelError::Internal(format!("packs folder: {e}"))
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let meta = entry.metadata().map_err(unreadable)?;
        if meta.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if meta.len() <= limits::PACK_FILE_BYTES_MAX {
            files.insert(name, std::fs::read(entry.path()).map_err(unreadable)?);
        }
    }
    Ok(())
}
