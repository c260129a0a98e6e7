//! The vectors that server and phone share: `tests/data/cel.json`. Expected
//! values are typed in from the CEL specification, not taken from an engine.
//! `error` = no value at run time; `null_refused` = the answers themselves are
//! refused; `not_allowed` = the function is outside of our subset.

#![allow(clippy::unwrap_used)]

use serde_json::Value as Json;
use std::collections::BTreeMap;
use zf_expr::{EvalError, Expr, Scope, Value};

fn vectors() -> Vec<Json> {
    serde_json::from_str(include_str!("data/cel.json")).unwrap()
}

#[test]
fn all_sixty_vectors_give_the_value_of_the_cel_specification() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 60);
    let mut seen = [0; 4];
    for v in &vectors {
        let text = v["expr"].as_str().unwrap();
        let compiled = Expr::compile(text);
        if v.get("not_allowed").is_some() {
            assert!(compiled.is_err(), "{text} must be refused");
            seen[0] += 1;
            continue;
        }
        let expr = compiled.unwrap_or_else(|e| panic!("{text}: {e}"));
        let Ok(a) = Value::from_json(&v["a"]) else {
            assert!(v.get("null_refused").is_some(), "{text}: null not expected");
            seen[1] += 1;
            continue;
        };
        let values = BTreeMap::from([("a".to_owned(), a)]);
        let scope = Scope {
            values: &values,
            today: "2026-11-21".parse().unwrap(),
        };
        let got = expr.evaluate(&scope);
        if v.get("error").is_some() {
            assert!(got.is_err(), "{text} gave {got:?}");
            seen[2] += 1;
            continue;
        }
        let got = got.unwrap_or_else(|e| panic!("{text}: {e}")).to_json();
        assert_eq!(got, v["is"], "{text}");
        seen[3] += 1;
    }
    assert_eq!(seen, [2, 2, 5, 51]);
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
