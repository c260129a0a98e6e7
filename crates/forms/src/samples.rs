//! Answers to try a form with before it is published: nothing answered, all
//! answered, and the edges of every type. Made from the form alone; the page's
//! "test answers" show the same ones (`shared/form/samples.ts`).

use crate::model::{Choice, Field, FieldType, Form};
use serde_json::{Map, Value as Json, json};
use zf_base::Day;

/// One set of answers.
#[derive(Clone)]
pub struct Sample {
    /// `empty`, `filled`, `low` or `high`.
    pub name: &'static str,
    /// Invented answers; holds nobody's data.
    pub answers: Map<String, Json>,
}

const KINDS: [&str; 3] = ["filled", "low", "high"];

/// The four samples of a form.
pub fn samples(form: &Form, today: Day) -> Vec<Sample> {
    let empty = Sample {
        name: "empty",
        answers: Map::new(),
    };
    let filled = KINDS.iter().enumerate().map(|(kind, name)| Sample {
        name,
        answers: fill(&form.fields, kind, today),
    });
    std::iter::once(empty).chain(filled).collect()
}

fn fill(fields: &[Field], kind: usize, today: Day) -> Map<String, Json> {
    let mut out = Map::new();
    for f in fields {
        if f.calculate.is_some() || f.kind == FieldType::Note {
            continue;
        }
        if f.kind == FieldType::Group {
            out.append(&mut fill(&f.fields, kind, today));
        } else {
            out.insert(f.name.clone(), answer(f, kind, today));
        }
    }
    out
}

/// By type: an ordinary answer, the least and the most.
fn answer(f: &Field, kind: usize, today: Day) -> Json {
    let pick = |answers: [Json; 3]| answers[kind].clone();
    let options: Vec<&str> = f.options.iter().map(Choice::value).collect();
    let first = options.first().copied().unwrap_or("");
    let row = || Json::Object(fill(&f.fields, kind, today));
    match f.kind {
        FieldType::One => pick([
            json!(first),
            json!(first),
            json!(options.last().copied().unwrap_or("")),
        ]),
        FieldType::Many => pick([json!([first]), json!([]), json!(options)]),
        FieldType::Integer => pick([json!(1), json!(0), json!(1_000_000)]),
        FieldType::Money => pick([json!(10_000), json!(0), json!(100_000_000_000_i64)]),
        FieldType::Decimal => pick([json!(1.5), json!(0.0), json!(1_000_000.5)]),
        FieldType::Date => pick([
            json!(today.to_string()),
            json!("1900-01-01"),
            json!("2099-12-31"),
        ]),
        FieldType::Time => pick([json!("09:00"), json!("00:00"), json!("23:59")]),
        FieldType::Photo => pick([
            json!(["photo-1"]),
            json!(["photo-1"]),
            json!(["photo-1", "photo-2", "photo-3"]),
        ]),
        FieldType::Location => pick([
            json!({"lat": 30.5, "lon": 114.3}),
            json!({"lat": -90, "lon": -180}),
            json!({"lat": 90, "lon": 180}),
        ]),
        FieldType::Repeat => pick([json!([row()]), json!([]), json!([row(), row(), row()])]),
        _ => pick([json!("x"), json!("x"), json!("x".repeat(200))]),
    }
}
