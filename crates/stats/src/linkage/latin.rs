//! Texts in Latin letters, codes, days and categories: the fields of registers
//! outside China. Compared by similarity of the folded text. Knows no schema.
//! Texts come from the columns, levels go back to them.

use super::schema::Level;
use super::text::{fold, jaro_winkler, one_edit};

/// Longest text compared, in bytes.
const BYTES: usize = 40;

/// Letters and digits only, folded.
pub(super) fn read(text: &str) -> Vec<u8> {
    let kept = text.chars().map(fold).filter(|c| c.is_alphanumeric());
    let folded: String = kept.flat_map(char::to_lowercase).collect();
    folded.into_bytes().into_iter().take(BYTES).collect()
}

/// A key for what sounds alike in English: the first letter, then groups of
/// consonants (Soundex, as in the 1918 patent, without its limit of four places).
pub(super) fn sound(text: &[u8]) -> Vec<u8> {
    let group = |b: u8| match b {
        b'b' | b'f' | b'p' | b'v' => 1,
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
        b'd' | b't' => 3,
        b'l' => 4,
        b'm' | b'n' => 5,
        b'r' => 6,
        _ => 0,
    };
    let mut out: Vec<u8> = text.first().copied().into_iter().collect();
    let mut last = text.first().map_or(0, |b| group(*b));
    for b in text.iter().skip(1) {
        let code = group(*b);
        if code != 0 && code != last {
            out.push(code);
        }
        if !matches!(b, b'h' | b'w') {
            last = code;
        }
    }
    out.truncate(4);
    out
}

/// Names and other words.
pub(super) fn words(a: &[u8], b: &[u8]) -> Option<Level> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a == b {
        return Some(Level::Same);
    }
    let near = jaro_winkler(a, b);
    Some(match () {
        () if one_edit(a, b) && a.len().min(b.len()) > 2 => Level::OneEdit,
        () if near >= 0.92 => Level::Close,
        () if near >= 0.8 => Level::Near,
        () => Level::Different,
    })
}

/// Numbers and days: similarity of neighbouring values means nothing, slips do.
pub(super) fn code(a: &[u8], b: &[u8]) -> Option<Level> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a == b {
        return Some(Level::Same);
    }
    if one_edit(a, b) {
        return Some(Level::OneEdit);
    }
    let apart = a.iter().zip(b).filter(|(x, y)| x != y).count();
    Some(match a.len() == b.len() && apart == 2 {
        true => Level::TwoEdits,
        false => Level::Different,
    })
}

/// Values that are equal or not.
pub(super) fn category(a: &[u8], b: &[u8]) -> Option<Level> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    Some(if a == b {
        Level::Same
    } else {
        Level::Different
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundex_gives_the_published_groups() {
        // Robert and Rupert are R163 in the patent's examples, Rubin R150.
        assert_eq!(sound(b"robert"), [b'r', 1, 6, 3]);
        assert_eq!(sound(b"rupert"), [b'r', 1, 6, 3]);
        assert_eq!(sound(b"rubin"), [b'r', 1, 5]);
    }

    #[test]
    fn words_and_codes_have_their_levels() {
        assert_eq!(words(b"mitchell", b"mitchel"), Some(Level::OneEdit));
        assert_eq!(words(b"mitchell", b"mitchells"), Some(Level::OneEdit));
        assert_eq!(words(b"mitchell", b"green"), Some(Level::Different));
        assert_eq!(words(b"", b"green"), None);
        assert_eq!(code(b"1804974", b"1804947"), Some(Level::OneEdit));
        assert_eq!(code(b"1804974", b"1804961"), Some(Level::TwoEdits));
        assert_eq!(category(b"nsw", b"sa"), Some(Level::Different));
    }
}
