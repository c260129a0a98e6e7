//! From a form to its three sheets. Rules stay CEL; `required: true` becomes 是.
//! Lists of options are named after their question. Keys that no version of the
//! schema knows are not written; `Form::unknown_keys` names them.

use super::{Sheet, words};
use crate::model::{Choice, Field, FieldType, Form, Label, Rule};

/// The sheets 题目, 选项 and 表单.
pub fn to_sheets(form: &Form) -> Vec<Sheet> {
    let mut questions = sheet(
        words::QUESTIONS,
        &[
            words::TYPE,
            words::NAME,
            words::LABEL,
            words::LABEL_EN,
            words::REQUIRED,
            words::RELEVANT,
            words::CONSTRAINT,
            words::MESSAGE,
            words::MESSAGE_EN,
            words::HINT,
            words::HINT_EN,
            words::CALCULATE,
            words::SCORE,
        ],
    );
    let mut options = sheet(
        words::CHOICES,
        &[
            words::LIST,
            words::NAME,
            words::OPTION_LABEL,
            words::OPTION_LABEL_EN,
            words::SCORE,
        ],
    );
    fields(&form.fields, &mut questions, &mut options);
    let mut about = sheet(
        words::FORM_SHEET,
        &[words::ID, words::VERSION, words::TITLE, words::TITLE_EN],
    );
    let (zh, en) = both(form.title.as_ref());
    about
        .rows
        .push(vec![form.id.clone(), form.version.to_string(), zh, en]);
    vec![questions, options, about]
}

fn sheet(names: &[&str], headers: &[&[&str]]) -> Sheet {
    Sheet {
        name: names[0].to_owned(),
        headers: headers.iter().map(|h| h[0].to_owned()).collect(),
        rows: Vec::new(),
    }
}

fn both(label: Option<&Label>) -> (String, String) {
    match label {
        None => Default::default(),
        Some(label) => (
            label.zh().to_owned(),
            label.en().unwrap_or_default().to_owned(),
        ),
    }
}

fn fields(all: &[Field], questions: &mut Sheet, options: &mut Sheet) {
    for f in all {
        let word = words::TYPES
            .iter()
            .find(|(kind, _)| *kind == f.kind)
            .map_or("", |(_, words)| words[0]);
        let chooses = matches!(f.kind, FieldType::One | FieldType::Many);
        let kind = if chooses {
            format!("{word} {}", f.name)
        } else {
            word.to_owned()
        };
        let text = |rule: &Option<Rule>| rule.as_ref().map_or(String::new(), |r| r.0.clone());
        let required = match text(&f.required).as_str() {
            "true" => words::YES.to_owned(),
            "false" => words::NO.to_owned(),
            other => other.to_owned(),
        };
        let (label, label_en) = both(f.label.as_ref());
        let (message, message_en) = both(f.message.as_ref());
        let (hint, hint_en) = both(f.hint.as_ref());
        questions.rows.push(vec![
            kind,
            f.name.clone(),
            label,
            label_en,
            required,
            text(&f.relevant),
            text(&f.constraint),
            message,
            message_en,
            hint,
            hint_en,
            text(&f.calculate),
            text(&f.score),
        ]);
        for option in &f.options {
            options.rows.push(choice(&f.name, option));
        }
        fields(&f.fields, questions, options);
        let end = match f.kind {
            FieldType::Group => words::END_GROUP[0],
            FieldType::Repeat => words::END_REPEAT[0],
            _ => continue,
        };
        let mut row = vec![String::new(); questions.headers.len()];
        row[0] = end.to_owned();
        questions.rows.push(row);
    }
}

fn choice(list: &str, option: &Choice) -> Vec<String> {
    let (label, label_en) = match option {
        Choice::Plain(_) => Default::default(),
        Choice::Labelled { label, .. } => both(Some(label)),
    };
    let score = option.score().map_or(String::new(), |s| s.to_string());
    vec![
        list.to_owned(),
        option.value().to_owned(),
        label,
        label_en,
        score,
    ]
}
