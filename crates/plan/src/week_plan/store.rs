//! SQL of week plans, routes, stops, households left out and the ledger of what
//! a branch owes. A week leaves to every other week what that one has, whether
//! confirmed or not, so that planning a week again takes nobody out of the next.

use zf_store::statements;

statements! {
    /// Targets that no other week has; where nobody was met since that day they are free again, those tried often enough last.
    /// The inner lists are made once: asked per household they would be read per household.
    PLAN_CANDIDATES: unit = "SELECT t.id, t.lat, t.lon, t.approximate, t.priority, t.due_day, t.tries, t.last_tried, t.customer_id, t.four_fields, t.village_group_id FROM target t LEFT JOIN (SELECT s.target_id AS target_id, MAX(r.day) AS day FROM plan_stop s JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id WHERE s.unit_id = $1 AND s.target_id IS NOT NULL AND s.struck_at IS NULL AND w.week <> $3 GROUP BY s.target_id) p ON p.target_id = t.id WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state = 'open' AND (p.day IS NULL OR p.day <= t.last_tried OR p.day <= t.relisted_on) AND t.household_id NOT IN (SELECT d.household_id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit AND NOT d.no_visit_person_only) AND t.customer_id NOT IN (SELECT d.id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit) ORDER BY CASE WHEN t.tries > $4 THEN 1 ELSE 0 END, t.priority DESC, t.id LIMIT $5";
    /// The open targets that a plan has, struck ones too.
    PLAN_OWN_TARGETS: unit = "SELECT t.id, t.lat, t.lon, t.approximate, t.priority, t.due_day, t.tries, t.last_tried FROM target t WHERE t.unit_id = $1 AND t.state = 'open' AND t.id IN (SELECT s.target_id FROM plan_stop s WHERE s.unit_id = $1 AND s.week_plan_id = $2) ORDER BY t.priority DESC, t.id";
    /// Half-days and households that other weeks already give to a village group.
    PLAN_SWEPT: unit = "SELECT s.village_group_id, COUNT(*), CAST(COALESCE(SUM(s.households), 0) AS BIGINT) FROM plan_stop s JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id WHERE s.unit_id = $1 AND w.program_id = $2 AND s.village_group_id IS NOT NULL AND s.struck_at IS NULL AND w.week <> $3 GROUP BY s.village_group_id";
    /// Writes what a confirmed week leaves open.
    SHORTFALL_PUT: unit = "INSERT INTO shortfall_entry (unit_id, program_id, day, kind, households, memo, made_at) VALUES ($1, $2, $3, 'plan', $4, $5, $6) ON CONFLICT (unit_id, program_id, day, kind) DO UPDATE SET households = $4, memo = $5, made_at = $6";
    /// The plan of one branch and week.
    WEEK_PLAN_BY_WEEK: unit = "SELECT unit_id, id, week, state, version, planned, needed, carried, shortfall, travel_meters, teams, made_at, confirmed_at, confirmed_by_name, edits, left_out, reopened_why FROM week_plan WHERE unit_id = $1 AND program_id = $2 AND week = $3";
    /// The plans of all branches for one week.
    WEEK_PLANS_OF_WEEK: cross = "SELECT unit_id, id, week, state, version, planned, needed, carried, shortfall, travel_meters, teams, made_at, confirmed_at, confirmed_by_name, edits, left_out, reopened_why FROM week_plan WHERE program_id = $1 AND week = $2";
    /// Households of the confirmed plans of a week up to a day: all, gone to on their day, visited on another day of the week.
    PLAN_FOLLOWED: cross = "SELECT s.unit_id, COUNT(*), CAST(COALESCE(SUM(CASE WHEN t.visited_on = r.day OR t.last_tried = r.day THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN t.visited_on >= $3 AND t.visited_on <= $4 AND t.visited_on <> r.day AND (t.last_tried IS NULL OR t.last_tried <> r.day) THEN 1 ELSE 0 END), 0) AS BIGINT) FROM week_plan w JOIN plan_stop s ON s.unit_id = w.unit_id AND s.week_plan_id = w.id JOIN plan_route r ON r.unit_id = s.unit_id AND r.id = s.route_id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE w.program_id = $1 AND w.week = $2 AND w.state = 'confirmed' AND s.struck_at IS NULL AND r.day <= $5 GROUP BY s.unit_id";
    /// A first plan of a week.
    WEEK_PLAN_ADD: unit = "INSERT INTO week_plan (unit_id, id, program_id, week, state, version, planned, needed, carried, shortfall, travel_seconds, travel_meters, teams, seed, program_version, made_at, made_by, left_out, edits, confirmed_at, confirmed_by, confirmed_by_name) VALUES ($1, $2, $3, $4, 'draft', 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, NULL, NULL, NULL)";
    /// A draft is replaced.
    WEEK_PLAN_REPLACE: unit = "UPDATE week_plan SET version = version + 1, planned = $3, needed = $4, carried = $5, shortfall = $6, travel_seconds = $7, travel_meters = $8, teams = $9, seed = $10, program_version = $11, made_at = $12, made_by = $13, left_out = $14, edits = 0 WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// Clears the households left out of a draft.
    PLAN_UNSERVED_CLEAR: unit = "DELETE FROM plan_unserved WHERE unit_id = $1 AND week_plan_id = $2";
    /// Clears the stops of a draft.
    PLAN_STOPS_CLEAR: unit = "DELETE FROM plan_stop WHERE unit_id = $1 AND week_plan_id = $2";
    /// Clears the routes of a draft.
    PLAN_ROUTES_CLEAR: unit = "DELETE FROM plan_route WHERE unit_id = $1 AND week_plan_id = $2";
    /// Routes in order.
    PLAN_ROUTES: unit = "SELECT id, day, seq, team_code, team_name, kind, starts, ends, members, travel_meters, back_at, travel_seconds, locked_at FROM plan_route WHERE unit_id = $1 AND week_plan_id = $2 ORDER BY day, starts, seq";
    /// Stops in order with what is shown of the household.
    PLAN_STOPS: unit = "SELECT s.id, s.route_id, s.seq, s.target_id, s.village_group_id, s.households, s.arrive, s.leave, s.lat, s.lon, s.approximate, s.struck_at, t.customer_id, c.name_sealed, t.reasons, t.village_group_id, s.struck_reason, CASE WHEN t.id IS NULL THEN 0 WHEN c.id IS NULL THEN 2 WHEN (c.do_not_visit OR t.household_id IN (SELECT d.household_id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit AND NOT d.no_visit_person_only)) THEN 1 ELSE 0 END, s.locked_at, t.precision FROM plan_stop s LEFT JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id LEFT JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE s.unit_id = $1 AND s.week_plan_id = $2 ORDER BY s.route_id, s.seq";
    /// Who stays at home between two days.
    PLAN_ABSENT: unit = "SELECT staff_id, post, first_day, last_day, window_code FROM plan_absence WHERE unit_id = $1 AND removed_at IS NULL AND first_day <= $3 AND last_day >= $2 ORDER BY made_at, id";
    /// Households left out, best first.
    PLAN_UNSERVED: unit = "SELECT u.target_id, u.reason, t.customer_id, c.name_sealed, t.village_group_id, t.priority FROM plan_unserved u JOIN target t ON t.unit_id = u.unit_id AND t.id = u.target_id JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE u.unit_id = $1 AND u.week_plan_id = $2 AND NOT c.do_not_visit AND t.household_id NOT IN (SELECT d.household_id FROM customer d WHERE d.unit_id = $1 AND d.do_not_visit AND NOT d.no_visit_person_only) ORDER BY u.seq";
    /// Households left out as stored, for keeping what stood.
    PLAN_UNSERVED_STORED: unit = "SELECT target_id, reason FROM plan_unserved WHERE unit_id = $1 AND week_plan_id = $2 ORDER BY seq";
    /// The head agrees.
    WEEK_PLAN_CONFIRM: unit = "UPDATE week_plan SET state = 'confirmed', confirmed_at = $3, confirmed_by = $4, confirmed_by_name = $5, reopened_why = NULL WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// Opens a confirmed plan again.
    WEEK_PLAN_REOPEN: unit = "UPDATE week_plan SET state = 'draft', confirmed_at = NULL, confirmed_by = NULL, confirmed_by_name = NULL, reopened_why = $3 WHERE unit_id = $1 AND id = $2 AND state = 'confirmed'";
}
