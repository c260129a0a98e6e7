//! Bearer tokens (sessions, download links, enrolment): 256 random bits as
//! URL-safe text for the holder, their SHA-256 for the database. Whoever reads
//! the database cannot sign in. A plain hash is enough because there is
//! nothing to guess. Pure apart from the random source passed in.

use crate::Rng;
use crate::text::base64url;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroize;

/// A fresh token. `Debug` does not show it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Draws 256 bits.
    pub fn new(rng: Rng) -> Token {
        let mut bytes = [0u8; 32];
        rng(&mut bytes);
        Token(base64url(&bytes))
    }
    /// 43 URL-safe characters, for the holder.
    pub fn text(&self) -> &str {
        &self.0
    }
    /// What the database keeps.
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.0)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What the database keeps for a token that came in.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os_random;
    use crate::text::hex;

    #[test]
    fn the_digest_is_the_sha_256_of_the_text() {
        assert_eq!(
            hex(&digest("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_token_has_43_url_safe_characters_and_is_not_printed() {
        let token = Token::new(&mut |b| b.fill(0xff));
        assert_eq!(token.text(), format!("{}8", "_".repeat(42)));
        assert_eq!(format!("{token:?}"), "Token(..)");
        assert_eq!(token.digest(), digest(token.text()));
    }

    #[test]
    fn two_tokens_differ() {
        let (a, b) = (Token::new(&mut os_random), Token::new(&mut os_random));
        assert_ne!(a.text(), b.text());
        assert_eq!(a.text().len(), 43);
    }
}
