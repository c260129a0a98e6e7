//! Each check on the figures as printed, on a campaign with other figures, and
//! on one that is repaired. Expected numbers are the source's, or are counted
//! here by plain loops over days, teams and minutes.

use super::finding::{Named, RingShort, SloganRow};
use super::view::{render_text, view};
use super::*;
use crate::definition::{Aliases, Outcome, PreliminaryUnit, Side};
use proptest::prelude::*;
use zf_base::time::Clock;

const PRESET: &str = include_str!("../../../../packs/household-visit/program.toml");
const PRINTED: &str = include_str!("../../../../packs/household-visit/campaign-as-printed.toml");
const ALIASES: &str = include_str!("../../../../packs/household-visit/aliases.toml");

fn read(text: &str) -> Definition {
    Definition::parse(text, &toml::from_str::<Aliases>(ALIASES).unwrap())
        .unwrap_or_else(|e| panic!("{e:#?}"))
}
fn preset() -> Definition {
    read(PRESET)
}
fn day(text: &str) -> Day {
    text.parse().unwrap()
}
fn clock(text: &str) -> Clock {
    text.parse().unwrap()
}
fn run(d: &Definition, network: &Network) -> CheckReport {
    check(d, &WorkCalendar::statutory(), network)
}
fn alone(d: &Definition) -> CheckReport {
    run(d, &Network::default())
}
fn of<'r>(report: &'r CheckReport, code: &str) -> Vec<&'r Finding> {
    report
        .findings
        .iter()
        .filter(|f| f.issue.code() == code)
        .collect()
}
fn one<'r>(report: &'r CheckReport, code: &str) -> &'r Finding {
    let found = of(report, code);
    assert_eq!(found.len(), 1, "{code}: {:#?}", report.findings);
    found[0]
}
fn requirements(report: &CheckReport) -> Vec<&str> {
    report.findings.iter().map(|f| f.requirement).collect()
}
/// Outlets as a county has them: one head, one postman, two tellers.
fn outlets(count: u64) -> Network {
    let outlets = (1..=count)
        .map(|i| {
            let mut o = Outlet::new(
                UnitId(uuid::Uuid::from_u128(u128::from(i))),
                &format!("3501{i:04}"),
                &format!("网点{i}"),
            );
            o.posts = BTreeMap::from([
                ("branch_head".to_owned(), 1),
                ("postman".to_owned(), 1),
                ("teller".to_owned(), 2),
            ]);
            o.households = Some(4_000);
            o.collection_plan = Some(3_000);
            o
        })
        .collect();
    Network {
        outlets,
        staff_known: true,
        ..Network::default()
    }
}
fn ring(report: &CheckReport, side: Side) -> &RingShort {
    let mut rings = report.findings.iter().filter_map(|f| match &f.issue {
        Issue::RingShort(r) if r.side == side => Some(r),
        _ => None,
    });
    rings.next_back().unwrap()
}
/// What an evening team alone can visit, minute by minute.
fn walked(minutes: u32, each: u32) -> u64 {
    let (mut at, mut visited) = (0, 0);
    while at + each <= minutes {
        at += each;
        visited += 1;
    }
    visited
}

#[test]
fn the_figures_as_printed_show_err_001_003_and_004() {
    let report = alone(&read(PRINTED));
    for requirement in [
        "ERR-001", "ERR-003", "ERR-004", "ERR-061", "ERR-005", "ERR-063", "ERR-008", "ERR-009",
    ] {
        assert!(
            requirements(&report).contains(&requirement),
            "{requirement} in {:?}",
            requirements(&report)
        );
    }
    assert!(!report.is_feasible());

    let outside = one(&report, "CHK-PHASE-OUTSIDE");
    let Issue::PhaseOutside {
        phase,
        days_outside,
        ..
    } = &outside.issue
    else {
        panic!()
    };
    assert_eq!((phase.id.as_str(), *days_outside), ("greeting", 59));
    let years = Repair::ShiftYears {
        years: 2,
        start: day("2017-02-01"),
        end: day("2017-03-31"),
    };
    assert_eq!(outside.repairs, [years]);

    let Issue::Slogan {
        rows,
        customers: 1_000_000,
        quota: 20,
        ..
    } = &one(&report, "CHK-SLOGAN").issue
    else {
        panic!()
    };
    let figures = |r: &SloganRow| (r.calendar_days, r.per_outlet, r.outlets_needed);
    assert_eq!(
        rows.iter().map(figures).collect::<Vec<_>>(),
        [(123, 2_460, 407), (182, 3_640, 275)]
    );

    let near = ring(&report, Side::Near);
    assert_eq!((near.minutes_available, near.minutes_needed), (4.5, 14.0));
    assert_eq!((near.needed, near.possible, near.missing), (20, 6, 14));
}

#[test]
fn the_report_on_the_printed_figures_says_them_in_words() {
    let name = |code: &str| {
        if code == "teller" {
            "营业员".to_owned()
        } else {
            code.to_owned()
        }
    };
    let report = alone(&read(PRINTED));
    let text = render_text(&report, &name);
    for expected in [
        "体检没有通过",
        "年份改 +2 年：2017-02-01 至 2017-03-31",
        "123 天，每个网点 2,460 户，要 407 个网点",
        "182 天，每个网点 3,640 户，要 275 个网点",
        "18:30–20:00",
        "每户只有 4.5 分钟",
        "营业员 3 名",
        "每天任务降到 6 户",
    ] {
        assert!(text.contains(expected), "{expected} not in:\n{text}");
    }
    let json = serde_json::to_value(view(&report, &name)).unwrap();
    assert_eq!(json["errors"], report.count(Severity::Error));
    let slogan = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["requirement"] == "ERR-003")
        .unwrap();
    assert_eq!(
        (&slogan["missing"]["value"], &slogan["severity"]),
        (&1_000_000.into(), &"warning".into())
    );
    assert_eq!(slogan["figures"]["rows"][0]["per_outlet"], 2_460);
}

#[test]
fn a_quota_changed_in_mid_campaign_counts_from_its_day_as_in_the_ledger() {
    // 123 planned days; 18 of October and 14 of November lie before Monday, 21 November 2016.
    let mut d = preset();
    d.quota.households_per_outlet_per_day = 17;
    let mut network = outlets(2);
    let history = QuotaHistory {
        campaign: vec![(day("2016-10-01"), 20), (day("2016-11-21"), 17)],
        campaign_now: 17,
        ..QuotaHistory::default()
    };
    network.outlets[0].quotas = Some((history.clone(), day("2016-11-28")));
    let figures = |d: &Definition, network: &Network| {
        let rows = run(d, network).capacity;
        let of = |r: &OutletCapacity| (r.needed_per_day, r.planned_days, r.total_needed);
        (of(&rows[0]), of(&rows[1]))
    };
    let (with, without) = figures(&d, &network);
    assert_eq!(with, (17, 123, 32 * 20 + 91 * 17));
    assert_eq!(without, (17, 123, 123 * 17));
    // A figure that is only proposed would hold from the next Monday, five planned days later.
    d.quota.households_per_outlet_per_day = 15;
    assert_eq!(figures(&d, &network).0.2, 32 * 20 + 5 * 17 + 86 * 15);
    // A branch's own figure goes before both.
    let own = vec![(day("2016-10-01"), None), (day("2016-11-21"), Some(9))];
    let history = QuotaHistory {
        own,
        own_now: Some(9),
        ..history
    };
    network.outlets[0].quota = Some(9);
    network.outlets[0].quotas = Some((history, day("2016-11-28")));
    assert_eq!(figures(&d, &network).0.2, 32 * 20 + 91 * 9);
}

#[test]
fn every_kind_of_finding_has_words_that_say_what_to_do() {
    let mut d = read(PRINTED);
    d.program.filing_due = Some(day("2016-10-03"));
    d.preliminary.unit = PreliminaryUnit::Household;
    d.channel.iter_mut().for_each(|c| c.enabled = true);
    d.collection.door_fields.push("id_number".to_owned());
    d.gift.uniform_only = false;
    d.collection.outlets.insert("nowhere".to_owned(), 1);
    let mut network = outlets(2);
    network.outlets[0].posts.clear();
    network.outlets[0].households = Some(10);
    network.outlets[1].collection_plan = None;
    let words = view(&run(&d, &network), &|code| code.to_owned());
    assert!(words.findings.len() > 15, "{}", words.findings.len());
    for f in &words.findings {
        assert!(
            !f.title.is_empty() && f.what.ends_with('。') && f.why.ends_with('。'),
            "{f:?}"
        );
    }
}

#[test]
fn a_phase_outside_of_another_campaign_is_flagged_and_clipped() {
    let mut d = preset();
    (d.program.start, d.program.end) = (day("2021-03-01"), day("2021-08-31"));
    (d.phase[0].start, d.phase[0].end) = (day("2021-02-20"), day("2021-05-31"));
    (d.phase[1].start, d.phase[1].end) = (day("2021-06-01"), day("2021-09-04"));
    let report = alone(&d);
    let found = of(&report, "CHK-PHASE-OUTSIDE");
    for (finding, phase) in found.iter().zip(&d.phase) {
        let mut outside = 0;
        let mut at = phase.start;
        while at <= phase.end {
            outside += i64::from(at < d.program.start || at > d.program.end);
            at = at.plus_days(1);
        }
        let Issue::PhaseOutside { days_outside, .. } = &finding.issue else {
            panic!()
        };
        assert_eq!(*days_outside, outside, "{}", phase.id);
    }
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].repairs,
        [Repair::Clip {
            start: day("2021-03-01"),
            end: day("2021-05-31")
        }]
    );

    (d.phase[0].start, d.phase[1].end) = (d.program.start, d.program.end);
    assert!(of(&alone(&d), "CHK-PHASE-OUTSIDE").is_empty());
}

#[test]
fn overlaps_gaps_and_reversed_phases_are_found() {
    let mut d = preset();
    d.phase[1].start = day("2017-01-20");
    let report = alone(&d);
    let Issue::PhaseOverlap { days, .. } = &one(&report, "CHK-PHASE-OVERLAP").issue else {
        panic!()
    };
    assert_eq!(*days, 12); // 20 to 31 January
    assert_eq!(one(&report, "CHK-PHASE-OVERLAP").severity, Severity::Error);

    d.phase[1].start = day("2017-02-06");
    let report = alone(&d);
    let Issue::PhaseGap {
        from,
        to,
        days,
        workdays,
    } = &one(&report, "CHK-PHASE-GAP").issue
    else {
        panic!()
    };
    // 1 to 5 February 2017: two days of the festival, Friday, Saturday made up, Sunday.
    assert_eq!(
        (*from, *to, *days, *workdays),
        (day("2017-02-01"), day("2017-02-05"), 5, 2)
    );

    d.phase[1].start = day("2017-04-01");
    assert_eq!(
        one(&alone(&d), "CHK-PHASE-REVERSED").severity,
        Severity::Error
    );
    let fine = alone(&preset());
    for code in [
        "CHK-PHASE-OVERLAP",
        "CHK-PHASE-GAP",
        "CHK-PHASE-REVERSED",
        "CHK-PHASE-ORDER",
    ] {
        assert!(of(&fine, code).is_empty(), "{code}");
    }
}

#[test]
fn a_greeting_after_the_spring_festival_is_flagged_and_one_before_passes() {
    let finding = alone(&preset());
    let finding = one(&finding, "CHK-FESTIVAL");
    let Issue::MissesFestival { festival, days, .. } = &finding.issue else {
        panic!()
    };
    assert_eq!(
        (*festival, *days, finding.requirement),
        (day("2017-01-28"), 4, "ERR-002")
    );
    assert_eq!(
        finding.repairs,
        [Repair::StartOn {
            day: day("2017-01-28"),
            days_earlier: 4
        }]
    );

    let mut d = preset();
    d.phase[0].end = day("2017-01-19");
    d.phase[1].start = day("2017-01-20"); // little new year
    assert!(of(&alone(&d), "CHK-FESTIVAL").is_empty());

    // 2023: the festival was on 22 January.
    (d.program.start, d.program.end) = (day("2022-10-01"), day("2023-03-31"));
    (d.phase[0].start, d.phase[0].end) = (day("2022-10-01"), day("2023-02-05"));
    (d.phase[1].start, d.phase[1].end) = (day("2023-02-06"), day("2023-03-31"));
    let report = alone(&d);
    let Issue::MissesFestival { festival, days, .. } = &one(&report, "CHK-FESTIVAL").issue else {
        panic!()
    };
    assert_eq!((*festival, *days), (day("2023-01-22"), 15));
}

#[test]
fn another_slogan_is_weighed_against_outlets_and_planned_days() {
    let mut d = preset();
    d.program.slogan_customers = Some(345_678);
    d.quota.households_per_outlet_per_day = 17;
    let network = outlets(36);
    let report = run(&d, &network);
    let finding = one(&report, "CHK-SLOGAN");
    // Counted day by day.
    let calendar = WorkCalendar::statutory();
    let (mut at, mut reached) = (day("2016-10-01"), 0u64);
    while at <= day("2017-03-31") {
        if calendar.is_workday(at) {
            reached += 36 * 17;
        }
        at = at.plus_days(1);
    }
    let Issue::Slogan {
        possible, missing, ..
    } = &finding.issue
    else {
        panic!()
    };
    assert_eq!((*possible, *missing), (reached, 345_678 - reached));
    let mut total = 36;
    while total * (reached / 36) < 345_678 {
        total += 1;
    }
    assert_eq!(
        finding.repairs,
        [
            Repair::Outlets {
                add: total - 36,
                total
            },
            Repair::SloganTo { customers: reached }
        ]
    );

    d.program.slogan_customers = Some(reached as i64);
    assert!(of(&run(&d, &network), "CHK-SLOGAN").is_empty());
    assert!(of(&run(&d, &outlets(35)), "CHK-SLOGAN").len() == 1);
}

#[test]
fn the_evening_window_is_measured_with_other_figures_too() {
    let mut d = preset();
    d.quota.households_per_outlet_per_day = 17;
    d.precise.visit_minutes = 9;
    d.travel.stop_minutes = 1;
    d.window[2].start = clock("18:10");
    d.window[2].end = clock("20:05");
    let finding = alone(&d);
    let near = ring(&finding, Side::Near);
    let possible = walked(115, 10);
    assert_eq!(
        (near.needed, near.possible, near.missing),
        (17, possible, 17 - possible)
    );
    assert!((near.minutes_available - 115.0 / 17.0).abs() < 1e-9);

    let repairs = &of(&finding, "CHK-RING")
        .iter()
        .find(|f| matches!(&f.issue, Issue::RingShort(r) if r.side == Side::Near))
        .unwrap()
        .repairs;
    assert!(repairs.contains(&Repair::SecondTeam {
        team: Named::new("precise_near", "五公里以内精准走访小组"),
        per_day: 2 * possible,
        still_missing: 0
    }));
    assert!(repairs.contains(&Repair::Quota {
        households: possible
    }));
    // 17 households one after the other.
    let mut end = 18 * 60 + 10;
    for _ in 0..17 {
        end += 10;
    }
    let end = Clock::from_seconds(end * 60).unwrap();
    assert!(
        repairs.contains(&Repair::Longer {
            window: Named::new("evening", "晚上"),
            end,
            minutes: 170
        }),
        "{repairs:?}"
    );
}

#[test]
fn every_repair_of_the_evening_that_is_offered_does_repair_it() {
    let near_short = |d: &Definition| {
        let report = alone(d);
        of(&report, "CHK-RING")
            .iter()
            .any(|f| matches!(&f.issue, Issue::RingShort(r) if r.side == Side::Near))
    };
    let printed = alone(&preset());
    let finding = one(&printed, "CHK-RING");
    assert!(near_short(&preset()));
    let mut offered = 0;
    for repair in &finding.repairs {
        let mut d = preset();
        match repair {
            Repair::Teams { total, .. } => {
                assert_eq!(*total, 4); // 6 + 6 + 6 + 6 ≥ 20
                d.team[2].per_outlet = *total;
            }
            Repair::Daytime {
                by_day,
                still_missing,
                ..
            } => {
                assert_eq!((*by_day, *still_missing), (14, 0));
                d.team[2].windows = vec!["morning".into(), "afternoon".into(), "evening".into()];
            }
            Repair::Quota { households } => {
                d.quota.households_per_outlet_per_day = *households as u32
            }
            Repair::Longer { end, .. } => d.window[2].end = *end,
            Repair::SecondTeam {
                per_day,
                still_missing,
                ..
            } => {
                assert_eq!((*per_day, *still_missing), (12, 8));
                continue;
            }
            other => panic!("{other:?}"),
        }
        offered += 1;
        assert!(!near_short(&d), "{repair:?}");
    }
    assert_eq!(offered, 4);
}

#[test]
fn the_share_of_the_ring_decides_what_the_evening_must_carry() {
    let mut network = outlets(2);
    network.outlets[0].spread = Some(Spread {
        near: 300,
        far: 700,
        near_mean: Meters(0.0),
        far_mean: Meters(8_000.0),
    });
    network.outlets[1].spread = Some(Spread {
        near: 310,
        far: 690,
        near_mean: Meters(0.0),
        far_mean: Meters(8_000.0),
    });
    let report = run(&preset(), &network);
    let near = ring(&report, Side::Near);
    // 30 % of 20 is 6 and fits; 31 % is 6.2 and means 7.
    assert_eq!((near.needed, near.possible, near.missing_all), (7, 6, 1));
    assert_eq!(
        near.outlets
            .iter()
            .map(|o| o.code.as_str())
            .collect::<Vec<_>>(),
        ["35010002"]
    );
    assert_eq!(near.share_percent, Some(31));
    network.outlets.pop();
    assert!(of(&run(&preset(), &network), "CHK-RING").is_empty());
}

#[test]
fn the_only_head_cannot_lead_two_teams_in_the_same_window() {
    // Both daytime teams need the head: 12 households met by the preliminary
    // team, or (210 − 2 × 19.5 min) / 14 = 12 by the precise one; not both.
    let report = run(&preset(), &outlets(1));
    let row = &report.capacity[0];
    assert_eq!(
        (row.per_day, row.needed_per_day, row.planned_days),
        (12 + 12 + 6, 20, 123)
    );
    let mut two_heads = outlets(1);
    two_heads.outlets[0].posts.insert("branch_head".into(), 2);
    two_heads.outlets[0].posts.insert("postman".into(), 2);
    // Phase 1 (81 days): both teams every other half-day, when it is the turn of
    // the preliminary one; phase 2 (42 days) has no preliminary visits.
    let total = 81 * (24 + 12 + 6) + 42 * (12 + 12 + 6);
    assert_eq!(run(&preset(), &two_heads).capacity[0].total_possible, total);
}

#[test]
fn an_outlet_that_cannot_reach_its_quota_stops_the_start() {
    let mut network = outlets(3);
    network.outlets[1].posts.remove("postman"); // only the evening team is left
    network.outlets[2].quota = Some(33);
    let mut report = run(&preset(), &network);
    let finding = one(&report, "CHK-CAPACITY").clone();
    let Issue::DayShort {
        needed,
        possible,
        missing,
        missing_all,
        outlets,
        ..
    } = &finding.issue
    else {
        panic!()
    };
    assert_eq!(
        (*needed, *possible, *missing, *missing_all, outlets.len()),
        (20, 6, 14, 14 + 3, 2)
    );
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(report.capacity[1].short, 14 * 123);
    let post = of(&report, "CHK-POST");
    assert_eq!(
        post.iter().map(|f| f.requirement).collect::<Vec<_>>(),
        ["PLN-006", "PLN-007"]
    );

    network.outlets[1].posts.insert("postman".into(), 1);
    network.outlets[2].quota = Some(30);
    report = run(&preset(), &network);
    assert!(report.is_feasible(), "{:#?}", report.findings);
    assert!(of(&report, "CHK-POST").is_empty());
}

#[test]
fn lunch_and_overlapping_windows_are_no_extra_time() {
    let mut d = preset();
    d.window[0].end = clock("15:00"); // swallows lunch and an hour of the afternoon
    let report = alone(&d);
    let Issue::WindowOverlap { minutes, .. } = &one(&report, "CHK-WINDOW-OVERLAP").issue else {
        panic!()
    };
    assert_eq!(*minutes, 60);
    assert_eq!(capacity::window_minutes(&d, &d.window[0]), 390 - 120);
    assert_eq!(capacity::window_minutes(&d, &d.window[2]), 90);
}

#[test]
fn a_campaign_without_collection_plans_is_refused() {
    let mut network = outlets(4);
    network.outlets[1].collection_plan = None;
    network.outlets[3].collection_plan = Some(0);
    let mut d = preset();
    let report = run(&d, &network);
    let Issue::PlanMissing { outlets, of } = &one(&report, "CHK-COLLECTION-PLAN").issue else {
        panic!()
    };
    assert_eq!((outlets.len(), *of), (2, 4));
    assert!(!report.is_feasible());
    network.outlets[3].collection_plan = None;
    d.collection.outlets.insert("35010002".into(), 2_000);
    d.collection.outlets.insert("35010004".into(), 2_000);
    assert!(run(&d, &network).is_feasible());
    d.collection.outlets.insert("35019999".into(), 2_000);
    assert_eq!(
        one(&run(&d, &network), "CHK-COLLECTION-OUTLET").severity,
        Severity::Error
    );
}

#[test]
fn households_on_the_list_are_compared_with_the_visits_asked_for() {
    let mut network = outlets(2);
    network.outlets[0].households = Some(1_000);
    let report = run(&preset(), &network);
    let Issue::HouseholdsFew {
        households,
        needed,
        outlets,
    } = &one(&report, "CHK-HOUSEHOLDS").issue
    else {
        panic!()
    };
    assert_eq!((*households, *needed, outlets.len()), (1_000, 123 * 20, 1));
    network.outlets[0].households = Some(123 * 20);
    assert!(of(&run(&preset(), &network), "CHK-HOUSEHOLDS").is_empty());
}

#[test]
fn plans_filed_after_the_start_and_unlawful_sources_are_flagged() {
    let mut d = preset();
    d.program.filing_due = Some(day("2016-10-05"));
    d.channel
        .iter_mut()
        .find(|c| c.id == "education_bureau")
        .unwrap()
        .enabled = true;
    let report = alone(&d);
    let filing = one(&report, "CHK-FILING");
    assert_eq!(
        filing.repairs,
        [Repair::FileBy {
            day: day("2016-09-30")
        }]
    );
    let Issue::FilingLate { days, .. } = &filing.issue else {
        panic!()
    };
    assert_eq!(*days, 5);
    let Issue::Channels { titles } = &one(&report, "CHK-CHANNEL").issue else {
        panic!()
    };
    assert_eq!(titles, &["县教育局"]);
    d.gift.may_read_deposits = true;
    d.ladder.two_person_approval = false;
    let report = alone(&d);
    let policy: Vec<&str> = of(&report, "CHK-POLICY")
        .iter()
        .map(|f| f.requirement)
        .collect();
    assert_eq!(policy, ["ERR-055", "ERR-009"]);
    let clean = alone(&preset());
    for code in ["CHK-FILING", "CHK-CHANNEL", "CHK-POLICY", "CHK-ID-AT-DOOR"] {
        assert!(of(&clean, code).is_empty(), "{code}");
    }
}

#[test]
fn a_repaired_campaign_has_neither_errors_nor_warnings() {
    let mut d = read(PRINTED);
    (d.phase[1].start, d.phase[1].end) = (day("2017-01-20"), day("2017-03-31"));
    d.phase[0].end = day("2017-01-19");
    d.program.slogan_customers = Some(12 * 20 * 123);
    d.team[2].windows = vec!["morning".into(), "afternoon".into(), "evening".into()];
    let report = run(&d, &outlets(12));
    assert_eq!(
        (
            report.count(Severity::Error),
            report.count(Severity::Warning)
        ),
        (0, 0),
        "{:#?}",
        report.findings
    );
    assert_eq!(report.capacity.len(), 12);
    assert!(d.quota.counting_outcomes.contains(&Outcome::Own));
}

#[test]
fn days_beyond_the_notices_are_told_of() {
    let mut d = preset();
    (d.program.start, d.program.end) = (day("2026-10-01"), day("2027-03-31"));
    let report = alone(&d);
    let Issue::CalendarUnknown { from, days, .. } = &one(&report, "CHK-CALENDAR").issue else {
        panic!()
    };
    assert_eq!((*from, *days), (day("2026-12-25"), 7 + 90));
}

/// Households of a day by trying every number of teams in every window.
fn brute_force(d: &Definition, people: &BTreeMap<String, u32>, kinds: &[VisitKind]) -> u64 {
    let mut sum = 0;
    for w in &d.window {
        let mut best = 0;
        for a in 0..=d.team[0].per_outlet {
            for b in 0..=d.team[1].per_outlet {
                for c in 0..=d.team[2].per_outlet {
                    let mut households = 0;
                    let mut used: BTreeMap<&str, u32> = BTreeMap::new();
                    for (team, count) in d.team.iter().zip([a, b, c]) {
                        let out = team.windows.contains(&w.id);
                        let first = team.kind == VisitKind::First;
                        let way = if team.id == "precise_far" {
                            2 * 1_170
                        } else {
                            0
                        }; // seconds: 5 km × 1.3 at 20 km/h
                        let each = 60 * (d.precise.visit_minutes + d.travel.stop_minutes);
                        let seconds = (w.minutes() * 60).saturating_sub(way);
                        let visits = match (out, first) {
                            (false, _) => 0,
                            (true, true) if kinds.contains(&VisitKind::First) => {
                                u64::from(d.preliminary.households_met)
                            }
                            (true, true) => 0,
                            (true, false) => walked(seconds, each),
                        };
                        households += visits * u64::from(count);
                        if visits > 0 {
                            for post in team.posts.iter().filter(|p| *p != "power_area_worker") {
                                *used.entry(post).or_default() += count;
                            }
                        }
                    }
                    if used
                        .iter()
                        .all(|(post, n)| people.get(*post).copied().unwrap_or(0) >= *n)
                    {
                        best = best.max(households);
                    }
                }
            }
        }
        sum += best;
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn capacity_equals_trying_every_way_to_send_out_teams(
        heads in 0u32..4, postmen in 0u32..4, tellers in 0u32..4, per in [1u32..4, 1u32..4, 1u32..4],
        visit in 4u32..30, stop in 0u32..5, met in 0u32..25,
    ) {
        let mut d = preset();
        d.precise.visit_minutes = visit;
        d.travel.stop_minutes = stop;
        d.preliminary.households_met = met;
        for (team, n) in d.team.iter_mut().zip(per) {
            team.per_outlet = n;
        }
        d.phase[1].kinds = vec![VisitKind::Precise];
        let mut network = outlets(1);
        network.outlets[0].posts = BTreeMap::from([("branch_head".to_owned(), heads), ("postman".to_owned(), postmen), ("teller".to_owned(), tellers)]);
        let posts = &network.outlets[0].posts;
        // Every other half-day is not for preliminary visits.
        let both = brute_force(&d, posts, &d.phase[0].kinds) + brute_force(&d, posts, &[VisitKind::Precise]);
        let expected = 81 * both / 2 + 42 * brute_force(&d, posts, &d.phase[1].kinds);
        prop_assert_eq!(run(&d, &network).capacity[0].total_possible, expected);
    }

    #[test]
    fn more_people_or_a_longer_evening_never_lowers_capacity(extra in 0u32..3, minutes in 0u32..120) {
        let total = |d: &Definition, n: &Network| run(d, n).capacity[0].total_possible;
        let (d, network) = (preset(), outlets(1));
        let before = total(&d, &network);
        let mut more = network.clone();
        more.outlets[0].posts.values_mut().for_each(|n| *n += extra);
        prop_assert!(total(&d, &more) >= before);
        let mut longer = d.clone();
        longer.window[2].end = Clock::from_seconds(20 * 3600 + minutes * 60).unwrap();
        prop_assert!(total(&longer, &network) >= before);
    }
}
