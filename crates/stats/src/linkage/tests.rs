//! What linkage decides about small sets of invented people.

use super::*;
use zf_base::identity::with_check_char;

fn person(
    name: &'static str,
    phone: &'static str,
    id_number: &'static str,
    address: &'static str,
) -> Record<'static> {
    Record {
        name,
        phone,
        id_number,
        address,
        ..Record::default()
    }
}

fn clusters(records: &[Record<'_>]) -> Vec<Vec<usize>> {
    link(records, &Settings::preset("person").unwrap()).clusters
}

fn id(digits: &str) -> &'static str {
    Box::leak(with_check_char(digits).into_boxed_str())
}

#[test]
fn both_presets_can_be_read() {
    for (name, fields) in [("person", 5), ("register", 10)] {
        let settings = Settings::preset(name).unwrap();
        assert_eq!(settings.fields.len(), fields);
        for spec in &settings.fields {
            for shares in [&spec.same, &spec.unrelated, &spec.household] {
                let sum: f64 = shares.values().sum();
                assert!(
                    shares.is_empty() || (0.9..1.1).contains(&sum),
                    "{name} {:?} {sum}",
                    spec.field
                );
            }
        }
    }
    assert!(Settings::preset("nobody").is_err());
}

#[test]
fn two_records_of_one_person_meet_and_strangers_do_not() {
    let a = person("王建国", "13812345678", "", "大河村3组12号");
    let same = person("王建國", "138 1234 5678", "", "青禾县桂花镇大河村三组12号");
    let other = person("李志强", "13987654321", "", "小溪村1组2号");
    assert_eq!(clusters(&[a, same, other]), [[0, 1]]);
    assert!(clusters(&[a, other]).is_empty());
    assert!(clusters(&[a]).is_empty());
    assert!(clusters(&[]).is_empty());
}

#[test]
fn twins_couples_and_namesakes_stay_apart() {
    let home = "桂花镇大河村3组12号";
    let twins = [
        person("王建国", "13812345678", id("29010119850312013"), home),
        person("王建军", "13812345678", id("29010119850312015"), home),
    ];
    assert!(clusters(&twins).is_empty());
    let couple = [
        person("王建国", "13812345678", "", home),
        person("李秀英", "13812345678", "", home),
    ];
    assert!(clusters(&couple).is_empty());
    let namesakes = [
        person("王伟", "13812345678", id("29010119850312013"), home),
        person(
            "王伟",
            "13900001234",
            id("29010119790101011"),
            "沙湾乡小溪村1组2号",
        ),
    ];
    assert!(clusters(&namesakes).is_empty());
    let only_a_name = [
        person("欧阳建国", "", "", ""),
        person("欧阳建国", "", "", ""),
    ];
    assert!(clusters(&only_a_name).is_empty());
}

#[test]
fn a_move_at_marriage_a_slip_and_a_mask_do_not_separate() {
    let bride = id("29010119900501124");
    let moved = [
        person("李秀英", "13812345678", bride, "大河村3组12号"),
        person("李秀英", "13900005555", bride, "沙湾乡小溪村1组2号"),
    ];
    assert_eq!(clusters(&moved), [[0, 1]]);
    let masked = [
        person("李秀英", "13812345678", bride, "大河村3组12号"),
        person("李秀英", "138****5678", "290***********1246", "大河村3组"),
    ];
    let tail = &bride[14..];
    let hidden: &'static str = Box::leak(format!("290***********{tail}").into_boxed_str());
    let masked = [
        masked[0],
        Record {
            id_number: hidden,
            ..masked[1]
        },
    ];
    assert_eq!(clusters(&masked), [[0, 1]]);
    let old = [
        person("王建国", "", "110105491231002", ""),
        person("王建国", "", "11010519491231002X", ""),
    ];
    assert_eq!(clusters(&old), [[0, 1]]);
}

#[test]
fn a_number_typed_under_another_name_alone_links_nothing() {
    let number = id("29010119850312013");
    let slip = [
        person("王建国", "13812345678", number, "大河村3组12号"),
        person("李秀英", "13900005555", number, "沙湾乡小溪村1组2号"),
    ];
    assert!(clusters(&slip).is_empty());
    // One character of the name, or anything else that agrees, is enough.
    let slip_of_the_pen = [
        slip[0],
        person("王建军", "13900005555", number, "沙湾乡小溪村1组2号"),
    ];
    let renamed = [
        slip[0],
        person("李秀英", "13812345678", number, "沙湾乡小溪村1组2号"),
    ];
    assert_eq!(clusters(&slip_of_the_pen), [[0, 1]]);
    assert_eq!(clusters(&renamed), [[0, 1]]);
}

#[test]
fn a_number_under_many_names_counts_as_missing() {
    let number = id("29010119850312013");
    let names = [
        "王建国",
        "李秀英",
        "张伟",
        "刘芳",
        "陈志强",
        "杨丽",
        "赵军",
        "黄敏",
        "周静",
    ];
    let all: Vec<Record<'_>> = names
        .iter()
        .map(|name| person(name, "13812345678", number, "大河村"))
        .collect();
    assert!(clusters(&all).is_empty());
    // A person who is there nine times under one name is one person.
    let copies: Vec<Record<'_>> = (0..9).map(|_| all[0]).collect();
    assert_eq!(clusters(&copies), [(0..9).collect::<Vec<_>>()]);
}

#[test]
fn records_of_one_person_are_looked_at_whatever_is_hidden_or_typed_wrong() {
    let number = id("29010119850312013");
    let shown = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let ends = shown(format!("290***********{}", &number[14..]));
    let no_tail = shown(format!("{}****", &number[..14]));
    let home = "桂花镇大河村3组12号";
    let first = person("王建国", "13812345678", number, home);
    for other in [
        person("王志国", "138****5678", "", ""),
        person("汪致远", "138****5678", ends, ""),
        person("*建国", "1381234****", ends, "石桥镇大河村"),
        person("*建国", "", no_tail, "石桥镇大河村"),
        person("玉建国", "", "", home),
    ] {
        let mut linker = Linker::new(Settings::preset("person").unwrap());
        linker.push(&first.values());
        linker.push(&other.values());
        assert_eq!(
            linker.finish().candidates,
            1,
            "{} {}",
            other.name,
            other.address
        );
    }
}

#[test]
fn one_row_copied_thousands_of_times_is_told_once_a_row() {
    let row = person(
        "王建国",
        "13812345678",
        id("29010119850312013"),
        "大河村3组12号",
    );
    let linked = |n: usize| {
        let mut linker = Linker::new(Settings::preset("person").unwrap());
        (0..n).for_each(|_| linker.push(&row.values()));
        linker.finish().collect()
    };
    assert_eq!(linked(1_000).pairs.len(), 1_000 * 999 / 2);
    let many = linked(1_001);
    assert_eq!(many.clusters[0].len(), 1_001);
    assert_eq!(many.pairs.len(), 1_000);
    assert!(many.pairs.iter().all(|p| p.a == 0));
}

#[test]
fn two_names_at_one_phone_and_door_are_a_household_and_not_a_person() {
    let home = "禾丰县沙湾镇新岩村2组99号";
    let husband = person("吴凯", "13812345678", "", home);
    let wife = person("张玲诗", "13812345678", "", home);
    let son = person("吴玉书", "13812345678", "", home);
    // Alone and among many couples from whom the weights are learnt.
    assert!(clusters(&[husband, wife, son]).is_empty());
    let shown = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let mut all = Vec::new();
    for n in 0..400 {
        let phone = shown(format!("138{n:08}"));
        let home = shown(format!("禾丰县沙湾镇新岩村{}组{}号", n % 9 + 1, n + 1));
        all.extend([
            person("吴凯", phone, "", home),
            person("张玲诗", phone, "", home),
        ]);
    }
    let wrong = |c: &Vec<usize>| c.iter().any(|i| all[*i].name != all[c[0]].name);
    assert!(!clusters(&all).iter().any(wrong));
}
