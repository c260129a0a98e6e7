//! How a person becomes a record: what the clerk leaves out, mistypes, hears
//! wrongly, shortens, and what the core system hides.
//! Knows people and words; nothing of how linkage judges.

use super::words;
use super::{Home, LinkageRow, Person};
use crate::people;
use crate::rng::Rng;
use crate::words as common;
use zf_base::identity::Sex;

/// Shares, 0…1. Those of values hold for every record, the others for copies.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // The names say it.
pub struct Noise {
    /// Expected further records per person.
    pub copies: f64,
    /// Families with one phone for all.
    pub family_phone: f64,
    /// People whose phone belonged to somebody else before.
    pub reused_phone: f64,
    /// Children born together with the one before.
    pub twins: f64,
    pub id_missing: f64,
    pub id_masked: f64,
    pub id_slip: f64,
    /// Of copies: number written with 15 digits.
    pub id_old: f64,
    pub phone_missing: f64,
    pub phone_masked: f64,
    pub phone_slip: f64,
    /// Of copies: another phone than before.
    pub phone_changed: f64,
    pub address_missing: f64,
    /// Of copies: shortened, re-ordered or written otherwise.
    pub address_rewritten: f64,
    /// Of copies: another home and phone (twice as often for women).
    pub moved: f64,
    /// Of copies: one character wrong.
    pub name_slip: f64,
    /// Of copies: another character that sounds the same.
    pub name_by_ear: f64,
    /// Of copies: two characters swapped.
    pub name_swapped: f64,
    /// Of copies: traditional characters.
    pub traditional: f64,
}

impl Default for Noise {
    fn default() -> Noise {
        Noise {
            copies: 0.18,
            family_phone: 0.3,
            reused_phone: 0.04,
            twins: 0.04,
            id_missing: 0.12,
            id_masked: 0.06,
            id_slip: 0.03,
            id_old: 0.02,
            phone_missing: 0.06,
            phone_masked: 0.06,
            phone_slip: 0.03,
            phone_changed: 0.12,
            address_missing: 0.05,
            address_rewritten: 0.5,
            moved: 0.04,
            name_slip: 0.03,
            name_by_ear: 0.03,
            name_swapped: 0.01,
            traditional: 0.02,
        }
    }
}

impl Noise {
    /// Everybody once.
    pub fn without_copies() -> Noise {
        Noise {
            copies: 0.0,
            ..Noise::default()
        }
    }
}

pub(super) struct Noisy<'a> {
    rng: Rng,
    noise: &'a Noise,
}

impl<'a> Noisy<'a> {
    pub fn new(seed: u64, noise: &'a Noise) -> Noisy<'a> {
        Noisy {
            rng: Rng::stream(seed, "linkage.noise"),
            noise,
        }
    }

    /// How many further records; mostly one.
    pub fn copies(&mut self) -> usize {
        let mut copies = 0;
        let mut chance = self.noise.copies / 1.2;
        while copies < 4 && self.rng.chance(chance) {
            copies += 1;
            chance = 0.17;
        }
        copies
    }

    pub fn moves(&mut self, sex: Sex) -> bool {
        let share = if sex == Sex::Female { 1.33 } else { 0.67 };
        self.rng.chance(self.noise.moved * share)
    }

    pub fn changes_phone(&mut self) -> bool {
        self.rng.chance(self.noise.phone_changed)
    }

    /// As first recorded: complete spelling, some values missing, masked or mistyped.
    pub fn first(&mut self, person: &Person, number: usize) -> LinkageRow {
        LinkageRow {
            id: String::new(),
            name: person.name.clone(),
            phone: self.phone(person),
            id_number: self.id_number(person, false),
            address: match self.rng.chance(self.noise.address_missing) {
                true => String::new(),
                false => full_address(&person.home),
            },
            person: number,
        }
    }

    /// As recorded again.
    pub fn copy(&mut self, person: &Person, number: usize) -> LinkageRow {
        let mut row = self.first(person, number);
        row.id_number = self.id_number(person, true);
        row.name = self.name(&person.name);
        if !row.address.is_empty() && self.rng.chance(self.noise.address_rewritten) {
            row.address = self.rewritten(&person.home);
        }
        if self.rng.chance(self.noise.traditional) {
            for (simple, traditional) in words::TRADITIONAL {
                row.name = row.name.replace(simple, traditional);
                row.address = row.address.replace(simple, traditional);
            }
        }
        row
    }

    fn phone(&mut self, person: &Person) -> String {
        let phone = people::phone(person.phone);
        let noise = self.noise;
        if self.rng.chance(noise.phone_missing) {
            return self.nothing();
        }
        if self.rng.chance(noise.phone_masked) {
            return format!("{}****{}", &phone[..3], &phone[7..]);
        }
        if self.rng.chance(noise.phone_slip) {
            return self.slip(&phone, 3, 11);
        }
        match self.rng.below(20) {
            0 => format!("+86 {phone}"),
            1 => format!("{} {} {}", &phone[..3], &phone[3..7], &phone[7..]),
            _ => phone,
        }
    }

    fn id_number(&mut self, person: &Person, again: bool) -> String {
        let id = &person.id_number;
        let noise = self.noise;
        if self.rng.chance(noise.id_missing) {
            return self.nothing();
        }
        if self.rng.chance(noise.id_masked) {
            return match self.rng.below(3) {
                0 => format!("{}***********{}", &id[..3], &id[14..]),
                1 => format!("{}********{}", &id[..6], &id[14..]),
                _ => format!("{}****", &id[..14]),
            };
        }
        if self.rng.chance(noise.id_slip) {
            return self.slip(id, 6, 17);
        }
        if again && &id[6..8] == "19" && self.rng.chance(noise.id_old) {
            return format!("{}{}", &id[..6], &id[8..17]);
        }
        match self.rng.below(30) {
            0 => id.to_lowercase(),
            1 => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
            _ => id.clone(),
        }
    }

    /// What clerks write into a field they must fill.
    fn nothing(&mut self) -> String {
        (*self.rng.pick(&["", "", "", "-", "0", "11111111111"])).to_owned()
    }

    /// One digit wrong, or two neighbours swapped, between two places.
    fn slip(&mut self, digits: &str, from: usize, to: usize) -> String {
        let mut bytes = digits.as_bytes().to_vec();
        let at = from + self.rng.below(to - from - 1);
        if self.rng.chance(0.3) && bytes[at] != bytes[at + 1] && bytes[at + 1].is_ascii_digit() {
            bytes.swap(at, at + 1);
        } else {
            let step = 1 + self.rng.below(9) as u8;
            bytes[at] = b'0' + (bytes[at] - b'0' + step) % 10;
        }
        bytes.into_iter().map(char::from).collect()
    }

    fn name(&mut self, name: &str) -> String {
        let mut chars: Vec<char> = name.chars().collect();
        let noise = self.noise;
        let last = chars.len() - 1;
        if self.rng.chance(noise.name_swapped) && last >= 2 {
            chars.swap(1, 2);
        } else if self.rng.chance(noise.name_by_ear) {
            return self.by_ear(&chars);
        } else if self.rng.chance(noise.name_slip) {
            let at = 1 + self.rng.below(last.max(1));
            let pool = common::GIVEN[self.rng.below(3)][self.rng.below(2)];
            let other = self.rng.pick(pool).chars().next();
            if let (Some(other), Some(place)) = (other, chars.get_mut(at)) {
                *place = other;
            }
        }
        chars.into_iter().collect()
    }

    fn by_ear(&mut self, chars: &[char]) -> String {
        let name: String = chars.iter().collect();
        for (a, b) in words::ALIKE {
            for (from, to) in [(a, b), (b, a)] {
                if name.contains(from) {
                    return name.replacen(from, to, 1);
                }
            }
        }
        name
    }

    fn rewritten(&mut self, home: &Home) -> String {
        let [town, village] = &home.parts;
        let county = county(home);
        let stem = |s: &str| {
            let cut: Vec<char> = s.chars().collect();
            cut[..cut.len() - 1].iter().collect::<String>()
        };
        let [first, second] = home.numbers;
        if let Some(estate) = home.estate {
            let block = words::BLOCK;
            return match self.rng.below(6) {
                0 => format!("{county}{town}{village}{estate}{first}{block}{second}"),
                1 => format!("{village}{estate}{first}-{second}"),
                2 => format!(
                    "{estate}{first}{}{second}{}",
                    common::BUILDING,
                    common::ROOM
                ),
                3 => format!("{county}{village}{estate}{first}{block}"),
                4 => format!("{town} {estate} {first}{block} {second}"),
                _ => format!("{estate}{first}-{second}({county}{village})"),
            };
        }
        let (group, house) = (words::GROUP, common::HOUSE);
        let spelled = words::NUMERALS[first];
        match self.rng.below(7) {
            0 => format!("{county}{town}{village}{spelled}{group}{second}{house}"),
            1 => format!("{town}{village}{first}{group}{second}{house}"),
            2 => format!("{village}{first}{group}{second}{house}"),
            3 => format!("{}{}{first}{group}{second}", stem(town), stem(village)),
            4 => format!("{county}{town}{village}{second}{house}"),
            5 => format!("{town}{village}{spelled}{group}"),
            _ => format!("{county}{town}{village}"),
        }
    }
}

fn county(home: &Home) -> String {
    format!("{}{}", common::COUNTIES[home.county], words::COUNTY)
}

fn full_address(home: &Home) -> String {
    let [town, village] = &home.parts;
    let [first, second] = home.numbers;
    let start = format!(
        "{}{}{}{town}{village}",
        words::PROVINCE,
        words::CITY,
        county(home)
    );
    match home.estate {
        Some(estate) => format!(
            "{start}{estate}{first}{}{second}{}",
            words::BLOCK,
            common::ROOM
        ),
        None => format!("{start}{first}{}{second}{}", words::GROUP, common::HOUSE),
    }
}
