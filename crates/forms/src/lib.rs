//! Forms and packs as data: the schema of versioned questions, its check before
//! publishing, the evaluation of answers, and the reading of pack folders.
//! Texts come in from files or the database through the caller; results go back
//! as typed values. Pure: no I/O, no clock. May not know databases or HTTP.

mod answers;
mod check;
mod evaluate;
mod line;
mod model;
pub mod pack;
mod samples;
mod trial;
mod words;
pub mod workbook;

pub use check::{Compiled, Problem};
pub use evaluate::{Evaluation, Fault, Violation, evaluate};
pub use line::{LineError, form_eval_line};
pub use model::{
    Choice, Field, FieldType, Form, FormError, Label, MAX_FORM_BYTES, MAX_POINTS, Rule,
};
pub use samples::{Sample, samples};
