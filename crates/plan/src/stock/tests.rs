//! The ledger and the outlook with figures reckoned by hand.

use super::outlook::{Asked, By, outlook};
use super::*;

fn entry(seq: i64, kind: Kind, pieces: i64) -> Entry {
    Entry {
        seq,
        item: "form".to_owned(),
        kind,
        pieces,
        unit_fen: None,
        day: "2024-03-04".parse().unwrap(),
        memo: String::new(),
        peer: None,
        of_seq: None,
        at: Timestamp(0),
        by_name: "甲".to_owned(),
    }
}

#[test]
fn a_stock_is_what_came_less_what_went() {
    let mut arrived = entry(2, Kind::Arrived, 900);
    arrived.unit_fen = Some(12);
    let county = [
        entry(1, Kind::Ordered, 1_000),
        arrived,
        entry(3, Kind::Issued, 350),
        entry(4, Kind::TakenBack, 50),
        entry(5, Kind::Counted, -7),
    ];
    let line = &tally(&county)["form"];
    assert_eq!((line.ordered, line.arrived, line.issued), (1_000, 900, 350));
    assert_eq!((line.stock(), line.spent_fen), (593, 10_800));
    let branch = [entry(1, Kind::Received, 348), entry(2, Kind::Returned, 50)];
    let mut line = tally(&branch)["form"].clone();
    line.used = 41;
    assert_eq!(line.stock(), 257);
}

#[test]
fn a_correction_counts_as_what_it_corrects_and_nothing_else_moves() {
    let mut arrived = entry(1, Kind::Arrived, 500);
    arrived.unit_fen = Some(30);
    let mut less = entry(3, Kind::Correction, -50);
    less.of_seq = Some(1);
    let mut more = entry(4, Kind::Correction, 20);
    more.of_seq = Some(2);
    let all = [arrived, entry(2, Kind::Issued, 100), less, more];
    let line = &tally(&all)["form"];
    assert_eq!((line.arrived, line.issued, line.counted), (450, 120, 0));
    assert_eq!((line.stock(), line.spent_fen), (330, 13_500));
    assert_eq!((in_force(&all, 1), in_force(&all, 2)), (450, 120));
    // The control: without the corrections the first figures stand.
    assert_eq!(tally(&all[..2])["form"].stock(), 400);
}

fn days(n: i32) -> Vec<Day> {
    let first: Day = "2024-03-04".parse().unwrap();
    (0..n).map(|i| first.plus_days(i)).collect()
}

#[test]
fn a_stock_runs_out_on_the_first_day_it_does_not_cover() {
    let asked = Asked {
        stock: 70,
        used: 0,
        days_over: 0,
        households_left: 200,
        per_hundred: 100,
    };
    // 20 households a day for ten days, a piece each: 60 after three days, the fourth is open.
    let by_plan = outlook(&asked, &days(10));
    assert_eq!(by_plan.runs_out, Some("2024-03-07".parse().unwrap()));
    assert_eq!(
        (by_plan.need_left, by_plan.short, by_plan.in_ten_days),
        (200, 130, 200)
    );
    assert_eq!(by_plan.by, Some(By::Plan));
    let enough = outlook(
        &Asked {
            stock: 200,
            ..asked
        },
        &days(10),
    );
    assert_eq!((enough.runs_out, enough.short), (None, 0));
    let one_less = outlook(
        &Asked {
            stock: 199,
            ..asked
        },
        &days(10),
    );
    assert_eq!(one_less.runs_out, Some("2024-03-13".parse().unwrap()));
    assert_eq!(one_less.short, 1);
}

#[test]
fn what_phones_have_handed_out_is_the_pace_once_it_is_known() {
    let asked = Asked {
        stock: 30,
        used: 25,
        days_over: 10,
        households_left: 200,
        per_hundred: 100,
    };
    // 2.5 a day: 30 last twelve days.
    let used = outlook(&asked, &days(20));
    assert_eq!(used.by, Some(By::Used));
    assert_eq!(used.runs_out, Some("2024-03-16".parse().unwrap()));
    assert_eq!((used.need_left, used.short, used.in_ten_days), (50, 20, 25));
    // Nothing is needed of what the file does not reckon, nor after the last day.
    let unknown = Asked {
        used: 0,
        per_hundred: 0,
        stock: 0,
        ..asked
    };
    let none = outlook(&unknown, &days(20));
    assert_eq!((none.by, none.runs_out, none.short), (None, None, 0));
    let over = outlook(&Asked { stock: 0, ..asked }, &[]);
    assert_eq!((over.runs_out, over.short), (None, 0));
    let never = Asked {
        used: 0,
        stock: 0,
        ..asked
    };
    assert_eq!(outlook(&never, &[]).by, Some(By::Plan));
    // An empty store is open from the first day.
    let empty = outlook(&Asked { stock: 0, ..asked }, &days(3));
    assert_eq!(empty.runs_out, Some("2024-03-04".parse().unwrap()));
}

#[test]
fn each_side_has_its_own_movements() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_code(kind.as_str()), Some(kind));
        assert!(kind.is_of_county() || kind.is_of_branch());
    }
    assert!(!Kind::Issued.is_of_branch() && !Kind::Received.is_of_county());
    assert_eq!(Kind::Received.confirms(), Some(Kind::Issued));
    assert_eq!(Kind::TakenBack.confirms(), Some(Kind::Returned));
}
