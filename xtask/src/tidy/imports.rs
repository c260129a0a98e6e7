//! Who may name whom: guarded crates, pure crates, directions between crates
//! and between the nouns inside a crate.
//!
//! The table `MAY_USE` is the map of the house in ARCHITECTURE.md; a new crate
//! gets a row here first.

use super::{Finding, crate_of};
use crate::lex::{Source, line_of, words};

/// Crates that only some files may name.
const GUARDED: [(&str, &str); 9] = [
    ("rusqlite", "store"),
    ("tokio_postgres", "store"),
    ("deadpool_postgres", "store"),
    ("tokio_postgres_rustls", "store"),
    ("sqlx", "store"),
    ("axum", "http"),
    ("axum_extra", "http"),
    ("utoipa_axum", "http"),
    ("hyper", "http"),
];

/// Crates without I/O, clock, environment, randomness and async.
const PURE: [&str; 8] = [
    "base", "expr", "forms", "routing", "siting", "stats", "address", "demo",
];

/// What pure code may not say. `::` at the start: not after a path segment.
const IMPURE: [&str; 24] = [
    "async fn",
    "async move",
    ".await",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "Local::now",
    "now_v7",
    "new_v4",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::io::stdin",
    "std::io::stdout",
    "tokio::",
    "rand::",
    "getrandom",
    "fastrand",
    "reqwest",
    "env::var",
    "File::open",
];

/// Which own crates (without `zf-`) a crate may depend on, lowest first.
const MAY_USE: [(&str, &[&str]); 24] = [
    ("base", &[]),
    ("expr", &["base"]),
    ("forms", &["base", "expr"]),
    ("routing", &["base"]),
    ("siting", &["base"]),
    ("stats", &["base"]),
    ("address", &["base"]),
    ("demo", &["base"]),
    ("office", &["base"]),
    ("store", &["base"]),
    ("vault", &["base", "store"]),
    ("kernel", &["base", "expr", "forms", "store", "vault"]),
    ("web", &["base", "store", "vault", "kernel"]),
    ("network", &["SERVICES", "address"]),
    ("custody", &["SERVICES", "network"]),
    (
        "register",
        &["SERVICES", "network", "custody", "stats", "address"],
    ),
    ("plan", &["SERVICES", "network", "routing", "siting"]),
    ("field", &["SERVICES", "network", "register", "plan"]),
    ("check", &["SERVICES", "network", "plan", "field", "stats"]),
    (
        "act",
        &["SERVICES", "network", "plan", "field", "check", "stats"],
    ),
    ("server", &["ALL"]),
    ("sim", &["ALL"]),
    ("tests", &["ALL"]),
    ("xtask", &[]),
];

/// What every room may use.
const SERVICES: [&str; 8] = [
    "base", "expr", "forms", "store", "vault", "kernel", "web", "office",
];

/// rusqlite and friends in `store`, axum and friends in `http.rs`, `web`, `server`.
pub fn guarded_crates(source: &Source, found: &mut Vec<Finding>) {
    let home = crate_of(&source.path);
    let serves = ["web", "server", "tests", "sim"].contains(&home)
        || source.path.ends_with("/http.rs")
        || source.path.contains("/http/");
    for (name, owner) in GUARDED {
        let allowed = if owner == "http" {
            serves
        } else {
            home == "store"
        };
        if allowed {
            continue;
        }
        for at in words(&source.code, name) {
            let what = match owner {
                "http" => format!("{name} outside of http.rs, web and server"),
                _ => format!("{name} outside of the crate store"),
            };
            found.push(Finding::new(
                &source.path,
                line_of(source.code.as_bytes(), at),
                what,
            ));
        }
    }
}

/// No I/O, clock, environment, randomness, async in the pure crates.
pub fn pure(source: &Source, found: &mut Vec<Finding>) {
    let home = crate_of(&source.path);
    if !PURE.contains(&home) {
        return;
    }
    for (number, line) in source.product_lines() {
        for word in IMPURE {
            if says(line, word) {
                let what = format!("`{word}` in the pure crate {home}: hand it in as an argument");
                found.push(Finding::new(&source.path, number, what));
            }
        }
    }
}

/// Does the line contain the phrase, not as the end of a longer word or path?
fn says(line: &str, phrase: &str) -> bool {
    line.match_indices(phrase).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let joined = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let method = phrase.starts_with('.');
        let own = line[..at].ends_with("crate::") || line[..at].ends_with("self::");
        (!joined || method) && !own
    })
}

/// A slice reaches another slice's data through its service, never its `store`.
pub fn foreign_stores(source: &Source, found: &mut Vec<Finding>) {
    let home = crate_of(&source.path);
    if home == "tests" || home == "store" {
        return;
    }
    let own = source
        .path
        .split('/')
        .nth(3)
        .unwrap_or("")
        .trim_end_matches(".rs");
    let bytes = source.code.as_bytes();
    for at in words(&source.code, "store") {
        let line = line_of(bytes, at);
        if source.is_test(line) {
            continue;
        }
        let Some(path) = path_before(&source.code, at) else {
            continue;
        };
        let other = match path.as_slice() {
            [first, noun] if first == "crate" && noun != own => noun,
            [first, .., noun] if first.starts_with("zf_") => noun,
            [.., up, noun] if up == "super" && noun != "super" && noun != own => noun,
            _ => continue,
        };
        let what = format!("store of `{other}` used from outside: go through its service");
        found.push(Finding::new(&source.path, line, what));
    }
}

/// Segments of the path that leads to the word at `at`, braces of `use` included:
/// `use crate::unit::{model, store}` → `crate`, `unit`.
fn path_before(code: &str, at: usize) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    let mut left = code[..at].trim_end();
    loop {
        if let Some(rest) = left.strip_suffix("::") {
            let start = rest
                .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(0, |found| found + 1);
            segments.insert(0, rest[start..].to_owned());
            left = rest[..start].trim_end();
        } else if left.ends_with([',', '{']) {
            let statement = left.rfind(';').map_or(0, |end| end + 1);
            let open = unclosed_brace(&left[statement..])? + statement;
            if !code[statement..open].contains("use ") || !left[..open].ends_with("::") {
                break;
            }
            left = &left[..open];
        } else {
            break;
        }
    }
    (!segments.is_empty()).then_some(segments)
}

/// The innermost `{` that is still open at the end of the text.
fn unclosed_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices().rev() {
        match c {
            '}' => depth += 1,
            '{' if depth == 0 => return Some(at),
            '{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Dependency directions, purity of dependencies, and the shared lints.
pub fn manifest(path: &str, text: &str, found: &mut Vec<Finding>) {
    let home = crate_of(path);
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(e) => return found.push(Finding::new(path, 1, format!("not TOML: {}", e.message()))),
    };
    let line = |word: &str| {
        text.lines()
            .position(|l| l.starts_with(word))
            .map_or(1, |n| n + 1)
    };
    let inherits = table
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .is_some();
    if !inherits {
        found.push(Finding::new(path, 1, "no `[lints] workspace = true`"));
    }
    let Some(allowed) = may_use(home) else {
        let what = format!("crate {home} is not on the map (MAY_USE in xtask/src/tidy/imports.rs)");
        return found.push(Finding::new(path, 1, what));
    };
    let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
    for name in dependencies.into_iter().flat_map(toml::Table::keys) {
        if let Some(own) = name.strip_prefix("zf-") {
            if !allowed.contains(&own) && !allowed.contains(&"ALL") {
                let what = format!("{home} may not depend on {own} (see ARCHITECTURE.md)");
                found.push(Finding::new(path, line(name), what));
            }
        } else if PURE.contains(&home) && is_impure(name) {
            let what = format!("the pure crate {home} may not depend on {name}");
            found.push(Finding::new(path, line(name), what));
        }
    }
}

fn may_use(home: &str) -> Option<Vec<&'static str>> {
    let (_, row) = MAY_USE.iter().find(|(name, _)| *name == home)?;
    let mut allowed = row.to_vec();
    if allowed.contains(&"SERVICES") {
        allowed.extend(SERVICES);
    }
    Some(allowed)
}

fn is_impure(name: &str) -> bool {
    [
        "tokio",
        "rand",
        "getrandom",
        "axum",
        "rusqlite",
        "tokio-postgres",
        "reqwest",
    ]
    .contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::tests::findings;
    use super::*;

    fn manifest_findings(path: &str, dependencies: &str) -> usize {
        let mut found = Vec::new();
        let text = format!("[lints]\nworkspace = true\n[dependencies]\n{dependencies}");
        manifest(path, &text, &mut found);
        found.len()
    }

    #[test]
    fn database_drivers_stay_in_store() {
        let text = "use rusqlite::Connection;\nfn a() { tokio_postgres::connect() }\n// rusqlite";
        assert_eq!(
            findings(guarded_crates, "crates/kernel/src/a.rs", text),
            [1, 2]
        );
        assert!(findings(guarded_crates, "crates/store/src/a.rs", text).is_empty());
    }

    #[test]
    fn axum_stays_in_http_files_web_and_server() {
        let text = "use axum::Json;\n";
        assert_eq!(
            findings(guarded_crates, "crates/plan/src/week/service.rs", text),
            [1]
        );
        for path in [
            "crates/plan/src/week/http.rs",
            "crates/web/src/a.rs",
            "crates/server/src/a.rs",
        ] {
            assert!(findings(guarded_crates, path, text).is_empty(), "{path}");
        }
    }

    #[test]
    fn pure_crates_read_no_clock_and_do_no_io() {
        let text =
            "fn a() { Instant::now(); }\nasync fn b() {}\nuse std::fs;\nlet x = rand::random();\n";
        assert_eq!(
            findings(pure, "crates/routing/src/a.rs", text),
            [1, 2, 3, 4]
        );
        assert!(findings(pure, "crates/server/src/a.rs", text).is_empty());
        let fine = "use crate::rand::Pcg;\nlet operand = brand::x();\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert!(findings(pure, "crates/routing/src/a.rs", fine).is_empty());
    }

    #[test]
    fn a_noun_does_not_import_the_store_of_another() {
        let path = "crates/kernel/src/task/service.rs";
        let text = "use crate::unit::store::find;\nuse crate::unit::{model::Unit, store};\nuse super::super::unit::store;\nfn a() { crate::unit::store::x() }\n";
        assert_eq!(findings(foreign_stores, path, text), [1, 2, 3, 4]);
        let fine = "use super::store;\nuse crate::task::store::find;\nuse crate::{unit::service, task::store};\nlet store = 1;\nstruct A { store: u8 }\nuse zf_store::Db;\n";
        assert!(findings(foreign_stores, path, fine).is_empty());
        let far = "use zf_kernel::unit::store::find;\n";
        assert_eq!(
            findings(foreign_stores, "crates/plan/src/week/service.rs", far),
            [1]
        );
    }

    #[test]
    fn rooms_depend_only_downwards() {
        let up = "zf-plan.workspace = true\n";
        assert_eq!(manifest_findings("crates/network/Cargo.toml", up), 1);
        assert_eq!(manifest_findings("crates/field/Cargo.toml", up), 0);
        assert_eq!(
            manifest_findings("crates/kernel/Cargo.toml", "zf-web.workspace = true\n"),
            1
        );
        assert_eq!(manifest_findings("crates/server/Cargo.toml", up), 0);
        assert_eq!(manifest_findings("crates/unheard/Cargo.toml", ""), 1);
    }

    #[test]
    fn pure_crates_have_pure_dependencies_and_all_share_the_lints() {
        assert_eq!(
            manifest_findings("crates/routing/Cargo.toml", "tokio = \"1\"\n"),
            1
        );
        assert_eq!(
            manifest_findings("crates/web/Cargo.toml", "tokio = \"1\"\n"),
            0
        );
        let mut found = Vec::new();
        manifest("crates/base/Cargo.toml", "[package]\n", &mut found);
        assert_eq!(found.len(), 1);
    }
}
