//! Travel seconds between all points of one search, as a table.
//!
//! What it is for: the search asks for millions of legs a second. The table is
//! exactly what `travel` defines, only filled faster: great circles come from
//! chords of unit vectors, and the literal formula decides the pairs that lie
//! too close to a rounding edge.
//! What it may not know: routes, plans.

use crate::instance::{Instance, MAX_SECONDS, Place, Travel};
use crate::travel::{Seconds, haversine};

/// Above this half chord the short series is not exact enough (about 600 km).
const SERIES_LIMIT: f64 = 0.05;
/// Seconds around a rounding edge in which the literal formula decides.
const EDGE: f64 = 1e-6;

/// Square table of seconds.
pub(crate) struct Matrix {
    side: usize,
    cells: Vec<i32>,
    /// Columns as rows, only when directions differ.
    transposed: Option<Vec<i32>>,
}

impl Matrix {
    /// Table over `points` (positions as in [`Seconds`]), in this order.
    pub(crate) fn new(instance: &Instance, points: &[usize]) -> Self {
        match &instance.travel {
            Travel::Matrix { .. } => Matrix::given(instance, points),
            Travel::Haversine {
                earth_km,
                detour,
                kmh,
            } => Matrix::great_circle(instance, points, *earth_km, detour / kmh * 3600.0),
            Travel::Euclid { .. } => {
                let seconds = Seconds::new(instance);
                Matrix::symmetric(points.len(), |i, j| seconds.between(points[i], points[j]))
            }
        }
    }

    fn given(instance: &Instance, points: &[usize]) -> Self {
        let seconds = Seconds::new(instance);
        let side = points.len();
        let table = |turn: bool| -> Vec<i32> {
            let mut cells = Vec::with_capacity(side * side);
            for &from in points {
                cells.extend(points.iter().map(|&to| {
                    let leg = if turn {
                        seconds.between(to, from)
                    } else {
                        seconds.between(from, to)
                    };
                    leg.clamp(0, MAX_SECONDS) as i32
                }));
            }
            cells
        };
        let (cells, turned) = (table(false), table(true));
        let transposed = (cells != turned).then_some(turned);
        Matrix {
            side,
            cells,
            transposed,
        }
    }

    fn symmetric(side: usize, leg: impl Fn(usize, usize) -> i64) -> Self {
        let mut cells = vec![0; side * side];
        for i in 0..side {
            for j in 0..=i {
                let seconds = leg(i, j).clamp(0, MAX_SECONDS) as i32;
                cells[i * side + j] = seconds;
                cells[j * side + i] = seconds;
            }
        }
        Matrix {
            side,
            cells,
            transposed: None,
        }
    }

    fn great_circle(instance: &Instance, points: &[usize], earth_km: f64, per_km: f64) -> Self {
        let seconds = Seconds::new(instance);
        let places: Vec<Place> = points.iter().map(|&point| seconds.place(point)).collect();
        let units: Vec<[f64; 3]> = places.iter().map(unit_vector).collect();
        Matrix::symmetric(points.len(), |i, j| {
            let half = half_chord(&units[i], &units[j]);
            if half < SERIES_LIMIT {
                let value = 2.0 * earth_km * arcsine(half) * per_km + 0.5;
                let part = value - value.floor();
                if part > EDGE && part < 1.0 - EDGE {
                    return value as i64;
                }
            }
            haversine(places[i], places[j], earth_km, per_km)
        })
    }

    /// Seconds from one point to another.
    #[inline]
    pub(crate) fn leg(&self, from: u32, to: u32) -> i32 {
        self.cells[from as usize * self.side + to as usize]
    }

    /// Seconds from one point to every point.
    #[inline]
    pub(crate) fn row_of(&self, point: u32) -> &[i32] {
        let start = point as usize * self.side;
        &self.cells[start..start + self.side]
    }

    /// Seconds to one point from every point.
    #[inline]
    pub(crate) fn column_of(&self, point: u32) -> &[i32] {
        let start = point as usize * self.side;
        let cells = self.transposed.as_ref().unwrap_or(&self.cells);
        &cells[start..start + self.side]
    }
}

fn unit_vector(place: &Place) -> [f64; 3] {
    let (lat, lon) = (place.lat.to_radians(), place.lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn half_chord(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let (x, y, z) = (a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    (x * x + y * y + z * z).sqrt() * 0.5
}

/// Arcsine of a small number; the first term left out is below 1e-15 of it.
fn arcsine(x: f64) -> f64 {
    let s = x * x;
    let tail = 63.0 / 2816.0 * s;
    let tail = s * (35.0 / 1152.0 + tail);
    let tail = s * (15.0 / 336.0 + tail);
    let tail = s * (3.0 / 40.0 + tail);
    x * (1.0 + s * (1.0 / 6.0 + tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::{Depot, Task};

    #[test]
    fn the_table_equals_the_literal_formula() {
        let mut instance = Instance {
            depots: vec![Depot {
                id: None,
                place: Place {
                    lat: 27.1,
                    lon: 105.2,
                },
            }],
            ..Instance::default()
        };
        // Spread from metres to a few thousand km.
        for n in 0..120i64 {
            let far = if n < 100 { 0.15 } else { 20.0 };
            instance.tasks.push(Task {
                id: Id::Number(n),
                place: Place {
                    lat: 27.1 + far * ((n * 37 % 101) as f64 / 101.0 - 0.5),
                    lon: 105.2 + far * ((n * 53 % 97) as f64 / 97.0 - 0.5),
                },
                ..Task::default()
            });
        }
        let points: Vec<usize> = (0..121).collect();
        let matrix = Matrix::new(&instance, &points);
        let seconds = Seconds::new(&instance);
        let mut largest = 0;
        for from in 0..121u32 {
            for to in 0..121u32 {
                let literal = seconds.between(from as usize, to as usize);
                assert_eq!(i64::from(matrix.leg(from, to)), literal);
                largest = largest.max(literal);
            }
        }
        assert!(largest > 100_000, "long legs are covered: {largest}");
    }

    use crate::instance::Id;
}
