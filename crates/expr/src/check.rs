//! The check before publishing: are all names declared, and do the types fit?
//! Types are checked by evaluating every part on sample values of the declared
//! types; part by part, so that `&&` cannot hide a fault behind its first half.

use crate::compile::{Expr, ExprError, position};
use crate::eval::{EvalError, Scope, context, resolve};
use crate::value::{Ty, Value};
use crate::words;
use cel::common::ast::{CallExpr, Expr as Node, IdedExpr};
use cel::{Context, Value as Cel};
use std::collections::BTreeMap;
use zf_base::Day;

/// Declared variables.
#[derive(Clone, Debug, Default)]
pub struct Env {
    vars: BTreeMap<String, Ty>,
    samples: BTreeMap<String, Value>,
}

impl Env {
    /// Without variables.
    pub fn new() -> Self {
        Env::default()
    }

    /// Declares a variable; a second declaration replaces the first.
    pub fn declare(&mut self, name: &str, ty: Ty) {
        self.declare_with(name, ty, sample(ty));
    }

    /// Declares the rows of a repeated group with their columns.
    pub fn declare_rows(&mut self, name: &str, columns: &Env) {
        let rows = Value::List(vec![Value::Map(columns.samples.clone())]);
        self.declare_with(name, Ty::Rows, rows);
    }

    fn declare_with(&mut self, name: &str, ty: Ty, sample: Value) {
        self.vars.insert(name.to_owned(), ty);
        self.samples.insert(name.to_owned(), sample);
    }

    /// The declared type of a variable.
    pub fn ty(&self, name: &str) -> Option<Ty> {
        self.vars.get(name).copied()
    }

    /// Compiles and checks in one step; `want` is the type of the result.
    pub fn compile(&self, text: &str, want: Ty) -> Result<Expr, ExprError> {
        let expr = Expr::compile(text)?;
        self.check(&expr, want)?;
        Ok(expr)
    }

    /// Refuses unknown names, types that do not fit, and a result that is not `want`.
    pub fn check(&self, expr: &Expr, want: Ty) -> Result<(), ExprError> {
        if let Some(unknown) = expr.names().iter().find(|n| !self.vars.contains_key(*n)) {
            return Err(ExprError::whole(words::unknown_name(unknown)));
        }
        let scope = Scope {
            values: &self.samples,
            today: Day::from_epoch_days(20_000),
        };
        let context = context(&expr.0, &scope);
        let result = part(expr, &expr.0.tree, &context)?;
        let fits = match result {
            // A fault of these sample values only, e.g. int('x'): the type stays open.
            None => true,
            Some(value) => fits(&value, want),
        };
        if !fits {
            return Err(ExprError::whole(words::wrong_result(want)));
        }
        Ok(())
    }
}

/// A value of each type that makes most conditions meet something.
fn sample(ty: Ty) -> Value {
    match ty {
        Ty::Bool => Value::Bool(true),
        Ty::Int => Value::Int(1),
        Ty::Decimal => Value::Decimal(1.5),
        Ty::Text => Value::Text("x".to_owned()),
        Ty::Day => Value::Day(Day::from_epoch_days(20_000)),
        Ty::Many => Value::Many(vec!["x".to_owned()]),
        Ty::Money => Value::Money(100),
        Ty::Rows => Value::List(vec![Value::Map(BTreeMap::new())]),
    }
}

fn fits(value: &Cel, want: Ty) -> bool {
    match want {
        Ty::Bool => matches!(value, Cel::Bool(_)),
        Ty::Int | Ty::Money => matches!(value, Cel::Int(_)),
        Ty::Decimal => matches!(value, Cel::Int(_) | Cel::Float(_)),
        Ty::Text => matches!(value, Cel::String(_)),
        Ty::Day => matches!(value, Cel::Timestamp(_)),
        Ty::Many | Ty::Rows => matches!(value, Cel::List(_)),
    }
}

/// Evaluates a part after all its parts; `None` when this sample has no result.
fn part(expr: &Expr, e: &IdedExpr, context: &Context<'_, '_>) -> Result<Option<Cel>, ExprError> {
    match &e.expr {
        Node::Call(call) => {
            let mut values = Vec::new();
            for argument in call.target.iter().map(|t| &**t).chain(&call.args) {
                values.push(part(expr, argument, context)?);
            }
            if compares_unlike(call, &values) {
                return Err(misfit(expr, e));
            }
        }
        Node::List(list) => {
            for element in &list.elements {
                part(expr, element, context)?;
            }
        }
        Node::Select(select) => {
            part(expr, &select.operand, context)?;
        }
        // The body has names of its own; it runs with the whole on a list of one.
        Node::Comprehension(c) => {
            part(expr, &c.iter_range, context)?;
        }
        _ => {}
    }
    match resolve(e, context) {
        Ok(value) => Ok(Some(value)),
        Err(EvalError::Types) => Err(misfit(expr, e)),
        Err(EvalError::Absent(name)) => Err(ExprError {
            message: words::unknown_name(&name),
            position: position(expr.text(), &expr.0.source, e.id),
        }),
        Err(EvalError::Domain | EvalError::Result) => Ok(None),
    }
}

fn misfit(expr: &Expr, e: &IdedExpr) -> ExprError {
    ExprError {
        message: words::types_do_not_fit(),
        position: position(expr.text(), &expr.0.source, e.id),
    }
}

/// CEL answers `'1' == 1` with false; in a form it is always a mistake.
fn compares_unlike(call: &CallExpr, values: &[Option<Cel>]) -> bool {
    let [Some(a), Some(b)] = values else {
        return false;
    };
    let unlike = |a: &Cel, b: &Cel| std::mem::discriminant(a) != std::mem::discriminant(b);
    match call.func_name.as_str() {
        "_==_" | "_!=_" => unlike(a, b),
        "@in" => match b {
            Cel::List(items) => items.iter().any(|item| unlike(a, item)),
            Cel::Map(_) => false,
            _ => true,
        },
        _ => false,
    }
}
