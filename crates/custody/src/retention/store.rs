//! SQL of retention. Whoever is on a list that is not decided on is not listed
//! again; a list that was rejected counts for the days of its rule once more.
//! Whoever has moved away counts for nothing here. Whether a basis still holds is
//! not known to these statements; the service asks.

use zf_store::statements;

statements! {
    /// Customers whose source ended before a day, in the order of ids.
    DUE_BY_SOURCE: unit = "SELECT c.id, s.expires_day FROM customer c JOIN source s ON s.unit_id = c.unit_id AND s.id = c.source_id WHERE c.unit_id = $1 AND c.id > $7 AND s.expires_day < $2 AND ($3 = '*' OR s.channel = $3) AND ($4 = '*' OR s.purpose = $4) AND NOT EXISTS (SELECT 1 FROM retention_item i JOIN retention_batch b ON b.unit_id = i.unit_id AND b.id = i.batch_id WHERE i.unit_id = c.unit_id AND i.customer_id = c.id AND i.outcome <> 'moved' AND (b.state IN ('proposed', 'approved') OR b.decided_at > $5)) ORDER BY c.id LIMIT $6";
    /// Customers whose record did not change since a moment.
    DUE_BY_CONTACT: unit = "SELECT c.id, c.updated_at FROM customer c JOIN source s ON s.unit_id = c.unit_id AND s.id = c.source_id WHERE c.unit_id = $1 AND c.updated_at < $2 AND ($3 = '*' OR s.channel = $3) AND ($4 = '*' OR s.purpose = $4) AND NOT EXISTS (SELECT 1 FROM retention_item i JOIN retention_batch b ON b.unit_id = i.unit_id AND b.id = i.batch_id WHERE i.unit_id = c.unit_id AND i.customer_id = c.id AND i.outcome <> 'moved' AND (b.state IN ('proposed', 'approved') OR b.decided_at > $5)) ORDER BY c.id LIMIT $6";
    /// Is a customer's source over, and when did the record change last?
    DUE_STILL: unit = "SELECT s.expires_day, c.updated_at FROM customer c JOIN source s ON s.unit_id = c.unit_id AND s.id = c.source_id WHERE c.unit_id = $1 AND c.id = $2";
    /// Lists a batch.
    BATCH_ADD: unit = "INSERT INTO retention_batch (unit_id, id, rule, policy_version, state, customers, erased, made_at, decided_at, decided_by, decided_by_name, reason, ended_at) VALUES ($1, $2, $3, $4, 'proposed', $5, 0, $6, NULL, NULL, '', '', NULL)";
    /// One batch.
    BATCH_BY_ID: unit = "SELECT unit_id, id, rule, policy_version, state, customers, erased, made_at, decided_at, decided_by_name, reason, ended_at FROM retention_batch WHERE unit_id = $1 AND id = $2";
    /// Batches of a subtree, newest first.
    BATCH_LIST: cross = "SELECT b.unit_id, b.id, b.rule, b.policy_version, b.state, b.customers, b.erased, b.made_at, b.decided_at, b.decided_by_name, b.reason, b.ended_at FROM retention_batch b JOIN unit u ON u.id = b.unit_id WHERE u.path >= $1 AND u.path < $2 AND (b.made_at, b.id) < ($3, $4) ORDER BY b.made_at DESC, b.id DESC LIMIT $5";
    /// Somebody decides, once.
    BATCH_DECIDE: unit = "UPDATE retention_batch SET state = $3, decided_at = $4, decided_by = $5, decided_by_name = $6, reason = $7 WHERE unit_id = $1 AND id = $2 AND state = 'proposed'";
    /// The job is done with it.
    BATCH_END: unit = "UPDATE retention_batch SET state = 'done', erased = $3, ended_at = $4 WHERE unit_id = $1 AND id = $2 AND state = 'approved'";
    /// Customers of a batch that nothing was done about yet.
    ITEMS_OPEN: unit = "SELECT customer_id FROM retention_item WHERE unit_id = $1 AND batch_id = $2 AND outcome = '' ORDER BY customer_id LIMIT $3";
    /// What became of one.
    ITEM_END: unit = "UPDATE retention_item SET outcome = $4 WHERE unit_id = $1 AND batch_id = $2 AND customer_id = $3 AND outcome = ''";
    /// The customer leaves the branch: the lists there are done with them.
    ITEMS_LEAVE: unit = "UPDATE retention_item SET outcome = 'moved' WHERE unit_id = $1 AND customer_id = $2 AND outcome = ''";
    /// They did not leave after all, or are back: lists that are not done take them up again.
    ITEMS_RETURN: unit = "UPDATE retention_item SET outcome = '' WHERE unit_id = $1 AND customer_id = $2 AND outcome = 'moved' AND batch_id IN (SELECT id FROM retention_batch WHERE unit_id = $1 AND state IN ('proposed', 'approved'))";
    /// How many were erased, and what with them.
    ITEMS_ERASED: unit = "SELECT outcome FROM retention_item WHERE unit_id = $1 AND batch_id = $2";
}
