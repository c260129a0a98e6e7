//! Chinese keys and values of program files. A file may mix both languages;
//! what comes out has the program's own keys only, and days as texts. The
//! aliases are data of the pack; unknown keys pass through for the reader to refuse.

use super::PackProblem;
use crate::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Chinese → key or value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aliases {
    /// Chinese name of a section → its path (`项目` → `program`).
    #[serde(default)]
    pub sections: BTreeMap<String, String>,
    /// Section → Chinese key → key.
    #[serde(default)]
    pub keys: BTreeMap<String, BTreeMap<String, String>>,
    /// Chinese value → value (`支局长` → `branch_head`).
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// Keys whose values are words for people and stay as they are.
const FREE_TEXT: &[&str] = &["title", "slogan", "text", "id"];

impl Aliases {
    /// Reads the text of a program file: Chinese keys may stand without quotes
    /// (TOML itself wants them quoted), then [`Aliases::apply`].
    pub fn read(&self, file: &str, text: &str) -> Result<Table, Vec<PackProblem>> {
        let quoted = quote_bare_keys(text);
        let table = quoted.parse::<Table>().map_err(|e| {
            let start = e.span().map_or(0, |s| s.start).min(quoted.len());
            let line = 1 + quoted.as_bytes()[..start]
                .iter()
                .filter(|b| **b == b'\n')
                .count();
            vec![PackProblem {
                file: file.to_owned(),
                key: format!("line {line}"),
                what: words::bad_toml(e.message()),
            }]
        })?;
        self.apply(file, &table)
    }

    /// Replaces Chinese keys and values, and TOML dates by texts. Problems: a
    /// key given twice (once in each language). Unknown keys stay as they are.
    pub fn apply(&self, file: &str, table: &Table) -> Result<Table, Vec<PackProblem>> {
        let mut problems = Vec::new();
        let mut out = Table::new();
        for (name, value) in table {
            let path = self.sections.get(name).unwrap_or(name);
            let value = self.section(file, path, value, &mut problems);
            let mut parents: Vec<&str> = path.split('.').collect();
            let Some(last) = parents.pop() else { continue };
            let Some(place) = descend(&mut out, &parents) else {
                problems.push(twice(file, path));
                continue;
            };
            merge(file, path, place, last, value, &mut problems);
        }
        if problems.is_empty() {
            Ok(out)
        } else {
            Err(problems)
        }
    }

    fn section(
        &self,
        file: &str,
        path: &str,
        value: &Value,
        problems: &mut Vec<PackProblem>,
    ) -> Value {
        match value {
            Value::Table(t) => Value::Table(self.keys_of(file, path, t, problems)),
            Value::Array(a) => Value::Array(
                a.iter()
                    .map(|entry| self.section(file, path, entry, problems))
                    .collect(),
            ),
            other => self.value(other),
        }
    }

    fn keys_of(&self, file: &str, path: &str, t: &Table, problems: &mut Vec<PackProblem>) -> Table {
        let names = self.keys.get(path);
        let mut out = Table::new();
        for (name, value) in t {
            let key = names.and_then(|n| n.get(name)).unwrap_or(name);
            let value = match value {
                Value::Table(_) => self.section(file, &format!("{path}.{key}"), value, problems),
                _ if FREE_TEXT.contains(&key.as_str()) => value.clone(),
                Value::Array(a) => Value::Array(a.iter().map(|v| self.value(v)).collect()),
                _ => self.value(value),
            };
            if out.insert(key.clone(), value).is_some() {
                problems.push(twice(file, &format!("{path}.{key}")));
            }
        }
        out
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(s) => Value::String(self.values.get(s).unwrap_or(s).clone()),
            Value::Datetime(d) => Value::String(d.to_string()),
            other => other.clone(),
        }
    }
}

/// Puts quotes around names that TOML does not take bare: `[项目]`, `开始 = …`.
/// Lines inside multi-line texts stay as they are.
pub fn quote_bare_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut inside: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        if let Some(mark) = inside {
            if line.contains(mark) {
                inside = None;
            }
            out.push_str(line);
            continue;
        }
        out.push_str(&quote_line(line));
        inside = ["\"\"\"", "'''"]
            .into_iter()
            .find(|m| line.matches(m).count() % 2 == 1);
    }
    out
}

fn quote_line(line: &str) -> String {
    let trimmed = line.trim_start();
    if trimmed.starts_with('[') {
        let Some(end) = line.rfind(']') else {
            return line.to_owned();
        };
        let (header, rest) = line.split_at(end + 1);
        let inner = header.trim().trim_matches(['[', ']']);
        if inner.split('.').any(is_bare_foreign) {
            let names: Vec<String> = inner.split('.').map(quote_name).collect();
            return format!("{}{rest}", header.replacen(inner, &names.join("."), 1));
        }
        return line.to_owned();
    }
    match line.split_once('=') {
        Some((key, value)) if is_bare_foreign(key) => format!("{} ={value}", quote_name(key)),
        _ => line.to_owned(),
    }
}

fn is_bare_foreign(name: &str) -> bool {
    let name = name.trim();
    !name.is_ascii()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn quote_name(name: &str) -> String {
    if is_bare_foreign(name) {
        format!("\"{}\"", name.trim())
    } else {
        name.to_owned()
    }
}

fn descend<'a>(out: &'a mut Table, parents: &[&str]) -> Option<&'a mut Table> {
    let mut place = out;
    for name in parents {
        place = place
            .entry((*name).to_owned())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()?;
    }
    Some(place)
}

/// The same section may be written in parts, under both names.
fn merge(
    file: &str,
    path: &str,
    place: &mut Table,
    key: &str,
    value: Value,
    problems: &mut Vec<PackProblem>,
) {
    match (place.get_mut(key), value) {
        (None, value) => {
            place.insert(key.to_owned(), value);
        }
        (Some(Value::Table(old)), Value::Table(new)) => {
            for (k, v) in new {
                if old.insert(k.clone(), v).is_some() {
                    problems.push(twice(file, &format!("{path}.{k}")));
                }
            }
        }
        (Some(Value::Array(old)), Value::Array(new)) => old.extend(new),
        _ => problems.push(twice(file, path)),
    }
}

fn twice(file: &str, key: &str) -> PackProblem {
    PackProblem {
        file: file.to_owned(),
        key: key.to_owned(),
        what: words::KEY_TWICE.to_owned(),
    }
}
