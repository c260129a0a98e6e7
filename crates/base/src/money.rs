//! Money: whole 分 in an `i64`, never a float. The only conversions are to and
//! from the texts of bank files (元 with up to two decimals). Pure; knows no
//! account and no currency but the one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// An amount in 分 (1/100 yuan); negative = owed or taken back.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// A text that is no amount in yuan.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not an amount in yuan with at most two decimals")]
pub struct MoneyError;

impl Fen {
    /// Whole yuan.
    pub fn yuan(yuan: i64) -> Self {
        Fen(yuan.saturating_mul(100))
    }
    /// Sum that refuses to wrap.
    pub fn checked_add(self, other: Fen) -> Option<Fen> {
        self.0.checked_add(other.0).map(Fen)
    }
}

impl fmt::Display for Fen {
    /// In yuan with two decimals and thousands separators: `12,345.60`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let abs = self.0.unsigned_abs();
        let whole = (abs / 100).to_string();
        let mut grouped = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(c);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{grouped}.{:02}", abs % 100)
    }
}

impl FromStr for Fen {
    type Err = MoneyError;
    /// Reads `1234`, `1,234.5`, `-12.34`, `1234元`, `1.2万`.
    fn from_str(s: &str) -> Result<Self, MoneyError> {
        let t: String = s
            .trim()
            .chars()
            .filter(|c| !matches!(c, ',' | '，' | ' '))
            .collect();
        let t = t.strip_suffix('元').unwrap_or(&t);
        let (t, decimals) = match t.strip_suffix('万') {
            Some(t) => (t, 6),
            None => (t, 2),
        };
        let (neg, t) = match t.strip_prefix('-') {
            Some(t) => (true, t),
            None => (false, t),
        };
        let (whole, frac) = t.split_once('.').unwrap_or((t, ""));
        let digits = |x: &str| x.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && frac.is_empty())
            || frac.len() > decimals
            || !digits(whole)
            || !digits(frac)
        {
            return Err(MoneyError);
        }
        let padded = format!("{whole}{frac:0<decimals$}");
        let fen: i64 = padded.parse().map_err(|_| MoneyError)?;
        Ok(Fen(if neg { -fen } else { fen }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_bank_files_write_them() {
        for (s, fen) in [
            ("1234", 123_400),
            ("1,234.5", 123_450),
            ("-12.34", -1234),
            ("0.2元", 20),
            ("1.2万", 1_200_000),
        ] {
            assert_eq!(s.parse::<Fen>(), Ok(Fen(fen)), "{s}");
        }
        for s in ["", "1.234", "abc", "1e3", "-", "."] {
            assert!(s.parse::<Fen>().is_err(), "{s}");
        }
    }

    #[test]
    fn amounts_are_written_in_yuan() {
        assert_eq!(Fen(123_456_789).to_string(), "1,234,567.89");
        assert_eq!(Fen(-5).to_string(), "-0.05");
    }
}
