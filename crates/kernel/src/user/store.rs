//! SQL of accounts, grants and sessions. Rows are read into types by the
//! service files beside this one; passwords are hashes, second factors sealed,
//! session tokens digests before they come here.

use zf_store::statements;

statements! {
    /// One account by login.
    USER_BY_LOGIN: reference = "SELECT id, login, name, unit_id, staff_id, password_hash, must_change_password, totp_sealed, totp_on, totp_last_step, state, failed_count, locked_until, is_demo, large_type, last_sign_in_at FROM user_account WHERE login = $1";
    /// One account by id.
    USER_BY_ID: reference = "SELECT id, login, name, unit_id, staff_id, password_hash, must_change_password, totp_sealed, totp_on, totp_last_step, state, failed_count, locked_until, is_demo, large_type, last_sign_in_at FROM user_account WHERE id = $1";
    /// All accounts, by login, a page.
    USER_LIST: reference = "SELECT u.id, u.login, u.name, u.unit_id, u.staff_id, u.password_hash, u.must_change_password, u.totp_sealed, u.totp_on, u.totp_last_step, u.state, u.failed_count, u.locked_until, u.is_demo, u.large_type, u.last_sign_in_at FROM user_account u JOIN unit n ON n.id = u.unit_id WHERE n.path >= $1 AND n.path < $2 AND u.login > $3 ORDER BY u.login LIMIT $4";
    /// Adds an account.
    USER_ADD: reference = "INSERT INTO user_account (id, login, name, unit_id, staff_id, password_hash, must_change_password, totp_sealed, totp_on, totp_last_step, state, failed_count, locked_until, is_demo, large_type, last_sign_in_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, 0, 'active', 0, NULL, $9, $8, NULL, $10, $10)";
    /// A new password.
    USER_PASSWORD: reference = "UPDATE user_account SET password_hash = $2, must_change_password = $3, failed_count = 0, locked_until = NULL, updated_at = $4 WHERE id = $1";
    /// Counts a wrong attempt.
    USER_FAILED: reference = "UPDATE user_account SET failed_count = CASE WHEN locked_until IS NOT NULL AND locked_until <= $4 THEN 1 ELSE failed_count + 1 END, locked_until = CASE WHEN locked_until IS NOT NULL AND locked_until <= $4 THEN NULL WHEN failed_count + 1 >= $2 THEN $3 ELSE locked_until END WHERE id = $1";
    /// A right attempt clears the count; a code of the second factor counts once.
    USER_SIGNED_IN: reference = "UPDATE user_account SET failed_count = 0, locked_until = NULL, last_sign_in_at = $2, totp_last_step = $3 WHERE id = $1 AND state = 'active' AND (totp_on = $4 OR totp_last_step < $3)";
    /// Unlocks by hand.
    USER_UNLOCK: reference = "UPDATE user_account SET failed_count = 0, locked_until = NULL, updated_at = $2 WHERE id = $1";
    /// Retires an account.
    USER_RETIRE: reference = "UPDATE user_account SET state = 'retired', updated_at = $2 WHERE id = $1";
    /// Accounts of a unit with a second factor, for a change of keys.
    USER_TOTP_SEALED: reference = "SELECT id, totp_sealed FROM user_account WHERE unit_id = $1 AND totp_sealed IS NOT NULL ORDER BY id";
    /// Seals a second factor anew, unless it was changed meanwhile.
    USER_TOTP_RESEAL: reference = "UPDATE user_account SET totp_sealed = $3 WHERE id = $1 AND totp_sealed = $2";
    /// Second factor: secret and whether it is on.
    USER_TOTP: reference = "UPDATE user_account SET totp_sealed = $2, totp_on = $3, totp_last_step = $4, updated_at = $5 WHERE id = $1";
    /// Screen preferences.
    USER_LARGE_TYPE: reference = "UPDATE user_account SET large_type = $2 WHERE id = $1";
    /// Grants of one account with the paths of their units.
    GRANT_LIST: reference = "SELECT g.role_id, g.unit_id, n.path, n.name FROM user_grant g JOIN unit n ON n.id = g.unit_id WHERE g.user_id = $1 ORDER BY g.role_id, n.path";
    /// Who has roles at a unit.
    GRANT_HOLDERS: reference = "SELECT u.id, u.name, g.role_id FROM user_grant g JOIN user_account u ON u.id = g.user_id WHERE g.unit_id = $1 AND u.state = 'active' ORDER BY u.name, u.id";
    /// Accounts of the staff of a unit with their posts.
    POST_HOLDERS: reference = "SELECT u.id, u.name, s.post FROM staff s JOIN user_account u ON u.staff_id = s.id WHERE s.unit_id = $1 AND s.active = $2 AND u.state = 'active' ORDER BY u.name, u.id";
    /// The post of a staff member, and where.
    POST_OF_STAFF: reference = "SELECT s.unit_id, s.post FROM staff s WHERE s.id = $1 AND s.active = $2";
    /// Gives a role.
    GRANT_ADD: reference = "INSERT INTO user_grant (user_id, role_id, unit_id, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5)";
    /// Takes all roles away, before the new set is given.
    GRANT_CLEAR: reference = "DELETE FROM user_grant WHERE user_id = $1";
    /// Opens a session.
    SESSION_ADD: reference = "INSERT INTO session (id, token_hash, user_id, address, created_at, seen_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $5, $6, NULL)";
    /// Finds a session by the hash of its token.
    SESSION_BY_TOKEN: reference = "SELECT id, user_id, seen_at, expires_at, revoked_at FROM session WHERE token_hash = $1";
    /// One session.
    SESSION_BY_ID: reference = "SELECT user_id, seen_at, expires_at, revoked_at FROM session WHERE id = $1";
    /// Notes that a session is in use.
    SESSION_SEEN: reference = "UPDATE session SET seen_at = $2 WHERE id = $1";
    /// Ends one session.
    SESSION_END: reference = "UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    /// Ends all sessions of an account.
    SESSION_END_ALL: reference = "UPDATE session SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL";
    /// Ends all other sessions of an account.
    SESSION_END_OTHERS: reference = "UPDATE session SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL";
    /// Forgets sessions that ended long ago.
    SESSION_FORGET: reference = "DELETE FROM session WHERE expires_at < $1";
    /// Forgets addresses that have been quiet.
    ADDRESS_FORGET: reference = "DELETE FROM sign_in_address WHERE first_failed_at < $1 AND (locked_until IS NULL OR locked_until < $1)";
    /// Failures from one address.
    ADDRESS_BY_ID: reference = "SELECT failed_count, first_failed_at, locked_until FROM sign_in_address WHERE address = $1";
    /// Counts a failure from an address.
    ADDRESS_FAILED: reference = "INSERT INTO sign_in_address (address, failed_count, first_failed_at, locked_until) VALUES ($1, 1, $2, NULL) ON CONFLICT (address) DO UPDATE SET failed_count = CASE WHEN sign_in_address.first_failed_at < $3 THEN 1 ELSE sign_in_address.failed_count + 1 END, first_failed_at = CASE WHEN sign_in_address.first_failed_at < $3 THEN $2 ELSE sign_in_address.first_failed_at END, locked_until = CASE WHEN sign_in_address.first_failed_at >= $3 AND sign_in_address.failed_count + 1 >= $4 THEN $5 ELSE sign_in_address.locked_until END";
}
