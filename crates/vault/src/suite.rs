//! The two cipher suites behind one face: authenticated encryption, keyed hash
//! and derivation of keys. No other module names an algorithm of a suite.
//! Knows nothing of key files, rows or layouts; gets key bytes in, keeps them
//! only inside cipher objects that wipe themselves when dropped.

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, AesGcm, KeyInit};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm3::{Digest, Sm3};
use std::fmt;
use zeroize::Zeroize;

type Sm4Gcm = AesGcm<sm4::Sm4, U12>;

/// Bytes of a GCM nonce in both suites.
pub(crate) const NONCE: usize = 12;
/// Bytes of a GCM tag in both suites.
pub(crate) const TAG: usize = 16;

/// Which algorithms an installation uses; chosen once, when it is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// AES-256-GCM, HMAC-SHA-256.
    Intl,
    /// 国密: SM4-GCM (128-bit key), HMAC-SM3.
    Gm,
}

impl Suite {
    /// The byte that stands for the suite in every sealed value.
    pub fn code(self) -> u8 {
        match self {
            Suite::Intl => 1,
            Suite::Gm => 2,
        }
    }

    /// The suite of a code byte.
    pub fn from_code(code: u8) -> Option<Suite> {
        match code {
            1 => Some(Suite::Intl),
            2 => Some(Suite::Gm),
            _ => None,
        }
    }
}

/// 32 secret bytes: wiped when dropped, never printed.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) [u8; 32]);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// An AEAD ready for use: the key schedule is done once.
pub(crate) enum Cipher {
    Intl(Box<Aes256Gcm>),
    Gm(Box<Sm4Gcm>),
}

impl Cipher {
    /// SM4 takes the first half of the key, AES-256 all of it.
    pub(crate) fn new(suite: Suite, key: &Secret) -> Cipher {
        match suite {
            Suite::Intl => Cipher::Intl(Box::new(Aes256Gcm::new((&key.0).into()))),
            Suite::Gm => {
                let mut half = [0u8; 16];
                half.copy_from_slice(&key.0[..16]);
                let cipher = Cipher::Gm(Box::new(Sm4Gcm::new((&half).into())));
                half.zeroize();
                cipher
            }
        }
    }

    /// Encrypts `data` where it stands and returns the tag.
    ///
    /// # Panics
    /// Above 64 GiB, the limit of GCM; callers cut larger things into pieces.
    pub(crate) fn encrypt(&self, nonce: &[u8; NONCE], aad: &[u8], data: &mut [u8]) -> [u8; TAG] {
        let buf = InOutBuf::from(data);
        let tag = match self {
            Cipher::Intl(c) => c.encrypt_inout_detached(nonce.into(), aad, buf),
            Cipher::Gm(c) => c.encrypt_inout_detached(nonce.into(), aad, buf),
        };
        match tag {
            Ok(tag) => tag.into(),
            Err(_) => panic!("more than 64 GiB in one sealed value"),
        }
    }

    /// Decrypts `data` where it stands; false (and `data` untouched) when the
    /// tag does not fit.
    pub(crate) fn decrypt(
        &self,
        nonce: &[u8; NONCE],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG],
    ) -> bool {
        let buf = InOutBuf::from(data);
        match self {
            Cipher::Intl(c) => c.decrypt_inout_detached(nonce.into(), aad, buf, tag.into()),
            Cipher::Gm(c) => c.decrypt_inout_detached(nonce.into(), aad, buf, tag.into()),
        }
        .is_ok()
    }
}

/// A keyed hash ready for use: the key pads are hashed once.
#[derive(Clone)]
pub(crate) enum MacKey {
    Intl(Hmac<Sha256>),
    Gm(Hmac<Sm3>),
}

impl MacKey {
    pub(crate) fn new(suite: Suite, key: &Secret) -> MacKey {
        const ANY: &str = "HMAC takes keys of any length";
        match suite {
            // infallible: HMAC takes a key of any length.
            Suite::Intl => {
                MacKey::Intl(<Hmac<Sha256> as KeyInit>::new_from_slice(&key.0).expect(ANY))
            }
            // infallible: HMAC takes a key of any length.
            Suite::Gm => MacKey::Gm(<Hmac<Sm3> as KeyInit>::new_from_slice(&key.0).expect(ANY)),
        }
    }

    /// Keyed hash of the parts, one after the other. The caller makes their
    /// borders unambiguous.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        fn run<M: Mac + Clone>(mac: &M, parts: &[&[u8]], out: &mut [u8; 32]) {
            let mut mac = mac.clone();
            for part in parts {
                mac.update(part);
            }
            out.copy_from_slice(&mac.finalize().into_bytes());
        }
        let mut out = [0u8; 32];
        match self {
            MacKey::Intl(m) => run(m, parts, &mut out),
            MacKey::Gm(m) => run(m, parts, &mut out),
        }
        out
    }

    /// A key for one purpose: the expand step of HKDF (RFC 5869 §2.3) for one
    /// block. The extract step is left out because every key this starts from
    /// is 32 uniformly random bytes or such a derivation (§3.3).
    pub(crate) fn derive(&self, label: &str, context: &[u8]) -> Secret {
        let len = (label.len() as u32).to_be_bytes();
        Secret(self.mac(&[b"zf-kdf-1", &len, label.as_bytes(), context, &[1]]))
    }
}

/// Plain hash of the suite.
pub(crate) fn digest(suite: Suite, data: &[u8]) -> [u8; 32] {
    match suite {
        Suite::Intl => Sha256::digest(data).into(),
        Suite::Gm => Sm3::digest(data).into(),
    }
}

/// Equal, in a time that does not depend on where the first difference is.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let diff = a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y));
    std::hint::black_box(diff) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::unhex;

    fn h(s: &str) -> Vec<u8> {
        unhex(&s.to_lowercase()).unwrap()
    }

    fn key(s: &str) -> Secret {
        let mut k = [0xEEu8; 32];
        let bytes = h(s);
        k[..bytes.len()].copy_from_slice(&bytes);
        Secret(k)
    }

    fn gcm(suite: Suite, k: &str, iv: &str, aad: &str, plain: &str, cipher: &str, tag: &str) {
        let c = Cipher::new(suite, &key(k));
        let iv: [u8; 12] = h(iv).try_into().unwrap();
        let mut data = h(plain);
        let got = c.encrypt(&iv, &h(aad), &mut data);
        assert_eq!(data, h(cipher));
        assert_eq!(got.to_vec(), h(tag));
        assert!(c.decrypt(&iv, &h(aad), &mut data, &got));
        assert_eq!(data, h(plain));
    }

    #[test]
    fn the_sm4_gcm_vector_of_rfc_8998_a_1_comes_out() {
        gcm(
            Suite::Gm,
            "0123456789ABCDEFFEDCBA9876543210",
            "00001234567800000000ABCD",
            "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
            "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD\
             EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
            "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735\
             D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D",
            "83DE3541E4C2B58177E065A9BF7B62EC",
        );
    }

    /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of
    /// Operation", which NIST SP 800-38D takes over.
    #[test]
    fn the_aes_256_gcm_vector_of_the_gcm_specification_comes_out() {
        gcm(
            Suite::Intl,
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        );
    }

    #[test]
    fn the_sm3_vectors_of_gb_t_32905_come_out() {
        assert_eq!(
            digest(Suite::Gm, b"abc").to_vec(),
            h("66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0")
        );
        assert_eq!(
            digest(Suite::Gm, "abcd".repeat(16).as_bytes()).to_vec(),
            h("DEBE9FF92275B8A138604889C18E5A4D6FDB70E5387E5765293DCBA39C0C5732")
        );
    }

    #[test]
    fn the_hmac_sha_256_vector_of_rfc_4231_comes_out() {
        // Test case 3: key 20 × aa, data 50 × dd. The key is shorter than 32
        // bytes; HMAC pads with zeros, so trailing zeros are the same key.
        let mut k = [0u8; 32];
        k[..20].fill(0xaa);
        let mac = MacKey::new(Suite::Intl, &Secret(k));
        assert_eq!(
            mac.mac(&[&[0xdd; 25], &[0xdd; 25]]).to_vec(),
            h("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        );
    }

    #[test]
    fn one_derived_key_equals_the_expand_step_of_hkdf_computed_by_hand() {
        let secret = Secret([7; 32]);
        let got = MacKey::new(Suite::Intl, &secret).derive("dek", b"context");
        let info = [b"zf-kdf-1".as_slice(), &[0, 0, 0, 3], b"dek", b"context"].concat();
        let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(&[7; 32]).unwrap();
        hmac.update(&info);
        hmac.update(&[1]);
        assert_eq!(got.0.to_vec(), hmac.finalize().into_bytes().to_vec());
    }

    #[test]
    fn comparison_sees_every_difference() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"ab"));
        assert!(same(b"", b""));
    }

    #[test]
    fn suite_codes_go_both_ways() {
        for suite in [Suite::Intl, Suite::Gm] {
            assert_eq!(Suite::from_code(suite.code()), Some(suite));
        }
        assert_eq!(Suite::from_code(0), None);
        assert_eq!(Suite::from_code(3), None);
    }
}
