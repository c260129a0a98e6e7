//! SQL of staff.

use zf_store::statements;

statements! {
    /// Staff of one unit.
    STAFF_LIST: reference = "SELECT id, unit_id, staff_no, name, post, phone_sealed, active FROM staff WHERE unit_id = $1 ORDER BY staff_no";
    /// One staff member.
    STAFF_BY_ID: reference = "SELECT id, unit_id, staff_no, name, post, phone_sealed, active FROM staff WHERE id = $1";
    /// One staff member by number.
    STAFF_BY_NO: reference = "SELECT id, unit_id, staff_no, name, post, phone_sealed, active FROM staff WHERE staff_no = $1";
    /// Adds a staff member.
    STAFF_ADD: reference = "INSERT INTO staff (id, unit_id, staff_no, name, post, phone_sealed, phone_state, active, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
    /// Changes a staff member.
    STAFF_CHANGE: reference = "UPDATE staff SET unit_id = $2, name = $3, post = $4, phone_sealed = $5, phone_state = $6, active = $7, updated_at = $8 WHERE id = $1";
    /// Sealed telephones of a unit, for a change of keys.
    STAFF_SEALED: reference = "SELECT id, phone_sealed FROM staff WHERE unit_id = $1 AND phone_sealed IS NOT NULL ORDER BY id";
    /// Seals a telephone anew, unless it was changed meanwhile.
    STAFF_RESEAL: reference = "UPDATE staff SET phone_sealed = $3 WHERE id = $1 AND phone_sealed = $2";
    /// Staff per unit, for the tree.
    STAFF_COUNTS: reference = "SELECT unit_id, COUNT(*) FROM staff WHERE active = $1 GROUP BY unit_id";
}
