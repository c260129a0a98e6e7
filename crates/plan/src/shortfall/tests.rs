//! The ledger on figures that were worked out by hand, and its rules on
//! figures of chance, against a plain sum.

use super::*;
use proptest::prelude::*;
use zf_base::calendar::WorkCalendar;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Workdays of a stretch with a quota that changes on a day.
fn planned(first: &str, last: &str, quota: impl Fn(Day) -> i64) -> BTreeMap<Day, i64> {
    let calendar = WorkCalendar::statutory();
    let days = day(first).through(day(last));
    days.filter(|d| calendar.is_workday(*d))
        .map(|d| (d, quota(d)))
        .collect()
}

/// Two weeks of March 2024, 17 households a day, 19 from the second week on.
fn facts() -> Facts {
    let quota = |d: Day| if d < day("2024-03-11") { 17 } else { 19 };
    Facts {
        planned: planned("2024-03-04", "2024-03-15", quota),
        carry_over: true,
        ..Facts::default()
    }
}

fn typed(counts: &[(&str, i64)]) -> Facts {
    let counts = counts.iter().map(|(d, n)| (day(d), *n)).collect();
    Facts { counts, ..facts() }
}

#[test]
fn what_is_missed_is_carried_and_what_is_beyond_the_quota_repays() {
    let f = typed(&[
        ("2024-03-04", 12), // 5 missing
        ("2024-03-05", 17),
        ("2024-03-06", 19), // 2 back
        ("2024-03-07", 16), // 1 missing
        ("2024-03-08", 30), // 13 beyond, only 4 are open
        ("2024-03-11", 18), // the new quota is 19: 1 missing
    ]);
    let l = ledger(&f, day("2024-03-13"));
    let rows: Vec<_> = l
        .entries
        .iter()
        .map(|e| (e.due, e.done, e.carried, e.repaid, e.balance))
        .collect();
    assert_eq!(
        rows,
        [
            (17, Some(12), 5, 0, 5),
            (17, Some(17), 0, 0, 5),
            (17, Some(19), 0, 2, 3),
            (17, Some(16), 1, 0, 4),
            (17, Some(30), 0, 4, 0),
            (19, Some(18), 1, 0, 1),
            (19, None, 0, 0, 1), // the 12th is not known
        ]
    );
    assert_eq!((l.balance, l.due, l.done, l.open_days), (1, 104, 112, 1));
}

#[test]
fn a_quota_that_changes_does_not_reach_back() {
    let f = typed(&[("2024-03-08", 17), ("2024-03-11", 17)]);
    let l = ledger(&f, day("2024-03-12"));
    assert_eq!(l.balance, 2);
    // Measured by today's quota the Friday before would be short as well.
    let mut wrong = f;
    wrong.planned.values_mut().for_each(|n| *n = 19);
    assert_eq!(ledger(&wrong, day("2024-03-12")).balance, 4);
}

#[test]
fn holidays_and_weekends_are_never_due_but_visits_on_them_repay() {
    // 1 to 7 October 2024 are holidays; the 29th of September is worked.
    let mut f = Facts {
        planned: planned("2024-09-27", "2024-10-09", |_| 17),
        carry_over: true,
        ..Facts::default()
    };
    let dues: Vec<String> = f.planned.keys().map(ToString::to_string).collect();
    assert_eq!(
        dues,
        [
            "2024-09-27",
            "2024-09-29",
            "2024-09-30",
            "2024-10-08",
            "2024-10-09"
        ]
    );
    f.counts.insert(day("2024-09-30"), 10);
    f.counts.insert(day("2024-10-02"), 4);
    let l = ledger(&f, day("2024-10-08"));
    let october: Vec<_> = l.entries.iter().filter(|e| e.day.month() == 10).collect();
    assert_eq!(october.len(), 1);
    assert_eq!(
        (october[0].due, october[0].repaid, october[0].balance),
        (0, 4, 3)
    );
    // A holiday that somebody counts as a planned day would be owed in full.
    f.planned.insert(day("2024-10-02"), 17);
    assert_eq!(ledger(&f, day("2024-10-08")).balance, 7 + 13);
}

#[test]
fn a_week_without_typed_days_is_measured_by_its_plan_and_with_one_by_the_days() {
    let sunday = |f: &mut Facts| {
        f.plans.insert(day("2024-03-10"), 23);
    };
    let mut f = facts();
    sunday(&mut f);
    let l = ledger(&f, day("2024-03-11"));
    assert_eq!((l.balance, l.open_days), (23, 0));
    assert_eq!(
        l.entries.iter().map(|e| e.source).collect::<Vec<_>>(),
        [Source::Plan]
    );
    f.counts.insert(day("2024-03-06"), 15);
    let l = ledger(&f, day("2024-03-11"));
    assert_eq!((l.balance, l.open_days), (2, 4));
    // The plan of a week that has not ended yet is not owed.
    let mut f = facts();
    sunday(&mut f);
    assert_eq!(ledger(&f, day("2024-03-10")).balance, 0);
}

#[test]
fn without_carrying_nothing_is_owed() {
    let f = Facts {
        carry_over: false,
        ..typed(&[("2024-03-04", 0)])
    };
    assert_eq!(ledger(&f, day("2024-03-05")).balance, 0);
}

#[test]
fn the_last_day_to_begin_is_the_one_from_which_the_room_just_suffices() {
    let room: BTreeMap<Day, i64> = [
        ("2024-03-11", 3),
        ("2024-03-12", 0),
        ("2024-03-13", 4),
        ("2024-03-14", 2),
    ]
    .map(|(d, n)| (day(d), n))
    .into();
    let until = |d: &str| Outlook::Until {
        day: day(d),
        spare: 9,
    };
    assert_eq!(outlook(0, &room), Outlook::Clear);
    assert_eq!(outlook(2, &room), until("2024-03-14"));
    assert_eq!(outlook(3, &room), until("2024-03-13"));
    assert_eq!(outlook(6, &room), until("2024-03-13"));
    assert_eq!(outlook(7, &room), until("2024-03-11"));
    assert_eq!(outlook(9, &room), until("2024-03-11"));
    assert_eq!(
        outlook(10, &room),
        Outlook::Never {
            spare: 9,
            missing: 1
        }
    );
    assert_eq!(
        outlook(1, &BTreeMap::new()),
        Outlook::Never {
            spare: 0,
            missing: 1
        }
    );
}

proptest! {
    #[test]
    fn the_entries_re_add_to_the_balance_and_never_fall_below_nothing(
        done in proptest::collection::vec(proptest::option::of(0i64..45), 30),
        plans in proptest::collection::vec(-30i64..60, 5), first in 1i64..40, second in 1i64..40,
    ) {
        let quota = |d: Day| if d < day("2024-03-18") { first } else { second };
        let mut f = Facts { planned: planned("2024-03-04", "2024-04-12", quota), carry_over: true, ..Facts::default() };
        let start = day("2024-03-04");
        for (i, n) in done.iter().enumerate() {
            f.counts.extend(n.map(|n| (start.plus_days(i as i32), n)));
        }
        for (i, n) in plans.iter().enumerate() {
            f.plans.insert(start.plus_days(6 + 7 * i as i32), *n);
        }
        let l = ledger(&f, day("2024-04-13"));
        let mut balance = 0;
        for e in &l.entries {
            prop_assert!(e.carried >= 0 && e.repaid >= 0 && e.repaid <= balance);
            balance += e.carried - e.repaid;
            prop_assert_eq!(e.balance, balance);
            if let Some(done) = e.done {
                // Day by day: what is missing is the difference, and only that.
                prop_assert_eq!(e.carried, (e.due - done).max(0));
                prop_assert_eq!(e.due, f.planned.get(&e.day).copied().unwrap_or(0));
            }
        }
        prop_assert_eq!(l.balance, balance);
        let days: Vec<Day> = l.entries.iter().map(|e| e.day).collect();
        prop_assert!(days.is_sorted());
    }

    #[test]
    fn a_debt_that_can_be_made_up_from_a_day_cannot_from_the_next(
        room in proptest::collection::vec(0i64..9, 0..40), balance in 1i64..120,
    ) {
        let start = day("2024-03-04");
        let days: BTreeMap<Day, i64> = room.iter().enumerate().map(|(i, n)| (start.plus_days(i as i32), *n)).collect();
        let from = |d: Day| days.range(d..).map(|(_, n)| *n).sum::<i64>();
        match outlook(balance, &days) {
            Outlook::Clear => prop_assert!(false),
            Outlook::Until { day, spare } => {
                prop_assert_eq!(spare, from(start));
                prop_assert!(from(day) >= balance);
                prop_assert!(from(day.plus_days(1)) < balance);
            }
            Outlook::Never { spare, missing } => {
                prop_assert_eq!(spare, from(start));
                prop_assert_eq!(spare + missing, balance);
                prop_assert!(missing > 0);
            }
        }
    }
}
