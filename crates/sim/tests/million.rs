//! A million visits on SQLite and a hundred thousand on PostgreSQL, with the
//! built program (`ZF_BIN`, `zoufang bench sim`): nothing lost, doubled or
//! missing; and the broken controls at that size too. Without the program
//! these say that they are skipped.

#![allow(clippy::unwrap_used)]

use serde_json::Value as Json;
use std::path::PathBuf;
use std::process::Command;

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ZF_BIN").map(PathBuf::from);
    if named.is_none() {
        println!("skipped: ZF_BIN is not set");
    }
    named
}

/// Runs `bench sim`; gives whether it was content, and what it found.
fn sim(words: &[&str]) -> Option<(bool, Json)> {
    let out = Command::new(program()?)
        .args(["bench", "sim", "--json"])
        .args(words)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let found: Json = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&out.stderr)));
    println!("{found}");
    Some((out.status.success(), found))
}

fn number(found: &Json, key: &str) -> i64 {
    found[key].as_i64().unwrap()
}

fn nothing_wrong(found: &Json) {
    for key in ["lost", "doubled", "gaps", "wrong"] {
        assert_eq!(number(found, key), 0, "{key}: {found}");
    }
}

#[test]
fn a_million_visits_on_sqlite_lose_double_and_miss_nothing() {
    let Some((good, found)) = sim(&["--visits", "1000000", "--seeds", "20"]) else {
        return;
    };
    assert!(good, "{found}");
    nothing_wrong(&found);
    assert!(number(&found, "saved") >= 1_000_000);
    assert!(number(&found, "server_stops") > 100 && number(&found, "duplicates") > 10_000);
}

#[test]
fn a_hundred_thousand_visits_on_postgresql_lose_double_and_miss_nothing() {
    let Ok(url) = std::env::var("ZF_TEST_PG") else {
        println!("skipped: ZF_TEST_PG is not set");
        return;
    };
    let words = ["--db", url.as_str(), "--visits", "100000", "--seeds", "2"];
    let Some((good, found)) = sim(&words) else {
        return;
    };
    assert!(good, "{found}");
    nothing_wrong(&found);
    assert_eq!(found["engine"], "postgres");
    assert!(number(&found, "saved") >= 100_000);
}

#[test]
fn broken_protocols_lose_or_double_visits_and_the_program_says_so() {
    for (control, key) in [
        ("no-idempotency", "doubled"),
        ("answer-before-commit", "lost"),
        ("delete-on-send", "lost"),
    ] {
        let words = ["--control", control, "--visits", "20000", "--seeds", "2"];
        let Some((good, found)) = sim(&words) else {
            return;
        };
        assert!(!good && number(&found, key) > 0, "{control}: {found}");
    }
}
