//! From known doors to a place for everybody: door, household, village group,
//! village, township, and at last a point on a ring around the outlet. Pure: a
//! branch's doors, groups and outlet come in, a place with its precision comes
//! out; the same household always gets the same place.

use crate::village_group::VillageGroup;
use serde::Deserialize;
use std::collections::HashMap;
use std::hash::Hash;
use zf_address::{township_core, village_core};
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Door {
    /// Whose.
    pub household: HouseholdId,
    /// In which village group.
    pub group: Option<VillageGroupId>,
    /// Where.
    pub point: Point,
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
        township_core(self.township.trim()) == township_core(township.trim())
            && village_core(self.village.trim()) == village_core(village.trim())
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

/// Township and village by the cores of their names.
type VillageKey = (String, String);

/// The key of a village; one without a name is none.
fn village_key(township: &str, village: &str) -> Option<VillageKey> {
    let (t, v) = (township.trim(), village.trim());
    (!v.is_empty()).then(|| (township_core(t).to_owned(), village_core(v).to_owned()))
}

fn file_village(file: &[FilePlace], key: &VillageKey) -> Option<Point> {
    let of_village = |f: &&FilePlace| village_core(f.village.trim()) == key.1;
    let all = || file.iter().filter(of_village);
    let township = |f: &&FilePlace| township_core(f.township.trim()) == key.0;
    // One of the two may have been written without its township.
    let either = |f: &&FilePlace| f.township.trim().is_empty() || key.0.is_empty();
    let own = all().find(township).or_else(|| all().find(either));
    own.map(|f| f.point)
}

fn file_township(file: &[FilePlace], name: &str) -> Option<Point> {
    let mut own = file
        .iter()
        .filter(|f| f.village.trim().is_empty() && township_core(f.township.trim()) == name);
    own.next().map(|f| f.point)
}

/// The places of one branch.
#[derive(Clone, Debug)]
pub struct Ladder {
    tuning: Tuning,
    outlet: Option<Point>,
    households: HashMap<HouseholdId, Sum>,
    groups: HashMap<VillageGroupId, Option<Point>>,
    /// Village and township of each group.
    seats: HashMap<VillageGroupId, (Option<VillageKey>, String)>,
    villages: HashMap<VillageKey, Point>,
    townships: HashMap<String, Point>,
}

impl Ladder {
    /// Prepares the means of a branch.
    pub fn of(
        tuning: Tuning,
        outlet: Option<Point>,
        doors: &[Door],
        groups: &[VillageGroup],
        file: &[FilePlace],
    ) -> Ladder {
        let seats: HashMap<_, _> = groups.iter().map(|g| (g.id, seat(g))).collect();
        let by_group = sums(doors.iter().filter_map(|d| Some((d.group?, d.point))));
        let in_seat = |d: &Door| seats.get(&d.group?);
        let by_village = sums(
            doors
                .iter()
                .filter_map(|d| Some((in_seat(d)?.0.clone()?, d.point))),
        );
        let by_township = sums(doors.iter().filter_map(|d| {
            let township = in_seat(d)?.1.clone();
            (!township.is_empty()).then_some((township, d.point))
        }));
        let best = |sum: Option<&Sum>, file: Option<Point>| {
            let many = sum.filter(|s| s.n >= tuning.doors_for_mean);
            many.and_then(|s| s.mean())
                .or(file)
                .or_else(|| sum.and_then(|s| s.mean()))
        };
        let groups_at: HashMap<_, _> = groups
            .iter()
            .map(|g| (g.id, best(by_group.get(&g.id), g.place)))
            .collect();
        // Where neither doors nor the file tell, the groups around do.
        let placed = || {
            groups
                .iter()
                .filter_map(|g| Some((g.id, groups_at.get(&g.id).copied()??)))
        };
        let of_villages =
            sums(placed().filter_map(|(id, p)| Some((seats.get(&id)?.0.clone()?, p))));
        let of_townships =
            sums(placed().filter_map(|(id, p)| Some((seats.get(&id)?.1.clone(), p))));
        let villages = seats.values().filter_map(|(village, _)| {
            let key = village.clone()?;
            let point = best(by_village.get(&key), file_village(file, &key));
            let point = point.or_else(|| of_villages.get(&key).and_then(|s| s.mean()))?;
            Some((key, point))
        });
        let townships = seats
            .values()
            .filter(|(_, t)| !t.is_empty())
            .filter_map(|(_, t)| {
                let point = best(by_township.get(t), file_township(file, t));
                let point = point.or_else(|| of_townships.get(t).and_then(|s| s.mean()))?;
                Some((t.clone(), point))
            });
        Ladder {
            tuning,
            outlet,
            households: sums(doors.iter().map(|d| (d.household, d.point))),
            villages: villages.collect(),
            townships: townships.collect(),
            groups: groups_at,
            seats,
        }
    }

    /// The place of somebody: their own door, else their household's, else the
    /// middle of where they live. `None` when not even the outlet has a place.
    pub fn place(
        &self,
        household: HouseholdId,
        own: Option<Point>,
        home: Option<Point>,
        group: Option<VillageGroupId>,
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
            Some(group) => self.group(group),
            None => self.around_outlet(household.uuid()),
        }
    }

    /// The place of a village group, or of what it lies in.
    pub fn group(&self, group: VillageGroupId) -> Option<Placed> {
        let at = |point, precision| Some(Placed { point, precision });
        if let Some(point) = self.groups.get(&group).copied().flatten() {
            return at(point, Precision::VillageGroup);
        }
        let seat = self.seats.get(&group);
        let village = seat.and_then(|(key, _)| self.villages.get(key.as_ref()?));
        if let Some(point) = village {
            return at(*point, Precision::Village);
        }
        if let Some(point) = seat.and_then(|(_, t)| self.townships.get(t)) {
            return at(*point, Precision::Township);
        }
        self.around_outlet(group.uuid())
    }

    fn around_outlet(&self, whose: Uuid) -> Option<Placed> {
        let point = ring(self.outlet?, self.tuning.ring_m, whose)?;
        Some(Placed {
            point,
            precision: Precision::Outlet,
        })
    }
}

fn seat(g: &VillageGroup) -> (Option<VillageKey>, String) {
    let township = township_core(g.township.trim()).to_owned();
    (village_key(&g.township, &g.village), township)
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
            place,
            datum: None,
        }
    }
    fn door(household_no: u128, g: &VillageGroup, lat: f64) -> Door {
        Door {
            household: household(household_no),
            group: Some(g.id),
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
            seen(ladder.place(household(h), own, home, Some(g.id)))
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
            .place(household(9), None, None, Some(lone.id))
            .unwrap();
        assert_eq!(around.precision, Precision::Outlet);
        assert!((haversine_m(around.point, p(28.0, 105.0)).0 - 1_500.0).abs() < 10.0);
        assert!(
            ladder
                .place(household(9), None, None, None)
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
        let three = [two[0], two[1], door(3, &g, 27.4)];
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
