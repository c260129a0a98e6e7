//! Reading the fields of one JSON object, collecting what is wrong.
//!
//! What it is for: `parse` asks for a field by name, kind and range and gets
//! the value or `None`; the finding is recorded under the object's subject.
//! What it may not know: which fields there are.

use serde_json::{Map, Value};

use crate::error::{InstanceError, Problem, Subject};
use crate::instance::Id;

/// One JSON object being read.
pub(crate) struct Fields<'v, 'e> {
    object: Option<&'v Map<String, Value>>,
    subject: Subject,
    prefix: String,
    errors: &'e mut Vec<InstanceError>,
}

impl<'v, 'e> Fields<'v, 'e> {
    pub(crate) fn new(
        value: &'v Value,
        subject: Subject,
        errors: &'e mut Vec<InstanceError>,
    ) -> Self {
        Fields::with_prefix(value, subject, String::new(), errors)
    }

    fn with_prefix(
        value: &'v Value,
        subject: Subject,
        prefix: String,
        errors: &'e mut Vec<InstanceError>,
    ) -> Self {
        let object = value.as_object();
        let mut fields = Fields {
            object,
            subject,
            prefix,
            errors,
        };
        if object.is_none() {
            fields.report("", wrong_kind("an object", value));
        }
        fields
    }

    /// Records a finding about a field of this object.
    pub(crate) fn report(&mut self, name: &str, problem: Problem) {
        self.errors.push(InstanceError {
            subject: self.subject.clone(),
            field: format!("{}{name}", self.prefix),
            problem,
        });
    }

    /// Whether the field is there. Null counts as there, so that it is read and
    /// refused rather than overlooked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.is_some_and(|object| object.contains_key(name))
    }

    fn required(&mut self, name: &str) -> Option<&'v Value> {
        let value = self.object?.get(name);
        if value.is_none() {
            self.report(name, Problem::Missing);
        }
        value
    }

    fn checked<T>(&mut self, name: &str, result: Result<T, Problem>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.report(name, problem);
                None
            }
        }
    }

    pub(crate) fn whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.required(name)?;
        self.checked(name, whole_of(value, least, most))
    }

    pub(crate) fn optional_whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        if !self.has(name) {
            return None;
        }
        self.whole(name, least, most)
    }

    pub(crate) fn real(&mut self, name: &str, least: f64, most: f64) -> Option<f64> {
        let value = self.required(name)?;
        self.checked(name, real_of(value, least, most))
    }

    pub(crate) fn optional_real(&mut self, name: &str, least: f64, most: f64) -> Option<f64> {
        if !self.has(name) {
            return None;
        }
        self.real(name, least, most)
    }

    /// A boolean that is false when absent.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        if !self.has(name) {
            return false;
        }
        let value = self.required(name);
        match value {
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                self.report(name, wrong_kind("true or false", other));
                false
            }
            None => false,
        }
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.required(name)? {
            Value::String(text) => Some(text.clone()),
            other => {
                self.report(name, wrong_kind("a text", other));
                None
            }
        }
    }

    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        if !self.has(name) {
            return None;
        }
        self.text(name)
    }

    /// A list of texts that is empty when absent.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        if !self.has(name) {
            return Vec::new();
        }
        let mut texts = Vec::new();
        for value in self.list(name).unwrap_or_default() {
            match value {
                Value::String(text) => texts.push(text.clone()),
                other => self.report(name, wrong_kind("a text", other)),
            }
        }
        texts
    }

    pub(crate) fn id(&mut self, name: &str) -> Option<Id> {
        let value = self.required(name)?;
        self.checked(name, read_id(value))
    }

    pub(crate) fn optional_id(&mut self, name: &str) -> Option<Id> {
        if !self.has(name) {
            return None;
        }
        self.id(name)
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<Id> {
        let mut ids = Vec::new();
        for value in self.list(name).unwrap_or_default() {
            ids.extend(self.checked(name, read_id(value)));
        }
        ids
    }

    pub(crate) fn optional_ids(&mut self, name: &str) -> Vec<Id> {
        if !self.has(name) {
            return Vec::new();
        }
        self.ids(name)
    }

    pub(crate) fn list(&mut self, name: &str) -> Option<&'v [Value]> {
        match self.required(name)? {
            Value::Array(list) => Some(list),
            other => {
                self.report(name, wrong_kind("a list", other));
                None
            }
        }
    }

    /// An inner object whose findings carry `name.` before the field.
    pub(crate) fn object(&mut self, name: &str) -> Option<Fields<'v, '_>> {
        let value = self.required(name)?;
        let prefix = format!("{}{name}.", self.prefix);
        Some(Fields::with_prefix(
            value,
            self.subject.clone(),
            prefix,
            self.errors,
        ))
    }

    /// An object of a list, with its own subject.
    pub(crate) fn child(&mut self, value: &'v Value, subject: Subject) -> Fields<'v, '_> {
        Fields::new(value, subject, self.errors)
    }
}

/// The id of a task or route object, if it has a usable one.
pub(crate) fn id_of(value: &Value) -> Option<Id> {
    read_id(value.get("id")?).ok()
}

fn read_id(value: &Value) -> Result<Id, Problem> {
    match value {
        Value::String(text) => Ok(Id::Text(text.clone())),
        _ => whole_of(value, i64::MIN, i64::MAX).map(Id::Number),
    }
}

/// A whole number within a range.
pub(crate) fn whole_of(value: &Value, least: i64, most: i64) -> Result<i64, Problem> {
    let Value::Number(number) = value else {
        return Err(wrong_kind("a whole number", value));
    };
    let whole = match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole,
        (None, Some(real)) if real.abs() < 9e15 && real.fract() == 0.0 => real as i64,
        (None, Some(real)) if real.abs() < 9e15 => return Err(Problem::NotWhole(real)),
        _ => return Err(out_of_range(value, least as f64, most as f64)),
    };
    if (least..=most).contains(&whole) {
        Ok(whole)
    } else {
        Err(out_of_range(value, least as f64, most as f64))
    }
}

fn real_of(value: &Value, least: f64, most: f64) -> Result<f64, Problem> {
    let Some(real) = value.as_f64() else {
        return Err(wrong_kind("a number", value));
    };
    if real.is_finite() && (least..=most).contains(&real) {
        Ok(real)
    } else {
        Err(out_of_range(value, least, most))
    }
}

fn out_of_range(value: &Value, least: f64, most: f64) -> Problem {
    Problem::OutOfRange {
        found: shown(value),
        least,
        most,
    }
}

fn wrong_kind(expected: &'static str, value: &Value) -> Problem {
    Problem::WrongKind {
        expected,
        found: shown(value),
    }
}

/// The value for a message, cut short on a character boundary.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
