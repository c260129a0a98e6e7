//! Histories of form drift: every visit is judged by the version it names, and
//! what names one that is not known is taken over once it is.

#![allow(clippy::unwrap_used)]

use zf_sim::{Drift, Outcome, drift_in_memory};

fn run(seeds: u64, ignore_version: bool) -> Outcome {
    let mut sum = Outcome::default();
    for seed in 1..=seeds {
        let ask = Drift {
            seed,
            visits: 300,
            ignore_version,
        };
        sum.add(drift_in_memory(ask).unwrap());
    }
    println!(
        "{} visits of {} new versions, {} sent again, {} taken over later; wrong {}: {:#?}",
        sum.saved, sum.changes, sum.duplicates, sum.aside, sum.wrong, sum.faults
    );
    sum
}

#[test]
fn a_visit_is_judged_by_the_version_it_names_and_waits_when_nobody_knows_that() {
    let o = run(8, false);
    assert!(o.is_sound());
    assert!(o.changes > 15 && o.aside > 20 && o.duplicates > 50);
}

#[test]
fn a_server_that_ignores_the_version_is_seen() {
    assert!(run(2, true).wrong > 0);
}
