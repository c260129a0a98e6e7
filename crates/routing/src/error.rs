//! What can be wrong with an instance, as data.
//!
//! What it is for: the reader and the validation list *all* findings, each
//! naming the task or route; callers turn them into words on screen or take
//! the short technical text of `Display`.
//! What it may not know: where the instance came from.

use std::fmt;

use thiserror::Error;

use crate::instance::Id;

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The instance as a whole.
    Instance,
    /// A depot by name.
    Depot(Id),
    /// A task by id.
    Task(Id),
    /// A route by id.
    Route(Id),
    /// The n-th task (from 0), which has no usable id.
    TaskAt(usize),
    /// The n-th route (from 0), which has no usable id.
    RouteAt(usize),
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Instance => write!(out, "instance"),
            Subject::Depot(id) => write!(out, "depot {id}"),
            Subject::Task(id) => write!(out, "task {id}"),
            Subject::Route(id) => write!(out, "route {id}"),
            Subject::TaskAt(at) => write!(out, "tasks[{at}]"),
            Subject::RouteAt(at) => write!(out, "routes[{at}]"),
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Problem {
    /// Not JSON at all.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// A required field is absent.
    #[error("is missing")]
    Missing,
    /// The kind of value is wrong.
    #[error("is {found}, expected {expected}")]
    WrongKind {
        /// What was expected.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// A number with a fraction where whole numbers are counted.
    #[error("is {0}, expected a whole number")]
    NotWhole(f64),
    /// A number outside of its range.
    #[error("is {found}, must be between {least} and {most}")]
    OutOfRange {
        /// As read.
        found: String,
        /// Smallest accepted.
        least: f64,
        /// Largest accepted.
        most: f64,
    },
    /// A value other than the known ones.
    #[error("is {0:?}, which is not known")]
    Unknown(String),
    /// A reference to something that is not there.
    #[error("names {0}, which does not exist")]
    NoSuch(Id),
    /// The same id twice.
    #[error("is used more than once")]
    Duplicate,
    /// The end lies before the start.
    #[error("is reversed: {0} is after {1}")]
    Reversed(i64, i64),
    /// A list that must not be empty.
    #[error("is empty")]
    Empty,
    /// The matrix is not square over depots and tasks.
    #[error("has {found} entries, expected {expected}")]
    Length {
        /// Entries there are.
        found: usize,
        /// Depots plus tasks.
        expected: usize,
    },
    /// The sum of all prizes does not fit 64 bits.
    #[error("adds up to more than 64 bits hold")]
    Overflow,
    /// The fixed visits cannot be made as fixed.
    #[error("cannot be kept: {0}")]
    FixedInfeasible(String),
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{subject}: {field} {problem}")]
pub struct InstanceError {
    /// What it is about.
    pub subject: Subject,
    /// The field, as in the format.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// All findings of one instance, one a line.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceErrors(pub Vec<InstanceError>);

impl fmt::Display for InstanceErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            write!(out, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InstanceErrors {}
