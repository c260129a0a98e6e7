//! A benchmark for linkage: records of invented people with the truth beside
//! them. Hard on purpose: twins, families with one phone, phones given out
//! again, women who moved at marriage, namesakes, masked and missing values,
//! slips of hand and ear, addresses shortened and re-ordered. Pure: same
//! [`LinkageSpec`], same records. Nothing here knows how linkage works.

mod noise;
mod words;

pub use noise::Noise;

use crate::people;
use crate::rng::Rng;
use crate::words as common;
use noise::Noisy;
use std::collections::HashMap;
use zf_base::Day;
use zf_base::identity::{DEMO_PROVINCE, Sex, with_check_char};

/// What to write.
#[derive(Clone, Debug)]
pub struct LinkageSpec {
    /// How many records.
    pub records: usize,
    /// Same seed, same records.
    pub seed: u64,
    /// How the records differ from the truth.
    pub noise: Noise,
}

/// One record with the person it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkageRow {
    /// Unique.
    pub id: String,
    /// Name as recorded.
    pub name: String,
    /// Phone as recorded; empty = missing.
    pub phone: String,
    /// ID number as recorded; empty = missing.
    pub id_number: String,
    /// Address as recorded; empty = missing.
    pub address: String,
    /// The truth: records with the same number are of one person.
    pub person: usize,
}

/// An address in its parts.
#[derive(Clone)]
struct Home {
    county: usize,
    /// Town or street office; village or road.
    parts: [String; 2],
    estate: Option<&'static str>,
    /// Group and door in a village; block and room in an estate.
    numbers: [usize; 2],
}

/// A person.
#[derive(Clone)]
struct Person {
    name: String,
    sex: Sex,
    phone: usize,
    id_number: String,
    home: Home,
}

/// Makes the records, mixed.
pub fn linkage(spec: &LinkageSpec) -> Vec<LinkageRow> {
    let mut town = Town {
        rng: Rng::stream(spec.seed, "linkage.people"),
        ids: HashMap::new(),
        phones: 0,
        given_up: Vec::new(),
    };
    let mut noisy = Noisy::new(spec.seed, &spec.noise);
    let mut rows = Vec::with_capacity(spec.records + 8);
    let mut number = 0;
    while rows.len() < spec.records {
        for mut person in town.family(&spec.noise) {
            rows.push(noisy.first(&person, number));
            for _ in 0..noisy.copies() {
                if noisy.moves(person.sex) {
                    person.home = town.home();
                    town.given_up.push(person.phone);
                    person.phone = town.new_phone();
                }
                if noisy.changes_phone() {
                    town.given_up.push(person.phone);
                    person.phone = town.new_phone();
                }
                rows.push(noisy.copy(&person, number));
            }
            number += 1;
        }
    }
    rows.truncate(spec.records);
    Rng::stream(spec.seed, "linkage.order").shuffle(&mut rows);
    for (i, row) in rows.iter_mut().enumerate() {
        row.id = format!("R{:07}", i + 1);
    }
    rows
}

struct Town {
    rng: Rng,
    /// Sequence numbers given out by county, day and sex.
    ids: HashMap<(usize, Day, bool), usize>,
    phones: usize,
    /// Phones that somebody has no more and the carrier gives out again.
    given_up: Vec<usize>,
}

impl Town {
    fn new_phone(&mut self) -> usize {
        self.phones += 1;
        self.phones
    }

    fn home(&mut self) -> Home {
        let rng = &mut self.rng;
        let county = rng.below(common::COUNTIES.len());
        if rng.chance(0.4) {
            let place = *rng.pick(&common::URBAN_PLACES);
            return Home {
                county,
                parts: [
                    format!("{place}{}", common::STREET_OFFICE),
                    (*rng.pick(&words::ROADS)).to_owned(),
                ],
                estate: Some(*rng.pick(&words::ESTATES)),
                numbers: [1 + rng.below(30), 101 + rng.below(30) * 100 + rng.below(4)],
            };
        }
        let town = *rng.pick(&common::RURAL_PLACES);
        let village = (
            rng.pick(&common::VILLAGE_STARTS),
            rng.pick(&common::VILLAGE_STEMS),
        );
        Home {
            county,
            parts: [
                format!("{town}{}", common::TOWN),
                format!("{}{}{}", village.0, village.1, common::VILLAGE),
            ],
            estate: None,
            numbers: [1 + rng.below(12), 1 + rng.below(120)],
        }
    }

    fn person(
        &mut self,
        surname: &str,
        sex: Sex,
        birth: Day,
        home: &Home,
        given: Option<String>,
    ) -> Person {
        let name = match given {
            Some(given) => format!("{surname}{given}"),
            None => people::name(&mut self.rng, surname, sex, birth.year()),
        };
        Person {
            name,
            sex,
            phone: 0,
            id_number: self.id_number(home.county, birth, sex),
            home: home.clone(),
        }
    }

    /// Numbers of one day begin anywhere and go on one after the other, as at a
    /// registry: twins have neighbours.
    fn id_number(&mut self, county: usize, birth: Day, sex: Sex) -> String {
        let male = usize::from(sex == Sex::Male);
        let start = self.rng.below(500);
        let next = self.ids.entry((county, birth, male == 1)).or_insert(start);
        let sequence = (*next * 2 + male) % 1000;
        *next += 1;
        let day = birth.to_string().replace('-', "");
        with_check_char(&format!(
            "{DEMO_PROVINCE}01{:02}{day}{sequence:03}",
            county + 1
        ))
    }

    /// A couple with up to three children, or somebody alone.
    fn family(&mut self, noise: &Noise) -> Vec<Person> {
        let home = self.home();
        let year = 1935 + self.rng.below(65) as i16;
        let surname = people::surname(&mut self.rng);
        let day = self.day(year);
        let mut family = vec![self.person(surname, Sex::Male, day, &home, None)];
        if self.rng.chance(0.75) {
            let day = self.day(year + 2);
            let hers = people::surname(&mut self.rng);
            family.push(self.person(hers, Sex::Female, day, &home, None));
            let children = self.rng.below(4);
            self.children(&mut family, surname, children, year + 24, noise);
        }
        let shared = self.new_phone();
        let share = self.rng.chance(noise.family_phone);
        for person in &mut family {
            person.phone = match (share, self.rng.chance(noise.reused_phone)) {
                (true, _) => shared,
                (false, true) => self.given_up.pop().unwrap_or(shared),
                (false, false) => self.new_phone(),
            };
        }
        family
    }

    /// Brothers and sisters often share a character; twins also the day.
    fn children(
        &mut self,
        family: &mut Vec<Person>,
        surname: &str,
        count: usize,
        year: i16,
        noise: &Noise,
    ) {
        let home = family[0].home.clone();
        let generation = self
            .rng
            .chance(0.5)
            .then(|| self.character(year, Sex::Male));
        let mut day = self.day(year);
        for n in 0..count {
            let twin = n > 0 && self.rng.chance(noise.twins);
            if !twin {
                day = self.day(year + 2 * n as i16);
            }
            let sex = if self.rng.chance(0.5) {
                Sex::Male
            } else {
                Sex::Female
            };
            let sex = if twin {
                family[family.len() - 1].sex
            } else {
                sex
            };
            let taken: Vec<String> = family.iter().map(|p| p.name.clone()).collect();
            let given = loop {
                let own = self.character(year, sex);
                let given = format!("{}{own}", generation.unwrap_or(""));
                if !taken.contains(&format!("{surname}{given}")) {
                    break given;
                }
            };
            let child = self.person(surname, sex, day, &home, Some(given));
            family.push(child);
        }
    }

    fn character(&mut self, year: i16, sex: Sex) -> &'static str {
        let era = usize::from(year >= 1970) + usize::from(year >= 1990);
        let pool: &'static [&'static str] = common::GIVEN[era][usize::from(sex == Sex::Female)];
        pool[self.rng.below(pool.len())]
    }

    fn day(&mut self, year: i16) -> Day {
        let since = i32::from(year) - 1970;
        Day::from_epoch_days(since * 365 + since / 4 + self.rng.range(1, 364))
    }
}

#[cfg(test)]
mod tests;
