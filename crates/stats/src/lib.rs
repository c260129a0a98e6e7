//! Statistics: linkage of records that may be one person (Fellegi–Sunter), rules over time, and
//! later diagnosis, queues and pilots. Pure: records in, scored pairs out; same
//! input and seed, same answer. It knows no database and no screen.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod linkage;
pub mod rules;
