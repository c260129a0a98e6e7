//! Village groups (村组): the unit of rural coverage (PLN-009). A preliminary
//! visit sweeps a group; a customer without a door of their own is placed at
//! the group.

pub mod http;
pub mod service;
pub mod store;

use zf_base::VillageGroupId;
use zf_base::geo::{Datum, Point};

/// 村组 of a branch.
#[derive(Clone, Debug)]
pub struct VillageGroup {
    /// Id.
    pub id: VillageGroupId,
    /// The bank's code, unique in the branch.
    pub code: String,
    /// 乡镇.
    pub township: String,
    /// 村.
    pub village: String,
    /// Name of the group.
    pub name: String,
    /// 邮路段道: with the village, what is still missing is collected by it.
    pub mail_route: Option<String>,
    /// Where it is, WGS-84.
    pub place: Option<Point>,
    /// Datum the coordinates came in.
    pub datum: Option<Datum>,
}
