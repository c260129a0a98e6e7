//! From known doors to a place for everybody: door, household, village group,
//! village, township, and at last a point on a ring around the outlet. Pure: a
//! branch's doors, groups and outlet come in, a place with its precision comes
//! out; the same household always gets the same place.

use super::matching::village_of;
use crate::village_group::VillageGroup;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use zf_address::{Parsed, Part, township_core, village_core};
use zf_base::geo::Point;
use zf_base::{HouseholdId, Uuid, VillageGroupId};

/// How near a place is to the door, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// The customer's own door.
    Door,
    /// The door of the household.
    Household,
    /// The middle of the village group.
    VillageGroup,
    /// The middle of the village.
    Village,
    /// The middle of the township.
    Township,
    /// Somewhere around the outlet.
    Outlet,
}

impl Precision {
    /// All, best first.
    pub const ALL: [Precision; 6] = [
        Precision::Door,
        Precision::Household,
        Precision::VillageGroup,
        Precision::Village,
        Precision::Township,
        Precision::Outlet,
    ];
    /// As stored and as the API says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Door => "door",
            Precision::Household => "household",
            Precision::VillageGroup => "village_group",
            Precision::Village => "village",
            Precision::Township => "township",
            Precision::Outlet => "outlet",
        }
    }
    /// From what is stored.
    pub fn from_stored(text: &str) -> Option<Precision> {
        Precision::ALL.into_iter().find(|p| p.as_str() == text)
    }
    /// Nobody's door: shown as 大致位置.
    pub fn is_approximate(self) -> bool {
        self > Precision::Household
    }
}

/// A place and how near it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Where.
    pub point: Point,
    /// How near.
    pub precision: Precision,
}

/// A door known.
#[derive(Clone, Debug, PartialEq)]
pub struct Door {
    /// Whose.
    pub household: HouseholdId,
    /// In which village group.
    pub group: Option<VillageGroupId>,
    /// Where the address says it is, for a door without a village group.
    pub address: Option<PlaceName>,
    /// Where.
    pub point: Point,
}

/// Village and township under which their writings meet; either may be empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceName {
    township: String,
    village: String,
}

impl PlaceName {
    fn new(township: &str, village: &str) -> PlaceName {
        PlaceName {
            township: township_core(township.trim()).to_owned(),
            village: village_core(village.trim()).to_owned(),
        }
    }

    /// What an address names; none when it names neither.
    pub fn of(address: &Parsed) -> Option<PlaceName> {
        let name = |part: &Option<Part>| part.as_ref().map_or(String::new(), |p| p.name.clone());
        let named = PlaceName::new(&name(&address.township), &name(&address.village));
        (!named.township.is_empty() || !named.village.is_empty()).then_some(named)
    }

    /// The name when it is a village's.
    fn village(&self) -> Option<&PlaceName> {
        (!self.village.is_empty()).then_some(self)
    }

    /// The name of the township when there is one.
    fn township(&self) -> Option<&String> {
        (!self.township.is_empty()).then_some(&self.township)
    }
}

/// A village (or, without a village's name, a township) of the bank's file.
#[derive(Clone, Debug, PartialEq)]
pub struct FilePlace {
    /// 乡镇.
    pub township: String,
    /// 村; empty for a township.
    pub village: String,
    /// Where.
    pub point: Point,
}

impl FilePlace {
    /// The same village or township, however the two files end its name?
    pub fn is_of(&self, township: &str, village: &str) -> bool {
        self.name() == PlaceName::new(township, village)
    }

    fn name(&self) -> PlaceName {
        PlaceName::new(&self.township, &self.village)
    }
}

/// Figures of the fall-back, from `presets/places.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Version of the figures.
    pub version: i64,
    /// Radius of the ring around the outlet, metres.
    pub ring_m: f64,
    /// From so many doors on their mean beats the place of the bank's file.
    pub doors_for_mean: u32,
}

impl Tuning {
    /// The mean of enough doors, else the file, else the mean of few doors.
    fn best(&self, sum: Option<&Sum>, file: Option<Point>) -> Option<Point> {
        let many = sum.filter(|s| s.n >= self.doors_for_mean);
        many.and_then(|s| s.mean())
            .or(file)
            .or_else(|| sum.and_then(|s| s.mean()))
    }
}

/// Sum of points for a mean.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    lat: f64,
    lon: f64,
    n: u32,
}

impl Sum {
    fn add(&mut self, p: Point) {
        self.lat += p.lat();
        self.lon += p.lon();
        self.n += 1;
    }
    fn mean(self) -> Option<Point> {
        let n = f64::from(self.n);
        Point::new(self.lat / n, self.lon / n).ok()
    }
}

fn sums<K: Hash + Eq>(all: impl Iterator<Item = (K, Point)>) -> HashMap<K, Sum> {
    let mut sums: HashMap<K, Sum> = HashMap::new();
    for (key, point) in all {
        sums.entry(key).or_default().add(point);
    }
    sums
}

/// Villages of a branch by name; the township tells equal names apart.
#[derive(Clone, Debug, Default)]
struct Villages(HashMap<String, Vec<(String, Point)>>);

impl Villages {
    fn add(&mut self, name: PlaceName, point: Point) {
        let all = self.0.entry(name.village).or_default();
        if all.iter().all(|(township, _)| *township != name.township) {
            all.push((name.township, point));
        }
    }

    fn at(&self, name: &PlaceName) -> Option<Point> {
        only(self.0.get(&name.village)?, &name.township)
    }
}

/// The place of the village in this township.
fn only(all: &[(String, Point)], township: &str) -> Option<Point> {
    if let Some((_, own)) = all.iter().find(|(t, _)| t == township) {
        return Some(*own);
    }
    // One of the two may have been written without its township.
    let mut fits = all
        .iter()
        .filter(|(t, _)| t.is_empty() || township.is_empty());
    let first = fits.next()?;
    fits.next().is_none().then_some(first.1)
}

/// Townships of the villages that the bank's own lists know.
struct Listed(HashMap<String, BTreeSet<String>>);

impl Listed {
    fn of(groups: &[VillageGroup], file: &[FilePlace]) -> Listed {
        let names = groups
            .iter()
            .map(|g| PlaceName::new(&g.township, &g.village));
        let names = names.chain(file.iter().map(FilePlace::name));
        let mut listed: HashMap<String, BTreeSet<String>> = HashMap::new();
        for name in names.filter(|n| n.village().is_some() && n.township().is_some()) {
            listed
                .entry(name.village)
                .or_default()
                .insert(name.township);
        }
        Listed(listed)
    }

    /// A village written without its township gets it where only one can be meant.
    fn whole(&self, mut name: PlaceName) -> PlaceName {
        if name.township.is_empty()
            && let Some(townships) = self.0.get(&name.village)
            && let (Some(only), 1) = (townships.first(), townships.len())
        {
            name.township.clone_from(only);
        }
        name
    }
}

/// The places of one branch.
#[derive(Clone, Debug)]
pub struct Ladder {
    tuning: Tuning,
    outlet: Option<Point>,
    households: HashMap<HouseholdId, Sum>,
    groups: HashMap<VillageGroupId, Option<Point>>,
    /// Village and township of each group.
    seats: HashMap<VillageGroupId, PlaceName>,
    villages: Villages,
    townships: HashMap<String, Point>,
}

impl Ladder {
    /// Prepares the means of a branch. Villages and townships are those of the
    /// groups, of the file and of the addresses of doors without a group.
    pub fn of(
        tuning: Tuning,
        outlet: Option<Point>,
        doors: &[Door],
        groups: &[VillageGroup],
        file: &[FilePlace],
    ) -> Ladder {
        let listed = Listed::of(groups, file);
        let seat = |g: &VillageGroup| listed.whole(PlaceName::new(&g.township, &g.village));
        let seats: HashMap<_, _> = groups.iter().map(|g| (g.id, seat(g))).collect();
        let by_group = sums(doors.iter().filter_map(|d| Some((d.group?, d.point))));
        let middle = |g: &VillageGroup| tuning.best(by_group.get(&g.id), g.place);
        // In the order of the list: a mean summed up in another order is another one.
        let groups_at: Vec<(PlaceName, Point)> = groups
            .iter()
            .filter_map(|g| Some((seats.get(&g.id)?.clone(), middle(g)?)))
            .collect();
        let doors_at: Vec<(PlaceName, Point)> = doors
            .iter()
            .filter_map(|d| {
                let named = || d.address.clone().map(|name| listed.whole(name));
                let seat = d.group.map(|g| seats.get(&g).cloned());
                Some((seat.unwrap_or_else(named)?, d.point))
            })
            .collect();
        let file: Vec<(PlaceName, Point)> = file
            .iter()
            .map(|f| (listed.whole(f.name()), f.point))
            .collect();
        let parts = Parts {
            tuning,
            doors: &doors_at,
            groups: &groups_at,
            file: &file,
        };
        Ladder {
            tuning,
            outlet,
            households: sums(doors.iter().map(|d| (d.household, d.point))),
            villages: parts.villages(),
            townships: parts.townships(),
            groups: groups.iter().map(|g| (g.id, middle(g))).collect(),
            seats,
        }
    }

    /// Is any village or township placed, so that an address can name one?
    pub fn has_named(&self) -> bool {
        !self.villages.0.is_empty() || !self.townships.is_empty()
    }

    /// Whether nothing nearer than the outlet's ring is known of a group, so that
    /// the address may know more.
    pub fn is_lost(&self, group: Option<VillageGroupId>) -> bool {
        let placed = group.and_then(|g| self.group(g));
        placed.is_none_or(|p| p.precision == Precision::Outlet)
    }

    /// The place of somebody: their own door, else their household's, else the
    /// middle of where they live: of their group, or (`named`, from
    /// [`Ladder::named`]) of what their address says. `None` when not even the
    /// outlet has a place.
    pub fn place(
        &self,
        household: HouseholdId,
        own: Option<Point>,
        home: Option<Point>,
        group: Option<VillageGroupId>,
        named: Option<Placed>,
    ) -> Option<Placed> {
        let at = |point, precision| Some(Placed { point, precision });
        if let Some(door) = own {
            return at(door, Precision::Door);
        }
        let member = || self.households.get(&household).and_then(|s| s.mean());
        if let Some(door) = home.or_else(member) {
            return at(door, Precision::Household);
        }
        match group {
            Some(_) if self.is_lost(group) && named.is_some() => named,
            Some(group) => self.group(group),
            None => named.or_else(|| self.around_outlet(household.uuid())),
        }
    }

    /// The place of a village group, or of what it lies in.
    pub fn group(&self, group: VillageGroupId) -> Option<Placed> {
        let at = |point, precision| Some(Placed { point, precision });
        if let Some(point) = self.groups.get(&group).copied().flatten() {
            return at(point, Precision::VillageGroup);
        }
        let seat = self.seats.get(&group);
        let village = seat.and_then(PlaceName::village);
        if let Some(point) = village.and_then(|name| self.villages.at(name)) {
            return at(point, Precision::Village);
        }
        if let Some(point) = seat.and_then(|name| self.townships.get(&name.township)) {
            return at(*point, Precision::Township);
        }
        self.around_outlet(group.uuid())
    }

    /// The village, else the township, that an address names. Whether the address
    /// lies in the branch's county at all is for the caller to know.
    pub fn named(&self, address: &Parsed) -> Option<Placed> {
        let township = address.township.as_ref();
        let township = township.map_or("", |t| township_core(&t.name));
        let village = village_of(&self.villages.0, address);
        if let Some(point) = village.and_then(|(all, _)| only(all, township)) {
            return Some(Placed {
                point,
                precision: Precision::Village,
            });
        }
        self.townships.get(township).map(|point| Placed {
            point: *point,
            precision: Precision::Township,
        })
    }

    fn around_outlet(&self, whose: Uuid) -> Option<Placed> {
        let point = ring(self.outlet?, self.tuning.ring_m, whose)?;
        Some(Placed {
            point,
            precision: Precision::Outlet,
        })
    }
}

/// What villages and townships are placed by: named points.
struct Parts<'a> {
    tuning: Tuning,
    doors: &'a [(PlaceName, Point)],
    groups: &'a [(PlaceName, Point)],
    file: &'a [(PlaceName, Point)],
}

impl Parts<'_> {
    /// Doors and file tell; where neither does, the groups around do.
    fn villages(&self) -> Villages {
        let of = |all: &[(PlaceName, Point)]| {
            sums(
                all.iter()
                    .filter_map(|(n, p)| Some((n.village()?.clone(), *p))),
            )
        };
        let (doors, groups) = (of(self.doors), of(self.groups));
        let mut file = Villages::default();
        for (name, point) in self.file.iter().filter(|(n, _)| n.village().is_some()) {
            file.add(name.clone(), *point);
        }
        let listed = self.file.iter().filter_map(|(n, _)| n.village());
        let names: BTreeSet<&PlaceName> = doors.keys().chain(groups.keys()).chain(listed).collect();
        let mut villages = Villages::default();
        for name in names {
            let point = self.tuning.best(doors.get(name), file.at(name));
            let around = || groups.get(name).and_then(|s| s.mean());
            if let Some(point) = point.or_else(around) {
                villages.add(name.clone(), point);
            }
        }
        villages
    }

    fn townships(&self) -> HashMap<String, Point> {
        let of = |all: &[(PlaceName, Point)]| {
            sums(
                all.iter()
                    .filter_map(|(n, p)| Some((n.township()?.clone(), *p))),
            )
        };
        let (doors, groups, villages) = (of(self.doors), of(self.groups), of(self.file));
        let mut file: HashMap<&String, Point> = HashMap::new();
        for (name, point) in self.file.iter().filter(|(n, _)| n.village().is_none()) {
            file.entry(&name.township).or_insert(*point);
        }
        let names = doors.keys().chain(groups.keys()).chain(villages.keys());
        let names: BTreeSet<&String> = names.collect();
        let point = |name: &String| {
            let told = self.tuning.best(doors.get(name), file.get(name).copied());
            // The middle of its groups, or of its villages that the file places.
            told.or_else(|| groups.get(name).and_then(|s| s.mean()))
                .or_else(|| villages.get(name).and_then(|s| s.mean()))
        };
        let placed = names
            .into_iter()
            .filter_map(|n| Some((n.clone(), point(n)?)));
        placed.collect()
    }
}

/// A point `radius_m` metres from `centre` in a direction that depends on the id
/// alone, so that a plan made twice is the same.
pub fn ring(centre: Point, radius_m: f64, whose: Uuid) -> Option<Point> {
    let bits = whose.as_u128();
    let mut hash = (bits >> 64) as u64 ^ bits as u64;
    // The finisher of MurmurHash3: ids that differ in one digit lie far apart.
    for factor in [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^= hash >> 33;
    let angle = (hash >> 11) as f64 / (1_u64 << 53) as f64 * std::f64::consts::TAU;
    let degree = 111_195.0;
    let north = radius_m * angle.cos() / degree;
    let east = radius_m * angle.sin() / (degree * centre.lat().to_radians().cos().max(0.01));
    Point::new(centre.lat() + north, centre.lon() + east).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_base::geo::haversine_m;

    const TUNING: Tuning = Tuning {
        version: 1,
        ring_m: 1_500.0,
        doors_for_mean: 3,
    };

    fn p(lat: f64, lon: f64) -> Point {
        Point::new(lat, lon).unwrap()
    }
    fn household(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }
    fn group(n: u128, township: &str, village: &str, place: Option<Point>) -> VillageGroup {
        VillageGroup {
            id: VillageGroupId(Uuid::from_u128(n)),
            code: n.to_string(),
            township: township.to_owned(),
            village: village.to_owned(),
            name: format!("{n}组"),
            mail_route: None,
            place,
            datum: None,
        }
    }
    fn door(household_no: u128, g: &VillageGroup, lat: f64) -> Door {
        Door {
            household: household(household_no),
            group: Some(g.id),
            address: None,
            point: p(lat, 105.0),
        }
    }
    fn seen(placed: Option<Placed>) -> Option<(f64, Precision)> {
        placed.map(|p| ((p.point.lat() * 1e6).round() / 1e6, p.precision))
    }

    #[test]
    fn each_step_is_taken_only_when_the_one_before_is_missing() {
        let with_doors = group(1, "河坝镇", "大河村", None);
        let bare = group(2, "河坝镇", "大河", None);
        let other = group(3, "河坝", "三合村", None);
        let lone = group(4, "龙场镇", "龙场村", None);
        let doors = [door(1, &with_doors, 27.0), door(2, &with_doors, 27.2)];
        let groups = [
            with_doors.clone(),
            bare.clone(),
            other.clone(),
            lone.clone(),
        ];
        let ladder = Ladder::of(TUNING, Some(p(28.0, 105.0)), &doors, &groups, &[]);
        let place = |h, own, home, g: &VillageGroup| {
            seen(ladder.place(household(h), own, home, Some(g.id), None))
        };
        assert_eq!(
            place(9, Some(p(26.0, 105.0)), Some(p(25.0, 105.0)), &bare),
            Some((26.0, Precision::Door))
        );
        assert_eq!(
            place(9, None, Some(p(25.0, 105.0)), &bare),
            Some((25.0, Precision::Household))
        );
        assert_eq!(
            place(2, None, None, &bare),
            Some((27.2, Precision::Household))
        );
        assert_eq!(
            place(9, None, None, &with_doors),
            Some((27.1, Precision::VillageGroup))
        );
        assert_eq!(
            place(9, None, None, &bare),
            Some((27.1, Precision::Village))
        );
        assert_eq!(
            place(9, None, None, &other),
            Some((27.1, Precision::Township))
        );
        let around = ladder
            .place(household(9), None, None, Some(lone.id), None)
            .unwrap();
        assert_eq!(around.precision, Precision::Outlet);
        assert!((haversine_m(around.point, p(28.0, 105.0)).0 - 1_500.0).abs() < 10.0);
        assert!(
            ladder
                .place(household(9), None, None, None, None)
                .unwrap()
                .precision
                .is_approximate()
        );
    }

    #[test]
    fn the_banks_own_file_counts_until_three_doors_are_known() {
        let mut g = group(1, "河坝镇", "大河村", Some(p(30.0, 105.0)));
        let two = [door(1, &g, 27.0), door(2, &g, 27.2)];
        let at = |doors: &[Door], g: &VillageGroup, file: &[FilePlace]| {
            let l = Ladder::of(TUNING, None, doors, std::slice::from_ref(g), file);
            seen(l.group(g.id))
        };
        assert_eq!(at(&two, &g, &[]), Some((30.0, Precision::VillageGroup)));
        let three = [two[0].clone(), two[1].clone(), door(3, &g, 27.4)];
        assert_eq!(at(&three, &g, &[]), Some((27.2, Precision::VillageGroup)));
        g.place = None;
        let village = FilePlace {
            township: "河坝乡".to_owned(),
            village: "大河村委会".to_owned(),
            point: p(29.0, 105.0),
        };
        let township = FilePlace {
            village: String::new(),
            point: p(28.5, 105.0),
            ..village.clone()
        };
        assert_eq!(at(&[], &g, &[village]), Some((29.0, Precision::Village)));
        assert_eq!(at(&[], &g, &[township]), Some((28.5, Precision::Township)));
        assert_eq!(at(&[], &g, &[]), None);
    }

    fn file(township: &str, village: &str, lat: f64) -> FilePlace {
        FilePlace {
            township: township.to_owned(),
            village: village.to_owned(),
            point: p(lat, 105.0),
        }
    }
    fn read(text: &str) -> Parsed {
        zf_address::parse(None, &zf_address::Hint::default(), text)
    }

    #[test]
    fn an_address_names_a_village_or_township_that_only_the_file_knows() {
        let places = [
            file("河坝镇", "大河村", 27.1),
            file("龙场镇", "新农村", 27.2),
            file("河坝镇", "新农村", 27.3),
            file("河坝镇", "", 27.4),
            file("", "三合村", 27.5),
            file("城关街道", "东门社区", 27.6),
        ];
        let ladder = Ladder::of(TUNING, Some(p(28.0, 105.0)), &[], &[], &places);
        let village = |lat| Some((lat, Precision::Village));
        let township = |lat| Some((lat, Precision::Township));
        for (text, placed) in [
            ("河坝镇大河村3组12号", village(27.1)),
            ("大河村委会12号", village(27.1)),
            ("河坝乡大河三组8号", village(27.1)),
            ("龙场镇新农村1组", village(27.2)),
            ("河坝镇新农村1组", village(27.3)),
            ("河坝镇三合村", village(27.5)),
            ("河坝镇白果村1组", township(27.4)),
            ("河坝镇人民路12号", township(27.4)),
            // The middle of the villages that the file places in it.
            ("龙场镇白果村", township(27.2)),
            // Two villages of that name, and which one is not said.
            ("新农村1组", None),
            // Another township: the village of that name is another village.
            ("水口镇大河村1组", None),
            ("白果村1组", None),
            ("人民路12号", None),
            ("", None),
        ] {
            assert_eq!(seen(ladder.named(&read(text))), placed, "{text}");
        }
    }

    #[test]
    fn doors_without_a_group_make_the_mean_of_the_village_their_address_names() {
        let of = |n, text: &str, lat| Door {
            household: household(n),
            group: None,
            address: PlaceName::of(&read(text)),
            point: p(lat, 105.0),
        };
        let doors = [
            of(1, "河坝镇大河村1组", 27.0),
            of(2, "河坝镇大河村委会2组", 27.1),
            of(3, "大河村8号", 27.5),
            of(4, "河坝镇白果村", 28.4),
        ];
        let named = |doors: &[Door], groups: &[VillageGroup], places: &[FilePlace], text| {
            let ladder = Ladder::of(TUNING, None, doors, groups, places);
            seen(ladder.named(&read(text)))
        };
        let address = "河坝镇大河村9组";
        let listed = [file("河坝镇", "大河村", 30.0)];
        // Two doors of that township; the third does not say which village of that name.
        assert_eq!(
            named(&doors, &[], &[], address),
            Some((27.05, Precision::Village))
        );
        // The list tells which one is meant, and three doors beat its own place.
        assert_eq!(
            named(&doors, &[], &listed, address),
            Some((27.2, Precision::Village))
        );
        assert_eq!(
            named(&doors[..2], &[], &listed, address),
            Some((30.0, Precision::Village))
        );
        // (27.0 + 27.1 + 28.4) / 3: the doors of the township.
        assert_eq!(
            named(&doors, &[], &[], "河坝镇新寨村"),
            Some((27.5, Precision::Township))
        );
        let lone = group(7, "河坝镇", "大河村", None);
        let ladder = Ladder::of(TUNING, None, &doors[..2], std::slice::from_ref(&lone), &[]);
        assert_eq!(
            seen(ladder.group(lone.id)),
            Some((27.05, Precision::Village))
        );
    }

    #[test]
    fn an_address_counts_only_where_the_group_is_not_placed_at_all() {
        let (known, lost) = (
            group(1, "河坝镇", "大河村", Some(p(27.0, 105.0))),
            group(2, "水口镇", "上水村", None),
        );
        let groups = [known.clone(), lost.clone()];
        let ladder = Ladder::of(TUNING, Some(p(28.0, 105.0)), &[], &groups, &[]);
        let named = ladder.named(&read("河坝镇大河村"));
        assert_eq!(seen(named), Some((27.0, Precision::Village)));
        let place = |group, named| {
            let placed = ladder.place(household(9), None, None, group, named);
            placed.map(|p| p.precision)
        };
        assert_eq!(place(Some(known.id), named), Some(Precision::VillageGroup));
        assert_eq!(place(Some(lost.id), named), Some(Precision::Village));
        assert_eq!(place(Some(lost.id), None), Some(Precision::Outlet));
        assert_eq!(place(None, named), Some(Precision::Village));
        assert_eq!(place(None, None), Some(Precision::Outlet));
    }

    #[test]
    fn the_ring_is_the_same_every_time_and_goes_all_around() {
        let centre = p(27.3, 105.3);
        let mut quarters = [0; 4];
        for n in 0..400 {
            let at = ring(centre, 1_500.0, Uuid::from_u128(n)).unwrap();
            assert_eq!(Some(at), ring(centre, 1_500.0, Uuid::from_u128(n)));
            let (north, east) = (at.lat() > centre.lat(), at.lon() > centre.lon());
            quarters[usize::from(north) * 2 + usize::from(east)] += 1;
        }
        assert!(quarters.iter().all(|n| *n > 60), "{quarters:?}");
    }
}
