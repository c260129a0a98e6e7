//! Sign-in passwords as Argon2id in PHC text, and a dummy for users who do not
//! exist, so that both answers take the same time. Pure apart from the random
//! source passed in. Policy (length, weak lists, lock-out) is not decided here.

use crate::keyfile::KdfParams;
use crate::{Rng, VaultError};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Hashes a password with a fresh salt: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
/// Usual cost: [`KdfParams::PASSWORD`].
///
/// # Errors
/// `Kdf` when the cost is out of bounds or memory is short.
pub fn hash(password: &str, params: KdfParams, rng: Rng) -> Result<String, VaultError> {
    let mut salt = [0u8; 16];
    rng(&mut salt);
    let phc = params
        .argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|_| VaultError::Kdf)?;
    Ok(phc.to_string())
}

/// Whether the password belongs to the PHC text. The comparison takes constant
/// time. False for a text that is no Argon2id hash or asks for a cost out of
/// bounds.
pub fn verify(password: &str, phc: &str) -> bool {
    let Some((parsed, _)) = parse(phc) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok()
}

/// A text to verify against when the user does not exist: costs the same as a
/// real one, and no password belongs to it (its hash is random). Make one at
/// the start and keep it.
///
/// # Errors
/// As [`hash`].
pub fn dummy(params: KdfParams, rng: Rng) -> Result<String, VaultError> {
    let mut secret = [0u8; 32];
    rng(&mut secret);
    hash(&crate::text::hex(&secret), params, rng)
}

/// Whether the text was made with another cost than `params` and should be
/// made anew at the next sign-in.
pub fn needs_rehash(phc: &str, params: KdfParams) -> bool {
    parse(phc).is_none_or(|(_, used)| used != params)
}

fn parse(phc: &str) -> Option<(PasswordHash, KdfParams)> {
    let parsed = PasswordHash::new(phc).ok()?;
    if parsed.algorithm != Algorithm::Argon2id.ident()
        || parsed.version != Some(Version::V0x13.into())
    {
        return None;
    }
    let params = Params::try_from(&parsed).ok()?;
    let used = KdfParams {
        memory_kib: params.m_cost(),
        passes: params.t_cost(),
        lanes: params.p_cost(),
    };
    used.argon2().ok()?;
    Some((parsed, used))
}
