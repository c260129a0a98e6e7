//! SQL of the counts of a day, of what confirmed week plans leave open, and of
//! what sweeps brought. Counts are added, never changed: the newest of a day holds.

use zf_store::statements;

statements! {
    /// Types the count of a day.
    VISIT_COUNT_ADD: unit = "INSERT INTO visit_count (unit_id, program_id, day, seq, households, source, reason, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// The counts of a branch, oldest first.
    VISIT_COUNTS: unit = "SELECT day, seq, households, source, reason, made_at, made_by_name FROM visit_count WHERE unit_id = $1 AND program_id = $2 ORDER BY day, seq";
    /// The counts of one day, oldest first.
    VISIT_COUNTS_OF_DAY: unit = "SELECT day, seq, households, source, reason, made_at, made_by_name FROM visit_count WHERE unit_id = $1 AND program_id = $2 AND day = $3 ORDER BY day, seq";
    /// What a branch's confirmed week plans leave open.
    PLAN_LEAVES: unit = "SELECT day, households FROM shortfall_entry WHERE unit_id = $1 AND program_id = $2 AND kind = 'plan' ORDER BY day";
    /// The counts that hold, of all branches of a program.
    VISIT_COUNTS_ALL: cross = "SELECT c.unit_id, c.day, c.households FROM visit_count c WHERE c.program_id = $1 AND c.seq = (SELECT MAX(d.seq) FROM visit_count d WHERE d.unit_id = c.unit_id AND d.program_id = c.program_id AND d.day = c.day)";
    /// What the confirmed week plans of all branches leave open.
    PLAN_LEAVES_ALL: cross = "SELECT unit_id, day, households FROM shortfall_entry WHERE program_id = $1 AND kind = 'plan'";
    /// What the visits of a day count.
    VISIT_TALLY_PUT: unit = "INSERT INTO visit_tally (unit_id, program_id, day, households, visits, valid_records, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit_id, program_id, day) DO UPDATE SET households = $4, visits = $5, valid_records = $6, updated_at = $7";
    /// Days of a branch with visits.
    VISIT_TALLIES: unit = "SELECT day, households FROM visit_tally WHERE unit_id = $1 AND program_id = $2 ORDER BY day";
    /// Days with visits of all branches of a program.
    VISIT_TALLIES_ALL: cross = "SELECT unit_id, day, households FROM visit_tally WHERE program_id = $1";
    /// What a sweep of a village group brought; typed again it replaces.
    SWEEP_PUT: unit = "INSERT INTO sweep_result (unit_id, program_id, village_group_id, day, window_code, households_met, traces, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (unit_id, program_id, village_group_id, day, window_code) DO UPDATE SET households_met = $6, traces = $7, made_at = $8, made_by = $9, made_by_name = $10";
    /// What the sweeps of a branch brought, newest first.
    SWEEPS: unit = "SELECT s.village_group_id, g.village, g.name, s.day, s.window_code, s.households_met, s.traces, s.made_at, s.made_by_name FROM sweep_result s JOIN village_group g ON g.unit_id = s.unit_id AND g.id = s.village_group_id WHERE s.unit_id = $1 AND s.program_id = $2 ORDER BY s.day DESC, s.window_code DESC, s.village_group_id LIMIT 500";
}
