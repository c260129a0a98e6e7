//! Who goes out, and when: posts of each team against the staff of each outlet
//! (PLN-006…008), windows that overlap or swallow lunch, evenings in pairs and
//! within the overtime that the law allows. Knows people and windows, not how
//! many households they visit (`capacity`).

use super::capacity::{own_posts, people_of, teams_of, window_minutes};
use super::finding::{Finding, Issue, Named, OutletName, PostRow, Repair, Severity};
use super::target::outlet_name;
use super::{Outlet, Plan};
use crate::definition::{Definition, Ring, Team, VisitKind, Window};
use std::collections::BTreeMap;
use zf_base::time::Clock;

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    window_overlaps(plan.definition, out);
    lunch(plan.definition, out);
    posts(plan, out);
    evening_pairs(plan, out);
    overtime(plan, out);
}

fn named(w: &Window) -> Named {
    Named::new(&w.id, &w.title)
}

fn window_overlaps(d: &Definition, out: &mut Vec<Finding>) {
    for (i, a) in d.window.iter().enumerate() {
        for b in &d.window[i + 1..] {
            let from = a.start.max(b.start).seconds();
            let to = a.end.min(b.end).seconds();
            if to <= from {
                continue;
            }
            let issue = Issue::WindowOverlap {
                first: named(a),
                second: named(b),
                minutes: (to - from) / 60,
            };
            out.push(Finding {
                severity: Severity::Error,
                requirement: "ERR-004",
                issue,
                repairs: apart(a, b),
            });
        }
    }
}

/// The one ends where the other begins, or the other begins where the one ends.
fn apart(a: &Window, b: &Window) -> Vec<Repair> {
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    let mut repairs = Vec::new();
    let minutes = |from: Clock, to: Clock| to.seconds().saturating_sub(from.seconds()) / 60;
    if first.start < second.start {
        repairs.push(Repair::EndWindow {
            window: named(first),
            end: second.start,
            minutes: minutes(first.start, second.start),
        });
    }
    if first.end < second.end {
        repairs.push(Repair::StartWindow {
            window: named(second),
            start: first.end,
            minutes: minutes(first.end, second.end),
        });
    }
    repairs
}

/// Minutes of a window that lie in the break are no visiting time.
fn lunch(d: &Definition, out: &mut Vec<Finding>) {
    let (Some(from), Some(to)) = (d.calendar.lunch_start, d.calendar.lunch_end) else {
        return;
    };
    for w in &d.window {
        let left = window_minutes(d, w);
        let minutes = w.minutes() - left;
        if minutes == 0 {
            continue;
        }
        let mut repairs = Vec::new();
        if w.start < from {
            repairs.push(Repair::EndWindow {
                window: named(w),
                end: from,
                minutes: (from.seconds() - w.start.seconds()) / 60,
            });
        }
        if w.end > to {
            repairs.push(Repair::StartWindow {
                window: named(w),
                start: to,
                minutes: (w.end.seconds() - to.seconds()) / 60,
            });
        }
        let issue = Issue::Lunch {
            window: named(w),
            minutes,
            left,
        };
        out.push(Finding {
            severity: Severity::Warning,
            requirement: "ERR-004",
            issue,
            repairs,
        });
    }
}

/// PLN-006…008: who must be in a team, and is not there.
fn posts(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    if !plan.network.staff_known {
        return;
    }
    for team in &plan.definition.team {
        for (post, n) in own_posts(team) {
            out.extend(post_missing(plan, team, &post, n));
        }
    }
}

fn post_missing(plan: &Plan<'_>, team: &Team, post: &str, n: u32) -> Option<Finding> {
    let needed = n * team.per_outlet;
    let have = |o: &Outlet| o.posts.get(post).copied().unwrap_or(0);
    let rows: Vec<PostRow> = plan
        .network
        .outlets
        .iter()
        .filter(|o| teams_of(plan.definition, o).any(|t| t.id == team.id))
        .filter(|o| have(o) < needed)
        .map(|o| PostRow {
            outlet: outlet_name(o),
            people: have(o),
            needed,
        })
        .collect();
    let people = rows.iter().map(|r| r.people).min()?;
    let requirement = match (team.kind, team.ring) {
        (VisitKind::First, _) => "PLN-006",
        (_, Ring::Far) => "PLN-007",
        _ => "PLN-008",
    };
    let mut repairs = vec![Repair::Post {
        post: post.to_owned(),
        add: needed - people,
    }];
    if people >= n && team.per_outlet > 1 {
        repairs.push(Repair::FewerTeams {
            team: Named::new(&team.id, &team.title),
            total: people / n,
        });
    }
    let issue = Issue::PostMissing {
        team: Named::new(&team.id, &team.title),
        post: post.to_owned(),
        outlets: rows.iter().map(|r| r.outlet.clone()).collect(),
        people,
        needed,
        missing_all: rows.iter().map(|r| r.needed - r.people).sum(),
        rows,
    };
    Some(Finding {
        severity: Severity::Warning,
        requirement,
        issue,
        repairs,
    })
}

fn evenings<'d>(plan: &'d Plan<'_>, team: &'d Team) -> impl Iterator<Item = &'d Window> {
    let of_team = |w: &&Window| team.windows.contains(&w.id);
    let windows = plan.definition.window.iter().filter(of_team);
    windows.filter(|w| plan.figures.is_evening(w.start))
}

/// Nobody goes out alone in the evening.
fn evening_pairs(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let d = plan.definition;
    if !d.calendar.evening_in_pairs {
        return;
    }
    for team in &d.team {
        let Some(w) = evenings(plan, team).next() else {
            continue;
        };
        let people: u32 = own_posts(team).values().sum();
        if people >= 2 {
            continue;
        }
        let posts = d.team.iter().flat_map(Team::own_posts);
        let other = posts.filter(|p| !team.posts.iter().any(|own| own == p));
        let mut others: Vec<&str> = other.collect();
        others.sort_unstable();
        others.dedup();
        let repairs = others
            .into_iter()
            .take(3)
            .map(|post| Repair::AddPost {
                team: Named::new(&team.id, &team.title),
                post: post.to_owned(),
            })
            .collect();
        let issue = Issue::EveningAlone {
            team: Named::new(&team.id, &team.title),
            window: named(w),
            people,
        };
        out.push(Finding {
            severity: Severity::Error,
            requirement: "PLN-008",
            issue,
            repairs,
        });
    }
}

/// Minutes that the evenings of one day ask of a post, all teams together.
fn evening_minutes(plan: &Plan<'_>, o: &Outlet, post: &str) -> u64 {
    let d = plan.definition;
    let of_team = |t: &Team| -> u64 {
        let people = u64::from(own_posts(t).get(post).copied().unwrap_or(0) * t.per_outlet);
        let minutes = evenings(plan, t).map(|w| u64::from(window_minutes(d, w)));
        people * minutes.sum::<u64>()
    };
    teams_of(d, o).map(of_team).sum()
}

/// The month with the most evenings: `2016-11` and how many.
fn fullest_month(plan: &Plan<'_>) -> Option<(String, u64)> {
    let mut months: BTreeMap<(i16, i8), u64> = BTreeMap::new();
    for (day, _) in &plan.planned {
        *months.entry((day.year(), day.month())).or_default() += 1;
    }
    let ((year, month), days) = months.into_iter().rev().max_by_key(|(_, days)| *days)?;
    Some((format!("{year}-{month:02}"), days))
}

/// Evenings are overtime; the people of a post share them.
fn overtime(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let Some((month, evenings)) = fullest_month(plan) else {
        return;
    };
    let d = plan.definition;
    let limit = plan.figures.overtime_hours_per_month;
    let nobody = [Outlet::new(zf_base::UnitId(zf_base::Uuid::nil()), "", "")];
    let outlets = match plan.network.outlets.as_slice() {
        [] => &nobody[..],
        all => all,
    };
    let mut posts: Vec<&str> = d.team.iter().flat_map(Team::own_posts).collect();
    posts.sort_unstable();
    posts.dedup();
    for post in posts {
        let mut worst: Option<(u64, u64)> = None;
        let mut over: Vec<OutletName> = Vec::new();
        for o in outlets {
            let people = u64::from(people_of(plan, d, o).get(post).copied().unwrap_or(0));
            let daily = evening_minutes(plan, o, post);
            if people == 0 || daily * evenings <= u64::from(limit) * 60 * people {
                continue;
            }
            // Fewest people for the same evenings have the most.
            if worst.is_none_or(|(d, p)| daily * p > d * people) {
                worst = Some((daily, people));
            }
            over.extend((!o.code.is_empty()).then(|| outlet_name(o)));
        }
        let Some((daily, people)) = worst else {
            continue;
        };
        let issue = Issue::Overtime {
            post: post.to_owned(),
            month: month.clone(),
            evenings,
            hours: (daily * evenings) as f64 / people as f64 / 60.0,
            limit,
            outlets: over,
            people: u32::try_from(people).unwrap_or(u32::MAX),
        };
        out.push(Finding {
            severity: Severity::Warning,
            requirement: "PLN-008",
            issue,
            repairs: less_overtime(plan, post, daily, people, evenings),
        });
    }
}

fn less_overtime(
    plan: &Plan<'_>,
    post: &str,
    daily: u64,
    people: u64,
    evenings: u64,
) -> Vec<Repair> {
    let allowed = u64::from(plan.figures.overtime_hours_per_month) * 60 * people;
    let days = allowed / daily.max(1);
    let mut repairs = vec![Repair::Evenings {
        per_month: days,
        fewer: evenings - days.min(evenings),
    }];
    let limit = u64::from(plan.figures.overtime_hours_per_month) * 60;
    let total = (daily * evenings).div_ceil(limit.max(1));
    repairs.push(Repair::Post {
        post: post.to_owned(),
        add: u32::try_from(total - people.min(total)).unwrap_or(u32::MAX),
    });
    // Minutes that every evening must lose; the last window gives them up.
    let too_many = (daily * evenings)
        .saturating_sub(allowed)
        .div_ceil(evenings.max(1));
    let d = plan.definition;
    let out_there = |w: &&Window| {
        let posts = d.team.iter().filter(|t| t.windows.contains(&w.id));
        posts.flat_map(Team::own_posts).any(|p| p == post)
    };
    let windows = d.window.iter().filter(|w| plan.figures.is_evening(w.start));
    let Some(w) = windows.filter(out_there).max_by_key(|w| w.end) else {
        return repairs;
    };
    let groups: u64 = d
        .team
        .iter()
        .filter(|t| t.windows.contains(&w.id))
        .map(|t| u64::from(own_posts(t).get(post).copied().unwrap_or(0) * t.per_outlet))
        .sum();
    let cut = u32::try_from(too_many.div_ceil(groups.max(1))).unwrap_or(u32::MAX);
    let left = w.minutes().saturating_sub(cut);
    if left > 0
        && let Some(end) = Clock::from_seconds(w.start.seconds() + left * 60)
    {
        repairs.push(Repair::EndWindow {
            window: named(w),
            end,
            minutes: left,
        });
    }
    repairs
}
