//! The benchmark is what it says it is.

use super::*;
use std::collections::{BTreeMap, BTreeSet};

fn rows(noise: Noise) -> Vec<LinkageRow> {
    linkage(&LinkageSpec {
        records: 20_000,
        seed: 5,
        noise,
    })
}

#[test]
fn the_same_seed_gives_the_same_records_and_another_seed_others() {
    let spec = |seed| LinkageSpec {
        records: 500,
        seed,
        noise: Noise::default(),
    };
    assert_eq!(linkage(&spec(1)), linkage(&spec(1)));
    assert_ne!(linkage(&spec(1)), linkage(&spec(2)));
}

#[test]
fn without_copies_everybody_is_there_once() {
    let rows = rows(Noise::without_copies());
    let people: BTreeSet<usize> = rows.iter().map(|r| r.person).collect();
    assert_eq!(people.len(), 20_000);
}

#[test]
fn every_hard_case_is_there() {
    let rows = rows(Noise::default());
    assert_eq!(rows.len(), 20_000);
    let mut people: BTreeMap<usize, Vec<&LinkageRow>> = BTreeMap::new();
    for row in &rows {
        people.entry(row.person).or_default().push(row);
    }
    let copies = rows.len() - people.len();
    assert!((2_400..3_600).contains(&copies), "{copies}");
    let share =
        |f: &dyn Fn(&LinkageRow) -> bool| rows.iter().filter(|r| f(r)).count() as f64 / 20_000.0;
    assert!((0.09..0.15).contains(&share(&|r| r.id_number.len() < 15)));
    assert!((0.04..0.08).contains(&share(&|r| r.phone.contains('*'))));
    assert!((0.03..0.08).contains(&share(&|r| r.id_number.contains('*'))));
    assert!((0.03..0.08).contains(&share(&|r| r.address.is_empty())));
    let mut phones: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|r| r.phone.len() == 11 && !r.phone.contains('*'))
    {
        phones.entry(&row.phone).or_default().insert(row.person);
    }
    let shared = phones.values().filter(|p| p.len() > 1).count();
    assert!(shared > 1_000, "{shared}");
    let renamed = people
        .values()
        .filter(|p| p.iter().any(|r| r.name != p[0].name))
        .count();
    assert!(renamed > 100, "{renamed}");
    let twins: BTreeSet<&str> = rows
        .iter()
        .filter(|r| r.id_number.len() == 18)
        .map(|r| &r.id_number[..14])
        .collect();
    assert!(twins.len() < people.len());
}
