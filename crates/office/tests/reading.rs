//! Reading tables: what a user sees in Excel is what the rows hold.

#![allow(clippy::unwrap_used)]

mod common;

use common::{all, book_of, book_of_sheet, known, open, read, text_cell};
use std::fmt::Write;
use zf_office::table::{ForeignFormat, header_key, normalise_header};
use zf_office::{Limits, RowCells, Table, TableError, TableOptions};

fn row(row_number: u64, cells: &[&str]) -> RowCells {
    RowCells {
        row_number,
        cells: cells.iter().map(|c| (*c).to_owned()).collect(),
    }
}

#[test]
fn an_18_digit_id_and_an_11_digit_phone_keep_every_digit_in_number_and_text_cells() {
    let sheet = format!(
        r#"<row r="1">{}{}</row><row r="2"><c r="A2"><v>110101199003078515</v></c><c r="B2"><v>13812345678</v></c></row><row r="3"><c r="A3" t="str"><v>11010119900307851X</v></c>{}</row><row r="4"><c r="A4"><v>1.10101199003078E+17</v></c><c r="B4"><v>1.3812345678E10</v></c></row>"#,
        text_cell("A1", "身份证号"),
        text_cell("B1", "手机"),
        text_cell("B3", "'013812345678\t")
    );
    let (headers, rows) = read(book_of_sheet(&sheet));
    assert_eq!(headers, ["身份证号", "手机"]);
    assert_eq!(rows[0], row(2, &["110101199003078515", "13812345678"]));
    assert_eq!(rows[1], row(3, &["11010119900307851X", "013812345678"]));
    assert_eq!(rows[2], row(4, &["110101199003078000", "13812345678"]));
}

#[test]
fn numbers_read_as_shown_without_exponents_noise_or_point_zero() {
    let cases = [
        ("12", "12"),
        ("12.0", "12"),
        ("-3.50", "-3.5"),
        ("0.1", "0.1"),
        ("0.30000000000000004", "0.3"),
        ("1234.5600000000001", "1234.56"),
        ("1E-3", "0.001"),
        ("0", "0"),
        ("-0.0", "0"),
        ("1e999", "1e999"),
        ("abc", "abc"),
    ];
    let mut sheet = format!(
        r#"<row r="1">{}{}</row>"#,
        text_cell("A1", "余额"),
        text_cell("B1", "姓名")
    );
    for (i, (raw, _)) in cases.iter().enumerate() {
        write!(
            sheet,
            r#"<row r="{0}"><c r="A{0}" s="7"><v>{raw}</v></c></row>"#,
            i + 2
        )
        .unwrap();
    }
    let (_, rows) = read(book_of_sheet(&sheet));
    let read: Vec<&str> = rows.iter().map(|r| r.cells[0].as_str()).collect();
    let expected: Vec<&str> = cases.iter().map(|c| c.1).collect();
    assert_eq!(read, expected);
}

#[test]
fn dates_as_serial_numbers_iso_values_and_text_all_read_as_days() {
    // 42664 = 2016-10-21, 1 = 1900-01-01, 59 and 61 around Excel's false leap day
    // (values typed in from Excel).
    let sheet = format!(
        r#"<row r="1">{}{}</row>
        <row r="2"><c r="A2" s="1"><v>42664</v></c></row>
        <row r="3"><c r="A3" s="2"><v>42664.75</v></c></row>
        <row r="4"><c r="A4" s="5"><v>42664.770833333336</v></c></row>
        <row r="5"><c r="A5" s="6"><v>0.77083333333333337</v></c></row>
        <row r="6"><c r="A6" t="d"><v>2016-10-21T00:00:00Z</v></c></row>
        <row r="7">{}</row>
        <row r="8"><c r="A8" s="1"><v>1</v></c></row>
        <row r="9"><c r="A9" s="1"><v>59</v></c></row>
        <row r="10"><c r="A10" s="1"><v>60</v></c></row>
        <row r="11"><c r="A11" s="1"><v>61</v></c></row>
        <row r="12"><c r="A12" s="1"><v>99999999</v></c></row>
        <row r="13"><c r="A13" s="4"><v>123</v></c></row>
        <row r="14"><c r="A14" s="1"><v>-1</v></c></row>"#,
        text_cell("A1", "到期日"),
        text_cell("B1", "姓名"),
        text_cell("A7", "2016/10/21")
    );
    let (_, rows) = read(book_of_sheet(&sheet));
    let read: Vec<&str> = rows.iter().map(|r| r.cells[0].as_str()).collect();
    assert_eq!(
        read,
        [
            "2016-10-21",
            "2016-10-21",
            "2016-10-21 18:30",
            "18:30",
            "2016-10-21",
            "2016/10/21",
            "1900-01-01",
            "1900-02-28",
            "1900-02-29",
            "1900-03-01",
            "99999999",
            "00000123",
            "-1",
        ]
    );
}

#[test]
fn the_1904_date_system_of_old_macs_is_read_right() {
    let sheet = common::sheet_xml(
        &format!(
            r#"<row r="1">{}{}</row><row r="2"><c r="A2" s="1"><v>41202</v></c></row>"#,
            text_cell("A1", "到期日"),
            text_cell("B1", "姓名")
        ),
        "",
    );
    let book = common::BOOK.replace("<workbookPr/>", r#"<workbookPr date1904="1"/>"#);
    let bytes = common::zip_of(&[
        ("_rels/.rels", common::RELS.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", common::BOOK_RELS.as_bytes()),
        ("xl/styles.xml", common::STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    // 41202 + 1462 = 42664.
    assert_eq!(read(bytes).1[0].cells[0], "2016-10-21");
}

#[test]
fn the_header_row_is_found_below_title_and_note_rows() {
    let sheet = format!(
        r#"<row r="1">{}</row><row r="3">{}{}</row><row r="4">{}{}{}</row><row r="5">{}</row>"#,
        text_cell("A1", "2016年客户名单"),
        text_cell("A3", "制表：姓名"),
        text_cell("B3", "姓名"),
        text_cell("A4", "客户\n编号"),
        text_cell("B4", " 姓名　"),
        text_cell("C4", "手机"),
        text_cell("B5", "张三"),
    )
    .replace("客户\n编号", "客户编号");
    let mut table = open(book_of_sheet(&sheet)).unwrap();
    assert_eq!(table.header_row(), 4);
    assert_eq!(table.headers(), ["客户编号", "姓名", "手机"]);
    assert_eq!(table.sheet_name(), Some("客户"));
    assert_eq!(all(&mut table), [row(5, &["", "张三", ""])]);
    // From the start again at every call.
    assert_eq!(all(&mut table).len(), 1);
}

#[test]
fn without_any_known_header_the_first_row_with_two_texts_is_the_header() {
    let mut table = open("标题\n\na,b\n1,2\n".into()).unwrap();
    assert_eq!(table.headers(), ["a", "b"]);
    assert_eq!(all(&mut table), [row(4, &["1", "2"])]);
}

#[test]
fn merged_cells_keep_their_text_in_the_first_cell() {
    let sheet = format!(
        r#"<row r="1">{}{}</row><row r="2">{}<c r="B2" s="3"/></row><row r="3"><c r="A3"/>{}</row>"#,
        text_cell("A1", "姓名"),
        text_cell("B1", "手机"),
        text_cell("A2", "张三"),
        text_cell("B3", "1"),
    );
    let merged = r#"<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>"#;
    let (_, rows) = read(book_of(&sheet, "", merged));
    assert_eq!(rows, [row(2, &["张三", ""]), row(3, &["", "1"])]);
}

#[test]
fn shared_rich_and_phonetic_texts_entities_and_escapes_become_plain_text() {
    let shared = "<si><t>姓名</t></si><si><r><t>张</t></r><r><rPr><b/></rPr><t>三</t></r><rPh sb=\"0\" eb=\"1\"><t>zhang</t></rPh></si><si><t>A&amp;B &lt;&#x4E2D;&gt;</t></si><si><t>one_x000D_\ntwo_x005F_x</t></si>";
    let sheet = r#"<row><c t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c></row><row><c t="s"><v>2</v></c></row><row><c t="s"><v>3</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1&amp;"x"</f><v>姓名x</v></c></row>"#;
    let (headers, rows) = read(book_of(sheet, shared, ""));
    assert_eq!(headers, ["姓名"]);
    assert_eq!(rows[0], row(2, &["张三"]));
    assert_eq!(rows[1], row(3, &["A&B <中>"]));
    assert_eq!(rows[2], row(4, &["one\r\ntwo_x", "TRUE", "#N/A", "姓名x"]));
}

#[test]
fn utf8_with_and_without_mark_gb18030_and_utf16_files_read_the_same() {
    let text = "客户编号,姓名,余额\r\n007,㐀䶮𠮷,\"1,234.50\"\r\n";
    let gb = encoding_rs::GB18030.encode(text).0.into_owned();
    assert!(String::from_utf8(gb.clone()).is_err());
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let marked = format!("\u{feff}{text}").into_bytes();
    for bytes in [text.as_bytes().to_vec(), marked, gb, utf16] {
        let (headers, rows) = read(bytes);
        assert_eq!(headers, ["客户编号", "姓名", "余额"]);
        assert_eq!(rows, [row(2, &["007", "㐀䶮𠮷", "1,234.50"])]);
    }
}

#[test]
fn a_gb18030_file_with_one_broken_byte_is_refused_with_its_line() {
    let mut gb = encoding_rs::GB18030
        .encode("姓名,手机\n张三,1\n李四,2\n")
        .0
        .into_owned();
    gb.extend(b"\xFF\xFF,3\n");
    assert!(matches!(
        open(gb),
        Err(TableError::UnknownEncoding { line: 4 })
    ));
}

#[test]
fn comma_semicolon_and_tab_are_told_apart_even_with_commas_in_addresses() {
    for d in [',', ';', '\t'] {
        let quote = if d == ',' { "\"" } else { "" };
        let text = format!(
            "姓名{d}手机{d}住址\n张三{d}1{d}{quote}桥头村,三组,5号{quote}\n李四{d}2{d}街上\n"
        );
        let (headers, rows) = read(text.into_bytes());
        assert_eq!(headers, ["姓名", "手机", "住址"], "delimiter {d:?}");
        assert_eq!(rows[0].cells, ["张三", "1", "桥头村,三组,5号"]);
    }
}

#[test]
fn row_numbers_are_those_excel_shows_despite_blank_lines_and_breaks_in_quotes() {
    let text = "姓名,住址\r\n\r\n张三,\"第一行\r\n第二行\"\r\n,\r\n李四,\"说\"\"好\"\"\"\r王五,x";
    let (_, rows) = read(text.as_bytes().to_vec());
    assert_eq!(
        rows,
        [
            row(3, &["张三", "第一行\r\n第二行"]),
            row(5, &["李四", "说\"好\""]),
            row(6, &["王五", "x"]),
        ]
    );
}

#[test]
fn a_quotation_mark_never_closed_is_reported_where_it_opens() {
    let mut text = "姓名,住址\n张三,\"街上\n".to_owned();
    for i in 0..100_000 {
        writeln!(text, "李四{i},街上").unwrap();
    }
    let error = open(text.into_bytes()).err().unwrap();
    assert!(
        matches!(error, TableError::QuoteNotClosed { row: 2, column: 2 }),
        "{error}"
    );
}

#[test]
fn what_excel_users_put_before_long_numbers_is_taken_off() {
    let (_, rows) =
        read("姓名,手机,身份证号\n张三,'13812345678,\"=\"\"110101199003078515\"\"\"\n".into());
    assert_eq!(rows[0].cells, ["张三", "13812345678", "110101199003078515"]);
}

#[test]
fn other_kinds_of_files_are_named() {
    let foreign = |bytes: &[u8], name: &str| match Table::open(
        bytes.to_vec(),
        name,
        &TableOptions::default(),
        &known,
    ) {
        Err(TableError::Foreign(what)) => Some(what),
        _ => None,
    };
    let ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    assert_eq!(foreign(&ole, "a.xls"), Some(ForeignFormat::OldExcel));
    let mut encrypted = ole.to_vec();
    encrypted.extend(vec![0; 70_000 - 8]);
    encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        foreign(&encrypted, "a.xlsx"),
        Some(ForeignFormat::Encrypted)
    );
    assert_eq!(
        foreign(b"<html><table>", "a.xls"),
        Some(ForeignFormat::Html)
    );
    assert_eq!(
        foreign(b"a,b\n1,2", "a.xlsx"),
        Some(ForeignFormat::NotAWorkbook)
    );
    assert_eq!(foreign(b"a\0b", "a.csv"), Some(ForeignFormat::Binary));
    let zip = common::zip_of(&[("readme.txt", b"x")]);
    assert_eq!(foreign(&zip, "a.xlsx"), Some(ForeignFormat::Archive));
    let of = |part| {
        foreign(
            &common::zip_of(&[("mimetype", b"x"), (part, b"x")]),
            "a.xlsx",
        )
    };
    assert_eq!(of("word/document.xml"), Some(ForeignFormat::Word));
    assert_eq!(of("ppt/presentation.xml"), Some(ForeignFormat::Slides));
    assert_eq!(of("content.xml"), Some(ForeignFormat::OpenDocument));
    let mut letter = ole.to_vec();
    letter.extend("WordDocument".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(foreign(&letter, "a.doc"), Some(ForeignFormat::Word));
    for (head, what) in [
        (&b"%PDF-1.4\n1 0 obj"[..], ForeignFormat::Pdf),
        (b"\x89PNG\r\n\x1a\n", ForeignFormat::Picture),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF", ForeignFormat::Picture),
        (b"\0\0\0\x18ftypheic\0\0", ForeignFormat::Picture),
        (b"RIFF\x24\0\0\0WEBPVP8 ", ForeignFormat::Picture),
        (b"BM\x46\0\0\0\0\0\0\0\x36", ForeignFormat::Picture),
        (b"Rar!\x1A\x07\0", ForeignFormat::Archive),
        (b"\x1F\x8B\x08\0", ForeignFormat::Archive),
    ] {
        // Whatever the file is called.
        for name in ["a.csv", "a.xlsx", "a"] {
            assert_eq!(foreign(head, name), Some(what), "{head:?} {name}");
        }
    }
    assert_eq!(foreign(b"BM,GIF,II\n1,2,3", "a.csv"), None);
    // A download that broke off is no other kind of file.
    let cut = zip[..zip.len() - 10].to_vec();
    assert!(matches!(open(cut), Err(TableError::Damaged { .. })));
    assert!(matches!(open(Vec::new()), Err(TableError::Empty)));
    assert!(matches!(
        open(b"\n\n , \n".to_vec()),
        Err(TableError::Empty)
    ));
}

#[test]
fn a_file_is_read_from_a_path_and_the_named_or_first_filled_sheet_is_taken() {
    use rust_xlsxwriter::Workbook;
    let mut book = Workbook::new();
    book.add_worksheet().set_name("空").unwrap();
    for name in ["一", "二"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, "姓名").unwrap();
        sheet.write_string(1, 0, name).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    book.save(&path).unwrap();
    let open_sheet = |sheet: Option<&str>| {
        let options = TableOptions {
            sheet: sheet.map(str::to_owned),
            ..TableOptions::default()
        };
        Table::open(path.as_path(), "a.xlsx", &options, &known)
    };
    let mut first = open_sheet(None).unwrap();
    assert_eq!(first.sheet_name(), Some("一"));
    assert_eq!(first.estimated_rows(), Some(1));
    assert_eq!(all(&mut first), [row(2, &["一"])]);
    assert_eq!(all(&mut open_sheet(Some("二")).unwrap()), [row(2, &["二"])]);
    match open_sheet(Some("三")) {
        Err(TableError::NoSuchSheet { sheets }) => assert_eq!(sheets, ["空", "一", "二"]),
        _ => panic!("a sheet that is not there was opened"),
    }
}

#[test]
fn limits_name_the_row_and_column() {
    let limited = |limits: Limits, text: &str| {
        let options = TableOptions {
            limits,
            ..TableOptions::default()
        };
        let mut table = Table::open(text.as_bytes().to_vec(), "", &options, &known)?;
        table.rows().find_map(Result::err).map_or(Ok(()), Err)
    };
    let d = Limits::default();
    let error = limited(Limits { max_rows: 2, ..d }, "姓名\na\nb\nc\n");
    assert!(matches!(error, Err(TableError::TooManyRows { limit: 2 })));
    let error = limited(
        Limits {
            max_columns: 2,
            ..d
        },
        "姓名,手机\na,b,\na,b,c\n",
    );
    assert!(matches!(
        error,
        Err(TableError::TooManyColumns { row: 3, limit: 2 })
    ));
    let error = limited(
        Limits {
            max_cell_chars: 4,
            ..d
        },
        "姓名,手机\n一二三四,b\na,一二三四五\n",
    );
    assert!(matches!(
        error,
        Err(TableError::CellTooLong {
            row: 3,
            column: 2,
            limit: 4
        })
    ));
    let error = limited(Limits { max_bytes: 5, ..d }, "姓名,手机\n");
    assert!(matches!(
        error,
        Err(TableError::TooLarge {
            limit: 5,
            unpacked: false
        })
    ));
    assert!(
        limited(
            Limits {
                max_rows: 2,
                max_columns: 2,
                ..d
            },
            "姓名,手机\na\nb\n\n\n"
        )
        .is_ok()
    );
}

#[test]
fn headers_are_normalised_for_display_and_for_comparison() {
    assert_eq!(normalise_header("　客户\n编号（ＩＤ） "), "客户 编号(ID)");
    assert_eq!(header_key("* Customer_ID："), "customerid");
}

#[test]
fn a_table_may_move_to_another_thread() {
    let mut table = open("姓名\n张三\n".into()).unwrap();
    let rows = std::thread::spawn(move || all(&mut table)).join().unwrap();
    assert_eq!(rows, [row(2, &["张三"])]);
}
