//! Groups the clients of one branch into households of one to five members:
//! couples of nearly equal age, grown-up children and old parents with them.
//! Uses only age and marital state; sex is decided here because the source has
//! none.

use crate::bank::{BankRow, Marital};
use crate::rng::Rng;
use zf_base::identity::Sex;

/// Most customers of one household.
const MEMBERS_MAX: usize = 5;
/// Share of married clients whose spouse is a client too.
const COUPLES: f64 = 0.85;
/// Share of unmarried clients below 40 who live with their parents.
const WITH_PARENTS: f64 = 0.85;
/// Share of unmarried clients of 55 and more who live with a child.
const WITH_CHILDREN: f64 = 0.7;
/// Years between parents and children.
const GENERATION: (i32, i32) = (20, 38);

/// Place in the household; decides the surname.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Head,
    Spouse,
    Child,
    Parent,
}

/// One client in a household.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Index of the source row.
    pub row: usize,
    pub role: Role,
    pub sex: Sex,
}

struct Household {
    head_age: i32,
    members: Vec<Member>,
}

/// Households of the clients `rows` (indices into `source`), in random order.
/// Every client is in exactly one.
pub fn group(rng: &mut Rng, source: &[BankRow], rows: &[usize]) -> Vec<Vec<Member>> {
    let mut rows = rows.to_vec();
    rng.shuffle(&mut rows);
    // Stable, so that equal ages stay shuffled.
    rows.sort_by_key(|i| source[*i].age);
    let (married, others): (Vec<usize>, Vec<usize>) = rows
        .into_iter()
        .partition(|i| source[*i].marital == Marital::Married);
    let mut households = couples(rng, source, &married);
    let with_head = households.len();
    for row in others {
        let age = i32::from(source[row].age);
        let (chance, ages, role) = match age {
            ..40 => (
                WITH_PARENTS,
                (age + GENERATION.0, age + GENERATION.1),
                Role::Child,
            ),
            55.. => (
                WITH_CHILDREN,
                (age - GENERATION.1, age - GENERATION.0),
                Role::Parent,
            ),
            _ => (0.0, (0, 0), Role::Head),
        };
        if rng.chance(chance) && join(rng, &mut households[..with_head], ages, row, role) {
            continue;
        }
        households.push(alone(rng, age, row));
    }
    rng.shuffle(&mut households);
    households.into_iter().map(|h| h.members).collect()
}

/// Neighbours in the order of age marry; the rest live with a spouse who is no client.
fn couples(rng: &mut Rng, source: &[BankRow], married: &[usize]) -> Vec<Household> {
    let mut households = Vec::new();
    let mut left = married;
    while let [first, rest @ ..] = left {
        let age = i32::from(source[*first].age);
        left = rest;
        let [second, rest @ ..] = rest else {
            households.push(alone(rng, age, *first));
            break;
        };
        if !rng.chance(COUPLES) {
            households.push(alone(rng, age, *first));
            continue;
        }
        left = rest;
        // Sorted by age: the second is as old or older, and heads the household.
        households.push(Household {
            head_age: i32::from(source[*second].age),
            members: vec![
                Member {
                    row: *second,
                    role: Role::Head,
                    sex: Sex::Male,
                },
                Member {
                    row: *first,
                    role: Role::Spouse,
                    sex: Sex::Female,
                },
            ],
        });
    }
    households
}

fn alone(rng: &mut Rng, age: i32, row: usize) -> Household {
    let sex = if rng.chance(0.55) {
        Sex::Male
    } else {
        Sex::Female
    };
    Household {
        head_age: age,
        members: vec![Member {
            row,
            role: Role::Head,
            sex,
        }],
    }
}

/// Puts a client into a household whose head is of one of these ages;
/// `false` when there is none with room.
fn join(
    rng: &mut Rng,
    households: &mut [Household],
    ages: (i32, i32),
    row: usize,
    role: Role,
) -> bool {
    let first = households.partition_point(|h| h.head_age < ages.0);
    let end = households.partition_point(|h| h.head_age <= ages.1);
    if first >= end {
        return false;
    }
    let household = &mut households[first + rng.below(end - first)];
    if household.members.len() >= MEMBERS_MAX {
        return false;
    }
    let male = match role {
        Role::Parent => 0.4,
        _ => 0.52,
    };
    let sex = if rng.chance(male) {
        Sex::Male
    } else {
        Sex::Female
    };
    household.members.push(Member { row, role, sex });
    true
}
