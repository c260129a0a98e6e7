//! Reading a campaign file without stopping at the first fault. TOML and JSON
//! become one tree ([`Node`]) that knows the line of every key; typed values
//! are read from the tree, and what is wrong is collected with its place.
//! Knows nothing of campaigns: the sections are declared in `model` with
//! [`section!`](crate::section) and [`codes!`](crate::codes).

use std::collections::BTreeMap;
use zf_base::time::Clock;
use zf_base::{Day, Fen};

/// A value with the line it stands on; `None` when it came as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Line of its key, from 1.
    pub line: Option<usize>,
    /// The value.
    pub value: Value,
}

/// What can stand in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// JSON `null`: as if the key were not there.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with decimals.
    Float(f64),
    /// A text, a day or a time of day.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Keys in the order of the file.
    Table(Vec<(String, Node)>),
}

/// One fault of a campaign file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: {what:?}")]
pub struct DefinitionError {
    /// Where: the keys joined by points, list items by their `id` or number.
    pub path: String,
    /// Line in the file, when it came as TOML.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: What,
}

/// What is wrong with a value. The Chinese sentence is in `words`.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Not TOML at all; the parser's own words.
    Syntax(String),
    /// No such key; perhaps this one was meant.
    Unknown(Option<String>),
    /// The key must be there.
    Missing,
    /// The same key (or id) twice, for example in Chinese and in English.
    Twice,
    /// Another kind of value was expected.
    Expected(Kind),
    /// None of the allowed values.
    NotInList(&'static [&'static str]),
    /// Outside of the allowed range, both ends included.
    Range(f64, f64),
    /// Names a window, team or the like that is not in the file.
    Unresolved(String),
    /// A list that must not be empty.
    Empty,
    /// A file of a format this program does not know.
    Format(String),
}

/// Kinds of values, for [`What::Expected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A text.
    Text,
    /// `YYYY-MM-DD`.
    Day,
    /// `HH:MM`.
    Clock,
    /// A list.
    List,
    /// A section.
    Table,
    /// A number, a text or `true`/`false`.
    Scalar,
}

/// Collects faults.
#[derive(Debug, Default)]
pub struct Reader {
    /// Found so far, in reading order.
    pub errors: Vec<DefinitionError>,
}

/// What a key takes; the form of a page is made from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Money in 分.
    Money,
    /// A number.
    Number,
    /// A text.
    Text,
    /// `YYYY-MM-DD`.
    Day,
    /// `HH:MM`.
    Clock,
    /// One of a closed list: its name and codes.
    Code(&'static str, &'static [&'static str]),
    /// A number, a text or a flag.
    Scalar,
    /// A list.
    List(Box<Shape>),
    /// Free keys, each with a value.
    Map(Box<Shape>),
    /// A section with known keys.
    Table(Vec<Entry>),
}

/// One key of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// As written in the file.
    pub key: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// Whether the file must have it.
    pub required: bool,
    /// Smallest and largest number.
    pub range: Option<(f64, f64)>,
}

/// A typed value that can be read from a tree.
pub trait Field: Sized {
    /// What it takes.
    fn shape() -> Shape;
    /// Reads it, or reports why not and gives `None`.
    fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self>;
    /// The value of a key that is not there; `None` = the key is required.
    fn absent() -> Option<Self> {
        None
    }
    /// As a number, for the check of ranges.
    fn number(&self) -> Option<f64> {
        None
    }
}

impl Reader {
    /// Reports a fault.
    pub fn report(&mut self, node: &Node, at: &str, what: What) {
        self.report_line(node.line, at, what);
    }

    /// Reports a fault at a line.
    pub fn report_line(&mut self, line: Option<usize>, at: &str, what: What) {
        self.errors.push(DefinitionError {
            path: at.to_owned(),
            line,
            what,
        });
    }

    /// The keys of a section.
    pub fn table<'n>(&mut self, node: &'n Node, at: &str) -> Option<&'n [(String, Node)]> {
        if let Value::Table(entries) = &node.value {
            return Some(entries);
        }
        self.report(node, at, What::Expected(Kind::Table));
        None
    }

    /// Reports every key that is not in `known`.
    pub fn refuse_others(&mut self, entries: &[(String, Node)], at: &str, known: &[&str]) {
        for (key, node) in entries {
            if !known.contains(&key.as_str()) {
                let near = nearest(key, known).map(str::to_owned);
                self.report(node, &join(at, key), What::Unknown(near));
            }
        }
    }

    /// One key of a section.
    pub fn field<T: Field>(
        &mut self,
        owner: &Node,
        entries: &[(String, Node)],
        at: &str,
        key: &str,
    ) -> Option<T> {
        let place = join(at, key);
        let found = entries
            .iter()
            .find(|(k, n)| k == key && n.value != Value::Null);
        match found {
            Some((_, node)) => T::read(node, &place, self),
            None => {
                let value = T::absent();
                if value.is_none() {
                    self.report(owner, &place, What::Missing);
                }
                value
            }
        }
    }

    /// Reports a number outside of `low..=high`.
    pub fn range<T: Field>(
        &mut self,
        owner: &Node,
        value: &Option<T>,
        at: &str,
        low: f64,
        high: f64,
    ) {
        let Some(n) = value.as_ref().and_then(Field::number) else {
            return;
        };
        if !(low..=high).contains(&n) {
            self.report(owner, at, What::Range(low, high));
        }
    }
}

/// `a.b`, or `b` at the top.
pub fn join(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

/// The known key that differs least, when it is close at all.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let best = known.iter().map(|k| (distance(key, k), *k)).min()?;
    (best.0 <= 3 && best.0 * 2 < key.chars().count().max(2)).then_some(best.1)
}

/// Edits between two short texts (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

macro_rules! leaf {
    ($type:ty, $kind:ident, $shape:ident, $pattern:pat => $value:expr) => {
        impl Field for $type {
            fn shape() -> Shape {
                Shape::$shape
            }
            fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
                let value = match &node.value {
                    $pattern => $value,
                    _ => None,
                };
                if value.is_none() {
                    r.report(node, at, What::Expected(Kind::$kind));
                }
                value
            }
        }
    };
    ($type:ty, $kind:ident, $shape:ident, $pattern:pat => $value:expr, $number:expr) => {
        impl Field for $type {
            fn shape() -> Shape {
                Shape::$shape
            }
            fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
                let value = match &node.value {
                    $pattern => $value,
                    _ => None,
                };
                if value.is_none() {
                    r.report(node, at, What::Expected(Kind::$kind));
                }
                value
            }
            fn number(&self) -> Option<f64> {
                let f: fn(&$type) -> f64 = $number;
                Some(f(self))
            }
        }
    };
}

leaf!(bool, Bool, Bool, Value::Bool(b) => Some(*b));
leaf!(String, Text, Text, Value::Text(t) => Some(t.clone()));
leaf!(Day, Day, Day, Value::Text(t) => t.parse().ok());
leaf!(Clock, Clock, Clock, Value::Text(t) => t.parse().ok());
leaf!(i64, Int, Int, Value::Int(n) => Some(*n), |n| *n as f64);
leaf!(u32, Int, Int, Value::Int(n) => u32::try_from(*n).ok(), |n| f64::from(*n));
leaf!(Fen, Int, Money, Value::Int(n) => Some(Fen(*n)), |n| n.0 as f64);

impl Field for f64 {
    fn shape() -> Shape {
        Shape::Number
    }
    fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Float(x) if x.is_finite() => Some(*x),
            Value::Int(n) => Some(*n as f64),
            _ => {
                r.report(node, at, What::Expected(Kind::Number));
                None
            }
        }
    }
    fn number(&self) -> Option<f64> {
        Some(*self)
    }
}

impl<T: Field> Field for Option<T> {
    fn shape() -> Shape {
        T::shape()
    }
    fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
        T::read(node, at, r).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn number(&self) -> Option<f64> {
        self.as_ref().and_then(Field::number)
    }
}

impl<T: Field> Field for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
    fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
        let Value::List(items) = &node.value else {
            r.report(node, at, What::Expected(Kind::List));
            return None;
        };
        let before = r.errors.len();
        let read: Vec<T> = items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| T::read(item, &place_of(at, i, item), r))
            .collect();
        (r.errors.len() == before).then_some(read)
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }
    fn read(node: &Node, at: &str, r: &mut Reader) -> Option<Self> {
        let entries = r.table(node, at)?;
        let before = r.errors.len();
        let read: BTreeMap<String, T> = entries
            .iter()
            .filter_map(|(key, n)| Some((key.clone(), T::read(n, &join(at, key), r)?)))
            .collect();
        (r.errors.len() == before).then_some(read)
    }
    fn absent() -> Option<Self> {
        Some(BTreeMap::new())
    }
}

/// An entry of a section, for [`section!`](crate::section).
pub fn entry<T: Field>(key: &'static str, range: &[(f64, f64)]) -> Entry {
    Entry {
        key,
        shape: T::shape(),
        required: T::absent().is_none(),
        range: range.first().copied(),
    }
}

/// `phase.visit` when the item has an id, else `phase[2]`, counted from 1.
fn place_of(at: &str, i: usize, item: &Node) -> String {
    if let Value::Table(entries) = &item.value
        && let Some((
            _,
            Node {
                value: Value::Text(id),
                ..
            },
        )) = entries.iter().find(|(k, _)| k == "id")
    {
        return join(at, id);
    }
    format!("{at}[{}]", i + 1)
}

/// Declares a section of the file: a struct whose keys are all known, each
/// read and checked on its own. `in 1 => 9` is an allowed range.
#[macro_export]
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident : $type:ty $(, in $low:literal => $high:literal)?;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $type,)*
        }
        impl $crate::definition::read::Field for $name {
            fn shape() -> $crate::definition::read::Shape {
                $crate::definition::read::Shape::Table(vec![
                    $($crate::definition::read::entry::<$type>(stringify!($field), &[$((f64::from($low), f64::from($high)))?])),*
                ])
            }
            fn read(node: &$crate::definition::read::Node, at: &str, r: &mut $crate::definition::read::Reader) -> Option<Self> {
                let entries = r.table(node, at)?;
                r.refuse_others(entries, at, &[$(stringify!($field)),*]);
                $(
                    let $field: Option<$type> = r.field(node, entries, at, stringify!($field));
                    $(r.range(node, &$field, &$crate::definition::read::join(at, stringify!($field)), f64::from($low), f64::from($high));)?
                )*
                Some($name { $($field: $field?,)* })
            }
        }
    };
}

/// Declares a closed list of codes, written in files as given.
#[macro_export]
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),* }
        impl $name {
            /// Every code there is.
            pub const CODES: &'static [&'static str] = &[$($text),*];
            /// As written in files.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
            /// From what is written in files and answers.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($text => Some($name::$variant),)* _ => None }
            }
        }
        impl $crate::definition::read::Field for $name {
            fn shape() -> $crate::definition::read::Shape {
                $crate::definition::read::Shape::Code(stringify!($name), Self::CODES)
            }
            fn read(node: &$crate::definition::read::Node, at: &str, r: &mut $crate::definition::read::Reader) -> Option<Self> {
                use $crate::definition::read::{Value, What};
                let code = match &node.value { Value::Text(t) => t.as_str(), _ => "" };
                let found = Self::from_code(code);
                if found.is_none() {
                    r.report(node, at, What::NotInList(Self::CODES));
                }
                found
            }
        }
    };
}
