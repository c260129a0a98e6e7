//! Every kind of broken pack file is reported with file and key.

#![allow(clippy::unwrap_used)]

mod support;

use support::Files;
use zf_forms::pack::{PERMISSIONS, PackProblem, load};

/// file ¦ text in it ¦ what replaces it ¦ file of the problem ¦ its key
const EDITS: &str = r#"
pack.toml ¦ 1.0.0 ¦ 1.0 ¦ pack.toml ¦ version
pack.toml ¦ id = "household-visit" ¦ id = "家访" ¦ pack.toml ¦ id
pack.toml ¦ en = "Household visits" ¦ en = "" ¦ pack.toml ¦ title
roles.toml ¦ "job.read" ¦ "job.run" ¦ roles.toml ¦ role.market_department.permissions
roles.toml ¦ id = "visitor" ¦ id = "director" ¦ roles.toml ¦ role.director
roles.toml ¦ levels = ["branch"] ¦ levels = ["village"] ¦ roles.toml ¦ role.branch_head.levels
roles.toml ¦ excludes = ["security_admin", "audit_admin"] ¦ ¦ roles.toml ¦ role.security_admin.excludes
roles.toml ¦ permissions = ["audit.read" ¦ permission = ["audit.read" ¦ roles.toml ¦ role.audit_admin
menu.toml ¦ "overview.read" ¦ "overview" ¦ menu.toml ¦ menu.overview.permission
menu.toml ¦ "/plans" ¦ "plans" ¦ menu.toml ¦ menu.plans.path
menu.toml ¦ order = 90 ¦ order = "last" ¦ menu.toml ¦ menu.system
indicators.toml ¦ good = "down" ¦ good = "left" ¦ indicators.toml ¦ indicator.shortfall_households
indicators.toml ¦ owner = "city_coordinator" ¦ owner = "nobody" ¦ indicators.toml ¦ indicator.record_completeness.owner
indicators.toml ¦ target = 95.0, warn = 85.0 ¦ target = 85.0, warn = 95.0 ¦ indicators.toml ¦ indicator.record_completeness.thresholds
must_visit.toml ¦ job.contains('运输') ¦ job.contains(3) ¦ must_visit.toml ¦ group.transport.when
must_visit.toml ¦ deposit_floor >= deposit_min_fen ¦ deposit_floor >= minimum ¦ must_visit.toml ¦ group.deposit.when
must_visit.toml ¦ job = "text" ¦ job = "word" ¦ must_visit.toml ¦ variables.job
must_visit.toml ¦ tag = "B02" ¦ tag = "B01" ¦ must_visit.toml ¦ group.cadre.tag
program.toml ¦ near_km = 5.0 ¦ near_kilometres = 5.0 ¦ parameters.toml ¦ parameter.ring.near_km
program.toml ¦ near_km = 5.0 ¦ far_km = 50.0 ¦ program.toml ¦ ring.far_km
program.toml ¦ distance = ¦ 近圈公里数 = 6.0 # ¦ program.toml ¦ ring.near_km
program.toml ¦ near_km = 5.0 ¦ near_km = ¦ program.toml ¦ line 69
parameters.toml ¦ req = ["CMP-009"] ¦ req = [] ¦ parameters.toml ¦ parameter.quota.households_per_outlet_per_day
aliases.toml ¦ [sections] ¦ [section] ¦ aliases.toml ¦
words/en.toml ¦ evening = "Evening" ¦ ¦ words/en.toml ¦ window.evening
words/zh-CN.toml ¦ evening = "晚上" ¦ evening = 3 ¦ words/zh-CN.toml ¦ window.evening
forms/household-visit.json ¦ size(name) >= 2 ¦ size(nam) >= 2 ¦ forms/household-visit.json ¦ name
forms/household-visit.json ¦ "required": "true", ¦ "requierd": "true", ¦ forms/household-visit.json ¦ outcome.requierd
forms/household-visit.json ¦ "id": "household-visit" ¦ "id": "visit" ¦ forms/household-visit.json ¦ id
forms/household-visit.json ¦ { "zh": "备注", "en": "Remarks" } ¦ "备注" ¦ forms/household-visit.json ¦ remarks
scenarios/first-week.toml ¦ GET /api/v1/me ¦ FETCH /api/v1/me ¦ scenarios/first-week.toml ¦ step.FETCH /api/v1/me.call
scenarios/first-week.toml ¦ as = "visitor" ¦ as = "guest" ¦ scenarios/first-week.toml ¦ step.GET /api/v1/forms/household-visit.as
scenarios/first-week.toml ¦ status = 401 ¦ status = 41 ¦ scenarios/first-week.toml ¦ step.GET /api/v1/programs.expect
"#;

fn assert_reported(files: &Files, file: &str, key: &str) {
    let problems = load(files, PERMISSIONS).err().unwrap_or_default();
    let found = problems
        .iter()
        .any(|p| p.file == file && p.key == key && !p.what.is_empty());
    let all: Vec<String> = problems
        .iter()
        .take(5)
        .map(PackProblem::to_string)
        .collect();
    assert!(found, "wanted {file} {key}, got {all:?}");
}

#[test]
fn every_wrong_edit_is_reported_with_file_and_key() {
    let good = Files::of("household-visit");
    let edits: Vec<&str> = EDITS.trim().lines().collect();
    assert_eq!(edits.len(), 33);
    for edit in edits {
        let columns: Vec<&str> = edit.split('¦').map(str::trim).collect();
        let [file, old, new, problem_file, key] = columns[..] else {
            panic!("five columns: {edit}");
        };
        // The second edit of the ring adds a key; the others replace a text.
        let new = if new.starts_with("far_km") {
            format!("{old}\n{new}")
        } else {
            new.to_owned()
        };
        assert_reported(&good.replacing(file, old, &new), problem_file, key);
    }
}

#[test]
fn missing_foreign_and_unreadable_files_are_reported() {
    let good = Files::of("household-visit");
    for (files, file, key) in [
        (good.without("pack.toml"), "pack.toml", ""),
        (good.without("program.toml"), "parameters.toml", ""),
        (good.with("pack.toml", "id = "), "pack.toml", "line 1"),
        (good.with("notes.txt", "x"), "notes.txt", ""),
        (
            good.with("words/en.toml", "x = \"\u{0}"),
            "words/en.toml",
            "line 1",
        ),
        (
            good.with("menu.toml", "[[menus]]\nid = \"x\""),
            "menu.toml",
            "menus",
        ),
        (good.with("menu.toml", "menu = 3"), "menu.toml", "menu"),
        (good.with("forms/x.json", "{"), "forms/x.json", ""),
        (
            good.with("scenarios/x.toml", "title = 3"),
            "scenarios/x.toml",
            "title",
        ),
    ] {
        assert_reported(&files, file, key);
    }
    let mut binary = good.clone();
    binary.0.insert("roles.toml".to_owned(), vec![0xff, 0xfe]);
    assert_reported(&binary, "roles.toml", "");
}

#[test]
fn one_bad_entry_does_not_hide_the_next() {
    let files = Files::of("household-visit")
        .replacing("roles.toml", "\"job.read\"", "\"job.run\"")
        .replacing("menu.toml", "\"/plans\"", "\"plans\"")
        .replacing("menu.toml", "order = 90", "order = \"last\"");
    let problems = load(&files, PERMISSIONS).unwrap_err();
    let files: Vec<&str> = problems.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(files, ["menu.toml", "roles.toml", "menu.toml"]);
}
