//! Ranking households from typed-in members.

use super::Reason;
use super::groups::{Groups, Known};
use super::rank::{Draft, Home, Member, rank};
use crate::definition::{Aliases, Definition};
use crate::week_plan::tuning::Tuning;
use std::collections::BTreeMap;
use zf_base::geo::{Point, haversine_m};
use zf_base::{CustomerId, Day, HouseholdId, Uuid, VillageGroupId};
use zf_forms::pack::MustVisit;
use zf_kernel::pack::Packs;
use zf_network::place::{Ladder, Precision};
use zf_network::village_group::VillageGroup;

fn definition() -> Definition {
    let text = include_str!("../../../../packs/household-visit/program.toml");
    Definition::parse(text, &Aliases::default()).unwrap_or_else(|e| panic!("{e:#?}"))
}

fn groups() -> Groups {
    let mut all = MustVisit::default();
    for pack in Packs::embedded().unwrap().iter() {
        all.variables.extend(pack.must_visit.variables.clone());
        all.groups.extend(pack.must_visit.groups.iter().cloned());
    }
    // Ten of CUS-001, and heavy electricity users beside them (CUS-012).
    assert_eq!(all.groups.iter().filter(|g| !g.extra).count(), 10);
    Groups::new(&all, &definition()).unwrap()
}

const TODAY: &str = "2016-10-10";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn member(id: u128, household: u128, known: Known) -> Member {
    Member {
        id: CustomerId(Uuid::from_u128(id)),
        household: HouseholdId(Uuid::from_u128(household)),
        village_group: None,
        known,
        four_fields: true,
        missing: 0,
        place: None,
        do_not_visit: false,
        person_only: false,
    }
}

fn tagged(tag: &str) -> Known {
    Known {
        tags: vec![tag.to_owned()],
        ..Known::default()
    }
}

fn ladder(outlet: Option<Point>, groups: &[VillageGroup]) -> Ladder {
    let tuning = zf_network::place::service::tuning().unwrap();
    Ladder::of(tuning, outlet, &[], groups, &[])
}

fn ranked(members: &[Member]) -> Vec<Draft> {
    let tuning = Tuning::of(&definition()).unwrap();
    rank(
        &groups(),
        &tuning,
        day(TODAY),
        members,
        &BTreeMap::new(),
        &ladder(None, &[]),
    )
}

fn codes(known: &Known) -> Vec<String> {
    let groups = groups();
    groups
        .of(known, day(TODAY))
        .into_iter()
        .map(|(code, _)| code.to_owned())
        .collect()
}

#[test]
fn a_group_is_found_by_code_tag_or_name_as_bank_files_write_it() {
    for tag in ["grower", "B03", "种养植户"] {
        assert_eq!(codes(&tagged(tag)), ["grower"], "{tag}");
    }
    // Shortened names: the pack says 个体经商户、小商超 and 网点万元以上及即将到期客户.
    assert_eq!(codes(&tagged("个体经商户")), ["trader"]);
    assert_eq!(codes(&tagged("万元以上及即将到期客户")), ["deposit"]);
    // A finer kind counts as its group (CUS-007).
    assert_eq!(codes(&tagged("外出务工")), ["away"]);
    assert!(codes(&tagged("老乡")).is_empty());
}

#[test]
fn each_of_the_ten_must_visit_groups_is_found_by_its_tag() {
    // The ten of the source in its order (CUS-002…011), and the three kinds of
    // people who are away (CUS-007).
    let ten = [
        ("B01", "affluent"),
        ("B02", "cadre"),
        ("B03", "grower"),
        ("B04", "trader"),
        ("B05", "transport"),
        ("B06", "away"),
        ("B07", "service_station"),
        ("B08", "deposit"),
        ("B09", "insurance"),
        ("B10", "rival"),
    ];
    for (tag, group) in ten {
        assert_eq!(codes(&tagged(tag)), [group], "{tag}");
    }
    for kind in ["外出务工", "外出经商", "外出求学"] {
        assert_eq!(codes(&tagged(kind)), ["away"], "{kind}");
    }
}

#[test]
fn an_occupation_puts_a_customer_into_the_group_it_names() {
    let works_as = |job: &str| Known {
        occupation: Some(job.to_owned()),
        ..Known::default()
    };
    for (job, group) in [
        ("村干部", "cadre"),
        ("水稻种植", "grower"),
        ("养殖户", "grower"),
        ("小超市业主", "trader"),
        ("货物运输", "transport"),
    ] {
        assert_eq!(codes(&works_as(job)), [group], "{job}");
    }
    assert!(codes(&works_as("教师")).is_empty());
}

#[test]
fn ten_thousand_yuan_or_a_maturity_within_thirty_days_makes_a_deposit_customer() {
    let band = |text: &str| Known {
        balance_band: Some(text.to_owned()),
        ..Known::default()
    };
    assert_eq!(codes(&band("1万–5万")), ["deposit"]);
    assert!(codes(&band("1万以下")).is_empty());
    let due = |text: &str| Known {
        deposit_due_day: Some(day(text)),
        ..Known::default()
    };
    // 30 days after 10 October is 9 November.
    assert_eq!(codes(&due("2016-11-09")), ["deposit"]);
    assert!(codes(&due("2016-11-10")).is_empty());
    assert!(codes(&due("2016-10-09")).is_empty());
}

#[test]
fn one_household_is_one_target_led_by_the_member_with_most_points() {
    // grower 60, insurance group 85; base 5.
    let insured = Known {
        insurance_due_day: Some(day("2016-10-10")),
        ..Known::default()
    };
    let drafts = ranked(&[
        member(1, 1, tagged("B03")),
        member(2, 1, insured),
        member(3, 2, Known::default()),
    ]);
    assert_eq!(drafts.len(), 2);
    let first = &drafts[0];
    assert_eq!(first.lead, CustomerId(Uuid::from_u128(2)));
    assert_eq!(first.members, 2);
    // 5 base + 85 group + 30 because it is due today.
    assert_eq!(first.priority, 120);
    assert_eq!(first.due_day, Some(day("2016-10-10")));
    let group = |code: &str| Reason::MustVisit {
        group: code.to_owned(),
    };
    assert_eq!(
        first.reasons,
        [
            Reason::Insurance {
                day: day("2016-10-10")
            },
            group("grower"),
            group("insurance")
        ]
    );
    assert_eq!((drafts[1].priority, drafts[1].reasons.len()), (5, 0));
}

#[test]
fn missing_fields_add_points_and_a_reason() {
    let mut one = member(1, 1, Known::default());
    (one.missing, one.four_fields) = (2, false);
    let draft = &ranked(&[one])[0];
    // 5 base + 2 × 6.
    assert_eq!(draft.priority, 17);
    assert_eq!(draft.reasons, [Reason::Missing { fields: 2 }]);
    assert!(!draft.four_fields);
}

#[test]
fn the_nearer_a_maturity_the_more_points() {
    let due = |text: &str| {
        let known = Known {
            deposit_due_day: Some(day(text)),
            ..Known::default()
        };
        ranked(&[member(1, 1, known)])[0].priority
    };
    // 5 base + 90 group + 30 × (30 - days) / 30.
    assert_eq!(due("2016-10-10"), 125);
    assert_eq!(due("2016-10-20"), 115);
    assert_eq!(due("2016-11-09"), 95);
}

#[test]
fn a_household_that_does_not_want_visits_is_left_out() {
    let mut no = member(1, 1, tagged("B03"));
    no.do_not_visit = true;
    assert!(ranked(&[no, member(2, 1, tagged("B08"))]).is_empty());
}

#[test]
fn the_place_is_the_door_then_the_village_group_then_around_the_outlet() {
    let group = VillageGroupId(Uuid::from_u128(9));
    let (door, centre) = (
        Point::new(39.1, 83.1).unwrap(),
        Point::new(39.2, 83.2).unwrap(),
    );
    let placed = VillageGroup {
        id: group,
        code: "1".to_owned(),
        township: "河坝镇".to_owned(),
        village: "大河村".to_owned(),
        name: "一组".to_owned(),
        mail_route: None,
        place: Some(centre),
        datum: None,
    };
    let ladder = ladder(Some(centre), &[placed]);
    let home = Home {
        village_group: Some(group),
        place: Some(door),
        named: None,
    };
    let homes = BTreeMap::from([(HouseholdId(Uuid::from_u128(1)), home)]);
    let in_group = Member {
        village_group: Some(group),
        ..member(2, 2, Known::default())
    };
    let members = [
        member(1, 1, Known::default()),
        in_group,
        member(3, 3, Known::default()),
    ];
    let tuning = Tuning::of(&definition()).unwrap();
    let drafts = rank(&groups(), &tuning, day(TODAY), &members, &homes, &ladder);
    let seen: Vec<_> = drafts
        .iter()
        .map(|d| (d.precision, d.approximate))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(Precision::Household), false),
            (Some(Precision::VillageGroup), true),
            (Some(Precision::Outlet), true)
        ]
    );
    assert_eq!(
        (drafts[0].place, drafts[1].place),
        (Some(door), Some(centre))
    );
    let around = haversine_m(drafts[2].place.unwrap(), centre).0;
    assert!((around - 1_500.0).abs() < 10.0, "{around}");
    assert_eq!(drafts[0].village_group, Some(group));
}
