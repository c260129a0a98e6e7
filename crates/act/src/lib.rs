//! Act: somebody must do something by a time. Tasks go from hand to hand by
//! the flow of their kind, with a clock that pauses; routines open them again
//! and again. Kinds, flows and routines are data of the packs. Other rooms
//! open tasks by enqueueing a job (`zf_kernel::job::task`), never by a call:
//! nobody below knows this room.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod notice;
pub mod routine;
pub mod task;

use zf_kernel::job::schedule::Preset;
use zf_kernel::job::worker::Handlers;
use zf_store::Sql;
use zf_web::Api;

/// Every SQL statement of this room.
pub fn statements() -> Vec<Sql> {
    [task::store::STATEMENTS, routine::store::STATEMENTS].concat()
}

/// Adds the operations of this room.
pub fn api(api: Api) -> Api {
    let api = task::http::api(api);
    let api = routine::http::api(api);
    notice::http::api(api)
}

/// Adds the jobs of this room.
pub fn handlers(handlers: &mut Handlers) {
    task::jobs::handlers(handlers);
    routine::jobs::handlers(handlers);
}

/// Schedules of this room.
pub const SCHEDULES: &[Preset] = &[task::jobs::TICK_SCHEDULE, routine::jobs::RUN_SCHEDULE];
