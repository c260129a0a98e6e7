//! Histories of a few thousand visits: nothing is lost, doubled or missing
//! whatever fails (R1, I1–I3, I5, I6, I8), the same seed gives the same
//! history, and every rule that is broken on purpose is seen.

#![allow(clippy::unwrap_used)]

use zf_sim::{Control, Many, Outcome, in_memory, many};

fn ask(seeds: u64, visits: usize) -> Many {
    Many {
        first: 1,
        seeds,
        visits,
        phones: 24,
        branches: 5,
        control: Control::None,
        traced: 0,
        threads: 2,
    }
}

fn run(ask: Many) -> Outcome {
    many(&ask, &|_, _| {}).unwrap()
}

fn told(o: &Outcome) -> String {
    format!(
        "saved {} visits {} aside {} batches {} events {} stops {}/{} duplicates {}; lost {} doubled {} gaps {} wrong {}: {:#?}",
        o.saved,
        o.visits,
        o.aside,
        o.batches,
        o.events,
        o.server_stops,
        o.phone_stops,
        o.duplicates,
        o.lost,
        o.doubled,
        o.gaps,
        o.wrong,
        o.faults
    )
}

#[test]
fn nothing_is_lost_doubled_or_missing_whatever_fails() {
    let o = run(ask(3, 1_500));
    println!("{}", told(&o));
    assert!(o.is_sound(), "{}", told(&o));
    assert!(o.saved >= 4_500, "{}", told(&o));
    // The histories were bad ones, not quiet ones.
    let bad = o.server_stops > 0 && o.phone_stops > 20 && o.duplicates > 50 && o.aside > 20;
    assert!(bad, "{}", told(&o));
}

#[test]
fn a_seed_is_one_history_whenever_it_is_run() {
    let once = |seed| {
        let mut scenario = ask(1, 300).scenario(seed);
        scenario.traced = 500;
        in_memory(scenario).unwrap()
    };
    let (a, b, other) = (once(11), once(11), once(12));
    assert_eq!(
        (a.saved, a.batches, a.events),
        (b.saved, b.batches, b.events)
    );
    // Ids of units and households are the server's own and new every time; what happened is not.
    let kinds = |o: &Outcome| {
        let lines = o
            .trace
            .lines()
            .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
        lines
            .map(|l| l["event"]["is"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&a), kinds(&b));
    assert_ne!(kinds(&a), kinds(&other));
}

#[test]
fn every_rule_that_is_broken_on_purpose_is_seen() {
    for (control, what) in [
        (Control::NoIdempotency, "doubled"),
        (Control::AnswerBeforeCommit, "lost"),
        (Control::DeleteOnSend, "lost"),
    ] {
        let o = run(Many {
            control,
            ..ask(2, 800)
        });
        println!("{control:?}: {}", told(&o));
        let seen = match what {
            "doubled" => o.doubled,
            _ => o.lost,
        };
        assert!(seen > 0, "{control:?} is not seen: {}", told(&o));
    }
}

#[test]
fn a_statement_of_the_sync_code_that_is_forgotten_is_seen() {
    // Each of them in turn, as if the code had a bug.
    for statement in [
        "FEED_ADD",
        "QUARANTINE_ADD",
        "REVIEW_ADD",
        "SYNC_OP_ADD",
        "VISIT_ADD",
        "VISIT_CHANGE",
        "VISIT_MEMBER_ADD",
        "VISIT_MEMBERS_CLEAR",
        "VISIT_REVISION_ADD",
        "VISIT_TALLY_PUT",
    ] {
        let o = run(Many {
            control: Control::Without(statement),
            ..ask(1, 400)
        });
        assert!(!o.is_sound(), "without {statement} nothing is seen");
    }
}
