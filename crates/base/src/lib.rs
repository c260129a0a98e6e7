//! The vocabulary everything else is built from: typed ids, days and weeks,
//! money, places, masking of personal data, checks of phones and ID numbers,
//! the Chinese calendar, limits. Pure: no I/O, no clock, no randomness, and no
//! knowledge of databases or HTTP.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cadence;
pub mod calendar;
pub mod code;
pub mod geo;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod mask;
pub mod money;
pub mod phone;
pub mod search;
pub mod term;
pub mod time;

pub use calendar::WorkCalendar;
pub use code::ErrorCode;
pub use geo::{Datum, Meters, Point};
pub use ids::*;
pub use mask::{Masked, Permit, Reason};
pub use money::Fen;
pub use time::{Clock, Day, IsoWeek, Timestamp};
