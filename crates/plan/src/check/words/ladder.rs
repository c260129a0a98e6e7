//! Chinese of how the ladder counts: the readings of "consecutive days" beside
//! each other and what a row of missed days would cost. Figures come from the
//! finding; nothing is computed here.

use super::super::finding::Issue;
use super::super::ladder::{Costs, Reading};
use super::{n, yuan};
use crate::definition::ConsecutiveDays;
use zf_base::Day;

fn by(reading: ConsecutiveDays) -> &'static str {
    match reading {
        ConsecutiveDays::Planned => "按走访日数",
        ConsecutiveDays::Working => "按工作日数",
        ConsecutiveDays::Calendar => "按自然日数",
    }
}

fn short(day: Day) -> String {
    format!("{}月{}日", day.month(), day.day_of_month())
}

/// Both findings of the ladder.
pub(super) fn said(issue: &Issue) -> String {
    match issue {
        Issue::LadderDays {
            notice_after,
            planned,
            calendar,
            by_planned_days,
            longest_break,
            readings,
        } => {
            let own = match by_planned_days {
                true => "只数有走访计划的日子",
                false => "按自然日数，放假的日子也算进去",
            };
            let days = (n(*calendar), n(*planned));
            let head = format!(
                "连续 {notice_after} 天没完成才发督办单，{own}；活动 {} 天里有 {} 个走访日。",
                days.0, days.1
            );
            head + &preview(*notice_after, *longest_break, readings)
        }
        Issue::LadderDeduction {
            from_day,
            fen,
            two_person,
            propose_only,
            costs,
        } => {
            let who = if *two_person {
                "两人审批"
            } else {
                "一人审批"
            };
            let only = if *propose_only {
                "，系统只提建议"
            } else {
                ""
            };
            format!(
                "从连续第 {from_day} 天起每天绩效扣减 {}，到完成当日任务为止，{who}{only}。{}",
                yuan(*fen),
                priced(costs)
            )
        }
        _ => String::new(),
    }
}

/// What each reading would do on this campaign's days.
fn preview(notice_after: u32, gap: Option<(Day, Day)>, readings: &[Reading]) -> String {
    let Some((last, next)) = gap else {
        return String::new();
    };
    let rows: Vec<String> = readings
        .iter()
        .map(|r| format!("{}是连续 {} 天", by(r.by), n(r.after_break)))
        .collect();
    let mut text = format!(
        "走访日间隔最长的是 {} 到 {}：这两天都没完成，{}。",
        short(last),
        short(next),
        rows.join("，")
    );
    for r in readings.iter().filter(|r| r.alone > 0) {
        text += &format!(
            "{}，有 {} 个走访日只要当天没完成，不等下一个走访日就满 {notice_after} 天。",
            by(r.by),
            n(r.alone)
        );
    }
    text
}

fn priced(costs: &Costs) -> String {
    let rows: Vec<String> = costs
        .rows
        .iter()
        .map(|r| {
            format!(
                "连续 {} 天没完成是 {}（{}）",
                n(r.days),
                yuan(r.own),
                yuan(r.other)
            )
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let other = costs.other_day;
    format!(
        "每个网点{}；括号里是从第 {other} 天起算的数。",
        rows.join("，")
    )
}
