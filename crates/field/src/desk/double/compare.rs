//! Compares two texts of the same form, field by field. Pure. A blank around a
//! text, and the order in which boxes were ticked, is no difference; a field
//! that neither has is not compared.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Every field that one of both has, and whether they differ there.
pub(super) fn compare(
    first: &Map<String, Json>,
    second: &Map<String, Json>,
) -> BTreeMap<String, bool> {
    let names = first.keys().chain(second.keys());
    let each = names.map(|name| {
        let differs = plain(first.get(name)) != plain(second.get(name));
        (name.clone(), differs)
    });
    let both = each.filter(|(name, _)| {
        plain(first.get(name)) != Json::Null || plain(second.get(name)) != Json::Null
    });
    both.collect()
}

/// Without what is no difference.
fn plain(value: Option<&Json>) -> Json {
    match value {
        None | Some(Json::Null) => Json::Null,
        Some(Json::String(text)) if text.trim().is_empty() => Json::Null,
        Some(Json::String(text)) => Json::from(text.trim()),
        Some(Json::Array(all)) if all.is_empty() => Json::Null,
        Some(Json::Array(all)) => {
            let mut all: Vec<Json> = all.iter().map(|one| plain(Some(one))).collect();
            if all.iter().all(Json::is_string) {
                all.sort_by_key(Json::to_string);
            }
            Json::Array(all)
        }
        Some(Json::Object(row)) => {
            let held = row.iter().map(|(k, v)| (k.clone(), plain(Some(v))));
            Json::Object(held.filter(|(_, v)| !v.is_null()).collect())
        }
        Some(other) => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn differ(first: Json, second: Json) -> Vec<(String, bool)> {
        let of = |v: &Json| v.as_object().unwrap().clone();
        compare(&of(&first), &of(&second)).into_iter().collect()
    }

    #[test]
    fn a_field_differs_by_what_was_written_and_not_by_blanks_or_the_order_of_ticks() {
        let first = json!({ "name": "甲", "phone": "19912340001", "needs": ["a", "b"], "note": " ", "members": [{ "name": "乙", "age": 7 }] });
        let second = json!({ "name": " 甲 ", "phone": "19912340007", "needs": ["b", "a"], "address": "三组", "members": [{ "name": "乙", "age": 8 }] });
        let wanted = [
            ("address", true),
            ("members", true),
            ("name", false),
            ("needs", false),
            ("phone", true),
        ];
        let wanted: Vec<(String, bool)> = wanted.map(|(n, d)| (n.to_owned(), d)).into();
        assert_eq!(differ(first, second), wanted);
        assert_eq!(differ(json!({}), json!({ "name": "" })), []);
    }
}
