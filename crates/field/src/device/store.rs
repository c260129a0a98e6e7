//! SQL of devices and the codes that enrol them. A device is found by its id
//! alone, before its branch is known, so these are reference tables; a code is
//! kept as a keyed hash only.

use zf_store::statements;

statements! {
    /// A device and whose it is.
    DEVICE: reference = "SELECT d.id, d.home_id, d.user_id, u.name, d.kind, d.name, d.state, d.enrolled_at, d.seen_at, d.outbox_count, d.outbox_oldest, d.lease_until, d.revoked_at, d.revoked_reason FROM device d JOIN user_account u ON u.id = d.user_id WHERE d.id = $1";
    /// A device is seen for the first time.
    DEVICE_ADD: reference = "INSERT INTO device (id, home_id, user_id, kind, name, state, enrolled_at, seen_at) VALUES ($1, $2, $3, $4, $5, 'active', $6, $6) ON CONFLICT (id) DO NOTHING";
    /// A phone of an account is enrolled again, maybe in another branch; somebody else's is not taken over.
    DEVICE_AGAIN: reference = "UPDATE device SET home_id = $3, name = $4, kind = 'phone', state = 'active', enrolled_at = $5, seen_at = $5, revoked_at = NULL, revoked_by_name = NULL, revoked_reason = NULL WHERE id = $1 AND user_id = $2";
    /// A phone was heard of, with what it still holds.
    DEVICE_SEEN: reference = "UPDATE device SET seen_at = $2, outbox_count = COALESCE($3, outbox_count), outbox_oldest = CASE WHEN $3 IS NULL THEN outbox_oldest ELSE $4 END WHERE id = $1";
    /// A phone has fetched: its data may be read for a while.
    DEVICE_LEASE: reference = "UPDATE device SET seen_at = $2, lease_until = $3, outbox_count = COALESCE($4, outbox_count), outbox_oldest = CASE WHEN $4 IS NULL THEN outbox_oldest ELSE $5 END WHERE id = $1 AND state = 'active'";
    /// Phones of a subtree, newest first. What still holds records stands in front by the page's own order.
    DEVICES_BELOW: reference = "SELECT d.id, d.home_id, d.user_id, u.name, d.kind, d.name, d.state, d.enrolled_at, d.seen_at, d.outbox_count, d.outbox_oldest, d.lease_until, d.revoked_at, d.revoked_reason FROM device d JOIN user_account u ON u.id = d.user_id JOIN unit n ON n.id = d.home_id WHERE n.path >= $1 AND n.path < $2 AND d.kind = 'phone' AND (d.enrolled_at < $3 OR (d.enrolled_at = $3 AND d.id < $4)) ORDER BY d.enrolled_at DESC, d.id DESC LIMIT $5";
    /// A phone is revoked.
    DEVICE_REVOKE: reference = "UPDATE device SET state = 'revoked', revoked_at = $3, revoked_by_name = $4, revoked_reason = $5, lease_until = NULL WHERE id = $1 AND home_id = $2 AND state = 'active'";
    /// Accounts that work in a branch.
    DEVICE_USERS: reference = "SELECT id, name, login FROM user_account WHERE unit_id = $1 AND state = 'active' ORDER BY login LIMIT $2";
    /// A code for an account.
    DEVICE_CODE_ADD: reference = "INSERT INTO device_code (mac, home_id, user_id, name, made_at, made_by_name, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// A code by its keyed hash.
    DEVICE_CODE: reference = "SELECT home_id, user_id, name, expires_at, used_at, device_id FROM device_code WHERE mac = $1";
    /// A code is used, once.
    DEVICE_CODE_USE: reference = "UPDATE device_code SET used_at = $2, device_id = $3 WHERE mac = $1 AND used_at IS NULL";
    /// Forgets old codes.
    DEVICE_CODES_FORGET: reference = "DELETE FROM device_code WHERE expires_at < $1";
    /// Wrong codes of an account.
    DEVICE_TRIES: reference = "SELECT since, tries FROM device_try WHERE user_id = $1";
    /// One more; counting begins anew after the stretch.
    DEVICE_TRIED: reference = "INSERT INTO device_try (user_id, since, tries) VALUES ($1, $2, 1) ON CONFLICT (user_id) DO UPDATE SET tries = CASE WHEN device_try.since < $3 THEN 1 ELSE device_try.tries + 1 END, since = CASE WHEN device_try.since < $3 THEN $2 ELSE device_try.since END";
    /// A right code clears the count.
    DEVICE_TRIES_CLEAR: reference = "DELETE FROM device_try WHERE user_id = $1";
}
