//! Histories of photos: none is lost, doubled or bent whatever fails, little is
//! sent twice over a line that is cut at random, and the rules that are broken
//! on purpose are seen.

#![allow(clippy::unwrap_used)]

use zf_sim::{Bytes, Outcome, PhotoControl, Photos, photos_in_memory};

/// Bytes between two cuts: a photo of 230 KB in the middle gets through four times of five.
const CUT_EVERY: u64 = 1_000_000;

fn run(seed: u64, photos: usize, cut_every: u64, control: PhotoControl) -> (Outcome, Bytes) {
    let folder = tempfile::tempdir().unwrap();
    let ask = Photos {
        seed,
        photos,
        cut_every,
        control,
    };
    let (o, b) = photos_in_memory(folder.path(), ask).unwrap();
    println!(
        "{control:?}, a cut every {} KB: {} photos, {} cuts, {} stops, {} bent, {} there before; {:.1} MB needed, {:.1} MB sent, ratio {:.3}; lost {} doubled {} wrong {}: {:?}",
        cut_every / 1_000,
        o.saved,
        b.cuts,
        o.server_stops,
        b.bent,
        b.had,
        b.needed as f64 / 1e6,
        b.sent as f64 / 1e6,
        b.ratio(),
        o.lost,
        o.doubled,
        o.wrong,
        o.faults.first()
    );
    (o, b)
}

#[test]
fn photos_over_a_line_that_is_cut_at_random_all_arrive_and_little_is_sent_twice() {
    for (seed, cut_every) in [(1, CUT_EVERY), (2, 500_000), (3, 250_000)] {
        let (o, b) = run(seed, 80, cut_every, PhotoControl::None);
        assert!(o.is_sound());
        assert!(b.cuts > 10 && b.had > 0);
        assert!(b.ratio() <= 1.15, "{}", b.ratio());
    }
}

#[test]
fn every_rule_of_photos_that_is_broken_on_purpose_is_seen() {
    for control in [
        PhotoControl::AnswerBeforeDisk,
        PhotoControl::FreeOnSend,
        PhotoControl::Unchecked,
    ] {
        let (o, _) = run(4, 60, CUT_EVERY, control);
        assert!(o.lost > 0, "{control:?} is not seen");
    }
    let (_, b) = run(5, 30, CUT_EVERY / 4, PhotoControl::FromTheBeginning);
    assert!(
        b.ratio() > 1.15,
        "beginning anew is not seen: {}",
        b.ratio()
    );
}
