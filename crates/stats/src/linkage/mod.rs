//! Linkage: which records are one person, how likely, and why (Fellegi–Sunter
//! with a third class for people of one household). Records come in as texts,
//! scored pairs and closed clusters go out; reasons are codes with weights and
//! never carry a value. Same records, settings and seed: same answer, in any
//! order of the records. Words for reasons are the caller's.

mod block;
mod cluster;
mod column;
mod data;
mod index;
mod latin;
mod model;
mod name;
mod number;
mod place;
mod schema;
mod text;
mod train;

#[cfg(test)]
mod tests;

pub use index::{Found, Index};
pub use model::Model;
pub use schema::{Field, FieldSpec, Kind, Level, Part, Settings, SettingsError, Shares};

use cluster::{Edge, Group};
use data::Data;
use model::common_in;

/// A record of the preset `person`. Empty = missing; anything that cannot be a
/// phone or an ID number counts as missing too.
#[derive(Clone, Copy, Default)]
pub struct Record<'a> {
    /// What the caller calls the record; not compared.
    pub id: &'a str,
    /// Name, also partly hidden (`王*国`).
    pub name: &'a str,
    /// Phone, also partly hidden (`138****1234`).
    pub phone: &'a str,
    /// ID number of 18 or 15 places, also partly hidden.
    pub id_number: &'a str,
    /// Address in one line.
    pub address: &'a str,
    /// Day of birth in eight digits, with or without separators; taken from the ID number when empty.
    pub birth: &'a str,
}

impl<'a> Record<'a> {
    /// The values in the order of the preset `person`.
    pub fn values(&self) -> [&'a str; 5] {
        let birth = if self.birth.is_empty() {
            self.id_number
        } else {
            self.birth
        };
        [self.name, self.phone, self.id_number, self.address, birth]
    }
}

/// One thing that speaks for or against two records being one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// What was compared; [`Field::Pair`] for the two records as a whole.
    pub field: Field,
    /// How it compared.
    pub level: Level,
    /// Bits: log2 of how much likelier this is for one person than for strangers.
    pub weight: f64,
}

impl Reason {
    /// `name.one_char`, `id.same` …
    pub fn code(&self) -> String {
        format!("{}.{}", self.field.code(), self.level.code())
    }
}

/// Two records judged one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Position of the first record.
    pub a: usize,
    /// Position of the second, above `a`.
    pub b: usize,
    /// Probability that they are one person, 0…1.
    pub score: f64,
    /// The heaviest first; what the household takes away and the link through another record last.
    pub reasons: Vec<Reason>,
}

/// Records of one cluster whose pairs are all shown; of a larger one (nobody is
/// there so often: rows of a test, one row copied) each is shown with the first,
/// so that the answer grows with the records and not with their square.
pub const WHOLE_CLUSTER: usize = 1_000;

/// What linkage found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linked {
    /// All pairs within all clusters (see [`WHOLE_CLUSTER`]), by position.
    pub pairs: Vec<Pair>,
    /// Positions of the records of each person with more than one, each sorted.
    pub clusters: Vec<Vec<usize>>,
}

/// Links records of the preset `person` (or of settings with the same fields in the same order).
pub fn link(records: &[Record<'_>], settings: &Settings) -> Linked {
    let mut linker = Linker::new(settings.clone());
    for record in records {
        linker.push(&record.values());
    }
    linker.finish().collect()
}

/// Takes records one by one, so that the caller need not keep their texts.
pub struct Linker {
    settings: Settings,
    data: Data,
}

impl Linker {
    /// Without records.
    pub fn new(settings: Settings) -> Linker {
        Linker {
            data: Data::new(&settings),
            settings,
        }
    }

    /// One more record: values in the order of the settings' fields.
    pub fn push(&mut self, values: &[&str]) {
        self.data.push(values);
    }

    /// Blocks, compares, trains and clusters.
    pub fn finish(mut self) -> Finished {
        self.data.settle(&self.settings);
        let pairs = block::candidates(&self.data, &self.settings);
        let record = |rank: usize| self.data.order[rank] as usize;
        let levels: Vec<_> = pairs
            .iter()
            .map(|pair| {
                let (a, b) = pair.ranks();
                self.data.compare(record(a), &self.data, record(b))
            })
            .collect();
        let model = train::train(&self.data, &self.settings, &pairs, &levels);
        let mut edges: Vec<Edge> = Vec::new();
        for (pair, levels) in pairs.iter().zip(&levels) {
            let (a, b) = pair.ranks();
            let common = common_in(&self.data, record(a));
            let score = model.classes(*levels, common).same;
            if score >= self.settings.threshold && model.stands(*levels, common) {
                edges.push(Edge {
                    a: a as u32,
                    b: b as u32,
                    score,
                });
            }
        }
        edges.sort_unstable_by(|x, y| {
            y.score
                .total_cmp(&x.score)
                .then((x.a, x.b).cmp(&(y.a, y.b)))
        });
        let groups = cluster::clusters(&self.data, &model, &edges);
        Finished {
            data: self.data,
            settings: self.settings,
            model,
            groups,
            candidates: pairs.len(),
        }
    }
}

/// Linked records, before pairs are explained.
pub struct Finished {
    data: Data,
    settings: Settings,
    model: Model,
    groups: Vec<Group>,
    /// How many pairs were compared.
    pub candidates: usize,
}

impl Finished {
    /// Positions of the records of each person with more than one, each sorted.
    pub fn clusters(&self) -> Vec<Vec<usize>> {
        let mut out: Vec<Vec<usize>> = self.groups.iter().map(|g| self.positions(g)).collect();
        out.sort_unstable();
        out
    }

    fn positions(&self, group: &Group) -> Vec<usize> {
        let record = |r: &u32| self.data.order[*r as usize] as usize;
        let mut out: Vec<usize> = group.ranks.iter().map(record).collect();
        out.sort_unstable();
        out
    }

    /// Shows every pair of every cluster up to [`WHOLE_CLUSTER`], explained, cluster by cluster in the
    /// order of their first records, until `show` fails.
    ///
    /// # Errors
    /// What `show` returned.
    pub fn each_pair<E>(&self, mut show: impl FnMut(Pair) -> Result<(), E>) -> Result<(), E> {
        let sorted = |g: &Group| (self.positions(g), g.weakest);
        let mut groups: Vec<(Vec<usize>, f64)> = self.groups.iter().map(sorted).collect();
        groups.sort_unstable_by(|x, y| x.0.cmp(&y.0));
        for (positions, weakest) in &groups {
            let whole = positions.len() <= WHOLE_CLUSTER;
            let firsts = if whole { positions.len() } else { 1 };
            for (i, a) in positions.iter().take(firsts).enumerate() {
                for b in &positions[i + 1..] {
                    show(self.pair(*a, *b, *weakest))?;
                }
            }
        }
        Ok(())
    }

    /// A pair of a cluster is at least as sure as what holds the cluster together.
    fn pair(&self, a: usize, b: usize, weakest: f64) -> Pair {
        let levels = self.data.compare(a, &self.data, b);
        let (mut score, mut reasons) = self.model.explain(levels, common_in(&self.data, a));
        if score < self.settings.threshold {
            score = weakest;
            reasons.push(Reason {
                field: Field::Pair,
                level: Level::Chain,
                weight: 0.0,
            });
        }
        Pair {
            a,
            b,
            score,
            reasons,
        }
    }

    /// Probability and reasons of any two records, linked or not.
    pub fn explain_pair(&self, a: usize, b: usize) -> (f64, Vec<Reason>) {
        let levels = self.data.compare(a, &self.data, b);
        self.model.explain(levels, common_in(&self.data, a))
    }

    /// The learned weights.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Everything at once.
    pub fn collect(self) -> Linked {
        let mut pairs = Vec::new();
        // infallible: the closure never fails
        let Ok(()) = self.each_pair(|p| {
            pairs.push(p);
            Ok::<(), std::convert::Infallible>(())
        });
        pairs.sort_unstable_by_key(|p| (p.a, p.b));
        Linked {
            pairs,
            clusters: self.clusters(),
        }
    }

    /// An index of the same records with the same weights, to ask about new ones.
    pub fn into_index(self) -> Index {
        Index::new(self.data, self.settings, self.model)
    }
}
