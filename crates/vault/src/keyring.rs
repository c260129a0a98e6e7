//! The key ring: unlocked keys of one installation, and everything done with
//! them. Made from a [`KeyFile`] and a passphrase when the program starts,
//! cloned freely (one `Arc`), wiped when the last clone goes.
//!
//! Two kinds of keys. *Master generations* seal data and are rotated. The
//! *root* never changes: blind index, `mac` and audit chain hang from it, so
//! that look-ups and proofs survive every rotation.
//!
//! Data keys are derived, `DEK = KDF(master, "dek" ‖ unit)`, not stored:
//! there is no key table to lose, to back up in step with the data, or to
//! read before the first field; a new unit needs no write; and a branch's key
//! can be handed to that branch alone without giving away any other. The
//! price, that one unit cannot be crypto-shredded by deleting its key, is
//! taken: erasure deletes rows.
//!
//! Nonces are random (96 bits). One data key serves one unit in one
//! generation, far below the 2³² values up to which that is safe.

use crate::keyfile::{KdfParams, KeyFile, Keys, Wrapper};
use crate::sealed::{self, Aad, HEADER, OVERHEAD};
use crate::suite::{Cipher, MacKey, NONCE, Secret, Suite, TAG, same};
use crate::{Rng, VaultError, os_random};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use zeroize::Zeroize;
use zf_base::Uuid;

/// Where nonces come from: the system's random source, some hundred at a time, unless a test says otherwise.
pub type NonceSource = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Above this many prepared ciphers the cache starts anew: about 1 KiB each,
/// and preparing one again costs a few microseconds.
const CACHED_CIPHERS: usize = 8_192;

/// What a blind index is about. Each kind has its own key, so equal texts of
/// two kinds do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlindKind {
    /// 手机号.
    Phone,
    /// 身份证号.
    IdNumber,
    /// 客户号.
    CustomerNo,
}

impl BlindKind {
    /// All kinds, in the order of their position in the ring.
    pub const ALL: [BlindKind; 3] = [BlindKind::Phone, BlindKind::IdNumber, BlindKind::CustomerNo];

    fn label(self) -> &'static str {
        match self {
            BlindKind::Phone => "phone",
            BlindKind::IdNumber => "id-number",
            BlindKind::CustomerNo => "customer-no",
        }
    }
}

/// Reads the key file again and unlocks it; see [`Keyring::on_unknown_key`].
pub type Loader = Arc<dyn Fn() -> Result<Keyring, VaultError> + Send + Sync>;

/// A value that names a generation nobody has must not make us unlock the file
/// (0.2 s) for every read.
const RELOAD_PAUSE: Duration = Duration::from_secs(2);

/// Keys in use. Cheap to clone; clones share what [`Keyring::adopt`] takes in.
/// `Debug` shows no key.
#[derive(Clone)]
pub struct Keyring(Arc<Shared>);

struct Shared {
    inner: RwLock<Arc<Inner>>,
    reload: Mutex<Reload>,
}

#[derive(Default)]
struct Reload {
    loader: Option<Loader>,
    last: Option<Instant>,
}

/// One set of keys; never changed, only replaced by a newer one.
struct Inner {
    keys: Keys,
    masters: Vec<(u32, MacKey)>,
    root: MacKey,
    blind: [MacKey; 3],
    chain: MacKey,
    ciphers: RwLock<HashMap<(u32, Uuid), Arc<Cipher>>>,
    nonces: NonceSource,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("suite", &self.suite())
            .field("fingerprint", &self.fingerprint())
            .field("current", &self.current_key_id())
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// New keys for a new installation, with the cost [`KdfParams::KEY_FILE`].
    ///
    /// # Errors
    /// `EmptyPassphrase`; `Kdf` when there is not enough memory.
    pub fn create(
        suite: Suite,
        passphrase: &str,
        rng: Rng,
    ) -> Result<(Keyring, KeyFile), VaultError> {
        Self::create_with(suite, passphrase, KdfParams::KEY_FILE, rng)
    }

    /// As [`Keyring::create`] with another cost of Argon2id.
    ///
    /// # Errors
    /// `EmptyPassphrase`, `Kdf`.
    pub fn create_with(
        suite: Suite,
        passphrase: &str,
        kdf: KdfParams,
        rng: Rng,
    ) -> Result<(Keyring, KeyFile), VaultError> {
        let keys = Keys {
            suite,
            root: fresh(rng),
            masters: vec![(1, fresh(rng))],
        };
        let file = wrapper(suite, passphrase, kdf, rng)?.file(&keys, rng);
        Ok((Self::build(keys, Arc::new(pooled_random)), file))
    }

    /// Opens a key file. Takes as long as its Argon2id cost, about 0.2 s.
    ///
    /// # Errors
    /// `WrongPassphrase`, `EmptyPassphrase`, `DamagedKeyFile`,
    /// `UnknownKeyFileVersion`, `Kdf`.
    pub fn unlock(file: &KeyFile, passphrase: &str) -> Result<Keyring, VaultError> {
        let (keys, _) = file.open(passphrase)?;
        Ok(Self::build(keys, Arc::new(pooled_random)))
    }

    /// Adds a generation and makes it the current one; everything sealed
    /// before still opens. The passphrase stays as it is and is checked
    /// against `file`, so that a slip cannot lock anybody out.
    ///
    /// Write the file and give the new ring to every process before sealing
    /// with it: a process with the old ring answers `UnknownKey`.
    ///
    /// # Errors
    /// Those of [`Keyring::unlock`]; `KeyFileMismatch` when `file` is not the
    /// file of this ring.
    pub fn rotate(
        &self,
        file: &KeyFile,
        passphrase: &str,
        rng: Rng,
    ) -> Result<(Keyring, KeyFile), VaultError> {
        let (mut keys, wrapper) = file.open(passphrase)?;
        if keys.fingerprint() != self.fingerprint() || keys.current() != self.current_key_id() {
            return Err(VaultError::KeyFileMismatch);
        }
        let next = keys
            .current()
            .checked_add(1)
            .ok_or(VaultError::KeyFileMismatch)?;
        keys.masters.push((next, fresh(rng)));
        let file = wrapper.file(&keys, rng);
        Ok((Self::build(keys, self.inner().nonces.clone()), file))
    }

    /// The same keys under a new passphrase. Old copies of the file still open
    /// with the old passphrase: if it leaked, rotate as well and re-seal.
    ///
    /// # Errors
    /// `EmptyPassphrase`, `Kdf`.
    pub fn rewrap(
        &self,
        new_passphrase: &str,
        kdf: KdfParams,
        rng: Rng,
    ) -> Result<KeyFile, VaultError> {
        let keys = &self.inner().keys;
        Ok(wrapper(keys.suite, new_passphrase, kdf, rng)?.file(keys, rng))
    }

    /// The same ring with another source of nonces. For tests: a source that
    /// repeats itself breaks the encryption.
    pub fn with_nonces(&self, nonces: NonceSource) -> Keyring {
        let keys = &self.inner().keys;
        let keys = Keys {
            suite: keys.suite,
            root: keys.root.clone(),
            masters: keys.masters.clone(),
        };
        Self::build(keys, nonces)
    }

    fn build(keys: Keys, nonces: NonceSource) -> Keyring {
        let suite = keys.suite;
        let root = MacKey::new(suite, &keys.root);
        let masters = keys
            .masters
            .iter()
            .map(|(id, key)| (*id, MacKey::new(suite, key)))
            .collect();
        let blind = BlindKind::ALL
            .map(|kind| MacKey::new(suite, &root.derive("blind", kind.label().as_bytes())));
        let chain = MacKey::new(suite, &root.derive("audit-chain", b""));
        let inner = Inner {
            keys,
            masters,
            root,
            blind,
            chain,
            ciphers: RwLock::default(),
            nonces,
        };
        Keyring(Arc::new(Shared {
            inner: RwLock::new(Arc::new(inner)),
            reload: Mutex::default(),
        }))
    }

    /// The keys at this moment. A panic elsewhere cannot leave them half written.
    fn inner(&self) -> Arc<Inner> {
        self.0
            .inner
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes the generations of a newer ring of the same installation in, for
    /// this ring and all its clones. True when there was anything new.
    ///
    /// # Errors
    /// `KeyFileMismatch` when `newer` belongs to another installation.
    pub fn adopt(&self, newer: &Keyring) -> Result<bool, VaultError> {
        let newer = newer.inner();
        let mut held = self.0.inner.write().unwrap_or_else(PoisonError::into_inner);
        if newer.keys.fingerprint() != held.keys.fingerprint() {
            return Err(VaultError::KeyFileMismatch);
        }
        if newer.keys.current() <= held.keys.current() {
            return Ok(false);
        }
        *held = newer;
        Ok(true)
    }

    /// What to do when a value needs a newer generation than this ring holds:
    /// another process has rotated the keys, so the key file is read again.
    pub fn on_unknown_key(&self, loader: Loader) {
        let mut reload = self.0.reload.lock().unwrap_or_else(PoisonError::into_inner);
        reload.loader = Some(loader);
    }

    /// Reads the key file again when a loader was given. True when it brought
    /// a new generation.
    ///
    /// # Errors
    /// Those of the loader, and `KeyFileMismatch`.
    pub fn refresh(&self) -> Result<bool, VaultError> {
        let reload = self.0.reload.lock().unwrap_or_else(PoisonError::into_inner);
        match &reload.loader {
            Some(loader) => self.adopt(&loader()?),
            None => Ok(false),
        }
    }

    /// The keys for a value of a generation, read again when it is too new.
    fn inner_with(&self, key_id: u32) -> Arc<Inner> {
        let inner = self.inner();
        if key_id <= inner.keys.current() {
            return inner;
        }
        let mut reload = self.0.reload.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have read it while we waited for the lock.
        let inner = self.inner();
        let pausing = reload.last.is_some_and(|t| t.elapsed() < RELOAD_PAUSE);
        if key_id <= inner.keys.current() || pausing {
            return inner;
        }
        let Some(loader) = &reload.loader else {
            return inner;
        };
        // A file that cannot be read leaves the value unopened: `UnknownKey`.
        if let Ok(newer) = loader() {
            let _ = self.adopt(&newer);
        }
        reload.last = Some(Instant::now());
        self.inner()
    }

    /// The suite of this installation.
    pub fn suite(&self) -> Suite {
        self.inner().keys.suite
    }

    /// See [`KeyFile::fingerprint`].
    pub fn fingerprint(&self) -> String {
        self.inner().keys.fingerprint()
    }

    /// Id of the generation that seals new values; starts at 1.
    pub fn current_key_id(&self) -> u32 {
        self.inner().keys.current()
    }

    /// Seals one field: [`OVERHEAD`] bytes longer than `plain`, different
    /// every time.
    ///
    /// # Panics
    /// When the operating system gives no randomness (see [`os_random`]), or
    /// above 64 GiB.
    pub fn seal(&self, aad: &Aad, plain: &[u8]) -> Vec<u8> {
        let inner = self.inner();
        // infallible: the current generation is always in the ring.
        let cipher = inner
            .unit_cipher(inner.keys.current(), aad.unit)
            .expect("current generation");
        inner.seal_with(&cipher, |header| aad.bytes(header), plain)
    }

    /// Opens one field.
    ///
    /// # Errors
    /// `Truncated`, `UnknownVersion`, `UnknownSuite`, `UnknownKey`, `Forged`.
    pub fn open(&self, aad: &Aad, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let parts = self.split(sealed)?;
        let cipher = self
            .inner_with(parts.key_id)
            .unit_cipher(parts.key_id, aad.unit)?;
        open_with(&cipher, &aad.bytes(&parts.header), &parts)
    }

    /// [`Keyring::seal`] for text.
    pub fn seal_text(&self, aad: &Aad, plain: &str) -> Vec<u8> {
        self.seal(aad, plain.as_bytes())
    }

    /// [`Keyring::open`] for text.
    ///
    /// # Errors
    /// Those of `open`, and `NotText`.
    pub fn open_text(&self, aad: &Aad, sealed: &[u8]) -> Result<String, VaultError> {
        String::from_utf8(self.open(aad, sealed)?).map_err(|e| {
            e.into_bytes().zeroize();
            VaultError::NotText
        })
    }

    /// Seals a larger thing: a photo, a piece of a backup. `context` names it
    /// completely (kind, unit, id, number of the piece, whether it is the
    /// last one) and is needed again to open it. Every context has its own
    /// key.
    ///
    /// # Panics
    /// As [`Keyring::seal`].
    pub fn seal_blob(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let inner = self.inner();
        // infallible: the current generation is always in the ring.
        let cipher = inner
            .blob_cipher(inner.keys.current(), context)
            .expect("current generation");
        inner.seal_with(&cipher, |header| sealed::blob_aad(context, header), plain)
    }

    /// Opens what [`Keyring::seal_blob`] sealed.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn open_blob(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let parts = self.split(sealed)?;
        let cipher = self
            .inner_with(parts.key_id)
            .blob_cipher(parts.key_id, context)?;
        open_with(&cipher, &sealed::blob_aad(context, &parts.header), &parts)
    }

    /// The generation a sealed value needs; `None` when it has not even the
    /// shape of one.
    pub fn key_id_of(sealed: &[u8]) -> Option<u32> {
        sealed::split(sealed).ok().map(|p| p.key_id)
    }

    /// Whether the value should be opened and sealed again because a newer
    /// generation is current. False for what is no sealed value.
    pub fn needs_reseal(&self, sealed: &[u8]) -> bool {
        Self::key_id_of(sealed).is_some_and(|id| id != self.current_key_id())
    }

    /// Blind index of a value for exact look-up: a keyed hash, the same for
    /// the whole installation and after every rotation. `normalised` must be
    /// in the one form the caller always uses. Never for values with few
    /// possibilities: equality shows.
    pub fn blind(&self, kind: BlindKind, normalised: &str) -> [u8; 16] {
        let key = &self.inner().blind[kind as usize];
        let mut out = [0u8; 16];
        out.copy_from_slice(&key.mac(&[normalised.as_bytes()])[..16]);
        out
    }

    /// Keyed hash for a purpose (`export-link`, …); survives rotation.
    /// Different purposes have different keys.
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        self.mac_of(purpose).tag(data)
    }

    /// [`Keyring::mac`] of one purpose for many values: the key is made once.
    pub fn mac_of(&self, purpose: &str) -> Mac {
        let key = self.inner().root.derive("mac", purpose.as_bytes());
        Mac(MacKey::new(self.suite(), &key))
    }

    /// Whether `tag` is the [`Keyring::mac`] of `data`, in constant time.
    pub fn verify_mac(&self, purpose: &str, data: &[u8], tag: &[u8]) -> bool {
        same(&self.mac(purpose, data), tag)
    }

    /// The keyed hash of the audit chain over the parts.
    pub(crate) fn chain_mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.inner().chain.mac(parts)
    }

    fn split<'a>(&self, sealed: &'a [u8]) -> Result<sealed::Parts<'a>, VaultError> {
        let parts = sealed::split(sealed)?;
        if parts.suite != self.suite().code() {
            return Err(VaultError::UnknownSuite(parts.suite));
        }
        Ok(parts)
    }
}

impl Inner {
    fn master(&self, key_id: u32) -> Result<&MacKey, VaultError> {
        let masters = &self.masters;
        let at = masters
            .binary_search_by_key(&key_id, |(id, _)| *id)
            .map_err(|_| VaultError::UnknownKey(key_id))?;
        Ok(&masters[at].1)
    }

    fn unit_cipher(&self, key_id: u32, unit: Uuid) -> Result<Arc<Cipher>, VaultError> {
        // A panic elsewhere cannot leave the map half written.
        let held = self.ciphers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(cipher) = held.get(&(key_id, unit)) {
            return Ok(cipher.clone());
        }
        drop(held);
        let key = self.master(key_id)?.derive("dek", unit.as_bytes());
        let cipher = Arc::new(Cipher::new(self.keys.suite, &key));
        let mut held = self.ciphers.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= CACHED_CIPHERS {
            held.clear();
        }
        held.insert((key_id, unit), cipher.clone());
        Ok(cipher)
    }

    fn blob_cipher(&self, key_id: u32, context: &str) -> Result<Cipher, VaultError> {
        let key = self.master(key_id)?.derive("blob", context.as_bytes());
        Ok(Cipher::new(self.keys.suite, &key))
    }

    fn seal_with(
        &self,
        cipher: &Cipher,
        aad: impl FnOnce(&[u8; HEADER]) -> Vec<u8>,
        plain: &[u8],
    ) -> Vec<u8> {
        let header = sealed::header(self.keys.suite.code(), self.keys.current());
        let mut nonce = [0u8; NONCE];
        (self.nonces)(&mut nonce);
        let mut out = Vec::with_capacity(plain.len() + OVERHEAD);
        out.extend_from_slice(&header);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag: [u8; TAG] = cipher.encrypt(&nonce, &aad(&header), &mut out[HEADER + NONCE..]);
        out.extend_from_slice(&tag);
        out
    }
}

fn open_with(cipher: &Cipher, aad: &[u8], parts: &sealed::Parts) -> Result<Vec<u8>, VaultError> {
    let mut out = parts.body.to_vec();
    if !cipher.decrypt(&parts.nonce, aad, &mut out, &parts.tag) {
        return Err(VaultError::Forged);
    }
    Ok(out)
}

/// A keyed hash for one purpose; see [`Keyring::mac_of`].
pub struct Mac(MacKey);

impl Mac {
    /// The keyed hash of `data`.
    pub fn tag(&self, data: &[u8]) -> [u8; 32] {
        self.0.mac(&[data])
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac(..)")
    }
}

/// Bytes drawn from the system at once for nonces.
const POOL: usize = 4096;

thread_local! {
    /// Random bytes that nobody has had yet, and how many of them are gone.
    static RANDOM: RefCell<([u8; POOL], usize)> = const { RefCell::new(([0; POOL], POOL)) };
}

/// [`os_random`] for small pieces: one call of the system for some hundred
/// nonces. Every byte is given out once; a nonce is no secret, so nothing is
/// lost when one lies in memory before it is used.
fn pooled_random(out: &mut [u8]) {
    RANDOM.with_borrow_mut(|(pool, used)| {
        if out.len() > POOL - *used {
            os_random(pool);
            *used = 0;
        }
        match pool.get(*used..*used + out.len()) {
            Some(bytes) => out.copy_from_slice(bytes),
            None => os_random(out),
        }
        *used += out.len();
    });
}

fn fresh(rng: Rng) -> Secret {
    let mut secret = Secret([0; 32]);
    rng(&mut secret.0);
    secret
}

fn wrapper(
    suite: Suite,
    passphrase: &str,
    kdf: KdfParams,
    rng: Rng,
) -> Result<Wrapper, VaultError> {
    let mut salt = [0u8; 16];
    rng(&mut salt);
    Wrapper::new(suite, passphrase, kdf, salt)
}
