//! The proposer against invented villages whose households are known, and
//! against the cases that go wrong in practice.

use super::door::door;
use super::evidence::{Person, Sex};
use super::preset::Preset;
use super::propose::{Proposal, propose, surname};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use zf_base::geo::Point;
use zf_base::{CustomerId, HouseholdId, Uuid, VillageGroupId};

const YEAR: i64 = 2026;

fn preset() -> &'static Preset {
    Preset::get().unwrap()
}

/// One customer in a household of the own.
fn one(n: u128, name: &str, sex: Sex, born: i64, address: &str) -> Person {
    Person {
        id: CustomerId(Uuid::from_u128(n)),
        household: HouseholdId(Uuid::from_u128(n + 1_000_000)),
        given: false,
        surname: surname(name, preset()),
        sex: Some(sex),
        birth_year: Some(born),
        phone: None,
        phone_stars: None,
        door: door(address, &preset().address),
        place: None,
        group: None,
    }
}

fn numbers(p: &Proposal) -> Vec<u128> {
    let mut all: Vec<u128> = p.members.iter().map(|m| m.id.0.as_u128()).collect();
    all.sort_unstable();
    all
}

fn proposed(people: &[Person]) -> Vec<Vec<u128>> {
    propose(people, YEAR, preset())
        .iter()
        .map(numbers)
        .collect()
}

const DOOR: &str = "青山镇大河村3组12号";

#[test]
fn a_couple_with_a_child_and_a_grandmother_is_one_household_with_its_relations() {
    let people = [
        one(1, "王建国", Sex::Male, 1970, DOOR),
        one(2, "李秀英", Sex::Female, 1972, "大河村三组12号"),
        one(3, "王磊", Sex::Male, 1996, DOOR),
        one(4, "赵玉兰", Sex::Female, 1946, DOOR),
        one(5, "孙强", Sex::Male, 1971, "大河村3组13号"),
    ];
    let found = propose(&people, YEAR, preset());
    assert_eq!(found.len(), 1);
    let members: Vec<(u128, &str)> = found[0]
        .members
        .iter()
        .map(|m| (m.id.0.as_u128(), m.relation))
        .collect();
    assert_eq!(
        members,
        [(1, "head"), (2, "spouse"), (3, "child"), (4, "parent")]
    );
    let codes: Vec<&str> = found[0].reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["same_door", "same_surname", "couple", "generation"]);
    assert_eq!(found[0].reasons[0].n, 4);
}

#[test]
fn twins_at_one_door_stay_together() {
    let people = [
        one(1, "王一", Sex::Female, 2001, DOOR),
        one(2, "王二", Sex::Female, 2001, DOOR),
    ];
    assert_eq!(proposed(&people), [[1, 2]]);
}

#[test]
fn one_number_at_one_door_binds_and_at_two_doors_does_not() {
    let mut people = [
        one(1, "王建国", Sex::Male, 1970, DOOR),
        one(2, "孙强", Sex::Male, 1971, DOOR),
    ];
    assert!(proposed(&people).is_empty(), "two men of two surnames");
    for p in &mut people {
        p.phone = Some("10400001111".to_owned());
    }
    assert_eq!(proposed(&people), [[1, 2]], "who share a number");
    people[1].door = door("大河村3组40号", &preset().address);
    assert!(proposed(&people).is_empty(), "from two doors");
}

#[test]
fn a_dormitory_and_a_number_of_a_shop_make_no_household() {
    let mut people: Vec<Person> = (0..40)
        .map(|n| {
            one(
                n,
                ["王明", "李明", "张明", "刘明"][n as usize % 4],
                Sex::Male,
                1985 + n as i64 % 9,
                "城关镇工业路8号",
            )
        })
        .collect();
    assert!(proposed(&people).is_empty(), "forty people at one number");
    for (n, p) in people.iter_mut().enumerate() {
        p.door = door(&format!("大河村3组{n}号"), &preset().address);
        p.phone = Some("10400002222".to_owned());
    }
    assert!(proposed(&people).is_empty(), "forty people with one number");
}

#[test]
fn a_building_without_the_room_is_not_a_door() {
    let people = [
        one(1, "王建国", Sex::Male, 1970, "阳光小区5栋"),
        one(2, "李秀英", Sex::Female, 1972, "阳光小区5栋"),
    ];
    assert!(proposed(&people).is_empty());
    let people = [
        one(1, "王建国", Sex::Male, 1970, "阳光小区5栋2单元302室"),
        one(2, "李秀英", Sex::Female, 1972, "阳光小区5-2-302"),
    ];
    assert_eq!(proposed(&people), [[1, 2]]);
}

#[test]
fn a_few_metres_help_and_a_hundred_speak_against() {
    let mut people = [
        one(1, "王建国", Sex::Male, 1970, "大河村"),
        one(2, "王磊", Sex::Male, 1996, "大河村"),
    ];
    assert!(proposed(&people).is_empty(), "a village and a surname");
    people[0].place = Point::new(38.9, 82.1).ok();
    people[1].place = Point::new(38.900_03, 82.100_02).ok();
    assert_eq!(proposed(&people), [[1, 2]], "four metres");
    for p in &mut people {
        p.door = door(DOOR, &preset().address);
    }
    people[1].place = Point::new(38.902, 82.1).ok();
    assert!(proposed(&people).is_empty(), "one door, 220 metres");
}

#[test]
fn what_the_bank_calls_a_household_is_joined_by_single_people_and_by_no_other() {
    let mut people = [
        one(1, "王建国", Sex::Male, 1970, DOOR),
        one(2, "李秀英", Sex::Female, 1972, DOOR),
        one(3, "王磊", Sex::Male, 1996, DOOR),
        one(4, "王芳", Sex::Female, 1999, DOOR),
    ];
    people[1].household = people[0].household;
    let found = propose(&people, YEAR, preset());
    assert_eq!(
        found.iter().map(numbers).collect::<Vec<_>>(),
        [[1, 2, 3, 4]]
    );
    people[3].household = people[2].household;
    assert!(proposed(&people).is_empty(), "two households of the bank");
}

/// Small and deterministic.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }
}

const SURNAMES: [&str; 16] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
    "欧阳",
];

/// The address of a door as different clerks write it.
fn written(d: &mut Dice, village: &str, group: u64, house: u64) -> String {
    let words = ["一", "二", "三", "四", "五", "六"];
    match d.below(6) {
        0 => format!("云溪县青山镇{village}{group}组{house}号"),
        1 => format!("{village}{}组{house}号", words[group as usize - 1]),
        2 => format!(
            "青山镇{village}第{}村民小组{house}号",
            words[group as usize - 1]
        ),
        3 => format!("{village} {group}组 {house}"),
        _ => format!("青山镇{village}{group}组{house}号"),
    }
}

/// Names, sexes and years of birth of one family.
fn family_of(d: &mut Dice, line: &str, born: i64) -> Vec<(String, Sex, i64)> {
    let mut family = vec![(line.to_owned(), Sex::Male, born)];
    if !d.one_in(5) {
        family.push((
            d.of(&SURNAMES).to_owned(),
            Sex::Female,
            born - 4 + d.below(8) as i64,
        ));
    }
    for _ in 0..d.below(3) {
        let sex = if d.one_in(2) { Sex::Male } else { Sex::Female };
        family.push((line.to_owned(), sex, born + 21 + d.below(12) as i64));
    }
    if d.one_in(4) {
        family.push((
            d.of(&SURNAMES).to_owned(),
            Sex::Female,
            born - 20 - d.below(10) as i64,
        ));
    }
    family
}

/// A village branch with known households: shared and re-used numbers, missing
/// values, one surname for a third of a village, a dormitory.
fn village(seed: u64, households: u64) -> (Vec<Person>, BTreeMap<u128, u64>) {
    let mut d = Dice(seed);
    let (mut people, mut truth) = (Vec::new(), BTreeMap::new());
    let villages = ["大河村", "石桥村", "白杨村", "新庄村", "南沟村"];
    let mut n: u128 = 0;
    for h in 0..households {
        let (v, group) = (d.below(5), 1 + d.below(6));
        // One number in twenty-five is given twice in a group.
        let house = if d.one_in(25) {
            1 + d.below(20)
        } else {
            21 + h
        };
        let line = if d.one_in(3) {
            SURNAMES[v as usize]
        } else {
            d.of(&SURNAMES)
        };
        let place = d
            .one_in(2)
            .then(|| (38.5 + h as f64 * 4e-4, 82.1 + d.below(100) as f64 * 1e-4));
        let born = 1950 + d.below(45) as i64;
        let phone = d.one_in(3).then(|| format!("104{h:08}"));
        let family = family_of(&mut d, line, born);
        for (name, sex, year) in family {
            n += 1;
            let address = written(&mut d, villages[v as usize], group, house);
            let mut p = one(
                n,
                &format!("{name}某某"),
                sex,
                year,
                if d.one_in(30) { "" } else { &address },
            );
            p.group = Some(VillageGroupId(Uuid::from_u128(u128::from(v * 10 + group))));
            if d.one_in(15) {
                (p.sex, p.birth_year) = (None, None);
            }
            let own = if d.one_in(60) {
                "10499999999".to_owned()
            } else {
                format!("105{n:08}")
            };
            p.phone = (!d.one_in(12)).then(|| phone.clone().unwrap_or(own));
            p.place = place.filter(|_| !d.one_in(5)).and_then(|(lat, lon)| {
                Point::new(
                    lat + d.below(5) as f64 * 1e-5,
                    lon + d.below(5) as f64 * 1e-5,
                )
                .ok()
            });
            truth.insert(n, h);
            people.push(p);
        }
    }
    for k in 0..120 {
        n += 1;
        people.push(one(
            n,
            d.of(&SURNAMES),
            Sex::Male,
            1980 + k % 20,
            "城关镇工业路8号",
        ));
        truth.insert(n, 1_000_000 + n as u64);
    }
    (people, truth)
}

fn pairs<'a>(groups: impl Iterator<Item = Vec<u128>> + 'a) -> BTreeSet<(u128, u128)> {
    let mut all = BTreeSet::new();
    for g in groups {
        for (i, a) in g.iter().enumerate() {
            all.extend(g[i + 1..].iter().map(|b| (*a, *b)));
        }
    }
    all
}

/// Precision and recall of pairs of members.
fn measured(people: &[Person], truth: &BTreeMap<u128, u64>) -> (f64, f64) {
    let mut homes: BTreeMap<u64, Vec<u128>> = BTreeMap::new();
    for (who, home) in truth {
        homes.entry(*home).or_default().push(*who);
    }
    let wanted = pairs(homes.into_values());
    let found = pairs(proposed(people).into_iter());
    let right = found.intersection(&wanted).count() as f64;
    (right / found.len() as f64, right / wanted.len() as f64)
}

#[test]
fn in_villages_with_known_households_pairs_are_found_and_found_right() {
    for seed in [3, 17, 2026] {
        let (people, truth) = village(seed, 1_500);
        let (precision, recall) = measured(&people, &truth);
        println!(
            "seed {seed}: precision {precision:.4} recall {recall:.4} of {} people",
            people.len()
        );
        assert!(precision >= 0.97, "{seed}: precision {precision:.4}");
        assert!(recall >= 0.90, "{seed}: recall {recall:.4}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn proposals_are_disjoint_bounded_and_the_same_in_any_order(seed in 0u64..10_000) {
        let (people, _) = village(seed, 60);
        let found = propose(&people, YEAR, preset());
        let mut seen = BTreeSet::new();
        for p in &found {
            prop_assert!((2..=preset().bounds.members_max).contains(&p.members.len()));
            prop_assert!((0..=100).contains(&p.score) && !p.reasons.is_empty());
            prop_assert_eq!(p.members.iter().filter(|m| m.relation == "head").count(), 1);
            prop_assert_eq!(p.members[0].relation, "head");
            for m in &p.members {
                prop_assert!(seen.insert(m.id), "{} twice", m.id);
            }
        }
        let mut turned = people.clone();
        turned.reverse();
        prop_assert_eq!(&found, &propose(&turned, YEAR, preset()));
        // Once they are accepted there is nothing left to propose of the same people.
        let home: BTreeMap<CustomerId, HouseholdId> = found
            .iter()
            .flat_map(|p| p.members.iter().map(|m| (m.id, p.members[0].household)))
            .collect();
        let mut settled = people.clone();
        for p in &mut settled {
            p.household = home.get(&p.id).copied().unwrap_or(p.household);
        }
        for p in propose(&settled, YEAR, preset()) {
            let before: BTreeSet<HouseholdId> = p.members.iter().map(|m| m.household).collect();
            prop_assert!(before.len() > 1, "only what is still apart");
        }
    }
}
