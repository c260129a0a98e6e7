//! Broken instances are refused, and every finding names its task or route.

#![allow(clippy::unwrap_used)] // a failing helper fails the test

use serde_json::{Value, json};
use zf_routing::{Instance, Subject};

fn sound() -> Value {
    json!({
        "format": "zoufang-visit-plan-1", "days": 5,
        "depot": {"lat": 27.0, "lon": 105.0},
        "travel": {"kind": "haversine", "earth_km": 6371.0088, "detour": 1.3, "kmh": 30.0},
        "routes": [
            {"id": 71, "day": 0, "team": 0, "shift": "day", "start": 32400, "end": 61200, "max_visits": 10},
            {"id": 72, "day": 4, "team": 0, "shift": "day", "start": 32400, "end": 61200, "max_visits": 10}],
        "tasks": [
            {"id": 501, "lat": 27.01, "lon": 105.02, "prize": 1800, "service": 600,
             "tw": [32400, 61200], "days": [0, 1]},
            {"id": 502, "lat": 27.02, "lon": 105.01, "prize": 1800, "service": 600,
             "tw": [32400, 61200], "days": [0, 4]}]
    })
}

fn findings(text: &str) -> Vec<String> {
    match Instance::parse(text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
    }
}

/// The sound instance with one value replaced (or removed, when null is `None`).
fn with(pointer: &str, value: Value) -> String {
    let mut instance = sound();
    match instance.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            instance.pointer_mut(parent).unwrap()[field] = value;
        }
    }
    instance.to_string()
}

#[test]
fn the_sound_instance_is_accepted() {
    assert_eq!(findings(&sound().to_string()), Vec::<String>::new());
}

/// Where, the JSON that is put there, and how the one finding begins.
const BROKEN: &[(&str, &str, &str)] = &[
    ("/tasks/1/tw", "[61200, 32400]", "task 502: tw is reversed"),
    ("/routes/1/start", "61201", "route 72: start is reversed"),
    ("/tasks/0/prize", "null", "task 501: prize is null"),
    (
        "/tasks/0/service",
        r#""600""#,
        "task 501: service is \"600\"",
    ),
    ("/tasks/0/service", "true", "task 501: service is true"),
    ("/tasks/0/service", "600.5", "task 501: service is 600.5"),
    ("/tasks/0/service", "-1", "task 501: service is -1"),
    ("/tasks/0/prize", "1e30", "task 501: prize is 1e+30"),
    (
        "/tasks/0/prize",
        "18446744073709551615",
        "task 501: prize is 18446744073709551615",
    ),
    ("/tasks/1/lat", "90.1", "task 502: lat is 90.1"),
    ("/tasks/1/lon", "-180.5", "task 502: lon is -180.5"),
    ("/tasks/1/lat", r#""27""#, "task 502: lat is \"27\""),
    ("/tasks/1/days", "[0, 5]", "task 502: days is 5"),
    ("/tasks/1/days", "[-1]", "task 502: days[0] is -1"),
    ("/tasks/1/days", r#""0""#, "task 502: days is \"0\""),
    ("/routes/0/day", "5", "route 71: day is 5"),
    ("/routes/0/max_visits", "-2", "route 71: max_visits is -2"),
    ("/routes/1/end", r#""61200""#, "route 72: end is \"61200\""),
    ("/tasks/1/id", "501", "task 501: id is used more than once"),
    ("/routes/1/id", "71", "route 71: id is used more than once"),
    ("/tasks/1/id", "null", "tasks[1]: id is null"),
    ("/routes", "[]", "instance: routes is empty"),
    (
        "/travel/kind",
        r#""teleport""#,
        "instance: travel.kind is \"teleport\"",
    ),
    ("/travel/kmh", "0", "instance: travel.kmh is 0"),
    ("/format", r#""other-1""#, "instance: format is \"other-1\""),
    ("/depot/lat", "null", "instance: depot.lat is null"),
    (
        "/tasks/0/after",
        r#"{"task": 9, "min_days": 1}"#,
        "task 501: after names 9",
    ),
    ("/tasks/0/depot", "3", "task 501: depot names 3"),
    ("/routes/0/depot", "3", "route 71: depot names 3"),
    (
        "/tasks/0/windows",
        "[[5, 6, 7]]",
        "task 501: windows[0] has 3",
    ),
    ("/tasks/0/mandatory", "1", "task 501: mandatory is 1"),
    (
        "/tasks/0/requires",
        r#"["a", 1]"#,
        "task 501: requires is 1",
    ),
    ("/routes/0/fixed", "[777]", "route 71: fixed names 777"),
    ("/routes/1/fixed", "[501]", "route 72: fixed cannot be kept"),
    (
        "/quota",
        r#"{"per_day": "x"}"#,
        "instance: quota.per_day is \"x\"",
    ),
    (
        "/stability",
        r#"{"previous": []}"#,
        "instance: stability.penalty is missing",
    ),
];

#[test]
fn one_broken_value_gives_one_finding_that_names_the_id() {
    for (pointer, value, expected) in BROKEN {
        let found = findings(&with(pointer, value.parse().unwrap()));
        assert_eq!(found.len(), 1, "{pointer}: {found:?}");
        assert!(found[0].starts_with(expected), "{pointer}: {found:?}");
    }
}

#[test]
fn numbers_that_json_does_not_know_still_name_their_task() {
    for token in ["NaN", "Infinity", "-Infinity", "1e999"] {
        let text = with("/tasks/1/lat", json!("HERE")).replace("\"HERE\"", token);
        let found = findings(&text);
        assert_eq!(found.len(), 1, "{token}: {found:?}");
        assert!(
            found[0].starts_with("task 502: lat is "),
            "{token}: {found:?}"
        );
    }
    let digits = "9".repeat(400);
    let text = with("/tasks/0/prize", json!("HERE")).replace("\"HERE\"", &digits);
    assert!(findings(&text)[0].starts_with("task 501: prize is "));
}

#[test]
fn no_number_of_a_task_or_route_may_be_anything_but_a_number_in_range() {
    let tokens = [
        "NaN",
        "-Infinity",
        "null",
        "\"12\"",
        "\"\"",
        "true",
        "[]",
        "{}",
        "1e30",
        "18446744073709551616",
        "-99999999999999999999999",
    ];
    let numbers = [
        ("/tasks/1", "task 502: ", "lat"),
        ("/tasks/1", "task 502: ", "lon"),
        ("/tasks/1", "task 502: ", "prize"),
        ("/tasks/1", "task 502: ", "service"),
        ("/tasks/1", "task 502: ", "demand"),
        ("/tasks/1", "task 502: ", "group"),
        ("/tasks/1", "task 502: ", "tw/0"),
        ("/tasks/1", "task 502: ", "days/1"),
        ("/routes/1", "route 72: ", "day"),
        ("/routes/1", "route 72: ", "start"),
        ("/routes/1", "route 72: ", "end"),
        ("/routes/1", "route 72: ", "max_visits"),
    ];
    for (place, whose, field) in numbers {
        for token in tokens {
            // An optional field may be null.
            if token == "null" && matches!(field, "demand" | "group" | "max_visits") {
                continue;
            }
            let text = with(&format!("{place}/{field}"), json!("HERE")).replace("\"HERE\"", token);
            let found = findings(&text);
            assert!(!found.is_empty(), "{field} {token}");
            let named = found.iter().all(|finding| finding.starts_with(whose));
            assert!(named, "{field} {token}: {found:?}");
        }
    }
}

#[test]
fn a_text_that_looks_like_an_odd_number_is_left_alone() {
    let text = with("/name", json!("NaN \" 1e999 \\")).replace("27.02", "NaN");
    let found = findings(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("task 502: lat"), "{found:?}");
}

#[test]
fn all_findings_are_listed_not_just_the_first() {
    let mut broken = sound();
    broken["tasks"][0]["prize"] = json!(null);
    broken["tasks"][1]["lat"] = json!(99);
    broken["routes"][0]["day"] = json!("Monday");
    let errors = Instance::parse(&broken.to_string()).unwrap_err();
    let subjects: Vec<&Subject> = errors.0.iter().map(|error| &error.subject).collect();
    assert_eq!(
        subjects,
        [
            &Subject::Route(71.into()),
            &Subject::Task(501.into()),
            &Subject::Task(502.into())
        ]
    );
}

#[test]
fn a_missing_field_is_named() {
    for (list, field, expected) in [
        ("tasks", "tw", "task 501: tw is missing"),
        ("tasks", "lat", "task 501: lat is missing"),
        ("tasks", "days", "task 501: days is missing"),
        ("routes", "end", "route 71: end is missing"),
    ] {
        let mut broken = sound();
        broken[list][0].as_object_mut().unwrap().remove(field);
        assert_eq!(findings(&broken.to_string()), [expected]);
    }
}

#[test]
fn a_text_that_is_not_json_is_refused() {
    for text in ["", "{", "[]", "\"x\"", "{\"format\":"] {
        assert!(!findings(text).is_empty(), "{text:?}");
    }
    assert!(Instance::parse_bytes(&[0xff, 0xfe, 0x00]).is_err());
}

#[test]
fn latitude_is_only_checked_where_it_is_a_latitude() {
    let mut plane = sound();
    plane["travel"] = json!({"kind": "euclid", "scale": 10, "truncate": true});
    plane["tasks"][0]["lat"] = json!(1000);
    assert_eq!(findings(&plane.to_string()), Vec::<String>::new());
}

#[test]
fn a_matrix_must_be_square_over_depots_and_tasks() {
    let mut matrix = sound();
    matrix["travel"] = json!({"kind": "matrix", "seconds": [[0, 1, 2], [1, 0, 3], [2, 3]]});
    assert_eq!(
        findings(&matrix.to_string()),
        ["task 502: travel.seconds[2] has 2 entries, expected 3"]
    );
    matrix["travel"]["seconds"][2] = json!([2, 3, 0]);
    assert_eq!(findings(&matrix.to_string()), Vec::<String>::new());
}
