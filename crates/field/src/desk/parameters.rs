//! The figures of the desk: which share of the forms is typed a second time,
//! and what a scan may be. A versioned preset that the setting `field.desk`
//! replaces as a whole; limits that protect the machine are in `zf_base::limits`.

use serde::{Deserialize, Serialize};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::setting_read;

/// Name of the setting.
pub const SETTING: &str = "field.desk";
/// The preset as shipped.
pub const PRESET: &str = include_str!("../../presets/desk.toml");

/// All figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskRules {
    /// Counts changes.
    pub version: i64,
    /// Share of the typed forms that somebody else types again, 0 to 1.
    pub double_share: f64,
    /// Media types of scans.
    pub scan_mimes: Vec<String>,
}

impl DeskRules {
    /// The preset.
    ///
    /// # Errors
    /// A preset that does not read: a fault of ours.
    pub fn preset() -> Result<DeskRules> {
        toml::from_str(PRESET).map_err(|e| KernelError::Internal(format!("presets/desk.toml: {e}")))
    }
}

/// The figures in force.
///
/// # Errors
/// The database, or a setting that does not read.
pub async fn desk_rules(app: &App) -> Result<DeskRules> {
    match setting_read(app, SETTING).await? {
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("{SETTING}: {e}"))),
        None => DeskRules::preset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_one_form_in_twenty_is_typed_twice() {
        let rules = DeskRules::preset().unwrap();
        assert_eq!(rules.double_share, 0.05);
        assert_eq!(rules.scan_mimes.len(), 3);
    }
}
