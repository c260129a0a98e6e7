//! Network: who and where. Units and staff over HTTP, the work calendar,
//! village groups, customers and households, and the imports that fill them.
//! The lowest room: it knows the kernel, the web edge and the office (files),
//! and none of the rooms above (plan, field, check, act). It does not score,
//! rank or plan anything.

pub mod calendar;
pub mod customer;
pub mod import;
pub mod layer;
pub mod place;
pub mod staff;
pub mod unit;
pub mod village_group;
pub mod words;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [
        village_group::store::STATEMENTS,
        customer::store::STATEMENTS,
        customer::bulk::STATEMENTS,
        customer::source::STATEMENTS,
        customer::source::ended::STATEMENTS,
        customer::source::moves::STATEMENTS,
        customer::standing::STATEMENTS,
        customer::past::store::STATEMENTS,
        import::store::STATEMENTS,
        import::reseal::STATEMENTS,
        place::store::STATEMENTS,
        layer::store::STATEMENTS,
    ]
    .concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = unit::http::api(api);
    let api = staff::http::api(api);
    let api = calendar::http::api(api);
    let api = village_group::http::api(api);
    let api = customer::http::api(api);
    let api = place::http::api(api);
    let api = layer::http::api(api);
    import::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    import::jobs::handlers(handlers);
    customer::reseal::handlers(handlers);
    import::reseal::handlers(handlers);
    customer::source::ended::handlers(handlers);
}
