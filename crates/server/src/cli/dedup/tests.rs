//! What goes in and out of `zoufang dedup`.

use super::*;

fn run_on(input: &str) -> Result<Vec<serde_json::Value>> {
    let mut out = Vec::new();
    dedup(input.as_bytes(), &mut out)?;
    let text = String::from_utf8(out).unwrap();
    Ok(text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect())
}

fn faults(input: &str) -> Vec<String> {
    let mut out = Vec::new();
    let refused = dedup(input.as_bytes(), &mut out);
    assert!(out.is_empty(), "output in spite of errors");
    match refused {
        Err(CliError::Input(lines)) => lines,
        other => panic!("expected refusals, got {:?}", other.err()),
    }
}

const PEOPLE: &str = r#"{"id":"a","name":"王建国","phone":"13812345678","id_number":"11010519491231002X","address":"桂花镇大河村3组12号"}
{"id":"b","name":"王建囯","phone":"138****5678","id_number":"110105491231002","address":"大河村三组12号"}
{"id":"c","name":"李秀英","phone":"13812345678","id_number":null,"address":"桂花镇大河村3组12号"}
{"id":7,"name":"王建国","phone":13812345678,"id_number":["?"],"address":"青禾县桂花镇大河村3组12号"}
"#;

#[test]
fn every_pair_of_a_person_is_printed_with_reasons_and_nobody_else() {
    let found = run_on(PEOPLE).unwrap();
    let pairs: Vec<(String, String)> = found
        .iter()
        .map(|p| (p["a"].to_string(), p["b"].to_string()))
        .collect();
    let expect = [("\"a\"", "\"b\""), ("\"a\"", "7"), ("\"b\"", "7")];
    assert_eq!(pairs, expect.map(|(a, b)| (a.to_owned(), b.to_owned())));
    for pair in &found {
        let score = pair["score"].as_f64().unwrap();
        assert!((0.5..=1.0).contains(&score), "{pair}");
    }
    let reasons = found[0]["reasons"].to_string();
    assert!(reasons.contains("同一证件号"), "{reasons}");
    for value in ["13812345678", "王建国", "大河村", "1949"] {
        assert!(!reasons.contains(value), "{reasons}");
    }
}

#[test]
fn wrong_rows_are_named_and_nothing_is_printed() {
    let wrong =
        format!("{PEOPLE}\nnot json\n{{\"id\":\"a\"}}\n{{\"name\":\"x\"}}\n[1]\n{{\"id\":\"z\",\n");
    let lines = faults(&wrong);
    let rows: Vec<&str> = lines.iter().map(|l| l.split(' ').nth(1).unwrap()).collect();
    assert_eq!(rows, ["6", "7", "8", "9", "10"], "{lines:?}");
    assert!(lines[1].contains("第 1 行"), "{lines:?}");
    let table = faults(&"1,张伟,13812345678\n".repeat(5_000));
    assert_eq!(table.len(), 101);
    assert!(table[99].starts_with("第 100 行"), "{}", table[99]);
    assert!(table[100].contains("没有再往下读"), "{}", table[100]);
    let mut out = Vec::new();
    assert!(dedup(&b"{\"id\":\"\xFF\"}\n"[..], &mut out).is_err());
}

#[test]
fn a_broken_phone_or_number_is_missing_and_no_error() {
    let input = r#"{"id":"1","name":"欧阳建国","phone":"abc","id_number":"12","address":"大河村3组12号"}
{"id":"2","name":"欧阳建国","phone":{"x":1},"id_number":true,"address":"大河村3组12号"}
{"id":"3"}"#;
    let found = run_on(input).unwrap();
    assert_eq!(found.len(), 1);
    let reasons = found[0]["reasons"].to_string();
    assert!(
        reasons.starts_with(r#"["姓名相同","地址相同""#),
        "{reasons}"
    );
    assert!(!reasons.contains("证件"), "{reasons}");
    assert!(run_on("").unwrap().is_empty());
    assert!(run_on("\u{FEFF}\n\n").unwrap().is_empty());
}

#[test]
fn f1_is_right_for_a_case_counted_by_hand() {
    let row = |person| LinkageRow {
        id: String::new(),
        name: String::new(),
        phone: String::new(),
        id_number: String::new(),
        address: String::new(),
        person,
    };
    let rows = [row(1), row(1), row(1), row(2), row(2)];
    // Truth: 3 + 1 pairs. Found: 0-1 right, 2-3 wrong: P 1/2, R 1/4, F1 1/3.
    let found = f1(&rows, &[vec![0, 1], vec![2, 3]]);
    assert!((found - 1.0 / 3.0).abs() < 1e-9, "{found}");
}

fn benchmark(records: usize, noise: Noise) -> Vec<LinkageRow> {
    zf_demo::linkage(&LinkageSpec {
        records,
        seed: 3,
        noise,
    })
}

#[test]
fn the_hard_benchmark_is_linked_and_joining_on_equal_values_is_not_enough() {
    let rows = benchmark(20_000, Noise::default());
    let found = f1(&rows, &linked(&rows).unwrap());
    assert!(found >= 0.98, "{found}");
    // The control: the same measure tells a bad answer from a good one.
    let joined = f1(&rows, &exact_join(&rows));
    assert!(joined < 0.9, "{joined}");
}

/// The thresholds mean something: the same linker over the same records falls
/// far below them when only its weights are broken.
#[test]
fn broken_weights_fall_below_the_thresholds_and_whole_ones_do_not() {
    let rows = benchmark(20_000, Noise::default());
    let found = |how| f1(&rows, &linked_with(&rows, untrained(how).unwrap()));
    let (whole, shuffled, inverted) = (
        found(Weights::AsTheyAre),
        found(Weights::Shuffled),
        found(Weights::Inverted),
    );
    // Only the weights differ between the three, so they make the difference.
    assert!(whole >= 0.97, "{whole}");
    assert!(shuffled < 0.85, "{shuffled}");
    assert!(inverted < 0.2, "{inverted}");
}

#[test]
fn where_everybody_is_there_once_hardly_anybody_is_linked() {
    for records in [2, 10, 50, 500, 20_000] {
        let rows = benchmark(records, Noise::without_copies());
        let clusters = linked(&rows).unwrap().len();
        assert!(clusters <= records / 10_000, "{clusters} of {records}");
    }
}

#[test]
fn gaps_cost_recall_and_not_precision() {
    let id_missing = Noise {
        id_missing: 0.6,
        ..Noise::default()
    };
    let phone_missing = Noise {
        phone_missing: 0.4,
        ..Noise::default()
    };
    for (noise, least) in [(id_missing, 0.94), (phone_missing, 0.97)] {
        let rows = benchmark(20_000, noise);
        let clusters = linked(&rows).unwrap();
        let wrong = clusters
            .iter()
            .filter(|c| c.iter().any(|i| rows[*i].person != rows[c[0]].person))
            .count();
        assert!(
            wrong * 100 <= clusters.len(),
            "{wrong} of {}",
            clusters.len()
        );
        let found = f1(&rows, &clusters);
        assert!(found >= least, "{found}");
    }
}
