//! Puts the house together: configuration, opening an installation, the HTTP
//! server with the embedded pages, the worker, and every command of the
//! program `zoufang`. Knows all rooms; holds no rule of the business. The
//! binary does nothing but call [`cli::run`].

pub mod api;
pub mod assets;
pub mod backup;
pub mod bench;
pub mod cert;
pub mod cli;
pub mod config;
pub mod demo;
pub mod disk;
pub mod doctor;
pub mod error;
pub mod health;
pub mod jobs;
pub mod keys;
pub mod metrics;
pub mod observe;
pub mod offline;
pub mod open;
pub mod openapi;
pub mod router;
pub mod serve;
pub mod store;
pub mod tls;
pub mod words;

pub use router::build_router;

use zf_kernel::job::worker::Handlers;
use zf_store::Sql;

/// Every SQL statement of the program that both databases must understand.
pub fn statements() -> Vec<Sql> {
    let mut all = zf_kernel::statements();
    all.extend(zf_network::statements());
    all.extend(zf_custody::statements());
    all.extend(zf_register::statements());
    all.extend(zf_plan::statements());
    all.extend(zf_field::statements());
    all.extend(zf_act::statements());
    all.extend_from_slice(store::STATEMENTS);
    all
}

/// Every job the worker can run.
pub fn handlers() -> Handlers {
    let mut handlers = Handlers::default();
    zf_kernel::job::house::handlers(&mut handlers);
    zf_network::handlers(&mut handlers);
    zf_custody::handlers(&mut handlers);
    zf_register::handlers(&mut handlers);
    zf_plan::handlers(&mut handlers);
    zf_field::handlers(&mut handlers);
    zf_act::handlers(&mut handlers);
    handlers
}
