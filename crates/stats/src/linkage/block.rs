//! Which pairs are looked at: those that agree on at least one key. A key that
//! many records share (a shop's phone in a hundred records) is searched along a
//! sorted window, so that the work grows with the records and not with their
//! square. Knows columns and settings, no weights.

use super::data::Data;
use super::schema::{Part, Settings};
use super::text::mix;

/// Two ranks, the lower first, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RankPair(u64);

impl RankPair {
    pub fn new(a: u32, b: u32) -> RankPair {
        RankPair(u64::from(a.min(b)) << 32 | u64::from(a.max(b)))
    }
    pub fn ranks(self) -> (usize, usize) {
        ((self.0 >> 32) as usize, (self.0 & 0xFFFF_FFFF) as usize)
    }
}

/// Columns and parts of every key.
pub(super) fn keys(settings: &Settings) -> Vec<Vec<(usize, Part)>> {
    let place = |(f, p): &(_, Part)| settings.position(*f).map(|c| (c, *p));
    let each = settings.keys.iter();
    each.map(|key| key.iter().filter_map(place).collect())
        .collect()
}

/// The key of a record; `None` when a part is missing.
pub(super) fn key_of(data: &Data, parts: &[(usize, Part)], record: usize) -> Option<u64> {
    parts.iter().try_fold(7, |hash, (c, part)| {
        Some(mix(hash, data.columns[*c].part(record, *part)?))
    })
}

/// Pairs of ranks that agree on a key, sorted, each once.
pub(super) fn candidates(data: &Data, settings: &Settings) -> Vec<RankPair> {
    let mut pairs = Vec::new();
    let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(data.len);
    for parts in keys(settings) {
        keyed.clear();
        for (rank, record) in data.order.iter().enumerate() {
            if let Some(key) = key_of(data, &parts, *record as usize) {
                keyed.push((key, rank as u32));
            }
        }
        keyed.sort_unstable();
        for block in keyed.chunk_by(|a, b| a.0 == b.0).filter(|b| b.len() > 1) {
            match block.len() <= settings.block_max {
                true => all(block, &mut pairs),
                false => along_window(data, block, settings.window, &mut pairs),
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn all(block: &[(u64, u32)], pairs: &mut Vec<RankPair>) {
    for (i, (_, a)) in block.iter().enumerate() {
        pairs.extend(block[i + 1..].iter().map(|(_, b)| RankPair::new(*a, *b)));
    }
}

/// Each with its next neighbours, sorted once by each column (sound of the
/// first, value of the others): records of one person stand together in at
/// least one of these orders.
fn along_window(data: &Data, block: &[(u64, u32)], window: usize, pairs: &mut Vec<RankPair>) {
    for (c, column) in data.columns.iter().enumerate() {
        let mut sorted: Vec<(u64, u32)> = Vec::with_capacity(block.len());
        for (_, rank) in block {
            let record = data.order[*rank as usize] as usize;
            let part = if c == 0 {
                column.part(record, Part::Sound)
            } else {
                None
            };
            match part.unwrap_or_else(|| column.term(record)) {
                0 => {}
                value => sorted.push((value, *rank)),
            }
        }
        sorted.sort_unstable();
        for (i, (value, a)) in sorted.iter().enumerate() {
            let next = sorted[i + 1..].iter().take(window);
            // Hashes of different values stand beside each other by chance only.
            let next = next.take_while(|(v, _)| v == value);
            pairs.extend(next.map(|(_, b)| RankPair::new(*a, *b)));
        }
    }
}
