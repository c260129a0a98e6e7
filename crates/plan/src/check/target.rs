//! Totals over the campaign, in households and records. Knows days and quotas,
//! not how anybody gets there (`capacity`): the slogan against what outlets can reach (ERR-003), collection
//! plans (ERR-061), households on the list (CMP-009).

use super::finding::{Finding, Issue, OutletName, Repair, Severity, SloganRow};
use super::{Outlet, Plan};

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    if plan.network.outlets.is_empty() {
        let repairs = vec![Repair::Import];
        out.push(Finding {
            severity: Severity::Note,
            requirement: "CMP-009",
            issue: Issue::NoOutlets,
            repairs,
        });
    }
    slogan(plan, out);
    collection(plan, out);
    households(plan, out);
}

pub(super) fn outlet_name(o: &Outlet) -> OutletName {
    OutletName {
        code: o.code.clone(),
        name: o.name.clone(),
    }
}

fn slogan(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let Some(customers) = plan
        .definition
        .program
        .slogan_customers
        .and_then(|n| u64::try_from(n).ok())
    else {
        return;
    };
    let quota = u64::from(plan.definition.quota.households_per_outlet_per_day);
    let planned = plan.planned_days();
    let outlets = plan.network.outlets.len() as u64;
    let possible: u64 = plan
        .network
        .outlets
        .iter()
        .map(|o| plan.must(o, None))
        .sum();
    if outlets > 0 && possible >= customers {
        return;
    }
    let missing = customers - possible;
    let rows = slogan_rows(plan, customers, quota);
    let mut repairs = Vec::new();
    let per_outlet = quota.saturating_mul(planned);
    if per_outlet > 0 {
        let add = missing.div_ceil(per_outlet);
        repairs.push(Repair::Outlets {
            add,
            total: outlets + add,
        });
    }
    if possible > 0 {
        repairs.push(Repair::SloganTo {
            customers: possible,
        });
    }
    let issue = Issue::Slogan {
        customers,
        quota,
        rows,
        outlets,
        possible,
        missing,
    };
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-003",
        issue,
        repairs,
    });
}

/// What one outlet reaches, phase by phase as far as they lie inside the
/// campaign, and over the whole campaign.
fn slogan_rows(plan: &Plan<'_>, customers: u64, quota: u64) -> Vec<SloganRow> {
    let program = &plan.definition.program;
    let row = |phase: Option<String>, calendar_days: u64, workdays: u64| {
        let (per_outlet, per_outlet_workdays) = (calendar_days * quota, workdays * quota);
        SloganRow {
            phase,
            calendar_days,
            per_outlet,
            outlets_needed: customers.div_ceil(per_outlet.max(1)),
            workdays,
            per_outlet_workdays,
            outlets_needed_workdays: customers.div_ceil(per_outlet_workdays.max(1)),
        }
    };
    let phases = plan
        .definition
        .phase
        .iter()
        .zip(plan.days.iter().zip(&plan.workdays));
    let mut rows: Vec<SloganRow> = phases
        .filter(|(_, (days, _))| **days > 0)
        .map(|(p, (days, workdays))| row(Some(p.title.clone()), *days, *workdays))
        .collect();
    let days = (i64::from(program.start.days_until(program.end)) + 1).max(0) as u64;
    if days <= zf_base::limits::CAMPAIGN_DAYS_MAX as u64 {
        let workdays = plan.calendar.workdays(program.start, program.end).len() as u64;
        rows.push(row(None, days, workdays));
    }
    rows
}

fn collection(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let outlets = &plan.network.outlets;
    let known = |code: &String| outlets.iter().any(|o| o.code == *code);
    let codes: Vec<String> = d
        .collection
        .outlets
        .keys()
        .filter(|c| !known(c))
        .cloned()
        .collect();
    if !outlets.is_empty() && !codes.is_empty() {
        let repairs = vec![Repair::DropPlans {
            codes: codes.clone(),
        }];
        let issue = Issue::PlanUnknownOutlet { codes };
        out.push(Finding {
            severity: Severity::Error,
            requirement: "ERR-061",
            issue,
            repairs,
        });
    }
    if !d.collection.plan_required {
        return;
    }
    let missing: Vec<OutletName> = outlets
        .iter()
        .filter(|o| o.plan_of(d).is_none_or(|n| n <= 0))
        .map(outlet_name)
        .collect();
    let nothing = outlets.is_empty() && d.collection.outlets.is_empty();
    if missing.is_empty() && !nothing {
        return;
    }
    let repairs = vec![Repair::FillPlans {
        outlets: missing.len() as u64,
    }];
    let issue = Issue::PlanMissing {
        outlets: missing,
        of: outlets.len() as u64,
    };
    out.push(Finding {
        severity: Severity::Error,
        requirement: "ERR-061",
        issue,
        repairs,
    });
}

/// Visits asked for against households on the list: beyond that, households
/// are visited again (the two-step visit does so on purpose).
fn households(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let needed_of = |o: &Outlet| plan.must(o, None);
    let few: Vec<(&Outlet, u64, u64)> = plan
        .network
        .outlets
        .iter()
        .filter_map(|o| Some((o, o.households?, needed_of(o))))
        .filter(|(_, have, needed)| have < needed)
        .collect();
    if few.is_empty() {
        return;
    }
    let households = few.iter().map(|f| f.1).sum();
    let needed = few.iter().map(|f| f.2).sum();
    let outlets = few.iter().map(|f| outlet_name(f.0)).collect();
    let most = few
        .iter()
        .map(|f| f.1 / plan.planned_days().max(1))
        .min()
        .unwrap_or(0);
    let repairs = if most > 0 {
        vec![Repair::Quota { households: most }, Repair::Import]
    } else {
        vec![Repair::Import]
    };
    let issue = Issue::HouseholdsFew {
        outlets,
        households,
        needed,
    };
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "CMP-009",
        issue,
        repairs,
    });
}
