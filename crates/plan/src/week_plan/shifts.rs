//! Who goes out when: teams × days × windows turned into shifts, each with
//! named people, so that nobody is in two places at once. The head belongs to
//! every team of the source (PLN-006…008); a half-day given to a preliminary
//! visit therefore takes that half-day from the far team. Preliminary and
//! precise half-days take turns while village groups are left (CMP-011). Pure.

use super::assign::Goal;
use super::days::PlanDay;
use super::demand::Demand;
use super::facts::{BranchFacts, Person, Who};
use super::keep::{KeptRoute, ShiftKey};
use super::tuning::Tuning;
use crate::definition::{Definition, Team, VisitKind};
use std::cmp::Reverse;
use zf_base::Day;

/// One team on one day in one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// `2016-10-08 precise_far-1 morning`.
    pub id: String,
    /// The day.
    pub day: Day,
    /// Monday = 0.
    pub day_index: usize,
    /// Position of the team in the definition.
    pub team: usize,
    /// Which team of its kind, from 1.
    pub number: u32,
    /// Position of the window in the definition.
    pub window: usize,
    /// Leave not before, seconds of the day.
    pub start: i64,
    /// Be back by, seconds of the day.
    pub end: i64,
    /// Positions in the staff of the branch; none for an outside person who is
    /// not on the list.
    pub people: Vec<Option<usize>>,
    /// Who goes, in the order of the team's posts.
    pub members: Vec<Person>,
    /// Position of the village group that it sweeps.
    pub sweep: Option<usize>,
}

/// All shifts of a week, and what keeps teams at home all week.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// By day and start.
    pub shifts: Vec<Shift>,
    /// Team (position) and the post nobody of the branch holds.
    pub missing: Vec<(usize, String)>,
}

/// A piece of a window without lunch.
struct Stretch {
    window: usize,
    start: i64,
    end: i64,
}

/// A village group that is due, with the time one is there and the households expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Position among the groups of the branch.
    pub group: usize,
    /// Seconds from the branch.
    pub travel: i64,
    /// Households not yet counted by a sweep.
    pub left: i64,
}

/// Makes the shifts. `due` are the village groups to sweep, first come first;
/// `most_per_day` limits the households that sweeps may take of a day.
pub fn roster(
    definition: &Definition,
    tuning: &Tuning,
    facts: &BranchFacts,
    days: &[PlanDay],
    due: &[Due],
    most_per_day: i64,
) -> Roster {
    let (first, second) = tuning.turns();
    let turns = Turns {
        first,
        second,
        at: 0,
    };
    let mut maker = Maker {
        due: due.to_vec(),
        most_per_day,
        ..Maker::new(definition, facts, turns)
    };
    maker.roster.missing = missing_posts(definition, facts);
    maker.demand = maker.open_demand(days);
    for (index, day) in days.iter().enumerate().filter(|(_, d)| d.planned()) {
        maker.day(index, day);
    }
    maker.roster
}

/// Every shift that could be opened beside the kept routes, each one alone.
pub fn free_shifts(definition: &Definition, facts: &BranchFacts, days: &[PlanDay]) -> Vec<Shift> {
    let turns = Turns {
        first: 0,
        second: 1,
        at: 0,
    };
    let maker = Maker::new(definition, facts, turns);
    let mut all = Vec::new();
    for (index, day) in days.iter().enumerate().filter(|(_, d)| d.planned()) {
        for stretch in stretches(definition) {
            for kind in &day.kinds {
                for team in maker.teams(*kind, &stretch) {
                    let numbers = 1..=definition.team[team].per_outlet;
                    all.extend(
                        numbers.filter_map(|n| maker.shift(index, day.day, team, n, &stretch)),
                    );
                }
            }
        }
    }
    all
}

/// Households that a sweep of a group is expected to meet.
pub fn expected(definition: &Definition, due: &Due) -> i64 {
    i64::from(definition.preliminary.households_met).min(due.left)
}

fn missing_posts(definition: &Definition, facts: &BranchFacts) -> Vec<(usize, String)> {
    let mut missing = Vec::new();
    for (at, team) in definition.team.iter().enumerate() {
        let absent = team
            .own_posts()
            .filter(|post| !facts.staff.iter().any(|p| p.post == *post));
        missing.extend(absent.map(|post| (at, post.to_owned())));
    }
    missing
}

/// Whose half-day it is.
struct Turns {
    first: u32,
    second: u32,
    at: u32,
}

impl Turns {
    fn preliminary(&self) -> bool {
        self.at % (self.first + self.second) < self.first
    }
}

struct Maker<'a> {
    definition: &'a Definition,
    facts: &'a BranchFacts,
    turns: Turns,
    due: Vec<Due>,
    most_per_day: i64,
    met: i64,
    demand: Demand,
    roster: Roster,
}

impl<'a> Maker<'a> {
    fn new(definition: &'a Definition, facts: &'a BranchFacts, turns: Turns) -> Maker<'a> {
        Maker {
            definition,
            facts,
            turns,
            due: vec![],
            most_per_day: 0,
            met: i64::from(definition.preliminary.households_met),
            demand: Demand::default(),
            roster: Roster::default(),
        }
    }

    fn day(&mut self, index: usize, day: &PlanDay) {
        let first = day.kinds.contains(&VisitKind::First);
        let precise = day.kinds.contains(&VisitKind::Precise);
        let mut swept = self.facts.kept.households(day.day);
        for stretch in stretches(self.definition) {
            let half_day = self.teams(VisitKind::First, &stretch).next().is_some();
            let turn = match self.swept_before(day.day, &stretch) {
                Some(swept) => swept,
                None => self.turns.preliminary() || !precise,
            };
            let sweep = first && half_day && turn;
            if first && half_day && !self.due.is_empty() {
                self.turns.at += 1;
            }
            if sweep {
                let teams: Vec<usize> = self.teams(VisitKind::First, &stretch).collect();
                for team in teams {
                    swept += self.sweep(index, day.day, team, &stretch, swept);
                }
            }
            if precise {
                for team in self.in_turn(day.day, &stretch) {
                    self.precise(index, day.day, team, &stretch);
                }
            }
        }
    }

    /// What is left for half-days that several precise teams want, once the
    /// others are taken by the one team that goes then.
    fn open_demand(&self, days: &[PlanDay]) -> Demand {
        let precise = |d: &&PlanDay| d.planned() && d.kinds.contains(&VisitKind::Precise);
        let planned = days.iter().filter(precise).count() as i64;
        let mut demand = Demand::of(self.definition, self.facts, planned);
        for stretch in stretches(self.definition) {
            let teams: Vec<usize> = self.teams(VisitKind::Precise, &stretch).collect();
            if let [only] = teams[..] {
                let team = &self.definition.team[only];
                let half_days = planned * i64::from(team.per_outlet);
                demand.take(team, (stretch.end - stretch.start) * half_days);
            }
        }
        demand
    }

    /// The precise teams of a half-day: one that an earlier plan sent out then,
    /// then the one with most households left, then as in the campaign file.
    fn in_turn(&mut self, day: Day, stretch: &Stretch) -> Vec<usize> {
        let mut teams: Vec<usize> = self.teams(VisitKind::Precise, stretch).collect();
        if teams.len() < 2 {
            return teams;
        }
        let went = |team: usize| {
            let code = team_code(self.definition, team, 1);
            let mut keys = self.facts.kept.previous.keys();
            keys.any(|k| k.day == day && k.start == stretch.start && k.team_code == code)
        };
        let left = |team: usize| self.demand.left(&self.definition.team[team]);
        teams.sort_by_key(|team| (!went(*team), Reverse(left(*team))));
        let first = &self.definition.team[teams[0]];
        let seconds = (stretch.end - stretch.start) * i64::from(first.per_outlet);
        self.demand.take(first, seconds);
        teams
    }

    /// In a plan made again the half-days of village groups stay where they
    /// were; none when there is no earlier plan with such half-days.
    fn swept_before(&self, day: Day, stretch: &Stretch) -> Option<bool> {
        let kept = &self.facts.kept;
        let swept = |goals: &Vec<Goal>| goals.iter().any(|g| matches!(g, Goal::Group(_)));
        if kept.groups.is_empty() && !kept.previous.values().any(swept) {
            return None;
        }
        let here = |k: &ShiftKey| k.day == day && k.start == stretch.start;
        Some(
            kept.previous
                .iter()
                .any(|(k, goals)| here(k) && swept(goals)),
        )
    }

    /// The earlier plan's choice for a half-day, else the first that fits.
    fn choose(&self, key: &ShiftKey, fits: impl Fn(&Due) -> bool) -> Option<usize> {
        let group = |d: &Due| Goal::Group(self.facts.groups[d.group].id);
        let previous = &self.facts.kept.previous;
        let same = previous.get(key).and_then(|goals| {
            let known = |d: &Due| goals.contains(&group(d)) && fits(d);
            self.due.iter().position(known)
        });
        let elsewhere = |d: &Due| previous.values().any(|goals| goals.contains(&group(d)));
        same.or_else(|| self.due.iter().position(|d| fits(d) && !elsewhere(d)))
            .or_else(|| self.due.iter().position(&fits))
    }

    fn teams<'b>(
        &'b self,
        kind: VisitKind,
        stretch: &'b Stretch,
    ) -> impl Iterator<Item = usize> + 'b {
        let window = &self.definition.window[stretch.window].id;
        let goes = move |team: &Team| team.kind == kind && team.windows.contains(window);
        self.definition
            .team
            .iter()
            .enumerate()
            .filter(move |(_, team)| goes(team))
            .map(|(at, _)| at)
    }

    /// Sends the preliminary teams of a kind out; answers the households expected.
    fn sweep(
        &mut self,
        index: usize,
        day: Day,
        team: usize,
        stretch: &Stretch,
        already: i64,
    ) -> i64 {
        let mut met = 0;
        for number in 1..=self.definition.team[team].per_outlet {
            let room = self.most_per_day - already - met;
            let fits = |due: &Due| {
                2 * due.travel < stretch.end - stretch.start && self.met.min(due.left) <= room
            };
            let key = ShiftKey {
                day,
                team_code: team_code(self.definition, team, number),
                start: stretch.start,
            };
            let Some(at) = self.choose(&key, fits) else {
                break;
            };
            let Some(mut shift) = self.shift(index, day, team, number, stretch) else {
                continue;
            };
            let due = self.due.remove(at);
            shift.sweep = Some(due.group);
            met += self.met.min(due.left);
            self.roster.shifts.push(shift);
        }
        met
    }

    fn precise(&mut self, index: usize, day: Day, team: usize, stretch: &Stretch) {
        for number in 1..=self.definition.team[team].per_outlet {
            if let Some(shift) = self.shift(index, day, team, number, stretch) {
                self.roster.shifts.push(shift);
            }
        }
    }

    /// A shift with people who are free; none when a post cannot be filled.
    fn shift(
        &self,
        index: usize,
        day: Day,
        team: usize,
        number: u32,
        stretch: &Stretch,
    ) -> Option<Shift> {
        let code = team_code(self.definition, team, number);
        if self.closed(day, &code, stretch) {
            return None;
        }
        let rule = &self.definition.team[team];
        let outside = rule.outside_posts.as_deref().unwrap_or_default();
        let mut people: Vec<Option<usize>> = Vec::new();
        for post in &rule.posts {
            match self.free(post, index, day, stretch, &people) {
                Some(person) => people.push(Some(person)),
                // The ally is asked by telephone; the list of staff need not name them.
                None if outside.contains(post)
                    && !self.facts.staff.iter().any(|p| p.post == *post) =>
                {
                    people.push(None)
                }
                None => return None,
            }
        }
        let members = people.iter().zip(&rule.posts);
        let members = members.map(|(person, post)| match person {
            Some(at) => self.facts.staff[*at].clone(),
            None => Person {
                post: post.clone(),
                name: String::new(),
            },
        });
        let window = &self.definition.window[stretch.window];
        Some(Shift {
            // A window cut by lunch gives two shifts; the hour keeps them apart.
            id: format!(
                "{day} {}-{number} {} {}",
                rule.id,
                window.id,
                stretch.start / 60
            ),
            day,
            day_index: index,
            team,
            number,
            window: stretch.window,
            start: stretch.start,
            end: stretch.end,
            members: members.collect(),
            people,
            sweep: None,
        })
    }

    /// Kept routes that are out during a stretch.
    fn kept_during(&self, day: Day, stretch: &Stretch) -> impl Iterator<Item = &KeptRoute> {
        let (start, end) = (stretch.start, stretch.end);
        let meets = move |r: &&KeptRoute| {
            let r = &r.route;
            r.day == day && r.starts < end && start < r.ends
        };
        self.facts.kept.routes.iter().filter(meets)
    }

    /// The time is over, nobody goes out then, or the team is out already.
    fn closed(&self, day: Day, code: &str, stretch: &Stretch) -> bool {
        let window = &self.definition.window[stretch.window].id;
        let mut off = self.facts.absences.iter();
        self.facts.kept.over(day, stretch.start)
            || off.any(|a| a.who == Who::Everybody && a.holds(day, window))
            || self
                .kept_during(day, stretch)
                .any(|r| r.route.team_code == code)
    }

    /// Is a person at home then, or out with a kept route?
    fn away(&self, person: usize, day: Day, stretch: &Stretch) -> bool {
        let window = &self.definition.window[stretch.window].id;
        let mut absent = self.facts.absences.iter();
        let staff = &self.facts.staff[person];
        absent.any(|a| a.who == Who::Person(person) && a.holds(day, window))
            || self
                .kept_during(day, stretch)
                .any(|r| r.route.members.contains(staff))
    }

    /// The next person of a post who is not out at that time; people of a post
    /// take turns by day.
    fn free(
        &self,
        post: &str,
        index: usize,
        day: Day,
        stretch: &Stretch,
        taken: &[Option<usize>],
    ) -> Option<usize> {
        let staff = self.facts.staff.iter().enumerate();
        let holders: Vec<usize> = staff
            .filter(|(_, p)| p.post == post)
            .map(|(at, _)| at)
            .collect();
        let busy = |person: usize| {
            let meets = |s: &&Shift| s.day == day && s.start < stretch.end && stretch.start < s.end;
            let out = |s: &Shift| s.people.contains(&Some(person));
            taken.contains(&Some(person))
                || self.away(person, day, stretch)
                || self.roster.shifts.iter().filter(meets).any(out)
        };
        let turn = index % holders.len().max(1);
        holders[turn..]
            .iter()
            .chain(&holders[..turn])
            .copied()
            .find(|p| !busy(*p))
    }
}

/// `precise_far-1`.
pub fn team_code(definition: &Definition, team: usize, number: u32) -> String {
    format!("{}-{number}", definition.team[team].id)
}

impl Shift {
    /// Day, team and start.
    pub fn key(&self, definition: &Definition) -> ShiftKey {
        ShiftKey {
            day: self.day,
            team_code: team_code(definition, self.team, self.number),
            start: self.start,
        }
    }
}

/// The windows of the definition by start, cut by lunch.
fn stretches(definition: &Definition) -> Vec<Stretch> {
    let lunch = definition
        .calendar
        .lunch_start
        .zip(definition.calendar.lunch_end);
    let mut all = Vec::new();
    for (window, w) in definition.window.iter().enumerate() {
        let (start, end) = (i64::from(w.start.seconds()), i64::from(w.end.seconds()));
        let pieces = match lunch {
            Some((from, to)) => {
                let (from, to) = (i64::from(from.seconds()), i64::from(to.seconds()));
                vec![(start, end.min(from)), (start.max(to), end)]
            }
            None => vec![(start, end)],
        };
        all.extend(
            pieces
                .into_iter()
                .filter(|(s, e)| s < e)
                .map(|(start, end)| Stretch { window, start, end }),
        );
    }
    all.sort_by_key(|s| (s.start, s.window));
    all
}
