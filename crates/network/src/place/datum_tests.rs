//! Honest and shifted files over a made-up county: villages as clusters of
//! doors, of which some doors, the village groups or only the outlets are known.

use super::*;

/// A generator of its own, so that no figure depends on another crate.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit().max(1e-12), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
    fn around(&mut self, p: Point, m: f64) -> Point {
        let north = self.normal() * m / 111_195.0;
        let east = self.normal() * m / (111_195.0 * p.lat().to_radians().cos());
        Point::new(p.lat() + north, p.lon() + east).unwrap()
    }
}

/// What the system knows before the file comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Doors(usize),
    Groups,
    OwnGroups,
    Outlets,
    Elsewhere,
}

struct County {
    file: Vec<Given>,
    anchors: Vec<Point>,
}

/// `villages` villages in 30 by 30 km, `doors` doors in the file in all, given
/// in `truth`. Houses lie about 150 m around the middle of their hamlet, the
/// middle about 120 m from the recorded place of the group.
fn county(dice: &mut Dice, villages: usize, doors: usize, known: Known, truth: Datum) -> County {
    let corner = (20.0 + 25.0 * dice.unit(), 85.0 + 35.0 * dice.unit());
    let groups: Vec<Point> = (0..villages)
        .map(|_| Point::new(corner.0 + 0.27 * dice.unit(), corner.1 + 0.3 * dice.unit()).unwrap())
        .collect();
    let middles: Vec<Point> = groups.iter().map(|g| dice.around(*g, 120.0)).collect();
    let mut file = Vec::new();
    for n in 0..doors {
        let village = n % villages;
        let door = dice.around(middles[village], 150.0);
        let (lat, lon) = door.in_datum(truth);
        let known = (known == Known::OwnGroups).then_some(groups[village]);
        file.push(Given { lat, lon, known });
    }
    let anchors = match known {
        Known::Doors(n) => (0..n)
            .map(|n| dice.around(middles[n % villages], 150.0))
            .collect(),
        Known::Groups => groups,
        Known::OwnGroups => vec![],
        Known::Elsewhere => groups.iter().map(|g| dice.around(*g, 3_000.0)).collect(),
        Known::Outlets => groups
            .iter()
            .take(12)
            .map(|g| dice.around(*g, 800.0))
            .collect(),
    };
    County { file, anchors }
}

/// Files of each kind; with 100 the rates are those told in `datum.rs`.
const FILES: usize = 18;

/// False alarms over honest files and detections over shifted ones, in percent.
fn rates(villages: usize, doors: usize, known: Known) -> (usize, usize) {
    let mut dice = Dice(7);
    let (mut alarms, mut found) = (0, 0);
    for n in 0..FILES {
        let claims = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];
        let claimed = claims[n % 3];
        let truth = claims[(n + 1 + n % 2) % 3];
        let honest = county(&mut dice, villages, doors, known, claimed);
        alarms += usize::from(suspect(&honest.file, claimed, &honest.anchors).is_some());
        let shifted = county(&mut dice, villages, doors, known, truth);
        let got = suspect(&shifted.file, claimed, &shifted.anchors);
        found += usize::from(truth != claimed && got.is_some_and(|s| s.likely == truth));
    }
    (alarms * 100 / FILES, found * 100 / FILES)
}

#[test]
fn shifted_files_are_found_and_honest_ones_are_left_alone() {
    let cases = [
        (40, 400, Known::OwnGroups, 95),
        (40, 40, Known::OwnGroups, 80),
        (40, 400, Known::Groups, 80),
        (40, 400, Known::Doors(400), 90),
        (40, 400, Known::Elsewhere, 0),
        (10, 50, Known::Doors(50), 50),
        (40, 400, Known::Outlets, 0),
    ];
    for (villages, doors, known, least) in cases {
        let (alarms, found) = rates(villages, doors, known);
        println!("{villages} villages, {doors} rows, {known:?}: {alarms} % false, {found} % found");
        assert!(
            alarms == 0,
            "{alarms} % false alarms with {known:?}, {doors} rows"
        );
        assert!(
            found >= least,
            "{found} % found with {known:?}, {doors} rows"
        );
    }
}

#[test]
fn the_likely_datum_comes_with_the_shift_and_the_share() {
    let mut dice = Dice(3);
    let c = county(&mut dice, 40, 400, Known::OwnGroups, Datum::Gcj02);
    let s = suspect(&c.file, Datum::Wgs84, &c.anchors).unwrap();
    assert_eq!((s.doubt, s.likely), (Doubt::OtherDatum, Datum::Gcj02));
    assert!((200.0..=800.0).contains(&s.shift_m), "{}", s.shift_m);
    assert!(s.share > 0.6, "{}", s.share);
}

#[test]
fn one_lopsided_outlet_says_nothing() {
    // All doors lie 400 m north-west of the only known place, as GCJ-02 would.
    let outlet = Point::new(27.3, 105.3).unwrap();
    let (lat, lon) = outlet.in_datum(Datum::Gcj02);
    let file = vec![Given::from((lat, lon)); 300];
    assert_eq!(suspect(&file, Datum::Wgs84, &[outlet]), None);
}

#[test]
fn swapped_columns_and_points_abroad_are_told_apart() {
    let swapped = vec![Given::from((105.3, 27.3)); 10];
    let s = suspect(&swapped, Datum::Wgs84, &[]).unwrap();
    assert_eq!((s.doubt, s.share), (Doubt::Swapped, 1.0));
    let abroad = vec![Given::from((48.8566, 2.3522)); 10];
    let s = suspect(&abroad, Datum::Gcj02, &[]).unwrap();
    assert_eq!((s.doubt, s.likely), (Doubt::OutsideChina, Datum::Gcj02));
    let nothing = vec![Given::from((f64::NAN, f64::INFINITY)); 10];
    let doubt = suspect(&nothing, Datum::Wgs84, &[]).map(|s| s.doubt);
    assert_eq!(doubt, Some(Doubt::OutsideChina));
    // One slip of the hand in a hundred rows is a row's fault, not the file's.
    let mut honest = vec![Given::from((27.3, 105.3)); 99];
    honest.push(Given::from((105.3, 27.3)));
    assert_eq!(suspect(&honest, Datum::Wgs84, &[]), None);
}

#[test]
fn nothing_known_and_nothing_given_say_nothing() {
    assert_eq!(suspect(&[], Datum::Wgs84, &[]), None);
    assert_eq!(suspect(&[(27.3, 105.3).into()], Datum::Wgs84, &[]), None);
}
