//! Written workbooks, read back with another library and as raw parts.

#![allow(clippy::unwrap_used)]

mod common;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use common::{part, sample};
use std::io::Cursor;
use zf_office::list::{CellKind, CellValue, TableColumn, TableSheet};
use zf_office::{
    WriteError, write_csv, write_error_book, write_table, write_template, write_week_plan,
};

fn sheets(bytes: &[u8]) -> Vec<(String, calamine::Range<Data>)> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    book.worksheets()
}

fn texts(range: &calamine::Range<Data>, row: usize) -> Vec<String> {
    range
        .rows()
        .nth(row)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_week_workbook_has_an_overview_and_a_sheet_for_every_day() {
    let bytes = write_week_plan(&sample::week_plan(12)).unwrap();
    let sheets = sheets(&bytes);
    let names: Vec<&str> = sheets.iter().map(|s| s.0.as_str()).collect();
    assert_eq!(
        names,
        [
            "本周总览",
            "10-10 周一",
            "10-11 周二",
            "10-12 周三",
            "10-13 周四",
            "10-14 周五"
        ]
    );
    let day = &sheets[1].1;
    assert_eq!(texts(day, 0)[0], "青石镇网点走访计划表");
    assert_eq!(texts(day, 3)[0], "人手或时间不够");
    assert_eq!(
        texts(day, 7),
        ["序号", "村组", "时间", "户主", "走访理由", "备注", "签字"]
    );
    assert_eq!(
        texts(day, 8)[0],
        "第一组：王支局长、李柜员　5 公里以内　18:30–20:00"
    );
    assert_eq!(
        texts(day, 9),
        [
            "1",
            "桥头村第2村民小组",
            "18:34",
            "欧阳小明",
            "必访群体：外出务工返乡户，2 万元定期 10 月 15 日到期，上次不在家",
            "",
            ""
        ]
    );
}

#[test]
fn a_day_prints_on_a4_one_page_wide_and_a_team_that_would_be_cut_starts_a_page() {
    let bytes = write_week_plan(&sample::week_plan(12)).unwrap();
    let day = part(&bytes, "xl/worksheets/sheet2.xml");
    assert!(
        day.contains(r#"<pageSetup paperSize="9" fitToHeight="0" orientation="portrait""#),
        "{}",
        &day[day.len() - 900..]
    );
    assert!(day.contains("<pageSetUpPr fitToPage=\"1\"/>"));
    // Heading row 9, 12 visits: the second team starts at row 22, so the break is after row 21.
    assert!(day.contains(r#"<rowBreaks count="1" manualBreakCount="1"><brk id="21""#));
    assert!(day.contains("第 &amp;P 页，共 &amp;N 页"));
    let book = part(&bytes, "xl/workbook.xml");
    assert!(book.contains("'10-10 周一'!$8:$8"), "{book}");
    assert!(book.contains("'10-10 周一'!$A$1:$G$"), "{book}");
}

#[test]
fn a_day_whose_teams_fit_on_one_page_is_one_sheet_of_paper() {
    let bytes = write_week_plan(&sample::week_plan(4)).unwrap();
    let day = part(&bytes, "xl/worksheets/sheet2.xml");
    assert!(day.contains("<row "), "the day has rows");
    assert!(
        !day.contains("<rowBreaks"),
        "no page break between short teams"
    );
}

/// Sum of the column widths of a sheet in pixels (7 px a character, 5 px padding).
fn columns_px(sheet: &str) -> f64 {
    let cols = &sheet[sheet.find("<cols>").unwrap()..sheet.find("</cols>").unwrap()];
    let number = |col: &str, name: &str| -> f64 {
        let from = col.find(name).unwrap() + name.len() + 2;
        col[from..].split('"').next().unwrap().parse().unwrap()
    };
    cols.split("<col ")
        .skip(1)
        .map(|col| {
            (number(col, "max") - number(col, "min") + 1.0) * (number(col, " width") * 7.0).round()
        })
        .sum()
}

#[test]
fn columns_fill_the_page_without_running_over_it_whatever_the_texts() {
    // A4 less 10 mm at both sides, in pixels of 1/96 inch.
    let (portrait, landscape) = ((210.0 - 20.0) / 25.4 * 96.0, (297.0 - 20.0) / 25.4 * 96.0);
    let mut book = sample::week_plan(6);
    book.days.truncate(3);
    for visit in book.days[1].teams.iter_mut().flat_map(|t| &mut t.visits) {
        visit.reason = visit.reason.repeat(5);
        visit.village_group = visit.village_group.repeat(3);
        visit.householder = visit.householder.repeat(6);
        visit.time = "18:30–20:00（晚）".into();
    }
    for visit in book.days[2].teams.iter_mut().flat_map(|t| &mut t.visits) {
        (visit.reason, visit.village_group) = (String::new(), String::new());
    }
    let bytes = write_week_plan(&book).unwrap();
    for (n, page, mark) in [
        (1, portrait, "portrait"),
        (2, portrait, "portrait"),
        (3, landscape, "landscape"),
        (4, portrait, "portrait"),
    ] {
        let sheet = part(&bytes, &format!("xl/worksheets/sheet{n}.xml"));
        assert!(
            sheet.contains(&format!("orientation=\"{mark}\"")),
            "sheet {n}"
        );
        let px = columns_px(&sheet);
        assert!(px <= page && px >= page * 0.9, "sheet {n}: {px} of {page}");
    }
}

#[test]
fn every_visit_row_is_at_least_nine_millimetres_high() {
    let bytes = write_week_plan(&sample::week_plan(12)).unwrap();
    let day = part(&bytes, "xl/worksheets/sheet2.xml");
    for row in 10..=21 {
        let start = day.find(&format!(r#"<row r="{row}" "#)).unwrap();
        let tag = &day[start..start + day[start..].find('>').unwrap()];
        let height: f64 = tag
            .split("ht=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(height / 72.0 * 25.4 >= 9.0, "row {row}: {height} pt");
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let once = write_week_plan(&sample::week_plan(3)).unwrap();
    assert_eq!(once, write_week_plan(&sample::week_plan(3)).unwrap());
}

#[test]
fn sheet_names_excel_forbids_or_that_repeat_are_made_acceptable() {
    let mut book = sample::week_plan(1);
    book.days.truncate(3);
    book.days[0].sheet_name =
        "10/10 [周一]: 很长很长很长很长很长很长很长很长很长很长很长很长".into();
    book.days[1].sheet_name = "本周总览".into();
    book.days[2].sheet_name = String::new();
    let bytes = write_week_plan(&book).unwrap();
    let names: Vec<String> = sheets(&bytes).into_iter().map(|s| s.0).collect();
    assert_eq!(names[0], "本周总览");
    assert!(names[1].starts_with("10 10  周一") && names[1].chars().count() <= 31);
    assert_eq!(names[2], "本周总览 2");
    assert_eq!(names[3], "1");
}

#[test]
fn a_day_without_teams_and_an_empty_week_can_be_written() {
    let mut book = sample::week_plan(1);
    book.days[0].teams.clear();
    book.days[0].shortfall.clear();
    assert!(write_week_plan(&book).is_ok());
    book.days.clear();
    assert_eq!(sheets(&write_week_plan(&book).unwrap()).len(), 1);
}

fn one_column(cells: Vec<CellValue>) -> TableSheet {
    TableSheet {
        name: "一".into(),
        title_lines: Vec::new(),
        columns: vec![TableColumn {
            header: "姓名".into(),
            kind: CellKind::Text,
        }],
        rows: cells.into_iter().map(|c| vec![c]).collect(),
        page_foot: String::new(),
    }
}

const INJECTIONS: [&str; 5] = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "=HYPERLINK(\"http://x\",\"y\")",
];

#[test]
fn texts_that_look_like_formulas_are_written_as_text() {
    let mut book = sample::list();
    book.sheets = vec![one_column(
        INJECTIONS.iter().map(|t| CellValue::from(*t)).collect(),
    )];
    let bytes = write_table(&book).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(part(&bytes, "xl/styles.xml").contains("quotePrefix=\"1\""));
    let range = &sheets(&bytes)[0].1;
    for (i, text) in INJECTIONS.iter().enumerate() {
        assert_eq!(
            range.get_value((i as u32 + 1, 0)),
            Some(&Data::String((*text).into()))
        );
    }
    let csv = write_csv(&book.sheets[0]);
    let rows: Vec<String> = csv::Reader::from_reader(csv.as_slice())
        .records()
        .map(|r| r.unwrap()[0].to_owned())
        .collect();
    for (row, text) in rows.iter().zip(INJECTIONS) {
        assert_eq!(*row, format!("'{text}"));
    }
    assert_eq!(rows.len(), INJECTIONS.len());
}

#[test]
fn merged_and_error_cells_cannot_carry_formulas_either() {
    let mut book = sample::week_plan(1);
    book.days[0].title = "=1+1".into();
    book.overview.rows[0][0] = "@x".into();
    let week = write_week_plan(&book).unwrap();
    let errors = write_error_book(&sample::errors()).unwrap();
    for (bytes, count) in [(&week, 6), (&errors, 2)] {
        for n in 1..=count {
            assert!(!part(bytes, &format!("xl/worksheets/sheet{n}.xml")).contains("<f>"));
        }
    }
    assert_eq!(texts(&sheets(&week)[1].1, 0)[0], "=1+1");
}

#[test]
fn a_list_written_as_workbook_or_csv_reads_back_the_same() {
    let list = sample::list();
    let expected = [
        "00000007",
        "欧阳小明",
        "桥头村第三村民小组",
        "86419.69",
        "0.125",
        "2016-10-21",
        "2016-10-09 16:00",
        "7",
    ];
    let (headers, rows) = common::read(write_table(&list).unwrap());
    assert_eq!(headers[3], "存款余额(元)");
    assert_eq!((rows.len(), rows[6].row_number), (60, 10));
    assert_eq!(rows[6].cells, expected);
    let (csv_headers, csv_rows) = common::read(write_csv(&list.sheets[0]));
    assert_eq!(csv_headers, headers);
    let mut as_text = expected;
    as_text[4] = "12.5%";
    assert_eq!((csv_rows.len(), csv_rows[6].row_number), (60, 8));
    assert_eq!(csv_rows[6].cells, as_text);
}

#[test]
fn numbers_excel_cannot_hold_are_written_as_text_or_left_empty() {
    let mut book = sample::list();
    let cells = vec![
        CellValue::Integer(110_101_199_003_078_515),
        CellValue::Decimal(f64::NAN),
        CellValue::Integer(-5),
    ];
    book.sheets = vec![one_column(cells)];
    let bytes = write_table(&book).unwrap();
    let range = &sheets(&bytes)[0].1;
    assert_eq!(
        range.get_value((1, 0)),
        Some(&Data::String("110101199003078515".into()))
    );
    assert_eq!(range.get_value((2, 0)), Some(&Data::Empty));
    assert_eq!(range.get_value((3, 0)), Some(&Data::Float(-5.0)));
}

#[test]
fn the_header_of_a_list_is_frozen_filtered_and_repeated() {
    let bytes = write_table(&sample::list()).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains(r#"<autoFilter ref="A3:H63""#),
        "{}",
        &sheet[sheet.len() - 900..]
    );
    assert!(sheet.contains(r#"<pane ySplit="3" topLeftCell="A4""#));
    assert!(part(&bytes, "xl/workbook.xml").contains("客户!$3:$3"));
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let mut book = sample::list();
    book.sheets.clear();
    assert!(matches!(write_table(&book), Err(WriteError::Nothing(_))));
    book.sheets = vec![one_column(vec!["x".repeat(40_000).into()])];
    assert!(matches!(write_table(&book), Err(WriteError::Writer(_))));
    book.sheets = vec![one_column(vec![CellValue::Empty; 1_048_576])];
    assert!(matches!(
        write_table(&book),
        Err(WriteError::TooManyRows {
            rows: 1_048_577,
            ..
        })
    ));
}

#[test]
fn the_error_workbook_counts_reasons_and_lists_rows_with_masked_values() {
    let bytes = write_error_book(&sample::errors()).unwrap();
    let sheets = sheets(&bytes);
    assert_eq!(sheets[0].0, "汇总");
    assert_eq!(texts(&sheets[0].1, 2), ["列", "问题和处理办法", "行数"]);
    assert_eq!(
        texts(&sheets[0].1, 3),
        ["身份证号", "校验位不对，请核对后重填", "2"]
    );
    assert_eq!(texts(&sheets[0].1, 4), ["手机", "应为 11 位数字", "1"]);
    assert_eq!(sheets[1].0, "有问题的行");
    assert_eq!(
        texts(&sheets[1].1, 0),
        [
            "原表行号",
            "客户编号",
            "列",
            "问题和处理办法",
            "原值（已遮盖）"
        ]
    );
    assert_eq!(
        texts(&sheets[1].1, 2),
        ["19", "00000123", "手机", "应为 11 位数字", "138****123"]
    );
}

#[test]
fn the_template_reads_as_an_empty_table_with_its_own_headers() {
    let bytes = write_template(&sample::template()).unwrap();
    let mut table = common::open(bytes.clone()).unwrap();
    assert_eq!(table.sheet_name(), Some("客户"));
    assert_eq!(table.header_row(), 2);
    assert_eq!(table.headers()[..2], ["客户编号*", "姓名*"]);
    assert_eq!(common::all(&mut table).len(), 0);
    let names: Vec<String> = sheets(&bytes).into_iter().map(|s| s.0).collect();
    assert_eq!(names, ["客户", "示例", "lists"]);
}

#[test]
fn the_template_has_choice_lists_and_text_columns_for_long_numbers() {
    let bytes = write_template(&sample::template()).unwrap();
    let sheet = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains(r#"<dataValidations count="2">"#));
    assert!(
        sheet.contains(r#"sqref="C3:C5002"><formula1>"男,女"</formula1>"#),
        "{}",
        &sheet[sheet.len() - 1500..]
    );
    assert!(sheet.contains(r#"sqref="F3:F5002"><formula1>lists!$F$1:$F$60</formula1>"#));
    // The style of column D (ID number) has number format 49, which is text.
    let col = sheet
        .split("<col min=\"4\"")
        .nth(1)
        .unwrap()
        .split("/>")
        .next()
        .unwrap();
    let style: usize = col
        .split("style=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let styles = part(&bytes, "xl/styles.xml");
    let formats = styles.split("<cellXfs").nth(1).unwrap();
    let xf = formats.split("<xf ").nth(style + 1).unwrap();
    assert!(xf.contains("numFmtId=\"49\""), "{xf}");
    let book = part(&bytes, "xl/workbook.xml");
    assert!(
        book.contains(r#"<sheet name="lists" sheetId="3" state="hidden""#),
        "{book}"
    );
}
