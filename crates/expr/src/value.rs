//! Values as expressions see them: a fixed set of types, bound by declaration.
//! Integers become int64 (never unsigned), an unanswered question is absent and
//! there is no null. Converts to and from the values of the `cel` crate, which
//! no other module of the project names.

use cel::Value as Cel;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use thiserror::Error;
use zf_base::Day;

/// The declared type of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ty {
    /// Yes or no.
    Bool,
    /// Whole number, 64 bits.
    Int,
    /// Number with decimals; never for money.
    Decimal,
    /// Text; also the chosen option of a question with one answer.
    Text,
    /// A day, seen by expressions as its midnight in UTC.
    Day,
    /// A list of texts, e.g. the ticked options.
    Many,
    /// Whole 分, seen by expressions as an integer.
    Money,
    /// Rows of a repeated group: a list of maps.
    Rows,
}

/// A value of a declared type. There is no null: leave absent values out.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Int(i64),
    /// Number with decimals.
    Decimal(f64),
    /// Text.
    Text(String),
    /// A day.
    Day(Day),
    /// Ticked options.
    Many(Vec<String>),
    /// Whole 分.
    Money(i64),
    /// List of anything, e.g. rows of a repeated group.
    List(Vec<Value>),
    /// Named values, e.g. one row of a repeated group.
    Map(BTreeMap<String, Value>),
}

/// A null was offered as a value; an unanswered question must be left out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("null is no value; leave the field out")]
pub struct NullRefused;

impl Value {
    /// Whether this counts as an answer: empty texts and empty lists do not.
    pub fn is_answer(&self) -> bool {
        match self {
            Value::Text(t) => !t.trim().is_empty(),
            Value::Many(m) => !m.is_empty(),
            Value::List(l) => !l.is_empty(),
            _ => true,
        }
    }

    /// Binds free JSON: integers as `Int`, other numbers as `Decimal`.
    /// For data without declarations, e.g. test vectors. Integers beyond
    /// 64 bits become decimals.
    pub fn from_json(json: &serde_json::Value) -> Result<Value, NullRefused> {
        use serde_json::Value as Json;
        Ok(match json {
            Json::Null => return Err(NullRefused),
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => match n.as_i64() {
                Some(i) => Value::Int(i),
                None => Value::Decimal(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(s) => Value::Text(s.clone()),
            Json::Array(a) => {
                Value::List(a.iter().map(Value::from_json).collect::<Result<_, _>>()?)
            }
            Json::Object(o) => Value::Map(
                o.iter()
                    .map(|(k, v)| Ok((k.clone(), Value::from_json(v)?)))
                    .collect::<Result<_, NullRefused>>()?,
            ),
        })
    }

    /// As JSON: days `YYYY-MM-DD`, money in 分. Numbers that JSON cannot hold become null.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Value::Bool(b) => json!(b),
            Value::Int(i) | Value::Money(i) => json!(i),
            Value::Decimal(d) => json!(d),
            Value::Text(t) => json!(t),
            Value::Day(d) => json!(d.to_string()),
            Value::Many(m) => json!(m),
            Value::List(l) => l.iter().map(Value::to_json).collect(),
            Value::Map(m) => m
                .iter()
                .map(|(k, v)| (k.clone(), v.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    pub(crate) fn to_cel(&self) -> Cel {
        match self {
            Value::Bool(b) => Cel::Bool(*b),
            Value::Int(i) | Value::Money(i) => Cel::Int(*i),
            Value::Decimal(d) => Cel::Float(*d),
            Value::Text(t) => Cel::from(t.as_str()),
            Value::Day(d) => midnight(*d),
            Value::Many(m) => {
                Cel::List(Arc::new(m.iter().map(|s| Cel::from(s.as_str())).collect()))
            }
            Value::List(l) => Cel::List(Arc::new(l.iter().map(Value::to_cel).collect())),
            Value::Map(m) => Cel::Map(cel_map(m.iter().map(|(k, v)| (k.clone(), v.to_cel())))),
        }
    }

    /// `None` for results that are no value of ours (null, duration, bytes, a
    /// moment that is not a midnight).
    pub(crate) fn from_cel(value: &Cel) -> Option<Value> {
        Some(match value {
            Cel::Bool(b) => Value::Bool(*b),
            Cel::Int(i) => Value::Int(*i),
            Cel::UInt(u) => Value::Int(i64::try_from(*u).ok()?),
            Cel::Float(f) => Value::Decimal(*f),
            Cel::String(s) => Value::Text(s.to_string()),
            Cel::Timestamp(t) => Value::Day(day_of(t)?),
            Cel::List(l) => Value::List(l.iter().map(Value::from_cel).collect::<Option<_>>()?),
            _ => return None,
        })
    }
}

pub(crate) fn cel_map(entries: impl Iterator<Item = (String, Cel)>) -> cel::objects::Map {
    entries.collect::<HashMap<String, Cel>>().into()
}

/// A day as CEL sees it. Days of `zf_base` are all inside chrono's range.
pub(crate) fn midnight(day: Day) -> Cel {
    let seconds = i64::from(day.epoch_days()) * 86_400;
    Cel::Timestamp(
        DateTime::from_timestamp(seconds, 0)
            .unwrap_or(DateTime::UNIX_EPOCH)
            .fixed_offset(),
    )
}

/// The day of a midnight in UTC.
pub(crate) fn day_of(t: &DateTime<FixedOffset>) -> Option<Day> {
    let seconds = t.timestamp();
    if seconds % 86_400 != 0 || t.timestamp_subsec_nanos() != 0 {
        return None;
    }
    Some(Day::from_epoch_days(i32::try_from(seconds / 86_400).ok()?))
}
