//! The desk of a branch head: moving, locking and striking stops of a draft with
//! the effect shown before it is done, undoing, telling who is away, and planning
//! the rest of a week again. Every figure comes from the planner's own clock and
//! judge (`zf_routing::schedule`, `score`); nothing is counted by other formulas.

pub mod admit;
pub mod arrange;
pub mod away;
pub mod effect;
pub mod http;
pub mod service;
pub mod stood;
pub mod store;
pub mod undo;
pub mod view;
pub mod words;
pub mod write;
