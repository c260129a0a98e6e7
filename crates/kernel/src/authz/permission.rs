//! The list of permissions. Adding an operation means choosing one of these or
//! adding one here and to the roles of the packs; the OpenAPI document shows
//! the permission of every operation, and the permission sweep calls each.

use std::fmt;
use std::str::FromStr;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// One thing an account may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $name),* }
        impl Permission {
            /// All of them.
            pub const ALL: &'static [Permission] = &[$(Permission::$name),*];
            /// The name used in packs, in the API and in the audit log.
            pub fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $text),* }
            }
        }
    };
}

permissions! {
    /// See the organisation tree.
    UnitRead = "unit.read",
    /// Add and change units.
    UnitWrite = "unit.write",
    /// See staff.
    StaffRead = "staff.read",
    /// Add and change staff.
    StaffWrite = "staff.write",
    /// See customers, masked.
    CustomerRead = "customer.read",
    /// Add and change customers.
    CustomerWrite = "customer.write",
    /// See full values, with a reason.
    CustomerReveal = "customer.reveal",
    /// Take lists out.
    CustomerExport = "customer.export",
    /// Decide whether two records are one person, and take it back.
    CustomerMerge = "customer.merge",
    /// Move customers to another branch.
    CustomerTransfer = "customer.transfer",
    /// Grant exports that somebody else has asked for.
    ExportApprove = "export.approve",
    /// See the rules of must-visit groups and how many households they find.
    GroupRead = "group.read",
    /// Change the rules of must-visit groups.
    GroupWrite = "group.write",
    /// See sources, lawful bases, consents and requests of customers.
    PrivacyRead = "privacy.read",
    /// Record consents, refusals and requests of customers; propose lawful bases.
    PrivacyWrite = "privacy.write",
    /// Grant lawful bases, retention and erasure that somebody else has proposed.
    PrivacyApprove = "privacy.approve",
    /// See imports.
    ImportRead = "import.read",
    /// Start and stop imports.
    ImportWrite = "import.write",
    /// See programs.
    ProgramRead = "program.read",
    /// Make and change programs.
    ProgramWrite = "program.write",
    /// Start and close programs.
    ProgramApprove = "program.approve",
    /// See week plans.
    PlanRead = "plan.read",
    /// Make and change week plans.
    PlanWrite = "plan.write",
    /// Confirm the own branch's plan.
    PlanConfirm = "plan.confirm",
    /// See visits, masked.
    VisitRead = "visit.read",
    /// Hand in visits, from a phone or at the desk.
    VisitWrite = "visit.write",
    /// Decide what is to become of visits that need a look.
    VisitReview = "visit.review",
    /// Enrol and revoke phones, and see what they still hold.
    DeviceWrite = "device.write",
    /// See the overview.
    OverviewRead = "overview.read",
    /// See accounts.
    UserRead = "user.read",
    /// Make, reset, unlock and retire accounts.
    UserWrite = "user.write",
    /// Give and take roles.
    GrantWrite = "grant.write",
    /// Change the security policy.
    SecurityWrite = "security.write",
    /// See the audit log.
    AuditRead = "audit.read",
    /// Re-compute the audit chain.
    AuditVerify = "audit.verify",
    /// See the state of the system.
    SystemRead = "system.read",
    /// Change settings, keys and packs.
    SystemWrite = "system.write",
    /// See packs.
    PackRead = "pack.read",
    /// See jobs.
    JobRead = "job.read",
    /// See the work calendar.
    CalendarRead = "calendar.read",
    /// Correct the work calendar.
    CalendarWrite = "calendar.write",
    /// See forms.
    FormRead = "form.read",
    /// See indicators.
    IndicatorRead = "indicator.read",
    /// See tasks and routines.
    TaskRead = "task.read",
    /// Work on the own tasks, open tasks by hand, comment.
    TaskWrite = "task.write",
    /// Assign, pause and cancel the tasks of others; change routines.
    TaskManage = "task.manage",
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Permission::ALL
            .iter()
            .copied()
            .find(|p| p.as_str() == s)
            .ok_or_else(|| s.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_program_know_the_same_permissions() {
        let known: std::collections::BTreeSet<&str> =
            zf_forms::pack::PERMISSIONS.iter().copied().collect();
        let ours: std::collections::BTreeSet<&str> =
            Permission::ALL.iter().map(|p| p.as_str()).collect();
        assert_eq!(known, ours);
    }

    #[test]
    fn names_are_unique_and_read_back() {
        for p in Permission::ALL {
            assert_eq!(p.as_str().parse::<Permission>(), Ok(*p));
        }
        let mut names: Vec<_> = Permission::ALL.iter().map(|p| p.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Permission::ALL.len());
        assert!("customer.everything".parse::<Permission>().is_err());
    }
}
