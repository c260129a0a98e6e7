//! The figures of custody: days for a request, how many agree to a lawful
//! basis, which refusals bar a visit, how long records are kept, how small a
//! group may be shown. A versioned preset that the setting `custody.policy`
//! replaces as a whole; nothing here decides about a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zf_kernel::App;
use zf_kernel::error::{KernelError, Result};
use zf_kernel::setting::setting_read;

/// Name of the setting.
pub const SETTING: &str = "custody.policy";
/// The preset as shipped, also shown on the page of parameters.
pub const PRESET: &str = include_str!("../presets/custody.toml");

/// All rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Counts changes of the rules.
    pub version: i64,
    /// Requests of persons.
    pub request: RequestRules,
    /// Lawful bases.
    pub basis: BasisRules,
    /// Consents and refusals.
    pub consent: ConsentRules,
    /// Outside parties.
    pub share: ShareRules,
    /// How long records are kept.
    pub retention: RetentionRules,
}

/// Requests of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRules {
    /// Working days until a request has to be answered.
    pub due_workdays: usize,
}

/// Lawful bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasisRules {
    /// People who must agree; the proposer is none of them.
    pub approvals: usize,
    /// Longest validity, days.
    pub days_max: i32,
}

/// Consents and refusals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRules {
    /// Kinds whose refusal ends visits.
    pub bars_visit: Vec<String>,
    /// Kinds whose refusal ends calls and messages.
    pub bars_contact: Vec<String>,
    /// A refusal holds for the person only unless said otherwise.
    pub visit_person_only: bool,
    /// Codes of reasons.
    pub reasons: Vec<String>,
    /// Versions of the notice or form.
    pub form_versions: Vec<String>,
}

/// Outside parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRules {
    /// Smallest group that may be shown; an agreement may ask for more.
    pub k_min: i64,
    /// Longest validity of an agreement, days.
    pub days_max: i32,
}

/// How long records are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionRules {
    /// Most customers of one batch.
    pub batch_rows: i64,
    /// Rules in order; the first that matches counts.
    pub rule: Vec<RetentionRule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Stable code.
    pub id: String,
    /// Channel of the source, `*` = any.
    pub channel: String,
    /// Purpose of the source, `*` = any.
    pub purpose: String,
    /// From when the days count.
    pub after: After,
    /// Days.
    pub days: i32,
}

/// From when the days of a rule count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// The last change of the record.
    LastContact,
    /// The last day of the source.
    SourceEnd,
}

impl Policy {
    /// The preset.
    ///
    /// # Errors
    /// A preset that does not read: a fault of ours.
    pub fn preset() -> Result<Policy> {
        toml::from_str(PRESET)
            .map_err(|e| KernelError::Internal(format!("presets/custody.toml: {e}")))
    }
}

/// The rules in force.
///
/// # Errors
/// The database, or a setting that does not read.
pub async fn policy(app: &App) -> Result<Policy> {
    match setting_read(app, SETTING).await? {
        Some(own) => serde_json::from_value(own)
            .map_err(|e| KernelError::Internal(format!("{SETTING}: {e}"))),
        None => Policy::preset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_reads_and_asks_for_two_others_and_groups_of_five() {
        let p = Policy::preset().unwrap();
        assert_eq!(
            (p.request.due_workdays, p.basis.approvals, p.share.k_min),
            (15, 2, 5)
        );
        assert!(
            !p.consent.visit_person_only,
            "a refusal is the household's unless said otherwise"
        );
        let ids: std::collections::BTreeSet<_> = p.retention.rule.iter().map(|r| &r.id).collect();
        assert_eq!(ids.len(), p.retention.rule.len());
    }
}
