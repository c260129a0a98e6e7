//! SQL of pull: what the routes of some days name, and what phones were last
//! told of it. Every statement is about one branch; sealed columns come as bytes.
//! What is in them is opened by `content` alone.

use zf_store::statements;

statements! {
    /// Who an account is on the routes of its branch.
    PULL_STAFF: reference = "SELECT s.id, s.name, s.post, s.unit_id FROM user_account u JOIN staff s ON s.id = u.staff_id WHERE u.id = $1 AND s.active";
    /// Routes of confirmed plans between two days.
    PULL_ROUTES: unit = "SELECT r.id, r.day, r.team_name, r.kind, r.members, w.program_id FROM week_plan w JOIN plan_route r ON r.unit_id = w.unit_id AND r.week_plan_id = w.id WHERE w.unit_id = $1 AND w.state = 'confirmed' AND r.day >= $2 AND r.day <= $3";
    /// Their stops, with whom they name.
    PULL_STOPS: unit = "SELECT s.id, s.route_id, s.seq, s.target_id, s.village_group_id, s.households, s.arrive, s.leave, s.lat, s.lon, s.approximate, t.household_id, t.customer_id, t.reasons, t.village_group_id FROM week_plan w JOIN plan_route r ON r.unit_id = w.unit_id AND r.week_plan_id = w.id JOIN plan_stop s ON s.unit_id = r.unit_id AND s.week_plan_id = w.id AND s.route_id = r.id LEFT JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE w.unit_id = $1 AND w.state = 'confirmed' AND r.day >= $2 AND r.day <= $3 AND s.struck_at IS NULL";
    /// Households of those stops.
    PULL_HOUSEHOLDS: unit = "SELECT h.id, h.household_no, h.village_group_id, COALESCE(h.pin_lat, h.lat), COALESCE(h.pin_lon, h.lon), h.pin_lat IS NOT NULL FROM household h WHERE h.unit_id = $1 AND h.id IN (SELECT t.household_id FROM week_plan w JOIN plan_route r ON r.unit_id = w.unit_id AND r.week_plan_id = w.id JOIN plan_stop s ON s.unit_id = r.unit_id AND s.week_plan_id = w.id AND s.route_id = r.id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE w.unit_id = $1 AND w.state = 'confirmed' AND r.day >= $2 AND r.day <= $3 AND s.struck_at IS NULL)";
    /// Their members.
    PULL_MEMBERS: unit = "SELECT c.id, c.household_id, c.name_sealed, c.phone_sealed, c.phone_state, c.id_number_state, c.address_sealed, c.products, c.do_not_visit, c.no_visit_person_only FROM customer c WHERE c.unit_id = $1 AND c.household_id IN (SELECT t.household_id FROM week_plan w JOIN plan_route r ON r.unit_id = w.unit_id AND r.week_plan_id = w.id JOIN plan_stop s ON s.unit_id = r.unit_id AND s.week_plan_id = w.id AND s.route_id = r.id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE w.unit_id = $1 AND w.state = 'confirmed' AND r.day >= $2 AND r.day <= $3 AND s.struck_at IS NULL) ORDER BY c.household_id, c.customer_no";
    /// Their visits, newest first.
    PULL_HISTORY: unit = "SELECT v.household_id, v.day, v.outcome, v.made_by_name FROM visit v WHERE v.unit_id = $1 AND v.state <> 'rejected' AND v.household_id IN (SELECT t.household_id FROM week_plan w JOIN plan_route r ON r.unit_id = w.unit_id AND r.week_plan_id = w.id JOIN plan_stop s ON s.unit_id = r.unit_id AND s.week_plan_id = w.id AND s.route_id = r.id JOIN target t ON t.unit_id = s.unit_id AND t.id = s.target_id WHERE w.unit_id = $1 AND w.state = 'confirmed' AND r.day >= $2 AND r.day <= $3 AND s.struck_at IS NULL) ORDER BY v.household_id, v.day DESC, v.id DESC";
    /// Visits of an account between two days.
    PULL_VISITS: unit = "SELECT id, household_id, target_id, stop_id, day, outcome, counts, state, rev, members, valid_records, photos FROM visit WHERE unit_id = $1 AND made_by = $2 AND day >= $3 AND day <= $4 ORDER BY id";
    /// Photos of those visits that are here in full.
    PULL_PHOTOS: unit = "SELECT p.visit_id, COUNT(*) FROM visit v JOIN photo p ON p.unit_id = v.unit_id AND p.visit_id = v.id WHERE v.unit_id = $1 AND v.made_by = $2 AND v.day >= $3 AND v.day <= $4 AND p.state <> 'open' GROUP BY p.visit_id";
    /// Why those visits need a look.
    PULL_REVIEWS: unit = "SELECT q.visit_id, q.reasons FROM visit v JOIN sync_review q ON q.unit_id = v.unit_id AND q.visit_id = v.id WHERE v.unit_id = $1 AND v.made_by = $2 AND v.day >= $3 AND v.day <= $4 AND q.state = 'open' ORDER BY q.id";
    /// Publicity left in the village groups since a day.
    PULL_TRACES: unit = "SELECT village_group_id, day, place, CAST(SUM(pieces) AS BIGINT) FROM trace WHERE unit_id = $1 AND day >= $2 AND state <> 'rejected' GROUP BY village_group_id, day, place ORDER BY village_group_id, day, place";
    /// The last number of a feed and the oldest cursor that is answered.
    FEED_HEAD: unit = "SELECT seq, kept_after FROM feed_head WHERE unit_id = $1";
    /// What phones were told of some entities.
    SHOWN_SOME: unit = "SELECT entity_id, digest, rev FROM shown WHERE unit_id = $1 AND kind = $2 AND entity_id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52)";
    /// Phones are told of an entity.
    SHOWN_PUT: unit = "INSERT INTO shown (unit_id, kind, entity_id, digest, rev, seq, told_at) VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT (unit_id, kind, entity_id) DO UPDATE SET digest = $4, rev = shown.rev + 1, seq = $5, told_at = $6";
    /// What was told after a number, each entity once.
    SHOWN_SINCE: unit = "SELECT kind, entity_id, rev FROM shown WHERE unit_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, kind, entity_id LIMIT $4";
    /// The last number that is older than a moment.
    FEED_OLD: unit = "SELECT MAX(seq) FROM feed WHERE unit_id = $1 AND made_at < $2";
    /// Forgets old numbers.
    FEED_FORGET: unit = "DELETE FROM feed WHERE unit_id = $1 AND seq <= $2";
    /// Forgets what was told under them; what is still visible is told anew.
    SHOWN_FORGET: unit = "DELETE FROM shown WHERE unit_id = $1 AND seq <= $2";
    /// Cursors below are too old.
    FEED_KEPT: unit = "UPDATE feed_head SET kept_after = $2 WHERE unit_id = $1";
}
