//! Rules, differences and reasons from typed-in facts.

use super::facts::{Fact, Tick, belongs};
use super::members::{tag_how, tags_follow};
use super::reasons::reasons;
use super::rules::{overlay, presets_of};
use super::{InForce, RuleVersion, diff, preview, words};
use crate::targets::groups::{Groups, How, Known};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use zf_base::{CustomerId, Day, HouseholdId, Timestamp, UnitId, Uuid};
use zf_kernel::pack::Packs;

fn today() -> Day {
    "2026-11-23".parse().unwrap()
}

fn rules() -> InForce {
    presets_of(&Packs::embedded().unwrap())
}

fn groups(rules: &InForce) -> Groups {
    Groups::with(&rules.must_visit, &rules.figures).unwrap()
}

fn fact(n: u128, household: u128, known: Known) -> Fact {
    Fact {
        id: CustomerId(Uuid::from_u128(n)),
        household: HouseholdId(Uuid::from_u128(household)),
        village_group: None,
        known,
        missing: 0,
        refuses: false,
        person_only: false,
    }
}

fn published(code: &str, version: i64, when: &str) -> RuleVersion {
    RuleVersion {
        unit_id: UnitId(Uuid::from_u128(9)),
        code: code.to_owned(),
        version,
        state: "published".to_owned(),
        when: when.to_owned(),
        priority: 66,
        on_tick_sheet: false,
        note: "改".to_owned(),
        rev: 1,
        made_at: Timestamp(0),
        made_by_name: "市场部".to_owned(),
        published_at: Some(Timestamp(0)),
        published_by_name: "市场部".to_owned(),
    }
}

fn works_as(job: &str) -> Known {
    Known {
        occupation: Some(job.to_owned()),
        ..Known::default()
    }
}

fn codes(groups: &Groups, known: &Known) -> Vec<String> {
    let of = groups.of(known, today());
    of.into_iter().map(|(c, _)| c.to_owned()).collect()
}

#[test]
fn a_published_rule_holds_instead_of_the_preset() {
    let mut rules = rules();
    assert_eq!(codes(&groups(&rules), &works_as("果园种植")), ["grower"]);
    overlay(
        &mut rules,
        published("grower", 3, "answered(job) && job.contains('茶')"),
    );
    let changed = groups(&rules);
    assert!(codes(&changed, &works_as("果园种植")).is_empty());
    assert_eq!(changed.of(&works_as("茶农"), today()), [("grower", 66)]);
    assert_eq!((rules.version("grower"), rules.version("cadre")), (3, 0));
}

/// What a rule reads of a person: the rule, what is known, whether it holds.
fn rules_of_the_person() -> Vec<(&'static str, Known, bool)> {
    vec![
        (
            "answered(age) && age < young_under_years",
            Known {
                birth_year: Some(1992),
                ..Known::default()
            },
            true,
        ),
        (
            "answered(age) && age < young_under_years",
            Known {
                birth_year: Some(1991),
                ..Known::default()
            },
            false,
        ),
        (
            "answered(age) && age >= elderly_from_years",
            Known {
                birth_year: Some(1961),
                ..Known::default()
            },
            true,
        ),
        (
            "answered(age) && age >= elderly_from_years",
            Known {
                birth_year: Some(1962),
                ..Known::default()
            },
            false,
        ),
        (
            "'绿卡' in products",
            Known {
                products: vec!["绿卡".into()],
                ..Known::default()
            },
            true,
        ),
        (
            "'商易通' in products",
            Known {
                products: vec!["绿卡".into()],
                ..Known::default()
            },
            false,
        ),
        (
            "answered(market) && market == 'urban'",
            Known {
                market: Some("urban".into()),
                ..Known::default()
            },
            true,
        ),
    ]
}

/// What a rule reads of the home, the record and the visits.
fn rules_of_the_household() -> Vec<(&'static str, Known, bool)> {
    vec![
        (
            "answered(members) && members > 3",
            Known {
                members: Some(4),
                ..Known::default()
            },
            true,
        ),
        (
            "answered(four_fields) && !four_fields",
            Known {
                four_fields: Some(false),
                ..Known::default()
            },
            true,
        ),
        (
            "answered(sex) && sex == 'female'",
            Known {
                sex: Some("male".into()),
                ..Known::default()
            },
            false,
        ),
        (
            "answered(channel) && channel == 'service_station'",
            Known {
                channel: Some("service_station".into()),
                ..Known::default()
            },
            true,
        ),
        (
            "!answered(days_since_visit) || days_since_visit > 90",
            Known::default(),
            true,
        ),
        (
            "!answered(days_since_visit) || days_since_visit > 90",
            Known {
                last_visit_day: Some(today().plus_days(-90)),
                ..Known::default()
            },
            false,
        ),
        (
            "answered(village_group) && village_group.contains('红旗')",
            Known {
                village_group: Some("红旗村三组".into()),
                ..Known::default()
            },
            true,
        ),
        (
            "'B03' in tags",
            Known {
                tags: vec!["种养植户".into()],
                ..Known::default()
            },
            true,
        ),
    ]
}

#[test]
fn rules_read_age_products_market_and_members() {
    let of_the_household = rules_of_the_household();
    for (when, known, is) in rules_of_the_person().into_iter().chain(of_the_household) {
        let mut rules = rules();
        overlay(&mut rules, published("affluent", 1, when));
        let in_it = codes(&groups(&rules), &known).contains(&"affluent".to_owned());
        assert_eq!(in_it, is, "{when}");
    }
}

#[test]
fn each_of_the_ten_is_reached_by_its_rule_and_lost_when_what_speaks_for_it_goes() {
    // Code, what speaks for it, and the same with that one thing changed.
    let due = |days: i32| Some(today().plus_days(days));
    let cases: [(&str, Known, Known); 6] = [
        ("cadre", works_as("村支书"), works_as("村民")),
        ("grower", works_as("生猪养殖"), works_as("生猪贩运")),
        ("trader", works_as("小商店"), works_as("小学教师")),
        ("transport", works_as("货车运输"), works_as("货车修理")),
        (
            "deposit",
            Known {
                deposit_due_day: due(30),
                ..Known::default()
            },
            Known {
                deposit_due_day: due(31),
                ..Known::default()
            },
        ),
        (
            "insurance",
            Known {
                insurance_due_day: due(60),
                ..Known::default()
            },
            Known {
                insurance_due_day: due(61),
                ..Known::default()
            },
        ),
    ];
    let rules = rules();
    let groups = groups(&rules);
    for (code, known, control) in cases {
        assert_eq!(codes(&groups, &known), [code]);
        assert!(codes(&groups, &control).is_empty(), "control of {code}");
    }
    // The rest has no rule: only a tag or a tick puts a household in.
    for code in ["affluent", "away", "service_station", "rival", "power"] {
        let tag = groups.tag_of(code).unwrap().to_owned();
        let tagged = Known {
            tags: vec![tag.clone()],
            ..Known::default()
        };
        let ticked = Known {
            ticks: vec![(tag.clone(), true)],
            ..Known::default()
        };
        let crossed = Known {
            tags: vec![tag.clone()],
            ticks: vec![(tag, false)],
            ..Known::default()
        };
        assert_eq!(codes(&groups, &tagged), [code]);
        assert_eq!(codes(&groups, &ticked), [code]);
        assert!(codes(&groups, &crossed).is_empty(), "{code}");
        assert!(codes(&groups, &Known::default()).is_empty());
    }
}

#[test]
fn a_group_counts_its_customers_and_the_strongest_that_speaks_for_it() {
    let rules = rules();
    let groups = groups(&rules);
    let mut second = works_as("水稻种植");
    second.tags = vec!["B03".to_owned()];
    let facts = [
        fact(1, 7, works_as("水稻种植")),
        fact(2, 7, second),
        fact(3, 7, works_as("教师")),
        fact(4, 8, works_as("水稻种植")),
    ];
    let all = belongs(&groups, &facts, today());
    let of = |h: u128| all.get(&("grower".to_owned(), HouseholdId(Uuid::from_u128(h))));
    assert_eq!(of(7).map(|b| (b.customers, b.how)), Some((2, How::File)));
    assert_eq!(of(8).map(|b| (b.customers, b.how)), Some((1, How::Rule)));
    assert_eq!(all.len(), 2);
    let mut barred = facts.clone();
    barred[3].refuses = true;
    assert_eq!(
        belongs(&groups, &barred, today()).len(),
        1,
        "who refuses is in no group"
    );
}

#[test]
fn reasons_say_what_speaks_for_them() {
    let mut rules = rules();
    overlay(
        &mut rules,
        published("grower", 2, "answered(job) && job.contains('种植')"),
    );
    let groups = groups(&rules);
    let mut known = works_as("水稻种植");
    known.tags = vec!["B10".to_owned()];
    known.ticks = vec![("B01".to_owned(), true)];
    known.deposit_due_day = Some("2026-12-01".parse().unwrap());
    let mut one = fact(1, 7, known);
    one.missing = 2;
    let ticks = [Tick {
        tag: "B01".to_owned(),
        yes: true,
        at: "2026-11-20T02:00:00Z".parse().unwrap(),
        by_name: "李支局长".to_owned(),
    }];
    let since = HashMap::from([("affluent".to_owned(), "2026-11-21".parse().unwrap())]);
    let all = reasons(&rules, &groups, &[one.clone()], &ticks, &since, today());
    let told: Vec<(&str, &str, &str)> = all
        .iter()
        .map(|r| (r.code.as_str(), r.kind, r.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("deposit_due", "maturity", "2026年12月1日，还有 8 天"),
            ("deposit", "rule", "存款到期还有 8 天，符合预设规则"),
            ("affluent", "tick", "李支局长 2026年11月20日勾选"),
            ("grower", "rule", "职业“水稻种植”，符合第 2 版规则"),
            ("rival", "file", "名单里标了“专业银行大户”"),
            (
                "missing_fields",
                "missing_fields",
                "姓名、电话、证件号、住址还缺 2 项"
            ),
        ]
    );
    assert_eq!(all[2].since_day, Some("2026-11-21".parse().unwrap()));
    one.refuses = true;
    assert!(reasons(&rules, &groups, &[one], &ticks, &since, today()).is_empty());
}

#[test]
fn a_rule_is_read_out_loud() {
    let titles = BTreeMap::from([("deposit_min_fen".to_owned(), "存款起点".to_owned())]);
    let read = |when: &str| words::rule(when, &rules().figures, &titles);
    assert_eq!(
        read("answered(job) && (job.contains('种植') || job.contains(\"养殖\"))"),
        "有职业，并且（职业里有“种植”，或者职业里有“养殖”）"
    );
    assert_eq!(
        read("deposit_floor >= deposit_min_fen"),
        "存款档位下限（分）不少于存款起点（10000 元）"
    );
    assert_eq!(
        read("'绿卡' in products && sex == 'female'"),
        "已办产品里有“绿卡”，并且性别是“女”"
    );
    assert_eq!(read(""), words::NO_RULE);
}

#[test]
fn a_wrong_rule_says_where_and_what() {
    let rules = rules();
    let unknown = preview::fault(&rules, "answered(job) && jobb == 'x'").unwrap();
    assert_eq!(unknown.position, Some((1, 18)));
    assert_eq!(
        unknown.message,
        "规则里没有“jobb”这一项，请从右边的清单里选"
    );
    let second = preview::fault(&rules, "answered(job)\n && salary > 1").unwrap();
    assert_eq!(second.position, Some((2, 5)));
    let open = preview::fault(&rules, "answered(job) && (job.contains('x')").unwrap();
    assert!(open.message.contains("少了括号"), "{}", open.message);
    assert!(
        open.message.is_ascii() || !open.message.contains("expecting"),
        "{}",
        open.message
    );
    let types = preview::fault(&rules, "job > 3").unwrap();
    assert!(types.message.contains("类型对不上"), "{}", types.message);
    let text = preview::fault(&rules, "job").unwrap();
    assert_eq!(text.message, "结果应是是或否");
    assert_eq!(preview::fault(&rules, ""), None);
    assert_eq!(
        preview::fault(&rules, "answered(job) && job.contains('茶')"),
        None
    );
}

#[test]
fn a_changed_figure_shows_as_that_figure_alone() {
    assert_eq!(
        diff::diff(
            "age < 35 && market == 'rural'",
            "age < 40 && market == 'rural'"
        ),
        [
            ("same", "age < ".to_owned()),
            ("removed", "35".to_owned()),
            ("added", "40".to_owned()),
            ("same", " && market == 'rural'".to_owned()),
        ]
    );
}

#[test]
fn a_tag_comes_from_the_file_the_tick_or_both() {
    let table = [
        (false, None, None),
        (true, None, Some("file")),
        (false, Some(true), Some("tick")),
        (true, Some(true), Some("both")),
        (false, Some(false), Some("no")),
        (true, Some(false), Some("no")),
    ];
    for (file, tick, how) in table {
        assert_eq!(tag_how(file, tick), how);
    }
    let rules = rules();
    let groups = groups(&rules);
    let ticked = Known {
        ticks: vec![("B01".to_owned(), true)],
        ..Known::default()
    };
    let facts = [fact(1, 7, ticked), fact(2, 8, Known::default())];
    let row = |n: u128| (CustomerId(Uuid::from_u128(n)), "B01".to_owned());
    // The first has no row yet; the second's tick was taken back.
    let stored = HashMap::from([(row(2), "tick".to_owned())]);
    let mut changes: Vec<(u128, Option<&str>)> = tags_follow(&groups, &facts, &stored)
        .iter()
        .map(|c| (c.customer.uuid().as_u128(), c.how))
        .collect();
    changes.sort_unstable();
    assert_eq!(changes, [(1, Some("tick")), (2, None)]);
    let settled = HashMap::from([(row(1), "tick".to_owned())]);
    assert!(
        tags_follow(&groups, &facts, &settled).is_empty(),
        "done again it changes nothing"
    );
}

proptest! {
    #[test]
    fn a_difference_holds_both_texts_whole(a in "[a-c ()&'种植0-9]{0,40}", b in "[a-c ()&'种植0-9]{0,40}") {
        let pieces = diff::diff(&a, &b);
        let join = |without: &str| -> String {
            pieces.iter().filter(|(k, _)| *k != without).map(|(_, t)| t.as_str()).collect()
        };
        prop_assert_eq!(join("added"), a);
        prop_assert_eq!(join("removed"), b);
    }

    #[test]
    fn tokens_joined_are_the_text(text in "\\PC{0,60}") {
        prop_assert_eq!(words::tokens(&text).concat(), text);
    }

    #[test]
    fn a_rule_that_is_refused_or_not_never_panics(text in "[a-z_()&|!<>=.' 0-9种]{0,40}") {
        let rules = rules();
        let _ = preview::fault(&rules, &text);
        prop_assert!(!words::rule(&text, &rules.figures, &BTreeMap::new()).is_empty());
    }
}

/// Few values, so that customers meet; written in more than one way.
fn anybody() -> impl Strategy<Value = Known> {
    let tags = ["重点富裕户", "B03", "个体经商户", "没有的群体"];
    let ticks = ["B01", "B03"];
    (
        prop::option::of(prop::sample::select(vec![
            "果园种植",
            "教师",
            "货车运输",
            "村支书",
        ])),
        prop::option::of(0..90_i32),
        prop::option::of(prop::sample::select(vec![1940_i64, 1962, 1990])),
        prop::sample::subsequence(tags.to_vec(), 0..=2),
        prop::sample::subsequence(ticks.to_vec(), 0..=1),
        any::<bool>(),
    )
        .prop_map(|(job, due, born, tags, ticks, yes)| Known {
            occupation: job.map(str::to_owned),
            deposit_due_day: due.map(|d| today().plus_days(d)),
            birth_year: born,
            tags: tags.into_iter().map(str::to_owned).collect(),
            ticks: ticks.into_iter().map(|t| (t.to_owned(), yes)).collect(),
            ..Known::default()
        })
}

proptest! {
    #[test]
    fn asking_about_many_gives_each_the_answer_they_get_alone(people in prop::collection::vec(anybody(), 1..40)) {
        let groups = groups(&rules());
        let mut asker = groups.asker(today());
        for known in &people {
            let alone = groups.why(known, today());
            prop_assert_eq!(asker.why(known), alone.as_slice());
        }
    }
}
