//! Proof of the check: for every code a campaign that must be flagged, with
//! figures that no source contains, and the same one repaired, which must
//! pass. A checker that has lost a rule, or that flags everything, fails the
//! proof. Every repair that the page offers is applied and must take its
//! finding away.

use super::apply::{apply, edits};
use super::finding::CODES;
use super::*;
use crate::definition::{
    Aliases, CompareWith, ConsecutiveDays, PreliminaryUnit, Product, Project, Ring, Side,
};
use proptest::prelude::*;
use serde_json::Value as Json;

const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");

/// A campaign and the network it is for.
#[derive(Clone)]
struct Case {
    d: Definition,
    network: Network,
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn clock(text: &str) -> zf_base::time::Clock {
    text.parse().unwrap()
}

/// A campaign without any error or warning: seven outlets of a spring that no
/// source speaks of, 13 households a day, near ones by day too.
fn sound() -> Case {
    let mut d = Definition::parse(PRESET, &Aliases::default()).unwrap();
    (d.program.start, d.program.end) = (day("2024-01-15"), day("2024-05-17"));
    d.program.filing_due = Some(day("2024-01-09"));
    (d.phase[0].start, d.phase[0].end) = (day("2024-01-15"), day("2024-02-06"));
    (d.phase[1].start, d.phase[1].end) = (day("2024-02-07"), day("2024-05-17"));
    d.quota.households_per_outlet_per_day = 13;
    d.team[2].windows = d.window.iter().map(|w| w.id.clone()).collect();
    d.program.slogan_customers = Some(4_321);
    let outlets = (1..=7u128)
        .map(|i| {
            let mut o = Outlet::new(
                UnitId(uuid::Uuid::from_u128(i)),
                &format!("77{i:02}"),
                &format!("第{i}网点"),
            );
            o.area_kind = Some("rural".to_owned());
            o.posts = [("branch_head", 1), ("postman", 1), ("teller", 3)]
                .map(|(post, n)| (post.to_owned(), n))
                .into();
            o.households = Some(2_711);
            o.collection_plan = Some(1_733);
            o
        })
        .collect();
    let network = Network {
        outlets,
        staff_known: true,
        ..Network::default()
    };
    Case { d, network }
}

type Change = fn(&mut Case);
/// A code, how the sound campaign is broken, how the broken one is repaired.
type Proof = (&'static str, Change, Change);

fn channel(c: &mut Case, id: &str, on: bool) {
    let of = c.d.channel.iter_mut().filter(|x| x.id == id);
    of.for_each(|x| x.enabled = on);
}

fn two_heads(o: &mut Outlet) {
    o.posts.insert("branch_head".into(), 2);
}

/// Boundary cases stand beside the plain ones: the repaired campaign is the
/// last one that passes.
fn dates() -> Vec<Proof> {
    vec![
        (
            "CHK-CAMPAIGN-DATES",
            |c| c.d.program.end = day("2024-01-14"),
            |c| c.d.program.end = day("2024-05-17"),
        ),
        (
            "CHK-PHASE-OUTSIDE",
            |c| c.d.phase[1].end = day("2024-05-18"),
            |c| c.d.phase[1].end = day("2024-05-17"),
        ),
        (
            "CHK-PHASE-REVERSED",
            |c| c.d.phase[0].end = day("2024-01-14"),
            |c| c.d.phase[0].end = day("2024-02-06"),
        ),
        (
            "CHK-PHASE-OVERLAP",
            |c| c.d.phase[0].end = day("2024-02-07"),
            |c| c.d.phase[0].end = day("2024-02-06"),
        ),
        (
            "CHK-PHASE-GAP",
            |c| c.d.phase[0].end = day("2024-02-05"),
            |c| c.d.phase[0].end = day("2024-02-06"),
        ),
        (
            "CHK-PHASE-ORDER",
            |c| c.d.phase.swap(0, 1),
            |c| c.d.phase.swap(0, 1),
        ),
        (
            // Spring Festival of 2024 was on 10 February.
            "CHK-FESTIVAL",
            |c| {
                c.d.phase[0].end = day("2024-02-10");
                c.d.phase[1].start = day("2024-02-11");
            },
            |c| {
                c.d.phase[0].end = day("2024-02-09");
                c.d.phase[1].start = day("2024-02-10");
            },
        ),
        (
            "CHK-FILING",
            |c| c.d.program.filing_due = Some(day("2024-01-15")),
            |c| c.d.program.filing_due = Some(day("2024-01-14")),
        ),
        (
            // No notice of the State Council names these days yet.
            "CHK-CALENDAR",
            |c| {
                c.d.program.end = day("2031-05-17");
                c.d.program.start = day("2031-01-15");
            },
            |c| (c.d.program.start, c.d.program.end) = (day("2024-01-15"), day("2024-05-17")),
        ),
    ]
}

/// Households on the list that make 85 workdays × 13.
const ENOUGH: u64 = 85 * 13;

fn totals() -> Vec<Proof> {
    vec![
        (
            // 7 outlets × 85 workdays × 13 households.
            "CHK-SLOGAN",
            |c| c.d.program.slogan_customers = Some(7_736),
            |c| c.d.program.slogan_customers = Some(7_735),
        ),
        (
            "CHK-COLLECTION-PLAN",
            |c| c.network.outlets[4].collection_plan = Some(0),
            |c| c.network.outlets[4].collection_plan = Some(1),
        ),
        (
            "CHK-COLLECTION-OUTLET",
            |c| {
                c.d.collection.outlets.insert("7799".into(), 61);
            },
            |c| {
                c.d.collection.outlets.clear();
                c.d.collection.outlets.insert("7703".into(), 61);
            },
        ),
        (
            "CHK-HOUSEHOLDS",
            |c| c.network.outlets[6].households = Some(ENOUGH - 1),
            |c| c.network.outlets[6].households = Some(ENOUGH),
        ),
        (
            "CHK-NO-OUTLETS",
            |c| c.network.outlets.clear(),
            |c| c.network = sound().network,
        ),
        (
            // Two preliminary or far half-days of 12 and one evening of 6.
            "CHK-CAPACITY",
            |c| {
                c.d.team[2].windows = vec!["evening".into()];
                c.network.outlets[2].quota = Some(31);
            },
            |c| c.network.outlets[2].quota = Some(30),
        ),
        (
            "CHK-LOSS",
            |c| {
                c.d.team[2].windows = vec!["evening".into()];
                c.network.outlets[2].quota = Some(31);
            },
            |c| c.network.outlets[2].quota = Some(30),
        ),
        (
            // 84 minutes are six times 14.
            "CHK-RING",
            |c| {
                c.d.team[2].windows = vec!["evening".into()];
                c.d.window[2].end = clock("19:53");
                c.d.quota.households_per_outlet_per_day = 6;
            },
            |c| c.d.window[2].end = clock("19:54"),
        ),
        (
            "CHK-NO-TEAM",
            |c| c.d.team[1].ring = Ring::Near,
            |c| c.d.team[1].ring = Ring::Any,
        ),
    ]
}

fn people() -> Vec<Proof> {
    vec![
        (
            "CHK-WINDOW-OVERLAP",
            |c| c.d.window[1].end = clock("18:31"),
            |c| c.d.window[1].end = clock("18:30"),
        ),
        (
            "CHK-LUNCH",
            |c| c.d.window[0].end = clock("12:01"),
            |c| c.d.window[0].end = clock("12:00"),
        ),
        (
            "CHK-NO-LUNCH",
            |c| c.d.calendar.lunch_end = None,
            |c| c.d.calendar.lunch_end = Some(clock("13:10")),
        ),
        (
            "CHK-POST",
            |c| c.d.team[2].per_outlet = 2,
            |c| {
                let outlets = c.network.outlets.iter_mut();
                outlets.for_each(two_heads);
            },
        ),
        (
            "CHK-EVENING-PAIR",
            |c| c.d.team[2].posts = vec!["branch_head".into()],
            |c| c.d.team[2].posts.push("customer_manager".into()),
        ),
        (
            // April 2024 has 22 workdays: 36 h allow 98 minutes on each.
            "CHK-OVERTIME",
            |c| c.d.window[2].end = clock("20:09"),
            |c| c.d.window[2].end = clock("20:08"),
        ),
    ]
}

fn lawful() -> Vec<Proof> {
    vec![
        (
            "CHK-CHANNEL",
            |c| channel(c, "village_office", true),
            |c| c.network.sources.channels.extend(["village_office".into()]),
        ),
        (
            "CHK-GROUP-SOURCE",
            |c| c.network.sources.groups_without_basis = vec!["外出务工户".into()],
            |c| c.network.sources.groups_without_basis.clear(),
        ),
        (
            "CHK-ID-AT-DOOR",
            |c| c.d.collection.door_fields.push("id_number".into()),
            |c| c.d.collection.door_fields.retain(|f| f != "id_number"),
        ),
        (
            "CHK-POLICY",
            |c| c.d.ladder.compare_with = CompareWith::QuotaWithCarryOver,
            |c| c.d.ladder.compare_with = CompareWith::BaseQuota,
        ),
        (
            "CHK-POLICY",
            |c| c.d.calendar.evening_opt_out = false,
            |c| c.d.calendar.evening_opt_out = true,
        ),
        (
            "CHK-PROJECT",
            |c| {
                c.d.project.push(Project {
                    id: "tea".into(),
                    title: "春茶款".into(),
                    text: None,
                });
            },
            |c| {
                c.d.product.push(Product {
                    id: "tea".into(),
                    title: "茶农卡".into(),
                    sold_at: "branch".into(),
                });
            },
        ),
        (
            "CHK-PROJECT-PRODUCT",
            |c| c.d.product.retain(|p| p.id != "green_card"),
            |c| c.d.project.retain(|p| p.id != "payroll"),
        ),
        (
            "CHK-MATERIAL",
            |c| c.d.materials.printed.retain(|m| m != "sticker"),
            |c| c.d.materials.county_prints.push("sticker".into()),
        ),
    ]
}

/// What the methods of visiting name.
fn methods() -> Vec<Proof> {
    vec![
        (
            "CHK-METHOD",
            |c| c.d.method[0].posts.push("village_doctor".into()),
            |c| c.d.team[0].posts.push("village_doctor".into()),
        ),
        (
            // A post of another kind of visit does not help this one.
            "CHK-METHOD",
            |c| c.d.method[0].posts.push("teller".into()),
            |c| c.d.method[0].kinds.push(VisitKind::Precise),
        ),
        (
            "CHK-METHOD",
            |c| c.d.method[2].materials.push("calendar".into()),
            |c| c.d.materials.county_prints.push("calendar".into()),
        ),
        (
            "CHK-METHOD",
            |c| c.d.gift_scheme.retain(|g| g.id != "small_gift"),
            |c| c.d.method.retain(|m| m.id != "urban_warm_up"),
        ),
        (
            "CHK-METHOD",
            |c| c.d.script.retain(|s| s.id != "invitation"),
            |c| c.d.method.iter_mut().for_each(|m| m.scripts.clear()),
        ),
        (
            // Out in the country a customer gets the first and the second gift.
            "CHK-GIFT-CAP",
            |c| c.d.gift.cap_fen_per_customer = zf_base::Fen(1_499),
            |c| c.d.gift.cap_fen_per_customer = zf_base::Fen(1_500),
        ),
        (
            "CHK-GIFT-CAP",
            |c| c.d.gift_scheme[2].fen_per_customer = zf_base::Fen(1_001),
            |c| c.d.gift_scheme[2].fen_per_customer = zf_base::Fen(1_000),
        ),
    ]
}

fn table() -> Vec<Proof> {
    [dates(), totals(), people(), lawful(), methods()].concat()
}

/// Codes that only tell how the file is read: they are there in the sound
/// campaign, and become a warning or go when the file says something else.
fn told() -> Vec<Proof> {
    vec![
        (
            "CHK-PRELIMINARY",
            |c| c.d.preliminary.unit = PreliminaryUnit::Household,
            |c| c.d.preliminary.unit = PreliminaryUnit::VillageGroup,
        ),
        (
            "CHK-LADDER-DAYS",
            |c| c.d.calendar.consecutive_days = ConsecutiveDays::Calendar,
            |c| c.d.calendar.consecutive_days = ConsecutiveDays::Working,
        ),
        (
            "CHK-MEETING",
            |c| c.d.meeting[0].days_before = 0,
            |c| c.d.meeting[0].days_before = 3,
        ),
    ]
}

/// Notes that are always there; their figures are looked at elsewhere.
const ALWAYS: [&str; 3] = ["CHK-RING-BOUNDARY", "CHK-LADDER-DEDUCTION", "CHK-MONEY"];

fn run(c: &Case) -> CheckReport {
    check(&c.d, &WorkCalendar::statutory(), &c.network)
}

/// Its findings, without working out what can be applied.
fn look(c: &Case) -> CheckReport {
    inspect(&c.d, &WorkCalendar::statutory(), &c.network)
}

/// What a checker says of the cases it gets wrong.
fn prove(checker: impl Fn(&Case) -> CheckReport) -> BTreeSet<&'static str> {
    let mut wrong = BTreeSet::new();
    let has = |r: &CheckReport, code: &str| r.findings.iter().any(|f| f.issue.code() == code);
    let warns = |r: &CheckReport, code: &str| {
        let mut of = r.findings.iter().filter(|f| f.issue.code() == code);
        of.any(|f| f.severity != Severity::Note)
    };
    for (code, broken, repaired) in table() {
        let mut c = sound();
        broken(&mut c);
        let flagged = has(&checker(&c), code);
        repaired(&mut c);
        if !flagged || has(&checker(&c), code) {
            wrong.insert(code);
        }
    }
    for (code, broken, repaired) in told() {
        let mut c = sound();
        broken(&mut c);
        let flagged = warns(&checker(&c), code);
        repaired(&mut c);
        if !flagged || warns(&checker(&c), code) {
            wrong.insert(code);
        }
    }
    wrong
}

#[test]
fn every_check_flags_what_is_broken_and_passes_what_is_repaired() {
    let report = run(&sound());
    let open = report
        .findings
        .iter()
        .filter(|f| f.severity != Severity::Note);
    assert_eq!(open.count(), 0, "{:#?}", report.findings);
    assert_eq!(prove(look), BTreeSet::new());
}

#[test]
fn every_code_of_a_finding_is_proven() {
    let proven: BTreeSet<&str> = table()
        .iter()
        .chain(&told())
        .map(|p| p.0)
        .chain(ALWAYS)
        .collect();
    assert_eq!(proven, CODES.iter().copied().collect());
    for f in run(&sound()).findings {
        assert!(CODES.contains(&f.issue.code()));
    }
}

#[test]
fn a_checker_that_has_lost_a_rule_fails_the_proof_for_that_rule_alone() {
    for code in CODES.iter().filter(|c| !ALWAYS.contains(c)) {
        let lost = |c: &Case| {
            let mut report = look(c);
            report.findings.retain(|f| f.issue.code() != *code);
            report
        };
        assert_eq!(prove(lost), BTreeSet::from([*code]));
    }
}

#[test]
fn a_checker_that_flags_everything_fails_the_proof_of_every_rule() {
    let mut all_findings = Vec::new();
    for (_, broken, _) in table().iter().chain(&told()) {
        let mut c = sound();
        broken(&mut c);
        all_findings.extend(look(&c).findings);
    }
    let always = |c: &Case| {
        let mut report = look(c);
        report.findings.extend(all_findings.clone());
        report
    };
    let all: BTreeSet<&str> = table().iter().chain(&told()).map(|p| p.0).collect();
    assert_eq!(prove(always), all);
}

fn same(a: &Finding, b: &Finding) -> bool {
    a.issue.code() == b.issue.code() && a.issue.subject() == b.issue.subject()
}

/// Repairs that stand in the file, whether offered or not, and those offered.
fn applied(c: &Case, kinds: &mut BTreeSet<String>) -> Result<(), TestCaseError> {
    let report = run(c);
    for offer in &report.offers {
        let f = &report.findings[offer.finding];
        let r = &f.repairs[offer.repair];
        let changed = apply(&c.d, &offer.edits).unwrap();
        let after = inspect(&changed, &WorkCalendar::statutory(), &c.network);
        prop_assert!(!after.findings.iter().any(|a| same(a, f)), "{r:?}: {f:#?}");
        prop_assert!(after.count(Severity::Error) <= report.count(Severity::Error));
        let Json::Object(kind) = serde_json::to_value(r).unwrap() else {
            panic!()
        };
        kinds.insert(kind["repair"].as_str().unwrap().to_owned());
    }
    Ok(())
}

#[test]
fn every_kind_of_repair_that_stands_in_the_file_is_offered_and_repairs() {
    let mut kinds = BTreeSet::new();
    for (_, broken, _) in table().iter().chain(&told()) {
        let mut c = sound();
        broken(&mut c);
        applied(&c, &mut kinds).unwrap();
        // Without staff lists more teams are only a figure of the file.
        c.network.staff_known = false;
        applied(&c, &mut kinds).unwrap();
    }
    let mut c = sound();
    c.d.phase[1].start = day("2022-02-07");
    c.d.phase[1].end = day("2022-05-17");
    applied(&c, &mut kinds).unwrap();
    let mut c = sound();
    let first = &mut c.d.phase[0];
    (first.start, first.end) = (first.end, first.start);
    applied(&c, &mut kinds).unwrap();
    let mut c = sound();
    c.network.staff_known = false;
    c.d.team[2].windows = vec!["evening".into()];
    applied(&c, &mut kinds).unwrap();
    let mut c = sound();
    c.d.team[2].per_outlet = 3;
    let outlets = c.network.outlets.iter_mut();
    outlets.for_each(two_heads);
    c.d.window[2].end = clock("19:40");
    applied(&c, &mut kinds).unwrap();
    let expected = [
        "any_ring",
        "campaign_days",
        "clip",
        "daytime",
        "door_fields",
        "drop_plans",
        "drop_project",
        "end_on",
        "end_window",
        "add_post",
        "fewer_teams",
        "file_by",
        "gifts_within",
        "leave",
        "link_product",
        "longer",
        "method_without",
        "lunch_break",
        "phase_days",
        "print",
        "quota",
        "reorder",
        "second_team",
        "set",
        "shift_years",
        "slogan_to",
        "start_on",
        "start_window",
        "swap",
        "teams",
        "turn_off",
    ];
    let missing: Vec<&str> = expected
        .into_iter()
        .filter(|k| !kinds.contains(*k))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "{kinds:?}");
}

#[test]
fn the_edits_of_the_printed_year_are_the_two_days_of_the_phase() {
    let mut c = sound();
    (c.d.phase[1].start, c.d.phase[1].end) = (day("2021-02-07"), day("2021-05-17"));
    let report = run(&c);
    let at = report
        .findings
        .iter()
        .position(|f| f.issue.code() == "CHK-PHASE-OUTSIDE")
        .unwrap();
    let offer = report.offers.iter().find(|o| o.finding == at).unwrap();
    let written: Vec<String> = offer
        .edits
        .iter()
        .map(|e| format!("{} = {}", e.path.join("."), e.value))
        .collect();
    assert_eq!(
        written,
        [
            "phase.greeting.start = \"2024-02-07\"",
            "phase.greeting.end = \"2024-05-17\""
        ]
    );
    assert_eq!(apply(&c.d, &offer.edits).unwrap(), sound().d);
}

#[test]
fn an_edit_of_a_place_that_is_not_there_is_a_fault_of_the_file() {
    let edit = |path: &[&str]| Edit {
        path: path.iter().map(|p| (*p).to_owned()).collect(),
        value: 3.into(),
    };
    let d = sound().d;
    for path in [
        &["team", "nobody", "per_outlet"][..],
        &["quota", "households"],
        &["nothing"],
        &["program", "start"],
        &["team", "precise_far", "per_outlet", "deeper"],
    ] {
        assert!(apply(&d, &[edit(path)]).is_err(), "{path:?}");
    }
    let fine = apply(&d, &[edit(&["team", "precise_far", "per_outlet"])]).unwrap();
    assert_eq!(fine.team[1].per_outlet, 3);
}

#[test]
fn money_is_counted_for_every_outlet_and_every_day_it_cannot_reach() {
    let mut c = sound();
    c.d.reward.head_fen = zf_base::Fen(70_000);
    c.d.reward.liaison_fen = zf_base::Fen(30_000);
    c.d.reward.per_record_fen = zf_base::Fen(35);
    c.d.shortfall.deduction_fen_per_item = zf_base::Fen(20);
    c.d.ladder.deduction_fen_per_day = zf_base::Fen(5_000);
    c.d.ladder.deduction_from_day = 4;
    let money = |c: &Case| {
        let report = run(c);
        let found = report.findings.into_iter().find_map(|f| match f.issue {
            Issue::Money(m) => Some(m),
            _ => None,
        });
        found.unwrap()
    };
    // 7 × 700 元, 7 × 300 元, 7 × 1733 records at 0.35 元.
    let m = money(&c);
    assert_eq!(
        (m.heads.0, m.liaisons.0, m.for_records.0),
        (490_000, 210_000, 424_585)
    );
    assert_eq!(m.total.0, 1_124_585);
    c.network.outlets[5].collection_plan = None;
    assert_eq!((money(&c).without_plan, money(&c).records), (1, 6 * 1_733));

    // An outlet without a postman has its near team only: three windows of 15,
    // 15 and 6, so that 37 cannot be reached on any of the 85 days.
    let mut c2 = c.clone();
    c2.network.outlets[0].posts.remove("postman");
    c2.network.outlets[0].quota = Some(37);
    let report = run(&c2);
    let loss = report.findings.iter().find_map(|f| match &f.issue {
        Issue::Loss(l) => Some(l.clone()),
        _ => None,
    });
    let loss = loss.unwrap();
    assert_eq!((loss.days, loss.for_days.0), (82, 410_000));
    assert_eq!(
        (loss.for_items.0, loss.rewards.0, loss.points),
        (34_660, 100_000, 20)
    );
    assert_eq!(
        (loss.most.0, loss.all.0, loss.outlets.len()),
        (444_660, 444_660, 1)
    );
}

#[test]
fn side_words_of_findings_tell_findings_of_one_code_apart() {
    assert_ne!(
        Issue::NoTeam { side: Side::Near }.subject(),
        Issue::NoTeam { side: Side::Far }.subject()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Several things are broken at once, with figures of chance.
    #[test]
    fn whatever_is_broken_a_repair_that_is_offered_takes_its_finding_away(
        which in proptest::collection::vec(0usize..40, 1..4),
        quota in 3u32..45, visit in 5u32..25, evening in 0u32..3, teams in 1u32..4, known in any::<bool>(),
    ) {
        let mut c = sound();
        c.d.quota.households_per_outlet_per_day = quota;
        c.d.precise.visit_minutes = visit;
        c.d.team[2].per_outlet = teams;
        c.d.team[2].windows.drain(..evening as usize);
        c.network.staff_known = known;
        let all: Vec<Proof> = table().into_iter().chain(told()).collect();
        let mut broken: Vec<&Proof> = which.iter().map(|i| &all[i % all.len()]).collect();
        // Without outlets there is nothing left that the others could break.
        broken.sort_by_key(|proof| proof.0 == "CHK-NO-OUTLETS");
        for proof in broken {
            proof.1(&mut c);
        }
        applied(&c, &mut BTreeSet::new())?;
    }

    /// What is not offered because it would not repair is not hidden for want
    /// of trying: a repair of the dates of a campaign with two phases always is.
    #[test]
    fn a_phase_that_overlaps_or_leaves_days_open_can_always_be_repaired(at in -9i32..10) {
        let mut c = sound();
        c.d.phase[0].end = c.d.phase[1].start.plus_days(at - 1);
        let report = run(&c);
        for (n, f) in report.findings.iter().enumerate() {
            if !matches!(f.issue.code(), "CHK-PHASE-OVERLAP" | "CHK-PHASE-GAP") {
                continue;
            }
            prop_assert!(report.offers.iter().any(|o| o.finding == n));
            prop_assert!(f.repairs.iter().any(|r| edits(&c.d, f, r).is_some()));
        }
    }
}
