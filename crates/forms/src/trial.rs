//! A trial of a form that passed the check: what is allowed, but hardly meant.
//! Evaluates the generated samples and looks at options that rules name. Finds
//! warnings for the author; refuses nothing, because samples cannot prove that a
//! rule never works.

use crate::check::{Compiled, Node, Problem};
use crate::evaluate::Fault;
use crate::model::{FieldType, Form};
use crate::samples::samples;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::Day;
use zf_expr::Expr;

impl Form {
    /// What the author should look at again; empty for a form that does not pass
    /// [`Form::check`], whose problems come first.
    pub fn warnings(&self, today: Day) -> Vec<Problem> {
        let Ok(compiled) = self.compile() else {
            return Vec::new();
        };
        let mut found = strange_options(&compiled);
        found.extend(never_works(self, &compiled, today));
        found
    }
}

impl Node {
    fn rules(&self) -> [(&'static str, &Option<Expr>); 5] {
        [
            ("relevant", &self.relevant),
            ("required", &self.required),
            ("constraint", &self.constraint),
            ("calculate", &self.calculate),
            ("score", &self.score),
        ]
    }
}

/// All nodes, rows after the repeat that holds them.
fn every<'a>(compiled: &'a Compiled, out: &mut Vec<&'a Node>) {
    for node in &compiled.nodes {
        out.push(node);
        if let Some(rows) = &node.rows {
            every(rows, out);
        }
    }
}

/// Rules that compare a choice with an option it does not have.
fn strange_options(compiled: &Compiled) -> Vec<Problem> {
    let mut nodes = Vec::new();
    every(compiled, &mut nodes);
    let options: BTreeMap<&str, &[String]> = nodes
        .iter()
        .filter(|n| matches!(n.kind, FieldType::One | FieldType::Many))
        .map(|n| (n.name.as_str(), &n.options[..]))
        .collect();
    let mut found = Vec::new();
    for node in nodes {
        for (which, rule) in node.rules() {
            for (field, option) in rule.iter().flat_map(Expr::compared) {
                let known = options.get(field.as_str());
                if known.is_some_and(|known| !known.contains(&option)) {
                    found.push(Problem {
                        field: node.name.clone(),
                        what: words::no_such_option(which, &field, &option),
                    });
                }
            }
        }
    }
    found
}

/// Rules without a value on every sample that reached them.
fn never_works(form: &Form, compiled: &Compiled, today: Day) -> Vec<Problem> {
    let mut failed: BTreeSet<Fault> = BTreeSet::new();
    let mut worked: BTreeSet<Fault> = BTreeSet::new();
    // With nothing answered most rules have no value, as they should.
    for sample in samples(form, today)
        .into_iter()
        .filter(|s| s.name != "empty")
    {
        let judged = compiled.evaluate(&sample.answers, today);
        let faults: BTreeSet<Fault> = judged.faults.iter().map(plain).collect();
        for name in &judged.relevant {
            for rule in ["relevant", "required", "constraint", "calculate", "score"] {
                let field = plain_name(name);
                let reached = Fault { field, rule };
                if !faults.contains(&reached) {
                    worked.insert(reached);
                }
            }
        }
        failed.extend(faults);
    }
    failed
        .difference(&worked)
        .map(|fault| Problem {
            field: fault.field.clone(),
            what: words::never_works(fault.rule),
        })
        .collect()
}

fn plain(fault: &Fault) -> Fault {
    Fault {
        field: plain_name(&fault.field),
        rule: fault.rule,
    }
}

/// `members[0].age` → `age`: names are unique in the form.
fn plain_name(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).to_owned()
}
