//! Households (户) and their members: proposals from what customers have in
//! common, confirmed by the branch head, and moves by hand. A household is
//! never deleted, an empty one is just empty, so that targets stay valid. It
//! knows the customers of the network room; it plans nothing.

pub mod decide;
pub mod door;
pub mod evidence;
pub mod family;
pub mod http;
pub mod moves;
pub mod preset;
pub mod propose;
pub mod read;
pub mod run;
mod seat;
pub mod store;
pub mod view;
pub mod words;

#[cfg(test)]
mod tests;
