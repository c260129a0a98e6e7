//! Plan: the first room of the loop. Programs with their campaign file, the
//! check of feasibility before anything is ordered, targets, and the week
//! plans of the branches. It knows the nouns of the kernel, the network room
//! below it and the routing engine; it knows nothing of visits made.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod check;
pub mod definition;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    vec![]
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    api
}

/// Adds the jobs of this room.
pub fn handlers(_handlers: &mut Handlers) {}
