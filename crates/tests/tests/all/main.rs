//! The one integration-test binary: the HTTP suite on both databases.

#![allow(clippy::unwrap_used)]

mod audit;
mod backup;
mod campaign;
mod catalogue;
mod customers;
mod exports;
mod households;
mod import_steps;
mod imports;
mod kill_nine;
mod killed;
mod mess;
mod network;
mod packs;
mod planted;
mod rotation;
mod sign_in;
mod sweep;
mod together;
mod vault;
