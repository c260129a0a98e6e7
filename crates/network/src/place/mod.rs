//! Where a customer is. Files come with few coordinates, so a missing one falls
//! back from the door to the household, the village group, the village, the
//! township and at last the outlet; what is not the door is told apart and
//! shown as approximate. One tap pins the door. Coordinates are WGS-84 with the
//! datum they came in; this slice knows no names and opens nothing sealed but
//! the address of a customer whose village group is wanted.

pub mod datum;
pub mod http;
pub mod ladder;
pub mod matching;
pub mod service;
pub mod store;
pub mod table;

pub use ladder::{Ladder, Placed, Precision};
pub use matching::{GroupIndex, group_of_address};
pub use table::Gazetteer;
