//! SQL of double entry: what was typed a second time, where both differ, and
//! how often. Rates are sums over branches; texts stay sealed.

use zf_store::statements;

statements! {
    /// A visit that may be typed again, with what it says.
    DOUBLE_VISIT: unit = "SELECT program_id, day, rev, state, via, made_by, payload_sealed FROM visit WHERE unit_id = $1 AND id = $2";
    /// Who typed it first.
    DOUBLE_FIRST_BY: unit = "SELECT made_by_name FROM visit WHERE unit_id = $1 AND id = $2";
    /// Whether an operation is in.
    DOUBLE_OP: unit = "SELECT op_id FROM sync_op WHERE unit_id = $1 AND op_id = $2";
    /// It was typed a second time.
    DOUBLE_ADD: unit = "INSERT INTO desk_double (unit_id, id, program_id, day, rev, answers_sealed, compared, differing, state, first_by_name, typed_by, typed_by_name, typed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// A field of both.
    DOUBLE_FIELD_ADD: unit = "INSERT INTO desk_double_field (unit_id, visit_id, field, differs) VALUES ($1, $2, $3, $4)";
    /// What is decided, or is to be.
    DOUBLE_FETCH: unit = "SELECT rev, answers_sealed, state FROM desk_double WHERE unit_id = $1 AND id = $2";
    /// Fields that differ.
    DOUBLE_DIFFERENT: unit = "SELECT field FROM desk_double_field WHERE unit_id = $1 AND visit_id = $2 AND differs = $3 ORDER BY field";
    /// The head decides.
    DOUBLE_DECIDE: unit = "UPDATE desk_double SET state = $3, decided_at = $4, decided_by = $5, decided_by_name = $6 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// Open differences of a branch, oldest first.
    DOUBLE_OPEN: unit = "SELECT d.id, n.name, d.day, d.state, d.first_by_name, d.typed_by_name FROM desk_double d JOIN unit n ON n.id = d.unit_id WHERE d.unit_id = $1 AND d.program_id = $2 AND d.state = 'open' AND d.id > $3 ORDER BY d.id LIMIT $4";
    /// Forms typed twice between two days.
    DOUBLE_TALLY: unit = "SELECT COUNT(*), CAST(COALESCE(SUM(compared), 0) AS BIGINT), CAST(COALESCE(SUM(differing), 0) AS BIGINT) FROM desk_double WHERE unit_id = $1 AND program_id = $2 AND day >= $3 AND day <= $4";
    /// The same by field.
    DOUBLE_BY_FIELD: unit = "SELECT f.field, COUNT(*), CAST(SUM(CASE WHEN f.differs THEN 1 ELSE 0 END) AS BIGINT) FROM desk_double d JOIN desk_double_field f ON f.unit_id = d.unit_id AND f.visit_id = d.id WHERE d.unit_id = $1 AND d.program_id = $2 AND d.day >= $3 AND d.day <= $4 GROUP BY f.field ORDER BY f.field";
}
