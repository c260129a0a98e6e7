//! Hostile and broken files: whatever the bytes, nothing panics, no row gets
//! lost silently and memory stays bounded. The loops are deterministic; a few
//! hundred rounds by default, as many as `ZF_FUZZ_ITERATIONS` says for a long
//! run. `ZF_FUZZ_SEED` starts elsewhere. Findings stand below as tests of their own.

use std::io::Write;
use zf_base::identity::{IdCheck, IdRules, check_id_number};
use zf_base::phone::{PhoneCheck, check_phone};
use zf_office::{ColumnMap, RowCells, Table, TableError, TableOptions, TextEncoding};
use zf_tests::files::Sheet;
use zf_tests::people::person;
use zf_tests::{World, both};

/// Rounds of a loop: `quick` by default.
fn rounds(quick: u64) -> u64 {
    let told = std::env::var("ZF_FUZZ_ITERATIONS").ok();
    told.and_then(|t| t.parse().ok()).unwrap_or(quick)
}

/// A generator without a dependency: splitmix64.
struct Dice(u64);

impl Dice {
    fn new(stream: u64) -> Dice {
        let told = std::env::var("ZF_FUZZ_SEED").ok();
        Dice(stream ^ told.and_then(|t| t.parse().ok()).unwrap_or(0x5eed))
    }
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Pieces that decide something in a parser.
const PIECES: [&[u8]; 34] = [
    b"\"",
    b"\"\"",
    b",",
    b"\t",
    b";",
    b"\r",
    b"\n",
    b"\r\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\x81",
    b"\xfe",
    b"\x81\x30\x81\x30",
    b"\x84\x31\xa4\x37",
    b"\xa1\xa1",
    b"\x00",
    b"=1+1",
    b"'",
    b"<",
    b">",
    b"&",
    b"&#x0;",
    b"]]>",
    b"<c r=\"ZZZ9\">",
    b"<row r=\"0\">",
    b"<row r=\"1048577\">",
    b"t=\"s\"",
    b"<v>99999999999</v>",
    b"PK\x05\x06",
    b"\xe5\xa7",
    b"1e308",
    b"-1",
    b"4294967296",
];

/// Changes some bytes: flips, cuts, doubles, inserts, pieces.
fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>) {
    for _ in 0..1 + dice.below(6) {
        let len = bytes.len();
        let at = dice.below(len + 1);
        match dice.below(6) {
            0 if len > 0 => bytes[at.min(len - 1)] ^= 1 << dice.below(8),
            1 => bytes.truncate(at),
            2 => {
                let to = (at + dice.below(40)).min(len);
                drop(bytes.drain(at..to));
            }
            3 => {
                let to = (at + dice.below(200)).min(len);
                let piece = bytes[at..to].to_vec();
                let into = dice.below(len + 1);
                drop(bytes.splice(into..into, piece));
            }
            4 => bytes.insert(at, dice.next() as u8),
            _ => {
                let piece = dice.pick(&PIECES).to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
}

fn options(dice: &mut Dice) -> TableOptions {
    let mut options = TableOptions::default();
    options.limits.max_bytes = 1 << 22;
    options.limits.max_uncompressed_bytes = 1 << 24;
    options.limits.max_shared_text_bytes = 1 << 20;
    options.limits.max_rows = 5_000;
    options.encoding = match dice.below(6) {
        n @ 0..4 => Some(TextEncoding::ALL[n]),
        _ => None,
    };
    options.header_row = (dice.below(8) == 0).then(|| dice.below(9) as u64);
    options
}

/// Opens and reads; the rows, or how it was refused.
fn read(bytes: Vec<u8>, name: &str, options: &TableOptions) -> Result<Vec<RowCells>, TableError> {
    let columns = zf_network::words::CUSTOMER_COLUMNS;
    let known = |h: &str| zf_office::columns::is_known_header(columns, h);
    let mut table = Table::open(bytes, name, options, &known)?;
    let (headers, first) = (table.headers().to_vec(), table.header_row());
    let map = ColumnMap::resolve(columns, &headers);
    let mut rows = Vec::new();
    let mut last = first;
    for row in table.rows() {
        let row = row?;
        assert!(row.row_number > last, "rows come in the order of the file");
        assert!(row.cells.len() >= headers.len());
        assert!(
            row.cells.iter().any(|c| !c.is_empty()),
            "an empty row is no row"
        );
        for spec in columns {
            let _ = map.cell(&row, spec.key).trim().parse::<zf_base::Day>();
        }
        last = row.row_number;
        rows.push(row);
    }
    Ok(rows)
}

fn sample_sheet(rows: usize) -> Sheet {
    let headers = [
        "客户号",
        "姓名",
        "手机号",
        "证件号码",
        "家庭住址",
        "所属机构",
        "存款到期日",
    ];
    (0..rows)
        .map(person)
        .fold(Sheet::new(&headers), |sheet, p| {
            sheet.row(&[
                &p.no,
                &p.name,
                &p.phone,
                &p.id_number,
                &p.address,
                "10010101",
                "2026-12-03",
            ])
        })
}

#[test]
fn mutated_delimited_text_is_read_or_refused() {
    let mut dice = Dice::new(1);
    let seeds = [
        sample_sheet(12).csv().into_bytes(),
        sample_sheet(12).gb18030(),
        "\u{feff}姓名\t客户号\n\"张\n三\"\t1\n".as_bytes().to_vec(),
        "清单\n\n客户号;姓名\n1;\"a\"\"b\"\n".as_bytes().to_vec(),
        "客户号,姓名\n1,张三\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect(),
    ];
    for _ in 0..rounds(3_000) {
        let mut bytes = dice.pick(&seeds).clone();
        mutate(&mut dice, &mut bytes);
        let options = options(&mut dice);
        let name = ["a.csv", "a.xlsx", "a", "a.XLS"][dice.below(4)];
        let _ = read(bytes, name, &options);
    }
}

#[test]
fn mutated_workbooks_are_read_or_refused() {
    let mut dice = Dice::new(2);
    let whole = sample_sheet(8).xlsx();
    let parts = zf_tests::scan::unzip(&whole);
    for _ in 0..rounds(300) {
        let options = options(&mut dice);
        let mut bytes = whole.clone();
        if dice.below(3) == 0 {
            // The package itself.
            mutate(&mut dice, &mut bytes);
        } else {
            // One part of a sound package.
            let mut parts = parts.clone();
            let at = dice.below(parts.len());
            mutate(&mut dice, &mut parts[at].1);
            bytes = zip(&parts);
        }
        let _ = read(bytes, "a.xlsx", &options);
    }
}

fn zip(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let packed = zip::write::SimpleFileOptions::default();
        out.start_file(name, packed).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A package with this sheet, these shared texts and formats.
fn package(sheet: &str, texts: &str, styles: &str) -> Vec<u8> {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let part = |name: &str, text: String| (name.to_owned(), format!("{head}{text}").into_bytes());
    zip(&[
        part("[Content_Types].xml", "<Types/>".to_owned()),
        part(
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Id=\"r\" Type=\"{rel}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        part(
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{rel}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"
            ),
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"s\" Type=\"{rel}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"t\" Type=\"{rel}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"f\" Type=\"{rel}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        part(
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
        part("xl/sharedStrings.xml", format!("<sst>{texts}</sst>")),
        part(
            "xl/styles.xml",
            format!("<styleSheet>{styles}</styleSheet>"),
        ),
    ])
}

fn text(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn a_million_empty_rows_between_two_rows_lose_neither() {
    let mut sheet = format!(
        "<row r=\"1\">{}{}</row>",
        text("A1", "客户号"),
        text("B1", "姓名")
    );
    for r in 2..1_000_000 {
        sheet.push_str(&format!("<row r=\"{r}\"/>"));
    }
    sheet.push_str(&format!(
        "<row r=\"1000000\">{}{}</row>",
        text("A1000000", "7"),
        text("B1000000", "张三")
    ));
    let rows = read(package(&sheet, "", ""), "a.xlsx", &TableOptions::default()).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].row_number, rows[0].cells.as_slice()),
        (1_000_000, ["7".to_owned(), "张三".to_owned()].as_slice())
    );
}

#[test]
fn merged_cells_keep_their_text_in_the_first_and_no_row_goes() {
    let row = |r: u32, a: &str, b: &str| {
        format!(
            "<row r=\"{r}\">{}{}</row>",
            text(&format!("A{r}"), a),
            text(&format!("B{r}"), b)
        )
    };
    // A2 to A4 are one cell: 3 and 4 have no text of their own in column A.
    let sheet =
        row(1, "客户号", "姓名") + &row(2, "7", "甲") + &row(3, "", "乙") + &row(4, "", "丙");
    let rows = read(package(&sheet, "", ""), "a.xlsx", &TableOptions::default()).unwrap();
    let cells: Vec<_> = rows
        .iter()
        .map(|r| (r.cells[0].as_str(), r.cells[1].as_str()))
        .collect();
    assert_eq!(cells, [("7", "甲"), ("", "乙"), ("", "丙")]);
}

#[test]
fn days_arrive_the_same_as_text_and_as_serial_numbers() {
    let styles =
        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"31\"/></cellXfs>";
    let head = format!(
        "<row r=\"1\">{}{}</row>",
        text("A1", "客户号"),
        text("B1", "存款到期日")
    );
    // 46359 is 2026-12-03: 2026-11-23 is 46349 in Excel.
    let cells = [
        text("B2", "2026-12-03"),
        "<c r=\"B3\" s=\"1\"><v>46359</v></c>".to_owned(),
        "<c r=\"B4\" s=\"2\"><v>46359.0</v></c>".to_owned(),
        "<c r=\"B5\" t=\"d\"><v>2026-12-03T00:00:00</v></c>".to_owned(),
        text("B6", "2026/12/3"),
        text("B7", "20261203"),
        text("B8", "2026年12月3日"),
    ];
    let mut sheet = head;
    for (i, cell) in cells.iter().enumerate() {
        sheet.push_str(&format!(
            "<row r=\"{0}\">{1}{cell}</row>",
            i + 2,
            text(&format!("A{}", i + 2), "7")
        ));
    }
    let rows = read(
        package(&sheet, "", styles),
        "a.xlsx",
        &TableOptions::default(),
    )
    .unwrap();
    let days: Vec<_> = rows
        .iter()
        .map(|r| r.cells[1].parse::<zf_base::Day>().map(|d| d.to_string()))
        .collect();
    for (n, day) in days.iter().enumerate() {
        assert_eq!(
            day.as_deref().ok(),
            Some("2026-12-03"),
            "row {}: {:?}",
            n + 2,
            rows[n].cells
        );
    }
}

#[test]
fn archives_that_unpack_to_fill_the_memory_are_refused() {
    let filler = format!("<si><t>{}</t></si>", "A".repeat(30_000));
    let bomb = package(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>",
        &filler.repeat(2_000),
        "",
    );
    assert!(bomb.len() < 1 << 20, "small when packed");
    let mut options = TableOptions::default();
    options.limits.max_shared_text_bytes = 1 << 20;
    assert!(matches!(
        read(bomb.clone(), "a.xlsx", &options),
        Err(TableError::TooLarge { .. })
    ));
    let mut options = TableOptions::default();
    options.limits.max_uncompressed_bytes = 1 << 20;
    assert!(matches!(
        read(bomb, "a.xlsx", &options),
        Err(TableError::TooLarge { .. })
    ));
}

#[test]
fn what_the_name_or_the_type_claims_does_not_decide_how_a_file_is_read() {
    let csv = sample_sheet(3).csv().into_bytes();
    let book = sample_sheet(3).xlsx();
    let options = TableOptions::default();
    assert_eq!(read(book, "a.csv", &options).unwrap().len(), 3);
    assert!(matches!(
        read(csv, "a.xlsx", &options),
        Err(TableError::Foreign(_))
    ));
    let old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest".to_vec();
    assert!(matches!(
        read(old, "a.xlsx", &options),
        Err(TableError::Foreign(_))
    ));
    assert!(matches!(
        read(b"<html><table>".to_vec(), "a.xls", &options),
        Err(TableError::Foreign(_))
    ));
    assert!(matches!(
        read(b"PK\x03\x04".to_vec(), "a.csv", &options),
        Err(TableError::Foreign(_) | TableError::Damaged { .. })
    ));
}

#[test]
fn cut_sequences_of_gb18030_are_refused_or_shown_and_never_swallow_a_row() {
    let mut dice = Dice::new(3);
    let sheet = sample_sheet(6);
    for _ in 0..rounds(2_000) {
        let mut bytes = sheet.gb18030();
        // Line ends are single bytes in GB18030: cutting elsewhere takes no line.
        let at = dice.below(bytes.len());
        if matches!(bytes[at], b'\n' | b'\r' | b'"' | b',') {
            continue;
        }
        bytes.remove(at);
        let mut options = TableOptions {
            encoding: Some(TextEncoding::Gb18030),
            ..TableOptions::default()
        };
        options.header_row = Some(1);
        let rows = read(bytes.clone(), "a.csv", &options).unwrap();
        assert_eq!(rows.len(), 6, "cut at {at}");
        if let Ok(found) = read(bytes, "a.csv", &TableOptions::default()) {
            assert_eq!(found.len(), 6, "cut at {at}");
        }
    }
}

/// A text made of what such numbers are written with, and some of what not.
fn number(dice: &mut Dice) -> String {
    const MARKS: [&str; 18] = [
        "0", "1", "9", "Ｘ", "x", "X", "*", "＊", "-", " ", "　", "+86", "'", "１", ".0", "E+17",
        "张", "\u{200b}",
    ];
    let mut text = String::new();
    for _ in 0..dice.below(24) {
        match dice.below(3) {
            0 => text.push_str(MARKS[dice.below(MARKS.len())]),
            _ => text.push(char::from(b'0' + dice.below(10) as u8)),
        }
    }
    text
}

#[test]
fn numbers_of_people_are_checked_whatever_they_are() {
    let mut dice = Dice::new(4);
    let rules = IdRules::on("2026-11-23".parse().unwrap());
    for _ in 0..rounds(50_000) {
        let mut given = number(&mut dice);
        if dice.below(2) == 0 {
            let p = person(dice.below(4_000));
            let mut bytes = if dice.below(2) == 0 {
                p.id_number
            } else {
                p.phone
            }
            .into_bytes();
            mutate(&mut dice, &mut bytes);
            given = String::from_utf8_lossy(&bytes).into_owned();
        }
        if let IdCheck::Ok { normalised, .. } = check_id_number(&given, rules) {
            assert_eq!(normalised.len(), 18, "{given:?}");
            let again = check_id_number(&normalised, rules);
            assert!(
                matches!(again, IdCheck::Ok { normalised: same, .. } if same == normalised),
                "{given:?}"
            );
        }
        if let PhoneCheck::Ok { normalised, .. } = check_phone(&given, true) {
            let again = check_phone(&normalised, true);
            assert!(
                matches!(again, PhoneCheck::Ok { normalised: same, .. } if same == normalised),
                "{given:?}"
            );
        }
        let _ = given.parse::<zf_base::Day>();
        let _ = given.parse::<zf_base::geo::Datum>();
    }
}

/// An import of what is left of a file: every row it reads is counted once.
async fn import_reconciles(w: &World, dice: &mut Dice, n: u64) {
    let market = w.role("market_department").await;
    let code = w.org.branches[0].code.clone();
    let mut sheet = sample_sheet(0);
    for i in 0..4 + dice.below(30) {
        let p = person(dice.below(60));
        const ODD: [&str; 9] = [
            "",
            "（清空）",
            "\u{fffd}",
            "1e9",
            "9999-99-99",
            "*",
            "=cmd",
            "\u{0}",
            "某某某某某",
        ];
        let odd = ODD[dice.below(ODD.len())];
        let mut cells = [
            p.no,
            p.name,
            p.phone,
            p.id_number,
            p.address,
            code.clone(),
            "2026-12-03".to_owned(),
        ];
        if dice.below(3) == 0 {
            cells[dice.below(7)] = odd.to_owned();
        }
        if i == 0 {
            cells[0] = "000".to_owned();
        }
        sheet = sheet.row(&cells);
    }
    let mut bytes = match dice.below(3) {
        0 => sheet.xlsx(),
        1 => sheet.gb18030(),
        _ => sheet.csv().into_bytes(),
    };
    let packed = bytes.starts_with(b"PK");
    if !packed && dice.below(2) == 0 {
        mutate(dice, &mut bytes);
    }
    let readable = read(bytes.clone(), "a.csv", &TableOptions::default()).ok();
    let name = format!("{n}.csv");
    let started = market.upload("customers", &name, &bytes, false).await;
    if started.status == 422 {
        // What is no table at all is told so at the door.
        started.refused(422, "import.file");
        return;
    }
    w.drain().await;
    let path = format!("/imports/{}", started.good()["id"].as_str().unwrap());
    let done = market.get(&path).await.good();
    let count = |k: &str| done[format!("rows_{k}")].as_i64().unwrap();
    match done["state"].as_str().unwrap() {
        "done" => {
            let rows = readable.expect("what was imported can be read").len() as i64;
            assert_eq!((count("total"), count("done")), (rows, rows), "{done}");
            assert_eq!(
                count("new") + count("changed") + count("same") + count("bad"),
                rows,
                "{done}"
            );
        }
        "failed" => assert!(!done["message"].as_str().unwrap().is_empty(), "{done}"),
        other => panic!("{other}: {done}"),
    }
}

both! {
    async fn whatever_a_file_holds_every_row_is_counted_once(w: World) {
        let mut dice = Dice::new(5);
        for n in 0..rounds(2_000) / 100 {
            import_reconciles(&w, &mut dice, n).await;
        }
    }
}
