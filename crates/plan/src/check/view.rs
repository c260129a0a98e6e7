//! A report as people and the API read it: findings with sentences, figures
//! with labels, one row per outlet. The sentences come from `words`; the typed
//! figures go along for programs.

use super::finding::{Finding, Severity};
use super::{CheckReport, words};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Turns the code of a post into its name.
pub type PostName<'a> = &'a dyn Fn(&str) -> String;

/// The whole report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CheckView {
    /// Number of errors; a program with errors cannot be started.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Errors first.
    pub findings: Vec<FindingView>,
    /// One row per outlet.
    pub capacity: Vec<CapacityView>,
}

/// One finding in words.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingView {
    /// Stable code.
    pub code: String,
    /// `error`, `warning` or `note`.
    #[schema(value_type = String)]
    pub severity: Severity,
    /// Requirement behind it.
    pub requirement: String,
    /// A few words.
    pub title: String,
    /// What is the matter, with figures.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// How much is missing.
    pub missing: Option<Quantity>,
    /// Ways out.
    pub repairs: Vec<RepairView>,
    /// Figures.
    pub facts: Vec<Fact>,
    /// The same figures for programs.
    #[schema(value_type = Object)]
    pub figures: serde_json::Value,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Quantity {
    /// How much.
    pub value: u64,
    /// Of what.
    pub unit: String,
}

/// A way out in words.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RepairView {
    /// What to do.
    pub text: String,
    /// What that brings.
    pub effect: String,
    /// What to change in the campaign file; absent when it cannot be done there.
    pub apply: Option<Vec<EditView>>,
}

/// A value of the campaign file: where it stands, and what it becomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditView {
    /// Section, ids of list entries, key: `["phase", "greeting", "start"]`.
    pub path: Vec<String>,
    /// As in the JSON of the campaign file.
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
}

/// A labelled figure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The figure with its unit.
    pub value: String,
}

/// What an outlet can do against what it must.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CapacityView {
    /// Id; nil when the outlet comes from a file.
    pub unit_id: Uuid,
    /// The bank's code; empty = any outlet.
    pub unit_code: String,
    /// Name.
    pub unit_name: String,
    /// Households a day that can be visited.
    pub per_day: u64,
    /// Households a day asked for.
    pub needed_per_day: u64,
    /// Workdays inside the phases.
    pub planned_days: u64,
    /// Households over the campaign that can be visited.
    pub total_possible: u64,
    /// Households over the campaign asked for.
    pub total_needed: u64,
    /// What is missing.
    pub short: u64,
}

/// The report in words.
pub fn view(report: &CheckReport, post_name: PostName<'_>) -> CheckView {
    CheckView {
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        findings: report
            .findings
            .iter()
            .enumerate()
            .map(|(at, f)| finding(report, at, f, post_name))
            .collect(),
        capacity: report
            .capacity
            .iter()
            .map(|c| CapacityView {
                unit_id: c.unit_id.uuid(),
                unit_code: c.code.clone(),
                unit_name: if c.code.is_empty() {
                    words::ANY_OUTLET.to_owned()
                } else {
                    c.name.clone()
                },
                per_day: c.per_day,
                needed_per_day: c.needed_per_day,
                planned_days: c.planned_days,
                total_possible: c.total_possible,
                total_needed: c.total_needed,
                short: c.short,
            })
            .collect(),
    }
}

fn edits(report: &CheckReport, finding: usize, repair: usize) -> Option<Vec<EditView>> {
    let mut offers = report.offers.iter();
    let offer = offers.find(|o| (o.finding, o.repair) == (finding, repair))?;
    let view = |e: &super::Edit| EditView {
        path: e.path.clone(),
        value: e.value.clone(),
    };
    Some(offer.edits.iter().map(view).collect())
}

fn finding(report: &CheckReport, at: usize, f: &Finding, post_name: PostName<'_>) -> FindingView {
    FindingView {
        code: f.issue.code().to_owned(),
        severity: f.severity,
        requirement: f.requirement.to_owned(),
        title: words::title(&f.issue),
        what: words::what(&f.issue, post_name),
        why: words::why(&f.issue).to_owned(),
        missing: words::missing(&f.issue).map(|(value, unit)| Quantity {
            value,
            unit: unit.to_owned(),
        }),
        repairs: f
            .repairs
            .iter()
            .enumerate()
            .map(|(n, r)| RepairView {
                apply: edits(report, at, n),
                ..words::repair(r, post_name)
            })
            .collect(),
        facts: words::facts(&f.issue),
        figures: serde_json::to_value(&f.issue).unwrap_or_default(),
    }
}

/// The report as plain text for a terminal.
pub fn render_text(report: &CheckReport, post_name: PostName<'_>) -> String {
    words::text(&view(report, post_name))
}
