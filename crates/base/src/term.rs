//! By when something must be done, and what a pause does to that: so many
//! counted days (until an hour of the last), or so many hours by the clock.
//! Which days count is asked of the caller. Reads no clock.

use crate::time::{Clock, Day, Timestamp};
use serde::{Deserialize, Serialize};

/// Time allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// Counted days after the day it begins; 0 = the day itself.
    Days(u16),
    /// Hours by the clock, nights and holidays too.
    Hours(u16),
}

/// Days to look ahead for a counted one; a calendar without any is a mistake.
const AHEAD_MAX: i32 = 800;

/// The `n`-th counted day after `day`; with 0 the day itself, or the next
/// that counts.
pub fn nth_counted(day: Day, n: u16, counted: &dyn Fn(Day) -> bool) -> Option<Day> {
    if n == 0 && counted(day) {
        return Some(day);
    }
    let ahead = (1..=AHEAD_MAX).map(|i| day.plus_days(i));
    ahead
        .filter(|d| counted(*d))
        .nth(usize::from(n.saturating_sub(1)))
}

/// Counted days after `from` up to and with `to`.
fn counted_between(from: Day, to: Day, counted: &dyn Fn(Day) -> bool) -> u16 {
    let days = from.plus_days(1).through(to).filter(|d| counted(*d));
    u16::try_from(days.count()).unwrap_or(u16::MAX)
}

/// The moment by which something that begins at `start` is due; terms in days
/// end at `until` of their last day. None when no day ahead counts.
pub fn due(
    term: Term,
    until: Clock,
    start: Timestamp,
    counted: &dyn Fn(Day) -> bool,
) -> Option<Timestamp> {
    match term {
        Term::Hours(h) => Some(start.plus_seconds(i64::from(h) * 3_600)),
        Term::Days(n) => Some(at(nth_counted(start.day(), n, counted)?, until)),
    }
}

/// A time of a day.
pub fn at(day: Day, until: Clock) -> Timestamp {
    Timestamp::start_of(day).plus_seconds(i64::from(until.seconds()))
}

/// When it is due after a pause. What was late before the pause stays late: a
/// pause gives back the time it took, never time that was lost before.
pub fn after_pause(
    term: Term,
    due: Timestamp,
    (paused, resumed): (Timestamp, Timestamp),
    counted: &dyn Fn(Day) -> bool,
) -> Timestamp {
    if due <= paused || resumed <= paused {
        return due;
    }
    match term {
        Term::Hours(_) => Timestamp(due.0 + (resumed.0 - paused.0)),
        Term::Days(_) => {
            let left = counted_between(paused.day(), due.day(), counted);
            let day = match left {
                // It was due on the day of the pause: the day of the return, if that counts.
                0 if resumed.day() == paused.day() => Some(due.day()),
                0 => nth_counted(resumed.day(), 0, counted),
                n => nth_counted(resumed.day(), n, counted),
            };
            let time = due.seconds_of_day();
            let moved = day.map(|d| Timestamp::start_of(d).plus_seconds(time));
            moved.unwrap_or(due).max(due)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::WorkCalendar;
    use proptest::prelude::*;

    fn moment(s: &str) -> Timestamp {
        format!("{s}:00+08:00").parse().unwrap()
    }

    fn six() -> Clock {
        "18:00".parse().unwrap()
    }

    fn text(t: Timestamp) -> String {
        t.to_string()[..16].to_owned()
    }

    fn by_days(days: u16, start: &str) -> String {
        let calendar = WorkCalendar::statutory();
        let counted = |d: Day| calendar.is_workday(d);
        text(due(Term::Days(days), six(), moment(start), &counted).unwrap())
    }

    #[test]
    fn days_count_after_the_day_and_step_over_the_holiday() {
        // Friday 2016-09-30; the 1st to the 7th were off, the 8th (a Saturday) was worked.
        assert_eq!(by_days(0, "2016-09-30T09:00"), "2016-09-30T18:00");
        assert_eq!(by_days(1, "2016-09-30T09:00"), "2016-10-08T18:00");
        assert_eq!(by_days(3, "2016-09-30T09:00"), "2016-10-10T18:00");
        assert_eq!(by_days(0, "2016-10-03T09:00"), "2016-10-08T18:00");
    }

    #[test]
    fn hours_run_through_the_night() {
        let t = due(Term::Hours(36), six(), moment("2016-10-14T17:00"), &|_| {
            false
        });
        assert_eq!(text(t.unwrap()), "2016-10-16T05:00");
    }

    fn paused(term: Term, due: &str, from: &str, to: &str) -> String {
        let calendar = WorkCalendar::statutory();
        let counted = |d: Day| calendar.is_workday(d);
        text(after_pause(
            term,
            moment(due),
            (moment(from), moment(to)),
            &counted,
        ))
    }

    #[test]
    fn a_pause_gives_its_time_back() {
        let days = Term::Days(3);
        // Due Friday the 14th; paused Wednesday, on again Monday the 17th: two days are left.
        let due = "2016-10-14T18:00";
        assert_eq!(
            paused(days, due, "2016-10-12T10:00", "2016-10-17T10:00"),
            "2016-10-19T18:00"
        );
        // Within one day nothing is lost.
        assert_eq!(
            paused(days, due, "2016-10-12T10:00", "2016-10-12T16:00"),
            due
        );
        // Paused on the last day, on again on a Saturday: the next day that counts.
        assert_eq!(
            paused(days, due, "2016-10-14T10:00", "2016-10-15T10:00"),
            "2016-10-17T18:00"
        );
        // What was late stays late.
        assert_eq!(
            paused(days, due, "2016-10-17T10:00", "2016-10-20T10:00"),
            due
        );
        let hours = paused(Term::Hours(24), due, "2016-10-14T08:00", "2016-10-14T20:30");
        assert_eq!(hours, "2016-10-15T06:30");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// A pause never takes time away, a longer one never gives less, and
        /// none at all changes nothing.
        #[test]
        fn pauses_give_and_never_take(
            days in 0u16..10,
            hours in proptest::bool::ANY,
            start in 0i64..2_000,
            begin in 0i64..2_000,
            first in 0i64..800,
            more in 0i64..800,
            off in proptest::collection::btree_set(0i32..7, 0..4),
        ) {
            let base = moment("2016-10-10T00:00");
            let hour = |h: i64| base.plus_seconds(h * 3_600);
            let counted = |d: Day| !off.contains(&d.epoch_days().rem_euclid(7));
            let term = if hours { Term::Hours(days) } else { Term::Days(days) };
            let due = due(term, six(), hour(start), &counted).unwrap();
            let after = |to: i64| after_pause(term, due, (hour(begin), hour(begin + to)), &counted);
            prop_assert_eq!(after(0), due);
            prop_assert!(after(first) >= due);
            prop_assert!(after(first + more) >= after(first));
            if due > hour(begin) && hours {
                prop_assert_eq!(after(first).0 - due.0, first * 3_600_000_000);
            }
        }
    }
}
