//! SQL of photos: what is announced, how much of it is here, whose bytes it
//! has, and what was erased. Knows rows only; bytes lie in the data folder
//! (`files`), and whose visit it was, the caller says.

use zf_store::statements;

statements! {
    /// A photo of a visit is announced.
    PHOTO_ADD: unit = "INSERT INTO photo (unit_id, id, visit_id, op_id, device_id, sha256, size, received, mime, role, state, bytes_of, made_at, expires_at, verified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// The same photo of the same visit.
    PHOTO_SAME: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND visit_id = $2 AND sha256 = $3 AND role = $4";
    /// The same bytes, whole, of any visit.
    PHOTO_CONTENT: unit = "SELECT bytes_of FROM photo WHERE unit_id = $1 AND sha256 = $2 AND size = $3 AND state = 'verified' ORDER BY id LIMIT 1";
    /// Holds the whole photos that have some bytes until the commit, so that none is erased meanwhile.
    PHOTO_HOLD: unit = "UPDATE photo SET state = 'verified' WHERE unit_id = $1 AND bytes_of = $2 AND state = 'verified'";
    /// Uploads whose bytes whole photos have, in the order of ids.
    PHOTO_HELD: unit = "SELECT DISTINCT bytes_of FROM photo WHERE unit_id = $1 AND bytes_of > $2 AND state = 'verified' ORDER BY bytes_of LIMIT $3";
    /// Photos of a visit are to go; a phone that asks is told that they are here.
    PHOTO_ERASE: unit = "UPDATE photo SET state = 'erasing', received = size WHERE unit_id = $1 AND visit_id = $2 AND state IN ('open', 'verified')";
    /// From now on nothing is kept of a visit's photos.
    PHOTO_ERASE_LATER: unit = "INSERT INTO photo_erased (unit_id, visit_id, erased_at) VALUES ($1, $2, $3) ON CONFLICT (unit_id, visit_id) DO NOTHING";
    /// Whether the photos of a visit were erased.
    PHOTO_IS_ERASED: unit = "SELECT erased_at FROM photo_erased WHERE unit_id = $1 AND visit_id = $2";
    /// Photos that were announced in the moment in which those of their visit were erased.
    PHOTO_ERASE_MISSED: unit = "UPDATE photo SET state = 'erasing', received = size WHERE unit_id = $1 AND state IN ('open', 'verified') AND visit_id IN (SELECT e.visit_id FROM photo_erased e WHERE e.unit_id = $1)";
    /// Bytes of photos that were erased, in the order of ids, and whether they were not taken away yet.
    PHOTO_ERASED_BYTES: unit = "SELECT bytes_of, CAST(MAX(CASE WHEN state = 'erasing' THEN 1 ELSE 0 END) AS BIGINT) FROM photo WHERE unit_id = $1 AND bytes_of > $2 AND state IN ('erasing', 'erased') GROUP BY bytes_of ORDER BY bytes_of LIMIT $3";
    /// Whether some bytes are still of a photo.
    PHOTO_BYTES_USED: unit = "SELECT COUNT(*) FROM photo WHERE unit_id = $1 AND bytes_of = $2 AND state IN ('open', 'verified')";
    /// The bytes are gone, or are another photo's.
    PHOTO_GONE: unit = "UPDATE photo SET state = 'erased' WHERE unit_id = $1 AND bytes_of = $2 AND state = 'erasing'";
    /// One photo.
    PHOTO_FETCH: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND id = $2";
    /// Photos of a visit.
    PHOTOS_OF_VISIT: unit = "SELECT id, visit_id, sha256, size, received, mime, role, state, bytes_of, expires_at FROM photo WHERE unit_id = $1 AND visit_id = $2 ORDER BY id LIMIT $3";
    /// A piece is on the disk; nobody else has written one meanwhile.
    PHOTO_MOVE: unit = "UPDATE photo SET received = $4, expires_at = $5 WHERE unit_id = $1 AND id = $2 AND received = $3 AND state = 'open'";
    /// All bytes are here, and they are the right ones.
    PHOTO_VERIFIED: unit = "UPDATE photo SET state = 'verified', verified_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'open' AND received = size";
    /// Photos whose bytes are all here and were never compared with their hash.
    PHOTOS_UNCOMPARED: unit = "SELECT id FROM photo WHERE unit_id = $1 AND state = 'open' AND received = size ORDER BY id LIMIT $2";
    /// Unfinished photos that are too old.
    PHOTOS_EXPIRED: unit = "SELECT id FROM photo WHERE unit_id = $1 AND state = 'open' AND expires_at < $2 ORDER BY id LIMIT $3";
    /// Bytes of whole photos, each once, in the order of branches and uploads.
    PHOTO_KEPT: cross = "SELECT DISTINCT unit_id, bytes_of, size, sha256 FROM photo WHERE state = 'verified' AND (unit_id > $1 OR (unit_id = $1 AND bytes_of > $2)) ORDER BY unit_id, bytes_of LIMIT $3";
    /// Branch and day of the visit of some bytes.
    PHOTO_NAMED: unit = "SELECT u.name, v.day FROM photo p JOIN unit u ON u.id = p.unit_id LEFT JOIN visit v ON v.unit_id = p.unit_id AND v.id = p.visit_id WHERE p.unit_id = $1 AND p.bytes_of = $2 AND p.state = 'verified' ORDER BY p.id LIMIT 1";
    /// Forgets one.
    PHOTO_FORGET: unit = "DELETE FROM photo WHERE unit_id = $1 AND id = $2 AND state = 'open'";
}
