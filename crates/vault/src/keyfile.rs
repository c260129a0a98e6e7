//! The key file: the keys of an installation, wrapped with a key made from a
//! passphrase by Argon2id. It is text (JSON, or TOML by the same serde names),
//! safe to copy and to back up, and worthless without the passphrase.
//!
//! Comes from the ring that creates, rotates or rewraps it; the caller reads
//! and writes the file itself. A rotated file keeps the old generations, so
//! one file opens everything ever sealed. Argon2id has no SM counterpart; it
//! protects the file only, all data keys below it stay in the chosen suite.

use crate::suite::{Cipher, MacKey, NONCE, Secret, Suite, TAG, digest, same};
use crate::text::{hex, unhex};
use crate::{Rng, VaultError};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use std::fmt;

const FORMAT: &str = "zoufang-keyring";
const FORMAT_VERSION: u32 = 1;

/// Cost of Argon2id (version 19, 32-byte output).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KdfParams {
    /// Memory in KiB, at least 8 × `lanes`, at most 1 GiB.
    pub memory_kib: u32,
    /// Passes over the memory, 1 to 64.
    pub passes: u32,
    /// Lanes, 1 to 16.
    pub lanes: u32,
}

impl KdfParams {
    /// For a key file: 64 MiB, three passes. It is opened once per start.
    pub const KEY_FILE: KdfParams = KdfParams {
        memory_kib: 65_536,
        passes: 3,
        lanes: 1,
    };
    /// For sign-in passwords: 19 MiB, two passes (OWASP's first choice).
    pub const PASSWORD: KdfParams = KdfParams {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
    };
    /// Next to no protection; keeps test suites fast.
    pub const TESTS_ONLY: KdfParams = KdfParams {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };

    /// The bounds also keep a damaged or hostile file from asking for all
    /// memory of the machine.
    pub(crate) fn argon2(self) -> Result<Argon2<'static>, VaultError> {
        let allowed = self.memory_kib <= 1 << 20
            && (1..=64).contains(&self.passes)
            && (1..=16).contains(&self.lanes);
        if !allowed {
            return Err(VaultError::Kdf);
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| VaultError::Kdf)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// One wrapped master key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Generation {
    id: u32,
    key: String,
}

/// The wrapped keys of one installation. See the module text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    format: String,
    version: u32,
    suite: Suite,
    /// Names the installation's keys; the same after rotation and rewrapping.
    fingerprint: String,
    current: u32,
    salt: String,
    root: String,
    /// Plain hash of the rest: tells damage in storage from a wrong passphrase.
    checksum: String,
    /// Keyed hash of the rest: refuses a file composed without the passphrase.
    /// (An older file as a whole stays valid: it is a backup.)
    proof: String,
    kdf: KdfParams,
    generations: Vec<Generation>,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("suite", &self.suite)
            .field("fingerprint", &self.fingerprint)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// The keys in clear, on their way between a file and a ring.
pub(crate) struct Keys {
    pub(crate) suite: Suite,
    pub(crate) root: Secret,
    /// Id and key of every generation, ascending, never empty.
    pub(crate) masters: Vec<(u32, Secret)>,
}

impl Keys {
    /// The newest generation; it seals everything new.
    pub(crate) fn current(&self) -> u32 {
        self.masters.last().map_or(0, |(id, _)| *id)
    }
    /// Name of these keys, stable for the life of the installation.
    pub(crate) fn fingerprint(&self) -> String {
        hex(&MacKey::new(self.suite, &self.root)
            .derive("fingerprint", b"")
            .0[..8])
    }
}

/// What the passphrase is turned into: one key to wrap, one to prove.
pub(crate) struct Wrapper {
    suite: Suite,
    kdf: KdfParams,
    salt: [u8; 16],
    cipher: Cipher,
    proof: MacKey,
}

impl Wrapper {
    pub(crate) fn new(
        suite: Suite,
        passphrase: &str,
        kdf: KdfParams,
        salt: [u8; 16],
    ) -> Result<Wrapper, VaultError> {
        if passphrase.is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        let mut kek = Secret([0; 32]);
        kdf.argon2()?
            .hash_password_into(passphrase.as_bytes(), &salt, &mut kek.0)
            .map_err(|_| VaultError::Kdf)?;
        let kek = MacKey::new(suite, &kek);
        Ok(Wrapper {
            suite,
            kdf,
            salt,
            cipher: Cipher::new(suite, &kek.derive("wrap", b"")),
            proof: MacKey::new(suite, &kek.derive("proof", b"")),
        })
    }

    fn aad(&self, label: &str, id: u32) -> Vec<u8> {
        let id = id.to_be_bytes();
        [b"zf-wrap-1", label.as_bytes(), &[self.suite.code()], &id].concat()
    }

    fn wrap(&self, label: &str, id: u32, key: &Secret, rng: Rng) -> String {
        let mut nonce = [0u8; NONCE];
        rng(&mut nonce);
        let mut body = key.clone();
        let tag = self
            .cipher
            .encrypt(&nonce, &self.aad(label, id), &mut body.0);
        hex(&[nonce.as_slice(), &body.0, &tag].concat())
    }

    fn unwrap(&self, label: &str, id: u32, wrapped: &str) -> Result<Secret, VaultError> {
        let damaged = VaultError::DamagedKeyFile("a wrapped key");
        let bytes = unhex(wrapped).ok_or_else(|| damaged.clone())?;
        let Some((nonce, rest)) = bytes.split_first_chunk::<NONCE>() else {
            return Err(damaged);
        };
        let Some((body, tag)) = rest.split_last_chunk::<TAG>() else {
            return Err(damaged);
        };
        let mut key = Secret(body.try_into().map_err(|_| damaged.clone())?);
        if !self
            .cipher
            .decrypt(nonce, &self.aad(label, id), &mut key.0, tag)
        {
            return Err(damaged);
        }
        Ok(key)
    }

    /// Writes all keys into a file.
    pub(crate) fn file(&self, keys: &Keys, rng: Rng) -> KeyFile {
        let mut file = KeyFile {
            format: FORMAT.into(),
            version: FORMAT_VERSION,
            suite: self.suite,
            fingerprint: keys.fingerprint(),
            current: keys.current(),
            salt: hex(&self.salt),
            root: self.wrap("root", 0, &keys.root, rng),
            checksum: String::new(),
            proof: String::new(),
            kdf: self.kdf,
            generations: keys
                .masters
                .iter()
                .map(|(id, key)| Generation {
                    id: *id,
                    key: self.wrap("master", *id, key, rng),
                })
                .collect(),
        };
        let body = file.body();
        file.checksum = hex(&digest(self.suite, &body));
        file.proof = hex(&self.proof.mac(&[&body]));
        file
    }
}

impl KeyFile {
    /// 16 hexadecimal digits that name the installation's keys: the same
    /// before and after rotation and rewrapping, different for every
    /// installation. Not secret; for `doctor` and backup manifests.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The suite of everything sealed under this file.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Id of the generation that seals new values.
    pub fn current_key_id(&self) -> u32 {
        self.current
    }

    /// As JSON text with a final newline.
    pub fn to_text(&self) -> String {
        // Plain strings and numbers always serialise.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads JSON text.
    ///
    /// # Errors
    /// `DamagedKeyFile` when it is no key file or its checksum is wrong,
    /// `UnknownKeyFileVersion` when a newer program wrote it.
    pub fn from_text(text: &str) -> Result<KeyFile, VaultError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        // The version first: a newer layout may have fields we do not know.
        let head: Head =
            serde_json::from_str(text).map_err(|_| VaultError::DamagedKeyFile("not a key file"))?;
        if head.format != FORMAT {
            return Err(VaultError::DamagedKeyFile("not a key file"));
        }
        if head.version != FORMAT_VERSION {
            return Err(VaultError::UnknownKeyFileVersion(head.version));
        }
        let file: KeyFile =
            serde_json::from_str(text).map_err(|_| VaultError::DamagedKeyFile("its fields"))?;
        file.check()?;
        Ok(file)
    }

    /// Everything that can be checked without the passphrase (`doctor`).
    ///
    /// # Errors
    /// `DamagedKeyFile`, `UnknownKeyFileVersion`.
    pub fn check(&self) -> Result<(), VaultError> {
        if self.format != FORMAT {
            return Err(VaultError::DamagedKeyFile("not a key file"));
        }
        if self.version != FORMAT_VERSION {
            return Err(VaultError::UnknownKeyFileVersion(self.version));
        }
        if self.checksum != hex(&digest(self.suite, &self.body())) {
            return Err(VaultError::DamagedKeyFile("its checksum"));
        }
        let ascending = self.generations.windows(2).all(|w| w[0].id < w[1].id);
        if !ascending || self.generations.last().map(|g| g.id) != Some(self.current) {
            return Err(VaultError::DamagedKeyFile("its list of generations"));
        }
        Ok(())
    }

    /// All fields but the two hashes, each with its length.
    fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |bytes: &[u8]| {
            out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        put(self.format.as_bytes());
        put(&[self.suite.code()]);
        for n in [
            self.version,
            self.current,
            self.kdf.memory_kib,
            self.kdf.passes,
            self.kdf.lanes,
        ] {
            put(&n.to_be_bytes());
        }
        for text in [&self.fingerprint, &self.salt, &self.root] {
            put(text.as_bytes());
        }
        for generation in &self.generations {
            put(&generation.id.to_be_bytes());
            put(generation.key.as_bytes());
        }
        out
    }

    /// Opens the file: the keys, and the wrapper to write it again.
    pub(crate) fn open(&self, passphrase: &str) -> Result<(Keys, Wrapper), VaultError> {
        self.check()?;
        let salt = unhex(&self.salt)
            .and_then(|s| <[u8; 16]>::try_from(s).ok())
            .ok_or(VaultError::DamagedKeyFile("its salt"))?;
        let wrapper = Wrapper::new(self.suite, passphrase, self.kdf, salt)?;
        let proof = wrapper.proof.mac(&[&self.body()]);
        let stored = unhex(&self.proof).ok_or(VaultError::DamagedKeyFile("its proof"))?;
        if !same(&proof, &stored) {
            return Err(VaultError::WrongPassphrase);
        }
        let masters = self
            .generations
            .iter()
            .map(|g| Ok((g.id, wrapper.unwrap("master", g.id, &g.key)?)))
            .collect::<Result<_, VaultError>>()?;
        let root = wrapper.unwrap("root", 0, &self.root)?;
        Ok((
            Keys {
                suite: self.suite,
                root,
                masters,
            },
            wrapper,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, os_random};

    #[test]
    fn a_file_changed_by_somebody_who_can_repair_the_checksum_is_refused() {
        let mut rng = os_random;
        let (ring, file) =
            Keyring::create_with(Suite::Intl, "pass", KdfParams::TESTS_ONLY, &mut rng).unwrap();
        let (_, file) = ring.rotate(&file, "pass", &mut rng).unwrap();
        let repair = |mut file: KeyFile| {
            file.checksum = hex(&digest(file.suite, &file.body()));
            assert_eq!(file.check(), Ok(()), "the control: no checksum stops it");
            Keyring::unlock(&file, "pass").map(|r| r.current_key_id())
        };
        assert_eq!(
            repair(file.clone()),
            Ok(2),
            "the control: repairing alone breaks nothing"
        );

        let mut without_newest = file.clone();
        without_newest.generations.pop();
        without_newest.current = 1;
        assert_eq!(repair(without_newest), Err(VaultError::WrongPassphrase));

        let mut exchanged = file.clone();
        let (a, b) = exchanged.generations.split_at_mut(1);
        std::mem::swap(&mut a[0].key, &mut b[0].key);
        assert_eq!(repair(exchanged), Err(VaultError::WrongPassphrase));

        let mut cheaper = file.clone();
        cheaper.kdf.memory_kib = 16;
        assert_eq!(repair(cheaper), Err(VaultError::WrongPassphrase));

        let mut renamed = file;
        renamed.fingerprint = "0".repeat(16);
        assert_eq!(repair(renamed), Err(VaultError::WrongPassphrase));
    }
}
