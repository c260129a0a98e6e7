//! The audit chain against an attacker who has the database and not the key.
#![allow(clippy::unwrap_used)]

mod common;

use common::{PASSPHRASE, SUITES, hex, pinned, ring, uuid};
use proptest::prelude::*;
use serde_json::json;
use zf_base::{Day, Uuid};
use zf_vault::{
    ChainEntry, ChainHead, ChainVerifier, Finding, GENESIS, Keyring, Problem, Suite,
    canonical_json, os_random,
};

/// A row as the database holds it.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    unit: Uuid,
    stream: u8,
    seq: i64,
    id: Uuid,
    at: i64,
    texts: [String; 5],
    hash: [u8; 32],
}

impl Row {
    fn entry(&self) -> ChainEntry<'_> {
        ChainEntry {
            unit: self.unit,
            stream: self.stream,
            seq: self.seq,
            id: self.id,
            at: self.at,
            actor: &self.texts[0],
            action: &self.texts[1],
            target_kind: &self.texts[2],
            target_id: &self.texts[3],
            detail: &self.texts[4],
        }
    }
}

const ROWS: usize = 200;
const COLUMNS: usize = 11;

fn chain(ring: &Keyring, unit: u128, stream: u8, rows: usize) -> (Vec<Row>, ChainHead) {
    let mut out: Vec<Row> = Vec::new();
    for i in 0..rows {
        let mut row = Row {
            unit: uuid(unit),
            stream,
            seq: i as i64 + 1,
            id: uuid(1_000 * unit + i as u128),
            at: 1_500_000_000_000_000 + i as i64,
            texts: [
                format!("user-{}", i % 7),
                "customer.change".into(),
                "customer".into(),
                format!("c{i}"),
                canonical_json(&json!({"row": i, "fields": ["phone"]})),
            ],
            hash: GENESIS,
        };
        let prev = out.last().map_or(GENESIS, |r| r.hash);
        row.hash = ring.chain_hash(&prev, &row.entry());
        out.push(row);
    }
    let hash = out.last().map_or(GENESIS, |r| r.hash);
    (out, ring.chain_head(uuid(unit), stream, rows as i64, hash))
}

/// What `audit verify` does: read in order of the key, feed, compare heads.
fn verify(ring: &Keyring, rows: &[Row], heads: &[ChainHead]) -> Vec<Finding> {
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|r| (r.unit, r.stream, r.seq));
    let mut verifier = ChainVerifier::new(ring);
    for row in &sorted {
        verifier.feed(&row.entry(), &row.hash);
    }
    assert_eq!(verifier.fed(), rows.len() as u64);
    verifier.finish(heads)
}

/// Changes one column of a row a little.
fn change(row: &mut Row, column: usize) {
    match column {
        0 => row.unit = Uuid::from_u128(row.unit.as_u128() ^ 1 << 90),
        1 => row.stream ^= 1,
        2 => row.seq += 1_000,
        3 => row.id = Uuid::from_u128(row.id.as_u128() ^ 1),
        4 => row.at ^= 1,
        5..=9 => row.texts[column - 5].push(' '),
        _ => row.hash[31] ^= 1,
    }
}

fn problem(unit: u128, seq: i64, problem: Problem) -> Finding {
    Finding {
        unit: uuid(unit),
        stream: 3,
        seq,
        problem,
    }
}

#[test]
fn an_untouched_chain_has_no_findings() {
    for suite in SUITES {
        let (ring, file) = ring(suite);
        let (mut rows, head) = chain(&ring, 1, 3, ROWS);
        let (more, head2) = chain(&ring, 1, 4, 50);
        let (other, head3) = chain(&ring, 2, 3, 50);
        let (_, empty) = chain(&ring, 3, 0, 0);
        rows.extend(more);
        rows.extend(other);
        let heads = [head, head2, head3, empty];
        assert_eq!(verify(&ring, &rows, &heads), []);
        let (rotated, _) = ring.rotate(&file, PASSPHRASE, &mut os_random).unwrap();
        assert_eq!(verify(&rotated, &rows, &heads), [], "also after rotation");
    }
}

#[test]
fn a_change_of_any_column_of_any_row_is_found() {
    for suite in SUITES {
        let ring = common::shared(suite);
        let (rows, head) = chain(ring, 1, 3, ROWS);
        let mut tried = 0;
        for at in 0..ROWS {
            for column in 0..COLUMNS {
                let mut bad = rows.clone();
                change(&mut bad[at], column);
                assert_ne!(bad[at], rows[at]);
                let found = verify(ring, &bad, &[head]);
                assert!(!found.is_empty(), "row {at}, column {column} went unseen");
                // A change that leaves the row in its place is pinned to it.
                let seq = at as i64 + 1;
                if (3..10).contains(&column) {
                    assert_eq!(found, [problem(1, seq, Problem::Changed)]);
                }
                if column == 10 {
                    assert_eq!(found[0], problem(1, seq, Problem::Changed));
                }
                tried += 1;
            }
        }
        assert_eq!(tried, ROWS * COLUMNS);
    }
}

#[test]
fn the_removal_of_any_row_is_found_also_when_the_rest_is_renumbered() {
    let ring = common::shared(Suite::Intl);
    let (rows, head) = chain(ring, 1, 3, ROWS);
    for at in 0..ROWS {
        let seq = at as i64 + 1;
        let mut bad = rows.clone();
        bad.remove(at);
        let want = if at == ROWS - 1 {
            problem(1, seq - 1, Problem::Truncated { head_seq: seq })
        } else {
            problem(1, seq, Problem::Missing { through: seq })
        };
        assert_eq!(verify(ring, &bad, &[head]), [want]);
        for row in &mut bad[at..] {
            row.seq -= 1;
        }
        assert!(
            !verify(ring, &bad, &[head]).is_empty(),
            "renumbered after {at}"
        );
    }
}

#[test]
fn an_inserted_row_is_found_at_every_place() {
    let ring = common::shared(Suite::Gm);
    let (rows, head) = chain(ring, 1, 3, ROWS);
    for at in 0..=ROWS {
        // A copy of a neighbour, and a row hashed with a key of the
        // attacker's own; the rest is pushed on.
        for forger in [None, Some(common::shared(Suite::Intl))] {
            let mut bad = rows.clone();
            let mut new = rows[at.min(ROWS - 1)].clone();
            new.seq = at as i64 + 1;
            if let Some(forger) = forger {
                let prev = at.checked_sub(1).map_or(GENESIS, |i| rows[i].hash);
                new.hash = forger.chain_hash(&prev, &new.entry());
            }
            bad.insert(at, new);
            for row in &mut bad[at + 1..] {
                row.seq += 1;
            }
            assert!(!verify(ring, &bad, &[head]).is_empty(), "inserted at {at}");
        }
    }
}

#[test]
fn any_two_exchanged_rows_are_found() {
    let ring = common::shared(Suite::Intl);
    let (rows, head) = chain(ring, 1, 3, 40);
    for a in 0..40 {
        for b in a + 1..40 {
            let mut bad = rows.clone();
            bad.swap(a, b);
            (bad[a].seq, bad[b].seq) = (a as i64 + 1, b as i64 + 1);
            let found = verify(ring, &bad, &[head]);
            assert!(
                found.contains(&problem(1, a as i64 + 1, Problem::Changed)),
                "{a} {b}"
            );
        }
    }
}

#[test]
fn truncation_at_every_length_is_found_also_with_a_head_made_to_fit() {
    let ring = common::shared(Suite::Intl);
    let forger = common::shared(Suite::Gm);
    let (rows, head) = chain(ring, 1, 3, ROWS);
    for len in 0..ROWS {
        let cut = &rows[..len];
        let (seq, head_seq) = (len as i64, ROWS as i64);
        let want = problem(1, seq, Problem::Truncated { head_seq });
        assert_eq!(verify(ring, cut, &[head]), [want]);
        // The head pushed back without the key, in three ways.
        let hash = cut.last().map_or(GENESIS, |r| r.hash);
        let forged = problem(1, seq, Problem::HeadForged);
        let same_mac = ChainHead { seq, hash, ..head };
        assert_eq!(verify(ring, cut, &[same_mac]), [forged]);
        let own_mac = forger.chain_head(uuid(1), 3, seq, hash);
        assert_eq!(verify(ring, cut, &[own_mac]), [forged]);
        if len > 0 {
            let none = problem(1, seq, Problem::HeadMissing);
            assert_eq!(verify(ring, cut, &[]), [none]);
        }
    }
}

#[test]
fn rows_after_the_head_and_a_head_of_another_chain_are_found() {
    let ring = common::shared(Suite::Intl);
    let (rows, _) = chain(ring, 1, 3, 10);
    let old = ring.chain_head(uuid(1), 3, 9, rows[8].hash);
    let want = problem(1, 10, Problem::BeyondHead { head_seq: 9 });
    assert_eq!(verify(ring, &rows, &[old]), [want]);
    let wrong = ring.chain_head(uuid(1), 3, 10, rows[8].hash);
    assert_eq!(
        verify(ring, &rows, &[wrong]),
        [problem(1, 10, Problem::HeadDiffers)]
    );
    let (_, other) = chain(ring, 2, 3, 10);
    let moved = ChainHead {
        unit: uuid(1),
        ..other
    };
    assert_eq!(
        verify(ring, &rows, &[moved]),
        [problem(1, 10, Problem::HeadForged)]
    );
}

#[test]
fn a_row_cannot_be_moved_to_another_chain() {
    let ring = common::shared(Suite::Intl);
    let (a, head_a) = chain(ring, 1, 3, 10);
    let (b, head_b) = chain(ring, 2, 3, 10);
    let mut bad: Vec<Row> = a.iter().chain(&b).cloned().collect();
    let (first, second) = (bad[4].unit, bad[14].unit);
    (bad[4].unit, bad[14].unit) = (second, first);
    let found = verify(ring, &bad, &[head_a, head_b]);
    assert!(found.contains(&problem(1, 5, Problem::Changed)));
    assert!(found.contains(&problem(2, 5, Problem::Changed)));
}

#[test]
fn rows_fed_twice_or_backwards_are_found() {
    let ring = common::shared(Suite::Intl);
    let (rows, head) = chain(ring, 1, 3, 3);
    let mut verifier = ChainVerifier::new(ring);
    for at in [0, 1, 1, 0, 2] {
        verifier.feed(&rows[at].entry(), &rows[at].hash);
    }
    let want = [
        problem(1, 2, Problem::OutOfOrder),
        problem(1, 1, Problem::OutOfOrder),
    ];
    assert_eq!(verifier.finish(&[head]), want);
}

#[test]
fn verification_can_go_on_from_an_older_head_and_refuses_a_forged_one() {
    let ring = common::shared(Suite::Gm);
    let (rows, head) = chain(ring, 1, 3, 20);
    let older = ring.chain_head(uuid(1), 3, 12, rows[11].hash);
    let mut verifier = ChainVerifier::new(ring);
    assert!(verifier.start_after(&older));
    for row in &rows[12..] {
        verifier.feed(&row.entry(), &row.hash);
    }
    assert_eq!(verifier.finish(&[head]), []);

    let mut verifier = ChainVerifier::new(ring);
    assert!(!verifier.start_after(&ChainHead { seq: 11, ..older }));
    assert_eq!(verifier.finish(&[]), [problem(1, 11, Problem::HeadForged)]);
}

#[test]
fn text_moved_across_the_border_of_two_columns_has_another_hash() {
    let ring = common::shared(Suite::Intl);
    let (rows, _) = chain(ring, 1, 3, 1);
    for border in 0..4 {
        let mut a = rows[0].clone();
        a.texts[border] = "ab".into();
        a.texts[border + 1] = "c".into();
        let mut b = rows[0].clone();
        b.texts[border] = "a".into();
        b.texts[border + 1] = "bc".into();
        let hashes = [&a, &b].map(|r| ring.chain_hash(&GENESIS, &r.entry()));
        assert_ne!(
            hashes[0],
            hashes[1],
            "between texts {border} and {}",
            border + 1
        );
    }
}

/// Expected values computed in another language from the module texts.
#[test]
fn the_hashes_of_both_suites_never_change() {
    let rows = [
        (
            Suite::Intl,
            "ceeadf6ce97b7795a9921ba3122659474e3c5ad647f92c8d265e67d9727dde4a",
            "786b575da4ed2862d4193331fdeb4204723bef80bd30be96fe175c6a67096e31",
            "e77641a703e7b4976cda3cb5652b4eaf1a30fe2f3893474c8d6429782f62e983",
        ),
        (
            Suite::Gm,
            "a79a6e6e81d0c71d2739df5c338d2b37550329f306a6ec24031f11fc582babb1",
            "42654cd8d1592b0b59c0811d9a6e01374990aa9c5045e48ede7c21350755eaf0",
            "85c413d77b5a2086439e5181f4037798f122988814cc6e20ebb589c87e6116c7",
        ),
    ];
    for (suite, hash, mac, root) in rows {
        let ring = pinned(suite);
        let entry = ChainEntry {
            unit: uuid(1),
            stream: 3,
            seq: 1,
            id: uuid(2),
            at: 1_500_000_000_000_000,
            actor: "张三",
            action: "sign-in",
            target_kind: "user",
            target_id: "u1",
            detail: "{}",
        };
        let got = ring.chain_hash(&GENESIS, &entry);
        assert_eq!(hex(&got), hash, "{suite:?}");
        let head = ring.chain_head(uuid(1), 3, 1, got);
        assert_eq!(hex(&head.mac), mac, "{suite:?}");
        let day = Day::from_epoch_days(20_000);
        assert_eq!(hex(&ring.daily_root(day, &[head])), root, "{suite:?}");
    }
}

#[test]
fn the_daily_root_sees_every_head_and_not_their_order() {
    let ring = common::shared(Suite::Intl);
    let heads: Vec<ChainHead> = (0..10)
        .map(|i| ring.chain_head(uuid(i), (i % 8) as u8, 100 + i as i64, [i as u8; 32]))
        .collect();
    let day = Day::from_epoch_days(20_000);
    let root = ring.daily_root(day, &heads);
    let mut mixed = heads.clone();
    mixed.reverse();
    assert_eq!(ring.daily_root(day, &mixed), root);
    assert_ne!(ring.daily_root(day.plus_days(1), &heads), root);
    for at in 0..heads.len() {
        let mut bad = heads.clone();
        bad.remove(at);
        assert_ne!(ring.daily_root(day, &bad), root, "without head {at}");
        for part in 0..4 {
            let mut bad = heads.clone();
            match part {
                0 => bad[at].unit = uuid(99),
                1 => bad[at].stream ^= 8,
                2 => bad[at].seq -= 1,
                _ => bad[at].hash[0] ^= 1,
            }
            assert_ne!(ring.daily_root(day, &bad), root, "head {at}, part {part}");
        }
    }
}

#[test]
fn canonical_json_sorts_keys_at_every_level_and_keeps_lists() {
    let text = r#" {"b": [3, 1, {"z": null, "a": true}], "a": "引号\" \n", "B": 1.50, "": -0.5} "#;
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(
        canonical_json(&value),
        r#"{"":-0.5,"B":1.5,"a":"引号\" \n","b":[3,1,{"a":true,"z":null}]}"#
    );
    assert_eq!(canonical_json(&json!({})), "{}");
    assert_eq!(canonical_json(&json!([])), "[]");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        // Eighths are read exactly; see the remark at `canonical_json`.
        any::<i32>().prop_map(|n| serde_json::Value::from(f64::from(n) / 8.0)),
        ".{0,8}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_json_reads_back_as_the_same_value_and_the_same_text(value in any_json()) {
        let text = canonical_json(&value);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&canonical_json(&read), &text);
        prop_assert_eq!(read, value);
    }
}
