//! The invariants of the house (ARCHITECTURE.md) as scans of the source text.
//!
//! Each rule takes one file apart and returns findings; none needs a build. Text
//! scans cannot see everything: what they cannot (permissions, plans of SQL
//! statements, masking) are tests in `crates/tests`. Every rule is proven below
//! its module on a planted violation and on a snippet that must pass.

mod imports;
mod shape;
mod text;

use crate::lex::Source;
use crate::{Outcome, coverage, tree};
use std::fs;
use std::path::Path;

/// One violated rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path relative to the checkout.
    pub path: String,
    /// Line from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Finding {
    /// A finding at a place.
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

/// `cargo xtask tidy`.
pub fn run() -> Outcome {
    let root = tree::root()?;
    let findings = check(&root)?;
    for finding in &findings {
        println!("{}:{}: {}", finding.path, finding.line, finding.what);
    }
    match findings.len() {
        0 => println!("tidy: all rules hold"),
        n => println!("tidy: {n} findings"),
    }
    Ok(findings.is_empty())
}

/// Every finding in the checkout, sorted.
pub fn check(root: &Path) -> Result<Vec<Finding>, String> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "benches"] {
        for path in tree::files(root, folder, &[".rs"]) {
            rust(&path, &read(root, &path)?, &mut found);
        }
        for path in tree::files(root, folder, &["Cargo.toml"]) {
            imports::manifest(&path, &read(root, &path)?, &mut found);
        }
    }
    for path in tree::files(root, "frontend", &[".ts", ".tsx"]) {
        let text = read(root, &path)?;
        shape::length(&path, &text, &mut found);
        text::chinese_in_typescript(&path, &text, &mut found);
    }
    for folder in ["migrations", "crates"] {
        for path in tree::files(root, folder, &[".sql"]) {
            text::migration(&path, &read(root, &path)?, &mut found);
        }
    }
    coverage::structure(root, &mut found);
    found.sort();
    found.dedup();
    Ok(found)
}

/// All rules for one Rust file.
fn rust(path: &str, text: &str, found: &mut Vec<Finding>) {
    let source = Source::new(path, text);
    shape::length(path, text, found);
    shape::header(&source, text, found);
    shape::functions(&source, found);
    shape::unwraps(&source, found);
    shape::prints(&source, found);
    imports::guarded_crates(&source, found);
    imports::pure(&source, found);
    imports::foreign_stores(&source, found);
    text::chinese(&source, found);
    text::sql(&source, found);
    text::pack_names(&source, found);
}

fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

/// The crate a path lies in: `crates/plan/src/x.rs` → `plan`.
fn crate_of(path: &str) -> &str {
    let mut parts = path.split('/');
    match parts.next() {
        Some("crates") => parts.next().unwrap_or(""),
        Some(first) => first,
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// The findings of one rule on one snippet, as `line: what`.
    pub fn findings(
        rule: impl Fn(&Source, &mut Vec<Finding>),
        path: &str,
        text: &str,
    ) -> Vec<usize> {
        let mut found = Vec::new();
        rule(&Source::new(path, text), &mut found);
        found.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn the_scan_of_the_whole_checkout_takes_less_than_two_seconds() {
        let root = tree::root().expect("a checkout");
        let time = || {
            let start = Instant::now();
            check(&root).expect("readable");
            start.elapsed()
        };
        // The best of three: other tests run beside this one.
        let best = (0..3).map(|_| time()).min().expect("three runs");
        assert!(best < Duration::from_secs(2), "{best:?}");
    }

    #[test]
    fn every_rule_runs_on_every_file() {
        let text =
            "use rusqlite::Connection;\nfn a() { x.unwrap(); println!(\"\\u{41}\u{4e2d}\"); }\n";
        let mut found = Vec::new();
        rust("crates/plan/src/a.rs", text, &mut found);
        let lines: Vec<usize> = found.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 2, 1, 2], "{found:?}");
    }
}
