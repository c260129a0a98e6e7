//! SQL of households, their members and proposals. Every statement is about
//! one branch. Of customers it reads columns in clear and sealed bytes, and
//! changes only which household they are in and their relation in it.

use zf_store::statements;

statements! {
    /// What proposals are made from, in the order of ids.
    HOUSEHOLD_PEOPLE: unit = "SELECT c.id, c.customer_no, c.household_id, h.household_no, c.village_group_id, c.name_sealed, c.phone_sealed, c.phone_state, c.address_sealed, c.sex, c.birth_year, c.lat, c.lon FROM customer c JOIN household h ON h.unit_id = c.unit_id AND h.id = c.household_id WHERE c.unit_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3";
    /// Members of those proposals that nobody has decided, to be replaced.
    PROPOSAL_MEMBERS_CLEAR: unit = "DELETE FROM household_proposal_member WHERE unit_id = $1 AND proposal_id IN (SELECT p.id FROM household_proposal p WHERE p.unit_id = $1 AND p.state = 'open')";
    /// Proposals that nobody has decided, to be replaced.
    PROPOSALS_CLEAR: unit = "DELETE FROM household_proposal WHERE unit_id = $1 AND state = 'open'";
    /// Which people are or were proposed.
    PROPOSAL_PEOPLE: unit = "SELECT people, id, state FROM household_proposal WHERE unit_id = $1";
    /// A page of proposals in a state, best first.
    PROPOSAL_LIST: unit = "SELECT id, state, score, reasons, members, household_id, made_at, decided_at, decided_by_name FROM household_proposal WHERE unit_id = $1 AND state = $2 AND (score < $3 OR (score = $3 AND id > $4)) ORDER BY score DESC, id LIMIT $5";
    /// One proposal.
    PROPOSAL_BY_ID: unit = "SELECT state, household_id, was_head_id, was_village_group_id, was_lat, was_lon, was_datum, was_updated_at, decided_at FROM household_proposal WHERE unit_id = $1 AND id = $2";
    /// Its members that are still customers, as proposed.
    PROPOSAL_MEMBERS: unit = "SELECT m.customer_id, m.relation, m.household_id, m.left_out, m.was_relation, c.household_id, c.relation, c.village_group_id, c.lat, c.lon, c.datum, c.customer_no, h.household_no FROM household_proposal_member m JOIN customer c ON c.unit_id = m.unit_id AND c.id = m.customer_id JOIN household h ON h.unit_id = m.unit_id AND h.id = m.household_id WHERE m.unit_id = $1 AND m.proposal_id = $2 ORDER BY m.place";
    /// Decides an open proposal.
    PROPOSAL_DECIDE: unit = "UPDATE household_proposal SET state = $3, household_id = $4, was_head_id = $5, was_village_group_id = $6, was_lat = $7, was_lon = $8, was_datum = $9, was_updated_at = $10, decided_at = $11, decided_by = $12, decided_by_name = $13 WHERE unit_id = $1 AND id = $2 AND state = 'open'";
    /// Takes a decision back.
    PROPOSAL_REOPEN: unit = "UPDATE household_proposal SET state = 'open', household_id = NULL, was_head_id = NULL, was_village_group_id = NULL, was_lat = NULL, was_lon = NULL, was_datum = NULL, was_updated_at = NULL, decided_at = NULL, decided_by = NULL, decided_by_name = NULL WHERE unit_id = $1 AND id = $2 AND state = $3";
    /// Notes what became of a member.
    PROPOSAL_MEMBER_SET: unit = "UPDATE household_proposal_member SET left_out = $4, was_relation = $5, was_alone = $6 WHERE unit_id = $1 AND proposal_id = $2 AND customer_id = $3";
    /// How many are proposed, accepted, rejected.
    PROPOSAL_COUNTS: unit = "SELECT state, COUNT(*) FROM household_proposal WHERE unit_id = $1 GROUP BY state";
    /// Households that accepted proposals have emptied and that are empty still.
    HOUSEHOLDS_JOINED: unit = "SELECT COUNT(*) FROM (SELECT DISTINCT m.household_id FROM household_proposal_member m JOIN household_proposal p ON p.unit_id = m.unit_id AND p.id = m.proposal_id WHERE m.unit_id = $1 AND p.state = 'accepted' AND NOT m.left_out AND m.household_id <> p.household_id AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.unit_id = m.unit_id AND c.household_id = m.household_id)) d";
    /// People whom accepted proposals have brought together and who are not alone still.
    PEOPLE_JOINED: unit = "SELECT COUNT(*) FROM household_proposal_member m JOIN household_proposal p ON p.unit_id = m.unit_id AND p.id = m.proposal_id JOIN customer c ON c.unit_id = m.unit_id AND c.id = m.customer_id WHERE m.unit_id = $1 AND p.state = 'accepted' AND m.was_alone AND EXISTS (SELECT 1 FROM customer o WHERE o.unit_id = c.unit_id AND o.household_id = c.household_id AND o.id <> c.id)";
    /// Households with members, and how many of them have one.
    HOUSEHOLD_SIZES: unit = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN s.n = 1 THEN 1 ELSE 0 END), 0) FROM (SELECT household_id, COUNT(*) AS n FROM customer WHERE unit_id = $1 GROUP BY household_id) s";
    /// All households, empty ones too.
    HOUSEHOLD_COUNT: unit = "SELECT COUNT(*) FROM household WHERE unit_id = $1";
    /// Person records, and those with all four fields.
    RECORD_COUNT: unit = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN four_fields THEN 1 ELSE 0 END), 0) FROM customer WHERE unit_id = $1";
    /// One household.
    HOUSEHOLD_BY_ID: unit = "SELECT id, household_no, village_group_id, head_id, market_kind, lat, lon, datum, updated_at FROM household WHERE unit_id = $1 AND id = $2";
    /// One household by its number.
    HOUSEHOLD_BY_NO: unit = "SELECT id FROM household WHERE unit_id = $1 AND household_no = $2";
    /// A page of households with at least so many members.
    HOUSEHOLD_LIST: unit = "SELECT h.id, h.household_no, h.village_group_id, h.head_id, (SELECT COUNT(*) FROM customer n WHERE n.unit_id = h.unit_id AND n.household_id = h.id) FROM household h WHERE h.unit_id = $1 AND h.household_no > $2 AND (SELECT COUNT(*) FROM customer c WHERE c.unit_id = h.unit_id AND c.household_id = h.id) >= $4 ORDER BY h.household_no LIMIT $3";
    /// Who is in a household.
    HOUSEHOLD_MEMBERS: unit = "SELECT id, relation, customer_no FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY customer_no LIMIT $3";
    /// How many are in a household.
    HOUSEHOLD_SIZE: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1 AND household_id = $2";
    /// Where somebody is.
    MEMBER_SEAT: unit = "SELECT household_id, relation, customer_no, village_group_id, lat, lon, datum FROM customer WHERE unit_id = $1 AND id = $2";
    /// Moves somebody who is still where they were.
    MEMBER_MOVE: unit = "UPDATE customer SET household_id = $4, relation = $5, rev = rev + 1, updated_at = $6, updated_by = $7 WHERE unit_id = $1 AND id = $2 AND household_id = $3";
    /// Sets the relation of somebody in a household.
    MEMBER_RELATION: unit = "UPDATE customer SET relation = $4, rev = rev + 1, updated_at = $5, updated_by = $6 WHERE unit_id = $1 AND id = $2 AND household_id = $3";
    /// Adds a household.
    HOUSEHOLD_NEW: unit = "INSERT INTO household (unit_id, id, household_no, village_group_id, lat, lon, datum, head_id, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// Head and place of a household.
    HOUSEHOLD_SET: unit = "UPDATE household SET head_id = $3, village_group_id = $4, lat = $5, lon = $6, datum = $7, updated_at = $8 WHERE unit_id = $1 AND id = $2";
    /// The head alone.
    HOUSEHOLD_HEAD: unit = "UPDATE household SET head_id = $3 WHERE unit_id = $1 AND id = $2";
    /// Head and kind of market, from the page.
    HOUSEHOLD_CHANGE: unit = "UPDATE household SET head_id = $3, market_kind = $4, updated_at = $5 WHERE unit_id = $1 AND id = $2";
}
