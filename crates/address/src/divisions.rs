//! The table of divisions, as the build of the pages writes it (layout in
//! `frontend/scripts/divisions.mjs`): names and codes down to the village, each
//! province packed on its own. Only the provinces asked for are unpacked. Knows
//! no borders and no places; comes in as bytes.

use crate::{shape, words};
use flate2::read::DeflateDecoder;
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::ops::Range;
use thiserror::Error;

/// Why a table cannot be read. No address is ever in it.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DivisionsError {
    /// Not such a file, or cut off.
    #[error("not a table of divisions")]
    Format,
    /// A province does not unpack.
    #[error("province {0} of the table of divisions is damaged")]
    Damaged(u8),
}

/// Unpacked bytes of one province: the largest has under a megabyte.
const PROVINCE_BYTES_MAX: u64 = 16 * 1024 * 1024;
const MAGIC: &[u8] = b"ZFDV1\n";

/// One division.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its code, as many digits as its level has.
    pub code: u64,
    /// The name in the text of the table.
    name: Range<u32>,
    /// Bytes of the name without its ending.
    core: u16,
    /// Its children among the nodes of the next level.
    pub below: Range<u32>,
    /// Its parent among the nodes of the level above.
    pub above: u32,
}

/// Levels, highest first.
pub const LEVELS: usize = 5;

/// Names and codes of provinces, cities, counties, townships and villages.
#[derive(Clone, Default)]
pub struct Divisions {
    pub(crate) levels: [Vec<Node>; LEVELS],
    text: String,
    counties: BTreeSet<u32>,
    /// Cities and counties by the first character of their names.
    heads: [HashMap<char, Vec<u32>>; 2],
}

impl std::fmt::Debug for Divisions {
    /// Counts only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = self.levels.each_ref().map(Vec::len);
        write!(f, "Divisions({counts:?})")
    }
}

impl Divisions {
    /// Reads the table; `provinces` are the two-digit codes wanted, all of them
    /// when empty.
    pub fn from_bytes(bytes: &[u8], provinces: &[u8]) -> Result<Divisions, DivisionsError> {
        let mut table = Divisions::default();
        for (code, packed) in packed_provinces(bytes)? {
            if provinces.is_empty() || provinces.contains(&code) {
                let text = unpack(packed).ok_or(DivisionsError::Damaged(code))?;
                table
                    .add(code, &text)
                    .ok_or(DivisionsError::Damaged(code))?;
            }
        }
        table.index();
        table.counties = table.levels[2].iter().map(|n| n.code as u32).collect();
        Ok(table)
    }

    /// Provinces, cities and counties only, to find out which provinces are wanted.
    pub fn counties_only(bytes: &[u8]) -> Result<Divisions, DivisionsError> {
        let mut table = Divisions::default();
        for (code, packed) in packed_provinces(bytes)? {
            let text = unpack(packed).ok_or(DivisionsError::Damaged(code))?;
            let high = text.split('\n').filter(|line| !line.starts_with('3'));
            let high = high.collect::<Vec<_>>().join("\n");
            table
                .add(code, &high)
                .ok_or(DivisionsError::Damaged(code))?;
        }
        table.index();
        table.counties = table.levels[2].iter().map(|n| n.code as u32).collect();
        Ok(table)
    }

    fn index(&mut self) {
        for (at, level) in [(0, 1), (1, 2)] {
            for (node, n) in self.levels[level].iter().zip(0_u32..) {
                if let Some(first) = self.name(node).chars().next() {
                    self.heads[at].entry(first).or_default().push(n);
                }
            }
        }
    }

    /// The nodes of a range whose names may begin as the text does.
    pub(crate) fn starting(
        &self,
        level: usize,
        range: Range<u32>,
        text: &str,
    ) -> impl Iterator<Item = u32> {
        let few = range.len() <= 32 || !(1..=2).contains(&level);
        let head = (!few).then(|| {
            let first = text.chars().next().unwrap_or_default();
            self.heads[level - 1]
                .get(&first)
                .map_or(&[][..], Vec::as_slice)
        });
        let all = if few { range.clone() } else { 0..0 };
        let some = head.unwrap_or_default().iter().copied();
        all.chain(some.filter(move |n| range.contains(n)))
    }

    /// Six-digit codes of the counties in the table, for checks of ID numbers.
    pub fn counties(&self) -> &BTreeSet<u32> {
        &self.counties
    }

    /// Every village: its code and the names from the province down, levels on
    /// paper left out. For checks and measurements over the whole table.
    pub fn villages(&self) -> impl Iterator<Item = (u64, [&str; LEVELS])> {
        self.levels[4].iter().map(|village| {
            let mut names = [""; LEVELS];
            let (mut level, mut node) = (4, village);
            loop {
                let name = self.name(node);
                let paper = level == 1 && words::PAPER_CITIES.contains(&name);
                names[level] = if paper { "" } else { name };
                if level == 0 {
                    return (village.code, names);
                }
                level -= 1;
                node = &self.levels[level][node.above as usize];
            }
        })
    }

    /// The county whose name or short name a text begins with, as names of
    /// branches and county banks do; none when several do. `city` is the name of
    /// the unit above, which tells equal names apart and may be empty: where it
    /// begins with a city, the county must lie there; where it begins with a city
    /// the table does not have (明川市局), nothing is known of its counties.
    pub fn county_named(&self, city: &str, text: &str) -> Option<u32> {
        let cities: Vec<u32> = (0..)
            .zip(&self.levels[1])
            .filter(|(_, n)| self.begins(n, city))
            .map(|(at, _)| at)
            .collect();
        if cities.is_empty() && shape::name(city, words::CITY_SHAPE, shape::Level::City).is_some() {
            return None;
        }
        let mut fits = self.levels[2]
            .iter()
            .filter(|n| self.begins(n, text) && (cities.is_empty() || cities.contains(&n.above)));
        let first = fits.next()?;
        fits.next().is_none().then_some(first.code as u32)
    }

    /// A text begins with the name of a node or its short name.
    fn begins(&self, node: &Node, text: &str) -> bool {
        let core = self.core(node);
        core.chars().count() > 1 && text.starts_with(core)
    }

    /// Two-digit codes of the provinces in a table's bytes.
    pub fn provinces_in(bytes: &[u8]) -> Result<Vec<u8>, DivisionsError> {
        Ok(packed_provinces(bytes)?
            .into_iter()
            .map(|(code, _)| code)
            .collect())
    }

    /// Provinces in the table.
    pub fn province_count(&self) -> usize {
        self.levels[0].len()
    }

    /// Villages in the table.
    pub fn village_count(&self) -> usize {
        self.levels[4].len()
    }

    pub(crate) fn name(&self, node: &Node) -> &str {
        &self.text[node.name.start as usize..node.name.end as usize]
    }

    pub(crate) fn core(&self, node: &Node) -> &str {
        &self.name(node)[..usize::from(node.core)]
    }

    /// The nodes of `level` below node `at` of a level above it.
    pub(crate) fn within(&self, from: usize, at: u32, level: usize) -> Range<u32> {
        let mut range = at..at + 1;
        for depth in from..level {
            let nodes = &self.levels[depth];
            if range.is_empty() {
                return 0..0;
            }
            let first = nodes[range.start as usize].below.start;
            range = first..nodes[range.end as usize - 1].below.end;
        }
        range
    }

    fn push(&mut self, level: usize, code: u64, name: &str) -> Option<()> {
        let start = u32::try_from(self.text.len()).ok()?;
        self.text.push_str(name);
        let end = u32::try_from(self.text.len()).ok()?;
        let below = match level + 1 {
            LEVELS => 0,
            next => u32::try_from(self.levels[next].len()).ok()?,
        };
        let above = match level {
            0 => 0,
            _ => u32::try_from(self.levels[level - 1].len().checked_sub(1)?).ok()?,
        };
        self.levels[level].push(Node {
            code,
            name: start..end,
            core: u16::try_from(core_of(level, name).len()).ok()?,
            below: below..below,
            above,
        });
        // Every node above now ends here.
        let mut parent = above as usize;
        for depth in (0..level).rev() {
            let end = u32::try_from(self.levels[depth + 1].len()).ok()?;
            let node = self.levels[depth].get_mut(parent)?;
            node.below.end = end;
            parent = node.above as usize;
        }
        Some(())
    }

    fn add(&mut self, province: u8, text: &str) -> Option<()> {
        let mut lines = text.split('\n');
        self.push(0, u64::from(province), lines.next()?)?;
        // Codes of the level above, and the last digits given out on each level.
        let mut codes = [u64::from(province), 0, 0, 0, 0];
        let mut last = [-1_i64; LEVELS];
        for line in lines {
            let level = line.bytes().next()?.checked_sub(b'0')? as usize;
            if !(1..=3).contains(&level) {
                return None;
            }
            let mut cells = line[1..].split('\t');
            let (code, name) = numbered(cells.next()?, &mut last, level)?;
            codes[level] = codes[level - 1] * SCALE[level] + code;
            self.push(level, codes[level], name)?;
            for cell in cells {
                let (code, name) = numbered(cell, &mut last, level + 1)?;
                self.push(4, codes[3] * SCALE[4] + code, &whole(name))?;
            }
        }
        Some(())
    }
}

/// What a level adds to a code: two digits, three from the township on.
const SCALE: [u64; LEVELS] = [1, 100, 100, 1000, 1000];

/// `code=name`, or a name whose code is one more than the last.
fn numbered<'a>(cell: &'a str, last: &mut [i64; LEVELS], level: usize) -> Option<(u64, &'a str)> {
    let (code, name) = match cell.split_once('=') {
        Some((code, name)) => (code.parse().ok()?, name),
        None => (last[level] + 1, cell),
    };
    last[level] = code;
    // Numbering begins anew below.
    last[level + 1..].fill(-1);
    Some((u64::try_from(code).ok()?, name))
}

/// A village's name with its ending.
fn whole(short: &str) -> String {
    for (mark, ending) in words::KINDS {
        if let Some(core) = short.strip_suffix(mark) {
            return format!("{core}{ending}");
        }
    }
    format!("{short}{}", words::VILLAGE_ENDING)
}

fn endings(level: usize) -> &'static [&'static str] {
    [
        words::PROVINCE,
        words::CITY,
        words::COUNTY,
        words::TOWNSHIP,
        words::VILLAGE,
    ][level]
}

/// The name without its ending and without the peoples of autonomous places.
fn core_of(level: usize, name: &str) -> &str {
    let ending = endings(level).iter().find_map(|e| name.strip_suffix(e));
    let mut core = ending.filter(|c| !c.is_empty()).unwrap_or(name);
    while let Some(shorter) = words::PEOPLES.iter().find_map(|p| core.strip_suffix(p)) {
        if shorter.chars().count() < 2 {
            break;
        }
        core = shorter;
    }
    core
}

fn packed_provinces(bytes: &[u8]) -> Result<Vec<(u8, &[u8])>, DivisionsError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(DivisionsError::Format)?;
    let (count, rest) = rest.split_first().ok_or(DivisionsError::Format)?;
    let head = usize::from(*count) * 5;
    let (head, mut rest) = rest.split_at_checked(head).ok_or(DivisionsError::Format)?;
    let mut all = Vec::new();
    for entry in head.chunks_exact(5) {
        let length = u32::from_le_bytes([entry[1], entry[2], entry[3], entry[4]]) as usize;
        let (packed, after) = rest
            .split_at_checked(length)
            .ok_or(DivisionsError::Format)?;
        all.push((entry[0], packed));
        rest = after;
    }
    Ok(all)
}

fn unpack(packed: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let mut limited = DeflateDecoder::new(packed).take(PROVINCE_BYTES_MAX);
    limited.read_to_end(&mut bytes).ok()?;
    let pairs = bytes
        .chunks_exact(2)
        .map(|b| u16::from_le_bytes([b[0], b[1]]));
    char::decode_utf16(pairs)
        .collect::<Result<String, _>>()
        .ok()
}
