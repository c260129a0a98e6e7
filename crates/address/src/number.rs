//! Numbers in addresses: `12`, `十二`, `第三`, and the village groups they name.
//! Two writings of a group have one key, so that a file and a list meet. Knows
//! no places; texts come in cleaned.

use crate::words;

/// The number at the start of a text with the rest: digits, or up to 999 in
/// words. `None` when there is none, or when it has more than six digits.
pub(crate) fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (digits <= 6).then(|| Some((text[..digits].parse().ok()?, &text[digits..])))?;
    }
    in_words(text)
}

fn digit(c: char) -> Option<u32> {
    let at = words::DIGITS.chars().position(|d| d == c);
    let other = words::OTHER_DIGITS.iter().find(|(d, _)| *d == c);
    at.map(|n| n as u32).or(other.map(|(_, n)| *n))
}

fn in_words(text: &str) -> Option<(u32, &str)> {
    let (mut total, mut pending, mut seen, mut used) = (0_u32, None::<u32>, 0, 0);
    for c in text.chars() {
        if let Some(d) = digit(c) {
            // 一二 is read digit by digit.
            pending = Some(pending.map_or(d, |p| p * 10 + d));
        } else if words::TEN.contains(&c) {
            total += pending.take().unwrap_or(1) * 10;
        } else if words::HUNDRED.contains(&c) {
            total += pending.take().unwrap_or(1) * 100;
        } else if let Some((_, n)) = words::TENS.iter().find(|(t, _)| *t == c) {
            total += n;
        } else {
            break;
        }
        seen += 1;
        used += c.len_utf8();
        if seen > 5 {
            return None;
        }
    }
    (seen > 0).then(|| (total + pending.unwrap_or(0), &text[used..]))
}

/// What a village group is called, whatever way it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// 三组, 3组, 第三村民小组, 三社, 3队.
    Number(u32),
    /// 河坝组, 大屯: the name without the ending.
    Name(String),
}

impl std::fmt::Display for GroupKey {
    /// In one writing: `12组`, `河坝组`, `大屯`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            GroupKey::Number(n) => write!(f, "{n}{}", words::GROUP_ENDING),
            GroupKey::Name(name) if name.ends_with(words::HAMLET) => f.write_str(name),
            GroupKey::Name(name) => write!(f, "{name}{}", words::GROUP_ENDING),
        }
    }
}

/// The key of a group's name as a bank lists it, with or without an ending.
/// `None` for an empty name.
pub fn group_key(name: &str) -> Option<GroupKey> {
    let name = crate::parse::clean(name);
    if let Some((key, "")) = group_at(&name) {
        return Some(key);
    }
    let bare = name.strip_prefix(words::ORDINAL).unwrap_or(&name);
    match number(bare) {
        Some((n, "")) => Some(GroupKey::Number(n)),
        _ => (!name.is_empty()).then_some(GroupKey::Name(name)),
    }
}

/// A village group at the start of a text, and what follows it.
pub(crate) fn group_at(text: &str) -> Option<(GroupKey, &str)> {
    let bare = text.strip_prefix(words::ORDINAL).unwrap_or(text);
    if let Some((n, rest)) = number(bare)
        && let Some(rest) = ending(rest)
    {
        return Some((GroupKey::Number(n), rest));
    }
    named_group(text)
}

/// Drops a group's ending, unless it is the start of another word.
fn ending(text: &str) -> Option<&str> {
    if words::NO_GROUP.iter().any(|w| text.starts_with(w)) {
        return None;
    }
    words::GROUP.iter().find_map(|e| text.strip_prefix(e))
}

/// Characters of a group's own name at most.
const NAME_CHARS: usize = 6;

fn named_group(text: &str) -> Option<(GroupKey, &str)> {
    for (chars, (at, c)) in text.char_indices().enumerate() {
        if chars > NAME_CHARS || c.is_ascii_digit() || c == words::HOUSE {
            return None;
        }
        if chars == 0 {
            continue;
        }
        let name = &text[..at];
        if let Some(rest) = ending(&text[at..])
            && !words::WORDS_WITH_ENDING
                .iter()
                .any(|w| text[..text.len() - rest.len()].ends_with(w))
        {
            let hamlet = text[at..].starts_with(words::HAMLET);
            let name = if hamlet {
                &text[..at + words::HAMLET.len()]
            } else {
                name
            };
            let rest = if hamlet {
                ending(rest).unwrap_or(rest)
            } else {
                rest
            };
            return Some((GroupKey::Name(name.to_owned()), rest));
        }
    }
    None
}
