//! Strict reader of the JSON format `zoufang-visit-plan-1`.
//!
//! What it is for: turns text into an [`Instance`] or the list of *all* things
//! that are wrong with it, each naming its task or route.
//! What it may not know: files and compression (the caller hands over text),
//! and what the rules between fields are (that is `validate`).

use serde_json::Value;

use crate::error::{InstanceError, InstanceErrors, Problem, Subject};
use crate::fields::{Fields, id_of, whole_of};
use crate::instance::{
    After, Depot, EARTH_KM, Id, Instance, MAX_SECONDS, Place, PlannedRoute, Quota, Route,
    Stability, Task, Travel, Window,
};

/// Largest prize and demand, so that sums stay far from overflow.
const MAX_PRIZE: i64 = 1_000_000_000_000;
const MAX_COUNT: i64 = 1_000_000_000;
const MAX_COORDINATE: f64 = 1e9;

impl Instance {
    /// Reads and validates an instance.
    ///
    /// # Errors
    /// Every finding, not just the first.
    pub fn parse(text: &str) -> Result<Instance, InstanceErrors> {
        let value = read_json(text)?;
        let mut errors = Vec::new();
        let instance = instance(&value, &mut errors);
        if errors.is_empty() {
            instance.validate()?;
            return Ok(instance);
        }
        Err(InstanceErrors(errors))
    }

    /// Reads and validates an instance from UTF-8 bytes, with or without BOM.
    ///
    /// # Errors
    /// Every finding, not just the first.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Instance, InstanceErrors> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Instance::parse(text),
            Err(error) => Err(not_json(error.to_string())),
        }
    }
}

fn not_json(message: String) -> InstanceErrors {
    InstanceErrors(vec![InstanceError {
        subject: Subject::Instance,
        field: "file".to_owned(),
        problem: Problem::NotJson(message),
    }])
}

/// JSON, tolerating the number tokens that other writers produce outside of the
/// standard (`NaN`, `Infinity`, `1e999`): they become texts, so that the reader
/// can name the task they belong to instead of a byte position.
fn read_json(text: &str) -> Result<Value, InstanceErrors> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => {
            serde_json::from_str(&quote_odd_numbers(text)).map_err(|_| not_json(error.to_string()))
        }
    }
}

fn quote_odd_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            string_length(rest)
        } else {
            token_length(rest)
        };
        let (token, tail) = rest.split_at(length);
        let odd = first != '"' && token.parse::<f64>().is_ok_and(|number| !number.is_finite());
        if odd {
            out.push('"');
        }
        out.push_str(token);
        if odd {
            out.push('"');
        }
        rest = tail;
    }
    out
}

/// Bytes of the string literal at the start of `text`, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of the word or number at the start of `text`, else of one character.
fn token_length(text: &str) -> usize {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    match text.find(|c: char| !word(c)) {
        Some(0) => text.chars().next().map_or(0, char::len_utf8),
        Some(length) => length,
        None => text.len(),
    }
}

fn instance(value: &Value, errors: &mut Vec<InstanceError>) -> Instance {
    let mut fields = Fields::new(value, Subject::Instance, errors);
    let format = fields.text("format").unwrap_or_default();
    if !format.is_empty() && format != Instance::FORMAT {
        fields.report("format", Problem::Unknown(format.clone()));
    }
    let name = fields.optional_text("name").unwrap_or_default();
    let days = fields.whole("days", 1, 100_000).unwrap_or(1) as u32;
    let travel = travel(&mut fields);
    let depots = depots(&mut fields, &travel);
    let quota = quota(&mut fields);
    let stability = stability(&mut fields);
    let route_values = fields.list("routes").unwrap_or_default();
    let task_values = fields.list("tasks").unwrap_or_default();
    let routes = route_values
        .iter()
        .enumerate()
        .map(|(at, value)| route(value, at, errors))
        .collect();
    let tasks = task_values
        .iter()
        .enumerate()
        .map(|(at, value)| task(value, at, &travel, errors))
        .collect();
    Instance {
        format,
        name,
        days,
        depots,
        travel,
        routes,
        tasks,
        quota,
        stability,
    }
}

fn travel(fields: &mut Fields<'_, '_>) -> Travel {
    let Some(mut inner) = fields.object("travel") else {
        return Travel::default();
    };
    let kind = inner.text("kind").unwrap_or_default();
    match kind.as_str() {
        "haversine" => Travel::Haversine {
            earth_km: inner
                .optional_real("earth_km", 1.0, 1e6)
                .unwrap_or(EARTH_KM),
            detour: inner.real("detour", 1e-3, 1e3).unwrap_or(1.0),
            kmh: inner.real("kmh", 1e-3, 1e6).unwrap_or(1.0),
        },
        "euclid" => Travel::Euclid {
            scale: inner.real("scale", 1e-9, 1e9).unwrap_or(1.0),
            truncate: inner.flag("truncate"),
        },
        "matrix" => Travel::Matrix {
            seconds: matrix(&mut inner),
        },
        // A missing kind has been reported already.
        "" => Travel::default(),
        _ => {
            inner.report("kind", Problem::Unknown(kind));
            Travel::default()
        }
    }
}

fn matrix(fields: &mut Fields<'_, '_>) -> Vec<Vec<i64>> {
    let rows = fields.list("seconds").unwrap_or_default();
    let mut seconds = Vec::with_capacity(rows.len());
    for (from, row) in rows.iter().enumerate() {
        let Some(cells) = row.as_array() else {
            fields.report(
                &format!("seconds[{from}]"),
                Problem::WrongKind {
                    expected: "a list",
                    found: row.to_string(),
                },
            );
            continue;
        };
        let mut line = Vec::with_capacity(cells.len());
        for (to, cell) in cells.iter().enumerate() {
            match whole_of(cell, 0, MAX_SECONDS) {
                Ok(number) => line.push(number),
                Err(problem) => fields.report(&format!("seconds[{from}][{to}]"), problem),
            }
        }
        seconds.push(line);
    }
    seconds
}

/// `depot` (the default, unnamed) and then `depots` (named).
fn depots(fields: &mut Fields<'_, '_>, travel: &Travel) -> Vec<Depot> {
    let mut depots = Vec::new();
    let several = fields.has("depots");
    if (fields.has("depot") || !several)
        && let Some(mut inner) = fields.object("depot")
    {
        depots.push(Depot {
            id: inner.optional_id("id"),
            place: place(&mut inner, travel),
        });
    }
    if several {
        for value in fields.list("depots").unwrap_or_default() {
            let subject = id_of(value).map_or(Subject::Instance, Subject::Depot);
            let mut inner = fields.child(value, subject);
            depots.push(Depot {
                id: inner.optional_id("id"),
                place: place(&mut inner, travel),
            });
        }
    }
    depots
}

fn place(fields: &mut Fields<'_, '_>, travel: &Travel) -> Place {
    let (lat, lon) = match travel {
        Travel::Haversine { .. } => (
            fields.real("lat", -90.0, 90.0),
            fields.real("lon", -180.0, 180.0),
        ),
        Travel::Euclid { .. } => (
            fields.real("lat", -MAX_COORDINATE, MAX_COORDINATE),
            fields.real("lon", -MAX_COORDINATE, MAX_COORDINATE),
        ),
        // Points are only drawn, never measured.
        Travel::Matrix { .. } => (
            fields.optional_real("lat", -MAX_COORDINATE, MAX_COORDINATE),
            fields.optional_real("lon", -MAX_COORDINATE, MAX_COORDINATE),
        ),
    };
    Place {
        lat: lat.unwrap_or(0.0),
        lon: lon.unwrap_or(0.0),
    }
}

fn quota(fields: &mut Fields<'_, '_>) -> Quota {
    if !fields.has("quota") {
        return Quota::default();
    }
    let Some(mut inner) = fields.object("quota") else {
        return Quota::default();
    };
    Quota {
        per_day: inner.optional_whole("per_day", 0, MAX_COUNT),
        per_team: inner.optional_whole("per_team", 0, MAX_COUNT),
    }
}

fn stability(fields: &mut Fields<'_, '_>) -> Option<Stability> {
    if !fields.has("stability") {
        return None;
    }
    let mut inner = fields.object("stability")?;
    let penalty = inner.whole("penalty", 0, MAX_SECONDS).unwrap_or(0);
    let mut previous = Vec::new();
    for value in inner.list("previous").unwrap_or_default() {
        let subject = match value.get("route").and_then(id_value) {
            Some(id) => Subject::Route(id),
            None => Subject::Instance,
        };
        let mut entry = inner.child(value, subject);
        previous.push(PlannedRoute {
            route: entry.id("route").unwrap_or_default(),
            tasks: entry.ids("tasks"),
        });
    }
    Some(Stability { previous, penalty })
}

fn id_value(value: &Value) -> Option<Id> {
    match value {
        Value::Number(number) => number.as_i64().map(Id::Number),
        Value::String(text) => Some(Id::Text(text.clone())),
        _ => None,
    }
}

fn route(value: &Value, at: usize, errors: &mut Vec<InstanceError>) -> Route {
    let subject = id_of(value).map_or(Subject::RouteAt(at), Subject::Route);
    let mut fields = Fields::new(value, subject, errors);
    Route {
        id: fields.id("id").unwrap_or_default(),
        day: fields.whole("day", 0, 100_000).unwrap_or(0) as u32,
        start: fields
            .whole("start", -MAX_SECONDS, MAX_SECONDS)
            .unwrap_or(0),
        end: fields
            .whole("end", -MAX_SECONDS, MAX_SECONDS)
            .unwrap_or(MAX_SECONDS),
        max_visits: fields.optional_whole("max_visits", 0, MAX_COUNT),
        team: fields.optional_id("team"),
        posts: fields.texts("posts"),
        depot: fields.optional_id("depot"),
        fixed: fields.optional_ids("fixed"),
        frozen: fields.flag("frozen"),
    }
}

fn task(value: &Value, at: usize, travel: &Travel, errors: &mut Vec<InstanceError>) -> Task {
    let subject = id_of(value).map_or(Subject::TaskAt(at), Subject::Task);
    let mut fields = Fields::new(value, subject, errors);
    Task {
        id: fields.id("id").unwrap_or_default(),
        place: place(&mut fields, travel),
        prize: fields.whole("prize", 0, MAX_PRIZE).unwrap_or(0),
        service: fields.whole("service", 0, MAX_SECONDS).unwrap_or(0),
        windows: windows(&mut fields),
        days: days(&mut fields),
        demand: fields.optional_whole("demand", 0, MAX_COUNT).unwrap_or(1),
        mandatory: fields.flag("mandatory"),
        requires: fields.texts("requires"),
        after: after(&mut fields),
        depot: fields.optional_id("depot"),
        group: fields.optional_whole("group", 0, 1_000_000).unwrap_or(0) as u32,
    }
}

fn days(fields: &mut Fields<'_, '_>) -> Vec<u32> {
    let mut days = Vec::new();
    for (at, value) in fields.list("days").unwrap_or_default().iter().enumerate() {
        match whole_of(value, 0, 100_000) {
            Ok(day) => days.push(day as u32),
            Err(problem) => fields.report(&format!("days[{at}]"), problem),
        }
    }
    days
}

/// `windows`, or the single `tw`.
fn windows(fields: &mut Fields<'_, '_>) -> Vec<Window> {
    if !fields.has("windows") {
        let window = fields.list("tw");
        return window
            .and_then(|pair| window_of(fields, "tw", pair))
            .into_iter()
            .collect();
    }
    let mut windows = Vec::new();
    for (at, value) in fields
        .list("windows")
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let name = format!("windows[{at}]");
        match value.as_array() {
            Some(pair) => windows.extend(window_of(fields, &name, pair)),
            None => fields.report(
                &name,
                Problem::WrongKind {
                    expected: "a pair of seconds",
                    found: value.to_string(),
                },
            ),
        }
    }
    windows
}

fn window_of(fields: &mut Fields<'_, '_>, name: &str, pair: &[Value]) -> Option<Window> {
    if pair.len() != 2 {
        fields.report(
            name,
            Problem::Length {
                found: pair.len(),
                expected: 2,
            },
        );
        return None;
    }
    let mut window = [0; 2];
    for (at, value) in pair.iter().enumerate() {
        match whole_of(value, -MAX_SECONDS, MAX_SECONDS) {
            Ok(number) => window[at] = number,
            Err(problem) => {
                fields.report(&format!("{name}[{at}]"), problem);
                return None;
            }
        }
    }
    Some(window)
}

fn after(fields: &mut Fields<'_, '_>) -> Option<After> {
    if !fields.has("after") {
        return None;
    }
    let mut inner = fields.object("after")?;
    Some(After {
        task: inner.id("task")?,
        min_days: inner.whole("min_days", 0, 100_000)?,
    })
}
