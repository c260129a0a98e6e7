//! SQL of photos: what is announced, how much of it is here.

use zf_store::statements;

statements! {
    /// A photo of a visit is announced.
    PHOTO_ADD: unit = "INSERT INTO photo (unit_id, id, visit_id, op_id, device_id, sha256, size, received, mime, role, state, bytes_of, made_at, expires_at, verified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// The same photo of the same visit.
    PHOTO_SAME: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND visit_id = $2 AND sha256 = $3 AND role = $4";
    /// The same bytes, whole, of any visit.
    PHOTO_CONTENT: unit = "SELECT bytes_of FROM photo WHERE unit_id = $1 AND sha256 = $2 AND size = $3 AND state = 'verified' ORDER BY id LIMIT 1";
    /// One photo.
    PHOTO_FETCH: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND id = $2";
    /// Photos of a visit.
    PHOTOS_OF_VISIT: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND visit_id = $2 ORDER BY id LIMIT $3";
    /// A piece is on the disk; nobody else has written one meanwhile.
    PHOTO_MOVE: unit = "UPDATE photo SET received = $4, expires_at = $5 WHERE unit_id = $1 AND id = $2 AND received = $3 AND state = 'open'";
    /// All bytes are here, and they are the right ones.
    PHOTO_VERIFIED: unit = "UPDATE photo SET state = 'verified', verified_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'open' AND received = size";
    /// Unfinished photos that are too old.
    PHOTOS_EXPIRED: unit = "SELECT id FROM photo WHERE unit_id = $1 AND state = 'open' AND expires_at < $2 ORDER BY id LIMIT $3";
    /// Forgets one.
    PHOTO_FORGET: unit = "DELETE FROM photo WHERE unit_id = $1 AND id = $2 AND state = 'open'";
}
