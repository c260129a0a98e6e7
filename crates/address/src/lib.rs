//! Addresses: a line of text into province, city, county, township, village,
//! village group, house number and the rest. Pure: the table of divisions comes
//! in as an argument (built from a published list, see [`Divisions`]); without
//! one only the shape of the text is read. Addresses are personal data, so
//! nothing here prints or reports one.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod divisions;
mod number;
mod parse;
mod shape;
mod words;

pub use divisions::{Divisions, DivisionsError};
pub use number::{GroupKey, group_key};
pub use parse::{Hint, Note, Parsed, Part, parse};
pub use shape::{township_core, village_core};

#[cfg(test)]
mod tests;
