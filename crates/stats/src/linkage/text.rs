//! Characters brought into one shape before they are compared: half-width,
//! lower case, simplified; and the sound of a character, coarse enough that
//! what people mix up by ear (zh/z, -ng/-n) meets. Edit distances for short
//! texts. Knows no fields and no records; tables come from `presets/`.

use pinyin::ToPinyin;
use std::sync::OnceLock;
use zf_base::search::half_width_char;

const TRADITIONAL: &str = include_str!("../../presets/traditional.txt");
const PLANE: usize = 0x1_0000;

/// Simplified form of every character of the basic plane.
fn simplified() -> &'static [u16] {
    static TABLE: OnceLock<Vec<u16>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Vec<u16> = (0..=u16::MAX).collect();
        for line in TRADITIONAL.lines().filter(|l| !l.starts_with('#')) {
            let chars: Vec<u32> = line.chars().map(u32::from).collect();
            for pair in chars.chunks_exact(2) {
                table[pair[0] as usize % PLANE] = (pair[1] & 0xFFFF) as u16;
            }
        }
        table
    })
}

/// Sound of every character of the basic plane; 0 = none.
fn sounds() -> &'static [u32] {
    static TABLE: OnceLock<Vec<u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let sound = |c: u32| {
            let reading = char::from_u32(c).and_then(|c| c.to_pinyin());
            reading.map_or(0, |p| coarse(p.plain()))
        };
        (0..PLANE as u32).map(sound).collect()
    })
}

/// A number for a syllable without tone in which zh = z, ch = c, sh = s and -ng = -n.
fn coarse(syllable: &str) -> u32 {
    let bytes = syllable.as_bytes();
    let mut code = 0_u32;
    for (i, b) in bytes.iter().enumerate() {
        let retroflex = i == 1 && *b == b'h';
        let nasal = i + 1 == bytes.len() && *b == b'g' && i > 0 && bytes[i - 1] == b'n';
        if !retroflex && !nasal {
            code = code.wrapping_mul(0x0100_0193) ^ u32::from(*b);
        }
    }
    // The top bit keeps syllables apart from characters that have no reading.
    code | 0x8000_0000
}

/// Half-width, lower case, simplified.
pub(super) fn fold(c: char) -> char {
    let c = half_width_char(c).to_ascii_lowercase();
    let code = u32::from(c) as usize;
    if !(0x2E80..PLANE).contains(&code) {
        return c;
    }
    char::from_u32(u32::from(simplified()[code])).unwrap_or(c)
}

/// The sound of a folded character; the character itself when it has no reading.
pub(super) fn sound(c: char) -> u32 {
    let code = u32::from(c) as usize;
    if !(0x2E80..PLANE).contains(&code) {
        return u32::from(c);
    }
    match sounds()[code] {
        0 => u32::from(c),
        s => s,
    }
}

/// A Chinese character.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Mixes a value into a hash (the multiplier and shift of SplitMix64).
pub(super) fn mix(hash: u64, value: u64) -> u64 {
    let mut z = (hash ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hash of a sequence; never 0, which means "missing" everywhere.
pub(super) fn hash_all<T: Copy + Into<u64>>(items: &[T]) -> u64 {
    let hash = items
        .iter()
        .fold(items.len() as u64 + 1, |h, x| mix(h, (*x).into()));
    hash.max(1)
}

/// Whether one insertion, deletion, substitution or swap of neighbours turns one into the other.
pub(super) fn one_edit<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev());
    let tail = tail.take_while(|(x, y)| x == y).count();
    let (left_a, left_b) = (a.len() - head - tail, b.len() - head - tail);
    match (left_a, left_b) {
        (0, 1) | (1, 1) => true,
        (2, 2) => a[head] == b[head + 1] && a[head + 1] == b[head],
        _ => false,
    }
}

/// Whether all of `short` occurs in `long` in the same order.
pub(super) fn subsequence<T: PartialEq>(short: &[T], long: &[T]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|x| rest.any(|y| x == y))
}

/// Jaro–Winkler similarity 0…1 (prefix weight 0.1, four characters).
pub(super) fn jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return f64::from(u8::from(a.is_empty() && b.is_empty()));
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut matched = Vec::with_capacity(a.len());
    for (i, x) in a.iter().enumerate() {
        let window = i.saturating_sub(reach)..(i + reach + 1).min(b.len());
        if let Some(j) = window.into_iter().find(|j| !taken[*j] && b[*j] == *x) {
            taken[j] = true;
            matched.push(*x);
        }
    }
    if matched.is_empty() {
        return 0.0;
    }
    let other = b.iter().zip(&taken).filter(|(_, t)| **t).map(|(y, _)| *y);
    let moved = matched.iter().zip(other).filter(|(x, y)| **x != *y).count();
    let m = matched.len() as f64;
    let jaro = (m / a.len() as f64 + m / b.len() as f64 + (m - moved as f64 / 2.0) / m) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_and_full_width_characters_become_one() {
        let folded: String = "張國偉Ａ１鎮".chars().map(fold).collect();
        assert_eq!(folded, "张国伟a1镇");
    }

    #[test]
    fn what_sounds_alike_has_one_code_and_the_rest_does_not() {
        assert_eq!(sound('伟'), sound('玮'));
        assert_eq!(sound('张'), sound('章'));
        assert_eq!(sound('诗'), sound('思'));
        assert_eq!(sound('英'), sound('因'));
        assert_ne!(sound('伟'), sound('强'));
        assert_ne!(sound('王'), sound('李'));
    }

    #[test]
    fn one_edit_is_one_step_of_any_kind() {
        for (a, b, is) in [
            ("abcd", "abcd", false),
            ("abcd", "abxd", true),
            ("abcd", "abd", true),
            ("abcd", "acbd", true),
            ("abcd", "adcb", false),
            ("abcd", "abxx", false),
            ("", "a", true),
            ("", "ab", false),
        ] {
            assert_eq!(one_edit(a.as_bytes(), b.as_bytes()), is, "{a} {b}");
            assert_eq!(one_edit(b.as_bytes(), a.as_bytes()), is, "{b} {a}");
        }
    }

    #[test]
    fn jaro_winkler_gives_the_published_values() {
        // Winkler 1990: MARTHA/MARHTA 0.9611, DIXON/DICKSONX 0.8133, DWAYNE/DUANE 0.84.
        for (a, b, expected) in [
            ("MARTHA", "MARHTA", 0.9611),
            ("DIXON", "DICKSONX", 0.8133),
            ("DWAYNE", "DUANE", 0.84),
        ] {
            let found = jaro_winkler(a.as_bytes(), b.as_bytes());
            assert!((found - expected).abs() < 0.0001, "{a} {b} {found}");
        }
    }
}
