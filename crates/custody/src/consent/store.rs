//! SQL of consents. Nothing is changed but the note of a person that is erased.

use zf_store::statements;

statements! {
    /// Records one.
    CONSENT_ADD: unit = "INSERT INTO consent (unit_id, id, customer_id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// Everything a person has said, in order; also under records that were merged into this one.
    CONSENTS_OF: unit = "SELECT id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by_name FROM consent WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2)) ORDER BY made_at, id";
    /// Forgets the notes of a person that is erased.
    CONSENT_NOTES_FORGET: unit = "UPDATE consent SET note_sealed = NULL WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2)) AND note_sealed IS NOT NULL";
    /// How many consents of a person are kept as evidence.
    CONSENT_COUNT: unit = "SELECT COUNT(*) FROM consent WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2))";
}
