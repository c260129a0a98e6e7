//! The one look at a household: its members, products in bands, tags, and
//! everything that has happened to it, in words. It shows what is known of the
//! people and nothing of plans or of custody's internals: those have
//! operations of their own. It changes nothing.

pub mod http;
pub mod store;
pub mod timeline;
