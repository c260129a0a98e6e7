//! The form of the page, the blank campaign and the differences of versions,
//! on the pack's own files.

use super::diff::{Change, diff};
use super::form::{FieldKind, FormSection, Sources, blank, form};
use super::*;
use serde_json::{Value as Json, json};
use zf_forms::pack::{Origin, Parameter};

const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");
const ALIASES: &str = include_str!("../../../../packs/household-visit/aliases.toml");
const PARAMETERS: &str = include_str!("../../../../packs/household-visit/parameters.toml");
const ZH: &str = include_str!("../../../../packs/household-visit/words/zh-CN.toml");
const EN: &str = include_str!("../../../../packs/household-visit/words/en.toml");

fn preset() -> Definition {
    Definition::parse(PRESET, &toml::from_str(ALIASES).unwrap()).unwrap()
}

fn docs() -> Vec<Parameter> {
    let mut all: BTreeMap<String, Vec<Parameter>> = toml::from_str(PARAMETERS).unwrap();
    all.remove("parameter").unwrap()
}

fn flat(at: &str, table: &toml::Table, out: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = read::join(at, key);
        match value {
            toml::Value::Table(inner) => flat(&key, inner, out),
            other => {
                out.insert(key, other.as_str().unwrap().to_owned());
            }
        }
    }
}

fn sections() -> Vec<FormSection> {
    let docs = docs();
    let language = |text: &str| {
        let mut out = BTreeMap::new();
        flat("", &text.parse().unwrap(), &mut out);
        out
    };
    let words = BTreeMap::from([
        ("zh-CN".to_owned(), language(ZH)),
        ("en".to_owned(), language(EN)),
    ]);
    form(&Sources {
        docs: docs.iter().collect(),
        words: vec![&words],
        posts: Vec::new(),
    })
}

#[test]
fn every_parameter_of_the_preset_has_a_field_of_the_form_with_its_title() {
    let sections = sections();
    for p in parameter::parameters(&preset(), &docs()) {
        let section = sections
            .iter()
            .filter(|s| p.key.starts_with(&format!("{}.", s.key)))
            .max_by_key(|s| s.key.len())
            .unwrap_or_else(|| panic!("no section for {}", p.key));
        assert!(!section.title.zh.is_empty(), "{} has no title", section.key);
        let name = p.key.rsplit('.').next().unwrap();
        let field = section.fields.iter().find(|f| f.key == name);
        let field = field.unwrap_or_else(|| panic!("no field for {}", p.key));
        assert!(!field.title.zh.is_empty(), "{} has no title", p.key);
        assert!(!field.title.en.is_empty(), "{} has no title", p.key);
    }
}

#[test]
fn every_code_of_the_preset_has_a_name_in_both_languages() {
    let sections = sections();
    let json = preset().to_json();
    let mut seen = 0;
    for section in sections.iter().filter(|s| !s.key.contains('.')) {
        let items = match &json[&section.key] {
            Json::Array(items) => items.clone(),
            one => vec![one.clone()],
        };
        for field in &section.fields {
            // Posts have their names from the kernel, windows from the file itself.
            let elsewhere = field.key.ends_with("posts") || field.from_section.is_some();
            if elsewhere || !matches!(field.kind, FieldKind::Choice | FieldKind::List) {
                continue;
            }
            for value in items.iter().map(|i| &i[&field.key]) {
                let codes = match value {
                    Json::Array(codes) => codes.clone(),
                    Json::Null => continue,
                    one => vec![one.clone()],
                };
                for code in codes {
                    let named = field.choices.iter().find(|c| code == c.code.as_str());
                    let named = named.unwrap_or_else(|| {
                        panic!("{}.{} does not name {code}", section.key, field.key)
                    });
                    assert_ne!(named.title.zh, named.code, "{}.{}", section.key, field.key);
                    assert!(!named.title.en.is_empty());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn ranges_units_and_kinds_of_fields_come_from_the_typed_file() {
    let sections = sections();
    let field = |section: &str, key: &str| {
        let s = sections.iter().find(|s| s.key == section).unwrap();
        s.fields.iter().find(|f| f.key == key).unwrap().clone()
    };
    let quota = field("quota", "households_per_outlet_per_day");
    assert_eq!(
        (quota.kind, quota.low, quota.high, quota.required),
        (FieldKind::Int, Some(1.0), Some(1000.0), true)
    );
    assert_eq!(field("reward", "head_fen").kind, FieldKind::Money);
    assert_eq!(field("window", "start").kind, FieldKind::Clock);
    assert_eq!(field("phase", "start").kind, FieldKind::Day);
    assert_eq!(field("collection", "outlets").kind, FieldKind::Branches);
    assert_eq!(field("script", "text").kind, FieldKind::LongText);
    assert_eq!(
        field("team", "windows").from_section.as_deref(),
        Some("window")
    );
    assert!(!field("program", "slogan").required);
    let steps = field("method", "steps");
    assert_eq!((steps.kind, steps.required), (FieldKind::Lines, true));
    let gifts = field("method", "gifts");
    assert_eq!(gifts.from_section.as_deref(), Some("gift_scheme"));
    assert_eq!(
        field("gift_scheme", "fen_per_customer").kind,
        FieldKind::Money
    );
    // A phase is described once although two phases ask for different things.
    let kinds = field("phase", "kinds");
    assert!(kinds.requirements.contains(&"CMP-006".to_owned()));
    assert!(kinds.requirements.contains(&"MNT-011".to_owned()));
    let deposit = field("parameters.must_visit", "deposit_min_fen");
    assert_eq!(deposit.kind, FieldKind::Money);
}

#[test]
fn a_blank_campaign_holds_nothing_that_the_sources_print() {
    let docs = docs();
    let all: Vec<&Parameter> = docs.iter().collect();
    let blank = blank(&preset(), &all);
    for d in docs.iter().filter(|d| !d.key.starts_with("parameters.")) {
        let (section, key) = d.key.split_once('.').unwrap();
        let value = &blank[section];
        if value.is_array() {
            assert_eq!(value, &json!([]), "{section}");
        } else if d.origin == Origin::Source {
            let empty = [Json::Null, json!([]), json!({})].contains(&value[key]);
            assert!(empty, "{} = {}", d.key, value[key]);
        }
    }
    assert_eq!(blank["calendar"]["evening_in_pairs"], true); // compliance
    assert_eq!(blank["travel"]["kmh"], 20.0); // our default
    assert!(Definition::from_json(&blank, &Aliases::default()).is_err());
}

fn keys(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|c| c.key.as_str()).collect()
}

#[test]
fn a_difference_names_the_parameter_the_item_and_both_values() {
    let old = preset();
    let mut new = preset();
    new.quota.households_per_outlet_per_day = 17;
    new.phase[0].end = "2017-01-15".parse().unwrap();
    new.team.remove(0);
    new.collection.outlets.insert("350101".to_owned(), 2_600);
    let changes = diff(&old, &new, &docs());
    let of = |key: &str| changes.iter().find(|c| c.key == key).unwrap();
    let phase = of("phase.visit.end");
    assert_eq!(
        (
            phase.section.as_str(),
            phase.item.as_str(),
            &phase.old,
            &phase.new
        ),
        (
            "phase",
            "客户大走访",
            &json!("2017-01-31"),
            &json!("2017-01-15")
        )
    );
    assert_eq!(phase.title.as_ref().unwrap().zh, "结束");
    let quota = of("quota.households_per_outlet_per_day");
    assert_eq!(
        (&quota.old, &quota.new, quota.unit.as_str()),
        (&json!(20), &json!(17), "户")
    );
    assert_eq!(of("collection.outlets.350101").old, Json::Null);
    let team = of("team.preliminary.per_outlet");
    assert_eq!(
        (team.item.as_str(), &team.new),
        ("初步走访小组", &Json::Null)
    );
    // In the order of the file: phases, quota, collection, teams.
    let sections: Vec<&str> = changes.iter().map(|c| c.section.as_str()).collect();
    let mut sorted = sections.clone();
    sorted.dedup();
    assert_eq!(sorted, ["phase", "quota", "collection", "team"]);
    assert!(diff(&old, &old, &docs()).is_empty());
    // An item of one's own is described like its neighbours.
    new.phase.push(Phase {
        id: "third".to_owned(),
        ..new.phase[0].clone()
    });
    let added = diff(&old, &new, &docs());
    let title = added.iter().find(|c| c.key == "phase.third.title").unwrap();
    assert_eq!(title.title.as_ref().unwrap().zh, "名称");
}

#[test]
fn items_in_another_order_differ_once_and_moved_items_do_not_look_changed() {
    let old = preset();
    let mut new = preset();
    new.script.swap(0, 2);
    assert_eq!(keys(&diff(&old, &new, &docs())), ["script"]);
    let order = &diff(&old, &new, &docs())[0];
    assert_eq!(order.old[0], "自我介绍、征求意见");
    assert_eq!(order.new[0], "邀请到网点");
    // Taking one away leaves the order of the others as it was.
    let mut less = preset();
    less.script.remove(0);
    assert!(!keys(&diff(&old, &less, &docs())).contains(&"script"));
}

#[test]
fn a_step_more_and_another_gift_are_differences_of_the_method() {
    let old = preset();
    let mut new = preset();
    new.method[0].steps.push("道谢告别".to_owned());
    new.gift_scheme[1].fen_per_customer = zf_base::Fen(400);
    let changes = diff(&old, &new, &docs());
    assert_eq!(
        keys(&changes),
        [
            "gift_scheme.pay_electricity.fen_per_customer",
            "method.rural_first.steps"
        ]
    );
    assert_eq!(changes[1].item, "农村第一步：跟台区员走村组");
    assert_eq!(changes[1].title.as_ref().unwrap().zh, "步骤");
    let steps = |v: &Json| v.as_array().unwrap().len();
    assert_eq!((steps(&changes[1].old), steps(&changes[1].new)), (5, 6));
}
