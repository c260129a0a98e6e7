//! Places: WGS-84 points, the two shifted Chinese datums and distances on the
//! sphere. Coordinates are kept in WGS-84 with the source datum beside them;
//! conversion happens at the edge (imports, base maps). Pure arithmetic; knows
//! nothing of maps, roads or units. The shift is the public approximation that
//! every map library uses (about 1 m off the official one inside China).

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What was wrong with a place.
#[derive(Debug, Error, PartialEq)]
pub enum GeoError {
    /// Latitude not in -90…90 or not a number.
    #[error("latitude out of range")]
    Latitude,
    /// Longitude not in -180…180 or not a number.
    #[error("longitude out of range")]
    Longitude,
    /// A text that names no datum we know.
    #[error("not a datum: {0}")]
    Datum(String),
}

/// Metres on the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meters(pub f64);

impl Meters {
    /// Kilometres.
    pub fn km(self) -> f64 {
        self.0 / 1000.0
    }
}

/// A point in WGS-84 degrees: latitude -90…90, longitude -180…180.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPoint")]
pub struct Point {
    lat: f64,
    lon: f64,
}

#[derive(Deserialize)]
struct RawPoint {
    lat: f64,
    lon: f64,
}
impl TryFrom<RawPoint> for Point {
    type Error = GeoError;
    fn try_from(raw: RawPoint) -> Result<Self, GeoError> {
        Point::new(raw.lat, raw.lon)
    }
}

impl Point {
    /// A point, checked for range.
    pub fn new(lat: f64, lon: f64) -> Result<Self, GeoError> {
        // NaN is in no range.
        if !(-90.0..=90.0).contains(&lat) {
            return Err(GeoError::Latitude);
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(GeoError::Longitude);
        }
        Ok(Point { lat, lon })
    }
    /// From coordinates in another datum.
    pub fn from_datum(datum: Datum, lat: f64, lon: f64) -> Result<Self, GeoError> {
        let p = Point::new(lat, lon)?;
        let (lat, lon) = match datum {
            Datum::Wgs84 => return Ok(p),
            Datum::Gcj02 => invert(wgs84_to_gcj02, lat, lon),
            Datum::Bd09 => invert(
                |lat, lon| pair(gcj02_to_bd09, wgs84_to_gcj02(lat, lon)),
                lat,
                lon,
            ),
        };
        Point::new(lat, lon)
    }
    /// Latitude and longitude in another datum, for a base map.
    pub fn in_datum(self, datum: Datum) -> (f64, f64) {
        match datum {
            Datum::Wgs84 => (self.lat, self.lon),
            Datum::Gcj02 => wgs84_to_gcj02(self.lat, self.lon),
            Datum::Bd09 => pair(gcj02_to_bd09, wgs84_to_gcj02(self.lat, self.lon)),
        }
    }
    /// Latitude in degrees, north positive.
    pub fn lat(self) -> f64 {
        self.lat
    }
    /// Longitude in degrees, east positive.
    pub fn lon(self) -> f64 {
        self.lon
    }
}

/// The reference a pair of coordinates is given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    /// GPS and this system.
    #[default]
    Wgs84,
    /// 国测局: the base maps of Amap and Tencent.
    Gcj02,
    /// 百度.
    Bd09,
}

impl Datum {
    /// The stored code: `wgs84`, `gcj02`, `bd09`.
    pub fn code(self) -> &'static str {
        match self {
            Datum::Wgs84 => "wgs84",
            Datum::Gcj02 => "gcj02",
            Datum::Bd09 => "bd09",
        }
    }
}
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl FromStr for Datum {
    type Err = GeoError;
    /// Accepts the codes in any case and with dashes, and the names used in bank
    /// files (`GPS`, `高德`, `百度` …).
    fn from_str(s: &str) -> Result<Self, GeoError> {
        // not shown: names of datums as bank files write them
        match crate::search::compare_key(s).as_str() {
            "wgs84" | "gps" | "epsg4326" => Ok(Datum::Wgs84),
            "gcj02" | "国测局" | "火星坐标" | "高德" | "腾讯" => Ok(Datum::Gcj02),
            "bd09" | "bd09ll" | "百度" => Ok(Datum::Bd09),
            _ => Err(GeoError::Datum(s.chars().take(20).collect())),
        }
    }
}

/// Mean radius of the Earth (IUGG), metres.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Great-circle distance.
pub fn haversine_m(a: Point, b: Point) -> Meters {
    let (la1, la2) = (a.lat.to_radians(), b.lat.to_radians());
    let dla = la2 - la1;
    let dlo = (b.lon - a.lon).to_radians();
    let h = (dla / 2.0).sin().powi(2) + la1.cos() * la2.cos() * (dlo / 2.0).sin().powi(2);
    Meters(2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin())
}

/// Whether coordinates declared WGS-84 would fit a place known to be near
/// `reference` clearly better in another datum: the distances shrink by more
/// than half. A hint for the importer's report, never applied by itself.
pub fn looks_like_other_datum(declared: Point, reference: Point) -> Option<Datum> {
    let as_is = haversine_m(declared, reference).0;
    [Datum::Gcj02, Datum::Bd09]
        .into_iter()
        .filter_map(|d| {
            let p = Point::from_datum(d, declared.lat, declared.lon).ok()?;
            Some((d, haversine_m(p, reference).0))
        })
        .filter(|(_, distance)| *distance < as_is / 2.0)
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(d, _)| d)
}

fn pair(f: impl Fn(f64, f64) -> (f64, f64), (lat, lon): (f64, f64)) -> (f64, f64) {
    f(lat, lon)
}

/// Krasovsky 1940: semi-major axis in metres and squared eccentricity.
const KRASOVSKY_A: f64 = 6_378_245.0;
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;

/// The shift applies inside this box only (the box of the public formula).
fn shifted_area(lat: f64, lon: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

fn wgs84_to_gcj02(lat: f64, lon: f64) -> (f64, f64) {
    if !shifted_area(lat, lon) {
        return (lat, lon);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let root = x.abs().sqrt();
    let mut dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common;
    dlat += (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0;
    dlat += (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let mut dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common;
    dlon += (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0;
    dlon += (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let phi = lat.to_radians();
    let magic = 1.0 - KRASOVSKY_EE * phi.sin().powi(2);
    let meridian = KRASOVSKY_A * (1.0 - KRASOVSKY_EE) / (magic * magic.sqrt());
    let parallel = KRASOVSKY_A / magic.sqrt() * phi.cos();
    (
        lat + (dlat / meridian).to_degrees(),
        lon + (dlon / parallel).to_degrees(),
    )
}

/// Baidu's second shift has no box: it moves the whole world by about 0.01°.
fn gcj02_to_bd09(lat: f64, lon: f64) -> (f64, f64) {
    let turn = PI * 3000.0 / 180.0;
    let z = lon.hypot(lat) + 0.000_02 * (lat * turn).sin();
    let theta = lat.atan2(lon) + 0.000_003 * (lon * turn).cos();
    (z * theta.sin() + 0.006, z * theta.cos() + 0.0065)
}

/// Undoes a shift by correcting the guess with the error it makes. The shift
/// changes slowly (well under 1 % per step), so a few steps reach 1e-10 degrees.
fn invert(shift: impl Fn(f64, f64) -> (f64, f64), lat: f64, lon: f64) -> (f64, f64) {
    let (mut glat, mut glon) = (lat, lon);
    for _ in 0..12 {
        let (slat, slon) = shift(glat, glon);
        let (elat, elon) = (lat - slat, lon - slon);
        glat += elat;
        glon += elon;
        if elat.abs() < 1e-11 && elon.abs() < 1e-11 {
            break;
        }
    }
    (glat, glon)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: (f64, f64), b: (f64, f64), tolerance: f64) -> bool {
        (a.0 - b.0).abs() < tolerance && (a.1 - b.1).abs() < tolerance
    }

    #[test]
    fn gcj_02_agrees_with_the_vectors_of_eviltransform() {
        for (wgs, gcj) in [
            (
                (31.1774276, 121.5272106),
                (31.17530398364597, 121.531541859215),
            ),
            (
                (22.543847, 113.912316),
                (22.540796131694766, 113.9171764808363),
            ),
            (
                (39.911954, 116.377817),
                (39.91334545536069, 116.38404722455657),
            ),
        ] {
            let p = Point::new(wgs.0, wgs.1).unwrap();
            assert!(close(p.in_datum(Datum::Gcj02), gcj, 1e-9), "{wgs:?}");
            let back = Point::from_datum(Datum::Gcj02, gcj.0, gcj.1).unwrap();
            assert!(close((back.lat(), back.lon()), wgs, 1e-9), "{gcj:?}");
        }
    }

    #[test]
    fn bd_09_agrees_with_the_vector_of_gcoord() {
        let p = Point::new(39.914266, 116.403988).unwrap();
        let bd = p.in_datum(Datum::Bd09);
        assert!(
            close(bd, (39.92196580126834, 116.41661560068297), 1e-9),
            "{bd:?}"
        );
    }

    #[test]
    fn every_datum_survives_a_round_trip_to_a_ten_millionth_of_a_degree() {
        let mut seed = 20_260_721_u64;
        let mut unit = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        for _ in 0..20_000 {
            let p = Point::new(18.0 + 35.5 * unit(), 73.7 + 61.0 * unit()).unwrap();
            for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
                let (lat, lon) = p.in_datum(datum);
                let q = Point::from_datum(datum, lat, lon).unwrap();
                assert!(
                    close((p.lat(), p.lon()), (q.lat(), q.lon()), 1e-7),
                    "{p:?} {datum}"
                );
            }
        }
    }

    #[test]
    fn outside_china_gcj_02_is_wgs_84() {
        let paris = Point::new(48.8566, 2.3522).unwrap();
        assert_eq!(paris.in_datum(Datum::Gcj02), (48.8566, 2.3522));
    }

    #[test]
    fn points_off_the_globe_are_refused() {
        assert_eq!(Point::new(90.1, 0.0), Err(GeoError::Latitude));
        assert_eq!(Point::new(0.0, -180.1), Err(GeoError::Longitude));
        assert_eq!(Point::new(f64::NAN, 0.0), Err(GeoError::Latitude));
    }

    #[test]
    fn distances_are_great_circles() {
        // One degree of the equator: 2 * pi * 6371.0088 km / 360 = 111.19508 km.
        let a = Point::new(0.0, 0.0).unwrap();
        let b = Point::new(0.0, 1.0).unwrap();
        assert!((haversine_m(a, b).0 - 111_195.08).abs() < 0.01);
        // Half the circumference between the poles.
        let n = Point::new(90.0, 0.0).unwrap();
        let s = Point::new(-90.0, 0.0).unwrap();
        assert!((haversine_m(n, s).km() - 20_015.114).abs() < 0.001);
    }

    #[test]
    fn datums_are_read_as_bank_files_write_them() {
        for (text, datum) in [
            ("WGS-84", Datum::Wgs84),
            ("wgs84", Datum::Wgs84),
            ("GCJ02", Datum::Gcj02),
            ("高德", Datum::Gcj02),
            (" BD-09 ", Datum::Bd09),
        ] {
            assert_eq!(text.parse(), Ok(datum), "{text}");
        }
        assert!("mercator".parse::<Datum>().is_err());
        assert_eq!(Datum::Gcj02.to_string().parse(), Ok(Datum::Gcj02));
    }

    #[test]
    fn a_wrong_datum_is_noticed_near_a_known_place() {
        let branch = Point::new(27.3, 105.3).unwrap();
        let (lat, lon) = branch.in_datum(Datum::Gcj02);
        let declared = Point::new(lat, lon).unwrap();
        assert_eq!(looks_like_other_datum(declared, branch), Some(Datum::Gcj02));
        assert_eq!(looks_like_other_datum(branch, branch), None);
    }
}
