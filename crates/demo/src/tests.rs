//! What the demo promises: same seed same bytes, nobody real, sane figures.

use super::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use zf_base::geo::{Point, haversine_m};
use zf_base::identity::{IdCheck, IdRules, check_id_number};
use zf_base::phone::{Line, PhoneCheck, check_phone};

fn spec(size: Size, seed: u64) -> DemoSpec {
    DemoSpec {
        size,
        seed,
        anchor: "2016-10-01".parse().unwrap(),
    }
}

/// The county of seed 1, generated once for all tests.
fn county() -> &'static DemoData {
    static DATA: OnceLock<DemoData> = OnceLock::new();
    DATA.get_or_init(|| generate(&spec(Size::County, 1), None))
}

fn bytes(data: &DemoData) -> [String; 4] {
    [
        write_units_csv(data),
        write_staff_csv(data),
        write_village_groups_csv(data),
        write_customers_csv(data),
    ]
}

fn hash(data: &DemoData) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes(data).hash(&mut hasher);
    hasher.finish()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let again = generate(&spec(Size::County, 1), None);
    assert_eq!(hash(county()), hash(&again));
    assert_eq!(*county(), again);
    let other = bytes(&generate(&spec(Size::County, 2), None));
    for (a, b) in bytes(county()).iter().zip(&other) {
        assert_ne!(a, b);
    }
}

#[test]
fn a_county_has_12_branches_and_45_211_customers() {
    let data = county();
    let branches = |area| data.units.iter().filter(|u| u.area == Some(area)).count();
    assert_eq!(data.units.len(), 3 + 12);
    assert_eq!(
        [
            branches(Area::Urban),
            branches(Area::Mixed),
            branches(Area::Rural)
        ],
        [2, 3, 7]
    );
    assert_eq!(data.customers.len(), 45_211);
    assert_eq!(data.village_groups.len(), 12 * 48);
    let of_unit = |code: &str, post| {
        let same = |s: &&StaffRow| s.unit_code == code && s.post == post;
        data.staff.iter().filter(same).count()
    };
    for u in data.units.iter().filter(|u| u.level == Level::Branch) {
        assert_eq!(of_unit(&u.code, Post::BranchHead), 1);
        assert_eq!(of_unit(&u.code, Post::Teller), 2);
        assert_eq!(of_unit(&u.code, Post::PowerAreaWorker), 1);
        assert!((1..=2).contains(&of_unit(&u.code, Post::Postman)));
        let advisers =
            of_unit(&u.code, Post::WealthManager) + of_unit(&u.code, Post::AccountManager);
        assert_eq!(advisers, 1);
    }
}

#[test]
fn a_city_has_12_counties_36_branches_and_three_times_the_customers() {
    let data = generate(&spec(Size::City, 1), None);
    let count = |level| data.units.iter().filter(|u| u.level == level).count();
    assert_eq!((count(Level::County), count(Level::Branch)), (12, 36));
    assert_eq!(data.customers.len(), 3 * 45_211);
    let names: BTreeSet<&str> = data.units.iter().map(|u| u.name.as_str()).collect();
    assert_eq!(names.len(), data.units.len());
    let villages: BTreeSet<&str> = data
        .village_groups
        .iter()
        .map(|g| g.village.as_str())
        .collect();
    assert_eq!(villages.len(), 36 * 16);
    assert_keys_hold(&data);
}

#[test]
fn every_key_is_unique_and_leads_somewhere() {
    assert_keys_hold(county());
}

fn assert_keys_hold(data: &DemoData) {
    let mut units = BTreeSet::new();
    for u in &data.units {
        assert!(u.parent_code.as_ref().is_none_or(|p| units.contains(p)));
        assert!(units.insert(u.code.clone()));
    }
    assert!(data.staff.iter().all(|s| units.contains(&s.unit_code)));
    let groups: HashMap<&str, &str> = data
        .village_groups
        .iter()
        .map(|g| (g.code.as_str(), g.unit_code.as_str()))
        .collect();
    assert_eq!(groups.len(), data.village_groups.len());
    let unique = |values: Vec<&str>| {
        let set: BTreeSet<&str> = values.iter().copied().collect();
        set.len() == values.len()
    };
    assert!(unique(
        data.staff.iter().map(|s| s.staff_no.as_str()).collect()
    ));
    assert!(unique(
        data.customers
            .iter()
            .map(|c| c.customer_no.as_str())
            .collect()
    ));
    for c in &data.customers {
        assert_eq!(
            groups.get(c.village_group_code.as_str()),
            Some(&c.unit_code.as_str())
        );
    }
    let clear = |text: &str| !text.is_empty() && !text.contains('*');
    let ids = data.customers.iter().map(|c| c.id_number.as_str());
    assert!(unique(ids.filter(|t| clear(t)).collect()));
    let phones = data.customers.iter().map(|c| c.phone.as_str());
    let phones = phones.chain(data.staff.iter().map(|s| s.phone.as_str()));
    let phones = phones.chain(data.units.iter().map(|u| u.phone.as_str()));
    assert!(unique(phones.filter(|t| clear(t)).collect()));
}

#[test]
fn no_id_number_passes_outside_of_a_demo_and_all_do_inside() {
    let strict = IdRules::on("2016-10-01".parse().unwrap());
    let lenient = IdRules {
        accept_demo: true,
        ..strict
    };
    let mut counts = BTreeMap::new();
    for c in &county().customers {
        let real = check_id_number(&c.id_number, strict);
        assert!(!matches!(real, IdCheck::Ok { .. }), "{}", c.customer_no);
        let kind = match check_id_number(&c.id_number, lenient) {
            IdCheck::Ok {
                birth,
                sex,
                normalised,
                ..
            } => {
                assert_eq!((birth, sex), (c.birth, c.sex), "{}", c.customer_no);
                assert_eq!(normalised, c.id_number);
                "ok"
            }
            IdCheck::MaskedByBank => "masked",
            IdCheck::Empty => "empty",
            IdCheck::Invalid(problem) => panic!("{} {problem:?}", c.customer_no),
        };
        *counts.entry(kind).or_insert(0) += 1;
    }
    // 95 %, 2 % and 3 % of 45,211, within a tenth.
    assert!((42_500..43_500).contains(&counts["ok"]), "{counts:?}");
    assert!((810..1000).contains(&counts["masked"]), "{counts:?}");
    assert!((1220..1500).contains(&counts["empty"]), "{counts:?}");
}

#[test]
fn no_phone_passes_outside_of_a_demo_and_all_do_inside() {
    let data = county();
    let staff = data.staff.iter().map(|s| &s.phone);
    let units = data.units.iter().map(|u| &u.phone);
    let customers = data.customers.iter().map(|c| &c.phone);
    let mut passed = 0;
    for phone in customers.chain(staff).chain(units) {
        assert!(!matches!(check_phone(phone, false), PhoneCheck::Ok { .. }));
        match check_phone(phone, true) {
            PhoneCheck::Ok { line, .. } => {
                assert_eq!(line, Line::Demo);
                passed += 1;
            }
            PhoneCheck::Invalid(problem) => panic!("{problem:?}"),
            PhoneCheck::MaskedByBank | PhoneCheck::Empty => {}
        }
    }
    assert!((42_000..43_200).contains(&passed), "{passed}");
}

#[test]
fn must_visit_groups_have_plausible_shares() {
    // Per cent of customers, least and most.
    let expected = [
        (Tag::Affluent, 1.5, 5.0),
        (Tag::VillageCadre, 1.0, 4.0),
        (Tag::Grower, 4.0, 10.0),
        (Tag::Trader, 3.0, 8.0),
        (Tag::Transport, 0.4, 2.5),
        (Tag::Away, 5.0, 13.0),
        (Tag::ServiceStation, 0.1, 1.0),
        (Tag::Depositor, 28.0, 40.0),
        (Tag::InsuranceMaturity, 1.0, 4.0),
        (Tag::RivalLarge, 0.8, 4.0),
    ];
    assert_eq!(expected.len(), Tag::ALL.len());
    let customers = &county().customers;
    for (tag, least, most) in expected {
        let count = customers.iter().filter(|c| c.tags.contains(&tag)).count();
        let share = 100.0 * count as f64 / customers.len() as f64;
        assert!((least..most).contains(&share), "{tag} {share:.2} %");
    }
}

#[test]
fn dates_of_maturity_lie_around_the_anchor() {
    let anchor = spec(Size::County, 1).anchor;
    let customers = &county().customers;
    let dates = |f: &dyn Fn(&CustomerRow) -> Option<Day>| -> Vec<i32> {
        customers
            .iter()
            .filter_map(f)
            .map(|d| anchor.days_until(d))
            .collect()
    };
    let deposits = dates(&|c| c.deposit_maturity);
    assert!(
        (4_000..9_000).contains(&deposits.len()),
        "{}",
        deposits.len()
    );
    let insurances = dates(&|c| c.insurance_maturity);
    assert!(
        (500..2_000).contains(&insurances.len()),
        "{}",
        insurances.len()
    );
    for list in [deposits, insurances] {
        assert_eq!(
            (list.iter().min(), list.iter().max()),
            (Some(&-60), Some(&60))
        );
    }
}

#[test]
fn households_have_one_to_five_members_in_one_place() {
    let mut households: HashMap<&str, Vec<&CustomerRow>> = HashMap::new();
    for c in &county().customers {
        households.entry(&c.household_no).or_default().push(c);
    }
    let mut sizes = [0; 6];
    let (mut pairs, mut same_surname) = (0, 0);
    for members in households.values() {
        sizes[members.len()] += 1;
        for m in &members[1..] {
            assert_eq!(m.village_group_code, members[0].village_group_code);
            assert_eq!(m.door, members[0].door);
            if !m.address.is_empty() && !members[0].address.is_empty() {
                assert_eq!(m.address, members[0].address);
            }
            pairs += 1;
            same_surname += usize::from(m.name.chars().next() == members[0].name.chars().next());
        }
    }
    assert!(sizes[1..].iter().all(|n| *n > 50), "{sizes:?}");
    assert!(same_surname * 4 > pairs, "{same_surname} of {pairs}");
    let doors = households.values().filter(|m| m[0].door.is_some()).count();
    let share = doors as f64 / households.len() as f64;
    assert!((0.68..0.72).contains(&share), "{share}");
}

#[test]
fn village_groups_lie_around_their_branch_in_an_empty_desert() {
    let data = county();
    let at: HashMap<&str, Point> = data
        .units
        .iter()
        .map(|u| (u.code.as_str(), Point::new(u.lat, u.lon).unwrap()))
        .collect();
    let mut near = 0;
    for g in &data.village_groups {
        let km = haversine_m(at[g.unit_code.as_str()], Point::new(g.lat, g.lon).unwrap()).km();
        assert!((0.48..16.3).contains(&km), "{} {km}", g.code);
        near += usize::from(km <= 5.0);
    }
    let share = near as f64 / data.village_groups.len() as f64;
    assert!((0.4..0.75).contains(&share), "{share}");
    // Nobody lives between 38° and 40° north, 82° and 84° east.
    for u in &data.units {
        assert!((38.0..40.0).contains(&u.lat) && (82.0..84.0).contains(&u.lon));
    }
}

#[test]
fn source_rows_keep_their_features_and_the_order_of_balances() {
    let source: Vec<BankRow> = draw_from_marginals(2_000, 99);
    let data = generate(&spec(Size::County, 5), Some(&source));
    assert_eq!(data.customers.len(), source.len());
    let anchor = spec(Size::County, 5).anchor;
    for (c, row) in data.customers.iter().zip(&source) {
        assert_eq!(c.birth.years_until(anchor), i32::from(row.age));
        assert_eq!(c.age_band, row.age - row.age % 5);
        assert_eq!((c.marital, c.education), (row.marital, row.education));
        assert_eq!(c.balance.0, i64::from(row.balance) * 900);
        assert_eq!(
            (c.housing_loan, c.other_loan, c.in_default),
            (row.housing, row.loan, row.default)
        );
        let occupations = words::occupations(row.job);
        assert!(occupations.iter().any(|o| o.label == c.occupation));
    }
    let rank = |key: &dyn Fn(usize) -> i64| {
        let mut order: Vec<usize> = (0..source.len()).collect();
        order.sort_by_key(|i| key(*i));
        order
    };
    let by_source = rank(&|i| i64::from(source[i].balance));
    assert_eq!(rank(&|i| data.customers[i].balance.0), by_source);
    let bands = by_source.iter().map(|i| data.customers[*i].balance_band);
    assert!(bands.is_sorted());
}

#[test]
fn every_line_of_every_file_says_that_it_is_demo_data() {
    let data = generate(&spec(Size::County, 3), Some(&draw_from_marginals(500, 3)));
    let [units, staff, groups, customers] = bytes(&data);
    assert!(
        units.starts_with(
            "机构编码,机构名称,级别,上级编码,地区类型,市场类型,经度,纬度,坐标系,电话,"
        )
    );
    assert!(staff.starts_with("工号,姓名,机构编码,岗位,手机号,"));
    assert!(groups.starts_with("机构编码,村组编码,乡镇,村,村组,经度,纬度,坐标系,"));
    assert!(customers.starts_with(
        "客户号,姓名,性别,证件号码,手机号,家庭住址,所属机构,村组,经度,纬度,坐标系,职业,资产档次,存款到期日,保险满期日,必访标签,持有产品,户号,"
    ));
    for file in [units, staff, groups, customers] {
        let columns = file.lines().next().unwrap().split(',').count();
        assert!(file.lines().count() > 10);
        for line in file.lines().skip(1) {
            assert!(line.ends_with(",演示数据"), "{line}");
            assert_eq!(line.split(',').count(), columns, "{line}");
        }
    }
}
