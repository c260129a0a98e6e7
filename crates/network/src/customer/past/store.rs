//! SQL of customers that have left, and of whole rows of the customer table as
//! they are archived and put back. Every statement is about one branch.
//! What is sealed in a row is known to `former` alone.

use zf_store::statements;

statements! {
    /// A whole row, in the order of the columns of the bulk load.
    FORMER_BY_ID: unit = "SELECT id, customer_no, household_id, village_group_id, name_sealed, phone_sealed, phone_bidx, phone_state, id_number_sealed, id_number_bidx, id_number_state, address_sealed, notes_sealed, sex, birth_year, occupation, balance_band, deposit_due_day, insurance_due_day, products, tags, four_fields, do_not_visit, lat, lon, datum, source_channel, content_digest, rev, created_at, created_by, updated_at, updated_by, source_id, no_visit_person_only, no_visit_until, do_not_contact, no_contact_until, relation, pin_lat, pin_lon, pin_datum, pin_accuracy_m, pinned_at, pinned_by_name FROM customer WHERE unit_id = $1 AND id = $2";
    /// The tags of a customer.
    FORMER_TAGS: unit = "SELECT tag, how FROM customer_tag WHERE unit_id = $1 AND customer_id = $2 ORDER BY tag";
    /// Takes the tags of a customer away.
    FORMER_TAGS_CLEAR: unit = "DELETE FROM customer_tag WHERE unit_id = $1 AND customer_id = $2";
    /// Adds a tag.
    FORMER_TAG_ADD: unit = "INSERT INTO customer_tag (unit_id, tag, customer_id, how) VALUES ($1, $2, $3, $4) ON CONFLICT (unit_id, tag, customer_id) DO NOTHING";
    /// Takes a customer away, unless somebody changed it.
    FORMER_DELETE: unit = "DELETE FROM customer WHERE unit_id = $1 AND id = $2 AND rev = $3";
    /// Writes a whole row over another state of it, unless somebody changed that.
    FORMER_PUT: unit = "UPDATE customer SET household_id = $4, village_group_id = $5, name_sealed = $6, phone_sealed = $7, phone_bidx = $8, phone_state = $9, id_number_sealed = $10, id_number_bidx = $11, id_number_state = $12, address_sealed = $13, notes_sealed = $14, sex = $15, birth_year = $16, occupation = $17, balance_band = $18, deposit_due_day = $19, insurance_due_day = $20, products = $21, tags = $22, four_fields = $23, do_not_visit = $24, lat = $25, lon = $26, datum = $27, source_channel = $28, content_digest = $29, rev = $30, created_at = $31, created_by = $32, updated_at = $33, updated_by = $34, source_id = $35, no_visit_person_only = $36, no_visit_until = $37, do_not_contact = $38, no_contact_until = $39, relation = $40, pin_lat = $41, pin_lon = $42, pin_datum = $43, pin_accuracy_m = $44, pinned_at = $45, pinned_by_name = $46 WHERE unit_id = $1 AND id = $2 AND rev = $3";
    /// Remembers who left.
    PAST_ADD: unit = "INSERT INTO customer_past (unit_id, id, customer_no, fate, into_unit, into_id, snapshot_sealed, reason, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Forgets earlier departures under a number or an id: the newest counts.
    PAST_FORGET: unit = "DELETE FROM customer_past WHERE unit_id = $1 AND (id = $2 OR customer_no = $3)";
    /// One that left.
    PAST_BY_ID: unit = "SELECT unit_id, id, customer_no, fate, into_unit, into_id, reason, at, by_id, by_name, CASE WHEN snapshot_sealed IS NULL THEN 0 ELSE 1 END FROM customer_past WHERE unit_id = $1 AND id = $2";
    /// Its sealed row.
    PAST_SNAPSHOT: unit = "SELECT snapshot_sealed FROM customer_past WHERE unit_id = $1 AND id = $2";
    /// All that left a branch.
    PAST_LIST: unit = "SELECT unit_id, id, customer_no, fate, into_unit, into_id, reason, at, by_id, by_name, CASE WHEN snapshot_sealed IS NULL THEN 0 ELSE 1 END FROM customer_past WHERE unit_id = $1";
    /// The one that left under a number of the bank's.
    PAST_BY_NO: unit = "SELECT unit_id, id, customer_no, fate, into_unit, into_id, reason, at, by_id, by_name, CASE WHEN snapshot_sealed IS NULL THEN 0 ELSE 1 END FROM customer_past WHERE unit_id = $1 AND customer_no = $2";
    /// Takes what is kept of one that left and has been erased since; where they went stays.
    PAST_ERASE: unit = "UPDATE customer_past SET snapshot_sealed = NULL, fate = 'erased' WHERE unit_id = $1 AND id = $2 AND (fate <> 'erased' OR snapshot_sealed IS NOT NULL)";
    /// Where a record, or one that went into it, has left something behind.
    PAST_ANYWHERE: cross = "SELECT unit_id, id FROM customer_past WHERE id = $1 OR into_id = $1 ORDER BY unit_id, id";
    /// Sealed rows in the order of ids, for a change of keys.
    PAST_SEALED: unit = "SELECT id, snapshot_sealed FROM customer_past WHERE unit_id = $1 AND id > $2 AND snapshot_sealed IS NOT NULL ORDER BY id LIMIT $3";
    /// Seals one anew, unless it was changed meanwhile.
    PAST_RESEAL: unit = "UPDATE customer_past SET snapshot_sealed = $4 WHERE unit_id = $1 AND id = $2 AND snapshot_sealed = $3";
    /// Keeps a state from before a merge.
    BEFORE_ADD: unit = "INSERT INTO customer_before (unit_id, id, customer_id, snapshot_sealed, at) VALUES ($1, $2, $3, $4, $5)";
    /// A state from before a merge.
    BEFORE_BY_ID: unit = "SELECT snapshot_sealed FROM customer_before WHERE unit_id = $1 AND id = $2";
    /// Forgets a state: the merge is taken back.
    BEFORE_DROP: unit = "DELETE FROM customer_before WHERE unit_id = $1 AND id = $2";
    /// Forgets the states of a customer that is erased.
    BEFORE_FORGET: unit = "DELETE FROM customer_before WHERE unit_id = $1 AND customer_id = $2";
    /// Sealed states in the order of ids, for a change of keys.
    BEFORE_SEALED: unit = "SELECT id, snapshot_sealed FROM customer_before WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals one anew, unless it was changed meanwhile.
    BEFORE_RESEAL: unit = "UPDATE customer_before SET snapshot_sealed = $4 WHERE unit_id = $1 AND id = $2 AND snapshot_sealed = $3";
}
