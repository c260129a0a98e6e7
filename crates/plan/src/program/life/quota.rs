//! Which daily quota held on which day. A quota that is changed while a
//! campaign runs holds from the next week on (from its first day when it has
//! not begun), so that days already planned or visited are measured by the
//! figure they were given. Pure but for [`quota_history`], which reads the rows.

use super::store::*;
use crate::program::{Program, State};
use std::collections::HashMap;
use zf_base::{Day, UnitId};
use zf_kernel::error::Result;
use zf_kernel::{App, Ctx, UnitTx};
use zf_store::params;

/// Quotas of one branch in one campaign, in households per planned day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotaHistory {
    /// The branch's own figures with the day each holds from, oldest first;
    /// none = the campaign's figure from that day on.
    pub own: Vec<(Day, Option<i64>)>,
    /// The branch's own figure where there is no history.
    pub own_now: Option<i64>,
    /// The campaign's figures with the day each holds from, oldest first.
    pub campaign: Vec<(Day, i64)>,
    /// The campaign's figure where there is no history.
    pub campaign_now: i64,
}

impl QuotaHistory {
    /// The quota that holds on a day.
    pub fn on(&self, day: Day) -> i64 {
        self.own_on(day)
            .unwrap_or_else(|| in_force(&self.campaign, day).unwrap_or(self.campaign_now))
    }

    /// The branch's own figure on a day; none = the campaign's.
    pub fn own_on(&self, day: Day) -> Option<i64> {
        in_force(&self.own, day).unwrap_or(self.own_now)
    }

    /// The next change after a day: from when, and the quota then.
    pub fn next_change(&self, after: Day) -> Option<(Day, i64)> {
        let days = self.own.iter().map(|(d, _)| *d);
        let mut days: Vec<Day> = days.chain(self.campaign.iter().map(|(d, _)| *d)).collect();
        days.sort_unstable();
        let changed = |day: &Day| *day > after && self.on(*day) != self.on(day.plus_days(-1));
        let day = days.into_iter().find(changed)?;
        Some((day, self.on(day)))
    }
}

/// The newest row of this day or before; before the first row, the first.
fn in_force<T: Copy>(rows: &[(Day, T)], day: Day) -> Option<T> {
    let before = rows.iter().rev().find(|(from, _)| *from <= day);
    before.or_else(|| rows.first()).map(|(_, value)| *value)
}

/// From which day a quota changed today holds: none while the campaign is a
/// draft, its first day before it begins, then the next Monday.
pub fn holds_from(state: State, first_day: Day, today: Day) -> Option<Day> {
    match state {
        State::Draft => None,
        _ if today < first_day => Some(first_day),
        _ => Some(today.week().next().monday()),
    }
}

/// The history of one branch.
pub async fn quota_history(app: &App, program: &Program, unit: UnitId) -> Result<QuotaHistory> {
    let own = app
        .read_unit(unit, UNIT_QUOTAS, params![program.id])
        .await?;
    let now = app
        .read_unit(unit, UNIT_QUOTA_NOW, params![program.id])
        .await?;
    Ok(QuotaHistory {
        own: own
            .iter()
            .map(|r| Ok((r.get(0)?, r.get(1)?)))
            .collect::<Result<_>>()?,
        own_now: now.first().map(|r| r.get(0)).transpose()?.flatten(),
        ..campaign_history(app, program).await?
    })
}

/// The campaign's own part of every branch's history.
pub async fn campaign_history(app: &App, program: &Program) -> Result<QuotaHistory> {
    let rows = app.db.query(QUOTAS, params![program.id]).await?;
    Ok(QuotaHistory {
        campaign: rows
            .iter()
            .map(|r| Ok((r.get(0)?, r.get(1)?)))
            .collect::<Result<_>>()?,
        campaign_now: i64::from(program.definition.quota.households_per_outlet_per_day),
        ..QuotaHistory::default()
    })
}

/// Own histories of all branches that have one.
pub async fn own_histories(
    app: &App,
    program: &Program,
) -> Result<HashMap<UnitId, Vec<(Day, Option<i64>)>>> {
    let mut all: HashMap<UnitId, Vec<(Day, Option<i64>)>> = HashMap::new();
    for row in app.db.query(UNIT_QUOTAS_ALL, params![program.id]).await? {
        let entry = (row.get(1)?, row.get(2)?);
        all.entry(row.get(0)?).or_default().push(entry);
    }
    Ok(all)
}

/// Remembers a change of the campaign's quota, inside the transaction of the
/// change. `next` is the campaign's figure from now on.
pub(crate) async fn remember(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    old: &Program,
    next: u32,
) -> Result<()> {
    let before = old.definition.quota.households_per_outlet_per_day;
    let Some(from) = holds_from(old.state, old.first_day, ctx.today()) else {
        return Ok(());
    };
    if next == before {
        return Ok(());
    }
    let row = |day: Day, quota: u32| {
        params![
            old.id,
            day,
            i64::from(quota),
            ctx.actor.name.as_str(),
            ctx.now
        ]
    };
    tx.exec(QUOTA_FIRST, row(old.first_day, before)).await?;
    tx.exec(QUOTA_PUT, row(from, next)).await?;
    Ok(())
}

/// The same for a branch's own quota.
pub(crate) async fn remember_own(
    tx: &mut UnitTx<'_>,
    ctx: &Ctx,
    program: &Program,
    before: Option<i64>,
    next: i64,
) -> Result<()> {
    let Some(from) = holds_from(program.state, program.first_day, ctx.today()) else {
        return Ok(());
    };
    if before == Some(next) {
        return Ok(());
    }
    let row = |day: Day, quota: Option<i64>| {
        params![program.id, day, quota, ctx.actor.name.as_str(), ctx.now]
    };
    tx.exec(UNIT_QUOTA_FIRST, row(program.first_day, before))
        .await?;
    tx.exec(UNIT_QUOTA_PUT, row(from, Some(next))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_quota_changed_on_a_wednesday_holds_from_the_next_monday() {
        // 2016-11-16 is a Wednesday.
        let first = day("2016-10-01");
        let from = |state, today: &str| holds_from(state, first, day(today));
        assert_eq!(from(State::Started, "2016-11-16"), Some(day("2016-11-21")));
        assert_eq!(from(State::Paused, "2016-11-20"), Some(day("2016-11-21")));
        assert_eq!(from(State::Started, "2016-11-21"), Some(day("2016-11-28")));
        assert_eq!(from(State::Started, "2016-09-20"), Some(first));
        assert_eq!(from(State::Draft, "2016-11-16"), None);
    }

    #[test]
    fn days_before_a_change_keep_the_old_quota_and_a_branch_goes_before_its_campaign() {
        let campaign = QuotaHistory {
            campaign: vec![(day("2016-10-01"), 20), (day("2016-11-21"), 17)],
            campaign_now: 17,
            ..QuotaHistory::default()
        };
        let on = |h: &QuotaHistory, d: &str| h.on(day(d));
        assert_eq!(on(&campaign, "2016-11-20"), 20);
        assert_eq!(on(&campaign, "2016-11-21"), 17);
        assert_eq!(on(&campaign, "2016-09-01"), 20);
        let branch = QuotaHistory {
            own: vec![(day("2016-10-01"), None), (day("2016-12-05"), Some(9))],
            own_now: Some(9),
            ..campaign.clone()
        };
        assert_eq!(on(&branch, "2016-11-20"), 20);
        assert_eq!(on(&branch, "2016-12-04"), 17);
        assert_eq!(on(&branch, "2016-12-05"), 9);
        assert_eq!(
            branch.next_change(day("2016-11-16")),
            Some((day("2016-11-21"), 17))
        );
        assert_eq!(
            branch.next_change(day("2016-11-21")),
            Some((day("2016-12-05"), 9))
        );
        assert_eq!(branch.next_change(day("2016-12-05")), None);
    }

    #[test]
    fn without_a_history_the_figures_in_force_count() {
        let plain = QuotaHistory {
            campaign_now: 20,
            ..QuotaHistory::default()
        };
        assert_eq!(plain.on(day("2016-11-20")), 20);
        let own = QuotaHistory {
            own_now: Some(4),
            ..plain
        };
        assert_eq!(own.on(day("2016-11-20")), 4);
    }
}
