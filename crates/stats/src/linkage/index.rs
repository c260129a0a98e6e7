//! Asking about one record at a time: who of those already there may be this
//! person? For warnings on entry. Keys are kept sorted in memory; records added
//! later go to a small table beside them. Weights stay those it was made with.

use super::block::{key_of, keys};
use super::data::Data;
use super::model::Model;
use super::schema::{Level, Part, Settings};
use super::text::mix;
use super::{Linker, Reason, Record};
use std::collections::{BTreeSet, HashMap};

/// Records looked at for one key.
const LOOKED_AT: usize = 400;

/// A record that may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Position of the record in the index.
    pub record: usize,
    /// Probability, 0…1.
    pub score: f64,
    /// The heaviest first.
    pub reasons: Vec<Reason>,
}

/// Records that can be asked about.
pub struct Index {
    data: Data,
    settings: Settings,
    model: Model,
    keys: Vec<Vec<(usize, Part)>>,
    sorted: Vec<(u64, u32)>,
    added: HashMap<u64, Vec<u32>>,
}

impl Index {
    /// Trains on the records and indexes them.
    pub fn build(records: &[Record<'_>], settings: &Settings) -> Index {
        let mut linker = Linker::new(settings.clone());
        for record in records {
            linker.push(&record.values());
        }
        linker.finish().into_index()
    }

    pub(super) fn new(data: Data, settings: Settings, model: Model) -> Index {
        let keys = keys(&settings);
        let mut sorted = Vec::new();
        for record in 0..data.len {
            for (k, parts) in keys.iter().enumerate() {
                if let Some(key) = key_of(&data, parts, record) {
                    sorted.push((mix(k as u64, key), record as u32));
                }
            }
        }
        sorted.sort_unstable();
        Index {
            data,
            settings,
            model,
            keys,
            sorted,
            added: HashMap::new(),
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.data.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.data.len == 0
    }

    /// Adds a record; its position.
    pub fn insert(&mut self, record: &Record<'_>) -> usize {
        let at = self.data.len;
        self.data.push(&record.values());
        for (k, parts) in self.keys.iter().enumerate() {
            if let Some(key) = key_of(&self.data, parts, at) {
                self.added
                    .entry(mix(k as u64, key))
                    .or_default()
                    .push(at as u32);
            }
        }
        at
    }

    /// Records that are this person with a probability of at least `least`, the likeliest first.
    pub fn candidates(&self, record: &Record<'_>, least: f64) -> Vec<Found> {
        let mut asked = Data::new(&self.settings);
        asked.push(&record.values());
        let mut near = BTreeSet::new();
        for (k, parts) in self.keys.iter().enumerate() {
            let Some(key) = key_of(&asked, parts, 0) else {
                continue;
            };
            let key = mix(k as u64, key);
            let from = self.sorted.partition_point(|(x, _)| *x < key);
            let block = self.sorted[from..].iter().take_while(|(x, _)| *x == key);
            near.extend(block.map(|(_, i)| *i).take(LOOKED_AT));
            let added = self.added.get(&key).into_iter().flatten();
            near.extend(added.copied().take(LOOKED_AT));
        }
        let mut found: Vec<Found> = near
            .into_iter()
            .filter_map(|i| self.judge(&asked, i as usize, least))
            .collect();
        found.sort_by(|x, y| y.score.total_cmp(&x.score).then(x.record.cmp(&y.record)));
        found
    }

    fn judge(&self, asked: &Data, record: usize, least: f64) -> Option<Found> {
        let levels = self.data.compare(record, asked, 0);
        // The asked record is one more with the value.
        let common = |c: usize| match levels.get(c) {
            Some(Level::Same) => self.data.common(c, record).saturating_add(1),
            _ => self.data.common(c, record),
        };
        let (score, reasons) = self.model.explain(levels, common);
        let stands = score >= least && self.model.stands(levels, common);
        stands.then_some(Found {
            record,
            score,
            reasons,
        })
    }
}
