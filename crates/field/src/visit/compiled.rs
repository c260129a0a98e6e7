//! Forms ready to judge answers. Compiling one parses a few dozen expressions,
//! which takes longer than storing a visit, and every push names the same one
//! or two: what was compiled is kept. The key is the whole text of the form,
//! so nothing is ever judged by a form that only looks like another.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use zf_forms::{Compiled, Form};

/// Most forms kept; above that all are compiled anew.
const KEPT: usize = 64;

type Kept = Mutex<HashMap<String, Arc<Compiled>>>;
static FORMS: LazyLock<Kept> = LazyLock::new(Kept::default);

/// The form, compiled; none when it does not compile.
pub fn compiled(form: &Form) -> Option<Arc<Compiled>> {
    let text = serde_json::to_string(form).ok()?;
    let known = FORMS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&text)
        .cloned();
    if known.is_some() {
        return known;
    }
    let made = Arc::new(form.compile().ok()?);
    let mut forms = FORMS.lock().unwrap_or_else(PoisonError::into_inner);
    if forms.len() >= KEPT {
        forms.clear();
    }
    forms.insert(text, made.clone());
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(constraint: &str) -> Form {
        let text = format!(
            r#"{{"id":"f","version":1,"fields":[{{"name":"n","type":"integer","label":"n","constraint":"{constraint}"}}]}}"#
        );
        Form::from_json(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_form_is_compiled_once_and_never_taken_for_another_of_its_name() {
        let small = compiled(&form("n < 3")).unwrap();
        assert!(Arc::ptr_eq(&small, &compiled(&form("n < 3")).unwrap()));
        let large = compiled(&form("n < 30")).unwrap();
        let answers = serde_json::json!({ "n": 5 });
        let broken = |f: &Compiled| {
            let day = "2026-11-23".parse().unwrap();
            f.evaluate(answers.as_object().unwrap(), day)
                .violations
                .len()
        };
        assert_eq!((broken(&small), broken(&large)), (1, 0));
        assert!(compiled(&form("n <")).is_none());
    }
}
