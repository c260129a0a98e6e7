//! Forms as Excel workbooks: there and back through a real `.xlsx`, genuine XLSForm
//! as far as it is supported, and everything else named by row and column.

#![allow(clippy::unwrap_used)]

#[path = "support/random.rs"]
mod random;

use proptest::prelude::*;
use zf_forms::workbook::{
    Finding, Grid, Workbook, from_workbook, is_header, sheet_names, to_sheets,
};
use zf_forms::{Choice, FieldType, Form, Label};
use zf_office::{BookMeta, Fonts, Limits, TextSheet, read_text_sheet, write_text_sheets};

fn xlsx(form: &Form) -> Vec<u8> {
    let sheets: Vec<TextSheet> = to_sheets(form)
        .into_iter()
        .map(|s| TextSheet {
            name: s.name,
            headers: s.headers,
            rows: s.rows.into_iter().map(|row| (0, row)).collect(),
        })
        .collect();
    let meta = BookMeta {
        title: form.id.clone(),
        author: "走访".to_owned(),
        created: "2026-11-21T08:00:00Z".parse().unwrap(),
    };
    let fonts = Fonts {
        title: "SimHei".to_owned(),
        body: "SimSun".to_owned(),
    };
    write_text_sheets(meta, fonts, "{page}", &sheets).unwrap()
}

fn read(bytes: &[u8]) -> Workbook {
    let [questions, options, form] = sheet_names().map(|names| {
        read_text_sheet(bytes, names, Limits::default(), &is_header)
            .unwrap()
            .map(|s| Grid {
                name: s.name,
                headers: s.headers,
                rows: s.rows,
            })
    });
    Workbook {
        questions,
        options,
        form,
    }
}

fn delivered() -> Vec<Form> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../packs/household-visit/forms"
    );
    let mut forms: Vec<Form> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| Form::from_json(&std::fs::read(f.unwrap().path()).unwrap()).unwrap())
        .collect();
    forms.sort_by(|a, b| a.id.cmp(&b.id));
    assert!(forms.len() >= 2);
    forms
}

#[test]
fn delivered_forms_come_back_from_excel_as_they_went() {
    for form in delivered() {
        let (back, found) = from_workbook(&read(&xlsx(&form)), "other", 9);
        assert_eq!(found, [], "{}", form.id);
        assert_eq!(back, form);
    }
}

#[test]
fn random_forms_with_groups_rows_rules_and_points_come_back_from_excel() {
    for seed in 0..40 {
        let form = random::form(&mut random::Dice::new(seed));
        let (back, found) = from_workbook(&read(&xlsx(&form)), "other", 9);
        assert_eq!(found, [], "seed {seed}");
        assert_eq!(back, form, "seed {seed}");
    }
}

fn grid(name: &str, headers: &[&str], rows: &[&[&str]]) -> Option<Grid> {
    Some(Grid {
        name: name.to_owned(),
        headers: headers.iter().map(|h| (*h).to_owned()).collect(),
        rows: rows
            .iter()
            .enumerate()
            .map(|(i, row)| (i as u64 + 2, row.iter().map(|c| (*c).to_owned()).collect()))
            .collect(),
    })
}

const SURVEY: [&str; 9] = [
    "type",
    "name",
    "label",
    "hint",
    "required",
    "relevant",
    "constraint",
    "constraint_message",
    "calculation",
];

/// The questions of a form as XLSForm users write them.
const QUESTIONS: [[&str; 9]; 9] = [
    [
        "select_one met",
        "outcome",
        "Who was met?",
        "",
        "yes",
        "",
        "",
        "",
        "",
    ],
    [
        "select_multiple needs",
        "needs",
        "Needs",
        "ask",
        "",
        "${outcome} = 'self' or ${outcome} = 'family'",
        "",
        "",
        "",
    ],
    [
        "integer",
        "amount",
        "Amount",
        "",
        "",
        "selected(${needs}, 'loan')",
        ". > 0 and . <= 300000",
        "at most 300,000",
        "",
    ],
    ["begin_repeat", "members", "Members", "", "", "", "", "", ""],
    [
        "text",
        "who",
        "Name",
        "",
        "true()",
        "",
        "regex(., '^[A-Z][a-z]+$')",
        "",
        "",
    ],
    ["date", "birth", "Birth", "", "", "", ". <= today()", "", ""],
    ["end_repeat", "members", "", "", "", "", "", "", ""],
    [
        "calculate",
        "many",
        "",
        "",
        "",
        "",
        "",
        "",
        "if(count-selected(${needs}) > 1, 'many', 'few')",
    ],
    [
        "image",
        "pic",
        "Photo",
        "",
        "",
        "not(${many} = 'few')",
        "",
        "",
        "",
    ],
];

/// A form as XLSForm users write it.
fn genuine() -> Workbook {
    Workbook {
        questions: grid("survey", &SURVEY, &QUESTIONS.each_ref().map(|row| &row[..])),
        options: grid(
            "choices",
            &["list_name", "name", "label"],
            &[
                &["met", "self", "Self"],
                &["met", "family", "Family"],
                &["needs", "loan", "Loan"],
                &["needs", "deposit", ""],
            ],
        ),
        form: grid(
            "settings",
            &["form_title", "form_id", "version"],
            &[&["Visit", "visit", "3"]],
        ),
    }
}

#[test]
fn a_genuine_xlsform_is_read_with_its_rules_translated() {
    let (form, found) = from_workbook(&genuine(), "x", 1);
    assert_eq!(found, []);
    assert_eq!((form.id.as_str(), form.version), ("visit", 3));
    assert_eq!(form.title, Some(Label::Plain("Visit".to_owned())));
    let f = |i: usize| &form.fields[i];
    assert_eq!(f(0).required.as_ref().unwrap().0, "true");
    assert_eq!(
        f(1).relevant.as_ref().unwrap().0,
        "((answered(outcome) && outcome == 'self') || (answered(outcome) && outcome == 'family'))"
    );
    assert_eq!(f(1).options[1], Choice::Plain("deposit".to_owned()));
    assert_eq!(
        f(2).relevant.as_ref().unwrap().0,
        "(answered(needs) && 'loan' in needs)"
    );
    assert_eq!(
        f(2).constraint.as_ref().unwrap().0,
        "(amount > 0 && amount <= 300000)"
    );
    assert_eq!(f(3).kind, FieldType::Repeat);
    assert_eq!(
        f(3).fields[0].constraint.as_ref().unwrap().0,
        "who.matches('^[A-Z][a-z]+$')"
    );
    assert_eq!(
        f(4).kind,
        FieldType::Text,
        "the type of a calculation is found out"
    );
    assert_eq!(f(5).kind, FieldType::Photo);
    assert_eq!(form.check(), []);
}

/// Where a change to the genuine form must be reported.
fn reported(change: impl Fn(&mut Workbook)) -> Vec<(u64, String)> {
    let mut book = genuine();
    change(&mut book);
    let (_, found) = from_workbook(&book, "x", 1);
    found.into_iter().map(|f| (f.row, f.column)).collect()
}

fn cell(book: &mut Workbook, row: usize, column: usize) -> &mut String {
    &mut book.questions.as_mut().unwrap().rows[row].1[column]
}

#[test]
fn whatever_is_not_understood_is_named_by_row_and_column() {
    let at = |row: u64, column: &str| vec![(row, column.to_owned())];
    let with = |row: usize, column: usize, text: &'static str| {
        reported(move |book| *cell(book, row, column) = text.to_owned())
    };
    assert_eq!(with(4, 6, "pulldata('x', 'y') = 1"), at(6, "限制"));
    assert_eq!(with(5, 6, "${nobody} > 1"), at(7, "限制"));
    assert_eq!(
        with(5, 5, "'x'"),
        at(7, "什么时候显示"),
        "found by the check"
    );
    assert_eq!(with(8, 0, "barcode"), at(10, "题型"));
    assert_eq!(
        with(8, 0, "select_one met or_other")[0],
        (10, "题型".to_owned())
    );
    assert_eq!(with(8, 0, "select_one nothing")[0], (10, "题型".to_owned()));
    assert_eq!(with(8, 0, "select_one")[0], (10, "题型".to_owned()));
    assert_eq!(with(6, 0, "end_group")[0], (8, "题型".to_owned()));
    assert_eq!(with(6, 2, "label on an end row"), at(8, "label"));
    assert_eq!(with(8, 0, ""), at(10, "题型"));
    let unknown_column = reported(|book| {
        let grid = book.questions.as_mut().unwrap();
        grid.headers.push("appearance".to_owned());
        grid.rows[2].1.push("minimal".to_owned());
    });
    assert_eq!(unknown_column, at(4, "appearance"));
    let second_label = reported(|book| {
        let grid = book.questions.as_mut().unwrap();
        grid.headers.push("题目".to_owned());
        grid.rows[2].1.push("金额".to_owned());
    });
    assert_eq!(second_label, at(4, "题目"));
    let unused = reported(|book| {
        let rows = &mut book.options.as_mut().unwrap().rows;
        rows.push((9, vec!["spare".into(), "x".into(), "X".into()]));
    });
    assert_eq!(unused, at(9, "名单"));
    let version = reported(|book| book.form.as_mut().unwrap().rows[0].1[2] = "v3".to_owned());
    assert_eq!(version, at(2, "版本"));
    assert_eq!(
        reported(|book| book.options = None).len(),
        2 + 2,
        "both questions, and their check"
    );
    let nothing = from_workbook(&Workbook::default(), "x", 1).1;
    assert_eq!(nothing.len(), 1);
}

#[test]
fn our_headers_in_chinese_are_read_with_points_and_english() {
    let book = Workbook {
        questions: grid(
            "题目",
            &[
                "题型",
                "名称",
                "题目",
                "题目（英文）",
                "必填",
                "什么时候显示",
                "限制",
                "提示",
                "计算",
                "分值",
            ],
            &[
                &[
                    "单选 met",
                    "outcome",
                    "见面情况",
                    "Met",
                    "是",
                    "",
                    "",
                    "看看",
                    "",
                    "",
                ],
                &[
                    "整数",
                    "n",
                    "人数",
                    "",
                    "answered(outcome)",
                    "answered(outcome) && outcome == 'self'",
                    "n > 0",
                    "",
                    "",
                    "n > 3 ? 2 : 1",
                ],
                &["结束分组", "", "", "", "", "", "", "", "", ""],
            ],
        ),
        options: grid(
            "选项",
            &["名单", "名称", "显示", "分值"],
            &[
                &["met", "self", "本人", "5"],
                &["met", "absent", "不在", "零"],
            ],
        ),
        form: None,
    };
    let (form, found) = from_workbook(&book, "visit", 4);
    let places: Vec<(&str, u64, &str)> = found
        .iter()
        .map(|f: &Finding| (f.sheet.as_str(), f.row, f.column.as_str()))
        .collect();
    assert_eq!(places, [("选项", 3, "分值"), ("题目", 4, "题型")]);
    assert_eq!((form.id.as_str(), form.version), ("visit", 4));
    assert_eq!(form.fields[0].options[0].score(), Some(5));
    assert_eq!(form.fields[0].label.as_ref().unwrap().en(), Some("Met"));
    assert_eq!(form.fields[1].score.as_ref().unwrap().0, "n > 3 ? 2 : 1");
}

fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        2 => "[a-z]{1,3}",
        1 => any::<String>(),
        4 => prop::sample::select(vec![
            "select_one a", "select_multiple a", "单选 b", "整数", "text", "begin_group", "开始多行",
            "end_group", "结束多行", "calculate", "yes", "${a} = 'x'", "selected(${a}, 'x')", ".", "(",
            "if(${a}, 1", "${", "'", "true()", "today()", "a > 1", "not(", "count-selected(.)", "9e9",
        ]).prop_map(str::to_owned),
    ]
}

fn any_grid(headers: Vec<&'static str>) -> impl Strategy<Value = Option<Grid>> {
    let rows = prop::collection::vec(prop::collection::vec(any_cell(), 0..12), 0..8);
    rows.prop_map(move |rows| {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        let rows = rows.into_iter().enumerate().map(|(i, r)| (i as u64 + 2, r));
        Some(Grid {
            name: "x".to_owned(),
            headers,
            rows: rows.collect(),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_workbook_makes_the_reader_fall_over(
        questions in any_grid(SURVEY.to_vec()),
        options in any_grid(vec!["list_name", "name", "label", "分值"]),
        form in any_grid(vec!["form_id", "version", "form_title"]),
    ) {
        let (form, found) = from_workbook(&Workbook { questions, options, form }, "x", 1);
        // Without findings it is a form that may be published.
        if found.is_empty() {
            prop_assert_eq!(form.check(), []);
        }
    }
}
