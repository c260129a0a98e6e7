//! From text to tree: TOML with the line of every key, and JSON as the API
//! sends it. Knows neither the keys of a campaign nor their Chinese names; what
//! they mean is read from the tree.

use super::read::{DefinitionError, Node, Value, What};
use toml::de::{DeTable, DeValue};
use zf_forms::pack::quote_bare_keys;

/// Lists and tables inside each other; a campaign file needs four.
const DEPTH_MAX: usize = 12;

/// Reads TOML; Chinese keys may stand without quotes.
pub fn from_toml(text: &str) -> Result<Node, DefinitionError> {
    let text = &quote_bare_keys(text);
    let lines = Lines::of(text);
    let fault = |message: &str, line| DefinitionError {
        path: String::new(),
        line,
        what: What::Syntax(message.to_owned()),
    };
    let table = DeTable::parse(text)
        .map_err(|e| fault(e.message(), e.span().map(|s| lines.at(s.start))))?;
    let value = lines
        .table(table.get_ref(), 0)
        .ok_or_else(|| fault("number out of range or too deep", None))?;
    Ok(Node {
        line: Some(1),
        value,
    })
}

struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i)
                .collect(),
        )
    }
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|end| *end < offset) + 1
    }
    fn table(&self, table: &DeTable<'_>, depth: usize) -> Option<Value> {
        let mut entries: Vec<(usize, String, Node)> = Vec::new();
        for (key, value) in table.iter() {
            let start = key.span().start;
            let node = Node {
                line: Some(self.at(start)),
                value: self.value(value.get_ref(), depth + 1)?,
            };
            entries.push((start, key.get_ref().to_string(), node));
        }
        entries.sort_by_key(|(start, ..)| *start);
        Some(Value::Table(
            entries
                .into_iter()
                .map(|(_, key, node)| (key, node))
                .collect(),
        ))
    }
    fn value(&self, value: &DeValue<'_>, depth: usize) -> Option<Value> {
        if depth > DEPTH_MAX {
            return None;
        }
        Some(match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(n) => {
                Value::Int(i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).ok()?)
            }
            DeValue::Float(x) => Value::Float(x.as_str().replace('_', "").parse().ok()?),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(d) => Value::Text(d.to_string()),
            DeValue::Array(items) => {
                let read = items.iter().map(|item| {
                    let line = Some(self.at(item.span().start));
                    Some(Node {
                        line,
                        value: self.value(item.get_ref(), depth + 1)?,
                    })
                });
                Value::List(read.collect::<Option<_>>()?)
            }
            DeValue::Table(table) => self.table(table, depth)?,
        })
    }
}

/// Reads JSON.
pub fn from_json(json: &serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n
            .as_i64()
            .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect()),
        Json::Object(map) => {
            Value::Table(map.iter().map(|(k, v)| (k.clone(), from_json(v))).collect())
        }
    };
    Node { line: None, value }
}
