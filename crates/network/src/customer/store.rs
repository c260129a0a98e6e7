//! SQL of customers and households. Every statement is about one branch, but
//! for the look-ups; sealed columns come and go as bytes.
//! What is in them is known to `seal` alone.

use zf_store::statements;

statements! {
    /// One customer.
    CUSTOMER_BY_ID: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.id = $2";
    /// A page of a branch by customer number.
    CUSTOMER_LIST: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.customer_no > $2 ORDER BY c.customer_no LIMIT $3";
    /// A page of a village group.
    CUSTOMER_LIST_GROUP: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.village_group_id = $4 AND c.customer_no > $2 ORDER BY c.customer_no LIMIT $3";
    /// A page of a must-visit group.
    CUSTOMER_LIST_TAG: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id JOIN customer_tag t ON t.unit_id = c.unit_id AND t.customer_id = c.id WHERE c.unit_id = $1 AND t.tag = $4 AND t.how <> 'no' AND c.customer_no > $2 ORDER BY c.customer_no LIMIT $3";
    /// A page of a must-visit group inside a village group.
    CUSTOMER_LIST_GROUP_TAG: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id JOIN customer_tag t ON t.unit_id = c.unit_id AND t.customer_id = c.id WHERE c.unit_id = $1 AND c.village_group_id = $4 AND t.tag = $5 AND t.how <> 'no' AND c.customer_no > $2 ORDER BY c.customer_no LIMIT $3";
    /// A page of those that lack fields or refuse visits, with any of the other conditions; 0 = does not matter, 1 = yes, 2 = no.
    CUSTOMER_LIST_WHERE: unit = "SELECT c.unit_id, c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_sealed, c.id_number_state, c.address_sealed, c.notes_sealed, c.sex, c.birth_year, c.occupation, c.balance_band, c.deposit_due_day, c.insurance_due_day, c.products, c.tags, c.four_fields, c.do_not_visit, c.lat, c.lon, c.datum, c.source_channel, c.rev, c.created_at, c.updated_at FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.customer_no > $2 AND (c.village_group_id = $4 OR $4 IS NULL) AND (EXISTS (SELECT 1 FROM customer_tag t WHERE t.unit_id = c.unit_id AND t.customer_id = c.id AND t.tag = $5) OR $5 IS NULL) AND (CAST($6 AS BIGINT) = 0 OR c.four_fields = (CAST($6 AS BIGINT) = 1)) AND (CAST($7 AS BIGINT) = 0 OR c.do_not_visit = (CAST($7 AS BIGINT) = 1)) ORDER BY c.customer_no LIMIT $3";
    /// Sealed values in the order of ids, for a change of keys.
    CUSTOMER_SEALED: unit = "SELECT id, rev, name_sealed, phone_sealed, id_number_sealed, address_sealed, notes_sealed FROM customer WHERE unit_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Seals a customer anew, unless somebody changed the row meanwhile; its content is the same, so `rev` stays.
    CUSTOMER_RESEAL: unit = "UPDATE customer SET name_sealed = $4, phone_sealed = $5, id_number_sealed = $6, address_sealed = $7, notes_sealed = $8 WHERE unit_id = $1 AND id = $2 AND rev = $3";
    /// All names of a branch, to be opened and searched in memory.
    CUSTOMER_NAMES: unit = "SELECT id, customer_no, name_sealed FROM customer WHERE unit_id = $1";
    /// By the bank's number.
    CUSTOMER_BY_NO: unit = "SELECT id FROM customer WHERE unit_id = $1 AND customer_no = $2";
    /// By the bank's number, in every branch of a subtree.
    LOOKUP_BY_NO: cross = "SELECT c.unit_id, c.id FROM unit u CROSS JOIN customer c WHERE u.path >= $1 AND u.path < $2 AND c.unit_id = u.id AND c.customer_no = $3 ORDER BY u.path, c.id LIMIT $4";
    /// By phone, in every branch of a subtree.
    LOOKUP_BY_PHONE: cross = "SELECT c.unit_id, c.id FROM unit u CROSS JOIN customer c WHERE u.path >= $1 AND u.path < $2 AND c.unit_id = u.id AND c.phone_bidx = $3 ORDER BY u.path, c.id LIMIT $4";
    /// By ID number, in every branch of a subtree.
    LOOKUP_BY_ID_NUMBER: cross = "SELECT c.unit_id, c.id FROM unit u CROSS JOIN customer c WHERE u.path >= $1 AND u.path < $2 AND c.unit_id = u.id AND c.id_number_bidx = $3 ORDER BY u.path, c.id LIMIT $4";
    /// What an import compares with.
    CUSTOMER_DIGESTS: unit = "SELECT customer_no, id, content_digest, rev FROM customer WHERE unit_id = $1";
    /// Household numbers of a branch.
    HOUSEHOLD_NUMBERS: unit = "SELECT household_no, id FROM household WHERE unit_id = $1";
    /// Adds a household.
    HOUSEHOLD_ADD: unit = "INSERT INTO household (unit_id, id, household_no, village_group_id, lat, lon, datum, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Where a household is, when the file says so.
    HOUSEHOLD_PLACE: unit = "UPDATE household SET village_group_id = COALESCE($3, village_group_id), lat = COALESCE($4, lat), lon = COALESCE($5, lon), datum = COALESCE($6, datum), updated_at = $7 WHERE unit_id = $1 AND id = $2";
    /// Changes a customer when nobody else has.
    CUSTOMER_CHANGE: unit = "UPDATE customer SET household_id = $4, village_group_id = $5, name_sealed = $6, phone_sealed = $7, phone_bidx = $8, phone_state = $9, id_number_sealed = $10, id_number_bidx = $11, id_number_state = $12, address_sealed = $13, notes_sealed = $14, sex = $15, birth_year = $16, occupation = $17, balance_band = $18, deposit_due_day = $19, insurance_due_day = $20, products = $21, tags = $22, four_fields = $23, do_not_visit = $24, lat = $25, lon = $26, datum = $27, content_digest = COALESCE($28, content_digest), rev = rev + 1, updated_at = $29, updated_by = $30 WHERE unit_id = $1 AND id = $2 AND rev = $3";
    /// Takes the tags of files away before the new set is stored; what the branch ticked stays.
    CUSTOMER_TAGS_CLEAR: unit = "DELETE FROM customer_tag WHERE unit_id = $1 AND customer_id = $2 AND how = 'file'";
    /// Tags that were ticked as well stand on the tick alone.
    CUSTOMER_TAGS_TICKED: unit = "UPDATE customer_tag SET how = 'tick' WHERE unit_id = $1 AND customer_id = $2 AND how = 'both'";
    /// Adds a tag of a file; a tick for or against it stays.
    CUSTOMER_TAG_ADD: unit = "INSERT INTO customer_tag (unit_id, tag, customer_id, how) VALUES ($1, $2, $3, 'file') ON CONFLICT (unit_id, tag, customer_id) DO UPDATE SET how = CASE WHEN customer_tag.how = 'tick' THEN 'both' ELSE customer_tag.how END";
    /// Counts of a branch for the overview.
    CUSTOMER_COUNTS: unit = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN four_fields THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN lat IS NOT NULL THEN 1 ELSE 0 END), 0), COUNT(DISTINCT household_id) FROM customer WHERE unit_id = $1";
}
