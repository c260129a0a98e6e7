//! What each parameter of a campaign file is: title, unit, requirement and
//! where its figure comes from. The list is data of the pack
//! (`parameters.toml`); together with a definition it is the page on which a
//! compliance officer sees every figure of the campaign.

use super::Definition;
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use zf_forms::pack::{Origin, Words};

/// A parameter with its value in one campaign.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Parameter {
    /// Path in the file.
    pub key: String,
    /// Title, when the pack describes it.
    #[schema(value_type = Object)]
    pub title: Option<Words>,
    /// Unit; empty for words.
    pub unit: String,
    /// Requirements.
    pub requirements: Vec<String>,
    /// Where the preset's figure comes from.
    #[schema(value_type = Option<String>)]
    pub origin: Option<Origin>,
    /// The value.
    #[schema(value_type = Object)]
    pub value: Json,
}

/// Every parameter of a campaign with its description, in the order of keys.
pub fn parameters(definition: &Definition, docs: &[zf_forms::pack::Parameter]) -> Vec<Parameter> {
    let mut leaves = Vec::new();
    let docs: Vec<&zf_forms::pack::Parameter> = docs.iter().collect();
    collect("", &definition.to_json(), &mut leaves);
    leaves
        .into_iter()
        .filter(|(key, value)| key != super::FORMAT_KEY && !value.is_null() && !is_id(key))
        .map(|(key, value)| {
            let doc = doc_of(&docs, &key);
            Parameter {
                title: doc.map(|d| d.title.clone()),
                unit: doc.map(|d| d.unit.clone()).unwrap_or_default(),
                requirements: doc.map(|d| d.req.clone()).unwrap_or_default(),
                origin: doc.map(|d| d.origin),
                key,
                value,
            }
        })
        .collect()
}

/// What the pack says of a key. An item that somebody added to a list is
/// described by the first item of the same list.
pub(super) fn doc_of<'d>(
    docs: &[&'d zf_forms::pack::Parameter],
    key: &str,
) -> Option<&'d zf_forms::pack::Parameter> {
    if let Some(exact) = docs.iter().find(|d| d.key == key) {
        return Some(exact);
    }
    let (section, rest) = key.split_once('.')?;
    let field = rest.rsplit_once('.').map_or(rest, |(_, field)| field);
    let same = |d: &&&zf_forms::pack::Parameter| {
        let mut parts = d.key.splitn(3, '.');
        parts.next() == Some(section) && parts.next().is_some() && parts.next() == Some(field)
    };
    docs.iter().find(same).copied()
}

/// The id of a list item is part of the key, not a parameter of its own.
fn is_id(key: &str) -> bool {
    key.ends_with(".id") && key != "program.id"
}

fn collect(at: &str, value: &Json, out: &mut Vec<(String, Json)>) {
    match value {
        Json::Object(map) => map
            .iter()
            .for_each(|(k, v)| collect(&super::read::join(at, k), v, out)),
        Json::Array(items) if items.iter().any(Json::is_object) => {
            for item in items {
                let id = item.get("id").and_then(Json::as_str).unwrap_or_default();
                collect(&super::read::join(at, id), item, out);
            }
        }
        leaf => out.push((at.to_owned(), leaf.clone())),
    }
}
