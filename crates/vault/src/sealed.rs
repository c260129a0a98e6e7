//! The byte layout of a sealed value and what it is bound to. Pure: no keys.
//!
//! ```text
//! version 1 · suite 1 · key id 4 (big endian) · nonce 12 · ciphertext · tag 16
//! ```
//! The first six bytes are authenticated too, so no header of one value fits
//! the body of another.

use crate::VaultError;
use crate::suite::{NONCE, TAG};
use zf_base::Uuid;

/// The layout this program writes and reads.
pub(crate) const VERSION: u8 = 1;
/// version · suite · key id
pub(crate) const HEADER: usize = 6;
/// Bytes a sealed value is longer than what was sealed.
pub const OVERHEAD: usize = HEADER + NONCE + TAG;

/// The place a field belongs to. A value opens only with exactly the place it
/// was sealed with, so nobody can swap sealed values inside the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aad<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// Name of the column.
    pub column: &'a str,
    /// The owning unit; also selects the data key.
    pub unit: Uuid,
    /// Id of the row.
    pub row: Uuid,
}

impl Aad<'_> {
    /// Header and place as bytes. The texts carry their lengths, so
    /// `ab`·`c` and `a`·`bc` differ.
    pub(crate) fn bytes(&self, header: &[u8; HEADER]) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(HEADER + 1 + 8 + 32 + self.table.len() + self.column.len());
        out.extend_from_slice(header);
        out.push(b'F'); // a field; blobs write 'B'
        for text in [self.table, self.column] {
            out.extend_from_slice(&(text.len() as u32).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(self.unit.as_bytes());
        out.extend_from_slice(self.row.as_bytes());
        out
    }
}

/// Header and context of a larger thing as bytes.
pub(crate) fn blob_aad(context: &str, header: &[u8; HEADER]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + 1 + context.len());
    out.extend_from_slice(header);
    out.push(b'B');
    out.extend_from_slice(context.as_bytes());
    out
}

/// The header for a suite and a key generation.
pub(crate) fn header(suite: u8, key_id: u32) -> [u8; HEADER] {
    let k = key_id.to_be_bytes();
    [VERSION, suite, k[0], k[1], k[2], k[3]]
}

/// A sealed value taken apart; nothing is verified yet except the shape.
pub(crate) struct Parts<'a> {
    pub(crate) header: [u8; HEADER],
    pub(crate) suite: u8,
    pub(crate) key_id: u32,
    pub(crate) nonce: [u8; NONCE],
    pub(crate) body: &'a [u8],
    pub(crate) tag: [u8; TAG],
}

/// Takes a sealed value apart.
pub(crate) fn split(sealed: &[u8]) -> Result<Parts<'_>, VaultError> {
    let (header, rest) = sealed
        .split_first_chunk::<HEADER>()
        .ok_or(VaultError::Truncated)?;
    if header[0] != VERSION {
        return Err(VaultError::UnknownVersion);
    }
    let (nonce, rest) = rest
        .split_first_chunk::<NONCE>()
        .ok_or(VaultError::Truncated)?;
    let (body, tag) = rest
        .split_last_chunk::<TAG>()
        .ok_or(VaultError::Truncated)?;
    Ok(Parts {
        header: *header,
        suite: header[1],
        key_id: u32::from_be_bytes([header[2], header[3], header[4], header[5]]),
        nonce: *nonce,
        body,
        tag: *tag,
    })
}
