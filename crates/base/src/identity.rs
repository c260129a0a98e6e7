//! Chinese ID numbers (GB 11643): normalises what forms and files contain,
//! extends the old 15 digits to 18, checks the checksum, the day of birth and
//! the region. Pure: today comes in as an argument, the list of county codes
//! too. Never a reason to refuse a customer: the caller turns a bad number into
//! a missing field. Numbers are personal data, so no error here repeats one.

use crate::search::half_width_char;
use crate::time::Day;
use std::collections::BTreeSet;

/// First two digits in use: provinces of GB/T 2260, then 71 Taiwan, 81 Hong
/// Kong, 82 Macao, 83 (residence permits of people from Taiwan).
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// First two digits of demo identities. GB/T 2260 numbers the north-eastern
/// provinces 21 to 23 since its first edition and has never given out 24 to 29,
/// so no living person's number starts with 29. (66 would be a bad choice: some
/// registers use it for a corps in Xinjiang; 90 to 98 are residents from abroad.)
pub const DEMO_PROVINCE: &str = "29";

/// What the check needs to know besides the text.
#[derive(Clone, Copy, Debug)]
pub struct IdRules<'a> {
    /// The day of the check; a later birth is refused.
    pub today: Day,
    /// Whether [`DEMO_PROVINCE`] counts: only in a database marked as a demo.
    pub accept_demo: bool,
    /// Six-digit county codes known, past and present; `None` = not compared.
    pub counties: Option<&'a BTreeSet<u32>>,
}

impl IdRules<'_> {
    /// The rules of a real database without a county list.
    pub fn on(today: Day) -> Self {
        IdRules {
            today,
            accept_demo: false,
            counties: None,
        }
    }
}

/// Sex as the 17th digit says: odd = male.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// Something worth knowing about a valid number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdNote {
    /// It had 15 digits and was extended.
    From15Digits,
    /// The county code is not on the list; county codes change, so only a note.
    UnknownCounty,
    /// A permanent resident from abroad (starts with 9, then the province).
    FromAbroad,
    /// Older than 120 years.
    VeryOld,
    /// A demo identity.
    Demo,
}

/// Why a number is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdProblem {
    /// Neither 15 nor 18 characters.
    Length,
    /// Something else than digits (and X at the end).
    Characters,
    /// No such province.
    Province,
    /// No such day of birth.
    Birth,
    /// Born after today.
    BornInFuture,
    /// The last character does not fit the others.
    Checksum,
}

/// The outcome of [`check_id_number`].
#[derive(Clone, PartialEq, Eq)]
pub enum IdCheck {
    /// A valid number.
    Ok {
        /// 18 characters, upper-case X.
        normalised: String,
        /// Day of birth.
        birth: Day,
        /// Sex.
        sex: Sex,
        /// Anything worth knowing.
        notes: Vec<IdNote>,
    },
    /// Some characters are stars: the bank masked it on export.
    MaskedByBank,
    /// Nothing but white space and placeholders such as `-`.
    Empty,
    /// Not valid.
    Invalid(IdProblem),
}

impl std::fmt::Debug for IdCheck {
    /// Without the number and the day of birth.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IdCheck::Ok { notes, .. } => write!(f, "Ok({notes:?})"),
            IdCheck::MaskedByBank => f.write_str("MaskedByBank"),
            IdCheck::Empty => f.write_str("Empty"),
            IdCheck::Invalid(problem) => write!(f, "Invalid({problem:?})"),
        }
    }
}

/// Checks and normalises an ID number. Never fails: the outcome says what it is.
pub fn check_id_number(text: &str, rules: IdRules<'_>) -> IdCheck {
    let clean: String = text
        .chars()
        .map(half_width_char)
        .filter(|c| !c.is_whitespace() && *c != '-' && *c != '\'')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if clean.is_empty() {
        return IdCheck::Empty;
    }
    match masking(&clean, &[15, 18]) {
        Masking::None => {}
        Masking::Masked => return IdCheck::MaskedByBank,
        Masking::Blank => return IdCheck::Empty,
        Masking::Broken => return IdCheck::Invalid(IdProblem::Characters),
    }
    match check_clean(&clean, rules) {
        Ok(ok) => ok,
        Err(problem) => IdCheck::Invalid(problem),
    }
}

/// How a number without spaces and dashes is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Masking {
    /// Not at all.
    None,
    /// Digits with some hidden, or all hidden at a possible length.
    Masked,
    /// A few stars as a placeholder for nothing.
    Blank,
    /// Stars among something that is no number, or a single digit left.
    Broken,
}

/// Stars of any kind, or a run of three and more X (one X may be a check
/// character), hide digits. `lengths`: what a number hidden as a whole may have.
pub(crate) fn masking(clean: &str, lengths: &[usize]) -> Masking {
    if clean.bytes().all(|b| b.is_ascii_digit()) {
        return Masking::None;
    }
    let long_x = |c: char| matches!(c, 'x' | 'X') && clean.to_ascii_lowercase().contains("xxx");
    let hides = |c: char| {
        matches!(
            c,
            '*' | '#' | '×' | '●' | '•' | '○' | '■' | '﹡' | '∗' | '✱'
        )
    };
    let hidden = clean.chars().filter(|c| hides(*c) || long_x(*c)).count();
    if hidden == 0 {
        return Masking::None;
    }
    let rest = clean.chars().filter(|c| !hides(*c) && !long_x(*c));
    let visible = rest.clone().count();
    // The last character of a masked ID number is often shown.
    let readable = |c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X');
    match visible {
        0 if lengths.contains(&hidden) => Masking::Masked,
        0 => Masking::Blank,
        1 => Masking::Broken,
        _ if rest.clone().all(readable) => Masking::Masked,
        _ => Masking::Broken,
    }
}

fn check_clean(clean: &str, rules: IdRules<'_>) -> Result<IdCheck, IdProblem> {
    let count = clean.chars().count();
    if count != 15 && count != 18 {
        return Err(IdProblem::Length);
    }
    let digits = clean.strip_suffix('X').unwrap_or(clean);
    if !digits.bytes().all(|b| b.is_ascii_digit()) || (count == 15 && digits.len() != 15) {
        return Err(IdProblem::Characters);
    }
    let mut notes = Vec::new();
    let number = if count == 15 {
        notes.push(IdNote::From15Digits);
        // 15-digit numbers were given out until 1999, to people born in 19xx.
        with_check_char(&format!("{}19{}", &clean[..6], &clean[6..]))
    } else {
        clean.to_owned()
    };
    note_region(&number, rules, &mut notes)?;
    let birth: Day = number[6..14].parse().map_err(|_| IdProblem::Birth)?;
    if birth > rules.today {
        return Err(IdProblem::BornInFuture);
    }
    if check_char(&number.as_bytes()[..17]) != number.as_bytes()[17] {
        return Err(IdProblem::Checksum);
    }
    if birth.years_until(rules.today) > 120 {
        notes.push(IdNote::VeryOld);
    }
    let sex = if number.as_bytes()[16] % 2 == 1 {
        Sex::Male
    } else {
        Sex::Female
    };
    Ok(IdCheck::Ok {
        normalised: number,
        birth,
        sex,
        notes,
    })
}

fn note_region(number: &str, rules: IdRules<'_>, notes: &mut Vec<IdNote>) -> Result<(), IdProblem> {
    let is_province = |two: &str| two.parse::<u8>().is_ok_and(|n| PROVINCES.contains(&n));
    if number.starts_with(DEMO_PROVINCE) {
        if !rules.accept_demo {
            return Err(IdProblem::Province);
        }
        notes.push(IdNote::Demo);
        return Ok(());
    }
    if number.starts_with('9') && is_province(&number[1..3]) {
        notes.push(IdNote::FromAbroad);
        return Ok(());
    }
    if !is_province(&number[..2]) {
        return Err(IdProblem::Province);
    }
    let known = |codes: &BTreeSet<u32>| number[..6].parse().is_ok_and(|code| codes.contains(&code));
    if rules.counties.is_some_and(|codes| !known(codes)) {
        notes.push(IdNote::UnknownCounty);
    }
    Ok(())
}

/// Weights of the 17 leading digits: 2^(18 - position) mod 11 (GB 11643, ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

fn check_char(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    b"10X98765432"[(sum % 11) as usize]
}

/// Appends the check character to 17 digits. Anything else comes back unchanged.
pub fn with_check_char(digits: &str) -> String {
    if digits.len() != 17 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.to_owned();
    }
    format!("{digits}{}", char::from(check_char(digits.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> IdRules<'static> {
        IdRules::on("2016-10-01".parse().unwrap())
    }
    fn check(text: &str) -> IdCheck {
        check_id_number(text, rules())
    }
    fn ok(number: &str, birth: &str, sex: Sex, notes: &[IdNote]) -> IdCheck {
        IdCheck::Ok {
            normalised: number.to_owned(),
            birth: birth.parse().unwrap(),
            sex,
            notes: notes.to_vec(),
        }
    }

    // The two numbers of the standard's own examples (GB 11643-1999, annex).
    #[test]
    fn the_examples_of_the_standard_are_valid() {
        assert!(
            check("11010519491231002X") == ok("11010519491231002X", "1949-12-31", Sex::Female, &[])
        );
        assert!(
            check("440524188001010014")
                == ok(
                    "440524188001010014",
                    "1880-01-01",
                    Sex::Male,
                    &[IdNote::VeryOld]
                )
        );
    }

    /// Numbers that the documentation and the tests of other libraries publish:
    /// GB 11643-1999; guanguans/id-validator (README); sndnvaps/CheckID_card
    /// (README); issue9/is (gb11643_test.go).
    #[test]
    fn published_numbers_are_judged_as_published() {
        let rules = IdRules::on("2026-11-22".parse().unwrap());
        for number in [
            "11010519491231002X",
            "440524188001010014",
            "440308199901101512",
            "610104620927690",
            "810000199408230021",
            "830000199201300022",
            "34052419800101001X",
            "33050219880702447x",
        ] {
            let got = check_id_number(number, rules);
            assert!(matches!(got, IdCheck::Ok { .. }), "{number}");
        }
        for (number, problem) in [
            ("340524198001010013", IdProblem::Checksum),
            ("330502198807024471", IdProblem::Checksum),
            ("111111111111111111", IdProblem::Checksum),
            ("33050288070244", IdProblem::Length),
            ("3305028807024411", IdProblem::Length),
        ] {
            let got = check_id_number(number, rules);
            assert_eq!(got, IdCheck::Invalid(problem), "{number}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_check_panic(text in "\\PC{0,24}", stars in "[0-9xX*＊ -]{0,20}") {
            check(&text);
            check(&stars);
        }

        #[test]
        fn what_comes_out_goes_in_again_unchanged(text in "[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]{4}") {
            if let IdCheck::Ok { normalised, .. } = check(&with_check_char(&text)) {
                let again = check(&normalised);
                let same = matches!(again, IdCheck::Ok { normalised: n, .. } if n == normalised);
                proptest::prop_assert!(same);
            }
        }
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        let expected = ok(
            "11010519491231002X",
            "1949-12-31",
            Sex::Female,
            &[IdNote::From15Digits],
        );
        assert!(check("110105491231002") == expected);
    }

    #[test]
    fn other_writings_of_a_number_are_the_same_number() {
        let expected = check("11010519491231002X");
        for text in [
            "11010519491231002x",
            " 110105 19491231 002X ",
            "１１０１０５１９４９１２３１００２Ｘ",
            "'11010519491231002X",
        ] {
            assert!(check(text) == expected, "{text}");
        }
    }

    #[test]
    fn each_fault_has_its_own_name() {
        for (text, problem) in [
            ("1101051949123100", IdProblem::Length),
            ("11010519491231O02X", IdProblem::Characters),
            ("1101051949123X", IdProblem::Length),
            ("11010549123100X", IdProblem::Characters),
            ("01010519491231002X", IdProblem::Province),
            ("11010519490231002X", IdProblem::Birth),
            ("110105201610020021", IdProblem::BornInFuture),
            ("110105194912310021", IdProblem::Checksum),
            (
                "张三张三张三张三张三张三张三张三张三",
                IdProblem::Characters,
            ),
        ] {
            assert_eq!(check(text), IdCheck::Invalid(problem), "{text}");
        }
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let good = b"11010519491231002X";
        for at in 0..17 {
            for digit in b'0'..=b'9' {
                let mut bad = *good;
                bad[at] = digit;
                if bad != *good {
                    let text = String::from_utf8(bad.to_vec()).unwrap();
                    assert!(matches!(check(&text), IdCheck::Invalid(_)), "{text}");
                }
            }
        }
    }

    #[test]
    fn masked_and_empty_values_are_told_apart() {
        assert_eq!(check("110105********002X"), IdCheck::MaskedByBank);
        assert_eq!(
            check("1＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊X"),
            IdCheck::MaskedByBank
        );
        for text in [
            "110105********0021",
            "1101**************",
            "110***********002X",
            "110105xxxxxxxx002X",
            "110105XXXXXXXX002X",
            "110105●●●●●●●●002x",
            "110105*********",
            "******************",
        ] {
            assert_eq!(check(text), IdCheck::MaskedByBank, "{text}");
        }
        assert_eq!(check(" 　"), IdCheck::Empty);
        assert_eq!(check("-"), IdCheck::Empty);
        assert_eq!(check("***"), IdCheck::Empty);
        for text in ["张**", "1*****************", "护照****1234"] {
            let broken = IdCheck::Invalid(IdProblem::Characters);
            assert_eq!(check(text), broken, "{text}");
        }
    }

    #[test]
    fn an_unknown_county_is_only_a_note() {
        let codes = BTreeSet::from([110_101]);
        let rules = IdRules {
            counties: Some(&codes),
            ..rules()
        };
        let got = check_id_number("11010519491231002X", rules);
        assert!(
            got == ok(
                "11010519491231002X",
                "1949-12-31",
                Sex::Female,
                &[IdNote::UnknownCounty]
            )
        );
    }

    #[test]
    fn demo_identities_count_only_where_they_may() {
        let demo = with_check_char("29010119900307123");
        assert_eq!(check(&demo), IdCheck::Invalid(IdProblem::Province));
        let lenient = IdRules {
            accept_demo: true,
            ..rules()
        };
        assert!(
            check_id_number(&demo, lenient) == ok(&demo, "1990-03-07", Sex::Male, &[IdNote::Demo])
        );
    }

    #[test]
    fn no_province_starts_like_a_demo_identity() {
        assert!(!PROVINCES.contains(&DEMO_PROVINCE.parse().unwrap()));
    }

    #[test]
    fn debug_output_holds_no_number() {
        assert_eq!(format!("{:?}", check("11010519491231002X")), "Ok([])");
    }
}
