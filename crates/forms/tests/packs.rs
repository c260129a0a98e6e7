//! The project's own packs load and their figures are those of the sources.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use support::{Files, pack};
use toml::{Table, Value};
use zf_forms::pack::{GroupMatcher, Origin, PERMISSIONS, Pack};

#[test]
fn both_packs_load_without_problems() {
    let visit = pack("household-visit");
    assert_eq!(visit.id, "household-visit");
    assert_eq!(visit.roles.len(), 10);
    assert_eq!(visit.menu.len(), 31);
    assert_eq!(visit.forms.len(), 9);
    assert_eq!(visit.indicators.len(), 6);
    assert_eq!(visit.scenarios.len(), 1);
    let templates: Vec<_> = visit
        .program_templates
        .iter()
        .map(|t| t.id.as_str())
        .collect();
    assert_eq!(templates, ["program", "campaign-as-printed"]);
    let second = pack("branch-opening");
    assert_eq!(
        (
            second.forms.len(),
            second.menu.len(),
            second.indicators.len()
        ),
        (1, 1, 1)
    );
    assert_eq!(second.words["zh-CN"]["opening.title"], "开门检查");
    assert!(second.roles.is_empty() && second.program_templates.is_empty());
}

/// Typed in from the requirements catalogue: ID, path in the preset, figure as TOML.
const FIGURES: &str = r#"
CMP-001 program.slogan_customers 1000000
CMP-001 program.slogan "百万客户大走访，百万客户大拜年"
CMP-003 program.start "2016-10-01"
CMP-003 program.end "2017-03-31"
PLN-001 program.filing_due "2016-09-30"
TIM-006 program.preparation ["plan", "mobilise", "material", "data_entry", "team"]
CMP-004 phase.visit.start "2016-10-01"
CMP-004 phase.visit.end "2017-01-31"
ERR-001 phase.greeting.start "2017-02-01"
ERR-001 phase.greeting.end "2017-03-31"
CMP-009 quota.households_per_outlet_per_day 20
CMP-010 quota.carry_over true
CMP-010 quota.carry_over_raises_daily_bar false
ERR-007 quota.counting_outcomes ["self", "family"]
ERR-007 quota.gone_outcomes ["moved", "wrong_address"]
ERR-006 quota.counters ["household", "record", "plan_item"]
CMP-012 collection.plan_required true
CUS-016 collection.mandatory_fields ["name", "phone", "id_number", "address"]
CAP-003 collection.enter_same_day true
PLN-009 collection.later_units ["administrative_village", "mail_route"]
PLN-007 ring.near_km 5.0
ERR-005 ring.boundary "near"
ERR-005 ring.distance "straight_line"
PLN-008 window.evening.start "18:30"
PLN-008 window.evening.end "20:00"
PLN-006 team.preliminary.posts ["branch_head", "postman", "power_area_worker"]
PLN-007 team.precise_far.posts ["branch_head", "postman"]
PLN-007 team.precise_far.windows ["morning", "afternoon"]
PLN-008 team.precise_near.posts ["branch_head", "teller"]
PLN-008 team.precise_near.windows ["evening"]
ERR-063 preliminary.unit "village_group"
ERR-063 preliminary.duration "half_day"
PLN-004 planning.unit "week"
ERR-008 calendar.consecutive_days "planned"
SUP-010 ladder.explain_after_days 2
SUP-011 ladder.notice_after_days 3
SUP-012 ladder.deduction_fen_per_day 10000
ERR-009 ladder.deduction_from_day 3
ERR-009 ladder.two_person_approval true
SUP-006 reward.head_fen 100000
SUP-007 reward.liaison_fen 100000
SUP-008 reward.per_record_fen 20
SUP-008 reward.only_when_plan_completed true
SUP-013 shortfall.deduction_fen_per_item 10
SUP-014 points.2016-Q4.points 10
SUP-014 points.2017-Q1.points 10
ERR-016 shortfall.points_meaning "deduct"
EVD-001 evidence.traces ["sticker", "photo"]
EVD-002 evidence.liaison_joins_per_week 1
EVD-006 evidence.callback_sample 10
EVD-006 evidence.callback_fail_above 0.5
EVD-007 evidence.zero_trace "not_visited"
EVD-008 evidence.combine "any"
SUP-015 evidence.first_finding "circulated_criticism"
SUP-017 evidence.form_assessment "monthly"
SUP-001 bulletin.morning_review "daily"
SUP-002 bulletin.county "weekly"
SUP-004 bulletin.completeness "daily"
CAP-001 materials.carry ["collection_form", "publicity", "business_card", "gift_catalogue"]
CAP-004 materials.general_sheets_per_person 1
CUS-009 parameters.must_visit.deposit_min_fen 1000000
"#;

#[test]
fn the_preset_carries_the_figures_of_the_sources_with_their_requirements() {
    let pack = pack("household-visit");
    let lines: Vec<&str> = FIGURES.trim().lines().collect();
    assert_eq!(lines.len(), 61);
    for line in lines {
        let mut parts = line.splitn(3, ' ');
        let (req, path) = (parts.next().unwrap(), parts.next().unwrap());
        let figure: Table = format!("v = {}", parts.next().unwrap()).parse().unwrap();
        let figure = &figure["v"];
        assert_eq!(pack.parameter_value(path), Some(figure), "{req} {path}");
        let described = pack.parameters.iter().find(|p| p.key == path).unwrap();
        assert!(
            described.req.iter().any(|r| r == req),
            "{path} does not name {req}"
        );
    }
    let count = |section: &str| {
        pack.program_templates[0].table[section]
            .as_array()
            .unwrap()
            .len()
    };
    // CMP-019…021; CMP-014 and CUS-017; CMP-013; CAP-016: on site and eight later sources.
    assert_eq!(
        (
            count("script"),
            count("product"),
            count("project"),
            count("channel")
        ),
        (3, 5, 3, 9)
    );
    assert_eq!(count("phase"), 2);
}

#[test]
fn the_requirement_stands_beside_each_figure_in_the_file_itself() {
    let text = Files::of("household-visit").text("program.toml");
    let figures = text
        .lines()
        .filter(|l| l.contains(" = ") && !l.starts_with('#'));
    for line in figures.filter(|l| !l.starts_with("id = ") && !l.starts_with("format = ")) {
        let note = line.rsplit_once("  # ").map_or("", |(_, note)| note);
        let id = note.split(' ').next().unwrap();
        assert!(
            id.len() == 7 && id.as_bytes()[3] == b'-',
            "no requirement beside: {line}"
        );
    }
}

#[test]
fn the_collection_plan_has_no_default() {
    let pack = pack("household-visit");
    assert_eq!(pack.parameter_value("collection.outlets"), None);
    assert!(
        pack.parameters
            .iter()
            .filter(|p| p.origin == Origin::Source)
            .count()
            > 60
    );
}

#[test]
fn lists_that_need_a_lawful_basis_are_off() {
    let pack = pack("household-visit");
    for (channel, on) in [
        ("on_site", true),
        ("delivery_route", true),
        ("service_station", true),
        ("remittance", false),
        ("village_office", false),
        ("family_planning", false),
        ("commerce_bureau", false),
        ("education_bureau", false),
        ("association", false),
    ] {
        let got = pack.parameter_value(&format!("channel.{channel}.enabled"));
        assert_eq!(got, Some(&Value::from(on)), "{channel}");
    }
    let rival = pack
        .must_visit
        .groups
        .iter()
        .find(|g| g.code == "rival")
        .unwrap();
    assert!(rival.lawful_basis);
}

#[test]
fn the_printed_variant_differs_only_in_the_misprinted_year() {
    let pack = pack("household-visit");
    let (preset, printed) = (&pack.program_templates[0], &pack.program_templates[1]);
    assert_eq!(
        printed.get("phase.greeting.start"),
        Some(&Value::from("2015-02-01"))
    );
    assert_eq!(
        printed.get("phase.greeting.end"),
        Some(&Value::from("2015-03-31"))
    );
    let differing: Vec<&str> = pack
        .parameters
        .iter()
        .map(|p| p.key.as_str())
        .filter(|k| preset.get(k) != printed.get(k))
        .collect();
    assert_eq!(differing, ["phase.greeting.start", "phase.greeting.end"]);
}

/// The preset written with the Chinese names of the alias table.
fn in_chinese(pack: &Pack, table: &Table) -> Table {
    let reverse = |map: &BTreeMap<String, String>, v: &str| {
        map.iter()
            .find(|(_, en)| *en == v)
            .map_or(v.to_owned(), |(zh, _)| zh.clone())
    };
    let a = &pack.aliases;
    let entry = |section: &str, t: &Table| -> Table {
        let names = &a.keys[section];
        t.iter()
            .map(|(k, v)| {
                let free = ["title", "slogan", "text", "id"].contains(&k.as_str());
                let v = match v {
                    Value::String(s) if !free => Value::String(reverse(&a.values, s)),
                    Value::Array(list) => list
                        .iter()
                        .map(|x| Value::String(reverse(&a.values, x.as_str().unwrap())))
                        .collect::<Vec<_>>()
                        .into(),
                    other => other.clone(),
                };
                (reverse(names, k), v)
            })
            .collect()
    };
    let mut out = Table::new();
    for (section, value) in table {
        let parts: Vec<(String, &Value)> = match value {
            Value::Table(groups) if section == "parameters" => groups
                .iter()
                .map(|(group, t)| (format!("parameters.{group}"), t))
                .collect(),
            _ => vec![(section.clone(), value)],
        };
        for (path, value) in parts {
            let path = path.as_str();
            let zh = match value {
                Value::Table(t) => Value::Table(entry(path, t)),
                Value::Array(list) => list
                    .iter()
                    .map(|t| Value::Table(entry(path, t.as_table().unwrap())))
                    .collect::<Vec<_>>()
                    .into(),
                other => other.clone(),
            };
            out.insert(reverse(&a.sections, path), zh);
        }
    }
    out
}

#[test]
fn a_campaign_written_in_chinese_is_the_same_campaign() {
    let pack = pack("household-visit");
    let preset = &pack.program_templates[0].table;
    let chinese = in_chinese(&pack, preset);
    let ascii_sections = chinese.keys().filter(|k| k.is_ascii()).count();
    assert_eq!(
        ascii_sections,
        1,
        "only `format` stays: {:?}",
        chinese.keys().collect::<Vec<_>>()
    );
    let written: Table = toml::to_string(&chinese).unwrap().parse().unwrap();
    assert_eq!(&pack.aliases.apply("x.toml", &written).unwrap(), preset);
}

#[test]
fn chinese_and_english_may_be_mixed_but_a_key_is_given_once() {
    let pack = pack("household-visit");
    let apply = |text: &str| pack.aliases.read("x.toml", text);
    let mixed = apply("[项目]\n开始 = 2016-10-01\nend = \"2017-03-31\"\n[[team]]\nid = \"a\"\n岗位 = [\"支局长\", \"teller\"]").unwrap();
    assert_eq!(mixed["program"]["start"], Value::from("2016-10-01"));
    assert_eq!(mixed["program"]["end"], Value::from("2017-03-31"));
    assert_eq!(
        mixed["team"][0]["posts"],
        Value::from(vec!["branch_head", "teller"])
    );
    let parts = apply("[项目]\n名称 = \"甲\"\n[program]\nstart = \"2016-10-01\"").unwrap();
    assert_eq!(parts["program"]["title"], Value::from("甲"));
    for (text, key) in [
        (
            "[program]\nstart = \"2016-10-01\"\n开始 = \"2016-10-02\"",
            "program.start",
        ),
        (
            "[program]\nstart = \"2016-10-01\"\n[项目]\n开始 = \"2016-10-02\"",
            "program.start",
        ),
    ] {
        let problems = apply(text).unwrap_err();
        assert_eq!(
            (problems[0].file.as_str(), problems[0].key.as_str()),
            ("x.toml", key)
        );
    }
    let quoted =
        apply("[[\"话术\"]]\nid = \"a\"\n  \"内容\" = \"\"\"\n[项目]\n开始 = 1\n\"\"\"\n# 注 = 1")
            .unwrap();
    assert_eq!(
        quoted["script"][0]["text"],
        Value::from("[项目]\n开始 = 1\n")
    );
    assert_eq!(apply("[项目]\n开始 2016").unwrap_err()[0].key, "line 2");
    let unknown = apply("[项目]\n颜色 = \"红\"").unwrap();
    assert_eq!(
        unknown["program"]["颜色"],
        Value::from("红"),
        "left for the program's own check"
    );
}

#[test]
fn roles_keep_duties_apart() {
    let pack = pack("household-visit");
    let role = |id: &str| pack.roles.iter().find(|r| r.id == id).unwrap();
    let may = |id: &str, p: &str| role(id).permissions.iter().any(|x| x == p);
    for r in &pack.roles {
        for p in &r.permissions {
            assert!(PERMISSIONS.contains(&p.as_str()), "{} {p}", r.id);
        }
    }
    let three = ["system_admin", "security_admin", "audit_admin"];
    for a in three {
        let others: Vec<&str> = three.into_iter().filter(|b| *b != a).collect();
        assert_eq!(role(a).excludes, others, "{a}");
        assert!(
            !role(a)
                .permissions
                .iter()
                .any(|p| p.starts_with("customer.")),
            "{a}"
        );
    }
    assert_eq!(
        role("audit_admin").permissions,
        ["audit.read", "audit.verify"]
    );
    for r in &pack.roles {
        let reveals =
            ["branch_head", "visitor", "inspector", "compliance"].contains(&r.id.as_str());
        assert_eq!(may(&r.id, "customer.reveal"), reveals, "{}", r.id);
        assert_eq!(
            may(&r.id, "user.write"),
            r.id == "security_admin",
            "{}",
            r.id
        );
        assert_eq!(may(&r.id, "audit.read"), r.id == "audit_admin", "{}", r.id);
        assert_eq!(
            may(&r.id, "program.approve"),
            r.id == "director",
            "{}",
            r.id
        );
    }
    assert!(
        !(may("market_department", "program.write") && may("market_department", "program.approve"))
    );
    let every: Vec<&str> = PERMISSIONS.to_vec();
    for p in every {
        assert!(pack.roles.iter().any(|r| may(&r.id, p)), "nobody holds {p}");
    }
}

#[test]
fn the_visit_form_never_requires_an_id_number() {
    let pack = pack("household-visit");
    let form = pack
        .forms
        .iter()
        .find(|f| f.id == "household-visit")
        .unwrap()
        .compile()
        .unwrap();
    let today = "2026-11-21".parse().unwrap();
    let ask = |answers: serde_json::Value| form.evaluate(answers.as_object().unwrap(), today);
    let nothing = ask(json!({"outcome": "self", "notice": "agreed"}));
    assert_eq!(nothing.missing, ["name", "phone", "address"]);
    let full = ask(
        json!({"outcome": "family", "notice": "agreed", "name": "王建国",
        "phone": "13812345678", "address": "红旗村三组 5 号", "needs": ["farm_loan"],
        "loan_amount": 30_000_000, "next_date": "2026-11-21"}),
    );
    assert!(full.missing.is_empty() && full.violations.is_empty());
    assert_eq!(full.score, json!(4));
    let absent = ask(json!({"outcome": "absent", "name": "王建国"}));
    assert_eq!(
        absent.relevant,
        ["outcome", "retry_note", "remarks", "score"]
    );
    assert!(absent.accepted.get("name").is_none() && absent.missing.is_empty());
    let declined = ask(json!({"outcome": "self", "notice": "declined", "phone": "13812345678"}));
    assert!(declined.accepted.get("phone").is_none() && declined.missing.is_empty());
    let early = ask(json!({"outcome": "self", "notice": "declined", "next_date": "2026-11-20"}));
    assert_eq!(early.violations[0].message, "请选今天或以后的日期");
}

#[test]
fn customers_fall_into_their_must_visit_groups() {
    use zf_expr::Value as V;
    let pack = pack("household-visit");
    let groups: Vec<_> = pack
        .must_visit
        .groups
        .iter()
        .filter(|g| !g.extra)
        .map(|g| g.req[0].as_str())
        .collect();
    let ten: Vec<String> = (2..=11).map(|n| format!("CUS-{n:03}")).collect();
    assert_eq!(groups, ten);
    let matcher = GroupMatcher::new(&pack.must_visit, &pack.must_visit_parameters()).unwrap();
    let today = "2016-10-08".parse().unwrap();
    let codes = |values: &[(&str, V)]| -> Vec<String> {
        let values = values
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect();
        matcher
            .groups_of(&values, today)
            .iter()
            .map(|(c, _)| (*c).to_owned())
            .collect()
    };
    assert!(codes(&[]).is_empty());
    // 10,000 yuan is in, one 分 less is not (CUS-009).
    assert_eq!(
        codes(&[("deposit_floor", V::Money(1_000_000))]),
        ["deposit"]
    );
    assert!(codes(&[("deposit_floor", V::Money(999_999))]).is_empty());
    assert_eq!(
        codes(&[("days_to_deposit_maturity", V::Int(30))]),
        ["deposit"]
    );
    assert!(codes(&[("days_to_deposit_maturity", V::Int(31))]).is_empty());
    assert!(codes(&[("days_to_deposit_maturity", V::Int(-1))]).is_empty());
    assert_eq!(
        codes(&[("days_to_insurance_payout", V::Int(0))]),
        ["insurance"]
    );
    assert_eq!(
        codes(&[("job", V::Text("个体运输".into()))]),
        ["trader", "transport"]
    );
    assert_eq!(
        codes(&[("tags", V::Many(vec!["B06C".into(), "B01".into()]))]),
        ["affluent", "away"]
    );
    let values = BTreeMap::from([("deposit_floor".to_owned(), V::Money(2_000_000))]);
    assert_eq!(matcher.groups_of(&values, today), [("deposit", 90)]);
}

#[test]
fn an_expected_subset_is_found_in_an_answer() {
    let pack = pack("household-visit");
    let expect = &pack.scenarios[0].steps[0].expect;
    assert_eq!(
        pack.scenarios[0].steps[0].method_and_path(),
        Some(("GET", "/api/v1/me"))
    );
    let answer = |paths: &[&str]| {
        let items: Vec<_> = paths
            .iter()
            .map(|p| json!({"path": p, "label": "营销活动"}))
            .collect();
        json!({"menu": items, "user": {}})
    };
    assert!(expect.met_by(&answer(&["/plans", "/overview", "/campaigns"])));
    assert!(!expect.met_by(&answer(&["/plans", "/overview"])));
}

#[test]
fn the_manual_of_the_campaign_file_names_every_key_and_its_example_reads() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/campaign-file.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let pack = pack("household-visit");
    for p in &pack.parameters {
        let key = p.key.rsplit('.').next().unwrap();
        let row = manual.lines().any(|l| {
            l.contains(&format!("`{key}` | {} |", p.title.zh))
                && p.req.iter().all(|r| l.contains(r))
        });
        assert!(row, "no row for {}", p.key);
    }
    let example = manual
        .split("```toml")
        .nth(1)
        .and_then(|t| t.split("```").next())
        .unwrap();
    let read = pack.aliases.read("example.toml", example).unwrap();
    assert_eq!(read["program"]["start"], Value::from("2026-10-01"));
    assert_eq!(
        read["quota"]["households_per_outlet_per_day"],
        Value::from(20)
    );
    assert_eq!(
        read["team"][0]["posts"],
        Value::from(vec!["branch_head", "teller"])
    );
    assert_eq!(read["team"][0]["windows"], Value::from(vec!["evening"]));
    assert_eq!(read["collection"]["outlets"]["420101"], Value::from(2400));
}
