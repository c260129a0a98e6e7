//! SQL of the desk: edits with what stood before them, who may be put in by hand,
//! and who stays at home. Rules are the callers'; `week` sorts as text (`2016-W42`),
//! which the span of an absence relies on.

use zf_store::statements;

statements! {
    /// Takes the draft for one edit; nothing when somebody else was faster.
    PLAN_EDITED: unit = "UPDATE week_plan SET edits = edits + 1, planned = $5, shortfall = $6, travel_seconds = $7, travel_meters = $8, teams = $9, left_out = $10, version = version + $11 WHERE unit_id = $1 AND id = $2 AND version = $3 AND edits = $4 AND state = 'draft'";
    /// A stop where it is now.
    PLAN_STOP_PUT: unit = "UPDATE plan_stop SET route_id = $3, seq = $4, arrive = $5, leave = $6, struck_at = $7, locked_at = $8 WHERE unit_id = $1 AND id = $2";
    /// A stop that is not in the plan any more.
    PLAN_STOP_DROP: unit = "DELETE FROM plan_stop WHERE unit_id = $1 AND id = $2";
    /// A route as it is now.
    PLAN_ROUTE_PUT: unit = "UPDATE plan_route SET travel_seconds = $3, travel_meters = $4, back_at = $5, locked_at = $6 WHERE unit_id = $1 AND id = $2";
    /// A route without stops.
    PLAN_ROUTE_DROP: unit = "DELETE FROM plan_route WHERE unit_id = $1 AND id = $2";
    /// Notes an edit.
    PLAN_EDIT_ADD: unit = "INSERT INTO plan_edit (unit_id, id, week_plan_id, version, seq, kind, edit, stood, made_at, made_by, made_by_name, undone_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)";
    /// What stood before a change.
    PLAN_EDIT_STOOD: unit = "SELECT kind, stood FROM plan_edit WHERE unit_id = $1 AND id = $2";
    /// What is too long ago to be taken back forgets what stood.
    PLAN_EDIT_FORGET: unit = "UPDATE plan_edit SET stood = '' WHERE unit_id = $1 AND week_plan_id = $2 AND version <= $3 AND stood <> ''";
    /// How many were left out, when a version comes back.
    PLAN_LEFT_OUT_PUT: unit = "UPDATE week_plan SET left_out = $3 WHERE unit_id = $1 AND id = $2";
    /// One household as it stands for being put in by hand.
    PLAN_ADMIT: unit = "SELECT t.state, t.customer_id, c.name_sealed, t.lat, t.lon, t.approximate, t.priority, t.due_day, CASE WHEN EXISTS (SELECT 1 FROM customer d WHERE d.unit_id = t.unit_id AND d.household_id = t.household_id AND d.do_not_visit AND (d.id = t.customer_id OR NOT d.no_visit_person_only)) THEN 1 WHEN c.do_not_visit THEN 1 ELSE 0 END FROM target t LEFT JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE t.unit_id = $1 AND t.program_id = $2 AND t.id = $3";
    /// Another week that a household is planned in and was not tried in vain since.
    PLAN_ELSEWHERE: unit = "SELECT w.week FROM plan_stop s JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE s.unit_id = $1 AND s.target_id = $2 AND w.program_id = $3 AND s.struck_at IS NULL AND w.week <> $4 AND (t.last_tried IS NULL OR r.day > t.last_tried) AND (t.relisted_on IS NULL OR r.day > t.relisted_on) ORDER BY w.week LIMIT 1";
    /// Households that no week has, best first.
    PLAN_ADMISSIBLE: unit = "SELECT t.id, t.customer_id, c.name_sealed, t.village_group_id, t.priority, t.reasons, t.due_day FROM target t JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state = 'open' AND NOT c.do_not_visit AND t.household_id NOT IN (SELECT d.household_id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit AND NOT d.no_visit_person_only) AND t.id NOT IN (SELECT s.target_id FROM plan_stop s JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN target x ON x.unit_id = s.unit_id AND x.id = s.target_id WHERE s.unit_id = $1 AND w.program_id = $2 AND (w.week = $3 OR (s.struck_at IS NULL AND (x.last_tried IS NULL OR r.day > x.last_tried) AND (x.relisted_on IS NULL OR r.day > x.relisted_on)))) AND (t.priority < $4 OR (t.priority = $4 AND t.id > $5)) ORDER BY t.priority DESC, t.id LIMIT $6";
    /// Edits of a plan, the latest first.
    PLAN_EDITS: unit = "SELECT id, kind, made_at, made_by_name, undone_at, version FROM plan_edit WHERE unit_id = $1 AND week_plan_id = $2 ORDER BY version DESC, seq DESC LIMIT $3";
    /// Marks an edit as undone.
    PLAN_EDIT_UNDONE: unit = "UPDATE plan_edit SET undone_at = $3 WHERE unit_id = $1 AND id = $2 AND undone_at IS NULL";
    /// Somebody stays at home.
    PLAN_ABSENCE_ADD: unit = "INSERT INTO plan_absence (unit_id, id, kind, staff_id, post, first_day, last_day, window_code, made_at, made_by, made_by_name, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)";
    /// Who stays at home between two days, with who said so.
    PLAN_ABSENCES: unit = "SELECT id, kind, staff_id, post, first_day, last_day, window_code, made_at, made_by_name FROM plan_absence WHERE unit_id = $1 AND removed_at IS NULL AND first_day <= $3 AND last_day >= $2 ORDER BY first_day, made_at, id";
    /// Weeks of a campaign that are planned, between two weeks.
    WEEKS_PLANNED: unit = "SELECT week FROM week_plan WHERE unit_id = $1 AND program_id = $2 AND week >= $3 AND week <= $4 ORDER BY week";
    /// A draft says why it was planned again.
    WEEK_PLAN_TOLD: unit = "UPDATE week_plan SET reopened_why = $3 WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// It is not so after all.
    PLAN_ABSENCE_REMOVE: unit = "UPDATE plan_absence SET removed_at = $3 WHERE unit_id = $1 AND id = $2 AND removed_at IS NULL";
}
