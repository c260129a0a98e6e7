//! The contents of a pack as types. Each struct is one entry of one TOML file;
//! unknown keys are refused, because in a hand-written file they are typing errors.
//! What must hold between entries is in `validate`.

use crate::model::Form;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text in Chinese and English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One module as data.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    /// Stable name; the folder's.
    pub id: String,
    /// `major.minor.patch`.
    pub version: String,
    /// Name for people.
    pub title: Words,
    /// One sentence for people.
    pub summary: Words,
    /// Access roles.
    pub roles: Vec<Role>,
    /// Menu entries, in their order.
    pub menu: Vec<MenuEntry>,
    /// Forms, all checked.
    pub forms: Vec<Form>,
    /// Indicator definitions.
    pub indicators: Vec<Indicator>,
    /// Facts that must add up.
    pub norms: Vec<Norm>,
    /// Presets of programs: `program.toml` first, then its variants.
    pub program_templates: Vec<ProgramTemplate>,
    /// Groups of customers to visit; empty when the pack has none.
    pub must_visit: MustVisit,
    /// Texts by language (`zh-CN`, `en`) and dotted key.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Tests replayed over HTTP.
    pub scenarios: Vec<Scenario>,
    /// What each key of `program.toml` means and where it comes from.
    pub parameters: Vec<Parameter>,
    /// Flows, kinds of tasks and routines.
    pub tasks: super::tasks::Tasks,
    /// Chinese keys and values of program files.
    pub aliases: super::Aliases,
}

/// A named set of permissions; the scope comes with the grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub name: Words,
    /// Levels of the units it may be granted on; empty = every level.
    #[serde(default)]
    pub levels: Vec<String>,
    /// Nothing else is allowed.
    pub permissions: Vec<String>,
    /// Roles that the same person may not hold.
    #[serde(default)]
    pub excludes: Vec<String>,
}

/// One line of the console's menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuEntry {
    /// Stable name.
    pub id: String,
    /// Text.
    pub label: Words,
    /// Path in the console, starting with `/`.
    pub path: String,
    /// Name of an icon.
    #[serde(default)]
    pub icon: String,
    /// Shown to those who have it.
    pub permission: String,
    /// Small comes first.
    pub order: i64,
}

/// Which way an indicator is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Good {
    /// Larger is better.
    Up,
    /// Smaller is better.
    Down,
}

/// How often an indicator is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// Daily.
    Day,
    /// ISO week.
    Week,
    /// Calendar month.
    Month,
    /// Calendar quarter.
    Quarter,
    /// Whole program.
    Program,
}

/// Bounds in the indicator's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// What is wanted.
    pub target: Option<f64>,
    /// Worse than this is shown as a warning.
    pub warn: Option<f64>,
}

/// The definition of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Stable name.
    pub id: String,
    /// Name for people.
    pub title: Words,
    /// Unit of the value, e.g. `户`, `%`, `min`.
    pub unit: String,
    /// Good direction.
    pub good: Good,
    /// Period of one observation.
    pub period: Period,
    /// What is counted.
    pub numerator: Words,
    /// What it is divided by; none for plain counts.
    #[serde(default)]
    pub denominator: Option<Words>,
    /// Role that answers for it.
    #[serde(default)]
    pub owner: Option<String>,
    /// The whole whose parts must add to 100 %.
    #[serde(default)]
    pub part_of: Option<String>,
    /// Target and warning bound.
    #[serde(default)]
    pub thresholds: Thresholds,
    /// Requirement IDs.
    #[serde(default)]
    pub req: Vec<String>,
}

/// Facts of staffing, service levels or budget that must agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// So far `sum`: the parts add up to the total.
    pub kind: String,
    /// Names of the parts.
    pub parts: Vec<String>,
    /// Name of the total.
    pub total: String,
}

/// A preset of a program, still as TOML: `plan` owns its typed model.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramTemplate {
    /// Name of the file without `.toml`.
    pub id: String,
    /// Name of the file.
    pub file: String,
    /// The text, comments included.
    pub text: String,
    /// The text parsed, Chinese keys already replaced.
    pub table: toml::Table,
}

impl ProgramTemplate {
    /// A value by dotted path; entries of arrays are named by their `id`
    /// (`phase.visit.start`).
    pub fn get(&self, path: &str) -> Option<&toml::Value> {
        let mut segments = path.split('.');
        let mut value = self.table.get(segments.next()?)?;
        for segment in segments {
            value = match value {
                toml::Value::Table(t) => t.get(segment)?,
                toml::Value::Array(a) => a
                    .iter()
                    .find(|e| e.get("id").and_then(|id| id.as_str()) == Some(segment))?,
                _ => return None,
            };
        }
        Some(value)
    }
}

/// Groups of customers to visit first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MustVisit {
    /// What predicates may read: name → type.
    pub variables: BTreeMap<String, zf_expr::Ty>,
    /// The groups.
    pub groups: Vec<MustVisitGroup>,
}

/// One group: customers with its tag, or for whom `when` is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustVisitGroup {
    /// Stable name.
    pub code: String,
    /// Tag in imported files.
    pub tag: String,
    /// Name for people.
    pub name: Words,
    /// Points for the choice of targets; a customer gets the best of its groups.
    pub priority: i64,
    /// CEL predicate over the variables and parameters.
    #[serde(default)]
    pub when: Option<String>,
    /// Finer kinds with tags of their own; they count as this group.
    #[serde(default)]
    pub kinds: Vec<MustVisitKind>,
    /// Whether lists of it need a lawful-basis record approved by two people.
    #[serde(default)]
    pub lawful_basis: bool,
    /// Whether the branch ticks it household by household, because no file knows it.
    #[serde(default)]
    pub on_tick_sheet: bool,
    /// Not one of the ten of CUS-001.
    #[serde(default)]
    pub extra: bool,
    /// Requirement IDs.
    #[serde(default)]
    pub req: Vec<String>,
}

/// A finer kind of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MustVisitKind {
    /// Stable name.
    pub code: String,
    /// Tag in imported files.
    pub tag: String,
    /// Name for people.
    pub name: Words,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Printed in the source documents.
    Source,
    /// The source is ambiguous; this reading was chosen.
    Resolution,
    /// The source is silent; our value.
    Default,
    /// What a bank may do today.
    Compliance,
}

/// The description of one key of `program.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Path as in [`ProgramTemplate::get`].
    pub key: String,
    /// Name for people.
    pub title: Words,
    /// Unit, e.g. `户`, `分`, `天`; empty for words.
    #[serde(default)]
    pub unit: String,
    /// Requirement IDs.
    pub req: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A test as data: HTTP calls with expected answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name of the file without `.toml`.
    pub id: String,
    /// Name for people.
    pub title: Words,
    /// Calls in order.
    pub steps: Vec<Step>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `METHOD /path`; `{name}` in the path is replaced by a saved value.
    pub call: String,
    /// A role of this pack, or `anonymous`.
    #[serde(rename = "as")]
    pub role: String,
    /// JSON body.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
    /// What must come back.
    pub expect: Expect,
    /// Name → JSON pointer into the answer, for later steps.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
}

impl Step {
    /// Method and path.
    pub fn method_and_path(&self) -> Option<(&str, &str)> {
        self.call.split_once(' ')
    }
}

/// What a call must answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// HTTP status.
    pub status: u16,
    /// Subset of the JSON answer, see [`Expect::met_by`].
    #[serde(default)]
    pub json: Option<serde_json::Value>,
}

impl Expect {
    /// Whether the answer's JSON contains the expected subset: named keys of
    /// objects must be equal, each expected item of a list must occur in it.
    pub fn met_by(&self, answer: &serde_json::Value) -> bool {
        fn contains(answer: &serde_json::Value, wanted: &serde_json::Value) -> bool {
            use serde_json::Value as Json;
            match (answer, wanted) {
                (Json::Object(a), Json::Object(w)) => w
                    .iter()
                    .all(|(k, v)| a.get(k).is_some_and(|x| contains(x, v))),
                (Json::Array(a), Json::Array(w)) => {
                    w.iter().all(|v| a.iter().any(|x| contains(x, v)))
                }
                (a, w) => a == w,
            }
        }
        self.json
            .as_ref()
            .is_none_or(|wanted| contains(answer, wanted))
    }
}
