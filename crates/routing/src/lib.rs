//! The visit planner: which households which team visits on which day, in
//! which order.
//!
//! A pure library: no files, no clock, no randomness but the given seed. An
//! [`Instance`] (read from the format `zoufang-visit-plan-1` or built by the
//! week planning) goes in, a [`Solution`] with the reasons for everything left
//! out comes out; [`score`] judges any plan independently of the search, and
//! [`schedule`] puts a route on the clock. See README.md for the method.

mod bench;
mod construct;
mod error;
mod explain;
mod fields;
mod insertion;
mod instance;
mod matrix;
mod model;
mod pace;
mod parse;
mod parts;
mod phases;
mod replan;
mod rng;
mod schedule;
mod score;
mod search;
mod solve;
mod state;
mod swap;
mod travel;
mod validate;

pub use bench::{BenchJob, BenchRow, REFERENCES, Reference, bench_rows};
pub use error::{InstanceError, InstanceErrors, Problem, Subject};
pub use explain::{DayReason, Displaced, Reason, Unserved, explain};
pub use instance::{
    After, Depot, EARTH_KM, Id, Instance, MAX_SECONDS, MAX_TASKS, Place, PlannedRoute, Quota,
    Route, Stability, Task, Travel, Window,
};
pub use pace::{Budget, Progress, Silent};
pub use replan::{AgainFigures, AgainJob, AgainRow, again_row};
pub use schedule::{Schedule, Stop, schedule};
pub use score::{Score, Solution, Violation, score};
pub use search::Tuning;
pub use solve::{Params, Prepared, solve};
pub use travel::{Seconds, euclid, haversine};
