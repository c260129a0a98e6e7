//! Units, staff and village groups. Branches stand on a jittered grid around a
//! round coordinate in an empty desert; village groups lie around their branch
//! as in the planner's benchmark: town, near ring (to 5 km), far ring (to 16 km).

use crate::people::{self, STAFF_PHONES, UNIT_PHONES};
use crate::rng::Rng;
use crate::rows::{Area, Level, Market, Post, StaffRow, UnitRow, VillageGroupRow};
use crate::{DemoSpec, Size, words};
use zf_base::Datum;
use zf_base::identity::Sex;

/// The middle of the demo, degrees.
const CENTRE: (f64, f64) = (39.0, 83.0);
/// Kilometres per degree of latitude and, at 39° north, of longitude.
const KM_PER_DEGREE: (f64, f64) = (111.0, 86.5);
/// Villages (communities) per branch; each has three groups.
const VILLAGES: usize = 16;
/// Nearest and farthest village group, km from the branch.
const GROUP_KM: (f64, f64) = (0.5, 16.0);

/// The units with what the customers need to know about them.
pub struct World {
    pub units: Vec<UnitRow>,
    pub staff: Vec<StaffRow>,
    pub village_groups: Vec<VillageGroupRow>,
    pub branches: Vec<Branch>,
}

/// A branch as the customers see it.
pub struct Branch {
    pub code: String,
    /// Index of the county, 0…11.
    pub county: usize,
    pub area: Area,
    /// Indices of its village groups, with the share of households of each.
    pub groups: Vec<(usize, u32)>,
}

/// Moves a point by kilometres; rounded to 0.000001° (about 10 cm).
pub fn shift((lat, lon): (f64, f64), east_km: f64, north_km: f64) -> (f64, f64) {
    let round = |x: f64| (x * 1e6).round() / 1e6;
    (
        round(lat + north_km / KM_PER_DEGREE.0),
        round(lon + east_km / KM_PER_DEGREE.1),
    )
}

/// Builds everything but the customers.
pub fn build(spec: &DemoSpec) -> World {
    let mut builder = Builder {
        world: World {
            units: Vec::new(),
            staff: Vec::new(),
            village_groups: Vec::new(),
            branches: Vec::new(),
        },
        rng: Rng::stream(spec.seed, "world"),
        villages: village_names(spec.seed),
    };
    builder.upper_units();
    let counties = match spec.size {
        Size::County => 1,
        Size::City => words::COUNTIES.len(),
    };
    for county in 0..counties {
        builder.county(spec.size, county);
    }
    builder.world
}

fn village_names(seed: u64) -> Vec<String> {
    let mut names: Vec<String> = words::VILLAGE_STARTS
        .iter()
        .flat_map(|a| words::VILLAGE_STEMS.iter().map(move |b| format!("{a}{b}")))
        .collect();
    Rng::stream(seed, "villages").shuffle(&mut names);
    names
}

struct Builder {
    world: World,
    rng: Rng,
    villages: Vec<String>,
}

const PROVINCE_CODE: &str = "29000000";
const CITY_CODE: &str = "29010000";

impl Builder {
    fn upper_units(&mut self) {
        self.unit(
            PROVINCE_CODE,
            words::PROVINCE_UNIT,
            Level::Province,
            None,
            CENTRE,
        );
        self.unit(
            CITY_CODE,
            words::CITY_UNIT,
            Level::City,
            Some(PROVINCE_CODE),
            CENTRE,
        );
        self.person(CITY_CODE, 1, Post::MarketDepartment);
        self.person(CITY_CODE, 2, Post::MarketDepartment);
    }

    fn unit(&mut self, code: &str, name: &str, level: Level, parent: Option<&str>, at: (f64, f64)) {
        let phone = people::phone(UNIT_PHONES + self.world.units.len());
        self.world.units.push(UnitRow {
            code: code.to_owned(),
            name: name.to_owned(),
            level,
            parent_code: parent.map(str::to_owned),
            area: None,
            market: None,
            lat: at.0,
            lon: at.1,
            datum: Datum::Wgs84,
            phone,
        });
    }

    fn person(&mut self, unit_code: &str, number: usize, post: Post) {
        let rng = &mut self.rng;
        let sex = if rng.chance(0.5) {
            Sex::Male
        } else {
            Sex::Female
        };
        let surname = people::surname(rng);
        let year = rng.range(1965, 1995) as i16;
        self.world.staff.push(StaffRow {
            staff_no: format!("{unit_code}{number:02}"),
            name: people::name(rng, surname, sex, year),
            unit_code: unit_code.to_owned(),
            post,
            phone: people::phone(STAFF_PHONES + self.world.staff.len()),
        });
    }

    fn county(&mut self, size: Size, county: usize) {
        let code = format!("2901{:02}00", county + 1);
        let name = format!("{}{}", words::COUNTIES[county], words::COUNTY_SUFFIX);
        let at = match size {
            Size::County => CENTRE,
            // Four columns and three rows, 45 km apart.
            Size::City => shift(
                CENTRE,
                (county % 4) as f64 * 45.0 - 67.5,
                (county / 4) as f64 * 45.0 - 45.0,
            ),
        };
        self.unit(&code, &name, Level::County, Some(CITY_CODE), at);
        let posts = [
            Post::Director,
            Post::DeputyDirector,
            Post::MarketDepartment,
            Post::MarketDepartment,
        ];
        // One liaison looks after three branches.
        let liaisons = match size {
            Size::County => 4,
            Size::City => 1,
        };
        let posts = posts
            .into_iter()
            .chain([Post::Liaison; 4].into_iter().take(liaisons));
        for (i, post) in posts.enumerate() {
            self.person(&code, i + 1, post);
        }
        for (i, (place, area)) in branch_places(size, county).into_iter().enumerate() {
            self.branch(size, county, &code, i, place, area, at);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, all of them different things"
    )]
    fn branch(
        &mut self,
        size: Size,
        county: usize,
        county_code: &str,
        index: usize,
        place: &str,
        area: Area,
        county_at: (f64, f64),
    ) {
        let code = format!("2901{:02}{:02}", county + 1, index + 1);
        let name = match size {
            Size::County => format!("{place}{}", words::BRANCH_SUFFIX),
            Size::City => format!("{}{place}{}", words::COUNTIES[county], words::BRANCH_SUFFIX),
        };
        // Four columns, 13 km apart; a county of a city has one row of three.
        let (east, north) = match size {
            Size::County => (
                (index % 4) as f64 * 13.0 - 19.5,
                (index / 4) as f64 * 13.0 - 13.0,
            ),
            Size::City => (index as f64 * 13.0 - 13.0, 0.0),
        };
        let (jx, jy) = (self.rng.between(-2.0, 2.0), self.rng.between(-2.0, 2.0));
        let at = shift(county_at, east + jx, north + jy);
        self.unit(&code, &name, Level::Branch, Some(county_code), at);
        if let Some(unit) = self.world.units.last_mut() {
            unit.area = Some(area);
            unit.market = Some(match area {
                Area::Urban => Market::Urban,
                Area::Rural | Area::Mixed => Market::Rural,
            });
        }
        self.branch_staff(&code, area);
        let groups = self.village_groups(&code, place, area, at);
        self.world.branches.push(Branch {
            code,
            county,
            area,
            groups,
        });
    }

    fn branch_staff(&mut self, code: &str, area: Area) {
        let adviser = match area {
            Area::Rural => Post::AccountManager,
            Area::Urban | Area::Mixed => Post::WealthManager,
        };
        let mut posts = vec![
            Post::BranchHead,
            Post::Teller,
            Post::Teller,
            adviser,
            Post::Postman,
        ];
        if self.rng.chance(0.5) {
            posts.push(Post::Postman);
        }
        posts.push(Post::PowerAreaWorker);
        for (i, post) in posts.into_iter().enumerate() {
            self.person(code, i + 1, post);
        }
    }

    /// Adds a branch's village groups; returns their indices and weights.
    fn village_groups(
        &mut self,
        code: &str,
        place: &str,
        area: Area,
        at: (f64, f64),
    ) -> Vec<(usize, u32)> {
        let (township_kind, village_kind, group_names) = match area {
            Area::Urban => (words::STREET_OFFICE, words::COMMUNITY, words::URBAN_GROUPS),
            Area::Mixed => (words::TOWN, words::VILLAGE, words::RURAL_GROUPS),
            Area::Rural if self.rng.chance(0.5) => {
                (words::TOWN, words::VILLAGE, words::RURAL_GROUPS)
            }
            Area::Rural => (words::TOWNSHIP, words::VILLAGE, words::RURAL_GROUPS),
        };
        let mut groups = Vec::new();
        for village in 0..VILLAGES {
            let (km, weight) = self.village_ring(area, village);
            let (dx, dy) = self.rng.direction();
            // The list has a name for every village of a city.
            let name = self.villages.pop().unwrap_or_default();
            for group_name in group_names {
                let east = dx * km + 0.35 * self.rng.bell();
                let north = dy * km + 0.35 * self.rng.bell();
                let (lat, lon) = within_rings(at, east, north);
                groups.push((self.world.village_groups.len(), weight));
                self.world.village_groups.push(VillageGroupRow {
                    unit_code: code.to_owned(),
                    code: format!("{code}{:03}", groups.len()),
                    township: format!("{place}{township_kind}"),
                    village: format!("{name}{village_kind}"),
                    name: group_name.to_owned(),
                    lat,
                    lon,
                    datum: Datum::Wgs84,
                });
            }
        }
        groups
    }

    /// Distance of a village from its branch in km and its weight: the town's
    /// three villages hold 30 % of a rural branch's households.
    fn village_ring(&mut self, area: Area, village: usize) -> (f64, u32) {
        let rng = &mut self.rng;
        let size = rng.range(30, 170) as u32;
        // Beyond 5 km most villages are nearer than farther: u^1.5, exact in IEEE.
        let far = |rng: &mut Rng, reach: f64| {
            let u = rng.unit();
            5.0 + reach * u * u.sqrt()
        };
        match (area, village) {
            (Area::Urban, _) => (rng.between(0.5, 4.5), size),
            (_, 0..3) => (rng.between(0.5, 1.2), 185),
            (Area::Mixed, _) if rng.chance(0.7) => (rng.between(1.5, 4.8), size),
            (Area::Mixed, _) => (far(rng, 7.0), size),
            (Area::Rural, _) if rng.chance(0.3) => (rng.between(1.5, 4.8), size),
            (Area::Rural, _) => (far(rng, 11.0), size),
        }
    }
}

/// Keeps a village group between [`GROUP_KM`] of its branch.
fn within_rings(branch: (f64, f64), east: f64, north: f64) -> (f64, f64) {
    let km = (east * east + north * north).sqrt().max(0.01);
    let factor = km.clamp(GROUP_KM.0, GROUP_KM.1) / km;
    shift(branch, east * factor, north * factor)
}

/// Names and areas of a county's branches: 12 in the county demo (2 urban,
/// 3 mixed, 7 rural), 3 of each kind one in a county of the city.
fn branch_places(size: Size, county: usize) -> Vec<(&'static str, Area)> {
    let all = |names: &'static [&'static str], area| names.iter().map(move |n| (*n, area));
    match size {
        Size::County => all(&words::URBAN_PLACES, Area::Urban)
            .chain(all(&words::MIXED_PLACES, Area::Mixed))
            .chain(all(&words::RURAL_PLACES[..7], Area::Rural))
            .collect(),
        Size::City => vec![
            (words::URBAN_PLACES[0], Area::Urban),
            (words::MIXED_PLACES[county % 3], Area::Mixed),
            (words::RURAL_PLACES[county % 12], Area::Rural),
        ],
    }
}
