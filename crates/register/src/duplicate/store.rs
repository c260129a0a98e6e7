//! SQL of pairs and of the searches for them. Every statement is about one branch.
//! Pairs hold ids, scores and codes of reasons, never a value of a person; what
//! they mean is decided in `service`.

use zf_store::statements;

statements! {
    /// One pair.
    PAIR_BY_ID: unit = "SELECT unit_id, id, own_id, other_unit, other_id, score, reasons, state, merge_unit, merge_id, found_at, decided_at, decided_by_name FROM duplicate_pair WHERE unit_id = $1 AND id = $2";
    /// Pairs of a branch in a state, the most alike first.
    PAIR_LIST: unit = "SELECT unit_id, id, own_id, other_unit, other_id, score, reasons, state, merge_unit, merge_id, found_at, decided_at, decided_by_name FROM duplicate_pair WHERE unit_id = $1 AND state = $2 AND (score < $3 OR (score = $3 AND id > $4)) ORDER BY score DESC, id LIMIT $5";
    /// The same, both records in the branch.
    PAIR_LIST_WITHIN: unit = "SELECT unit_id, id, own_id, other_unit, other_id, score, reasons, state, merge_unit, merge_id, found_at, decided_at, decided_by_name FROM duplicate_pair WHERE unit_id = $1 AND other_unit = $1 AND state = $2 AND (score < $3 OR (score = $3 AND id > $4)) ORDER BY score DESC, id LIMIT $5";
    /// The same, with another branch.
    PAIR_LIST_ACROSS: unit = "SELECT unit_id, id, own_id, other_unit, other_id, score, reasons, state, merge_unit, merge_id, found_at, decided_at, decided_by_name FROM duplicate_pair WHERE unit_id = $1 AND other_unit <> $1 AND state = $2 AND (score < $3 OR (score = $3 AND id > $4)) ORDER BY score DESC, id LIMIT $5";
    /// All pairs of a branch, as a search compares with them.
    PAIR_KNOWN: unit = "SELECT id, own_id, other_unit, other_id, content_mac, state FROM duplicate_pair WHERE unit_id = $1";
    /// How many pairs of a branch are in each state, by the branch of the other record.
    PAIR_COUNTS: unit = "SELECT state, other_unit, COUNT(*) FROM duplicate_pair WHERE unit_id = $1 GROUP BY state, other_unit";
    /// A pair that is found again: how alike it is now, and whether it is open.
    PAIR_AGAIN: unit = "UPDATE duplicate_pair SET score = $3, reasons = $4, content_mac = $5, state = $6 WHERE unit_id = $1 AND id = $2";
    /// A pair that is not alike any more.
    PAIR_DROP: unit = "DELETE FROM duplicate_pair WHERE unit_id = $1 AND id = $2 AND state IN ('open', 'later', 'gone')";
    /// Somebody decides.
    PAIR_DECIDE: unit = "UPDATE duplicate_pair SET state = $3, decided_at = $4, decided_by_name = $5 WHERE unit_id = $1 AND id = $2 AND state <> 'merged'";
    /// A merge of the pair moves on.
    PAIR_MERGE: unit = "UPDATE duplicate_pair SET state = $3, merge_unit = $4, merge_id = $5, decided_at = $6, decided_by_name = $7 WHERE unit_id = $1 AND id = $2";
    /// Other pairs of a record that has left.
    PAIRS_GONE: unit = "UPDATE duplicate_pair SET state = 'gone' WHERE unit_id = $1 AND (own_id = $2 OR (other_unit = $1 AND other_id = $2)) AND state IN ('open', 'later') AND id <> $3";
    /// And when it has come back.
    PAIRS_RETURNED: unit = "UPDATE duplicate_pair SET state = 'open' WHERE unit_id = $1 AND (own_id = $2 OR (other_unit = $1 AND other_id = $2)) AND state = 'gone'";
    /// Customers with a phone.
    SAME_PHONE: unit = "SELECT id FROM customer WHERE unit_id = $1 AND phone_bidx = $2";
    /// Customers with an ID number.
    SAME_ID_NUMBER: unit = "SELECT id FROM customer WHERE unit_id = $1 AND id_number_bidx = $2";
    /// Notes a search.
    SCAN_PUT: unit = "INSERT INTO duplicate_scan (unit_id, job_id, records, pairs, asked_at, asked_by_name) VALUES ($1, $2, 0, 0, $3, $4) ON CONFLICT (unit_id) DO UPDATE SET job_id = $2, records = 0, pairs = 0, asked_at = $3, asked_by_name = $4, ended_at = NULL";
    /// The last search.
    SCAN_GET: unit = "SELECT job_id, records, pairs, asked_at, asked_by_name, ended_at FROM duplicate_scan WHERE unit_id = $1";
    /// A search has ended.
    SCAN_END: unit = "UPDATE duplicate_scan SET records = $3, pairs = $4, ended_at = $5 WHERE unit_id = $1 AND job_id = $2";
}

/// Columns of the bulk load of pairs.
pub(crate) const PAIR_COLUMNS: &[&str] = &[
    "unit_id",
    "id",
    "own_id",
    "other_unit",
    "other_id",
    "score",
    "reasons",
    "content_mac",
    "state",
    "found_at",
];
