//! The practice files keep what their shares promise, and the truth beside them
//! agrees with what is in them, counted another way.

use super::*;
use crate::Size;
use std::collections::BTreeSet;
use zf_base::identity::{IdCheck, IdRules, check_id_number};

const DAY: &str = "2026-11-23";

fn sample(people: usize) -> Mess {
    let county = DemoSpec {
        size: Size::County,
        seed: 2016,
        anchor: DAY.parse().unwrap(),
    };
    mess(&MessSpec { county, people })
}

/// Column of a header in a file.
fn at(file: &MessFile, header: &str) -> usize {
    file.headers.iter().position(|h| *h == header).unwrap()
}

#[test]
fn three_files_have_headers_and_formats_of_their_own() {
    let m = sample(600);
    let headers: BTreeSet<_> = m.files.iter().map(|f| f.headers.clone()).collect();
    let encodings: BTreeSet<_> = m.files.iter().map(|f| f.encoding).collect();
    assert_eq!((headers.len(), encodings.len()), (3, 3));
    for file in &m.files {
        assert!(file.rows.len() > 100, "{}", file.name);
        assert!(file.rows.iter().all(|r| r.len() == file.headers.len()));
    }
}

#[test]
fn the_shares_are_those_of_a_county() {
    let m = sample(8_000);
    let good: usize = m.truth.good.values().sum();
    let share = |n: usize| n as f64 / good as f64;
    assert!(share(m.truth.masked) > 0.06 && share(m.truth.masked) < 0.10);
    assert!(share(m.truth.without_place) > 0.27 && share(m.truth.without_place) < 0.36);
    assert!((m.truth.same_person.len() as f64 / 8_000.0 - 0.06).abs() < 0.01);
}

#[test]
fn every_row_is_either_good_or_told_as_wrong_with_its_line() {
    let m = sample(2_000);
    for file in &m.files {
        let wrong = m.truth.wrong.get(file.name).map_or(0, Vec::len);
        assert_eq!(m.truth.good[file.name] + wrong, file.rows.len());
        for w in m.truth.wrong.get(file.name).into_iter().flatten() {
            let row = &file.rows[w.line - file.above.len() - 2];
            let cell = &row[at(file, w.column)];
            match w.what {
                "name" => assert_eq!(cell, ""),
                "unit" => assert_eq!(cell, messy::NO_SUCH_UNIT),
                "phone" => assert!(cell.trim_matches([' ', '\'']).chars().count() != 11),
                "id_number" => assert_ne!(cell, ""),
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn the_unusable_id_number_is_wrong_in_its_check_character_alone() {
    let rules = IdRules {
        accept_demo: true,
        ..IdRules::on(DAY.parse().unwrap())
    };
    let bad = check_id_number(messy::BAD_CHECK_CHAR, rules);
    assert!(matches!(bad, IdCheck::Invalid(_)));
    let body = &messy::BAD_CHECK_CHAR[..17];
    let good = zf_base::identity::with_check_char(body);
    assert!(matches!(check_id_number(&good, rules), IdCheck::Ok { .. }));
}

#[test]
fn customer_numbers_are_unique_and_none_is_one_of_the_demo() {
    let m = sample(3_000);
    let header = ["客户号", "客户编码", "cust_no"];
    let mut seen = BTreeSet::new();
    for (file, header) in m.files.iter().zip(header) {
        let column = at(file, header);
        for row in &file.rows {
            assert!(seen.insert(row[column].clone()));
            assert!(row[column].contains(['M', 'D', 'X']), "{}", row[column]);
        }
    }
    for (a, b) in &m.truth.same_person {
        assert!(seen.contains(a) && seen.contains(b));
    }
}

#[test]
fn the_same_spec_gives_the_same_files() {
    assert_eq!(sample(500), sample(500));
}
