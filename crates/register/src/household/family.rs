//! Who is who in a proposed household: the head and everybody's relation to
//! the head, guessed from age, sex and surname. Pure; people correct it when
//! they confirm. It adds and removes nobody.

use super::evidence::{Person, Sex};
use super::preset::Preset;
use std::collections::HashMap;

/// Codes of the relations the guess knows; the preset names them.
pub const HEAD: &str = "head";
/// 配偶.
pub const SPOUSE: &str = "spouse";
/// 子女.
pub const CHILD: &str = "child";
/// 父母.
pub const PARENT: &str = "parent";
/// 其他.
pub const OTHER: &str = "other";

/// Place of the head in the list. Prefers the surname most have, a man, and
/// the working age; then the oldest. `this_year` tells the ages.
pub fn head_of(members: &[&Person], this_year: i64, preset: &Preset) -> usize {
    let mut named: HashMap<&str, usize> = HashMap::new();
    for m in members.iter().filter(|m| !m.surname.is_empty()) {
        *named.entry(m.surname.as_str()).or_default() += 1;
    }
    let [low, high] = preset.bounds.head_years;
    let rank = |m: &Person| {
        let age = m.birth_year.map(|y| this_year - y);
        let working = age.is_some_and(|a| (low..=high).contains(&a));
        let line = named.get(m.surname.as_str()).copied().unwrap_or(0);
        (working, line, m.sex == Some(Sex::Male), age.unwrap_or(-1))
    };
    let best = members
        .iter()
        .enumerate()
        .max_by(|(i, a), (j, b)| rank(a).cmp(&rank(b)).then(b.id.cmp(&a.id)).then(j.cmp(i)));
    best.map_or(0, |(i, _)| i)
}

/// Everybody's relation to the head, in the order of the list.
pub fn relations(members: &[&Person], head: usize, preset: &Preset) -> Vec<&'static str> {
    let Some(first) = members.get(head) else {
        return vec![];
    };
    let spouse = spouse_of(members, head, preset);
    let [low, high] = preset.bounds.generation_years;
    let relation = |(i, m): (usize, &&Person)| {
        if i == head {
            return HEAD;
        }
        if Some(i) == spouse {
            return SPOUSE;
        }
        let older = first.birth_year.zip(m.birth_year).map(|(h, b)| h - b);
        match older {
            Some(years) if (low..=high).contains(&years) => PARENT,
            Some(years) if (low..=high).contains(&-years) => CHILD,
            _ => OTHER,
        }
    };
    members.iter().enumerate().map(relation).collect()
}

/// Of the other sex and another surname, nearest in age.
fn spouse_of(members: &[&Person], head: usize, preset: &Preset) -> Option<usize> {
    let first = members.get(head)?;
    let (year, sex) = (first.birth_year?, first.sex?);
    let apart = |m: &Person| m.birth_year.map(|y| (y - year).abs());
    members
        .iter()
        .enumerate()
        .filter(|(i, m)| {
            *i != head && m.sex.is_some_and(|s| s != sex) && m.surname != first.surname
        })
        .filter_map(|(i, m)| apart(m).map(|gap| (gap, m.id, i)))
        .filter(|(gap, _, _)| *gap <= preset.bounds.couple_years)
        .min()
        .map(|(_, _, i)| i)
}
