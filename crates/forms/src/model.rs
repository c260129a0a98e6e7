//! The form schema as it is stored and sent to phones: JSON with versioned
//! questions and CEL texts. A published version never changes. Nothing here
//! judges the contents; see `check`.

use crate::words;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Largest form, in bytes of JSON.
pub const MAX_FORM_BYTES: usize = 64 * 1024;

/// A versioned list of questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Stable name, e.g. `household-visit`.
    pub id: String,
    /// From 1; a published version is immutable.
    pub version: u32,
    /// Heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// Questions in the order they are asked.
    pub fields: Vec<Field>,
    /// Keys this version does not know; kept, so that nothing is lost on the way.
    #[serde(flatten)]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// One question, or a group of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name used by expressions and stored answers; unique in the form.
    pub name: String,
    /// What kind of answer.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Help below the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// Choices of `one` and `many`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Asked only when true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevant: Option<Rule>,
    /// Must be answered when true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Rule>,
    /// Must be true of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Rule>,
    /// Said when the constraint is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Label>,
    /// Makes this a computed field: never asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculate: Option<Rule>,
    /// Points for an answered or calculated field: a whole number. Points of chosen
    /// options come on top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Rule>,
    /// Questions of a `group` or `repeat`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// Keys this version does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, serde_json::Value>,
}

/// Kinds of answers, with their JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// One option: a text.
    One,
    /// Several options: a list of texts.
    Many,
    /// Free text.
    Text,
    /// Whole number.
    Integer,
    /// Number with decimals.
    Decimal,
    /// Whole 分.
    Money,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM`.
    Time,
    /// One or more ids of uploaded files.
    Photo,
    /// Id of an uploaded file.
    Signature,
    /// `{"lat":…,"lon":…}` in degrees.
    Location,
    /// Id of a customer.
    Customer,
    /// Text to read; no answer.
    Note,
    /// Questions under one heading; their answers stand beside the others.
    Group,
    /// Rows of the same questions: a list of objects.
    Repeat,
}

/// A text in one language or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// Chinese only.
    Plain(String),
    /// Chinese and English.
    Both {
        /// Chinese.
        zh: String,
        /// English.
        en: String,
    },
}

impl Label {
    /// The Chinese text.
    pub fn zh(&self) -> &str {
        match self {
            Label::Plain(zh) | Label::Both { zh, .. } => zh,
        }
    }
    /// The English text, when there is one.
    pub fn en(&self) -> Option<&str> {
        match self {
            Label::Plain(_) => None,
            Label::Both { en, .. } => Some(en),
        }
    }
}

/// A choice: its stored value, and a label when the two differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Choice {
    /// Value and label are the same.
    Plain(String),
    /// A stored value with a label to show.
    Labelled {
        /// Stored.
        value: String,
        /// Shown.
        label: Label,
        /// Points when chosen, within ±[`MAX_POINTS`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        score: Option<i64>,
    },
}

/// Most points of one option.
pub const MAX_POINTS: i64 = 1_000_000;

impl Choice {
    /// The stored value.
    pub fn value(&self) -> &str {
        match self {
            Choice::Plain(value) | Choice::Labelled { value, .. } => value,
        }
    }

    /// What it is called in Chinese.
    pub fn zh(&self) -> &str {
        match self {
            Choice::Plain(text) => text,
            Choice::Labelled { label, .. } => label.zh(),
        }
    }

    /// Points when chosen.
    pub fn score(&self) -> Option<i64> {
        match self {
            Choice::Plain(_) => None,
            Choice::Labelled { score, .. } => *score,
        }
    }
}

/// The text of an expression; JSON `true`, `false` and whole numbers are accepted as texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Rule(pub String);

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Bool(bool),
            Whole(i64),
        }
        Ok(Rule(match Written::deserialize(d)? {
            Written::Text(text) => text,
            Written::Bool(b) => b.to_string(),
            Written::Whole(n) => n.to_string(),
        }))
    }
}

/// A text that is no form.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FormError {
    /// Larger than [`MAX_FORM_BYTES`].
    #[error("{}", words::too_big(MAX_FORM_BYTES))]
    TooBig,
    /// Not JSON of this shape; the text says where.
    #[error("{0}")]
    Json(String),
}

impl Form {
    /// Reads a form of at most [`MAX_FORM_BYTES`]. Says nothing about its sense.
    pub fn from_json(bytes: &[u8]) -> Result<Form, FormError> {
        if bytes.len() > MAX_FORM_BYTES {
            return Err(FormError::TooBig);
        }
        serde_json::from_slice(bytes).map_err(|e| FormError::Json(e.to_string()))
    }

    /// The field of a name, also one inside a group; not one of a repeat's rows.
    pub fn field(&self, name: &str) -> Option<&Field> {
        fn find<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
            let own = fields.iter().find(|f| f.name == name);
            own.or_else(|| {
                let mut groups = fields.iter().filter(|f| f.kind == FieldType::Group);
                groups.find_map(|g| find(&g.fields, name))
            })
        }
        find(&self.fields, name)
    }

    /// Keys that no version of the schema knows, as `field.key`; usually typing errors.
    pub fn unknown_keys(&self) -> Vec<String> {
        fn walk(fields: &[Field], found: &mut Vec<String>) {
            for f in fields {
                found.extend(f.other.keys().map(|k| format!("{}.{k}", f.name)));
                walk(&f.fields, found);
            }
        }
        let mut found: Vec<String> = self.other.keys().cloned().collect();
        walk(&self.fields, &mut found);
        found
    }
}
