//! All records, read: a column per field, how common each value is, and an
//! order of the records that depends on what they hold and not on where they
//! stood in the file, so that a shuffled file gives the same answer.

use super::column::Column;
use super::schema::{Field, Level, Settings};
use super::text::mix;
use std::collections::HashSet;

/// Bits of one level in [`Levels`].
const BITS: u32 = 5;

/// The levels of all fields of a pair, five bits each; 0 = not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels(u64);

impl Levels {
    pub fn get(self, field: usize) -> Option<Level> {
        let code = (self.0 >> (BITS * field as u32)) & 31;
        Level::ALL.get((code as usize).wrapping_sub(1)).copied()
    }
    fn set(&mut self, field: usize, level: Option<Level>) {
        let code = level.map_or(0, |l| l as u64 + 1);
        self.0 |= code << (BITS * field as u32);
    }
}

/// The records.
#[derive(Clone, Debug)]
pub(super) struct Data {
    pub columns: Vec<Column>,
    pub len: usize,
    /// For every column with common and rare values: how many records share the value.
    pub counts: Vec<Vec<u32>>,
    /// Record at each rank.
    pub order: Vec<u32>,
    /// For each column the one that makes it superfluous.
    unless: Vec<Option<usize>>,
}

impl Data {
    pub fn new(settings: &Settings) -> Data {
        let position = |f: Option<Field>| f.and_then(|f| settings.position(f));
        Data {
            columns: settings.fields.iter().map(Column::new).collect(),
            len: 0,
            counts: Vec::new(),
            order: Vec::new(),
            unless: settings.fields.iter().map(|s| position(s.unless)).collect(),
        }
    }

    /// Reads one record; values that are not there are missing.
    pub fn push(&mut self, values: &[&str]) {
        for (i, column) in self.columns.iter_mut().enumerate() {
            column.push(values.get(i).copied().unwrap_or(""));
        }
        self.len += 1;
    }

    /// Ranks the records and counts values.
    pub fn settle(&mut self, settings: &Settings) {
        self.counts = vec![Vec::new(); self.columns.len()];
        self.drop_placeholders(settings);
        let mut content = vec![0_u64; self.len];
        for (c, spec) in settings.fields.iter().enumerate() {
            let terms: Vec<u64> = (0..self.len).map(|i| self.columns[c].term(i)).collect();
            for (hash, term) in content.iter_mut().zip(&terms) {
                *hash = mix(*hash, *term);
            }
            if spec.rare.is_some() {
                self.counts[c] = count(&terms);
            }
        }
        let mut order: Vec<(u64, u32)> = content.into_iter().zip(0..).collect();
        order.sort_unstable();
        self.order = order.into_iter().map(|(_, i)| i).collect();
    }

    /// Blanks the values that stand under too many different names.
    fn drop_placeholders(&mut self, settings: &Settings) {
        let names = settings.position(Field::Name).map(|c| &self.columns[c]);
        let mut blank = Vec::new();
        for (c, spec) in settings.fields.iter().enumerate() {
            let (Some(most), Some(names)) = (spec.names_max, names) else {
                continue;
            };
            let valued = (0..self.len as u32).map(|i| (self.columns[c].term(i as usize), i));
            let mut sorted: Vec<(u64, u32)> = valued.filter(|(term, _)| *term != 0).collect();
            sorted.sort_unstable();
            let shared = sorted
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|g| g.len() > most);
            for group in shared {
                let of = |(_, i): &(u64, u32)| names.term(*i as usize);
                let different: HashSet<u64> = group.iter().map(of).collect();
                if different.len() > most {
                    blank.extend(group.iter().map(|(_, i)| (c, *i)));
                }
            }
        }
        for (c, i) in blank {
            self.columns[c].blank(i as usize);
        }
    }

    /// How record `i` compares with record `j` of `other`.
    pub fn compare(&self, i: usize, other: &Data, j: usize) -> Levels {
        let mut levels = Levels::default();
        for (c, column) in self.columns.iter().enumerate() {
            let said = self.unless[c].is_some_and(|u| levels.get(u).is_some());
            if !said {
                levels.set(c, column.compare(i, &other.columns[c], j));
            }
        }
        levels
    }

    /// How many records share the value of a column, the record itself included.
    pub fn common(&self, column: usize, i: usize) -> u32 {
        self.counts
            .get(column)
            .and_then(|c| c.get(i))
            .copied()
            .unwrap_or(1)
    }

    /// The verified number of a record, if it has one.
    pub fn verified(&self, i: usize) -> Option<u64> {
        self.columns.iter().find_map(|c| c.verified(i))
    }
}

fn count(terms: &[u64]) -> Vec<u32> {
    let mut sorted: Vec<(u64, u32)> = terms.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut out = vec![0; terms.len()];
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let n = if group[0].0 == 0 {
            0
        } else {
            group.len() as u32
        };
        for (_, i) in group {
            out[*i as usize] = n;
        }
    }
    out
}
