//! The campaign file, read from the pack's own files and from damaged ones.

use super::*;
use zf_base::Day;

const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");
const PRINTED: &str = include_str!("../../../../packs/household-visit/campaign-as-printed.toml");
const ALIASES: &str = include_str!("../../../../packs/household-visit/aliases.toml");
const PARAMETERS: &str = include_str!("../../../../packs/household-visit/parameters.toml");

fn aliases() -> Aliases {
    toml::from_str(ALIASES).unwrap()
}

fn preset() -> Definition {
    Definition::parse(PRESET, &aliases()).unwrap_or_else(|e| panic!("{e:#?}"))
}

fn faults(text: &str) -> Vec<DefinitionError> {
    Definition::parse(text, &aliases()).unwrap_err()
}

#[test]
fn the_preset_carries_the_figures_of_the_source() {
    let d = preset();
    assert_eq!(d.program.start.to_string(), "2016-10-01");
    assert_eq!(d.program.end.to_string(), "2017-03-31");
    assert_eq!(d.program.slogan_customers, Some(1_000_000));
    assert_eq!(d.quota.households_per_outlet_per_day, 20);
    assert_eq!(d.ring.near_km, 5.0);
    let evening = d.window("evening").unwrap();
    assert_eq!(
        (evening.start.to_string().as_str(), evening.minutes()),
        ("18:30", 90)
    );
    assert_eq!(d.reward.head_fen, zf_base::Fen(100_000));
    assert_eq!(d.ladder.deduction_fen_per_day, zf_base::Fen(10_000));
    assert_eq!(d.shortfall.deduction_fen_per_item, zf_base::Fen(10));
    assert_eq!(d.phase[1].lunar_anchor, Some(LunarAnchor::SpringFestival));
    assert_eq!(
        d.parameters["must_visit"]["deposit_min_fen"],
        Scalar::Int(1_000_000)
    );
}

#[test]
fn the_campaign_and_its_two_phases_have_the_days_and_purposes_of_the_source() {
    let d = preset();
    let counted = |from: Day, to: Day| from.days_until(to) + 1;
    assert_eq!(counted(d.program.start, d.program.end), 182); // CMP-003
    let phases: Vec<_> = d
        .phase
        .iter()
        .map(|p| {
            let (purpose, kinds) = (p.purpose.join(" "), p.kinds.clone());
            (p.title.as_str(), counted(p.start, p.end), purpose, kinds)
        })
        .collect();
    let visit = vec![VisitKind::First, VisitKind::Precise];
    let greeting = vec![VisitKind::Precise, VisitKind::FollowUp];
    let expected = [
        ("客户大走访", 123, "publicity collection".to_owned(), visit), // CMP-004
        (
            "客户大拜年",
            59,
            "promotion return_visit".to_owned(),
            greeting,
        ), // CMP-005
    ];
    assert_eq!(phases, expected);
    // TIM-005: filed on 30 September, start, change of phase, end.
    let milestones = [
        d.program.filing_due.unwrap(),
        d.program.start,
        d.phase[1].start,
        d.program.end,
    ];
    let days = milestones.map(|day| day.to_string());
    assert_eq!(
        days,
        ["2016-09-30", "2016-10-01", "2017-02-01", "2017-03-31"]
    );
}

#[test]
fn the_printed_file_differs_in_the_year_of_the_second_phase_only() {
    let mut printed = Definition::parse(PRINTED, &aliases()).unwrap();
    assert_eq!(printed.phase[1].start.to_string(), "2015-02-01");
    printed.phase[1].start = "2017-02-01".parse().unwrap();
    printed.phase[1].end = "2017-03-31".parse().unwrap();
    assert_eq!(printed, preset());
}

#[test]
fn a_definition_comes_back_from_toml_and_from_json_as_it_was() {
    let mut d = preset();
    d.collection.outlets.insert("350101".to_owned(), 2_600);
    d.program.slogan = None;
    assert_eq!(
        Definition::parse(&d.to_toml(), &Aliases::default()).unwrap(),
        d
    );
    assert_eq!(
        Definition::from_json(&d.to_json(), &Aliases::default()).unwrap(),
        d
    );
}

#[test]
fn chinese_and_english_keys_read_the_same() {
    let mut chinese = String::new();
    let table = aliases();
    let back = |names: &BTreeMap<String, String>, word: &str| {
        names
            .iter()
            .find(|(_, en)| *en == word)
            .map_or(word.to_owned(), |(zh, _)| format!("\"{zh}\""))
    };
    let mut section = String::new();
    for line in PRESET.lines() {
        let line = line.split("  # ").next().unwrap();
        if let Some(name) = line.strip_prefix("[[").and_then(|l| l.strip_suffix("]]")) {
            section = name.to_owned();
            chinese += &format!("[[{}]]\n", back(&table.sections, name));
        } else if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name.to_owned();
            chinese += &format!("[{}]\n", back(&table.sections, name));
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            let key = table
                .keys
                .get(&section)
                .map_or(key.to_owned(), |k| back(k, key));
            chinese += &format!("{key} = {value}\n");
        }
    }
    let chinese = chinese
        .replace("= \"friday\"", "= \"周五\"")
        .replace("\"branch_head\", \"teller\"", "\"支局长\", \"柜员\"");
    assert!(
        chinese.contains("[\"日任务\"]") && chinese.contains("\"每网点每日户数\" = 20"),
        "{chinese}"
    );
    assert_eq!(
        Definition::parse(&chinese, &table).unwrap_or_else(|e| panic!("{e:#?}")),
        preset()
    );
    let bare = chinese
        .replace("[\"日任务\"]", "[日任务]")
        .replace("\"每网点每日户数\" =", "每网点每日户数 =");
    assert_eq!(
        Definition::parse(&bare, &table).unwrap_or_else(|e| panic!("{e:#?}")),
        preset()
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_a_likely_name() {
    let text = PRESET.replace(
        "households_per_outlet_per_day = 20",
        "households_per_outlet_day = 20",
    );
    let line = text
        .lines()
        .position(|l| l.starts_with("households_per_outlet_day"))
        .unwrap()
        + 1;
    let found = faults(&text);
    let unknown = &found
        .iter()
        .find(|e| matches!(e.what, What::Unknown(_)))
        .unwrap();
    assert_eq!(unknown.path, "quota.households_per_outlet_day");
    assert_eq!(unknown.line, Some(line));
    assert_eq!(
        words::sentence(unknown),
        format!(
            "第 {line} 行 quota.households_per_outlet_day：没有这一项，请删掉，或对照说明改名。"
        )
    );
    assert!(
        found
            .iter()
            .any(|e| e.path == "quota.households_per_outlet_per_day" && e.what == What::Missing)
    );

    let text = PRESET.replace("near_km = 5.0", "near_kn = 5.0");
    let near = faults(&text)
        .into_iter()
        .find(|e| e.path == "ring.near_kn")
        .unwrap();
    assert_eq!(near.what, What::Unknown(Some("near_km".to_owned())));
    let text = format!("{PRESET}\n[surprise]\na = 1\n");
    assert!(faults(&text).iter().any(|e| e.path == "surprise"));
}

#[test]
fn every_fault_of_a_file_is_reported_at_once() {
    let text = PRESET
        .replace("start = \"2016-10-01\"", "start = \"2016-13-01\"")
        .replace("near_km = 5.0", "near_km = -1")
        .replace("start = \"18:30\"", "start = \"half past six\"")
        .replace("kind = \"first\"", "kind = \"frist\"")
        .replace("carry_over = true", "carry_over = \"yes\"")
        .replace("windows = [\"evening\"]", "windows = [\"night\"]");
    let found = faults(&text);
    let paths: Vec<&str> = found.iter().map(|e| e.path.as_str()).collect();
    for expected in [
        "program.start",
        "phase.visit.start",
        "ring.near_km",
        "window.evening.start",
        "team.preliminary.kind",
        "quota.carry_over",
    ] {
        assert!(paths.contains(&expected), "{expected} not in {paths:?}");
    }
    assert!(
        found.windows(2).all(|w| w[0].line <= w[1].line),
        "in the order of the file"
    );
}

#[test]
fn names_that_lead_nowhere_and_doubled_ids_are_found() {
    let found = faults(&PRESET.replace("windows = [\"evening\"]", "windows = [\"night\"]"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].path.as_str(), &found[0].what),
        (
            "team.precise_near.windows",
            &What::Unresolved("night".to_owned())
        )
    );
    let found = faults(&PRESET.replace("id = \"precise_far\"", "id = \"precise_near\""));
    assert_eq!(
        (found[0].path.as_str(), &found[0].what),
        ("team.precise_near", &What::Twice)
    );
    let both = PRESET.replace(
        "carry_over = true",
        "carry_over = true\n\"欠进度结转\" = false",
    );
    assert!(
        faults(&both)
            .iter()
            .any(|e| e.path == "quota.carry_over" && e.what == What::Twice)
    );
    assert!(matches!(faults("format = ")[0].what, What::Syntax(_)));
    assert!(
        matches!(&faults(&PRESET.replace("campaign-1", "campaign-9"))[0].what, What::Format(f) if f.ends_with("-9"))
    );
}

#[test]
fn every_parameter_of_the_preset_names_its_requirement() {
    let mut docs: BTreeMap<String, Vec<zf_forms::pack::Parameter>> =
        toml::from_str(PARAMETERS).unwrap();
    let docs = docs.remove("parameter").unwrap();
    let listed = parameter::parameters(&preset(), &docs);
    assert!(listed.len() > 130, "{}", listed.len());
    for p in listed.iter().filter(|p| p.key != "collection.outlets") {
        assert!(!p.requirements.is_empty(), "{} has no requirement", p.key);
    }
    for d in &docs {
        assert!(
            listed.iter().any(|p| p.key == d.key),
            "{} is described but not in the file",
            d.key
        );
    }
    let quota = listed
        .iter()
        .find(|p| p.key == "quota.households_per_outlet_per_day")
        .unwrap();
    assert_eq!(
        (quota.requirements.as_slice(), &quota.value),
        (["CMP-009".to_owned()].as_slice(), &serde_json::json!(20))
    );
}

#[test]
fn methods_of_visiting_are_read_in_chinese_with_their_steps_untouched() {
    let table = "[[礼品方案]]\n编号 = \"tea\"\n名称 = \"茶会\"\n结合的活动 = \"春节\"\n每人价值 = 250\n\
                 [[走访方法]]\n编号 = \"m\"\n名称 = \"走\"\n市场 = [\"农村市场\"]\n走访种类 = [\"初步走访\"]\n\
                 目的 = []\n同行岗位 = [\"台区员\"]\n找谁 = []\n步骤 = [\"告知书\", \"回访\"]\n带的物料 = []\n\
                 话术 = []\n礼品 = [\"tea\"]\n";
    let d = Definition::parse(&format!("{PRESET}\n{table}"), &aliases()).unwrap();
    let m = d.method.last().unwrap();
    assert_eq!(
        (m.markets.as_slice(), m.kinds.as_slice(), m.posts.as_slice()),
        (
            [MarketKind::Rural].as_slice(),
            [VisitKind::First].as_slice(),
            ["power_area_worker".to_owned()].as_slice()
        )
    );
    // Words that are codes elsewhere stay what people read.
    assert_eq!(m.steps, ["告知书", "回访"]);
    let gift = d.gifts_of(m)[0];
    assert_eq!(
        (gift.tied_to.as_deref(), gift.fen_per_customer),
        (Some("春节"), zf_base::Fen(250))
    );
    let back = Definition::parse(&d.to_toml(), &Aliases::default()).unwrap();
    assert_eq!(back, d);
}

#[test]
fn a_method_without_a_step_and_an_id_used_twice_are_refused() {
    let mut d = preset();
    d.method[0].steps.clear();
    d.method[1].id = d.method[2].id.clone();
    let found = faults(&d.to_toml());
    let places: Vec<(&str, &What)> = found.iter().map(|f| (f.path.as_str(), &f.what)).collect();
    assert_eq!(
        places,
        [
            ("method.rural_second", &What::Twice),
            ("method.rural_first.steps", &What::Empty)
        ]
    );
}

/// CMP-006, 007, 008, 015, 016, 017: what a branch of each market follows.
#[test]
fn a_branch_follows_the_methods_of_its_market_and_its_kind_of_visit() {
    let d = preset();
    let ids = |kinds: &[VisitKind], market, area| -> Vec<&str> {
        let of = d.methods_of(kinds, market, area);
        of.iter().map(|m| m.id.as_str()).collect()
    };
    let rural = ["rural_first", "returnees"];
    assert_eq!(ids(&[VisitKind::First], Some("rural"), None), rural);
    assert_eq!(ids(&[VisitKind::First], None, Some("mixed")), rural);
    assert_eq!(ids(&[VisitKind::Precise], None, None), ["rural_second"]);
    assert_eq!(
        ids(&[VisitKind::Precise], None, Some("urban")),
        ["urban_warm_up", "urban_salon"]
    );
    // The market is said about the outlet, the area about the land around it.
    let both = [VisitKind::Precise, VisitKind::FollowUp];
    assert_eq!(ids(&both, Some("rural"), Some("urban")), ["rural_second"]);
    assert_eq!(
        ids(&[VisitKind::FollowUp], None, Some("urban")),
        ["urban_salon"]
    );
    assert_eq!(
        ids(&[VisitKind::First], Some("urban"), None),
        Vec::<&str>::new()
    );
}

/// CMP-022: one visit of a village group has its set flow.
#[test]
fn a_visit_of_a_village_group_makes_publicity_collection_and_selling_in_this_order() {
    let d = preset();
    let steps = &d
        .method
        .iter()
        .find(|m| m.id == "rural_first")
        .unwrap()
        .steps;
    let place = |word: &str| steps.iter().position(|s| s.contains(word)).unwrap();
    let flow = [place("宣传"), place("采集"), place("交叉营销")];
    assert!(flow.is_sorted() && flow[0] < flow[2], "{flow:?}");
    let spoken = &d.method[0].scripts;
    assert!(spoken.iter().all(|id| d.script.iter().any(|s| s.id == *id)));
}
