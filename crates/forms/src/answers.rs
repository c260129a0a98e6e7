//! One answer from JSON to a typed value, by the type that the form declares
//! and never by what the JSON looks like. Unanswered is absent; null is refused.
//! Pure; which fields there are comes from the form.

use crate::model::FieldType;
use crate::words;
use serde_json::Value as Json;
use zf_base::{Clock, Day};
use zf_expr::{Ty, Value};

/// Longest text answer, in characters.
const MAX_TEXT: usize = 10_000;
/// Most rows of a repeated group: a household is smaller, a meeting list too.
pub(crate) const MAX_ROWS: usize = 200;
/// Most entries of a list answer.
const MAX_LIST: usize = 1_000;

/// What an answer turned out to be.
pub(crate) enum Bound {
    Absent,
    Null,
    Bad(&'static str),
    Value(Value),
}

/// The type that expressions see; `None` for kinds without an answer.
pub(crate) fn ty(kind: FieldType) -> Option<Ty> {
    Some(match kind {
        FieldType::One | FieldType::Text | FieldType::Time => Ty::Text,
        FieldType::Signature | FieldType::Customer => Ty::Text,
        FieldType::Many | FieldType::Photo => Ty::Many,
        FieldType::Integer => Ty::Int,
        FieldType::Decimal => Ty::Decimal,
        FieldType::Money => Ty::Money,
        FieldType::Date => Ty::Day,
        FieldType::Location => Ty::Bool,
        FieldType::Repeat => Ty::Rows,
        FieldType::Note | FieldType::Group => return None,
    })
}

/// Binds anything but rows (those need the form).
pub(crate) fn bind(kind: FieldType, options: &[String], answer: Option<&Json>) -> Bound {
    let Some(answer) = answer else {
        return Bound::Absent;
    };
    if answer.is_null() {
        return Bound::Null;
    }
    let value = match kind {
        FieldType::One => text(answer).and_then(|t| among(options, t)),
        FieldType::Many => list(answer).and_then(|l| all_among(options, l)),
        FieldType::Text | FieldType::Signature | FieldType::Customer => {
            text(answer).map(Value::Text)
        }
        FieldType::Integer => whole(answer).map(Value::Int).ok_or(words::NEEDS_INTEGER),
        FieldType::Money => whole(answer).map(Value::Money).ok_or(words::NEEDS_FEN),
        FieldType::Decimal => decimal(answer),
        FieldType::Date => day(answer),
        FieldType::Time => time(answer),
        FieldType::Photo => photos(answer),
        FieldType::Location => place(answer),
        FieldType::Note | FieldType::Group | FieldType::Repeat => Err(words::UNKNOWN_ANSWER),
    };
    match value {
        Err(message) => Bound::Bad(message),
        // An emptied list stays a list (its size is 0); an emptied text is no answer.
        Ok(Value::Text(t)) if t.trim().is_empty() => Bound::Absent,
        Ok(value) => Bound::Value(value),
    }
}

type Read<T> = Result<T, &'static str>;

fn text(answer: &Json) -> Read<String> {
    let text = answer.as_str().ok_or(words::NEEDS_TEXT)?;
    if text.chars().count() > MAX_TEXT {
        return Err(words::TOO_LONG);
    }
    Ok(text.to_owned())
}

fn list(answer: &Json) -> Read<Vec<String>> {
    let items = answer.as_array().ok_or(words::NEEDS_LIST)?;
    if items.len() > MAX_LIST {
        return Err(words::TOO_LONG);
    }
    items.iter().map(text).collect()
}

fn among(options: &[String], answer: String) -> Read<Value> {
    if answer.is_empty() || options.contains(&answer) {
        return Ok(Value::Text(answer));
    }
    Err(words::NOT_AN_OPTION)
}

fn all_among(options: &[String], answers: Vec<String>) -> Read<Value> {
    if answers.iter().all(|a| options.contains(a)) {
        return Ok(Value::Many(answers));
    }
    Err(words::NOT_AN_OPTION)
}

/// Whole numbers, also when JSON wrote them as `12.0`.
fn whole(answer: &Json) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: beyond it a float is no exact count
    answer.as_i64().or_else(|| {
        let f = answer.as_f64()?;
        (f.fract() == 0.0 && f.abs() <= EXACT).then_some(f as i64)
    })
}

fn decimal(answer: &Json) -> Read<Value> {
    let number = answer.as_f64().filter(|f| f.is_finite());
    number.map(Value::Decimal).ok_or(words::NEEDS_NUMBER)
}

fn day(answer: &Json) -> Read<Value> {
    let text = answer.as_str().ok_or(words::NEEDS_DAY)?;
    if text.is_empty() {
        return Ok(Value::Text(String::new()));
    }
    let day: Day = text.parse().map_err(|_| words::NEEDS_DAY)?;
    if day.to_string() != text {
        return Err(words::NEEDS_DAY);
    }
    Ok(Value::Day(day))
}

fn time(answer: &Json) -> Read<Value> {
    let text = answer.as_str().ok_or(words::NEEDS_TIME)?;
    if text.is_empty() {
        return Ok(Value::Text(String::new()));
    }
    let clock: Clock = text.parse().map_err(|_| words::NEEDS_TIME)?;
    if clock.to_string() != text {
        return Err(words::NEEDS_TIME);
    }
    Ok(Value::Text(text.to_owned()))
}

fn photos(answer: &Json) -> Read<Value> {
    if let Json::String(id) = answer {
        return Ok(Value::Many(if id.is_empty() {
            vec![]
        } else {
            vec![id.clone()]
        }));
    }
    list(answer).map(Value::Many)
}

/// Expressions only see that there is a place.
fn place(answer: &Json) -> Read<Value> {
    let degrees = |key: &str, max: f64| {
        answer
            .get(key)
            .and_then(Json::as_f64)
            .is_some_and(|d| d.abs() <= max)
    };
    if degrees("lat", 90.0) && degrees("lon", 180.0) {
        return Ok(Value::Bool(true));
    }
    Err(words::NEEDS_PLACE)
}
