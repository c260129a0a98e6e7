//! Files made to break the reader: refused in bounded memory, never a panic.

#![allow(clippy::unwrap_used)]

mod common;

use common::{book_of, book_of_sheet, known, open, read, text_cell, zip_of};
use proptest::prelude::*;
use std::fmt::Write;
use zf_office::{Limits, Table, TableError, TableOptions};

fn with_unpacked_limit(bytes: Vec<u8>, limit: u64) -> Result<usize, TableError> {
    let options = TableOptions {
        limits: Limits {
            max_uncompressed_bytes: limit,
            ..Limits::default()
        },
        ..TableOptions::default()
    };
    let mut table = Table::open(bytes, "a.xlsx", &options, &known)?;
    table
        .rows()
        .collect::<Result<Vec<_>, _>>()
        .map(|rows| rows.len())
}

fn bomb() -> Vec<u8> {
    let padding = " ".repeat(9 << 20);
    let sheet = format!(r#"<row r="1">{}</row>{padding}"#, text_cell("A1", "姓名"));
    book_of_sheet(&sheet)
}

#[test]
fn a_zip_bomb_is_refused_by_the_sizes_it_states() {
    let bytes = bomb();
    assert!(bytes.len() < 200_000);
    let error = with_unpacked_limit(bytes, 3 << 20).unwrap_err();
    assert!(
        matches!(
            error,
            TableError::TooLarge {
                limit: 3_145_728,
                unpacked: true
            }
        ),
        "{error}"
    );
}

#[test]
fn a_zip_bomb_that_states_small_sizes_yields_no_more_than_it_states() {
    // Overwrites the stated size of the sheet (both in the directory and at the part).
    let mut bytes = bomb();
    let true_size = (common::sheet_xml(
        &format!(
            r#"<row r="1">{}</row>{}"#,
            text_cell("A1", "姓名"),
            " ".repeat(9 << 20)
        ),
        "",
    )
    .len() as u32)
        .to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|i| bytes[*i..*i + 4] == true_size)
        .collect();
    assert!(!places.is_empty());
    for i in places {
        bytes[i..i + 4].copy_from_slice(&1_000u32.to_le_bytes());
    }
    // The zip reader gives no more than the stated size, so the part ends too early.
    let error = with_unpacked_limit(bytes, 3 << 20).unwrap_err();
    assert!(
        matches!(error, TableError::Damaged { ref part, .. } if part == "xl/worksheets/sheet1.xml"),
        "{error}"
    );
}

#[test]
fn a_single_text_without_end_is_stopped_before_it_fills_the_memory() {
    let sheet = format!(
        r#"<row r="1">{}</row>"#,
        text_cell("A1", &"x".repeat(5 << 20))
    );
    assert!(matches!(
        open(book_of_sheet(&sheet)),
        Err(TableError::Damaged { .. })
    ));
    let many = "<t>xxxxxxxxxxxxxxxxxxxx</t>".repeat(100_000);
    let sheet = format!(r#"<row r="1"><c r="A1" t="inlineStr"><is>{many}</is></c></row>"#);
    assert!(matches!(
        open(book_of_sheet(&sheet)),
        Err(TableError::Damaged { row: Some(1), .. })
    ));
}

#[test]
fn endless_nesting_and_false_counts_are_refused_or_ignored() {
    let sheet = format!("<row r=\"1\">{}</row>", "<a>".repeat(1_000));
    assert!(matches!(
        open(book_of_sheet(&sheet)),
        Err(TableError::Damaged { .. })
    ));
    // A count that would reserve 200 GB if believed.
    let shared = r#"<si><t>姓名</t></si></sst><sst uniqueCount="9999999999">"#;
    let (headers, _) = read(book_of(r#"<row><c t="s"><v>0</v></c></row>"#, shared, ""));
    assert_eq!(headers, ["姓名"]);
}

#[test]
fn too_many_shared_texts_are_refused() {
    let shared = "<si/>".repeat(2_000);
    let options = TableOptions {
        limits: Limits {
            max_shared_text_bytes: 8_000,
            ..Limits::default()
        },
        ..TableOptions::default()
    };
    let bytes = book_of(r#"<row><c><v>1</v></c></row>"#, &shared, "");
    let error = Table::open(bytes, "", &options, &known).err().unwrap();
    assert!(
        matches!(error, TableError::TooLarge { limit: 8_000, .. }),
        "{error}"
    );
}

#[test]
fn a_million_empty_rows_cost_nothing_and_yield_nothing() {
    let mut sheet = format!(r#"<row r="1">{}</row>"#, text_cell("A1", "姓名"));
    for r in 2..=1_000_000 {
        // Some rows without cells, some with cells that have only a style.
        let cell = if r % 2 == 0 { r#"<c s="1"/>"# } else { "" };
        write!(sheet, r#"<row r="{r}">{cell}</row>"#).unwrap();
    }
    let last = 1_048_576;
    write!(
        sheet,
        r#"<row r="{last}">{}</row>"#,
        text_cell(&format!("A{last}"), "张三")
    )
    .unwrap();
    let (_, rows) = read(book_of_sheet(&sheet));
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].row_number, rows[0].cells[0].as_str()),
        (1_048_576, "张三")
    );
    let text = format!("姓名\n{}张三\n", "\n".repeat(1_000_000));
    let (_, rows) = read(text.into_bytes());
    assert_eq!((rows.len(), rows[0].row_number), (1, 1_000_002));
}

#[test]
fn positions_off_the_grid_and_missing_texts_are_damage_with_their_row() {
    let damaged = |cells: &str| {
        let sheet = format!(
            r#"<row r="1">{}</row><row r="2">{cells}</row>"#,
            text_cell("A1", "姓名")
        );
        let result = open(book_of_sheet(&sheet));
        let Err(error) = result.map(drop) else {
            return None;
        };
        match error {
            TableError::Damaged { row, .. } => row,
            _ => None,
        }
    };
    assert_eq!(damaged(r#"<c r="XFE2"><v>1</v></c>"#), Some(2));
    assert_eq!(damaged(r#"<c r="ZZZZZZZ2"><v>1</v></c>"#), Some(2));
    assert_eq!(damaged(r#"<c r="2"><v>1</v></c>"#), Some(2));
    assert_eq!(damaged(r#"<c r="A2" t="s"><v>7</v></c>"#), Some(2));
    assert_eq!(damaged(r#"<c r="A2"><v>1</v></c>"#), None);
    assert!(open(book_of_sheet(r#"<row r="0"/>"#)).is_err());
    assert!(open(book_of_sheet(r#"<row r="99999999999"/>"#)).is_err());
}

#[test]
fn errors_never_quote_what_was_in_a_cell() {
    let secret = "张三丰110101199003078515";
    let book = book_of_sheet(&format!(
        r#"<row r="1">{}</row><row r="2"><c r="A2" t="s"><v>{secret}</v></c></row>"#,
        text_cell("A1", "姓名")
    ));
    let text = format!("姓名,手机\n{secret},\"{secret}");
    let broken = zip_of(&[
        ("xl/workbook.xml", common::BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", common::BOOK_RELS.as_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData><row><{secret}</x>").as_bytes(),
        ),
    ]);
    for bytes in [book, text.into_bytes(), broken] {
        let result = open(bytes).and_then(|mut t| t.rows().collect::<Result<Vec<_>, _>>());
        let error = result.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("张三丰"),
            "{error:?}"
        );
        assert!(
            !format!("{error} {error:?}").contains("1101011990"),
            "{error:?}"
        );
    }
}

/// Opens and reads to the end; any outcome but a panic is right.
fn exercise(bytes: Vec<u8>, name: &str) {
    let options = TableOptions {
        limits: Limits {
            max_uncompressed_bytes: 1 << 22,
            max_shared_text_bytes: 1 << 20,
            max_rows: 1_000,
            ..Limits::default()
        },
        ..TableOptions::default()
    };
    if let Ok(mut table) = Table::open(bytes, name, &options, &known) {
        let width = table.headers().len();
        let mut last = table.header_row();
        for row in table.rows().flatten() {
            assert!(row.cells.len() >= width);
            assert!(row.row_number >= 1);
            last = last.max(row.row_number);
        }
        assert!(last >= table.header_row());
    }
}

fn valid_book() -> Vec<u8> {
    let sheet = format!(
        r#"<row r="1">{}<c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1"><v>42664</v></c><c r="B2"><v>110101199003078515</v></c></row>"#,
        text_cell("A1", "姓名")
    );
    book_of(&sheet, "<si><t>手机</t></si>", "")
}

fn mutate(mut bytes: Vec<u8>, changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    for (at, value) in changes {
        let len = bytes.len();
        bytes[at % len] = *value;
    }
    let keep = bytes.len() - cut % bytes.len();
    bytes.truncate(keep);
    bytes
}

fn stored_zip(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(n, c)| (*n, c.as_slice())).collect();
    zip_of(&parts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), start in 0usize..4) {
        let mut file = [b"".as_slice(), b"PK\x03\x04", "姓名,\"".as_bytes(), b"\xFF\xFE"][start].to_vec();
        file.extend(bytes);
        exercise(file, "a");
    }

    #[test]
    fn a_workbook_with_changed_bytes_never_panics(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..8), cut in prop_oneof![Just(0), 0usize..3_000]
    ) {
        exercise(mutate(valid_book(), &changes, cut), "a.xlsx");
    }

    #[test]
    fn parts_with_changed_bytes_in_an_intact_zip_never_panic(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6), which in 0usize..5
    ) {
        let sheet = common::sheet_xml(&format!(
            r#"<row r="1">{}</row><row r="2"><c r="A2" s="1"><v>42664</v></c><c r="B2"><v>1.5E+17</v></c></row>"#,
            text_cell("A1", "姓名")), "");
        let shared = "<sst><si><r><t>手机&amp;_x000D_</t></r></si></sst>";
        let mut parts = vec![
            ("xl/workbook.xml", common::BOOK.as_bytes().to_vec()),
            ("xl/_rels/workbook.xml.rels", common::BOOK_RELS.as_bytes().to_vec()),
            ("xl/styles.xml", common::STYLES.as_bytes().to_vec()),
            ("xl/sharedStrings.xml", shared.as_bytes().to_vec()),
            ("xl/worksheets/sheet1.xml", sheet.into_bytes()),
        ];
        let part = std::mem::take(&mut parts[which].1);
        parts[which].1 = mutate(part, &changes, 0);
        exercise(stored_zip(&parts), "a.xlsx");
    }

    #[test]
    fn numbers_and_formats_of_any_shape_never_panic(raw in "[-+0-9.eE]{0,24}", style in 0usize..9) {
        let sheet = format!(r#"<row r="1">{}</row><row r="2"><c r="A2" s="{style}"><v>{raw}</v></c></row>"#, text_cell("A1", "姓名"));
        exercise(book_of_sheet(&sheet), "a.xlsx");
    }

    /// Oracle: the `csv` crate, on tables without blank lines.
    #[test]
    fn delimited_text_reads_as_the_csv_crate_reads_it(
        rows in proptest::collection::vec(proptest::collection::vec("[a-z\",;\n 中]{0,6}", 3), 1..12)
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["姓名", "手机", "余额"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let mut table = open(bytes.clone()).unwrap();
        let ours: Vec<Vec<String>> = table.rows().map(|r| r.unwrap().cells).collect();
        let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .from_reader(bytes.as_slice())
            .records()
            .map(|r| r.unwrap().iter().map(|c| c.trim().to_owned()).collect::<Vec<_>>())
            .filter(|cells| cells.iter().any(|c| !c.is_empty()))
            .collect();
        prop_assert_eq!(ours, theirs);
    }
}
