//! SQL of agreements and of what was given out under them.

use zf_store::statements;

statements! {
    /// Records one.
    AGREEMENT_ADD: unit = "INSERT INTO agreement (unit_id, id, party, purpose, k, expires_day, state, made_at, made_by, made_by_name, decided_at, decided_by_name) VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $9, NULL, '')";
    /// One of a unit.
    AGREEMENT_BY_ID: unit = "SELECT unit_id, id, party, purpose, k, expires_day, state, made_at, made_by, made_by_name, decided_at, decided_by_name FROM agreement WHERE unit_id = $1 AND id = $2";
    /// Those of a subtree, newest first.
    AGREEMENT_LIST: cross = "SELECT a.unit_id, a.id, a.party, a.purpose, a.k, a.expires_day, a.state, a.made_at, a.made_by, a.made_by_name, a.decided_at, a.decided_by_name FROM agreement a JOIN unit u ON u.id = a.unit_id WHERE u.path >= $1 AND u.path < $2 AND (a.made_at, a.id) < ($3, $4) ORDER BY a.made_at DESC, a.id DESC LIMIT $5";
    /// A decision, once per state.
    AGREEMENT_DECIDE: unit = "UPDATE agreement SET state = $4, decided_at = $5, decided_by_name = $6 WHERE unit_id = $1 AND id = $2 AND state = $3";
    /// Notes that figures were given out.
    SHARE_ADD: unit = "INSERT INTO agreement_share (unit_id, id, agreement_id, subject, cells, withheld, made_at, made_by, made_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// What was given out, newest first.
    SHARES: unit = "SELECT subject, cells, withheld, made_at, made_by_name FROM agreement_share WHERE unit_id = $1 AND agreement_id = $2 ORDER BY made_at DESC, id DESC LIMIT 100";
    /// Customers of a branch by village and balance band.
    COUNT_BY_VILLAGE_BAND: unit = "SELECT COALESCE(g.township, ''), COALESCE(g.village, ''), COALESCE(c.balance_band, ''), COUNT(*) FROM customer c LEFT JOIN village_group g ON g.unit_id = c.unit_id AND g.id = c.village_group_id WHERE c.unit_id = $1 GROUP BY COALESCE(g.township, ''), COALESCE(g.village, ''), COALESCE(c.balance_band, '')";
    /// Customers of a branch by township and must-visit group.
    COUNT_BY_TOWNSHIP_TAG: unit = "SELECT COALESCE(g.township, ''), '', t.tag, COUNT(*) FROM customer c JOIN customer_tag t ON t.unit_id = c.unit_id AND t.customer_id = c.id AND t.how <> 'wish' LEFT JOIN village_group g ON g.unit_id = c.unit_id AND g.id = c.village_group_id WHERE c.unit_id = $1 GROUP BY COALESCE(g.township, ''), t.tag";
}
