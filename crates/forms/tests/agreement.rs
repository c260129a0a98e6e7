//! The committed sample that the phone's engine is compared with is what this
//! engine says today. After a change that is meant to change results:
//! `cargo run -p zf-forms --example agree -- 1 300 > conformance/agreement.jsonl`.

#![allow(clippy::unwrap_used)]

#[path = "support/random.rs"]
mod random;

#[test]
fn the_committed_sample_is_what_this_engine_says() {
    let sample = include_str!("../../../conformance/agreement.jsonl");
    let lines: Vec<&str> = sample.lines().collect();
    assert_eq!(lines.len(), 300);
    // Every fifth: the parser is slow in a debug build.
    for (number, line) in lines.iter().enumerate().step_by(5) {
        assert_eq!(random::line(1, number as u64), *line, "line {}", number + 1);
    }
}

#[test]
fn the_sample_meets_every_kind_of_outcome() {
    let sample = include_str!("../../../conformance/agreement.jsonl");
    let met = |needle: &str| sample.lines().filter(|l| l.contains(needle)).count();
    for needle in [
        " relevant\"",
        " required\"",
        " constraint\"",
        " calculate\"",
        " score\"",
        "[0].",
        "exists(",
        "matches(",
        "today()",
        "years(",
        "answered(",
        "请从选项中选择",
        "请按分填整数",
        "stranger",
    ] {
        assert!(met(needle) >= 3, "{needle}: {}", met(needle));
    }
}
