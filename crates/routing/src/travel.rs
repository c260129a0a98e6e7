//! Travel seconds between two points, by the definition of the format.
//!
//! What it is for: the slow, literal formula for scoring, for showing a plan's
//! times and as the reference of the search's own matrix. Points are addressed
//! by position: depots first, then tasks (as in `travel.seconds`).
//! What it may not know: routes, plans, the search.

use crate::instance::{Instance, Place, Travel};

/// Travel seconds of one instance, point by point.
#[derive(Clone, Copy, Debug)]
pub struct Seconds<'a> {
    instance: &'a Instance,
}

impl<'a> Seconds<'a> {
    /// Travel of this instance.
    pub fn new(instance: &'a Instance) -> Self {
        Seconds { instance }
    }

    /// Number of points: depots, then tasks.
    pub fn points(&self) -> usize {
        self.instance.depots.len() + self.instance.tasks.len()
    }

    /// Where a point lies.
    pub fn place(&self, point: usize) -> Place {
        let depots = &self.instance.depots;
        match depots.get(point) {
            Some(depot) => depot.place,
            None => self.instance.tasks[point - depots.len()].place,
        }
    }

    /// Seconds from one point to another.
    pub fn between(&self, from: usize, to: usize) -> i64 {
        match &self.instance.travel {
            Travel::Matrix { seconds } => seconds[from][to],
            Travel::Haversine {
                earth_km,
                detour,
                kmh,
            } => haversine(
                self.place(from),
                self.place(to),
                *earth_km,
                detour / kmh * 3600.0,
            ),
            Travel::Euclid { scale, truncate } => {
                euclid(self.place(from), self.place(to), *scale, *truncate)
            }
        }
    }
}

/// Great-circle seconds, whole, half up.
///
/// The order of operations is part of the format: another order rounds a few
/// pairs differently.
pub fn haversine(from: Place, to: Place, earth_km: f64, seconds_per_km: f64) -> i64 {
    let (lat1, lon1) = (from.lat.to_radians(), from.lon.to_radians());
    let (lat2, lon2) = (to.lat.to_radians(), to.lon.to_radians());
    let dlat = ((lat2 - lat1) / 2.0).sin();
    let dlon = ((lon2 - lon1) / 2.0).sin();
    let h = dlat * dlat + lat1.cos() * lat2.cos() * (dlon * dlon);
    (2.0 * earth_km * h.sqrt().min(1.0).asin() * seconds_per_km + 0.5) as i64
}

/// Plane distance times `scale`, cut or rounded half up.
pub fn euclid(from: Place, to: Place, scale: f64, truncate: bool) -> i64 {
    let (dx, dy) = (from.lat - to.lat, from.lon - to.lon);
    let length = (dx * dx + dy * dy).sqrt() * scale;
    (length + if truncate { 0.0 } else { 0.5 }) as i64
}
