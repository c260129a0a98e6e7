//! Labels of a form's questions and options, as pages get them: in both
//! languages, so that the page shows them in the language of whoever looks. They
//! come from the form in force at the time, never from code. Knows no answers.

use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use zf_forms::{Choice, Field, FieldType, Form, Label};

/// A text of a form in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English; the Chinese text where the form has no other.
    pub en: String,
}

impl Text {
    /// A text that is the same in every language.
    pub fn plain(text: &str) -> Text {
        Text {
            zh: text.to_owned(),
            en: text.to_owned(),
        }
    }

    fn of(label: &Label) -> Text {
        Text {
            zh: label.zh().to_owned(),
            en: label.en().unwrap_or(label.zh()).to_owned(),
        }
    }

    fn of_choice(choice: &Choice) -> Text {
        match choice {
            Choice::Plain(value) => Text::plain(value),
            Choice::Labelled { label, .. } => Text::of(label),
        }
    }

    fn of_field(field: &Field) -> Text {
        let label = field.label.as_ref();
        label.map_or_else(|| Text::plain(&field.name), Text::of)
    }
}

/// Labels of questions by name.
pub struct Labels(HashMap<String, Text>);

impl Labels {
    /// Of a form, groups and rows included.
    pub fn of(form: &Form) -> Labels {
        let all = fields(&form.fields);
        Labels(all.map(|f| (f.name.clone(), Text::of_field(f))).collect())
    }

    /// Of one question; its name when the form has none of it any more.
    pub fn get(&self, name: &str) -> Text {
        let known = self.0.get(name).cloned();
        known.unwrap_or_else(|| Text::plain(name))
    }
}

/// Every field, groups and rows followed by what is in them.
fn fields(all: &[Field]) -> Box<dyn Iterator<Item = &Field> + '_> {
    Box::new(
        all.iter()
            .flat_map(|f| std::iter::once(f).chain(fields(&f.fields))),
    )
}

/// A question that is answered by choosing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// What it asks.
    pub label: Text,
    /// Stored value and label, in the order of the form.
    pub options: Vec<(String, Text)>,
}

/// Questions answered by choosing, of forms from the newest to the oldest: in the
/// order and with the labels of the newest that has them, so that an option which
/// was taken out of the form later still has its count.
pub fn questions(forms: &[Form]) -> Vec<Question> {
    let mut all: Vec<Question> = vec![];
    let each = forms.iter().flat_map(|form| fields(&form.fields));
    for f in each.filter(|f| matches!(f.kind, FieldType::One | FieldType::Many)) {
        let at = all.iter().position(|q| q.name == f.name);
        let at = at.unwrap_or_else(|| {
            all.push(Question {
                name: f.name.clone(),
                label: Text::of_field(f),
                options: vec![],
            });
            all.len() - 1
        });
        for choice in &f.options {
            if all[at].options.iter().all(|(v, _)| v != choice.value()) {
                let option = (choice.value().to_owned(), Text::of_choice(choice));
                all[at].options.push(option);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &str) -> Form {
        let text = format!(r#"{{"id":"f","version":1,"fields":{fields}}}"#);
        Form::from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_option_that_the_newest_form_has_no_more_stands_last_with_its_own_label() {
        let newest = form(
            r#"[{"name":"g","type":"group","fields":[{"name":"q","type":"many","label":{"zh":"问","en":"Q"},
            "options":[{"value":"b","label":"乙新"},"c"]}]},{"name":"t","type":"text"}]"#,
        );
        let older = form(
            r#"[{"name":"q","type":"many","label":"旧问","options":[{"value":"a","label":"甲"},{"value":"b","label":"乙旧"}]}]"#,
        );
        let all = questions(&[newest, older]);
        assert_eq!(all.len(), 1, "a text is no choice");
        assert_eq!(
            (all[0].label.zh.as_str(), all[0].label.en.as_str()),
            ("问", "Q")
        );
        let options = all[0].options.iter();
        let options: Vec<_> = options.map(|(v, t)| (v.as_str(), t.zh.as_str())).collect();
        assert_eq!(options, [("b", "乙新"), ("c", "c"), ("a", "甲")]);
    }
}
