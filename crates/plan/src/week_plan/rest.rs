//! The rule for households where nobody was met (ERR-007): when one may be
//! planned again, and how often. Pure: tries and days come from the targets,
//! figures from the campaign.

use super::assign::Why;
use super::days::PlanDay;
use crate::definition::{Quota, VisitKind};
use zf_base::Day;

/// Tries of a household at which nobody was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// How often; 0 = never.
    pub times: i64,
    /// The last day; none = never.
    pub last: Option<Day>,
}

impl Tried {
    /// The first day on which it may be planned again; none = any day.
    pub fn not_before(&self, quota: &Quota) -> Option<Day> {
        let last = self.last.filter(|_| self.times > 0)?;
        // At most 90, as the file is read.
        Some(last.plus_days(quota.absent_retry_after_days as i32))
    }

    /// Why it is not planned in a week; none = it may be, on the days from
    /// [`Tried::not_before`] on.
    pub fn rest(&self, quota: &Quota, days: &[PlanDay]) -> Option<Why> {
        if self.times > i64::from(quota.absent_retries) {
            return Some(Why::TriedEnough { times: self.times });
        }
        let from = self.not_before(quota)?;
        let mut planned = days
            .iter()
            .filter(|d| d.kinds.contains(&VisitKind::Precise));
        // A week without any visit has a reason of its own.
        let over = planned.next_back().is_some_and(|last| last.day < from);
        over.then_some(Why::NotYet { from })
    }
}
