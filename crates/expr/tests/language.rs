//! Our functions, our limits, our type check.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use zf_expr::{Env, EvalError, Expr, MAX_DEPTH, MAX_NODES, MAX_TEXT, Scope, Ty, Value};

fn eval(text: &str, values: &[(&str, Value)]) -> Result<Value, EvalError> {
    let values: BTreeMap<String, Value> = values
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.clone()))
        .collect();
    let scope = Scope {
        values: &values,
        today: "2026-11-21".parse().unwrap(),
    };
    Expr::compile(text).unwrap().evaluate(&scope)
}

fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}
fn day(s: &str) -> Value {
    Value::Day(s.parse().unwrap())
}
const YES: Result<Value, EvalError> = Ok(Value::Bool(true));
const NO: Result<Value, EvalError> = Ok(Value::Bool(false));

#[test]
fn today_is_the_day_that_came_in() {
    assert_eq!(eval("today()", &[]), Ok(day("2026-11-21")));
    assert_eq!(eval("next > today()", &[("next", day("2026-11-22"))]), YES);
    assert_eq!(eval("next > today()", &[("next", day("2026-11-21"))]), NO);
    assert_eq!(
        eval(
            "next - today() <= duration('720h')",
            &[("next", day("2026-12-21"))]
        ),
        YES
    );
    assert_eq!(
        eval(
            "next - today() <= duration('720h')",
            &[("next", day("2026-12-22"))]
        ),
        NO
    );
}

#[test]
fn answered_asks_without_reading() {
    assert_eq!(eval("answered(x)", &[]), NO);
    assert_eq!(eval("answered(x)", &[("x", text(""))]), NO);
    assert_eq!(eval("answered(x)", &[("x", text("在家"))]), YES);
    assert_eq!(eval("answered(x)", &[("x", Value::Many(vec![]))]), NO);
    assert_eq!(eval("answered(x)", &[("x", Value::Int(0))]), YES);
    assert_eq!(eval("answered(x) && x > 3", &[]), NO);
    assert_eq!(eval("x > 3", &[]), Err(EvalError::Absent("x".to_owned())));
}

#[test]
fn years_count_birthdays() {
    for (birth, years) in [("1990-11-21", 36), ("1990-11-22", 35), ("2026-11-21", 0)] {
        assert_eq!(
            eval("years(birth)", &[("birth", day(birth))]),
            Ok(Value::Int(years)),
            "{birth}"
        );
    }
    assert_eq!(
        eval("years(birth)", &[("birth", text("1990"))]),
        Err(EvalError::Types)
    );
}

#[test]
fn money_is_whole_fen_and_integers_are_signed() {
    assert_eq!(
        eval("-m", &[("m", Value::Money(3_000))]),
        Ok(Value::Int(-3_000))
    );
    assert_eq!(
        eval("m <= 30000000", &[("m", Value::Money(30_000_001))]),
        NO
    );
    assert_eq!(eval("n - 1", &[("n", Value::Int(0))]), Ok(Value::Int(-1)));
}

#[test]
fn names_are_what_an_expression_reads() {
    let e = Expr::compile("answered(a) && b.exists(i, i > c) || today() > d").unwrap();
    let names: Vec<_> = e.names().iter().map(String::as_str).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn only_what_both_engines_know_may_be_called() {
    for text in [
        "x.map(i, i * 2)",
        "max(1, 2)",
        "bytes('x')",
        "x.map(i, i > 1, i)",
        "type(x)",
        "now()",
        "today",
        "answered()",
        "answered(1)",
        "answered(x + 1)",
        "x.today()",
        "years()",
        "x.?y",
        "Foo{a: 1}",
    ] {
        let refused = Expr::compile(text).is_err()
            // `today` alone is a name; no variable may be called so.
            || zf_expr::RESERVED.contains(&text);
        assert!(refused, "{text} must be refused");
    }
}

#[test]
fn size_and_depth_are_limited_without_falling_over() {
    let long = format!("'{}'", "长".repeat(MAX_TEXT));
    let wide = vec!["1"; MAX_NODES].join("+");
    let deep = format!(
        "{}x{}",
        "!(".repeat(MAX_DEPTH + 1),
        ")".repeat(MAX_DEPTH + 1)
    );
    let open = "(".repeat(MAX_TEXT);
    let lists = "[".repeat(900) + &"]".repeat(900);
    for text in [&long, &wide, &deep, &open, &lists] {
        assert!(Expr::compile(text).is_err());
    }
    let just_fits = format!("'{}'", "长".repeat(MAX_TEXT - 2));
    assert!(Expr::compile(&just_fits).is_ok());
}

#[test]
fn a_syntax_error_names_line_and_column() {
    let error = Expr::compile("a > 0 &&\n b > ) 3").unwrap_err();
    assert_eq!(error.position.map(|p| p.0), Some(2));
    let error = Expr::compile("a + nope(b)").unwrap_err();
    assert_eq!(error.position.map(|p| p.0), Some(1));
    assert!(error.message.contains("nope"), "{error}");
}

#[test]
fn types_are_checked_in_every_part_even_behind_a_short_circuit() {
    let mut env = Env::new();
    for (name, ty) in [
        ("ok", Ty::Bool),
        ("n", Ty::Int),
        ("d", Ty::Decimal),
        ("t", Ty::Text),
        ("on", Ty::Day),
        ("m", Ty::Many),
        ("fen", Ty::Money),
    ] {
        env.declare(name, ty);
    }
    for good in [
        "n > 0 && fen <= 30000000",
        "'a' in m",
        "t in ['a', 'b']",
        "answered(t) && t == 'a'",
        "on >= today()",
        "years(on) >= 18",
        "d > 0.0",
        "n > 0.5",
        "m.all(x, x != '')",
        "t.matches('^1[3-9][0-9]{9}$')",
        "size(m) < 3",
        "!ok",
        "ok ? n > 1 : d > 1.0",
        "n / 0 == 1",
    ] {
        assert!(
            env.compile(good, Ty::Bool).is_ok(),
            "{good}: {:?}",
            env.compile(good, Ty::Bool)
        );
    }
    for bad in [
        "false && t > 3",
        "n == 'x'",
        "t == 1",
        "n in m",
        "t in [1]",
        "n && ok",
        "fen > 'a'",
        "nobody > 1",
        "on > '2026-01-01'",
        "n + 1.5 > 1.0",
        "size(n) > 1",
        "m.all(x, x > 1)",
        "n",
        "t",
        "years(t) > 1",
        "!n",
        "ok ? 1 : 2",
    ] {
        assert!(env.compile(bad, Ty::Bool).is_err(), "{bad} must be refused");
    }
    assert!(env.compile("size(m) * 5", Ty::Int).is_ok());
    assert!(env.compile("size(m) * 5", Ty::Text).is_err());
}

#[test]
fn the_deepest_allowed_expressions_evaluate_on_an_ordinary_thread() {
    let sums = vec!["1"; MAX_DEPTH].join("+");
    assert_eq!(eval(&sums, &[]), Ok(Value::Int(MAX_DEPTH as i64)));
    let choices = format!("{}7", "false?1:".repeat(MAX_DEPTH - 1));
    assert_eq!(eval(&choices, &[]), Ok(Value::Int(7)));
    let nots = format!(
        "{}true{}",
        "!(".repeat(MAX_DEPTH - 2),
        ")".repeat(MAX_DEPTH - 2)
    );
    assert_eq!(eval(&nots, &[]), YES);
    let calls = format!("size([{}1{}])", "size([".repeat(18), "])".repeat(18));
    assert_eq!(eval(&calls, &[]), Ok(Value::Int(1)));
}
