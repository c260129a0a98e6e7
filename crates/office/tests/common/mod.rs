//! Builders for the tests: hand-made workbooks from raw XML, and sample layouts.

#![allow(dead_code)]

pub mod sample;

use std::io::{Cursor, Write};
use zf_office::{RowCells, Table, TableError, TableOptions};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip with these parts, deflated.
pub fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
pub const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
pub const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr/><sheets><sheet name="客户" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
/// Style 0 general, 1 built-in date, 2 Chinese date, 3 text, 4 `00000000`, 5 date and time, 6 time.
pub const STYLES: &str = r##"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="[$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/><numFmt numFmtId="165" formatCode="00000000"/><numFmt numFmtId="166" formatCode="#,##0.00_ ;[Red]\-#,##0.00\ "/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="49"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs></styleSheet>"##;

/// A workbook whose only sheet has this content inside `sheetData`.
pub fn book_of_sheet(sheet_data: &str) -> Vec<u8> {
    book_of(sheet_data, "", "")
}

/// The same with shared texts (`<si>…</si>`) and elements behind `sheetData`.
pub fn book_of(sheet_data: &str, shared: &str, after: &str) -> Vec<u8> {
    let sheet = sheet_xml(sheet_data, after);
    let shared = format!(
        r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>"#
    );
    zip_of(&[
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

pub fn sheet_xml(sheet_data: &str, after: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet_data}</sheetData>{after}</worksheet>"#
    )
}

/// An inline text cell.
pub fn text_cell(reference: &str, text: &str) -> String {
    format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

pub fn open(bytes: Vec<u8>) -> Result<Table, TableError> {
    Table::open(bytes, "", &TableOptions::default(), &known)
}

/// Headers the tests treat as known.
pub fn known(header: &str) -> bool {
    [
        "客户编号",
        "姓名",
        "手机",
        "身份证号",
        "余额",
        "到期日",
        "Name",
        "Phone",
    ]
    .contains(&header)
}

pub fn all(table: &mut Table) -> Vec<RowCells> {
    table.rows().map(Result::unwrap).collect()
}

/// Headers and rows of a file that must be readable.
pub fn read(bytes: Vec<u8>) -> (Vec<String>, Vec<RowCells>) {
    let mut table = open(bytes).unwrap();
    let rows = all(&mut table);
    (table.headers().to_vec(), rows)
}

/// Text of one part of a written workbook.
pub fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name(name).unwrap(), &mut text).unwrap();
    text
}
