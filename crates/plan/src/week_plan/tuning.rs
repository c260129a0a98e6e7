//! Figures of ranking and searching that the source documents do not give: the
//! preset of the house (`presets/planner.toml`), overridden by the campaign's
//! own `[parameters.planner]`. Pure.

use crate::definition::Definition;
use serde::Deserialize;
use zf_kernel::error::{KernelError, Result};

/// Name of the group of parameters in a campaign file.
const GROUP: &str = "planner";

/// See `presets/planner.toml` for the meaning of each figure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Points of every household.
    pub points_base: i64,
    /// Points per missing one of the four fields.
    pub points_missing_field: i64,
    /// Points on top for households without complete data of the village and mail route that is collected first.
    pub points_later_unit: i64,
    /// Points of a maturity today, falling to 0 at the end of the notice days.
    pub points_due: i64,
    /// Points on top in the week in which something matures.
    pub points_due_in_week: i64,
    /// Seconds on the road that a point is worth.
    pub seconds_per_point: i64,
    /// Steps of the search per branch and week.
    pub iterations: u64,
    /// Steps when a week is planned again from an earlier plan.
    pub iterations_again: u64,
    /// Seconds on the road that it must save to change an earlier plan by one visit.
    pub seconds_per_change: i64,
    /// Targets offered to the search per visit that fits.
    pub candidates_per_slot: usize,
    /// At least so many targets.
    pub candidates_min: usize,
    /// Preliminary half-days in a row.
    pub preliminary_half_days: u32,
    /// Precise half-days in a row.
    pub precise_half_days: u32,
    /// Targets left out that are listed with their reason.
    pub unserved_listed: usize,
    /// Font of titles on paper.
    pub title_font: String,
    /// Font of everything else on paper.
    pub body_font: String,
}

impl Tuning {
    /// The preset with what the campaign says instead.
    ///
    /// # Errors
    /// A figure of the campaign that is not of the preset's kind.
    pub fn of(definition: &Definition) -> Result<Tuning> {
        let fault = |e: toml::de::Error| {
            KernelError::Internal(format!("planner parameters: {}", e.message()))
        };
        let mut table: toml::Table =
            toml::from_str(include_str!("../../presets/planner.toml")).map_err(fault)?;
        for (name, value) in definition.parameters.get(GROUP).into_iter().flatten() {
            let value = toml::Value::try_from(value)
                .map_err(|e| KernelError::Internal(format!("{GROUP}.{name}: {e}")))?;
            table.insert(name.clone(), value);
        }
        table.try_into().map_err(fault)
    }

    /// Preliminary and precise half-days that take turns (CMP-011); never both 0.
    pub fn turns(&self) -> (u32, u32) {
        let (first, second) = (self.preliminary_half_days, self.precise_half_days);
        (first, if first == 0 { second.max(1) } else { second })
    }
}
