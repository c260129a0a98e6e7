//! Names of people in Chinese characters (names in Latin letters work too: one
//! letter counts as one character). Compares two folded names by what can have
//! happened between them: typed by ear, swapped, one character wrong, masked by
//! the bank, or only the family in common. Knows nothing else of a person.

use super::schema::Level;
use super::text::{fold, is_han, one_edit, sound};
use std::sync::OnceLock;

/// Longest name compared, in characters.
const CHARS: usize = 24;

/// Surnames of two characters: a name of three with one of them has one given
/// character. From the police ministry's list of surnames in use.
// not shown: compared with names
const DOUBLE: &str = "欧阳上官司马诸葛东方皇甫尉迟公孙慕容令狐夏侯司徒\
    端木宇文长孙南宫闻人澹台淳于钟离轩辕呼延赫连百里西门申屠濮阳独孤";

/// The first characters of them and the second ones, read once.
fn doubles() -> &'static [(char, char)] {
    static PAIRS: OnceLock<Vec<(char, char)>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let chars: Vec<char> = DOUBLE.chars().collect();
        chars.chunks_exact(2).map(|c| (c[0], c[1])).collect()
    })
}

/// Hidden characters: stars, and the word used in court papers.
fn hides(c: char) -> bool {
    matches!(c, '*' | '×' | '某' | '○' | '●') // not shown: compared with names
}

/// Folded characters of a name; empty = missing.
pub(super) fn read(text: &str) -> Vec<char> {
    let folded = text.chars().map(fold);
    let kept = folded.filter(|c| c.is_alphanumeric() || hides(*c));
    let name: Vec<char> = kept.take(CHARS).collect();
    match name.iter().all(|c| hides(*c)) {
        true => Vec::new(),
        false => name,
    }
}

/// Sounds of the characters.
pub(super) fn sounds(name: &[char]) -> Vec<u32> {
    name.iter().map(|c| sound(*c)).collect()
}

/// How many characters the surname has.
pub(super) fn surname_len(name: &[char]) -> usize {
    let double = || doubles().contains(&(name[0], name[1]));
    match name.len() {
        0 | 1 => name.len(),
        2 => 1,
        _ if is_han(name[0]) && double() => 2,
        _ => 1,
    }
}

/// One name as the comparison needs it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub chars: &'a [char],
    pub sounds: &'a [u32],
}

/// How two names compare; `None` when one is missing.
pub(super) fn compare(a: View<'_>, b: View<'_>) -> Option<Level> {
    if a.chars.is_empty() || b.chars.is_empty() {
        return None;
    }
    if a.chars == b.chars {
        return Some(Level::Same);
    }
    if a.chars.iter().chain(b.chars).any(|c| hides(*c)) {
        return Some(masked(a.chars, b.chars));
    }
    if a.sounds == b.sounds {
        return Some(Level::Homophone);
    }
    let surname = surname_len(a.chars);
    let family = surname == surname_len(b.chars) && a.sounds[..surname] == b.sounds[..surname];
    if one_edit(a.sounds, b.sounds) {
        return Some(near(a, b, family));
    }
    Some(if family {
        Level::Surname
    } else {
        Level::Different
    })
}

/// One character apart, by sound.
fn near(a: View<'_>, b: View<'_>, family: bool) -> Level {
    let (short, long) = (
        a.sounds.len().min(b.sounds.len()),
        a.sounds.len().max(b.sounds.len()),
    );
    let mut sorted = (a.sounds.to_vec(), b.sounds.to_vec());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    if sorted.0 == sorted.1 {
        return Level::Swapped;
    }
    match (short, long, family) {
        (2, 2, true) => Level::Surname,
        (3, 3, true) if surname_len(a.chars) == 2 => Level::Surname,
        (2, 3, true) => Level::Shorter,
        (_, _, true) => Level::OneChar,
        (0 | 1, _, false) => Level::Different,
        // One character says much less than a whole given name of two.
        (2, 2, false) => Level::Near,
        (_, _, false) => Level::Given,
    }
}

/// What is shown must fit, place by place.
fn masked(a: &[char], b: &[char]) -> Level {
    let fits = |(x, y): (&char, &char)| x == y || hides(*x) || hides(*y);
    if a.len() == b.len() && a.iter().zip(b).all(fits) {
        return Level::Masked;
    }
    // A mask of another length than the name still shows the surname.
    match a[0] == b[0] && a.len() != b.len() {
        true => Level::Surname,
        false => Level::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> Option<Level> {
        let (a, b) = (read(a), read(b));
        let (s, t) = (sounds(&a), sounds(&b));
        let (a, b) = (
            View {
                chars: &a,
                sounds: &s,
            },
            View {
                chars: &b,
                sounds: &t,
            },
        );
        assert_eq!(compare(a, b), compare(b, a));
        compare(a, b)
    }

    #[test]
    fn names_compare_by_what_can_have_happened() {
        for (a, b, expected) in [
            ("王建国", "王 建国", Level::Same),
            ("張偉", "张伟", Level::Same),
            ("张伟", "张玮", Level::Homophone),
            ("王建国", "王国建", Level::Swapped),
            ("王建国", "王建军", Level::OneChar),
            ("王建国", "王国", Level::Shorter),
            ("王伟", "王强", Level::Surname),
            ("王建国", "李建国", Level::Given),
            ("王建国", "王志强", Level::Surname),
            ("王建国", "李志强", Level::Different),
            ("王*国", "王建国", Level::Masked),
            ("王*", "王建国", Level::Surname),
            ("李*国", "王建国", Level::Different),
            ("欧阳锋", "欧阳克", Level::Surname),
            ("端木凤思", "端木凤斯", Level::Homophone),
            ("端木凤", "端木思", Level::Surname),
            ("刘芳", "列芳", Level::Near),
            ("廖建国", "寥国强", Level::Surname),
            ("曹刚佳", "家刚佳", Level::Given),
        ] {
            assert_eq!(level(a, b), Some(expected), "{a} {b}");
        }
        assert_eq!(level("", "王伟"), None);
        assert_eq!(level("**", "王伟"), None);
    }
}
