//! The form contract: the published example, the check, and the evaluation.

#![allow(clippy::unwrap_used)]

use serde_json::{Value as Json, json};
use zf_forms::{Compiled, Form, LineError, form_eval_line};

/// The example of the interface document, word for word.
const EXAMPLE: &str = r#"{"id":"household-visit","version":3,"fields":[
  {"name":"outcome","type":"one","label":"见面情况","options":["self","family","absent","refused"],"required":"true"},
  {"name":"needs","type":"many","label":"聊到的需要","options":["deposit","farm_loan"],"relevant":"outcome in ['self','family']"},
  {"name":"amount","type":"money","label":"金额","relevant":"answered(needs) && 'farm_loan' in needs","constraint":"amount > 0 && amount <= 30000000","message":"最多 30 万元"},
  {"name":"score","type":"integer","calculate":"size(needs) * 5"}]}"#;

fn form(text: &str) -> Form {
    Form::from_json(text.as_bytes()).unwrap()
}
fn compiled(text: &str) -> Compiled {
    form(text).compile().unwrap_or_else(|p| panic!("{p:?}"))
}
fn run(form: &Compiled, answers: Json) -> Json {
    let line = json!({"answers": answers, "today": "2026-11-21"}).to_string();
    serde_json::from_str(&form_eval_line(form, &line).unwrap()).unwrap()
}

#[test]
fn the_published_example_has_no_problems_and_survives_a_round_trip() {
    let form = form(EXAMPLE);
    assert_eq!(form.check(), []);
    assert_eq!(form.unknown_keys(), Vec::<String>::new());
    let written: Json = serde_json::to_value(&form).unwrap();
    assert_eq!(written, serde_json::from_str::<Json>(EXAMPLE).unwrap());
}

#[test]
fn the_published_example_is_evaluated_as_the_contract_says() {
    let form = compiled(EXAMPLE);
    assert_eq!(
        run(
            &form,
            json!({"outcome": "self", "needs": ["deposit", "farm_loan"], "amount": 5_000_000})
        ),
        json!({"relevant": ["outcome", "needs", "amount", "score"], "missing": [], "violations": [],
               "calculated": {"score": 10}, "score": 10})
    );
    // 30 万元 = 30,000,000 分 is allowed, one 分 more is not.
    let asked =
        |amount: i64| json!({"outcome": "family", "needs": ["farm_loan"], "amount": amount});
    assert_eq!(run(&form, asked(30_000_000))["violations"], json!([]));
    for amount in [30_000_001, 0, -1] {
        let expected = json!([{"field": "amount", "message": "最多 30 万元"}]);
        assert_eq!(
            run(&form, asked(amount))["violations"],
            expected,
            "{amount}"
        );
    }
    assert_eq!(
        run(&form, json!({})),
        json!({"relevant": ["outcome", "needs", "score"], "missing": ["outcome"], "violations": [],
               "calculated": {}, "score": 0}),
        "a relevance that cannot be evaluated shows the question"
    );
}

#[test]
fn irrelevant_answers_are_dropped_before_anything_else_reads_them() {
    let form = compiled(EXAMPLE);
    let got = run(
        &form,
        json!({"outcome": "absent", "needs": ["farm_loan"], "amount": 99_000_000}),
    );
    assert_eq!(got["relevant"], json!(["outcome", "score"]));
    assert_eq!(got["violations"], json!([]));
    assert_eq!(got["calculated"], json!({}));
    let today = "2026-11-21".parse().unwrap();
    let answers = json!({"outcome": "absent", "needs": ["farm_loan"]});
    let kept = form.evaluate(answers.as_object().unwrap(), today).accepted;
    assert_eq!(Json::from(kept), json!({"outcome": "absent"}));
}

#[test]
fn order_of_fields_does_not_matter_to_what_they_read() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"last","type":"integer","calculate":"middle + 1"},
        {"name":"middle","type":"integer","calculate":"first * 2"},
        {"name":"first","type":"integer"},
        {"name":"more","type":"text","relevant":"last > 10"}]}"#,
    );
    let got = run(&form, json!({"first": 5}));
    assert_eq!(got["calculated"], json!({"middle": 10, "last": 11}));
    assert_eq!(got["relevant"], json!(["last", "middle", "first", "more"]));
}

#[test]
fn answers_of_a_wrong_type_are_refused_and_never_guessed() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"one","type":"one","options":["a","b"]},{"name":"many","type":"many","options":["a","b"]},
        {"name":"text","type":"text"},{"name":"whole","type":"integer"},{"name":"dec","type":"decimal"},
        {"name":"fen","type":"money"},{"name":"on","type":"date"},{"name":"at","type":"time"},
        {"name":"photo","type":"photo"},{"name":"place","type":"location"},{"name":"who","type":"customer"},
        {"name":"sign","type":"signature"},{"name":"info","type":"note"}]}"#,
    );
    for (field, good) in [
        ("one", json!("a")),
        ("many", json!(["b", "a"])),
        ("many", json!([])),
        ("text", json!("王")),
        ("whole", json!(12)),
        ("whole", json!(12.0)),
        ("whole", json!(-3)),
        ("dec", json!(3)),
        ("dec", json!(0.5)),
        ("fen", json!(12345)),
        ("on", json!("2026-02-28")),
        ("at", json!("18:30")),
        ("photo", json!("id1")),
        ("photo", json!(["id1", "id2"])),
        ("place", json!({"lat": 30.5, "lon": 114.3})),
        ("who", json!("c1")),
        ("sign", json!("id3")),
    ] {
        assert_eq!(
            run(&form, json!({field: good}))["violations"],
            json!([]),
            "{field} {good}"
        );
    }
    for (field, bad) in [
        ("one", json!("c")),
        ("one", json!(1)),
        ("one", json!(["a"])),
        ("many", json!("a")),
        ("many", json!(["a", "c"])),
        ("text", json!(5)),
        ("whole", json!(1.5)),
        ("whole", json!("12")),
        ("whole", json!(true)),
        ("whole", json!(9_223_372_036_854_775_808_u64)),
        ("dec", json!("0.5")),
        ("fen", json!(12.5)),
        ("on", json!("2026-02-30")),
        ("on", json!("2026/2/3")),
        ("on", json!(20_260_203)),
        ("at", json!("25:00")),
        ("at", json!("8:5")),
        ("photo", json!(1)),
        ("place", json!({"lat": 91, "lon": 0})),
        ("place", json!("30.5,114.3")),
        ("info", json!("x")),
        ("nobody", json!(1)),
        ("text", json!(null)),
    ] {
        let got = run(&form, json!({field: bad}));
        assert_eq!(got["violations"][0]["field"], json!(field), "{field} {bad}");
        assert_eq!(
            got["violations"].as_array().unwrap().len(),
            1,
            "{field} {bad}"
        );
    }
}

#[test]
fn required_may_depend_and_empty_is_missing() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"kind","type":"one","options":["a","b"],"required":true},
        {"name":"why","type":"text","required":"kind == 'b'"},
        {"name":"which","type":"many","options":["x"],"required":"true","relevant":"kind == 'b'"}]}"#,
    );
    assert_eq!(run(&form, json!({"kind": "a"}))["missing"], json!([]));
    assert_eq!(
        run(&form, json!({"kind": "b", "why": " ", "which": []}))["missing"],
        json!(["why", "which"])
    );
    assert_eq!(
        run(&form, json!({}))["missing"],
        json!(["kind", "why", "which"])
    );
    let null = run(&form, json!({"kind": null}));
    assert_eq!(null["missing"][0], json!("kind"));
    assert_eq!(null["violations"][0]["field"], json!("kind"));
}

#[test]
fn rules_that_cannot_be_evaluated_lean_towards_asking() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"n","type":"integer"},
        {"name":"shown","type":"text","relevant":"10 / n > 1"},
        {"name":"must","type":"text","required":"10 / n > 1"},
        {"name":"held","type":"integer","constraint":"held / n > 1","message":"核对人数"},
        {"name":"sum","type":"integer","calculate":"10 / n"}]}"#,
    );
    let got = run(&form, json!({"n": 0, "held": 4}));
    assert_eq!(
        got["relevant"],
        json!(["n", "shown", "must", "held", "sum"])
    );
    assert_eq!(got["missing"], json!(["must"]));
    assert_eq!(
        got["violations"],
        json!([{"field": "held", "message": "核对人数"}])
    );
    assert_eq!(got["calculated"], json!({}));
}

#[test]
fn groups_share_a_condition_and_rows_are_judged_one_by_one() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"home","type":"one","options":["yes","no"]},
        {"name":"block","type":"group","relevant":"home == 'yes'","fields":[
          {"name":"head","type":"text","required":"true"}]},
        {"name":"members","type":"repeat","fields":[
          {"name":"birth","type":"date"},
          {"name":"age","type":"integer","calculate":"years(birth)"},
          {"name":"school","type":"text","relevant":"age < 18","required":"home == 'yes'"}]},
        {"name":"adults","type":"integer","calculate":"size(members.filter(m, m.age >= 18))"}]}"#,
    );
    let got = run(&form, json!({"home": "no"}));
    assert_eq!(got["relevant"], json!(["home", "members", "adults"]));
    let got = run(
        &form,
        json!({"home": "yes", "head": "王", "members": [
        {"birth": "1990-01-01"}, {"birth": "2015-01-01"}, {"birth": "1980-01-01"}]}),
    );
    assert_eq!(
        got["calculated"],
        json!({"members[0].age": 36, "members[1].age": 11, "members[2].age": 46, "adults": 2})
    );
    assert_eq!(got["missing"], json!(["members[1].school"]));
    let got = run(
        &form,
        json!({"home": "yes", "head": "王", "members": "两个人"}),
    );
    assert_eq!(got["violations"][0]["field"], json!("members"));
}

/// fields ¦ name of the field at fault ¦ part of what is said
const BROKEN: &str = r#"
{"name":"a","type":"text"},{"name":"a","type":"text"} ¦ a ¦ 重复
{"name":"a","type":"text","relevant":"b == 'x'"} ¦ a ¦ 没有“b”
{"name":"a","type":"text","relevant":"a =="} ¦ a ¦ 写法
{"name":"a","type":"text","relevant":"a"} ¦ a ¦ 是或否
{"name":"a","type":"text","constraint":"a > 3"} ¦ a ¦ 类型
{"name":"a","type":"text","constraint":"false && a > 3"} ¦ a ¦ 第 1 行
{"name":"a","type":"integer","calculate":"'x'"} ¦ a ¦ 整数
{"name":"a","type":"one"} ¦ a ¦ 选项
{"name":"a","type":"one","options":["x","x"]} ¦ a ¦ 选项
{"name":"a","type":"text","options":["x"]} ¦ a ¦ 选项
{"name":"a b","type":"text"} ¦ a b ¦ 名称
{"name":"today","type":"text"} ¦ today ¦ 保留
{"name":"g","type":"group"} ¦ g ¦ 题目
{"name":"a","type":"text","fields":[{"name":"b","type":"text"}]} ¦ a ¦ 分组
{"name":"p","type":"photo","calculate":"['x']"} ¦ p ¦ 计算
 ¦ ¦ 题目
{"name":"a","type":"integer","calculate":"b + 1"},{"name":"b","type":"integer","calculate":"a + 1"} ¦ a ¦ 一圈
{"name":"a","type":"integer","calculate":"a + 1"} ¦ a ¦ 一圈
{"name":"a","type":"text","relevant":"answered(b)"},{"name":"b","type":"text","relevant":"answered(a)"} ¦ a ¦ 一圈
{"name":"g","type":"group","relevant":"answered(b)","fields":[{"name":"b","type":"text"}]} ¦ g ¦ 一圈
{"name":"a","type":"text","constraint":"a.matches('(a+)+')"} ¦ a ¦ “限制”（第 1 行
{"name":"a","type":"text","constraint":"a.matches(a)"} ¦ a ¦ 直接写出
{"name":"a","type":"text","required":"b"} ¦ a ¦ “必填”：没有“b”
{"name":"a","type":"text","score":"'x'"} ¦ a ¦ “分值”：结果应是整数
{"name":"n","type":"note","score":1} ¦ n ¦ 不能计分
{"name":"a","type":"one","options":[{"value":"x","label":"x","score":1000001}]} ¦ a ¦ 分值太大
{"name":"a","type":"many","options":["x"],"relevant":"[1].all(b,[1].all(c,[1].all(d,[1].all(e,true))))"} ¦ a ¦ 最多套 3 层
{"name":"g","type":"group","fields":[{"name":"h","type":"group","fields":[{"name":"k","type":"group","fields":[{"name":"x","type":"text"}]}]}]} ¦ k ¦ 两层
{"name":"cel","type":"text"} ¦ cel ¦ 保留
{"name":"r","type":"repeat","fields":[{"name":"s","type":"repeat","fields":[{"name":"x","type":"text"}]}]} ¦ s ¦ 多行
"#;

#[test]
fn every_kind_of_broken_form_is_reported_at_its_field() {
    let cases: Vec<&str> = BROKEN.trim_matches('\n').lines().collect();
    assert_eq!(cases.len(), 30);
    for case in cases {
        let columns: Vec<&str> = case.split('¦').map(str::trim).collect();
        let [fields, field, what] = columns[..] else {
            panic!("three columns: {case}");
        };
        let problems = form(&format!(r#"{{"id":"f","version":1,"fields":[{fields}]}}"#)).check();
        let found = problems
            .iter()
            .any(|p| p.field == field && p.what.contains(what));
        assert!(found, "{fields}: {problems:?}");
    }
    let ok = r#"[{"name":"a","type":"text"}]"#;
    let bad_head = form(&format!(r#"{{"id":"F!","version":0,"fields":{ok}}}"#));
    assert_eq!(bad_head.check().len(), 2);
    let good_head = form(&format!(r#"{{"id":"f","version":1,"fields":{ok}}}"#));
    assert_eq!(good_head.check(), []);
}

#[test]
fn a_form_larger_than_64_kib_is_refused() {
    let label = "长".repeat(22_000);
    let text = format!(
        r#"{{"id":"f","version":1,"fields":[{{"name":"a","type":"note","label":"{label}"}}]}}"#
    );
    assert!(Form::from_json(text.as_bytes()).is_err());
    assert!(Form::from_json(b"{\"id\":1}").is_err());
}

#[test]
fn typing_errors_in_keys_are_found() {
    let f =
        form(r#"{"id":"f","version":1,"fields":[{"name":"a","type":"text","requierd":"true"}]}"#);
    assert_eq!(f.unknown_keys(), ["a.requierd"]);
}

#[test]
fn a_line_that_is_no_answer_is_answered_with_an_error_that_repeats_nothing() {
    let form = compiled(EXAMPLE);
    for (line, error) in [
        ("", LineError::NotJson),
        ("{", LineError::NotJson),
        ("[]", LineError::Shape),
        (r#"{"answers":{}}"#, LineError::Shape),
        (r#"{"answers":[],"today":"2026-11-21"}"#, LineError::Shape),
        (
            r#"{"answers":{"phone":"13812345678"},"today":"someday"}"#,
            LineError::Shape,
        ),
    ] {
        let got = form_eval_line(&form, line).unwrap_err();
        assert_eq!(got, error, "{line}");
        assert!(!got.to_line().contains("138"));
    }
}

#[test]
fn a_form_of_more_than_300_fields_is_refused() {
    let fields: Vec<Json> = (0..301)
        .map(|i| json!({"name": format!("f{i}"), "type": "text"}))
        .collect();
    let with = |n: usize| {
        let json = json!({"id": "f", "version": 1, "fields": fields[..n]});
        form(&json.to_string()).check().len()
    };
    assert_eq!((with(300), with(301)), (0, 1));
}

#[test]
fn more_rows_than_a_household_has_are_a_violation_and_no_crash() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"r","type":"repeat","fields":[{"name":"a","type":"integer"}]}]}"#,
    );
    let rows = |n: usize| run(&form, json!({"r": vec![json!({"a": 1}); n]}))["violations"].clone();
    assert_eq!(rows(200), json!([]));
    assert_eq!(rows(201)[0]["field"], json!("r"));
}

#[test]
fn an_answer_that_breaks_a_constraint_is_kept() {
    let form = compiled(
        r#"{"id":"f","version":1,"fields":[
        {"name":"n","type":"integer","constraint":"n < 5"}]}"#,
    );
    let answers = json!({"n": 9});
    let got = form.evaluate(answers.as_object().unwrap(), "2026-11-21".parse().unwrap());
    assert_eq!(got.violations.len(), 1);
    assert_eq!(Json::from(got.accepted), answers);
}

#[test]
fn what_is_allowed_but_hardly_meant_is_a_warning() {
    let today = "2026-11-21".parse().unwrap();
    let said = |fields: &str| -> Vec<(String, String)> {
        let form = form(&format!(r#"{{"id":"f","version":1,"fields":[{fields}]}}"#));
        assert_eq!(form.check(), []);
        let warnings = form.warnings(today).into_iter();
        warnings.map(|p| (p.field, p.what)).collect()
    };
    let needs = r#"{"name":"needs","type":"many","options":["deposit","farm_loan"]}"#;
    let misspelt = said(&format!(
        r#"{needs},{{"name":"a","type":"text","relevant":"answered(needs) && 'farm_lona' in needs"}}"#
    ));
    assert_eq!(misspelt.len(), 1);
    assert_eq!(misspelt[0].0, "a");
    assert!(
        misspelt[0].1.contains("“什么时候显示”里的“farm_lona”"),
        "{misspelt:?}"
    );
    let never =
        said(r#"{"name":"n","type":"integer"},{"name":"q","type":"integer","calculate":"n / 0"}"#);
    assert_eq!(never.len(), 1);
    assert!(
        never[0].0 == "q" && never[0].1.contains("“计算”"),
        "{never:?}"
    );
    assert_eq!(
        said(r#"{"name":"n","type":"integer"},{"name":"q","type":"integer","calculate":"10 / n"}"#),
        []
    );
    assert_eq!(form(EXAMPLE).warnings(today), []);
    for file in DELIVERED {
        let path = format!(
            "{}/../../packs/household-visit/forms/{file}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let delivered = Form::from_json(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(delivered.warnings(today), [], "{file}");
    }
}

/// The forms that come with the system.
const DELIVERED: [&str; 7] = [
    "household-visit",
    "village-group-trace",
    "morning-meeting",
    "urban-salon",
    "callback",
    "spot-check",
    "branch-survey",
];

fn delivered(file: &str) -> Form {
    let path = format!(
        "{}/../../packs/household-visit/forms/{file}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    Form::from_json(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_spot_check_counts_what_was_found_and_the_survey_adds_its_three_marks() {
    let today: zf_base::Day = "2026-11-23".parse().unwrap();
    let judge = |file: &str, answers: serde_json::Value| {
        let answers = answers.as_object().unwrap().clone();
        delivered(file).compile().unwrap().evaluate(&answers, today)
    };
    // Four checks of EVD-004: three are there; the visit forms are complete.
    let seen = judge(
        "spot-check",
        serde_json::json!({
            "checked_on": "2026-11-20", "stickers": "yes", "leaflets": "yes", "cards": "no",
            "aware": "yes", "forms_complete": "complete"
        }),
    );
    assert_eq!((seen.score, seen.missing.len()), (serde_json::json!(4), 0));
    let survey = judge(
        "branch-survey",
        serde_json::json!({ "surveyed_on": "2026-11-20", "attitude": 80, "process": 75, "environment": 90 }),
    );
    assert_eq!(survey.score, serde_json::json!(245));
    // Whether somebody came is asked only of whom the call reached (EVD-006).
    let call = serde_json::json!({ "called_on": "2026-11-20", "customer": "c", "reached": "no" });
    assert!(
        !judge("callback", call)
            .relevant
            .contains(&"visited".to_owned())
    );
}

#[test]
fn an_option_counts_once_for_a_question_and_once_for_each_row_and_another_word_never() {
    let form = Form::from_json(
        br#"{"id":"f","version":1,"fields":[
            {"name":"g","type":"group","fields":[{"name":"needs","type":"many","options":["a","b","c"]}]},
            {"name":"one","type":"one","options":["x","y"]},
            {"name":"free","type":"text"},
            {"name":"members","type":"repeat","fields":[
                {"name":"relation","type":"one","options":["child","spouse"]}]}]}"#,
    )
    .unwrap();
    let answers = serde_json::json!({
        "needs": ["a", "c", "a"], "one": "z", "free": "x",
        "members": [{ "relation": "child" }, {}, { "relation": "child" }, { "relation": "spouse" }],
    });
    let chosen = form.compile().unwrap().chosen(answers.as_object().unwrap());
    let chosen: Vec<(&str, &str, i64)> = chosen
        .iter()
        .map(|((q, o), n)| (q.as_str(), o.as_str(), *n))
        .collect();
    assert_eq!(
        chosen,
        [
            ("needs", "a", 1),
            ("needs", "c", 1),
            ("relation", "child", 2),
            ("relation", "spouse", 1),
        ]
    );
}
