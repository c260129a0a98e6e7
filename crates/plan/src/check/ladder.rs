//! How the ladder would count on the days of this campaign: each reading of
//! "consecutive days" beside the others (ERR-008), and what a row of missed days
//! would cost from the chosen day and from another one (ERR-009). Pure figures
//! of the calendar; what happened to an outlet is not known here, and nobody is
//! told anything by it.

use super::Plan;
use super::finding::{Finding, Issue, Repair, Severity};
use crate::definition::ConsecutiveDays;
use serde::Serialize;
use zf_base::{Day, Fen};

/// What one reading makes of the campaign's days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Which days are counted.
    pub by: ConsecutiveDays,
    /// Days in a row when the visit days on both sides of the longest break are missed.
    pub after_break: u64,
    /// Visit days that lead to a notice when nothing but them is missed: days
    /// without visits behind them fill the row.
    pub alone: u64,
}

/// What a row of missed days costs an outlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RowCost {
    /// Days in a row.
    pub days: u64,
    /// From the campaign's day on.
    pub own: Fen,
    /// From [`Costs::other_day`] on.
    pub other: Fen,
}

/// Rows of missed days and what they cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// The other reading: the first day, or the day of the notice.
    pub other_day: u32,
    /// The row of a notice, twice that, and every visit day of the campaign.
    pub rows: Vec<RowCost>,
}

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let by_planned_days = d.calendar.consecutive_days != ConsecutiveDays::Calendar;
    let visits = Visits::of(plan);
    let issue = Issue::LadderDays {
        notice_after: d.ladder.notice_after_days,
        planned: plan.planned_days(),
        calendar: plan.days.iter().sum(),
        by_planned_days,
        longest_break: visits.longest_break(),
        readings: visits.readings(),
    };
    let set = Repair::Set {
        key: "calendar.consecutive_days",
        value: "planned",
    };
    out.push(Finding {
        severity: match by_planned_days {
            true => Severity::Note,
            false => Severity::Warning,
        },
        requirement: "ERR-008",
        issue,
        repairs: if by_planned_days { vec![] } else { vec![set] },
    });
    let l = &d.ladder;
    let issue = Issue::LadderDeduction {
        from_day: l.deduction_from_day,
        fen: l.deduction_fen_per_day,
        two_person: l.two_person_approval,
        propose_only: l.propose_only,
        costs: costs(plan),
    };
    out.push(Finding {
        severity: Severity::Note,
        requirement: "ERR-009",
        issue,
        repairs: vec![],
    });
}

/// The campaign's visit days in order.
struct Visits<'p> {
    plan: &'p Plan<'p>,
    days: Vec<Day>,
}

impl<'p> Visits<'p> {
    fn of(plan: &'p Plan<'p>) -> Visits<'p> {
        let mut days: Vec<Day> = plan.planned.iter().map(|(day, _)| *day).collect();
        days.sort();
        Visits { plan, days }
    }

    fn neighbours(&self) -> impl Iterator<Item = (Day, Day)> {
        self.days.windows(2).map(|two| (two[0], two[1]))
    }

    /// The neighbouring visit days that lie furthest apart, the first of equals;
    /// none when they follow day upon day.
    fn longest_break(&self) -> Option<(Day, Day)> {
        let apart = self.neighbours().filter(|(a, b)| a.days_until(*b) > 1);
        apart.reduce(|best, next| {
            let longer = next.0.days_until(next.1) > best.0.days_until(best.1);
            if longer { next } else { best }
        })
    }

    /// Days that a reading counts from one visit day up to (not including) another.
    fn counted(&self, by: ConsecutiveDays, from: Day, until: Day) -> u64 {
        let between = from.through(until).filter(|d| *d != until);
        let counts = |d: &Day| match by {
            ConsecutiveDays::Planned => self.days.binary_search(d).is_ok(),
            ConsecutiveDays::Working => self.plan.calendar.is_workday(*d),
            ConsecutiveDays::Calendar => true,
        };
        between.filter(counts).count() as u64
    }

    fn readings(&self) -> Vec<Reading> {
        let notice = u64::from(self.plan.definition.ladder.notice_after_days);
        let all = [
            ConsecutiveDays::Planned,
            ConsecutiveDays::Working,
            ConsecutiveDays::Calendar,
        ];
        let of = |by| Reading {
            by,
            after_break: self
                .longest_break()
                .map_or(0, |(a, b)| self.counted(by, a, b) + 1),
            alone: self
                .neighbours()
                .filter(|(a, b)| self.counted(by, *a, *b) >= notice)
                .count() as u64,
        };
        all.into_iter().map(of).collect()
    }
}

fn costs(plan: &Plan<'_>) -> Costs {
    let l = &plan.definition.ladder;
    let other_day = if l.deduction_from_day == 1 {
        l.notice_after_days
    } else {
        1
    };
    let cost = |days: u64, from: u32| {
        let paid = (days + 1).saturating_sub(u64::from(from.max(1)));
        let paid = i64::try_from(paid).unwrap_or(i64::MAX);
        Fen(l.deduction_fen_per_day.0.saturating_mul(paid))
    };
    let notice = u64::from(l.notice_after_days);
    let mut rows = vec![notice, notice * 2, plan.planned_days()];
    rows.retain(|days| (1..=plan.planned_days()).contains(days));
    rows.dedup();
    let row = |days| RowCost {
        days,
        own: cost(days, l.deduction_from_day),
        other: cost(days, other_day),
    };
    Costs {
        other_day,
        rows: rows.into_iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CheckReport, Network, check as check_all};
    use super::*;
    use crate::definition::{Aliases, Definition};
    use zf_base::calendar::{DayKind, WorkCalendar};

    const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");
    const ALIASES: &str = include_str!("../../../../packs/household-visit/aliases.toml");

    fn preset() -> Definition {
        let aliases = toml::from_str::<Aliases>(ALIASES).unwrap();
        Definition::parse(PRESET, &aliases).unwrap()
    }
    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    /// The longest break, and per reading the row across it and the days alone.
    type Counted = (Option<(Day, Day)>, Vec<(u64, u64)>);

    fn days(report: &CheckReport) -> Counted {
        let mut found = report.findings.iter().filter_map(|f| match &f.issue {
            Issue::LadderDays {
                longest_break,
                readings,
                ..
            } => Some((
                *longest_break,
                readings.iter().map(|r| (r.after_break, r.alone)).collect(),
            )),
            _ => None,
        });
        found.next().unwrap()
    }
    fn rows(d: &Definition, calendar: &WorkCalendar) -> (u32, Vec<(u64, i64, i64)>) {
        let report = check_all(d, calendar, &Network::default());
        let mut found = report.findings.iter().filter_map(|f| match &f.issue {
            Issue::LadderDeduction { costs, .. } => Some(costs.clone()),
            _ => None,
        });
        let costs = found.next().unwrap();
        let rows = costs.rows.iter().map(|r| (r.days, r.own.0, r.other.0));
        (costs.other_day, rows.collect())
    }

    /// Two weeks of October 2016 with the National Day holiday in them: visits on
    /// Thursday and Friday, seven days off, then Saturday 8 and Sunday 9 (worked
    /// in exchange) and the week to Friday 14.
    fn october() -> Definition {
        let mut d = preset();
        d.program.start = day("2016-09-29");
        d.program.end = day("2016-10-14");
        d.phase.truncate(1);
        d.phase[0].start = d.program.start;
        d.phase[0].end = d.program.end;
        d.ladder.notice_after_days = 3;
        d
    }

    #[test]
    fn err_008_each_reading_is_counted_across_the_october_holiday() {
        let report = check_all(&october(), &WorkCalendar::statutory(), &Network::default());
        let (gap, readings) = days(&report);
        assert_eq!(gap, Some((day("2016-09-30"), day("2016-10-08"))));
        // By hand: 30 Sept and 8 Oct are two visit days and two workdays, but nine
        // days of the calendar; only 30 Sept has days off behind it.
        assert_eq!(readings, [(2, 0), (2, 0), (9, 1)]);
    }

    #[test]
    fn err_008_a_weekend_fills_the_row_only_when_calendar_days_count() {
        let mut d = october();
        d.program.start = day("2016-11-07");
        d.program.end = day("2016-11-25");
        d.phase[0].start = d.program.start;
        d.phase[0].end = d.program.end;
        let mut calendar = WorkCalendar::statutory();
        let plain = days(&check_all(&d, &calendar, &Network::default()));
        // Friday to Monday, twice: Friday, Saturday, Sunday are three days.
        assert_eq!(plain.0, Some((day("2016-11-11"), day("2016-11-14"))));
        assert_eq!(plain.1, [(2, 0), (2, 0), (4, 2)]);
        // A notice after four days is out of reach of one missed Friday.
        d.ladder.notice_after_days = 4;
        let four = days(&check_all(&d, &calendar, &Network::default()));
        assert_eq!(four.1, [(2, 0), (2, 0), (4, 0)]);
        // A bank's own workday that no phase plans breaks the tie of the two others.
        d.phase.push(d.phase[0].clone());
        d.phase[0].end = day("2016-11-11");
        d.phase[1].start = day("2016-11-16");
        calendar.correct(day("2016-11-12"), DayKind::Work, "调休");
        let split = days(&check_all(&d, &calendar, &Network::default()));
        assert_eq!(split.0, Some((day("2016-11-11"), day("2016-11-16"))));
        // Counted: 11 and 16; 11, 12, 14, 15 and 16; 11 to 16.
        assert_eq!(split.1, [(2, 0), (5, 1), (6, 1)]);
    }

    #[test]
    fn err_009_a_row_costs_what_its_days_from_the_chosen_one_on_cost() {
        let mut d = october();
        let calendar = WorkCalendar::statutory();
        d.ladder.deduction_fen_per_day = Fen(12_300);
        // Visit days: 29, 30 Sept, 8 to 14 Oct: nine.
        d.ladder.deduction_from_day = 3;
        let (other, costs) = rows(&d, &calendar);
        assert_eq!(other, 1);
        assert_eq!(
            costs,
            [
                (3, 12_300, 36_900),
                (6, 49_200, 73_800),
                (9, 86_100, 110_700)
            ]
        );
        d.ladder.deduction_from_day = 1;
        let (other, costs) = rows(&d, &calendar);
        assert_eq!(other, 3);
        assert_eq!(costs[0], (3, 36_900, 12_300));
    }
}
