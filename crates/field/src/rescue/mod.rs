//! What a phone hands over when it cannot be opened any more: a forgotten PIN,
//! a revoked phone. Its outbox is sealed to a key of the organisation from the
//! start; here it comes in opaque, and an officer opens it with a reason.
//! Knows keys and bytes, not what an operation means.

pub mod held;
pub mod http;
pub mod service;
pub mod store;
