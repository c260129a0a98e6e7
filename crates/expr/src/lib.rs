//! Typed CEL: the one expression language of forms, formulas, must-visit groups
//! and rules. Texts come from packs and forms; values come in by declared type
//! from the caller and never by what JSON looks like; a typed value goes out.
//! Pure: today's date is an argument. May not know forms, packs or databases.
//!
//! The language is a subset of CEL that the phone's engine evaluates the same
//! way: operators, `in`, `has`, `size`, `matches`, `startsWith`, `endsWith`,
//! `contains`, `timestamp`, `duration`, conversions, `all`, `exists`,
//! `exists_one`, `filter`, and ours: `today()`, `answered(x)`, `years(date)`.

mod check;
mod compile;
mod eval;
mod pattern;
mod quick;
mod value;
mod words;

pub use check::Env;
pub use compile::{
    Expr, ExprError, MAX_DEPTH, MAX_LOOPS, MAX_NODES, MAX_TEXT, MAX_TURNS, RESERVED,
};
pub use eval::{EvalError, Scope};
pub use value::{NullRefused, Ty, Value};
