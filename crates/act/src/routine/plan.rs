//! Which periods of a routine become tasks today, which are skipped and why.
//! Pure: days, seasons and what is settled come in; decisions go out. Knows no
//! unit, no pack and no database.

use std::collections::BTreeSet;
use zf_base::Day;
use zf_base::cadence::{Cadence, Occurrence, Shift, occurrences};
use zf_base::calendar::{DaySource, WorkCalendar};

/// Why a period has no task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// A holiday, or a day that the bank has off.
    Holiday,
    /// No day of the period counts.
    NoDay,
    /// The campaign is interrupted.
    Paused,
    /// The system did not run in time.
    Missed,
}

impl Skip {
    /// As stored and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Skip::Holiday => "holiday",
            Skip::NoDay => "no_day",
            Skip::Paused => "paused",
            Skip::Missed => "missed",
        }
    }
}

/// What becomes of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A task is opened.
    Open,
    /// Nothing, and why.
    Skip(Skip),
}

/// A period that is settled now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its name.
    pub period: String,
    /// When it is due, or would have been.
    pub day: Day,
    /// What becomes of it.
    pub fate: Fate,
}

/// A routine as it holds for a unit.
#[derive(Clone, Debug)]
pub struct Rhythm {
    /// How often.
    pub cadence: Cadence,
    /// What becomes of days that do not count.
    pub shift: Shift,
    /// Days before it is due on which its task is opened.
    pub lead_days: u16,
    /// First and last day of the campaign that it belongs to; none = all year.
    pub season: Option<(Day, Day)>,
    /// The campaign is interrupted.
    pub paused: bool,
}

/// Days to either side in which dates that moved are looked for: a quarter's
/// holiday and the week around a lunar date fit in.
const AROUND: i32 = 10;

fn in_season(rhythm: &Rhythm, day: Day) -> bool {
    let before_it = matches!(rhythm.cadence, Cadence::BeforeStart { .. });
    let fits = |(first, last): (Day, Day)| (before_it || first <= day) && day <= last;
    rhythm.season.is_none_or(fits)
}

/// All times of a rhythm that are due, or would be, in `from..=to`.
pub fn times(rhythm: &Rhythm, (from, to): (Day, Day), calendar: &WorkCalendar) -> Vec<Occurrence> {
    let counted = |d: Day| calendar.is_workday(d);
    let wide = (from.plus_days(-AROUND), to.plus_days(AROUND));
    let all = occurrences(&rhythm.cadence, rhythm.shift, wide, rhythm.season, &counted);
    let day = |o: &Occurrence| o.due.unwrap_or(o.nominal);
    let fits = |o: &Occurrence| (from..=to).contains(&day(o)) && in_season(rhythm, day(o));
    all.into_iter().filter(fits).collect()
}

/// Why a time that no day will do is skipped; an ordinary weekend of a daily
/// routine is nothing to speak of.
fn skipped(rhythm: &Rhythm, o: &Occurrence, calendar: &WorkCalendar) -> Option<Skip> {
    match calendar.describe(o.nominal).source {
        DaySource::Week if rhythm.cadence == Cadence::Day => None,
        DaySource::Week => Some(Skip::NoDay),
        DaySource::Bank | DaySource::Statutory => Some(Skip::Holiday),
    }
}

/// What is settled today. `known` are the periods settled before, `first` the
/// first day that was ever settled: what lies before it was never asked for.
pub fn today(
    rhythm: &Rhythm,
    today: Day,
    calendar: &WorkCalendar,
    known: &BTreeSet<String>,
    first: Option<Day>,
) -> Vec<Settled> {
    let range = (
        today.plus_days(-AROUND),
        today.plus_days(i32::from(rhythm.lead_days)),
    );
    let mut all = Vec::new();
    for o in times(rhythm, range, calendar) {
        if known.contains(&o.period) {
            continue;
        }
        let day = o.due.unwrap_or(o.nominal);
        let fate = match o.due {
            None if o.nominal > today => None,
            None => skipped(rhythm, &o, calendar).map(Fate::Skip),
            Some(due) if due < today => {
                let asked = first.is_some_and(|f| f <= due);
                asked.then_some(Fate::Skip(Skip::Missed))
            }
            Some(due) if rhythm.paused => (due == today).then_some(Fate::Skip(Skip::Paused)),
            Some(_) => Some(Fate::Open),
        };
        // Days off before the first run are not told of either.
        let fate = fate.filter(|f| {
            !matches!(f, Fate::Skip(_)) || day == today || first.is_some_and(|f| f <= day)
        });
        all.extend(fate.map(|fate| Settled {
            period: o.period,
            day,
            fate,
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> Day {
        s.parse().unwrap()
    }

    fn daily() -> Rhythm {
        Rhythm {
            cadence: Cadence::Day,
            shift: Shift::Before,
            lead_days: 0,
            season: Some((day("2016-10-01"), day("2017-03-31"))),
            paused: false,
        }
    }

    fn at(rhythm: &Rhythm, on: &str, first: Option<&str>) -> Vec<(String, Fate)> {
        let calendar = WorkCalendar::statutory();
        let all = today(rhythm, day(on), &calendar, &BTreeSet::new(), first.map(day));
        all.into_iter().map(|s| (s.period, s.fate)).collect()
    }

    #[test]
    fn a_daily_routine_opens_one_a_workday_and_tells_of_holidays_only() {
        let open = |d: &str| vec![(d.to_owned(), Fate::Open)];
        assert_eq!(at(&daily(), "2016-10-08", None), open("2016-10-08"));
        // The 15th of October 2016 is an ordinary Saturday.
        assert_eq!(at(&daily(), "2016-10-15", None), []);
        let off = at(&daily(), "2016-10-05", None);
        assert_eq!(off, [("2016-10-05".to_owned(), Fate::Skip(Skip::Holiday))]);
        assert_eq!(at(&daily(), "2016-09-30", None), [], "before the campaign");
    }

    #[test]
    fn what_was_not_opened_in_time_is_told_of_once_it_was_ever_asked_for() {
        let all = at(&daily(), "2016-10-13", Some("2016-10-11"));
        let missed = Fate::Skip(Skip::Missed);
        let expected = [
            ("2016-10-11".to_owned(), missed),
            ("2016-10-12".to_owned(), missed),
            ("2016-10-13".to_owned(), Fate::Open),
        ];
        assert_eq!(all, expected);
        assert_eq!(at(&daily(), "2016-10-13", None).len(), 1);
    }

    #[test]
    fn a_lead_opens_days_ahead_and_an_interruption_skips_the_day_itself() {
        let mut weekly = daily();
        weekly.cadence = Cadence::Week { weekdays: vec![4] };
        weekly.lead_days = 3;
        assert_eq!(
            at(&weekly, "2016-10-10", None),
            [("2016-W41-4".to_owned(), Fate::Open)]
        );
        weekly.paused = true;
        assert_eq!(at(&weekly, "2016-10-10", None), []);
        let paused = Fate::Skip(Skip::Paused);
        assert_eq!(
            at(&weekly, "2016-10-13", None),
            [("2016-W41-4".to_owned(), paused)]
        );
    }

    #[test]
    fn a_week_without_a_day_is_skipped_and_said_so() {
        // Friday 2016-10-07: nothing before it in its week counts.
        let mut weekly = daily();
        weekly.cadence = Cadence::Week { weekdays: vec![5] };
        let off = at(&weekly, "2016-10-07", None);
        assert_eq!(off, [("2016-W40-5".to_owned(), Fate::Skip(Skip::Holiday))]);
    }
}
