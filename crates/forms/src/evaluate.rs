//! Answers in, judgement out: which questions apply, which answers are missing
//! or refused, what is calculated. The server repeats this for every submission.
//! A rule that cannot be evaluated leans towards asking: a question is shown,
//! an answer is required, a constraint is reported; a calculation stays absent.

use crate::answers::{self, Bound};
use crate::check::{Compiled, Node, Problem};
use crate::model::{FieldType, Form};
use crate::words;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use zf_base::Day;
use zf_expr::{Expr, Scope, Value};

/// An answer that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Name of the field; in rows `members[0].age`.
    pub field: String,
    /// What to do, in Chinese.
    pub message: String,
}

/// A rule that could not be evaluated with these answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Name of the field; in rows `members[0].age`.
    pub field: String,
    /// `relevant`, `required`, `constraint`, `calculate` or `score`.
    pub rule: &'static str,
}

/// The judgement. Holds answers in `calculated` and `accepted`, so it has no `Debug`.
#[derive(Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Fields that apply, in the order of the form.
    pub relevant: Vec<String>,
    /// Required fields without an answer.
    pub missing: Vec<String>,
    /// Answers that do not hold.
    pub violations: Vec<Violation>,
    /// Calculated values; absent when they cannot be computed.
    pub calculated: BTreeMap<String, Json>,
    /// The calculated field named `score`; without such a field the points of all
    /// fields and chosen options; 0 when there are none.
    pub score: Json,
    /// Rules that could not be evaluated, each once, sorted.
    #[serde(skip)]
    pub faults: Vec<Fault>,
    #[serde(skip)]
    points: i64,
    /// The answers to keep: relevant, readable, not calculated.
    #[serde(skip)]
    pub accepted: Map<String, Json>,
}

/// Checks the form and evaluates once; compile the form to evaluate many.
pub fn evaluate(
    form: &Form,
    answers: &Map<String, Json>,
    today: Day,
) -> Result<Evaluation, Vec<Problem>> {
    Ok(form.compile()?.evaluate(answers, today))
}

impl Compiled {
    /// Judges one set of answers.
    pub fn evaluate(&self, answers: &Map<String, Json>, today: Day) -> Evaluation {
        let (mut result, values) = self.judge(answers, BTreeMap::new(), today);
        result.score = match values.get("score") {
            Some(v @ (Value::Int(_) | Value::Money(_) | Value::Decimal(_)))
                if result.calculated.contains_key("score") =>
            {
                v.to_json()
            }
            _ if self
                .nodes
                .iter()
                .any(|n| n.name == "score" && n.calculate.is_some()) =>
            {
                json!(0)
            }
            _ => json!(result.points),
        };
        result.faults.sort();
        result.faults.dedup();
        result
    }

    /// How often each option was chosen in answers to keep: once in a question of
    /// the form, once for every row in a question of rows. What is no option of
    /// this form is left out, so that no free text gets among the counts.
    pub fn chosen(&self, accepted: &Map<String, Json>) -> BTreeMap<(String, String), i64> {
        let mut all = BTreeMap::new();
        self.count_chosen(accepted, &mut all);
        all
    }

    fn count_chosen(
        &self,
        accepted: &Map<String, Json>,
        all: &mut BTreeMap<(String, String), i64>,
    ) {
        for node in &self.nodes {
            let Some(answer) = accepted.get(&node.name) else {
                continue;
            };
            if let Some(rows) = &node.rows {
                let each = answer.as_array().into_iter().flatten();
                each.filter_map(Json::as_object)
                    .for_each(|row| rows.count_chosen(row, all));
                continue;
            }
            let named: BTreeSet<&str> = match answer {
                Json::Array(several) => several.iter().filter_map(Json::as_str).collect(),
                one => one.as_str().into_iter().collect(),
            };
            let options = node.options.iter();
            for option in options.filter(|o| named.contains(o.as_str())) {
                *all.entry((node.name.clone(), option.clone())).or_default() += 1;
            }
        }
    }

    fn judge(
        &self,
        answers: &Map<String, Json>,
        outer: BTreeMap<String, Value>,
        today: Day,
    ) -> (Evaluation, BTreeMap<String, Value>) {
        let mut run = Run {
            compiled: self,
            answers,
            today,
            values: outer,
            states: (0..self.nodes.len()).map(|_| State::Irrelevant).collect(),
            faults: vec![],
        };
        for &i in &self.order {
            run.states[i] = run.settle(i);
        }
        let result = run.report();
        (result, run.values)
    }
}

/// What became of a node.
enum State {
    Irrelevant,
    /// Applies, without an answer to look at (group, note, unanswered).
    Empty,
    Null,
    Bad(&'static str),
    Answered,
    Calculated(Option<Json>),
    Rows(Vec<Evaluation>),
}

struct Run<'a> {
    compiled: &'a Compiled,
    answers: &'a Map<String, Json>,
    today: Day,
    values: BTreeMap<String, Value>,
    states: Vec<State>,
    faults: Vec<Fault>,
}

/// What a condition says.
enum Truth {
    NoRule,
    Unknown,
    Is(bool),
}

impl Run<'_> {
    fn truth(&mut self, node: &Node, name: &'static str, rule: &Option<Expr>) -> Truth {
        let Some(rule) = rule else {
            return Truth::NoRule;
        };
        let scope = Scope {
            values: &self.values,
            today: self.today,
        };
        match rule.truth(&scope) {
            Ok(is) => Truth::Is(is),
            Err(_) => {
                self.fault(node, name);
                Truth::Unknown
            }
        }
    }

    fn fault(&mut self, node: &Node, rule: &'static str) {
        let field = node.name.clone();
        self.faults.push(Fault { field, rule });
    }

    fn is_relevant(&mut self, node: &Node) -> bool {
        !matches!(
            self.truth(node, "relevant", &node.relevant),
            Truth::Is(false)
        )
    }

    fn is_required(&mut self, node: &Node) -> bool {
        let truth = self.truth(node, "required", &node.required);
        matches!(truth, Truth::Is(true) | Truth::Unknown)
    }

    /// Relevance and value of one node; everything it reads is settled.
    fn settle(&mut self, i: usize) -> State {
        let compiled = self.compiled;
        let node = &compiled.nodes[i];
        let inside = node
            .parent
            .is_none_or(|p| !matches!(self.states[p], State::Irrelevant));
        if !inside || !self.is_relevant(node) {
            return State::Irrelevant;
        }
        if node.calculate.is_some() {
            return self.calculate(node);
        }
        match node.kind {
            FieldType::Note | FieldType::Group => State::Empty,
            FieldType::Repeat => self.rows(node),
            _ => match answers::bind(node.kind, &node.options, self.answers.get(&node.name)) {
                Bound::Absent => State::Empty,
                Bound::Null => State::Null,
                Bound::Bad(message) => State::Bad(message),
                Bound::Value(value) => {
                    let answer = value.is_answer();
                    self.values.insert(node.name.clone(), value);
                    if answer {
                        State::Answered
                    } else {
                        State::Empty
                    }
                }
            },
        }
    }

    fn calculate(&mut self, node: &Node) -> State {
        let scope = Scope {
            values: &self.values,
            today: self.today,
        };
        let value = node
            .calculate
            .as_ref()
            .and_then(|c| c.evaluate(&scope).ok());
        let Some(value) = value.and_then(|v| as_declared(node.kind, v)) else {
            self.fault(node, "calculate");
            return State::Calculated(None);
        };
        let shown = value.to_json();
        self.values.insert(node.name.clone(), value);
        State::Calculated(Some(shown))
    }

    fn rows(&mut self, node: &Node) -> State {
        let (Some(inner), Some(answer)) = (&node.rows, self.answers.get(&node.name)) else {
            return State::Empty;
        };
        if answer.is_null() {
            return State::Null;
        }
        let rows: Option<Vec<&Map<String, Json>>> = answer
            .as_array()
            .and_then(|rows| rows.iter().map(Json::as_object).collect());
        let Some(rows) = rows else {
            return State::Bad(words::NEEDS_ROWS);
        };
        if rows.len() > answers::MAX_ROWS {
            return State::Bad(words::TOO_LONG);
        }
        let mut judged = Vec::new();
        let mut values = Vec::new();
        for row in rows {
            let (result, mut all) = inner.judge(row, self.values.clone(), self.today);
            all.retain(|name, _| inner.nodes.iter().any(|n| n.name == *name));
            values.push(Value::Map(all));
            judged.push(result);
        }
        self.values.insert(node.name.clone(), Value::List(values));
        if judged.is_empty() {
            State::Empty
        } else {
            State::Rows(judged)
        }
    }

    /// All nodes in the order of the form.
    fn report(&mut self) -> Evaluation {
        let mut out = Evaluation {
            relevant: vec![],
            missing: vec![],
            violations: vec![],
            calculated: BTreeMap::new(),
            score: json!(0),
            faults: vec![],
            points: 0,
            accepted: Map::new(),
        };
        let compiled = self.compiled;
        let states = std::mem::take(&mut self.states);
        for (node, state) in compiled.nodes.iter().zip(states) {
            if matches!(state, State::Irrelevant) {
                continue;
            }
            out.relevant.push(node.name.clone());
            self.report_node(node, state, &mut out);
        }
        let known = |name: &String| {
            let mut nodes = self.compiled.nodes.iter();
            nodes.any(|n| n.name == *name && answers::ty(n.kind).is_some())
        };
        for name in self.answers.keys().filter(|n| !known(n)) {
            out.violations.push(violation(name, words::UNKNOWN_ANSWER));
        }
        out.faults.append(&mut self.faults);
        out
    }

    fn report_node(&mut self, node: &Node, state: State, out: &mut Evaluation) {
        let askable = answers::ty(node.kind).is_some();
        match state {
            State::Irrelevant => {}
            State::Empty | State::Null => {
                if matches!(state, State::Null) {
                    out.violations.push(violation(&node.name, words::NULL));
                }
                if askable && self.is_required(node) {
                    out.missing.push(node.name.clone());
                }
            }
            State::Bad(message) => out.violations.push(violation(&node.name, message)),
            State::Answered => {
                if let Some(answer) = self.answers.get(&node.name) {
                    out.accepted.insert(node.name.clone(), answer.clone());
                }
                self.constrain(node, out);
            }
            State::Calculated(None) => {}
            State::Calculated(Some(value)) => {
                out.calculated.insert(node.name.clone(), value);
                self.constrain(node, out);
            }
            State::Rows(rows) => {
                merge_rows(&node.name, rows, out);
                self.constrain(node, out);
            }
        }
    }

    /// The last look at a field with a value: its constraint and its points.
    fn constrain(&mut self, node: &Node, out: &mut Evaluation) {
        let truth = self.truth(node, "constraint", &node.constraint);
        if matches!(truth, Truth::Is(false) | Truth::Unknown) {
            out.violations.push(violation(&node.name, &node.message));
        }
        out.points = out.points.saturating_add(self.points(node));
    }

    fn points(&mut self, node: &Node) -> i64 {
        let of = |option: &str| node.points.get(option).copied().unwrap_or(0);
        let chosen = match self.values.get(&node.name) {
            Some(Value::Text(option)) => of(option),
            Some(Value::Many(options)) => {
                let distinct: BTreeSet<&String> = options.iter().collect();
                distinct.into_iter().map(|o| of(o)).sum()
            }
            _ => 0,
        };
        let Some(rule) = &node.score else {
            return chosen;
        };
        let scope = Scope {
            values: &self.values,
            today: self.today,
        };
        match rule.evaluate(&scope) {
            Ok(Value::Int(points)) => chosen.saturating_add(points),
            _ => {
                self.fault(node, "score");
                chosen
            }
        }
    }
}

fn violation(field: &str, message: &str) -> Violation {
    Violation {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

/// A calculated value as its field's type; the check has made sure that it mostly fits.
fn as_declared(kind: FieldType, value: Value) -> Option<Value> {
    match (kind, value) {
        (FieldType::Decimal, Value::Int(i)) => Some(Value::Decimal(i as f64)),
        (FieldType::Decimal, Value::Decimal(d)) => d.is_finite().then_some(Value::Decimal(d)),
        (FieldType::Integer, v @ Value::Int(_)) => Some(v),
        (FieldType::Money, Value::Int(i)) => Some(Value::Money(i)),
        (FieldType::Date, v @ Value::Day(_)) => Some(v),
        (FieldType::Many, Value::List(items)) => items
            .into_iter()
            .map(|v| match v {
                Value::Text(t) => Some(t),
                _ => None,
            })
            .collect::<Option<_>>()
            .map(Value::Many),
        (
            FieldType::One | FieldType::Text | FieldType::Time | FieldType::Customer,
            v @ Value::Text(_),
        ) => Some(v),
        _ => None,
    }
}

/// Names of fields in rows carry the row: `members[0].age`.
fn merge_rows(name: &str, rows: Vec<Evaluation>, out: &mut Evaluation) {
    let mut accepted = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        let path = |field: &str| format!("{name}[{i}].{field}");
        out.relevant.extend(row.relevant.iter().map(|f| path(f)));
        out.missing.extend(row.missing.iter().map(|f| path(f)));
        out.violations.extend(
            row.violations
                .iter()
                .map(|v| violation(&path(&v.field), &v.message)),
        );
        out.calculated
            .extend(row.calculated.into_iter().map(|(f, v)| (path(&f), v)));
        out.faults.extend(row.faults.iter().map(|f| Fault {
            field: path(&f.field),
            rule: f.rule,
        }));
        out.points = out.points.saturating_add(row.points);
        accepted.push(Json::Object(row.accepted));
    }
    out.accepted.insert(name.to_owned(), Json::Array(accepted));
}
