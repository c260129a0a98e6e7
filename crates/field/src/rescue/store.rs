//! SQL of the rescue key and of what was handed over sealed to it.

use zf_store::statements;

statements! {
    /// The key in force: the oldest, when two were made at once.
    RESCUE_KEY: reference = "SELECT id, home_id, public_key, private_sealed FROM rescue_key ORDER BY made_at, id LIMIT 1";
    /// Makes one.
    RESCUE_KEY_ADD: reference = "INSERT INTO rescue_key (id, home_id, public_key, private_sealed, made_at) VALUES ($1, $2, $3, $4, $5)";
    /// Seals the private half anew, unless it was changed meanwhile.
    RESCUE_KEY_RESEAL: reference = "UPDATE rescue_key SET private_sealed = $3 WHERE id = $1 AND private_sealed = $2";
}
