//! SQL of consents. Nothing is changed but the note of a person that is erased,
//! or that has gone along to another branch (`papers`). Records that were merged
//! into one, also one after the other, are found over the branch's departures.

use zf_store::statements;

statements! {
    /// Records one.
    CONSENT_ADD: unit = "INSERT INTO consent (unit_id, id, customer_id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    /// Everything a person has said, in order; also under records that were merged into this one.
    CONSENTS_OF: unit = "SELECT id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by_name FROM consent WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) ORDER BY made_at, id";
    /// Forgets the notes of a person that is erased.
    CONSENT_NOTES_FORGET: unit = "UPDATE consent SET note_sealed = NULL WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) AND note_sealed IS NOT NULL";
    /// How many consents of a person are kept as evidence.
    CONSENT_COUNT: unit = "SELECT COUNT(*) FROM consent WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own))";
    /// Holds the row of a customer until the transaction ends; none = not in the branch.
    CUSTOMER_HOLD: unit = "UPDATE customer SET rev = rev WHERE unit_id = $1 AND id = $2";
    /// Everything that goes along with a person to another branch.
    CONSENT_PAPERS: unit = "SELECT id, customer_id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by, made_by_name FROM consent WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) ORDER BY made_at, id";
    /// One of them.
    CONSENT_PAPER: unit = "SELECT id, customer_id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by, made_by_name FROM consent WHERE unit_id = $1 AND id = $2";
    /// Comes along; one that was here before gets its note again and stays with the record it was said under.
    CONSENT_COMES: unit = "INSERT INTO consent (unit_id, id, customer_id, kind, state, channel, person_only, until_day, reason, form_version, note_sealed, said_day, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (unit_id, id) DO UPDATE SET customer_id = CASE WHEN consent.customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $3 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own) THEN consent.customer_id ELSE $3 END, note_sealed = excluded.note_sealed";
    /// Goes back to the branch it came from with a merge.
    CONSENT_GOES: unit = "DELETE FROM consent WHERE unit_id = $1 AND id = $2";
}
