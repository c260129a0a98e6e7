//! Which must-visit groups a customer belongs to: by tag, or by a predicate over
//! what is known in clear (bands, days to maturity, occupation). Compiled once,
//! then asked for every customer.

use super::{MustVisit, PackProblem};
use crate::words;
use std::collections::BTreeMap;
use zf_base::Day;
use zf_expr::{Env, Expr, ExprError, Scope, Ty, Value};

/// Compiled groups. The answer names groups by code, in the pack's order.
#[derive(Clone, Debug)]
pub struct GroupMatcher {
    parameters: BTreeMap<String, i64>,
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    code: String,
    priority: i64,
    tags: Vec<String>,
    when: Option<Expr>,
}

impl GroupMatcher {
    /// Compiles the groups with the figures of `[parameters.must_visit]`.
    /// Problems name the group and its predicate.
    pub fn new(
        must_visit: &MustVisit,
        parameters: &BTreeMap<String, i64>,
    ) -> Result<Self, Vec<PackProblem>> {
        let env = env(must_visit, parameters);
        let mut problems = Vec::new();
        let mut groups = Vec::new();
        for group in &must_visit.groups {
            let when = group.when.as_ref().and_then(|text| {
                env.compile(text, Ty::Bool)
                    .map_err(|e| {
                        problems.push(PackProblem {
                            file: "must_visit.toml".to_owned(),
                            key: format!("group.{}.when", group.code),
                            what: words::expression("when", e.position, &e.message),
                        });
                    })
                    .ok()
            });
            let kinds = group.kinds.iter().map(|k| k.tag.clone());
            groups.push(Group {
                code: group.code.clone(),
                priority: group.priority,
                tags: kinds.chain([group.tag.clone()]).collect(),
                when,
            });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(GroupMatcher {
            parameters: parameters.clone(),
            groups,
        })
    }

    /// The groups of one customer with their priority points. `values` holds the
    /// declared variables that are known; a predicate that cannot be evaluated
    /// does not hold.
    pub fn groups_of(&self, values: &BTreeMap<String, Value>, today: Day) -> Vec<(&str, i64)> {
        self.hits(values, today)
            .iter()
            .filter(|h| h.tag || h.rule)
            .map(|h| (h.code, h.priority))
            .collect()
    }

    /// What tags and predicates say about one customer, for every group in the
    /// pack's order.
    pub fn hits(&self, values: &BTreeMap<String, Value>, today: Day) -> Vec<Hit<'_>> {
        let mut all = values.clone();
        for (name, figure) in &self.parameters {
            all.insert(name.clone(), Value::Int(*figure));
        }
        let tags: &[String] = match values.get("tags") {
            Some(Value::Many(tags)) => tags,
            _ => &[],
        };
        let scope = Scope {
            values: &all,
            today,
        };
        let truth = |when: &Expr| when.truth(&scope) == Ok(true);
        self.groups
            .iter()
            .map(|g| Hit {
                code: &g.code,
                priority: g.priority,
                tag: g.tags.iter().any(|t| tags.contains(t)),
                rule: g.when.as_ref().is_some_and(truth),
            })
            .collect()
    }

    /// What the predicate of a group reads: variables and parameters.
    pub fn reads(&self, code: &str) -> Vec<&str> {
        let group = self.groups.iter().find(|g| g.code == code);
        let when = group.and_then(|g| g.when.as_ref());
        when.map_or_else(Vec::new, |w| w.names().iter().map(String::as_str).collect())
    }

    /// Checks one predicate against the declared variables and parameters.
    ///
    /// # Errors
    /// What is wrong with it, for its author.
    pub fn check(
        must_visit: &MustVisit,
        parameters: &BTreeMap<String, i64>,
        when: &str,
    ) -> Result<(), ExprError> {
        env(must_visit, parameters)
            .compile(when, Ty::Bool)
            .map(drop)
    }
}

/// What is said about one customer and one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Code of the group.
    pub code: &'a str,
    /// Its points.
    pub priority: i64,
    /// A tag of the customer says so.
    pub tag: bool,
    /// The predicate holds.
    pub rule: bool,
}

fn env(must_visit: &MustVisit, parameters: &BTreeMap<String, i64>) -> Env {
    let mut env = Env::new();
    for (name, ty) in &must_visit.variables {
        env.declare(name, *ty);
    }
    for name in parameters.keys() {
        env.declare(name, Ty::Int);
    }
    env
}
