//! docs/openapi.json is what the built program says: compares or rewrites it.
//!
//! The document is the contract for other people's scripts and the source of the
//! front end's types, so a change of it shows in review as a change of a file.

use crate::{Outcome, tree};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = "docs/openapi.json";

/// `cargo xtask openapi [--update]`.
pub fn run(args: &[String]) -> Outcome {
    let root = tree::root()?;
    let program = program(&root).ok_or("no built program: run `make build` first")?;
    compare(&root, &program, args.iter().any(|arg| arg == "--update"))
}

/// Compares the program's document with the committed one, or rewrites that.
pub fn compare(root: &Path, program: &Path, update: bool) -> Outcome {
    let out = Command::new(program)
        .arg("openapi")
        .output()
        .map_err(|e| format!("cannot run {}: {e}", program.display()))?;
    if !out.status.success() {
        return Err("the program does not print its OpenAPI document".to_owned());
    }
    let told: Value = serde_json::from_slice(&out.stdout).map_err(|e| format!("not JSON: {e}"))?;
    let file = root.join(FILE);
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let known: Value = serde_json::from_str(&written).unwrap_or(Value::Null);
    if known == told {
        println!("openapi: {FILE} is up to date");
        return Ok(true);
    }
    if update {
        std::fs::write(&file, format!("{told:#}\n"))
            .map_err(|e| format!("cannot write {FILE}: {e}"))?;
        println!("openapi: {FILE} rewritten");
        return Ok(true);
    }
    let mut changes = Vec::new();
    differences("", &known, &told, &mut changes);
    for change in changes.iter().take(20) {
        println!("openapi: {change}");
    }
    println!("openapi: {FILE} is out of date: run `cargo xtask openapi --update`");
    Ok(false)
}

/// The program to ask: `ZF_BIN`, or the newer of the release and debug builds.
fn program(root: &Path) -> Option<PathBuf> {
    if let Ok(named) = std::env::var("ZF_BIN") {
        return Some(PathBuf::from(named));
    }
    ["target/release/zoufang", "target/debug/zoufang"]
        .iter()
        .map(|path| root.join(path))
        .filter(|path| path.exists())
        .max_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok())
}

/// Pointers at which two documents differ.
fn differences(at: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let here = format!("{at}/{}", key.replace('/', "~1"));
                let (left, right) = (a.get(key), b.get(key));
                let (left, right) = (left.unwrap_or(&Value::Null), right.unwrap_or(&Value::Null));
                differences(&here, left, right, found);
            }
        }
        (a, b) if a == b => {}
        (Value::Null, _) => found.push(format!("new {at}")),
        (_, Value::Null) => found.push(format!("gone {at}")),
        _ => found.push(format!("changed {at}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_the_place() {
        let old = json!({"paths": {"/a": {"get": 1}, "/b": {}}});
        let new = json!({"paths": {"/a": {"get": 2}, "/c": {}}});
        let mut found = Vec::new();
        differences("", &old, &new, &mut found);
        assert_eq!(
            found,
            [
                "changed /paths/~1a/get",
                "gone /paths/~1b",
                "new /paths/~1c"
            ]
        );
        found.clear();
        differences("", &old, &old, &mut found);
        assert!(found.is_empty());
    }

    /// A program that prints this document, and the checkout it belongs to.
    fn planted(name: &str, document: &str) -> (PathBuf, PathBuf) {
        let root = std::env::temp_dir().join(format!("zoufang-{name}-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).expect("a folder");
        let program = root.join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{document}\n")).expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).expect("executable");
        (root, program)
    }

    #[test]
    fn a_stale_document_is_found_and_rewritten_only_when_asked() {
        let (root, program) = planted("openapi", r#"echo '{"openapi":"3.1.0"}'"#);
        assert_eq!(compare(&root, &program, false), Ok(false));
        assert!(!root.join(FILE).exists());
        assert_eq!(compare(&root, &program, true), Ok(true));
        assert_eq!(compare(&root, &program, false), Ok(true));
        let (_, broken) = planted("openapi", "exit 3");
        assert!(compare(&root, &broken, false).is_err());
        std::fs::remove_dir_all(&root).expect("removed");
    }
}
