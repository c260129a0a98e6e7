//! SQL of visits. What is read of customers, households and targets here are
//! states, never values; what a visit says is opened by `sealed`. Visits are
//! never deleted, what they said before stays as a revision.

use zf_store::statements;

statements! {
    /// Adds a visit.
    VISIT_ADD: unit = "INSERT INTO visit (unit_id, id, program_id, kind, target_id, household_id, village_group_id, stop_id, day, outcome, counts, state, via, form_id, form_version, payload_sealed, members, valid_records, photos, rev, device_id, device_at, estimated_at, received_at, clock_suspect, made_by, made_by_name, gone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, $20, $21, $22, $23, $24, $25, $26, $27)";
    /// One person of a visit.
    VISIT_MEMBER_ADD: unit = "INSERT INTO visit_member (unit_id, visit_id, seq, customer_id, agreed, has_name, has_phone, has_address, id_number, valid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Forgets the people of a visit before an amendment names them anew.
    VISIT_MEMBERS_CLEAR: unit = "DELETE FROM visit_member WHERE unit_id = $1 AND visit_id = $2";
    /// One option that was chosen.
    VISIT_CHOICE_ADD: unit = "INSERT INTO visit_choice (unit_id, visit_id, question, choice, times) VALUES ($1, $2, $3, $4, $5)";
    /// Forgets the options of a visit before an amendment names them anew.
    VISIT_CHOICES_CLEAR: unit = "DELETE FROM visit_choice WHERE unit_id = $1 AND visit_id = $2";
    /// One who went.
    VISIT_VISITOR_ADD: unit = "INSERT INTO visit_visitor (unit_id, visit_id, staff_id) VALUES ($1, $2, $3) ON CONFLICT (unit_id, visit_id, staff_id) DO NOTHING";
    /// Who went, before an amendment says it anew.
    VISIT_VISITORS_CLEAR: unit = "DELETE FROM visit_visitor WHERE unit_id = $1 AND visit_id = $2";
    /// A visit as it stands, for an amendment.
    VISIT_STANDS: unit = "SELECT rev, outcome, payload_sealed, day, program_id, household_id, target_id FROM visit WHERE unit_id = $1 AND id = $2";
    /// Keeps what a visit said.
    VISIT_REVISION_ADD: unit = "INSERT INTO visit_revision (unit_id, id, visit_id, rev, outcome, payload_sealed, reason_sealed, replaced_at, replaced_by, replaced_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Says what a visit says now.
    VISIT_CHANGE: unit = "UPDATE visit SET outcome = $3, counts = $4, state = $5, payload_sealed = $6, members = $7, valid_records = $8, photos = $9, day = $10, gone = $11, rev = rev + 1 WHERE unit_id = $1 AND id = $2";
    /// Other visits of a household on a day.
    VISIT_SAME_DAY: unit = "SELECT COUNT(*) FROM visit WHERE unit_id = $1 AND household_id = $2 AND day = $3 AND id <> $4 AND state <> 'rejected'";
    /// Whether a household is the branch's.
    VISIT_HOUSEHOLD: unit = "SELECT id FROM household WHERE unit_id = $1 AND id = $2";
    /// The household a target names.
    VISIT_TARGET: unit = "SELECT household_id, state FROM target WHERE unit_id = $1 AND id = $2";
    /// What the bank has of a person: states only.
    VISIT_CUSTOMER: unit = "SELECT household_id, name_sealed IS NOT NULL, phone_state, id_number_state, address_sealed IS NOT NULL, do_not_visit FROM customer WHERE unit_id = $1 AND id = $2";
    /// Visits of a branch and day, newest first by id.
    VISITS_OF_DAY: unit = "SELECT id, program_id, kind, target_id, household_id, village_group_id, stop_id, day, outcome, counts, state, via, form_id, form_version, members, valid_records, photos, rev, estimated_at, received_at, clock_suspect, made_by, made_by_name FROM visit WHERE unit_id = $1 AND program_id = $2 AND day = $3 AND id < $4 ORDER BY id DESC LIMIT $5";
    /// One visit.
    VISIT_FETCH: unit = "SELECT id, program_id, kind, target_id, household_id, village_group_id, stop_id, day, outcome, counts, state, via, form_id, form_version, members, valid_records, photos, rev, estimated_at, received_at, clock_suspect, made_by, made_by_name FROM visit WHERE unit_id = $1 AND id = $2";
    /// What one says.
    VISIT_SAYS: unit = "SELECT payload_sealed FROM visit WHERE unit_id = $1 AND id = $2";
    /// Households counted on a day: each once, however often it was visited.
    /// A household that the bank did not know counts once for each visit.
    VISIT_COUNT: unit = "SELECT COUNT(DISTINCT COALESCE(household_id, id)), COUNT(*), CAST(COALESCE(SUM(valid_records), 0) AS BIGINT) FROM visit WHERE unit_id = $1 AND program_id = $2 AND day = $3 AND counts AND state <> 'rejected'";
    /// Visits of a household, newest first by day and id.
    VISITS_OF_HOUSEHOLD: unit = "SELECT id, program_id, kind, target_id, household_id, village_group_id, stop_id, day, outcome, counts, state, via, form_id, form_version, members, valid_records, photos, rev, estimated_at, received_at, clock_suspect, made_by, made_by_name FROM visit WHERE unit_id = $1 AND household_id = $2 AND (day < $3 OR (day = $3 AND id < $4)) ORDER BY day DESC, id DESC LIMIT $5";
    /// Number and place of a household, and whether its door was pinned.
    VISIT_HOME: unit = "SELECT household_no, COALESCE(pin_lat, lat), COALESCE(pin_lon, lon), pin_lat IS NOT NULL FROM household WHERE unit_id = $1 AND id = $2";
    /// Where the plan had a stop.
    VISIT_STOP: unit = "SELECT lat, lon FROM plan_stop WHERE unit_id = $1 AND id = $2";
    /// Names of those who went.
    VISIT_VISITORS: unit = "SELECT s.name FROM visit_visitor o JOIN staff s ON s.id = o.staff_id WHERE o.unit_id = $1 AND o.visit_id = $2 ORDER BY s.name, s.id";
    /// What a visit said before, oldest first.
    VISIT_REVISIONS: unit = "SELECT id, rev, outcome, payload_sealed, replaced_at, replaced_by_name, reason_sealed FROM visit_revision WHERE unit_id = $1 AND visit_id = $2 ORDER BY rev";
    /// What was to be looked at, oldest first.
    VISIT_LOOKS: unit = "SELECT id, reasons, state, made_at, decided_at, decided_by_name, decision_reason FROM sync_review WHERE unit_id = $1 AND visit_id = $2 AND kind = 'visit' ORDER BY made_at, id";
    /// What was decided of a visit; a rejected one stays rejected.
    VISIT_STATE: unit = "UPDATE visit SET state = $3 WHERE unit_id = $1 AND id = $2 AND state <> 'rejected'";
    /// Visits of a household that count in a campaign, and the last day on which it was not
    /// to be found there. `COALESCE` keeps PostgreSQL, which knows no sizes of a
    /// table in its first hour, from reading the campaign's visits of a whole branch.
    VISIT_HOUSEHOLD_COUNTS: unit = "SELECT CAST(COALESCE(SUM(CASE WHEN counts THEN 1 ELSE 0 END), 0) AS BIGINT), MAX(CASE WHEN gone THEN day END) FROM visit WHERE unit_id = $1 AND COALESCE(program_id, id) = $2 AND household_id = $3 AND state <> 'rejected'";
}
