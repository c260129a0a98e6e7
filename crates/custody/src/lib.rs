//! Custody: what the bank owes to the people in its base. Sources and lawful
//! bases, consent and refusal, retention, access, erasure, and what leaves the
//! house as an export. It knows the kernel and the network room; it knows no
//! plan and no visit.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod aggregate;
pub mod agreement;
pub mod basis;
pub mod belongings;
pub mod consent;
pub mod export;
pub mod parameters;
pub mod policy;
pub mod privacy;
pub mod request;
pub mod retention;
pub mod sealed;

use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [
        agreement::store::STATEMENTS,
        basis::store::STATEMENTS,
        consent::store::STATEMENTS,
        export::store::STATEMENTS,
        request::store::STATEMENTS,
        retention::store::STATEMENTS,
        sealed::STATEMENTS,
    ]
    .concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = export::http::api(api);
    let api = privacy::http::api(api);
    let api = basis::http::api(api);
    let api = consent::http::api(api);
    let api = request::http::api(api);
    let api = retention::http::api(api);
    let api = agreement::http::api(api);
    parameters::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    export::jobs::handlers(handlers);
    export::reseal::handlers(handlers);
    request::erase::handlers(handlers);
    retention::jobs::handlers(handlers);
    sealed::handlers(handlers);
}

/// The schedules of this room.
pub fn schedules() -> &'static [Preset] {
    retention::jobs::SCHEDULES
}
