//! Where things are: the root of the checkout and the files below it.
//!
//! Paths handed on are relative to the root and use `/`, because they are
//! printed, compared with the paths in docs/coverage.md and sorted.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace manifest, searched upwards from the current one.
pub fn root() -> Result<PathBuf, String> {
    let start = std::env::current_dir().map_err(|e| format!("no current folder: {e}"))?;
    for folder in start.ancestors() {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_default();
        if text.lines().any(|line| line.trim() == "[workspace]") {
            return Ok(folder.to_path_buf());
        }
    }
    Err("run this inside the checkout".to_owned())
}

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 6] = [
    "target",
    "node_modules",
    "dist",
    "generated",
    ".git",
    "data",
];

/// Every file below `under` with one of these endings, sorted, relative to `root`.
pub fn files(root: &Path, under: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![root.join(under)];
    while let Some(folder) = todo.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    todo.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(relative(root, &path));
            }
        }
    }
    found.sort();
    found
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}
