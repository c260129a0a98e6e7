//! SQL of filed visit plans and approvals. A filing is added and decided, never
//! changed; the newest of a branch counts.

use zf_store::statements;

statements! {
    /// Hands a plan in.
    FILING_ADD: unit = "INSERT INTO visit_filing (unit_id, program_id, seq, state, program_version, plan, filed_at, filed_by, filed_by_name, decided_at, decided_by, decided_by_name, reason) VALUES ($1, $2, $3, 'filed', $4, $5, $6, $7, $8, NULL, NULL, NULL, '')";
    /// What a branch has handed in, newest first.
    FILINGS_OF_UNIT: unit = "SELECT seq, state, program_version, plan, filed_at, filed_by, filed_by_name, decided_at, decided_by_name, reason FROM visit_filing WHERE unit_id = $1 AND program_id = $2 ORDER BY seq DESC LIMIT 50";
    /// Accepts or returns, unless somebody has.
    FILING_DECIDE: unit = "UPDATE visit_filing SET state = $4, reason = $5, decided_at = $6, decided_by = $7, decided_by_name = $8 WHERE unit_id = $1 AND program_id = $2 AND seq = $3 AND state = 'filed'";
    /// The newest filing of every branch.
    FILINGS_NEWEST: cross = "SELECT f.unit_id, f.seq, f.state, f.filed_at, f.filed_by_name, f.decided_at, f.decided_by_name, f.reason FROM visit_filing f WHERE f.program_id = $1 AND f.seq = (SELECT MAX(g.seq) FROM visit_filing g WHERE g.unit_id = f.unit_id AND g.program_id = f.program_id)";
    /// Approves a version.
    APPROVAL_ADD: unit = "INSERT INTO program_approval (unit_id, program_id, program_version, note, filed, branches, approved_day, approved_at, approved_by, approved_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (unit_id, program_id, program_version) DO NOTHING";
    /// Approvals of a program, newest version first.
    APPROVALS: unit = "SELECT program_version, note, filed, branches, approved_day, approved_at, approved_by_name FROM program_approval WHERE unit_id = $1 AND program_id = $2 ORDER BY program_version DESC LIMIT 50";
    /// Who wrote a version.
    VERSION_AUTHOR: reference = "SELECT made_by, made_by_name FROM program_version WHERE program_id = $1 AND version = $2";
    /// Takes the approvals of a draft away with it.
    APPROVALS_CLEAR: unit = "DELETE FROM program_approval WHERE unit_id = $1 AND program_id = $2";
    /// Takes what a branch filed for a draft away with it.
    FILINGS_CLEAR: unit = "DELETE FROM visit_filing WHERE unit_id = $1 AND program_id = $2";
}
