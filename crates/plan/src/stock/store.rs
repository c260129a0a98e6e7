//! SQL of the stock ledger. Movements are added only; what phones hand out is
//! read as counts.

use zf_store::statements;

statements! {
    /// The ledger of one unit, oldest first.
    STOCK_OF_UNIT: unit = "SELECT seq, item, kind, pieces, unit_fen, day, memo, peer_unit_id, of_seq, made_at, made_by_name FROM stock_entry WHERE unit_id = $1 AND program_id = $2 ORDER BY seq";
    /// A page of it, newest first.
    STOCK_PAGE: unit = "SELECT seq, item, kind, pieces, unit_fen, day, memo, peer_unit_id, of_seq, made_at, made_by_name FROM stock_entry WHERE unit_id = $1 AND program_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// The last number.
    STOCK_LAST: unit = "SELECT COALESCE(MAX(seq), 0) FROM stock_entry WHERE unit_id = $1 AND program_id = $2";
    /// Adds a movement.
    STOCK_ADD: unit = "INSERT INTO stock_entry (unit_id, program_id, seq, item, kind, pieces, unit_fen, day, memo, peer_unit_id, of_seq, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    /// Takes the ledger of a draft away with it.
    STOCK_CLEAR: unit = "DELETE FROM stock_entry WHERE unit_id = $1 AND program_id = $2";
    /// The ledgers of all units of a program: one list of the county, no people but who typed.
    STOCK_ALL: cross = "SELECT unit_id, seq, item, kind, pieces, unit_fen, day, memo, peer_unit_id, of_seq, made_at, made_by_name FROM stock_entry WHERE program_id = $1 ORDER BY unit_id, seq";
    /// Units that have a ledger of a program.
    STOCK_UNITS: cross = "SELECT DISTINCT unit_id FROM stock_entry WHERE program_id = $1";
    /// What phones have handed out, by unit and what they call it: counts only.
    STOCK_USED: cross = "SELECT unit_id, material, CAST(COALESCE(SUM(pieces), 0) AS BIGINT) FROM gift WHERE program_id = $1 AND state <> 'rejected' GROUP BY unit_id, material";
}
