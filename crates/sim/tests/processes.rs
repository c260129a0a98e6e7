//! Real processes, with the built program (`ZF_BIN`, `zoufang bench kill` and
//! `bench full-disk`): the server and phones killed with SIGKILL at random while
//! visits with photos of 20 KB are uploaded, on SQLite and PostgreSQL; broken
//! phones that the same check must see; and a disk that fills up. 500 visits
//! here; `ZF_KILL_VISITS=5000` or the command for more. Without the program
//! these say that they are skipped.

#![allow(clippy::unwrap_used)]

use serde_json::Value as Json;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// One at a time: each keeps the machine busy, and moments would move.
static ALONE: Mutex<()> = Mutex::new(());

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("ZF_BIN").map(PathBuf::from);
    if named.is_none() {
        println!("skipped: ZF_BIN is not set");
    }
    named
}

/// Runs a measurement; gives whether it was content, and what it found.
fn bench(words: &[&str]) -> Option<(bool, Json)> {
    let program = program()?;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(program);
    command.arg("bench").args(words).arg("--json");
    let out = command.output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let found: Json = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&out.stderr)));
    println!("{found}");
    Some((out.status.success(), found))
}

fn number(found: &Json, key: &str) -> i64 {
    found[key].as_i64().unwrap()
}

const FAULTS: [&str; 8] = [
    "lost",
    "doubled",
    "gaps",
    "strange",
    "photos_lost",
    "photos_doubled",
    "photos_wrong",
    "kept_aside",
];

fn nothing_wrong(found: &Json) {
    for key in FAULTS {
        assert_eq!(number(found, key), 0, "{key}: {found}");
    }
}

fn visits() -> String {
    std::env::var("ZF_KILL_VISITS").unwrap_or_else(|_| "500".to_owned())
}

/// Killed again and again; every visit and every photo is there once.
fn killed(on: &[&str]) {
    let visits = visits();
    let words = [&["kill", "--visits", &visits], on].concat();
    let Some((good, found)) = bench(&words) else {
        return;
    };
    nothing_wrong(&found);
    assert!(good, "{found}");
    let wanted: i64 = visits.parse().unwrap();
    // A phone may have been killed after a visit was complete and before
    // anybody saw that it was saved.
    assert!(number(&found, "saved") > wanted * 9 / 10, "{found}");
    assert_eq!(number(&found, "visits"), wanted, "{found}");
    assert_eq!(number(&found, "photos"), number(&found, "saved"), "{found}");
    // The moments were bad ones.
    assert!(number(&found, "server_kills") >= 5, "{found}");
    assert!(number(&found, "phone_kills") >= 20, "{found}");
    assert!(number(&found, "unanswered") >= 5, "{found}");
}

#[test]
fn server_and_phones_killed_at_random_lose_and_double_no_visit_and_no_photo_on_sqlite() {
    killed(&[]);
}

#[test]
fn server_and_phones_killed_at_random_lose_and_double_no_visit_and_no_photo_on_postgresql() {
    let Ok(url) = std::env::var("ZF_TEST_PG") else {
        println!("skipped: ZF_TEST_PG is not set");
        return;
    };
    killed(&["--db", &url]);
}

#[test]
fn phones_that_delete_before_the_answer_lose_visits_and_photos_and_the_check_says_so() {
    let words = ["kill", "--visits", "120", "--control", "delete-on-send"];
    let Some((good, found)) = bench(&words) else {
        return;
    };
    assert!(!good, "{found}");
    assert!(number(&found, "lost") > 0, "{found}");
    assert!(number(&found, "photos_lost") > 0, "{found}");
}

#[test]
fn phones_that_rename_what_they_send_again_double_visits_and_the_check_says_so() {
    let words = ["kill", "--visits", "200", "--control", "no-idempotency"];
    let Some((good, found)) = bench(&words) else {
        return;
    };
    assert!(!good && number(&found, "doubled") > 0, "{found}");
}

/// A disk that fills up: refusals that say what to do, and the same process
/// goes on when there is space.
fn full(words: &[&str]) -> Option<Json> {
    let (good, found) = bench(&[&["full-disk"], words].concat())?;
    nothing_wrong(&found);
    assert!(good, "{found}");
    for key in ["same_process", "readable_while_full", "clear_words"] {
        assert_eq!(found[key], true, "{key}: {found}");
    }
    let refused = found["refused"].as_array().unwrap();
    let told = refused
        .iter()
        .find(|r| r["code"] == "disk.full")
        .unwrap_or_else(|| panic!("{found}"));
    let (status, detail) = (told["status"].as_i64(), told["detail"].as_str().unwrap());
    assert_eq!(status, Some(507));
    for words in ["磁盘", "系统管理员", "不要删除"] {
        assert!(detail.contains(words), "{detail}");
    }
    println!("full disk by: {}", found["layer"]);
    Some(found)
}

#[test]
fn a_full_disk_acknowledges_nothing_that_is_not_there_and_goes_on_when_there_is_space() {
    full(&[]);
}

#[test]
fn files_that_may_not_grow_any_more_are_met_like_a_full_disk() {
    if let Some(found) = full(&["--limit"]) {
        assert_eq!(found["layer"], "file size limit");
    }
}
