//! What every HTTP handler shares: who is calling (session → context), the
//! permission of an operation, problem+json, keyset pages, the OpenAPI
//! document. Rooms write handlers in files named `http.rs` with these parts;
//! this crate knows the kernel and axum, and none of the rooms.

pub mod api;
pub mod auth;
pub mod body;
pub mod download;
pub mod guard;
pub mod page;
pub mod problem;
pub mod request;
pub mod state;
pub mod words;

pub use api::Api;
pub use auth::Caller;
pub use body::Body;
pub use download::{Download, download};
pub use guard::Access;
pub use page::{Page, PageQuery};
pub use problem::Problem;
pub use state::WebState;

/// What a handler returns.
pub type Answer<T> = std::result::Result<T, Problem>;
