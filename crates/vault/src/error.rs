//! What can go wrong in the vault. The texts name no value and no key, only
//! what kind of damage was found, so they may be logged as they are. The
//! words for the user are chosen by the caller from the variant.

use thiserror::Error;

/// Why a value or a key file could not be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VaultError {
    /// Shorter than header, nonce and tag together.
    #[error("sealed value is truncated")]
    Truncated,
    /// First byte is no layout this program knows.
    #[error("sealed value has an unknown layout version")]
    UnknownVersion,
    /// Second byte is not the suite of this installation.
    #[error("sealed value belongs to another cipher suite (code {0})")]
    UnknownSuite(u8),
    /// Sealed by a key generation that this ring does not hold; perhaps the
    /// key file was rotated elsewhere and must be read again.
    #[error("sealed value needs key generation {0}, which this key ring does not hold")]
    UnknownKey(u32),
    /// Changed, or moved from another row, column, table or unit, or sealed
    /// by another installation. Which of these cannot be told, on purpose.
    #[error("sealed value was changed or belongs to another place")]
    Forged,
    /// Opened correctly, but asked for as text and is not UTF-8.
    #[error("opened value is not text")]
    NotText,
    /// The passphrase does not open this key file.
    #[error("the passphrase does not open this key file")]
    WrongPassphrase,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// Not a key file, or damaged in storage; restore it from its backup.
    #[error("the key file is damaged: {0}")]
    DamagedKeyFile(&'static str),
    /// Written by a newer program.
    #[error("the key file has format version {0}, which this program does not know")]
    UnknownKeyFileVersion(u32),
    /// The file is not the one this ring was unlocked from (another
    /// installation, or rotated meanwhile).
    #[error("the key file does not hold the same keys as the key ring in use")]
    KeyFileMismatch,
    /// Argon2 parameters outside of what the algorithm or this program allows,
    /// or not enough memory for them.
    #[error("passphrase hashing is not possible with these parameters")]
    Kdf,
}
