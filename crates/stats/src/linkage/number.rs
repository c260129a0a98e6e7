//! ID numbers and phones as sixteen possible values per place: digits, X and
//! "hidden by the bank". What cannot be such a number at all is missing, never
//! an error; what could be one with a slip of the finger is kept, because a
//! slip is evidence too. Numbers stay inside this crate.

use super::schema::Level;
use super::text::{hash_all, mix, one_edit};
use zf_base::identity::with_check_char;
use zf_base::search::half_width_char;

const HIDDEN: u8 = 15;
const X: u8 = 10;
/// Longest number kept.
const PLACES: usize = 20;

/// How much a number can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Missing,
    /// All digits; nothing to check them by, or the check fails.
    Plain,
    /// All digits, the check character fits and the day of birth exists.
    Verified,
    /// Some digits are hidden.
    Masked,
}

/// One number: four bits per place, the last place lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    bits: u128,
    len: u8,
    pub state: State,
}

impl Number {
    fn new(places: &[u8], state: State) -> Number {
        let bits = places.iter().fold(0, |b, d| b << 4 | u128::from(*d));
        Number {
            bits,
            len: places.len() as u8,
            state,
        }
    }

    fn places(self) -> ([u8; PLACES], usize) {
        let mut out = [0; PLACES];
        let len = usize::from(self.len);
        for (i, place) in out.iter_mut().take(len).enumerate() {
            *place = ((self.bits >> (4 * (len - 1 - i))) & 15) as u8;
        }
        (out, len)
    }

    /// Same value, same hash; 0 when missing.
    pub fn hash(self) -> u64 {
        match self.state {
            State::Missing => 0,
            _ => hash_all(&[
                (self.bits >> 64) as u64,
                self.bits as u64,
                u64::from(self.len),
            ]),
        }
    }

    /// The whole number, when no place is hidden.
    pub fn full(self) -> Option<u64> {
        matches!(self.state, State::Plain | State::Verified).then(|| self.hash())
    }

    /// The last four places, when they are shown.
    pub fn tail(self) -> Option<u64> {
        let (places, len) = self.places();
        let tail = places[..len].last_chunk::<4>()?;
        (!tail.contains(&HIDDEN)).then(|| hash_all(tail))
    }

    /// The first three and the last four places: what a mask leaves of a phone.
    pub fn ends(self) -> Option<u64> {
        let (places, len) = self.places();
        let (head, tail) = (
            places[..len].first_chunk::<3>()?,
            places[..len].last_chunk::<4>()?,
        );
        let shown = len >= 7 && !head.contains(&HIDDEN) && !tail.contains(&HIDDEN);
        shown.then(|| mix(hash_all(head), hash_all(tail)))
    }

    /// All but the last four places, when shown.
    pub fn head(self) -> Option<u64> {
        let (places, len) = self.places();
        let head = &places[..len.saturating_sub(4)];
        (head.len() >= 3 && !head.contains(&HIDDEN)).then(|| hash_all(head))
    }

    /// Day of birth in an ID number of 18 places, as YYYYMMDD; 0 when not shown or impossible.
    pub fn birth(self) -> u32 {
        let (places, len) = self.places();
        if len != 18 || self.state == State::Missing {
            return 0;
        }
        let digits = &places[6..14];
        if digits.iter().any(|d| *d > 9) {
            return 0;
        }
        plausible_day(digits.iter().fold(0, |n, d| n * 10 + u32::from(*d)))
    }
}

/// The day when it can exist, else 0.
pub(super) fn plausible_day(day: u32) -> u32 {
    let (year, month, of_month) = (day / 10_000, day / 100 % 100, day % 100);
    let exists =
        (1850..=2150).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&of_month);
    if exists { day } else { 0 }
}

fn hides(c: char) -> bool {
    matches!(
        c,
        '*' | '#' | '×' | '●' | '•' | '○' | '■' | '﹡' | '∗' | '✱'
    )
}

/// Places of a text; `None` when something in it belongs to no number.
fn read(text: &str) -> Option<Vec<u8>> {
    // A spreadsheet that took the number for a quantity.
    let text = text.strip_suffix(".0").unwrap_or(text);
    let mut places = Vec::with_capacity(PLACES);
    for c in text.chars().map(half_width_char) {
        let place = match c {
            '0'..='9' => c as u8 - b'0',
            'x' | 'X' => X,
            c if hides(c) => HIDDEN,
            c if c.is_whitespace() || matches!(c, '-' | '\'' | '(' | ')' | '+' | '\u{FEFF}') => {
                continue;
            }
            _ => return None,
        };
        if places.len() == PLACES {
            return None;
        }
        places.push(place);
    }
    Some(places)
}

/// Three or more X hide: no number has more than one.
fn crosses_hide(places: &mut [u8]) {
    if places.iter().filter(|d| **d == X).count() < 3 {
        return;
    }
    for place in places.iter_mut().filter(|d| **d == X) {
        *place = HIDDEN;
    }
}

/// One run of hidden places is made as long as the number needs.
fn stretch(places: Vec<u8>, wanted: usize) -> Option<Vec<u8>> {
    let shown = places.iter().filter(|d| **d != HIDDEN).count();
    if shown < 3 || shown >= wanted {
        return None;
    }
    if places.len() == wanted {
        return Some(places);
    }
    let first = places.iter().position(|d| *d == HIDDEN)?;
    let last = places.iter().rposition(|d| *d == HIDDEN)?;
    if last - first + 1 != places.len() - shown {
        return None;
    }
    let mut out = places[..first].to_vec();
    out.resize(wanted - (places.len() - last - 1), HIDDEN);
    out.extend_from_slice(&places[last + 1..]);
    Some(out)
}

/// An ID number.
pub(super) fn id_number(text: &str) -> Number {
    id_places(text).unwrap_or_default()
}

fn id_places(text: &str) -> Option<Number> {
    let mut places = read(text)?;
    crosses_hide(&mut places);
    if places.contains(&HIDDEN) {
        return Some(Number::new(&stretch(places, 18)?, State::Masked));
    }
    if !(15..=19).contains(&places.len()) || places.iter().all(|d| *d == places[0]) {
        return None;
    }
    if places.len() == 15 && !places.contains(&X) {
        return Some(from_fifteen(&places));
    }
    let state = if verified(&places) {
        State::Verified
    } else {
        State::Plain
    };
    Some(Number::new(&places, state))
}

/// 15 digits were given out to people born in 19xx; they carry no check.
fn from_fifteen(places: &[u8]) -> Number {
    let text = |d: &[u8]| d.iter().map(|d| char::from(b'0' + d)).collect::<String>();
    let long = with_check_char(&format!("{}19{}", text(&places[..6]), text(&places[6..])));
    let number = Number::new(&read(&long).unwrap_or_default(), State::Plain);
    match number.birth() {
        0 => Number::new(places, State::Plain),
        _ => number,
    }
}

/// ISO 7064 MOD 11-2 with the weights of GB 11643, and a day of birth that can exist.
fn verified(places: &[u8]) -> bool {
    const WEIGHTS: [u32; 18] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
    let sum: u32 = places
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(*d) * w)
        .sum();
    places.len() == 18
        && !places[..17].contains(&X)
        && sum % 11 == 1
        && Number::new(places, State::Plain).birth() != 0
}

/// A phone: the first of several in one cell that is one.
pub(super) fn phone(text: &str) -> Number {
    let parts = text.split([',', '/', ';', '、', '，', '；', '\n']);
    if let Some(number) = parts.filter_map(phone_places).next() {
        return number;
    }
    // Two with a space between; a space inside of one does no harm above.
    let words = text.split_whitespace().filter(|w| w.len() >= 7);
    words.filter_map(phone_places).next().unwrap_or_default()
}

fn phone_places(text: &str) -> Option<Number> {
    let mut places = read(text)?;
    for prefix in [&[0, 0, 8, 6][..], &[8, 6]] {
        if places.len() > 11 && places.starts_with(prefix) && places.get(prefix.len()) == Some(&1) {
            places.drain(..prefix.len());
        }
    }
    crosses_hide(&mut places);
    if places.contains(&X) {
        return None;
    }
    if places.contains(&HIDDEN) {
        return Some(Number::new(&stretch(places, 11)?, State::Masked));
    }
    let fits = match places.first()? {
        1 => (10..=12).contains(&places.len()),
        _ => (7..=12).contains(&places.len()),
    };
    let dull = places[1..].iter().all(|d| *d == places[1]);
    (fits && !dull).then(|| Number::new(&places, State::Plain))
}

/// How two numbers compare; `None` when one is missing. `checked`: numbers with
/// a check character, where two different verified ones exclude each other.
pub(super) fn compare(a: Number, b: Number, checked: bool) -> Option<Level> {
    if a.state == State::Missing || b.state == State::Missing {
        return None;
    }
    if a.state == State::Masked || b.state == State::Masked {
        return Some(masked(a, b));
    }
    if a.bits == b.bits && a.len == b.len {
        return Some(Level::Same);
    }
    if checked && a.state == State::Verified && b.state == State::Verified {
        return Some(Level::Distinct);
    }
    let ((x, n), (y, m)) = (a.places(), b.places());
    if one_edit(&x[..n], &y[..m]) {
        return Some(Level::OneEdit);
    }
    let apart = x.iter().zip(&y).filter(|(p, q)| p != q).count();
    if checked && n == 18 && m == 18 && x[..14] == y[..14] {
        return Some(Level::Serial);
    }
    if checked && n == m && apart == 2 {
        return Some(Level::TwoEdits);
    }
    Some(Level::Different)
}

fn masked(a: Number, b: Number) -> Level {
    if a.len != b.len {
        return Level::Conflict;
    }
    let ((x, n), (y, _)) = (a.places(), b.places());
    let shown = x[..n]
        .iter()
        .zip(&y)
        .filter(|(p, q)| **p != HIDDEN && **q != HIDDEN);
    let (all, equal) = shown.fold((0, 0), |(all, equal), (p, q)| {
        (all + 1, equal + usize::from(p == q))
    });
    // The first six places of an ID number are the county: everybody's.
    let tells = if n == 18 { 10 } else { 6 };
    match (all == equal, all >= tells) {
        (false, _) => Level::Conflict,
        (true, true) => Level::Masked,
        (true, false) => Level::MaskedFew,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11010519491231002X";

    fn ids(a: &str, b: &str) -> Option<Level> {
        assert_eq!(
            compare(id_number(a), id_number(b), true),
            compare(id_number(b), id_number(a), true)
        );
        compare(id_number(a), id_number(b), true)
    }

    #[test]
    fn the_example_of_the_standard_is_verified_and_a_slip_is_not() {
        assert_eq!(id_number(ID).state, State::Verified);
        assert_eq!(id_number(ID).birth(), 19_491_231);
        assert_eq!(id_number("110105194912310029").state, State::Plain);
    }

    #[test]
    fn id_numbers_compare_by_what_can_have_happened() {
        assert_eq!(ids(ID, " 110105 19491231 002x"), Some(Level::Same));
        assert_eq!(ids(ID, "110105491231002"), Some(Level::Same));
        assert_eq!(ids(ID, "11010519491231003X"), Some(Level::OneEdit));
        assert_eq!(ids(ID, "11010519491213002X"), Some(Level::OneEdit));
        assert_eq!(ids(ID, "1101051949123102X"), Some(Level::OneEdit));
        assert_eq!(ids(ID, "11010519491231004X"), Some(Level::OneEdit));
        assert_eq!(ids(ID, "110105194912310043"), Some(Level::Serial));
        assert_eq!(ids(ID, "13010519491231003X"), Some(Level::TwoEdits));
        assert_eq!(ids(ID, "110***********002X"), Some(Level::MaskedFew));
        assert_eq!(ids(ID, "110105********002X"), Some(Level::Masked));
        assert_eq!(ids(ID, "110***********0021"), Some(Level::Conflict));
        assert_eq!(ids(ID, "11010519491231****"), Some(Level::Masked));
        assert_eq!(ids(ID, "110****002X"), Some(Level::MaskedFew));
    }

    #[test]
    fn two_different_valid_numbers_exclude_each_other() {
        let twin = with_check_char("11010519491231004");
        assert_eq!(id_number(&twin).state, State::Verified);
        assert_eq!(ids(ID, &twin), Some(Level::Distinct));
    }

    #[test]
    fn what_is_no_number_is_missing() {
        for text in [
            "",
            "-",
            "无",
            "12345",
            "111111111111111111",
            "abc",
            "****",
            "110105194912310021234567",
        ] {
            assert_eq!(id_number(text).state, State::Missing, "{text}");
        }
        for text in [
            "",
            "无",
            "123",
            "1380013800138001380",
            "00000000",
            "a",
            "1********",
        ] {
            assert_eq!(phone(text).state, State::Missing, "{text}");
        }
    }

    #[test]
    fn phones_meet_in_every_spelling() {
        let base = phone("13812345678");
        for text in [
            "138 1234 5678",
            "+86 138-1234-5678",
            "008613812345678",
            "１３８１２３４５６７８",
            "/13812345678",
            "13812345678、13900001111",
            "13812345678 13900001111",
            "13812345678.0",
        ] {
            assert_eq!(phone(text), base, "{text}");
        }
        assert_eq!(
            compare(base, phone("138****5678"), false),
            Some(Level::Masked)
        );
        assert_eq!(
            compare(base, phone("138xxxx5678"), false),
            Some(Level::Masked)
        );
        assert_eq!(phone("138****5678").ends(), base.ends());
        assert_ne!(phone("138****5679").ends(), base.ends());
        assert_eq!(phone("1381234****").ends(), None);
        assert_eq!(
            compare(base, phone("138****5679"), false),
            Some(Level::Conflict)
        );
        assert_eq!(
            compare(base, phone("*******5678"), false),
            Some(Level::MaskedFew)
        );
        assert_eq!(
            compare(base, phone("13812345687"), false),
            Some(Level::OneEdit)
        );
        assert_eq!(
            compare(base, phone("1381234567"), false),
            Some(Level::OneEdit)
        );
        assert_eq!(
            compare(base, phone("13912345687"), false),
            Some(Level::Different)
        );
    }
}
