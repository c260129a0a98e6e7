//! Teams × windows × rings × workdays against the quota (ERR-004).
//!
//! A team visits as many households in a window as fit between the way there
//! and the way back: minutes of the window without lunch, less twice the way
//! to its ring, divided by minutes per household (visit, stop and knock). A
//! preliminary team meets the households of its half-day. The same person is
//! in one team at a time, so teams that share the only head cannot go out in
//! the same window. Which steps an outlet's market follows, and which ring a
//! household lies in, is the rule of the week plans. Where something is not known (distances, staff) the
//! favourable case is taken: a shortage that is reported is certain.

use super::finding::{Finding, Issue, Named, OutletName, Repair, RingShort, Severity, WindowUse};
use super::target::outlet_name;
use super::{Outlet, OutletCapacity, Plan, Spread};
use crate::definition::{Definition, Side, Team, VisitKind, Window};
use std::collections::BTreeMap;
use zf_base::UnitId;
use zf_base::time::Clock;

/// People per post.
pub(super) type People = BTreeMap<String, u32>;

pub(super) fn check(plan: &Plan<'_>, out: &mut Vec<Finding>) -> Vec<OutletCapacity> {
    let nobody = [Outlet::new(UnitId(uuid::Uuid::nil()), "", "")];
    let outlets = if plan.network.outlets.is_empty() {
        &nobody[..]
    } else {
        &plan.network.outlets[..]
    };
    for side in [Side::Near, Side::Far] {
        rings(plan, outlets, side, out);
    }
    days(plan, outlets, out);
    outlets.iter().map(|o| row(plan, o)).collect()
}

/// People the outlet has; where staff is not known, as many as its largest
/// team of each kind takes (ORG-018: one team per outlet).
pub(super) fn people_of(plan: &Plan<'_>, d: &Definition, outlet: &Outlet) -> People {
    if plan.network.staff_known {
        outlet.posts.clone()
    } else {
        people_for(d)
    }
}

fn people_for(d: &Definition) -> People {
    let mut people = People::new();
    for team in &d.team {
        for (post, n) in own_posts(team) {
            let have = people.entry(post).or_default();
            *have = (*have).max(n * team.per_outlet);
        }
    }
    people
}

pub(super) fn own_posts(team: &Team) -> People {
    let mut posts = People::new();
    for post in team.own_posts() {
        *posts.entry(post.to_owned()).or_default() += 1;
    }
    posts
}

/// Minutes of a window in which visits are made: lunch is none.
pub(super) fn window_minutes(d: &Definition, w: &Window) -> u32 {
    let (Some(from), Some(to)) = (d.calendar.lunch_start, d.calendar.lunch_end) else {
        return w.minutes();
    };
    let start = w.start.max(from).seconds();
    let end = w.end.min(to).seconds();
    w.minutes().saturating_sub(end.saturating_sub(start) / 60)
}

/// Minutes of the way from the outlet into a ring, one way.
fn way_minutes(d: &Definition, spread: Option<&Spread>, side: Side) -> f64 {
    let meters = match (side, spread) {
        (Side::Near, Some(s)) => s.near_mean.0,
        (Side::Near, None) => 0.0,
        (Side::Far, Some(s)) if s.far > 0 => s.far_mean.0,
        (Side::Far, _) => d.ring.limit().0,
    };
    meters / 1000.0 * d.travel.detour / d.travel.kmh * 60.0
}

/// Minutes a household takes from a team in a phase; none when the team has
/// nothing to do there. A precise team also makes return visits.
fn household_minutes(d: &Definition, team: &Team, kinds: &[VisitKind]) -> Option<u32> {
    let kind = [team.kind, VisitKind::Precise, VisitKind::FollowUp]
        .into_iter()
        .find(|k| kinds.contains(k) && (*k == team.kind || *k == VisitKind::FollowUp))?;
    d.visit_minutes(kind).map(|m| m + d.travel.stop_minutes)
}

/// Households one team visits in one window.
fn visits(
    d: &Definition,
    team: &Team,
    w: &Window,
    kinds: &[VisitKind],
    side: Side,
    spread: Option<&Spread>,
) -> u64 {
    if team.kind == VisitKind::First {
        let met = if kinds.contains(&VisitKind::First) {
            d.preliminary.households_met
        } else {
            0
        };
        return u64::from(met);
    }
    let Some(each) = household_minutes(d, team, kinds) else {
        return 0;
    };
    let left = f64::from(window_minutes(d, w)) - 2.0 * way_minutes(d, spread, side);
    // Rounding of the way must not lose a visit that fits exactly.
    ((left + 1e-9) / f64::from(each)).floor().max(0.0) as u64
}

/// A team's offer in one window.
struct Offer {
    households: u64,
    most: u32,
    posts: People,
}

/// The most households of a window: every way to send out teams so that nobody
/// is in two.
fn best(offers: &[Offer], people: &People) -> u64 {
    fn go(offers: &[Offer], left: &People, sum: u64, best: &mut u64) {
        let Some((first, rest)) = offers.split_first() else {
            *best = (*best).max(sum);
            return;
        };
        let bound: u64 = offers
            .iter()
            .map(|o| o.households * u64::from(o.most))
            .sum();
        if sum + bound <= *best {
            return;
        }
        let staffed = first
            .posts
            .iter()
            .map(|(post, n)| left.get(post).copied().unwrap_or(0) / n)
            .min();
        for teams in (0..=first.most.min(staffed.unwrap_or(u32::MAX))).rev() {
            let mut after = left.clone();
            for (post, n) in &first.posts {
                if let Some(have) = after.get_mut(post) {
                    *have -= n * teams;
                }
            }
            go(
                rest,
                &after,
                sum + first.households * u64::from(teams),
                best,
            );
        }
    }
    let mut most = 0;
    go(offers, people, 0, &mut most);
    most
}

/// What is counted: visits to households of these rings, and preliminary visits.
#[derive(Clone, Copy)]
struct Counted<'a> {
    rings: &'a [Side],
    preliminary: bool,
}

/// An outlet with the people it sends out under a definition.
struct Staffed<'a> {
    d: &'a Definition,
    outlet: &'a Outlet,
    people: People,
    quota: u64,
    turns: (u64, u64),
}

impl<'a> Staffed<'a> {
    fn new(plan: &Plan<'_>, d: &'a Definition, outlet: &'a Outlet, people: People) -> Staffed<'a> {
        let quota = outlet.quota_of(d);
        Staffed {
            d,
            outlet,
            people,
            quota,
            turns: plan.turns,
        }
    }

    /// Households of some days in a phase with these kinds of visits.
    fn of_days(&self, kinds: &[VisitKind], days: u64, counted: Counted<'_>) -> u64 {
        let (first, second) = self.turns;
        let once = Counted {
            preliminary: false,
            ..counted
        };
        // Half-days of both kinds take turns only where both kinds are made.
        let take_turns = counted.preliminary && kinds.contains(&VisitKind::Precise);
        let of_window = |w: &Window| {
            let any = self.of_window(w, kinds, counted);
            if !take_turns {
                return any * (first + second);
            }
            any * first + self.of_window(w, kinds, once) * second
        };
        let round: u64 = self.d.window.iter().map(of_window).sum();
        round.saturating_mul(days) / (first + second)
    }

    fn of_window(&self, w: &Window, kinds: &[VisitKind], counted: Counted<'_>) -> u64 {
        let offers: Vec<Offer> = teams_of(self.d, self.outlet)
            .filter(|t| t.windows.contains(&w.id))
            .filter_map(|t| self.offer(t, w, kinds, counted))
            .filter(|o| o.households > 0)
            .collect();
        best(&offers, &self.people)
    }

    fn offer(
        &self,
        t: &Team,
        w: &Window,
        kinds: &[VisitKind],
        counted: Counted<'_>,
    ) -> Option<Offer> {
        let side = match t.kind {
            VisitKind::First if counted.preliminary => Side::Near,
            VisitKind::First => return None,
            _ => *counted.rings.iter().find(|side| t.visits(**side))?,
        };
        Some(Offer {
            households: visits(self.d, t, w, kinds, side, self.outlet.spread.as_ref()),
            most: t.per_outlet,
            posts: own_posts(t),
        })
    }

    /// Visits of a phase that can go to households of a ring: every kind of
    /// chosen visit comes to a household once, or as often as the quota needs
    /// when the list is shorter than that (CMP-009). None = not known.
    fn supply(&self, kinds: &[VisitKind], days: u64, side: Side) -> Option<u64> {
        let s = self.outlet.spread.filter(|s| s.near + s.far > 0)?;
        let own = if side == Side::Near { s.near } else { s.far };
        let once_each = kinds.iter().filter(|k| **k != VisitKind::First).count() as u64;
        let again = self.quota.saturating_mul(days).div_ceil(s.near + s.far);
        Some(own.saturating_mul(once_each.max(again)))
    }

    /// Households over the days of a phase. Teams do not make households: for
    /// any rings left out, the total is at most what the others offer and the
    /// visits that the rings left out can take.
    fn in_phase(&self, kinds: &[VisitKind], days: u64) -> u64 {
        const BOTH: &[Side] = &[Side::Near, Side::Far];
        let cuts: [(&[Side], &[Side]); 4] = [
            (BOTH, &[]),
            (&[Side::Far], &[Side::Near]),
            (&[Side::Near], &[Side::Far]),
            (&[], BOTH),
        ];
        let total = |(rings, without): &(&[Side], &[Side])| {
            let taken: Option<u64> = without
                .iter()
                .map(|side| self.supply(kinds, days, *side))
                .sum();
            let counted = Counted {
                rings,
                preliminary: true,
            };
            taken.map(|t| t.saturating_add(self.of_days(kinds, days, counted)))
        };
        cuts.iter().filter_map(total).min().unwrap_or(0)
    }

    /// Households a day in the poorest phase; none without phases.
    fn poorest(&self, plan: &Plan<'_>) -> Option<u64> {
        plan.active_phases()
            .map(|(kinds, days)| self.in_phase(kinds, days) / days)
            .min()
    }

    /// The highest quota up to its own that it can reach in every phase.
    fn quota_possible(&mut self, plan: &Plan<'_>) -> u64 {
        let own = self.quota;
        let most = self.poorest(plan).unwrap_or(own).min(own);
        // Fewer visits asked for are fewer repeated ones, so that is looked at again.
        let reaches = |q: &u64| {
            self.quota = *q;
            self.poorest(plan).is_none_or(|can| can >= *q)
        };
        let found = (1..=most).rev().find(reaches).unwrap_or(0);
        self.quota = own;
        found
    }
}

/// Teams of the steps that an outlet's market follows; the same rule as in week
/// plans (CUS-015).
pub(super) fn teams_of<'d>(d: &'d Definition, o: &Outlet) -> impl Iterator<Item = &'d Team> {
    let sweeps = d.sweeps(o.market_kind.as_deref(), o.area_kind.as_deref());
    d.team
        .iter()
        .filter(move |t| sweeps || t.kind != VisitKind::First)
}

fn row(plan: &Plan<'_>, o: &Outlet) -> OutletCapacity {
    let d = plan.definition;
    let mut outlet = Staffed::new(plan, d, o, people_of(plan, d, o));
    let (mut possible, mut needed, mut short, mut days) = (0u64, 0u64, 0u64, 0u64);
    let mut phases_short = Vec::with_capacity(d.phase.len());
    let mut phases_per_day = Vec::with_capacity(d.phase.len());
    for (at, (phase, n)) in d
        .phase
        .iter()
        .zip(plan.workdays.iter().copied())
        .enumerate()
    {
        let can = outlet.in_phase(&phase.kinds, n);
        let must = plan.must(o, Some(at));
        phases_short.push(can < must);
        phases_per_day.push(can / n.max(1));
        (possible, needed, days) = (
            possible.saturating_add(can),
            needed.saturating_add(must),
            days + n,
        );
        short = short.saturating_add(must.saturating_sub(can));
    }
    OutletCapacity {
        unit_id: o.unit_id,
        code: o.code.clone(),
        name: o.name.clone(),
        per_day: possible / days.max(1),
        needed_per_day: outlet.quota,
        planned_days: days,
        total_possible: possible,
        total_needed: needed,
        quota_possible: outlet.quota_possible(plan),
        short,
        phases_short,
        phases_per_day,
    }
}

/// The outlets that are short, and the figures of the one that is shortest.
struct Short<'a> {
    worst: &'a Outlet,
    needed: u64,
    possible: u64,
    missing_all: u64,
    outlets: Vec<OutletName>,
}

fn shortest<'a>(
    outlets: &'a [Outlet],
    figures: impl Fn(&Outlet) -> (u64, u64),
) -> Option<Short<'a>> {
    let mut short: Option<Short<'a>> = None;
    for o in outlets {
        let (needed, possible) = figures(o);
        if possible >= needed {
            continue;
        }
        let missing = needed - possible;
        let s = short.get_or_insert(Short {
            worst: o,
            needed,
            possible,
            missing_all: 0,
            outlets: vec![],
        });
        if missing > s.needed - s.possible {
            (s.worst, s.needed, s.possible) = (o, needed, possible);
        }
        s.missing_all += missing;
        if !o.code.is_empty() {
            s.outlets.push(outlet_name(o));
        }
    }
    short
}

/// The phases that visit chosen households, with the poorest figure of them.
fn ring_per_day(
    plan: &Plan<'_>,
    d: &Definition,
    people: &People,
    o: &Outlet,
    side: Side,
) -> Option<u64> {
    let outlet = Staffed::new(plan, d, o, people.clone());
    let counted = Counted {
        rings: &[side],
        preliminary: false,
    };
    let chosen = |k: &[VisitKind]| k.iter().any(|k| *k != VisitKind::First);
    plan.active_phases()
        .filter(|(kinds, _)| chosen(kinds))
        .map(|(kinds, _)| outlet.of_days(kinds, 1, counted))
        .min()
}

/// Share of an outlet's households in a ring, percent; none = not known.
fn share(o: &Outlet, side: Side) -> Option<u64> {
    let s = o.spread.filter(|s| s.near + s.far > 0)?;
    let own = if side == Side::Near { s.near } else { s.far };
    Some((own * 100 + (s.near + s.far) / 2) / (s.near + s.far))
}

/// Households of a day that lie in a ring; all of them when that is not known.
fn needed_in(o: &Outlet, quota: u64, side: Side) -> u64 {
    let Some(s) = o.spread.filter(|s| s.near + s.far > 0) else {
        return quota;
    };
    let own = if side == Side::Near { s.near } else { s.far };
    (quota * own).div_ceil(s.near + s.far)
}

fn rings(plan: &Plan<'_>, outlets: &[Outlet], side: Side, out: &mut Vec<Finding>) {
    let d = plan.definition;
    let teams: Vec<&Team> = d
        .team
        .iter()
        .filter(|t| t.kind != VisitKind::First && t.visits(side))
        .collect();
    if !plan
        .active_phases()
        .any(|(kinds, _)| kinds.iter().any(|k| *k != VisitKind::First))
    {
        return;
    }
    if teams.is_empty() {
        no_team(d, side, out);
        return;
    }
    let figures = |o: &Outlet| {
        let possible = ring_per_day(plan, d, &people_of(plan, d, o), o, side).unwrap_or(0);
        (needed_in(o, o.quota_of(d), side), possible)
    };
    let Some(s) = shortest(outlets, figures) else {
        return;
    };
    let windows = windows_of(d, &teams);
    let minutes: u32 = windows.iter().map(|w| w.minutes).sum();
    let each = teams
        .iter()
        .filter_map(|t| {
            plan.active_phases()
                .filter_map(|(k, _)| household_minutes(d, t, k))
                .max()
        })
        .max();
    let repairs = ring_repairs(plan, &s, teams[0], side);
    let issue = Issue::RingShort(RingShort {
        side,
        near_km: d.ring.near_km,
        share_percent: share(s.worst, side).map(|p| p as u32),
        windows,
        teams: teams.iter().map(|t| t.per_outlet).sum(),
        needed: s.needed,
        minutes_available: f64::from(minutes) / s.needed as f64,
        minutes_needed: f64::from(each.unwrap_or(0)),
        possible: s.possible,
        missing: s.needed - s.possible,
        outlets: s.outlets,
        missing_all: s.missing_all,
    });
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-004",
        issue,
        repairs,
    });
}

fn no_team(d: &Definition, side: Side, out: &mut Vec<Finding>) {
    let chosen = d.team.iter().filter(|t| t.kind != VisitKind::First);
    let repairs = chosen
        .map(|t| Repair::AnyRing {
            team: Named::new(&t.id, &t.title),
        })
        .collect();
    out.push(Finding {
        severity: Severity::Warning,
        requirement: "ERR-004",
        issue: Issue::NoTeam { side },
        repairs,
    });
}

/// The windows in which any of these teams goes out.
fn windows_of(d: &Definition, teams: &[&Team]) -> Vec<WindowUse> {
    d.window
        .iter()
        .filter(|w| teams.iter().any(|t| t.windows.contains(&w.id)))
        .map(|w| WindowUse {
            title: w.title.clone(),
            start: w.start,
            end: w.end,
            minutes: window_minutes(d, w),
        })
        .collect()
}

/// The definition with one team changed.
fn with_team(d: &Definition, id: &str, change: impl Fn(&mut Team)) -> Definition {
    let mut d = d.clone();
    d.team.iter_mut().filter(|t| t.id == id).for_each(change);
    d
}

/// The people of an outlet, and whoever the definition's teams need besides.
fn people_with(plan: &Plan<'_>, d: &Definition, o: &Outlet) -> People {
    let mut people = people_of(plan, d, o);
    for (post, n) in people_for(d) {
        let have = people.entry(post).or_default();
        *have = (*have).max(n);
    }
    people
}

fn ring_repairs(plan: &Plan<'_>, s: &Short<'_>, team: &Team, side: Side) -> Vec<Repair> {
    let (d, o, needed) = (plan.definition, s.worst, s.needed);
    let mut repairs = Vec::new();
    let with_teams = |total: u32| {
        let changed = with_team(d, &team.id, |t| t.per_outlet = total);
        ring_per_day(plan, &changed, &people_with(plan, &changed, o), o, side).unwrap_or(0)
    };
    let second = with_teams(team.per_outlet + 1);
    if second > s.possible {
        repairs.push(Repair::SecondTeam {
            team: Named::new(&team.id, &team.title),
            per_day: second,
            still_missing: needed.saturating_sub(second),
        });
    }
    let total = (team.per_outlet + 2..=team.per_outlet + 50).find(|n| with_teams(*n) >= needed);
    if let Some(total) = total.filter(|_| second < needed) {
        let add = total - team.per_outlet;
        let posts = own_posts(team)
            .into_iter()
            .map(|(post, n)| (post, n * add))
            .collect();
        repairs.push(Repair::Teams {
            team: Named::new(&team.id, &team.title),
            add,
            total,
            posts,
            per_day: with_teams(total),
        });
    }
    let all: Vec<String> = d.window.iter().map(|w| w.id.clone()).collect();
    let changed = with_team(d, &team.id, |t| t.windows = all.clone());
    let spread_out =
        ring_per_day(plan, &changed, &people_with(plan, &changed, o), o, side).unwrap_or(0);
    if spread_out > s.possible {
        let daytime_possible = spread_out - s.possible;
        let still_missing = needed.saturating_sub(spread_out);
        repairs.push(Repair::Daytime {
            team: Named::new(&team.id, &team.title),
            by_day: needed - s.possible,
            daytime_possible,
            still_missing,
        });
    }
    let quota = o.quota_of(d);
    if let Some(households) = (1..quota)
        .rev()
        .find(|q| needed_in(o, *q, side) <= s.possible)
    {
        repairs.push(Repair::Quota { households });
    }
    let enough = |d: &Definition| {
        ring_per_day(plan, d, &people_with(plan, d, o), o, side).unwrap_or(0) >= needed
    };
    repairs.extend(longer(d, &team.windows, enough));
    repairs
}

/// The earliest end of the last of these windows at which it is enough.
fn longer(
    d: &Definition,
    windows: &[String],
    enough: impl Fn(&Definition) -> bool,
) -> Option<Repair> {
    let last = d
        .window
        .iter()
        .filter(|w| windows.contains(&w.id))
        .max_by_key(|w| w.end)?;
    let ends = (last.end.seconds() / 60 + 1..=24 * 60).filter_map(|m| Clock::from_seconds(m * 60));
    for end in ends {
        let mut changed = d.clone();
        changed
            .window
            .iter_mut()
            .filter(|w| w.id == last.id)
            .for_each(|w| w.end = end);
        if enough(&changed) {
            let minutes = changed
                .window(&last.id)
                .map_or(0, |w| window_minutes(&changed, w));
            return Some(Repair::Longer {
                window: Named::new(&last.id, &last.title),
                end,
                minutes,
            });
        }
    }
    None
}

fn days(plan: &Plan<'_>, outlets: &[Outlet], out: &mut Vec<Finding>) {
    let d = plan.definition;
    let figures = |o: &Outlet| {
        let outlet = Staffed::new(plan, d, o, people_of(plan, d, o));
        (outlet.quota, outlet.poorest(plan).unwrap_or(outlet.quota))
    };
    let Some(s) = shortest(outlets, figures) else {
        return;
    };
    let worst = Staffed::new(plan, d, s.worst, people_of(plan, d, s.worst));
    let poor = |kinds: &[VisitKind], days: u64| worst.in_phase(kinds, days) / days < s.needed;
    let phases = d
        .phase
        .iter()
        .zip(&plan.workdays)
        .filter(|(p, days)| **days > 0 && poor(&p.kinds, **days));
    let issue = Issue::DayShort {
        phases: phases.map(|(p, _)| p.title.clone()).collect(),
        needed: s.needed,
        possible: s.possible,
        missing: s.needed - s.possible,
        outlets: s.outlets.clone(),
        missing_all: s.missing_all,
    };
    out.push(Finding {
        severity: Severity::Error,
        requirement: "ERR-004",
        issue,
        repairs: day_repairs(plan, &s, worst),
    });
}

/// What the shortest outlet can do about it: one more team, daytime for a team
/// that has free hours, a quota it can reach, a longer last window.
fn day_repairs(plan: &Plan<'_>, s: &Short<'_>, mut worst: Staffed<'_>) -> Vec<Repair> {
    let d = plan.definition;
    let with = |d: &Definition, people: People| {
        Staffed::new(plan, d, s.worst, people)
            .poorest(plan)
            .unwrap_or(0)
    };
    let more = |per_day: &(u64, &Team)| per_day.0 > s.possible;
    let mut repairs = Vec::new();
    let second = teams_of(d, s.worst).map(|team| {
        let changed = with_team(d, &team.id, |t| t.per_outlet += 1);
        let people = add_team(people_of(plan, d, s.worst), team);
        (with(&changed, people), team)
    });
    if let Some((per_day, team)) = second.max_by_key(|c| c.0).filter(more) {
        repairs.push(Repair::SecondTeam {
            team: Named::new(&team.id, &team.title),
            per_day,
            still_missing: s.needed.saturating_sub(per_day),
        });
    }
    let all: Vec<String> = d.window.iter().map(|w| w.id.clone()).collect();
    let by_day = teams_of(d, s.worst)
        .filter(|t| t.kind != VisitKind::First)
        .map(|team| {
            let changed = with_team(d, &team.id, |t| t.windows = all.clone());
            (with(&changed, people_of(plan, &changed, s.worst)), team)
        });
    if let Some((per_day, team)) = by_day.max_by_key(|c| c.0).filter(more) {
        repairs.push(Repair::Daytime {
            team: Named::new(&team.id, &team.title),
            by_day: s.needed - s.possible,
            daytime_possible: per_day - s.possible,
            still_missing: s.needed.saturating_sub(per_day),
        });
    }
    let households = worst.quota_possible(plan);
    if households > 0 {
        repairs.push(Repair::Quota { households });
    }
    repairs.extend(longer(d, &all, |d| {
        with(d, people_of(plan, d, s.worst)) >= s.needed
    }));
    repairs
}

/// With the people of one more team.
fn add_team(mut people: People, team: &Team) -> People {
    for (post, n) in own_posts(team) {
        *people.entry(post).or_default() += n;
    }
    people
}
