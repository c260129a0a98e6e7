//! 采集进度 (PLN-009): after the village groups have been covered, what is still
//! missing is collected by administrative village and mail route (邮路段道).
//! Counts households, those with all four fields (CUS-016, as 信息完整率 does),
//! and visits made; leads to the households still missing. Which of these units
//! the daytime visits of the postman take first is decided in [`focus`].

pub mod focus;
pub mod http;
pub mod service;
pub mod store;
pub mod words;

use zf_base::UnitId;

/// An administrative village and a mail route; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    /// 乡镇.
    pub township: String,
    /// 行政村.
    pub village: String,
    /// 邮路段道.
    pub mail_route: String,
}

/// How far collection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Households.
    pub households: i64,
    /// With all four fields of every member.
    pub complete: i64,
    /// Households with a visit of the campaign.
    pub visited: i64,
    /// Visits of the campaign.
    pub visits: i64,
}

impl Progress {
    /// Households of which something is still missing.
    pub fn missing(self) -> i64 {
        self.households - self.complete
    }

    /// Both together.
    pub fn plus(self, other: Progress) -> Progress {
        Progress {
            households: self.households + other.households,
            complete: self.complete + other.complete,
            visited: self.visited + other.visited,
            visits: self.visits + other.visits,
        }
    }
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct AreaRow {
    /// The branch.
    pub unit_id: UnitId,
    /// Its code.
    pub unit_code: String,
    /// Its name.
    pub unit_name: String,
    /// Village and mail route.
    pub area: Area,
    /// Village groups in it.
    pub groups: i64,
    /// How far.
    pub progress: Progress,
}
