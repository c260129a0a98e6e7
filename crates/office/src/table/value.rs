//! From the raw content of a cell to the text a user sees.
//!
//! Numbers are handled as digits, not as floats, so that an 18-digit ID keeps all of
//! them; dates become `YYYY-MM-DD`. Number formats are read only as far as needed
//! for that. Pure functions.

use super::header::is_invisible;
use zf_base::Day;

/// What a cell's number format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellFormat {
    /// Shown as a number.
    Number,
    /// Shown with leading zeros to this many digits (format `000000`).
    ZeroPadded(usize),
    /// Shown as a date, a time of day, or both.
    Moment {
        date: bool,
        time: bool,
        seconds: bool,
    },
    /// Shown as hours that run past 24 (`[h]:mm`).
    Elapsed,
}

/// Classifies a number format by its id and, for custom ones, its code.
pub(super) fn classify(id: u32, code: Option<&str>) -> CellFormat {
    if let Some(code) = code {
        return classify_code(code);
    }
    let moment = |date, time, seconds| CellFormat::Moment {
        date,
        time,
        seconds,
    };
    // Built-in ids; 27–36 and 50–58 are the East Asian dates and times.
    match id {
        14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => moment(true, false, false),
        18 | 20 | 32 | 34 | 55 => moment(false, true, false),
        19 | 21 | 33 | 35 | 45 | 47 | 56 => moment(false, true, true),
        22 => moment(true, true, false),
        46 => CellFormat::Elapsed,
        _ => CellFormat::Number,
    }
}

fn classify_code(code: &str) -> CellFormat {
    let mut letters = String::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => {
                chars.by_ref().find(|c| *c == '"');
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty() && inside.chars().all(|c| matches!(c, 'h' | 'm' | 's')) {
                    return CellFormat::Elapsed;
                }
            }
            _ => letters.push(c.to_ascii_lowercase()),
        }
    }
    let has = |c: char| letters.contains(c);
    if letters == "general" {
        return CellFormat::Number;
    }
    let time = has('h') || has('s');
    let date = has('y') || has('d') || (has('m') && !time);
    if date || time {
        return CellFormat::Moment {
            date,
            time,
            seconds: has('s'),
        };
    }
    if letters.len() >= 2 && letters.chars().all(|c| c == '0') {
        return CellFormat::ZeroPadded(letters.len());
    }
    CellFormat::Number
}

/// Text of a numeric cell. `raw` is the stored number.
pub(super) fn number_text(raw: &str, format: CellFormat, date1904: bool) -> String {
    let raw = raw.trim();
    match format {
        CellFormat::Number => plain_number(raw),
        CellFormat::ZeroPadded(width) => zero_padded(&plain_number(raw), width),
        CellFormat::Moment {
            date,
            time,
            seconds,
        } => raw
            .parse()
            .ok()
            .and_then(|serial| moment_text(serial, date, time, seconds, date1904))
            .unwrap_or_else(|| plain_number(raw)),
        CellFormat::Elapsed => raw
            .parse()
            .ok()
            .and_then(elapsed_text)
            .unwrap_or_else(|| plain_number(raw)),
    }
}

fn zero_padded(number: &str, width: usize) -> String {
    if number.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{number:0>width$}");
    }
    number.to_owned()
}

/// Significant digits Excel shows; digits beyond are noise of binary fractions.
const SHOWN_DIGITS: usize = 15;

/// The number in plain digits without exponent. Whole numbers keep every digit;
/// fractions are rounded to what Excel shows. What is no number stays as it is.
pub(super) fn plain_number(raw: &str) -> String {
    match Decimal::parse(raw) {
        Some(d) if d.is_whole() || d.digits.len() <= SHOWN_DIGITS => d.plain(),
        Some(_) => raw
            .parse::<f64>()
            .ok()
            .and_then(|f| Decimal::parse(&format!("{f:.*e}", SHOWN_DIGITS - 1)))
            .map_or_else(|| raw.to_owned(), |d| d.plain()),
        None => raw.to_owned(),
    }
}

/// ±0.DIGITS × 10^point, digits without zeros at either end.
struct Decimal {
    negative: bool,
    digits: String,
    point: i32,
}

impl Decimal {
    fn parse(raw: &str) -> Option<Decimal> {
        let (negative, rest) = match raw.as_bytes().first()? {
            b'-' => (true, &raw[1..]),
            b'+' => (false, &raw[1..]),
            _ => (false, raw),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(i) => (&rest[..i], rest[i + 1..].parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // A cell is at most this long anyway; keeps the zeros written below in bounds.
        if exponent.abs() > 400 || mantissa.len() > 400 {
            return None;
        }
        let joined = format!("{whole}{fraction}");
        let leading = joined.bytes().take_while(|b| *b == b'0').count();
        let digits = joined[leading..].trim_end_matches('0').to_owned();
        Some(Decimal {
            negative,
            point: whole.len() as i32 - leading as i32 + exponent,
            digits,
        })
    }

    fn is_whole(&self) -> bool {
        self.digits.is_empty() || self.digits.len() as i32 <= self.point
    }

    fn plain(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.negative { "-" } else { "" };
        let digits = &self.digits;
        if self.point <= 0 {
            let zeros = "0".repeat(self.point.unsigned_abs() as usize);
            return format!("{sign}0.{zeros}{digits}");
        }
        let point = self.point as usize;
        if digits.len() <= point {
            let zeros = "0".repeat(point - digits.len());
            return format!("{sign}{digits}{zeros}");
        }
        format!("{sign}{}.{}", &digits[..point], &digits[point..])
    }
}

/// Excel's serial of 1970-01-01.
const UNIX_EPOCH_SERIAL: i64 = 25_569;
/// Serial of 9999-12-31.
const LAST_SERIAL: f64 = 2_958_466.0;
/// Days between the 1900 and the 1904 date systems.
const DAYS_1904: i64 = 1_462;

fn moment_text(
    serial: f64,
    date: bool,
    time: bool,
    seconds: bool,
    date1904: bool,
) -> Option<String> {
    if !(0.0..LAST_SERIAL).contains(&serial) {
        return None;
    }
    let total = (serial * 86_400.0).round() as i64;
    let mut days = if time {
        total.div_euclid(86_400)
    } else {
        serial.floor() as i64
    };
    let clock = clock_text(total.rem_euclid(86_400), seconds);
    if date1904 {
        days += DAYS_1904;
    }
    // A time of day alone, or a duration below one day, has no date to show.
    if !date || (days == 0 && time) {
        return Some(clock);
    }
    let day = match days {
        // Excel counts a 29 February 1900 that never was.
        60 => "1900-02-29".to_owned(),
        0..60 => Day::from_epoch_days((days + 1 - UNIX_EPOCH_SERIAL) as i32).to_string(),
        _ => Day::from_epoch_days((days - UNIX_EPOCH_SERIAL) as i32).to_string(),
    };
    if time {
        return Some(format!("{day} {clock}"));
    }
    Some(day)
}

fn clock_text(second_of_day: i64, seconds: bool) -> String {
    let (h, m, s) = (
        second_of_day / 3600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    );
    if seconds {
        return format!("{h:02}:{m:02}:{s:02}");
    }
    format!("{h:02}:{m:02}")
}

fn elapsed_text(serial: f64) -> Option<String> {
    if !(0.0..LAST_SERIAL).contains(&serial) {
        return None;
    }
    let minutes = (serial * 1440.0).round() as i64;
    Some(format!("{}:{:02}", minutes / 60, minutes % 60))
}

/// Text of a date cell stored as ISO text: the midnight is dropped.
pub(super) fn iso_date_text(raw: &str) -> String {
    let raw = raw.trim().trim_end_matches('Z');
    match raw.split_once('T') {
        Some((day, clock)) if clock.bytes().all(|b| matches!(b, b'0' | b':' | b'.')) => {
            day.to_owned()
        }
        Some((day, clock)) => format!("{day} {clock}"),
        None => raw.to_owned(),
    }
}

/// Resolves Excel's `_xHHHH_` escapes for characters XML cannot hold.
pub(super) fn unescape_excel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(i) = rest.find("_x") {
        out.push_str(&rest[..i]);
        let tail = &rest[i..];
        let code = tail
            .get(2..6)
            .filter(|h| {
                tail.as_bytes().get(6) == Some(&b'_') && h.bytes().all(|b| b.is_ascii_hexdigit())
            })
            .and_then(|h| u32::from_str_radix(h, 16).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) => {
                out.push(c);
                rest = &tail[7..];
            }
            None => {
                out.push_str("_x");
                rest = &tail[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Trims blanks and invisible marks, and takes off what people put in front of long
/// numbers to make Excel keep them: a leading apostrophe, or `="…"`.
pub(super) fn clean(text: &str) -> &str {
    let edge = |c: char| c.is_whitespace() || is_invisible(c) || c == '\0';
    let text = text.trim_matches(edge);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"'))
        && !inner.contains('"')
    {
        return inner.trim_matches(edge);
    }
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => text,
    }
}
