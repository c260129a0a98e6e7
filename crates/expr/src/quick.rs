//! The plain part of the language, computed on our own values: comparisons,
//! `in`, `answered`, `size`, `matches`, sums and logic, which is nearly all that
//! forms ask. It answers only when it is sure; whatever it does not know, and
//! whatever would be an error, is left to the engine (`eval`), which builds a
//! world of its own values for each expression. Both agree: see the tests.

use crate::compile::{ANSWERED, Compiled, MATCHES, TODAY};
use crate::eval::Scope;
use crate::value::Value;
use cel::common::ast::{CallExpr, Expr as Node, IdedExpr, LiteralValue};
use std::cmp::Ordering;
use zf_base::Day;

/// A value that is read where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quick<'a> {
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Day(Day),
    Texts(&'a [String]),
}

impl Quick<'_> {
    /// As a value; lists are left to the engine.
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Quick::Bool(b) => Some(Value::Bool(b)),
            Quick::Int(i) => Some(Value::Int(i)),
            Quick::Text(t) => Some(Value::Text(t.to_owned())),
            Quick::Day(d) => Some(Value::Day(d)),
            Quick::Texts(_) => None,
        }
    }

    fn order(self, other: Quick<'_>) -> Option<Ordering> {
        match (self, other) {
            (Quick::Int(a), Quick::Int(b)) => Some(a.cmp(&b)),
            (Quick::Day(a), Quick::Day(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }

    fn equals(self, other: Quick<'_>) -> Option<bool> {
        match (self, other) {
            (Quick::Text(a), Quick::Text(b)) => Some(a == b),
            (Quick::Bool(a), Quick::Bool(b)) => Some(a == b),
            _ => Some(self.order(other)? == Ordering::Equal),
        }
    }
}

/// An expression with what it may read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) scope: Scope<'a>,
}

impl<'a> Reader<'a> {
    /// The value; none = ask the engine.
    pub(crate) fn read(&self, e: &'a IdedExpr) -> Option<Quick<'a>> {
        match &e.expr {
            Node::Literal(LiteralValue::Boolean(b)) => Some(Quick::Bool(*b.inner())),
            Node::Literal(LiteralValue::Int(i)) => Some(Quick::Int(*i.inner())),
            Node::Literal(LiteralValue::String(s)) => Some(Quick::Text(s.inner())),
            Node::Ident(name) if name == TODAY => Some(Quick::Day(self.scope.today)),
            Node::Ident(name) => match self.scope.values.get(name)? {
                Value::Bool(b) => Some(Quick::Bool(*b)),
                Value::Int(i) | Value::Money(i) => Some(Quick::Int(*i)),
                Value::Text(t) => Some(Quick::Text(t)),
                Value::Day(d) => Some(Quick::Day(*d)),
                Value::Many(m) => Some(Quick::Texts(m)),
                Value::Decimal(_) | Value::List(_) | Value::Map(_) => None,
            },
            // `answered(name)`.
            Node::Select(s) if s.test => match &s.operand.expr {
                Node::Ident(of) if of == ANSWERED => {
                    let given = self.scope.values.get(&s.field);
                    Some(Quick::Bool(given.is_some_and(Value::is_answer)))
                }
                _ => None,
            },
            Node::Call(call) => self.call(call),
            _ => None,
        }
    }

    fn truth(&self, e: &'a IdedExpr) -> Option<bool> {
        match self.read(e)? {
            Quick::Bool(b) => Some(b),
            _ => None,
        }
    }

    fn call(&self, call: &'a CallExpr) -> Option<Quick<'a>> {
        if call.target.is_some() {
            return None;
        }
        match (call.func_name.as_str(), &call.args[..]) {
            ("_&&_", [a, b]) => Some(Quick::Bool(self.truth(a)? && self.truth(b)?)),
            ("_||_", [a, b]) => Some(Quick::Bool(self.truth(a)? || self.truth(b)?)),
            ("!_", [a]) => Some(Quick::Bool(!self.truth(a)?)),
            ("_?_:_", [c, a, b]) => self.read(if self.truth(c)? { a } else { b }),
            ("@in", [one, many]) => self.is_in(one, many),
            ("size", [a]) => match self.read(a)? {
                Quick::Text(t) => Some(Quick::Int(i64::try_from(t.chars().count()).ok()?)),
                Quick::Texts(m) => Some(Quick::Int(i64::try_from(m.len()).ok()?)),
                _ => None,
            },
            (MATCHES, [text, pattern]) => {
                let (Quick::Text(text), Quick::Text(pattern)) =
                    (self.read(text)?, self.read(pattern)?)
                else {
                    return None;
                };
                let pattern = self.compiled.patterns.get(pattern)?;
                Some(Quick::Bool(pattern.is_match(text)))
            }
            (operator, [a, b]) => operate(operator, self.read(a)?, self.read(b)?),
            _ => None,
        }
    }

    fn is_in(&self, one: &'a IdedExpr, many: &'a IdedExpr) -> Option<Quick<'a>> {
        let Quick::Text(one) = self.read(one)? else {
            return None;
        };
        let Node::List(list) = &many.expr else {
            let Quick::Texts(many) = self.read(many)? else {
                return None;
            };
            return Some(Quick::Bool(many.iter().any(|m| m == one)));
        };
        let mut found = false;
        for element in &list.elements {
            let Quick::Text(element) = self.read(element)? else {
                return None;
            };
            found |= element == one;
        }
        Some(Quick::Bool(found))
    }
}

fn operate<'a>(operator: &str, a: Quick<'a>, b: Quick<'a>) -> Option<Quick<'a>> {
    let is = match operator {
        "_==_" => a.equals(b)?,
        "_!=_" => !a.equals(b)?,
        "_<_" => a.order(b)? == Ordering::Less,
        "_<=_" => a.order(b)? != Ordering::Greater,
        "_>_" => a.order(b)? == Ordering::Greater,
        "_>=_" => a.order(b)? != Ordering::Less,
        "_+_" | "_-_" | "_*_" => {
            let (Quick::Int(a), Quick::Int(b)) = (a, b) else {
                return None;
            };
            return match operator {
                "_+_" => a.checked_add(b),
                "_-_" => a.checked_sub(b),
                _ => a.checked_mul(b),
            }
            .map(Quick::Int);
        }
        _ => return None,
    };
    Some(Quick::Bool(is))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expr;
    use crate::eval::by_engine;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Expressions over a (text), n (number), d (day), m (texts), b (yes or no); `gone` has no value.
    fn expressions() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec!["'甲'", "'ab'", "''", "a", "gone"]);
        let number = prop::sample::select(vec![
            "0",
            "1",
            "-7",
            "9223372036854775807",
            "n",
            "size(m)",
            "size(a)",
        ]);
        let day = prop::sample::select(vec!["d", "today()"]);
        let compare = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
        let sum = prop::sample::select(vec!["+", "-", "*"]);
        let plain = prop_oneof![
            (word.clone(), compare.clone(), word.clone())
                .prop_map(|(a, o, b)| format!("{a} {o} {b}")),
            (number.clone(), compare.clone(), number.clone())
                .prop_map(|(a, o, b)| format!("{a} {o} {b}")),
            (number.clone(), sum, number.clone(), number)
                .prop_map(|(a, o, b, c)| format!("{a} {o} {b} > {c}")),
            (day.clone(), compare, day).prop_map(|(a, o, b)| format!("{a} {o} {b}")),
            (word.clone()).prop_map(|a| format!("{a} in m")),
            (word.clone()).prop_map(|a| format!("{a} in ['甲', a, 'x']")),
            (word.clone()).prop_map(|a| format!("{a}.matches('^[a-z]+$')")),
            (word).prop_map(|a| format!("{a} == n")),
            prop::sample::select(vec!["a", "n", "m", "b", "gone"])
                .prop_map(|x| format!("answered({x})")),
            Just("b".to_owned()),
        ];
        plain.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
                inner.prop_map(|a| format!("!({a})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_said_quickly_is_what_the_engine_says(
            text in expressions(),
            a in prop::sample::select(vec!["甲", "ab", "", "A1"]),
            n in prop::sample::select(vec![0_i64, 1, -7, i64::MAX]),
            days in -2_i32..3,
            m in prop::sample::subsequence(vec!["甲", "ab", ""], 0..=3),
            b in any::<bool>(),
        ) {
            let today: Day = "2026-11-24".parse().unwrap();
            let values = BTreeMap::from([
                ("a".to_owned(), Value::Text(a.to_owned())),
                ("n".to_owned(), Value::Int(n)),
                ("d".to_owned(), Value::Day(today.plus_days(days))),
                ("m".to_owned(), Value::Many(m.into_iter().map(str::to_owned).collect())),
                ("b".to_owned(), Value::Bool(b)),
            ]);
            let expr = Expr::compile(&text).unwrap();
            let scope = Scope { values: &values, today };
            let reader = Reader { compiled: &expr.0, scope };
            if let Some(said) = reader.read(&expr.0.tree).and_then(Quick::value) {
                prop_assert_eq!(by_engine(&expr.0, &scope), Ok(said), "{}", text);
            }
        }
    }

    #[test]
    fn what_forms_ask_is_said_quickly() {
        let today: Day = "2026-11-24".parse().unwrap();
        let values = BTreeMap::from([
            ("outcome".to_owned(), Value::Text("self".to_owned())),
            ("phone".to_owned(), Value::Text("13800000000".to_owned())),
            (
                "needs".to_owned(),
                Value::Many(vec!["farm_loan".to_owned()]),
            ),
            ("next".to_owned(), Value::Day(today)),
        ]);
        for text in [
            "true",
            "answered(outcome) && outcome in ['self', 'family']",
            "phone.matches('^1[3-9][0-9]{9}$') || phone.matches('^0[0-9]{2,3}-?[0-9]{7,8}$')",
            "size(phone) >= 2 && size(phone) <= 20",
            "answered(needs) && 'farm_loan' in needs",
            "next >= today()",
            "(answered(outcome) ? 1 : 0) + (answered(phone) ? 1 : 0) == 2",
        ] {
            let expr = Expr::compile(text).unwrap();
            let scope = Scope {
                values: &values,
                today,
            };
            let reader = Reader {
                compiled: &expr.0,
                scope,
            };
            assert_eq!(reader.read(&expr.0.tree), Some(Quick::Bool(true)), "{text}");
        }
    }

    #[test]
    fn what_would_be_an_error_is_left_to_the_engine() {
        let values = BTreeMap::from([("n".to_owned(), Value::Int(i64::MAX))]);
        for text in ["gone == 1", "n + 1 > 0", "n == 'a'", "n"] {
            let expr = Expr::compile(text).unwrap();
            let scope = Scope {
                values: &values,
                today: "2026-11-24".parse().unwrap(),
            };
            let reader = Reader {
                compiled: &expr.0,
                scope,
            };
            let said = reader.read(&expr.0.tree);
            assert_eq!(said.is_some(), text == "n", "{text}");
        }
    }
}
