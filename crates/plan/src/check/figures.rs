//! Figures of the check that the source documents do not give: the preset of
//! the house (`presets/check.toml`), overridden by the campaign's own
//! `[parameters.check]`. Pure; a figure of the wrong kind leaves the preset.

use crate::definition::{Definition, Scalar};
use serde::Deserialize;
use std::collections::BTreeMap;
use zf_base::time::Clock;

/// Name of the group of parameters in a campaign file.
const GROUP: &str = "check";

/// See `presets/check.toml` for the meaning of each figure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    evening_from: String,
    latest_end: String,
    /// Beginning of the break that a repair puts in, `12:00`.
    pub lunch_start: String,
    /// Its end.
    pub lunch_end: String,
    /// Hours.
    pub overtime_hours_per_month: u32,
    /// What must be printed for something carried: one of the list.
    pub covered_by: BTreeMap<String, Vec<String>>,
}

impl Figures {
    pub fn of(d: &Definition) -> Figures {
        let mut f: Figures = toml::from_str(include_str!("../../presets/check.toml"))
            .unwrap_or_else(|_| Figures::none());
        let own = d.parameters.get(GROUP);
        let own = |key: &str| own.and_then(|g| g.get(key));
        if let Some(Scalar::Text(t)) = own("evening_from") {
            f.evening_from.clone_from(t);
        }
        if let Some(Scalar::Text(t)) = own("latest_end") {
            f.latest_end.clone_from(t);
        }
        if let Some(Scalar::Int(n)) = own("overtime_hours_per_month") {
            f.overtime_hours_per_month = u32::try_from(*n).unwrap_or(u32::MAX);
        }
        f
    }

    /// Nothing is an evening and nothing is too much.
    fn none() -> Figures {
        Figures {
            evening_from: String::new(),
            latest_end: String::new(),
            lunch_start: String::new(),
            lunch_end: String::new(),
            overtime_hours_per_month: u32::MAX,
            covered_by: BTreeMap::new(),
        }
    }

    /// Whether a window that begins then is an evening.
    pub fn is_evening(&self, start: Clock) -> bool {
        self.evening_from
            .parse()
            .is_ok_and(|from: Clock| start >= from)
    }

    /// Whether a window may end then.
    pub fn may_end(&self, end: Clock) -> bool {
        self.latest_end.parse().is_ok_and(|last: Clock| end <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preset_of_the_house_can_be_read() {
        let f: Figures = toml::from_str(include_str!("../../presets/check.toml")).unwrap();
        assert_eq!(f.overtime_hours_per_month, 36);
        assert!(f.is_evening("18:30".parse().unwrap()) && !f.is_evening("14:00".parse().unwrap()));
        assert!(f.may_end("20:00".parse().unwrap()) && !f.may_end("23:28".parse().unwrap()));
    }
}
