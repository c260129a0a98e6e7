//! Chinese keys and values of a campaign file. The table is data of the pack
//! (`aliases.toml`); here it is applied to the tree before anything is read,
//! so that Chinese and English may be mixed and a key written in both ways is
//! found.

use super::read::{Node, Reader, Value, What, join};
use zf_forms::pack::Aliases;

/// Keys whose text is shown to people and therefore never translated.
const FREE_TEXT: [&str; 6] = ["title", "slogan", "text", "id", "steps", "tied_to"];

/// Translates a tree.
pub(super) fn apply(aliases: &Aliases, root: Node, r: &mut Reader) -> Node {
    let Value::Table(entries) = root.value else {
        return root;
    };
    let table = Table(aliases);
    let mut out: Vec<(String, Node)> = Vec::new();
    for (key, node) in entries {
        let name = aliases.sections.get(&key).cloned().unwrap_or(key);
        let node = table.section(&name, node, r);
        put(&mut out, "", &name, node, r);
    }
    Node {
        line: root.line,
        value: Value::Table(out),
    }
}

struct Table<'a>(&'a Aliases);

impl Table<'_> {
    fn section(&self, name: &str, node: Node, r: &mut Reader) -> Node {
        let value = match node.value {
            Value::Table(entries) => self.keys_of(name, entries, r),
            Value::List(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| self.section(name, item, r))
                    .collect(),
            ),
            other => self.text("", other),
        };
        Node {
            line: node.line,
            value,
        }
    }

    fn keys_of(&self, section: &str, entries: Vec<(String, Node)>, r: &mut Reader) -> Value {
        let known = self.0.keys.get(section);
        let mut out: Vec<(String, Node)> = Vec::new();
        for (key, node) in entries {
            let name = known.and_then(|k| k.get(&key)).cloned().unwrap_or(key);
            let inner = join(section, &name);
            let node = match node.value {
                Value::Table(_) if self.0.keys.contains_key(&inner) => {
                    self.section(&inner, node, r)
                }
                value => Node {
                    line: node.line,
                    value: self.text(&name, value),
                },
            };
            put(&mut out, section, &name, node, r);
        }
        Value::Table(out)
    }

    fn text(&self, key: &str, value: Value) -> Value {
        match value {
            Value::Text(t) if !FREE_TEXT.contains(&key) => {
                Value::Text(self.0.values.get(&t).cloned().unwrap_or(t))
            }
            Value::List(items) => {
                let text = |n: Node| Node {
                    line: n.line,
                    value: self.text(key, n.value),
                };
                Value::List(items.into_iter().map(text).collect())
            }
            other => other,
        }
    }
}

/// Puts a node under `a` or `a.b`; the same key twice is a fault, but lists of
/// the same section written half in Chinese are joined.
fn put(out: &mut Vec<(String, Node)>, at: &str, name: &str, node: Node, r: &mut Reader) {
    let (key, rest) = name
        .split_once('.')
        .map_or((name, None), |(k, rest)| (k, Some(rest)));
    let existing = out.iter_mut().find(|(k, _)| k == key);
    let Some(rest) = rest else {
        match existing {
            None => out.push((key.to_owned(), node)),
            Some((
                _,
                Node {
                    value: Value::List(have),
                    ..
                },
            )) if matches!(node.value, Value::List(_)) => {
                if let Value::List(more) = node.value {
                    have.extend(more);
                }
            }
            Some((
                _,
                Node {
                    value: Value::Table(have),
                    ..
                },
            )) if at.is_empty() && matches!(node.value, Value::Table(_)) => {
                if let Value::Table(more) = node.value {
                    more.into_iter().for_each(|(k, n)| put(have, key, &k, n, r));
                }
            }
            Some(_) => r.report(&node, &join(at, key), What::Twice),
        }
        return;
    };
    let parent = match existing {
        Some((_, parent)) => parent,
        None => {
            out.push((
                key.to_owned(),
                Node {
                    line: node.line,
                    value: Value::Table(vec![]),
                },
            ));
            let last = out.len() - 1;
            &mut out[last].1
        }
    };
    match &mut parent.value {
        Value::Table(inner) => put(inner, &join(at, key), rest, node, r),
        _ => r.report(&node, &join(at, name), What::Twice),
    }
}
