//! Two hundred phones of two hundred histories, each five hundred events and
//! more, replayed against the outbox of the field app itself: both twins must
//! be in the same state after every event. Needs Node and the packages of the
//! front end; says so when they are not there. The few that are kept for the
//! front end's own tests are written by `zoufang bench sim --first 7001
//! --seeds 3 --visits 1560 --phones 1 --branches 1 --traces conformance/outbox`.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use zf_sim::{Control, Many, many};

/// Histories whose first phone is traced.
const RUNS: u64 = 200;
/// Events of each trace.
const EVENTS: usize = 500;

fn ask() -> Many {
    Many {
        first: 7_001,
        seeds: RUNS,
        visits: 520,
        phones: 1,
        branches: 1,
        control: Control::None,
        traced: EVENTS,
        threads: 2,
    }
}

fn write_traces(folder: &Path) {
    let write = |seed: u64, one: &zf_sim::Outcome| {
        let events = one.trace.lines().count();
        assert!(events >= EVENTS, "seed {seed}: {events} events");
        std::fs::write(folder.join(format!("{seed}.jsonl")), &one.trace).unwrap();
    };
    let sum = many(&ask(), &write).unwrap();
    assert!(sum.is_sound(), "{:#?}", sum.faults);
}

#[test]
fn the_outbox_of_the_field_app_is_in_the_same_state_after_every_event() {
    let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../frontend");
    if !frontend.join("node_modules/vitest").exists() {
        println!("skipped: the packages of the front end are not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_traces(folder.path());
    let out = Command::new("npx")
        .args(["vitest", "run", "field/src/core/replay.test.ts"])
        .env("ZF_TRACES", folder.path())
        .current_dir(&frontend)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    println!("{said}");
    assert!(out.status.success(), "{said}");
    let wanted = format!("of {RUNS} phones");
    assert!(said.contains(&wanted), "not all were replayed: {said}");
}
