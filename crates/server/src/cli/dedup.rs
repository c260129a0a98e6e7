//! `zoufang dedup`: JSON lines of people in, JSON lines of pairs that are one
//! person out. Needs no installation. Texts are read once and not kept, so a
//! million records fit in memory; nothing is written when a row is wrong.
//! Reasons say what agrees, never the values.

use super::common::Out;
use super::route::cpu_seconds;
use crate::error::{CliError, Result};
use crate::words::linkage::{self as words, Figures};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, Write};
use zf_base::limits::LINK_RECORDS_MAX;
use zf_demo::{LinkageRow, LinkageSpec, Noise};
use zf_stats::linkage::{Finished, Level, Linker, Reason, Record, Settings};

/// Find records of the same person: JSON lines on stdin, pairs on stdout
#[derive(clap::Args)]
pub struct DedupArgs {}

/// Runs it.
pub fn run(_: &DedupArgs) -> Result<()> {
    dedup(std::io::stdin().lock(), std::io::stdout().lock())
}

/// A row of the input. What is no text counts as missing.
#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    phone: Text<'a>,
    #[serde(borrow, default)]
    id_number: Text<'a>,
    #[serde(borrow, default)]
    address: Text<'a>,
    #[serde(borrow, default)]
    birth: Text<'a>,
}

/// A text or a number as text; `quoted` tells them apart when it is written again.
#[derive(Default)]
struct Text<'a> {
    text: Cow<'a, str>,
    quoted: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

fn number<'a, E>(n: impl ToString) -> std::result::Result<Text<'a>, E> {
    Ok(Text {
        text: Cow::Owned(n.to_string()),
        quoted: false,
    })
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text")
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> std::result::Result<Text<'de>, E> {
        Ok(Text {
            text: Cow::Borrowed(v),
            quoted: true,
        })
    }
    fn visit_str<E>(self, v: &str) -> std::result::Result<Text<'de>, E> {
        Ok(Text {
            text: Cow::Owned(v.to_owned()),
            quoted: true,
        })
    }
    fn visit_u64<E>(self, v: u64) -> std::result::Result<Text<'de>, E> {
        number(v)
    }
    fn visit_i64<E>(self, v: i64) -> std::result::Result<Text<'de>, E> {
        number(v)
    }
    fn visit_f64<E>(self, v: f64) -> std::result::Result<Text<'de>, E> {
        number(v)
    }
    fn visit_bool<E>(self, _: bool) -> std::result::Result<Text<'de>, E> {
        Ok(Text::default())
    }
    fn visit_unit<E>(self) -> std::result::Result<Text<'de>, E> {
        Ok(Text::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Text<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Text<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

/// The ids as JSON, one after the other, and the rows they stood in.
#[derive(Default)]
struct Ids {
    text: String,
    ends: Vec<usize>,
    rows: Vec<u32>,
    /// First record with this hash.
    seen: HashMap<u64, u32>,
}

impl Ids {
    fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    /// Adds an id; the row that had it before, if one had.
    fn add(&mut self, row: usize, id: &Text<'_>) -> std::result::Result<(), usize> {
        let json = match id.quoted {
            true => serde_json::Value::from(id.text.as_ref()).to_string(),
            false => id.text.to_string(),
        };
        let hash = hash(&json);
        if let Some(first) = self.seen.get(&hash) {
            // Two ids may share a hash; only equal texts are the same id.
            if let Some(i) = (*first as usize..self.ends.len()).find(|i| self.get(*i) == json) {
                return Err(self.rows[i] as usize);
            }
        } else {
            self.seen.insert(hash, self.ends.len() as u32);
        }
        self.text.push_str(&json);
        self.ends.push(self.text.len());
        self.rows.push(row as u32);
        Ok(())
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Wrong rows that are named; reading stops there.
const FAULTS_TOLD: usize = 100;

/// Reads all rows; the wrong ones are named.
fn read(mut input: impl BufRead, linker: &mut Linker) -> Result<Ids> {
    let (mut ids, mut faults) = (Ids::default(), Vec::new());
    let (mut line, mut row) = (Vec::new(), 0);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        row += 1;
        if let Err(fault) = take(&line, row, &mut ids, linker) {
            faults.push(fault);
        }
        // A file of another kind is wrong in every line.
        if faults.len() == FAULTS_TOLD {
            faults.push(words::more_faults(FAULTS_TOLD));
            break;
        }
        if ids.ends.len() > LINK_RECORDS_MAX {
            return Err(CliError::input(words::too_many(LINK_RECORDS_MAX)));
        }
    }
    if faults.is_empty() {
        Ok(ids)
    } else {
        Err(CliError::Input(faults))
    }
}

fn take(
    line: &[u8],
    row: usize,
    ids: &mut Ids,
    linker: &mut Linker,
) -> std::result::Result<(), String> {
    let text = std::str::from_utf8(line).map_err(|_| words::not_utf8(row))?;
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('{') {
        return Err(words::not_json(row, 1));
    }
    let parsed: Row<'_> =
        serde_json::from_str(text).map_err(|e| words::not_json(row, e.column()))?;
    if parsed.id.text.trim().is_empty() {
        return Err(words::no_id(row));
    }
    ids.add(row, &parsed.id)
        .map_err(|first| words::id_twice(row, first))?;
    let record = Record {
        id: &parsed.id.text,
        name: &parsed.name.text,
        phone: &parsed.phone.text,
        id_number: &parsed.id_number.text,
        address: &parsed.address.text,
        birth: &parsed.birth.text,
    };
    linker.push(&record.values());
    Ok(())
}

/// All of it, from any reader to any writer.
pub(super) fn dedup(input: impl BufRead, output: impl Write) -> Result<()> {
    let settings = Settings::preset("person").map_err(CliError::system)?;
    let mut linker = Linker::new(settings);
    let mut ids = read(input, &mut linker)?;
    ids.seen = HashMap::new();
    match write(&linker.finish(), &ids, output) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

fn write(linked: &Finished, ids: &Ids, output: impl Write) -> std::io::Result<()> {
    let mut output = std::io::BufWriter::new(output);
    linked.each_pair(|pair| {
        // What the household takes away is worth a word only where it leaves a doubt.
        let told = |r: &&Reason| r.level != Level::Household || pair.score < 0.99;
        let reasons: Vec<String> = pair
            .reasons
            .iter()
            .filter(told)
            .map(words::reason)
            .collect();
        let (a, b) = (ids.get(pair.a), ids.get(pair.b));
        let score = (pair.score * 1e6).round() / 1e6;
        let reasons = serde_json::to_string(&reasons)?;
        writeln!(
            output,
            r#"{{"a":{a},"b":{b},"score":{score},"reasons":{reasons}}}"#
        )
    })?;
    output.flush()
}

/// `zoufang bench dedup`: linkage of the hard benchmark of `zf-demo` against
/// joining the same records where a whole value is equal, both in CPU seconds
/// of this thread and in how right they are.
pub(super) fn bench(quick: bool, out: Out) -> Result<()> {
    let spec = LinkageSpec {
        records: if quick { 100_000 } else { 1_000_000 },
        seed: 1,
        noise: Noise::default(),
    };
    let rows = zf_demo::linkage(&spec);
    let began = cpu_seconds();
    let joined = exact_join(&rows);
    let reference = (cpu_seconds() - began).max(1e-6);
    let began = cpu_seconds();
    let clusters = linked(&rows)?;
    let seconds = cpu_seconds() - began;
    let few = zf_demo::linkage(&LinkageSpec {
        records: CONTROL_RECORDS,
        ..spec
    });
    let broken = |how| -> Result<f64> { Ok(f1(&few, &linked_with(&few, untrained(how)?))) };
    let figures = Figures {
        records: rows.len(),
        seconds,
        reference,
        f1: f1(&rows, &clusters),
        reference_f1: f1(&rows, &joined),
        untrained_f1: broken(Weights::AsTheyAre)?,
        shuffled_f1: broken(Weights::Shuffled)?,
        inverted_f1: broken(Weights::Inverted)?,
    };
    let value = json!({
        "records": figures.records, "cpu_seconds": seconds, "reference_cpu_seconds": reference,
        "ratio": seconds / reference, "f1": figures.f1, "reference_f1": figures.reference_f1,
        "controls": {
            "records": few.len(), "untrained_f1": figures.untrained_f1,
            "shuffled_f1": figures.shuffled_f1, "inverted_f1": figures.inverted_f1,
        },
    });
    out.result(&value, words::bench_dedup(&figures))
}

/// Records of the runs with broken weights.
const CONTROL_RECORDS: usize = 20_000;
/// So strong that the file's own shares cannot mend what is broken.
const UNTRAINED: f64 = 1e12;

/// What the linker is given to weigh with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weights {
    /// As the preset has them.
    AsTheyAre,
    /// Every field with those of the next one.
    Shuffled,
    /// Those of one person for strangers and the other way round.
    Inverted,
}

/// Settings whose weights training leaves as they are: a linker that finds as
/// much with broken ones does not find it by them.
fn untrained(how: Weights) -> Result<Settings> {
    let mut settings = Settings::preset("person").map_err(CliError::system)?;
    settings.strength = UNTRAINED;
    let fields = &mut settings.fields;
    match how {
        Weights::AsTheyAre => {}
        Weights::Shuffled => {
            for i in 1..fields.len() {
                let (left, right) = fields.split_at_mut(i);
                let (a, b) = (&mut left[i - 1], &mut right[0]);
                std::mem::swap(&mut a.same, &mut b.same);
                std::mem::swap(&mut a.unrelated, &mut b.unrelated);
                std::mem::swap(&mut a.household, &mut b.household);
            }
        }
        Weights::Inverted => {
            for field in fields {
                std::mem::swap(&mut field.same, &mut field.unrelated);
            }
        }
    }
    Ok(settings)
}

/// Records of one person, as linkage sees it.
fn linked(rows: &[LinkageRow]) -> Result<Vec<Vec<usize>>> {
    let settings = Settings::preset("person").map_err(CliError::system)?;
    Ok(linked_with(rows, settings))
}

fn linked_with(rows: &[LinkageRow], settings: Settings) -> Vec<Vec<usize>> {
    let mut linker = Linker::new(settings);
    for row in rows {
        let record = Record {
            id: &row.id,
            name: &row.name,
            phone: &row.phone,
            id_number: &row.id_number,
            address: &row.address,
            birth: "",
        };
        linker.push(&record.values());
    }
    linker.finish().clusters()
}

/// Groups of records with a whole value in common: ID number, phone, name with address.
fn exact_join(rows: &[LinkageRow]) -> Vec<Vec<usize>> {
    let mut group: Vec<usize> = (0..rows.len()).collect();
    let mut first: HashMap<(u8, &str, &str), usize> = HashMap::new();
    for (i, row) in rows.iter().enumerate() {
        let keys = [
            (0, row.id_number.as_str(), ""),
            (1, &row.phone, ""),
            (2, &row.name, &row.address),
        ];
        for key in keys.into_iter().filter(|k| k.1.len() > 5 && !dull(k.1)) {
            let other = *first.entry(key).or_insert(i);
            let (a, b) = (root(&mut group, i), root(&mut group, other));
            group[a.max(b)] = a.min(b);
        }
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for i in 0..rows.len() {
        let at = root(&mut group, i);
        members.entry(at).or_default().push(i);
    }
    members.into_values().filter(|m| m.len() > 1).collect()
}

/// One character all along: what clerks write into a field they must fill.
fn dull(text: &str) -> bool {
    text.chars().all(|c| text.starts_with(c))
}

fn root(group: &mut [usize], mut i: usize) -> usize {
    while group[i] != i {
        group[i] = group[group[i]];
        i = group[i];
    }
    i
}

/// Harmonic mean of precision and recall over pairs of records.
fn f1(rows: &[LinkageRow], clusters: &[Vec<usize>]) -> f64 {
    let pairs = |n: usize| (n * n.saturating_sub(1) / 2) as f64;
    let mut people: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        *people.entry(row.person).or_default() += 1;
    }
    let truth: f64 = people.values().map(|n| pairs(*n)).sum();
    let (mut found, mut right) = (0.0, 0.0);
    for cluster in clusters {
        let mut inside: HashMap<usize, usize> = HashMap::new();
        for i in cluster {
            *inside.entry(rows[*i].person).or_default() += 1;
        }
        found += pairs(cluster.len());
        right += inside.values().map(|n| pairs(*n)).sum::<f64>();
    }
    2.0 * right / (found + truth).max(1.0)
}

#[cfg(test)]
mod tests;
