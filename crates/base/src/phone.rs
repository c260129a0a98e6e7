//! Phone numbers as bank files write them: normalises, tells mobile from
//! landline and masked from missing. Which ranges carriers and area codes have
//! is asked of libphonenumber's tables; ordinary mobiles are told by their first
//! digits first, because a file has a million of them (the tests hold both
//! against each other). Pure; numbers are personal data, so no error and no
//! debug output repeats one.

use crate::identity::{Masking, masking};
use crate::search::half_width_char;
use phonenumber::{Type, country, metadata::DATABASE};
use std::fmt;

/// First three digits of demo phones. Mobile numbers of mainland China start
/// with 13 to 19; 10x belongs to short service numbers (100, 101, 102, 106, 108
/// are in use) and 11x, 12x to emergency and hot lines, which an exchange may
/// connect before the last digit. 104 is used by no carrier and is no short
/// number, and `10` + nine digits is no Beijing landline (those have eight).
pub const DEMO_MOBILE: &str = "104";

/// What kind of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// 手机, 11 digits.
    Mobile,
    /// 固定电话, area code and number.
    Landline,
    /// A demo phone; only where those count.
    Demo,
}

/// Why a text is no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// Something else than digits.
    Characters,
    /// Too few or too many digits.
    Length,
    /// No carrier and no area code has such numbers.
    Prefix,
}

/// The outcome of [`check_phone`].
#[derive(Clone, PartialEq, Eq)]
pub enum PhoneCheck {
    /// A possible number.
    Ok {
        /// Mobile: 11 digits. Landline: `0857-1234567`.
        normalised: String,
        /// What it is.
        line: Line,
    },
    /// Some digits are stars: the bank masked it on export.
    MaskedByBank,
    /// Nothing but white space and placeholders such as `-`.
    Empty,
    /// No phone number.
    Invalid(PhoneProblem),
}

impl fmt::Debug for PhoneCheck {
    /// Without the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhoneCheck::Ok { line, .. } => write!(f, "Ok({line:?})"),
            PhoneCheck::MaskedByBank => f.write_str("MaskedByBank"),
            PhoneCheck::Empty => f.write_str("Empty"),
            PhoneCheck::Invalid(problem) => write!(f, "Invalid({problem:?})"),
        }
    }
}

/// Checks and normalises a phone number. `accept_demo` only in a database
/// marked as a demo. Never fails: the outcome says what it is.
pub fn check_phone(text: &str, accept_demo: bool) -> PhoneCheck {
    let clean: String = text
        .chars()
        .map(half_width_char)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')' | '\'' | '–' | '—'))
        .collect();
    if clean.is_empty() {
        return PhoneCheck::Empty;
    }
    let unsigned = clean.strip_prefix('+').unwrap_or(&clean);
    match masking(unsigned, &[11]) {
        Masking::None => {}
        Masking::Masked => return PhoneCheck::MaskedByBank,
        Masking::Blank => return PhoneCheck::Empty,
        Masking::Broken => return PhoneCheck::Invalid(PhoneProblem::Characters),
    }
    // Spreadsheets turn long numbers into decimals.
    let clean = clean.strip_suffix(".0").unwrap_or(&clean);
    let plus = clean.strip_prefix('+').unwrap_or(clean);
    if !plus.bytes().all(|b| b.is_ascii_digit()) {
        return PhoneCheck::Invalid(PhoneProblem::Characters);
    }
    match classify(without_country(plus), accept_demo) {
        Ok((line, normalised)) => PhoneCheck::Ok { normalised, line },
        Err(problem) => PhoneCheck::Invalid(problem),
    }
}

/// Drops 86 or 0086 where what is left can be a number.
fn without_country(digits: &str) -> &str {
    if let Some(rest) = digits.strip_prefix("0086") {
        return rest;
    }
    match digits.strip_prefix("86") {
        Some(rest) if rest.len() >= 10 => rest,
        _ => digits,
    }
}

fn classify(digits: &str, accept_demo: bool) -> Result<(Line, String), PhoneProblem> {
    if let Some(area) = area_code(digits) {
        let local = &digits[area.len()..];
        return match local.len() {
            // Numbers at shared cost behind an area code reach somebody too.
            7 | 8 if library_says(digits).is_some() => {
                Ok((Line::Landline, format!("{area}-{local}")))
            }
            7 | 8 => Err(PhoneProblem::Prefix),
            _ => Err(PhoneProblem::Length),
        };
    }
    if digits.len() != 11 {
        return Err(PhoneProblem::Length);
    }
    if accept_demo && digits.starts_with(DEMO_MOBILE) {
        return Ok((Line::Demo, digits.to_owned()));
    }
    if mobile_range(digits.as_bytes()) || library_says(digits) == Some(Type::Mobile) {
        return Ok((Line::Mobile, digits.to_owned()));
    }
    Err(PhoneProblem::Prefix)
}

/// Ranges of mobile phones by their first digits, as libphonenumber has them in
/// November 2026. What is not here is asked of the library, so a newer version
/// of it brings new ranges.
fn mobile_range(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'1', b'3' | b'8', ..]
            | [b'1', b'4', b'5' | b'7', ..]
            | [b'1', b'5' | b'9', b'0'..=b'3' | b'5'..=b'9', ..]
            | [b'1', b'6', b'2' | b'5'..=b'7', ..]
            | [b'1', b'6', b'1', b'0', ..]
            | [b'1', b'7', b'0'..=b'3' | b'5'..=b'8', ..]
            | [b'1', b'7', b'4', b'0', b'0'..=b'5', ..]
    )
}

/// The kind of line a valid number in China has; none for anything else.
fn library_says(digits: &str) -> Option<Type> {
    let number = phonenumber::parse(Some(country::CN), digits).ok()?;
    let china = number.country().code() == 86 && number.is_valid();
    china.then(|| number.number_type(&DATABASE))
}

/// 010, 02x, or 0[3-9]xx at the start.
fn area_code(digits: &str) -> Option<&str> {
    match digits.as_bytes() {
        [b'0', b'1', b'0', ..] | [b'0', b'2', _, ..] => digits.get(..3),
        [b'0', b'3'..=b'9', _, _, ..] => digits.get(..4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(normalised: &str, line: Line) -> PhoneCheck {
        PhoneCheck::Ok {
            normalised: normalised.to_owned(),
            line,
        }
    }

    #[test]
    fn a_mobile_number_is_the_same_in_all_writings() {
        for text in [
            "13712349050",
            "+86 137-1234-9050",
            "0086 13712349050",
            "8613712349050",
            "１３７１２３４９０５０",
            "13712349050.0",
            "'13712349050",
        ] {
            assert!(
                check_phone(text, false) == ok("13712349050", Line::Mobile),
                "{text}"
            );
        }
    }

    /// Example numbers of libphonenumber for China (resources/metadata/86) and
    /// ranges the ministry has given out, as Wikipedia lists them.
    #[test]
    fn published_ranges_are_told_apart() {
        for mobile in [
            "13123456789",
            "14712345678",
            "14512345678",
            "15912345678",
            "16212345678",
            "16512345678",
            "17012345678",
            "17401234567",
            "17812345678",
            "18612345678",
            "19012345678",
            "19212345678",
            "19912345678",
        ] {
            assert!(
                check_phone(mobile, false) == ok(mobile, Line::Mobile),
                "{mobile}"
            );
        }
        for nobody in [
            "14012345678",
            "14612345678",
            "15412345678",
            "16412345678",
            "17412345678",
            "17912345678",
            "19412345678",
        ] {
            let got = check_phone(nobody, false);
            assert_eq!(got, PhoneCheck::Invalid(PhoneProblem::Prefix), "{nobody}");
        }
        for service in ["8001234567", "4001234567", "16812345", "95588"] {
            let got = check_phone(service, false);
            assert_eq!(got, PhoneCheck::Invalid(PhoneProblem::Length), "{service}");
        }
    }

    #[test]
    fn the_fast_way_agrees_with_the_library_on_every_range() {
        // 1610 is in newer tables than the library's (libphonenumber f7e3e88c92b9).
        for prefix in (10_000..20_000).filter(|p| p / 10 != 1610) {
            let digits = format!("{prefix}234567");
            let library = library_says(&digits) == Some(Type::Mobile);
            assert_eq!(mobile_range(digits.as_bytes()), library, "{prefix}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_fast_way_and_the_library_agree(digits in "1[0-9]{10}") {
            if !digits.starts_with("1610") {
                let library = library_says(&digits) == Some(Type::Mobile);
                proptest::prop_assert_eq!(mobile_range(digits.as_bytes()), library);
            }
        }

        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,24}", digits in "[+0-9*＊x() -]{0,20}") {
            for demo in [false, true] {
                check_phone(&text, demo);
                check_phone(&digits, demo);
            }
        }

        #[test]
        fn what_comes_out_goes_in_again_unchanged(text in "(\\+?86)?0?[1-9][0-9]{6,11}") {
            if let PhoneCheck::Ok { normalised, line } = check_phone(&text, true) {
                proptest::prop_assert!(check_phone(&normalised, true) == ok(&normalised, line));
            }
        }
    }

    #[test]
    fn landlines_need_their_area_code() {
        for (text, number) in [
            ("0857-1234567", "0857-1234567"),
            ("（010）12345678", "010-12345678"),
            ("02912345678", "029-12345678"),
            ("+86 0857 12345678", "0857-12345678"),
        ] {
            assert!(
                check_phone(text, false) == ok(number, Line::Landline),
                "{text}"
            );
        }
        for text in ["1234567", "0857-123456", "010-123456789"] {
            let got = check_phone(text, false);
            assert_eq!(got, PhoneCheck::Invalid(PhoneProblem::Length), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, outcome) in [
            ("138****1234", PhoneCheck::MaskedByBank),
            ("138＊＊＊＊1234", PhoneCheck::MaskedByBank),
            ("138xxxx1234", PhoneCheck::MaskedByBank),
            ("138XXXX1234", PhoneCheck::MaskedByBank),
            ("+86 138****1234", PhoneCheck::MaskedByBank),
            ("138●●●●1234", PhoneCheck::MaskedByBank),
            ("138####1234", PhoneCheck::MaskedByBank),
            ("*******1234", PhoneCheck::MaskedByBank),
            ("0857-****567", PhoneCheck::MaskedByBank),
            ("***********", PhoneCheck::MaskedByBank),
            ("***", PhoneCheck::Empty),
            ("张**", PhoneCheck::Invalid(PhoneProblem::Characters)),
            ("　", PhoneCheck::Empty),
            ("-", PhoneCheck::Empty),
            ("12012345678", PhoneCheck::Invalid(PhoneProblem::Prefix)),
            ("23712349050", PhoneCheck::Invalid(PhoneProblem::Prefix)),
            ("1371234905", PhoneCheck::Invalid(PhoneProblem::Length)),
            ("137123490500", PhoneCheck::Invalid(PhoneProblem::Length)),
            ("无", PhoneCheck::Invalid(PhoneProblem::Characters)),
        ] {
            assert_eq!(check_phone(text, true), outcome, "{text}");
        }
    }

    #[test]
    fn demo_phones_count_only_where_they_may() {
        assert_eq!(
            check_phone("10412345678", false),
            PhoneCheck::Invalid(PhoneProblem::Prefix)
        );
        assert!(check_phone("104 1234 5678", true) == ok("10412345678", Line::Demo));
    }
}
