//! Who goes out when: teams × days × windows turned into shifts, each with
//! named people, so that nobody is in two places at once. The head belongs to
//! every team of the source (PLN-006…008); a half-day given to a preliminary
//! visit therefore takes that half-day from the far team. Preliminary and
//! precise half-days take turns while village groups are left (CMP-011). Pure.

use super::days::PlanDay;
use super::facts::{BranchFacts, Person};
use super::tuning::Tuning;
use crate::definition::{Definition, Team, VisitKind};
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
    let mut maker = Maker {
        definition,
        facts,
        turns: Turns {
            first,
            second,
            at: 0,
        },
        due: due.to_vec(),
        most_per_day,
        met: i64::from(definition.preliminary.households_met),
        roster: Roster::default(),
    };
    maker.roster.missing = missing_posts(definition, facts);
    for (index, day) in days.iter().enumerate().filter(|(_, d)| d.planned()) {
        maker.day(index, day);
    }
    maker.roster
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
    roster: Roster,
}

impl Maker<'_> {
    fn day(&mut self, index: usize, day: &PlanDay) {
        let first = day.kinds.contains(&VisitKind::First);
        let precise = day.kinds.contains(&VisitKind::Precise);
        let mut swept = 0;
        for stretch in stretches(self.definition) {
            let half_day = self.teams(VisitKind::First, &stretch).next().is_some();
            let sweep = first && half_day && (self.turns.preliminary() || !precise);
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
                let teams: Vec<usize> = self.teams(VisitKind::Precise, &stretch).collect();
                for team in teams {
                    self.precise(index, day.day, team, &stretch);
                }
            }
        }
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
            let Some(at) = self.due.iter().position(fits) else {
                break;
            };
            let Some(mut shift) = self.shift(index, day, team, number, stretch) else {
                break;
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
            match self.shift(index, day, team, number, stretch) {
                Some(shift) => self.roster.shifts.push(shift),
                None => break,
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
            taken.contains(&Some(person)) || self.roster.shifts.iter().filter(meets).any(out)
        };
        let turn = index % holders.len().max(1);
        holders[turn..]
            .iter()
            .chain(&holders[..turn])
            .copied()
            .find(|p| !busy(*p))
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
