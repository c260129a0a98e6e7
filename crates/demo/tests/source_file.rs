//! The demo on the real source file, which is not part of the project:
//! `ZOUFANG_BANK_MARKETING` names it (`bank-full.csv.gz`).

#![allow(clippy::unwrap_used)]

use zf_demo::{DemoSpec, Size, generate, parse_bank_marketing};

#[test]
fn the_real_source_file_gives_one_customer_per_row() {
    let Some(path) = std::env::var_os("ZOUFANG_BANK_MARKETING") else {
        println!("skipped: ZOUFANG_BANK_MARKETING does not name bank-full.csv.gz");
        return;
    };
    let source = parse_bank_marketing(&std::fs::read(path).unwrap()).unwrap();
    let spec = DemoSpec {
        size: Size::County,
        seed: 1,
        anchor: "2016-10-01".parse().unwrap(),
    };
    let customers = generate(&spec, Some(&source)).customers;
    // Published: 45,211 clients, 815 in default, 25,130 with a housing loan.
    assert_eq!((source.len(), customers.len()), (45_211, 45_211));
    assert_eq!(customers.iter().filter(|c| c.in_default).count(), 815);
    assert_eq!(customers.iter().filter(|c| c.housing_loan).count(), 25_130);
    let mut pairs: Vec<(i32, i64)> = source
        .iter()
        .zip(&customers)
        .map(|(row, c)| (row.balance, c.balance.0))
        .collect();
    pairs.sort_unstable();
    assert!(pairs.is_sorted_by_key(|(_, fen)| *fen));
}
