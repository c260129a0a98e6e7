//! A planning problem in the vocabulary of the format `zoufang-visit-plan-1`.
//!
//! What it is for: the one description of routes (a team's shift on a day),
//! tasks (visits that may be made) and rules that the solver, the scorer and
//! the explanations share.
//! What it may not know: how plans are searched for, files, clocks.
//! Where its data comes from: [`Instance::parse`] reads the JSON format; the
//! week planning builds the structs directly and calls [`Instance::validate`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// Largest number of seconds (time of day, duration, travel) accepted anywhere.
/// Sums of four such numbers still fit 32 bits, which the search relies on.
pub const MAX_SECONDS: i64 = 300_000_000;

/// Most tasks of one instance: the search keeps a table over all pairs.
pub const MAX_TASKS: usize = 20_000;

/// Mean radius of the Earth in km that the format prescribes.
pub const EARTH_KM: f64 = 6371.0088;

/// Name of a task, route, depot or team: a whole number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// As in the benchmark instances.
    Number(i64),
    /// As in plans made from database rows.
    Text(String),
}

impl Default for Id {
    fn default() -> Self {
        Id::Number(0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Number(number) => write!(out, "{number}"),
            Id::Text(text) => out.write_str(text),
        }
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Id::Number(number)
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Id::Text(text.to_owned())
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Id::Text(text)
    }
}

/// A point: degrees WGS-84 for [`Travel::Haversine`], plain x/y otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Place {
    /// Latitude in degrees, or x.
    pub lat: f64,
    /// Longitude in degrees, or y.
    pub lon: f64,
}

/// Where routes begin and end.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Depot {
    /// Name that routes and tasks refer to; the first depot may go without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// Its point.
    #[serde(flatten)]
    pub place: Place,
}

/// How travel seconds between two points are obtained.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Travel {
    /// `floor(km * detour / kmh * 3600 + 0.5)` over the great circle.
    Haversine {
        /// Radius of the Earth, km.
        earth_km: f64,
        /// Road length over straight line, > 0.
        detour: f64,
        /// Speed on the road, km/h, > 0.
        kmh: f64,
    },
    /// Plane distance times `scale`, cut (`truncate`) or rounded half up.
    Euclid {
        /// Seconds per unit of distance, > 0.
        scale: f64,
        /// Cut instead of round.
        truncate: bool,
    },
    /// Given seconds; rows and columns are the depots in order, then the tasks.
    Matrix {
        /// Square, whole seconds from row to column.
        seconds: Vec<Vec<i64>>,
    },
}

impl Default for Travel {
    fn default() -> Self {
        Travel::Haversine {
            earth_km: EARTH_KM,
            detour: 1.3,
            kmh: 30.0,
        }
    }
}

/// Earliest and latest start of a visit, seconds of the day.
pub type Window = [i64; 2];

/// Least distance in days to another visit, when both are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct After {
    /// The visit that comes first.
    pub task: Id,
    /// This visit's day is at least that visit's day plus so many days.
    pub min_days: i64,
}

/// One visit that may be made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// Unique among tasks.
    pub id: Id,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What leaving the visit out costs, in seconds of travel, >= 0.
    pub prize: i64,
    /// Duration, seconds, >= 0.
    pub service: i64,
    /// When the visit may start; disjoint, ascending after [`Instance::validate`]
    /// has accepted them in any order. Empty: any time.
    pub windows: Vec<Window>,
    /// Allowed day indices, `0..Instance::days`. Empty: never.
    pub days: Vec<u32>,
    /// How much of a route's `max_visits` it uses, >= 0.
    pub demand: i64,
    /// Must be visited; a plan without it is infeasible.
    pub mandatory: bool,
    /// Posts (岗位) of which the route must have every one.
    pub requires: Vec<String>,
    /// Spacing to an earlier visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// Only routes of this depot may serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depot: Option<Id>,
    /// Must-visit group 1 (highest) to 10, 0 = none; only counted by the scorer.
    pub group: u32,
}

impl Default for Task {
    fn default() -> Self {
        Task {
            id: Id::default(),
            place: Place::default(),
            prize: 0,
            service: 0,
            windows: Vec::new(),
            days: Vec::new(),
            demand: 1,
            mandatory: false,
            requires: Vec::new(),
            after: None,
            depot: None,
            group: 0,
        }
    }
}

/// One shift of one team on one day.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Route {
    /// Unique among routes.
    pub id: Id,
    /// Day index, `0..Instance::days`.
    pub day: u32,
    /// Leave not before, seconds of the day.
    pub start: i64,
    /// Be back by, seconds of the day.
    pub end: i64,
    /// Most `demand` it can take; absent = no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_visits: Option<i64>,
    /// The team, for `quota.per_team`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Id>,
    /// Posts (岗位) present on this shift.
    pub posts: Vec<String>,
    /// Where it begins and ends; absent = the first depot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depot: Option<Id>,
    /// Tasks that stay on this route, in this order, before all others.
    pub fixed: Vec<Id>,
    /// Nothing but `fixed` may be on this route.
    pub frozen: bool,
}

/// Most visits (by `demand`) of a day and of one team on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Over all routes of a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<i64>,
    /// Over the routes of one team on one day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_team: Option<i64>,
}

/// One route of a plan: which tasks, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRoute {
    /// Route id.
    pub route: Id,
    /// Task ids in the order of the visits.
    pub tasks: Vec<Id>,
}

/// Keep close to an earlier plan: every task of `previous` that is not on its
/// earlier route any more (moved or left out) costs `penalty` seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stability {
    /// The earlier plan; tasks and routes that no longer exist are ignored.
    pub previous: Vec<PlannedRoute>,
    /// Seconds of cost per task that changed, >= 0.
    pub penalty: i64,
}

/// The whole problem of one branch.
///
/// Minimise: prizes of tasks not visited + travel seconds (+ `stability`).
/// Hard: windows, shift, `max_visits`, allowed days, posts, depots, spacing,
/// quotas, fixed parts, each task at most once. Waiting is free.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Instance {
    /// Always [`Instance::FORMAT`].
    pub format: String,
    /// For people; may be empty.
    pub name: String,
    /// Days in the horizon.
    pub days: u32,
    /// At least one; the first is the default.
    pub depots: Vec<Depot>,
    /// Travel seconds.
    pub travel: Travel,
    /// At least one.
    pub routes: Vec<Route>,
    /// May be empty.
    pub tasks: Vec<Task>,
    /// Upper limits across routes.
    pub quota: Quota,
    /// Closeness to an earlier plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stability: Option<Stability>,
}

impl Instance {
    /// The only value of `format`.
    pub const FORMAT: &'static str = "zoufang-visit-plan-1";

    /// Position of a route's or task's depot in `depots`: the named one, or the first.
    pub(crate) fn depot_index(&self, id: Option<&Id>) -> Option<usize> {
        match id {
            None => Some(0),
            Some(id) => self.depots.iter().position(|d| d.id.as_ref() == Some(id)),
        }
    }
}
