//! Plan: the first room of the loop. Programs with their campaign file, the
//! check of feasibility before anything is ordered, targets, and the week
//! plans of the branches. It knows the nouns of the kernel, the network room
//! below it and the routing engine; it knows nothing of visits made.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod check;
pub mod collection;
pub mod definition;
pub mod filing;
pub mod form;
pub mod groups;
pub mod meeting;
pub mod overview;
pub mod paper;
pub mod program;
pub mod shortfall;
pub mod stock;
pub mod targets;
pub mod warm_up;
pub mod week_plan;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [
        collection::store::STATEMENTS,
        filing::store::STATEMENTS,
        form::store::STATEMENTS,
        groups::store::STATEMENTS,
        groups::ticks::store::STATEMENTS,
        meeting::store::STATEMENTS,
        overview::store::STATEMENTS,
        paper::numbers::STATEMENTS,
        paper::store::STATEMENTS,
        program::store::STATEMENTS,
        program::edit::STATEMENTS,
        program::life::store::STATEMENTS,
        shortfall::store::STATEMENTS,
        stock::store::STATEMENTS,
        targets::store::STATEMENTS,
        targets::standing::STATEMENTS,
        targets::visited::STATEMENTS,
        warm_up::store::STATEMENTS,
        week_plan::desk::store::STATEMENTS,
        week_plan::store::STATEMENTS,
    ]
    .concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = check::http::api(api);
    let api = collection::http::api(api);
    let api = filing::http::api(api);
    let api = form::http::api(api);
    let api = groups::http::api(api);
    let api = groups::ticks::http::api(api);
    let api = meeting::http::api(api);
    let api = overview::http::api(api);
    let api = paper::http::api(api);
    let api = program::http::api(api);
    let api = program::edit::http::api(api);
    let api = program::life::http::api(api);
    let api = shortfall::http::api(api);
    let api = stock::http::api(api);
    let api = targets::http::api(api);
    let api = warm_up::http::api(api);
    week_plan::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    groups::jobs::handlers(handlers);
    targets::jobs::handlers(handlers);
    targets::standing::handlers(handlers);
    week_plan::jobs::handlers(handlers);
}
