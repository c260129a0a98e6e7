//! The figures of phones: how long a code holds, how long a phone may do
//! without us, what it carries. A versioned preset that the setting
//! `field.phone` replaces as a whole; limits that protect the machine are not
//! here but in `zf_base::limits`.

use serde::{Deserialize, Serialize};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::setting_read;

/// Name of the setting.
pub const SETTING: &str = "field.phone";
/// The preset as shipped.
pub const PRESET: &str = include_str!("../../presets/phone.toml");

/// All figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneRules {
    /// Counts changes.
    pub version: i64,
    /// Minutes a code holds.
    pub code_minutes: i64,
    /// Wrong codes of an account before it has to wait.
    pub code_tries: i64,
    /// Minutes it waits.
    pub code_wait_minutes: i64,
    /// Hours without contact after which a phone's data cannot be read.
    pub lease_hours: i64,
    /// Days before and after today that a phone carries.
    pub days_around: i32,
    /// Days that changes are kept for phones.
    pub feed_days: i64,
    /// Hours an unfinished upload is kept.
    pub upload_hours: i64,
    /// Days a revoked phone may still hand over what it has sealed.
    pub rescue_days: i64,
    /// Metres from the first door beyond which another one is looked at.
    pub door_metres: f64,
    /// Visits of a household that a phone carries.
    pub history_rows: i64,
    /// Oldest version of the phone's program that is served.
    pub min_client: i64,
    /// Media types of photos.
    pub photo_mimes: Vec<String>,
}

impl PhoneRules {
    /// The preset.
    ///
    /// # Errors
    /// A preset that does not read: a fault of ours.
    pub fn preset() -> Result<PhoneRules> {
        toml::from_str(PRESET)
            .map_err(|e| KernelError::Internal(format!("presets/phone.toml: {e}")))
    }
}

/// The figures in force.
///
/// # Errors
/// The database, or a setting that does not read.
pub async fn phone_rules(app: &App) -> Result<PhoneRules> {
    match setting_read(app, SETTING).await? {
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("{SETTING}: {e}"))),
        None => PhoneRules::preset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_gives_a_phone_three_days_either_way_and_seventy_two_hours() {
        let rules = PhoneRules::preset().unwrap();
        assert_eq!(
            (rules.days_around, rules.lease_hours, rules.feed_days),
            (3, 72, 90)
        );
    }
}
