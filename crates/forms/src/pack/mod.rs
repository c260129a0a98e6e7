//! A pack: a module as data (forms, menu, roles, indicators, a campaign preset,
//! must-visit groups, words, scenarios). Reads a folder through [`PackFiles`],
//! reports every problem with file and key, and hands a typed [`Pack`] to the
//! kernel. Knows no pack by name and no database.

mod aliases;
mod groups;
mod load;
mod model;
pub mod tasks;
mod validate;

pub use aliases::{Aliases, quote_bare_keys};
pub use groups::{GroupMatcher, Hit};
pub use load::load;
pub use model::{
    Expect, Good, Indicator, MenuEntry, MustVisit, MustVisitGroup, MustVisitKind, Norm, Origin,
    Pack, Parameter, Period, ProgramTemplate, Role, Scenario, Step, Thresholds, Words,
};

/// Where a pack's files come from: a folder, an embedded archive, a test.
pub trait PackFiles {
    /// Paths of all files, relative to the pack, with `/`.
    fn list(&self) -> Vec<String>;
    /// The bytes of one file; `None` when there is no such file.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// Something that must be put right before the pack can be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PackProblem {
    /// Path inside the pack, e.g. `roles.toml`.
    pub file: String,
    /// Where in the file, e.g. `role.visitor.permissions`; empty for the whole file.
    pub key: String,
    /// What is wrong, in Chinese.
    pub what: String,
}

impl std::fmt::Display for PackProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.file, self.key, self.what)
    }
}

/// Every permission that exists. An operation declares one of these; a role
/// lists some of them; nothing is allowed that is not listed.
pub const PERMISSIONS: &[&str] = &[
    "audit.read",
    "audit.verify",
    "calendar.read",
    "calendar.write",
    "customer.export",
    "customer.merge",
    "customer.read",
    "customer.reveal",
    "customer.transfer",
    "customer.write",
    "device.write",
    "export.approve",
    "form.read",
    "grant.write",
    "group.read",
    "group.write",
    "import.read",
    "import.write",
    "indicator.read",
    "job.read",
    "overview.read",
    "pack.read",
    "plan.confirm",
    "visit.read",
    "visit.write",
    "visit.review",
    "plan.read",
    "plan.write",
    "privacy.approve",
    "privacy.read",
    "privacy.write",
    "program.approve",
    "program.read",
    "program.write",
    "security.write",
    "staff.read",
    "staff.write",
    "system.read",
    "system.write",
    "task.manage",
    "task.read",
    "task.write",
    "unit.read",
    "unit.write",
    "user.read",
    "user.write",
];
