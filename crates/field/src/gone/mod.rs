//! Households that visitors did not find any more: moved away, or nobody is
//! known at the address (ERR-007). They left the pool of their campaign; the
//! branch looks into the address and puts them back with a reason, or they stay
//! where they are. Which outcomes mean it is the campaign's (`quota.gone_outcomes`);
//! what becomes of a target is the plan room's business.

pub mod http;
pub mod service;
pub mod store;

use zf_base::mask::{Masked, PersonName};
use zf_base::{CustomerId, Day, HouseholdId, TargetId, VillageGroupId, VisitId};

/// A target that is not to be found.
pub struct Gone {
    /// The target.
    pub target_id: TargetId,
    /// Its household.
    pub household_id: HouseholdId,
    /// The leading member.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: Masked<PersonName>,
    /// Village group.
    pub village_group_id: Option<VillageGroupId>,
    /// The last day on which nobody was found.
    pub day: Day,
    /// That visit, its outcome, and who wrote it down.
    pub visit: Option<(VisitId, String, String)>,
}
