//! Packs from the project's folder or in memory, for the tests of this crate.

#![allow(clippy::unwrap_used, dead_code)]

use std::collections::BTreeMap;
use std::path::Path;
use zf_forms::pack::{PERMISSIONS, Pack, PackFiles, PackProblem, load};

/// A pack in memory: path → bytes.
#[derive(Clone, Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl PackFiles for Files {
    fn list(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
}

impl Files {
    /// A folder under `packs/`, or under `docs/examples/packs/`.
    pub fn of(name: &str) -> Files {
        fn walk(root: &Path, folder: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, out);
                } else {
                    let name = path
                        .strip_prefix(root)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned();
                    out.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let homes = ["packs", "docs/examples/packs"].map(|home| house.join(home).join(name));
        let root = homes.into_iter().find(|path| path.is_dir()).unwrap();
        let mut files = Files::default();
        walk(&root, &root, &mut files.0);
        files
    }
    /// One file.
    pub fn text(&self, path: &str) -> String {
        String::from_utf8(self.0[path].clone()).unwrap()
    }
    /// With a file added or replaced.
    pub fn with(&self, path: &str, text: &str) -> Files {
        let mut files = self.clone();
        files.0.insert(path.to_owned(), text.as_bytes().to_vec());
        files
    }
    /// Replaces a text that must be there.
    pub fn replacing(&self, path: &str, old: &str, new: &str) -> Files {
        let text = self.text(path);
        assert!(text.contains(old), "{path} has no {old}");
        self.with(path, &text.replacen(old, new, 1))
    }
    /// Without a file that was there.
    pub fn without(&self, path: &str) -> Files {
        let mut files = self.clone();
        assert!(files.0.remove(path).is_some());
        files
    }
}

/// A pack that must load.
pub fn pack(name: &str) -> Pack {
    load(&Files::of(name), PERMISSIONS).unwrap_or_else(|p| {
        panic!(
            "{}",
            p.iter()
                .map(PackProblem::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}
