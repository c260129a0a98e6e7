//! SQL of requests and certificates. Lists are over a subtree, by the day on
//! which an answer is due. Texts of a person come and go as sealed bytes;
//! certificates hold counts only.

use zf_store::statements;

statements! {
    /// Records a request.
    REQUEST_ADD: unit = "INSERT INTO privacy_request (unit_id, id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by, ended_by_name, rev) VALUES ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', NULL, NULL, '', 1)";
    /// One request.
    REQUEST_BY_ID: unit = "SELECT unit_id, id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by_name, rev FROM privacy_request WHERE unit_id = $1 AND id = $2";
    /// Those of a customer, newest first; also under records that were merged into this one.
    REQUESTS_OF: unit = "SELECT unit_id, id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by_name, rev FROM privacy_request WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) ORDER BY made_at DESC, id DESC";
    /// Is one of this kind open already?
    REQUEST_OPEN: unit = "SELECT id FROM privacy_request WHERE unit_id = $1 AND customer_id = $2 AND kind = $3 AND state = 'open'";
    /// Those of a subtree in some state, the most urgent first.
    REQUEST_LIST: cross = "SELECT r.unit_id, r.id, r.customer_id, r.kind, r.state, r.channel, r.field, r.detail_sealed, r.old_sealed, r.new_sealed, r.asked_day, r.due_day, r.made_at, r.made_by, r.made_by_name, r.reason, r.ended_at, r.ended_by_name, r.rev FROM privacy_request r JOIN unit u ON u.id = r.unit_id WHERE u.path >= $1 AND u.path < $2 AND r.state = $3 AND (r.due_day > $4 OR (r.due_day = $4 AND r.id > $5)) ORDER BY r.due_day, r.id LIMIT $6";
    /// Ends a request, unless somebody did meanwhile.
    REQUEST_END: unit = "UPDATE privacy_request SET state = $4, reason = $5, ended_at = $6, ended_by = $7, ended_by_name = $8, rev = rev + 1 WHERE unit_id = $1 AND id = $2 AND rev = $3 AND state = 'open'";
    /// Ends the other open requests of a customer that is erased.
    REQUESTS_END_ALL: unit = "UPDATE privacy_request SET state = 'done', ended_at = $3, ended_by = $4, ended_by_name = $5, rev = rev + 1 WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) AND state = 'open'";
    /// Forgets what the person said and the values of corrections.
    REQUEST_TEXTS_FORGET: unit = "UPDATE privacy_request SET detail_sealed = NULL, old_sealed = NULL, new_sealed = NULL WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) AND (detail_sealed IS NOT NULL OR old_sealed IS NOT NULL OR new_sealed IS NOT NULL)";
    /// Forgets the rows of records that were merged into this one; their numbers come back as little.
    MERGED_FORGET: unit = "UPDATE customer_past SET snapshot_sealed = NULL, fate = 'erased' WHERE unit_id = $1 AND into_unit = $1 AND id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)";
    /// Forgets where a household is, when nobody of it is left.
    HOUSEHOLD_FORGET: unit = "UPDATE household SET lat = NULL, lon = NULL, datum = NULL, pin_lat = NULL, pin_lon = NULL, pin_customer_id = NULL WHERE unit_id = $1 AND id = $2 AND (lat IS NOT NULL OR pin_lat IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.unit_id = $1 AND c.household_id = $2)";
    /// Where a household was before others joined it, when nobody is left of it.
    PROPOSAL_FORGET: unit = "UPDATE household_proposal SET was_lat = NULL, was_lon = NULL, was_datum = NULL WHERE unit_id = $1 AND household_id = $2 AND was_lat IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.unit_id = $1 AND c.household_id = $2)";
    /// The bank's number and the sealed name, for a list.
    REQUEST_CUSTOMER: unit = "SELECT customer_no, name_sealed FROM customer WHERE unit_id = $1 AND id = $2";
    /// Writes a certificate.
    CERTIFICATE_ADD: unit = "INSERT INTO erasure_certificate (unit_id, id, number, request_id, batch_id, customers, erased, asked_by_name, approved_by_name, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// One certificate with its event.
    CERTIFICATE_BY_ID: unit = "SELECT c.id, c.number, c.request_id, c.batch_id, c.customers, c.erased, c.asked_by_name, c.approved_by_name, c.made_at FROM erasure_certificate c WHERE c.unit_id = $1 AND c.id = $2";
    /// The certificate of a request.
    CERTIFICATE_OF_REQUEST: unit = "SELECT id, number FROM erasure_certificate WHERE unit_id = $1 AND request_id = $2";
    /// The certificate of a batch.
    CERTIFICATE_OF_BATCH: unit = "SELECT id, number FROM erasure_certificate WHERE unit_id = $1 AND batch_id = $2";
    /// The event that proves an erasure: its place in the chain and its hash.
    CERTIFICATE_EVENT: unit = "SELECT stream, seq, hash FROM event WHERE unit_id = $1 AND target_id = $2 AND action = 'customer.erase' ORDER BY at, id LIMIT 1";
    /// Everything that goes along with a person to another branch.
    REQUEST_PAPERS: unit = "SELECT id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by, ended_by_name, rev FROM privacy_request WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) ORDER BY made_at, id";
    /// One of them.
    REQUEST_PAPER: unit = "SELECT id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by, ended_by_name, rev FROM privacy_request WHERE unit_id = $1 AND id = $2";
    /// Open requests of a person are on their way.
    REQUESTS_HOLD: unit = "UPDATE privacy_request SET state = 'moved', rev = rev + 1 WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) AND state = 'open'";
    /// The person did not leave after all.
    REQUESTS_RELEASE: unit = "UPDATE privacy_request SET state = 'open', rev = rev + 1 WHERE unit_id = $1 AND (customer_id = $2 OR customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $2 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own)) AND state = 'moved'";
    /// One open request is on its way.
    REQUEST_HOLD: unit = "UPDATE privacy_request SET state = 'moved', rev = rev + 1 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// Comes along; one that was here before gets its texts and its end again.
    REQUEST_COMES: unit = "INSERT INTO privacy_request (unit_id, id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by, ended_by_name, rev) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT (unit_id, id) DO UPDATE SET customer_id = CASE WHEN privacy_request.customer_id IN (WITH RECURSIVE own (id) AS (SELECT id FROM customer_past WHERE unit_id = $1 AND into_id = $3 UNION SELECT p.id FROM customer_past p JOIN own o ON p.into_id = o.id WHERE p.unit_id = $1) SELECT id FROM own) THEN privacy_request.customer_id ELSE $3 END, state = excluded.state, detail_sealed = excluded.detail_sealed, old_sealed = excluded.old_sealed, new_sealed = excluded.new_sealed, reason = excluded.reason, ended_at = excluded.ended_at, ended_by = excluded.ended_by, ended_by_name = excluded.ended_by_name, rev = excluded.rev";
    /// Goes back to the branch it came from with a merge.
    REQUEST_GOES: unit = "DELETE FROM privacy_request WHERE unit_id = $1 AND id = $2";
    /// One open request has gone to another branch, unless somebody has ended it meanwhile.
    REQUEST_LEAVES: unit = "UPDATE privacy_request SET state = 'moved', detail_sealed = NULL, old_sealed = NULL, new_sealed = NULL, rev = rev + 1 WHERE unit_id = $1 AND id = $2 AND rev = $3 AND state = 'open'";
    /// Open requests of people who are not in the branch.
    REQUESTS_LEFT: unit = "SELECT id, customer_id, kind, state, channel, field, detail_sealed, old_sealed, new_sealed, asked_day, due_day, made_at, made_by, made_by_name, reason, ended_at, ended_by, ended_by_name, rev FROM privacy_request WHERE unit_id = $1 AND state = 'open' AND customer_id NOT IN (SELECT id FROM customer WHERE unit_id = $1) ORDER BY id LIMIT $2";
    /// How many are open in a branch.
    REQUESTS_OPEN: unit = "SELECT COUNT(*) FROM privacy_request WHERE unit_id = $1 AND state = 'open'";
    /// Who did what with a record of a branch, newest first.
    REPORT_EVENTS: unit = "SELECT at, actor_name, action FROM event WHERE unit_id = $1 AND target_id = $2 ORDER BY at DESC, id DESC LIMIT $3";
    /// Visits of a branch that were planned for a person, that recorded something
    /// of them, or that were made to their household: states, never values.
    REPORT_VISITS: unit = "SELECT v.id, v.day, v.outcome, v.state, v.made_by_name, m.has_name, m.has_phone, m.has_address, m.id_number FROM visit v LEFT JOIN visit_member m ON m.unit_id = v.unit_id AND m.visit_id = v.id AND m.customer_id = $2 WHERE v.unit_id = $1 AND (m.customer_id = $2 OR v.household_id = $3 OR v.target_id IN (SELECT t.id FROM target t WHERE t.unit_id = $1 AND t.customer_id = $2)) ORDER BY v.day DESC, v.id DESC LIMIT $4";
}
