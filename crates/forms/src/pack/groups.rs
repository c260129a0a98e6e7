//! Which must-visit groups a customer belongs to: by tag, or by a predicate over
//! what is known in clear (bands, days to maturity, occupation). Compiled once,
//! then asked for every customer.

use super::{MustVisit, PackProblem};
use crate::words;
use std::collections::BTreeMap;
use zf_base::Day;
use zf_expr::{Env, Expr, Scope, Ty, Value};

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
        let mut env = Env::new();
        for (name, ty) in &must_visit.variables {
            env.declare(name, *ty);
        }
        for name in parameters.keys() {
            env.declare(name, Ty::Int);
        }
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
        self.groups
            .iter()
            .filter(|g| {
                g.tags.iter().any(|t| tags.contains(t))
                    || g.when
                        .as_ref()
                        .is_some_and(|when| when.truth(&scope) == Ok(true))
            })
            .map(|g| (g.code.as_str(), g.priority))
            .collect()
    }
}
