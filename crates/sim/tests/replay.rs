//! Two hundred phones of two hundred histories, each five hundred events and
//! more, replayed against the outbox of the field app itself: both twins must
//! be in the same state after every event. Needs Node and the packages of the
//! front end; says so when they are not there. The few that are kept for the
//! front end's own tests are written by `zoufang bench sim --first 7001
//! --seeds 3 --visits 1560 --phones 1 --branches 1 --traces conformance/outbox`,
//! and those of pull by `ZF_KEEP_PULL_TRACES=1` and this test.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use zf_sim::{Control, Many, PullControl, Pulls, many, pulls_in_memory};

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

/// A test of the front end that replays traces.
struct Replay {
    test: &'static str,
    /// Variable that names their folder.
    traces: &'static str,
    events: usize,
    /// What it says when all were replayed.
    wanted: String,
}

impl Replay {
    /// Writes the traces and has them replayed.
    fn run(&self, write: impl Fn(&Path)) {
        let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../frontend");
        if !frontend.join("node_modules/vitest").exists() {
            println!("skipped: the packages of the front end are not installed");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let out = Command::new("npx")
            .args(["vitest", "run", self.test])
            .env(self.traces, folder.path())
            .env("ZF_PULL_EVENTS", self.events.to_string())
            .current_dir(&frontend)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout);
        println!("{said}");
        assert!(out.status.success(), "{said}");
        assert!(said.contains(&self.wanted), "not all were replayed: {said}");
    }
}

#[test]
fn the_outbox_of_the_field_app_is_in_the_same_state_after_every_event() {
    let replay = Replay {
        test: "field/src/core/replay.test.ts",
        traces: "ZF_TRACES",
        events: EVENTS,
        wanted: format!("of {RUNS} phones"),
    };
    replay.run(write_traces);
}

/// Histories of pull whose first phone is traced; a build without optimisation takes eight seconds for each.
const PULL_RUNS: u64 = if cfg!(debug_assertions) { 8 } else { 200 };
/// Events of each of them.
const PULL_EVENTS: usize = 500;

fn pull_trace(seed: u64, traced: usize) -> String {
    let one = Pulls {
        seed,
        phones: 2,
        pulls: traced * 2,
        traced,
        control: PullControl::None,
    };
    let out = pulls_in_memory(one).unwrap();
    assert!(out.is_sound(), "seed {seed}: {:#?}", out.faults);
    assert_eq!(out.trace.lines().count(), traced, "seed {seed}");
    out.trace
}

fn write_pull_traces(folder: &Path) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            scope.spawn(move || {
                for seed in (8_001 + half..8_001 + PULL_RUNS).step_by(2) {
                    let text = pull_trace(seed, PULL_EVENTS);
                    std::fs::write(folder.join(format!("{seed}.jsonl")), text).unwrap();
                }
            });
        }
    });
}

#[test]
fn the_pack_of_the_field_app_is_the_same_after_every_answer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if std::env::var_os("ZF_KEEP_PULL_TRACES").is_some() {
        let kept = root.join("conformance/pull/8001.jsonl");
        std::fs::write(kept, pull_trace(8_001, 300)).unwrap();
    }
    let replay = Replay {
        test: "field/src/core/pull-replay.test.ts",
        traces: "ZF_PULL_TRACES",
        events: PULL_EVENTS,
        wanted: format!("of {PULL_RUNS} packs"),
    };
    replay.run(write_pull_traces);
}
