//! Register: who belongs together. Households and their members, records that
//! are one person, moves between branches, and the one look at a household. It
//! knows the network room, custody and the linkage engine; it plans nothing.

#![cfg_attr(test, allow(clippy::unwrap_used))]

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
