//! Looks for many clear values in bytes at once: answers, database files, logs,
//! backups. Opens workbooks and other zip files, because what is packed cannot
//! be seen from outside. Reports kinds and counts, never a value.

use aho_corasick::AhoCorasick;
use std::collections::BTreeMap;
use std::io::Read;

/// Values by kind (`name`, `phone`, …).
#[derive(Clone, Debug, Default)]
pub struct Needles(BTreeMap<&'static str, Vec<String>>);

impl Needles {
    /// Adds one value; empty ones are left out.
    pub fn add(&mut self, kind: &'static str, value: &str) {
        if !value.is_empty() {
            self.0.entry(kind).or_default().push(value.to_owned());
        }
    }
    /// Adds everything of another set.
    pub fn extend(&mut self, other: &Needles) {
        for (kind, values) in &other.0 {
            self.0.entry(kind).or_default().extend(values.clone());
        }
    }
    /// Nothing to look for?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// How many values of each kind.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        self.0.iter().map(|(kind, v)| (*kind, v.len())).collect()
    }
}

/// Hits by kind.
pub type Hits = BTreeMap<&'static str, usize>;

/// A prepared search.
pub struct Scanner {
    search: AhoCorasick,
    kinds: Vec<&'static str>,
}

impl Scanner {
    /// Prepares the search for these values as UTF-8.
    pub fn new(needles: &Needles) -> Scanner {
        let mut patterns: Vec<&str> = Vec::new();
        let mut kinds = Vec::new();
        for (kind, values) in &needles.0 {
            for value in values {
                patterns.push(value);
                kinds.push(*kind);
            }
        }
        Scanner {
            search: AhoCorasick::new(patterns).unwrap(),
            kinds,
        }
    }

    /// Hits in bytes as they are, and inside of them when they are a zip file.
    pub fn search(&self, bytes: &[u8]) -> Hits {
        let mut hits = Hits::new();
        self.search_into(bytes, &mut hits, 0);
        hits
    }

    fn search_into(&self, bytes: &[u8], hits: &mut Hits, depth: usize) {
        for hit in self.search.find_iter(bytes) {
            *hits
                .entry(self.kinds[hit.pattern().as_usize()])
                .or_default() += 1;
        }
        if bytes.starts_with(b"PK\x03\x04") && depth < 3 {
            for (_, part) in unzip(bytes) {
                self.search_into(&part, hits, depth + 1);
            }
        }
    }
}

/// The parts of a zip file by name.
pub fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return vec![];
    };
    let mut parts = Vec::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let mut part = Vec::new();
        file.read_to_end(&mut part).unwrap();
        parts.push((file.name().to_owned(), part));
    }
    parts
}
