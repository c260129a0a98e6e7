//! The linkage engine behind three calls: take a record, find all pairs, ask
//! about one record. Keeps what the engine needs to know of a customer in one
//! place; the engine keeps no text longer than it needs.

use super::records::Entry;
use zf_kernel::error::{KernelError, Result};
use zf_stats::linkage::{Field, Index, Level, Linker, Reason, Record, Settings};

/// Two entries, by position, and how alike they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Position of the first; less than the second's.
    pub a: usize,
    /// Position of the second.
    pub b: usize,
    /// How alike, 0…1000.
    pub score: i64,
    /// Codes of why, the heaviest first.
    pub reasons: Vec<String>,
}

fn settings() -> Result<Settings> {
    Settings::preset("person")
        .map_err(|e| KernelError::Internal(format!("settings of the linkage: {e}")))
}

fn record(e: &Entry) -> Record<'_> {
    Record {
        id: "",
        name: &e.name,
        phone: &e.phone,
        id_number: &e.id_number,
        address: &e.address,
        birth: "",
    }
}

fn mille(score: f64) -> i64 {
    // 0…1 in thousandths: far inside the range of an integer.
    (score * 1_000.0).round() as i64
}

/// What speaks for it, and a name that speaks against it.
fn codes(reasons: &[Reason]) -> Vec<String> {
    let told = reasons.iter().filter(|r| {
        r.weight > 0.0 || r.level == Level::Chain || (r.field == Field::Name && r.weight < 0.0)
    });
    told.map(Reason::code).collect()
}

/// Takes records until all are there.
pub struct Matcher(Linker);

impl Matcher {
    /// Without records.
    pub fn new() -> Result<Matcher> {
        Ok(Matcher(Linker::new(settings()?)))
    }

    /// One more record.
    pub fn push(&mut self, entry: &Entry) {
        self.0.push(&record(entry).values());
    }

    /// Pairs that may be one person, every pair once.
    pub fn pairs(self) -> Vec<Alike> {
        let linked = self.0.finish().collect();
        let pairs = linked.pairs.into_iter().map(|p| Alike {
            a: p.a,
            b: p.b,
            score: mille(p.score),
            reasons: codes(&p.reasons),
        });
        pairs.collect()
    }
}

/// Likelihood from which somebody who types in a customer is warned.
const WARN_FROM: f64 = 0.5;

/// Entries that may be the one asked about, the likeliest first: position,
/// 0…1000, and why.
pub fn like(entries: &[Entry], asked: &Entry) -> Result<Vec<(usize, i64, Vec<String>)>> {
    let records: Vec<Record<'_>> = entries.iter().map(record).collect();
    let index = Index::build(&records, &settings()?);
    let found = index.candidates(&record(asked), WARN_FROM).into_iter();
    let found = found.map(|f| (f.record, mille(f.score), codes(&f.reasons)));
    Ok(found.collect())
}
