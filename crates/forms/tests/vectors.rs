//! The whole forms that server and phone share: `conformance/cel.json`. Expected
//! results are typed in by reasoning from the form contract, not taken from an
//! engine. Expressions alone: `zf-expr`.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use zf_forms::Form;

#[test]
fn every_form_is_judged_as_the_contract_says() {
    let all: Json = serde_json::from_str(include_str!("../../../conformance/cel.json")).unwrap();
    let today = all["today"].as_str().unwrap().parse().unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for vector in all["forms"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let form: Form = serde_json::from_value(vector["form"].clone()).unwrap();
        let form = form.compile().unwrap_or_else(|p| panic!("{name}: {p:?}"));
        for case in vector["cases"].as_array().unwrap() {
            let got = form.evaluate(case["answers"].as_object().unwrap(), today);
            let faults: Vec<String> = got
                .faults
                .iter()
                .map(|f| format!("{} {}", f.field, f.rule))
                .collect();
            let mut written = serde_json::to_value(&got).unwrap();
            written["faults"] = json!(faults);
            for key in [
                "relevant",
                "missing",
                "violations",
                "calculated",
                "score",
                "faults",
            ] {
                if !same(&written[key], &case[key]) {
                    wrong.push(format!(
                        "{name} {}\n  {key}: {}\n  want: {}",
                        case["answers"], written[key], case[key]
                    ));
                }
            }
            seen += 1;
        }
    }
    assert!(seen >= 100, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Equal as JSON, where 2 and 2.0 are one number.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}
