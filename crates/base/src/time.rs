//! Points in time, days and ISO weeks. The only module that names `jiff`, so
//! that a change of its version touches one file. Nothing here reads the
//! clock: `Timestamp::now` lives in the kernel and comes in as an argument.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What was wrong with a text that should be a day, a week or a time.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TimeError {
    /// Not `YYYY-MM-DD` (also accepted: `YYYY/M/D`, `YYYYMMDD`, `YYYY年M月D日`).
    #[error("not a day: {0}")]
    Day(String),
    /// Not `YYYY-Www`.
    #[error("not an ISO week: {0}")]
    Week(String),
    /// Not RFC 3339.
    #[error("not a time: {0}")]
    Time(String),
    /// Not `HH:MM` between 00:00 and 24:00.
    #[error("not a time of day: {0}")]
    Clock(String),
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Offset of China Standard Time, the only zone of the units served. Seconds.
pub const CHINA_OFFSET_SECONDS: i64 = 8 * 3600;

impl Timestamp {
    /// This moment plus whole seconds.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
    /// The day it is in China at this moment.
    pub fn day(self) -> Day {
        let days = (self.0 + CHINA_OFFSET_SECONDS * 1_000_000).div_euclid(86_400_000_000);
        Day::from_epoch_days(days as i32)
    }
    /// Midnight (China) at the start of a day.
    pub fn start_of(day: Day) -> Self {
        Timestamp((i64::from(day.epoch_days()) * 86_400 - CHINA_OFFSET_SECONDS) * 1_000_000)
    }
    /// Seconds since midnight (China).
    pub fn seconds_of_day(self) -> i64 {
        (self.0 - Timestamp::start_of(self.day()).0) / 1_000_000
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.day();
        let s = self.seconds_of_day();
        write!(
            f,
            "{day}T{:02}:{:02}:{:02}+08:00",
            s / 3600,
            s / 60 % 60,
            s % 60
        )
    }
}
impl FromStr for Timestamp {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, TimeError> {
        let t: jiff::Timestamp = s.parse().map_err(|_| TimeError::Time(s.to_owned()))?;
        Ok(Timestamp(t.as_microsecond()))
    }
}
impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A calendar day in the unit's time zone, `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// A day from its parts, or an error when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, TimeError> {
        Date::new(year, month, day)
            .map(Day)
            .map_err(|_| TimeError::Day(format!("{year}-{month}-{day}")))
    }
    /// Days since 1970-01-01.
    pub fn epoch_days(self) -> i32 {
        let epoch = Date::constant(1970, 1, 1);
        (self.0 - epoch).get_days()
    }
    /// The day that many days after 1970-01-01. Saturates at the ends of jiff's range.
    pub fn from_epoch_days(days: i32) -> Self {
        let epoch = Date::constant(1970, 1, 1);
        Day(epoch.saturating_add(jiff::Span::new().days(days.clamp(-700_000, 2_900_000))))
    }
    /// Year, 1…9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }
    /// Month, 1…12.
    pub fn month(self) -> i8 {
        self.0.month()
    }
    /// Day of month, 1…31.
    pub fn day_of_month(self) -> i8 {
        self.0.day()
    }
    /// Monday = 1 … Sunday = 7.
    pub fn weekday(self) -> u8 {
        self.0.weekday().to_monday_one_offset() as u8
    }
    /// This day plus (or minus) whole days.
    pub fn plus_days(self, days: i32) -> Self {
        Day::from_epoch_days(self.epoch_days() + days)
    }
    /// Days from `self` to `other`; negative when `other` is earlier.
    pub fn days_until(self, other: Day) -> i32 {
        other.epoch_days() - self.epoch_days()
    }
    /// The ISO week this day is in.
    pub fn week(self) -> IsoWeek {
        let w = self.0.iso_week_date();
        IsoWeek {
            year: w.year(),
            week: w.week(),
        }
    }
    /// Every day from `self` to `last`, both included; empty when `last` is earlier.
    pub fn through(self, last: Day) -> impl Iterator<Item = Day> {
        (self.epoch_days()..=last.epoch_days()).map(Day::from_epoch_days)
    }
    /// Age in whole years on `today` of somebody born on this day.
    pub fn years_until(self, today: Day) -> i32 {
        let had_birthday =
            (today.month(), today.day_of_month()) >= (self.month(), self.day_of_month());
        i32::from(today.year()) - i32::from(self.year()) - i32::from(!had_birthday)
    }
}
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0.year(),
            self.0.month(),
            self.0.day()
        )
    }
}
impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for Day {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, TimeError> {
        let bad = || TimeError::Day(s.chars().take(20).collect());
        let t = s.trim().trim_end_matches('日');
        let parts: Vec<&str> = if t.len() == 8 && t.bytes().all(|b| b.is_ascii_digit()) {
            vec![&t[..4], &t[4..6], &t[6..]]
        } else {
            t.split(['-', '/', '.', '年', '月']).collect()
        };
        let [y, m, d] = parts[..] else {
            return Err(bad());
        };
        if y.len() != 4 {
            return Err(bad());
        }
        let n = |x: &str| x.parse::<i16>().map_err(|_| bad());
        let (y, m, d) = (n(y)?, n(m)?, n(d)?);
        let m = i8::try_from(m).map_err(|_| bad())?;
        let d = i8::try_from(d).map_err(|_| bad())?;
        Day::new(y, m, d).map_err(|_| bad())
    }
}
impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// An ISO 8601 week, `YYYY-Www`; the planning unit (PLN-004).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    year: i16,
    week: i8,
}

impl IsoWeek {
    /// The Monday of this week.
    pub fn monday(self) -> Day {
        // Week and year come from `week()` or from a checked parse, so the date exists.
        jiff::civil::ISOWeekDate::new(self.year, self.week, Weekday::Monday)
            .map(|w| Day(w.date()))
            .unwrap_or(Day(Date::constant(1970, 1, 1)))
    }
    /// Monday to Sunday.
    pub fn days(self) -> [Day; 7] {
        let monday = self.monday();
        std::array::from_fn(|i| monday.plus_days(i as i32))
    }
    /// The following week.
    pub fn next(self) -> IsoWeek {
        self.monday().plus_days(7).week()
    }
}
impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}
impl FromStr for IsoWeek {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, TimeError> {
        let bad = || TimeError::Week(s.chars().take(20).collect());
        let (y, w) = s.trim().split_once("-W").ok_or_else(bad)?;
        let year: i16 = y.parse().map_err(|_| bad())?;
        let week: i8 = w.parse().map_err(|_| bad())?;
        jiff::civil::ISOWeekDate::new(year, week, Weekday::Monday).map_err(|_| bad())?;
        Ok(IsoWeek { year, week })
    }
}
impl Serialize for IsoWeek {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for IsoWeek {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A time of day in seconds since midnight, written `HH:MM`. 0…86,400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock(u32);

impl Clock {
    /// From seconds since midnight; `None` beyond 24:00.
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        (seconds <= 86_400).then_some(Clock(seconds))
    }
    /// Seconds since midnight.
    pub fn seconds(self) -> u32 {
        self.0
    }
}
impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 3600, self.0 / 60 % 60)
    }
}
impl FromStr for Clock {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, TimeError> {
        let bad = || TimeError::Clock(s.chars().take(20).collect());
        let (h, m) = s.trim().split_once([':', '：']).ok_or_else(bad)?;
        let h: u32 = h.parse().map_err(|_| bad())?;
        let m: u32 = m.parse().map_err(|_| bad())?;
        if m > 59 {
            return Err(bad());
        }
        Clock::from_seconds(h.saturating_mul(3600) + m * 60).ok_or_else(bad)
    }
}
impl Serialize for Clock {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> Day {
        s.parse().unwrap()
    }

    #[test]
    fn days_are_read_in_the_ways_banks_write_them() {
        for s in [
            "2016-10-01",
            "2016/10/1",
            "20161001",
            "2016年10月1日",
            "2016.10.01",
        ] {
            assert_eq!(day(s).to_string(), "2016-10-01", "{s}");
        }
        for s in ["2016-13-01", "2016-02-30", "16-10-01", "", "2016-10", "abc"] {
            assert!(s.parse::<Day>().is_err(), "{s}");
        }
    }

    #[test]
    fn weeks_follow_iso_8601() {
        // 2016-10-01 was a Saturday of week 39; 2027-01-01 is a Friday of 2026-W53.
        assert_eq!(day("2016-10-01").week().to_string(), "2016-W39");
        assert_eq!(day("2027-01-01").week().to_string(), "2026-W53");
        assert_eq!(
            "2026-W48".parse::<IsoWeek>().unwrap().monday(),
            day("2026-11-23")
        );
        assert!("2025-W53".parse::<IsoWeek>().is_err());
    }

    #[test]
    fn a_moment_belongs_to_the_chinese_day() {
        let t: Timestamp = "2016-09-30T16:00:00Z".parse().unwrap();
        assert_eq!(t.day(), day("2016-10-01"));
        assert_eq!(t.to_string(), "2016-10-01T00:00:00+08:00");
        assert_eq!(Timestamp::start_of(day("2016-10-01")), t);
    }

    #[test]
    fn age_counts_full_years() {
        assert_eq!(day("1990-05-02").years_until(day("2016-05-01")), 25);
        assert_eq!(day("1990-05-02").years_until(day("2016-05-02")), 26);
    }
}
