//! Proposes which customers live together. Candidates share a door, a number
//! or a spot; pairs are joined best first while the groups they join agree on
//! the whole. What the bank itself calls a household is never split, and two
//! of those are never joined. Pure: people and the preset in, proposals out;
//! the same people give the same proposals in whatever order they come.

use super::evidence::{Evidence, Facts, Person};
use super::family::{head_of, relations};
use super::preset::Preset;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zf_base::geo::Point;
use zf_base::{CustomerId, HouseholdId};

/// One reason in favour, as a code with a figure; words are made when shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// `same_door`, `same_phone`, `same_masked_phone`, `near`, `same_surname`, `couple`, `generation` or `joins`.
    pub code: String,
    /// People it is about; metres for `near`.
    pub n: i64,
}

/// A member of a proposed household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: CustomerId,
    /// The household now.
    pub household: HouseholdId,
    /// Relation to the head.
    pub relation: &'static str,
}

/// A proposed household of at least two people from at least two households.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// How well the weakest member fits, 0…100.
    pub score: i64,
    /// The head first, then by customer id.
    pub members: Vec<Member>,
    /// Why, strongest first.
    pub reasons: Vec<Reason>,
}

/// A number of candidates: two people who share something few share.
fn candidates(facts: &Facts<'_>, people: usize) -> BTreeSet<(usize, usize)> {
    let mut pairs = BTreeSet::new();
    let mut add = |members: &[usize]| {
        for (k, i) in members.iter().enumerate() {
            for j in &members[k + 1..] {
                pairs.insert((*i.min(j), *i.max(j)));
            }
        }
    };
    let mut doors: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut phones: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut cells: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for i in 0..people {
        if let Some(door) = facts.door[i] {
            doors.entry(door).or_default().push(i);
        }
        if let Some(phone) = facts.phone[i] {
            phones.entry(phone).or_default().push(i);
        }
        for cell in facts.place[i].map(cells_of).into_iter().flatten() {
            cells.entry(cell).or_default().push(i);
        }
    }
    doors.values().chain(phones.values()).for_each(|m| add(m));
    // A cell of the grid that is full says nothing more than the village.
    cells
        .values()
        .filter(|m| m.len() <= 40)
        .for_each(|m| add(m));
    pairs
}

/// The four cells of about 40 m that a point may share with one nearby: two
/// grids, the second moved by half a cell, in both directions.
fn cells_of(p: Point) -> [(i64, i64); 4] {
    let (y, x) = (p.lat() / 4e-4, p.lon() / 4e-4);
    let cell = |dy: f64, dx: f64, grid: i64| {
        (
            ((y + dy).floor() as i64) * 4 + grid,
            (x + dx).floor() as i64,
        )
    };
    [
        cell(0.0, 0.0, 0),
        cell(0.5, 0.0, 1),
        cell(0.0, 0.5, 2),
        cell(0.5, 0.5, 3),
    ]
}

/// People who are together so far.
struct Group {
    members: Vec<usize>,
    given: Option<HouseholdId>,
}

/// Groups by number, and everybody's group.
struct Groups {
    groups: Vec<Group>,
    of: Vec<usize>,
}

impl Groups {
    /// As they are now: everybody in the present household.
    fn present(people: &[Person]) -> Groups {
        let mut by: BTreeMap<HouseholdId, usize> = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        let mut of = Vec::with_capacity(people.len());
        for (i, p) in people.iter().enumerate() {
            let at = *by.entry(p.household).or_insert_with(|| {
                groups.push(Group {
                    members: vec![],
                    given: None,
                });
                groups.len() - 1
            });
            groups[at].members.push(i);
            if p.given || groups[at].members.len() > 1 {
                groups[at].given = Some(p.household);
            }
            of.push(at);
        }
        Groups { groups, of }
    }

    /// Joins the groups of two people when the groups agree on the whole.
    fn join(&mut self, i: usize, j: usize, facts: &Facts<'_>, preset: &Preset) {
        let (a, b) = (self.of[i], self.of[j]);
        if a == b {
            return;
        }
        let (first, second) = (&self.groups[a], &self.groups[b]);
        let size = first.members.len() + second.members.len();
        if size > preset.bounds.members_max || (first.given.is_some() && second.given.is_some()) {
            return;
        }
        let pairs = (first.members.len() * second.members.len()) as i64;
        let points: i64 = first
            .members
            .iter()
            .flat_map(|x| second.members.iter().map(move |y| (*x, *y)))
            .map(|(x, y)| facts.pair(x, y).points)
            .sum();
        if points < preset.bounds.average * pairs {
            return;
        }
        let moved = std::mem::take(&mut self.groups[b].members);
        let given = self.groups[b].given.take();
        for m in &moved {
            self.of[*m] = a;
        }
        self.groups[a].members.extend(moved);
        self.groups[a].given = self.groups[a].given.or(given);
    }
}

/// Proposals for the customers of one branch, best first. `this_year` tells
/// the ages.
pub fn propose(people: &[Person], this_year: i64, preset: &Preset) -> Vec<Proposal> {
    let mut people = people.to_vec();
    people.sort_by_key(|p| p.id);
    let facts = Facts::of(&people, preset);
    let mut links: Vec<(i64, usize, usize)> = candidates(&facts, people.len())
        .into_iter()
        .map(|(i, j)| (facts.pair(i, j).points, i, j))
        .filter(|(points, _, _)| *points >= preset.bounds.link)
        .collect();
    links.sort_by_key(|(points, i, j)| (-points, *i, *j));
    let mut groups = Groups::present(&people);
    for (_, i, j) in links {
        groups.join(i, j, &facts, preset);
    }
    let mut proposals: Vec<Proposal> = groups
        .groups
        .iter()
        .filter(|g| g.members.len() > 1)
        .filter_map(|g| describe(&g.members, &people, &facts, this_year, preset))
        .collect();
    proposals.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then(a.members[0].id.cmp(&b.members[0].id))
    });
    proposals
}

/// A group as a proposal; none when it is one household already.
fn describe(
    group: &[usize],
    people: &[Person],
    facts: &Facts<'_>,
    this_year: i64,
    preset: &Preset,
) -> Option<Proposal> {
    let mut order = group.to_vec();
    order.sort_unstable();
    let households: BTreeSet<HouseholdId> = order.iter().map(|i| people[*i].household).collect();
    if households.len() < 2 {
        return None;
    }
    let members: Vec<&Person> = order.iter().map(|i| &people[*i]).collect();
    let head = head_of(&members, this_year, preset);
    let related = relations(&members, head, preset);
    let mut listed: Vec<Member> = members
        .iter()
        .zip(related)
        .map(|(p, relation)| Member {
            id: p.id,
            household: p.household,
            relation,
        })
        .collect();
    let first = listed.remove(head);
    listed.insert(0, first);
    let (score, mut reasons) = weigh(&order, facts);
    let given = members.iter().filter(|p| p.given).count() as i64;
    if given > 0 {
        reasons.push(Reason {
            code: "joins".to_owned(),
            n: given,
        });
    }
    Some(Proposal {
        score,
        members: listed,
        reasons,
    })
}

/// The score of the weakest member, and the reasons of the whole.
fn weigh(order: &[usize], facts: &Facts<'_>) -> (i64, Vec<Reason>) {
    let mut weakest = i64::MAX;
    let mut about: BTreeMap<&'static str, BTreeSet<usize>> = BTreeMap::new();
    let mut metres: Option<i64> = None;
    for i in order {
        let (mut sum, mut best) = (0, i64::MIN);
        for j in order.iter().filter(|j| *j != i) {
            let e = facts.pair(*i, *j);
            sum += e.points;
            best = best.max(e.points);
            metres = metres.max(e.near);
            for code in codes(&e) {
                about.entry(code).or_default().extend([*i, *j]);
            }
        }
        // Half what binds the member best, half how well the whole fits.
        let mean = sum / (order.len() as i64 - 1).max(1);
        weakest = weakest.min(i64::midpoint(best, mean));
    }
    let reason = |code: &str| {
        let n = about.get(code).map(|people| people.len() as i64)?;
        let n = if code == "near" {
            metres.unwrap_or(0)
        } else {
            n
        };
        Some(Reason {
            code: code.to_owned(),
            n,
        })
    };
    (
        weakest.clamp(0, 100),
        CODES.iter().filter_map(|c| reason(c)).collect(),
    )
}

/// Reasons, strongest first.
const CODES: [&str; 7] = [
    "same_door",
    "same_phone",
    "near",
    "same_surname",
    "couple",
    "generation",
    "same_masked_phone",
];

fn codes(e: &Evidence) -> impl Iterator<Item = &'static str> {
    let found = [
        e.door,
        e.phone,
        e.near.is_some(),
        e.surname,
        e.couple,
        e.generation,
        e.stars,
    ];
    CODES
        .into_iter()
        .zip(found)
        .filter(|(_, is)| *is)
        .map(|(code, _)| code)
}

/// The surname of a name: two characters when it is a known double surname.
pub fn surname(name: &str, preset: &Preset) -> String {
    let name = name.trim();
    let double = preset
        .names
        .compound
        .iter()
        .find(|c| name.starts_with(c.as_str()));
    match double {
        Some(c) if name.chars().count() > 2 => c.clone(),
        _ => name.chars().take(1).collect(),
    }
}
