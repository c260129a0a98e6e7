//! The check before publishing, and its result: a form whose every expression
//! is compiled, typed and put into an order of evaluation. All problems are
//! reported at once, each with the name of its field.

use crate::answers;
use crate::model::{Choice, Field, FieldType, Form, MAX_FORM_BYTES, MAX_POINTS, Rule};
use crate::words;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::limits::FORM_FIELDS_MAX;
use zf_expr::{Env, Expr, RESERVED, Ty};

/// Something that must be put right before the form can be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the field; empty when the form itself is meant.
    pub field: String,
    /// What is wrong, in Chinese.
    pub what: String,
}

/// A form ready to evaluate answers.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(crate) nodes: Vec<Node>,
    /// Indices of `nodes`: what is read comes before what reads it.
    pub(crate) order: Vec<usize>,
}

/// One field, groups flattened.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub name: String,
    pub kind: FieldType,
    pub options: Vec<String>,
    /// Index of the group it is in.
    pub parent: Option<usize>,
    pub relevant: Option<Expr>,
    pub required: Option<Expr>,
    pub constraint: Option<Expr>,
    pub calculate: Option<Expr>,
    pub score: Option<Expr>,
    /// Points by chosen option.
    pub points: BTreeMap<String, i64>,
    pub message: String,
    /// The questions of each row.
    pub rows: Option<Compiled>,
}

impl Form {
    /// Everything that is wrong with this form; empty when it can be published.
    pub fn check(&self) -> Vec<Problem> {
        self.compile().err().unwrap_or_default()
    }

    /// Checks and compiles.
    pub fn compile(&self) -> Result<Compiled, Vec<Problem>> {
        let mut problems = Vec::new();
        if !is_id(&self.id) {
            problems.push(problem("", words::BAD_ID));
        }
        if self.version == 0 {
            problems.push(problem("", words::BAD_VERSION));
        }
        if serde_json::to_vec(self).map_or(0, |json| json.len()) > MAX_FORM_BYTES {
            problems.push(problem("", &words::too_big(MAX_FORM_BYTES)));
        }
        if self.fields.is_empty() {
            problems.push(problem("", words::NO_FIELDS));
        }
        if count(&self.fields) > FORM_FIELDS_MAX {
            problems.push(problem("", &words::too_many_fields(FORM_FIELDS_MAX)));
        }
        let mut names = BTreeSet::new();
        check_shape(&self.fields, Inside::default(), &mut names, &mut problems);
        let compiled = Compiler {
            problems: &mut problems,
        }
        .level(&self.fields, &Env::new());
        if problems.is_empty() {
            Ok(compiled)
        } else {
            Err(problems)
        }
    }
}

/// Ids of forms, packs, roles and the like: part of file names and addresses.
pub(crate) fn is_id(id: &str) -> bool {
    id.len() <= 60
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

fn is_name(name: &str) -> bool {
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn problem(field: &str, what: &str) -> Problem {
    Problem {
        field: field.to_owned(),
        what: what.to_owned(),
    }
}

fn count(fields: &[Field]) -> usize {
    fields.iter().map(|f| 1 + count(&f.fields)).sum()
}

/// Groups and rows around a field.
#[derive(Clone, Copy, Default)]
struct Inside {
    rows: bool,
    /// 0 at the top, 1 in a group or rows, 2 in a group in a group.
    depth: usize,
}

/// Groups and rows may hold groups or rows once.
const MAX_INSIDE: usize = 2;

/// Names, options and nesting; expressions come later.
fn check_shape<'a>(
    fields: &'a [Field],
    inside: Inside,
    names: &mut BTreeSet<&'a str>,
    problems: &mut Vec<Problem>,
) {
    for f in fields {
        let mut say = |what: &str| problems.push(problem(&f.name, what));
        if !is_name(&f.name) {
            say(words::BAD_NAME);
        }
        if RESERVED.contains(&f.name.as_str()) {
            say(words::RESERVED_NAME);
        }
        if !names.insert(&f.name) {
            say(words::DUPLICATE_NAME);
        }
        let chooses = matches!(f.kind, FieldType::One | FieldType::Many);
        if chooses && f.options.is_empty() {
            say(words::NO_OPTIONS);
        }
        if !chooses && !f.options.is_empty() {
            say(words::OPTIONS_NOT_USED);
        }
        let distinct: BTreeSet<&str> = f.options.iter().map(|o| o.value()).collect();
        if distinct.len() != f.options.len() || distinct.contains("") {
            say(words::DUPLICATE_OPTION);
        }
        let holds = matches!(f.kind, FieldType::Group | FieldType::Repeat);
        if holds && f.fields.is_empty() {
            say(words::NO_FIELDS);
        }
        if !holds && !f.fields.is_empty() {
            say(words::FIELDS_NOT_USED);
        }
        if inside.rows && f.kind == FieldType::Repeat {
            say(words::REPEAT_IN_REPEAT);
        }
        if holds && inside.depth >= MAX_INSIDE {
            say(words::TOO_DEEP);
        }
        let mut points = f.options.iter().filter_map(Choice::score);
        if points.any(|p| p.abs() > MAX_POINTS) {
            say(words::BAD_POINTS);
        }
        if f.score.is_some() && answers::ty(f.kind).is_none() {
            say(words::SCORE_NOT_USED);
        }
        let inside = Inside {
            rows: inside.rows || f.kind == FieldType::Repeat,
            depth: inside.depth + usize::from(holds),
        };
        check_shape(&f.fields, inside, names, problems);
    }
}

struct Compiler<'a> {
    problems: &'a mut Vec<Problem>,
}

impl Compiler<'_> {
    /// One level of names: the form itself, or the rows of a repeat, which also
    /// see the names around them.
    fn level(&mut self, fields: &[Field], outer: &Env) -> Compiled {
        let mut env = outer.clone();
        declare(fields, &mut env);
        let mut nodes = Vec::new();
        self.flatten(fields, None, &env, &mut nodes);
        let order = self.order(&nodes);
        Compiled { nodes, order }
    }

    fn flatten(
        &mut self,
        fields: &[Field],
        parent: Option<usize>,
        env: &Env,
        nodes: &mut Vec<Node>,
    ) {
        for f in fields {
            let rows = (f.kind == FieldType::Repeat).then(|| self.level(&f.fields, env));
            nodes.push(Node {
                name: f.name.clone(),
                kind: f.kind,
                options: f.options.iter().map(|o| o.value().to_owned()).collect(),
                parent,
                relevant: self.rule(f, "relevant", f.relevant.as_ref(), Ty::Bool, env),
                required: self.rule(f, "required", f.required.as_ref(), Ty::Bool, env),
                constraint: self.rule(f, "constraint", f.constraint.as_ref(), Ty::Bool, env),
                calculate: self.calculation(f, env),
                score: self.rule(f, "score", f.score.as_ref(), Ty::Int, env),
                points: f
                    .options
                    .iter()
                    .filter_map(|o| Some((o.value().to_owned(), o.score()?)))
                    .collect(),
                message: match &f.message {
                    Some(message) => message.zh().to_owned(),
                    None => words::CONSTRAINT.to_owned(),
                },
                rows,
            });
            if f.kind == FieldType::Group {
                let group = nodes.len() - 1;
                self.flatten(&f.fields, Some(group), env, nodes);
            }
        }
    }

    fn calculation(&mut self, f: &Field, env: &Env) -> Option<Expr> {
        let rule = f.calculate.as_ref()?;
        let can = !matches!(
            f.kind,
            FieldType::Photo | FieldType::Signature | FieldType::Location | FieldType::Repeat
        );
        match answers::ty(f.kind).filter(|_| can) {
            Some(ty) => self.rule(f, "calculate", Some(rule), ty, env),
            None => {
                self.problems
                    .push(problem(&f.name, words::CALCULATE_NOT_USED));
                None
            }
        }
    }

    fn rule(
        &mut self,
        f: &Field,
        which: &str,
        rule: Option<&Rule>,
        want: Ty,
        env: &Env,
    ) -> Option<Expr> {
        match env.compile(&rule?.0, want) {
            Ok(expr) => Some(expr),
            Err(e) => {
                let what = words::expression(which, e.position, &e.message);
                self.problems.push(problem(&f.name, &what));
                None
            }
        }
    }

    /// Depth-first by what relevance and calculations read.
    fn order(&mut self, nodes: &[Node]) -> Vec<usize> {
        let index: BTreeMap<&str, usize> = nodes
            .iter()
            .enumerate()
            .map(|(i, n)| (n.name.as_str(), i))
            .collect();
        let mut state = vec![Visit::New; nodes.len()];
        let mut order = Vec::with_capacity(nodes.len());
        for start in 0..nodes.len() {
            // (node, what it reads that is still to do)
            let mut stack = Vec::new();
            if state[start] == Visit::New {
                state[start] = Visit::Open;
                stack.push((start, reads(&nodes[start], &index)));
            }
            while let Some((node, todo)) = stack.last_mut() {
                let Some(next) = todo.pop() else {
                    state[*node] = Visit::Done;
                    order.push(*node);
                    stack.pop();
                    continue;
                };
                match state[next] {
                    Visit::Done => {}
                    Visit::Open => {
                        self.problems.push(problem(&nodes[next].name, words::CYCLE));
                    }
                    Visit::New => {
                        state[next] = Visit::Open;
                        stack.push((next, reads(&nodes[next], &index)));
                    }
                }
            }
        }
        order
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Open,
    Done,
}

/// Declares the answers of one level. Rows are declared with their columns.
fn declare(fields: &[Field], env: &mut Env) {
    for f in fields {
        match f.kind {
            FieldType::Group => declare(&f.fields, env),
            FieldType::Repeat => {
                let mut columns = Env::new();
                declare(&f.fields, &mut columns);
                env.declare_rows(&f.name, &columns);
            }
            _ => {
                if let Some(ty) = answers::ty(f.kind) {
                    env.declare(&f.name, ty);
                }
            }
        }
    }
}

/// What must be known before this node's value is.
fn reads(node: &Node, index: &BTreeMap<&str, usize>) -> Vec<usize> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for rule in [&node.relevant, &node.calculate].into_iter().flatten() {
        names.extend(rule.names().iter().map(String::as_str));
    }
    for row in node.rows.iter().flat_map(|rows| &rows.nodes) {
        let all = [
            &row.relevant,
            &row.required,
            &row.constraint,
            &row.calculate,
            &row.score,
        ];
        for rule in all.into_iter().flatten() {
            names.extend(rule.names().iter().map(String::as_str));
        }
    }
    let mut found: Vec<usize> = names.iter().filter_map(|n| index.get(n).copied()).collect();
    found.extend(node.parent);
    found
}
