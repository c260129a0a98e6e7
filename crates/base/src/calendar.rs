//! Workdays: statutory holidays with their make-up workdays, lunar dates, and a
//! bank's own corrections on top. The only module that names `tyme4rs`, whose
//! tables come from the State Council's yearly notices and whose Chinese names
//! are shown as they are. Outside of the years the notices cover, only weekends
//! are known and [`knows`] says so. Reads no clock.

use crate::time::Day;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use thiserror::Error;
use tyme4rs::tyme::Culture;
use tyme4rs::tyme::holiday::{LEGAL_HOLIDAY_DATA, LEGAL_HOLIDAY_NAMES};
use tyme4rs::tyme::lunar::{LunarDay as TymeLunarDay, LunarMonth};
use tyme4rs::tyme::solar::SolarDay;

/// A day named in a notice of the State Council.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The holiday it belongs to, for example 国庆节.
    pub name: &'static str,
    /// `true` for a make-up workday (a weekend day that is worked).
    pub is_workday: bool,
}

/// A day of the lunar calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LunarDay {
    /// Lunar year, numbered like the solar year in which it begins.
    pub year: i16,
    /// Month, 1…12.
    pub month: u8,
    /// Day, 1…30.
    pub day: u8,
    /// Whether it is in a leap month.
    pub leap: bool,
    /// Month and day in words: 腊月廿三 is written 十二月廿三.
    pub text: String,
}

/// A day that the lunar tables do not cover.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("outside of the lunar calendar's range: {0}")]
pub struct LunarRangeError(String);

/// First and last year whose notice is in the table.
const NOTICE_YEARS: (i16, i16) = (2002, 2026);

/// First and last day for which the statutory calendar is complete. The last
/// week of the last year is not: the next year's notice may take days of it
/// (2016-12-31 was a holiday by the notice for 2017).
pub fn known_range() -> (Day, Day) {
    let first = first_of_year(NOTICE_YEARS.0);
    let last = first_of_year(NOTICE_YEARS.1 + 1).plus_days(-8);
    (first, last)
}

/// Whether the statutory calendar is complete for this day.
pub fn knows(day: Day) -> bool {
    let (first, last) = known_range();
    (first..=last).contains(&day)
}

fn first_of_year(year: i16) -> Day {
    // Day one of a year in jiff's range always exists.
    Day::new(year, 1, 1).unwrap_or(Day::from_epoch_days(0))
}

/// What the State Council's notice says about a day; `None` for an ordinary day
/// and for days outside of [`known_range`].
pub fn holiday(day: Day) -> Option<Holiday> {
    static TABLE: OnceLock<BTreeMap<Day, Holiday>> = OnceLock::new();
    TABLE.get_or_init(parse_table).get(&day).copied()
}

/// The library searches its table with a new regular expression per question;
/// reading the table once makes a plan over half a year a thousand times faster.
/// One record is 13 characters: `YYYYMMDD`, 0 = worked or 1 = off, index of the
/// name, signed distance from the holiday.
fn parse_table() -> BTreeMap<Day, Holiday> {
    LEGAL_HOLIDAY_DATA
        .as_bytes()
        .chunks_exact(13)
        .filter_map(|record| {
            let day = std::str::from_utf8(&record[..8]).ok()?.parse().ok()?;
            let name = *LEGAL_HOLIDAY_NAMES.get(usize::from(record[9].checked_sub(b'0')?))?;
            let is_workday = record[8] == b'0';
            Some((day, Holiday { name, is_workday }))
        })
        .collect()
}

/// The lunar date. Errors outside of the years 1…9999.
pub fn lunar(day: Day) -> Result<LunarDay, LunarRangeError> {
    let out = |_| LunarRangeError(day.to_string());
    let year = isize::from(day.year());
    if year < 2 {
        return Err(LunarRangeError(day.to_string()));
    }
    // Month and day are positive and small.
    let solar =
        SolarDay::new(year, day.month() as usize, day.day_of_month() as usize).map_err(out)?;
    let lunar: TymeLunarDay = solar.get_lunar_day();
    let month: LunarMonth = lunar.get_lunar_month();
    Ok(LunarDay {
        year: lunar.get_year() as i16,
        month: month.get_month() as u8,
        day: lunar.get_day() as u8,
        leap: month.is_leap(),
        text: format!("{}{}", month.get_name(), lunar.get_name()),
    })
}

/// The first day of the lunar year that begins in this solar year (春节).
pub fn spring_festival(year: i16) -> Result<Day, LunarRangeError> {
    let out = |_| LunarRangeError(year.to_string());
    let first = TymeLunarDay::new(isize::from(year), 1, 1).map_err(out)?;
    let solar = first.get_solar_day();
    Day::new(year, solar.get_month() as i8, solar.get_day() as i8)
        .map_err(|_| LunarRangeError(year.to_string()))
}

/// Whether a day is worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// Worked.
    Work,
    /// Off.
    Rest,
}

/// Why a day is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaySource {
    /// The bank corrected it.
    Bank,
    /// The State Council's notice names it.
    Statutory,
    /// Monday to Friday or weekend.
    Week,
}

/// A day with everything a screen shows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayInfo {
    /// The day.
    pub day: Day,
    /// Worked or off.
    pub kind: DayKind,
    /// Name of the holiday or of the bank's correction, else empty.
    pub name: String,
    /// Who says so.
    pub source: DaySource,
    /// `false` = only the weekend rule is known here; ask the bank to correct it.
    pub known: bool,
}

/// The calendar a unit works by: statutory days with the bank's own on top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    corrections: BTreeMap<Day, (DayKind, String)>,
}

impl WorkCalendar {
    /// Statutory days only.
    pub fn statutory() -> Self {
        WorkCalendar::default()
    }
    /// Sets a day of the bank's own; a later call for the same day wins.
    pub fn correct(&mut self, day: Day, kind: DayKind, name: impl Into<String>) {
        self.corrections.insert(day, (kind, name.into()));
    }
    /// The bank's own days, in order.
    pub fn corrections(&self) -> impl Iterator<Item = (Day, DayKind, &str)> {
        self.corrections
            .iter()
            .map(|(day, (kind, name))| (*day, *kind, name.as_str()))
    }
    /// Whether the day is worked.
    pub fn is_workday(&self, day: Day) -> bool {
        self.describe(day).kind == DayKind::Work
    }
    /// Days worked, both ends included; empty when `to` is before `from`.
    pub fn workdays(&self, from: Day, to: Day) -> Vec<Day> {
        from.through(to).filter(|d| self.is_workday(*d)).collect()
    }
    /// Whether more than the weekend rule is known about the day.
    pub fn knows(&self, day: Day) -> bool {
        self.corrections.contains_key(&day) || knows(day)
    }
    /// What the day is, and why.
    pub fn describe(&self, day: Day) -> DayInfo {
        let info = |kind, name: &str, source| DayInfo {
            day,
            kind,
            name: name.to_owned(),
            source,
            known: self.knows(day),
        };
        if let Some((kind, name)) = self.corrections.get(&day) {
            return info(*kind, name, DaySource::Bank);
        }
        if let Some(h) = holiday(day) {
            let kind = if h.is_workday {
                DayKind::Work
            } else {
                DayKind::Rest
            };
            return info(kind, h.name, DaySource::Statutory);
        }
        let kind = if day.weekday() <= 5 {
            DayKind::Work
        } else {
            DayKind::Rest
        };
        info(kind, "", DaySource::Week)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyme4rs::tyme::holiday::LegalHoliday;

    fn day(s: &str) -> Day {
        s.parse().unwrap()
    }

    // Typed in from the State Council's notices for 2016 and 2017 (国办发明电
    // 〔2015〕18号, 〔2016〕17号): first day off, last day off, make-up workdays.
    const NOTICES: [(&str, &str, &str, &[&str]); 14] = [
        ("元旦", "2016-01-01", "2016-01-03", &[]),
        (
            "春节",
            "2016-02-07",
            "2016-02-13",
            &["2016-02-06", "2016-02-14"],
        ),
        ("清明节", "2016-04-02", "2016-04-04", &[]),
        ("劳动节", "2016-04-30", "2016-05-02", &[]),
        ("端午节", "2016-06-09", "2016-06-11", &["2016-06-12"]),
        ("中秋节", "2016-09-15", "2016-09-17", &["2016-09-18"]),
        (
            "国庆节",
            "2016-10-01",
            "2016-10-07",
            &["2016-10-08", "2016-10-09"],
        ),
        ("元旦", "2016-12-31", "2017-01-02", &[]),
        (
            "春节",
            "2017-01-27",
            "2017-02-02",
            &["2017-01-22", "2017-02-04"],
        ),
        ("清明节", "2017-04-02", "2017-04-04", &["2017-04-01"]),
        ("劳动节", "2017-04-29", "2017-05-01", &[]),
        ("端午节", "2017-05-28", "2017-05-30", &["2017-05-27"]),
        ("国庆节", "2017-10-01", "2017-10-08", &["2017-09-30"]),
        ("元旦", "2017-12-30", "2018-01-01", &[]),
    ];

    #[test]
    fn holidays_of_2016_and_2017_are_those_of_the_notices() {
        let calendar = WorkCalendar::statutory();
        let (mut off, mut made_up) = (Vec::new(), Vec::new());
        for (name, first, last, work) in NOTICES {
            for d in day(first).through(day(last)) {
                assert!(!calendar.is_workday(d), "{d} is {name}");
                off.push(d);
            }
            for d in work {
                assert!(calendar.is_workday(day(d)), "{d} makes up for {name}");
                assert_eq!(calendar.describe(day(d)).name, name);
                made_up.push(day(d));
            }
        }
        // And nothing else is out of the ordinary in those two years.
        for d in day("2016-01-01").through(day("2017-12-31")) {
            let ordinary = d.weekday() <= 5;
            let expected = made_up.contains(&d) || (ordinary && !off.contains(&d));
            assert_eq!(calendar.is_workday(d), expected, "{d}");
        }
    }

    #[test]
    fn the_campaign_of_the_source_has_123_workdays() {
        // Counted by hand: Mondays to Fridays of the month, less those off, plus made up:
        // 21-5+2, 22, 22, 22-4+1, 20-2+1, 23.
        let calendar = WorkCalendar::statutory();
        for (from, to, workdays) in [
            ("2016-10-01", "2016-10-31", 18),
            ("2016-11-01", "2016-11-30", 22),
            ("2016-12-01", "2016-12-31", 22),
            ("2017-01-01", "2017-01-31", 19),
            ("2017-02-01", "2017-02-28", 19),
            ("2017-03-01", "2017-03-31", 23),
        ] {
            assert_eq!(
                calendar.workdays(day(from), day(to)).len(),
                workdays,
                "{from}"
            );
        }
    }

    #[test]
    fn the_table_read_at_once_says_what_the_library_says() {
        for d in day("2016-09-01").through(day("2017-02-28")) {
            let (y, m) = (d.year() as isize, d.month() as usize);
            let library = LegalHoliday::from_ymd(y, m, d.day_of_month() as usize);
            let expected = library.map(|h| (h.get_name(), h.is_work()));
            let got = holiday(d).map(|h| (h.name.to_owned(), h.is_workday));
            assert_eq!(got, expected, "{d}");
        }
    }

    #[test]
    fn the_stated_years_are_those_of_the_table() {
        let table = parse_table();
        assert_eq!(table.len() * 13, LEGAL_HOLIDAY_DATA.len());
        // The two last days of 2001 belong to the notice for 2002.
        assert_eq!(table.keys().next(), Some(&day("2001-12-29")));
        assert_eq!(table.keys().last().map(|d| d.year()), Some(NOTICE_YEARS.1));
    }

    #[test]
    fn lunar_dates_and_the_spring_festival_are_right() {
        for (year, first) in [
            (2016, "2016-02-08"),
            (2017, "2017-01-28"),
            (2020, "2020-01-25"),
            (2026, "2026-02-17"),
            (2033, "2033-01-31"),
        ] {
            assert_eq!(spring_festival(year), Ok(day(first)), "{year}");
        }
        let little_year = lunar(day("2017-01-20")).unwrap();
        assert_eq!(
            (little_year.year, little_year.month, little_year.day),
            (2016, 12, 23)
        );
        assert_eq!(little_year.text, "十二月廿三");
        // 2017 had a leap sixth month from 23 July.
        let leap = lunar(day("2017-07-23")).unwrap();
        assert_eq!((leap.month, leap.day, leap.leap), (6, 1, true));
        assert_eq!(leap.text, "闰六月初一");
    }

    #[test]
    fn the_bank_has_the_last_word_on_a_day() {
        let mut calendar = WorkCalendar::statutory();
        calendar.correct(day("2016-10-08"), DayKind::Rest, "行庆");
        calendar.correct(day("2016-10-15"), DayKind::Work, "开门红动员");
        assert!(!calendar.is_workday(day("2016-10-08")));
        assert!(calendar.is_workday(day("2016-10-15")));
        let info = calendar.describe(day("2016-10-08"));
        assert_eq!((info.name.as_str(), info.source), ("行庆", DaySource::Bank));
        assert_eq!(calendar.corrections().count(), 2);
    }

    #[test]
    fn beyond_the_notices_only_weekends_are_known() {
        let mut calendar = WorkCalendar::statutory();
        let national_day_2030 = day("2030-10-01"); // a Tuesday
        assert!(calendar.is_workday(national_day_2030));
        assert!(!calendar.knows(national_day_2030));
        assert!(!calendar.describe(national_day_2030).known);
        assert!(!calendar.is_workday(day("2030-10-05"))); // a Saturday
        assert!(calendar.knows(day("2016-10-08")));
        assert!(!calendar.knows(day("2001-12-28")));
        assert!(!calendar.knows(day("2026-12-31")));
        calendar.correct(national_day_2030, DayKind::Rest, "国庆节");
        assert!(calendar.knows(national_day_2030));
    }
}
