//! Files as a bank would send them: CSV in UTF-8 or GB18030 and workbooks, made
//! from plain rows of text; and reading a workbook back.

use zf_base::Timestamp;
use zf_office::kit::{BookMeta, Fonts};
use zf_office::{CellKind, CellValue, Table, TableBook, TableColumn, TableOptions, TableSheet};

/// A table of texts, headers first.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Headers.
    pub headers: Vec<String>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// An empty table with these headers.
    pub fn new(headers: &[&str]) -> Sheet {
        Sheet {
            headers: headers.iter().map(|h| (*h).to_owned()).collect(),
            rows: vec![],
        }
    }
    /// The same table with one more row.
    #[must_use]
    pub fn row<S: AsRef<str>>(mut self, cells: &[S]) -> Sheet {
        self.rows
            .push(cells.iter().map(|c| c.as_ref().to_owned()).collect());
        self
    }
    /// As CSV text.
    pub fn csv(&self) -> String {
        let line = |cells: &Vec<String>| cells.iter().map(|c| quoted(c)).collect::<Vec<_>>();
        let mut text = line(&self.headers).join(",");
        for row in &self.rows {
            text.push_str("\r\n");
            text.push_str(&line(row).join(","));
        }
        text + "\r\n"
    }
    /// As CSV in the encoding of Chinese Windows.
    pub fn gb18030(&self) -> Vec<u8> {
        encoding_rs::GB18030.encode(&self.csv()).0.into_owned()
    }
    /// As a workbook, every cell a text.
    pub fn xlsx(&self) -> Vec<u8> {
        let columns = self.headers.iter().map(|h| TableColumn {
            header: h.clone(),
            kind: CellKind::Text,
        });
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().map(|c| CellValue::from(c.as_str())).collect());
        let book = TableBook {
            meta: BookMeta {
                title: "名单".to_owned(),
                author: "测试".to_owned(),
                created: Timestamp(0),
            },
            fonts: Fonts {
                title: "黑体".to_owned(),
                body: "宋体".to_owned(),
            },
            sheets: vec![TableSheet {
                name: "名单".to_owned(),
                title_lines: vec![],
                columns: columns.collect(),
                rows: rows.collect(),
                page_foot: String::new(),
            }],
        };
        zf_office::write_table(&book).unwrap()
    }
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// Headers and rows of one sheet of a workbook; `None` = the first.
pub fn read_workbook(bytes: &[u8], sheet: Option<&str>, known: &[&str]) -> Sheet {
    let options = TableOptions {
        sheet: sheet.map(str::to_owned),
        ..TableOptions::default()
    };
    let known = |h: &str| known.contains(&h);
    let mut table = Table::open(bytes.to_vec(), "book.xlsx", &options, &known).unwrap();
    let headers = table.headers().to_vec();
    let rows = table.rows().map(|r| r.unwrap().cells).collect();
    Sheet { headers, rows }
}

/// Names of the sheets of a workbook, from its own index.
pub fn sheet_names(bytes: &[u8]) -> Vec<String> {
    let parts = crate::scan::unzip(bytes);
    let index = parts.iter().find(|(name, _)| name == "xl/workbook.xml");
    let text = String::from_utf8(index.expect("a workbook").1.clone()).unwrap();
    text.split("<sheet ")
        .skip(1)
        .filter_map(|piece| piece.split("name=\"").nth(1)?.split('"').next())
        .map(str::to_owned)
        .collect()
}
