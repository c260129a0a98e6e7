//! The ledger as a workbook: one sheet with the branches, one with every day.
//! Counts only; nobody's name is in it. The ledger comes from `service`, the
//! Chinese from `words`.

use super::service::Standing;
use super::words;
use zf_base::{Day, Timestamp};
use zf_kernel::error::{KernelError, Result};
use zf_office::{
    BookMeta, CellKind, CellValue, Fonts, TableBook, TableColumn, TableSheet, write_table,
};

fn columns(names: &[&str], texts: usize) -> Vec<TableColumn> {
    let column = |(i, name): (usize, &&str)| TableColumn {
        header: (*name).to_owned(),
        kind: match i < texts {
            true => CellKind::Text,
            false => CellKind::Integer,
        },
    };
    names.iter().enumerate().map(column).collect()
}

fn sheet(
    name: &str,
    title: &str,
    columns: Vec<TableColumn>,
    rows: Vec<Vec<CellValue>>,
) -> TableSheet {
    TableSheet {
        name: name.to_owned(),
        title_lines: vec![title.to_owned()],
        columns,
        rows,
        page_foot: words::PAGE_FOOT.to_owned(),
    }
}

fn summary(s: &Standing) -> Vec<CellValue> {
    vec![
        CellValue::from(s.unit.code.as_str()),
        CellValue::from(s.unit.name.as_str()),
        CellValue::from(s.quota),
        CellValue::from(s.ledger.due),
        CellValue::from(s.ledger.done),
        CellValue::from(s.ledger.balance),
        CellValue::from(s.ledger.open_days),
        CellValue::from(words::outlook(s.outlook).as_str()),
    ]
}

fn details(s: &Standing) -> impl Iterator<Item = Vec<CellValue>> {
    s.ledger.entries.iter().map(|e| {
        vec![
            CellValue::from(s.unit.code.as_str()),
            CellValue::from(s.unit.name.as_str()),
            CellValue::Date(e.day),
            CellValue::from(e.due),
            e.done.map_or(CellValue::Empty, CellValue::from),
            CellValue::from(e.carried),
            CellValue::from(e.repaid),
            CellValue::from(e.balance),
            CellValue::from(words::source(e.source)),
        ]
    })
}

/// Name and bytes of the workbook.
///
/// # Errors
/// More rows than a sheet has.
pub fn workbook(
    program: &str,
    today: Day,
    now: Timestamp,
    all: &[Standing],
) -> Result<(String, Vec<u8>)> {
    let title = words::title(program);
    let mut first = columns(&words::SUMMARY_COLUMNS, 2);
    if let Some(last) = first.last_mut() {
        last.kind = CellKind::Text;
    }
    let mut second = columns(&words::DETAIL_COLUMNS, 3);
    second.push(TableColumn {
        header: words::SOURCE_COLUMN.to_owned(),
        kind: CellKind::Text,
    });
    let book = TableBook {
        meta: BookMeta {
            title: title.clone(),
            author: words::AUTHOR.to_owned(),
            created: now,
        },
        fonts: Fonts {
            title: words::TITLE_FONT.to_owned(),
            body: words::BODY_FONT.to_owned(),
        },
        sheets: vec![
            sheet(
                words::SUMMARY,
                &title,
                first,
                all.iter().map(summary).collect(),
            ),
            sheet(
                words::DETAIL,
                &title,
                second,
                all.iter().flat_map(details).collect(),
            ),
        ],
    };
    let bytes = write_table(&book).map_err(|e| KernelError::Internal(e.to_string()))?;
    Ok((words::file_name(program, today), bytes))
}
