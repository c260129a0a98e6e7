//! Who may do what, where. A permission is a verb on a noun; a role is a set
//! of permissions and comes from a pack; a grant puts a role on a subtree of
//! the organisation. Default is deny. Post (岗位) is not role: a post says what
//! somebody does in a team, a role what the account may see.

pub mod permission;
pub mod roles;

pub use permission::Permission;

use crate::unit::Unit;
use zf_base::UnitId;

/// Proof that the actor may do something on one unit. Services that touch a
/// unit's rows take it as an argument, so code that forgot to ask does not
/// compile. Built by [`crate::Ctx::scope`] only.
#[derive(Clone, Debug)]
pub struct UnitScope {
    unit: Unit,
    permission: Permission,
}

impl UnitScope {
    pub(crate) fn new(unit: Unit, permission: Permission) -> UnitScope {
        UnitScope { unit, permission }
    }
    /// The unit in question.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }
    /// Its id.
    pub fn unit_id(&self) -> UnitId {
        self.unit.id
    }
    /// What was allowed.
    pub fn permission(&self) -> Permission {
        self.permission
    }
}
