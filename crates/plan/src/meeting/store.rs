//! SQL of meetings before the start. Records and sheets are added, never
//! changed; the newest of each counts.

use zf_store::statements;

statements! {
    /// Versions of the record, newest first.
    MEETING_RECORDS: unit = "SELECT seq, held_day, place, topics, reason, made_at, made_by_name FROM meeting_record WHERE unit_id = $1 AND program_id = $2 AND step = $3 ORDER BY seq DESC LIMIT 50";
    /// A further version of the record.
    MEETING_RECORD_ADD: unit = "INSERT INTO meeting_record (unit_id, program_id, step, seq, held_day, place, topics, reason, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Sheets of one unit, newest first.
    MEETING_SHEETS: unit = "SELECT s.seq, s.reason, s.made_at, s.made_by_name, (SELECT COUNT(*) FROM meeting_presence p WHERE p.unit_id = s.unit_id AND p.program_id = s.program_id AND p.step = s.step AND p.seq = s.seq), (SELECT COUNT(*) FROM meeting_presence p WHERE p.unit_id = s.unit_id AND p.program_id = s.program_id AND p.step = s.step AND p.seq = s.seq AND p.state = 'present'), (SELECT COUNT(*) FROM meeting_presence p WHERE p.unit_id = s.unit_id AND p.program_id = s.program_id AND p.step = s.step AND p.seq = s.seq AND p.state = 'excused'), (SELECT COUNT(*) FROM meeting_presence p WHERE p.unit_id = s.unit_id AND p.program_id = s.program_id AND p.step = s.step AND p.seq = s.seq AND p.trained) FROM meeting_sheet s WHERE s.unit_id = $1 AND s.program_id = $2 AND s.step = $3 ORDER BY s.seq DESC LIMIT 50";
    /// Who stands on a sheet.
    MEETING_PEOPLE: unit = "SELECT staff_id, state, trained FROM meeting_presence WHERE unit_id = $1 AND program_id = $2 AND step = $3 AND seq = $4 ORDER BY staff_id";
    /// A further sheet of a unit.
    MEETING_SHEET_ADD: unit = "INSERT INTO meeting_sheet (unit_id, program_id, step, seq, reason, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A person on it.
    MEETING_PERSON_ADD: unit = "INSERT INTO meeting_presence (unit_id, program_id, step, seq, staff_id, state, trained) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The newest sheet of every unit: one list of the county, counts only.
    MEETING_SHEETS_NEWEST: cross = "SELECT s.unit_id, s.seq, s.reason, s.made_at, s.made_by_name, COUNT(p.staff_id), CAST(COALESCE(SUM(CASE WHEN p.state = 'present' THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN p.state = 'excused' THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(CASE WHEN p.trained THEN 1 ELSE 0 END), 0) AS BIGINT) FROM meeting_sheet s LEFT JOIN meeting_presence p ON p.unit_id = s.unit_id AND p.program_id = s.program_id AND p.step = s.step AND p.seq = s.seq WHERE s.program_id = $1 AND s.step = $2 AND s.seq = (SELECT MAX(t.seq) FROM meeting_sheet t WHERE t.unit_id = s.unit_id AND t.program_id = s.program_id AND t.step = s.step) GROUP BY s.unit_id, s.seq, s.reason, s.made_at, s.made_by_name";
    /// Units that have entered anything for a program.
    MEETING_UNITS: cross = "SELECT DISTINCT unit_id FROM meeting_sheet WHERE program_id = $1";
    /// Takes the people of a draft's sheets away with it.
    MEETING_PEOPLE_CLEAR: unit = "DELETE FROM meeting_presence WHERE unit_id = $1 AND program_id = $2";
    /// Takes the sheets of a draft away with it.
    MEETING_SHEETS_CLEAR: unit = "DELETE FROM meeting_sheet WHERE unit_id = $1 AND program_id = $2";
    /// Takes the record of a draft away with it.
    MEETING_RECORDS_CLEAR: unit = "DELETE FROM meeting_record WHERE unit_id = $1 AND program_id = $2";
}
