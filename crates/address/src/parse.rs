//! Reading a line from left to right, level by level. With a table a name must
//! be one of the table below what is known already; people leave levels and
//! endings out, so the branch's county is a hint. Where the table does not help,
//! the endings decide ([`crate::shape`]). What no level takes is road and rest.

use crate::divisions::{Divisions, LEVELS, Node};
use crate::number::{GroupKey, group_at, number};
use crate::shape::{self, Level};
use crate::words;
use std::ops::Range;
use zf_base::search::half_width_char;

/// What is known before the address is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// Six-digit code of the county the branch lies in.
    pub county: Option<u32>,
}

/// Something worth knowing about an address that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The table has no such county code; codes change, so it is only a note.
    UnknownCounty,
    /// The address names another county than the hint.
    OtherCounty,
}

/// One level of an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// The name as the table has it, else as it was typed.
    pub name: String,
    /// Code of the table: 2, 4, 6, 9 or 12 digits.
    pub code: Option<u64>,
    /// It stood in the text; otherwise it follows from another level.
    pub given: bool,
}

/// An address in its parts. Personal data: printing it prints no part.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// 省.
    pub province: Option<Part>,
    /// 市; none where it is a level only on paper.
    pub city: Option<Part>,
    /// 县、区.
    pub county: Option<Part>,
    /// 乡镇、街道.
    pub township: Option<Part>,
    /// 村、社区.
    pub village: Option<Part>,
    /// 村组.
    pub group: Option<GroupKey>,
    /// What stands before the house number: road, estate.
    pub road: String,
    /// House number with 号, digits half-width.
    pub house: Option<String>,
    /// Everything else.
    pub rest: String,
    /// Anything worth knowing.
    pub notes: Vec<Note>,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parsed(..)")
    }
}
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Part(..)")
    }
}

impl Parsed {
    /// The address in one writing. Reading it again gives the same.
    pub fn format(&self) -> String {
        let parts = [
            &self.province,
            &self.city,
            &self.county,
            &self.township,
            &self.village,
        ];
        let mut out: String = parts
            .into_iter()
            .flatten()
            .map(|p| p.name.as_str())
            .collect();
        if let Some(group) = &self.group {
            out.push_str(&group.to_string());
        }
        out.push_str(&self.road);
        out.push_str(self.house.as_deref().unwrap_or_default());
        out.push_str(&self.rest);
        out
    }

    /// Whether any level, group or house number was read from the text.
    pub fn is_empty(&self) -> bool {
        let parts = [
            &self.province,
            &self.city,
            &self.county,
            &self.township,
            &self.village,
        ];
        let given = parts.into_iter().flatten().any(|p| p.given);
        !given && self.group.is_none() && self.house.is_none()
    }
}

/// Half-width, without white space, separators and invisible characters.
pub(crate) fn clean(text: &str) -> String {
    let drop = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || words::SEPARATORS.contains(c)
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    };
    let mut out = String::with_capacity(text.len());
    out.extend(text.chars().map(half_width_char).filter(|c| !drop(*c)));
    if words::NOTHING.contains(&out.as_str()) {
        out.clear();
    }
    out
}

/// Reads an address. Never fails: what is not understood is in `rest`.
pub fn parse(table: Option<&Divisions>, hint: &Hint, text: &str) -> Parsed {
    let text = clean(text);
    let mut out = Parsed::default();
    if text.is_empty() {
        return out;
    }
    let rest = match table {
        Some(table) => by_table(table, hint, &text, &mut out),
        None => by_shape(&text, &mut out),
    };
    tail(rest, &mut out);
    out
}

/// Group, road, house number and the rest.
fn tail(text: &str, out: &mut Parsed) {
    let mut text = text;
    if let Some((group, rest)) = group_at(text) {
        out.group = Some(group);
        text = rest;
    }
    match house(text) {
        Some((road, house, rest)) => {
            out.road = road.to_owned();
            out.house = Some(house);
            out.rest = rest.to_owned();
        }
        None => out.rest = text.to_owned(),
    }
}

/// The house number with what stands before and behind it.
fn house(text: &str) -> Option<(&str, String, &str)> {
    let at = text.find(words::HOUSE)?;
    let before = &text[..at];
    let part = |c: char| c.is_ascii_digit() || c == '-' || c == words::BESIDE;
    let digits = before
        .rfind(|c| !part(c))
        .map_or(0, |p| p + char_at(before, p));
    let after = &text[at + words::HOUSE.len_utf8()..];
    if before[digits..].bytes().any(|b| b.is_ascii_digit()) {
        let number = format!("{}{}", &before[digits..], words::HOUSE);
        return Some((&before[..digits], number, after));
    }
    // 十二号: the number begins at the first character that reads on to the end.
    let starts = before.char_indices().map(|(p, _)| p);
    let (start, n) = starts
        .filter_map(|p| match number(&before[p..]) {
            Some((n, "")) => Some((p, n)),
            _ => None,
        })
        .next()?;
    Some((&before[..start], format!("{n}{}", words::HOUSE), after))
}

fn char_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

fn typed(name: &str) -> Option<Part> {
    Some(Part {
        name: name.to_owned(),
        code: None,
        given: true,
    })
}

fn by_shape<'a>(text: &'a str, out: &mut Parsed) -> &'a str {
    let mut rest = text;
    let municipality = words::MUNICIPALITIES.iter().find(|m| rest.starts_with(**m));
    if let Some(m) = municipality {
        out.province = typed(m);
        rest = &rest[m.len()..];
    } else if let Some((name, after)) = shape::name(rest, words::PROVINCE_SHAPE, Level::Province) {
        out.province = typed(name);
        rest = after;
    }
    if let Some((name, after)) = shape::name(rest, words::CITY_SHAPE, Level::City) {
        out.city = typed(name);
        rest = after;
    }
    if let Some((name, after)) = shape::name(rest, words::COUNTY, Level::County) {
        out.county = typed(name);
        rest = after;
    }
    low_shape(rest, out)
}

/// Township and village by their endings, where they are not known yet.
fn low_shape<'a>(text: &'a str, out: &mut Parsed) -> &'a str {
    let mut rest = text;
    if out.township.is_none()
        && let Some((name, after)) = shape::name(rest, words::TOWNSHIP, Level::Township)
    {
        out.township = typed(name);
        rest = after;
    }
    if out.village.is_none()
        && !matches!(group_at(rest), Some((GroupKey::Number(_), _)))
        && let Some((name, after)) = shape::name(rest, words::VILLAGE, Level::Village)
    {
        out.village = typed(name);
        rest = after;
    }
    rest
}

/// A name of the table at the start of a text.
#[derive(Clone, Copy)]
struct Match {
    node: u32,
    /// Bytes of the text.
    used: usize,
    /// The whole name, or the name's core with an ending of the level; a bare
    /// core is a guess.
    sure: bool,
}

struct Reader<'t> {
    table: &'t Divisions,
    /// Nodes known by level.
    known: [Option<u32>; LEVELS],
    given: [bool; LEVELS],
    hint: Option<u32>,
}

fn by_table<'a>(table: &Divisions, hint: &Hint, text: &'a str, out: &mut Parsed) -> &'a str {
    let counties = &table.levels[2];
    let node = hint
        .county
        .map(|c| counties.binary_search_by_key(&u64::from(c), |n| n.code));
    if matches!(node, Some(Err(_))) {
        out.notes.push(Note::UnknownCounty);
    }
    let mut reader = Reader {
        table,
        known: [None; LEVELS],
        given: [false; LEVELS],
        hint: node.and_then(Result::ok).map(|n| n as u32),
    };
    let rest = reader.high(text);
    if reader.given[2] && reader.hint.is_some() && reader.known[2] != reader.hint {
        out.notes.push(Note::OtherCounty);
    }
    let rest = reader.shape_above(rest, out);
    let rest = reader.low(rest);
    reader.write(out);
    low_shape(rest, out)
}

impl Reader<'_> {
    fn node(&self, level: usize, at: u32) -> &Node {
        &self.table.levels[level][at as usize]
    }

    /// Takes a name and everything above it.
    fn take(&mut self, level: usize, at: u32) {
        self.known[level] = Some(at);
        self.given[level] = true;
        self.infer(level, at);
    }

    fn infer(&mut self, level: usize, at: u32) {
        let (mut level, mut at) = (level, at);
        while level > 0 {
            at = self.node(level, at).above;
            level -= 1;
            if self.known[level].is_none() {
                self.known[level] = Some(at);
            }
        }
    }

    /// All nodes of a level below the lowest that is known.
    fn scope(&self, level: usize) -> Range<u32> {
        let lowest = (0..level).rev().find_map(|l| Some((l, self.known[l]?)));
        match lowest {
            Some((from, at)) => self.table.within(from, at, level),
            None => 0..self.table.levels[level].len() as u32,
        }
    }

    /// The longest name of a level at the start of a text. Of two equal ones the
    /// one around the hint, else none.
    fn find(&self, level: usize, scope: Range<u32>, text: &str) -> Option<Match> {
        let mut best: Option<Match> = None;
        let mut doubtful = false;
        for at in self.table.starting(level, scope, text) {
            let Some(found) = self.fits(level, at, text) else {
                continue;
            };
            let longer = best.is_none_or(|b| (found.used, found.sure) > (b.used, b.sure));
            if longer {
                (best, doubtful) = (Some(found), false);
            } else if best.is_some_and(|b| (found.used, found.sure) == (b.used, b.sure)) {
                if self.around_hint(level, at) {
                    (best, doubtful) = (Some(found), false);
                } else if best.is_some_and(|b| !self.around_hint(level, b.node)) {
                    doubtful = true;
                }
            }
        }
        best.filter(|_| !doubtful)
    }

    /// The node is the hint's county, above it, or below it.
    fn around_hint(&self, level: usize, at: u32) -> bool {
        let Some(hint) = self.hint else { return false };
        let (mut low, mut low_at, high, high_at) = if level <= 2 {
            (2, hint, level, at)
        } else {
            (level, at, 2, hint)
        };
        while low > high {
            low_at = self.node(low, low_at).above;
            low -= 1;
        }
        low_at == high_at
    }

    fn fits(&self, level: usize, at: u32, text: &str) -> Option<Match> {
        let node = self.node(level, at);
        let core = self.table.core(node);
        let after = text.strip_prefix(core)?;
        let found = |used, sure| {
            Some(Match {
                node: at,
                used,
                sure,
            })
        };
        let name = self.table.name(node);
        let whole = text.starts_with(name).then_some(name.len());
        let endings = [
            words::PROVINCE,
            words::CITY,
            words::COUNTY,
            words::TOWNSHIP,
            words::VILLAGE,
        ];
        let ending = endings[level].iter().find(|e| after.starts_with(**e));
        let ended = ending.map(|e| core.len() + e.len());
        if let Some(used) = whole.max(ended) {
            let paper = level == 1 && words::PAPER_CITIES.contains(&name);
            return if paper { None } else { found(used, true) };
        }
        let mut chars = core.chars();
        let short = chars.next().is_none() || chars.next().is_none();
        let other = after.starts_with(|c| words::NEXT_OF_ANOTHER.contains(c));
        if short || other {
            return None;
        }
        found(core.len(), false)
    }

    /// Province, city and county. Returns what is left.
    fn high<'a>(&mut self, text: &'a str) -> &'a str {
        let mut rest = text;
        if let Some(m) = self.find(0, self.scope(0), rest) {
            self.take(0, m.node);
            rest = &rest[m.used..];
        } else {
            rest = self.sign(rest);
        }
        if let Some(m) = self.find(1, self.scope(1), rest) {
            self.take(1, m.node);
            rest = &rest[m.used..];
        }
        let own = self.hint.filter(|h| self.agrees(*h));
        let mine = own.and_then(|h| self.fits(2, h, rest));
        if let Some(m) = mine.or_else(|| self.find(2, self.scope(2), rest)) {
            self.take(2, m.node);
            rest = &rest[m.used..];
        } else if let Some(hint) = own {
            self.known[2] = Some(hint);
            self.infer(2, hint);
        }
        rest
    }

    /// The hint's county lies in the province and the city that were read.
    fn agrees(&self, hint: u32) -> bool {
        let city = self.node(2, hint).above;
        let province = self.node(1, city).above;
        self.known[1].is_none_or(|c| c == city) && self.known[0].is_none_or(|p| p == province)
    }

    /// A province's or a city's sign (川, 蓉) where the next name is below it.
    fn sign<'a>(&mut self, text: &'a str) -> &'a str {
        for (level, signs) in [(0, words::SIGNS), (1, words::CITY_SIGNS)] {
            let sign = signs
                .iter()
                .find_map(|(s, name)| Some((text.strip_prefix(s)?, name)));
            let Some((rest, name)) = sign else { continue };
            let nodes = self.table.levels[level].iter();
            let at = nodes
                .clone()
                .position(|n| self.table.name(n).starts_with(name));
            let Some(at) = at.map(|at| at as u32) else {
                continue;
            };
            let below = (level + 1..=2).any(|l| {
                let scope = self.table.within(level, at, l);
                self.find(l, scope, rest).is_some_and(|m| m.sure)
            });
            if below {
                self.take(level, at);
                return rest;
            }
        }
        text
    }

    /// A county the table does not have, told by its ending.
    fn shape_above<'a>(&mut self, text: &'a str, out: &mut Parsed) -> &'a str {
        if self.given[2] {
            return text;
        }
        let mut rest = text;
        if !self.given[1]
            && let Some((name, after)) = shape::name(rest, words::CITY_SHAPE, Level::City)
        {
            out.city = typed(name);
            rest = after;
        }
        if let Some((name, after)) = shape::name(rest, words::COUNTY, Level::County) {
            out.county = typed(name);
            rest = after;
        }
        if out.city.is_some() || out.county.is_some() {
            // The text names places the hint knows nothing of.
            let keep = if self.given[1] { 2 } else { 1 };
            self.known[keep..].fill(None);
            self.known[0] = self.known[0].filter(|_| self.given[0] || self.given[1]);
        }
        rest
    }

    /// Township and village, where the county or at least the city is known.
    fn low<'a>(&mut self, text: &'a str) -> &'a str {
        let mut rest = text;
        if self.known[1].or(self.known[2]).is_none() {
            return rest;
        }
        let township = self.find(3, self.scope(3), rest);
        if let Some(m) = township.filter(|m| m.sure || self.goes_on(3, m, rest)) {
            self.take(3, m.node);
            rest = &rest[m.used..];
        }
        if self.known[2].is_none() {
            return rest;
        }
        let village = self.find(4, self.scope(4), rest);
        if let Some(m) = village.filter(|m| m.sure || self.goes_on(4, m, rest)) {
            self.take(4, m.node);
            rest = &rest[m.used..];
        }
        rest
    }

    /// A name without its ending counts when what follows belongs behind it.
    fn goes_on(&self, level: usize, m: &Match, text: &str) -> bool {
        let rest = &text[m.used..];
        if rest.is_empty()
            || rest.starts_with(|c: char| c.is_ascii_digit())
            || group_at(rest).is_some()
        {
            return true;
        }
        level == 3 && {
            let scope = self.table.within(3, m.node, 4);
            self.find(4, scope, rest).is_some()
        }
    }

    fn write(&self, out: &mut Parsed) {
        let part = |level: usize| {
            let node = self.node(level, self.known[level]?);
            let name = self.table.name(node);
            let paper = level == 1 && words::PAPER_CITIES.contains(&name);
            (!paper).then(|| Part {
                name: name.to_owned(),
                code: Some(node.code),
                given: self.given[level],
            })
        };
        out.province = part(0).or(out.province.take());
        out.city = part(1).or(out.city.take());
        out.county = part(2).or(out.county.take());
        out.township = part(3);
        out.village = part(4);
    }
}
