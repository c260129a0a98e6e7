//! The figures of daily meetings: which form, which of its fields is what, how
//! far back a record may be entered. A versioned preset that the setting
//! `field.daily_meeting` replaces as a whole. Knows no form and no record.

use serde::{Deserialize, Serialize};
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::setting_read;

/// Name of the setting.
pub const SETTING: &str = "field.daily_meeting";
/// The preset as shipped.
pub const PRESET: &str = include_str!("../../presets/daily_meeting.toml");

/// Names of the form's fields that mean something to the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// Day of the meeting.
    pub day: String,
    /// Which of the day's meetings.
    pub session: String,
    /// People who were there.
    pub present: String,
    /// Households of the last planned day.
    pub households: String,
    /// Valid records of it.
    pub valid_records: String,
    /// `yes` or `no`: something is owed.
    pub behind: String,
}

/// All figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeetingRules {
    /// Counts changes.
    pub version: i64,
    /// The form.
    pub form: String,
    /// Days back from today for which a record may be entered.
    pub days_back: i32,
    /// What its fields are.
    pub fields: Fields,
}

impl MeetingRules {
    /// The preset.
    ///
    /// # Errors
    /// A preset that does not read: a fault of ours.
    pub fn preset() -> Result<MeetingRules> {
        toml::from_str(PRESET)
            .map_err(|e| KernelError::Internal(format!("presets/daily_meeting.toml: {e}")))
    }
}

/// The figures in force.
///
/// # Errors
/// The database, or a setting that does not read.
pub async fn meeting_rules(app: &App) -> Result<MeetingRules> {
    match setting_read(app, SETTING).await? {
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("{SETTING}: {e}"))),
        None => MeetingRules::preset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_names_the_form_of_the_pack() {
        let rules = MeetingRules::preset().unwrap();
        assert_eq!(
            (rules.form.as_str(), rules.days_back),
            ("morning-meeting", 31)
        );
        assert_eq!(rules.fields.session, "session");
    }
}
