//! Register: who belongs together. Households and their members, records that
//! are one person, moves between branches, and the one look at a household. It
//! knows the network room, custody and the linkage engine; it plans nothing.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod duplicate;
pub mod household;
pub mod merge;
pub mod products;
pub mod profile;
pub mod quality;
pub mod transfer;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [
        duplicate::store::STATEMENTS,
        household::store::STATEMENTS,
        profile::store::STATEMENTS,
        merge::store::STATEMENTS,
        products::store::STATEMENTS,
        quality::store::STATEMENTS,
        transfer::store::STATEMENTS,
        transfer::trail::STATEMENTS,
    ]
    .concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = duplicate::http::api(api);
    let api = household::http::api(api);
    let api = profile::http::api(api);
    let api = merge::http::api(api);
    let api = products::http::api(api);
    let api = quality::http::api(api);
    transfer::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    duplicate::jobs::handlers(handlers);
    household::run::handlers(handlers);
    merge::jobs::handlers(handlers);
    quality::jobs::handlers(handlers);
    transfer::jobs::handlers(handlers);
}
