//! Cadences of routine work: a rhythm and a calendar in, days out. Daily,
//! weekly, some times a month or quarter, once a lunar year, so many counted
//! days before a campaign begins. Which days count is asked of the caller, so
//! that the same rhythm runs on workdays or on planned days. Reads no clock.

use crate::calendar::{lunar, spring_festival};
use crate::time::Day;
use serde::{Deserialize, Serialize};

/// A rhythm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cadence {
    /// Every counted day.
    Day,
    /// On these days of the ISO week, Monday = 1.
    Week {
        /// 1…7, each once.
        weekdays: Vec<u8>,
    },
    /// So many times a month, spread evenly over its counted days; "2–3 a
    /// month" owes `times` and allows up to `most`.
    Month {
        /// Owed.
        times: u8,
        /// Allowed; `times` when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<u8>,
    },
    /// On one day of the month; the last day where the month is shorter.
    MonthDay {
        /// 1…31.
        day: u8,
    },
    /// So many times a quarter, spread evenly over its counted days.
    Quarter {
        /// Owed.
        times: u8,
    },
    /// Once a lunar year; the last day where the lunar month is shorter.
    Lunar {
        /// 1…12, never the leap month.
        month: u8,
        /// 1…30.
        day: u8,
    },
    /// Once, so many counted days before the season begins.
    BeforeStart {
        /// Counted days.
        days: u16,
    },
}

/// What becomes of a date that falls on a day that does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The counted day before, within the same period.
    #[default]
    Before,
    /// The counted day after, within the same period.
    After,
    /// It is skipped.
    Skip,
}

/// One time that a rhythm names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Stable name, once per rhythm: `2016-10-12`, `2016-W41-5`, `2016-10#1`.
    pub period: String,
    /// As the rhythm says, whether the day counts or not.
    pub nominal: Day,
    /// When it is due; none when no day of the period will do.
    pub due: Option<Day>,
}

/// Counted days between which a season is looked for; more than a year is a mistake.
const BACK_MAX: i32 = 400;

impl Cadence {
    /// Whether the figures make sense.
    ///
    /// # Errors
    /// The name of the figure that does not.
    pub fn check(&self) -> Result<(), &'static str> {
        match self {
            Cadence::Day => Ok(()),
            Cadence::Week { weekdays } => {
                let fine = |d: &u8| (1..=7).contains(d);
                let mut once = weekdays.clone();
                once.sort_unstable();
                once.dedup();
                let good = !weekdays.is_empty()
                    && weekdays.iter().all(fine)
                    && once.len() == weekdays.len();
                good.then_some(()).ok_or("weekdays")
            }
            Cadence::Month { times, most } => {
                let most = most.unwrap_or(*times);
                let good = (1..=15).contains(times) && (*times..=20).contains(&most);
                good.then_some(()).ok_or("times")
            }
            Cadence::MonthDay { day } => (1..=31).contains(day).then_some(()).ok_or("day"),
            Cadence::Quarter { times } => (1..=30).contains(times).then_some(()).ok_or("times"),
            Cadence::Lunar { month, day } => {
                let good = (1..=12).contains(month) && (1..=30).contains(day);
                good.then_some(()).ok_or("day")
            }
            Cadence::BeforeStart { days } => (*days <= 200).then_some(()).ok_or("days"),
        }
    }
}

/// Every time whose nominal day lies in `from..=to`, in order. `season` is the
/// first and last day of a campaign, for rhythms that hang on one.
pub fn occurrences(
    cadence: &Cadence,
    shift: Shift,
    (from, to): (Day, Day),
    season: Option<(Day, Day)>,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let mut all = match cadence {
        Cadence::Day => every_day(from, to, counted),
        Cadence::Week { weekdays } => weekly(weekdays, shift, from, to, counted),
        Cadence::Month { times, .. } => spread(*times, 1, from, to, counted),
        Cadence::Quarter { times } => spread(*times, 3, from, to, counted),
        Cadence::MonthDay { day } => monthly(*day, shift, from, to, counted),
        Cadence::Lunar { month, day } => yearly(*month, *day, shift, from, to, counted),
        Cadence::BeforeStart { days } => before_start(*days, season, counted),
    };
    all.retain(|o| (from..=to).contains(&o.nominal));
    all.sort_by(|a, b| (a.nominal, &a.period).cmp(&(b.nominal, &b.period)));
    all
}

fn every_day(from: Day, to: Day, counted: &dyn Fn(Day) -> bool) -> Vec<Occurrence> {
    let one = |day: Day| Occurrence {
        period: day.to_string(),
        nominal: day,
        due: counted(day).then_some(day),
    };
    from.through(to).map(one).collect()
}

/// The day itself, or another of its period that counts.
fn moved(
    day: Day,
    (first, last): (Day, Day),
    shift: Shift,
    counted: &dyn Fn(Day) -> bool,
) -> Option<Day> {
    if counted(day) {
        return Some(day);
    }
    let days = |n: i32| Day::from_epoch_days(n);
    match shift {
        Shift::Skip => None,
        Shift::Before => (first.epoch_days()..day.epoch_days())
            .rev()
            .map(days)
            .find(|d| counted(*d)),
        Shift::After => (day.epoch_days() + 1..=last.epoch_days())
            .map(days)
            .find(|d| counted(*d)),
    }
}

fn weekly(
    weekdays: &[u8],
    shift: Shift,
    from: Day,
    to: Day,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let mut all = Vec::new();
    for day in from.through(to) {
        if !weekdays.contains(&day.weekday()) {
            continue;
        }
        let monday = day.week().monday();
        all.push(Occurrence {
            period: format!("{}-{}", day.week(), day.weekday()),
            nominal: day,
            due: moved(day, (monday, monday.plus_days(6)), shift, counted),
        });
    }
    all
}

/// First and last day of the block of `months` months that a day is in.
fn block(day: Day, months: i8) -> (Day, Day) {
    let first_month = (day.month() - 1) / months * months + 1;
    let next = match first_month + months {
        m if m > 12 => Day::new(day.year() + 1, m - 12, 1),
        m => Day::new(day.year(), m, 1),
    };
    let first = Day::new(day.year(), first_month, 1);
    // The first of a month always exists in the range of years.
    let (first, next) = (first.unwrap_or(day), next.unwrap_or(day));
    (first, next.plus_days(-1))
}

fn blocks(from: Day, to: Day, months: i8) -> Vec<(Day, Day)> {
    let mut all = Vec::new();
    let mut at = from;
    while at <= to {
        let one = block(at, months);
        at = one.1.plus_days(1);
        all.push(one);
    }
    all
}

/// The middle of each of `times` equal parts of the counted days of a block.
fn spread(
    times: u8,
    months: i8,
    from: Day,
    to: Day,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let mut all = Vec::new();
    for (first, last) in blocks(from, to, months) {
        let days: Vec<Day> = first.through(last).filter(|d| counted(*d)).collect();
        let name = match months {
            1 => format!("{:04}-{:02}", first.year(), first.month()),
            _ => format!("{:04}-Q{}", first.year(), (first.month() - 1) / 3 + 1),
        };
        let times = usize::from(times);
        for k in 0..times {
            // With fewer counted days than times, what is beyond them is skipped.
            let due = match days.len() {
                n if n >= times => Some(days[(2 * k + 1) * n / (2 * times)]),
                _ => days.get(k).copied(),
            };
            all.push(Occurrence {
                period: format!("{name}#{}", k + 1),
                nominal: due.unwrap_or(last),
                due,
            });
        }
    }
    all
}

fn monthly(
    day: u8,
    shift: Shift,
    from: Day,
    to: Day,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let one = |(first, last): (Day, Day)| {
        let nominal = first.plus_days(i32::from(day) - 1).min(last);
        Occurrence {
            period: format!("{:04}-{:02}", first.year(), first.month()),
            nominal,
            due: moved(nominal, (first, last), shift, counted),
        }
    };
    blocks(from, to, 1).into_iter().map(one).collect()
}

/// The solar day of a lunar date in the lunar year that begins in `year`.
fn lunar_day(year: i16, month: u8, day: u8) -> Option<Day> {
    let first = spring_festival(year).ok()?;
    let next = spring_festival(year + 1).ok()?;
    let mut found = None;
    // The day, or the last of its month where that is shorter.
    for d in first.through(next.plus_days(-1)) {
        let l = lunar(d).ok()?;
        if l.month == month && !l.leap && l.day <= day {
            found = Some(d);
        }
    }
    found
}

fn yearly(
    month: u8,
    day: u8,
    shift: Shift,
    from: Day,
    to: Day,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let one = |year: i16| {
        let nominal = lunar_day(year, month, day)?;
        // A week to either side: beyond it, it would be another occasion.
        let about = (nominal.plus_days(-7), nominal.plus_days(7));
        Some(Occurrence {
            period: format!("{year:04}L{month:02}{day:02}"),
            nominal,
            due: moved(nominal, about, shift, counted),
        })
    };
    (from.year() - 1..=to.year()).filter_map(one).collect()
}

fn before_start(
    days: u16,
    season: Option<(Day, Day)>,
    counted: &dyn Fn(Day) -> bool,
) -> Vec<Occurrence> {
    let Some((start, _)) = season else {
        return Vec::new();
    };
    let mut left = days;
    let mut at = start;
    for back in 1..=BACK_MAX {
        if left == 0 {
            break;
        }
        let day = start.plus_days(-back);
        if counted(day) {
            left -= 1;
            at = day;
        }
    }
    vec![Occurrence {
        period: format!("start-{start}"),
        nominal: at,
        due: (left == 0).then_some(at),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::WorkCalendar;
    use proptest::prelude::*;

    fn day(s: &str) -> Day {
        s.parse().unwrap()
    }

    fn list(c: &Cadence, shift: Shift, from: &str, to: &str) -> Vec<(String, String)> {
        let calendar = WorkCalendar::statutory();
        let counted = |d: Day| calendar.is_workday(d);
        let season = Some((day("2016-10-10"), day("2017-03-31")));
        occurrences(c, shift, (day(from), day(to)), season, &counted)
            .into_iter()
            .map(|o| (o.period, o.due.map_or("–".to_owned(), |d| d.to_string())))
            .collect()
    }

    fn one(c: &Cadence, shift: Shift, from: &str, to: &str) -> (String, String) {
        let all = list(c, shift, from, to);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    // 2016-10-01 to 07 was off, Saturday the 8th and Sunday the 9th were worked.
    #[test]
    fn a_friday_in_the_national_holiday_moves_within_its_week() {
        let fridays = Cadence::Week { weekdays: vec![5] };
        let week = ("2016-10-03", "2016-10-09");
        let at = |shift| one(&fridays, shift, week.0, week.1).1;
        assert_eq!(at(Shift::Before), "–", "Monday to Thursday were off");
        assert_eq!(at(Shift::After), "2016-10-08");
        assert_eq!(at(Shift::Skip), "–");
        let next = list(&fridays, Shift::Before, "2016-10-10", "2016-10-23");
        assert_eq!(
            next,
            [
                ("2016-W41-5".to_owned(), "2016-10-14".to_owned()),
                ("2016-W42-5".to_owned(), "2016-10-21".to_owned())
            ]
        );
    }

    #[test]
    fn two_a_month_stand_in_the_middle_of_each_half() {
        // Eighteen workdays: 8–14, 17–21, 24–28, 31. The 5th is the 12th, the 14th the 25th.
        let twice = Cadence::Month {
            times: 2,
            most: Some(3),
        };
        let all = list(&twice, Shift::Before, "2016-10-01", "2016-10-31");
        let expected = [("2016-10#1", "2016-10-12"), ("2016-10#2", "2016-10-25")];
        assert_eq!(
            all,
            expected.map(|(p, d)| (p.to_owned(), d.to_owned())).to_vec()
        );
    }

    #[test]
    fn quarters_months_and_days_are_those_of_the_calendar() {
        let quarter = Cadence::Quarter { times: 1 };
        let (period, due) = one(&quarter, Shift::Before, "2016-10-01", "2016-12-31");
        // 62 workdays (18 + 22 + 22): the 32nd is the 14th of November: Friday the 18th.
        assert_eq!((period.as_str(), due.as_str()), ("2016-Q4#1", "2016-11-18"));
        let last = Cadence::MonthDay { day: 31 };
        assert_eq!(
            one(&last, Shift::Before, "2017-02-01", "2017-02-28").1,
            "2017-02-28"
        );
        // New Year's Eve 2016 was off by the notice for 2017.
        assert_eq!(
            one(&last, Shift::Before, "2016-12-01", "2016-12-31").1,
            "2016-12-30"
        );
        let daily = list(&Cadence::Day, Shift::Before, "2016-10-07", "2016-10-08");
        assert_eq!(daily[0].1, "–");
        assert_eq!(daily[1].1, "2016-10-08");
    }

    #[test]
    fn lunar_dates_are_found_and_a_short_last_month_ends_on_its_eve() {
        let little_year = Cadence::Lunar { month: 12, day: 23 };
        let (period, due) = one(&little_year, Shift::Before, "2017-01-01", "2017-01-31");
        assert_eq!((period.as_str(), due.as_str()), ("2016L1223", "2017-01-20"));
        // The twelfth month of 2016 had 30 days, that of 2024 29: the eve is the 28th of January 2025.
        let eve = Cadence::Lunar { month: 12, day: 30 };
        assert_eq!(
            occurrences(
                &eve,
                Shift::Skip,
                (day("2017-01-01"), day("2017-12-31")),
                None,
                &|_| true
            )[0]
            .nominal,
            day("2017-01-27")
        );
        assert_eq!(
            occurrences(
                &eve,
                Shift::Skip,
                (day("2025-01-01"), day("2025-12-31")),
                None,
                &|_| true
            )[0]
            .nominal,
            day("2025-01-28")
        );
    }

    #[test]
    fn before_a_start_workdays_are_counted_back() {
        // The 10th of October 2016 is a Monday; the 9th and the 8th were worked, then comes the holiday.
        let at = |days| {
            one(
                &Cadence::BeforeStart { days },
                Shift::Before,
                "2016-09-01",
                "2016-10-31",
            )
            .1
        };
        assert_eq!(
            [at(0), at(1), at(2), at(3)],
            ["2016-10-10", "2016-10-09", "2016-10-08", "2016-09-30"]
        );
    }

    #[test]
    fn figures_that_make_no_sense_are_named() {
        let week = |weekdays: &[u8]| {
            Cadence::Week {
                weekdays: weekdays.to_vec(),
            }
            .check()
        };
        assert_eq!([week(&[1, 5]), week(&[])], [Ok(()), Err("weekdays")]);
        assert_eq!([week(&[8]), week(&[1, 1])], [Err("weekdays"); 2]);
        let month = |times, most| Cadence::Month { times, most }.check();
        assert_eq!(month(2, Some(3)), Ok(()));
        assert_eq!(
            [month(3, Some(2)), month(0, None)],
            [Err("times"), Err("times")]
        );
        assert!(Cadence::Lunar { month: 13, day: 1 }.check().is_err());
    }

    fn any_cadence() -> impl Strategy<Value = Cadence> {
        prop_oneof![
            Just(Cadence::Day),
            proptest::sample::subsequence(vec![1u8, 2, 3, 4, 5, 6, 7], 1..4)
                .prop_map(|weekdays| Cadence::Week { weekdays }),
            (1u8..6).prop_map(|times| Cadence::Month { times, most: None }),
            (1u8..32).prop_map(|day| Cadence::MonthDay { day }),
            (1u8..9).prop_map(|times| Cadence::Quarter { times }),
            (1u8..13, 1u8..31).prop_map(|(month, day)| Cadence::Lunar { month, day }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A rhythm asked for in two parts says what it says at once, names no
        /// time twice, and is due on days that count.
        #[test]
        fn a_rhythm_is_the_same_in_one_part_or_two(
            cadence in any_cadence(),
            start in 16_000i32..20_000,
            first in 0i32..120,
            second in 0i32..120,
            off in proptest::collection::btree_set(0i32..260, 0..60),
            shift in prop_oneof![Just(Shift::Before), Just(Shift::After), Just(Shift::Skip)],
        ) {
            let from = Day::from_epoch_days(start);
            let middle = from.plus_days(first);
            let to = middle.plus_days(1 + second);
            let counted = |d: Day| d.weekday() <= 5 && !off.contains(&(d.epoch_days() - start));
            let ask = |a, b| occurrences(&cadence, shift, (a, b), None, &counted);
            let whole = ask(from, to);
            let mut parts = ask(from, middle);
            parts.extend(ask(middle.plus_days(1), to));
            prop_assert_eq!(&whole, &parts);
            let mut names: Vec<&String> = whole.iter().map(|o| &o.period).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), whole.len());
            for o in &whole {
                prop_assert!(o.due.is_none_or(counted));
                if counted(o.nominal) && shift == Shift::Skip {
                    prop_assert_eq!(o.due, Some(o.nominal));
                }
            }
        }
    }
}
