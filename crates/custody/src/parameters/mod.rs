//! Every figure the house works by, on one page for the compliance officer:
//! the campaign parameters of the packs with where each comes from, and the
//! presets of custody, sources, exports and security. Read only; nothing about
//! a person is here.

pub mod http;

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::{App, setting};

/// Name of the setting of the security policy.
const SECURITY: &str = "security.policy";

/// One parameter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParameterView {
    /// Dotted path.
    pub key: String,
    /// Title in Chinese; empty when only the page knows it.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// Unit; empty for words.
    pub unit: String,
    /// Requirements.
    pub requirements: Vec<String>,
    /// `source`, `resolution`, `default` or `compliance`.
    pub origin: String,
    /// The value.
    #[schema(value_type = Object)]
    pub value: Json,
}

/// The parameters of one file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParameterGroup {
    /// `security`, `custody`, `sources`, `export`, or `pack/template`.
    pub id: String,
    /// The bank has replaced the preset.
    pub changed: bool,
    /// In the order of keys.
    pub parameters: Vec<ParameterView>,
}

/// All groups, those of the house first.
///
/// # Errors
/// A preset or setting that does not read.
pub async fn parameters(app: &App) -> Result<Vec<ParameterGroup>> {
    let mut all = Vec::new();
    let security = serde_json::to_value(&*app.policy).map_err(bad)?;
    all.push(group("security", SECURITY, app, Some(security)).await?);
    let custody = crate::policy::policy(app).await?;
    let custody = serde_json::to_value(custody).map_err(bad)?;
    all.push(group("custody", crate::policy::SETTING, app, Some(custody)).await?);
    let export = crate::export::policy::policy(app).await?;
    let export = serde_json::to_value(export).map_err(bad)?;
    all.push(group("export", crate::export::policy::SETTING, app, Some(export)).await?);
    let sources = zf_network::customer::source::preset_json()?;
    all.push(group("sources", "", app, Some(sources)).await?);
    for pack in app.packs.iter() {
        let docs = &pack.parameters;
        for template in app.packs.program_presets().filter(|p| p.pack.id == pack.id) {
            let value: toml::Value = toml::from_str(template.toml)
                .map_err(|e| KernelError::Internal(format!("parameters: {e}")))?;
            let mut parameters = flat(&serde_json::to_value(value).map_err(bad)?);
            for p in &mut parameters {
                if let Some(doc) = docs.iter().find(|d| d.key == p.key) {
                    p.title_zh = doc.title.zh.clone();
                    p.title_en = doc.title.en.clone();
                    p.unit = doc.unit.clone();
                    p.requirements = doc.req.clone();
                    p.origin = serde_json::to_value(doc.origin)
                        .ok()
                        .and_then(|o| o.as_str().map(str::to_owned))
                        .unwrap_or_default();
                }
            }
            all.push(ParameterGroup {
                id: format!("{}/{}", pack.id, template.id),
                changed: false,
                parameters,
            });
        }
    }
    Ok(all)
}

fn bad(e: serde_json::Error) -> KernelError {
    KernelError::Internal(format!("parameters: {e}"))
}

async fn group(id: &str, name: &str, app: &App, value: Option<Json>) -> Result<ParameterGroup> {
    let changed = !name.is_empty() && setting::setting_read(app, name).await?.is_some();
    Ok(ParameterGroup {
        id: id.to_owned(),
        changed,
        parameters: flat(&value.unwrap_or(Json::Null)),
    })
}

/// Leaves with their paths; items of a list go by their id or code.
fn flat(value: &Json) -> Vec<ParameterView> {
    let mut leaves = Vec::new();
    collect("", value, &mut leaves);
    leaves
        .into_iter()
        .map(|(key, value)| ParameterView {
            key,
            title_zh: String::new(),
            title_en: String::new(),
            unit: String::new(),
            requirements: vec![],
            origin: String::new(),
            value,
        })
        .collect()
}

fn collect(at: &str, value: &Json, out: &mut Vec<(String, Json)>) {
    let join = |key: &str| match at.is_empty() {
        true => key.to_owned(),
        false => format!("{at}.{key}"),
    };
    match value {
        Json::Object(map) => map.iter().for_each(|(k, v)| collect(&join(k), v, out)),
        Json::Array(items) if items.iter().any(Json::is_object) => {
            for (n, item) in items.iter().enumerate() {
                let id = ["id", "code", "header"]
                    .iter()
                    .find_map(|k| item.get(k).and_then(Json::as_str));
                let id = id.map_or_else(|| n.to_string(), str::to_owned);
                collect(&join(&id), item, out);
            }
        }
        Json::Null => {}
        // The id of an item is part of the key.
        _ if at.ends_with(".id") && at != "program.id" => {}
        leaf => out.push((at.to_owned(), leaf.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_leaf_has_its_path_and_items_go_by_their_id() {
        let value =
            json!({ "a": { "b": 1 }, "list": [{ "id": "x", "n": 2 }], "words": ["u", "v"] });
        let keys: Vec<String> = flat(&value).into_iter().map(|p| p.key).collect();
        assert_eq!(keys, ["a.b", "list.x.n", "words"]);
    }
}
