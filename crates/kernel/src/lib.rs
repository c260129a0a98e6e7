//! The nouns of the house and what every room shares: the organisation tree,
//! accounts and permissions, the audit chain, jobs, settings, the calendar and
//! the packs. The kernel knows the store and the vault; it knows nothing of
//! HTTP and nothing of any room above it (plan, field, check, act), and it has
//! no code for a particular pack.

pub mod app;
pub mod authz;
pub mod calendar;
pub mod ctx;
pub mod error;
pub mod event;
pub mod job;
pub mod keys;
pub mod migrations;
pub mod pack;
pub mod setting;
pub mod staff;
pub mod text;
pub mod unit;
pub mod user;

pub use app::{App, Clock, SystemClock};
pub use authz::{Permission, UnitScope};
pub use ctx::{Actor, Ctx};
pub use error::{FieldError, KernelError, Refusal};
pub use event::tx::{UnitTx, Work, again, transact};
pub use job::house::{handlers, schedules};

use zf_store::Sql;

/// Every SQL statement of the kernel, for the test that prepares them all.
pub fn statements() -> Vec<Sql> {
    [
        event::store::STATEMENTS,
        unit::store::STATEMENTS,
        staff::store::STATEMENTS,
        user::store::STATEMENTS,
        calendar::store::STATEMENTS,
        job::store::STATEMENTS,
        setting::store::STATEMENTS,
    ]
    .concat()
}
