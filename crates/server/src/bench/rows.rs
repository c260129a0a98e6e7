//! Invented customers in any number, as fast as a disk takes them: the rows of
//! a bank's file, one after the other, never all in memory. Same numbers, same
//! bytes. ID numbers and phones begin like nobody's (see `zf_base`), so the
//! database they go into must be marked as a demo.

use super::words;
use std::fmt::Write as _;
use std::io::{self, Write};
use zf_base::Day;
use zf_base::geo::Datum;
use zf_base::identity::{DEMO_PROVINCE, with_check_char};
use zf_base::phone::DEMO_MOBILE;
use zf_demo::{Area, DemoData, Level, Market, UnitRow, VillageGroupRow};

/// Village groups of one branch.
pub const GROUPS: u64 = 40;
/// Customers of one household.
const HOUSEHOLD: u64 = 3;

/// How many rows, in which branches.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Customers.
    pub rows: u64,
    /// Branches they belong to.
    pub branches: u64,
    /// Branch after branch, as a file of one county may be; else households of
    /// all branches are mixed, as a file in the order of customer numbers is.
    pub sorted: bool,
    /// The same customers a month later: every row says something new.
    pub later: bool,
}

/// A hash that spreads neighbours (splitmix64).
fn spread(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The bank's number of customer `i`.
pub fn customer_no(i: u64) -> String {
    format!("62{i:010}")
}

/// The phone of customer `i`; no two have the same.
pub fn phone(i: u64) -> String {
    format!(
        "{DEMO_MOBILE}{:08}",
        i.wrapping_mul(61_803_399) % 100_000_000
    )
}

/// The ID number of customer `i`.
pub fn id_number(i: u64) -> String {
    let h = spread(i);
    // Twenty thousand days from 1945 on; the rest of the number tells the others apart.
    let born = Day::from_epoch_days(-9_131 + (h % 20_000) as i32);
    let (county, order) = (i / 1_000 % 10_000, i % 1_000);
    let day = born.to_string().replace('-', "");
    with_check_char(&format!("{DEMO_PROVINCE}{county:04}{day}{order:03}"))
}

/// The name of customer `i`.
pub fn name(i: u64) -> String {
    let h = spread(i ^ 0x5eed);
    let pick = |list: &[&'static str], shift: u32| list[(h >> shift) as usize % list.len()];
    let (family, first) = (pick(&words::SURNAMES, 3), pick(&words::GIVEN, 17));
    match h % 5 {
        0 => format!("{family}{first}"),
        _ => format!("{family}{first}{}", pick(&words::GIVEN, 31)),
    }
}

/// The code of branch `b`.
pub fn branch_code(b: u64) -> String {
    format!("B{b:04}")
}

/// The code of a group of branch `b`.
pub fn group_code(b: u64, g: u64) -> String {
    format!("B{b:04}-{g:02}")
}

impl Spec {
    /// The branch of customer `i`.
    pub fn branch(&self, i: u64) -> u64 {
        let household = i / HOUSEHOLD;
        if self.sorted {
            return (household * HOUSEHOLD * self.branches / self.rows.max(1))
                .min(self.branches - 1);
        }
        spread(household) % self.branches
    }

    /// One row of the file.
    fn row(&self, i: u64, out: &mut String) -> std::fmt::Result {
        let (branch, household) = (self.branch(i), i / HOUSEHOLD);
        let h = spread(household ^ 0xd00d);
        let (village, group, door) = (h % 20, h / 20 % GROUPS, h / 977 % 300 + 1);
        let own = spread(i ^ 0xbeef);
        let id = id_number(i);
        let male = usize::from(id.as_bytes()[16] % 2 == 1);
        let later = u64::from(self.later);
        let band = words::BANDS[((own + later) % 4) as usize];
        let job = words::JOBS[(own / 4 % 4) as usize];
        let due = Day::from_epoch_days(20_800 + (own / 64 % 365 + 30 * later) as i32);
        write!(
            out,
            "{},{},{},{id},{},{},{},{},",
            customer_no(i),
            name(i),
            words::SEXES[male],
            phone(i),
            words::address(village, group, door),
            branch_code(branch),
            group_code(branch, group),
        )?;
        // Three of ten files rows come without coordinates.
        if own % 10 < 7 {
            let (east, north) = (h / 7 % 100_000, h / 11 % 100_000);
            write!(out, "{}.{east:05},{}.{north:05},wgs84,", 88, 39)?;
        } else {
            out.push_str(",,,");
        }
        write!(out, "{job},{band},{due},,")?;
        if own.is_multiple_of(5) {
            out.push_str(words::TAGS[(own / 5 % 3) as usize]);
        }
        writeln!(out, ",{},H{household:09},", words::PRODUCTS)
    }

    /// The customers' file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        writeln!(to, "{}", words::CUSTOMER_HEADERS)?;
        let mut line = String::with_capacity(512);
        for i in 0..self.rows {
            line.clear();
            self.row(i, &mut line).map_err(io::Error::other)?;
            to.write_all(line.as_bytes())?;
        }
        to.flush()
    }

    /// Units and village groups, without staff and customers.
    pub fn organisation(&self) -> DemoData {
        let unit = |code: String, name: String, branch: bool| UnitRow {
            code,
            name,
            level: if branch { Level::Branch } else { Level::County },
            parent_code: branch.then(|| "B".to_owned()),
            area: branch.then_some(Area::Rural),
            market: branch.then_some(Market::Rural),
            lat: 39.5,
            lon: 88.5,
            datum: Datum::Wgs84,
            phone: phone(0),
        };
        let mut units = vec![unit("B".to_owned(), words::COUNTY.to_owned(), false)];
        units.extend((0..self.branches).map(|b| unit(branch_code(b), words::branch(b), true)));
        let groups = (0..self.branches).flat_map(|b| (0..GROUPS).map(move |g| (b, g)));
        let village_groups = groups.map(|(b, g)| VillageGroupRow {
            unit_code: branch_code(b),
            code: group_code(b, g),
            township: words::TOWNSHIP.to_owned(),
            village: words::village(g % 20),
            name: words::group(g),
            lat: 39.0 + g as f64 / 1_000.0,
            lon: 88.0 + b as f64 / 1_000.0,
            datum: Datum::Wgs84,
        });
        DemoData {
            units,
            staff: vec![],
            village_groups: village_groups.collect(),
            customers: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use zf_base::identity::{IdCheck, IdRules, check_id_number};
    use zf_base::phone::{PhoneCheck, check_phone};

    #[test]
    fn every_invented_number_is_valid_and_nobody_has_two() {
        let (mut ids, mut phones) = (HashSet::new(), HashSet::new());
        let rules = IdRules {
            accept_demo: true,
            ..IdRules::on("2026-11-23".parse().unwrap())
        };
        for i in (0..20_000).chain(990_000..1_000_000) {
            assert!(matches!(
                check_id_number(&id_number(i), rules),
                IdCheck::Ok { .. }
            ));
            assert!(matches!(
                check_phone(&phone(i), true),
                PhoneCheck::Ok { .. }
            ));
            assert!(ids.insert(id_number(i)), "{i}");
            assert!(phones.insert(phone(i)), "{i}");
        }
    }

    #[test]
    fn the_later_file_has_the_same_people_and_no_equal_row() {
        let spec = Spec {
            rows: 500,
            branches: 7,
            sorted: false,
            later: false,
        };
        let (mut first, mut later) = (Vec::new(), Vec::new());
        spec.write(&mut first).unwrap();
        Spec {
            later: true,
            ..spec
        }
        .write(&mut later)
        .unwrap();
        let lines = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .unwrap()
                .lines()
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (first, later) = (lines(&first), lines(&later));
        assert_eq!((first.len(), later.len()), (500, 500));
        for (a, b) in first.iter().zip(&later) {
            assert_ne!(a, b);
            let fields = |line: &str| {
                line.split(',')
                    .take(8)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(fields(a), fields(b));
        }
    }

    #[test]
    fn a_sorted_file_names_its_branches_one_after_the_other_and_all_of_them() {
        let spec = Spec {
            rows: 10_000,
            branches: 36,
            sorted: true,
            later: false,
        };
        let order: Vec<u64> = (0..spec.rows).map(|i| spec.branch(i)).collect();
        assert!(order.is_sorted());
        assert_eq!(order.iter().collect::<HashSet<_>>().len(), 36);
    }
}
