//! SQL of week plans, routes, stops, households left out and the ledger of what
//! a branch owes. `week` sorts as text (`2016-W42`), which the exclusion of
//! targets of other weeks relies on.

use zf_store::statements;

statements! {
    /// The branch's own quota.
    PROGRAM_UNIT_QUOTA: unit = "SELECT quota_per_day FROM program_unit WHERE unit_id = $1 AND program_id = $2";
    /// Targets that no other week has: not a confirmed one, not an earlier draft.
    PLAN_CANDIDATES: unit = "SELECT t.id, t.lat, t.lon, t.approximate, t.priority, t.due_day FROM target t WHERE t.unit_id = $1 AND t.program_id = $2 AND t.state = 'open' AND NOT EXISTS (SELECT 1 FROM customer d WHERE d.unit_id = t.unit_id AND d.household_id = t.household_id AND d.do_not_visit AND (d.id = t.customer_id OR NOT d.no_visit_person_only)) AND NOT EXISTS (SELECT 1 FROM plan_stop s JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id WHERE s.unit_id = t.unit_id AND s.target_id = t.id AND s.struck_at IS NULL AND w.week <> $3 AND (w.state = 'confirmed' OR w.week < $3)) ORDER BY t.priority DESC, t.id LIMIT $4";
    /// Half-days and households that other weeks already give to a village group.
    PLAN_SWEPT: unit = "SELECT s.village_group_id, COUNT(*), CAST(COALESCE(SUM(s.households), 0) AS BIGINT) FROM plan_stop s JOIN week_plan w ON w.unit_id = s.unit_id AND w.id = s.week_plan_id WHERE s.unit_id = $1 AND w.program_id = $2 AND s.village_group_id IS NOT NULL AND s.struck_at IS NULL AND w.week <> $3 AND (w.state = 'confirmed' OR w.week < $3) GROUP BY s.village_group_id";
    /// What the branch owes from before a day.
    SHORTFALL_BEFORE: unit = "SELECT CAST(COALESCE(SUM(households), 0) AS BIGINT) FROM shortfall_entry WHERE unit_id = $1 AND program_id = $2 AND day < $3";
    /// Writes what a confirmed week leaves open.
    SHORTFALL_PUT: unit = "INSERT INTO shortfall_entry (unit_id, program_id, day, kind, households, memo, made_at) VALUES ($1, $2, $3, 'plan', $4, $5, $6) ON CONFLICT (unit_id, program_id, day, kind) DO UPDATE SET households = $4, memo = $5, made_at = $6";
    /// The plan of one branch and week.
    WEEK_PLAN_BY_WEEK: unit = "SELECT unit_id, id, week, state, version, planned, needed, carried, shortfall, travel_meters, teams, made_at, confirmed_at, confirmed_by_name FROM week_plan WHERE unit_id = $1 AND program_id = $2 AND week = $3";
    /// The plans of all branches for one week.
    WEEK_PLANS_OF_WEEK: cross = "SELECT unit_id, id, week, state, version, planned, needed, carried, shortfall, travel_meters, teams, made_at, confirmed_at, confirmed_by_name FROM week_plan WHERE program_id = $1 AND week = $2";
    /// A first plan of a week.
    WEEK_PLAN_ADD: unit = "INSERT INTO week_plan (unit_id, id, program_id, week, state, version, planned, needed, carried, shortfall, travel_seconds, travel_meters, teams, seed, program_version, made_at, made_by, confirmed_at, confirmed_by, confirmed_by_name) VALUES ($1, $2, $3, $4, 'draft', 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, NULL, NULL)";
    /// A draft is replaced.
    WEEK_PLAN_REPLACE: unit = "UPDATE week_plan SET version = version + 1, planned = $3, needed = $4, carried = $5, shortfall = $6, travel_seconds = $7, travel_meters = $8, teams = $9, seed = $10, program_version = $11, made_at = $12, made_by = $13 WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// Clears the households left out of a draft.
    PLAN_UNSERVED_CLEAR: unit = "DELETE FROM plan_unserved WHERE unit_id = $1 AND week_plan_id = $2";
    /// Clears the stops of a draft.
    PLAN_STOPS_CLEAR: unit = "DELETE FROM plan_stop WHERE unit_id = $1 AND week_plan_id = $2";
    /// Clears the routes of a draft.
    PLAN_ROUTES_CLEAR: unit = "DELETE FROM plan_route WHERE unit_id = $1 AND week_plan_id = $2";
    /// Routes in order.
    PLAN_ROUTES: unit = "SELECT id, day, seq, team_code, team_name, kind, starts, ends, members, travel_meters, back_at FROM plan_route WHERE unit_id = $1 AND week_plan_id = $2 ORDER BY day, seq";
    /// Stops in order with what is shown of the household.
    PLAN_STOPS: unit = "SELECT s.id, s.route_id, s.seq, s.target_id, s.village_group_id, s.households, s.arrive, s.leave, s.lat, s.lon, s.approximate, s.struck_at, t.customer_id, c.name_sealed, t.reasons, t.village_group_id, s.struck_reason, CASE WHEN t.id IS NULL THEN 0 WHEN c.id IS NULL THEN 1 WHEN (c.do_not_visit OR EXISTS (SELECT 1 FROM customer d WHERE d.unit_id = t.unit_id AND d.household_id = t.household_id AND d.do_not_visit AND NOT d.no_visit_person_only)) THEN 1 ELSE 0 END FROM plan_stop s LEFT JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id LEFT JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE s.unit_id = $1 AND s.week_plan_id = $2 ORDER BY s.route_id, s.seq";
    /// Households left out, best first.
    PLAN_UNSERVED: unit = "SELECT u.target_id, u.reason, t.customer_id, c.name_sealed, t.village_group_id, t.priority FROM plan_unserved u JOIN target t ON t.unit_id = u.unit_id AND t.id = u.target_id JOIN customer c ON c.unit_id = t.unit_id AND c.id = t.customer_id WHERE u.unit_id = $1 AND u.week_plan_id = $2 AND NOT c.do_not_visit AND NOT EXISTS (SELECT 1 FROM customer d WHERE d.unit_id = t.unit_id AND d.household_id = t.household_id AND d.do_not_visit AND NOT d.no_visit_person_only) ORDER BY u.seq";
    /// Strikes a stop out.
    PLAN_STOP_STRIKE: unit = "UPDATE plan_stop SET struck_at = $4 WHERE unit_id = $1 AND week_plan_id = $2 AND id = $3 AND struck_at IS NULL";
    /// Takes back in a stop that was struck by hand; a refusal is not undone here.
    PLAN_STOP_RESTORE: unit = "UPDATE plan_stop SET struck_at = NULL WHERE unit_id = $1 AND week_plan_id = $2 AND id = $3 AND struck_at IS NOT NULL AND struck_reason IS NULL";
    /// Households of the stops that stand.
    PLAN_STOPS_SUM: unit = "SELECT CAST(COALESCE(SUM(households), 0) AS BIGINT) FROM plan_stop WHERE unit_id = $1 AND week_plan_id = $2 AND struck_at IS NULL";
    /// The new count after a strike.
    WEEK_PLAN_COUNT: unit = "UPDATE week_plan SET planned = $3, shortfall = $4 WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// The head agrees.
    WEEK_PLAN_CONFIRM: unit = "UPDATE week_plan SET state = 'confirmed', confirmed_at = $3, confirmed_by = $4, confirmed_by_name = $5 WHERE unit_id = $1 AND id = $2 AND state = 'draft'";
    /// Opens a confirmed plan again.
    WEEK_PLAN_REOPEN: unit = "UPDATE week_plan SET state = 'draft', confirmed_at = NULL, confirmed_by = NULL, confirmed_by_name = NULL WHERE unit_id = $1 AND id = $2 AND state = 'confirmed'";
}
