//! SQL of lawful bases. The list is over a subtree and what stands above it:
//! a record of the county holds for its branches.

use zf_store::statements;

statements! {
    /// Proposes one.
    BASIS_ADD: unit = "INSERT INTO lawful_basis (unit_id, id, source, title, law, purpose, expires_day, evidence_sealed, state, state_reason, rev, made_at, made_by, made_by_name, state_at, state_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'proposed', '', 1, $9, $10, $11, $9, $11)";
    /// One of a unit.
    BASIS_BY_ID: unit = "SELECT unit_id, id, source, title, law, purpose, expires_day, evidence_sealed, state, state_reason, rev, made_at, made_by, made_by_name, state_at, state_by_name FROM lawful_basis WHERE unit_id = $1 AND id = $2";
    /// Those of a subtree and above it, newest first.
    BASIS_LIST: cross = "SELECT b.unit_id, b.id, b.source, b.title, b.law, b.purpose, b.expires_day, b.evidence_sealed, b.state, b.state_reason, b.rev, b.made_at, b.made_by, b.made_by_name, b.state_at, b.state_by_name FROM lawful_basis b JOIN unit u ON u.id = b.unit_id WHERE ((u.path >= $1 AND u.path < $2) OR substr($1, 1, length(u.path)) = u.path) AND (b.made_at, b.id) < ($3, $4) ORDER BY b.made_at DESC, b.id DESC LIMIT $5";
    /// A decision, unless somebody decided meanwhile.
    BASIS_DECIDE: unit = "UPDATE lawful_basis SET state = $4, state_reason = $5, state_at = $6, state_by_name = $7, rev = rev + 1 WHERE unit_id = $1 AND id = $2 AND rev = $3";
    /// Somebody agrees.
    BASIS_VOTE_ADD: unit = "INSERT INTO lawful_basis_vote (unit_id, basis_id, user_id, user_name, at) VALUES ($1, $2, $3, $4, $5)";
    /// Who has agreed.
    BASIS_VOTES: unit = "SELECT user_id, user_name, at FROM lawful_basis_vote WHERE unit_id = $1 AND basis_id = $2 ORDER BY at, user_id";
}
