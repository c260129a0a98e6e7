//! Invented people: names from common surnames and characters in fashion when
//! somebody was born, ID numbers with a valid check character but no real
//! province, phones no carrier has. Numbers are unique within one demo.

use crate::rng::Rng;
use crate::words;
use std::collections::HashMap;
use zf_base::Day;
use zf_base::identity::{DEMO_PROVINCE, Sex, with_check_char};
use zf_base::phone::DEMO_MOBILE;

/// A surname by its share of the population.
pub fn surname(rng: &mut Rng) -> &'static str {
    let weights: Vec<u32> = words::SURNAMES.iter().map(|(_, w)| *w).collect();
    words::SURNAMES[rng.weighted(&weights)].0
}

/// A full name for somebody born in that year.
pub fn name(rng: &mut Rng, surname: &str, sex: Sex, birth_year: i16) -> String {
    let era = match birth_year {
        ..1970 => 0,
        1970..1990 => 1,
        _ => 2,
    };
    let pool = words::GIVEN[era][usize::from(sex == Sex::Female)];
    let first = rng.pick(pool);
    if rng.chance(0.15) {
        return format!("{surname}{first}");
    }
    format!("{surname}{first}{}", rng.pick(pool))
}

/// A day of birth for somebody of that age on `anchor`.
pub fn birth(rng: &mut Rng, age: u8, anchor: Day) -> Day {
    let latest = same_day(anchor, anchor.year() - i16::from(age));
    // 364 and not 365 days, so that the age is right in leap years too.
    latest.plus_days(-rng.range(0, 364))
}

/// The same month and day in another year; 29 February becomes 28 February.
fn same_day(day: Day, year: i16) -> Day {
    Day::new(year, day.month(), day.day_of_month())
        .or_else(|_| Day::new(year, day.month(), 28))
        .unwrap_or(day)
}

/// Gives out ID numbers: region, birth, a sequence number that is odd for men.
#[derive(Default)]
pub struct IdNumbers {
    given: HashMap<(usize, Day, bool), u16>,
    start: u16,
}

impl IdNumbers {
    /// Numbers from this place of every day and sex on.
    pub fn starting_at(start: u16) -> IdNumbers {
        IdNumbers {
            given: HashMap::new(),
            start,
        }
    }
    /// The next number for a county (0…98), day and sex. 500 per day and sex.
    pub fn next(&mut self, county: usize, birth: Day, sex: Sex) -> String {
        let male = sex == Sex::Male;
        let count = self
            .given
            .entry((county, birth, male))
            .or_insert(self.start);
        let sequence = (*count * 2 + u16::from(male)) % 1000;
        *count += 1;
        let day = birth.to_string().replace('-', "");
        with_check_char(&format!(
            "{DEMO_PROVINCE}01{:02}{day}{sequence:03}",
            county + 1
        ))
    }
}

/// Where the phones of customers, staff and units begin.
pub const CUSTOMER_PHONES: usize = 0;
/// Staff.
pub const STAFF_PHONES: usize = 50_000_000;
/// Customers of the practice files.
pub const MESS_PHONES: usize = 70_000_000;
/// Units.
pub const UNIT_PHONES: usize = 60_000_000;

/// The n-th demo phone, n < 10^8: looks random, never repeats (a Feistel network
/// over two halves of four digits permutes all numbers of eight digits).
pub fn phone(n: usize) -> String {
    let (mut high, mut low) = (n / 10_000 % 10_000, n % 10_000);
    for round in [7_919, 6_271, 3_469, 9_067] {
        let mixed = (low * 5_449 + round) * (low + 137) / 11;
        (high, low) = (low, (high + mixed) % 10_000);
    }
    format!("{DEMO_MOBILE}{high:04}{low:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_exact_on_the_anchor_day() {
        let mut rng = Rng::stream(3, "birth");
        for anchor in ["2016-10-01", "2016-02-29", "2026-11-23"] {
            let anchor: Day = anchor.parse().unwrap();
            for i in 0..2_000 {
                let age = 18 + (i % 78) as u8;
                let born = birth(&mut rng, age, anchor);
                assert_eq!(born.years_until(anchor), i32::from(age), "{born} {anchor}");
            }
        }
    }

    #[test]
    fn phones_never_repeat_and_do_not_look_like_a_series() {
        let numbers: Vec<String> = (0..200_000).map(phone).collect();
        let distinct: std::collections::BTreeSet<&String> = numbers.iter().collect();
        assert_eq!(distinct.len(), numbers.len());
        assert!(numbers.iter().all(|n| n.len() == 11));
        let mut steps: Vec<i64> = numbers[..1000]
            .windows(2)
            .map(|w| w[1].parse::<i64>().unwrap() - w[0].parse::<i64>().unwrap())
            .collect();
        steps.sort_unstable();
        steps.dedup();
        assert!(steps.len() > 990, "{}", steps.len());
    }

    #[test]
    fn names_follow_the_fashion_of_the_year() {
        let mut rng = Rng::stream(3, "names");
        for _ in 0..200 {
            let given = name(&mut rng, "", Sex::Female, 1950);
            assert!(
                given
                    .chars()
                    .all(|c| words::GIVEN[0][1].contains(&c.to_string().as_str()))
            );
        }
    }
}
