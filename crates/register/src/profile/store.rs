//! SQL of the profile: what the audit chain tells about one row of a branch,
//! and which visits there were: day, outcome, state and who wrote them down,
//! never what they say (that is the field room's, sealed). It writes nothing;
//! the rows of households are read through the household slice.

use zf_store::statements;

statements! {
    /// What has happened to one row, newest first, before a moment.
    TIMELINE: unit = "SELECT at, id, actor_name, action, target_id, detail FROM event WHERE unit_id = $1 AND target_id = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5";
    /// Visits of a household, newest first, before a moment.
    TIMELINE_HOME: unit = "SELECT v.estimated_at, v.id, v.made_by_name, v.day, v.outcome, v.state FROM visit v WHERE v.unit_id = $1 AND v.household_id = $2 AND (v.estimated_at, v.id) < ($3, $4) ORDER BY v.estimated_at DESC, v.id DESC LIMIT $5";
    /// Visits that were planned for a person, or that recorded something of them.
    TIMELINE_PERSON: unit = "SELECT v.estimated_at, v.id, v.made_by_name, v.day, v.outcome, v.state FROM visit v WHERE v.unit_id = $1 AND (v.id IN (SELECT m.visit_id FROM visit_member m WHERE m.unit_id = $1 AND m.customer_id = $2) OR v.target_id IN (SELECT t.id FROM target t WHERE t.unit_id = $1 AND t.customer_id = $2)) AND (v.estimated_at, v.id) < ($3, $4) ORDER BY v.estimated_at DESC, v.id DESC LIMIT $5";
}
