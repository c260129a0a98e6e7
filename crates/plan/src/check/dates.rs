//! Days: the campaign, its phases, the lunar day a phase is tied to, the day
//! on which plans are filed (ERR-001, ERR-002, PLN-001, TIM-005). Lunar days and
//! workdays come from the base; nothing here asks what day it is today.

use super::Plan;
use super::finding::{Finding, Issue, Named, PhaseName, Repair, Severity};
use crate::definition::Phase;
use zf_base::Day;
use zf_base::calendar::spring_festival;
use zf_base::limits::CAMPAIGN_DAYS_MAX;

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let program = &plan.definition.program;
    let days = i64::from(program.start.days_until(program.end)) + 1;
    let days_max = i64::from(CAMPAIGN_DAYS_MAX);
    if days < 1 || days > days_max {
        let issue = Issue::CampaignDates {
            start: program.start,
            end: program.end,
            days,
            days_max,
        };
        out.push(Finding {
            severity: Severity::Error,
            requirement: "CMP-003",
            issue,
            repairs: campaign_days(plan, days_max),
        });
        return;
    }
    for phase in &plan.definition.phase {
        one_phase(plan, phase, out);
    }
    order(plan, out);
    gaps(plan, out);
    filing(plan, out);
    meetings(plan, out);
    unknown_days(plan, out);
}

/// The days that the phases take, if they are few enough.
fn campaign_days(plan: &Plan<'_>, days_max: i64) -> Vec<Repair> {
    let sound = || plan.definition.phase.iter().filter(|p| p.start <= p.end);
    let (Some(start), Some(end)) = (sound().map(|p| p.start).min(), sound().map(|p| p.end).max())
    else {
        return vec![];
    };
    if i64::from(start.days_until(end)) < days_max {
        vec![Repair::CampaignDays { start, end }]
    } else {
        vec![]
    }
}

fn name(p: &Phase) -> PhaseName {
    PhaseName {
        id: p.id.clone(),
        title: p.title.clone(),
        start: p.start,
        end: p.end,
    }
}

fn one_phase(plan: &Plan<'_>, phase: &Phase, out: &mut Vec<Finding>) {
    if phase.end < phase.start {
        let issue = Issue::PhaseReversed { phase: name(phase) };
        out.push(Finding {
            severity: Severity::Error,
            requirement: "CMP-004",
            issue,
            repairs: vec![Repair::Swap {
                start: phase.end,
                end: phase.start,
            }],
        });
        return;
    }
    let (start, end) = (plan.definition.program.start, plan.definition.program.end);
    if phase.start < start || phase.end > end {
        let before = i64::from(phase.start.days_until(start.min(phase.end.plus_days(1)))).max(0);
        let after = i64::from(end.max(phase.start.plus_days(-1)).days_until(phase.end)).max(0);
        let issue = Issue::PhaseOutside {
            phase: name(phase),
            start,
            end,
            days_outside: before + after,
        };
        let repairs = repair_outside(phase, start, end);
        out.push(Finding {
            severity: Severity::Error,
            requirement: "ERR-001",
            issue,
            repairs,
        });
    }
    if phase.lunar_anchor.is_some() {
        festival(plan, phase, out);
    }
}

/// The smallest shift by whole years that puts the phase inside; else the part
/// of it that is inside.
fn repair_outside(phase: &Phase, start: Day, end: Day) -> Vec<Repair> {
    let shifted = |day: Day, years: i32| {
        let year = i16::try_from(i32::from(day.year()) + years).ok()?;
        // 29 February moves to the 28th.
        Day::new(year, day.month(), day.day_of_month())
            .or_else(|_| Day::new(year, day.month(), 28))
            .ok()
    };
    let fits = |years: i32| {
        let (s, e) = (shifted(phase.start, years)?, shifted(phase.end, years)?);
        (start <= s && e <= end).then_some(Repair::ShiftYears {
            years,
            start: s,
            end: e,
        })
    };
    if let Some(repair) = (1..=20).flat_map(|n| [n, -n]).find_map(fits) {
        return vec![repair];
    }
    let (s, e) = (phase.start.max(start), phase.end.min(end));
    if s <= e {
        vec![Repair::Clip { start: s, end: e }]
    } else {
        vec![]
    }
}

/// ERR-002: a greeting after the festival greets nobody.
fn festival(plan: &Plan<'_>, phase: &Phase, out: &mut Vec<Finding>) {
    let near =
        (phase.start.year() - 1..=phase.end.year() + 1).filter_map(|y| spring_festival(y).ok());
    let distance = |day: Day| {
        let late = i64::from(day.days_until(phase.start));
        let early = i64::from(phase.end.days_until(day));
        late.max(early).max(0)
    };
    let Some(day) = near.min_by_key(|d| distance(*d)) else {
        return;
    };
    if distance(day) == 0 {
        return;
    }
    let late = i64::from(day.days_until(phase.start));
    let (days, repairs) = if late > 0 {
        let inside = day >= plan.definition.program.start;
        (
            late,
            if inside {
                vec![Repair::StartOn {
                    day,
                    days_earlier: late,
                }]
            } else {
                vec![]
            },
        )
    } else {
        let inside = day <= plan.definition.program.end;
        (
            -i64::from(phase.end.days_until(day)),
            if inside {
                vec![Repair::EndOn { day }]
            } else {
                vec![]
            },
        )
    };
    let issue = Issue::MissesFestival {
        phase: name(phase),
        festival: day,
        days,
    };
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-002",
        issue,
        repairs,
    });
}

fn order(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let phases: Vec<&Phase> = plan
        .definition
        .phase
        .iter()
        .filter(|p| p.start <= p.end)
        .collect();
    for pair in phases.windows(2) {
        let [first, second] = pair else { continue };
        if second.start < first.start {
            let issue = Issue::PhaseOrder {
                earlier: name(second),
                later: name(first),
            };
            out.push(Finding {
                severity: Severity::Warning,
                requirement: "CMP-004",
                issue,
                repairs: vec![Repair::Reorder],
            });
        }
    }
    for (i, first) in phases.iter().enumerate() {
        for second in &phases[i + 1..] {
            let (from, to) = (first.start.max(second.start), first.end.min(second.end));
            if from > to {
                continue;
            }
            let days = i64::from(from.days_until(to)) + 1;
            let issue = Issue::PhaseOverlap {
                first: name(first),
                second: name(second),
                from,
                to,
                days,
            };
            let earlier = if first.start <= second.start {
                first
            } else {
                second
            };
            let later = if first.start <= second.start {
                second
            } else {
                first
            };
            let day = later.start.plus_days(-1);
            let repairs = if day >= earlier.start {
                vec![Repair::EndOn { day }]
            } else {
                vec![]
            };
            out.push(Finding {
                severity: Severity::Error,
                requirement: "CMP-004",
                issue,
                repairs,
            });
        }
    }
}

/// Stretches of the campaign without a phase.
fn gaps(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let program = &plan.definition.program;
    let inside = |d: &Day| {
        plan.definition
            .phase
            .iter()
            .any(|p| p.start <= *d && *d <= p.end)
    };
    let mut gap: Option<(Day, Day)> = None;
    let report = |gap: Option<(Day, Day)>, out: &mut Vec<Finding>| {
        let Some((from, to)) = gap else { return };
        let days = i64::from(from.days_until(to)) + 1;
        let workdays = plan.calendar.workdays(from, to).len() as u64;
        let issue = Issue::PhaseGap {
            from,
            to,
            days,
            workdays,
        };
        out.push(Finding {
            severity: Severity::Warning,
            requirement: "CMP-004",
            issue,
            repairs: fill(plan, from, to),
        });
    };
    for day in program.start.through(program.end) {
        if !inside(&day) {
            gap = Some((gap.map_or(day, |g| g.0), day));
        } else {
            report(gap.take(), out);
        }
    }
    report(gap, out);
}

/// The phase before lasts longer, the phase after begins earlier, or the
/// campaign is shorter.
fn fill(plan: &Plan<'_>, from: Day, to: Day) -> Vec<Repair> {
    let (program, phases) = (&plan.definition.program, &plan.definition.phase);
    let mut repairs = Vec::new();
    let id = |p: &Phase| Named::new(&p.id, &p.title);
    if let Some(p) = phases.iter().find(|p| p.end == from.plus_days(-1)) {
        repairs.push(Repair::PhaseDays {
            phase: id(p),
            start: p.start,
            end: to,
        });
    }
    if let Some(p) = phases.iter().find(|p| p.start == to.plus_days(1)) {
        repairs.push(Repair::PhaseDays {
            phase: id(p),
            start: from,
            end: p.end,
        });
    }
    if from == program.start && to < program.end {
        repairs.push(Repair::CampaignDays {
            start: to.plus_days(1),
            end: program.end,
        });
    }
    if to == program.end && from > program.start {
        repairs.push(Repair::CampaignDays {
            start: program.start,
            end: from.plus_days(-1),
        });
    }
    repairs
}

fn filing(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let start = plan.definition.program.start;
    let Some(due) = plan
        .definition
        .program
        .filing_due
        .filter(|due| *due >= start)
    else {
        return;
    };
    let days = i64::from(start.days_until(due)) + 1;
    let issue = Issue::FilingLate { due, start, days };
    let repairs = vec![Repair::FileBy {
        day: start.plus_days(-1),
    }];
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "PLN-001",
        issue,
        repairs,
    });
}

/// MTG-001: the last workday on which a meeting may be held.
fn meetings(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let start = plan.definition.program.start;
    for m in &plan.definition.meeting {
        let meeting = Named::new(&m.id, &m.title);
        let (severity, repairs) = match m.days_before {
            0 => {
                let meeting = meeting.clone();
                (Severity::Warning, vec![Repair::MeetBefore { meeting }])
            }
            _ => (Severity::Note, vec![]),
        };
        out.push(Finding {
            severity,
            requirement: "MTG-001",
            issue: Issue::MeetingDue {
                meeting,
                day: m.due(start, plan.calendar),
                start,
            },
            repairs,
        });
    }
}

fn unknown_days(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let program = &plan.definition.program;
    let unknown: Vec<Day> = program
        .start
        .through(program.end)
        .filter(|d| !plan.calendar.knows(*d))
        .collect();
    let (Some(from), Some(to)) = (unknown.first(), unknown.last()) else {
        return;
    };
    let issue = Issue::CalendarUnknown {
        from: *from,
        to: *to,
        days: unknown.len() as u64,
    };
    let repairs = vec![Repair::CorrectCalendar];
    out.push(Finding {
        severity: Severity::Note,
        requirement: "ERR-008",
        issue,
        repairs,
    });
}
