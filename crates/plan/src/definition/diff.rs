//! What differs between two versions of a campaign, for people: one line per
//! parameter with its title, the value before and the value now. List items are
//! matched by their id, not by their place. Pure: two definitions and the
//! pack's descriptions in, lines out.

use super::parameter::{self, Parameter};
use super::{Definition, read};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use zf_forms::pack::Words;

/// One parameter that differs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// Path in the file.
    pub key: String,
    /// Section it belongs to.
    pub section: String,
    /// Title of the list item, such as a phase; empty elsewhere.
    pub item: String,
    /// Title, when the pack describes it.
    #[schema(value_type = Object)]
    pub title: Option<Words>,
    /// Unit; empty for words.
    pub unit: String,
    /// Requirements.
    pub requirements: Vec<String>,
    /// Before; `null` = was not there.
    #[schema(value_type = Object)]
    pub old: Json,
    /// Now; `null` = is not there any more.
    #[schema(value_type = Object)]
    pub new: Json,
}

/// Every difference, in the order of the file's sections.
pub fn diff(old: &Definition, new: &Definition, docs: &[zf_forms::pack::Parameter]) -> Vec<Change> {
    let by_key = |d: &Definition| -> BTreeMap<String, Parameter> {
        let all = parameter::parameters(d, docs);
        all.into_iter().map(|p| (p.key.clone(), p)).collect()
    };
    let (before, now) = (by_key(old), by_key(new));
    let (old_json, new_json) = (old.to_json(), new.to_json());
    let mut out = Vec::new();
    for (key, p) in &now {
        let was = before.get(key).map(|b| &b.value);
        if was != Some(&p.value) {
            let item = item_title(&new_json, key);
            out.push(line(
                p,
                item,
                was.cloned().unwrap_or_default(),
                p.value.clone(),
            ));
        }
    }
    for (key, p) in before.iter().filter(|(key, _)| !now.contains_key(*key)) {
        let item = item_title(&old_json, key);
        out.push(line(p, item, p.value.clone(), Json::Null));
    }
    out.extend(orders(&old_json, &new_json));
    let rank = |section: &str| {
        let known = Definition::shape();
        known.iter().position(|e| e.key == section)
    };
    out.sort_by_cached_key(|c| (rank(&c.section), c.key.clone()));
    out
}

fn line(p: &Parameter, item: String, old: Json, new: Json) -> Change {
    Change {
        section: section_of(&p.key).to_owned(),
        key: p.key.clone(),
        item,
        title: p.title.clone(),
        unit: p.unit.clone(),
        requirements: p.requirements.clone(),
        old,
        new,
    }
}

fn section_of(key: &str) -> &str {
    key.split_once('.').map_or(key, |(section, _)| section)
}

/// `客户大走访` of `phase.visit.start`.
fn item_title(definition: &Json, key: &str) -> String {
    let mut parts = key.splitn(3, '.');
    let (Some(section), Some(id)) = (parts.next(), parts.next()) else {
        return String::new();
    };
    let items = definition.get(section).and_then(Json::as_array);
    let item = items.and_then(|all| all.iter().find(|i| i.get("id").is_some_and(|x| x == id)));
    let title = item.and_then(|i| i.get("title")).and_then(Json::as_str);
    match (item, title) {
        (None, _) => String::new(),
        (Some(_), title) => title.unwrap_or(id).to_owned(),
    }
}

/// Lists whose items are the same but stand in another order.
fn orders(old: &Json, new: &Json) -> Vec<Change> {
    let titles = |definition: &Json, section: &str| -> Vec<(String, Json)> {
        let items = definition.get(section).and_then(Json::as_array);
        let of = |i: &Json| {
            let id = i.get("id")?.as_str()?.to_owned();
            Some((id, i.get("title").cloned().unwrap_or_default()))
        };
        items.into_iter().flatten().filter_map(of).collect()
    };
    let mut out = Vec::new();
    for read::Entry { key, .. } in Definition::shape() {
        let (before, now) = (titles(old, key), titles(new, key));
        let shared = |list: &[(String, Json)], other: &[(String, Json)]| -> Vec<String> {
            let kept = list
                .iter()
                .filter(|(id, _)| other.iter().any(|(o, _)| o == id));
            kept.map(|(id, _)| id.clone()).collect()
        };
        if shared(&before, &now) != shared(&now, &before) {
            let values = |list: Vec<(String, Json)>| list.into_iter().map(|(_, t)| t).collect();
            out.push(Change {
                key: key.to_owned(),
                section: key.to_owned(),
                item: String::new(),
                title: None,
                unit: String::new(),
                requirements: Vec::new(),
                old: Json::Array(values(before)),
                new: Json::Array(values(now)),
            });
        }
    }
    out
}
