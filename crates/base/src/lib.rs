//! The vocabulary everything else is built from: typed ids, days and weeks,
//! money, places, masking of personal data, checks of phones and ID numbers,
//! the Chinese calendar, limits. Pure: no I/O, no clock, no randomness, and no
//! knowledge of databases or HTTP.

pub mod ids;
pub mod money;
pub mod time;

pub use ids::*;
pub use money::Fen;
pub use time::{Clock, Day, IsoWeek, Timestamp};
