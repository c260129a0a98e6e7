//! How the file is read where the sources leave it open (ERR-005, ERR-008,
//! ERR-009, ERR-063), and what today's rules do not allow (ERR-031 and the
//! compliance parameters).

use super::Plan;
use super::finding::{Finding, Issue, Repair, Severity};
use crate::definition::{Audience, ConsecutiveDays, Definition, PreliminaryUnit, VisitKind};

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let ring = Issue::RingBoundary {
        near_km: d.ring.near_km,
        side: d.ring.boundary,
        distance: d.ring.distance,
    };
    out.push(note("ERR-005", ring));
    preliminary(d, out);
    ladder(plan, out);
    channels(d, out);
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

fn ladder(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let by_planned_days = d.calendar.consecutive_days != ConsecutiveDays::Calendar;
    let calendar = plan.days.iter().sum();
    let issue = Issue::LadderDays {
        notice_after: d.ladder.notice_after_days,
        planned: plan.planned_days(),
        calendar,
        by_planned_days,
    };
    let set = Repair::Set {
        key: "calendar.consecutive_days",
        value: "planned",
    };
    out.push(match by_planned_days {
        true => note("ERR-008", issue),
        false => Finding {
            severity: Severity::Warning,
            requirement: "ERR-008",
            issue,
            repairs: vec![set],
        },
    });
    let l = &d.ladder;
    let issue = Issue::LadderDeduction {
        from_day: l.deduction_from_day,
        fen: l.deduction_fen_per_day,
        two_person: l.two_person_approval,
        propose_only: l.propose_only,
    };
    out.push(note("ERR-009", issue));
}

fn channels(d: &Definition, out: &mut Vec<Finding>) {
    let titles: Vec<String> = d
        .channel
        .iter()
        .filter(|c| c.enabled && c.needs_basis == Some(true))
        .map(|c| c.title.clone())
        .collect();
    if !titles.is_empty() {
        let repairs = vec![Repair::TurnOff {
            titles: titles.clone(),
        }];
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
            repairs: vec![],
        });
    }
}

/// A parameter with a safe setting: key, what it is set to, the safe setting, requirement.
type Switch = (&'static str, bool, bool, &'static str);

fn switches(d: &Definition) -> [Switch; 8] {
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
}
