//! SQL of the desk: edits with what stood before them, and who stays at home.

use zf_store::statements;

statements! {
    /// Takes the draft for one edit; nothing when somebody else was faster.
    PLAN_EDITED: unit = "UPDATE week_plan SET edits = edits + 1, planned = $5, shortfall = $6, travel_seconds = $7, travel_meters = $8, teams = $9 WHERE unit_id = $1 AND id = $2 AND version = $3 AND edits = $4 AND state = 'draft'";
    /// A stop where it is now.
    PLAN_STOP_PUT: unit = "UPDATE plan_stop SET route_id = $3, seq = $4, arrive = $5, leave = $6, struck_at = $7, locked_at = $8 WHERE unit_id = $1 AND id = $2";
    /// A route as it is now.
    PLAN_ROUTE_PUT: unit = "UPDATE plan_route SET travel_seconds = $3, travel_meters = $4, back_at = $5, locked_at = $6 WHERE unit_id = $1 AND id = $2";
    /// A route without stops.
    PLAN_ROUTE_DROP: unit = "DELETE FROM plan_route WHERE unit_id = $1 AND id = $2";
    /// Notes an edit.
    PLAN_EDIT_ADD: unit = "INSERT INTO plan_edit (unit_id, id, week_plan_id, version, seq, kind, edit, stood, made_at, made_by, made_by_name, undone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)";
    /// The last edit of a draft that was not undone.
    PLAN_EDIT_LAST: unit = "SELECT id, kind, stood FROM plan_edit WHERE unit_id = $1 AND week_plan_id = $2 AND version = $3 AND undone_at IS NULL ORDER BY seq DESC LIMIT 1";
    /// Edits of a plan, the latest first.
    PLAN_EDITS: unit = "SELECT id, kind, made_at, made_by_name, undone_at, version FROM plan_edit WHERE unit_id = $1 AND week_plan_id = $2 ORDER BY version DESC, seq DESC LIMIT $3";
    /// Marks an edit as undone.
    PLAN_EDIT_UNDONE: unit = "UPDATE plan_edit SET undone_at = $3 WHERE unit_id = $1 AND id = $2 AND undone_at IS NULL";
    /// Somebody stays at home.
    PLAN_ABSENCE_ADD: unit = "INSERT INTO plan_absence (unit_id, id, kind, staff_id, post, first_day, last_day, window_code, made_at, made_by, made_by_name, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)";
    /// Who stays at home between two days, with who said so.
    PLAN_ABSENCES: unit = "SELECT id, kind, staff_id, post, first_day, last_day, window_code, made_at, made_by_name FROM plan_absence WHERE unit_id = $1 AND removed_at IS NULL AND first_day <= $3 AND last_day >= $2 ORDER BY first_day, made_at, id";
    /// It is not so after all.
    PLAN_ABSENCE_REMOVE: unit = "UPDATE plan_absence SET removed_at = $3 WHERE unit_id = $1 AND id = $2 AND removed_at IS NULL";
}
