//! The rescue key of an organisation: phones seal what must survive them to
//! its public half (ECDH-ES on P-256, HKDF-SHA-256, AES-256-GCM), because that
//! is what a browser can do; the private half is sealed by the key ring and
//! used only when an officer opens something. Knows no phone and no database.
//!
//! ```text
//! ephemeral public key 65 (uncompressed) · nonce 12 · ciphertext · tag 16
//! key = HKDF-SHA-256(shared x, no salt, "zoufang.rescue.v1")
//! ```

use crate::{Rng, VaultError};
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;
use zeroize::Zeroize;

const POINT: usize = 65;
const NONCE: usize = 12;
const TAG: usize = 16;
const INFO: &[u8] = b"zoufang.rescue.v1";

/// A fresh pair: the private half (32 bytes, to be sealed at once) and the
/// public half (65 bytes).
pub fn generate(rng: Rng<'_>) -> ([u8; 32], [u8; POINT]) {
    loop {
        let mut bytes = [0u8; 32];
        rng(&mut bytes);
        // Fails for one in 2^32: zero or beyond the order of the curve.
        if let Ok(secret) = SecretKey::from_slice(&bytes) {
            return (bytes, point(&secret.public_key()));
        }
    }
}

fn point(public: &PublicKey) -> [u8; POINT] {
    let mut out = [0u8; POINT];
    out.copy_from_slice(public.to_sec1_point(false).as_bytes());
    out
}

/// Seals as a phone does; for tests and for tools.
///
/// # Errors
/// A public key that is none.
pub fn seal(public: &[u8], clear: &[u8], rng: Rng<'_>) -> Result<Vec<u8>, VaultError> {
    let (mut own, own_public) = generate(rng);
    let cipher = agreed(&own, public)?;
    own.zeroize();
    let mut nonce = [0u8; NONCE];
    rng(&mut nonce);
    let sealed = cipher.encrypt(&Nonce::from(nonce), clear);
    let sealed = sealed.map_err(|_| VaultError::Truncated)?;
    Ok([&own_public[..], &nonce, &sealed].concat())
}

/// Whether something may have been sealed by a phone: long enough, and with a
/// point in front that is written as one.
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.len() > POINT + NONCE + TAG && PublicKey::from_sec1_bytes(&bytes[..POINT]).is_ok()
}

/// Opens what a phone sealed.
///
/// # Errors
/// Too short, no key in front, or not sealed to this key.
pub fn open(private: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (public, rest) = sealed
        .split_first_chunk::<POINT>()
        .ok_or(VaultError::Truncated)?;
    let (nonce, body) = rest
        .split_first_chunk::<NONCE>()
        .ok_or(VaultError::Truncated)?;
    let cipher = agreed(private, public)?;
    cipher
        .decrypt(&Nonce::from(*nonce), body)
        .map_err(|_| VaultError::Forged)
}

fn agreed(private: &[u8], public: &[u8]) -> Result<Aes256Gcm, VaultError> {
    let private = SecretKey::from_slice(private).map_err(|_| VaultError::Truncated)?;
    let public = PublicKey::from_sec1_bytes(public).map_err(|_| VaultError::Truncated)?;
    let shared = ecdh::diffie_hellman(private.to_nonzero_scalar(), public.as_affine());
    let mut key = hkdf(shared.raw_secret_bytes());
    let cipher = Aes256Gcm::new((&key).into());
    key.zeroize();
    Ok(cipher)
}

/// RFC 5869 with an empty salt and one block of output.
fn hkdf(shared: &[u8]) -> [u8; 32] {
    let once = |key: &[u8], parts: &[&[u8]]| -> [u8; 32] {
        // infallible: HMAC takes a key of any length.
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("any length");
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    };
    let mut extracted = once(&[0u8; 32], &[shared]);
    let key = once(&extracted, &[INFO, &[1]]);
    extracted.zeroize();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_to_a_key_opens_with_it_and_with_no_other() {
        let mut rng = crate::os_random;
        let (private, public) = generate(&mut rng);
        let (other, _) = generate(&mut rng);
        let sealed = seal(&public, b"outbox", &mut rng).unwrap();
        assert!(is_sealed(&sealed) && !is_sealed(&sealed[1..]) && !is_sealed(b"outbox"));
        assert_eq!(open(&private, &sealed).unwrap(), b"outbox");
        assert!(open(&other, &sealed).is_err());
        let mut bent = sealed.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert!(open(&private, &bent).is_err());
        assert!(open(&private, &sealed[..40]).is_err());
    }

    #[test]
    fn the_derivation_is_that_of_rfc_5869() {
        // Computed with Python: hmac of the zero salt, then of the info and 0x01.
        let key = hkdf(&[7u8; 32]);
        let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "e71b2177b9d9b20527a0403259d562d96dd3500bea10e7d9cd4bfe6419219741"
        );
    }
}
