//! Customers: one per source row, with the row's age, job, marital state,
//! education, balance and loans, an invented person around them, a household, a
//! village group and what follows from the features: tags, dates of maturity,
//! products. A few records are incomplete or masked, as real exports are.

use crate::DemoSpec;
use crate::bank::{BALANCE_TO_YUAN, BankRow, Job};
use crate::household::{self, Member, Role};
use crate::people::{self, CUSTOMER_PHONES, IdNumbers};
use crate::rng::Rng;
use crate::rows::{Area, BalanceBand, Consent, CustomerRow, Product, Tag, VillageGroupRow};
use crate::words::{self, Occupation};
use crate::world::{self, Branch, World};
use zf_base::identity::Sex;
use zf_base::mask::{IdNumber, Kind, Phone};
use zf_base::{Datum, Day, Fen};

/// Share of households whose door was located.
const DOORS: f64 = 0.7;
/// Shares of missing and of masked values: ID number, phone; missing addresses.
const ID_MISSING: f64 = 0.03;
const ID_MASKED: f64 = 0.02;
const PHONE_MISSING: f64 = 0.04;
const PHONE_MASKED: f64 = 0.02;
const ADDRESS_MISSING: f64 = 0.02;
/// Dates of maturity lie this many days around the anchor.
const MATURITY_DAYS: i32 = 60;

/// Who is made: people of another series share no phone, no ID number and no
/// customer number with those of this one.
#[derive(Clone, Copy)]
pub struct Series {
    /// Stream of the generator.
    pub stream: &'static str,
    /// Stands in the customer number after the branch.
    pub mark: &'static str,
    /// First phone.
    pub phones: usize,
    /// First sequence number of a day of birth, half of it.
    pub ids: u16,
}

/// The customers of the demo.
pub const DEMO: Series = Series {
    stream: "customers",
    mark: "",
    phones: CUSTOMER_PHONES,
    ids: 0,
};

/// One customer per source row, in the order of the source.
pub fn build(
    spec: &DemoSpec,
    world: &World,
    source: &[BankRow],
    series: Series,
) -> Vec<CustomerRow> {
    let mut builder = Builder {
        spec,
        world,
        source,
        series,
        rng: Rng::stream(spec.seed, series.stream),
        ids: IdNumbers::starting_at(series.ids),
        customers: source.iter().map(|_| None).collect(),
    };
    for (branch, rows) in world.branches.iter().zip(spread(spec, world, source.len())) {
        builder.branch(branch, &rows);
    }
    // Every row is in exactly one branch and household, so none is missing.
    builder.customers.into_iter().flatten().collect()
}

/// The source rows of each branch: town branches have more customers.
fn spread(spec: &DemoSpec, world: &World, count: usize) -> Vec<Vec<usize>> {
    let mut rng = Rng::stream(spec.seed, "branches");
    let weights: Vec<u32> = world
        .branches
        .iter()
        .map(|b| match b.area {
            Area::Urban => 14,
            Area::Mixed => 11,
            Area::Rural => 8,
        })
        .collect();
    let mut rows = vec![Vec::new(); weights.len()];
    for i in 0..count {
        rows[rng.weighted(&weights)].push(i);
    }
    rows
}

/// What the members of a household share.
struct Home<'a> {
    branch: &'a Branch,
    group: &'a VillageGroupRow,
    household_no: String,
    surname: &'static str,
    address: String,
    door: Option<(f64, f64)>,
}

struct Builder<'a> {
    spec: &'a DemoSpec,
    world: &'a World,
    source: &'a [BankRow],
    series: Series,
    rng: Rng,
    ids: IdNumbers,
    customers: Vec<Option<CustomerRow>>,
}

impl Builder<'_> {
    fn branch(&mut self, branch: &Branch, rows: &[usize]) {
        let weights: Vec<u32> = branch.groups.iter().map(|(_, w)| *w).collect();
        let households = household::group(&mut self.rng, self.source, rows);
        let mut placed: Vec<(usize, Vec<Member>)> = households
            .into_iter()
            .map(|members| (branch.groups[self.rng.weighted(&weights)].0, members))
            .collect();
        // Neighbours get neighbouring household numbers.
        placed.sort_by_key(|(group, _)| *group);
        for (i, (group, members)) in placed.into_iter().enumerate() {
            let group = &self.world.village_groups[group];
            let home = self.home(branch, group, i + 1);
            for member in members {
                let number = rows.partition_point(|r| *r < member.row) + 1;
                let customer = self.customer(&home, member, number);
                self.customers[member.row] = Some(customer);
            }
        }
    }

    fn home<'b>(
        &mut self,
        branch: &'b Branch,
        group: &'b VillageGroupRow,
        number: usize,
    ) -> Home<'b> {
        let rng = &mut self.rng;
        let house = match branch.area {
            Area::Urban => format!(
                "{}{}{}{}{}0{}{}",
                rng.range(1, 30),
                words::BUILDING,
                rng.range(1, 4),
                words::ENTRANCE,
                rng.range(1, 6),
                rng.range(1, 4),
                words::ROOM
            ),
            Area::Mixed | Area::Rural => format!("{}{}", rng.range(1, 120), words::HOUSE),
        };
        let door = rng.chance(DOORS).then(|| {
            let (east, north) = (0.2 * rng.bell(), 0.2 * rng.bell());
            world::shift((group.lat, group.lon), east, north)
        });
        Home {
            branch,
            group,
            household_no: format!("{}H{number:05}", branch.code),
            surname: people::surname(rng),
            address: format!("{}{}{}{house}", group.township, group.village, group.name),
            door,
        }
    }

    fn customer(&mut self, home: &Home<'_>, member: Member, number: usize) -> CustomerRow {
        let row = &self.source[member.row];
        let anchor = self.spec.anchor;
        let rng = &mut self.rng;
        let birth = people::birth(rng, row.age, anchor);
        let surname = match (member.role, member.sex) {
            (Role::Spouse, _) => people::surname(rng),
            (Role::Parent, Sex::Female) if rng.chance(0.8) => people::surname(rng),
            _ => home.surname,
        };
        let name = people::name(rng, surname, member.sex, birth.year());
        let id_number = self.ids.next(home.branch.county, birth, member.sex);
        let id_number = gap::<IdNumber>(rng, id_number, ID_MISSING, ID_MASKED);
        let phone = people::phone(self.series.phones + member.row);
        let phone = gap::<Phone>(rng, phone, PHONE_MISSING, PHONE_MASKED);
        let address = if rng.chance(ADDRESS_MISSING) {
            String::new()
        } else {
            home.address.clone()
        };
        let occupation = pick_occupation(rng, row.job, home.branch.area);
        let balance = Fen::yuan(i64::from(row.balance) * BALANCE_TO_YUAN);
        let deposit_maturity = maturity(rng, anchor, row.balance >= 200, 0.25);
        let insurance_maturity = maturity(
            rng,
            anchor,
            row.balance > 0 && (30..70).contains(&row.age),
            0.03,
        );
        let tags = tags(
            rng,
            row,
            occupation,
            home.branch.area,
            deposit_maturity,
            insurance_maturity,
            anchor,
        );
        CustomerRow {
            customer_no: format!("{}{}{number:06}", home.branch.code, self.series.mark),
            name,
            sex: member.sex,
            birth,
            id_number,
            phone,
            address,
            unit_code: home.branch.code.clone(),
            village_group_code: home.group.code.clone(),
            household_no: home.household_no.clone(),
            door: home.door,
            datum: Datum::Wgs84,
            occupation: occupation.label,
            age_band: row.age / 5 * 5,
            marital: row.marital,
            education: row.education,
            balance,
            balance_band: BalanceBand::of(balance),
            housing_loan: row.housing,
            other_loan: row.loan,
            in_default: row.default,
            deposit_maturity,
            insurance_maturity,
            products: products(rng, row, &tags),
            tags,
            consent: [Consent::Given, Consent::Unknown, Consent::Declined]
                [rng.weighted(&[55, 42, 3])],
        }
    }
}

/// A value, sometimes missing, sometimes masked as the bank would.
fn gap<K: Kind>(rng: &mut Rng, value: String, missing: f64, masked: f64) -> String {
    match rng.unit() {
        u if u < missing => String::new(),
        u if u < missing + masked => K::mask(&value),
        _ => value,
    }
}

fn pick_occupation(rng: &mut Rng, job: Job, area: Area) -> &'static Occupation {
    let list = words::occupations(job);
    let town = match area {
        Area::Urban => true,
        Area::Rural => false,
        Area::Mixed => rng.chance(0.5),
    };
    let weights: Vec<u32> = list.iter().map(|o| o.weights[usize::from(town)]).collect();
    &list[rng.weighted(&weights)]
}

fn maturity(rng: &mut Rng, anchor: Day, eligible: bool, chance: f64) -> Option<Day> {
    (eligible && rng.chance(chance))
        .then(|| anchor.plus_days(rng.range(-MATURITY_DAYS, MATURITY_DAYS)))
}

/// The must-visit groups that follow from occupation, balance and dates, and
/// two that no feature tells (service stations, large customers of other banks).
fn tags(
    rng: &mut Rng,
    row: &BankRow,
    occupation: &Occupation,
    area: Area,
    deposit: Option<Day>,
    insurance: Option<Day>,
    anchor: Day,
) -> Vec<Tag> {
    let yuan = i64::from(row.balance) * BALANCE_TO_YUAN;
    let leads = matches!(
        row.job,
        Job::Entrepreneur | Job::Management | Job::SelfEmployed
    );
    let shop = occupation.tag == Some(Tag::Trader) || occupation.label == words::VILLAGE_CLERK;
    let mut tags: Vec<Tag> = occupation.tag.into_iter().collect();
    let mut add = |yes: bool, tag: Tag| {
        if yes {
            tags.push(tag);
        }
    };
    add(yuan >= 100_000 || (leads && yuan >= 50_000), Tag::Affluent);
    add(
        shop && area != Area::Urban && rng.chance(0.08),
        Tag::ServiceStation,
    );
    // CUS-009: 10,000 yuan and more, or a deposit that matures from today on.
    add(
        yuan >= 10_000 || deposit.is_some_and(|d| d >= anchor),
        Tag::Depositor,
    );
    add(insurance.is_some(), Tag::InsuranceMaturity);
    // Borrows for a house, earns well, keeps little here: banks elsewhere.
    let elsewhere = leads && row.housing && yuan < 2_000;
    add(elsewhere && rng.chance(0.3), Tag::RivalLarge);
    tags.sort_unstable();
    tags
}

fn products(rng: &mut Rng, row: &BankRow, tags: &[Tag]) -> Vec<Product> {
    let mut products = Vec::new();
    if rng.chance(if row.balance >= 100 { 0.7 } else { 0.4 }) {
        products.push(Product::GreenCard);
    }
    if tags.contains(&Tag::Trader) && rng.chance(0.45) {
        products.push(Product::MerchantPhone);
    }
    products
}
