//! SQL of settings.

use zf_store::statements;

statements! {
    /// One setting.
    SETTING_BY_NAME: reference = "SELECT value FROM setting WHERE name = $1";
    /// Sets one, counting its version.
    SETTING_SET: reference = "INSERT INTO setting (name, value, version, updated_by, updated_at) VALUES ($1, $2, 1, $3, $4) ON CONFLICT (name) DO UPDATE SET value = $2, version = setting.version + 1, updated_by = $3, updated_at = $4";
}
