//! SQL of moves and closings. Business statements are about one branch.
//! A move is told to both branches by rows of each; what they mean is known to
//! `run`.

use zf_store::statements;

statements! {
    /// Asks for a move.
    TRANSFER_ADD: unit = "INSERT INTO transfer (unit_id, id, to_unit, kind, closing_id, reason, state, customers, asked_at, asked_by, asked_by_name) VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, $8, $9, $10)";
    /// One move.
    TRANSFER_BY_ID: unit = "SELECT unit_id, id, to_unit, kind, reason, state, customers, asked_at, asked_by_name, ended_at, undone_at, undone_by_name FROM transfer WHERE unit_id = $1 AND id = $2";
    /// Moves out of a branch, the newest first.
    TRANSFER_LIST: unit = "SELECT unit_id, id, to_unit, kind, reason, state, customers, asked_at, asked_by_name, ended_at, undone_at, undone_by_name FROM transfer WHERE unit_id = $1 AND (asked_at < $2 OR (asked_at = $2 AND id < $3)) ORDER BY asked_at DESC, id DESC LIMIT $4";
    /// Moves of a closing that are not ended.
    TRANSFERS_OF_CLOSING: unit = "SELECT unit_id, id, to_unit, kind, reason, state, customers, asked_at, asked_by_name, ended_at, undone_at, undone_by_name FROM transfer WHERE unit_id = $1 AND closing_id = $2 AND state = 'running' ORDER BY id";
    /// A move has ended.
    TRANSFER_DONE: unit = "UPDATE transfer SET state = 'done', ended_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'running'";
    /// Somebody takes a move back.
    TRANSFER_UNDO: unit = "UPDATE transfer SET state = 'undoing', undone_by_name = $3 WHERE unit_id = $1 AND id = $2 AND state = 'done'";
    /// A move is taken back.
    TRANSFER_UNDONE: unit = "UPDATE transfer SET state = 'undone', undone_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'undoing'";
    /// Customers of a move in a state.
    ITEM_LIST: unit = "SELECT customer_id, arrived_rev FROM transfer_customer WHERE unit_id = $1 AND transfer_id = $2 AND state = $3 ORDER BY customer_id LIMIT $4";
    /// How many of a move are in each state.
    ITEM_COUNTS: unit = "SELECT state, COUNT(*) FROM transfer_customer WHERE unit_id = $1 AND transfer_id = $2 GROUP BY state";
    /// Moves one on from a state.
    ITEM_STATE: unit = "UPDATE transfer_customer SET state = $5, arrived_rev = COALESCE($6, arrived_rev) WHERE unit_id = $1 AND transfer_id = $2 AND customer_id = $3 AND state = $4";
    /// Customers of a branch.
    IDS_ALL: unit = "SELECT id, customer_no FROM customer WHERE unit_id = $1 ORDER BY id";
    /// Customers of a household.
    IDS_OF_HOUSEHOLD: unit = "SELECT id, customer_no FROM customer WHERE unit_id = $1 AND household_id = $2 ORDER BY id";
    /// Customers of a village group.
    IDS_OF_GROUP: unit = "SELECT id, customer_no FROM customer WHERE unit_id = $1 AND village_group_id = $2 ORDER BY id";
    /// One customer.
    IDS_OF_CUSTOMER: unit = "SELECT id, customer_no FROM customer WHERE unit_id = $1 AND id = $2";
    /// How many customers a branch has.
    CUSTOMERS_LEFT: unit = "SELECT COUNT(*) FROM customer WHERE unit_id = $1";
    /// A household, and its head when that one moves along.
    HOUSEHOLD_OF: unit = "SELECT h.household_no, h.village_group_id, h.lat, h.lon, h.datum, h.market_kind, h.pin_lat, h.pin_lon, h.pin_customer_id, CASE WHEN EXISTS (SELECT 1 FROM transfer_customer t WHERE t.unit_id = h.unit_id AND t.transfer_id = $3 AND t.customer_id = h.head_id) THEN h.head_id ELSE NULL END FROM household h WHERE h.unit_id = $1 AND h.id = $2";
    /// Is the household there?
    HOUSEHOLD_HERE: unit = "SELECT id FROM household WHERE unit_id = $1 AND id = $2";
    /// Is the number of a household taken?
    HOUSEHOLD_NO_HERE: unit = "SELECT id FROM household WHERE unit_id = $1 AND household_no = $2";
    /// Adds a household that comes along.
    HOUSEHOLD_COMES: unit = "INSERT INTO household (unit_id, id, household_no, village_group_id, lat, lon, datum, market_kind, head_id, pin_lat, pin_lon, pin_customer_id, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    /// What the old branch has said about a household.
    TICKS_OF: unit = "SELECT tag, yes, at, by_id, by_name FROM tick WHERE unit_id = $1 AND household_id = $2";
    /// The same in the new branch; what it has said itself stays.
    TICK_COMES: unit = "INSERT INTO tick (unit_id, household_id, tag, yes, at, by_id, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit_id, household_id, tag) DO NOTHING";
    /// A village group.
    GROUP_OF: unit = "SELECT code, township, village, name, lat, lon, datum FROM village_group WHERE unit_id = $1 AND id = $2";
    /// A village group by the bank's code.
    GROUP_HERE: unit = "SELECT id FROM village_group WHERE unit_id = $1 AND code = $2";
    /// Adds a village group that comes along.
    GROUP_COMES: unit = "INSERT INTO village_group (unit_id, id, code, township, village, name, lat, lon, datum, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Asks for the closing of a branch.
    CLOSING_ADD: unit = "INSERT INTO unit_closing (unit_id, id, plan, state, reason, customers, staff, accounts, asked_at, asked_by_name) VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9)";
    /// The last closing of a branch.
    CLOSING_LAST: unit = "SELECT id, plan, state, reason, customers, staff, accounts, job_id, asked_at, asked_by_name, ended_at FROM unit_closing WHERE unit_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 1";
    /// Goes on with a closing, with another plan.
    CLOSING_AGAIN: unit = "UPDATE unit_closing SET plan = $3, state = 'running', asked_by_name = $4 WHERE unit_id = $1 AND id = $2 AND state = 'stuck'";
    /// The job that works on it.
    CLOSING_JOB: unit = "UPDATE unit_closing SET job_id = $3 WHERE unit_id = $1 AND id = $2";
    /// How a closing ended.
    CLOSING_END: unit = "UPDATE unit_closing SET state = $3, ended_at = $4 WHERE unit_id = $1 AND id = $2 AND state = 'running'";
    /// Accounts at home in a unit.
    ACCOUNTS_OF: reference = "SELECT id, login, totp_sealed FROM user_account WHERE unit_id = $1 ORDER BY login";
    /// Roles held on a unit.
    GRANTS_OF: reference = "SELECT COUNT(*) FROM user_grant WHERE unit_id = $1";
    /// Accounts with a role on a unit.
    GRANTEES_OF: reference = "SELECT DISTINCT user_id FROM user_grant WHERE unit_id = $1 ORDER BY user_id";
    /// Takes the roles on a unit away.
    GRANTS_DROP: reference = "DELETE FROM user_grant WHERE unit_id = $1";
    /// Gives an account another home, with its second factor sealed for it.
    ACCOUNT_MOVE: reference = "UPDATE user_account SET unit_id = $2, totp_sealed = $3, updated_at = $4 WHERE id = $1";
    /// Ends the sessions of an account.
    SESSIONS_END: reference = "UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
    /// Plans of a branch that are still drafts.
    DRAFT_PLANS: unit = "SELECT COUNT(*) FROM week_plan WHERE unit_id = $1 AND state = 'draft'";
}

/// Columns of the bulk load of a move's customers.
pub(crate) const ITEM_COLUMNS: &[&str] = &["unit_id", "transfer_id", "customer_id", "state"];
