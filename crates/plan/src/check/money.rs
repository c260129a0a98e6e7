//! Money at stake, in 分: what the campaign may pay at most (SUP-006…008), and
//! what an outlet loses that cannot reach its quota (SUP-012…014). Knows
//! figures of the file and of the outlets; pays and decides nothing.

use super::finding::{Finding, Issue, Loss, Money, Repair, Severity};
use super::target::outlet_name;
use super::{Outlet, OutletCapacity, Plan};
use crate::definition::{ConsecutiveDays, PointsMeaning};
use zf_base::Fen;

pub(super) fn check(plan: &Plan<'_>, capacity: &[OutletCapacity], out: &mut Vec<Finding>) {
    most(plan, out);
    losses(plan, capacity, out);
}

fn times(fen: Fen, n: u64) -> Fen {
    Fen(fen.0.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn sum(parts: &[Fen]) -> Fen {
    Fen(parts.iter().fold(0, |sum: i64, f| sum.saturating_add(f.0)))
}

fn records(plan: &Plan<'_>, o: &Outlet) -> u64 {
    let own = o.plan_of(plan.definition).unwrap_or(0);
    u64::try_from(own).unwrap_or(0)
}

fn most(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let (d, outlets) = (plan.definition, &plan.network.outlets);
    let r = &d.reward;
    let count = (outlets.len() as u64).max(1);
    let planned: u64 = outlets.iter().map(|o| records(plan, o)).sum();
    let mut m = Money {
        outlets: outlets.len() as u64,
        without_plan: outlets.iter().filter(|o| records(plan, o) == 0).count() as u64,
        heads: times(r.head_fen, count),
        liaisons: times(r.liaison_fen, count),
        records: planned,
        for_records: times(r.per_record_fen, planned),
        total: Fen(0),
    };
    m.total = sum(&[m.heads, m.liaisons, m.for_records]);
    out.push(Finding {
        severity: Severity::Note,
        requirement: "SUP-006",
        issue: Issue::Money(m),
        repairs: vec![],
    });
}

/// Days with a deduction when no day of these phases reaches the quota: every
/// unbroken row of days loses its first ones.
fn days_deducted(plan: &Plan<'_>, short: &[bool]) -> u64 {
    let d = plan.definition;
    let free = u64::from(d.ladder.deduction_from_day.saturating_sub(1));
    let counted = match d.calendar.consecutive_days {
        ConsecutiveDays::Calendar => &plan.days,
        ConsecutiveDays::Planned | ConsecutiveDays::Working => &plan.workdays,
    };
    let mut order: Vec<usize> = (0..d.phase.len()).collect();
    order.sort_by_key(|i| d.phase[*i].start);
    let (mut days, mut row) = (0, 0u64);
    for i in order {
        if short[i] {
            row += counted[i];
            continue;
        }
        if counted[i] > 0 {
            days += row.saturating_sub(free);
            row = 0;
        }
    }
    days + row.saturating_sub(free)
}

fn losses(plan: &Plan<'_>, capacity: &[OutletCapacity], out: &mut Vec<Finding>) {
    let d = plan.definition;
    let mut worst: Option<Loss> = None;
    let (mut all, mut names, mut quota) = (Fen(0), Vec::new(), u64::MAX);
    for row in capacity.iter().filter(|row| row.short > 0) {
        let outlet = plan.network.outlets.iter().find(|o| o.code == row.code);
        let days = days_deducted(plan, &row.phases_short);
        let loss = loss_of(plan, outlet, days);
        all = sum(&[all, loss.most]);
        quota = quota.min(row.quota_possible);
        names.extend(outlet.map(outlet_name));
        if worst.as_ref().is_none_or(|w| loss.most > w.most) {
            worst = Some(loss);
        }
    }
    let Some(mut loss) = worst.filter(|w| w.most > Fen(0) || w.points > 0) else {
        return;
    };
    (loss.all, loss.outlets) = (all, names);
    let mut repairs = Vec::new();
    if quota > 0 && quota < u64::from(d.quota.households_per_outlet_per_day) {
        repairs.push(Repair::Quota { households: quota });
    }
    if !loss.outlets.is_empty() {
        repairs.push(Repair::OwnQuotas {
            outlets: loss.outlets.len() as u64,
        });
    }
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "SUP-012",
        issue: Issue::Loss(loss),
        repairs,
    });
}

fn loss_of(plan: &Plan<'_>, outlet: Option<&Outlet>, days: u64) -> Loss {
    let d = plan.definition;
    let items = outlet.map_or(0, |o| records(plan, o));
    let for_days = times(d.ladder.deduction_fen_per_day, days);
    let for_items = times(d.shortfall.deduction_fen_per_item, items);
    let points = match d.shortfall.points_meaning {
        PointsMeaning::Deduct => d.points.iter().map(|p| u64::from(p.points)).sum(),
        PointsMeaning::Weight => 0,
    };
    Loss {
        outlets: vec![],
        days,
        for_days,
        for_items,
        rewards: sum(&[d.reward.head_fen, d.reward.liaison_fen]),
        points,
        most: sum(&[for_days, for_items]),
        all: Fen(0),
    }
}
