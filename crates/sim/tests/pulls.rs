//! Histories of pull: what a phone carries is what it may see now, whatever
//! changes between any two pages and whatever fails (I4, I7); and the rules
//! that are broken on purpose are seen.

#![allow(clippy::unwrap_used)]

use zf_sim::{Outcome, PullControl, Pulls, pulls_in_memory};

fn run(first: u64, seeds: u64, pulls: usize, control: PullControl) -> Outcome {
    let mut sum = Outcome::default();
    for seed in first..first + seeds {
        let one = Pulls {
            seed,
            phones: 4,
            pulls,
            traced: 0,
            control,
        };
        sum.add(pulls_in_memory(one).unwrap());
    }
    println!(
        "{control:?}: {} packs compared, {} requests, {} changes, {} revoked, {} too old, stops {}/{}; wrong {}: {:#?}",
        sum.visits,
        sum.batches,
        sum.changes,
        sum.revoked,
        sum.resyncs,
        sum.server_stops,
        sum.phone_stops,
        sum.wrong,
        sum.faults
    );
    sum
}

#[test]
fn what_a_phone_carries_is_what_it_may_see_now_whatever_changes_and_fails() {
    let o = run(1, 10, 120, PullControl::None);
    assert!(o.is_sound());
    assert!(o.visits > 1_000 && o.changes > 1_500);
    assert!(o.revoked > 20 && o.resyncs > 10 && o.server_stops > 20 && o.phone_stops > 50);
}

#[test]
fn every_rule_of_pull_that_is_broken_on_purpose_is_seen() {
    for control in [
        PullControl::IgnoreEpoch,
        PullControl::KeepGone,
        PullControl::KeepRevoked,
        PullControl::Without("SHOWN_PUT"),
    ] {
        let o = run(1, 2, 100, control);
        assert!(o.wrong > 0, "{control:?} is not seen");
    }
}
