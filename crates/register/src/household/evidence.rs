//! What speaks for and against two people living together, in points: the
//! door, the phone, coordinates, the surname, ages. Pure; the figures come
//! from the preset. It decides nothing: `propose` does.

use super::preset::{Bounds, Preset};
use std::collections::HashMap;
use std::hash::Hash;
use zf_base::geo::{Point, haversine_m};
use zf_base::{CustomerId, HouseholdId, VillageGroupId};

/// Sex as an ID number tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// One customer, opened in memory. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Person {
    /// Who.
    pub id: CustomerId,
    /// The household now.
    pub household: HouseholdId,
    /// The bank itself has said that this is the household.
    pub given: bool,
    /// Surname; empty when there is no name.
    pub surname: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// The full number.
    pub phone: Option<String>,
    /// The number as the bank has masked it.
    pub phone_stars: Option<String>,
    /// The door, brought into one shape.
    pub door: Option<String>,
    /// The own coordinates.
    pub place: Option<Point>,
    /// Village group.
    pub group: Option<VillageGroupId>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// What two people have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// For living together; negative = against.
    pub points: i64,
    /// The same door.
    pub door: bool,
    /// The same full number.
    pub phone: bool,
    /// The same number as far as the bank shows it.
    pub stars: bool,
    /// Metres between them when they are near.
    pub near: Option<i64>,
    /// The same surname.
    pub surname: bool,
    /// May be husband and wife.
    pub couple: bool,
    /// May be parent and child.
    pub generation: bool,
}

/// Everybody, without what too many share to mean anything.
pub struct Facts<'a> {
    preset: &'a Preset,
    people: &'a [Person],
    /// Doors, numbers and points that few share.
    pub door: Vec<Option<&'a str>>,
    /// Full numbers that few share.
    pub phone: Vec<Option<&'a str>>,
    /// Coordinates that few share.
    pub place: Vec<Option<Point>>,
    common: Vec<bool>,
}

/// A point on a grid of about a metre.
fn spot(p: Point) -> (i64, i64) {
    (
        (p.lat() * 1e5).round() as i64,
        (p.lon() * 1e5).round() as i64,
    )
}

/// Only what at most `most` share.
fn unless_crowded<K: Hash + Eq + Clone>(all: Vec<Option<K>>, most: usize) -> Vec<Option<K>> {
    let mut count: HashMap<K, usize> = HashMap::new();
    for key in all.iter().flatten() {
        *count.entry(key.clone()).or_default() += 1;
    }
    let few = |key: &K| count.get(key).is_some_and(|n| *n <= most);
    all.into_iter().map(|key| key.filter(few)).collect()
}

/// Is the surname common in the person's group?
fn common_surnames(people: &[Person], b: &Bounds) -> Vec<bool> {
    let mut size: HashMap<Option<VillageGroupId>, usize> = HashMap::new();
    let mut named: HashMap<(Option<VillageGroupId>, &str), usize> = HashMap::new();
    for p in people {
        *size.entry(p.group).or_default() += 1;
        *named.entry((p.group, &p.surname)).or_default() += 1;
    }
    let is_common = |p: &Person| {
        let all = size.get(&p.group).copied().unwrap_or(0);
        let same = named
            .get(&(p.group, p.surname.as_str()))
            .copied()
            .unwrap_or(0);
        all >= b.common_people && same as f64 >= b.common_share * all as f64
    };
    people.iter().map(is_common).collect()
}

impl<'a> Facts<'a> {
    /// Looks at everybody once.
    pub fn of(people: &'a [Person], preset: &'a Preset) -> Facts<'a> {
        let most = preset.bounds.crowded;
        let doors = people.iter().map(|p| p.door.as_deref()).collect();
        let phones = people.iter().map(|p| p.phone.as_deref()).collect();
        let spots = people.iter().map(|p| p.place.map(spot)).collect();
        let spots = unless_crowded(spots, most);
        Facts {
            preset,
            people,
            door: unless_crowded(doors, most),
            phone: unless_crowded(phones, most),
            place: people
                .iter()
                .zip(spots)
                .map(|(p, s)| p.place.filter(|_| s.is_some()))
                .collect(),
            common: common_surnames(people, &preset.bounds),
        }
    }

    /// What the people at two places of the list have in common. Symmetric.
    pub fn pair(&self, i: usize, j: usize) -> Evidence {
        let (a, b) = (&self.people[i], &self.people[j]);
        let (points, bounds) = (&self.preset.evidence, &self.preset.bounds);
        let mut e = Evidence::default();
        let doors = self.door[i].zip(self.door[j]);
        e.door = doors.is_some_and(|(x, y)| x == y);
        let apart = doors.is_some_and(|(x, y)| x != y);
        e.points += if e.door { points.same_door } else { 0 };
        e.points += if apart { points.other_door } else { 0 };
        e.phone = self.phone[i].is_some() && self.phone[i] == self.phone[j];
        if e.phone {
            e.points += if apart {
                points.same_phone_other_door
            } else {
                points.same_phone
            };
        }
        e.stars = e.door && a.phone_stars.is_some() && a.phone_stars == b.phone_stars;
        e.points += if e.stars { points.same_masked_phone } else { 0 };
        if let Some((x, y)) = self.place[i].zip(self.place[j]) {
            let metres = haversine_m(x, y).0;
            if metres <= bounds.near_metres {
                e.near = Some(metres.round() as i64);
                e.points += points.near;
            } else if metres > bounds.far_metres {
                e.points += points.far;
            }
        }
        if a.group.zip(b.group).is_some_and(|(x, y)| x != y) {
            e.points += points.other_group;
        }
        self.kinship(i, j, &mut e);
        e
    }

    fn kinship(&self, i: usize, j: usize, e: &mut Evidence) {
        let (a, b) = (&self.people[i], &self.people[j]);
        let (points, bounds) = (&self.preset.evidence, &self.preset.bounds);
        e.surname = !a.surname.is_empty() && a.surname == b.surname;
        if e.surname {
            let common = self.common[i] && self.common[j];
            e.points += if common {
                points.same_surname_common
            } else {
                points.same_surname
            };
        }
        let gap = a.birth_year.zip(b.birth_year).map(|(x, y)| (x - y).abs());
        let (Some(gap), Some((sex, other))) = (gap, a.sex.zip(b.sex)) else {
            e.points += points.unknown_age;
            return;
        };
        let [low, high] = bounds.generation_years;
        e.couple = sex != other && gap <= bounds.couple_years && !e.surname;
        e.generation = (low..=high).contains(&gap);
        if e.couple {
            e.points += points.couple - gap;
        } else if e.generation {
            e.points += points.generation;
        } else if !e.surname {
            e.points += points.unlike;
        }
    }
}
