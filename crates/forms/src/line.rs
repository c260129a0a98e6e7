//! One JSON line in, one JSON line out: the contract of `zoufang form eval`,
//! so that the command is nothing but a loop. Reads no file and no clock:
//! today comes in with the line.

use crate::check::Compiled;
use crate::words;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use thiserror::Error;
use zf_base::Day;

/// A line that is no set of answers. Holds no part of the line.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LineError {
    /// Not JSON at all.
    #[error("{}", words::NOT_JSON)]
    NotJson,
    /// JSON without `answers` (an object) and `today` (a day).
    #[error("{}", words::LINE_SHAPE)]
    Shape,
}

impl LineError {
    /// What to print in the place of the result, so that output line n answers input line n.
    pub fn to_line(self) -> String {
        json!({ "error": self.to_string() }).to_string()
    }
}

/// Evaluates `{"answers":{…},"today":"YYYY-MM-DD"}` to
/// `{"relevant":[…],"missing":[…],"violations":[…],"calculated":{…},"score":n}`.
pub fn form_eval_line(form: &Compiled, line: &str) -> Result<String, LineError> {
    #[derive(Deserialize)]
    struct Line {
        answers: Map<String, Json>,
        today: Day,
    }
    let json: Json = serde_json::from_str(line).map_err(|_| LineError::NotJson)?;
    let line: Line = serde_json::from_value(json).map_err(|_| LineError::Shape)?;
    let result = form.evaluate(&line.answers, line.today);
    serde_json::to_string(&result).map_err(|_| LineError::Shape)
}
