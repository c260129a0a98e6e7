//! The campaign file as a form: every section with its fields, what each takes,
//! its title, unit and requirement, and the choices of lists. A page made from
//! it needs no list of fields of its own. Types and ranges come from the typed
//! model, titles from the pack (`parameters.toml`, `words`); pure.

use super::Definition;
use super::parameter::doc_of;
use super::read::{Entry, Shape};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use zf_forms::pack::{Origin, Parameter, Words};

/// Lists of codes that come from elsewhere than the pack's words.
const FROM_POSTS: [&str; 3] = ["team.posts", "team.outside_posts", "method.posts"];
/// Ids of another section of the same file.
const FROM_SECTION: [(&str, &str); 4] = [
    ("team.windows", "window"),
    ("method.scripts", "script"),
    ("method.gifts", "gift_scheme"),
    ("parameters.project_product", "product"),
];
/// Texts of more than a line.
const LONG: [&str; 2] = ["script.text", "project.text"];
/// Sentences in order, one a line.
const LINES: [&str; 1] = ["method.steps"];
/// Section of the free parameters.
const FREE: &str = "parameters";

/// What one field of the page takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// Money: stored in 分, shown in 元.
    Money,
    /// A line.
    Text,
    /// Several lines.
    LongText,
    /// A list of sentences in order, one a line.
    Lines,
    /// A day.
    Day,
    /// A time of day.
    Clock,
    /// One of the choices.
    Choice,
    /// Several of the choices, in order; others may be typed when `open`.
    List,
    /// A whole number per branch, by its code.
    Branches,
}

/// A code with its name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Choice {
    /// As stored.
    pub code: String,
    /// For people.
    #[schema(value_type = Object)]
    pub title: Words,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FormField {
    /// Key in its section.
    pub key: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Title.
    #[schema(value_type = Object)]
    pub title: Words,
    /// What to know before filling it in; empty when the title says it all.
    #[schema(value_type = Object)]
    pub hint: Words,
    /// Unit; empty for words.
    pub unit: String,
    /// Requirements.
    pub requirements: Vec<String>,
    /// Where the preset's value comes from.
    #[schema(value_type = Option<String>)]
    pub origin: Option<Origin>,
    /// Whether it must be filled in.
    pub required: bool,
    /// Smallest number.
    pub low: Option<f64>,
    /// Largest number.
    pub high: Option<f64>,
    /// Choices.
    pub choices: Vec<Choice>,
    /// Whether other values than the choices are allowed.
    pub open: bool,
    /// The section of this file whose items are the choices.
    pub from_section: Option<String>,
}

/// One section.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FormSection {
    /// Path in the file, e.g. `phase` or `parameters.must_visit`.
    pub key: String,
    /// Title.
    #[schema(value_type = Object)]
    pub title: Words,
    /// What it is for.
    #[schema(value_type = Object)]
    pub hint: Words,
    /// Many items, each with an `id`, or one.
    pub list: bool,
    /// Whether the file must have it.
    pub required: bool,
    /// Fields in order.
    pub fields: Vec<FormField>,
}

/// What the packs and posts say, beside the typed model.
#[derive(Default)]
pub struct Sources<'a> {
    /// Descriptions of the keys.
    pub docs: Vec<&'a Parameter>,
    /// Words by language and dotted key.
    pub words: Vec<&'a BTreeMap<String, BTreeMap<String, String>>>,
    /// Posts.
    pub posts: Vec<Choice>,
}

impl Sources<'_> {
    /// A word in both languages; what is missing is empty.
    fn word(&self, key: &str) -> Words {
        let find = |language: &str| {
            let texts = self.words.iter().filter_map(|w| w.get(language));
            texts.filter_map(|t| t.get(key)).next().cloned()
        };
        Words {
            zh: find("zh-CN").unwrap_or_default(),
            en: find("en").unwrap_or_default(),
        }
    }

    /// Codes below `choice.<set>.`, by code.
    fn set(&self, set: &str) -> Vec<Choice> {
        let prefix = format!("choice.{set}.");
        let known = self.words.iter().filter_map(|w| w.get("zh-CN"));
        let keys = known.flat_map(|texts| texts.keys().filter(|k| k.starts_with(&prefix)));
        keys.map(|key| Choice {
            code: key[prefix.len()..].to_owned(),
            title: self.word(key),
        })
        .collect()
    }

    /// Names of codes below `choice.<name>.`; a code without one is its own name.
    pub fn codes(&self, name: &str, codes: &[&str]) -> Vec<Choice> {
        let choice = |code: &&str| {
            let title = self.word(&format!("choice.{name}.{code}"));
            let shown = |text: String| {
                if text.is_empty() {
                    (*code).to_owned()
                } else {
                    text
                }
            };
            Choice {
                code: (*code).to_owned(),
                title: Words {
                    zh: shown(title.zh),
                    en: shown(title.en),
                },
            }
        };
        codes.iter().map(choice).collect()
    }
}

/// The whole form, in the order of the file.
pub fn form(sources: &Sources<'_>) -> Vec<FormSection> {
    let mut out = Vec::new();
    for entry in Definition::shape() {
        let (list, fields) = match entry.shape {
            Shape::Table(fields) => (false, fields),
            Shape::List(item) => match *item {
                Shape::Table(fields) => (true, fields),
                _ => continue,
            },
            _ => continue,
        };
        let at = entry.key;
        let fields = fields
            .into_iter()
            .filter(|f| !(list && f.key == "id" && at != "points"));
        out.push(FormSection {
            key: at.to_owned(),
            title: sources.word(&format!("section.{at}.title")),
            hint: sources.word(&format!("section.{at}.hint")),
            list,
            required: entry.required,
            fields: fields.map(|f| field(sources, at, f)).collect(),
        });
    }
    out.extend(free(sources));
    out
}

fn field(sources: &Sources<'_>, at: &str, entry: Entry) -> FormField {
    let place = format!("{at}.{}", entry.key);
    let (kind, choices, open) = takes(sources, &place, &entry.shape);
    let doc = doc_of(&sources.docs, &place);
    let mut requirements: Vec<String> = Vec::new();
    for d in sources.docs.iter().filter(|d| same_field(&d.key, &place)) {
        requirements.extend(
            d.req
                .iter()
                .filter(|r| !requirements.contains(r))
                .cloned()
                .collect::<Vec<_>>(),
        );
    }
    let title = doc.map(|d| d.title.clone()).filter(|t| !t.zh.is_empty());
    FormField {
        kind,
        title: title.unwrap_or_else(|| sources.word(&format!("field.{place}"))),
        hint: sources.word(&format!("hint.{place}")),
        unit: doc.map(|d| d.unit.clone()).unwrap_or_default(),
        requirements,
        origin: doc.map(|d| d.origin),
        required: entry.required,
        low: entry.range.map(|r| r.0),
        high: entry.range.map(|r| r.1),
        choices,
        open,
        from_section: section_behind(&place),
        key: entry.key.to_owned(),
    }
}

/// `phase.visit.start` is described for `phase.start` too.
fn same_field(key: &str, place: &str) -> bool {
    if key == place {
        return true;
    }
    let (Some((section, rest)), Some((wanted, field))) =
        (key.split_once('.'), place.split_once('.'))
    else {
        return false;
    };
    section == wanted && rest.rsplit_once('.').is_some_and(|(_, last)| last == field)
}

fn takes(sources: &Sources<'_>, place: &str, shape: &Shape) -> (FieldKind, Vec<Choice>, bool) {
    let none = Vec::new();
    match shape {
        Shape::Bool => (FieldKind::Bool, none, false),
        Shape::Int => (FieldKind::Int, none, false),
        Shape::Money => (FieldKind::Money, none, false),
        Shape::Number => (FieldKind::Number, none, false),
        Shape::Day => (FieldKind::Day, none, false),
        Shape::Clock => (FieldKind::Clock, none, false),
        Shape::Code(name, codes) => (FieldKind::Choice, sources.codes(name, codes), false),
        Shape::Map(_) => (FieldKind::Branches, none, false),
        Shape::List(item) => match item.as_ref() {
            Shape::Code(name, codes) => (FieldKind::List, sources.codes(name, codes), false),
            _ if LINES.contains(&place) => (FieldKind::Lines, none, false),
            _ if FROM_POSTS.contains(&place) => (FieldKind::List, sources.posts.clone(), true),
            _ => {
                let inside = FROM_SECTION.iter().any(|(key, _)| *key == place);
                (FieldKind::List, sources.set(place), !inside)
            }
        },
        Shape::Text | Shape::Scalar | Shape::Table(_) if LONG.contains(&place) => {
            (FieldKind::LongText, none, false)
        }
        Shape::Text | Shape::Scalar | Shape::Table(_) => match sources.set(place) {
            choices if choices.is_empty() => (FieldKind::Text, choices, false),
            choices => (FieldKind::Choice, choices, true),
        },
    }
}

/// The section whose items are the choices of a field.
fn section_behind(place: &str) -> Option<String> {
    let found = FROM_SECTION.iter().find(|(key, _)| *key == place);
    found.map(|(_, section)| (*section).to_owned())
}

/// Sections of the free parameters that a pack describes.
fn free(sources: &Sources<'_>) -> Vec<FormSection> {
    let mut groups: BTreeMap<String, Vec<FormField>> = BTreeMap::new();
    for doc in &sources.docs {
        let Some((at, key)) = doc.key.rsplit_once('.') else {
            continue;
        };
        if at.split('.').next() != Some(FREE) {
            continue;
        }
        let choices = sources.set(&doc.key);
        let from_section = section_behind(at);
        let plain = choices.is_empty() && from_section.is_none();
        let kind = match (key.ends_with("_fen"), plain, doc.unit.is_empty()) {
            (true, ..) => FieldKind::Money,
            (_, false, _) => FieldKind::Choice,
            (_, _, false) => FieldKind::Number,
            _ => FieldKind::Text,
        };
        groups.entry(at.to_owned()).or_default().push(FormField {
            key: key.to_owned(),
            kind,
            title: doc.title.clone(),
            hint: Words::default(),
            unit: doc.unit.clone(),
            requirements: doc.req.clone(),
            origin: Some(doc.origin),
            required: false,
            low: None,
            high: None,
            choices,
            open: true,
            from_section,
        });
    }
    let section = |(key, fields): (String, Vec<FormField>)| FormSection {
        title: sources.word(&format!("section.{key}.title")),
        hint: sources.word(&format!("section.{key}.hint")),
        list: false,
        required: false,
        fields,
        key,
    };
    groups.into_iter().map(section).collect()
}

/// A campaign of which only what the source does not print is filled in: the
/// compliance values, the readings and our defaults of a preset. Its figures
/// and lists are empty (`null`, `[]`), so it is no [`Definition`] yet.
pub fn blank(preset: &Definition, docs: &[&Parameter]) -> Json {
    let mut out = preset.to_json();
    let Some(sections) = out.as_object_mut() else {
        return out;
    };
    for (name, section) in sections.iter_mut() {
        match section {
            Json::Array(items) => items.clear(),
            Json::Object(fields) if name != FREE => clear_source(name, fields, docs),
            _ => {}
        }
    }
    out
}

fn clear_source(section: &str, fields: &mut Map<String, Json>, docs: &[&Parameter]) {
    for (key, value) in fields.iter_mut() {
        let place = format!("{section}.{key}");
        let doc = docs.iter().find(|d| d.key == place);
        let own = place == "program.id" || place == "program.title";
        if !own && doc.is_some_and(|d| d.origin != Origin::Source) {
            continue;
        }
        *value = match value {
            Json::Array(_) => Json::Array(Vec::new()),
            Json::Object(_) => Json::Object(Map::new()),
            _ => Json::Null,
        };
    }
}
