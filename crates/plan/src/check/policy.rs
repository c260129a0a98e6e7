//! How the file is read where the sources leave it open (ERR-005, ERR-063;
//! the ladder has its own file), and what today's rules do not allow (ERR-031 and the
//! compliance parameters).

use super::Plan;
use super::finding::{Finding, Issue, Repair, Severity};
use crate::definition::{Audience, CompareWith, Definition, PreliminaryUnit, VisitKind};

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let ring = Issue::RingBoundary {
        near_km: d.ring.near_km,
        side: d.ring.boundary,
        distance: d.ring.distance,
    };
    out.push(note("ERR-005", ring));
    preliminary(d, out);
    channels(plan, out);
    groups(plan, out);
    relaxed(d, out);
}

fn note(requirement: &'static str, issue: Issue) -> Finding {
    Finding {
        severity: Severity::Note,
        requirement,
        issue,
        repairs: vec![],
    }
}

fn preliminary(d: &Definition, out: &mut Vec<Finding>) {
    if !d.has_kind(VisitKind::First) {
        return;
    }
    let unit = d.preliminary.unit;
    let teams = d.team.iter().filter(|t| t.kind == VisitKind::First);
    let per_day = teams.map(|t| t.per_outlet * t.windows.len() as u32).sum();
    let issue = Issue::PreliminaryPlan {
        unit,
        households_met: d.preliminary.households_met,
        per_day,
    };
    if unit == PreliminaryUnit::VillageGroup {
        out.push(note("ERR-063", issue));
        return;
    }
    // There is no list of households before the first sweep of a village group.
    let repairs = vec![Repair::Set {
        key: "preliminary.unit",
        value: "village_group",
    }];
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-063",
        issue,
        repairs,
    });
}

/// Must-visit groups that come from outside lists.
fn groups(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let titles = plan.network.sources.groups_without_basis.clone();
    if titles.is_empty() {
        return;
    }
    let repairs = vec![
        Repair::RecordBasis {
            titles: titles.clone(),
        },
        Repair::SelfRegistration,
    ];
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-031",
        issue: Issue::GroupSource { titles },
        repairs,
    });
}

fn channels(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let in_force = &plan.network.sources.channels;
    let titles: Vec<String> = d
        .channel
        .iter()
        .filter(|c| c.enabled && c.needs_basis == Some(true) && !in_force.contains(&c.id))
        .map(|c| c.title.clone())
        .collect();
    if !titles.is_empty() {
        let repairs = vec![
            Repair::TurnOff {
                titles: titles.clone(),
            },
            Repair::RecordBasis {
                titles: titles.clone(),
            },
            Repair::SelfRegistration,
        ];
        out.push(Finding {
            severity: Severity::Warning,
            requirement: "ERR-031",
            issue: Issue::Channels { titles },
            repairs,
        });
    }
    if d.collection.door_fields.iter().any(|f| f == "id_number") {
        out.push(Finding {
            severity: Severity::Warning,
            requirement: "ERR-031",
            issue: Issue::IdAtDoor,
            repairs: vec![without_id(d)],
        });
    }
}

fn without_id(d: &Definition) -> Repair {
    let mut fields = d.collection.door_fields.clone();
    fields.retain(|f| f != "id_number");
    Repair::DoorFields { fields }
}

/// A parameter with a safe setting: key, what it is set to, the safe setting, requirement.
type Switch = (&'static str, bool, bool, &'static str);

fn switches(d: &Definition) -> [Switch; 11] {
    let (l, r, g) = (&d.ladder, &d.reward, &d.gift);
    [
        (
            "reward.verified_records_only",
            r.verified_records_only,
            true,
            "ERR-012",
        ),
        (
            "reward.liaison_may_inspect_own_outlet",
            r.liaison_may_inspect_own_outlet,
            false,
            "ERR-013",
        ),
        (
            "evidence.caller_outside_outlet",
            d.evidence.caller_outside_outlet,
            true,
            "ERR-011",
        ),
        ("gift.uniform_only", g.uniform_only, true, "ERR-055"),
        (
            "gift.may_read_deposits",
            g.may_read_deposits,
            false,
            "ERR-055",
        ),
        (
            "ladder.two_person_approval",
            l.two_person_approval,
            true,
            "ERR-009",
        ),
        ("ladder.propose_only", l.propose_only, true, "ERR-009"),
        (
            "quota.carry_over_raises_daily_bar",
            d.quota.carry_over_raises_daily_bar,
            false,
            "CMP-010",
        ),
        (
            "calendar.evening_in_pairs",
            d.calendar.evening_in_pairs,
            true,
            "PLN-008",
        ),
        (
            "calendar.evening_opt_out",
            d.calendar.evening_opt_out,
            true,
            "PLN-008",
        ),
        (
            "calendar.overtime_recorded",
            d.calendar.overtime_recorded,
            true,
            "PLN-008",
        ),
    ]
}

/// Parameters that are not set as today's rules want them.
fn relaxed(d: &Definition, out: &mut Vec<Finding>) {
    let words = |v: bool| if v { "true" } else { "false" };
    let mut report = |key, value: &str, safe, requirement| {
        let issue = Issue::Policy {
            key,
            value: value.to_owned(),
        };
        let repairs = vec![Repair::Set { key, value: safe }];
        out.push(Finding {
            severity: Severity::Warning,
            requirement,
            issue,
            repairs,
        });
    };
    for (key, value, safe, requirement) in switches(d) {
        if value != safe {
            report(key, words(value), words(safe), requirement);
        }
    }
    if d.bulletin.show_lowest_to != Audience::Leaders {
        report(
            "bulletin.show_lowest_to",
            d.bulletin.show_lowest_to.as_str(),
            Audience::Leaders.as_str(),
            "SUP-002",
        );
    }
    if d.ladder.compare_with != CompareWith::BaseQuota {
        report(
            "ladder.compare_with",
            d.ladder.compare_with.as_str(),
            CompareWith::BaseQuota.as_str(),
            "CMP-010",
        );
    }
    if d.calendar.lunch_start.is_none() || d.calendar.lunch_end.is_none() {
        out.push(no_lunch());
    }
}

/// Nobody's midday break is planned.
fn no_lunch() -> Finding {
    Finding {
        severity: Severity::Warning,
        requirement: "ERR-004",
        issue: Issue::NoLunch,
        repairs: vec![Repair::LunchBreak],
    }
}
