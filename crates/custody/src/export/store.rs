//! SQL of exports, their files and the hand-over. Files are sealed before they
//! come here; a reason is checked for personal data before.
//! Knows no rule: what may be asked or taken is decided in `service`.

use zf_store::statements;

statements! {
    /// Asks for one.
    EXPORT_ADD: unit = "INSERT INTO export_run (unit_id, id, kind, purpose, reason, full_values, filter, state, rows_wanted, rows_written, asked_by, asked_by_name, asked_at, decided_by, decided_by_name, decided_at, decision, file_name, file_hash, downloads, keep_until, job_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, NULL, NULL, NULL, '', $13, NULL, 0, NULL, $14)";
    /// One export.
    EXPORT_BY_ID: unit = "SELECT unit_id, id, kind, purpose, reason, full_values, filter, state, rows_wanted, rows_written, asked_by, asked_by_name, asked_at, decided_by_name, decided_at, decision, file_name, downloads, keep_until, job_id FROM export_run WHERE unit_id = $1 AND id = $2";
    /// Exports of a subtree, newest first: whoever decides sees those of all branches.
    EXPORT_LIST: cross = "SELECT e.unit_id, e.id, e.kind, e.purpose, e.reason, e.full_values, e.filter, e.state, e.rows_wanted, e.rows_written, e.asked_by, e.asked_by_name, e.asked_at, e.decided_by_name, e.decided_at, e.decision, e.file_name, e.downloads, e.keep_until, e.job_id FROM export_run e JOIN unit u ON u.id = e.unit_id WHERE u.path >= $1 AND u.path < $2 AND (e.asked_at, e.id) < ($3, $4) ORDER BY e.asked_at DESC, e.id DESC LIMIT $5";
    /// Customers of a branch.
    EXPORT_COUNT: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1";
    /// Customers of a must-visit group.
    EXPORT_COUNT_TAG: unit = "SELECT COUNT(*) FROM customer_tag WHERE unit_id = $1 AND tag = $2";
    /// Customers of a village group.
    EXPORT_COUNT_GROUP: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1 AND village_group_id = $2";
    /// Records that did not come from the bank's own system.
    EXPORT_COUNT_CORE: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1 AND source_channel <> 'core_system'";
    /// Who has refused visits, or whose household has.
    EXPORT_NO_VISIT: unit = "SELECT c.id FROM customer c WHERE c.unit_id = $1 AND (c.do_not_visit OR EXISTS (SELECT 1 FROM customer d WHERE d.unit_id = c.unit_id AND d.household_id = c.household_id AND d.do_not_visit AND NOT d.no_visit_person_only))";
    /// Who is not to be called or written to.
    EXPORT_NO_CONTACT: unit = "SELECT id FROM customer WHERE unit_id = $1 AND do_not_contact";
    /// A decision, only once.
    EXPORT_DECIDE: unit = "UPDATE export_run SET state = $3, decided_by = $4, decided_by_name = $5, decided_at = $6, decision = $7, job_id = $8 WHERE unit_id = $1 AND id = $2 AND state = 'waiting'";
    /// Who asked takes it back.
    EXPORT_WITHDRAW: unit = "UPDATE export_run SET state = 'withdrawn' WHERE unit_id = $1 AND id = $2 AND state = 'waiting'";
    /// The file is there.
    EXPORT_READY: unit = "UPDATE export_run SET state = 'ready', rows_written = $3, file_hash = $4, keep_until = $5 WHERE unit_id = $1 AND id = $2 AND state = 'running'";
    /// The job has failed for good.
    EXPORT_FAILED: unit = "UPDATE export_run SET state = 'failed' WHERE unit_id = $1 AND id = $2 AND state = 'running'";
    /// Counts a download while there are some left.
    EXPORT_TAKE: unit = "UPDATE export_run SET downloads = downloads + 1 WHERE unit_id = $1 AND id = $2 AND state = 'ready' AND downloads < $3 AND keep_until >= $4";
    /// Files that are kept too long, over all units.
    EXPORT_OVERDUE: cross = "SELECT unit_id, id FROM export_run WHERE state = 'ready' AND keep_until < $1";
    /// The file is no longer kept.
    EXPORT_GONE: unit = "UPDATE export_run SET state = 'gone' WHERE unit_id = $1 AND id = $2 AND state = 'ready'";
    /// One piece of the file.
    EXPORT_FILE_ADD: unit = "INSERT INTO export_file (unit_id, export_id, part, sealed) VALUES ($1, $2, $3, $4)";
    /// The pieces in order.
    EXPORT_FILE_PARTS: unit = "SELECT part, sealed FROM export_file WHERE unit_id = $1 AND export_id = $2 AND part > $3 ORDER BY part LIMIT 16";
    /// Pieces of a unit's files in order, to be sealed anew.
    EXPORT_FILE_SEALED: unit = "SELECT export_id, part, sealed FROM export_file WHERE unit_id = $1 AND (export_id, part) > ($2, $3) ORDER BY export_id, part LIMIT 8";
    /// Seals a piece anew unless it is another one by now.
    EXPORT_FILE_RESEAL: unit = "UPDATE export_file SET sealed = $5 WHERE unit_id = $1 AND export_id = $2 AND part = $3 AND sealed = $4";
    /// Forgets the file.
    EXPORT_FILE_DROP: unit = "DELETE FROM export_file WHERE unit_id = $1 AND export_id = $2";
    /// Records the bank's system has been given.
    HANDOVER_LIST: unit = "SELECT customer_id, rev, export_id FROM core_handover WHERE unit_id = $1 AND ended_at IS NULL";
    /// A record was given, again or for the first time.
    HANDOVER_SENT: unit = "INSERT INTO core_handover (unit_id, customer_id, export_id, rev, state, core_no, message, sent_at, received_at) VALUES ($1, $2, $3, $4, 'sent', NULL, '', $5, NULL) ON CONFLICT (unit_id, customer_id) DO UPDATE SET export_id = excluded.export_id, rev = excluded.rev, state = 'sent', message = '', sent_at = excluded.sent_at, received_at = NULL, ended_at = NULL, ended_by = NULL, ended_by_name = NULL";
    /// What the bank's system said about a record of an export.
    HANDOVER_RECEIPT: unit = "UPDATE core_handover SET state = $4, core_no = COALESCE($5, core_no), message = $6, received_at = $7 WHERE unit_id = $1 AND export_id = $2 AND customer_id = $3 AND ended_at IS NULL";
    /// How the records of an export stand.
    HANDOVER_COUNTS: unit = "SELECT state, COUNT(*) FROM core_handover WHERE unit_id = $1 AND export_id = $2 AND ended_at IS NULL GROUP BY state";
    /// Numbers of the records of an export.
    HANDOVER_NUMBERS: unit = "SELECT c.customer_no, h.customer_id FROM core_handover h JOIN customer c ON c.unit_id = h.unit_id AND c.id = h.customer_id WHERE h.unit_id = $1 AND h.export_id = $2 AND h.ended_at IS NULL";
    /// The customer leaves the branch.
    HANDOVER_ENDS: unit = "UPDATE core_handover SET ended_at = $3, ended_by = $4, ended_by_name = $5 WHERE unit_id = $1 AND customer_id = $2 AND ended_at IS NULL";
    /// They did not leave after all, or are back.
    HANDOVER_RESUMES: unit = "UPDATE core_handover SET ended_at = NULL, ended_by = NULL, ended_by_name = NULL WHERE unit_id = $1 AND customer_id = $2 AND ended_at IS NOT NULL";
    /// Was the customer given from this branch since a moment?
    HANDOVER_SINCE: unit = "SELECT customer_id FROM core_handover WHERE unit_id = $1 AND customer_id = $2 AND sent_at >= $3";
    /// The customer is erased: the bank's number and what its system said go.
    HANDOVER_FORGET: unit = "DELETE FROM core_handover WHERE unit_id = $1 AND customer_id = $2";
    /// The bank's number takes the place of ours.
    HANDOVER_RENUMBER: unit = "UPDATE customer SET customer_no = $3, rev = rev + 1, updated_at = $4, updated_by = $5 WHERE unit_id = $1 AND id = $2";
    /// A new number alone is no reason to send a record again.
    HANDOVER_RENUMBERED: unit = "UPDATE core_handover SET rev = rev + 1 WHERE unit_id = $1 AND customer_id = $2";
    /// Is a number taken in the branch?
    HANDOVER_NO_TAKEN: unit = "SELECT id FROM customer WHERE unit_id = $1 AND customer_no = $2";
}
