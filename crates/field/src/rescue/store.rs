//! SQL of the rescue key and of what was handed over sealed to it.

use zf_store::statements;

statements! {
    /// The key in force: the oldest, when two were made at once.
    RESCUE_KEY: reference = "SELECT id, home_id, public_key, private_sealed FROM rescue_key ORDER BY made_at, id LIMIT 1";
    /// Makes one.
    RESCUE_KEY_ADD: reference = "INSERT INTO rescue_key (id, home_id, public_key, private_sealed, made_at) VALUES ($1, $2, $3, $4, $5)";
    /// Seals the private half anew, unless it was changed meanwhile.
    RESCUE_KEY_RESEAL: reference = "UPDATE rescue_key SET private_sealed = $3 WHERE id = $1 AND private_sealed = $2";
    /// A key by its id.
    RESCUE_KEY_OF: reference = "SELECT id, home_id, public_key, private_sealed FROM rescue_key WHERE id = $1";
    /// Something came in; the same thing sent again is there already.
    RESCUE_ADD: unit = "INSERT INTO rescue_item (unit_id, id, op_id, device_id, key_id, sealed, sealed_mac, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (unit_id, op_id, sealed_mac) DO NOTHING";
    /// What came in, newest first.
    RESCUES: unit = "SELECT i.id, i.op_id, d.name, u.name, i.received_at, i.opened_at, i.opened_by_name FROM rescue_item i LEFT JOIN device d ON d.id = i.device_id LEFT JOIN user_account u ON u.id = d.user_id WHERE i.unit_id = $1 AND (i.received_at < $2 OR (i.received_at = $2 AND i.id < $3)) ORDER BY i.received_at DESC, i.id DESC LIMIT $4";
    /// One.
    RESCUE_FETCH: unit = "SELECT device_id, key_id, sealed FROM rescue_item WHERE unit_id = $1 AND id = $2";
    /// It is opened.
    RESCUE_OPENED: unit = "UPDATE rescue_item SET opened_at = $3, opened_by_name = $4 WHERE unit_id = $1 AND id = $2";
}
