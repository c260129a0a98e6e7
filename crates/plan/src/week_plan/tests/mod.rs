//! Tests of week plans: `pure` from typed-in facts, `database` through the
//! services on every database there is.

mod database;
mod desk;
mod house;
mod pure;
mod rain;
