//! Everything that needs a key: the key ring of an installation, encryption of
//! single fields and of larger things, the blind index for exact look-up, the
//! audit chain, passwords, one-time codes and tokens.
//!
//! Knows no database, no HTTP, no clock and no business noun: a field is named
//! by the texts in [`Aad`], an event by the texts in [`ChainEntry`]. The only
//! thing it takes from the machine is randomness ([`os_random`]). Bytes go out
//! for the caller to store; keys never leave, except wrapped in a [`KeyFile`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chain;
mod error;
mod keyfile;
mod keyring;
pub mod password;
pub mod rescue;
mod sealed;
mod suite;
mod text;
pub mod token;
pub mod totp;

pub use chain::{ChainEntry, ChainHead, ChainVerifier, Finding, GENESIS, Problem, canonical_json};
pub use error::VaultError;
pub use keyfile::{KdfParams, KeyFile};
pub use keyring::{BlindKind, Keyring, Loader, Mac, NonceSource};
pub use sealed::{Aad, OVERHEAD};
pub use suite::Suite;

/// A source of random bytes: fills the whole buffer. Production passes
/// [`os_random`]; tests pass something repeatable.
pub type Rng<'a> = &'a mut dyn FnMut(&mut [u8]);

/// Fills `buf` from the operating system's random source.
///
/// # Panics
/// When the operating system has none to give. Going on would mean a repeated
/// nonce or a guessable key, which is worse than stopping.
pub fn os_random(buf: &mut [u8]) {
    if let Err(e) = getrandom::fill(buf) {
        panic!("the operating system gives no random bytes: {e}");
    }
}
