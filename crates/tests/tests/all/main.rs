//! The one integration-test binary: the HTTP suite on both databases.

#![allow(clippy::unwrap_used)]

mod audit;
mod backup;
mod belongings;
mod board;
mod campaign;
mod campaign_edit;
mod catalogue;
mod custody;
mod customers;
mod duplicates;
mod exports;
mod filing;
mod forms;
mod fuzz;
mod groups;
mod households;
mod import_steps;
mod imports;
mod kill_nine;
mod killed;
mod layers;
mod mess;
mod network;
mod packs;
mod paper;
mod phones;
mod places;
mod plan_desk;
mod planted;
mod products;
mod quality;
mod resealed;
mod rotation;
mod scars;
mod sign_in;
mod sources_over;
mod sweep;
mod together;
mod transfers;
mod vault;
mod visits;
mod warm_up;
