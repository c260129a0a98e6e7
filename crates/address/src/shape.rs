//! What the endings alone tell: without a table, or where the table does not
//! know a name. A name is what stands before the first ending of its level, so
//! a road or an estate may pass for a village; the table comes first.

use crate::words;

/// Characters of a name at most, ending included.
const NAME_CHARS: usize = 14;

/// A name that ends in one of `endings` at the start of a text, and the rest.
pub(crate) fn name<'a>(
    text: &'a str,
    endings: &[&str],
    level: Level,
) -> Option<(&'a str, &'a str)> {
    for (chars, (at, c)) in text.char_indices().enumerate() {
        if chars >= NAME_CHARS || c.is_ascii_digit() || c == words::HOUSE {
            return None;
        }
        if chars == 0 {
            continue;
        }
        let (before, here) = text.split_at(at);
        let Some(ending) = endings.iter().find(|e| here.starts_with(**e)) else {
            // A village is never above a township, nor a township above a county.
            if level.stops(here) {
                return None;
            }
            continue;
        };
        let after = &here[ending.len()..];
        if level.allows(before, ending, after) {
            return Some((&text[..at + ending.len()], after));
        }
    }
    None
}

/// The level a name is looked for on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Province,
    City,
    County,
    Township,
    Village,
}

impl Level {
    /// Something of a lower level begins here.
    fn stops(self, here: &str) -> bool {
        let lower: &[&str] = match self {
            Level::Province | Level::City | Level::County => words::TOWNSHIP,
            // A village may give a street its name: 中关村街道.
            Level::Township | Level::Village => return false,
        };
        let higher = |after: &str| {
            [words::CITY_SHAPE, words::COUNTY]
                .concat()
                .iter()
                .any(|e| after.starts_with(e))
        };
        // In 新乡市 it is part of a name.
        let mut after = lower.iter().filter_map(|e| here.strip_prefix(e));
        after.any(|after| !higher(after))
    }

    fn allows(self, before: &str, ending: &str, after: &str) -> bool {
        let ends = |words: &[&str]| words.iter().any(|w| before.ends_with(w));
        let next = |words: &[&str]| words.iter().any(|w| after.starts_with(w));
        match self {
            Level::Province => true,
            Level::City | Level::County => {
                let part = ends(words::NO_COUNTY_BEFORE) || next(words::NO_CITY_AFTER);
                !part && ending.chars().count() < 5
            }
            Level::Township => {
                let village = before.find(words::VILLAGE_ENDING);
                // In 大河村桥头镇街道 the village has come first.
                village.is_none_or(|v| v + words::VILLAGE_ENDING.len() == before.len())
            }
            Level::Village => !next(words::TOWNSHIP) && !next(words::ROADS),
        }
    }
}

/// A village's name without its ending (村, 社区, 居委会 …), under which two
/// writings of it meet. A single character keeps its ending.
pub fn village_core(name: &str) -> &str {
    core(name, words::VILLAGE)
}

/// A township's name without its ending (镇, 乡, 街道 …).
pub fn township_core(name: &str) -> &str {
    core(name, words::TOWNSHIP)
}

fn core<'a>(name: &'a str, endings: &[&str]) -> &'a str {
    let bare = endings.iter().find_map(|e| name.strip_suffix(e));
    bare.filter(|b| b.chars().count() > 1).unwrap_or(name)
}
