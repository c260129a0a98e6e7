//! Evaluation: a compiled expression and named values in, one value out. The
//! errors carry kinds and names of questions, never answers, because answers
//! may be personal data and errors end up in logs.

use crate::compile::{ANSWERED, Compiled, Expr, FULL, MATCHES, MAX_TURNS, TODAY, YEARS};
use crate::value::{Value, cel_map, day_of, midnight};
use cel::common::ast::IdedExpr;
use cel::{Context, ExecutionError, Value as Cel};
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;
use zf_base::Day;

/// What an expression may read.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// Values by name; absent = not answered.
    pub values: &'a BTreeMap<String, Value>,
    /// The day that `today()` gives.
    pub today: Day,
}

/// Why there is no value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EvalError {
    /// Something it reads has no value.
    #[error("no value for {0}")]
    Absent(String),
    /// Types that do not fit an operator or function.
    #[error("types do not fit")]
    Types,
    /// Division by zero, overflow, index out of range, a text that is no number or
    /// time, more than [`MAX_TURNS`] turns of loops.
    #[error("not computable")]
    Domain,
    /// A result that is no value of ours (null, duration, a moment within a day),
    /// or not of the type asked for.
    #[error("result of a wrong type")]
    Result,
}

impl Expr {
    /// Evaluates; see [`EvalError`] for what can go wrong.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        if self.turns(scope) > MAX_TURNS {
            return Err(EvalError::Domain);
        }
        let context = context(&self.0, scope);
        let result = resolve(&self.0.tree, &context)?;
        Value::from_cel(&result).ok_or(EvalError::Result)
    }

    /// Most turns its loops can take: the longest list it can meet, to the power of
    /// their nesting. An estimate from above, so that both engines stop at the same answers.
    fn turns(&self, scope: &Scope<'_>) -> u64 {
        let met = |name: &String| scope.values.get(name).map_or(0, longest);
        let lists = self.0.names.iter().map(met);
        let longest = lists.fold(self.0.longest, usize::max);
        (longest as u64).saturating_pow(self.0.loops)
    }

    /// Evaluates a condition.
    pub fn truth(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        match self.evaluate(scope)? {
            Value::Bool(b) => Ok(b),
            _ => Err(EvalError::Result),
        }
    }
}

/// Elements of the longest list in a value; rows count with the lists in them.
fn longest(value: &Value) -> usize {
    match value {
        Value::Many(items) => items.len(),
        Value::List(items) => items.iter().map(longest).fold(items.len(), usize::max),
        Value::Map(entries) => entries.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}

pub(crate) fn resolve(tree: &IdedExpr, context: &Context<'_, '_>) -> Result<Cel, EvalError> {
    Cel::resolve(tree, context).map_err(|e| kind(&e))
}

pub(crate) fn context<'v>(compiled: &Arc<Compiled>, scope: &Scope<'_>) -> Context<'static, 'v> {
    let mut context = Context::with_env(Arc::clone(&FULL));
    for name in &compiled.names {
        if let Some(value) = scope.values.get(name) {
            context.add_variable_from_value(name.as_str(), value.to_cel());
        }
    }
    context.add_variable_from_value(TODAY, midnight(scope.today));
    if compiled.uses_answered {
        let answered = compiled
            .names
            .iter()
            .filter(|n| scope.values.get(*n).is_some_and(Value::is_answer))
            .map(|n| (n.clone(), Cel::Bool(true)));
        context.add_variable_from_value(ANSWERED, Cel::Map(cel_map(answered)));
    }
    if compiled.uses_years {
        // Cannot fail: the standard library has no function of this name.
        let added = context.add_function(YEARS, years);
        debug_assert!(added.is_ok());
    }
    if !compiled.patterns.is_empty() {
        let own = Arc::clone(compiled);
        let asked = move |text: Arc<String>, pattern: Arc<String>| match own.patterns.get(&*pattern)
        {
            Some(regex) => Ok(regex.is_match(&text)),
            None => Err(ExecutionError::UndeclaredReference(pattern)),
        };
        let added = context.add_function(MATCHES, asked);
        debug_assert!(added.is_ok());
    }
    context
}

/// Whole years from a day to today, as an age is counted.
fn years(from: Cel, today: Cel) -> Result<Cel, ExecutionError> {
    let day = |v: &Cel| match v {
        Cel::Timestamp(t) => day_of(t),
        _ => None,
    };
    match (day(&from), day(&today)) {
        (Some(from), Some(today)) => Ok(Cel::Int(i64::from(from.years_until(today)))),
        _ => Err(ExecutionError::UnexpectedType {
            got: from.type_of().to_string(),
            want: "date".to_owned(),
        }),
    }
}

/// Drops the values that the engine puts into its errors.
fn kind(error: &ExecutionError) -> EvalError {
    match error {
        ExecutionError::NoSuchKey(name) | ExecutionError::UndeclaredReference(name) => {
            EvalError::Absent(name.to_string())
        }
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::ValuesNotComparable(..)
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::UnsupportedBinaryOperator(..)
        | ExecutionError::UnsupportedIndex(..)
        | ExecutionError::UnsupportedTargetType { .. }
        | ExecutionError::UnsupportedKeyType(_)
        | ExecutionError::NotSupportedAsMethod { .. }
        | ExecutionError::InvalidArgumentCount { .. }
        | ExecutionError::MissingArgumentOrTarget => EvalError::Types,
        _ => EvalError::Domain,
    }
}
