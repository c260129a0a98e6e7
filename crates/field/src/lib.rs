//! Field: what happened at the door. Visits with their records, how they come
//! in from a phone or from the desk (sync), and the desk's own page. It knows
//! the plan room (whom was to be visited) and the rooms below; nobody below
//! knows it. What visits mean for plans goes there as a call of the plan's own
//! service or as a job, never by writing its tables.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod blob;
pub mod board;
pub mod daily_meeting;
pub mod desk;
pub mod device;
pub mod erase;
pub mod gone;
pub mod label;
pub mod rescue;
pub mod sealed;
pub mod sync;
pub mod team;
pub mod visit;
pub mod words;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [
        blob::store::STATEMENTS,
        board::store::STATEMENTS,
        daily_meeting::store::STATEMENTS,
        desk::double::store::STATEMENTS,
        desk::store::STATEMENTS,
        erase::STATEMENTS,
        gone::store::STATEMENTS,
        device::store::STATEMENTS,
        rescue::store::STATEMENTS,
        sealed::STATEMENTS,
        sync::pull::store::STATEMENTS,
        sync::store::STATEMENTS,
        team::STATEMENTS,
        visit::store::STATEMENTS,
    ]
    .concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = sync::http::api(api);
    let api = sync::pull::http::api(api);
    let api = visit::http::api(api);
    let api = device::http::api(api);
    let api = rescue::http::api(api);
    let api = sync::review::http::api(api);
    let api = blob::http::api(api);
    let api = board::http::api(api);
    let api = daily_meeting::http::api(api);
    let api = desk::http::api(api);
    let api = gone::http::api(api);
    desk::double::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    sealed::handlers(handlers);
    erase::handlers(handlers);
    rescue::service::handlers(handlers);
    blob::jobs::handlers(handlers);
    blob::keys::handlers(handlers);
    sync::pull::jobs::handlers(handlers);
}
