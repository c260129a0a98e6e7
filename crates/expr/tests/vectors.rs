//! The expressions that server and phone share: `conformance/cel.json`. Expected
//! values are typed in from the CEL specification, not taken from an engine; the
//! file itself says how values are written. Whole forms: `zf-forms`.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use zf_expr::{EvalError, Expr, Scope, Value};

fn vectors() -> Vec<Json> {
    let all: Json = serde_json::from_str(include_str!("../../../conformance/cel.json")).unwrap();
    all["expressions"].as_array().unwrap().clone()
}

/// A value as the vectors write it.
fn bind(json: &Json) -> Value {
    if let Some(decimal) = json.get("$decimal") {
        return Value::Decimal(decimal.as_f64().unwrap());
    }
    if let Some(day) = json.get("$day") {
        return Value::Day(day.as_str().unwrap().parse().unwrap());
    }
    match json {
        Json::Array(items) => Value::List(items.iter().map(bind).collect()),
        Json::Object(entries) => {
            Value::Map(entries.iter().map(|(k, v)| (k.clone(), bind(v))).collect())
        }
        _ => Value::from_json(json).unwrap(),
    }
}

/// A result as the vectors write it.
fn write(value: &Value) -> Json {
    match value {
        Value::Decimal(d) => json!({ "$decimal": d }),
        Value::Day(day) => json!({ "$day": day.to_string() }),
        Value::List(items) => items.iter().map(write).collect(),
        _ => value.to_json(),
    }
}

#[test]
fn every_expression_gives_the_value_of_the_cel_specification() {
    let vectors = vectors();
    assert!(vectors.len() >= 300, "{}", vectors.len());
    let mut wrong = Vec::new();
    for v in &vectors {
        let text = v["expr"].as_str().unwrap();
        let got = match Expr::compile(text) {
            Err(_) => "refused".to_owned(),
            Ok(expr) => {
                let vars = v.get("vars").and_then(Json::as_object);
                let values: BTreeMap<String, Value> = vars
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), bind(value)))
                    .collect();
                let scope = Scope {
                    values: &values,
                    today: "2026-11-21".parse().unwrap(),
                };
                match expr.evaluate(&scope) {
                    Ok(value) => write(&value).to_string(),
                    Err(_) => "error".to_owned(),
                }
            }
        };
        let want = match v.get("is") {
            Some(value) => value.to_string(),
            None if v.get("error").is_some() => "error".to_owned(),
            None => "refused".to_owned(),
        };
        if got != want {
            wrong.push(format!("{v}\n    gave {got}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn errors_at_run_time_never_show_an_answer() {
    let secret = "13812345678";
    let values = BTreeMap::from([("phone".to_owned(), Value::Text(secret.to_owned()))]);
    let scope = Scope {
        values: &values,
        today: "2026-11-21".parse().unwrap(),
    };
    for text in [
        "phone + 1",
        "phone > 3",
        "int(phone + 'x')",
        "timestamp(phone)",
        "[1][phone]",
        "other",
    ] {
        let error = Expr::compile(text).unwrap().evaluate(&scope).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(secret), "{text}: {shown}");
    }
    let error = Expr::compile("other")
        .unwrap()
        .evaluate(&scope)
        .unwrap_err();
    assert_eq!(error, EvalError::Absent("other".to_owned()));
}
