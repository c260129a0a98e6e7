//! SQL of operations, the feed, and what is kept aside. Operations and feed
//! rows are only ever added.
//! What is sealed comes and goes as bytes.

use zf_store::statements;

statements! {
    /// What was said to an operation when it first came.
    SYNC_OP: unit = "SELECT payload_mac, answer FROM sync_op WHERE unit_id = $1 AND op_id = $2";
    /// Keeps an operation with its answer. A conflict means that another transaction was first.
    SYNC_OP_ADD: unit = "INSERT INTO sync_op (unit_id, op_id, device_id, client_seq, kind, entity_id, payload_mac, answer, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// The branch's feed begins.
    FEED_START: unit = "INSERT INTO feed_head (unit_id, seq) VALUES ($1, 0) ON CONFLICT (unit_id) DO NOTHING";
    /// Takes numbers; the row is held until the commit.
    FEED_TAKE: unit = "UPDATE feed_head SET seq = seq + $2 WHERE unit_id = $1 RETURNING seq";
    /// One change.
    FEED_ADD: unit = "INSERT INTO feed (unit_id, seq, kind, entity_id, rev, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Something to look at.
    REVIEW_ADD: unit = "INSERT INTO sync_review (unit_id, id, op_id, visit_id, reasons, state, made_at, kind) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7)";
    /// An operation that was kept aside is in force now.
    SYNC_OP_SAID: unit = "UPDATE sync_op SET answer = $3 WHERE unit_id = $1 AND op_id = $2";
    /// Publicity of a group.
    TRACE_ADD: unit = "INSERT INTO trace (unit_id, id, program_id, village_group_id, day, place, pieces, photos, payload_sealed, state, made_by, made_by_name, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// One that is there.
    TRACE_THERE: unit = "SELECT id FROM trace WHERE unit_id = $1 AND id = $2";
    /// What was decided of one.
    TRACE_STATE: unit = "UPDATE trace SET state = $3 WHERE unit_id = $1 AND id = $2";
    /// Something was handed out.
    GIFT_ADD: unit = "INSERT INTO gift (unit_id, id, program_id, household_id, customer_id, visit_id, day, material, pieces, value_fen, state, made_by, made_by_name, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// One that is there.
    GIFT_THERE: unit = "SELECT id FROM gift WHERE unit_id = $1 AND id = $2";
    /// What was decided of one.
    GIFT_STATE: unit = "UPDATE gift SET state = $3 WHERE unit_id = $1 AND id = $2";
    /// What a customer got in a campaign: pieces of a material, value of all.
    GIFTS_OF_CUSTOMER: unit = "SELECT CAST(COALESCE(SUM(CASE WHEN material = $4 THEN pieces ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(value_fen), 0) AS BIGINT) FROM gift WHERE unit_id = $1 AND program_id = $2 AND customer_id = $3 AND state <> 'rejected'";
    /// What a household got.
    GIFTS_OF_HOUSEHOLD: unit = "SELECT CAST(COALESCE(SUM(CASE WHEN material = $4 THEN pieces ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(value_fen), 0) AS BIGINT) FROM gift WHERE unit_id = $1 AND program_id = $2 AND household_id = $3 AND state <> 'rejected'";
    /// People of a household.
    HOUSEHOLD_MEMBERS: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1 AND household_id = $2";
    /// The same by number.
    HOUSEHOLD_PEOPLE: unit = "SELECT id FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY customer_no LIMIT 50";
    /// The pin of a household.
    HOUSEHOLD_DOOR: unit = "SELECT pin_lat, pin_lon FROM household WHERE unit_id = $1 AND id = $2";
    /// Whether a group is the branch's.
    GROUP_THERE: unit = "SELECT id FROM village_group WHERE unit_id = $1 AND id = $2";
    /// Who has a customer number.
    CUSTOMER_OF_NO: unit = "SELECT id FROM customer WHERE unit_id = $1 AND customer_no = $2";
    /// Whether a customer is the branch's.
    CUSTOMER_THERE: unit = "SELECT id FROM customer WHERE unit_id = $1 AND id = $2";
    /// Whether a phone is a customer's.
    PHONE_THERE: unit = "SELECT id FROM customer WHERE unit_id = $1 AND phone_bidx = $2 LIMIT 1";
    /// What a visitor says of people.
    PROPOSAL_ADD: unit = "INSERT INTO field_proposal (unit_id, id, kind, entity_id, base_rev, payload_sealed, members, state, made_by, made_by_name, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// One of them.
    PROPOSAL_FETCH: unit = "SELECT kind, payload_sealed, state FROM field_proposal WHERE unit_id = $1 AND id = $2";
    /// What was decided of one.
    PROPOSAL_STATE: unit = "UPDATE field_proposal SET state = $3 WHERE unit_id = $1 AND id = $2 AND state = 'review'";
    /// What is to be looked at in a subtree, newest first.
    REVIEWS_BELOW: cross = "SELECT q.unit_id, n.name, q.id, q.kind, q.visit_id, q.reasons, q.state, q.made_at, q.decided_at, q.decided_by_name, q.decision_reason, v.day, v.outcome, v.made_by_name, q.op_id FROM unit n JOIN sync_review q ON q.unit_id = n.id LEFT JOIN visit v ON v.unit_id = q.unit_id AND v.id = q.visit_id WHERE n.path >= $1 AND n.path < $2 AND q.state = 'open' AND (q.made_at < $3 OR (q.made_at = $3 AND q.id < $4)) ORDER BY q.made_at DESC, q.id DESC LIMIT $5";
    /// What was decided in a subtree, newest first.
    REVIEWS_DECIDED_BELOW: cross = "SELECT q.unit_id, n.name, q.id, q.kind, q.visit_id, q.reasons, q.state, q.made_at, q.decided_at, q.decided_by_name, q.decision_reason, v.day, v.outcome, v.made_by_name, q.op_id FROM unit n JOIN sync_review q ON q.unit_id = n.id LEFT JOIN visit v ON v.unit_id = q.unit_id AND v.id = q.visit_id WHERE n.path >= $1 AND n.path < $2 AND q.state <> 'open' AND (q.made_at < $3 OR (q.made_at = $3 AND q.id < $4)) ORDER BY q.made_at DESC, q.id DESC LIMIT $5";
    /// One of a branch.
    REVIEW_FETCH: unit = "SELECT kind, visit_id, op_id, state FROM sync_review WHERE unit_id = $1 AND id = $2";
    /// It is decided, once.
    REVIEW_DECIDE: unit = "UPDATE sync_review SET state = $3, decided_at = $4, decided_by = $5, decided_by_name = $6, decision_reason = $7 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// Others of the same thing that are open.
    REVIEWS_OPEN: unit = "SELECT COUNT(*) FROM sync_review WHERE unit_id = $1 AND visit_id = $2 AND kind = $3 AND state = 'open'";
    /// A visit that did not happen takes its other questions with it.
    REVIEWS_CLOSE: unit = "UPDATE sync_review SET state = 'rejected', decided_at = $4, decided_by = $5, decided_by_name = $6, decision_reason = $7 WHERE unit_id = $1 AND visit_id = $2 AND kind = $3 AND state = 'open'";
    /// What is kept aside in a subtree, newest first.
    QUARANTINE_BELOW: cross = "SELECT q.unit_id, n.name, q.id, q.op_id, q.code, q.state, q.received_at, d.name, u.name, q.decided_at, q.decided_by_name, q.decision_reason FROM unit n JOIN sync_quarantine q ON q.unit_id = n.id LEFT JOIN device d ON d.id = q.device_id LEFT JOIN user_account u ON u.id = d.user_id WHERE n.path >= $1 AND n.path < $2 AND q.state = 'open' AND (q.received_at < $3 OR (q.received_at = $3 AND q.id < $4)) ORDER BY q.received_at DESC, q.id DESC LIMIT $5";
    /// What was kept aside in a subtree and decided since, newest first.
    QUARANTINE_DECIDED_BELOW: cross = "SELECT q.unit_id, n.name, q.id, q.op_id, q.code, q.state, q.received_at, d.name, u.name, q.decided_at, q.decided_by_name, q.decision_reason FROM unit n JOIN sync_quarantine q ON q.unit_id = n.id LEFT JOIN device d ON d.id = q.device_id LEFT JOIN user_account u ON u.id = d.user_id WHERE n.path >= $1 AND n.path < $2 AND q.state <> 'open' AND (q.received_at < $3 OR (q.received_at = $3 AND q.id < $4)) ORDER BY q.received_at DESC, q.id DESC LIMIT $5";
    /// One of a branch.
    QUARANTINE_FETCH: unit = "SELECT op_id, device_id, code, op_sealed, state FROM sync_quarantine WHERE unit_id = $1 AND id = $2";
    /// It is decided, once.
    QUARANTINE_DECIDE: unit = "UPDATE sync_quarantine SET state = $3, decided_at = $4, decided_by = $5, decided_by_name = $6, decision_reason = $7 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// Keeps aside; the same thing sent again is there already.
    QUARANTINE_ADD: unit = "INSERT INTO sync_quarantine (unit_id, id, op_id, device_id, code, op_sealed, payload_mac, state, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (unit_id, op_id, payload_mac) DO NOTHING";
}
